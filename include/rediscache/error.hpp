// The errors of rediscache: what went wrong, where, and what can be done about it.
//
//   try {
//     cache.set("user:1", user);
//   } catch (const rediscache::TimeoutError& error) {        // one kind of trouble with the server
//     ...
//   } catch (const rediscache::ConnectionInterrupted& error) {  // any trouble with the server
//     log(error.what(), error.server(), error.command());
//   }
//
// Two families. `ConnectionInterrupted` and what derives from it is trouble with the server or the way to
// it; a cache with `ignore_exceptions` swallows exactly these. Every other `Error` was found in our own
// process (a wrong type asked for, a bad option) and is never swallowed.
//
// Thread safety: error objects are values; distinct ones may be used from any thread. Copying never throws.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <rediscache/export.hpp>

namespace rediscache {

enum class ErrorCode : std::uint8_t {
  connection,        ///< connecting, resolving, reading or writing failed
  timeout,           ///< a deadline passed
  authentication,    ///< NOAUTH, WRONGPASS, NOPERM, a refused AUTH
  tls,               ///< the TLS handshake or a certificate
  response,          ///< any other error reply of the server
  key_not_found,     ///< incr, decr of a key that does not exist
  not_an_integer,    ///< incr, decr of a value that is no integer, or would leave 64 bits
  wrong_type,        ///< a value is of another kind than the one asked for
  encode,            ///< a value cannot be stored with this serializer
  decode,            ///< stored bytes do not read as what was asked for
  invalid_options,   ///< an option, URL or name that cannot be used
  invalid_argument,  ///< an argument that cannot be used
  lock,              ///< a lock was not to be had, or cannot be extended
  lock_not_owned,    ///< a lock is not held, or not any more
  subscription,      ///< a subscription ended because more came than was taken out of it
  omitted,           ///< a number was read out of the result of an omitted call
};

/// "connection", "timeout", ...: the spelling above.
[[nodiscard]] REDISCACHE_API std::string_view to_string(ErrorCode code) noexcept;

/// Base of every exception thrown by this library.
class REDISCACHE_API Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message);
  ~Error() override;
  Error(const Error&) = default;
  Error& operator=(const Error&) = default;

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

/// What is known of a call that the server did not answer as hoped: a value, so that a swallowed failure
/// costs no exception. Clients return it, observers receive it, `raise()` turns it into the exception.
/// Holds command names only, never keys, values or passwords.
struct REDISCACHE_API Failure {
  ErrorCode code = ErrorCode::connection;  ///< connection, timeout, authentication, tls or response
  std::string message;
  std::string server;            ///< "127.0.0.1:6379", "unix:/run/redis.sock"; empty when none was reached
  std::string command;           ///< "GET"; empty while connecting
  bool connection_lost = false;  ///< the connection is gone; the next call makes another
  bool maybe_executed = false;   ///< the server may have done what it was asked
  bool refused = false;          ///< not sent, because the circuit breaker was open
  /// Of a call to several servers: others of them did answer, and their replies are there; those that are
  /// not say `Reply::is_unanswered()`.
  bool partial = false;
  /// The call itself is the reason, not the server: a request that the server refuses as too large, a reply
  /// above `max_reply_bytes` or nested too deeply, a command at which the other side hangs up. Sent again it
  /// would fail again; it says nothing about the server, and opens no breaker.
  bool caused_by_call = false;

  /// The first word of an error reply ("WRONGTYPE", "OOM"), empty for every other failure.
  [[nodiscard]] std::string_view prefix() const noexcept;
  /// True when trying again will not help: wrong password, missing rights, wrong type, unknown command,
  /// a certificate that does not verify.
  [[nodiscard]] bool misconfigured() const noexcept;
  /// "Redis TimeoutError: ...", the text of the exception.
  [[nodiscard]] std::string text() const;
  /// Throws the exception class that belongs to `code`.
  [[noreturn]] void raise() const;
};

