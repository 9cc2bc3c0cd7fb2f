#include "model/model.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

#include "base/glob.hpp"
#include "model/serialized.hpp"

namespace rediscache::test {
namespace {

bool is_json(const Operation& operation) {
  return cache_serializers.at(operation.cache) == "json";
}

/// Digits with a minus sign at most, of 64 bits.
std::optional<std::int64_t> integer_of(const std::string& text) {
  const std::size_t digits = text.starts_with('-') ? 1 : 0;
  if (text.size() == digits || text.size() > 20 ||
      text.find_first_not_of("0123456789", digits) != std::string::npos) {
    return std::nullopt;
  }
  __extension__ using Wide = __int128;
  Wide value = 0;
  for (const char c : text.substr(digits)) {
    value = value * 10 + (c - '0');
  }
  value = digits == 0 ? value : -value;
  if (value < std::numeric_limits<std::int64_t>::min() || value > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

/// The sum, unless it leaves 64 bits.
std::optional<std::int64_t> sum(std::int64_t left, std::int64_t right) {
  std::int64_t result = 0;
  return __builtin_add_overflow(left, right, &result) ? std::nullopt : std::optional{result};
}

}  // namespace

Model::Place Model::place(const Operation& operation, const std::string& key) {
  return {operation.cache, operation.version.value_or(1), key};
}

Model::Entry* Model::find(const Operation& operation) {
  const auto found = entries_.find(place(operation, operation.key()));
  return found == entries_.end() ? nullptr : &found->second;
}

std::optional<std::chrono::seconds> Model::until(Timeout timeout) const {
  const Timeout chosen = timeout.or_default(cache_timeout);
  return chosen.is_never()
             ? std::nullopt
             : std::optional{now_ + std::chrono::duration_cast<std::chrono::seconds>(chosen.time())};
}

std::optional<std::string> Model::text_of(const Operation& operation, const Entry& entry) {
  return is_json(operation) ? entry.text : entry.bytes;
}

bool Model::store(const Place& place, const Datum& value, Timeout timeout) {
  const auto bytes = serialized(std::get<0>(place), value);
  if (bytes) {
    const auto* const text = std::get_if<std::string>(&value);
    entries_[place] = {.bytes = *bytes,
                       .text = text == nullptr ? std::nullopt : std::optional{*text},
                       .until = until(timeout)};
  }
  return bytes.has_value();
}

std::string Model::set(const Operation& operation, bool nx, bool xx) {
  if (nx && xx) {
    return "InvalidArgument";
  }
  const Place where = place(operation, operation.key());
  const bool exists = entries_.contains(where);
  if (operation.timeout.is_over()) {
    return shown(nx ? !exists : erase(where));
  }
  if (!serialized(operation.cache, operation.values.front())) {
    return "EncodeError";
  }
  if ((nx && exists) || (xx && !exists)) {
    return shown(false);
  }
  store(where, operation.values.front(), operation.timeout);
  return shown(true);
}

std::string Model::get_text(const Operation& operation) {
  const Entry* const entry = find(operation);
  if (entry == nullptr) {
    return "nothing";
  }
  const auto text = text_of(operation, *entry);
  return text ? shown(*text) : "DecodeError";
}

std::string Model::get_integer(const Operation& operation) {
  const Entry* const entry = find(operation);
  if (entry == nullptr) {
    return "nothing";
  }
  const auto number = integer_of(entry->bytes);  // the quotes of JSON are no digits
  return number ? shown(*number) : "DecodeError";
}

std::string Model::get_many(const Operation& operation) {
  std::vector<std::string> found;
  std::vector<std::string> unreadable;
  std::set<std::string> seen;
  for (const std::string& key : operation.keys) {
    const auto entry = entries_.find(place(operation, key));
    if (entry == entries_.end() || !seen.insert(key).second) {
      continue;
    }
    if (const auto text = text_of(operation, entry->second)) {
      found.push_back(key);
      found.push_back(*text);
    } else {
      unreadable.push_back(key);
    }
  }
  return shown(found, unreadable);
}

std::string Model::get_or_set(const Operation& operation) {
  const Datum& value = operation.values.front();
  const bool is_integer = std::holds_alternative<std::int64_t>(value);
  if (find(operation) != nullptr) {
    return is_integer ? get_integer(operation) : get_text(operation);
  }
  if (!operation.timeout.is_over() && !store(place(operation, operation.key()), value, operation.timeout)) {
    return "EncodeError";
  }
  return std::visit([](const auto& stored) { return shown(stored); }, value);
}

std::string Model::set_many(const Operation& operation) {
  const bool refused = std::ranges::any_of(
      operation.values, [&](const Datum& value) { return !serialized(operation.cache, value); });
  if (refused && !operation.timeout.is_over()) {
    return "EncodeError";
  }
  for (std::size_t i = 0; i < operation.keys.size(); ++i) {
    const Place where = place(operation, operation.keys[i]);
    if (operation.timeout.is_over()) {
      erase(where);
    } else {
      store(where, operation.values[i], operation.timeout);
    }
  }
  return shown(std::vector<std::string>{});
}

std::string Model::delete_many(const Operation& operation) {
  const auto removed = std::ranges::count_if(
      operation.keys, [&](const std::string& key) { return erase(place(operation, key)); });
  return shown(static_cast<std::int64_t>(removed));
}

std::string Model::give_life(const Operation& operation, Timeout timeout) {
  Entry* const entry = find(operation);
  if (entry == nullptr) {
    return shown(false);
  }
  if (timeout.is_over()) {
    erase(place(operation, operation.key()));
  } else {
    entry->until = until(timeout);
  }
  return shown(true);
}

std::string Model::persist(const Operation& operation) {
  Entry* const entry = find(operation);
  const bool had_end = entry != nullptr && entry->until.has_value();
  if (had_end) {
    entry->until.reset();
  }
  return shown(had_end);
}

std::string Model::remaining(const Operation& operation) {
  const Entry* const entry = find(operation);
  if (entry == nullptr) {
    return "missing";
  }
  return entry->until ? shown(std::chrono::milliseconds{*entry->until - now_}) : "no expiry";
}

std::string Model::count(const Operation& operation, bool down) {
  std::int64_t delta = operation.number;
  if (down && delta == std::numeric_limits<std::int64_t>::min()) {
    return "InvalidArgument";
  }
  delta = down ? -delta : delta;
  Entry* const entry = find(operation);
  if (entry == nullptr) {
    if (!operation.flag) {
      return "KeyNotFound";
    }
    entries_[place(operation, operation.key())] = {.bytes = std::to_string(delta)};
    return shown(delta);
  }
  const auto before = integer_of(entry->bytes);
  // To the server only what it would have written itself is an integer.
  const bool countable = before && std::to_string(*before) == entry->bytes;
  const auto after = countable ? sum(*before, delta) : std::nullopt;
  if (!after) {
    return "NotAnInteger";
  }
  entry->bytes = std::to_string(*after);
  return shown(*after);
}

std::string Model::move_version(const Operation& operation, std::int64_t delta) {
  const auto found = entries_.find(place(operation, operation.key()));
  if (found == entries_.end()) {
    return "KeyNotFound";
  }
  const std::int64_t version = operation.version.value_or(1) + delta;
  Entry entry = found->second;
  entries_.erase(found);
  entries_[{operation.cache, static_cast<int>(version), operation.key()}] = std::move(entry);
  return shown(version);
}

std::string Model::matching(const Operation& operation, bool remove) {
  std::vector<std::string> keys;
  std::erase_if(entries_, [&](const auto& item) {
    const auto& [cache, version, key] = item.first;
    const bool matches = cache == operation.cache && version == operation.version.value_or(1) &&
                         base::glob_matches(operation.key(), key);
    if (matches) {
      keys.push_back(key);
    }
    return matches && remove;
  });
  return remove ? shown(static_cast<std::int64_t>(keys.size())) : shown(keys);
}

std::string Model::pipeline(const Operation& operation) {
  std::vector<std::string> outcomes;
  for (const Operation& call : operation.calls) {
    outcomes.push_back(apply(call));
  }
  return shown_all(outcomes);
}

void Model::pass(std::chrono::seconds time) {
  now_ += time;
  std::erase_if(entries_, [&](const auto& item) { return item.second.until && *item.second.until <= now_; });
}

std::string Model::apply(const Operation& operation) {
  switch (operation.action) {
    case Action::set:
      return set(operation, operation.nx, operation.xx);
    case Action::add:
      return set(operation, true, false);
    case Action::get_text:
      return get_text(operation);
    case Action::get_integer:
      return get_integer(operation);
    case Action::get_many:
      return get_many(operation);
    case Action::get_or_set:
      return get_or_set(operation);
    case Action::set_many:
      return set_many(operation);
    case Action::del:
      return shown(erase(place(operation, operation.key())));
    case Action::delete_many:
      return delete_many(operation);
    case Action::touch:
      return give_life(operation, operation.timeout);
    case Action::incr:
      return count(operation, false);
    case Action::decr:
      return count(operation, true);
    case Action::has_key:
      return shown(find(operation) != nullptr);
    case Action::ttl:
    case Action::pttl:
      return remaining(operation);
    case Action::persist:
      return persist(operation);
    case Action::expire:
    case Action::pexpire:
    case Action::expire_at:
      return give_life(operation, std::chrono::seconds{operation.number});
    case Action::incr_version:
      return move_version(operation, operation.number);
    case Action::decr_version:
      return move_version(operation, -operation.number);
    case Action::delete_pattern:
      return matching(operation, true);
    case Action::keys:
    case Action::iter_keys:
      return matching(operation, false);
    case Action::pipeline:
      return pipeline(operation);
    case Action::clear:
      entries_.clear();
      return "done";
    case Action::pass:
      pass(std::chrono::seconds{operation.number});
      return "done";
  }
  return "no such action";
}

State Model::state() const {
  State state;
  for (const auto& [where, entry] : entries_) {
    const auto& [cache, version, key] = where;
    std::string made{cache_prefixes.at(cache)};
    made += ':';
    made += std::to_string(version);
    made += ':';
    made += key;
    state[made].bytes = entry.bytes;
    if (entry.until) {
      state[made].left = *entry.until - now_;
    }
  }
  return state;
}

}  // namespace rediscache::test
