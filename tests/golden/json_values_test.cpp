// Our JSON is Python's, byte for byte, and Python reads it: json_values.py has the same values by the same
// names, and json_values.tsv what Python writes for them. Values named "random ..." are made up there; those
// we read from these bytes.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/serializer.hpp>
#include <rediscache/value.hpp>

namespace rediscache::test {
namespace {

using List = Value::List;
using Dict = Value::Dict;
using Limits = std::numeric_limits<double>;

std::string characters(int from, int until) {
  std::string text;
  for (int c = from; c < until; ++c) {
    text += static_cast<char>(c);
  }
  return text;
}

Value nested(int levels) {
  Value value = 1;
  for (int level = 0; level < levels; ++level) {
    value = level % 2 == 0 ? Value{List{std::move(value)}} : Value{Dict{{"k", std::move(value)}}};
  }
  return value;
}

std::map<std::string, Value> known_json() {
  constexpr double infinity = Limits::infinity();
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  return {
      {"none", {}},
      {"true", true},
      {"false", false},
      {"empty text", ""},
      {"ascii", characters(0x20, 0x7f)},
      {"controls", characters(0, 0x20)},
      {"del",
       "a\x7f"
       "b"},
      {"quotes", "\"\\/"},
      {"latin", "\u0080\u00a0\u00e9\u00ff"},
      {"bmp", "\u0100\u07ff\u0800\u20ac\u2028\u2029\ud7ff\ue000\ufeff\ufffd\uffff"},
      {"astral", "\U00010000\U0001f600\U0010ffff"},
      {"high surrogate", "\xed\xa0\x80"},
      {"low surrogate",
       "a\xed\xbf\xbf"
       "b"},
      {"surrogates the wrong way round", "\xed\xb0\x80\xed\xa0\x80"},
      {"text like a number", "42"},
      {"zero", 0},
      {"negative", -7},
      {"least", std::numeric_limits<std::int64_t>::min()},
      {"most signed", std::numeric_limits<std::int64_t>::max()},
      {"just unsigned", std::uint64_t{1} << 63U},
      {"most unsigned", most},
      {"float zero", 0.0},
      {"float minus zero", -0.0},
      {"float one", 1.0},
      {"tenth", 0.1},
      {"third", 1.0 / 3},
      {"sum", 0.1 + 0.2},
      {"smallest plain", 0.0001},
      {"largest small exponent", 0.00001},
      {"largest plain", 9999999999999998.0},
      {"smallest exponent", 1e16},
      {"exponent and digits", 1.2345e22},
      {"2 to the 53", 9007199254740992.0},
      {"2 to the 63", 9223372036854775808.0},
      {"three digits of exponent", 1e100},
      {"largest", Limits::max()},
      {"smallest normal", Limits::min()},
      {"smallest", Limits::denorm_min()},
      {"negative tiny", -1.5e-10},
      {"half way", 5e-5},
      {"nan", Limits::quiet_NaN()},
      {"infinity", infinity},
      {"minus infinity", -infinity},
      {"empty list", List{}},
      {"empty dict", Dict{}},
      {"list", List{1, 2.5, "x", nullptr, true, List{}, Dict{}}},
      {"dict",
       Dict{{"z", 1}, {"a", Dict{{"y", List{1, Dict{{"b", nullptr}}}}, {"c", "\u00e9"}}}, {"", false}}},
      {"not numbers inside", List{Limits::quiet_NaN(), infinity, -infinity}},
      {"keys with escapes", Dict{{"\"\\\n\x7f\u00e9\U0001f600", 1}}},
      {"nested", nested(50)},
      {"keys that are no text", Dict{{nullptr, 1},
                                     {true, 2},
                                     {false, 3},
                                     {7, 4},
                                     {-1, 5},
                                     {most, 6},
                                     {0.1, 7},
                                     {1e16, 8},
                                     {-infinity, 9},
                                     {Limits::quiet_NaN(), 10}}},
      {"keys inside", List{Dict{{1, Dict{{2, 3}}}}}},
      {"both halves of a pair", "\xed\xa0\xbd\xed\xb8\x80"},
  };
}

std::string encode(const Value& value) {
  std::string scratch;
  return std::string{make_serializer("json")->encode(ValueView{value}, scratch)};
}

Value decode(std::string bytes) {
  Value value;
  make_serializer("json")->decode(std::move(bytes), ValueTarget{value});
  return value;
}

/// Runs json_values.py, which Meson names, through a shell that knows the same variables.
FILE* run(const char* command, const char* mode) {
  return popen((std::string{R"("$PYTHON3" "$JSON_VALUES" )"} + command).c_str(), mode);
}

std::string read_golden_file() {
  std::ifstream file{std::getenv("JSON_VALUES_GOLDEN"), std::ios::binary};
  EXPECT_TRUE(file) << "json_values.py --write makes it";
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Name and bytes of each value, as Python writes it.
std::vector<std::pair<std::string, std::string>> golden_lines() {
  std::vector<std::pair<std::string, std::string>> lines;
  const std::string golden = read_golden_file();
  std::string_view rest = golden;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    const std::size_t tab = line.find('\t');
    lines.emplace_back(line.substr(0, tab), line.substr(tab + 1));
    rest.remove_prefix(line.size() + 1);
  }
  return lines;
}

class JsonValuesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(std::getenv("JSON_VALUES_GOLDEN"), nullptr) << "meson test says where json_values.tsv is";
  }
};

class JsonValuesOfPythonTest : public JsonValuesTest {
 protected:
  void SetUp() override {
    JsonValuesTest::SetUp();
    for (const char* const variable : {"PYTHON3", "JSON_VALUES"}) {
      ASSERT_NE(std::getenv(variable), nullptr) << "meson test says where Python and json_values.py are";
    }
  }
};

TEST_F(JsonValuesTest, AreWrittenByteForByteAsPythonDoes) {
  std::map<std::string, Value> known = known_json();
  std::size_t random = 0;
  for (const auto& [name, bytes] : golden_lines()) {
    SCOPED_TRACE(name);
    if (name.starts_with("random ")) {
      ++random;
      EXPECT_EQ(encode(decode(bytes)), bytes);
    } else {
      ASSERT_TRUE(known.contains(name));
      EXPECT_EQ(encode(known.at(name)), bytes);
      EXPECT_EQ(encode(decode(bytes)), bytes) << "and read";
      known.erase(name);
    }
  }
  EXPECT_TRUE(known.empty()) << "json_values.tsv lacks " << known.begin()->first;
  EXPECT_EQ(random, 500);
}

TEST_F(JsonValuesOfPythonTest, AreThoseOfTheFile) {
  FILE* const python = run("print", "r");
  std::string output;
  for (int c = std::fgetc(python); c != EOF; c = std::fgetc(python)) {
    output += static_cast<char>(c);
  }
  EXPECT_EQ(pclose(python), 0);
  EXPECT_TRUE(output == read_golden_file())
      << "json_values.py --write makes json_values.tsv again; git tells what changed";
}

TEST_F(JsonValuesOfPythonTest, AreReadByPythonAsTheyWere) {
  std::map<std::string, Value> known = known_json();
  for (const auto& [name, bytes] : golden_lines()) {
    if (name.starts_with("random ")) {
      known[name] = decode(bytes);
    }
  }
  FILE* const python = run("check", "w");
  for (const auto& [name, value] : known) {
    std::fputs((name + '\t' + encode(value) + '\n').c_str(), python);
  }
  EXPECT_EQ(pclose(python), 0) << "Python says above what it read";
}

}  // namespace
}  // namespace rediscache::test
