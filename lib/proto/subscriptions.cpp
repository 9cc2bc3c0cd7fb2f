#include "proto/subscriptions.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/times.hpp"
#include "proto/error_reply.hpp"

namespace rediscache::proto {
namespace {

struct Names {
  std::string_view subscribe;  // the command
  std::string_view unsubscribe;
  std::string_view subscribed;  // the answer
  std::string_view unsubscribed;
};

const Names& names_of(Topic::Kind kind) noexcept {
  static constexpr std::array<Names, 3> names{{{"SUBSCRIBE", "UNSUBSCRIBE", "subscribe", "unsubscribe"},
                                               {"PSUBSCRIBE", "PUNSUBSCRIBE", "psubscribe", "punsubscribe"},
                                               {"SSUBSCRIBE", "SUNSUBSCRIBE", "ssubscribe", "sunsubscribe"}}};
  return names.at(static_cast<std::size_t>(kind));
}

void append_text(std::string& out, std::string_view text) {
  out += '$';
  out += std::to_string(text.size());
  out += "\r\n";
  out += text;
  out += "\r\n";
}

}  // namespace

void Subscriptions::want(const Topic& topic, Id id, Time now) {
  const auto [at, is_new] = entries_.try_emplace(topic);
  Entry& entry = at->second;
  try {
    if (missing_.capacity() < entries_.size()) {
      missing_.reserve(2 * entries_.size());  // lost() must not need memory
    }
    if (is_connected_ && !entry.told) {
      tell(*at, true, now);
    }
  } catch (...) {
    if (is_new) {
      entries_.erase(at);
    }
    throw;
  }
  entry.id = id;
  if (!entry.wanted) {
    entry.wanted = true;
    ++wanted_;
    settle(*at);
  }
}

void Subscriptions::unwant(TopicView topic, Time now) {
  const auto found = entries_.find(topic);
  if (found == entries_.end() || !found->second.wanted) {
    return;
  }
  Entry& entry = found->second;
  entry.wanted = false;
  --wanted_;
  entry.refusal.reset();
  settle(*found);
  if (std::exchange(entry.restoring, false) && --restoring_ == 0) {
    restored_ = true;
  }
  if (is_connected_ && entry.told) {
    tell(*found, false, now);
  } else if (entry.unanswered == 0) {
    last_ = nullptr;
    entries_.erase(found);
  }
}

std::optional<Subscriptions::Id> Subscriptions::find(TopicView topic) const {
  const auto found = entries_.find(topic);
  return found != entries_.end() && found->second.wanted ? std::optional{found->second.id} : std::nullopt;
}

bool Subscriptions::confirmed(TopicView topic) const {
  const auto found = entries_.find(topic);
  return found != entries_.end() && found->second.counted;
}

const Failure* Subscriptions::refusal(TopicView topic) const {
  const auto found = entries_.find(topic);
  return found != entries_.end() && found->second.refusal ? &*found->second.refusal : nullptr;
}

/// Keeps confirmed_ right.
void Subscriptions::settle(Item& item) {
  Entry& entry = item.second;
  const bool now = entry.wanted && entry.told && entry.unanswered == 0 && is_connected_;
  if (now != entry.counted) {
    entry.counted = now;
    confirmed_ += now ? std::size_t{1} : ~std::size_t{0};
  }
}

void Subscriptions::tell(Item& item, bool subscribe, Time now) {
  const Names& names = names_of(item.first.kind);
  const std::string_view command = subscribe ? names.subscribe : names.unsubscribe;
  await({.item = &item, .subscribing = subscribe}, now);
  const std::size_t before = output_.size();
  try {
    output_ += "*2\r\n";
    append_text(output_, command);
    append_text(output_, item.first.name);
  } catch (...) {
    output_.resize(before);
    awaited_.pop_back();
    throw;
  }
  item.second.told = subscribe;
  ++item.second.unanswered;
  settle(item);
}

void Subscriptions::await(Awaited awaited, Time now) {
  if (awaited_.empty()) {
    asked_ = now;
  }
  awaited_.push_back(awaited);
}

void Subscriptions::connected(Time now) {
  is_connected_ = true;
  proven_ = false;
  heard_ = now;
  for (Item& item : entries_) {
    tell(item, true, now);
  }
}

const std::vector<Subscriptions::Id>& Subscriptions::lost(Time now, double random) noexcept {
  missing_.clear();
  is_connected_ = false;
  restored_ = false;
  last_ = nullptr;
  for (auto at = entries_.begin(); at != entries_.end();) {
    Entry& entry = at->second;
    if (!entry.wanted) {
      at = entries_.erase(at);
      continue;
    }
    if ((entry.counted || std::exchange(entry.lapsed, false)) && !entry.restoring) {
      entry.restoring = true;
      ++restoring_;
    }
    if (entry.restoring) {
      missing_.push_back(entry.id);
    }
    entry.told = entry.counted = false;
    entry.unanswered = 0;
    entry.refusal.reset();
    ++at;
  }
  confirmed_ = 0;
  awaited_.clear();
  output_.clear();
  written_ = 0;
  reader_.reset();
  if (std::exchange(proven_, false)) {
    failures_ = 0;
  }
  const auto pause =
      base::doubled(pace_.first_pause, static_cast<int>(std::min(failures_, 16U)), pace_.longest_pause);
  ++failures_;
  connect_at_ = base::saturating_add(now, pause * (0.5 + random / 2));
  return missing_;
}

void Subscriptions::wrote(std::size_t bytes) noexcept {
  written_ += bytes;
  if (written_ == output_.size()) {
    output_.clear();
    written_ = 0;
  }
}

void Subscriptions::received(std::size_t bytes, Time now) noexcept {
  reader_.received(bytes);
  heard_ = now;
}

Subscriptions::Event Subscriptions::next() {
  while (true) {
    if (std::exchange(restored_, false)) {
      return {.kind = Event::Kind::restored};
    }
    resp::Push push;
    switch (reader_.next(push)) {
      case resp::PushReader::Progress::incomplete:
        return {};
      case resp::PushReader::Progress::broken:
        return broken(std::string{reader_.error()});
      case resp::PushReader::Progress::complete:
        break;
    }
    if (auto event = read(push)) {
      return *event;
    }
  }
}

std::optional<Subscriptions::Event> Subscriptions::read(const resp::Push& push) {
  if (push.kind == resp::Push::Kind::error) {
    return read_error(push.text);
  }
  if (push.kind == resp::Push::Kind::array) {
    const auto& [what, topic, channel, payload] = push.elements;
    if (push.count == 3 && what == "message") {
      return read_message(Topic::Kind::channel, topic, topic, channel);
    }
    if (push.count == 4 && what == "pmessage") {
      return read_message(Topic::Kind::pattern, topic, channel, payload);
    }
    if (push.count == 3 && what == "smessage") {
      return read_message(Topic::Kind::shard_channel, topic, topic, channel);
    }
  }
  return read_answer(push);
}

std::optional<Subscriptions::Event> Subscriptions::read_message(Topic::Kind kind, std::string_view topic,
                                                                std::string_view channel,
                                                                std::string_view payload) {
  if (topic.data() == nullptr || channel.data() == nullptr || payload.data() == nullptr) {
    return broken("the server sent a message of nothing");
  }
  const TopicView view{kind, topic};
  if (last_ == nullptr || TopicView{last_->first} != view) {
    const auto found = entries_.find(view);
    if (found == entries_.end()) {
      return std::nullopt;
    }
    last_ = &*found;
  }
  if (!last_->second.wanted) {
    return std::nullopt;  // it was on its way when the server was told to stop
  }
  return Event{.kind = Event::Kind::message, .id = last_->second.id, .channel = channel, .payload = payload};
}

/// Of SUBSCRIBE and its like, and of PING. They come in the order of the commands.
std::optional<Subscriptions::Event> Subscriptions::read_answer(const resp::Push& push) {
  if (awaited_.empty()) {
    return broken("the server sent what nobody had asked for");
  }
  const Awaited awaited = awaited_.front();
  if (awaited.item == nullptr) {
    const bool is_pong = push.kind == resp::Push::Kind::status
                             ? push.text == "PONG"
                             : push.count == 2 && push.elements[0] == "pong";
    if (!is_pong) {
      return broken("the server answered something else than PING");
    }
    awaited_.pop_front();
    proven_ = true;
    return std::nullopt;
  }
  const Names& names = names_of(awaited.item->first.kind);
  const std::string_view expected = awaited.subscribing ? names.subscribed : names.unsubscribed;
  if (push.kind != resp::Push::Kind::array || push.count != 3 || push.elements[0] != expected ||
      push.elements[1] != awaited.item->first.name) {
    return broken("the server ended a subscription, or confirmed another one than it was asked for");
  }
  awaited_.pop_front();
  proven_ = true;
  return answered(*awaited.item, awaited.subscribing);
}

std::optional<Subscriptions::Event> Subscriptions::answered(Item& item, bool subscribing) {
  Entry& entry = item.second;
  --entry.unanswered;
  if (!entry.wanted) {
    if (entry.unanswered == 0 && !entry.told) {
      last_ = nullptr;
      entries_.erase(item.first);
    }
    return std::nullopt;
  }
  settle(item);
  if (!subscribing || !entry.counted) {
    return std::nullopt;
  }
  if (std::exchange(entry.restoring, false) && --restoring_ == 0) {
    restored_ = true;
  }
  return Event{.kind = Event::Kind::confirmed, .id = entry.id};
}

std::optional<Subscriptions::Event> Subscriptions::read_error(std::string_view text) {
  if (!awaited_.empty() && awaited_.front().item == nullptr && !says_not_now(text)) {
    // Whoever may not PING, as some who may only subscribe, is answered all the same.
    awaited_.pop_front();
    proven_ = true;
    return std::nullopt;
  }
  Failure failure = failure_of_reply(text);
  const bool refuses = !awaited_.empty() && awaited_.front().item != nullptr &&
                       awaited_.front().subscribing && !says_not_now(text);
  if (!refuses) {
    failure_ = std::move(failure);
    failure_.connection_lost = true;
    return Event{.kind = Event::Kind::broken};
  }
  Item& item = *awaited_.front().item;
  awaited_.pop_front();
  proven_ = true;
  Entry& entry = item.second;
  failure.command = names_of(item.first.kind).subscribe;
  if (item.first.kind == Topic::Kind::shard_channel && failure.prefix() == "ERR") {
    failure.message += ". Sharded channels need a server of Redis 7 or newer; others have channels";
  }
  // A later command may be on its way: then its answer decides.
  entry.told = --entry.unanswered > 0 && entry.told;
  if (!entry.wanted || entry.told) {
    if (!entry.wanted && entry.unanswered == 0) {
      last_ = nullptr;
      entries_.erase(item.first);
    }
    return std::nullopt;
  }
  entry.refusal = failure;
  if (std::exchange(entry.restoring, false)) {
    entry.lapsed = true;
    restored_ = --restoring_ == 0;
  }
  failure_ = std::move(failure);
  return Event{.kind = Event::Kind::refused, .id = entry.id};
}

Subscriptions::Event Subscriptions::broken(std::string message) {
  failure_ = {.code = ErrorCode::connection,
              .message = std::move(message),
              .server = {},
              .command = {},
              .connection_lost = true};
  return {.kind = Event::Kind::broken};
}

Subscriptions::Time Subscriptions::due() const noexcept {
  if (!is_connected_) {
    return connect_at_;
  }
  return awaited_.empty() ? heard_ + pace_.quiet_time : std::max(heard_, asked_) + pace_.answer_time;
}

bool Subscriptions::tick(Time now) {
  if (!is_connected_ || now < due()) {
    return false;
  }
  if (!awaited_.empty()) {
    return true;
  }
  await({}, now);
  output_ += "*1\r\n$4\r\nPING\r\n";
  return false;
}

}  // namespace rediscache::proto
