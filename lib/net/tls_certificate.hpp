// What a certificate says, as text.
#pragma once

#include <string>

struct x509_st;

namespace rediscache::net {

/// Whom it was issued to: "CN=cache.internal,O=Shop".
[[nodiscard]] std::string subject_of(const x509_st& certificate);
[[nodiscard]] std::string issuer_of(const x509_st& certificate);
/// The names and addresses it is for: `"cache.internal", 10.0.0.7`. Shortened when there are many.
[[nodiscard]] std::string names_of(const x509_st& certificate);
/// "Jan  2 03:04:05 2026 GMT".
[[nodiscard]] std::string begin_of(const x509_st& certificate);
[[nodiscard]] std::string end_of(const x509_st& certificate);

}  // namespace rediscache::net
