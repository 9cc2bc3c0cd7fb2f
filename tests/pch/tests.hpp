// What nearly every test includes, compiled once for all of them. A test still names what it uses.
// To a compiler that precompiles it this is the main file, where gcc 12 warns of #pragma once.
#ifndef REDISCACHE_TESTS_PCH_HPP
#define REDISCACHE_TESTS_PCH_HPP

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#endif
