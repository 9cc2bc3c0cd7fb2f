// Commands on their way to a client: encoded once, in the form the server reads.
//
//   rediscache::Commands commands;
//   commands.begin("SET", rediscache::CommandKind::idempotent_write, 2).key("greeting").arg("hello");
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <rediscache/export.hpp>

namespace rediscache {

/// What happens when a command is sent twice, which decides whether it may be, after its connection was
/// lost and nobody knows if the server had executed it.
enum class CommandKind : std::uint8_t {
  read,                ///< changes nothing; may go to a replica; may be sent again
  idempotent_write,    ///< twice leaves the same as once; may be sent again
  accumulating_write,  ///< twice is not once (INCRBY), or its answer would be another (SADD); sent again only
                       ///< if certainly not executed
  never_again,         ///< not even then
};

namespace detail {

/// Bytes that start on the stack and move to the heap when they outgrow it. Never fills with zeros.
class REDISCACHE_API CommandBuffer {
 public:
  CommandBuffer() noexcept {}
  CommandBuffer(const CommandBuffer&) = delete;
  CommandBuffer& operator=(const CommandBuffer&) = delete;
  ~CommandBuffer() {
    if (data_ != inline_.data()) {
      delete[] data_;
    }
  }

  /// Room for `count` more bytes at end(); commit() says how many were used.
  [[nodiscard]] char* prepare(std::size_t count) {
    if (capacity_ - size_ < count) {
      grow(count);
    }
    return data_ + size_;
  }
  void commit(std::size_t count) noexcept { size_ += count; }
  void append(std::string_view bytes) {
    char* const room = prepare(bytes.size());
    if (!bytes.empty()) {
      std::memcpy(room, bytes.data(), bytes.size());
      size_ += bytes.size();
    }
  }
  void clear() noexcept { size_ = 0; }
  [[nodiscard]] std::string_view view() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  void grow(std::size_t count);

  static constexpr std::size_t inline_bytes = 384;
  std::array<char, inline_bytes> inline_;
  char* data_ = inline_.data();  // or on the heap, and owned
  std::size_t size_ = 0;
  std::size_t capacity_ = inline_bytes;
};

}  // namespace detail

class Reply;

/// Takes the elements of an array as they come, so that the first are dealt with while the last are on their
/// way. All is called by the thread that called the client.
class REDISCACHE_API ElementSink {
 public:
  ElementSink() = default;
  ElementSink(const ElementSink&) = delete;
  ElementSink& operator=(const ElementSink&) = delete;
  virtual ~ElementSink();
  /// Called first, when all has been sent: time to prepare. False: the whole array is wanted after all.
  virtual bool get_ready() = 0;
  /// `elements[i]` is number `positions[i]` of the array. None comes twice, and what has come does not count
  /// if the call fails, unless that failure is `partial`.
  virtual void take(std::span<Reply> elements, std::span<const std::uint32_t> positions) = 0;
};

/// One or more commands, encoded, in the order they will be sent. Arguments are copied, except large ones
/// given with in_place(): those are sent from where they are and must live until the call has ended.
///
/// Thread safety: none; one object belongs to one call.
/// Errors: a command with another number of arguments than announced is a mistake of the program and
/// throws std::logic_error from the next begin() or from segments().
class REDISCACHE_API Commands {
 public:
  /// Values of this size and more are sent from where they are; copying smaller ones is cheaper.
  static constexpr std::size_t in_place_bytes = 16 * 1024;

  Commands() noexcept = default;
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;

  /// Starts a command of `arguments` arguments, not counting its name. `name` must be a literal or live as
  /// long as this object.
  Commands& begin(std::string_view name, CommandKind kind, std::size_t arguments);
  Commands& arg(std::string_view argument);
  Commands& arg(std::int64_t argument);
  /// An argument that is a key: clients route a command by its keys.
  Commands& key(std::string_view key);
  /// A key in two pieces.
  Commands& key(std::string_view beginning, std::string_view rest);
  /// Many keys that begin alike; quicker than one after the other.
  Commands& keys(std::string_view beginning, std::span<const std::string_view> rests);
  /// Some of the keys that each_key() of another object gave, which are encoded already: those at `which`.
  Commands& encoded_keys(std::span<const std::string_view> keys, std::span<const std::uint32_t> which);
  /// An argument that may be large; see in_place_bytes.
  Commands& in_place(std::string_view argument);
  /// Says that the reply to the last command is large, or slow to come, by nature: a client keeps it from
  /// calls that would have to wait behind it.
  Commands& answers_at_length() noexcept {
    at_length_ = true;
    return *this;
  }

  /// Says that the purpose of the last command is a state, which a second run leaves as it is, and that its
  /// reply counts what changed. When an earlier sending of it may have been executed and the reply is 0 or
  /// nil, nothing was left to change: a client then replies `changes`, which is more than 0.
  Commands& changes_at_most(std::size_t changes) noexcept;
  /// That number; 0 for a command whose reply is passed on as it is.
  [[nodiscard]] std::size_t changes_at_most(std::size_t index) const noexcept {
    return entry(index).most_changes;
  }
  /// Says that the deadline is the caller's own, not the cache's: no client extends it, and that it passes
  /// says nothing about the server.
  Commands& keep_deadline() noexcept {
    keeps_deadline_ = true;
    return *this;
  }
  [[nodiscard]] bool keeps_deadline() const noexcept { return keeps_deadline_; }
  /// Says that the server may wait so long before it replies to the last command, as BLPOP does: a client
  /// adds it to the time that a try may take, as the cache has added it to the deadline. Negative counts as
  /// 0.
  Commands& blocks_for(std::chrono::milliseconds time) noexcept {
    blocking_time_ += time.count() > 0 ? time : std::chrono::milliseconds{0};
    return answers_at_length();
  }
  /// Of all commands here together.
  [[nodiscard]] std::chrono::milliseconds blocking_time() const noexcept { return blocking_time_; }

