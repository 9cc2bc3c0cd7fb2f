// Between values and what is stored.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <rediscache/compressor.hpp>
#include <rediscache/serializer.hpp>

namespace rediscache::codec {

/// Integers are stored as bare decimal text, whatever the serializer, so that the server can count with them;
/// everything else is the serializer's, and then the compressor's, if there is one. Thread-safe.
class ValueCodec {
 public:
  /// What `compressor` restores may have `max_decompressed_bytes`.
  explicit ValueCodec(std::shared_ptr<const Serializer> serializer,
                      std::shared_ptr<const Compressor> compressor = nullptr,
                      std::size_t max_decompressed_bytes = 0) noexcept
      : serializer_{std::move(serializer)},
        compressor_{std::move(compressor)},
        max_decompressed_bytes_{max_decompressed_bytes} {}

  /// The stored form: the value's own bytes, or built in `scratch`. EncodeError names the key.
  [[nodiscard]] std::string_view encode(std::string_view key, const ValueView& value,
                                        std::string& scratch) const;
  /// Reads a stored form into `target`. ValueError says what is wrong with it.
  void decode(std::string&& stored, const ValueTarget& target) const;
  /// The same with the key named, in a DecodeError.
  void decode(std::string_view key, std::string&& stored, const ValueTarget& target) const;

  /// The parts of these, for stored forms that are the serializer's in other words.
  [[nodiscard]] const Serializer& serializer() const noexcept { return *serializer_; }
  /// Whether it is an integer as encode() stores it.
  [[nodiscard]] static bool is_bare_integer(std::string_view stored) noexcept;
  /// What the serializer made, as it is stored: those bytes, or built in `scratch`, which may be what
  /// holds them.
  [[nodiscard]] std::string_view compress(std::string_view bytes, std::string& scratch) const;
  enum class Restored {
    as_it_was,  ///< it was not compressed
    inflated,   ///
    not_whole,  ///< it begins as compressed bytes do, is not a whole and valid compressed value, and stays
  };
  /// Undoes that. ValueError for what inflates to more than is allowed.
  Restored restore(std::string& stored) const;

  /// Whether stored forms may be compressed, so that no pattern finds anything in them.
  [[nodiscard]] bool compresses() const noexcept { return compressor_ != nullptr; }

 private:
  std::shared_ptr<const Serializer> serializer_;
  std::shared_ptr<const Compressor> compressor_;
  std::size_t max_decompressed_bytes_;
};

}  // namespace rediscache::codec