/// Trouble with the server or on the way to it. Base of the five classes below, and what
/// `ignore_exceptions` swallows. Its text is "Redis <Type>: <message>".
class REDISCACHE_API ConnectionInterrupted : public Error {
 public:
  explicit ConnectionInterrupted(Failure failure);
  ~ConnectionInterrupted() override;
  ConnectionInterrupted(const ConnectionInterrupted&) = default;
  ConnectionInterrupted& operator=(const ConnectionInterrupted&) = default;

  [[nodiscard]] const Failure& failure() const noexcept;
  /// The message without the leading "Redis <Type>: ".
  [[nodiscard]] const std::string& cause() const noexcept;
  [[nodiscard]] const std::string& server() const noexcept;
  [[nodiscard]] const std::string& command() const noexcept;
  [[nodiscard]] bool connection_lost() const noexcept;
  [[nodiscard]] bool maybe_executed() const noexcept;

 private:
  std::shared_ptr<const Failure> failure_;
};

/// Resolving, connecting, reading or writing failed.
class REDISCACHE_API ConnectionError : public ConnectionInterrupted {
 public:
  using ConnectionInterrupted::ConnectionInterrupted;
  ~ConnectionError() override;
  ConnectionError(const ConnectionError&) = default;
  ConnectionError& operator=(const ConnectionError&) = default;
};

/// A deadline passed: connecting, waiting for a free connection, or waiting for the reply.
class REDISCACHE_API TimeoutError : public ConnectionInterrupted {
 public:
  using ConnectionInterrupted::ConnectionInterrupted;
  ~TimeoutError() override;
  TimeoutError(const TimeoutError&) = default;
  TimeoutError& operator=(const TimeoutError&) = default;
};

/// The server wants other credentials, or these may not do what was asked.
class REDISCACHE_API AuthenticationError : public ConnectionInterrupted {
 public:
  using ConnectionInterrupted::ConnectionInterrupted;
  ~AuthenticationError() override;
  AuthenticationError(const AuthenticationError&) = default;
  AuthenticationError& operator=(const AuthenticationError&) = default;
};

/// TLS cannot be had with these options and files: a certificate that is not trusted, or for another host; a
/// version or cipher that only one side has; a file that cannot be read. The text says which option decides.
class REDISCACHE_API TlsError : public ConnectionInterrupted {
 public:
  using ConnectionInterrupted::ConnectionInterrupted;
  ~TlsError() override;
  TlsError(const TlsError&) = default;
  TlsError& operator=(const TlsError&) = default;
};

/// The server answered with an error.
class REDISCACHE_API ResponseError : public ConnectionInterrupted {
 public:
  using ConnectionInterrupted::ConnectionInterrupted;
  ~ResponseError() override;
  ResponseError(const ResponseError&) = default;
  ResponseError& operator=(const ResponseError&) = default;

  /// The first word of the reply: "WRONGTYPE", "OOM", "LOADING", "ERR".
  [[nodiscard]] std::string_view prefix() const noexcept { return failure().prefix(); }
};

/// An error about one key. Its text names the key, printable and cut short.
class REDISCACHE_API KeyError : public Error {
 public:
  KeyError(ErrorCode code, std::string_view key, const std::string& message);
  ~KeyError() override;
  KeyError(const KeyError&) = default;
  KeyError& operator=(const KeyError&) = default;

  /// The key as the caller gave it.
  [[nodiscard]] const std::string& key() const noexcept;

 private:
  std::shared_ptr<const std::string> key_;
};

/// incr or decr of a key that does not exist. Nothing was changed.
class REDISCACHE_API KeyNotFound : public KeyError {
 public:
  explicit KeyNotFound(std::string_view key);
  ~KeyNotFound() override;
  KeyNotFound(const KeyNotFound&) = default;
  KeyNotFound& operator=(const KeyNotFound&) = default;
};

/// incr or decr of a value that is no integer, or whose result would leave 64 bits. Nothing was changed.
class REDISCACHE_API NotAnInteger : public KeyError {
 public:
  NotAnInteger(std::string_view key, const std::string& message);
  ~NotAnInteger() override;
  NotAnInteger(const NotAnInteger&) = default;
  NotAnInteger& operator=(const NotAnInteger&) = default;
};

