#include "client/side_by_side.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/quiet_thread.hpp"

namespace rediscache::client {
namespace {

constexpr std::size_t most_at_once = 32;

/// Joined however the scope is left.
class Helpers {
 public:
  explicit Helpers(std::size_t most) { threads_.reserve(most); }
  Helpers(const Helpers&) = delete;
  Helpers& operator=(const Helpers&) = delete;
  ~Helpers() {
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }
  /// False when the system has no more, or no memory for it.
  bool add(const std::function<void()>& work) {
    try {
      threads_.push_back(base::quiet_thread(work));
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace

void side_by_side(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr thrown;
  const auto work_on = [&] {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      try {
        work(i);
      } catch (...) {
        const std::scoped_lock lock{mutex};
        thrown = thrown ? thrown : std::current_exception();
      }
    }
  };
  {
    const std::size_t wanted = std::min(count, most_at_once);
    Helpers helpers{wanted};
    for (std::size_t i = 1; i < wanted && helpers.add(work_on); ++i) {
    }
    work_on();
  }
  if (thrown) {
    std::rethrow_exception(thrown);
  }
}

}  // namespace rediscache::client
