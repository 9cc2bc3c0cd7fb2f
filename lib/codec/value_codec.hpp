// Between values and what is stored.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <rediscache/serializer.hpp>

namespace rediscache::codec {

/// Integers are stored as bare decimal text, whatever the serializer, so that the server can count with them;
/// everything else is the serializer's. Thread-safe.
class ValueCodec {
 public:
  explicit ValueCodec(std::shared_ptr<const Serializer> serializer) noexcept
      : serializer_{std::move(serializer)} {}

  /// The stored form: the value's own bytes, or built in `scratch`. EncodeError names the key.
  [[nodiscard]] std::string_view encode(std::string_view key, const ValueView& value,
                                        std::string& scratch) const;
  /// Reads a stored form into `target`. ValueError says what is wrong with it.
  void decode(std::string&& stored, const ValueTarget& target) const;
  /// The same with the key named, in a DecodeError.
  void decode(std::string_view key, std::string&& stored, const ValueTarget& target) const;

 private:
  std::shared_ptr<const Serializer> serializer_;
};

}  // namespace rediscache::codec
