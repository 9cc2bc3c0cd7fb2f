// From a subscriber into a queue.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <rediscache/subscription.hpp>

#include "cache/message_batch.hpp"
#include "cache/message_queue.hpp"
#include "client/subscribers.hpp"

namespace rediscache::cache {

/// What one subscriber has received for one subscription: collected without a lock, for only its thread is
/// here, and handed over when there is no more.
class Inlet final : public net::Listener {
 public:
  explicit Inlet(std::shared_ptr<MessageQueue> queue) noexcept : queue_{std::move(queue)} {}

  void message(const net::Topic& topic, std::string_view channel, std::string& payload) noexcept override;
  void gap() noexcept override;
  void refused(const net::Topic& topic, const Failure& failure) noexcept override;
  void flush() noexcept override;
  [[nodiscard]] bool stalled() const noexcept override { return queue_->full(); }

 private:
  struct Hash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view name) const noexcept {
      return std::hash<std::string_view>{}(name);
    }
  };

  [[nodiscard]] const ChannelName& shared_name(std::string_view name);

  const std::shared_ptr<MessageQueue> queue_;
  MessageBatch arrived_;
  std::unordered_map<std::string, ChannelName, Hash, std::equal_to<>> names_;
  ChannelName long_name_;
  const ChannelName* last_name_ = nullptr;  // in names_, or the long one
};

}  // namespace rediscache::cache
