// Every value as MessagePack, as Python's msgpack writes it.
#pragma once

#include <rediscache/serializer.hpp>

namespace rediscache::codec {

/// Own code: nlohmann/json, which has MessagePack too, makes of every key text and of a map a sorted one, has
/// no integers beyond 64 bits to refuse and copies what it reads twice.
class MsgpackSerializer final : public Serializer {
 public:
  /// Throws ValueError for what msgpack.dumps refuses: sets, integers beyond 64 bits, text that is not UTF-8.
  [[nodiscard]] std::string_view encode(const ValueView& value, std::string& scratch) const override;
  /// Throws ValueError, with the position, for what is no MessagePack, for extension types, and for what
  /// limits.hpp refuses. Of a key that occurs twice, the last value counts.
  void decode(std::string&& bytes, const ValueTarget& target) const override;
};

}  // namespace rediscache::codec
