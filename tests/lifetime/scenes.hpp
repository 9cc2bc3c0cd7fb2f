// What a program does with caches while a thread or the process ends.
#pragma once

#include <functional>
#include <string>

#include <rediscache/rediscache.hpp>

namespace rediscache::lifetime {

/// What the program was called with.
struct Given {
  std::string url{};
  std::string ca_file{};  ///< for TLS
};

/// Called by static objects, the oldest of the program, when they are destroyed: after everything that was
/// made later, in the library too.
void at_the_very_end(std::function<void()> work);

/// Prints "ok: WHAT" or "wrong: WHAT".
void tell(const std::string& what, bool is_good);

/// Options of a cache on the given server, with deadlines for slow machines.
[[nodiscard]] Options options_of(const Given& given);
/// Options of a cache whose server cannot be reached, which ignores that.
[[nodiscard]] Options options_to_nobody();

/// Calls of every kind; whether all of them did what they should.
[[nodiscard]] bool works(RedisCache& cache);

/// Runs a scene; false when there is none of that name.
[[nodiscard]] bool run(const std::string& scene, const Given& given);

}  // namespace rediscache::lifetime
