// What a server sends to a subscriber, fed whole and fed in pieces, reads as a plain reader reads it, in
// bounded memory; and so do the messages that a subscription makes of it.
//
// Input: a line with the sizes of the pieces, used in turn (a digit is that many bytes, anything else a power
// of two), then the stream. In the stream "~c" stands for 512 times as many x as the code of c says.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "proto/subscriptions.hpp"
#include "resp/push_reader.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define REDISCACHE_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REDISCACHE_ASAN
#endif
#endif
#ifdef REDISCACHE_ASAN
#include <sanitizer/allocator_interface.h>
#endif

namespace rediscache::fuzz {
namespace {

using proto::Subscriptions;
using proto::Topic;
using resp::Push;
using resp::PushReader;

/// More than is received at once, so that buffers grow and move.
constexpr std::size_t max_message_bytes = 160 * 1024;
constexpr std::size_t longest_stream = max_message_bytes + 32 * 1024;
/// A buffer that has grown, once more while it is moved, and room to receive into.
constexpr std::size_t most_memory = 1024 * 1024;

std::size_t allocated_bytes() {
#ifdef REDISCACHE_ASAN
  return __sanitizer_get_current_allocated_bytes();
#else
  return 0;
#endif
}

std::string expanded(std::string_view text) {
  constexpr std::size_t unit = 512;
  std::string out;
  for (std::size_t i = 0; i < text.size() && out.size() < longest_stream; ++i) {
    if (text[i] == '~' && i + 1 < text.size()) {
      const std::size_t wanted = unit * static_cast<unsigned char>(text[++i]);
      out.append(std::min(wanted, longest_stream - out.size()), 'x');
    } else {
      out += text[i];
    }
  }
  return out;
}

std::size_t piece_size(char c) {
  constexpr unsigned largest_power = 17;
  return c >= '0' && c <= '9' ? std::max<std::size_t>(static_cast<std::size_t>(c - '0'), 1)
                              : std::size_t{1} << static_cast<unsigned char>(c) % largest_power;
}

/// A push that keeps its texts; nil is none.
struct Kept {
  char type = '*';
  std::vector<std::optional<std::string>> texts;

  friend bool operator==(const Kept&, const Kept&) = default;
};

struct Outcome {
  std::vector<Kept> pushes;
  bool broken = false;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Reads all of a stream at once and takes a copy of everything: slow, and hard to get wrong.
class PlainReader {
 public:
  explicit PlainReader(std::string_view stream) : rest_{stream} {}

  Outcome read() {
    Outcome outcome;
    while (!rest_.empty()) {
      begin_ = rest_.size();
      Kept push;
      switch (read_one(push)) {
        case State::whole:
          outcome.pushes.push_back(std::move(push));
          break;
        case State::broken:
          outcome.broken = true;
          return outcome;
        case State::unfinished:
          return outcome;
      }
    }
    return outcome;
  }

 private:
  enum class State { whole, unfinished, broken };

  State read_one(Kept& push) {
    push.type = rest_.front();
    rest_.remove_prefix(1);
    std::string line;
    if (push.type == '+' || push.type == '-') {
      constexpr std::size_t longest = 64 * 1024;
      const State state = read_line(line, longest);
      push.texts.emplace_back(line);
      return state;
    }
    if (push.type != '*') {
      return State::broken;
    }
    if (const State state = read_line(line, longest_header); state != State::whole) {
      return state;
    }
    const auto count = size_of(line);
    if (!count || *count < 1 || *count > 4) {
      return State::broken;
    }
    for (std::size_t i = 0; i < *count; ++i) {
      if (const State state = read_element(push); state != State::whole) {
        return state;
      }
    }
    return State::whole;
  }

