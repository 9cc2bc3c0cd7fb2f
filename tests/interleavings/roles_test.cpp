// The roles of a shared connection, in every interleaving with few interruptions: stress does not find such
// races.
//
// What is tested is net/roles.hpp itself. Around it stands, in a few lines, what SharedConnection does with
// it; the server here has answered as soon as something was sent.
#include "net/roles.hpp"

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "interleavings/scheduler.hpp"

namespace rediscache::test {
namespace {

using Roles = net::Roles<SteppedSync, 16>;
namespace bits = net::slot_bits;

constexpr int any_depth = 100;
/// Each time a writer looks it is one, or any, as where something else was measured meanwhile.
constexpr int changing_depth = 0;

struct Call : Roles::Slot {
  int number = 0;
  bool ends_send = false;
  bool may_leave = false;
  bool destroyed = false;  // by the connection, after its caller had left
};

/// A connection of the model. Only one thread ever runs at a time, so that what is no atomic here is looked
/// at for two who use it at once.
class Connection {
 public:
  explicit Connection(int depth) : depth_{depth} {}

  /// As SharedConnection::exchange; a call that may leave does so at the first opportunity, or at a later
  /// one.
  void exchange(Call& call, bool may_leave, bool direct) {
    call.may_leave = may_leave;
    bool reading = false;
    if (direct && roles_.in_flight() == 0 && roles_.try_write()) {
      send({&call}, call, reading);
      write(call, reading);
    } else if (roles_.enqueue(call)) {
      write(call, reading);
    }
    wait(call, reading, may_leave);
  }

  [[nodiscard]] std::string complaint(const std::vector<std::unique_ptr<Call>>& calls) const {
    for (const auto& call : calls) {
      const bool left = (call->state.peek() & bits::abandoned) != 0;
      if (!left && (call->state.peek() & bits::done) == 0) {
        return "call " + std::to_string(call->number) + " was never done";
      }
    }
    return {};
  }

 private:
  void write(Call& own, bool& reading) {
    enter(writers_, "two threads write");
    for (bool first = true;; first = false) {
      if (pending_ == nullptr) {
        const int depth = depth_ != changing_depth ? depth_ : Scheduler::choose(2) == 1 ? 1 : any_depth;
        if (roles_.too_many_outstanding(depth)) {
          --writers_;  // from the moment the mark is set somebody else may write
          if (roles_.stall(depth)) {
            return;
          }
          enter(writers_, "two threads write after a stall");
        }
        pending_ = static_cast<Call*>(roles_.take());
        if (pending_ == nullptr) {
          --writers_;
          if (roles_.leave()) {
            return;
          }
          enter(writers_, "two threads write after one could not leave");
          continue;
        }
      }
      // After its first batch a writer whose deadline has passed leaves: here, some time.
      const bool is_done = (own.state.load() & bits::done) != 0;
      const bool may_go =
          first ? is_done && own.may_leave : is_done || (own.may_leave && Scheduler::choose(2) == 1);
      if (may_go && hand_over(own)) {
        return;
      }
      if (roles_.nobody_is_reading() && roles_.take_over()) {
        reading = true;
      }
      std::vector<Call*> batch;
      while (pending_ != nullptr) {
        Call* const call = std::exchange(pending_, static_cast<Call*>(pending_->next));
        if (Roles::claim(*call)) {
          batch.push_back(call);
        } else {
          destroy(*call);
        }
      }
      if (!batch.empty()) {
        send(batch, own, reading);
      }
      find_reader(own, reading);
    }
  }

  void send(const std::vector<Call*>& batch, Call& own, bool& reading) {
    if (batch.size() == 1 && batch.front() == &own) {
      own.state.fetch_or(bits::sent);
    }
    batch.back()->ends_send = true;
    for (Call* const call : batch) {
      if (call->ends_send) {
        roles_.sent();
      }
      if (roles_.append(*call)) {
        reading = true;
      }
    }
    answered_ += batch.size();
  }

