// Looking closer at an exception than EXPECT_THROW does.
#pragma once

#include <exception>
#include <optional>

#include <gtest/gtest.h>

namespace rediscache::test {

/// The `E` that `call` throws; fails the test and gives nothing when it throws something else or nothing.
template <class E, class Call>
[[nodiscard]] std::optional<E> thrown_by(Call&& call) {
  try {
    call();
  } catch (const E& error) {
    return error;
  } catch (const std::exception& error) {
    ADD_FAILURE() << "threw another error: " << error.what();
    return std::nullopt;
  }
  ADD_FAILURE() << "threw nothing";
  return std::nullopt;
}

}  // namespace rediscache::test
