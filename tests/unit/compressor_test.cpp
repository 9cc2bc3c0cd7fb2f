// Every compressor: what is left alone, what comes back, what is refused.
#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/compressor.hpp>
#include <rediscache/error.hpp>
#include <rediscache/serializer.hpp>

#include "codec/value_codec.hpp"
#include "support/thrown.hpp"

namespace rediscache::test {
namespace {

using codec::ValueCodec;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

constexpr std::size_t limit = 1'000'000;

struct Known {
  std::string name{};
  std::string option{};  ///< of the build, that brings it
};
const std::vector<Known> every_one{
    {"zlib", "zlib"}, {"gzip", "zlib"}, {"lzma", "lzma"}, {"lz4", "lz4"}, {"zstd", "zstd"}};

/// Why there is no such compressor; nothing when there is one.
std::optional<std::string> why_missing(const std::string& name) {
  try {
    static_cast<void>(make_compressor(name));
    return std::nullopt;
  } catch (const InvalidOptions& error) {
    return error.what();
  }
}

std::vector<std::string> built() {
  std::vector<std::string> names;
  for (const auto& [name, option] : every_one) {
    if (!why_missing(name)) {
      names.push_back(name);
    }
  }
  return names;
}

class CompressorTest : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] std::string compressed(std::string_view bytes) const {
    std::string out;
    compressor_->compress(bytes, out);
    return out;
  }
  [[nodiscard]] std::string restored(std::string_view bytes, std::size_t max_bytes = limit) const {
    std::string out;
    return compressor_->decompress(bytes, out, max_bytes) ? out : "(not compressed)";
  }
  [[nodiscard]] ValueCodec codec(const char* serializer = "plain") const {
    return ValueCodec{make_serializer(serializer), compressor_, limit};
  }
  [[nodiscard]] std::string stored(std::string_view text) const {
    std::string scratch;
    return std::string{codec().encode("k", text, scratch)};
  }
  [[nodiscard]] std::string read(std::string stored) const {
    std::string text;
    codec().decode("the key", std::move(stored), ValueTarget{text});
    return text;
  }

