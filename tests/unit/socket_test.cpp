// Sockets, endpoints and addresses.
#include "net/socket.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/deadline.hpp"
#include "base/fd.hpp"
#include "net/resolver.hpp"
#include "support/wait.hpp"
#include "unit/net_helpers.hpp"

namespace rediscache::test {
namespace {

using net::Endpoint;
using net::error_text;
using net::Socket;
using Status = net::Transfer::Status;
using ::testing::HasSubstr;

Endpoint unix_endpoint(std::string path) {
  return {.transport = Endpoint::Transport::unix_socket, .path = std::move(path)};
}

TEST(EndpointTest, HasTheNameThatErrorsShow) {
  EXPECT_EQ((Endpoint{.host = "h", .port = 7, .path = {}}.name()), "h:7");
  EXPECT_EQ((Endpoint{.host = "::1", .port = 6379, .path = {}}.name()), "[::1]:6379");
  EXPECT_EQ(unix_endpoint("/run/redis.sock").name(), "unix:/run/redis.sock");
  EXPECT_EQ((Endpoint{.path = {}}.name()), "127.0.0.1:6379");
}

TEST(SocketTest, WaitsForAPlaceInTheBacklogOfAUnixSocket) {
  const TemporaryDirectory directory;
  Address address;
  address.path = directory.path() + "/full.sock";
  const Descriptor listening = listen_on(address, 0);
  std::vector<base::Fd> waiting;
  for (bool full = false; !full;) {
    base::Fd& next = waiting.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address.path.copy(name.sun_path, sizeof(name.sun_path) - 1);
    full = ::connect(next.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0;
    ASSERT_TRUE(!full || errno == EAGAIN);
  }
  const auto late_in_vain =
      connected_socket(unix_endpoint(address.path), base::Deadline::in(std::chrono::milliseconds{50}));
  ASSERT_FALSE(late_in_vain);
  EXPECT_EQ(late_in_vain.failure().code, ErrorCode::timeout);
  EXPECT_THAT(late_in_vain.failure().message, HasSubstr("backlog"));
  std::thread accepting{[&] {
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      const Descriptor accepted{::accept(listening.get(), nullptr, nullptr)};
    }
  }};
  EXPECT_TRUE(connected_socket(unix_endpoint(address.path), late()));
  accepting.join();
}

TEST(SocketTest, SendsPiecesAndReceives) {
  const ScriptedServer server{Transport::local, {Script{}.expect_bytes(11).send("pong")}};
  auto socket = connected_socket(unix_endpoint(server.address().path), late());
  ASSERT_TRUE(socket);
  std::array<char, 16> room{};
  EXPECT_EQ(socket.value().try_receive(room).status, Status::would_block);
  EXPECT_TRUE(socket.value().quiet_and_open());
  const std::vector<std::string_view> pieces{"hello", " ", "world"};
  const auto sent = socket.value().send(pieces, late());
  EXPECT_EQ(sent.status, Status::done);
  EXPECT_EQ(sent.bytes, 11U);
  std::string received;
  while (received.size() < 4) {
    const auto transfer = socket.value().receive(room, late());
    ASSERT_EQ(transfer.status, Status::done);
    received.append(room.data(), transfer.bytes);
  }
  EXPECT_EQ(received, "pong");
}

TEST(SocketTest, SendsMorePiecesThanOneSystemCallTakes) {
  const ScriptedServer server{Transport::local, {Script{}.expect_bytes(1000).send("x")}};
  auto socket = connected_socket(unix_endpoint(server.address().path), late());
  ASSERT_TRUE(socket);
  const std::vector<std::string_view> pieces(1000, "a");
  std::size_t sent = 0;
  while (sent < pieces.size()) {
    const auto transfer = socket.value().send(std::span{pieces}.subspan(sent), late());
    ASSERT_EQ(transfer.status, Status::done);
    ASSERT_GT(transfer.bytes, 0U);
    sent += transfer.bytes;
  }
  std::array<char, 1> room{};
  EXPECT_EQ(socket.value().receive(room, late()).status, Status::done) << "all of it has arrived";
}

TEST(SocketTest, TellsThatTheDeadlinePassed) {
  const ScriptedServer server{Transport::local, {Script{}.stay_silent()}};
  auto socket = connected_socket(unix_endpoint(server.address().path), late());
  ASSERT_TRUE(socket);
  std::array<char, 1> room{};
  EXPECT_EQ(socket.value().receive(room, soon()).status, Status::timed_out);
  EXPECT_EQ(socket.value().wait_for_either(late()).status, Status::done) << "there is room to send";
}

TEST(SocketTest, TellsThatThereIsNoRoom) {
  const ScriptedServer server{Transport::local, {Script{}.pause()}};
  auto socket = connected_socket(unix_endpoint(server.address().path), late());
  ASSERT_TRUE(socket);
  const std::string much(1 << 20, 'x');
  const std::array<std::string_view, 1> piece{much};
  net::Transfer sent;
  do {
    sent = socket.value().try_send(piece);
  } while (sent.status == Status::done);
  EXPECT_EQ(sent.status, Status::would_block);
  EXPECT_EQ(socket.value().send(piece, soon()).status, Status::timed_out);
  EXPECT_EQ(socket.value().wait_for_either(soon()).status, Status::timed_out);
}

TEST(SocketTest, TellsThatThePeerHasGoneWithoutASignal) {
  const ScriptedServer server{Transport::local, {Script{}.close()}};
  auto socket = connected_socket(unix_endpoint(server.address().path), late());
  ASSERT_TRUE(socket);
  std::array<char, 1> room{};
  EXPECT_EQ(socket.value().receive(room, late()).status, Status::closed);
  EXPECT_FALSE(socket.value().quiet_and_open());
  const std::array<std::string_view, 1> piece{"x"};
  const auto sent = socket.value().send(piece, late());
  EXPECT_EQ(sent.status, Status::broken);
  EXPECT_EQ(sent.error, EPIPE);
  const std::array<std::string_view, 2> pieces{"x", "y"};
  EXPECT_EQ(socket.value().try_send(pieces).error, EPIPE);
}

TEST(SocketTest, IsNotQuietWhenSomethingCameUnasked) {
  const ScriptedServer server{Transport::local, {Script{}.send("x")}};
  auto socket = connected_socket(unix_endpoint(server.address().path), late());
  ASSERT_TRUE(socket);
  EXPECT_TRUE(eventually([&] { return !socket.value().quiet_and_open(); }));
  std::array<char, 1> room{};
  EXPECT_EQ(socket.value().try_receive(room).bytes, 1U) << "looking did not take it";
}

Failure failure_to_connect(const Endpoint& endpoint) {
  const auto socket = connected_socket(endpoint, late());
  if (socket) {
    ADD_FAILURE() << "connected";
    return {};
  }
  return socket.failure();
}

TEST(SocketTest, SaysWhyItCannotConnect) {
  const TemporaryDirectory directory;
  const Failure none = failure_to_connect(unix_endpoint(directory.path() + "/none.sock"));
  EXPECT_EQ(none.code, ErrorCode::connection);
  EXPECT_THAT(none.message, HasSubstr("No such file"));
  EXPECT_THAT(none.message, HasSubstr("unixsocket"));
  const Failure refused = failure_to_connect({.host = "127.0.0.1", .port = free_port(), .path = {}});
  EXPECT_EQ(refused.code, ErrorCode::connection);
  EXPECT_THAT(refused.message, HasSubstr("Connection refused (is a server running there?)"));
  const Failure longest = failure_to_connect(unix_endpoint("/" + std::string(200, 'x')));
  EXPECT_THAT(longest.message, HasSubstr("at most 107 bytes"));
}

TEST(SocketTest, ConnectsOverTcp) {
  const ScriptedServer server{Transport::tcp, {Script{}.send("x")}};
  auto socket = connected_socket({.host = "localhost", .port = server.address().port, .path = {}}, late());
  ASSERT_TRUE(socket) << socket.failure().message;
  std::array<char, 1> room{};
  EXPECT_EQ(socket.value().receive(room, late()).bytes, 1U);
}

int option_of(int fd, int level, int option) {
  int value = -1;
  socklen_t size = sizeof(value);
  EXPECT_EQ(::getsockopt(fd, level, option, &value, &size), 0);
  return value;
}

TEST(SocketTest, OverTcpSendsAtOnceAndNoticesAPeerThatIsGone) {
  const ScriptedServer server{Transport::tcp, {Script{}.stay_silent()}};
  const auto socket =
      connected_socket({.host = "127.0.0.1", .port = server.address().port, .path = {}}, late());
  ASSERT_TRUE(socket) << socket.failure().message;
  const int fd = descriptor_to(server.address().port);
  ASSERT_GE(fd, 0);
  EXPECT_NE(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_NE(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), 15);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_KEEPINTVL), 5);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
  EXPECT_EQ(option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 30'000) << "milliseconds";
}

TEST(SocketTest, ConnectsOverIpv6) {
  const Descriptor listening{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listening.get(), generic, size), 0) << error_text(errno);
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  ASSERT_EQ(::getsockname(listening.get(), generic, &size), 0);
  auto socket = connected_socket({.host = "::1", .port = ntohs(address.sin6_port), .path = {}}, late());
  ASSERT_TRUE(socket) << socket.failure().message;
  const Descriptor accepted{::accept(listening.get(), nullptr, nullptr)};
  ASSERT_TRUE(send_all(accepted.get(), "x"));
  std::array<char, 1> room{};
  EXPECT_EQ(socket.value().receive(room, late()).bytes, 1U);
}

