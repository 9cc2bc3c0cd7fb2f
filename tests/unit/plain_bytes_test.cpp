// Bytes inside of what the serializer `plain` stores as JSON.
#include <array>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/convert.hpp>
#include <rediscache/error.hpp>
#include <rediscache/locmem_cache.hpp>
#include <rediscache/serializer.hpp>

#include "base/text.hpp"
#include "codec/escaped_bytes.hpp"
#include "codec/value_codec.hpp"
#include "support/thrown.hpp"

namespace rediscache::blobs {

struct Blob {
  std::string name;
  Bytes data;
  std::vector<std::vector<unsigned char>> parts;
  std::optional<Bytes> extra;
  std::array<std::byte, 2> pair{};
  std::variant<int, Bytes> number_or_bytes;
  std::variant<std::string, Bytes> text_or_bytes;

  bool operator==(const Blob&) const = default;
};
REDISCACHE_FIELDS(Blob, name, data, parts, extra, pair, number_or_bytes, text_or_bytes)

}  // namespace rediscache::blobs

namespace rediscache::test {
namespace {

using namespace std::string_view_literals;
using blobs::Blob;

Bytes bytes_from(std::string_view text) {
  Bytes bytes;
  for (const char c : text) {
    bytes.push_back(static_cast<std::byte>(c));
  }
  return bytes;
}

const Bytes every_kind = bytes_from("a\0\xff\xed\xb2\x80 caf\xc3\xa9 \xf0\x9f\x98\x80\xc3"sv);

Blob binary() {
  return {.name = "caf\xc3\xa9",
          .data = every_kind,
          .parts = {{0, 255}, {}, {'x'}},
          .extra = every_kind,
          .pair = {std::byte{0xfe}, std::byte{1}},
          .number_or_bytes = every_kind,
          .text_or_bytes = every_kind};
}

Blob readable() {
  return {.name = "n",
          .data = bytes_from("text"),
          .parts = {},
          .extra = std::nullopt,
          .pair = {std::byte{'a'}, std::byte{'b'}},
          .number_or_bytes = bytes_from("7"),
          .text_or_bytes = std::string{"text"}};
}

TEST(PlainBytes, InsideAStructComeBack) {
  for (const char* const serializer : {"plain", "pickle", "msgpack"}) {
    LocMemCache cache{{.serializer = serializer}};
    for (const Blob& blob : {binary(), readable()}) {
      cache.set("k", blob);
      const auto found = cache.get<Blob>("k");
      ASSERT_TRUE(found) << serializer;
      EXPECT_TRUE(*found == blob) << serializer;
      cache.set("list", std::vector<Blob>{blob, blob});
      EXPECT_TRUE(cache.get<std::vector<Blob>>("list") == (std::vector<Blob>{blob, blob})) << serializer;
    }
  }
}

TEST(PlainBytes, AreWrittenAsPythonsSurrogatesOrAsTheyAre) {
  const codec::ValueCodec codec{make_serializer("plain")};
  const auto stored = [&](const Value& value) {
    std::string scratch;
    return std::string{codec.encode("k", ValueView{value}, scratch)};
  };
  EXPECT_EQ(stored(Value::List{bytes_from("text")}), R"(["text"])");
  EXPECT_EQ(stored(Value::List{bytes_from("\xff\x80")}), R"(["\udcff\udc80"])");
  EXPECT_EQ(stored(Value::List{bytes_from("\xed\xa0\x80")}), R"(["\udced\udca0\udc80"])");
  EXPECT_EQ(stored(Value{bytes_from("\xff")}), "\xff") << "alone as they are";
  LocMemCache json{{.serializer = "json"}};
  EXPECT_TRUE(thrown_by<EncodeError>([&] { json.set("k", binary()); })) << "JSON has no bytes";
}

TEST(PlainBytes, OfEveryValueComeBack) {
  std::mt19937 random{3};  // NOLINT(cert-msc51-cpp): the same bytes each time
  constexpr std::string_view likely =
      "a\x7f\x80\xbf\xc0\xc3\xa9\xdc\xdf\xe0\xed\xa0\xb2\xef\xf0\x9f\xf4\x8f\xff\"\\";
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes;
    for (unsigned left = static_cast<unsigned>(random() % 12); left > 0; --left) {
      bytes.push_back(static_cast<std::byte>(likely[random() % likely.size()]));
    }
    const std::string text = codec::escape_bytes(bytes);
    EXPECT_EQ(codec::unescape_bytes(text), bytes);
    const std::string_view raw{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    EXPECT_EQ(codec::has_escaped_bytes(text), !base::is_utf8(raw));
  }
}

}  // namespace
}  // namespace rediscache::test
