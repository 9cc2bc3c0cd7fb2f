#include "net/tls_setup.hpp"

#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "net/tls_errors.hpp"
#include "net/tls_gate.hpp"
#include "net/tls_handshake.hpp"
#include "net/tls_library.hpp"

namespace rediscache::net {
namespace {

using Problem = std::optional<Failure>;

int version_number(TlsVersion version) noexcept {
  switch (version) {
    case TlsVersion::tls_1_0:
      return TLS1_VERSION;
    case TlsVersion::tls_1_1:
      return TLS1_1_VERSION;
    case TlsVersion::tls_1_3:
      return TLS1_3_VERSION;
    default:
      return TLS1_2_VERSION;
  }
}

/// `Options::tls.ca_file is "/x.pem" (ssl_ca_certs in a URL), <what is wrong with it>`
Failure about(std::string_view option, std::string_view url_option, const std::string& value,
              const std::string& what) {
  return tls_failure("Options::tls." + std::string{option} + " is " + base::quoted(value) + " (" +
                     std::string{url_option} + " in a URL), " + what);
}

/// Why a file, or directory, cannot be read. Opening anything but a regular file might wait for ever.
std::optional<std::string> unreadable(const std::string& path, bool is_directory) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || ::access(path.c_str(), R_OK) != 0) {
    return "which cannot be read: " + std::generic_category().message(errno);
  }
  if (is_directory && !S_ISDIR(status.st_mode)) {
    return "which is no directory";
  }
  if (!is_directory && !S_ISREG(status.st_mode)) {
    return "which is no file";
  }
  return std::nullopt;
}

Problem trust(SSL_CTX* context, const TlsOptions& options) {
  // Whoever gives a certificate as trusted means it, also when it is not the root of its chain.
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
  if (!options.ca_file.empty()) {
    if (const auto why = unreadable(options.ca_file, false)) {
      return about("ca_file", "ssl_ca_certs", options.ca_file, *why);
    }
    if (SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr) != 1) {
      return about("ca_file", "ssl_ca_certs", options.ca_file,
                   "which holds no certificate in PEM: " + openssl_text(ERR_peek_last_error()));
    }
  }
  if (!options.ca_directory.empty()) {
    if (const auto why = unreadable(options.ca_directory, true)) {
      return about("ca_directory", "ssl_ca_path", options.ca_directory, *why);
    }
    if (SSL_CTX_load_verify_locations(context, nullptr, options.ca_directory.c_str()) != 1) {
      return about("ca_directory", "ssl_ca_path", options.ca_directory,
                   "which cannot be used: " + openssl_text(ERR_peek_last_error()));
    }
  }
  const bool needs_the_system = options.ca_file.empty() && options.ca_directory.empty() &&
                                options.certificate_check != CertificateCheck::none;
  if (needs_the_system && SSL_CTX_set_default_verify_paths(context) != 1) {
    return tls_failure("the CAs that the system trusts cannot be read: " +
                       openssl_text(ERR_peek_last_error()));
  }
  return std::nullopt;
}

/// The password for OpenSSL, and whether it was asked for.
struct Password {
  const std::string* text = nullptr;
  bool wanted = false;
};

int give_password(char* space, int size, int /*is_encrypting*/, void* data) {
  auto& password = *static_cast<Password*>(data);
  password.wanted = true;
  if (password.text == nullptr || password.text->size() > static_cast<std::size_t>(size)) {
    return -1;
  }
  password.text->copy(space, password.text->size());
  return static_cast<int>(password.text->size());
}

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

