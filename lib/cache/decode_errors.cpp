#include "cache/decode_errors.hpp"

#include <cstddef>
#include <mutex>
#include <string_view>

#include "base/log.hpp"
#include "base/text.hpp"

namespace rediscache::cache {
namespace {

/// Beyond so many kinds the log has told enough.
constexpr std::size_t most_decode_errors_logged = 64;
constexpr std::size_t longest_kind = 200;

/// The message without the key and without numbers, of which sizes and positions have many.
std::string kind_of(const DecodeError& error) {
  std::string_view message = error.what();
  const std::string names_key = "key " + base::quoted(error.key()) + ": ";
  if (message.starts_with(names_key)) {
    message.remove_prefix(names_key.size());
  }
  std::string kind;
  for (const char c : message.substr(0, longest_kind)) {
    if (c < '0' || c > '9') {
      kind += c;
    }
  }
  return kind;
}

}  // namespace

bool DecodeErrors::ignore(const DecodeError& error) noexcept {
  if (policy_ == OnDecodeError::error) {
    return false;
  }
  ignored_.fetch_add(1, std::memory_order_relaxed);
  try {
    bool is_new = false;
    {
      const std::scoped_lock lock{mutex_};
      is_new = logged_.size() < most_decode_errors_logged && logged_.insert(kind_of(error)).second;
    }
    if (is_new) {
      base::log_warning(
          logger_,
          std::string{"counted as missing, as on_decode_error says, and not logged again: "} + error.what());
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): without memory nothing is logged
  }
  return true;
}

}  // namespace rediscache::cache
