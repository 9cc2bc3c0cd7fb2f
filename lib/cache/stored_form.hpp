// How the entries of one cache are stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <rediscache/serializer.hpp>
#include <rediscache/timeout.hpp>

#include "cache/herd.hpp"
#include "codec/value_codec.hpp"

namespace rediscache::cache {

/// Values as the codec writes them and, with the herd policy, the end of their timeout around that. Integers
/// stay bare, so that the server can count with them; entries without a timeout have no end. Thread-safe.
class StoredForm {
 public:
  explicit StoredForm(codec::ValueCodec codec, std::optional<Herd> herd = {}) noexcept
      : codec_{std::move(codec)}, herd_{herd} {}

  [[nodiscard]] const codec::ValueCodec& codec() const noexcept { return codec_; }
  [[nodiscard]] const Herd* herd() const noexcept { return herd_ ? &*herd_ : nullptr; }

  /// The stored form: the value's own bytes, or built in `scratch`. `timeout`, which is not over, becomes how
  /// long it is to be kept. EncodeError names the key.
  [[nodiscard]] std::string_view encode(std::string_view key, const ValueView& value, Timeout& timeout,
                                        std::string& scratch) const {
    const std::string_view stored = codec_.encode(key, value, scratch);
    return herd_ ? wrap(value, stored, timeout, scratch) : stored;
  }
  /// What decode() of the codec reads. False: the reader is to be told that there is no entry.
  [[nodiscard]] bool open(std::string& stored) const { return !herd_ || unwrap(stored); }

 private:
  [[nodiscard]] std::string_view wrap(const ValueView& value, std::string_view stored, Timeout& timeout,
                                      std::string& scratch) const;
  [[nodiscard]] bool unwrap(std::string& stored) const;

  codec::ValueCodec codec_;
  std::optional<Herd> herd_;
};

}  // namespace rediscache::cache
