// How the entries of one cache are stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <rediscache/serializer.hpp>
#include <rediscache/timeout.hpp>
#include <rediscache/value.hpp>

#include "cache/herd.hpp"
#include "codec/value_codec.hpp"

namespace rediscache::cache {

/// Values as the codec writes them and, with the herd policy, the end of their timeout around that. Integers
/// stay bare, so that the server can count with them; entries without a timeout have no end. Thread-safe.
class StoredForm {
 public:
  explicit StoredForm(codec::ValueCodec codec, std::optional<Herd> herd = {});

  [[nodiscard]] const codec::ValueCodec& codec() const noexcept { return codec_; }
  [[nodiscard]] const Herd* herd() const noexcept { return herd_ ? &*herd_ : nullptr; }
  /// Whether the end is part of a pickle, perhaps of a compressed one, where no script of the server sees it.
  [[nodiscard]] bool pickles_end() const noexcept { return pickle_protocol_ != 0; }

  /// The stored form: the value's own bytes, or built in `scratch`. `timeout`, which is not over, becomes how
  /// long it is to be kept. EncodeError names the key.
  [[nodiscard]] std::string_view encode(std::string_view key, const ValueView& value, Timeout& timeout,
                                        std::string& scratch) const {
    return herd_ ? encode_with_end(key, value, timeout, scratch) : codec_.encode(key, value, scratch);
  }

  /// The first half of reading. False: the reader is to be told that there is no entry. What cannot be read
  /// is left to decode().
  [[nodiscard]] bool open(std::string& stored, std::optional<Value>& value) const {
    return !herd_ || open_with_end(stored, value);
  }
  /// The second half: `value` when opening took reading it, and else what `stored` holds. ValueError says
  /// what is wrong with it.
  void decode(std::string&& stored, std::optional<Value>&& value, const ValueTarget& target) const;
  /// The same with the key named, in a DecodeError.
  void decode(std::string_view key, std::string&& stored, std::optional<Value>&& value,
              const ValueTarget& target) const;

  // Where pickles_end():

  /// The stored form with another end; nothing when it has none. DecodeError names the key, when that end is
  /// not where Python writes it.
  [[nodiscard]] std::optional<std::string> with_end(std::string_view key, std::string_view stored,
                                                    Herd::Time over) const;
  /// Whether its timeout is over. What does not read is not.
  [[nodiscard]] bool is_over(std::string_view stored) const;
  /// How many bytes of a stored form tell has_end(), if not all.
  [[nodiscard]] std::optional<std::size_t> beginning() const noexcept;
  [[nodiscard]] bool has_end(std::string_view beginning) const;

 private:
  [[nodiscard]] std::string_view encode_with_end(std::string_view key, const ValueView& value,
                                                 Timeout& timeout, std::string& scratch) const;
  [[nodiscard]] bool open_with_end(std::string& stored, std::optional<Value>& value) const;
  /// The pickle, when it is one with an end.
  [[nodiscard]] std::optional<std::string> pickle_with_end(std::string_view stored) const;

  codec::ValueCodec codec_;
  std::optional<Herd> herd_;
  int pickle_protocol_ = 0;  // with both the policy and that serializer
};

}  // namespace rediscache::cache
