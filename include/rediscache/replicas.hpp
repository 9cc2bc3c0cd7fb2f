// Reading from replicas.
//
//   rediscache::RedisCache cache{{.location = {"redis://primary", "redis://replica-1", "redis://replica-2"},
//                                 .replica_reads = rediscache::ReplicaReads::lowest_latency}};
//
// A replica is behind its primary by some time, usually milliseconds: what was just written may not be there
// yet, and what was just deleted may be there still.
#pragma once

#include <cstdint>

namespace rediscache {

/// Which server a read goes to first. One that failed is left out for a while, whatever is chosen here; when
/// no replica is left, reads go to the primary. Walks (`iter_keys`, `delete_pattern`) always do, for a cursor
/// means nothing to another server.
enum class ReplicaReads : std::uint8_t {
  random,             ///< any replica, as in django-redis
  round_robin,        ///< one replica after the other
  lowest_latency,     ///< the replica that answered soonest of late; now and then another, to find out
  primary_preferred,  ///< the primary; a replica only when that fails
};

}  // namespace rediscache
