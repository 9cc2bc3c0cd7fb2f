// What goes on while settings are read: where things stand, and all that is wrong with them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/settings.hpp>
#include <rediscache/value.hpp>

#include "base/log.hpp"

namespace rediscache::config {

/// A value of the settings, with variables filled in, and where it stands.
struct Found {
  const Value& value;
  std::string path;
  bool is_secret = false;  ///< nobody is shown it
};

/// Not thread-safe: one thread reads.
class Reading {
 public:
  /// `file` is for messages; empty when the settings come from elsewhere.
  Reading(std::string file, SettingsSources sources);

  [[nodiscard]] const SettingsSources& sources() const noexcept { return sources_; }
  /// `value` with the variables in its texts, also inside lists and dicts, filled in.
  [[nodiscard]] Value filled(const Value& value, const std::string& path, int depth = 0);
  /// What is in a secret's file, without the end of its last line; empty after a problem.
  [[nodiscard]] std::string secret_in(const std::string& file, const std::string& path);

  void problem(const std::string& path, std::string_view what);
  /// `allowed` ends "... is <what was found>; it takes".
  void wrong(const Found& found, std::string_view allowed);
  void unknown_key(const std::string& path, std::string_view key, std::span<const std::string> known);
  /// `what` says what the text should be the name of.
  void unknown_name(const Found& found, std::string_view what, std::span<const std::string> known);
  /// Something that Python needs and we do not; told once, by finish().
  void ignored(const std::string& path) { ignored_.push_back(path); }
  [[nodiscard]] std::size_t problems() const noexcept { return problems_.size(); }

  /// Whether a variable was filled in there: then numbers are texts.
  [[nodiscard]] bool is_filled(const std::string& path) const { return variables_.contains(path); }
  /// "CACHES.default.TIMEOUT in /etc/caches.json, from the environment variable T".
  [[nodiscard]] std::string origin(const std::string& path) const;
  /// The files that were read besides.
  [[nodiscard]] const std::map<std::string, std::string>& secret_files() const noexcept { return files_; }

  /// Throws InvalidOptions when there were problems; else logs, at most once, what was ignored.
  void finish(const base::Logger& logger) const;

 private:
  [[nodiscard]] std::string shown(const Found& found) const;

  std::string file_;
  SettingsSources sources_;
  std::map<std::string, std::vector<std::string>> variables_;  // those that are set, by path
  std::map<std::string, std::string> files_;                   // contents by name
  std::vector<std::string> problems_;
  std::vector<std::string> ignored_;
};

/// `path.key`, with brackets around a key that is no plain word.
[[nodiscard]] std::string under(const std::string& path, std::string_view key);
[[nodiscard]] std::string under(const std::string& path, std::size_t index);

}  // namespace rediscache::config
