// Connecting to a host that has several addresses.
#include "net/address_race.hpp"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "support/socket.hpp"
#include "support/wait.hpp"
#include "unit/net_helpers.hpp"

namespace rediscache::test {
namespace {

using namespace std::chrono_literals;
using net::AddressRace;
using net::SocketAddress;
using ::testing::HasSubstr;

SocketAddress local_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  SocketAddress made{.size = sizeof(address)};
  std::memcpy(&made.storage, &address, sizeof(address));
  return made;
}

/// An address from which nothing comes: its backlog is full, and the system drops what would open a
/// connection.
class SilentAddress {
 public:
  SilentAddress() : listening_{listen_on(address_, 0)} {
    for (int i = 0; i < 4; ++i) {
      auto begun = net::Socket::begin_connect(local_address(address_.port), late());
      EXPECT_TRUE(begun);
      filling_.push_back(std::move(begun.value()));
    }
  }
  [[nodiscard]] SocketAddress address() const { return local_address(address_.port); }

 private:
  Address address_;
  Descriptor listening_;
  std::vector<net::Socket> filling_;
};

class AddressRaceTest : public ::testing::Test {
 protected:
  [[nodiscard]] base::Result<std::unique_ptr<net::Connection>> race(
      const std::vector<SocketAddress>& addresses, base::Deadline deadline = late()) {
    return AddressRace{settings_, handshake_, addresses}.run(deadline, deadline);
  }

  net::ServerSettings settings_{};
  proto::Handshake handshake_{proto::HandshakeOptions{}};
  ScriptedServer good_{Transport::tcp, {Script{}.expect_command().send("+OK\r\n").repeat()}};
  ScriptedServer mute_{Transport::tcp, {Script{}.stay_silent()}};
  SilentAddress silent_;
};

TEST_F(AddressRaceTest, ReachesTheGoodOneBehindOneThatIsSilentAndOneThatAcceptsAndIsMute) {
  const auto began = base::Clock::now();
  auto connection =
      race({silent_.address(), local_address(mute_.address().port), local_address(good_.address().port)},
           base::Deadline::in(20s));
  ASSERT_TRUE(connection) << connection.failure().message;
  const auto took = base::Clock::now() - began;
  EXPECT_GE(took, 500ms) << "each has 250 ms for itself";
  EXPECT_LT(took, 10s) << "and does not use up the time of those behind it";
  Reply reply;
  EXPECT_FALSE(get(*connection.value(), reply));
  EXPECT_EQ(reply, Reply::status("OK"));
  EXPECT_EQ(good_.command_count(), 1U);
}

TEST_F(AddressRaceTest, TakesOneThatSignsInWhileLaterOnesAreTried) {
  ScriptedServer slow{Transport::tcp, {Script{}.pause().expect_command().send("+OK\r\n").repeat()}};
  const std::jthread resumer{[&] {
    EXPECT_TRUE(eventually([&] { return mute_.connection_count() == 1; }));
    slow.resume();
  }};
  auto connection = race({local_address(slow.address().port), local_address(mute_.address().port)});
  ASSERT_TRUE(connection) << connection.failure().message;
  Reply reply;
  EXPECT_FALSE(get(*connection.value(), reply));
  EXPECT_EQ(slow.command_count(), 1U);
}

TEST_F(AddressRaceTest, GoesOnAtOnceWhereNobodyListens) {
  std::vector<SocketAddress> addresses(40, local_address(free_port()));
  addresses.push_back(local_address(good_.address().port));
  const auto began = base::Clock::now();
  const auto connection = race(addresses);
  ASSERT_TRUE(connection) << connection.failure().message;
  EXPECT_LT(base::Clock::now() - began, 8s) << "40 times 250 ms would be 10 s";
}

TEST_F(AddressRaceTest, SaysWhyNoneCouldBeUsed) {
  ScriptedServer refusing{Transport::tcp,
                          {Script{}.expect_bytes(1).send("-ERR max number of clients reached\r\n").close()}};
  const auto connection =
      race({local_address(free_port()), local_address(refusing.address().port), local_address(free_port())});
  ASSERT_FALSE(connection);
  EXPECT_THAT(connection.failure().message, HasSubstr("max number of clients"));
  EXPECT_THAT(connection.failure().message, HasSubstr("3 addresses"));
}

TEST_F(AddressRaceTest, EndsWhenNoAddressHasAcceptedAConnectionInTime) {
  const auto connection = AddressRace{settings_, handshake_, std::vector{silent_.address()}}.run(
      base::Deadline::in(300ms), late());
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.failure().code, ErrorCode::timeout);
  EXPECT_THAT(connection.failure().message, HasSubstr("no answer within connect_timeout"));
}

TEST_F(AddressRaceTest, EndsAtItsDeadline) {
  const auto connection =
      race({silent_.address(), local_address(mute_.address().port)}, base::Deadline::in(300ms));
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.failure().code, ErrorCode::timeout);
}

TEST_F(AddressRaceTest, IsWhatConnectsToAHostOfSeveralAddresses) {
  settings_.endpoint.host = "localhost";  // which mostly has two, and one is enough
  settings_.endpoint.port = good_.address().port;
  const auto connection = net::Connection::open(settings_, late());
  EXPECT_TRUE(connection) << connection.failure().message;
}

}  // namespace
}  // namespace rediscache::test
