#include "codec/msgpack_serializer.hpp"

#include <utility>

#include "codec/msgpack_reader.hpp"
#include "codec/msgpack_writer.hpp"

namespace rediscache::codec {

std::string_view MsgpackSerializer::encode(const ValueView& value, std::string& scratch) const {
  write_msgpack(scratch, value);
  return scratch;
}

void MsgpackSerializer::decode(std::string&& bytes, const ValueTarget& target) const {
  const std::string packed = std::move(bytes);
  target.put(read_msgpack(packed));
}

}  // namespace rediscache::codec
