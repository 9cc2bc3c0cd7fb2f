// What the tests of conversions share.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include <rediscache/convert.hpp>
#include <rediscache/error.hpp>

#include "support/thrown.hpp"

namespace rediscache::test {

/// Why `value` is no T; empty when it is one.
template <class T>
[[nodiscard]] std::string conversion_error(const Value& value) {
  const auto error = thrown_by<ValueError>([&] { (void)value_to<T>(value); });
  return error ? error->what() : "";
}

/// That a T becomes `expected`, and is read from it. Not all types that are tested so can be printed.
template <class T>
void expect_round_trip(const T& value, const Value& expected) {
  EXPECT_EQ(value_from(value), expected);
  EXPECT_TRUE(value_to<T>(expected) == value);
}

}  // namespace rediscache::test
