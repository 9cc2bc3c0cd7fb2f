// Operations on many entries, or on all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/serializer.hpp>
#include <rediscache/timeout.hpp>

#include "base/result.hpp"
#include "cache/drive.hpp"
#include "cache/keys.hpp"
#include "codec/value_codec.hpp"

namespace rediscache::cache {

/// Keys as the caller gave them, made on the way out.
struct KeyList {
  const KeyMaker& maker;
  std::span<const std::string_view> keys;
  std::optional<int> version;

  void add_to(Commands& out) const {
    for (const std::string_view key : keys) {
      out.key(maker.make(key, version).view());
    }
  }
};

/// The stored bytes, or nil, for each key in order. Omitted: no replies at all.
struct GetMany {
  using Result = std::vector<Reply>;
  KeyList list;

  void build(Commands& out) const {
    out.begin("MGET", CommandKind::read, list.keys.size());
    list.add_to(out);
  }
  [[nodiscard]] Result read(std::span<Reply> replies) const;
  static Result omitted() { return {}; }
};

/// One SET for each entry, sent together; a timeout of zero or less deletes instead. The result is the keys
/// that failed. When nothing was stored, that is the failure of the whole.
struct SetMany {
  using Result = std::vector<std::string>;
  static constexpr bool reads_errors = true;
  KeyList list;
  std::span<const ValueView> values;
  const codec::ValueCodec& codec;
  Timeout timeout;

  void build(Commands& out) const;
  [[nodiscard]] base::Result<Result> read(std::span<Reply> replies) const;
  [[nodiscard]] Result omitted() const { return {list.keys.begin(), list.keys.end()}; }
};

/// How many of the keys were there.
struct DeleteMany {
  using Result = std::int64_t;
  KeyList list;

  void build(Commands& out) const {
    out.begin("UNLINK", CommandKind::idempotent_write, list.keys.size());
    list.add_to(out);
  }
  static std::int64_t read(std::span<Reply> replies) { return replies[0].as_integer(); }
  static std::int64_t omitted() { return 0; }
};

/// Walks through the keys a page at a time; each page is unlinked in the same round trip that fetches the
/// next one. The result counts what was really removed, also when a later page failed.
class DeletePattern {
 public:
  using Result = std::int64_t;
  static constexpr bool deadline_per_step = true;

  DeletePattern(std::string pattern, std::size_t itersize)
      : pattern_{std::move(pattern)}, itersize_{itersize} {}

  Step step(std::span<Reply> replies, Commands& next);
  [[nodiscard]] std::int64_t result() const noexcept { return removed_; }
  [[nodiscard]] std::int64_t omitted() const noexcept { return removed_; }

 private:
  void add_scan(Commands& out, std::string_view cursor) const;

  std::string pattern_;
  std::size_t itersize_;
  std::int64_t removed_ = 0;
};

struct Clear {
  using Result = bool;
  static void build(Commands& out) { out.begin("FLUSHDB", CommandKind::idempotent_write, 0); }
  static bool read(std::span<Reply>) { return true; }
  static bool omitted() { return false; }
};

}  // namespace rediscache::cache
