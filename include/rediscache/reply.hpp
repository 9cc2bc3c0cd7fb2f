// A reply of the server, owned.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/export.hpp>

namespace rediscache {

/// One reply: nil, a status ("OK"), an error, an integer, text of any bytes, or an array of replies. Or
/// unanswered: the place of a reply, or of an element, that one of several servers did not give.
///
/// Thread safety: a value like std::string. Errors: reading a reply as another type than it has throws
/// ValueError, which names both.
class REDISCACHE_API Reply {
 public:
  enum class Type : std::uint8_t { nil, status, error, integer, text, array, unanswered };

  // What touches the contents is compiled in the library, as in Value.
  Reply() noexcept : integer_{0} {}
  Reply(const Reply& other);
  Reply& operator=(const Reply& other);
  Reply(Reply&& other) noexcept;
  Reply& operator=(Reply&& other) noexcept;
  ~Reply() {
    if (holds_ != Holds::integer) {
      end_contents();
    }
  }
  [[nodiscard]] static Reply status(std::string_view text) { return Reply{Type::status, text}; }
  [[nodiscard]] static Reply error(std::string_view text) { return Reply{Type::error, text}; }
  [[nodiscard]] static Reply text(std::string_view text) { return Reply{Type::text, text}; }
  [[nodiscard]] static Reply integer(std::int64_t value);
  [[nodiscard]] static Reply array(std::vector<Reply> elements);

  [[nodiscard]] Type type() const noexcept { return type_; }
  [[nodiscard]] bool is_nil() const noexcept { return type_ == Type::nil; }
  [[nodiscard]] bool is_error() const noexcept { return type_ == Type::error; }
  [[nodiscard]] bool is_unanswered() const noexcept { return type_ == Type::unanswered; }

  [[nodiscard]] std::int64_t as_integer() const;
  /// The bytes of a text, status or error reply.
  [[nodiscard]] const std::string& as_text() const;
  /// Moves them out; the reply is an empty text afterwards.
  [[nodiscard]] std::string take_text();
  [[nodiscard]] const std::vector<Reply>& as_array() const;
  [[nodiscard]] std::vector<Reply>& as_array();

  // Filling in place, for clients and readers. Each replaces what was there.
  void set_nil() noexcept { type_ = Type::nil; }
  void set_unanswered() noexcept { type_ = Type::unanswered; }
  void set_integer(std::int64_t value) noexcept;
  /// Becomes a text, status or error reply and gives its storage, emptied.
  [[nodiscard]] std::string& set_text(Type type = Type::text) noexcept;
  void set_text(Type type, std::string_view text);
  /// Becomes an array and gives its storage, emptied.
  [[nodiscard]] std::vector<Reply>& set_array() noexcept;

  friend bool operator==(const Reply& left, const Reply& right) noexcept;

 private:
  enum class Holds : std::uint8_t { integer, text, array };

  Reply(Type type, std::string_view text);

  void copy_contents(const Reply& other);
  void move_contents(Reply& other) noexcept;
  void end_contents() noexcept;

  // Many of these are under way at a time, so they are small; a type that has no contents leaves them be.
  Type type_ = Type::nil;
  Holds holds_ = Holds::integer;
  union {
    std::int64_t integer_;
    std::string text_;
    std::vector<Reply> array_;
  };
};

/// "nil", "status", "error", "integer", "text", "array", "unanswered".
[[nodiscard]] REDISCACHE_API std::string_view to_string(Reply::Type type) noexcept;

}  // namespace rediscache
