// How a cache talks TLS. A URL that begins with `rediss://` turns TLS on; these options say whom to trust and
// who we are.
//
//   rediscache::Options options{.location = {"rediss://:password@cache.internal:6380/0"},
//                               .tls = {.ca_file = "/etc/ssl/cache-ca.pem"}};
//
// By default the server's certificate must be signed by a CA that the system trusts, be valid today and be
// for the host of the URL. The last is not so with redis-py, which leaves the host unchecked:
// `check_hostname` set to false, or `?ssl_check_hostname=false` in the URL, gives its behaviour.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace rediscache {

/// Whether the server's certificate is checked. `optional` is there for settings that come from Python: a
/// client always gets a certificate, so that it means the same as `required`, as it does there.
enum class CertificateCheck : std::uint8_t { none, optional, required };

/// The oldest protocol that may be spoken. Everything before 1.2 is broken: ask for it on purpose only. With
/// OpenSSL 3 it also takes `ciphers = "DEFAULT@SECLEVEL=0"`.
enum class TlsVersion : std::uint8_t { tls_1_0, tls_1_1, tls_1_2, tls_1_3 };

/// The settings of TLS. Used for `rediss://` only, without effect for other URLs. Files are PEM. They are
/// read when the first connection is made, and again when they have changed: connections made from then on
/// use the new ones, and if those cannot be used the old ones stay in use and a warning is logged.
///
/// Thread safety: a value like std::string.
///
/// Errors: what is wrong with a file or a certificate is a TlsError of the call that needed a connection. It
/// names the file and the option, never a password.
struct TlsOptions {
  /// `none` trusts whoever answers, whatever it is called; it is logged once as a warning.
  CertificateCheck certificate_check = CertificateCheck::required;
  /// Whether the certificate must be for the host of the URL, be it a name or an address. False is logged
  /// once as a warning.
  bool check_hostname = true;
  /// What to verify, and ask for by SNI, instead of the host of the URL: for tunnels and port forwarding.
  std::string server_name{};

  /// Certificates of the CAs to trust, in one file or, named by hashes as `openssl rehash` does it, in a
  /// directory. With neither of them those that the system trusts.
  std::string ca_file{};
  std::string ca_directory{};

  /// Our own certificate, with those of its intermediate CAs behind it, for servers that want one.
  std::string certificate_file{};
  /// Its key. Empty: the key is in `certificate_file`.
  std::string key_file{};
  /// Gives the password of an encrypted key. Called whenever the key is read, in the thread of the call that
  /// needs a connection, maybe by several threads at once; what it throws becomes a TlsError.
  std::function<std::string()> key_password{};

  TlsVersion minimum_version = TlsVersion::tls_1_2;
  /// In OpenSSL's spelling; empty: OpenSSL's own choice. For TLS 1.2 and older.
  std::string ciphers{};
  /// The same for TLS 1.3: "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256".
  std::string ciphersuites{};
};

}  // namespace rediscache
