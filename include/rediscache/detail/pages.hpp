// The pages of a walk, between the compiled cache and the type that is asked for.
#pragma once

#include <utility>

#include <rediscache/detail/call.hpp>
#include <rediscache/detail/owned.hpp>
#include <rediscache/detail/replies.hpp>
#include <rediscache/export.hpp>
#include <rediscache/scan.hpp>

namespace rediscache::detail {

/// Where the replies come from.
class REDISCACHE_API ReplyPages {
 public:
  ReplyPages() = default;
  ReplyPages(const ReplyPages&) = delete;
  ReplyPages& operator=(const ReplyPages&) = delete;
  virtual ~ReplyPages();
  /// Reads the next page into `page`; false when there is none any more.
  [[nodiscard]] virtual bool next(ReadReply read, void* page) = 0;
  /// Whether the last page was the last because there is no more.
  [[nodiscard]] virtual bool complete() const noexcept = 0;
};

template <class Reads>
class ReadPages final : public Pages<typename Reads::Result::value_type> {
 public:
  explicit ReadPages(Owned<ReplyPages> pages) noexcept : pages_{std::move(pages)} {}
  [[nodiscard]] bool next(typename Reads::Result& page) override {
    return pages_->next(&read_into<ScannedPage<Reads>>, &page);
  }
  [[nodiscard]] bool complete() const noexcept override { return pages_->complete(); }

 private:
  Owned<ReplyPages> pages_;
};

}  // namespace rediscache::detail
