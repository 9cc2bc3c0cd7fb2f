#!/usr/bin/python3
"""The other half of herd_test.cpp: django-redis's HerdClient beside our herd policy on one server.

    herd_values.py STEP URL COMPRESSOR PICKLE_VERSION

STEP is "write", or "check" (what C++ wrote, and what it made of what was written).
"""

import pickle
import sys
import time
from decimal import Decimal

import django
from django.conf import settings

VALUES = {
    "text": "caf\u00e9 \U0001f600 " * 20,
    "empty": "",
    "bytes": b"\0\xffGA\xd9",  # ends as a time would begin
    "none": None,
    "float": 0.1,
    "list": [1, [2.5, None], {"a": (True, {"set"})}],
    "tuple": (1, 2, 3),
    "large": "x\u20ac" * 100_000,
    "marker": "Marker",
}
# Here integers are tuples too; from C++ they are bare.
INTEGERS = {"integer": -42, "most": 2**63 - 1, "huge": 10**40, "time": 0x30D94147}
AGO = 1000  # seconds; beyond the herd's time


class Clock:
    """What the herd client takes for the time."""

    def __init__(self):
        self.ahead = 0

    def time(self):
        return time.time() + self.ahead


CLOCK = Clock()


def make_cache(url, compressor, pickle_version):
    options = {"CLIENT_CLASS": "django_redis.client.HerdClient", "PICKLE_VERSION": int(pickle_version)}
    if compressor != "none":
        options["COMPRESSOR"] = f"django_redis.compressors.{compressor}.{compressor.capitalize()}Compressor"
    settings.configure(CACHES={"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url,
                                           "OPTIONS": options}})
    django.setup()
    from django_redis.client import herd
    herd.time = CLOCK
    from django.core.cache import cache
    return cache


def write(cache):
    for name, value in (VALUES | INTEGERS).items():
        cache.set(f"python:{name}", value, timeout=100)
    cache.set("python for ever", "x", timeout=None)
    cache.set("fresh", "python", timeout=100)
    CLOCK.ahead = -AGO
    for name, value in (VALUES | INTEGERS | {"foreign": Decimal("1.5")}).items():
        cache.set(f"over:{name}", value, timeout=10)
        cache.set(f"touched:{name}", value, timeout=10)
        cache.set(f"for ever:{name}", value, timeout=10)
    cache.set("added", "python", timeout=10)


def same(left, right):
    return repr(left) == repr(right)


def check(cache):
    problems = []
    missing = object()

    def expect(what, condition):
        if not condition:
            problems.append(what)

    def found(key, ahead=0):
        CLOCK.ahead = ahead
        return cache.get(key, missing)

    def text(value):
        return "missing" if value is missing else repr(value)[:200]

    for prefix in ("back", "cpp"):
        for name, value in (VALUES | INTEGERS if prefix == "back" else VALUES).items():
            key = f"{prefix}:{name}"
            expect(f"{key}: {text(found(key))}", same(found(key), value))
            if name in VALUES:
                expect(f"{key}: early", same(found(key, 90), value))
                expect(f"{key}: late, {text(found(key, 161))}", found(key, 161) is missing)
                expect(f"{key}: kept for {cache.ttl(key)}", 100 < cache.ttl(key) <= 160)
    for name, value in (VALUES | INTEGERS | {"foreign": Decimal("1.5")}).items():
        key = f"touched:{name}"
        expect(f"{key}: {text(found(key))}", same(found(key), value))
        expect(f"{key}: early", same(found(key, 480), value))
        expect(f"{key}: late", found(key, 570) is missing)
        expect(f"{key}: kept for {cache.ttl(key)}", 500 < cache.ttl(key) <= 560)
        key = f"for ever:{name}"
        expect(f"{key}: {text(found(key))}", same(found(key, 10**9), value))
        expect(f"{key}: kept for {cache.ttl(key)}", cache.ttl(key) is None)
    expect("added", found("added") == "cpp" and found("added", 161) is missing)
    expect("fresh", found("fresh") == "python")
    client = cache.client.get_client()
    for name in VALUES:
        # With a compressor the bytes are its own, and CPython refers to a text that is one object with a part of
        # the marker's name.
        raw = client.get(cache.make_key(f"cpp:{name}"))
        if raw.startswith(b"\x80") and name != "marker":
            expect(f"cpp:{name}: other bytes than Python's", pickle.dumps(pickle.loads(raw), raw[1]) == raw)
    print(*problems, sep="\n", end="\n" if problems else "")
    return not problems


if __name__ == "__main__":
    step, *arguments = sys.argv[1:]
    its_cache = make_cache(*arguments)
    if step == "write":
        write(its_cache)
    else:
        sys.exit(0 if check(its_cache) else 1)
