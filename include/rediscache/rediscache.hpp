// Everything but the opt-in headers.
#pragma once

#include <rediscache/breaker.hpp>
#include <rediscache/cache.hpp>
#include <rediscache/call_options.hpp>
#include <rediscache/client.hpp>
#include <rediscache/command.hpp>
#include <rediscache/convert.hpp>
#include <rediscache/credentials.hpp>
#include <rediscache/error.hpp>
#include <rediscache/key_scan.hpp>
#include <rediscache/keyed_values.hpp>
#include <rediscache/lock.hpp>
#include <rediscache/metrics.hpp>
#include <rediscache/options.hpp>
#include <rediscache/pipeline.hpp>
#include <rediscache/redis_cache.hpp>
#include <rediscache/replicas.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/result.hpp>
#include <rediscache/serializer.hpp>
#include <rediscache/timeout.hpp>
#include <rediscache/tls.hpp>
#include <rediscache/value.hpp>
#include <rediscache/version.hpp>
