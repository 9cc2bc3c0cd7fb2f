// The bytes of a pickle, one part after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/text.hpp"
#include "codec/byte_cursor.hpp"

namespace rediscache::codec::pickle {

using codec::fail;

/// What pickles are made of.
class Input : public ByteCursor {
 public:
  using ByteCursor::ByteCursor;

  /// A number of that many bytes, the lowest first.
  std::uint64_t take_number(std::size_t count) {
    if (count == 1) {
      return take_byte();
    }
    const std::string_view taken = take(count);
    std::uint64_t number = 0;
    for (std::size_t i = count; i-- > 0;) {
      number = number << 8U | static_cast<unsigned char>(taken[i]);
    }
    return number;
  }
  /// Bytes behind their count, which takes `width` bytes.
  std::string_view take_counted(std::size_t width) { return take(take_number(width)); }
  std::uint64_t take_index() {
    const auto index = base::parse_unsigned(take_line());
    if (!index) {
      fail("a place in the memo that is no number");
    }
    return *index;
  }
};

}  // namespace rediscache::codec::pickle
