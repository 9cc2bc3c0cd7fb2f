// What can be subscribed to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace rediscache::proto {

/// A channel, a pattern of channels (`news.*`), or a channel that lives on the shard of its name in a
/// cluster.
struct Topic {
  enum class Kind : std::uint8_t { channel, pattern, shard_channel };

  Kind kind = Kind::channel;
  std::string name{};

  friend bool operator==(const Topic&, const Topic&) = default;
};

/// The same without a copy of the name.
struct TopicView {
  TopicView(Topic::Kind its_kind, std::string_view its_name) noexcept : kind{its_kind}, name{its_name} {}
  TopicView(const Topic& topic) noexcept : kind{topic.kind}, name{topic.name} {}

  Topic::Kind kind;
  std::string_view name;

  friend bool operator==(const TopicView&, const TopicView&) = default;
};

struct TopicHash {
  using is_transparent = void;
  [[nodiscard]] std::size_t operator()(const TopicView& topic) const noexcept {
    return std::hash<std::string_view>{}(topic.name) + static_cast<std::size_t>(topic.kind);
  }
};
struct TopicEqual {
  using is_transparent = void;
  [[nodiscard]] bool operator()(const TopicView& left, const TopicView& right) const noexcept {
    return left == right;
  }
};

}  // namespace rediscache::proto
