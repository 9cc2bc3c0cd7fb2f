#include "cache/call_pages.hpp"

#include <array>
#include <utility>

#include <rediscache/error.hpp>

#include "cache/operations/described.hpp"

namespace rediscache {

namespace cache {
namespace {

struct Page {
  detail::ReadReply read;
  void* elements;
  std::string cursor{};
};

void read_page(Reply& reply, const detail::Decoder& from, void* result) {
  auto& page = *static_cast<Page*>(result);
  page.read(reply, from, page.elements);  // finds out whether it is a page
  page.cursor = reply.as_array().front().take_text();
}

}  // namespace

bool CallPages::next(detail::ReadReply read, void* elements) {
  if (state_ != State::walking) {
    return false;
  }
  using detail::Argument;
  const std::array arguments{Argument{walk_.key_kind, std::string_view{key_}}, detail::word(cursor_),
                             match_ ? Argument{walk_.match_kind, std::string_view{*match_}} : Argument{},
                             detail::page_size(count_)};
  const detail::Call call{{walk_.command, CommandKind::read, detail::at_length}, arguments, version_};
  Page page{read, elements};
  if (!core_->run(Described{*core_, call, &read_page, &page}, mode_)) {
    state_ = State::omitted;
    return false;
  }
  cursor_ = std::move(page.cursor);
  if (cursor_ == "0") {
    state_ = State::complete;
  }
  return true;
}

}  // namespace cache

namespace detail {

ReplyPages::~ReplyPages() = default;

Reply& page_in(Reply& scanned) {
  std::vector<Reply>& parts = scanned.as_array();
  if (parts.size() != 2) {
    throw ValueError{"a page of a scan has a cursor and elements"};
  }
  return parts[1];
}

}  // namespace detail
}  // namespace rediscache
