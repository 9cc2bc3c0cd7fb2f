// SHA-256 against the examples of FIPS 180-4 and its own two ways of computing it.
#include "base/sha256.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace rediscache::test {
namespace {

std::string hex(const base::Sha256& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += digits[byte >> 4U];
    text += digits[byte & 0xfU];
  }
  return text;
}

TEST(Sha256Test, OfTheStandardsExamples) {
  EXPECT_EQ(hex(base::sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(base::sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(base::sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(base::sha256(
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmn"
                "opqrsmnopqrstnopqrstu")),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(hex(base::sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, IsTheSameByHandForEveryLengthAroundABlock) {
  std::string text;
  for (int length = 0; length < 300; ++length) {
    EXPECT_EQ(hex(base::sha256(text)), hex(base::sha256_by_hand(text))) << length;
    text += static_cast<char>(length * 7);
  }
}

std::uint64_t head_by_hand(std::string_view text) {
  std::uint64_t head = 0;
  const base::Sha256 digest = base::sha256_by_hand(text);
  for (std::size_t i = 0; i < sizeof head; ++i) {
    head = head << 8U | digest[i];
  }
  return head;
}

TEST(Sha256Test, BeginsWithItsHeadOfOneAndOfTwo) {
  std::string text;
  for (int length = 0; length < 80; ++length) {
    const std::string other = "other " + text.substr(text.size() / 2);
    EXPECT_EQ(base::sha256_head(text), head_by_hand(text)) << length;
    const auto both = base::sha256_heads(text, other);
    EXPECT_EQ(both[0], head_by_hand(text)) << length;
    EXPECT_EQ(both[1], head_by_hand(other)) << length;
    text += static_cast<char>(length * 7);
  }
}

}  // namespace
}  // namespace rediscache::test