  void find_reader(Call& own, bool& reading) {
    if (reading && (own.state.load() & (bits::sent | bits::done | bits::abandoned)) != bits::sent) {
      leave_reading(own, reading);
    }
  }

  [[nodiscard]] bool hand_over(const Call& own) {
    for (Call* call = pending_ != nullptr ? pending_ : take_more(); call != nullptr;) {
      std::uint32_t state = call->state.load();
      while (call != &own && (state & bits::abandoned) == 0) {
        --writers_;
        if (call->state.compare_exchange_weak(state, state | bits::write)) {
          return true;
        }
        ++writers_;
      }
      call = call->next != nullptr ? static_cast<Call*>(call->next) : take_more();
    }
    return false;
  }

  [[nodiscard]] Call* take_more() {
    auto* const more = static_cast<Call*>(roles_.take());
    if (pending_ == nullptr) {
      return pending_ = more;
    }
    auto* last = static_cast<Roles::Slot*>(pending_);
    while (last->next != nullptr) {
      last = last->next;
    }
    last->next = more;
    return more;
  }

  void read(Call& own, bool& reading) {
    while (reading && (own.state.load() & bits::done) == 0) {
      Scheduler::wait_until([this] { return answered_ > 0; });
      // Some of the replies that are there come with one receive: one, or all.
      std::size_t now = answered_ > 1 && Scheduler::choose(2) == 1 ? 1 : answered_;
      enter(readers_, "two threads read");
      answered_ -= now;
      int sends = 0;
      const std::size_t completed = now;
      for (; now > 0; --now) {
        Call& call = static_cast<Call&>(roles_.front());
        sends += call.ends_send ? 1 : 0;
        bool wake = false;
        if (!roles_.complete_front(wake)) {
          destroy(call);
        }
      }
      --readers_;
      reading = roles_.completed(completed) > 0;
      if (reading && (own.state.load() & bits::done) != 0) {
        leave_reading(own, reading);
      }
      if (sends > 0) {
        roles_.answered(sends);
        if (roles_.resume() && !passes_writing(own)) {
          write(own, reading);
        }
      }
    }
    if (reading) {
      leave_reading(own, reading);
    }
  }

  /// Who is done may let somebody write who waits.
  [[nodiscard]] bool passes_writing(Call& own) {
    return (own.state.load() & bits::done) != 0 && Scheduler::choose(2) == 1 && roles_.pass_writing();
  }

  void leave_reading(Call& own, bool& reading) {
    reading = false;
    bool wake = false;
    if (roles_.elect(wake) == nullptr && roles_.resume()) {
      write(own, reading);
    }
  }

  void wait(Call& call, bool& reading, bool may_leave) {
    constexpr std::uint32_t something = bits::done | bits::lead | bits::write;
    while (true) {
      if (reading) {
        if (may_leave && Scheduler::choose(2) == 1) {
          call.state.fetch_or(bits::abandoned);
          Call nobody;
          nobody.state = bits::done;
          leave_reading(nobody, reading);
          return;
        }
        read(call, reading);
      }
      Scheduler::wait_until([&] { return may_leave || (call.state.peek() & something) != 0; });
      const std::uint32_t state = call.state.load();
      if ((state & bits::done) != 0) {
        return;
      }
      if ((state & bits::lead) != 0) {
        call.state.fetch_and(~bits::lead);
        reading = true;
      } else if ((state & bits::write) != 0) {
        call.state.fetch_and(~bits::write);
        write(call, reading);
      } else if (std::uint32_t last = 0; may_leave && Roles::abandon(call, last)) {
        return;
      }
    }
  }

  static void enter(int& threads, const char* complaint) {
    if (++threads > 1) {
      Scheduler::fail(complaint);
    }
  }

