// A walk through what the server has, a page at a time.
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include <rediscache/detail/moved_from.hpp>
#include <rediscache/detail/owned.hpp>

namespace rediscache {

namespace detail {

/// Where a walk gets what it walks through.
template <class T>
class Pages {
 public:
  Pages() = default;
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  virtual ~Pages() = default;
  /// Fills the next page, possibly with nothing; false when there is none any more.
  [[nodiscard]] virtual bool next(std::vector<T>& page) = 0;
  /// Whether the last page was the last because there is no more.
  [[nodiscard]] virtual bool complete() const noexcept = 0;
};

}  // namespace detail

/// Keys, members or fields, fetched while they are walked through, once:
///
///   auto scan = cache.sscan_iter<int>("ids");
///   for (int id : scan) ...
///   if (!scan.complete()) ...   // the server was lost on the way, and that is ignored
///
/// What is there from the beginning to the end is all seen, though some may be seen twice; what comes or goes
/// meanwhile may be. Keeps the cache's connections alive. Thread safety: none. Blocking: each page is a call
/// of the cache. Errors: those of the cache, while walking; InvalidArgument when it was moved from.
template <class T>
class Scan {
 public:
  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;
    explicit Iterator(Scan& scan) noexcept : scan_{&scan} {}
    [[nodiscard]] const T& operator*() const noexcept { return scan_->page_[scan_->at_]; }
    Iterator& operator++() {
      ++scan_->at_;
      scan_->fetch();
      return *this;
    }
    void operator++(int) { ++*this; }
    [[nodiscard]] bool operator==(std::default_sentinel_t) const noexcept { return scan_->done_; }

   private:
    Scan* scan_ = nullptr;
  };

  explicit Scan(std::unique_ptr<detail::Pages<T>> pages) noexcept : pages_{std::move(pages)} {}

  /// Continues the walk: there is only one.
  [[nodiscard]] Iterator begin() {
    fetch();
    return Iterator{*this};
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  /// Whether the walk has come to its end, and not only to where the server was lost.
  [[nodiscard]] bool complete() const noexcept { return done_ && pages_ && pages_->complete(); }

 private:
  void fetch() {
    while (!done_ && at_ >= page_.size()) {
      at_ = 0;
      page_.clear();
      done_ = !detail::owned_by(pages_, "Scan").next(page_);
    }
  }

  detail::Owned<detail::Pages<T>> pages_;
  std::vector<T> page_;
  std::size_t at_ = 0;
  bool done_ = false;
};

}  // namespace rediscache
