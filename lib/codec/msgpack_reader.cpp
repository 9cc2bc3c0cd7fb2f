#include "codec/msgpack_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rediscache/error.hpp>

#include "base/text.hpp"
#include "codec/byte_cursor.hpp"
#include "codec/level_stack.hpp"
#include "codec/limits.hpp"
#include "codec/msgpack_writer.hpp"
#include "codec/value_access.hpp"

namespace rediscache::codec {
namespace {

class MsgpackReader {
 public:
  explicit MsgpackReader(std::string_view bytes) noexcept : input_{bytes} {}

  Value read_document() {
    try {
      Value document;
      begin_value(document);
      while (!levels_.empty()) {
        read_next(levels_.top());
      }
      if (input_.left() != 0) {
        fail("more follows the value");
      }
      return document;
    } catch (const ValueError& error) {
      throw ValueError{std::string{"not MessagePack: "} + error.what() + ", before byte " +
                       std::to_string(input_.at())};
    }
  }

 private:
  /// A number of that many bytes, the highest first.
  std::uint64_t take_number(std::size_t bytes) {
    std::uint64_t number = 0;
    for (const char byte : input_.take(bytes)) {
      number = number << 8U | static_cast<unsigned char>(byte);
    }
    return number;
  }
  std::string take_text(std::uint64_t size) {
    const std::string_view text = input_.take(size);
    if (!base::is_utf8(text)) {
      fail("text that is not UTF-8");
    }
    return std::string{text};
  }
  Bytes take_bytes(std::uint64_t size) {
    const auto bytes = std::as_bytes(std::span{input_.take(size)});
    return {bytes.begin(), bytes.end()};
  }

  /// The keys of a dict so far, in their shortest spelling.
  struct Keys {
    std::vector<std::string_view> spellings{};
    std::deque<std::string> respelt{};
    std::unordered_map<std::string_view, std::size_t> index{};
  };
  /// A list or a dict that is being read, and how many more elements or entries it claims to have.
  struct Level {
    Level(Value* of, std::uint64_t claimed) noexcept : container{of}, left{claimed} {}

    Value* container;
    std::uint64_t left;
    std::unique_ptr<Keys> keys{};
  };

  /// Goes one element further in the innermost container, or leaves it. No room is made beforehand: the
  /// count is only a claim, and nested ones would add up.
  void read_next(Level& level) {
    if (level.left == 0) {
      levels_.pop();
      return;
    }
    --level.left;
    auto* const list = ValueAccess::get_if<Value::List>(*level.container);
    begin_value(list != nullptr ? list->emplace_back() : read_key(level));
  }

  /// Reads a value, or enters the container that begins here.
  void begin_value(Value& place) {
    const unsigned type = take_type();
    if (is_dict(type)) {
      enter<Value::Dict>(place, type < 0x90 ? type & 0xfU : take_number(2 * width(type, 0xde)));
    } else if (is_list(type)) {
      enter<Value::List>(place, type < 0xa0 ? type & 0xfU : take_number(2 * width(type, 0xdc)));
    } else {
      place = read_scalar(type);
    }
  }

  template <class Container>
  void enter(Value& place, std::uint64_t count) {
    if (levels_.is_full()) {
      fail(nested_too_deep());
    }
    place = Container{};
    levels_.push(Level{&place, count});
  }

  static bool is_dict(unsigned type) noexcept {
    return (type >= 0x80 && type < 0x90) || type == 0xde || type == 0xdf;
  }
  static bool is_list(unsigned type) noexcept {
    return (type >= 0x90 && type < 0xa0) || type == 0xdc || type == 0xdd;
  }

  unsigned take_type() {
    if (++values_ > most_values) {
      fail(too_many_values());
    }
    return input_.take_byte();
  }

  Value read_scalar(unsigned type) {
    if (type < 0x80) {
      return type;
    }
    if (type < 0xc0) {
      return take_text(type & 0x1fU);
    }
    if (type >= 0xe0) {
      return static_cast<int>(type) - 0x100;
    }
    return read_typed(type);
  }

  /// Of the number behind a type: each type of a family has one of twice the bytes.
  static std::size_t width(unsigned type, unsigned first_of_family) {
    return std::size_t{1} << ((type - first_of_family) & 3U);
  }

  Value read_typed(unsigned type) {
    switch (type) {
      case 0xc0:
        return {};
      case 0xc2:
      case 0xc3:
        return type == 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return take_bytes(take_number(width(type, 0xc4)));
      case 0xca:
        return std::bit_cast<float>(static_cast<std::uint32_t>(take_number(4)));
      case 0xcb:
        return std::bit_cast<double>(take_number(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return take_number(width(type, 0xcc));
      case 0xd0:
        return static_cast<std::int8_t>(take_number(1));
      case 0xd1:
        return static_cast<std::int16_t>(take_number(2));
      case 0xd2:
        return static_cast<std::int32_t>(take_number(4));
      case 0xd3:
        return static_cast<std::int64_t>(take_number(8));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return take_text(take_number(width(type, 0xd9)));
      case 0xc1:
        fail("a type that does not exist");
      default:
        fail("an extension type, which is no kind of value");
    }
  }

  /// Reads a key; its value's place.
  Value& read_key(Level& level) {
    if (level.keys == nullptr) {
      level.keys = std::make_unique<Keys>();
    }
    const std::size_t begin = input_.at();
    const unsigned type = take_type();
    if (is_dict(type) || is_list(type)) {
      fail("a list or a dict as a key, which Python has no hash of");
    }
    Value key = read_scalar(type);
    auto& dict = *ValueAccess::get_if<Value::Dict>(*level.container);
    const std::size_t place = place_of(shortest(key, input_.since(begin), level.keys->respelt), *level.keys);
    if (place == dict.size()) {
      dict.emplace_back(std::move(key), Value{});
    }
    return dict[place].second;
  }

  /// The one spelling of a key, of which there may be several.
  static std::string_view shortest(const Value& key, std::string_view spelling,
                                   std::deque<std::string>& respelt) {
    const auto type = static_cast<unsigned char>(spelling.front());
    if (type < 0x80 || type >= 0xe0 || (type >= 0xa0 && type < 0xc0)) {
      return spelling;
    }
    write_msgpack(respelt.emplace_back(), ValueView{key});
    return respelt.back();
  }

  static std::size_t place_of(std::string_view key, Keys& keys) {
    auto& spellings = keys.spellings;
    if (spellings.size() < few_keys) {
      const auto found = std::ranges::find(spellings, key);
      if (found != spellings.end()) {
        return static_cast<std::size_t>(found - spellings.begin());
      }
    } else {
      for (std::size_t i = keys.index.size(); i < spellings.size(); ++i) {
        keys.index.emplace(spellings[i], i);
      }
      if (const auto found = keys.index.find(key); found != keys.index.end()) {
        return found->second;
      }
    }
    spellings.push_back(key);
    return spellings.size() - 1;
  }

  ByteCursor input_;
  std::size_t values_ = 0;
  LevelStack<Level> levels_;
};

}  // namespace

Value read_msgpack(std::string_view bytes) {
  return MsgpackReader{bytes}.read_document();
}

}  // namespace rediscache::codec
