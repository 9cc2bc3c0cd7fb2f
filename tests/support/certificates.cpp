#include "support/certificates.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace rediscache::test {
namespace {

struct Free {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

void expect(bool good, const char* what) {
  if (!good) {
    throw std::runtime_error{std::string{"OpenSSL: "} + what};
  }
}

Owned<EVP_PKEY> new_key() {
  const Owned<EVP_PKEY_CTX> context{EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr)};
  EVP_PKEY* key = nullptr;
  expect(EVP_PKEY_keygen_init(context.get()) == 1 &&
             EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), NID_X9_62_prime256v1) == 1 &&
             EVP_PKEY_keygen(context.get(), &key) == 1,
         "no key");
  return Owned<EVP_PKEY>{key};
}

template <class Write>
std::string pem(Write write) {
  const Owned<BIO> bio{BIO_new(BIO_s_mem())};
  expect(write(bio.get()) == 1, "cannot write PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Owned<BIO> reading(const std::string& text) {
  return Owned<BIO>{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

Owned<EVP_PKEY> key_from(const std::string& text) {
  Owned<EVP_PKEY> key{PEM_read_bio_PrivateKey(reading(text).get(), nullptr, nullptr, nullptr)};
  expect(key != nullptr, "no key in PEM");
  return key;
}

Owned<X509> certificate_from(const std::string& text) {
  Owned<X509> certificate{PEM_read_bio_X509(reading(text).get(), nullptr, nullptr, nullptr)};
  expect(certificate != nullptr, "no certificate in PEM");
  return certificate;
}

void extend(X509* certificate, int nid, const std::string& value) {
  const Owned<X509_EXTENSION> extension{X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str())};
  expect(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, "no extension");
}

void name_it(X509* certificate, const std::string& common_name) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(common_name.data());
  expect(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, bytes,
                                    static_cast<int>(common_name.size()), -1, 0) == 1,
         "no name");
}

/// Signed by `issuer`, or by itself when there is none.
Certificate make(const Request& request, bool is_ca, const Certificate* issuer) {
  const Owned<EVP_PKEY> key = new_key();
  const Owned<X509> made{X509_new()};
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), static_cast<long>(serial));
  X509_gmtime_adj(X509_getm_notBefore(made.get()), std::chrono::seconds{request.begin}.count());
  X509_gmtime_adj(X509_getm_notAfter(made.get()), std::chrono::seconds{request.end}.count());
  X509_set_pubkey(made.get(), key.get());
  name_it(made.get(), request.common_name);
  const Owned<X509> signer = issuer == nullptr ? nullptr : certificate_from(issuer->certificate);
  X509_set_issuer_name(made.get(), X509_get_subject_name(signer == nullptr ? made.get() : signer.get()));
  if (is_ca) {
    extend(made.get(), NID_basic_constraints, "critical,CA:TRUE");
  }
  if (!request.names.empty()) {
    extend(made.get(), NID_subject_alt_name, request.names);
  }
  const Owned<EVP_PKEY> signing_key = issuer == nullptr ? nullptr : key_from(issuer->key);
  expect(X509_sign(made.get(), signing_key == nullptr ? key.get() : signing_key.get(), EVP_sha256()) > 0,
         "cannot sign");
  return {.certificate = pem([&](BIO* bio) { return PEM_write_bio_X509(bio, made.get()); }),
          .key = pem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace

Authority::Authority(const std::string& common_name)
    : own_{make({.common_name = common_name, .names = ""}, true, nullptr)} {}

Certificate Authority::issue(const Request& request) const {
  return make(request, false, &own_);
}

Certificate Authority::self_signed(const Request& request) {
  return make(request, false, nullptr);
}

std::string encrypted_key(const std::string& key, const std::string& password) {
  const Owned<EVP_PKEY> opened = key_from(key);
  return pem([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, opened.get(), EVP_aes_256_cbc(), password.data(),
                                         static_cast<int>(password.size()), nullptr, nullptr);
  });
}

std::string PemFiles::path(std::string_view name) const {
  return directory_.path() + "/" + std::string{name};
}

std::string PemFiles::write(std::string_view name, std::string_view text) const {
  const std::string final_path = path(name);
  const std::string first_path = final_path + ".new";
  std::ofstream{first_path, std::ios::binary} << text;
  std::filesystem::rename(first_path, final_path);
  return final_path;
}

std::string PemFiles::ca_directory(std::string_view name, const std::string& certificate) const {
  std::filesystem::create_directory(path(name));
  std::array<char, 16> hash{};
  static_cast<void>(std::snprintf(hash.data(), hash.size(), "%08lx.0",
                                  X509_subject_name_hash(certificate_from(certificate).get())));
  write(std::string{name} + "/" + hash.data(), certificate);
  return path(name);
}

}  // namespace rediscache::test
