#include "codec/json_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "codec/level_stack.hpp"
#include "codec/limits.hpp"
#include "codec/number_text.hpp"
#include "codec/value_access.hpp"

namespace rediscache::codec {
namespace {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) noexcept : text_{text} {}

  Value read_document() {
    Value document;
    begin_value(document);
    while (!levels_.empty()) {
      if (Value* const place = next_place()) {
        begin_value(*place);
      }
    }
    skip_space();
    if (at_ != text_.size()) {
      fail("more follows the value");
    }
    return document;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const { throw NotJson{why, at_}; }

  void skip_space() noexcept {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  [[nodiscard]] char peek() const {
    if (at_ == text_.size()) {
      fail("the text ends too early");
    }
    return text_[at_];
  }
  [[nodiscard]] bool take(char c) {
    if (peek() != c) {
      return false;
    }
    ++at_;
    return true;
  }
  [[nodiscard]] bool take(std::string_view word) noexcept {
    if (!text_.substr(at_).starts_with(word)) {
      return false;
    }
    at_ += word.size();
    return true;
  }

  /// Reads a value, or enters the container that begins here.
  void begin_value(Value& place) {
    count_value();
    skip_space();
    switch (peek()) {
      case '{':
        return enter<Value::Dict>(place);
      case '[':
        return enter<Value::List>(place);
      case '"':
        place = read_string();
        return;
      default:
        place = read_word_or_number();
    }
  }

  void count_value() {
    if (++values_ > most_values) {
      fail(too_many_values());
    }
  }

  template <class Container>
  void enter(Value& place) {
    if (levels_.is_full()) {
      fail(nested_too_deep());
    }
    ++at_;
    place = Container{};
    levels_.push(Level{&place});
  }

  /// Where the next value of the innermost container goes. Null at the end of that, which is left.
  Value* next_place() {
    Level& level = levels_.top();
    auto* const list = ValueAccess::get_if<Value::List>(*level.container);
    const bool is_first = std::exchange(level.is_first, false);
    skip_space();
    if (take(list != nullptr ? ']' : '}')) {
      levels_.pop();
      return nullptr;
    }
    if (!is_first && !take(',')) {
      fail(list != nullptr ? "expected \",\" or \"]\"" : "expected \",\" or \"}\"");
    }
    return list != nullptr ? &list->emplace_back() : &place_for(level, read_key());
  }

  std::string read_key() {
    count_value();
    skip_space();
    if (peek() != '"') {
      fail("expected a key");
    }
    std::string key = read_string();
    skip_space();
    if (!take(':')) {
      fail("expected \":\"");
    }
    return key;
  }

  using Index = std::unordered_map<std::string, std::size_t>;
  /// A container that is being read.
  struct Level {
    explicit Level(Value* of) noexcept : container{of} {}

    Value* container;
    bool is_first = true;
    std::unique_ptr<Index> index{};  ///< where the first keys of a dict of many are
  };

  static Value& place_for(Level& level, std::string key) {
    auto& dict = *ValueAccess::get_if<Value::Dict>(*level.container);
    if (dict.size() < few_keys) {
      for (auto& [known, value] : dict) {
        if (*ValueAccess::get_if<std::string>(known) == key) {
          return value;
        }
      }
    } else {
      if (level.index == nullptr) {
        level.index = std::make_unique<Index>();
      }
      Index& index = *level.index;
      for (std::size_t i = index.size(); i < dict.size(); ++i) {
        index.emplace(dict[i].first.as_text(), i);
      }
      if (const auto found = index.find(key); found != index.end()) {
        return dict[found->second].second;
      }
    }
    return dict.emplace_back(std::move(key), Value{}).second;
  }

  std::string read_string() {
    ++at_;
    std::string out;
    while (true) {
      const std::size_t begin = at_;
      while (at_ < text_.size() && is_plain(text_[at_])) {
        ++at_;
      }
      out.append(text_, begin, at_ - begin);
      const char c = peek();
      if (c == '"') {
        ++at_;
        return out;
      }
      if (c == '\\') {
        ++at_;
        read_escape(out);
      } else {
        read_beyond_ascii(out);
      }
    }
  }

  static bool is_plain(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
  }

  void read_beyond_ascii(std::string& out) {
    if (static_cast<unsigned char>(text_[at_]) < 0x20) {
      fail("a control character inside text");
    }
    const auto character = base::next_utf8(text_.substr(at_));
    if (character.length == 0 || base::is_surrogate(character.code)) {
      fail("text that is not UTF-8");
    }
    out.append(text_, at_, character.length);
    at_ += character.length;
  }

  void read_escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const char letter = peek();
    ++at_;
    if (const std::size_t which = letters.find(letter); which != std::string_view::npos) {
      out += meanings[which];
      return;
    }
    if (letter != 'u') {
      --at_;
      fail("an unknown escape");
    }
    std::uint32_t code = read_hex();
    const bool first_half = code >= 0xd800 && code < 0xdc00;
    if (first_half && text_.substr(at_).starts_with("\\u")) {
      const std::size_t before = at_;
      at_ += 2;
      const std::uint32_t second = read_hex();
      if (second >= 0xdc00 && second < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10U) + (second - 0xdc00);
      } else {
        at_ = before;  // two unrelated characters, the first a lone surrogate
      }
    }
    base::append_utf8(out, code);
  }

  std::uint32_t read_hex() {
    std::uint32_t code = 0;
    const std::string_view digits = text_.substr(at_, 4);
    const char* const end = digits.data() + digits.size();
    if (digits.size() < 4 || std::from_chars(digits.data(), end, code, 16).ptr != end) {
      fail("expected four hexadecimal digits");
    }
    at_ += 4;
    return code;
  }

  Value read_word_or_number() {
    if (take("null")) {
      return {};
    }
    if (take("true")) {
      return true;
    }
    if (take("false")) {
      return false;
    }
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
      if (take(word)) {
        double value = 0;
        static_cast<void>(parse_float(word, value));
        return value;
      }
    }
    return read_number();
  }

  std::size_t take_digits() noexcept {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      ++at_;
    }
    return at_ - begin;
  }

  Value read_number() {
    const std::size_t begin = at_;
    const auto at = [&](char c) { return at_ < text_.size() && text_[at_] == c; };
    if (at('-')) {
      ++at_;
    }
    const bool leading_zero = at('0');
    const std::size_t digits = take_digits();
    if (digits == 0 || (leading_zero && digits > 1)) {
      at_ = begin;
      fail("expected a value");
    }
    bool is_integer = true;
    if (at('.')) {
      ++at_;
      is_integer = false;
      if (take_digits() == 0) {
        fail("expected a digit");
      }
    }
    if (at('e') || at('E')) {
      ++at_;
      is_integer = false;
      if (at('+') || at('-')) {
        ++at_;
      }
      if (take_digits() == 0) {
        fail("expected a digit");
      }
    }
    const std::string_view number = text_.substr(begin, at_ - begin);
    if (!is_integer) {
      double value = 0;
      static_cast<void>(parse_float(number, value));
      return value;
    }
    if (number.size() - (number.starts_with('-') ? 1U : 0U) > Value::most_digits) {
      at_ = begin;
      fail("an integer of more than " + std::to_string(Value::most_digits) + " digits");
    }
    return Value::integer_of(number);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  LevelStack<Level> levels_;
};

}  // namespace

Value read_json(std::string_view text) {
  return JsonReader{text}.read_document();
}

}  // namespace rediscache::codec
