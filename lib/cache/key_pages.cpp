#include "cache/key_pages.hpp"

#include <utility>

#include "cache/operations/many.hpp"

namespace rediscache::cache {

bool ScannedPages::next(std::vector<std::string>& page) {
  if (state_ != State::walking) {
    return false;
  }
  auto scanned = core_->run(ScanPage{cursor_, pattern_, itersize_}, mode_, in_part_);
  if (!scanned) {
    state_ = State::omitted;
    return false;
  }
  cursor_ = std::move(scanned->cursor);
  if (cursor_ == "0") {
    state_ = in_part_ ? State::omitted : State::complete;
  }
  page.reserve(scanned->keys.size());
  for (const std::string& key : scanned->keys) {
    page.push_back(core_->keys().reverse(key, prefix_));
  }
  return true;
}

}  // namespace rediscache::cache
