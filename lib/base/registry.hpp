// Factories by name, for what users may add of their own.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/error.hpp>

#include "base/fork_mutex.hpp"
#include "base/text.hpp"

namespace rediscache::base {

/// Thread-safe. Factories are called outside the lock, so that one may make another.
///
/// The registries of the process are made at their first use and never destroyed: a cache may be made in the
/// constructor of a static object, and in the destructor of one.
template <class Factory>
class Registry {
 public:
  /// `what` is what the things are called in errors.
  Registry(std::string_view what, std::vector<std::pair<std::string, Factory>> entries)
      : what_{what}, entries_{std::move(entries)} {}

  void add(std::string name, Factory factory) {
    const std::scoped_lock lock{mutex_};
    for (auto& [known, existing] : entries_) {
      if (known == name) {
        existing = std::move(factory);
        return;
      }
    }
    entries_.emplace_back(std::move(name), std::move(factory));
  }

  [[nodiscard]] Factory find(std::string_view name) const {
    const std::scoped_lock lock{mutex_};
    std::vector<std::string> known;
    for (const auto& [candidate, factory] : entries_) {
      if (candidate == name) {
        return factory;
      }
      known.push_back(candidate);
    }
    throw InvalidOptions{unknown_name(what_, name, known)};
  }

  /// In the order in which they were added.
  [[nodiscard]] std::vector<std::string> names() const {
    const std::scoped_lock lock{mutex_};
    std::vector<std::string> known;
    known.reserve(entries_.size());
    for (const auto& [name, factory] : entries_) {
      known.push_back(name);
    }
    return known;
  }

 private:
  std::string what_;
  mutable ForkMutex mutex_;
  std::vector<std::pair<std::string, Factory>> entries_;
};

}  // namespace rediscache::base
