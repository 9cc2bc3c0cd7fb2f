#!/usr/bin/python3
"""That a shared library shows names of rediscache and no others: exports.py LIBRARY."""

import re
import subprocess
import sys

OURS = re.compile(r"((vtable|typeinfo|typeinfo name) for |(non-)?virtual thunk to )?rediscache::")


def main(library):
    listing = subprocess.run(
        ["nm", "--dynamic", "--defined-only", "--demangle", "--format=posix", library],
        check=True, capture_output=True, text=True,
    ).stdout.splitlines()
    # Each line is NAME TYPE ADDRESS SIZE; the name has spaces in it.
    names = [re.sub(r" \w( [0-9a-f]+)*$", "", line) for line in listing]
    strangers = [name for name in names if not OURS.match(name)]
    for name in strangers:
        print(f"not ours: {name}")
    print(f"{len(names)} names")
    return bool(names) and not strangers


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1]) else 1)
