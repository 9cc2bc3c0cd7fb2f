// What all TLS connections of a cache share.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include <rediscache/tls.hpp>

#include "base/fork.hpp"
#include "base/log.hpp"
#include "base/result.hpp"

namespace rediscache::net {

struct TlsSetup;

/// The options of TLS and what was read from their files: on first use, and again when a file has changed,
/// which is looked at whenever a connection is made. Files that cannot be used then leave what was read
/// before in use, and are logged once.
///
/// Thread-safe. After fork() the child reads the files again.
class TlsContext final : public base::ForkAware {
 public:
  /// False when the library was built without TLS.
  [[nodiscard]] static bool available() noexcept;

  TlsContext(TlsOptions options, base::Logger logger);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  virtual ~TlsContext();

  [[nodiscard]] const TlsOptions& options() const noexcept { return options_; }
  /// What to make a connection from now.
  [[nodiscard]] base::Result<std::shared_ptr<TlsSetup>> setup();

  void before_fork() noexcept override;
  void after_fork_in_parent() noexcept override;
  void after_fork_in_child() noexcept override;

 private:
  /// Device, inode, bytes, and nanoseconds of the last change; all 0 for a file that is not there.
  using Stamp = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>;

  [[nodiscard]] std::vector<Stamp> look_at_files() const;
  void warn_if_unchecked() const;

  const TlsOptions options_;
  const base::Logger logger_;
  std::mutex mutex_;  // never held while something is read or called
  std::shared_ptr<TlsSetup> current_;
  std::vector<Stamp> seen_;  // when current_ was read, or last tried to be
};

}  // namespace rediscache::net
