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

bool is_code(std::string_view word) noexcept {
  return !word.empty() &&
         std::all_of(word.begin(), word.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

/// The error of a command inside a script, as servers before 7.0 wrap it: "ERR Error running script (call to
/// f_...): @user_script:1: @user_script: 1: -READONLY You can't write ...". Empty where there is none.
std::string_view error_in_script(std::string_view text) noexcept {
  constexpr std::string_view source = "@user_script: ";
  const bool is_wrapped = text.starts_with("ERR Error running script") || text.starts_with(source);
  const std::size_t at = is_wrapped ? text.find(source) : std::string_view::npos;
  if (at == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(at + source.size());
  const std::size_t line_end = text.find_first_not_of("0123456789");
  if (line_end == 0 || line_end == std::string_view::npos || !text.substr(line_end).starts_with(": -")) {
    return {};
  }
  text.remove_prefix(line_end + 3);
  const std::size_t end = text.find_last_not_of(" \r\n");
  return is_code(text.substr(0, text.find(' '))) ? text.substr(0, end + 1) : std::string_view{};
}

}  // namespace

std::string_view innermost_error(std::string_view text) noexcept {
  constexpr std::string_view aborted = "EXECABORT Transaction discarded because of: ";
  if (text.starts_with(aborted)) {
    text.remove_prefix(aborted.size());
  }
  const std::string_view inner = error_in_script(text);
  return inner.empty() ? text : inner;
}

Failure failure_of_reply(std::string_view text) {
  // The two sentences are what servers before ACLs said to a wrong or needless password.
  constexpr std::array<std::string_view, 6> about_rights{
      "NOAUTH",
      "WRONGPASS",
      "NOPERM",
      "ERR invalid password",
      "ERR Client sent AUTH, but no password is set",
      "ERR AUTH <password> called without any password configured for the default user."};
  text = innermost_error(text);
  const bool authentication = begins_with_one_of(text, about_rights);
  // A server that does not know a command repeats its arguments: keys, values, even passwords.
  text = text.substr(0, text.find(", with args beginning with"));
  return {.code = authentication ? ErrorCode::authentication : ErrorCode::response,
          .message = std::string{text},
          .server = {},
          .command = {},
          .caused_by_call = says_protocol_error(text)};
}

bool says_not_now(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 3> words{"LOADING", "TRYAGAIN", "CLUSTERDOWN"};
  return begins_with_one_of(innermost_error(text), words) || says_wrong_server(text);
}

bool says_wrong_server(std::string_view text) noexcept {
  // The sentence is what servers before 6.2 answer to EXEC.
  constexpr std::array<std::string_view, 3> words{
      "READONLY", "MASTERDOWN", "ERR Transaction contains write commands but instance is now a read-only"};
  return begins_with_one_of(innermost_error(text), words);
}

bool says_protocol_error(std::string_view text) noexcept {
  return text.starts_with("ERR Protocol error");
}

}  // namespace rediscache::proto
