// What caches on one database are supposed to do, without a server and without time of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "model/operation.hpp"
#include "model/outcome.hpp"

namespace rediscache::test {

class Model {
 public:
  /// Makes the call; what it returned or threw.
  [[nodiscard]] std::string apply(const Operation& operation);
  /// What the server should hold now.
  [[nodiscard]] State state() const;

 private:
  struct Entry {
    std::string bytes{};
    std::optional<std::string> text{};  ///< unless it was an integer from the beginning
    std::optional<std::chrono::seconds> until{};
  };
  using Place = std::tuple<std::size_t, int, std::string>;  // cache, version, key

  [[nodiscard]] static Place place(const Operation& operation, const std::string& key);
  [[nodiscard]] Entry* find(const Operation& operation);
  [[nodiscard]] std::optional<std::chrono::seconds> until(Timeout timeout) const;

  /// As text; nothing when it does not read as such.
  [[nodiscard]] static std::optional<std::string> text_of(const Operation& operation, const Entry& entry);
  /// False when the serializer refuses the value.
  bool store(const Place& place, const Datum& value, Timeout timeout);
  bool erase(const Place& place) { return entries_.erase(place) > 0; }
  [[nodiscard]] std::string set(const Operation& operation, bool nx, bool xx);
  [[nodiscard]] std::string get_text(const Operation& operation);
  [[nodiscard]] std::string get_integer(const Operation& operation);
  [[nodiscard]] std::string get_many(const Operation& operation);
  [[nodiscard]] std::string get_or_set(const Operation& operation);
  [[nodiscard]] std::string set_many(const Operation& operation);
  [[nodiscard]] std::string delete_many(const Operation& operation);
  [[nodiscard]] std::string give_life(const Operation& operation, Timeout timeout);
  [[nodiscard]] std::string persist(const Operation& operation);
  [[nodiscard]] std::string remaining(const Operation& operation);
  [[nodiscard]] std::string count(const Operation& operation, bool down);
  [[nodiscard]] std::string move_version(const Operation& operation, std::int64_t delta);
  [[nodiscard]] std::string matching(const Operation& operation, bool remove);
  [[nodiscard]] std::string pipeline(const Operation& operation);
  void pass(std::chrono::seconds time);

  std::map<Place, Entry> entries_;
  std::chrono::seconds now_{0};
};

}  // namespace rediscache::test
