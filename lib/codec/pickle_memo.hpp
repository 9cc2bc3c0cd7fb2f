// What a pickle has already, so that it can be referred to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rediscache::codec::pickle {

/// Keys and single characters, or bytes, that were written and may be referred to, and where they stand in
/// the pickle's memo. The texts are their owners'. Not thread-safe.
class Memo {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  /// Where it stands, if it is among the first `count` entries.
  [[nodiscard]] const std::uint32_t* find(std::string_view text, std::size_t count);
  void add(std::string_view text, std::uint32_t place);

 private:
  struct Entry {
    std::string_view text;
    std::uint32_t place;
  };
  /// Up to here looking through a list costs less than an index.
  static constexpr std::size_t few = 16;

  std::array<std::byte, few * sizeof(Entry)> room_;
  std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
  std::pmr::vector<Entry> entries_{&memory_};
  /// Of the first entries, once there are many.
  std::optional<std::unordered_map<std::string_view, std::uint32_t>> index_;
};

}  // namespace rediscache::codec::pickle
