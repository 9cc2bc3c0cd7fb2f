// A TLS connection, transfer by transfer.
#include "net/tls_stream.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/socket.hpp"
#include "net/tls_context.hpp"
#include "support/tls_proxy.hpp"
#include "support/wait.hpp"
#include "unit/log_capture.hpp"
#include "unit/net_helpers.hpp"

namespace rediscache::test {
namespace {

using net::Socket;
using net::TlsContext;
using net::Transfer;
using Status = Transfer::Status;
using ::testing::HasSubstr;

class TlsStreamTest : public ::testing::TestWithParam<bool> {
 protected:
  /// A TLS server that plays the script.
  void serve(Script script, TlsProxy::Settings settings = {}) {
    plain_ = std::make_unique<ScriptedServer>(Transport::local, std::vector<Script>{std::move(script)});
    settings.certificate = authority_.issue({});
    settings.only_tls_1_2 = GetParam();
    proxy_ = std::make_unique<TlsProxy>(settings, plain_->address());
  }
  [[nodiscard]] net::Endpoint endpoint() const { return {.port = proxy_->address().port, .path = {}}; }
  [[nodiscard]] base::Result<Socket> connect(base::Deadline deadline = late()) {
    return connected_socket(endpoint(), deadline, &context_);
  }
  [[nodiscard]] static std::string receive(Socket& socket, std::size_t size) {
    std::string out(size, '\0');
    std::size_t received = 0;
    while (received < size) {
      const Transfer transfer = socket.receive(std::span{out}.subspan(received), late());
      if (transfer.status != Status::done) {
        return "ended with " + std::to_string(static_cast<int>(transfer.status));
      }
      received += transfer.bytes;
    }
    return out;
  }

