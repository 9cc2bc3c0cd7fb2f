// Values as MessagePack.
#pragma once

#include <string>

#include <rediscache/serializer.hpp>

namespace rediscache::codec {

/// Appends the bytes of Python's msgpack.dumps: the shortest form of everything, floats of 64 bits.
void write_msgpack(std::string& out, const ValueView& value);

}  // namespace rediscache::codec
