#include "net/tls_context.hpp"

#include <new>
#include <utility>

#include <sys/stat.h>

#include "base/log.hpp"
#include "net/tls_gate.hpp"
#include "net/tls_library.hpp"
#include "net/tls_setup.hpp"

namespace rediscache::net {

bool TlsContext::available() noexcept {
  return true;
}

TlsContext::TlsContext(TlsOptions options, base::Logger logger)
    : options_{std::move(options)}, logger_{std::move(logger)} {
  start_tls_library();
  static_cast<void>(TlsGate::of_process());  // made now, for later somebody may hold a lock
  join();
}

TlsContext::~TlsContext() {
  leave();
}

base::Result<std::shared_ptr<TlsSetup>> TlsContext::setup() {
  if (!tls_library_works()) {
    return tls_library_is_over();
  }
  std::vector<Stamp> now = look_at_files();
  {
    const std::scoped_lock lock{mutex_};
    if (current_ != nullptr && now == seen_) {
      return current_;
    }
  }
  auto loaded = load_tls(options_);  // by two threads at once, maybe: the later one wins
  std::unique_lock lock{mutex_};
  const bool is_first = current_ == nullptr;
  if (loaded) {
    const auto replaced = std::exchange(current_, loaded.value());  // goes after the lock is let go
    seen_ = std::move(now);
    lock.unlock();
    if (is_first) {
      warn_if_unchecked();
    }
    return loaded;
  }
  if (is_first) {
    return loaded;
  }
  const bool is_news = now != seen_;
  seen_ = std::move(now);
  auto kept = current_;
  lock.unlock();
  if (is_news) {
    base::log_warning(logger_,
                      "TLS files have changed and cannot be used; new connections go on with what was read "
                      "before: " +
                          loaded.failure().message);
  }
  return kept;
}

std::vector<TlsContext::Stamp> TlsContext::look_at_files() const {
  std::vector<Stamp> stamps;
  for (const std::string* path :
       {&options_.ca_file, &options_.ca_directory, &options_.certificate_file, &options_.key_file}) {
    if (path->empty()) {
      continue;
    }
    struct stat status{};
    if (::stat(path->c_str(), &status) == 0) {
      stamps.emplace_back(status.st_dev, status.st_ino, status.st_size,
                          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec);
    } else {
      stamps.emplace_back();
    }
  }
  return stamps;
}

void TlsContext::warn_if_unchecked() const {
  if (options_.certificate_check == CertificateCheck::none) {
    base::log_warning(logger_,
                      "TLS does not check the server's certificate, because certificate_check "
                      "(ssl_cert_reqs) is none: whoever answers is trusted");
  } else if (!options_.check_hostname) {
    base::log_warning(logger_,
                      "TLS does not check the host in the server's certificate, because check_hostname "
                      "(ssl_check_hostname) is false: every server with a trusted certificate is accepted");
  }
}

void TlsContext::before_fork() noexcept {
  mutex_.lock();
}

void TlsContext::after_fork_in_parent() noexcept {
  mutex_.unlock();
}

void TlsContext::after_fork_in_child() noexcept {
  // What the parent's other threads were doing with it has no end here, locks included: it is left alone.
  if (auto* const kept = current_ ? new (std::nothrow) std::shared_ptr<TlsSetup> : nullptr; kept != nullptr) {
    *kept = std::move(current_);
  }
  current_.reset();  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): that it leaks is the point
  mutex_.unlock();
}

}  // namespace rediscache::net
