// The keys that the server sees.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <rediscache/command.hpp>
#include <rediscache/options.hpp>

namespace rediscache::cache {

/// A made key; short ones, nearly all, need no memory of their own. Stays where it was made.
class MadeKey {
 public:
  explicit MadeKey(std::string made) noexcept : heap_{std::move(made)}, size_{heap_.size()} {}
  MadeKey(std::string_view prefix, std::string_view version, std::string_view key);
  MadeKey(const MadeKey&) = delete;
  MadeKey& operator=(const MadeKey&) = delete;
  ~MadeKey() = default;

  [[nodiscard]] std::string_view view() const noexcept {
    return heap_.empty() ? std::string_view{inline_.data(), size_} : std::string_view{heap_};
  }

 private:
  std::array<char, 120> inline_;
  std::string heap_;
  std::size_t size_ = 0;
};

/// Makes keys and patterns. Thread-safe, as far as the functions given in the options are.
class KeyMaker {
 public:
  KeyMaker(std::string prefix, int version, KeyFunction function, ReverseKeyFunction reverse);

  [[nodiscard]] MadeKey make(std::string_view key, std::optional<int> version) const;
  /// Adds a made key to a command, without making it anywhere else first.
  void add_to(Commands& out, std::string_view key, std::optional<int> version) const;
  void add_to(Commands& out, std::span<const std::string_view> keys, std::optional<int> version) const;
  /// The caller's key: what follows the cache's own "prefix:version:", of whichever version, or that of
  /// another prefix when keys of that were asked for. Of a key that does not begin so what follows the second
  /// colon.
  [[nodiscard]] std::string reverse(std::string_view made_key,
                                    std::optional<std::string_view> prefix = {}) const;
  [[nodiscard]] int version() const noexcept { return version_; }
  /// A glob for the server: the caller's pattern as it is, everything before it taken literally.
  [[nodiscard]] std::string pattern(std::string_view pattern, std::optional<int> version,
                                    std::optional<std::string_view> prefix) const;

 private:
  std::string prefix_;
  int version_;
  std::string version_text_;
  std::string beginning_;  // of every key of the default version: "prefix:version:"
  KeyFunction function_;
  ReverseKeyFunction reverse_;
};

/// Where incr_version moves an entry; InvalidArgument for a version beyond what an int holds.
[[nodiscard]] int moved_version(int version, int delta);

/// `text` as a glob that matches nothing else.
[[nodiscard]] std::string glob_escape(std::string_view text);

}  // namespace rediscache::cache
