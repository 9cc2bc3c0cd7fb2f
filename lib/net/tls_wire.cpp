#include "net/tls_wire.hpp"

#include <cerrno>

#include <openssl/bio.h>
#include <sys/socket.h>

#include "net/readiness.hpp"

namespace rediscache::net {
namespace {

TlsWire& wire_of(BIO* bio) noexcept {
  return *static_cast<TlsWire*>(BIO_get_data(bio));
}

int flags_of(const TlsWire& wire) noexcept {
  const bool may_block = wire.until != nullptr && wire.until->leaves(slice);
  return MSG_NOSIGNAL | (may_block ? 0 : MSG_DONTWAIT);
}

/// What a transfer that moved nothing means. True when it may be tried again.
bool try_again(TlsWire& wire) noexcept {
  wire.blocked = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  wire.error = wire.blocked ? 0 : errno;
  return wire.blocked;
}

int write_ex(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
  TlsWire& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(wire.fd, data, size, flags_of(wire));
  if (sent > 0) {
    *written = static_cast<std::size_t>(sent);
    return 1;
  }
  if (try_again(wire)) {
    BIO_set_retry_write(bio);
  }
  return 0;
}

int read_ex(BIO* bio, char* space, std::size_t size, std::size_t* read) {
  TlsWire& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  if (!wire.staged.empty()) {
    *read = wire.staged.copy(space, size);
    wire.staged.remove_prefix(*read);
    return 1;
  }
  if (wire.reads_staged_only) {
    wire.blocked = true;
    BIO_set_retry_read(bio);
    return 0;
  }
  const ssize_t received = ::recv(wire.fd, space, size, flags_of(wire));
  if (received > 0) {
    if (wire.first_byte < 0) {
      wire.first_byte = static_cast<unsigned char>(*space);
    }
    *read = static_cast<std::size_t>(received);
    return 1;
  }
  if (received == 0) {
    wire.closed = true;
  } else if (try_again(wire)) {
    BIO_set_retry_read(bio);
  }
  return 0;
}

long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  // Not answering whether the end was reached keeps OpenSSL 3 from sending an alert to who has gone.
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BIO_METHOD* make_method() noexcept {
  BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rediscache");
  if (method != nullptr) {
    BIO_meth_set_write_ex(method, write_ex);
    BIO_meth_set_read_ex(method, read_ex);
    BIO_meth_set_ctrl(method, control);
    BIO_meth_set_create(method, create);
  }
  return method;
}

}  // namespace

bio_st* make_bio(TlsWire& wire) noexcept {
  static const BIO_METHOD* const method = make_method();
  BIO* const bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio != nullptr) {
    BIO_set_data(bio, &wire);
  }
  return bio;
}

}  // namespace rediscache::net
