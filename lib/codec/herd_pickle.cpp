#include "codec/herd_pickle.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <rediscache/error.hpp>

#include "codec/pickle_machine.hpp"
#include "codec/pickle_opcodes.hpp"
#include "codec/pickle_reader.hpp"

namespace rediscache::codec {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
// A time between 2004 and 2242; what is none of these is no time.
constexpr double earliest = 0x1p30;
constexpr double latest = 0x1p33;
/// The float instruction of the first protocols, as long as that for an integer of four bytes.
constexpr std::string_view never_line = "Finf\n";
constexpr std::string_view long_of_5_bytes = "\x8a\x05";
constexpr std::size_t float_size = 9;
constexpr std::size_t int_size = 5;
constexpr std::size_t long_size = 7;
constexpr double most_of_long = 0x1p39 - 1;

/// The instruction for a time at the end of a pickle.
struct Place {
  std::size_t at;
  std::size_t size;
  double over;
};

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    number = number << 8U | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

double float_of(std::string_view bytes) {
  std::uint64_t bits = 0;
  for (const char byte : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(byte);
  }
  return std::bit_cast<double>(bits);
}

/// Where the tuple is made: behind it there may be where it goes in the memo, and there is the end.
std::size_t tuple_at(std::string_view pickle) {
  for (const std::string_view put : {"\x94", "q?", "r????", ""}) {
    const std::size_t behind = put.size() + 1;
    if (pickle.size() > behind + 1 && pickle.back() == pickle::stop) {
      const std::size_t at = pickle.size() - behind - 1;
      if (static_cast<unsigned char>(pickle[at]) == pickle::tuple3 &&
          (put.empty() || pickle[at + 1] == put[0])) {
        return at;
      }
    }
  }
  throw ValueError{"the pickle of a herd does not end with its tuple"};
}

Place find(std::string_view pickle) {
  const std::size_t end = tuple_at(pickle);
  std::vector<Place> possible;
  const auto add = [&](std::size_t size, double over) {
    if ((over >= earliest && over < latest) || over == never) {
      possible.push_back({.at = end - size, .size = size, .over = over});
    }
  };
  const auto last = [&](std::size_t size) { return pickle.substr(end - size, size); };
  if (end > float_size && last(float_size)[0] == pickle::binfloat) {
    add(float_size, float_of(last(float_size - 1)));
  }
  if (end > int_size && last(int_size)[0] == pickle::binint) {
    add(int_size, static_cast<double>(little_endian(last(int_size - 1))));
  }
  if (end > int_size && last(int_size) == never_line) {
    add(int_size, never);
  }
  if (end > long_size && last(long_size).starts_with(long_of_5_bytes)) {
    const auto over = static_cast<double>(little_endian(last(5)));
    add(long_size, over == most_of_long ? never : over);
  }
  if (possible.size() > 1) {  // the end of the value looks like the beginning of a time
    const std::size_t at = read_herd_pickle(pickle).over_at;
    std::erase_if(possible, [&](const Place& place) { return place.at != at; });
  }
  if (possible.empty()) {
    throw ValueError{"the pickle of a herd does not tell when its time is over"};
  }
  return possible.front();
}

}  // namespace

bool is_herd_pickle(std::string_view beginning) noexcept {
  const auto skip = [&](std::string_view expected) {
    const bool found = beginning.starts_with(expected);
    beginning.remove_prefix(found ? expected.size() : beginning.size());
    return found;
  };
  const auto skip_any = [&](std::size_t count) {
    beginning.remove_prefix(std::min(count, beginning.size()));
    return true;
  };
  if (!skip("\x80") || beginning.empty()) {
    return false;
  }
  const auto protocol = beginning[0];
  skip_any(1);
  if (protocol == 2 || protocol == 3) {
    return skip("c") && skip(pickle::herd_module) && skip("\n") && skip(pickle::herd_class) && skip("\nq") &&
           skip_any(1) && skip(")\x81");
  }
  if (beginning.starts_with('\x95')) {
    skip_any(9);
  }
  return skip("\x8c\x18") && skip(pickle::herd_module) && skip("\x94\x8c\x06") && skip(pickle::herd_class) &&
         skip("\x94\x93\x94)\x81");
}

double herd_expiry(std::string_view pickle) {
  return find(pickle).over;
}

void set_herd_expiry(std::string& pickle, double over) {
  const Place place = find(pickle);
  char* const to = &pickle[place.at];
  const auto write = [&](std::size_t from, std::uint64_t number) {
    for (std::size_t i = from; i < place.size; ++i) {
      to[i] = static_cast<char>(number >> (8 * (i - from)) & 0xffU);
    }
  };
  const double seconds = std::ceil(over);
  if (place.size == float_size) {
    const auto bits = std::bit_cast<std::uint64_t>(over);
    for (std::size_t i = 1; i < float_size; ++i) {
      to[i] = static_cast<char>(bits >> (8 * (float_size - 1 - i)) & 0xffU);
    }
  } else if (place.size == long_size) {
    write(long_of_5_bytes.size(), static_cast<std::uint64_t>(std::min(seconds, most_of_long)));
  } else if (seconds <= std::numeric_limits<std::int32_t>::max()) {
    to[0] = pickle::binint;
    write(1, static_cast<std::uint64_t>(seconds));
  } else {
    never_line.copy(to, never_line.size());
  }
}

}  // namespace rediscache::codec
