#include "config/reading.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <rediscache/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "config/fill.hpp"
#include "config/sources.hpp"
#include "config/url.hpp"

namespace rediscache::config {
namespace {

std::string listed(std::span<const std::string> names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

std::string variable_names(const std::vector<std::string>& names) {
  return (names.size() == 1 ? "the environment variable " : "the environment variables ") + listed(names);
}

}  // namespace

Reading::Reading(std::string file, SettingsSources sources)
    : file_{std::move(file)}, sources_{complete(std::move(sources))} {}

Value Reading::filled(const Value& value, const std::string& path, int depth) {
  constexpr int most_levels = 32;  // this recurses, and no settings need more
  if (depth > most_levels) {
    problem(path, "is nested deeper than " + std::to_string(most_levels) + " levels");
    return {};
  }
  switch (value.kind()) {
    case Value::Kind::text: {
      Filled text = fill(value.as_text(), sources_);
      if (!text.problem.empty()) {
        problem(path, text.problem);
        return value;
      }
      if (text.names_variables) {
        variables_[path] = std::move(text.variables);
      }
      return Value{std::move(text.text)};
    }
    case Value::Kind::list: {
      Value::List list;
      for (const Value& element : value.as_list()) {
        list.push_back(filled(element, under(path, list.size()), depth + 1));
      }
      return Value{std::move(list)};
    }
    case Value::Kind::dict: {
      Value::Dict dict;
      for (const auto& [key, element] : value.as_dict()) {
        dict.emplace_back(key, filled(element, under(path, key.as_text()), depth + 1));
      }
      return Value{std::move(dict)};
    }
    default:
      return value;
  }
}

std::string Reading::secret_in(const std::string& file, const std::string& path) {
  constexpr std::size_t longest_secret = 65'536;
  std::string text;
  try {
    text = sources_.read_file(file);
  } catch (const std::exception& error) {
    problem(path, "names the file " + base::quoted(file) + ", which cannot be read: " + error.what());
    return {};
  }
  files_[file] = text;
  if (text.ends_with('\n')) {
    text.pop_back();
    if (text.ends_with('\r')) {
      text.pop_back();
    }
  }
  if (text.empty() || text.size() > longest_secret) {
    problem(path, "names the file " + base::quoted(file) +
                      (text.empty() ? ", which is empty" : ", which is too large for a secret"));
    return {};
  }
  return text;
}

void Reading::problem(const std::string& path, std::string_view what) {
  problems_.push_back(path + ' ' + std::string{what});
}

void Reading::wrong(const Found& found, std::string_view allowed) {
  problem(found.path, "is " + shown(found) + "; it takes " + std::string{allowed});
}

void Reading::unknown_key(const std::string& path, std::string_view key, std::span<const std::string> known) {
  std::string what = "is not a known key";
  if (const auto meant = base::nearest(key, known)) {
    what += "; did you mean " + *meant + '?';
  } else {
    what += ". Known: " + listed(known);
  }
  problem(path, what);
}

void Reading::unknown_name(const Found& found, std::string_view what, std::span<const std::string> known) {
  std::string text = "is " + shown(found) + ", which is not a known " + std::string{what} + '.';
  const auto meant = is_filled(found.path) || found.value.kind() != Value::Kind::text
                         ? std::nullopt
                         : base::nearest(found.value.as_text(), known);
  text += meant ? " Did you mean " + base::quoted(*meant) + '?' : "";
  problem(found.path, text + " Known: " + listed(known));
}

std::string Reading::shown(const Found& found) const {
  const auto value = [&](std::string text) {
    return found.is_secret ? std::string{} : std::move(text) + ' ';
  };
  switch (found.value.kind()) {
    case Value::Kind::none:
      return "null";
    case Value::Kind::boolean:
      return value(found.value.as_bool() ? "true" : "false") + "(boolean)";
    case Value::Kind::integer:
    case Value::Kind::big_integer:
      return value(found.value.as_digits().substr(0, 24)) + "(number)";
    case Value::Kind::floating:
      return value(std::to_string(found.value.as_float())) + "(number)";
    case Value::Kind::text: {
      if (const auto filled = variables_.find(found.path); filled != variables_.end()) {
        return filled->second.empty() ? "a text with the default of a variable that is not set"
                                      : "a text with what is in " + variable_names(filled->second);
      }
      const std::string& text = found.value.as_text();
      // What may be a URL may have a password.
      return value(base::quoted(mask_url(text))) + "(text)";
    }
    case Value::Kind::dict:
      return "an object";
    default:
      return "a list";
  }
}

std::string Reading::origin(const std::string& path) const {
  std::string out = path + (file_.empty() ? "" : " in " + file_);
  if (const auto filled = variables_.find(path); filled != variables_.end() && !filled->second.empty()) {
    out += ", from " + variable_names(filled->second);
  }
  return out;
}

void Reading::finish(const base::Logger& logger) const {
  if (!problems_.empty()) {
    const std::string where = file_.empty() ? "the settings" : file_;
    std::string message = where + ": ";
    if (problems_.size() > 1) {
      message += std::to_string(problems_.size()) + " problems:";
    }
    for (const std::string& each : problems_) {
      message += (problems_.size() > 1 ? "\n  " : "") + each;
    }
    throw InvalidOptions{message};
  }
  if (!ignored_.empty()) {
    base::log_warning(logger, "settings without a use here are ignored: " + listed(ignored_));
  }
}

std::string under(const std::string& path, std::string_view key) {
  const bool is_word = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return is_word ? path + '.' + std::string{key} : path + '[' + base::quoted(key) + ']';
}

std::string under(const std::string& path, std::size_t index) {
  return path + '[' + std::to_string(index) + ']';
}

}  // namespace rediscache::config
