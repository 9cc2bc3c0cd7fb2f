// How stored bytes become fewer: what to implement for a compressor of one's own.
//
//   rediscache::Options options{.serializer = "json", .compressor = "zstd"};
//
//   class Packer final : public rediscache::Compressor { ... };
//   rediscache::register_compressor("packer", [] { return std::make_shared<Packer>(); });
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <rediscache/export.hpp>

namespace rediscache {

/// Makes bytes fewer and restores them. Caches apply it to what their serializer made, never to integers, on
/// which the server counts. Values of at most `min_length` bytes are stored as they are, so compressed and
/// other values stand side by side: what is not is_compressed(), or not a whole and valid compressed value,
/// is read as it is. It may have been stored before there was a compressor.
///
/// Thread safety: one object serves all threads of a cache at once; every function must be safe for that.
/// Errors: throw ValueError for what cannot be done; the cache adds the key. Nothing blocks.
class REDISCACHE_API Compressor {
 public:
  Compressor() = default;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  virtual ~Compressor();

  /// Values of so many bytes and fewer are left alone.
  [[nodiscard]] virtual std::size_t min_length() const noexcept { return 15; }

  /// Whether bytes begin as this format does. Only then decompress() is called for them. Values that do are
  /// compressed whatever their length.
  [[nodiscard]] virtual bool is_compressed(std::string_view bytes) const noexcept = 0;

  /// Makes `out` the compressed form of `bytes`.
  virtual void compress(std::string_view bytes, std::string& out) const = 0;

  /// Makes `out` what compress() made `bytes` of, or another program. False when they are not a whole and
  /// valid value of this format: then they are read as they are. ValueError when they would be more than
  /// `max_bytes` then; that, and any other, becomes a DecodeError.
  [[nodiscard]] virtual bool decompress(std::string_view bytes, std::string& out,
                                        std::size_t max_bytes) const = 0;
};

using CompressorFactory = std::function<std::shared_ptr<const Compressor>()>;

/// Makes `name` usable as `Options::compressor`; an existing name is replaced. Thread-safe.
REDISCACHE_API void register_compressor(std::string name, CompressorFactory factory);

/// A new compressor of that name ("zlib", "gzip", "lzma", "lz4", "zstd", or registered); InvalidOptions lists
/// the known names when there is none, and says so when this build lacks the library for it.
[[nodiscard]] REDISCACHE_API std::shared_ptr<const Compressor> make_compressor(std::string_view name);

}  // namespace rediscache
