// What the numbers were measured on: without it they mean little.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace bench {

using Facts = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] Facts machine_facts(const std::string& redis_version);

}  // namespace bench
