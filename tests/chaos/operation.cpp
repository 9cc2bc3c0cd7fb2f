#include "chaos/operation.hpp"

#include <chrono>
#include <map>
#include <utility>

#include "support/structure_calls.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using Entries = std::map<std::string, int>;
using std::chrono::milliseconds;
using std::chrono::sys_seconds;
using std::chrono::sys_time;

const std::vector<std::string> both{"a", "b"};

sys_seconds tomorrow() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + 24h;
}

}  // namespace

bool is_once_only(std::string_view name) noexcept {
  return name == "set nx" || name == "add" || name == "incr" || name == "incr unchecked" || name == "decr" ||
         name == "incr_version" || name == "decr_version" || name == "spop" || name == "hincrby" ||
         name == "zincrby" || name == "rpush";
}

void prepare(RedisCache& cache) {
  cache.clear();
  cache.set_many(Entries{{"a", 1}, {"b", 2}, {"n", 3}});
  cache.set("text", "hello");
  prepare_structures(cache);
}

const std::vector<Operation>& every_operation() {
  using Cache = RedisCache;
  static const std::vector<Operation> operations{
      {"set", [](Cache& cache, Lock&) { return !cache.set("text", "other"); }},
      {"set nx", [](Cache& cache, Lock&) { return !cache.set("new", "x", {.nx = true}); }},
      {"set over", [](Cache& cache, Lock&) { return !cache.set("text", "x", 0s); }},
      {"set large", [](Cache& cache, Lock&) { return !cache.set("text", std::string(300'000, 'x')); }},
      {"add", [](Cache& cache, Lock&) { return !cache.add("new", 1); }},
      {"get", [](Cache& cache, Lock&) { return !cache.get<std::string>("text"); }},
      {"get fallback", [](Cache& cache, Lock&) { return cache.get("a", 77) == 77; }},
      {"get_many", [](Cache& cache, Lock&) { return cache.get_many<int>(both).empty(); }},
      {"get_or_set", [](Cache& cache, Lock&) { return cache.get_or_set("a", [] { return 55; }) == 55; }, 3},
      {"set_many", [](Cache& cache, Lock&) { return cache.set_many(Entries{{"a", 8}, {"b", 9}}) == both; }},
      {"set_many atomic",
       [](Cache& cache, Lock&) {
         return cache.set_many(Entries{{"a", 8}, {"b", 9}}, {.atomic = true}) == both;
       }},
      {"del", [](Cache& cache, Lock&) { return !cache.del("a"); }},
      {"delete_many", [](Cache& cache, Lock&) { return cache.delete_many(both) == 0; }},
      {"delete_pattern", [](Cache& cache, Lock&) { return cache.delete_pattern("*") == 0; }},
      {"clear",
       [](Cache& cache, Lock&) {
         const auto before = cache.statistics().omitted;
         cache.clear();
         return cache.statistics().omitted == before + 1;
       }},
      {"touch", [](Cache& cache, Lock&) { return !cache.touch("a"); }},
      {"touch never", [](Cache& cache, Lock&) { return !cache.touch("a", never); }},
      {"incr", [](Cache& cache, Lock&) { return cache.incr("n").omitted(); }},
      {"incr unchecked",
       [](Cache& cache, Lock&) { return cache.incr("n", 2, {.ignore_key_check = true}).omitted(); }},
      {"decr", [](Cache& cache, Lock&) { return cache.decr("n").omitted(); }},
      {"incr_version", [](Cache& cache, Lock&) { return cache.incr_version("a").omitted(); }},
      {"decr_version", [](Cache& cache, Lock&) { return cache.decr_version("a").omitted(); }},
      {"keys", [](Cache& cache, Lock&) { return cache.keys("*").empty(); }},
      {"iter_keys",
       [](Cache& cache, Lock&) {
         auto scan = cache.iter_keys("*");
         std::size_t seen = 0;
         for (const std::string& key : scan) {
           seen += key.empty() ? 0 : 1;
         }
         return seen == 0 && !scan.complete();
       }},
      {"has_key", [](Cache& cache, Lock&) { return !cache.has_key("a"); }},
      {"ttl", [](Cache& cache, Lock&) { return cache.ttl("a").omitted(); }},
      {"pttl", [](Cache& cache, Lock&) { return cache.pttl("a").omitted(); }},
      {"persist", [](Cache& cache, Lock&) { return !cache.persist("a"); }},
      {"expire", [](Cache& cache, Lock&) { return !cache.expire("a", 60s); }},
      {"pexpire", [](Cache& cache, Lock&) { return !cache.pexpire("a", 60'000ms); }},
      {"expire_at", [](Cache& cache, Lock&) { return !cache.expire_at("a", tomorrow()); }},
      {"pexpire_at",
       [](Cache& cache, Lock&) { return !cache.pexpire_at("a", sys_time<milliseconds>{tomorrow()}); }},
      {"pipeline",
       [](Cache& cache, Lock&) {
         auto pipeline = cache.pipeline();
         const auto stored = pipeline.set("a", 5);
         const auto read = pipeline.get<int>("a");
         const auto counted = pipeline.incr("n");
         const auto left = pipeline.pttl("a");
         return !pipeline.execute() && !stored.value() && !read.value() && counted.value().omitted() &&
                left.value().omitted();
       }},
      // All calls on structures take one way: some of each kind will do.
      {"sadd", [](Cache& cache, Lock&) { return cache.sadd("s", {7, 8}) == 0; }},
      {"spop", [](Cache& cache, Lock&) { return !cache.spop<int>("s"); }},
      {"smembers", [](Cache& cache, Lock&) { return cache.smembers<int>("s").empty(); }},
      {"sscan_iter",
       [](Cache& cache, Lock&) {
         auto scan = cache.sscan_iter<int>("s");
         return scan.begin() == scan.end() && !scan.complete();
       }},
      {"hget", [](Cache& cache, Lock&) { return !cache.hget<int>("h", "f"); }},
      {"hincrby", [](Cache& cache, Lock&) { return cache.hincrby("h", "f").omitted(); }},
      {"zincrby", [](Cache& cache, Lock&) { return cache.zincrby("z", 1, "a").omitted(); }},
      {"zrange", [](Cache& cache, Lock&) { return cache.zrange<std::string>("z", 0, -1).empty(); }},
      {"rpush", [](Cache& cache, Lock&) { return cache.rpush("l", {7, 8}) == 0; }},
      {"execute", [](Cache& cache, Lock&) { return !cache.execute("STRLEN", cache.make_key("text")); }},
      {"lock acquire",
       [](Cache& cache, Lock&) {
         auto lock = cache.lock("fresh", {.timeout = 10s, .blocking = false});
         return !lock.acquire();
       },
       2},
      {"lock wait",
       [](Cache& cache, Lock&) {
         auto lock = cache.lock("fresh", {.timeout = 10s, .sleep = 10ms, .blocking_timeout = 50ms});
         return !lock.acquire();
       },
       3},
      {"lock lock",
       [](Cache& cache, Lock&) {
         auto lock = cache.lock("fresh", {.timeout = 10s, .sleep = 10ms, .blocking_timeout = 50ms});
         lock.lock();
         return false;
       },
       3, true},
      {"lock extend", [](Cache&, Lock& held) { return !held.extend(1s); }},
      {"lock reacquire", [](Cache&, Lock& held) { return !held.reacquire(); }},
      {"lock owned", [](Cache&, Lock& held) { return !held.owned(); }},
      {"lock locked", [](Cache&, Lock& held) { return !held.locked(); }},
      {"lock release",
       [](Cache&, Lock& held) {
         held.release();
         return false;
       },
       1, true},
  };
  return operations;
}

}  // namespace rediscache::test
