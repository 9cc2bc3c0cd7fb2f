#include <algorithm>
#include <array>
#include <initializer_list>

#include "model/operation.hpp"

namespace rediscache::test {
namespace {

std::string datum_text(const Datum& datum) {
  const auto* const number = std::get_if<std::int64_t>(&datum);
  return number != nullptr ? std::to_string(*number) : printable(std::get<std::string>(datum));
}

std::string_view name_of(Action action) {
  constexpr std::array<std::string_view, 27> names{"set",
                                                   "add",
                                                   "get<std::string>",
                                                   "get<int64>",
                                                   "get_many",
                                                   "get_or_set",
                                                   "set_many",
                                                   "del",
                                                   "delete_many",
                                                   "touch",
                                                   "incr",
                                                   "decr",
                                                   "has_key",
                                                   "ttl",
                                                   "pttl",
                                                   "persist",
                                                   "expire",
                                                   "pexpire",
                                                   "expire_at",
                                                   "incr_version",
                                                   "decr_version",
                                                   "delete_pattern",
                                                   "keys",
                                                   "iter_keys",
                                                   "pipeline",
                                                   "clear",
                                                   "pass"};
  return names.at(static_cast<std::size_t>(action));
}

std::string timeout_text(const Timeout& timeout) {
  if (timeout.is_default()) {
    return "default timeout";
  }
  return timeout.is_never() ? "never" : std::to_string(timeout.time().count()) + " ms";
}

std::string call_text(const Operation& operation) {
  using enum Action;
  const Action action = operation.action;
  const auto is_one_of = [&](std::initializer_list<Action> actions) {
    return std::find(actions.begin(), actions.end(), action) != actions.end();
  };
  std::string out{name_of(action)};
  out += '(';
  std::string_view separator;
  const auto add_text = [&](std::string_view text) {
    out += separator;
    out += text;
    separator = ", ";
  };
  const bool has_values = is_one_of({set, add, get_or_set, set_many});
  for (std::size_t i = 0; i < operation.keys.size(); ++i) {
    add_text(printable(operation.keys[i]));
    if (has_values) {
      out += action == set_many ? ": " : ", ";
      out += datum_text(operation.values[i]);
    }
  }
  if (is_one_of({set, add, get_or_set, set_many, touch})) {
    add_text(timeout_text(operation.timeout));
  }
  if (is_one_of({incr, decr, incr_version, decr_version, expire, pexpire, expire_at, delete_pattern,
                 iter_keys, pass})) {
    add_text(std::to_string(operation.number));
  }
  if (operation.version) {
    add_text("version ");
    out += std::to_string(*operation.version);
  }
  if (operation.nx) {
    add_text("nx");
  }
  if (operation.xx) {
    add_text("xx");
  }
  if (operation.flag && is_one_of({incr, decr})) {
    add_text("ignore_key_check");
  }
  if (operation.flag && action == get_or_set) {
    add_text("called");
  }
  if (operation.flag && action == set_many) {
    add_text("atomic");
  }
  return out + ')';
}

std::string pipeline_text(const Operation& operation) {
  std::string out = "pipeline(";
  for (const Operation& call : operation.calls) {
    out += (&call == operation.calls.data() ? "" : "; ") + call_text(call);
  }
  return out + ')';
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 40;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte <= '~' && c != '"' && c != '\\') {
      out += c;
    } else {
      out += "\\x";
      out += digits[byte / 16];
      out += digits[byte % 16];
    }
  }
  out += '"';
  if (text.size() > longest) {
    out += "... of " + std::to_string(text.size()) + " bytes";
  }
  return out;
}

std::string to_string(const Operation& operation) {
  return std::string{cache_prefixes.at(operation.cache)} + '.' +
         (operation.action == Action::pipeline ? pipeline_text(operation) : call_text(operation));
}

}  // namespace rediscache::test
