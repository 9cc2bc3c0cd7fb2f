#include "model/calls.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "model/outcome.hpp"

namespace rediscache::test {
namespace {

using std::chrono::milliseconds;

std::string set(Cache& cache, const Operation& operation) {
  const SetOptions options{
      .timeout = operation.timeout, .version = operation.version, .nx = operation.nx, .xx = operation.xx};
  return std::visit([&](const auto& value) { return shown(cache.set(operation.key(), value, options)); },
                    operation.values.front());
}

std::string add(Cache& cache, const Operation& operation) {
  const WriteOptions options{.timeout = operation.timeout, .version = operation.version};
  return std::visit([&](const auto& value) { return shown(cache.add(operation.key(), value, options)); },
                    operation.values.front());
}

std::string get_many(Cache& cache, const Operation& operation) {
  const auto values = cache.get_many<std::string>(operation.keys, {.version = operation.version});
  std::vector<std::string> found;
  for (const auto& [key, value] : values) {
    found.push_back(key);
    found.push_back(value);
  }
  std::vector<std::string> unreadable;
  for (const DecodeError& error : values.errors()) {
    unreadable.push_back(error.key());
  }
  return shown(found, unreadable);
}

std::string get_or_set(Cache& cache, const Operation& operation) {
  const WriteOptions options{.timeout = operation.timeout, .version = operation.version};
  return std::visit(
      [&](const auto& value) {
        return shown(operation.flag ? cache.get_or_set(
                                          operation.key(), [&] { return value; }, options)
                                    : cache.get_or_set(operation.key(), value, options));
      },
      operation.values.front());
}

std::string set_many(Cache& cache, const Operation& operation) {
  std::vector<std::pair<std::string, Value>> entries;
  for (std::size_t i = 0; i < operation.keys.size(); ++i) {
    entries.emplace_back(operation.keys[i],
                         std::visit([](const auto& value) { return Value{value}; }, operation.values[i]));
  }
  return shown(cache.set_many(
      entries, {.timeout = operation.timeout, .version = operation.version, .atomic = operation.flag}));
}

std::string expire_at(Cache& cache, const Operation& operation, std::chrono::system_clock::time_point now) {
  const KeyOptions where{.version = operation.version};
  const auto time = now + std::chrono::seconds{operation.number};
  return shown(operation.flag
                   ? cache.expire_at(operation.key(), std::chrono::floor<std::chrono::seconds>(time), where)
                   : cache.pexpire_at(operation.key(), std::chrono::floor<milliseconds>(time), where));
}

std::string shown_keys(std::vector<std::string> keys) {
  std::ranges::sort(keys);
  return shown(keys);
}

std::string walk(Cache& cache, const Operation& operation, const PatternOptions& where) {
  std::vector<std::string> keys;
  KeyScan scan = cache.iter_keys(operation.key(), where);
  for (const std::string& key : scan) {
    if (std::ranges::find(keys, key) == keys.end()) {  // one may be seen twice
      keys.push_back(key);
    }
  }
  return scan.complete() ? shown_keys(std::move(keys)) : "a walk that did not come to its end";
}

}  // namespace

std::string call_of(Cache& cache, const Operation& operation, std::chrono::system_clock::time_point now) {
  const KeyOptions where{.version = operation.version};
  const PatternOptions among{
      .version = operation.version, .prefix = {}, .itersize = static_cast<std::size_t>(operation.number)};
  const IncrOptions counting{.version = operation.version, .ignore_key_check = operation.flag};
  switch (operation.action) {
    case Action::set:
      return set(cache, operation);
    case Action::add:
      return add(cache, operation);
    case Action::get_text:
      return shown(cache.get<std::string>(operation.key(), where));
    case Action::get_integer: {
      const auto number = cache.get<std::int64_t>(operation.key(), where);
      return number ? shown(*number) : "nothing";
    }
    case Action::get_many:
      return get_many(cache, operation);
    case Action::get_or_set:
      return get_or_set(cache, operation);
    case Action::set_many:
      return set_many(cache, operation);
    case Action::del:
      return shown(cache.del(operation.key(), where));
    case Action::delete_many:
      return shown(cache.delete_many(operation.keys, where));
    case Action::touch:
      return shown(cache.touch(operation.key(), operation.timeout, where));
    case Action::incr:
      return shown(cache.incr(operation.key(), operation.number, counting).value());
    case Action::decr:
      return shown(cache.decr(operation.key(), operation.number, counting).value());
    case Action::has_key:
      return shown(cache.has_key(operation.key(), where));
    case Action::ttl:
      return shown_life(cache.ttl(operation.key(), where));
    case Action::pttl:
      return shown_life(cache.pttl(operation.key(), where));
    case Action::persist:
      return shown(cache.persist(operation.key(), where));
    case Action::expire:
      return shown(cache.expire(operation.key(), std::chrono::seconds{operation.number}, where));
    case Action::pexpire:
      return shown(cache.pexpire(operation.key(), std::chrono::seconds{operation.number}, where));
    case Action::expire_at:
      return expire_at(cache, operation, now);
    case Action::incr_version:
      return shown(cache.incr_version(operation.key(), static_cast<int>(operation.number), where).value());
    case Action::decr_version:
      return shown(cache.decr_version(operation.key(), static_cast<int>(operation.number), where).value());
    case Action::delete_pattern:
      return shown(cache.delete_pattern(operation.key(), among));
    case Action::keys:
      return shown_keys(cache.keys(operation.key(), among));
    case Action::iter_keys:
      return walk(cache, operation, among);
    case Action::clear:
      cache.clear();
      return "done";
    case Action::pipeline:
    case Action::pass:
      break;  // no call of one cache
  }
  return "no such action";
}

}  // namespace rediscache::test
