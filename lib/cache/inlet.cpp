#include "cache/inlet.hpp"

#include <utility>

namespace rediscache::cache {
namespace {

/// So many names of channels are remembered: patterns may match any number of them.
constexpr std::size_t most_names = 10'000;
/// And none that is longer.
constexpr std::size_t longest_name = 256;
/// So many messages are held back until there is no more.
constexpr std::size_t most_arrived = 256;

}  // namespace

void Inlet::message(const net::Topic& topic, std::string_view channel, std::string& payload) noexcept {
  try {
    const ChannelName pattern =
        topic.kind == net::Topic::Kind::pattern ? shared_name(topic.name) : ChannelName{};
    arrived_.add(shared_name(channel), pattern, payload);
    if (arrived_.size() >= most_arrived) {
      flush();
    }
  } catch (...) {
    gap();  // memory ran out: something is missing
  }
}

/// Most messages are of the channel that the last one was of.
const ChannelName& Inlet::shared_name(std::string_view name) {
  if (last_name_ != nullptr && *last_name_ == name) {
    return *last_name_;
  }
  if (name.size() > longest_name) {
    last_name_ = nullptr;
    long_name_ = ChannelName{std::make_shared<const std::string>(name)};
    last_name_ = &long_name_;
    return long_name_;
  }
  auto found = names_.find(name);
  if (found == names_.end()) {
    last_name_ = nullptr;
    if (names_.size() >= most_names) {
      names_.clear();
    }
    found = names_.try_emplace(std::string{name}, std::make_shared<const std::string>(name)).first;
  }
  last_name_ = &found->second;
  return *last_name_;
}

void Inlet::gap() noexcept {
  flush();
  try {
    queue_->put_gap();
  } catch (...) {  // NOLINT(bugprone-empty-catch): without memory there is nobody to tell
  }
}

void Inlet::refused(const net::Topic& /*topic*/, const Failure& failure) noexcept {
  try {
    queue_->refuse(failure);
  } catch (...) {  // NOLINT(bugprone-empty-catch): without memory there is nobody to tell
  }
}

void Inlet::flush() noexcept {
  try {
    if (!arrived_.empty()) {
      queue_->put(arrived_);
    }
  } catch (...) {  // memory ran out
    arrived_.clear();
    queue_->put_gap();
  }
}

}  // namespace rediscache::cache
