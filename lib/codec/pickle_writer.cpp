#include "codec/pickle_writer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include <rediscache/error.hpp>

#include "codec/pickle_machine.hpp"
#include "codec/pickle_opcodes.hpp"
#include "codec/pickle_text.hpp"

namespace rediscache::codec {
namespace {

// CPython's numbers, on which the bytes depend.
constexpr std::size_t full_frame = 64 * 1024;
constexpr std::size_t smallest_frame = 4;
constexpr std::size_t frame_header = 9;

void store(char* to, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    to[i] = static_cast<char>(number >> (8 * i) & 0xffU);
  }
}

/// Most texts are short, and the call of memcpy is most of what copying them takes.
void copy_short(char* to, std::string_view text) {
  using Half = std::array<char, 8>;
  const auto copy = [&](std::size_t at) {
    Half eight;
    std::memcpy(&eight, text.data() + at, sizeof eight);
    std::memcpy(to + at, &eight, sizeof eight);
  };
  if (text.size() < sizeof(Half) || text.size() > 4 * sizeof(Half)) {
    std::copy(text.begin(), text.end(), to);
    return;
  }
  for (std::size_t at = 0; at + sizeof(Half) < text.size(); at += sizeof(Half)) {
    copy(at);
  }
  copy(text.size() - sizeof(Half));  // the last eight, some of them once more
}

/// Texts that CPython has only once each.
bool is_single_character(std::string_view text) noexcept {
  return text.size() <= 1 || (text.size() == 2 && (static_cast<unsigned char>(text[0]) & 0xfeU) == 0xc2U);
}

}  // namespace

void PickleWriter::write(const ValueView& value) {
  begin();
  write_whole(value);
  end();
}

void PickleWriter::write_herd(const ValueView& value, double over) {
  begin();
  write_text(pickle::herd_module, false);
  write_text(pickle::herd_class, false);
  put(pickle::stack_global);
  memoize();
  put(pickle::empty_tuple);
  put(pickle::newobj);
  memoize();
  end_step();
  write_whole(value);
  end_step();
  write_float(over);
  put(pickle::tuple3);
  memoize();
  end();
}

void PickleWriter::begin() {
  const char header[] = {static_cast<char>(pickle::proto), static_cast<char>(protocol_)};
  put({header, sizeof header});
  frames_ = true;
}

void PickleWriter::write_whole(const ValueView& value) {
  if (value.kind() == ValueView::Kind::structured) {
    write_tree(value.structured());
  } else {
    write_view(value, false);
  }
}

void PickleWriter::end() {
  put(pickle::stop);
  close_frame();
  out_.resize(at_);
}

void PickleWriter::begin_frame() {
  frame_ = at_;
  if (out_.size() - at_ < frame_header) {
    grow(frame_header);
  }
  at_ += frame_header;
}

void PickleWriter::grow(std::size_t bytes) {
  constexpr std::size_t least = 512;
  constexpr std::size_t most = 64 * 1024;  // which are set to zero for nothing in the end
  out_.resize(at_ + bytes + std::clamp(at_, least, most));
}

void PickleWriter::put(std::string_view bytes) {
  char* const room = room_for(bytes.size());
  if (!bytes.empty()) {
    std::memcpy(room, bytes.data(), bytes.size());
  }
}

void PickleWriter::put_number(unsigned char op, std::uint64_t number, std::size_t bytes) {
  char* const room = room_for(1 + bytes);
  room[0] = static_cast<char>(op);
  store(room + 1, number, bytes);
}

/// Data with its count, and a place in the memo, which is returned. Large data stands outside of frames.
std::uint32_t PickleWriter::put_memoized(unsigned char short_op, unsigned char op, unsigned char long_op,
                                         std::string_view data) {
  const bool frames = frames_;
  if (data.size() >= full_frame) {
    close_frame();
    frames_ = false;
  }
  if (data.size() <= 0xff) {
    char* const room = room_for(3 + data.size());
    room[0] = static_cast<char>(short_op);
    room[1] = static_cast<char>(data.size());
    copy_short(room + 2, data);
    room[2 + data.size()] = static_cast<char>(pickle::memoize);
    return memoized_++;
  }
  if (data.size() <= 0xffffffff) {
    put_number(op, data.size(), 4);
  } else {
    put_number(long_op, data.size(), 8);
  }
  put(data);
  frames_ = frames;
  return memoize();
}

