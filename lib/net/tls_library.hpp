// OpenSSL while the process begins and ends.
#pragma once

#include <optional>

#include <rediscache/error.hpp>

namespace rediscache::net {

/// Starts OpenSSL, if nobody has, without the exit handler in which it would free what connections use: calls
/// may come from the destructors of static objects, and from threads that run while the process exits. Called
/// before a cache is made that may need it. Where the program started OpenSSL first, there is that handler.
void start_tls_library() noexcept;

/// Whether it can be used: false once it was shut down, in its exit handler or by the program. From then on
/// no other function of it is called, neither to read nor to free.
[[nodiscard]] bool tls_library_works() noexcept;

/// The failure of a call after that.
[[nodiscard]] Failure tls_library_is_over();

}  // namespace rediscache::net
