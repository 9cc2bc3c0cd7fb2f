#include "config/url_tls.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace rediscache::config {
namespace {

template <class T, std::size_t size>
using SpelledValues = std::array<std::pair<std::string_view, T>, size>;

constexpr SpelledValues<CertificateCheck, 3> checks{{{"none", CertificateCheck::none},
                                                     {"optional", CertificateCheck::optional},
                                                     {"required", CertificateCheck::required}}};
constexpr SpelledValues<TlsVersion, 4> versions{{{"tlsv1", TlsVersion::tls_1_0},
                                                 {"tlsv1.1", TlsVersion::tls_1_1},
                                                 {"tlsv1.2", TlsVersion::tls_1_2},
                                                 {"tlsv1.3", TlsVersion::tls_1_3}}};
constexpr SpelledValues<bool, 10> truths{{{"true", true},
                                          {"false", false},
                                          {"1", true},
                                          {"0", false},
                                          {"yes", true},
                                          {"no", false},
                                          {"t", true},
                                          {"f", false},
                                          {"y", true},
                                          {"n", false}}};

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

template <class T, std::size_t size>
std::optional<T> spelt(const SpelledValues<T, size>& spellings, std::string_view text) {
  const std::string wanted = lower(text);
  const auto found = std::find_if(spellings.begin(), spellings.end(),
                                  [&](const auto& spelling) { return spelling.first == wanted; });
  return found == spellings.end() ? std::nullopt : std::optional{found->second};
}

std::optional<std::string>* text_option(std::string_view name, UrlTls& tls) {
  if (name == "ssl_ca_certs") {
    return &tls.ca_file;
  }
  if (name == "ssl_ca_path") {
    return &tls.ca_directory;
  }
  if (name == "ssl_certfile") {
    return &tls.certificate_file;
  }
  if (name == "ssl_keyfile") {
    return &tls.key_file;
  }
  if (name == key_password_option) {
    return &tls.key_password;
  }
  return name == "ssl_ciphers" ? &tls.ciphers : nullptr;
}

}  // namespace

bool is_tls_option(std::string_view name) noexcept {
  return std::find(tls_option_names.begin(), tls_option_names.end(), name) != tls_option_names.end();
}

std::optional<std::string> read_tls_option(std::string_view name, std::string value, UrlTls& tls) {
  if (auto* const text = text_option(name, tls)) {
    *text = std::move(value);
    return std::nullopt;
  }
  const std::string wrong = std::string{name} + " is " + base::quoted(value) + "; it is ";
  if (name == "ssl_cert_reqs") {
    tls.certificate_check = spelt(checks, value);
    return tls.certificate_check ? std::nullopt : std::optional{wrong + "none, optional or required"};
  }
  if (name == "ssl_check_hostname") {
    tls.check_hostname = spelt(truths, value);
    return tls.check_hostname ? std::nullopt : std::optional{wrong + "true or false"};
  }
  tls.minimum_version = spelt(versions, value);
  return tls.minimum_version ? std::nullopt : std::optional{wrong + "TLSv1.2 or TLSv1.3"};
}

TlsOptions merged(TlsOptions options, UrlTls url) {
  options.certificate_check = url.certificate_check.value_or(options.certificate_check);
  options.check_hostname = url.check_hostname.value_or(options.check_hostname);
  if (url.ca_file || url.ca_directory) {
    // Whom to trust is one choice: the URL's does not add to the other.
    options.ca_file = std::move(url.ca_file).value_or("");
    options.ca_directory = std::move(url.ca_directory).value_or("");
  }
  if (url.certificate_file) {
    // And so is who we are.
    options.certificate_file = std::move(*url.certificate_file);
    options.key_file.clear();
  }
  options.key_file = std::move(url.key_file).value_or(std::move(options.key_file));
  if (url.key_password) {
    options.key_password = [password = std::move(*url.key_password)] { return password; };
  }
  options.minimum_version = url.minimum_version.value_or(options.minimum_version);
  options.ciphers = std::move(url.ciphers).value_or(std::move(options.ciphers));
  return options;
}

}  // namespace rediscache::config
