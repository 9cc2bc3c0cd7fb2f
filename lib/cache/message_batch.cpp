#include "cache/message_batch.hpp"

#include <algorithm>
#include <utility>

namespace rediscache::cache {
namespace {

/// A larger payload goes on as it is: copying it twice costs more than its memory.
constexpr std::size_t large_bytes = 4096;
/// A batch of fewer is put together with others.
constexpr std::size_t few = 64;
/// So many names are searched for one that is there already.
constexpr std::size_t searched_names = 4;
/// What was much larger once is not kept.
constexpr std::size_t kept_bytes = 256 * 1024;

}  // namespace

void MessageBatch::add(const ChannelName& channel, const ChannelName& pattern, std::string& payload) {
  Record record{.length = payload.size(),
                .room = payload.size() + (pattern.empty() ? 0 : channel.view().size()),
                .channel = index_of(channel),
                .pattern = index_of(pattern)};
  if (payload.size() >= large_bytes) {
    record.is_large = true;
    record.at = static_cast<std::uint32_t>(large_.size());
    large_.push_back(std::move(payload));
  } else {
    record.at = static_cast<std::uint32_t>(bytes_.size());
    bytes_ += payload;
  }
  records_.push_back(record);
}

std::uint32_t MessageBatch::index_of(const ChannelName& name) {
  const std::size_t searched = std::min(names_.size(), searched_names);
  const auto found = std::find_if(names_.rbegin(), names_.rbegin() + static_cast<std::ptrdiff_t>(searched),
                                  [&](const ChannelName& each) { return each.same(name); });
  if (found != names_.rbegin() + static_cast<std::ptrdiff_t>(searched)) {
    return static_cast<std::uint32_t>(names_.rend() - found - 1);
  }
  names_.push_back(name);
  return static_cast<std::uint32_t>(names_.size() - 1);
}

bool MessageBatch::absorb(const MessageBatch& more) {
  if (records_.size() >= few || more.size() >= few || !more.large_.empty()) {
    return false;
  }
  const std::size_t before = records_.size();
  try {
    for (std::size_t i = more.first_; i < more.records_.size(); ++i) {
      Record record = more.records_[i];
      record.channel = index_of(more.names_[record.channel]);
      record.pattern = index_of(more.names_[record.pattern]);
      const std::string_view payload = std::string_view{more.bytes_}.substr(record.at, record.length);
      record.at = static_cast<std::uint32_t>(bytes_.size());
      bytes_ += payload;
      records_.push_back(record);
    }
  } catch (...) {
    records_.resize(before);  // all or none
    throw;
  }
  return true;
}

void MessageBatch::clear() noexcept {
  records_.clear();
  first_ = 0;
  bytes_.clear();
  if (bytes_.capacity() > kept_bytes) {
    bytes_ = {};
  }
  large_.clear();
  names_.clear();
}

std::size_t MessageBatch::bytes() const noexcept {
  std::size_t sum = 0;
  for (std::size_t i = first_; i < records_.size(); ++i) {
    sum += records_[i].room;
  }
  return sum;
}

Message MessageBatch::take_front() {
  const Record& record = front();
  Message message{
      .kind = Message::Kind::message, .channel = names_[record.channel], .pattern = names_[record.pattern]};
  if (record.is_large) {
    message.payload = std::move(large_[record.at]);
  } else {
    message.payload.assign(bytes_, record.at, record.length);
  }
  drop_front();
  return message;
}

}  // namespace rediscache::cache
