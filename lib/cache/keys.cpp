#include "cache/keys.hpp"

#include <cstdint>
#include <cstring>
#include <utility>

#include <rediscache/error.hpp>

#include "base/text.hpp"

namespace rediscache::cache {
namespace {

/// What follows "prefix:version:", if the key begins so.
std::optional<std::string_view> without_beginning(std::string_view made_key,
                                                  std::string_view prefix) noexcept {
  if (!made_key.starts_with(prefix)) {
    return std::nullopt;
  }
  std::string_view rest = made_key.substr(prefix.size());
  if (!rest.starts_with(':')) {
    return std::nullopt;
  }
  rest.remove_prefix(1);
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos || !base::parse_integer(rest.substr(0, colon))) {
    return std::nullopt;
  }
  return rest.substr(colon + 1);
}

}  // namespace

MadeKey::MadeKey(std::string_view prefix, std::string_view version, std::string_view key)
    : size_{prefix.size() + version.size() + key.size() + 2} {
  char* out = inline_.data();
  if (size_ > inline_.size()) {
    heap_.resize(size_);
    out = heap_.data();
  }
  const auto put = [&](std::string_view text) {
    if (!text.empty()) {
      std::memcpy(out, text.data(), text.size());
      out += text.size();
    }
  };
  put(prefix);
  *out++ = ':';
  put(version);
  *out++ = ':';
  put(key);
}

KeyMaker::KeyMaker(std::string prefix, int version, KeyFunction function, ReverseKeyFunction reverse)
    : prefix_{std::move(prefix)},
      version_{version},
      version_text_{std::to_string(version)},
      beginning_{prefix_ + ':' + version_text_ + ':'},
      function_{std::move(function)},
      reverse_{std::move(reverse)} {}

MadeKey KeyMaker::make(std::string_view key, std::optional<int> version) const {
  if (function_) {
    return MadeKey{function_(key, prefix_, version.value_or(version_))};
  }
  if (version && *version != version_) {
    return MadeKey{prefix_, std::to_string(*version), key};
  }
  return MadeKey{prefix_, version_text_, key};
}

void KeyMaker::add_to(Commands& out, std::string_view key, std::optional<int> version) const {
  if (function_ || (version && *version != version_)) {
    out.key(make(key, version).view());
  } else {
    out.key(beginning_, key);
  }
}

void KeyMaker::add_to(Commands& out, std::span<const std::string_view> keys,
                      std::optional<int> version) const {
  if (function_) {
    for (const std::string_view key : keys) {
      add_to(out, key, version);
    }
  } else if (version && *version != version_) {
    out.keys(make({}, version).view(), keys);
  } else {
    out.keys(beginning_, keys);
  }
}

std::string KeyMaker::reverse(std::string_view made_key, std::optional<std::string_view> prefix) const {
  if (reverse_) {
    return reverse_(made_key);
  }
  if (const auto own = without_beginning(made_key, prefix.value_or(prefix_))) {
    return std::string{*own};
  }
  const std::size_t first = made_key.find(':');
  const std::size_t second = first == std::string_view::npos ? first : made_key.find(':', first + 1);
  return std::string{second == std::string_view::npos ? made_key : made_key.substr(second + 1)};
}

std::string KeyMaker::pattern(std::string_view pattern, std::optional<int> version,
                              std::optional<std::string_view> prefix) const {
  const std::string literal_prefix = glob_escape(prefix.value_or(prefix_));
  if (function_) {
    return function_(pattern, literal_prefix, version.value_or(version_));
  }
  return std::string{MadeKey{literal_prefix, std::to_string(version.value_or(version_)), pattern}.view()};
}

int moved_version(int version, int delta) {
  const std::int64_t moved_to = std::int64_t{version} + delta;
  if (!std::in_range<int>(moved_to)) {
    throw InvalidArgument{"incr_version: version " + std::to_string(moved_to) +
                          " is beyond what an int holds"};
  }
  return static_cast<int>(moved_to);
}

std::string glob_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[') {
      out += '[';
      out += c;
      out += ']';
    } else {
      if (c == '\\') {
        out += '\\';
      }
      out += c;
    }
  }
  return out;
}

}  // namespace rediscache::cache
