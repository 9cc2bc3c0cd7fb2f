#include "local/shard.hpp"

#include <utility>

namespace rediscache::local {

Shard::Node* Shard::find(const SoughtKey& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    return nullptr;
  }
  if (clock_.reached(found->second.until)) {
    expire(*found);
    return nullptr;
  }
  return &*found;
}

const std::string* Shard::read(const SoughtKey& key) {
  Node* const node = find(key);
  if (node == nullptr) {
    ++misses_;
    return nullptr;
  }
  ++hits_;
  if (!node->second.is_marked) {
    node->second.is_marked = true;
  }
  return &node->second.value;
}

void Shard::put(const SoughtKey& key, Node* found, std::string_view value, Moment until) {
  if (found == nullptr) {
    // Entries that nobody asks for are found here. Two for each that comes, so that they become fewer.
    for (int i = 0; i < 2 && oldest_ != nullptr && clock_.reached(oldest_->second.until); ++i) {
      expire(*oldest_);
    }
    Entry entry{.value = std::string{value}, .until = until};
    found = &*entries_.emplace(KeptKey{std::string{key.text}, key.hash}, std::move(entry)).first;
    link(*found);
    account(1, bytes_of(*found));
    return;
  }
  set_value(*found, value);
  found->second.until = until;
  use(*found);
}

void Shard::use(Node& node) noexcept {
  if (newest_ != &node) {
    unlink(node);
    link(node);
  }
}

void Shard::set_value(Node& node, std::string_view value) {
  std::string& kept = node.second.value;
  const std::size_t before = bytes_of(node);
  if (value.size() <= kept.capacity() && kept.capacity() / 2 <= value.size()) {
    kept.assign(value);
  } else {
    std::string{value}.swap(kept);  // no more room than it needs, which assigning would keep
  }
  account(0, bytes_of(node) - before);
}

void Shard::erase(Node& node) noexcept {
  account(std::size_t{0} - 1, std::size_t{0} - bytes_of(node));
  unlink(node);
  entries_.erase(entries_.find(SoughtKey{node.first.text, node.first.hash}));
}

bool Shard::evict(bool keep_last) noexcept {
  while (oldest_ != newest_ && oldest_->second.is_marked) {
    Node& node = *oldest_;
    node.second.is_marked = false;
    unlink(node);
    link_second(node);
  }
  if (oldest_ == nullptr || (keep_last && oldest_ == newest_)) {
    return false;
  }
  ++evicted_;
  erase(*oldest_);
  return true;
}

void Shard::clear() noexcept {
  while (newest_ != nullptr) {
    erase(*newest_);
  }
}

void Shard::account(std::size_t entries, std::size_t bytes) noexcept {
  bytes_ += bytes;
  if (entries != 0) {
    usage_.entries.fetch_add(entries, std::memory_order_relaxed);
  }
  if (bytes != 0) {
    usage_.bytes.fetch_add(bytes, std::memory_order_relaxed);
  }
}

void Shard::link(Node& node) noexcept {
  node.second.newer = nullptr;
  node.second.older = newest_;
  (newest_ != nullptr ? newest_->second.newer : oldest_) = &node;
  newest_ = &node;
}

void Shard::link_second(Node& node) noexcept {
  node.second.newer = newest_;
  node.second.older = newest_->second.older;
  (node.second.older != nullptr ? node.second.older->second.newer : oldest_) = &node;
  newest_->second.older = &node;
}

void Shard::unlink(Node& node) noexcept {
  const Entry& entry = node.second;
  (entry.newer != nullptr ? entry.newer->second.older : newest_) = entry.older;
  (entry.older != nullptr ? entry.older->second.newer : oldest_) = entry.newer;
}

void Shard::expire(Node& node) noexcept {
  ++expired_;
  erase(node);
}

}  // namespace rediscache::local