Problem identify(SSL_CTX* context, const TlsOptions& options, Password& password) {
  const std::string& certificate = options.certificate_file;
  if (certificate.empty()) {
    return std::nullopt;
  }
  const auto about_certificate = [&](const std::string& what) {
    return about("certificate_file", "ssl_certfile", certificate, what);
  };
  if (const auto why = unreadable(certificate, false)) {
    return about_certificate(*why);
  }
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return about_certificate("which holds no certificate in PEM, or none that may be used: " +
                             openssl_text(ERR_peek_last_error()));
  }
  const bool own_file = !options.key_file.empty();
  const std::string& file = own_file ? options.key_file : certificate;
  const auto about_key = [&](const std::string& what) {
    return own_file ? about("key_file", "ssl_keyfile", file, what)
                    : about_certificate("and key_file is not set: " + what);
  };
  if (const auto why = unreadable(file, false)) {
    return about_key(*why);
  }
  const std::unique_ptr<BIO, FreeKey> bio{BIO_new_file(file.c_str(), "r")};
  const std::unique_ptr<EVP_PKEY, FreeKey> key{
      bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio.get(), nullptr, give_password, &password)};
  if (key == nullptr) {
    if (!password.wanted) {
      return about_key("which holds no private key in PEM: " + openssl_text(ERR_peek_last_error()));
    }
    return about_key(password.text == nullptr
                         ? "whose key is encrypted: give its password by Options::tls.key_password"
                         : "whose key is encrypted, and Options::tls.key_password gives the wrong password");
  }
  ERR_clear_error();
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return about_key("whose key does not belong to the certificate in " + base::quoted(certificate));
  }
  return std::nullopt;
}

Problem choose_protocol(SSL_CTX* context, const TlsOptions& options) {
  if (SSL_CTX_set_min_proto_version(context, version_number(options.minimum_version)) != 1) {
    return tls_failure("Options::tls.minimum_version: this OpenSSL does not have that version of TLS");
  }
  if (!options.ciphers.empty() && SSL_CTX_set_cipher_list(context, options.ciphers.c_str()) != 1) {
    return about("ciphers", "ssl_ciphers", options.ciphers, "which names no cipher that OpenSSL has");
  }
  if (!options.ciphersuites.empty() && SSL_CTX_set_ciphersuites(context, options.ciphersuites.c_str()) != 1) {
    return tls_failure("Options::tls.ciphersuites is " + base::quoted(options.ciphersuites) +
                       ", which is no list of TLS 1.3 ciphersuites that OpenSSL has");
  }
  return std::nullopt;
}

base::Result<std::shared_ptr<TlsSetup>> load(const TlsOptions& options, Password& password) {
  auto setup = std::make_shared<TlsSetup>();
  const auto pass = TlsGate::of_process().pass();
  ERR_clear_error();
  setup->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = setup->context.get();
  if (context == nullptr) {
    return tls_failure("TLS cannot start: " + openssl_text(ERR_peek_last_error()));
  }
  Problem problem = choose_protocol(context, options);
  problem = problem ? problem : trust(context, options);
  problem = problem ? problem : identify(context, options, password);
  ERR_clear_error();
  if (problem) {
    return std::move(*problem);
  }
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A read returns after each record, so that it cannot be kept busy beyond a deadline.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  // One system call for a record, not one for its header and one for the rest.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  return setup;
}

base::Result<std::string> ask_password(const TlsOptions& options) {
  const std::string failed = "Options::tls.key_password threw an exception";
  try {
    return options.key_password();
  } catch (const std::exception& error) {
    return tls_failure(failed + ": " + error.what());
  } catch (...) {
    return tls_failure(failed);
  }
}

}  // namespace

void TlsContextDeleter::operator()(ssl_ctx_st* context) const noexcept {
  const auto pass = TlsGate::of_process().pass();
  if (tls_library_works()) {
    SSL_CTX_free(context);
  }
}

base::Result<std::shared_ptr<TlsSetup>> load_tls(const TlsOptions& options) {
  Password none;
  auto loaded = load(options, none);
  if (loaded || !none.wanted || !options.key_password) {
    return loaded;
  }
  // Asked between two readings: what is the caller's code may do anything, also fork or throw.
  auto text = ask_password(options);
  if (!text) {
    return std::move(text.failure());
  }
  Password password{.text = &text.value()};
  loaded = load(options, password);
  OPENSSL_cleanse(text.value().data(), text.value().size());
  return loaded;
}

}  // namespace rediscache::net
