#include "cache/herd.hpp"

#include <algorithm>
#include <cstdint>

#include "base/text.hpp"

namespace rediscache::cache {
namespace {

constexpr std::int64_t latest = 9'999'999'999'999'999;  // in as many digits

}  // namespace

Herd::Time Herd::now() noexcept {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::chrono::milliseconds Herd::kept_for(std::chrono::milliseconds timeout) const noexcept {
  constexpr auto longest = Timeout{std::chrono::milliseconds::max()}.time();
  return timeout > longest - herd_timeout_ ? longest : timeout + herd_timeout_;
}

std::string Herd::text(Time time) {
  const std::string number =
      std::to_string(std::clamp<std::int64_t>(time.time_since_epoch().count(), 0, latest));
  return std::string(digits - number.size(), '0') + number;
}

void Herd::wrap(std::string_view stored, Time over, std::string& scratch) {
  std::string wrapped;
  wrapped.reserve(header + stored.size());
  wrapped.append(mark).append(text(over)).append(":").append(stored);
  scratch = std::move(wrapped);
}

bool Herd::unwrap(std::string& stored, Time now, double random) const noexcept {
  const std::string_view view = stored;
  if (view.size() < header || !view.starts_with(mark) || view[header - 1] != ':') {
    return true;
  }
  std::int64_t over = 0;
  for (const char digit : view.substr(mark.size(), digits)) {
    if (digit < '0' || digit > '9') {
      return true;
    }
    over = over * 10 + (digit - '0');
  }
  stored.erase(0, header);
  if (over == 0) {
    return true;
  }
  return shows(static_cast<double>((now - Time{std::chrono::milliseconds{over}}).count()), random);
}

bool Herd::shows(double late, double random) const noexcept {
  return late <= 0 || random >= late / static_cast<double>(herd_timeout_.count());
}

}  // namespace rediscache::cache
