// Keys and certificates for servers and clients that live as long as a test.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "support/socket.hpp"

namespace rediscache::test {

/// In PEM.
struct Certificate {
  std::string certificate{};
  std::string key{};
};

/// What an authority is asked for.
struct Request {
  std::string common_name = "cache";
  /// In OpenSSL's spelling.
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  std::chrono::hours begin{-24};  ///< from now
  std::chrono::hours end{24};
};

/// Signs certificates, with keys on the curve P-256. Its own is signed by itself.
class Authority {
 public:
  explicit Authority(const std::string& common_name);

  [[nodiscard]] Certificate issue(const Request& request) const;
  [[nodiscard]] const std::string& certificate() const noexcept { return own_.certificate; }
  [[nodiscard]] static Certificate self_signed(const Request& request);

 private:
  Certificate own_;
};

/// The key, encrypted.
[[nodiscard]] std::string encrypted_key(const std::string& key, const std::string& password);

/// Files of a test.
class PemFiles {
 public:
  /// Writes the file, in one step if it is there already, and gives its path.
  std::string write(std::string_view name, std::string_view text) const;  // NOLINT(modernize-use-nodiscard)
  [[nodiscard]] std::string path(std::string_view name) const;
  /// A directory with this CA in it, found by the hash of its name. Gives its path.
  [[nodiscard]] std::string ca_directory(std::string_view name, const std::string& certificate) const;

 private:
  TemporaryDirectory directory_;
};

}  // namespace rediscache::test
