// The environment and the files of the process.
#pragma once

#include <rediscache/settings.hpp>

namespace rediscache::config {

/// `sources`, with the process's own for what is not given.
[[nodiscard]] SettingsSources complete(SettingsSources sources);

}  // namespace rediscache::config
