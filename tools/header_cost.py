#!/usr/bin/python3
"""What each public header costs to include, beside the standard headers that it needs anyway.

Usage: tools/header_cost.py [--compiler CXX] [--rounds N]
Prints a table of CPU seconds (median) and their ratio. Needs a C++20 compiler and nothing else.
"""
import argparse
import pathlib
import re
import resource
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "include"
OPT_IN = {"nlohmann.hpp"}


def standard_headers(header, seen):
    """The standard headers that a public header includes, directly or through our own."""
    if header in seen:
        return set()
    seen.add(header)
    found = set()
    for name in re.findall(r"#include <([^>]+)>", (INCLUDE / header).read_text()):
        if name.startswith("rediscache/"):
            found |= standard_headers(name, seen)
        else:
            found.add(name)
    return found


def cpu_seconds(compiler, source):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([compiler, "-std=c++20", f"-I{INCLUDE}", "-fsyntax-only", source], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{'header':<22}{'ours s':>8}{'standard s':>12}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as directory:
        for path in sorted((INCLUDE / "rediscache").glob("*.hpp")):
            if path.name in OPT_IN:
                continue
            header = f"rediscache/{path.name}"
            ours = pathlib.Path(directory) / "ours.cpp"
            standard = pathlib.Path(directory) / "standard.cpp"
            ours.write_text(f"#include <{header}>\n")
            standard.write_text("".join(f"#include <{name}>\n" for name in sorted(standard_headers(header, set()))))
            times = [(cpu_seconds(arguments.compiler, ours), cpu_seconds(arguments.compiler, standard))
                     for _ in range(arguments.rounds)]
            mine, theirs = (statistics.median(side) for side in zip(*times))
            print(f"{path.name:<22}{mine:>8.2f}{theirs:>12.2f}{mine / theirs:>8.2f}", flush=True)


if __name__ == "__main__":
    main()