  State read_element(Kept& push) {
    if (rest_.empty()) {
      return State::unfinished;
    }
    const char type = rest_.front();
    rest_.remove_prefix(1);
    if (type != '$' && type != ':') {
      return State::broken;
    }
    std::string line;
    if (const State state = read_line(line, longest_header); state != State::whole) {
      return state;
    }
    if (type == ':') {
      push.texts.emplace_back(line);
      return size_of(line.starts_with('-') ? line.substr(1) : line, 100) ? State::whole : State::broken;
    }
    if (line == "-1") {
      push.texts.emplace_back(std::nullopt);
      return State::whole;
    }
    const auto length = size_of(line);
    if (!length || begin_ - rest_.size() + *length > max_message_bytes) {
      return State::broken;
    }
    if (rest_.size() < *length + 2) {
      return State::unfinished;
    }
    push.texts.emplace_back(rest_.substr(0, *length));
    const bool ends = rest_.substr(*length, 2) == "\r\n";
    rest_.remove_prefix(*length + 2);
    return ends ? State::whole : State::broken;
  }

  State read_line(std::string& line, std::size_t longest) {
    const std::size_t end = rest_.find('\r');
    if (std::min(end, rest_.size()) > longest) {
      return end != std::string_view::npos || rest_.size() >= longest + 2 ? State::broken : State::unfinished;
    }
    if (end == std::string_view::npos || end + 1 == rest_.size()) {
      return State::unfinished;
    }
    line = rest_.substr(0, end);
    const bool ends = rest_[end + 1] == '\n';
    rest_.remove_prefix(end + 2);
    return ends ? State::whole : State::broken;
  }

  static std::optional<std::size_t> size_of(const std::string& digits, std::size_t most_digits = 18) {
    if (digits.empty() || digits.size() > most_digits ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      return std::nullopt;
    }
    std::size_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }

