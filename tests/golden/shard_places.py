#!/usr/bin/python3
"""Where django-redis itself places keys: the other half of shard_places_test.cpp.

    shard_places.py print COUNT  prints a line for each of COUNT keys: its bytes in hexadecimal, a tab, and which
                                 location django-redis's ShardClient chooses for it
    shard_places.py --write      writes the first of these lines to shard_places.tsv

Keys are made keys, with braces and without, odd ones included: newlines, several braces, {}, nothing at all,
characters beyond ASCII.
"""

import pathlib
import random
import sys

from django.conf import settings

settings.configure()

from django_redis.client.sharded import ShardClient  # noqa: E402
from django_redis.hash_ring import HashRing  # noqa: E402

LOCATIONS = [
    "redis://127.0.0.1:6379/0",
    "redis://127.0.0.1:6380/0",
    "unix:///run/redis.sock?db=1",
    "rediss://user:pass@cache.internal:6379/2",
]
ODD = ["", "{", "}", "{}", "}{", "{{}}", "{a}", "a{}b", "{a}{b}", "{a{b}c}", "{a}b}", "{a}{", "\n", "x\n{a}",
       "{a\n}", "{a}\n{b}", "{\n}", "\n{a}", "\r{a}", "{a\r}", "\u2028{a}", "{\u00e9}", "\u00e9", "\U0001f600",
       "{\U0001f600}", "\0", "{\0}", "\0{a}", ":1:", ":1:{}", ":1:{user}:name", "a" * 55, "a" * 56, "a" * 63,
       "a" * 64, "a" * 119, "a" * 120, "a" * 300, "{" + "a" * 64 + "}", "\x85{a}", "\x0b{a}", "\x1c{a}"]
PIECES = ["{", "}", "{}", "\n", ":", "user", "\u00e9", "\u4e2d", "\U0001f600", " ", "\r", "\0", "\\", "*"]


def keys(count):
    chance = random.Random(6379)
    yield from ODD
    for number in range(count - len(ODD)):
        kind = number % 4
        if kind == 0:
            yield f":1:user:{number}"
        elif kind == 1:
            yield f"shop:{chance.randrange(5)}:{{tag{chance.randrange(1000)}}}:{number}"
        elif kind == 2:
            yield "".join(chance.choice(PIECES) for _ in range(chance.randrange(12)))
        else:
            yield "".join(chr(chance.randrange(32, 0x2FF)) for _ in range(chance.randrange(40)))


def lines(count):
    client = ShardClient.__new__(ShardClient)  # without connections
    client._ring = HashRing(LOCATIONS)
    for key in keys(count):
        yield f"{key.encode().hex()}\t{LOCATIONS.index(client.get_server_name(key))}\n"


def main(arguments):
    if arguments[:1] == ["print"] and len(arguments) == 2:
        sys.stdout.writelines(lines(int(arguments[1])))
    elif arguments == ["--write"]:
        path = pathlib.Path(__file__).with_suffix(".tsv")
        path.write_text("".join(lines(2000)), encoding="ascii")
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
