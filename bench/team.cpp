#include "team.hpp"

#include <algorithm>

namespace bench {

Team::Team(std::size_t threads)
    : times_(threads),
      start_{static_cast<std::ptrdiff_t>(threads + 1)},
      end_{static_cast<std::ptrdiff_t>(threads + 1)} {
  for (std::size_t i = 0; threads > 1 && i < threads; ++i) {
    threads_.emplace_back([this, i] { work(i); });
  }
}

Team::~Team() {
  batches_ = nullptr;
  if (!threads_.empty()) {
    start_.arrive_and_wait();
  }
}

double Team::run(const std::vector<Batch>& batches, std::size_t operations_each,
                 std::vector<Latencies>& latencies) {
  batches_ = &batches;
  latencies_ = &latencies;
  operations_ = operations_each;
  if (threads_.empty()) {
    run_one(0);
  } else {
    start_.arrive_and_wait();
    end_.arrive_and_wait();
  }
  for (const Times& thread : times_) {
    if (thread.error != nullptr) {
      std::rethrow_exception(thread.error);
    }
  }
  const auto start = std::ranges::min(times_, {}, &Times::start).start;
  const auto end = std::ranges::max(times_, {}, &Times::end).end;
  return std::chrono::duration<double>(end - start).count();
}

void Team::work(std::size_t thread) noexcept {
  for (;;) {
    start_.arrive_and_wait();
    if (batches_ == nullptr) {
      return;
    }
    run_one(thread);
    end_.arrive_and_wait();
  }
}

void Team::run_one(std::size_t thread) noexcept {
  Times& mine = times_[thread];
  mine.error = nullptr;
  mine.start = Clock::now();
  try {
    (*batches_)[thread](operations_, latencies_->empty() ? nullptr : &(*latencies_)[thread]);
  } catch (...) {
    mine.error = std::current_exception();
  }
  mine.end = Clock::now();
}

}  // namespace bench