/// Stored bytes do not read as what was asked for. What is stored stays as it is.
class REDISCACHE_API DecodeError : public KeyError {
 public:
  DecodeError(std::string_view key, const std::string& message);
  ~DecodeError() override;
  DecodeError(const DecodeError&) = default;
  DecodeError& operator=(const DecodeError&) = default;
};

/// What was taken out of a set, a sorted set or a list does not read as what was asked for. The server has it
/// no more, so it is here.
class REDISCACHE_API PoppedError : public DecodeError {
 public:
  PoppedError(std::string_view key, const std::string& message, std::vector<std::string> stored);
  ~PoppedError() override;
  PoppedError(const PoppedError&) = default;
  PoppedError& operator=(const PoppedError&) = default;

  /// All that was taken, as it was stored, those that do read included. Of a sorted set each member is
  /// followed by its score.
  [[nodiscard]] const std::vector<std::string>& stored() const noexcept;

 private:
  std::shared_ptr<const std::vector<std::string>> stored_;
};

/// A value that its conversion or the cache's serializer refuses to store. Nothing was sent.
class REDISCACHE_API EncodeError : public KeyError {
 public:
  EncodeError(std::string_view key, const std::string& message);
  ~EncodeError() override;
  EncodeError(const EncodeError&) = default;
  EncodeError& operator=(const EncodeError&) = default;
};

/// A value is of another kind than the one asked for, or does not fit. Thrown by `Value`, conversions and
/// serializers, which know no key; a cache passes it on as DecodeError or EncodeError.
class REDISCACHE_API ValueError : public Error {
 public:
  explicit ValueError(const std::string& message);
  ~ValueError() override;
  ValueError(const ValueError&) = default;
  ValueError& operator=(const ValueError&) = default;
};

/// An option, URL or name that cannot be used; the text says which, and what would be right.
class REDISCACHE_API InvalidOptions : public Error {
 public:
  explicit InvalidOptions(const std::string& message);
  ~InvalidOptions() override;
  InvalidOptions(const InvalidOptions&) = default;
  InvalidOptions& operator=(const InvalidOptions&) = default;
};

/// An argument of a call that cannot be used; nothing was sent.
class REDISCACHE_API InvalidArgument : public Error {
 public:
  explicit InvalidArgument(const std::string& message);
  ~InvalidArgument() override;
  InvalidArgument(const InvalidArgument&) = default;
  InvalidArgument& operator=(const InvalidArgument&) = default;
};

/// A lock was not acquired in time, or cannot be extended.
class REDISCACHE_API LockError : public KeyError {
 public:
  LockError(std::string_view key, const std::string& message);
  ~LockError() override;
  LockError(const LockError&) = default;
  LockError& operator=(const LockError&) = default;

 protected:
  LockError(ErrorCode code, std::string_view key, const std::string& message);
};

/// The lock is not held by this object, or not any more: its time ran out, or somebody deleted it.
class REDISCACHE_API LockNotOwnedError : public LockError {
 public:
  LockNotOwnedError(std::string_view key, const std::string& message);
  ~LockNotOwnedError() override;
  LockNotOwnedError(const LockNotOwnedError&) = default;
  LockNotOwnedError& operator=(const LockNotOwnedError&) = default;
};

/// A subscription that ends when its queue is full (`WhenFull::close`) has ended so.
class REDISCACHE_API SubscriptionError : public Error {
 public:
  explicit SubscriptionError(const std::string& message);
  ~SubscriptionError() override;
  SubscriptionError(const SubscriptionError&) = default;
  SubscriptionError& operator=(const SubscriptionError&) = default;
};

/// A number was read out of the result of a call that `ignore_exceptions` omitted. Ask `omitted()` first,
/// give a fallback with `value_or()`, or call through `cache.strict()`.
class REDISCACHE_API OmittedError : public Error {
 public:
  explicit OmittedError(const std::string& message);
  ~OmittedError() override;
  OmittedError(const OmittedError&) = default;
  OmittedError& operator=(const OmittedError&) = default;
};

}  // namespace rediscache
