// Every value as a pickle, as Django sites keep them by default.
#pragma once

#include <rediscache/serializer.hpp>

namespace rediscache::codec {

class PickleSerializer final : public Serializer {
 public:
  /// `protocol` to write, 4 or 5; all are read.
  explicit PickleSerializer(int protocol) noexcept : protocol_{protocol} {}

  [[nodiscard]] std::string_view encode(const ValueView& value, std::string& scratch) const override;
  void decode(std::string&& bytes, const ValueTarget& target) const override;

  [[nodiscard]] int protocol() const noexcept { return protocol_; }

 private:
  int protocol_;
};

}  // namespace rediscache::codec