void PickleWriter::close_frame() {
  if (frame_ == no_frame) {
    return;
  }
  const std::size_t length = at_ - frame_ - frame_header;
  if (length >= smallest_frame) {
    out_[frame_] = static_cast<char>(pickle::frame);
    store(&out_[frame_ + 1], length, 8);
  } else {
    out_.erase(frame_, frame_header);
    at_ -= frame_header;
  }
  frame_ = no_frame;
}

/// Between two objects a frame that is full ends.
void PickleWriter::end_step() {
  if (frame_ != no_frame && at_ - frame_ - frame_header >= full_frame) {
    close_frame();
  }
}

bool PickleWriter::referred(pickle::Memo& memo, std::string_view text, std::size_t count) {
  const std::uint32_t* const place = memo.find(text, count);
  if (place == nullptr) {
    return false;
  }
  if (*place <= 0xff) {
    put_number(pickle::binget, *place, 1);
  } else {
    put_number(pickle::long_binget, *place, 4);
  }
  return true;
}

void PickleWriter::write_view(const ValueView& value, bool is_key) {
  switch (value.kind()) {
    case ValueView::Kind::none:
      return put(pickle::none);
    case ValueView::Kind::boolean:
      return put(value.boolean() ? pickle::newtrue : pickle::newfalse);
    case ValueView::Kind::integer:
      return write_integer(value.integer());
    case ValueView::Kind::unsigned_integer: {
      char bytes[9] = {};
      store(bytes, value.unsigned_integer(), 8);
      return write_long({bytes, sizeof bytes});
    }
    case ValueView::Kind::floating:
      return write_float(value.floating());
    case ValueView::Kind::text:
      return write_text(value.text(), is_key);
    case ValueView::Kind::bytes:
      return write_bytes({reinterpret_cast<const char*>(value.bytes().data()), value.bytes().size()});
    case ValueView::Kind::structured:
      return write_tree(value.structured());
  }
}

void PickleWriter::write_integer(std::int64_t value) {
  if (value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max()) {
    char bytes[8];
    store(bytes, static_cast<std::uint64_t>(value), 8);
    std::size_t count = 8;
    while (count > 1 && (bytes[count - 1] == (value < 0 ? '\xff' : '\0')) &&
           ((static_cast<unsigned char>(bytes[count - 2]) & 0x80U) != 0) == (value < 0)) {
      --count;
    }
    write_long({bytes, count});
  } else if (value >= 0 && value <= 0xff) {
    put_number(pickle::binint1, static_cast<std::uint64_t>(value), 1);
  } else if (value >= 0 && value <= 0xffff) {
    put_number(pickle::binint2, static_cast<std::uint64_t>(value), 2);
  } else {
    put_number(pickle::binint, static_cast<std::uint64_t>(value), 4);
  }
}

void PickleWriter::write_long(std::string_view twos_complement) {
  if (twos_complement.size() <= 0xff) {
    put_number(pickle::long1, twos_complement.size(), 1);
  } else {
    put_number(pickle::long4, twos_complement.size(), 4);
  }
  put(twos_complement);
}

void PickleWriter::write_float(double value) {
  char* const room = room_for(9);
  room[0] = static_cast<char>(pickle::binfloat);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < 8; ++i) {
    room[8 - i] = static_cast<char>(bits >> (8 * i) & 0xffU);
  }
}

void PickleWriter::write_text(std::string_view text, bool is_key) {
  const bool is_single = is_single_character(text);
  const bool is_shared = is_key || is_single;
  if (is_shared && referred(texts_, text, is_single ? texts_.size() : own_keys_)) {
    return;
  }
  if (!pickle::is_python_text(text)) {
    throw ValueError{"pickles hold only UTF-8 text, and this is not; store it as bytes"};
  }
  const std::uint32_t place =
      put_memoized(pickle::short_binunicode, pickle::binunicode, pickle::binunicode8, text);
  if (is_shared) {
    texts_.add(text, place);
  }
}

void PickleWriter::write_bytes(std::string_view bytes) {
  const bool is_shared = bytes.size() <= 1;
  if (is_shared && referred(bytes_, bytes, bytes_.size())) {
    return;
  }
  const std::uint32_t place =
      put_memoized(pickle::short_binbytes, pickle::binbytes, pickle::binbytes8, bytes);
  if (is_shared) {
    bytes_.add(bytes, place);
  }
}

}  // namespace rediscache::codec
