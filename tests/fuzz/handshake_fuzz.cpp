// Whatever the server answers to signing in, the verdict is given, and shows no password.
//
// Input: user name, password, database and client name between spaces; then the replies.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "fuzz/fuzz_target.hpp"
#include "proto/handshake.hpp"
#include "resp/reply_reader.hpp"

namespace rediscache::fuzz {
namespace {

std::string_view word_of(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

/// As many replies as the bytes hold, at most `count`; those that did not come are empty.
std::vector<Reply> replies_from(std::string_view bytes, std::size_t count) {
  constexpr std::size_t max_reply_bytes = 1 << 20U;
  resp::ReplyReader reader{max_reply_bytes};
  std::vector<Reply> replies(count);
  std::size_t read = 0;
  while (read < count) {
    const auto progress = reader.next(replies[read]);
    if (progress == resp::ReplyReader::Progress::complete) {
      ++read;
    } else if (progress == resp::ReplyReader::Progress::broken || bytes.empty()) {
      break;
    } else {
      const std::size_t taken = bytes.copy(reader.space().data(), reader.space().size());
      reader.received(taken);
      bytes.remove_prefix(taken);
    }
  }
  return replies;
}

void check(std::string_view input) {
  auto [choices, bytes] = first_line(input);
  proto::HandshakeOptions options;
  options.username = word_of(choices);
  options.password = word_of(choices);
  const auto database = base::parse_unsigned(word_of(choices));
  options.database = static_cast<int>(std::min<std::uint64_t>(database.value_or(0), 1000));
  options.client_name = word_of(choices);

  const proto::Handshake handshake{options};
  const std::vector<Reply> replies = replies_from(bytes, handshake.commands().size());
  const bool any_error =
      std::any_of(replies.begin(), replies.end(), [](const Reply& reply) { return reply.is_error(); });
  const auto verdict = handshake.check(replies);
  promise(!verdict || any_error, "a failure is an error of the server's");
  if (!verdict) {
    return;
  }
  promise(verdict->code == ErrorCode::response || verdict->code == ErrorCode::authentication,
          "and the server's is its kind");
  promise(!verdict->command.empty(), "it names the command");
  // Whatever the server says may look like a password; what we say must be the same with any other.
  proto::HandshakeOptions other = options;
  other.password.assign(options.password.size(), '*');
  const auto same = proto::Handshake{other}.check(replies);
  promise(same && same->text() == verdict->text(), "it does not tell the password");
}

}  // namespace
}  // namespace rediscache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rediscache::fuzz::check(rediscache::fuzz::text_of(data, size));
  return 0;
}
