// A walk through the keys of a cache.
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <rediscache/export.hpp>

namespace rediscache {

namespace detail {

/// Where a walk gets its keys, a page at a time.
class REDISCACHE_API KeyPages {
 public:
  virtual ~KeyPages();
  /// Fills the next page, possibly with nothing; false when there is none any more.
  [[nodiscard]] virtual bool next(std::vector<std::string>& page) = 0;
  /// Whether the last page was the last because there are no more keys.
  [[nodiscard]] virtual bool complete() const noexcept = 0;
};

}  // namespace detail

/// The keys that match a pattern, fetched while they are walked through, once:
///
///   auto scan = cache.iter_keys("user:*");
///   for (const std::string& key : scan) ...
///   if (!scan.complete()) ...   // the server was lost on the way, and that is ignored
///
/// Keys there from the beginning to the end are all seen, though one may be seen twice; others may be. Keeps
/// the cache's connections alive. Thread safety: none. Blocking: each page is a call of the cache. Errors:
/// those of the cache, while walking.
class KeyScan {
 public:
  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = std::string;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;
    explicit Iterator(KeyScan& scan) noexcept : scan_{&scan} {}
    [[nodiscard]] const std::string& operator*() const noexcept { return scan_->page_[scan_->at_]; }
    Iterator& operator++() {
      ++scan_->at_;
      scan_->fetch();
      return *this;
    }
    void operator++(int) { ++*this; }
    [[nodiscard]] bool operator==(std::default_sentinel_t) const noexcept { return scan_->done_; }

   private:
    KeyScan* scan_ = nullptr;
  };

  explicit KeyScan(std::unique_ptr<detail::KeyPages> pages) noexcept : pages_{std::move(pages)} {}

  /// Continues the walk: there is only one.
  [[nodiscard]] Iterator begin() {
    fetch();
    return Iterator{*this};
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  /// Whether the walk has come to its end, and not only to where the server was lost.
  [[nodiscard]] bool complete() const noexcept { return done_ && pages_->complete(); }

 private:
  void fetch() {
    while (!done_ && at_ >= page_.size()) {
      at_ = 0;
      page_.clear();
      done_ = !pages_->next(page_);
    }
  }

  std::unique_ptr<detail::KeyPages> pages_;
  std::vector<std::string> page_;
  std::size_t at_ = 0;
  bool done_ = false;
};

}  // namespace rediscache
