// JSON, with all that Python's json.loads takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <rediscache/error.hpp>
#include <rediscache/value.hpp>

namespace rediscache::codec {

/// Says what is wrong, and where.
class NotJson final : public ValueError {
 public:
  NotJson(const std::string& why, std::size_t at)
      : ValueError{"not JSON: " + why + " at byte " + std::to_string(at)}, at_{at} {}

  /// The byte of the text.
  [[nodiscard]] std::size_t at() const noexcept { return at_; }

 private:
  std::size_t at_;
};

/// The value that `text` is. Own code because Python's json also writes NaN, Infinity, lone surrogates and a
/// dict in its order, and JSON libraries refuse or lose these. Throws NotJson for what is no JSON, for
/// integers of more than 4300 digits, and for what limits.hpp refuses. Does not recurse. Of a key that occurs
/// twice, the last value counts.
[[nodiscard]] Value read_json(std::string_view text);

}  // namespace rediscache::codec
