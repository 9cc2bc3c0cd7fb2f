#!/usr/bin/python3
"""What Python's pickle and msgpack make of values: python_values_test.cpp reads them, and writes the same bytes.

    python_values.py --write  writes python_values.tsv: a line for each value, with its name, the serializer and
                              the bytes in hexadecimal; of long ones their number and a checksum (Adler-32)
    python_values.py print    prints these lines, without msgpack's where there is none

Where one object stands twice in a value, pickles refer to it; which objects are one, a value of ours does not
know but for dict keys, empty text and bytes, and single characters. So values here hold no others twice.
"""

import math
import pathlib
import pickle
import sys
import zlib

try:
    import msgpack
except ImportError:
    msgpack = None

TEXT = "".join(map(chr, range(1, 0x100)))
VALUES = {
    "none": None,
    "true": True,
    "false": False,
    "empty text": "",
    "text": "hello",
    "character": "a",
    "latin": TEXT,
    "nul": "a\0b",
    "astral": "\u20ac\U0001f600",
    "surrogates": "a\ud800\udfff",
    "text of 255": "x" * 255,
    "text of 256": "x" * 256,
    "text before a frame": "x" * 65535,
    "text beyond a frame": "x" * 65536,
    "empty bytes": b"",
    "bytes": b"\0\xff\x80",
    "bytes of 256": b"y" * 256,
    "bytes beyond a frame": b"y" * 65536,
    "float": 0.1,
    "float zero": -0.0,
    "infinity": -math.inf,
    "integers": [0, 1, -1, 127, 128, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1],
    "large integers": [2**32, 2**63 - 1, 2**63, 2**64 - 1, -(2**63), -128, -129, -32768, -32769, -(2**40)],
    "huge integers": [2**64, -(2**63) - 1, 10**40, -(10**40), 2**2040, -(2**2039), 2**127, -(2**127)],
    "longest integer": [10**4299, -(10**4300 - 1)],
    "empty list": [],
    "list of one": ["one"],
    "list of many": [number / 2 for number in range(2500)],
    "list of a thousand": [number / 2 for number in range(1000)],
    "empty tuple": (),
    "tuples": [(1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "empty dict": {},
    "dict of one": {"k": 1.5},
    "dict": {"name": "value", "": None, 7: True, 2.5: b"z", b"key": (), (1, "t"): [set()]},
    "dict of a thousand": {f"key {number}": number for number in range(1000)},
    "dict of many": {f"key {number}": number for number in range(1001)},
    "rows": [{"id": number, "title": f"title {number}", "x": [{"id": "i"}]} for number in range(300)],
    "empty set": set(),
    "set of one": {"only"},
    "set of many": set(range(1000)),
    "nested": [[[{"deep": ({"er": [None]},)}]]],
    "frames": [f"{number:0>3000}" for number in range(60)],
    "frames and large": ["first", "l" * 70000, "between", b"b" * 70000, "last"],
}
for name, value in {"levels": 300}.items():
    nested = 1.5
    for _ in range(value):
        nested = [nested]
    VALUES[name] = nested


def spelt(data):
    return data.hex() if len(data) <= 1500 else f"{len(data)} {zlib.adler32(data)}"


def lines(with_msgpack):
    for name, value in VALUES.items():
        for protocol in range(6):
            yield f"{name}\tpickle{protocol}\t{spelt(pickle.dumps(value, protocol))}\n"
        if with_msgpack:
            try:
                yield f"{name}\tmsgpack\t{spelt(msgpack.dumps(value))}\n"
            except (TypeError, ValueError, OverflowError):
                pass


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        golden = pathlib.Path(__file__).with_suffix(".tsv")
        golden.write_text("".join(lines(True)), encoding="ascii")
    elif sys.argv[1:] == ["print"]:
        sys.stdout.writelines(lines(msgpack is not None))
    else:
        sys.exit(__doc__)
