#include "codec/msgpack_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rediscache/error.hpp>

#include "base/text.hpp"
#include "codec/byte_cursor.hpp"
#include "codec/limits.hpp"
#include "codec/msgpack_writer.hpp"

namespace rediscache::codec {
namespace {

constexpr std::size_t most_values = 10'000'000;

class MsgpackReader {
 public:
  explicit MsgpackReader(std::string_view bytes) noexcept : input_{bytes} {}

  Value read_document() {
    try {
      Value value = read(0);
      if (input_.left() != 0) {
        fail("more follows the value");
      }
      return value;
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

  Value read(int depth) {
    if (++values_ > most_values) {
      fail("more than " + std::to_string(most_values) + " values");
    }
    if (depth > deepest) {
      fail("nested deeper than " + std::to_string(deepest) + " levels");
    }
    const unsigned type = input_.take_byte();
    if (type < 0x80) {
      return type;
    }
    if (type < 0x90) {
      return read_dict(type & 0xfU, depth);
    }
    if (type < 0xa0) {
      return read_list(type & 0xfU, depth);
    }
    if (type < 0xc0) {
      return take_text(type & 0x1fU);
    }
    if (type >= 0xe0) {
      return static_cast<int>(type) - 0x100;
    }
    return read_typed(type, depth);
  }

  /// Of the number behind a type: each type of a family has one of twice the bytes.
  static std::size_t width(unsigned type, unsigned first_of_family) {
    return std::size_t{1} << ((type - first_of_family) & 3U);
  }

  Value read_typed(unsigned type, int depth) {
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
      case 0xdc:
      case 0xdd:
        return read_list(take_number(2 * width(type, 0xdc)), depth);
      case 0xde:
      case 0xdf:
        return read_dict(take_number(2 * width(type, 0xde)), depth);
      case 0xc1:
        fail("a type that does not exist");
      default:
        fail("an extension type, which is no kind of value");
    }
  }

  /// No room is made beforehand: the count is only a claim, and nested ones would add up.
  Value read_list(std::uint64_t count, int depth) {
    Value::List list;
    for (std::uint64_t i = 0; i < count; ++i) {
      list.push_back(read(depth + 1));
    }
    return list;
  }

  Value read_dict(std::uint64_t count, int depth) {
    Value::Dict dict;
    std::vector<std::string_view> keys;  // in their shortest spelling
    std::deque<std::string> respelt;
    std::unordered_map<std::string_view, std::size_t> index;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::size_t begin = input_.at();
      Value key = read(depth + 1);
      const std::string_view spelling = input_.since(begin);
      const std::size_t place = place_of(shortest(key, spelling, respelt), keys, index);
      if (place == dict.size()) {
        dict.emplace_back(std::move(key), Value{});
      }
      dict[place].second = read(depth + 1);
    }
    return dict;
  }

  /// The one spelling of a key, of which there may be several.
  std::string_view shortest(const Value& key, std::string_view spelling, std::deque<std::string>& respelt) {
    if (key.kind() == Value::Kind::list || key.kind() == Value::Kind::dict) {
      fail("a list or a dict as a key, which Python has no hash of");
    }
    const auto type = static_cast<unsigned char>(spelling.front());
    if (type < 0x80 || type >= 0xe0 || (type >= 0xa0 && type < 0xc0)) {
      return spelling;
    }
    write_msgpack(respelt.emplace_back(), ValueView{key});
    return respelt.back();
  }

  static std::size_t place_of(std::string_view key, std::vector<std::string_view>& keys,
                              std::unordered_map<std::string_view, std::size_t>& index) {
    if (keys.size() < few_keys) {
      const auto found = std::ranges::find(keys, key);
      if (found != keys.end()) {
        return static_cast<std::size_t>(found - keys.begin());
      }
    } else {
      for (std::size_t i = index.size(); i < keys.size(); ++i) {
        index.emplace(keys[i], i);
      }
      if (const auto found = index.find(key); found != index.end()) {
        return found->second;
      }
    }
    keys.push_back(key);
    return keys.size() - 1;
  }

  ByteCursor input_;
  std::size_t values_ = 0;
};

}  // namespace

Value read_msgpack(std::string_view bytes) {
  return MsgpackReader{bytes}.read_document();
}

}  // namespace rediscache::codec
