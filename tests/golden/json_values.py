#!/usr/bin/python3
"""What Python's json makes of values, and whether it reads ours back: the other half of
json_values_test.cpp, which has the same values under the same names.

    json_values.py print    prints a line for each value: its name, a tab, json.dumps of it
    json_values.py --write  writes these lines to json_values.tsv, which the tests compare with
    json_values.py check    reads such lines with the bytes we wrote, and says what json.loads makes of them
                            that is not the value; exits with 1 then
"""

import json
import math
import pathlib
import random
import struct
import sys

INFINITY = math.inf


def nested(levels):
    value = 1
    for level in range(levels):
        value = {"k": value} if level % 2 else [value]
    return value


# Name: value, for values that JSON gives back as they were.
SAME = {
    "none": None,
    "true": True,
    "false": False,
    "empty text": "",
    "ascii": "".join(map(chr, range(0x20, 0x7F))),
    "controls": "".join(map(chr, range(0x20))),
    "del": "a\x7fb",
    "quotes": '"\\/',
    "latin": "\x80\xa0\xe9\xff",
    "bmp": "\u0100\u07ff\u0800\u20ac\u2028\u2029\ud7ff\ue000\ufeff\ufffd\uffff",
    "astral": "\U00010000\U0001f600\U0010ffff",
    "high surrogate": "\ud800",
    "low surrogate": "a\udfffb",
    "surrogates the wrong way round": "\udc00\ud800",
    "text like a number": "42",
    "zero": 0,
    "negative": -7,
    "least": -(2**63),
    "most signed": 2**63 - 1,
    "just unsigned": 2**63,
    "most unsigned": 2**64 - 1,
    "float zero": 0.0,
    "float minus zero": -0.0,
    "float one": 1.0,
    "tenth": 0.1,
    "third": 1 / 3,
    "sum": 0.1 + 0.2,
    "smallest plain": 0.0001,
    "largest small exponent": 0.00001,
    "largest plain": 9999999999999998.0,
    "smallest exponent": 1e16,
    "exponent and digits": 1.2345e22,
    "2 to the 53": 2.0**53,
    "2 to the 63": 2.0**63,
    "three digits of exponent": 1e100,
    "largest": sys.float_info.max,
    "smallest normal": sys.float_info.min,
    "smallest": 5e-324,
    "negative tiny": -1.5e-10,
    "half way": 5e-5,
    "nan": math.nan,
    "infinity": INFINITY,
    "minus infinity": -INFINITY,
    "empty list": [],
    "empty dict": {},
    "list": [1, 2.5, "x", None, True, [], {}],
    "dict": {"z": 1, "a": {"y": [1, {"b": None}], "c": "\xe9"}, "": False},
    "not numbers inside": [math.nan, INFINITY, -INFINITY],
    "keys with escapes": {'"\\\n\x7f\xe9\U0001f600': 1},
    "nested": nested(50),
}
# Name: value and what JSON makes of it.
CHANGED = {
    "keys that are no text": (
        {None: 1, True: 2, False: 3, 7: 4, -1: 5, 2**64 - 1: 6, 0.1: 7, 1e16: 8, -INFINITY: 9, math.nan: 10},
        {"null": 1, "true": 2, "false": 3, "7": 4, "-1": 5, "18446744073709551615": 6, "0.1": 7,
         "1e+16": 8, "-Infinity": 9, "NaN": 10},
    ),
    "keys inside": ([{1: {2: 3}}], [{"1": {"2": 3}}]),
    "both halves of a pair": ("\ud83d\ude00", "\U0001f600"),
}
RANDOM_VALUES = 500


def random_text(dice):
    classes = [
        lambda: chr(dice.randrange(0x20)),
        lambda: chr(dice.randrange(0x20, 0x7F)),
        lambda: dice.choice('"\\/\x7f\x80'),
        lambda: chr(dice.randrange(0xA0, 0x800)),
        lambda: chr(dice.choice([dice.randrange(0x800, 0xD800), dice.randrange(0xE000, 0x10000)])),
        lambda: chr(dice.randrange(0x10000, 0x110000)),
        lambda: chr(dice.randrange(0xD800, 0xE000)) + ".",  # the point keeps two from being a pair
    ]
    return "".join(dice.choice(classes)() for _ in range(dice.randrange(8)))


def random_float(dice):
    if dice.random() < 0.5:
        return struct.unpack("<d", dice.randbytes(8))[0]
    return dice.randrange(-(10**17), 10**17) / 10 ** dice.randrange(22)


def random_value(dice, depth=0):
    kind = dice.randrange(8 if depth < 4 else 6)
    if kind == 0:
        return dice.choice([None, True, False])
    if kind in (1, 2):
        return dice.randrange(-(2**63), 2**64) >> dice.randrange(64)
    if kind == 3:
        return random_float(dice)
    if kind in (4, 5):
        return random_text(dice)
    if kind == 6:
        return [random_value(dice, depth + 1) for _ in range(dice.randrange(5))]
    return {random_text(dice): random_value(dice, depth + 1) for _ in range(dice.randrange(5))}


def values():
    """Name: value and what JSON makes of it."""
    table = {name: (value, value) for name, value in SAME.items()}
    table |= CHANGED
    for seed in range(RANDOM_VALUES):
        dice = random.Random(seed)
        value = [random_value(dice) for _ in range(dice.randrange(1, 6))]
        table[f"random {seed}"] = (value, value)
    return table


def lines():
    """All bytes are ASCII, and there is no tab and no end of a line among them."""
    return "".join(f"{name}\t{json.dumps(value)}\n" for name, (value, _) in values().items())


def check():
    expected = {name: after for name, (_, after) in values().items()}
    problems = []
    for line in sys.stdin:
        name, ours = line.rstrip("\n").split("\t")
        wanted = expected.pop(name, None) if name in expected else "no such value"
        found = json.loads(ours)
        # repr tells 1 from 1.0 and True, 0.0 from -0.0, and one order from another; and nan equals itself.
        if repr(found) != repr(wanted):
            problems.append(f"{name}: read {found!a}, wanted {wanted!a}")
    problems += [f"{name}: not written" for name in expected]
    print(*problems, sep="\n", end="\n" if problems else "")
    return not problems


if __name__ == "__main__":
    if sys.argv[1:] == ["print"]:
        sys.stdout.write(lines())
    elif sys.argv[1:] == ["--write"]:
        pathlib.Path(__file__).with_suffix(".tsv").write_text(lines(), encoding="ascii")
    elif sys.argv[1:] == ["check"]:
        sys.exit(0 if check() else 1)
    else:
        sys.exit(__doc__)
