#include <array>
#include <memory>
#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/reply.hpp>

namespace rediscache {
namespace {

[[noreturn]] void throw_wrong_type(std::string_view wanted, Reply::Type found) {
  throw ValueError{"the server's reply is of type " + std::string{to_string(found)} + ", expected " +
                   std::string{wanted}};
}

}  // namespace

std::string_view to_string(Reply::Type type) noexcept {
  constexpr std::array<std::string_view, 7> names{"nil",  "status", "error",     "integer",
                                                  "text", "array",  "unanswered"};
  return names.at(static_cast<std::size_t>(type));
}

Reply::Reply(const Reply& other) : type_{other.type_} {
  copy_contents(other);
}

Reply& Reply::operator=(const Reply& other) {
  return *this = Reply{other};
}

Reply::Reply(Reply&& other) noexcept : type_{other.type_} {
  move_contents(other);
}

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this != &other) {
    // What is here may have what is there inside.
    Reply taken{std::move(other)};
    end_contents();
    type_ = taken.type_;
    move_contents(taken);
  }
  return *this;
}

Reply::Reply(Type type, std::string_view text) : type_{type}, holds_{Holds::text}, text_{text} {}

void Reply::copy_contents(const Reply& other) {
  switch (other.holds_) {
    case Holds::integer:
      integer_ = other.integer_;
      break;
    case Holds::text:
      std::construct_at(&text_, other.text_);
      break;
    case Holds::array:
      std::construct_at(&array_, other.array_);
      break;
  }
  holds_ = other.holds_;
}

void Reply::move_contents(Reply& other) noexcept {
  switch (other.holds_) {
    case Holds::integer:
      integer_ = other.integer_;
      break;
    case Holds::text:
      std::construct_at(&text_, std::move(other.text_));
      break;
    case Holds::array:
      std::construct_at(&array_, std::move(other.array_));
      break;
  }
  holds_ = other.holds_;
}

/// Ends the life of what is held, if that has one; an integer lies there then.
void Reply::end_contents() noexcept {
  if (holds_ == Holds::text) {
    std::destroy_at(&text_);
  } else if (holds_ == Holds::array) {
    std::destroy_at(&array_);
  }
  holds_ = Holds::integer;
  integer_ = 0;
}

Reply Reply::integer(std::int64_t value) {
  Reply reply;
  reply.set_integer(value);
  return reply;
}

Reply Reply::array(std::vector<Reply> elements) {
  Reply reply;
  reply.set_array() = std::move(elements);
  return reply;
}

std::int64_t Reply::as_integer() const {
  if (type_ != Type::integer) {
    throw_wrong_type("integer", type_);
  }
  return integer_;
}

const std::string& Reply::as_text() const {
  if (type_ != Type::text && type_ != Type::status && type_ != Type::error) {
    throw_wrong_type("text", type_);
  }
  return text_;
}

std::string Reply::take_text() {
  static_cast<void>(as_text());
  std::string taken = std::move(text_);
  text_.clear();
  return taken;
}

const std::vector<Reply>& Reply::as_array() const {
  if (type_ != Type::array) {
    throw_wrong_type("array", type_);
  }
  return array_;
}

std::vector<Reply>& Reply::as_array() {
  static_cast<void>(std::as_const(*this).as_array());
  return array_;
}

void Reply::set_integer(std::int64_t value) noexcept {
  type_ = Type::integer;
  end_contents();
  integer_ = value;
}

std::string& Reply::set_text(Type type) noexcept {
  type_ = type;
  if (holds_ == Holds::text) {
    text_.clear();
  } else {
    end_contents();
    std::construct_at(&text_);
    holds_ = Holds::text;
  }
  return text_;
}

void Reply::set_text(Type type, std::string_view text) {
  set_text(type).assign(text);
}

std::vector<Reply>& Reply::set_array() noexcept {
  type_ = Type::array;
  if (holds_ == Holds::array) {
    array_.clear();
  } else {
    end_contents();
    std::construct_at(&array_);
    holds_ = Holds::array;
  }
  return array_;
}

bool operator==(const Reply& left, const Reply& right) noexcept {
  if (left.type_ != right.type_) {
    return false;
  }
  switch (left.type_) {
    case Reply::Type::nil:
    case Reply::Type::unanswered:
      return true;
    case Reply::Type::integer:
      return left.integer_ == right.integer_;
    case Reply::Type::array:
      return left.array_ == right.array_;
    default:
      return left.text_ == right.text_;
  }
}

}  // namespace rediscache