  /// Says that the last command may leave its connection other than it was: a client sends it over a new one
  /// of its own, which is closed afterwards.
  Commands& over_own_connection() noexcept {
    own_connection_ = true;
    return *this;
  }
  [[nodiscard]] bool own_connection() const noexcept { return own_connection_; }

  /// For one command that is answered with an array: a client that divides it among several servers may give
  /// the elements to `sink` as they come, and leave the reply unanswered. Most fill the reply.
  Commands& elements_to(ElementSink& sink) noexcept {
    sink_ = &sink;
    return *this;
  }
  /// For clients. Null where there is none.
  [[nodiscard]] ElementSink* element_sink() const noexcept { return sink_; }

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::string_view name(std::size_t index) const noexcept { return entry(index).name; }
  [[nodiscard]] CommandKind kind(std::size_t index) const noexcept { return entry(index).kind; }
  /// The first key of a command, empty when it has none.
  [[nodiscard]] std::string_view first_key(std::size_t index) const noexcept;
  [[nodiscard]] std::size_t key_count(std::size_t index) const noexcept { return entry(index).keys; }
  /// Calls `visit(std::string_view)` with each key of a command, in order.
  template <class Visit>
  void each_key(std::size_t index, Visit&& visit) const {
    const Entry& command = entry(index);
    std::string_view key{};
    for (std::size_t i = 0; i < command.keys_in_a_row; ++i) {
      key = i == 0 ? first_key(index) : following(key);
      visit(key);
    }
    if (command.keys > command.keys_in_a_row) {
      for (std::size_t at = 0; find_scattered(index, at, key); ++at) {
        visit(key);
      }
    }
  }
  /// All arguments of a command but its name; not for hot paths.
  [[nodiscard]] std::vector<std::string_view> arguments(std::size_t index) const;
  /// The most cautious kind of all commands here.
  [[nodiscard]] CommandKind strictest_kind() const noexcept { return strictest_; }
  /// Whether any command here answers_at_length().
  [[nodiscard]] bool at_length() const noexcept { return at_length_; }
  /// How many bytes go over the wire.
  [[nodiscard]] std::size_t bytes() const noexcept { return buffer_.size() + referred_bytes_; }

  /// Adds a command of another object, whose large arguments and name must live as long as they had to there.
  Commands& append(const Commands& from, std::size_t index);

  /// Makes room for so many bytes more.
  void reserve(std::size_t bytes) { static_cast<void>(buffer_.prepare(bytes)); }
  /// Forgets all commands and keeps the memory.
  void clear() noexcept;

  /// The pieces to send, in order, starting `skip` bytes in: fills `out` and returns how many it used.
  [[nodiscard]] std::size_t segments(std::size_t skip, std::span<std::string_view> out) const;

 private:
  struct Entry {
    std::string_view name;
    CommandKind kind = CommandKind::read;
    std::uint32_t keys = 0;
    std::uint32_t keys_in_a_row = 0;  // from the first one on; all of them but in commands like MSET
    std::uint32_t most_changes = 0;   // 0: its reply does not count changes of a state
    std::size_t at = 0;               // in buffer_, where it begins
    std::size_t key_at = 0;
    std::size_t key_length = 0;
    std::size_t keys_end = 0;  // of those in a row
  };
  struct ScatteredKey {
    std::size_t command = 0;
    std::size_t at = 0;
    std::size_t length = 0;
  };
  struct Reference {
    std::size_t at = 0;  // where in buffer_ it belongs
    std::string_view bytes;
  };

  [[nodiscard]] const Entry& entry(std::size_t index) const noexcept {
    return index == 0 ? first_ : others_[index - 1];
  }
  [[nodiscard]] Entry& last() noexcept { return count_ == 1 ? first_ : others_.back(); }
  /// The key that follows another one without anything between them.
  [[nodiscard]] std::string_view following(std::string_view key) const noexcept;
  /// The first key of a command among the scattered ones from `at` on; false when there is none.
  [[nodiscard]] bool find_scattered(std::size_t index, std::size_t& at, std::string_view& key) const noexcept;
  /// Where in buffer_ a command ends.
  [[nodiscard]] std::size_t end_of(std::size_t index) const noexcept {
    return index + 1 < count_ ? entry(index + 1).at : buffer_.size();
  }
  void count_arguments(std::size_t count);
  /// Notes that the last argument, from `before` on and `length` bytes long, is a key.
  void note_key(std::size_t before, std::size_t length);
  /// The same of several, which follow each other; `first` and `length` are of the first.
  void note_keys(std::size_t first, std::size_t length, std::size_t count);
  /// Whether a key that comes next follows the command's others without anything between.
  [[nodiscard]] bool is_row_open() noexcept {
    return count_ == 0 || last().keys == 0 || last().keys_end == buffer_.size();
  }
  void expect_complete() const;

  detail::CommandBuffer buffer_;
  Entry first_;  // nearly all calls are one command: no allocation for it
  std::vector<Entry> others_;
  std::vector<Reference> references_;
  std::vector<ScatteredKey> scattered_;
  std::size_t count_ = 0;
  std::size_t missing_arguments_ = 0;
  std::size_t referred_bytes_ = 0;
  CommandKind strictest_ = CommandKind::read;
  bool at_length_ = false;
  bool keeps_deadline_ = false;
  bool own_connection_ = false;
  std::chrono::milliseconds blocking_time_{0};
  ElementSink* sink_ = nullptr;
};

}  // namespace rediscache
