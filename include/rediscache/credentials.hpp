// How a client signs in.
//
//   rediscache::Options options;
//   options.credentials = [&vault] {                     // asked at each connect, so passwords may change
//     return rediscache::Credentials{.username = "shop", .password = vault.read("redis")};
//   };
#pragma once

#include <functional>
#include <string>

namespace rediscache {

/// A user of the server's ACL, or, with an empty user name, the password alone. An empty password signs
/// nobody in.
///
/// Thread safety: a value.
struct Credentials {
  std::string username{};
  std::string password{};
};

/// Gives the credentials for a connection that is about to be made, in the thread of the call that needs it
/// and within that call's time: from a memory that somebody else keeps fresh, rather than over a network. May
/// be called from several threads at once. When it throws, the call fails with AuthenticationError and the
/// text of what was thrown.
using CredentialsProvider = std::function<Credentials()>;

}  // namespace rediscache
