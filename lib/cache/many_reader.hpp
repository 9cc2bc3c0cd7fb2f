// From the replies of get_many to the caller's values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <rediscache/command.hpp>
#include <rediscache/detail/stored.hpp>
#include <rediscache/reply.hpp>

#include "cache/stored_form.hpp"

namespace rediscache::cache {

/// Reads what is stored, be it all at once or as it comes from several servers.
class ManyReader final : public ElementSink {
 public:
  ManyReader(const StoredForm& form, std::span<const std::string_view> keys, detail::ManyTarget& targets)
      : form_{form}, keys_{keys}, targets_{targets} {}

  bool get_ready() override { return targets_.foresee(keys_); }
  void take(std::span<Reply> elements, std::span<const std::uint32_t> positions) override;
  /// Those of all keys.
  void take_all(std::span<Reply> elements);
  /// Nothing that came counts.
  void forget() { targets_.forget(); }

 private:
  void read(Reply& element, std::size_t position);

  const StoredForm& form_;
  std::span<const std::string_view> keys_;
  detail::ManyTarget& targets_;
};

}  // namespace rediscache::cache
