// Values that outlive their timeout, so that one reader at a time writes them anew.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include <rediscache/timeout.hpp>

namespace rediscache::cache {

/// The herd policy: an entry is stored for its timeout and `herd_timeout` more, together with the time when
/// its timeout is over. After that a random share of the readers, which grows from none to all, is told that
/// it is missing; the others get the old value. Whoever was told writes it anew, and then it is young again.
///
/// The stored form is django-redis's own with the serializer `pickle` (see codec/herd_pickle.hpp), and with
/// every other "\x01herd1:", the time in milliseconds since 1970 in 16 digits, ":", and the value as it would
/// have been without; the time 0 means never. Time and chance are arguments. Thread-safe.
class Herd {
 public:
  using Time = std::chrono::sys_time<std::chrono::milliseconds>;

  static constexpr std::string_view mark = "\x01herd1:";
  static constexpr std::size_t digits = 16;
  static constexpr std::size_t header = mark.size() + digits + 1;

  /// By the clock of the calendar, for it is compared with that of other machines.
  [[nodiscard]] static Time now() noexcept;

  explicit Herd(std::chrono::milliseconds herd_timeout) noexcept : herd_timeout_{herd_timeout} {}

  [[nodiscard]] std::chrono::milliseconds herd_timeout() const noexcept { return herd_timeout_; }
  /// How long an entry of this timeout is kept.
  [[nodiscard]] std::chrono::milliseconds kept_for(std::chrono::milliseconds timeout) const noexcept;

  /// Puts the header before a stored form that stands in `scratch` or elsewhere; the result is in `scratch`.
  static void wrap(std::string_view stored, Time over, std::string& scratch);
  /// Takes the header away, if there is one. False: the reader is to be told that the entry is missing.
  [[nodiscard]] bool unwrap(std::string& stored, Time now, double random) const noexcept;
  /// Whether a reader gets an entry whose timeout is over since so many milliseconds.
  [[nodiscard]] bool shows(double late, double random) const noexcept;
  /// A time as it stands in the header; as far as its digits go.
  [[nodiscard]] static std::string text(Time time);

 private:
  std::chrono::milliseconds herd_timeout_;
};

}  // namespace rediscache::cache
