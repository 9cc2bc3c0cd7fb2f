// MessagePack as values.
#pragma once

#include <string_view>

#include <rediscache/value.hpp>

namespace rediscache::codec {

/// The value that the bytes are. Throws ValueError as MsgpackSerializer::decode says.
[[nodiscard]] Value read_msgpack(std::string_view bytes);

}  // namespace rediscache::codec
