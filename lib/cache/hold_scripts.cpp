#include "cache/hold_scripts.hpp"

namespace rediscache::cache {

std::string held_already(const Wording& wording) {
  return "this object holds the " + std::string{wording.noun} +
         " already; each holder needs an object of its own";
}

std::string key_beside(std::string_view name, std::string_view what) {
  // What is in the first braces decides on the slot; without them all of it.
  const auto open = name.find('{');
  const auto close = open == std::string_view::npos ? open : name.find('}', open);
  const bool has_tag = close != std::string_view::npos && close > open + 1;
  std::string key;
  key.reserve(name.size() + what.size() + 3);
  if (has_tag) {
    key.append(name);
  } else {
    key.append("{").append(name).append("}");
  }
  return key.append(":").append(what);
}

}  // namespace rediscache::cache
