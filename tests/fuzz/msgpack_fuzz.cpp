// What is MessagePack reads, writes and reads again as the same value, in the same bytes.
//
// Input: the bytes.
#include "fuzz/fuzz_target.hpp"
#include "fuzz/round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto serializer = rediscache::make_serializer("msgpack");
  rediscache::fuzz::check_round_trip(*serializer, rediscache::fuzz::text_of(data, size));
  return 0;
}
