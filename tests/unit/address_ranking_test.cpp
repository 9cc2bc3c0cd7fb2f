// Which address of a host is tried first after one turned out to be the wrong server's.
#include "net/address_ranking.hpp"

#include <cstdint>
#include <cstring>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace rediscache::test {
namespace {

using net::AddressRanking;
using net::SocketAddress;
using ::testing::ElementsAre;

SocketAddress address_with_port(std::uint16_t port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = port;
  SocketAddress address;
  std::memcpy(&address.storage, &in, sizeof(in));
  address.size = sizeof(in);
  return address;
}

class AddressRankingTest : public ::testing::Test {
 protected:
  /// The ports in the order in which they would be tried.
  [[nodiscard]] std::vector<int> order() const {
    std::vector<SocketAddress> addresses{address_with_port(1), address_with_port(2), address_with_port(3)};
    ranking_.sort(addresses);
    std::vector<int> ports;
    for (const SocketAddress& address : addresses) {
      sockaddr_in in{};
      std::memcpy(&in, &address.storage, sizeof(in));
      ports.push_back(in.sin_port);
    }
    return ports;
  }
  bool refuse(std::uint16_t port) { return ranking_.refused(ranking_.id_of(address_with_port(port))); }

  AddressRanking ranking_;
};

TEST_F(AddressRankingTest, KeepsTheResolversOrder) {
  EXPECT_THAT(order(), ElementsAre(1, 2, 3));
}

TEST_F(AddressRankingTest, TriesTheOnesThatRefusedLastTheLatestOfThemAtTheEnd) {
  EXPECT_TRUE(refuse(1));
  EXPECT_THAT(order(), ElementsAre(2, 3, 1));
  EXPECT_TRUE(refuse(2));
  EXPECT_THAT(order(), ElementsAre(3, 1, 2));
  EXPECT_FALSE(refuse(1)) << "it had said so before";
  EXPECT_THAT(order(), ElementsAre(3, 2, 1));
}

TEST_F(AddressRankingTest, ForgivesWhoAccepts) {
  refuse(1);
  refuse(2);
  ranking_.accepted(ranking_.id_of(address_with_port(2)));
  EXPECT_THAT(order(), ElementsAre(2, 3, 1));
  EXPECT_TRUE(refuse(2));
}

TEST_F(AddressRankingTest, IsBounded) {
  for (std::uint16_t port = 1; port <= 64; ++port) {
    EXPECT_NE(ranking_.id_of(address_with_port(port)), AddressRanking::unknown);
  }
  EXPECT_EQ(ranking_.id_of(address_with_port(65)), AddressRanking::unknown);
  EXPECT_EQ(ranking_.id_of(address_with_port(64)), ranking_.id_of(address_with_port(64)));
  EXPECT_FALSE(ranking_.refused(AddressRanking::unknown));
}

}  // namespace
}  // namespace rediscache::test
