// Serializers by name.
#pragma once

#include <string>
#include <vector>

namespace rediscache::codec {

/// Of those there are, the registered ones included.
[[nodiscard]] std::vector<std::string> serializer_names();

}  // namespace rediscache::codec
