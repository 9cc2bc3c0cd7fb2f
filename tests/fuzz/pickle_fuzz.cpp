// What is a pickle reads, writes and reads again as the same value, in the same bytes. What a herd stored
// does so too, and has another time once it was given one.
//
// Input: the bytes.
#include <rediscache/error.hpp>

#include "codec/herd_pickle.hpp"
#include "codec/pickle_reader.hpp"
#include "fuzz/fuzz_target.hpp"
#include "fuzz/round_trip.hpp"

namespace {

void check_herd(std::string pickle) {
  using namespace rediscache;
  constexpr double today = 1'764'000'000;
  try {
    const codec::HerdPickle before = codec::read_herd_pickle(pickle);
    const bool is_as_python_writes = before.over && *before.over > today - 1e8 &&
                                     *before.over < today + 1e8 &&
                                     (pickle[before.over_at] == 'G' || pickle[before.over_at] == 'J');
    if (!is_as_python_writes) {
      return;
    }
    codec::set_herd_expiry(pickle, today);
    const codec::HerdPickle after = codec::read_herd_pickle(pickle);
    fuzz::promise(after.over == today, "it has the time that it was given");
    fuzz::promise(after.value == before.value || after.value != after.value, "the value is as it was");
  } catch (const ValueError&) {  // NOLINT(bugprone-empty-catch): so it is no such pickle
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto serializer = rediscache::make_serializer("pickle");
  rediscache::fuzz::check_round_trip(*serializer, rediscache::fuzz::text_of(data, size));
  check_herd(std::string{rediscache::fuzz::text_of(data, size)});
  return 0;
}
