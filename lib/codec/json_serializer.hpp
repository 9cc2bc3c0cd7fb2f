// Every value as JSON, as Django sites with a JSON serializer keep them.
#pragma once

#include <rediscache/serializer.hpp>

namespace rediscache::codec {

class JsonSerializer final : public Serializer {
 public:
  [[nodiscard]] std::string_view encode(const ValueView& value, std::string& scratch) const override;
  void decode(std::string&& bytes, const ValueTarget& target) const override;
};

}  // namespace rediscache::codec
