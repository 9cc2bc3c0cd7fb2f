#include <algorithm>
#include <array>
#include <utility>

#include <rediscache/detail/moved_from.hpp>
#include <rediscache/error.hpp>
#include <rediscache/result.hpp>

#include "base/text.hpp"

namespace rediscache {
namespace {

std::string_view class_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::timeout:
      return "TimeoutError";
    case ErrorCode::authentication:
      return "AuthenticationError";
    case ErrorCode::tls:
      return "TlsError";
    case ErrorCode::response:
      return "ResponseError";
    default:
      return "ConnectionError";
  }
}

}  // namespace

std::string_view to_string(ErrorCode code) noexcept {
  constexpr std::array<std::string_view, 16> names{
      "connection",     "timeout",        "authentication", "tls",    "response",        "key_not_found",
      "not_an_integer", "wrong_type",     "encode",         "decode", "invalid_options", "invalid_argument",
      "lock",           "lock_not_owned", "subscription",   "omitted"};
  return names.at(static_cast<std::size_t>(code));
}

std::string_view Failure::prefix() const noexcept {
  if (code != ErrorCode::response && code != ErrorCode::authentication) {
    return {};
  }
  const std::string_view text{message};
  const std::string_view word = text.substr(0, text.find(' '));
  const bool is_prefix = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return is_prefix ? word : std::string_view{};
}

bool Failure::misconfigured() const noexcept {
  switch (code) {
    case ErrorCode::authentication:
    case ErrorCode::tls:
      return true;
    case ErrorCode::response: {
      // These pass by themselves; every other error reply will come again.
      constexpr std::array<std::string_view, 10> passing{"LOADING",     "OOM",       "BUSY",       "READONLY",
                                                         "MASTERDOWN",  "MISCONF",   "NOREPLICAS", "TRYAGAIN",
                                                         "CLUSTERDOWN", "UNKILLABLE"};
      return std::find(passing.begin(), passing.end(), prefix()) == passing.end();
    }
    default:
      return false;
  }
}

std::string Failure::text() const {
  std::string out = "Redis ";
  out += class_name(code);
  out += ": ";
  out += message;
  if (!command.empty() || !server.empty()) {
    out += " (";
    out += command;
    if (!server.empty()) {
      out += command.empty() ? "server " : " on ";
      out += server;
    }
    out += ')';
  }
  return out;
}

void Failure::raise() const {
  switch (code) {
    case ErrorCode::timeout:
      throw TimeoutError{*this};
    case ErrorCode::authentication:
      throw AuthenticationError{*this};
    case ErrorCode::tls:
      throw TlsError{*this};
    case ErrorCode::response:
      throw ResponseError{*this};
    default:
      throw ConnectionError{*this};
  }
}

Error::Error(ErrorCode code, const std::string& message) : std::runtime_error{message}, code_{code} {}
Error::~Error() = default;

ConnectionInterrupted::ConnectionInterrupted(Failure failure)
    : Error{failure.code, failure.text()}, failure_{std::make_shared<const Failure>(std::move(failure))} {}
ConnectionInterrupted::~ConnectionInterrupted() = default;
const Failure& ConnectionInterrupted::failure() const noexcept {
  return *failure_;
}
const std::string& ConnectionInterrupted::cause() const noexcept {
  return failure_->message;
}
const std::string& ConnectionInterrupted::server() const noexcept {
  return failure_->server;
}
const std::string& ConnectionInterrupted::command() const noexcept {
  return failure_->command;
}
bool ConnectionInterrupted::connection_lost() const noexcept {
  return failure_->connection_lost;
}
bool ConnectionInterrupted::maybe_executed() const noexcept {
  return failure_->maybe_executed;
}
ConnectionError::~ConnectionError() = default;
TimeoutError::~TimeoutError() = default;
AuthenticationError::~AuthenticationError() = default;
TlsError::~TlsError() = default;
ResponseError::~ResponseError() = default;

KeyError::KeyError(ErrorCode code, std::string_view key, const std::string& message)
    : Error{code, "key " + base::quoted(key) + ": " + message},
      key_{std::make_shared<const std::string>(key)} {}
KeyError::~KeyError() = default;
const std::string& KeyError::key() const noexcept {
  return *key_;
}

KeyNotFound::KeyNotFound(std::string_view key) : KeyError{ErrorCode::key_not_found, key, "not found"} {}
KeyNotFound::~KeyNotFound() = default;
NotAnInteger::NotAnInteger(std::string_view key, const std::string& message)
    : KeyError{ErrorCode::not_an_integer, key, message} {}
NotAnInteger::~NotAnInteger() = default;
DecodeError::DecodeError(std::string_view key, const std::string& message)
    : KeyError{ErrorCode::decode, key, message} {}
DecodeError::~DecodeError() = default;
PoppedError::PoppedError(std::string_view key, const std::string& message, std::vector<std::string> stored)
    : DecodeError{key, message},
      stored_{std::make_shared<const std::vector<std::string>>(std::move(stored))} {}
PoppedError::~PoppedError() = default;
const std::vector<std::string>& PoppedError::stored() const noexcept {
  return *stored_;
}
EncodeError::EncodeError(std::string_view key, const std::string& message)
    : KeyError{ErrorCode::encode, key, message} {}
EncodeError::~EncodeError() = default;

LockError::LockError(std::string_view key, const std::string& message)
    : LockError{ErrorCode::lock, key, message} {}
LockError::LockError(ErrorCode code, std::string_view key, const std::string& message)
    : KeyError{code, key, message} {}
LockError::~LockError() = default;
LockNotOwnedError::LockNotOwnedError(std::string_view key, const std::string& message)
    : LockError{ErrorCode::lock_not_owned, key, message} {}
LockNotOwnedError::~LockNotOwnedError() = default;

ValueError::ValueError(const std::string& message) : Error{ErrorCode::wrong_type, message} {}
ValueError::~ValueError() = default;
InvalidOptions::InvalidOptions(const std::string& message) : Error{ErrorCode::invalid_options, message} {}
InvalidOptions::~InvalidOptions() = default;
InvalidArgument::InvalidArgument(const std::string& message) : Error{ErrorCode::invalid_argument, message} {}
InvalidArgument::~InvalidArgument() = default;
SubscriptionError::SubscriptionError(const std::string& message) : Error{ErrorCode::subscription, message} {}
SubscriptionError::~SubscriptionError() = default;
OmittedError::OmittedError(const std::string& message) : Error{ErrorCode::omitted, message} {}
OmittedError::~OmittedError() = default;

namespace detail {

void throw_omitted(const char* what) {
  throw OmittedError{
      std::string{"no "} + what +
      ": the call was omitted because the server could not be reached and ignore_exceptions is "
      "on; ask omitted() first, or call through strict()"};
}

void throw_moved_from(const char* type) {
  throw InvalidArgument{"this " + std::string{type} +
                        " was moved from and has nothing any more; use the one that it was moved to"};
}

}  // namespace detail
}  // namespace rediscache
