// Pickles as CPython writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <rediscache/serializer.hpp>
#include <rediscache/value.hpp>

#include "codec/level_stack.hpp"
#include "codec/pickle_memo.hpp"
#include "codec/pickle_opcodes.hpp"

namespace rediscache::codec {

/// Appends one pickle to `out`: the bytes of CPython 3.11's pickle.dumps, framing and memo included.
///
/// What a Value cannot tell is which objects are one and the same, to which CPython refers instead of writing
/// them again. Here that is done for dict keys, empty text and bytes, and single characters up to U+00FF,
/// which nearly always are the same object in Python, and for nothing else. Throws ValueError for text that
/// is not UTF-8 (lone surrogates are welcome), for keys that Python has no hash of, and nesting beyond 1000.
/// Does not recurse.
class PickleWriter {
 public:
  /// `protocol`: 4 or 5, which differ in nothing else for these kinds.
  PickleWriter(std::string& out, int protocol) : out_{out}, at_{out.size()}, protocol_{protocol} {}

  void write(const ValueView& value);
  /// What django-redis's HerdClient stores: a tuple of its marker, the value, and when its time is over, in
  /// seconds since 1970. The pickle ends with that as a float, in as many bytes whatever it is.
  void write_herd(const ValueView& value, double over);

 private:
  void begin();
  void end();
  void write_whole(const ValueView& value);

  // Bytes, in frames.
  /// Where `bytes` bytes follow what is written; they are to be written at once.
  char* room_for(std::size_t bytes) {
    if (frames_ && frame_ == no_frame) {
      begin_frame();
    }
    if (out_.size() - at_ < bytes) {
      grow(bytes);
    }
    char* const room = out_.data() + at_;
    at_ += bytes;
    return room;
  }
  void begin_frame();
  void grow(std::size_t bytes);
  void put(std::string_view bytes);
  void put(unsigned char op) { *room_for(1) = static_cast<char>(op); }
  void put_number(unsigned char op, std::uint64_t number, std::size_t bytes);
  std::uint32_t put_memoized(unsigned char short_op, unsigned char op, unsigned char long_op,
                             std::string_view data);
  void close_frame();
  void end_step();

  void write_tree(const Value& value);
  /// Writes a value, or enters a container, the first part of which is written then.
  void begin_value(const Value& value, bool is_key);
  void write_next();
  void write_view(const ValueView& value, bool is_key);
  void write_integer(std::int64_t value);
  void write_long(std::string_view twos_complement);
  void write_float(double value);
  void write_text(std::string_view text, bool is_key);
  void write_bytes(std::string_view bytes);
  void enter(const Value& value);
  void write_next_of_list();
  void write_next_of_tuple();
  void write_next_of_dict();
  void begin_batch(std::size_t next, unsigned char end_of_last);
  void end_batches(std::size_t size, unsigned char end);
  [[nodiscard]] bool referred(pickle::Memo& memo, std::string_view text, std::size_t count);
  std::uint32_t memoize() {
    put(pickle::memoize);
    return memoized_++;
  }

  /// A container that is being written.
  struct Level {
    Value::Kind kind;
    const Value::List* list;  // null for a dict
    const Value::Dict* dict;
    std::size_t next = 0;          ///< element; in a dict keys and values are elements by turns
    std::size_t texts_before = 0;  ///< so many stood in `texts_` before the value at `next` - 1
  };

  static constexpr std::size_t no_frame = static_cast<std::size_t>(-1);

  std::string& out_;    ///< larger than what is written, up to the end
  std::size_t at_ = 0;  ///< so much of it is written
  int protocol_;
  bool frames_ = false;
  std::size_t frame_ = no_frame;
  std::uint32_t memoized_ = 0;
  pickle::Memo texts_;
  std::size_t own_keys_ = 0;  ///< where in `texts_` the keys of the innermost dict begin, which all differ
  pickle::Memo bytes_;
  LevelStack<Level> levels_;
};

}  // namespace rediscache::codec
