// Clients by name.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/options.hpp>

namespace rediscache::config {

/// What a name of `Options::client_class` stands for.
struct ClientClass {
  ClientFactory factory;
  std::function<void(const Options&)> check{};  ///< throws what would otherwise fail at the first call
  bool herd = false;                            ///< the herd policy goes with it
};

/// By a name of ours, one that was registered, or a dotted name of django-redis. InvalidOptions lists the
/// known names when there is none.
[[nodiscard]] ClientClass client_class(std::string_view name);

/// All that client_class() knows.
[[nodiscard]] std::vector<std::string> client_class_names();

}  // namespace rediscache::config
