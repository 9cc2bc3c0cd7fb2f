// Options and files become what OpenSSL makes connections from.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <rediscache/tls.hpp>

#include "base/result.hpp"
#include "net/tls_sessions.hpp"

struct ssl_ctx_st;

namespace rediscache::net {

struct TlsContextDeleter {
  void operator()(ssl_ctx_st* context) const noexcept;
};

/// One state of the files. Connections keep the one that they were made from.
struct TlsSetup {
  std::unique_ptr<ssl_ctx_st, TlsContextDeleter> context;
  TlsSessions sessions;
};

/// Reads the files. The failure is a TlsError that names the option, the file, and what is wrong with it.
[[nodiscard]] base::Result<std::shared_ptr<TlsSetup>> load_tls(const TlsOptions& options);

}  // namespace rediscache::net
