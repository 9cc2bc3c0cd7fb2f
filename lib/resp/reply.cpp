#include <array>
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

/// What there is already, emptied, or new.
template <class T>
T& Reply::storage() noexcept {
  if (T* const there = std::get_if<T>(&contents_)) {
    there->clear();
    return *there;
  }
  return contents_.emplace<T>();
}

std::string_view to_string(Reply::Type type) noexcept {
  constexpr std::array<std::string_view, 7> names{"nil",  "status", "error",     "integer",
                                                  "text", "array",  "unanswered"};
  return names.at(static_cast<std::size_t>(type));
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
  return *std::get_if<std::int64_t>(&contents_);
}

const std::string& Reply::as_text() const {
  if (type_ != Type::text && type_ != Type::status && type_ != Type::error) {
    throw_wrong_type("text", type_);
  }
  return *std::get_if<std::string>(&contents_);
}

std::string Reply::take_text() {
  static_cast<void>(as_text());
  std::string& text = *std::get_if<std::string>(&contents_);
  std::string taken = std::move(text);
  text.clear();
  return taken;
}

const std::vector<Reply>& Reply::as_array() const {
  if (type_ != Type::array) {
    throw_wrong_type("array", type_);
  }
  return *std::get_if<std::vector<Reply>>(&contents_);
}

std::vector<Reply>& Reply::as_array() {
  static_cast<void>(std::as_const(*this).as_array());
  return *std::get_if<std::vector<Reply>>(&contents_);
}

void Reply::set_integer(std::int64_t value) noexcept {
  type_ = Type::integer;
  contents_.emplace<std::int64_t>(value);
}

std::string& Reply::set_text(Type type) noexcept {
  type_ = type;
  return storage<std::string>();
}

void Reply::set_text(Type type, std::string_view text) {
  if (std::string* const there = std::get_if<std::string>(&contents_)) {
    there->assign(text);
  } else {
    contents_.emplace<std::string>(text);
  }
  type_ = type;
}

std::vector<Reply>& Reply::set_array() noexcept {
  type_ = Type::array;
  return storage<std::vector<Reply>>();
}

bool operator==(const Reply& left, const Reply& right) noexcept {
  if (left.type_ != right.type_) {
    return false;
  }
  switch (left.type_) {
    case Reply::Type::nil:
    case Reply::Type::unanswered:
      return true;
    default:
      return left.contents_ == right.contents_;
  }
}

}  // namespace rediscache
