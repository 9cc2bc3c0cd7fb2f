#include <algorithm>
#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/settings.hpp>

#include "base/text.hpp"
#include "config/settings_state.hpp"

namespace rediscache {
namespace {

constexpr std::size_t name_width = 24;
constexpr std::size_t value_width = 40;

void pad(std::string& line, std::size_t width) {
  line.append(line.size() < width ? width - line.size() : 1, ' ');
}

std::string described(const config::Entry& entry) {
  std::string out = entry.alias + ":\n";
  for (const config::Shown& shown : entry.shown) {
    std::string line = "  " + shown.name;
    pad(line, name_width);
    line += shown.value;
    pad(line, name_width + value_width);
    out += line + shown.origin + '\n';
  }
  return out;
}

}  // namespace

Settings::Settings() : Settings{std::make_shared<const config::SettingsState>()} {}
Settings::Settings(std::shared_ptr<const config::SettingsState> state) noexcept : state_{std::move(state)} {}
Settings::~Settings() = default;
Settings::Settings(const Settings&) = default;
Settings& Settings::operator=(const Settings&) = default;
// What was moved from is as good as a copy: it must not be without a state.
Settings::Settings(Settings&& other) noexcept : state_{other.state_} {}
Settings& Settings::operator=(Settings&& other) noexcept {
  state_ = other.state_;
  return *this;
}

std::vector<std::string> Settings::aliases() const {
  std::vector<std::string> names;
  for (const config::Entry& entry : state_->entries) {
    names.push_back(entry.alias);
  }
  return names;
}

const Options& Settings::options(std::string_view alias) const {
  return state_->entry(alias).options;
}

const std::string& Settings::backend(std::string_view alias) const {
  return state_->entry(alias).backend;
}

std::string Settings::describe(std::string_view alias) const {
  return described(state_->entry(alias));
}

std::string Settings::describe() const {
  std::string out;
  for (const config::Entry& entry : state_->entries) {
    out += described(entry);
  }
  return out;
}

namespace config {

Settings SettingsState::settings(SettingsState state) {
  return Settings{std::make_shared<const SettingsState>(std::move(state))};
}

const Entry& SettingsState::entry(std::string_view alias) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.alias == alias; });
  if (found == entries.end()) {
    std::vector<std::string> known;
    for (const Entry& entry : entries) {
      known.push_back(entry.alias);
    }
    throw InvalidOptions{"CACHES: " + base::unknown_name("alias", alias, known)};
  }
  return *found;
}

}  // namespace config
}  // namespace rediscache
