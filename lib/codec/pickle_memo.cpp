#include "codec/pickle_memo.hpp"

namespace rediscache::codec::pickle {

void Memo::add(std::string_view text, std::uint32_t place) {
  if (entries_.empty()) {
    entries_.reserve(few);  // what there is room for
  }
  entries_.push_back({text, place});
}

const std::uint32_t* Memo::find(std::string_view text, std::size_t count) {
  if (count <= few) {
    for (std::size_t i = 0; i < count; ++i) {
      if (entries_[i].text == text) {
        return &entries_[i].place;
      }
    }
    return nullptr;
  }
  if (!index_) {
    index_.emplace();
  }
  for (std::size_t i = index_->size(); i < entries_.size(); ++i) {
    index_->emplace(entries_[i].text, entries_[i].place);
  }
  const auto found = index_->find(text);
  return found == index_->end() ? nullptr : &found->second;
}

}  // namespace rediscache::codec::pickle
