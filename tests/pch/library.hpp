// What most files of the library include, which clang compiles once for all of them. Each file still names
// what it uses, which builds with gcc check. To a compiler that precompiles it this is the main file, where
// gcc 12 warns of #pragma once.
#ifndef REDISCACHE_TESTS_PCH_LIBRARY_HPP
#define REDISCACHE_TESTS_PCH_LIBRARY_HPP

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <rediscache/rediscache.hpp>

#endif
