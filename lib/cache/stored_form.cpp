#include "cache/stored_form.hpp"

#include <chrono>

#include "base/random.hpp"

namespace rediscache::cache {
namespace {

// The clock of the calendar, for it is compared with that of other machines.
Herd::Time now() noexcept {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

std::string_view StoredForm::wrap(const ValueView& value, std::string_view stored, Timeout& timeout,
                                  std::string& scratch) const {
  using Kind = ValueView::Kind;
  if (timeout.is_never() || value.kind() == Kind::integer || value.kind() == Kind::unsigned_integer) {
    return stored;
  }
  Herd::wrap(stored, now() + timeout.time(), scratch);
  timeout = herd_->kept_for(timeout.time());
  return scratch;
}

bool StoredForm::unwrap(std::string& stored) const {
  return herd_->unwrap(stored, now(), base::random_share());
}

}  // namespace rediscache::cache
