// What is taken in the torture: a lock, a permit of a semaphore, or a shared lock.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

#include <rediscache/redis_cache.hpp>

namespace rediscache::test {

enum class TortureKind { plain, fair, semaphore, shared };
inline constexpr std::array<std::string_view, 4> torture_kind_names{"plain lock", "fair lock", "semaphore",
                                                                    "shared lock"};
inline constexpr std::size_t torture_permits = 3;

/// How many may share it.
[[nodiscard]] inline std::size_t room_of(TortureKind kind) {
  return kind == TortureKind::semaphore ? torture_permits
         : kind == TortureKind::shared  ? std::numeric_limits<std::size_t>::max()
                                        : 1;
}

/// One of them. Errors are those of the real ones.
class Taken {
 public:
  Taken() = default;
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;
  virtual ~Taken() = default;

  [[nodiscard]] virtual bool acquire() = 0;
  virtual void release() = 0;
  [[nodiscard]] virtual bool held() const = 0;
  [[nodiscard]] virtual std::chrono::steady_clock::time_point valid_until() const = 0;
  [[nodiscard]] virtual std::uint64_t fencing_token() const = 0;
  /// Whether nobody else may have it.
  [[nodiscard]] virtual bool alone() const = 0;
};

template <class Thing>
class TakenAs final : public Taken {
 public:
  TakenAs(Thing thing, bool alone) : thing_{std::move(thing)}, alone_{alone} {}

  [[nodiscard]] bool acquire() override {
    if constexpr (requires { thing_.acquire_shared(); }) {
      return alone_ ? thing_.acquire() : thing_.acquire_shared();
    } else {
      return thing_.acquire();
    }
  }
  void release() override { thing_.release(); }
  [[nodiscard]] bool held() const override { return thing_.held(); }
  [[nodiscard]] std::chrono::steady_clock::time_point valid_until() const override {
    return thing_.valid_until();
  }
  [[nodiscard]] std::uint64_t fencing_token() const override { return thing_.fencing_token(); }
  [[nodiscard]] bool alone() const override { return alone_; }

 private:
  Thing thing_;
  bool alone_;
};

/// `alone` matters to a shared lock only.
[[nodiscard]] inline std::unique_ptr<Taken> to_take(RedisCache& cache, TortureKind kind, LockOptions options,
                                                    bool alone) {
  constexpr std::string_view key = "torture";
  switch (kind) {
    case TortureKind::semaphore:
      return std::make_unique<TakenAs<Semaphore>>(
          cache.semaphore(key, {.permits = torture_permits,
                                .timeout = options.timeout,
                                .blocking_timeout = options.blocking_timeout,
                                .on_lost = options.on_lost}),
          false);
    case TortureKind::shared:
      return std::make_unique<TakenAs<SharedLock>>(cache.shared_lock(key, options), alone);
    case TortureKind::fair:
      options.fair = true;
      [[fallthrough]];
    case TortureKind::plain:
      break;
  }
  return std::make_unique<TakenAs<Lock>>(cache.lock(key, options), true);
}

}  // namespace rediscache::test