  static constexpr std::size_t longest_header = 24;
  std::string_view rest_;
  std::size_t begin_ = 0;  // of the push, as what was left then
};

/// Gives a stream to `owner`, which has space() and received(), piece by piece; `take` after each.
template <class Owner, class Take>
void feed(Owner& owner, std::string_view stream, std::string_view sizes, Take&& take) {
  for (std::size_t i = 0; !stream.empty(); ++i) {
    const std::size_t wanted = sizes.empty() ? stream.size() : piece_size(sizes[i % sizes.size()]);
    std::string_view piece = stream.substr(0, wanted);
    stream.remove_prefix(piece.size());
    while (!piece.empty()) {
      const auto space = owner.space();
      promise(!space.empty(), "there is room for at least one byte");
      const std::size_t count = std::min(space.size(), piece.size());
      std::memcpy(space.data(), piece.data(), count);
      owner.received(count);
      piece.remove_prefix(count);
      if (!take()) {
        return;
      }
    }
  }
}

Kept kept(const Push& push) {
  if (push.kind != Push::Kind::array) {
    return {.type = push.kind == Push::Kind::status ? '+' : '-', .texts = {std::string{push.text}}};
  }
  Kept copy;
  promise(push.count >= 1 && push.count <= Push::most_elements, "an array has one to four elements");
  for (std::size_t i = 0; i < push.count; ++i) {
    const std::string_view text = push.elements.at(i);
    copy.texts.push_back(text.data() == nullptr ? std::nullopt : std::optional<std::string>{text});
  }
  return copy;
}

Outcome read_pushes(std::string_view stream, std::string_view sizes) {
  const std::size_t before = allocated_bytes();
  PushReader reader{max_message_bytes};
  Outcome outcome;
  std::size_t taken = 0;
  feed(reader, stream, sizes, [&] {
    Push push;
    auto progress = reader.next(push);
    for (; progress == PushReader::Progress::complete; progress = reader.next(push)) {
      outcome.pushes.push_back(kept(push));
      for (const auto& text : outcome.pushes.back().texts) {
        taken += 2 * (text ? text->capacity() : 0);
      }
      taken += 4 * (sizeof(Kept) + Push::most_elements * sizeof(std::optional<std::string>));
    }
    promise(allocated_bytes() < before + most_memory + taken, "reading takes bounded memory");
    outcome.broken = progress == PushReader::Progress::broken;
    promise(outcome.broken != reader.error().empty(), "what is broken says why, and nothing else does");
    promise(!outcome.broken || reader.next(push) == PushReader::Progress::broken, "it stays broken");
    return !outcome.broken;
  });
  return outcome;
}

/// What somebody who has subscribed to the channel "a", the pattern "b*" and the sharded channel "c" is told.
std::vector<std::string> events_of(std::string_view stream, std::string_view sizes) {
  using Kind = Subscriptions::Event::Kind;
  const Subscriptions::Time now{};
  Subscriptions machine{max_message_bytes, {}};
  machine.want({Topic::Kind::channel, "a"}, 0, now);
  machine.connected(now);  // the order of several would be the machine's own
  machine.want({Topic::Kind::pattern, "b*"}, 1, now);
  machine.want({Topic::Kind::shard_channel, "c"}, 2, now);
  struct {
    Subscriptions& machine;
    [[nodiscard]] auto space() const { return machine.space(); }
    void received(std::size_t count) const { machine.received(count, {}); }
  } owner{machine};
  std::vector<std::string> events;
  feed(owner, stream, sizes, [&] {
    while (true) {
      const auto event = machine.next();
      if (event.kind == Kind::nothing) {
        promise(machine.confirmed() <= machine.wanted(), "no more is confirmed than is wanted");
        return true;
      }
      events.push_back(std::to_string(static_cast<int>(event.kind)) + ' ' + std::to_string(event.id) + ' ' +
                       std::string{event.channel} + '=' + std::string{event.payload});
      if (event.kind == Kind::broken) {
        promise(machine.failure().connection_lost, "it is the connection that is lost");
        return false;
      }
    }
  });
  return events;
}

/// The messages for the same subscriber, in a stream that was read whole.
std::vector<std::string> messages_of(const Outcome& outcome) {
  std::vector<std::string> messages;
  for (const Kept& push : outcome.pushes) {
    const auto is = [&](std::size_t index, std::string_view text) { return push.texts.at(index) == text; };
    const std::size_t count = push.type == '*' ? push.texts.size() : 0;
    std::optional<int> id;
    if (count == 3) {
      id = is(0, "message") && is(1, "a")    ? std::optional{0}
           : is(0, "smessage") && is(1, "c") ? std::optional{2}
                                             : std::nullopt;
    } else if (count == 4 && is(0, "pmessage") && is(1, "b*")) {
      id = 1;
    }
    if (id) {
      const auto& channel = push.texts.at(count - 2);
      const auto& payload = push.texts.at(count - 1);
      if (!channel || !payload) {
        break;  // nobody publishes nothing
      }
      messages.push_back(std::to_string(static_cast<int>(Subscriptions::Event::Kind::message)) + ' ' +
                         std::to_string(*id) + ' ' + *channel + '=' + *payload);
    }
  }
  return messages;
}

void check(std::string_view input) {
  const auto [sizes, text] = first_line(input);
  const std::string stream = expanded(text);
  // Many small pieces of a long line, or of an array of short elements, are looked at again and again.
  constexpr std::size_t most_in_small_pieces = 4096;
  const std::string_view pieces = sizes.empty() ? "1" : sizes;
  const bool small = std::any_of(pieces.begin(), pieces.end(), [](char c) { return piece_size(c) < 64; });
  const std::string_view cut = small && stream.size() > most_in_small_pieces ? "n" : pieces;

  const Outcome expected = PlainReader{stream}.read();
  promise(read_pushes(stream, {}) == expected, "what is fed whole reads as it is");
  promise(read_pushes(stream, cut) == expected, "and so does what comes in pieces");

  const std::vector<std::string> whole = events_of(stream, {});
  promise(events_of(stream, cut) == whole, "what a subscriber is told is the same however it is cut");
  std::vector<std::string> messages;
  const std::string of_messages = std::to_string(static_cast<int>(Subscriptions::Event::Kind::message)) + ' ';
  std::copy_if(whole.begin(), whole.end(), std::back_inserter(messages),
               [&](const std::string& event) { return event.starts_with(of_messages); });
  const std::vector<std::string> sent = messages_of(expected);
  promise(messages.size() <= sent.size() && std::equal(messages.begin(), messages.end(), sent.begin()),
          "no message is made up, and none lost on the way");
  const bool broken =
      !whole.empty() &&
      whole.back().starts_with(std::to_string(static_cast<int>(Subscriptions::Event::Kind::broken)));
  promise(broken || messages.size() == sent.size(), "while all is well, all come");
}

}  // namespace
}  // namespace rediscache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rediscache::fuzz::check(rediscache::fuzz::text_of(data, size));
  return 0;
}
