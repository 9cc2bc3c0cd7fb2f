// Values as they are: what redis-cli shows is what was stored.
#pragma once

#include <rediscache/serializer.hpp>

namespace rediscache::codec {

/// Text and bytes as they are, numbers and bools as text, everything structured (and none) as JSON. Bytes
/// inside that are text as escape_bytes() makes it; reading them as bytes gives them back.
///
/// Stored bytes do not tell their kind, so what is asked for decides how they are read: "7" reads as the text
/// "7", as the integer 7, as the float 7.0. Asked for any kind, it is JSON if it parses, else text, else
/// bytes.
class PlainSerializer final : public Serializer {
 public:
  [[nodiscard]] std::string_view encode(const ValueView& value, std::string& scratch) const override;
  void decode(std::string&& bytes, const ValueTarget& target) const override;
  [[nodiscard]] bool self_describing() const noexcept override { return false; }
};

}  // namespace rediscache::codec
