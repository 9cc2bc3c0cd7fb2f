// Messages that were received together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/subscription.hpp>

namespace rediscache::cache {

/// Keeps payloads one after the other, so that a message costs the thread that receives no memory of its own,
/// which another thread would have to give back. Cleared and used again it needs none at all. Not
/// thread-safe.
class MessageBatch {
 public:
  struct Record {
    std::size_t length = 0;
    std::size_t room = 0;       // of the payload, and of the channel's name when a pattern matched it
    std::uint32_t at = 0;       // in bytes_, or which of large_
    std::uint32_t channel = 0;  // in names_
    std::uint32_t pattern = 0;
    bool is_large = false;
    bool gap_before = false;
  };

  void add(const ChannelName& channel, const ChannelName& pattern, std::string& payload);
  /// Adds all that another one has left; false when one of both is large enough to stand alone.
  bool absorb(const MessageBatch& more);
  void clear() noexcept;

  [[nodiscard]] bool empty() const noexcept { return first_ == records_.size(); }
  /// What is left, the first one first.
  [[nodiscard]] std::size_t size() const noexcept { return records_.size() - first_; }
  [[nodiscard]] Record& front() noexcept { return records_[first_]; }
  [[nodiscard]] Record& at(std::size_t index) noexcept { return records_[first_ + index]; }
  void drop_front() noexcept { ++first_; }
  /// Leaves only the first ones.
  void truncate(std::size_t size) noexcept { records_.resize(first_ + size); }
  /// The room that all of that takes.
  [[nodiscard]] std::size_t bytes() const noexcept;

  /// The first message, which is not left any more.
  [[nodiscard]] Message take_front();

 private:
  [[nodiscard]] std::uint32_t index_of(const ChannelName& name);

  std::vector<Record> records_;
  std::size_t first_ = 0;
  std::string bytes_;
  std::vector<std::string> large_;
  std::vector<ChannelName> names_;
};

}  // namespace rediscache::cache
