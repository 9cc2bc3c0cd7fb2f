// Another process that does what it is told, a byte at a time.
#pragma once

#include <cstdint>
#include <functional>

#include <sys/types.h>

namespace bench {

/// Made by fork, so before this process has threads or connections. It ends with the object, and with this
/// process.
class Forked {
 public:
  /// What the other process does for a byte; it answers with a number.
  using Work = std::function<std::int64_t(char order)>;

  explicit Forked(const Work& work);
  Forked(const Forked&) = delete;
  Forked& operator=(const Forked&) = delete;
  ~Forked();

  void tell(char order) const;
  /// Throws when the other process has ended.
  [[nodiscard]] std::int64_t answer() const;
  [[nodiscard]] std::int64_t ask(char order) const {
    tell(order);
    return answer();
  }
  [[nodiscard]] pid_t id() const noexcept { return id_; }

 private:
  pid_t id_ = -1;
  int orders_ = -1;
  int answers_ = -1;
};

}  // namespace bench
