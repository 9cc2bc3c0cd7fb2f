// What a LocMemCache is made of.
#pragma once

#include <rediscache/locmem_cache.hpp>

#include "cache/decode_errors.hpp"
#include "cache/keys.hpp"
#include "codec/value_codec.hpp"
#include "local/store.hpp"

namespace rediscache::local {

/// Its walks keep it alive. Thread-safe.
class LocMem {
 public:
  explicit LocMem(const LocMemOptions& options);

  cache::KeyMaker keys;
  codec::ValueCodec codec;
  cache::DecodeErrors decode_errors;
  Timeout timeout;
  Store store;

  [[nodiscard]] Moment end_of(Timeout life) const {
    return life.is_never() ? forever : store.clock().in(life.time());
  }
};

}  // namespace rediscache::local