std::string text_of(const net::SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address.storage);
  const void* bytes = nullptr;
  std::uint16_t port = 0;
  if (generic->sa_family == AF_INET) {
    const auto* const v4 = reinterpret_cast<const sockaddr_in*>(generic);
    EXPECT_EQ(address.size, sizeof(sockaddr_in));
    bytes = &v4->sin_addr;
    port = v4->sin_port;
  } else {
    const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(generic);
    EXPECT_EQ(address.size, sizeof(sockaddr_in6));
    bytes = &v6->sin6_addr;
    port = v6->sin6_port;
  }
  return std::string{::inet_ntop(generic->sa_family, bytes, text.data(), text.size())} + " " +
         std::to_string(ntohs(port));
}

TEST(ResolverTest, TakesAddressesForThemselvesWithoutLookingThemUp) {
  // The deadline has passed: a look-up could not succeed.
  const base::Deadline passed{base::Clock::now() - std::chrono::hours{1}};
  const auto v4 = net::resolve("192.0.2.7", 6379, passed);
  ASSERT_TRUE(v4);
  ASSERT_EQ(v4.value().size(), 1U);
  EXPECT_EQ(text_of(v4.value()[0]), "192.0.2.7 6379");
  const auto v6 = net::resolve("2001:db8::7", 1, passed);
  ASSERT_TRUE(v6);
  EXPECT_EQ(text_of(v6.value()[0]), "2001:db8::7 1");
}

TEST(ResolverTest, FindsLocalhost) {
  const auto found = net::resolve("localhost", 7, late());
  ASSERT_TRUE(found) << found.failure().message;
  ASSERT_FALSE(found.value().empty());
  for (const auto& address : found.value()) {
    EXPECT_THAT(text_of(address), ::testing::AnyOf("127.0.0.1 7", "::1 7"));
  }
}

}  // namespace
}  // namespace rediscache::test
