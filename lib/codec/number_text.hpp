// Numbers as Python writes them.
#pragma once

#include <string>
#include <string_view>

namespace rediscache::codec {

/// The shortest digits that read back as the same number, spelt as Python's repr does: "1.0", "1e+16",
/// "1e-05"; infinities and not-a-number as "Infinity", "-Infinity" and "NaN", as its json module does.
void append_float(std::string& out, double value);

/// The number that is exactly `text`, in decimal, as append_float or anybody else writes it. False otherwise.
[[nodiscard]] bool parse_float(std::string_view text, double& value) noexcept;

}  // namespace rediscache::codec