  static void destroy(Call& call) {
    if (call.destroyed) {
      Scheduler::fail("call " + std::to_string(call.number) + " is destroyed twice");
    }
    call.destroyed = true;
  }

  Roles roles_;
  int depth_;
  Call* pending_ = nullptr;
  std::size_t answered_ = 0;  // replies that wait to be received
  int writers_ = 0;
  int readers_ = 0;
};

struct Scenario {
  std::string name;
  int threads;
  int calls;    ///< of each thread, one after the other
  int depth;    ///< sends outstanding at most
  int leaving;  ///< so many threads, the first ones, give up
  int interruptions;

  friend std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
    return out << scenario.name;
  }
};

/// A slice, unless INTERLEAVINGS asks for more.
std::size_t most_runs() {
  const char* const asked = std::getenv("INTERLEAVINGS");
  return asked == nullptr ? 50'000 : std::stoul(asked);
}

class RolesTest : public ::testing::TestWithParam<Scenario> {};

TEST_P(RolesTest, LoseNobodyInAnyInterleaving) {
  const Scenario& scenario = GetParam();
  std::unique_ptr<Connection> connection;
  std::vector<std::unique_ptr<Call>> calls;
  const auto make = [&] {
    connection = std::make_unique<Connection>(scenario.depth);
    calls.clear();
    std::vector<Scheduler::Body> threads;
    for (int thread = 0; thread < scenario.threads; ++thread) {
      std::vector<Call*> own;
      for (int i = 0; i < scenario.calls; ++i) {
        calls.push_back(std::make_unique<Call>());
        calls.back()->number = static_cast<int>(calls.size());
        own.push_back(calls.back().get());
      }
      const bool leaves = thread < scenario.leaving;
      threads.emplace_back([&connection, own, leaves] {
        for (Call* const call : own) {
          connection->exchange(*call, leaves, true);
        }
      });
    }
    return threads;
  };
  const auto outcome = Scheduler::explore(
      make, [&] { return connection->complaint(calls); }, scenario.interruptions, most_runs());
  RecordProperty("runs", std::to_string(outcome.runs));
  std::string choices;
  for (const std::size_t choice : outcome.choices) {
    choices += std::to_string(choice) + ' ';
  }
  EXPECT_EQ(outcome.failure, "") << "run " << outcome.runs << ", choices " << choices;
}

INSTANTIATE_TEST_SUITE_P(
    Each, RolesTest,
    ::testing::Values(
        Scenario{"TwoThreadsOfTwoCalls", 2, 2, 100, 0, 3}, Scenario{"ThreeThreads", 3, 1, 100, 0, 3},
        Scenario{"ThreeThreadsOfTwoCalls", 3, 2, 100, 0, 2}, Scenario{"TwoThreadsThatStall", 2, 2, 1, 0, 3},
        Scenario{"ThreeThreadsThatStall", 3, 2, 1, 0, 2}, Scenario{"OneOfTwoLeaves", 2, 2, 100, 1, 3},
        Scenario{"BothLeave", 2, 2, 100, 2, 2}, Scenario{"OneOfThreeLeaves", 3, 1, 100, 1, 3},
        Scenario{"TwoOfThreeLeave", 3, 1, 100, 2, 2}, Scenario{"OneOfTwoLeavesAndTheyStall", 2, 2, 1, 1, 3},
        Scenario{"TwoOfThreeLeaveAndTheyStall", 3, 1, 1, 2, 3},
        Scenario{"FourThreadsThatStall", 4, 1, 1, 0, 2},
        Scenario{"TwoOfFourLeaveAndTheyStall", 4, 1, 1, 2, 2},
        Scenario{"TheDepthChanges", 3, 2, changing_depth, 0, 2},
        Scenario{"TheDepthChangesAndOneLeaves", 3, 1, changing_depth, 1, 3}),
    [](const auto& made) { return made.param.name; });

}  // namespace
}  // namespace rediscache::test
