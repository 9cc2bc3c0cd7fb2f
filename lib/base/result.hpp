// A value or the reason why there is none. Below the caches errors travel as results, not as exceptions.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include <rediscache/error.hpp>

namespace rediscache::base {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
  Result(Failure failure) : state_{std::in_place_index<1>, std::move(failure)} {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] T& value() { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const { return std::get<0>(state_); }
  [[nodiscard]] Failure& failure() { return std::get<1>(state_); }
  [[nodiscard]] const Failure& failure() const { return std::get<1>(state_); }

 private:
  std::variant<T, Failure> state_;
};

}  // namespace rediscache::base