  std::shared_ptr<const Compressor> compressor_ = make_compressor(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Each, CompressorTest, ::testing::ValuesIn(built()));
// There may be none.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CompressorTest);

TEST_P(CompressorTest, RestoresWhatItCompressed) {
  for (const std::size_t size : std::vector<std::size_t>{0, 1, 15, 100, 4095, 4096, 4097, 500'000}) {
    const std::string text(size, 'x');
    EXPECT_EQ(restored(compressed(text)), text) << size;
  }
  std::string noise;
  for (unsigned i = 0, x = 1; i < 100'000; ++i) {
    noise += static_cast<char>((x = x * 1664525 + 1013904223) >> 24U);
  }
  EXPECT_EQ(restored(compressed(noise)), noise);
}

TEST_P(CompressorTest, LeavesShortValuesAlone) {
  const std::size_t most = GetParam() == "lzma" ? 100 : 15;
  const std::string text(most, 'x');
  EXPECT_EQ(stored(text), text);
  EXPECT_NE(stored(text + 'x'), text + 'x');
  EXPECT_EQ(read(stored(text)), text);
  EXPECT_EQ(read(stored(text + 'x')), text + 'x');
}

TEST_P(CompressorTest, LeavesIntegersAlone) {
  std::string scratch;
  EXPECT_EQ(codec().encode("k", 1234567890123456789, scratch), "1234567890123456789");
  // Some look as if zlib had written them.
  EXPECT_EQ(read("8012345678901234567"), "8012345678901234567");
  EXPECT_EQ(read("80"), "80");
}

TEST_P(CompressorTest, CompressesWhatLooksCompressed) {
  const std::string nested = compressed("a");
  EXPECT_EQ(read(stored(nested)), nested);
  EXPECT_EQ(read(stored("HK")), "HK");
}

TEST_P(CompressorTest, ReadsWhatIsNotCompressed) {
  EXPECT_EQ(read("a text that was stored before there was a compressor"),
            "a text that was stored before there was a compressor");
  EXPECT_EQ(read(""), "");
}

TEST_P(CompressorTest, RefusesToInflatePastItsLimit) {
  const std::string bomb = compressed(std::string(limit + 1, 'x'));
  EXPECT_EQ(restored(compressed(std::string(limit, 'x'))).size(), limit);
  const auto error = thrown_by<DecodeError>([&] { (void)read(bomb); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->key(), "the key");
  EXPECT_THAT(error->what(), HasSubstr("more than 1000000 bytes; Options::max_decompressed_bytes"));
}

TEST_P(CompressorTest, NamesTheKeyOfDamagedValues) {
  const std::string whole = compressed("\"some text of which there is enough to be compressed, text, text\"");
  for (const char* const serializer : {"json", "pickle", "msgpack"}) {
    for (std::size_t size = 16; size <= whole.size(); ++size) {
      std::string damaged = whole.substr(0, size);
      if (size == whole.size()) {
        damaged += "more";
      }
      std::string text;
      const auto error = thrown_by<DecodeError>(
          [&] { codec(serializer).decode("the key", std::move(damaged), ValueTarget{text}); });
      ASSERT_TRUE(error) << serializer << ' ' << size;
      EXPECT_THAT(error->what(), HasSubstr("\"the key\": ")) << size;
      EXPECT_THAT(error->what(), HasSubstr("begins as a compressed value")) << size;
    }
  }
}

TEST_P(CompressorTest, ReadsWhatOnlyBeginsAsACompressedValueAsItIs) {
  const std::map<std::string, std::vector<std::string>> beginnings{
      {"zlib", {"x^2 + ", "HKD/USD ", "80 days", "x\x9c"}},
      {"gzip", {"\x1f\x8b\x08"}},
      {"lzma",
       {std::string{"\xfd"
                    "7zXZ\0",
                    6}}},
      {"lz4", {"\x04\x22\x4d\x18"}},
      {"zstd", {"\x28\xb5\x2f\xfd"}}};
  for (const std::string& beginning : beginnings.at(GetParam())) {
    for (const std::string_view rest :
         {"", " ", "y^2", " and some more text, which goes on for longer than min_length of any compressor",
          "a text that was stored before there was a compressor, and that only looks like what it is not; it "
          "goes on for longer than min_length of lzma, which is larger than that of the others"}) {
      const std::string text = beginning + std::string{rest};
      EXPECT_EQ(read(text), text);
      EXPECT_EQ(read(stored(text)), text);
    }
  }
  const std::string whole = compressed("some text of which there is enough to be compressed, text, text");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(read(whole.substr(0, size)), whole.substr(0, size));
  }
  EXPECT_EQ(read(whole + "more"), whole + "more");
}

/// Puts a mark before the bytes, and does not look for it again.
class MarkCompressor final : public Compressor {
 public:
  [[nodiscard]] std::size_t min_length() const noexcept override { return 10; }
  [[nodiscard]] bool is_compressed(std::string_view bytes) const noexcept override {
    return bytes.starts_with("##");
  }
  void compress(std::string_view bytes, std::string& out) const override { out = "##" + std::string{bytes}; }
  [[nodiscard]] bool decompress(std::string_view bytes, std::string& out,
                                std::size_t max_bytes) const override {
    if (bytes.size() - 2 > max_bytes) {
      throw ValueError{"too much"};
    }
    out = bytes.substr(2);
    return !out.ends_with("damaged");
  }
};

TEST(OwnCompressor, IsAskedWhetherBytesAreCompressedFirst) {
  const ValueCodec codec{make_serializer("plain"), std::make_shared<const MarkCompressor>(), 100};
  const auto read = [&](std::string stored) {
    std::string text;
    codec.decode("k", std::move(stored), ValueTarget{text});
    return text;
  };
  for (const std::string_view text : {"", "x", "short", "a text of more than ten bytes", "##", "##short"}) {
    std::string scratch;
    EXPECT_EQ(read(std::string{codec.encode("k", text, scratch)}), text);
  }
  EXPECT_EQ(read("a text stored before"), "a text stored before");
  EXPECT_EQ(read("##damaged"), "##damaged");
  EXPECT_THROW((void)read("##" + std::string(101, 'x')), DecodeError);
}

TEST_P(CompressorTest, WorksWithEverySerializer) {
  for (const char* const serializer : {"plain", "json", "pickle", "msgpack"}) {
    std::string scratch;
    const Value value{Value::List{std::string(200, 'x'), 1, nullptr}};
    const std::string stored{codec(serializer).encode("k", ValueView{value}, scratch)};
    EXPECT_TRUE(compressor_->is_compressed(stored));
    Value read;
    codec(serializer).decode("k", std::string{stored}, ValueTarget{read});
    EXPECT_EQ(read, value);
  }
}

TEST(Compressors, AreThoseOfTheBuild) {
  // Meson tells; a build by its defaults, on a machine with all of them, has all.
  const char* const told = std::getenv("BUILT_COMPRESSORS");
  std::istringstream names{told == nullptr ? "zlib gzip lzma lz4 zstd" : told};
  const std::vector<std::string> expected{std::istream_iterator<std::string>{names}, {}};
  EXPECT_THAT(built(), UnorderedElementsAreArray(expected));
}

TEST(Compressors, SayHowToBuildThem) {
  for (const auto& [name, option] : every_one) {
    if (const auto why = why_missing(name)) {
      EXPECT_THAT(*why, HasSubstr("\"" + name +
                                  "\", and this build of rediscache has none; "
                                  "configure with -D" +
                                  option + "=enabled"));
    }
  }
}

TEST(Compressors, HaveNames) {
  const auto error = thrown_by<InvalidOptions>([] { (void)make_compressor("zlip"); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("Did you mean \"zlib\"?"));
}

}  // namespace
}  // namespace rediscache::test
