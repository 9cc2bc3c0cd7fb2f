#include "codec/pickle_serializer.hpp"

#include <utility>

#include "codec/pickle_reader.hpp"
#include "codec/pickle_writer.hpp"

namespace rediscache::codec {

std::string_view PickleSerializer::encode(const ValueView& value, std::string& scratch) const {
  PickleWriter{scratch, protocol_}.write(value);
  return scratch;
}

void PickleSerializer::decode(std::string&& bytes, const ValueTarget& target) const {
  const std::string pickle = std::move(bytes);
  target.put(read_pickle(pickle));
}

}  // namespace rediscache::codec
