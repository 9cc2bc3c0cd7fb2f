#include "net/tls_certificate.hpp"

#include <array>
#include <memory>
#include <string_view>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/text.hpp"

namespace rediscache::net {
namespace {

constexpr int most_names = 8;

struct BioDeleter {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioDeleter>;

/// What `print(bio)` writes; "unknown" when it writes nothing.
template <class Print>
std::string printed(Print print) {
  const Bio bio{BIO_new(BIO_s_mem())};
  if (bio == nullptr || print(bio.get()) <= 0) {
    return "unknown";
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string{data, static_cast<std::size_t>(size)} : "unknown";
}

std::string name_text(const X509_NAME* name) {
  // Escapes what is not printable: the name is somebody else's text.
  return printed([&](BIO* bio) { return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253); });
}

std::string time_text(const ASN1_TIME* time) {
  return printed([&](BIO* bio) { return ASN1_TIME_print(bio, time); });
}

std::string_view bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_text(const ASN1_STRING* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int size = ASN1_STRING_length(address);
  const int family = size == 4 ? AF_INET : AF_INET6;
  if ((size != 4 && size != 16) ||
      ::inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size()) == nullptr) {
    return "an address of " + std::to_string(size) + " bytes";
  }
  return text.data();
}

/// The last common name, quoted: what OpenSSL looks at when there are no other names.
std::string common_name_of(const X509& certificate) {
  const X509_NAME* const subject = X509_get_subject_name(&certificate);
  int last = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
    last = at;
  }
  const X509_NAME_ENTRY* const entry = last < 0 ? nullptr : X509_NAME_get_entry(subject, last);
  return entry == nullptr ? "no name at all" : base::quoted(bytes_of(X509_NAME_ENTRY_get_data(entry)));
}

struct NamesDeleter {
  void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};

}  // namespace

std::string subject_of(const x509_st& certificate) {
  return name_text(X509_get_subject_name(&certificate));
}

std::string issuer_of(const x509_st& certificate) {
  return name_text(X509_get_issuer_name(&certificate));
}

std::string names_of(const x509_st& certificate) {
  const std::unique_ptr<GENERAL_NAMES, NamesDeleter> names{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
  std::string out;
  int count = 0;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) {
      continue;
    }
    if (++count > most_names) {
      return out + " and more";
    }
    out += out.empty() ? "" : ", ";
    out += name->type == GEN_DNS ? base::quoted(bytes_of(name->d.dNSName)) : address_text(name->d.iPAddress);
  }
  return out.empty() ? common_name_of(certificate) : out;
}

std::string begin_of(const x509_st& certificate) {
  return time_text(X509_get0_notBefore(&certificate));
}

std::string end_of(const x509_st& certificate) {
  return time_text(X509_get0_notAfter(&certificate));
}

}  // namespace rediscache::net
