// What a call gives, or the name of what it throws.
#pragma once

#include <algorithm>
#include <string>

#include <rediscache/error.hpp>

#include "model/operation.hpp"

namespace rediscache::test {

template <class Call>
[[nodiscard]] std::string outcome_of(const Operation& operation, Call&& call) {
  const auto named = [&](std::string name, const KeyError& error) {
    const bool asked_for = std::ranges::find(operation.keys, error.key()) != operation.keys.end();
    return asked_for ? name : name + " of another key";
  };
  try {
    return call();
  } catch (const KeyNotFound& error) {
    return named("KeyNotFound", error);
  } catch (const NotAnInteger& error) {
    return named("NotAnInteger", error);
  } catch (const DecodeError& error) {
    return named("DecodeError", error);
  } catch (const EncodeError& error) {
    return named("EncodeError", error);
  } catch (const InvalidArgument&) {
    return "InvalidArgument";
  } catch (const Error& error) {
    return std::string{"an error: "} + error.what();
  }
}

}  // namespace rediscache::test
