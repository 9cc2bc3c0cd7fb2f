// What Settings hold.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/settings.hpp>

#include "config/entry.hpp"

namespace rediscache::config {

struct SettingsState {
  std::vector<Entry> entries{};
  std::string path{};                          ///< of the file they are from, if they are from one
  std::map<std::string, std::string> files{};  ///< all files that were read, with what was in them
  SettingsSources sources{};

  [[nodiscard]] static Settings settings(SettingsState state);
  [[nodiscard]] static const SettingsState& of(const Settings& settings) noexcept { return *settings.state_; }

  /// InvalidOptions when there is none of that name.
  [[nodiscard]] const Entry& entry(std::string_view alias) const;
};

}  // namespace rediscache::config
