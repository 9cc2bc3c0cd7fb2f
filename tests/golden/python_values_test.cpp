// Our pickles and MessagePack are Python's, byte for byte: python_values.py has the same values by the same
// names, and python_values.tsv what Python writes for them.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <rediscache/error.hpp>
#include <rediscache/serializer.hpp>
#include <rediscache/value.hpp>

namespace rediscache::test {
namespace {

using List = Value::List;
using Dict = Value::Dict;

Bytes bytes(std::string_view text) {
  const auto view = std::as_bytes(std::span{text});
  return {view.begin(), view.end()};
}

std::string latin() {
  std::string text;
  for (unsigned c = 1; c < 0x100; ++c) {
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else {
      text += static_cast<char>(0xc0U | c >> 6U);
      text += static_cast<char>(0x80U | (c & 0x3fU));
    }
  }
  return text;
}

Value power(int base, int exponent, bool negative = false) {
  std::string digits = "1";
  for (int i = 0; i < exponent; ++i) {
    int carry = 0;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
      carry += (*digit - '0') * base;
      *digit = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    for (; carry > 0; carry /= 10) {
      digits.insert(digits.begin(), static_cast<char>('0' + carry % 10));
    }
  }
  return Value::integer_of((negative ? "-" : "") + digits);
}

List halves(int count) {
  List list;
  for (int i = 0; i < count; ++i) {
    list.emplace_back(i / 2.0);
  }
  return list;
}

Dict keys(int count) {
  Dict dict;
  for (int i = 0; i < count; ++i) {
    dict.emplace_back("key " + std::to_string(i), i);
  }
  return dict;
}

List rows() {
  List rows;
  for (int i = 0; i < 300; ++i) {
    rows.push_back(Dict{{"id", i}, {"title", "title " + std::to_string(i)}, {"x", List{Dict{{"id", "i"}}}}});
  }
  return rows;
}

List frames() {
  List list;
  for (int i = 0; i < 60; ++i) {
    const std::string number = std::to_string(i);
    list.push_back(std::string(3000 - number.size(), '0') + number);
  }
  return list;
}

List whole(int count) {
  List list;
  for (int i = 0; i < count; ++i) {
    list.emplace_back(i);
  }
  return list;
}

Value levels(int count) {
  Value value = 1.5;
  for (int i = 0; i < count; ++i) {
    value = List{std::move(value)};
  }
  return value;
}

std::map<std::string, Value> known_python() {
  constexpr std::int64_t one = 1;
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return {
      {"none", {}},
      {"true", true},
      {"false", false},
      {"empty text", ""},
      {"text", "hello"},
      {"character", "a"},
      {"latin", latin()},
      {"nul", std::string{"a\0b", 3}},
      {"astral", "\u20ac\U0001f600"},
      {"surrogates", "a\xed\xa0\x80\xed\xbf\xbf"},
      {"text of 255", std::string(255, 'x')},
      {"text of 256", std::string(256, 'x')},
      {"text before a frame", std::string(65535, 'x')},
      {"text beyond a frame", std::string(65536, 'x')},
      {"empty bytes", Bytes{}},
      {"bytes", bytes(std::string_view{"\0\xff\x80", 3})},
      {"bytes of 256", bytes(std::string(256, 'y'))},
      {"bytes beyond a frame", bytes(std::string(65536, 'y'))},
      {"float", 0.1},
      {"float zero", -0.0},
      {"infinity", -std::numeric_limits<double>::infinity()},
      {"integers", List{0, 1, -1, 127, 128, 255, 256, 65535, 65536, (one << 31U) - 1, one << 31U,
                        -(one << 31U), -(one << 31U) - 1}},
      {"large integers",
       List{one << 32U, most, std::uint64_t{1} << 63U, std::numeric_limits<std::uint64_t>::max(), least, -128,
            -129, -32768, -32769, -(one << 40U)}},
      {"huge integers",
       List{power(2, 64), Value::integer_of("-9223372036854775809"), power(10, 40), power(10, 40, true),
            power(2, 2040), power(2, 2039, true), power(2, 127), power(2, 127, true)}},
      {"longest integer", List{power(10, 4299), Value::integer_of("-" + std::string(4300, '9'))}},
      {"empty list", List{}},
      {"list of one", List{"one"}},
      {"list of many", halves(2500)},
      {"list of a thousand", halves(1000)},
      {"empty tuple", Value::tuple({})},
      {"tuples",
       List{Value::tuple({1}), Value::tuple({1, 2}), Value::tuple({1, 2, 3}), Value::tuple({1, 2, 3, 4})}},
      {"empty dict", Dict{}},
      {"dict of one", Dict{{"k", 1.5}}},
      {"dict", Dict{{"name", "value"},
                    {"", nullptr},
                    {7, true},
                    {2.5, bytes("z")},
                    {bytes("key"), Value::tuple({})},
                    {Value::tuple({1, "t"}), List{Value::set({})}}}},
      {"dict of a thousand", keys(1000)},
      {"dict of many", keys(1001)},
      {"rows", rows()},
      {"empty set", Value::set({})},
      {"set of one", Value::set({"only"})},
      {"set of many", Value::set(whole(1000))},
      // A list in braces in a list is a copy to clang: the inner ones are spelt out as values.
      {"nested", List{Value{List{Value{List{Dict{{"deep", Value::tuple({Dict{{"er", List{nullptr}}}})}}}}}}}},
      {"frames", frames()},
      {"frames and large",
       List{"first", std::string(70000, 'l'), "between", bytes(std::string(70000, 'b')), "last"}},
      {"levels", levels(300)},
  };
}

std::string encode(const std::string& serializer, const Value& value) {
  std::string scratch;
  return std::string{make_serializer(serializer)->encode(ValueView{value}, scratch)};
}

Value decode(const std::string& serializer, std::string bytes) {
  Value value;
  make_serializer(serializer)->decode(std::move(bytes), ValueTarget{value});
  return value;
}

/// As python_values.py spells bytes.
std::string spelt(std::string_view bytes) {
  if (bytes.size() > 1500) {
    std::uint32_t a = 1;
    std::uint32_t b = 0;
    for (const char byte : bytes) {
      a = (a + static_cast<unsigned char>(byte)) % 65521;
      b = (b + a) % 65521;
    }
    return std::to_string(bytes.size()) + ' ' + std::to_string(b << 16U | a);
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += digits[static_cast<unsigned char>(c) >> 4U];
    hex += digits[static_cast<unsigned char>(c) & 0xfU];
  }
  return hex;
}

std::string unspelt(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

/// MessagePack has one kind of sequence.
Value without_tuples(const Value& value) {
  if (value.kind() == Value::Kind::dict) {
    Dict dict;
    for (const auto& [key, element] : value.as_dict()) {
      dict.emplace_back(without_tuples(key), without_tuples(element));
    }
    return dict;
  }
  if (value.kind() == Value::Kind::list || value.kind() == Value::Kind::tuple) {
    List list;
    for (const Value& element : value.as_list()) {
      list.push_back(without_tuples(element));
    }
    return list;
  }
  return value;
}

TEST(PythonValues, AreWrittenByteForByteAndReadFromEveryProtocol) {
  const char* const golden = std::getenv("PYTHON_VALUES_GOLDEN");
  ASSERT_NE(golden, nullptr) << "meson test says where python_values.tsv is";
  std::ifstream file{golden};
  ASSERT_TRUE(file);
  std::map<std::string, Value> known = known_python();
  std::map<std::string, int> written;
  int read = 0;
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    const std::string name = line.substr(0, first);
    const std::string python = line.substr(first + 1, second - first - 1);
    const std::string spelling = line.substr(second + 1);
    SCOPED_TRACE(name + ", " + python);
    ASSERT_TRUE(known.contains(name));
    const bool packs = python == "msgpack";
    const std::string serializer = packs ? "msgpack" : python == "pickle5" ? "pickle5" : "pickle";
    // The order of a set is Python's, and old protocols are only read.
    if (packs || python == "pickle4" || python == "pickle5") {
      const std::string ours = encode(serializer, known.at(name));
      EXPECT_EQ(spelt(ours), spelling);
      const Value expected = packs ? without_tuples(known.at(name)) : known.at(name);
      EXPECT_TRUE(decode(serializer, ours) == expected);
      ++written[python];
    }
    if (spelling.find(' ') == std::string::npos) {
      const Value expected = packs ? without_tuples(known.at(name)) : known.at(name);
      EXPECT_TRUE(decode(serializer, unspelt(spelling)) == expected);
      ++read;
    }
  }
  EXPECT_EQ(written["pickle4"], static_cast<int>(known.size()));
  EXPECT_EQ(written["pickle5"], static_cast<int>(known.size()));
  EXPECT_GT(written["msgpack"], 30);
  EXPECT_GT(read, 200);
}

TEST(PythonValues, EndEarlyOnlyWithAnError) {
  for (const auto& [name, value] : known_python()) {
    const std::string whole = encode("pickle", value);
    SCOPED_TRACE(name);
    for (std::size_t size = 0; size < whole.size(); size += whole.size() / 200 + 1) {
      EXPECT_THROW((void)decode("pickle", whole.substr(0, size)), ValueError) << size;
    }
    EXPECT_THROW((void)decode("pickle", whole + "."), ValueError);
  }
}

}  // namespace
}  // namespace rediscache::test
