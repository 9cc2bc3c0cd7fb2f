#include "proto/error_reply.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace rediscache::proto {
namespace {

bool begins_with_one_of(std::string_view text, std::span<const std::string_view> words) noexcept {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.starts_with(word) && (text.size() == word.size() || text[word.size()] == ' ');
  });
}

}  // namespace

Failure failure_of_reply(std::string_view text) {
  // The two sentences are what servers before ACLs said to a wrong or needless password.
  constexpr std::array<std::string_view, 6> about_rights{
      "NOAUTH",
      "WRONGPASS",
      "NOPERM",
      "ERR invalid password",
      "ERR Client sent AUTH, but no password is set",
      "ERR AUTH <password> called without any password configured for the default user."};
  const bool authentication = begins_with_one_of(text, about_rights);
  // A server that does not know a command repeats its arguments: keys, values, even passwords.
  text = text.substr(0, text.find(", with args beginning with"));
  return {.code = authentication ? ErrorCode::authentication : ErrorCode::response,
          .message = std::string{text},
          .server = {},
          .command = {}};
}

bool says_not_now(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 5> words{"LOADING", "TRYAGAIN", "CLUSTERDOWN", "READONLY",
                                                  "MASTERDOWN"};
  return begins_with_one_of(text, words);
}

}  // namespace rediscache::proto