  Authority authority_{"Test CA"};
  PemFiles files_;
  TlsContext context_{{.ca_file = files_.write("ca.pem", authority_.certificate())}, "tls_stream_test"};
  std::unique_ptr<ScriptedServer> plain_;
  std::unique_ptr<TlsProxy> proxy_;
};
INSTANTIATE_TEST_SUITE_P(Each, TlsStreamTest, ::testing::Bool(),
                         [](const auto& each) { return each.param ? "tls_1_2" : "tls_1_3"; });

TEST_P(TlsStreamTest, SendsPiecesAndReceives) {
  serve(Script{}.expect_bytes(11).send("pong"));
  auto socket = connect();
  ASSERT_TRUE(socket) << socket.failure().message;
  std::array<char, 16> room{};
  EXPECT_EQ(socket.value().try_receive(room).status, Status::would_block);
  const std::vector<std::string_view> pieces{"hello", "", " ", "world"};
  const Transfer sent = socket.value().send(pieces, late());
  EXPECT_EQ(sent.status, Status::done);
  EXPECT_EQ(sent.bytes, 11U) << "all in one record";
  EXPECT_EQ(receive(socket.value(), 4), "pong");
}

TEST_P(TlsStreamTest, SendsMoreThanARecordInSeveral) {
  serve(Script{}.expect_bytes(100'002).send("x"));
  auto socket = connect();
  ASSERT_TRUE(socket);
  const std::string much(100'000, 'a');
  std::array<std::string_view, 3> pieces{"b", much, "c"};
  std::size_t sent = 0;
  while (sent < 100'002) {
    const Transfer transfer = socket.value().send(pieces, late());
    ASSERT_EQ(transfer.status, Status::done);
    ASSERT_GT(transfer.bytes, 0U);
    sent += transfer.bytes;
    std::size_t left = transfer.bytes;
    for (std::string_view& piece : pieces) {
      const std::size_t taken = std::min(left, piece.size());
      piece.remove_prefix(taken);
      left -= taken;
    }
  }
  EXPECT_EQ(receive(socket.value(), 1), "x") << "all of it has arrived";
}

TEST_P(TlsStreamTest, TellsThatTheDeadlinePassed) {
  serve(Script{}.stay_silent());
  auto socket = connect();
  ASSERT_TRUE(socket);
  std::array<char, 1> room{};
  EXPECT_EQ(socket.value().receive(room, soon()).status, Status::timed_out);
  EXPECT_EQ(socket.value().wait_for_either(late()).status, Status::done) << "there is room to send";
  const base::Deadline passed{base::Clock::now() - std::chrono::hours{1}};
  EXPECT_EQ(socket.value().receive(room, passed).status, Status::timed_out);
}

TEST_P(TlsStreamTest, TellsThatTheServerStalledInTheHandshakeOrInARecord) {
  serve(Script{}.stay_silent(), {.handshake_bytes = 3});
  const auto none = connect(soon());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.failure().code, ErrorCode::timeout);
  EXPECT_THAT(none.failure().message, HasSubstr("connect_timeout"));
  serve(Script{}.send("pong"), {.bytes = 3});
  auto socket = connect();
  ASSERT_TRUE(socket);
  std::array<char, 16> room{};
  EXPECT_EQ(socket.value().receive(room, soon()).status, Status::timed_out);
  EXPECT_EQ(socket.value().try_receive(room).status, Status::would_block);
}

/// Sends until there is no more room, and none comes for a while. How many bytes went.
std::size_t fill(Socket& socket, std::string_view bytes) {
  std::size_t sent = 0;
  Transfer transfer;
  while (transfer.status == Status::done && sent < bytes.size()) {
    const std::array<std::string_view, 1> piece{bytes.substr(sent)};
    transfer = socket.send(piece, base::Deadline::in(std::chrono::milliseconds{100}));
    sent += transfer.bytes;
  }
  EXPECT_EQ(transfer.status, Status::timed_out);
  return sent;
}

TEST_P(TlsStreamTest, GoesOnWhereThereWasNoRoomWithTheSameBytesElsewhereAndMoreBehindThem) {
  const std::string much(std::size_t{16} << 20U, 'x');
  serve(Script{}.pause().expect_bytes(much.size() + 3).send("!"));
  auto socket = connect();
  ASSERT_TRUE(socket);
  std::size_t sent = fill(socket.value(), much);
  ASSERT_LT(sent, much.size());
  plain_->resume();
  while (sent < much.size() + 3) {
    // A copy, in other pieces, and longer.
    const std::string copy = much.substr(std::min(sent, much.size()));
    const std::size_t middle = copy.size() / 2;
    const std::array<std::string_view, 3> pieces{
        std::string_view{copy}.substr(0, middle), std::string_view{copy}.substr(middle),
        std::string_view{"end"}.substr(copy.empty() ? sent - much.size() : 0)};
    const Transfer transfer = socket.value().send(pieces, late());
    ASSERT_EQ(transfer.status, Status::done);
    sent += transfer.bytes;
  }
  EXPECT_EQ(sent, much.size() + 3);
  EXPECT_EQ(receive(socket.value(), 1), "!");
}

TEST_P(TlsStreamTest, WaitsForNothingWhileDecryptedBytesAreLeft) {
  serve(Script{}.send("xy").pause());
  auto socket = connect();
  ASSERT_TRUE(socket);
  std::array<char, 1> room{};
  ASSERT_EQ(socket.value().receive(room, late()).status, Status::done);
  const std::string much(std::size_t{16} << 20U, 'x');
  static_cast<void>(fill(socket.value(), much));
  EXPECT_EQ(socket.value().wait_for_either(soon()).status, Status::done) << "the y is here";
  ASSERT_EQ(socket.value().try_receive(room).status, Status::done);
  EXPECT_EQ(room[0], 'y');
  EXPECT_TRUE(eventually([&] {
    return socket.value().wait_for_either(soon()).status == Status::timed_out ||
           fill(socket.value(), much) == much.size();
  })) << "and now there is nothing";
}

TEST_P(TlsStreamTest, LooksWithoutWaitingAlsoWhenItIsShared) {
  serve(Script{}.expect_bytes(1).send("xy").pause());
  auto socket = connect();
  ASSERT_TRUE(socket);
  socket.value().share();
  std::array<char, 1> room{};
  EXPECT_EQ(socket.value().try_receive(room).status, Status::would_block);
  std::array<std::string_view, 1> pieces{"?"};
  ASSERT_EQ(socket.value().try_send(pieces).status, Status::done);
  EXPECT_TRUE(eventually([&] { return socket.value().try_receive(room).status == Status::done; }));
  EXPECT_EQ(room[0], 'x');
  EXPECT_EQ(socket.value().try_receive(room).status, Status::done);
  EXPECT_EQ(room[0], 'y');
  EXPECT_EQ(socket.value().try_receive(room).status, Status::would_block);
}

TEST_P(TlsStreamTest, IsQuietAlthoughTicketsCame) {
  serve(Script{}.stay_silent());
  auto socket = connect();
  ASSERT_TRUE(socket);
  // With TLS 1.3 the server's tickets follow its handshake, and have been sent when it is counted.
  ASSERT_TRUE(eventually([&] { return proxy_->handshakes().size() == 1; }));
  EXPECT_TRUE(socket.value().quiet_and_open());
  EXPECT_TRUE(socket.value().quiet_and_open());
}

TEST_P(TlsStreamTest, IsNotQuietWhenSomethingCameUnasked) {
  serve(Script{}.send("x"));
  auto socket = connect();
  ASSERT_TRUE(socket);
  EXPECT_TRUE(eventually([&] { return !socket.value().quiet_and_open(); }));
  std::array<char, 1> room{};
  EXPECT_EQ(socket.value().try_receive(room).bytes, 1U) << "looking did not take it";
}

TEST_P(TlsStreamTest, TellsThatThePeerHasGoneWithoutASignal) {
  for (const bool says_farewell : {false, true}) {
    serve(Script{}.send("a").close(), {.says_farewell = says_farewell});
    auto socket = connect();
    ASSERT_TRUE(socket);
    EXPECT_EQ(receive(socket.value(), 1), "a");
    std::array<char, 1> room{};
    EXPECT_EQ(socket.value().receive(room, late()).status, Status::closed);
    EXPECT_FALSE(socket.value().quiet_and_open());
    const std::array<std::string_view, 1> piece{"x"};
    EXPECT_TRUE(eventually([&] { return socket.value().try_send(piece).status != Status::done; }));
    EXPECT_NE(socket.value().send(piece, late()).status, Status::done);
  }
}

TEST_P(TlsStreamTest, LetsTheDescriptorGo) {
  serve(Script{}.stay_silent());
  auto socket = connect();
  ASSERT_TRUE(socket);
  ASSERT_TRUE(eventually([&] { return proxy_->handshakes().size() == 1; }));
  socket.value().close();
  Address address;
  const Descriptor other = listen_on(address, 1);  // has the lowest number that is free, most likely that one
  const Descriptor another = connect_to(address);
  const std::array<std::string_view, 1> piece{"x"};
  const Transfer sent = socket.value().try_send(piece);
  EXPECT_EQ(sent.status, Status::broken);
  EXPECT_EQ(sent.error, EBADF) << "the number is another file's by now";
}

TEST_P(TlsStreamTest, SaysOnceWhenNothingIsChecked) {
  for (const TlsOptions& options :
       {TlsOptions{.certificate_check = CertificateCheck::none}, TlsOptions{.check_hostname = false}}) {
    const LogCapture log{"tls_stream_test"};
    TlsContext context{options, "tls_stream_test"};
    EXPECT_TRUE(context.setup());
    EXPECT_TRUE(context.setup());
    ASSERT_EQ(log.messages().size(), 1U);
    EXPECT_EQ(log.messages()[0].level, spdlog::level::warn);
  }
  const LogCapture log{"tls_stream_test"};
  EXPECT_TRUE(context_.setup());
  EXPECT_TRUE(log.messages().empty());
}

}  // namespace
}  // namespace rediscache::test
