// What is visible in the shared library. Everything not marked is hidden.
#pragma once

#if defined(__GNUC__) || defined(__clang__)
#define REDISCACHE_API __attribute__((visibility("default")))
#else
#define REDISCACHE_API
#endif
