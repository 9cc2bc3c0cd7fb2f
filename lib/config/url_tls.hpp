// What a URL says of TLS.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <rediscache/tls.hpp>

namespace rediscache::config {

/// The options of `rediss://`; what the URL does not say is not there.
struct UrlTls {
  std::optional<CertificateCheck> certificate_check;
  std::optional<bool> check_hostname;
  std::optional<std::string> ca_file;
  std::optional<std::string> ca_directory;
  std::optional<std::string> certificate_file;
  std::optional<std::string> key_file;
  std::optional<std::string> key_password;
  std::optional<TlsVersion> minimum_version;
  std::optional<std::string> ciphers;
};

inline constexpr std::string_view key_password_option = "ssl_keyfile_password";
inline constexpr std::array<std::string_view, 9> tls_option_names{
    "ssl_cert_reqs", "ssl_check_hostname", "ssl_ca_certs",    "ssl_ca_path", "ssl_certfile",
    "ssl_keyfile",   key_password_option,  "ssl_min_version", "ssl_ciphers"};

[[nodiscard]] bool is_tls_option(std::string_view name) noexcept;

/// Takes the option, of one of these names, over into `tls`. What is wrong with it, if anything is.
[[nodiscard]] std::optional<std::string> read_tls_option(std::string_view name, std::string value,
                                                         UrlTls& tls);

/// `options` with what the URL says in place of what they say.
[[nodiscard]] TlsOptions merged(TlsOptions options, UrlTls url);

}  // namespace rediscache::config
