#include "machine.hpp"

#include <fstream>

#include <hiredis/hiredis.h>
#include <openssl/crypto.h>
#include <sched.h>
#include <sys/utsname.h>

#include <rediscache/version.hpp>

#include "affinity.hpp"

#ifndef REDISCACHE_BENCH_BUILD
#define REDISCACHE_BENCH_BUILD "unknown"
#endif

namespace bench {
namespace {

std::string cpu_model() {
  std::ifstream file{"/proc/cpuinfo"};
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) {
      const auto at = line.find(": ");
      return at == std::string::npos ? line : line.substr(at + 2);
    }
  }
  return "unknown";
}

std::string kernel() {
  utsname names{};
  return ::uname(&names) == 0 ? std::string{names.sysname} + " " + names.release : "unknown";
}

std::string load() {
  std::string minute;
  std::ifstream{"/proc/loadavg"} >> minute;
  return minute;
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

std::string hiredis_version() {
  return std::to_string(HIREDIS_MAJOR) + "." + std::to_string(HIREDIS_MINOR) + "." +
         std::to_string(HIREDIS_PATCH);
}

}  // namespace

Facts machine_facts(const std::string& redis_version) {
  const cpu_set_t cpus = usable_cpus();
  return {{"cpu", cpu_model()},
          {"cores", std::to_string(CPU_COUNT(&cpus))},
          {"kernel", kernel()},
          {"load", load()},
          {"redis", redis_version},
          {"hiredis", hiredis_version()},
          {"openssl", ::OpenSSL_version(OPENSSL_VERSION_STRING)},
          {"rediscache", std::string{rediscache::version()}},
          {"compiler", compiler()},
          {"build", REDISCACHE_BENCH_BUILD}};
}

}  // namespace bench
