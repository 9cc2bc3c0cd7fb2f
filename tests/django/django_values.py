#!/usr/bin/python3
"""The other half of django_test.cpp: django-redis beside us on one server.

    django_values.py STEP URL SERIALIZER COMPRESSOR

STEP is "write" (everything under "python:NAME", and entries for operations), or "check" (what C++ wrote back under
"back:NAME", what it wrote by itself under "cpp:NAME", and what its operations left).
"""

import gzip
import math
import subprocess
import sys

import django
from django.conf import settings

PLAIN = {
    "none": None,
    "true": True,
    "false": False,
    "zero": 0,
    "integer": -42,
    "least": -(2**63),
    "most": 2**63 - 1,
    "unsigned": 2**64 - 1,
    "huge": -(10**100),
    "float": 0.1,
    "minus zero": -0.0,
    "infinity": math.inf,
    "empty text": "",
    "text": "caf\u00e9 \U0001f600",
    "nul": "a\0b",
    "digits": "42",
    "long text": "x\u20ac" * 2_500_000,
    "short": "fifteen bytes..",
    "empty list": [],
    "list": [1, 2.5, None, True, "x", [[]], {}],
    "empty dict": {},
    "dict": {"z": 1, "a": {"b": [None, "\u00e9"]}, "": -1},
    "repeated": ["again and again"] * 100,
}
MORE = {
    "surrogates": "a\udfff\ud800",
    "huge inside": [2**64, -(2**64), 10**40],
}
PICKLED = {
    "bytes": b"\0\xff" * 20,
    "empty bytes": b"",
    "tuples": (1, (2,), ()),
    "set": {1, "two", (3, 4)},
    "empty set": set(),
    "keys": {1: "a", (2, "b"): 3.5, None: b"x"},
    "shared": [[1, 2]] * 3,
}
# What django_test.cpp writes by itself, under the same names.
FROM_CPP = {
    "text": "caf\u00e9 \0 text that is long enough to be compressed",
    "list": [1, -1, 2**63 - 1, 2**64 - 1, 0.5, None, True],
    "dict": {"name": "Ada", "tags": ["a", "b"], "more": {"empty": {}}},
    "integer": 2**64 - 1,
    "float": 1e300,
    "none": None,
    "bool": False,
}


def table(serializer):
    values = dict(PLAIN)
    if serializer in ("pickle", "json"):
        values |= MORE
    if serializer == "pickle":
        values |= PICKLED
    return values


class Gzip:
    def __init__(self, options):
        pass

    def compress(self, value):
        return gzip.compress(value) if len(value) > 15 else value

    def decompress(self, value):
        try:
            return gzip.decompress(value)
        except (OSError, EOFError) as error:
            raise compressor_error()(error)


class Zstd:
    """With the program: Debian has no module that django-redis could use."""

    def __init__(self, options):
        pass

    def compress(self, value):
        return self._run("-c", value) if len(value) > 15 else value

    def decompress(self, value):
        if not value.startswith(b"\x28\xb5\x2f\xfd"):
            raise compressor_error()("not zstd")
        return self._run("-dc", value)

    @staticmethod
    def _run(option, value):
        return subprocess.run(["zstd", option, "-q"], input=value, stdout=subprocess.PIPE, check=True).stdout


def compressor_error():
    from django_redis.exceptions import CompressorError
    return CompressorError


def make_cache(url, serializer, compressor):
    options = {"CLIENT_CLASS": "django_redis.client.DefaultClient"}
    serializers = {
        "json": "django_redis.serializers.json.JSONSerializer",
        "msgpack": "django_redis.serializers.msgpack.MSGPackSerializer",
    }
    if serializer in serializers:  # pickle is the default
        options["SERIALIZER"] = serializers[serializer]
    compressors = {
        "zlib": "django_redis.compressors.zlib.ZlibCompressor",
        "lzma": "django_redis.compressors.lzma.LzmaCompressor",
        "lz4": "django_redis.compressors.lz4.Lz4Compressor",
        "gzip": "__main__.Gzip",
        "zstd": "__main__.Zstd",
    }
    if compressor != "none":
        options["COMPRESSOR"] = compressors[compressor]
    settings.configure(CACHES={"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url,
                                           "KEY_PREFIX": "site", "OPTIONS": options}})
    django.setup()
    from django.core.cache import cache
    return cache


def write(cache, serializer):
    for name, value in table(serializer).items():
        cache.set(f"python:{name}", value)
    cache.set("counter", 5)
    cache.set("version", "two", version=2)
    cache.set("minute", "x", timeout=60)
    cache.set("for ever", "x", timeout=None)
    cache.set("touched", "x", timeout=60)
    cache.add("added", "python")
    for number in range(3):
        cache.set(f"drop:{number}", number)
    cache.set("moved", "x", timeout=60)


def same(left, right):
    """repr tells 1 from True and 1.0, and a list from a tuple; sets have no order."""
    return left == right if isinstance(right, set) else repr(left) == repr(right)


def check(cache, serializer):
    problems = []

    def expect(what, condition):
        if not condition:
            problems.append(what)

    missing = object()
    for prefix, values in (("back", table(serializer)), ("cpp", FROM_CPP)):
        for name, value in values.items():
            found = cache.get(f"{prefix}:{name}", missing)
            # MessagePack and JSON make lists of tuples, here as in Python.
            if found is missing or not same(found, value):
                problems.append(f"{prefix}:{name}: {'missing' if found is missing else repr(found)[:200]}")
    expect("counter", cache.get("counter") == 7 and cache.incr("counter") == 8)
    expect("version", cache.get("version", version=3) == "three")
    expect("touched", 100 < cache.ttl("touched") <= 500)
    expect("persisted", cache.get("minute") == "x" and cache.ttl("minute") is None)
    expect("timeout", 100 < cache.ttl("cpp timeout") <= 200)
    expect("add", not cache.add("added by cpp", "python") and cache.get("added by cpp") == "cpp")
    expect("delete_pattern", cache.keys("drop:*") == [])
    expect("incr_version", cache.get("moved") is None and 0 < cache.ttl("moved", version=2) <= 60)
    print(*problems, sep="\n", end="\n" if problems else "")
    return not problems


if __name__ == "__main__":
    step, url, serializer_name, compressor_name = sys.argv[1:]
    its_cache = make_cache(url, serializer_name, compressor_name)
    if step == "write":
        write(its_cache, serializer_name)
    else:
        sys.exit(0 if check(its_cache, serializer_name) else 1)
