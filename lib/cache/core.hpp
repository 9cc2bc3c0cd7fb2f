// What all handles of one cache share.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rediscache/client.hpp>
#include <rediscache/detail/call_mode.hpp>
#include <rediscache/metrics.hpp>
#include <rediscache/timeout.hpp>

#include "cache/decode_errors.hpp"
#include "cache/drive.hpp"
#include "cache/keys.hpp"
#include "cache/lazy_client.hpp"
#include "cache/omit.hpp"
#include "cache/recycler.hpp"
#include "cache/stored_form.hpp"

namespace rediscache::cache {

class Locking;
using detail::CallMode;

struct CoreSettings {
  KeyMaker keys;
  StoredForm form;
  std::function<std::unique_ptr<Client>()> make_client;
  OmitSettings omit;
  OnDecodeError on_decode_error = OnDecodeError::error;
  Timeout timeout;
  std::chrono::milliseconds call_timeout{2000};
  std::chrono::milliseconds clear_timeout{20'000};
  std::size_t scan_itersize = 1000;
  bool close_connection = false;
};

/// What a pipeline fills, kept for the next one when it is done.
struct PipelineStorage {
  Commands commands;
  std::vector<Reply> replies;        // at least as many as there are commands
  std::vector<unsigned char> taken;  // 1 for a reply whose contents were moved out
};

/// One cache: its settings, its client, which is made on first use, and its counters. Thread-safe.
class Core final {
 public:
  explicit Core(CoreSettings settings);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  /// The one way from an operation to its result.
  template <class Operation>
  typename Operation::Result run(Operation operation, const CallMode& mode) {
    bool in_part = false;
    return run(std::move(operation), mode, in_part);
  }
  /// `in_part` becomes true when some servers did not answer, and that was ignored.
  template <class Operation>
  typename Operation::Result run(Operation operation, const CallMode& mode, bool& in_part);

  /// The value of `outcome()`, a base::Result; its failure is thrown, or swallowed in exchange for
  /// `fallback()`.
  template <class Fallback, class Outcome>
  auto account(bool strict, Fallback&& fallback, Outcome&& outcome) {
    return omit(omit_, strict, std::forward<Fallback>(fallback), [&] {
      auto result = outcome();
      if (!result) {
        name_server(result.failure());
      }
      return result;
    });
  }

  [[nodiscard]] DecodeErrors& decode_errors() noexcept { return decode_errors_; }
  [[nodiscard]] Recycler<PipelineStorage>& pipelines() noexcept { return pipelines_; }
  [[nodiscard]] const KeyMaker& keys() const noexcept { return settings_.keys; }
  [[nodiscard]] const codec::ValueCodec& codec() const noexcept { return settings_.form.codec(); }
  [[nodiscard]] const StoredForm& form() const noexcept { return settings_.form; }
  /// Null without that policy.
  [[nodiscard]] const Herd* herd() const noexcept { return settings_.form.herd(); }
  /// Whether one command may have both of two made keys. True when there is no client to ask: a call will say
  /// why.
  [[nodiscard]] bool same_server(std::string_view key, std::string_view other, const CallMode& mode = {});
  /// What its locks share; made on first use.
  [[nodiscard]] Locking& locking();
  /// What receives the messages of a channel, or of all; see Client.
  [[nodiscard]] std::vector<std::shared_ptr<net::Subscriber>> subscribers(
      SubscriberUse use, std::optional<std::string_view> channel, const CallMode& mode) {
    return client_.get(deadline(mode)).subscribers(use, channel);
  }
  [[nodiscard]] Timeout timeout() const noexcept { return settings_.timeout; }
  [[nodiscard]] std::size_t scan_itersize() const noexcept { return settings_.scan_itersize; }
  /// Accounts for a failure that a noexcept function has to keep to itself.
  void note(const Failure& failure) noexcept { omit_.swallowed(failure); }
  [[nodiscard]] const base::Logger& logger() const noexcept { return settings_.omit.logger; }
  [[nodiscard]] Statistics statistics() const;
  void close() noexcept;

  [[nodiscard]] std::optional<Failure> exchange(const Commands& commands, std::span<Reply> replies,
                                                Client::Deadline deadline);
  /// When a call that begins now must have ended.
  [[nodiscard]] Client::Deadline deadline(const CallMode& mode = {}) const noexcept;
  /// The same for an operation that is slow.
  [[nodiscard]] Client::Deadline slow_deadline(const CallMode& mode) const noexcept;

 private:
  /// Error replies do not say whose they are.
  void name_server(Failure& failure) const;

  const CoreSettings settings_;
  OmitPolicy omit_;
  DecodeErrors decode_errors_;
  Recycler<PipelineStorage> pipelines_;
  LazyClient client_;
  std::atomic<Locking*> locking_{nullptr};
};

/// The servers of a cache, for one call.
class CallLink final : public Link {
 public:
  CallLink(Core& core, const CallMode& mode) noexcept
      : Link{mode.within.has_value()}, core_{core}, mode_{mode} {}

  [[nodiscard]] std::optional<Failure> exchange(const Commands& commands, std::span<Reply> replies,
                                                Client::Deadline deadline) override {
    return core_.exchange(commands, replies, deadline);
  }
  [[nodiscard]] Client::Deadline deadline() override { return core_.deadline(mode_); }
  [[nodiscard]] Client::Deadline slow_deadline() override { return core_.slow_deadline(mode_); }

 private:
  Core& core_;
  const CallMode& mode_;
};

template <class Operation>
typename Operation::Result Core::run(Operation operation, const CallMode& mode, bool& in_part) {
  std::optional<typename Operation::Result> part;
  return account(
      mode.strict,
      [&] {
        in_part = in_part || part.has_value();
        return part ? std::move(*part) : operation.omitted();
      },
      [&] {
        CallLink link{*this, mode};
        return drive(link, operation, part);
      });
}

}  // namespace rediscache::cache
