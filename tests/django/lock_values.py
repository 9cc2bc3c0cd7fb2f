#!/usr/bin/python3
"""The other half of lock_test.cpp: redis-py's and django-redis's lock beside ours.

    lock_values.py STEP URL [MARKER]

"refused" (C++ holds it), "hold" (takes it and leaves it held), "steal" (releases what C++ holds: must not),
"wait" (creates the key MARKER, waits for C++ to release it, takes it and releases it).
"""

import sys

import django
import redis
from django.conf import settings


def make_cache(url):
    settings.configure(CACHES={"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url}})
    django.setup()
    from django.core.cache import cache
    return cache


def main(step, url, marker=""):
    cache = make_cache(url)
    ours = [cache.lock("job", timeout=60, sleep=0.01),
            redis.Redis.from_url(url).lock(":1:job", timeout=60, sleep=0.01)]
    if step == "refused":
        return not any(lock.acquire(blocking=False) for lock in ours) and all(lock.locked() for lock in ours)
    if step == "hold":
        return ours[0].acquire(blocking=False) and not ours[1].acquire(blocking=False)
    if step == "steal":
        for lock in ours:
            lock.local.token = b"not the one of C++"
            try:
                lock.release()
                return False
            except redis.exceptions.LockNotOwnedError:
                pass
        return True
    if step == "wait":
        redis.Redis.from_url(url).set(marker, "1")
        for lock in ours:
            if not lock.acquire(blocking_timeout=20):
                return False
            lock.release()
        return True
    raise ValueError(step)


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
