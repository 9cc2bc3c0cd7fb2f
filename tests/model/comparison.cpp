#include "model/comparison.hpp"

#include "model/model.hpp"
#include "model/outcome.hpp"

namespace rediscache::test {
namespace {

/// The first entry that the two do not have alike.
std::optional<std::string> difference(const State& expected, const State& found) {
  for (const auto& [key, stored] : expected) {
    const auto there = found.find(key);
    if (there == found.end()) {
      return "the server lacks " + printable(key) + ": " + shown(stored);
    }
    if (stored.bytes != there->second.bytes || shown(stored) != shown(there->second)) {
      return "the server holds under " + printable(key) + ": " + shown(there->second) +
             "\n                     it should be: " + shown(stored);
    }
  }
  for (const auto& [key, stored] : found) {
    if (!expected.contains(key)) {
      return "the server should not hold " + printable(key) + ": " + shown(stored);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Difference> Comparison::play(std::span<const Operation> operations) {
  constexpr std::size_t short_sequence = 40;
  constexpr std::size_t steps_between_looks = 100;
  caches_.clear();
  Model model;
  for (std::size_t step = 0; step < operations.size(); ++step) {
    const std::string expected = model.apply(operations[step]);
    const std::string found = caches_.apply(operations[step]);
    if (sabotage_) {
      sabotage_(operations[step], caches_.raw());
    }
    if (found != expected) {
      return Difference{.step = step, .what = "it gave " + found + "\n          it should give " + expected};
    }
    const bool look = operations.size() <= short_sequence || (step + 1) % steps_between_looks == 0 ||
                      step + 1 == operations.size();
    if (look) {
      if (auto what = difference(model.state(), caches_.state())) {
        return Difference{.step = step, .what = std::move(*what)};
      }
    }
  }
  return std::nullopt;
}

}  // namespace rediscache::test
