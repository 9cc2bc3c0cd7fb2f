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
#include "cache/stored_form.hpp"

namespace rediscache::cache {

/// Keys as the caller gave them, made on the way out.
struct KeyList {
  const KeyMaker& maker;
  std::span<const std::string_view> keys;
  std::optional<int> version;

  void add_to(Commands& out) const { maker.add_to(out, keys, version); }
};

/// The stored bytes, or nil, for each key in order; unanswered where a server did not answer. None at all
/// when the sink has taken what there is. Omitted: nothing.
struct GetMany {
  using Result = std::optional<std::vector<Reply>>;
  static constexpr bool joins_parts = true;
  KeyList list;
  ElementSink& sink;

  void build(Commands& out) const {
    out.begin("MGET", CommandKind::read, list.keys.size());
    list.add_to(out);
    out.elements_to(sink);
  }
  [[nodiscard]] Result read(std::span<Reply> replies) const;
  static Result omitted() { return std::nullopt; }
};

/// One SET for each entry, sent together, in a transaction when `atomic`; a timeout of zero or less deletes
/// instead. The result is the keys that failed. When nothing was stored, that is the failure of the whole.
struct SetMany {
  using Result = std::vector<std::string>;
  static constexpr bool reads_errors = true;
  static constexpr bool joins_parts = true;
  KeyList list;
  std::span<const ValueView> values;
  const StoredForm& form;
  Timeout timeout;
  bool atomic = false;

  void build(Commands& out) const;
  [[nodiscard]] base::Result<Result> read(std::span<Reply> replies) const;
  [[nodiscard]] Result omitted() const { return {list.keys.begin(), list.keys.end()}; }

 private:
  [[nodiscard]] std::string_view command() const { return timeout.is_over() ? "DEL" : "SET"; }
};

/// How many of the keys were there.
struct DeleteMany {
  using Result = std::int64_t;
  static constexpr bool joins_parts = true;
  KeyList list;

  void build(Commands& out) const {
    out.begin("UNLINK", CommandKind::idempotent_write, list.keys.size());
    list.add_to(out);
    out.changes_at_most(list.keys.size());
  }
  static std::int64_t read(std::span<Reply> replies) { return replies[0].as_integer(); }
  static std::int64_t omitted() { return 0; }
};

/// Every key that matches, in one reply.
struct Keys {
  using Result = std::vector<std::string>;
  static constexpr bool joins_parts = true;
  std::string pattern;

  void build(Commands& out) const {
    out.begin("KEYS", CommandKind::read, 1).arg(pattern).answers_at_length();
  }
  static Result read(std::span<Reply> replies);
  static Result omitted() { return {}; }
};

/// One page of a walk through the keys that match. Omitted: nothing.
struct ScanPage {
  struct Page {
    std::string cursor;  ///< for the next page; "0" after the last
    std::vector<std::string> keys;
  };
  using Result = std::optional<Page>;
  static constexpr bool joins_parts = true;
  std::string_view cursor;
  std::string_view pattern;
  std::size_t itersize;

  void build(Commands& out) const;
  static Page parse(Reply& reply);
  static Result read(std::span<Reply> replies) { return parse(replies[0]); }
  static Result omitted() { return std::nullopt; }
};

/// Walks through the keys a page at a time; each page is unlinked in the same round trip that fetches the
/// next one. The result counts what was really removed, also when a later page
/// or a server failed.
class DeletePattern {
 public:
  using Result = std::int64_t;
  static constexpr bool deadline_per_step = true;
  static constexpr bool reads_errors = true;  // what was removed beside one still counts

  DeletePattern(std::string pattern, std::size_t itersize)
      : pattern_{std::move(pattern)}, itersize_{itersize} {}

  Step step(std::span<Reply> replies, Commands& next);
  /// Some servers do not answer; those that do are walked to their end.
  void lost(const Failure& failure) { failure_ = failure; }
  [[nodiscard]] base::Result<std::int64_t> result() const {
    return failure_ ? base::Result<std::int64_t>{*failure_} : base::Result<std::int64_t>{removed_};
  }
  [[nodiscard]] std::int64_t omitted() const noexcept { return removed_; }

 private:
  std::string pattern_;
  std::size_t itersize_;
  std::int64_t removed_ = 0;
  bool unlinking_ = false;  // the first reply to come is that of an UNLINK
  std::optional<Failure> failure_;
};

struct Clear {
  using Result = bool;
  static constexpr bool joins_parts = true;
  static constexpr bool is_slow = true;
  static void build(Commands& out) {
    // Sent again, it would remove what was written after the first.
    out.begin("FLUSHDB", CommandKind::never_again, 0).answers_at_length();
  }
  static bool read(std::span<Reply> replies) { return !replies[0].as_text().empty(); }
  static bool omitted() { return false; }
};

}  // namespace rediscache::cache
