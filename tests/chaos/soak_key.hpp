// What may be stored under a key that one thread alone writes, told by what its calls returned.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace rediscache::test {

class SoakKey {
 public:
  enum class Told : std::uint8_t { done, not_executed, maybe_executed };

  explicit SoakKey(std::string name) : name_{std::move(name)} {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::int64_t next_number() noexcept { return ++last_number_; }

  /// A write of that number, or of 0, which deletes. `wipes` as it was before the call.
  void wrote(std::int64_t number, Told told, std::uint64_t wipes) {
    switch (told) {
      case Told::done:
        known_ = number;
        wipes_ = wipes;
        break;
      case Told::not_executed:
        break;
      case Told::maybe_executed:
        // It may still be on its way, so it may also come after what is done later.
        maybe_.insert(number);
        break;
    }
  }

  /// Whether that may be there; 0: nothing. `wipes` as it is after the call.
  [[nodiscard]] bool may_be(std::int64_t number, std::uint64_t wipes) const {
    return number == known_ || maybe_.contains(number) || (number == 0 && wipes != wipes_);
  }
  /// Whether so much is uncertain that another key says more.
  [[nodiscard]] bool is_worn() const noexcept { return maybe_.size() > 3; }

 private:
  std::string name_;
  std::int64_t last_number_ = 0;
  std::int64_t known_ = 0;
  std::uint64_t wipes_ = 0;
  std::set<std::int64_t> maybe_;
};

}  // namespace rediscache::test
