#!/usr/bin/python3
"""What each public header costs to compile, beside the standard headers that it needs anyway.

Usage: tools/header_cost.py [--compiler CXX] [--measure HOW] [--limit RATIO] [HEADER...]

Prints a table of both costs and their ratio; HEADER is a name like cache.hpp, and by default each of them.
With --limit it fails when a ratio is above it.

HOW is what a compiler's work is measured by:
  perf      instructions that the processor counts: where it lets us, which virtual ones seldom do
  valgrind  instructions counted by cachegrind: the same number each time, on any machine, but slow
  time      seconds of the processor, the least of several rounds (--rounds): approximate, more so when others work
By default the first of these that is to be had here. The first line of the output says which it was.
"""
import argparse
import concurrent.futures
import itertools
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "include"
OPT_IN = {"nlohmann.hpp"}
# A compiler that stands behind ccache is asked itself.
ENVIRONMENT = {**os.environ, "CCACHE_DISABLE": "1"}


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


def run(command):
    subprocess.run(command, check=True, env=ENVIRONMENT)


def with_perf(command, directory):
    report = directory / "perf"
    run(["perf", "stat", "-x", ",", "-e", "instructions:u", "-o", report, "--", *command])
    for line in report.read_text().splitlines():
        if "instructions:u" in line:
            return int(line.split(",")[0])
    raise ValueError("perf counted nothing")


def with_valgrind(command, directory):
    # The compiler proper is a process that the driver starts.
    run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--trace-children=yes",
         "--cachegrind-out-file=/dev/null", f"--log-file={directory}/valgrind.%p", *command])
    counts = [int(count.replace(",", "")) for log in directory.glob("valgrind.*")
              for count in re.findall(r"I\s+refs:\s+([\d,]+)", log.read_text())]
    return sum(counts)


def with_time(command, _):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


MEASURES = {"perf": with_perf, "valgrind": with_valgrind, "time": with_time}


def is_there(measure):
    if measure == "time":
        return True
    if shutil.which(measure) is None:
        return False
    try:
        with tempfile.TemporaryDirectory() as directory:
            return MEASURES[measure](["true"], pathlib.Path(directory)) > 0
    except (OSError, ValueError, subprocess.CalledProcessError):
        return False


def cost(compiler, measure, headers):
    """What including these headers costs."""
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        source = directory / "source.cpp"
        source.write_text("".join(f"#include <{header}>\n" for header in headers))
        return MEASURES[measure]([compiler, "-std=c++20", f"-I{INCLUDE}", "-fsyntax-only", source], directory)


def counted(compiler, measure, pairs):
    """The costs of pairs of sets of headers. Each set is counted once, and several at the same time."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = {}
        for headers in itertools.chain.from_iterable(pairs):
            if headers not in counts:
                counts[headers] = pool.submit(cost, compiler, measure, headers)
        for ours, standard in pairs:
            yield counts[ours].result(), counts[standard].result()


def timed(compiler, rounds, pairs):
    """The same in time: by turns, so that what else the machine does falls on both, and the least of each."""
    for pair in pairs:
        times = [[cost(compiler, "time", headers) for headers in pair] for _ in range(rounds)]
        yield tuple(min(side) for side in zip(*times))


def chosen_headers(names):
    every = [path.name for path in sorted((INCLUDE / "rediscache").glob("*.hpp")) if path.name not in OPT_IN]
    unknown = set(names) - set(every)
    if unknown:
        sys.exit(f"header_cost.py: no such public header: {', '.join(sorted(unknown))}")
    return names or every


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--measure", choices=MEASURES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float)
    parser.add_argument("header", nargs="*")
    arguments = parser.parse_args()
    headers = chosen_headers(arguments.header)
    measure = arguments.measure or next(measure for measure in MEASURES if is_there(measure))
    pairs = [((f"rediscache/{name}",), tuple(sorted(standard_headers(f"rediscache/{name}", set()))))
             for name in headers]
    if measure == "time":
        unit, scale, digits = "s", 1, 2
        costs = timed(arguments.compiler, arguments.rounds, pairs)
    else:
        unit, scale, digits = "M instructions", 1e6, 0
        costs = counted(arguments.compiler, measure, pairs)
    print(f"measured by {measure}, in {unit}")
    print(f"{'header':<22}{'ours':>8}{'standard':>10}{'ratio':>8}", flush=True)
    above = 0
    for name, (ours, standard) in zip(headers, costs):
        ratio = ours / standard
        too_much = arguments.limit is not None and ratio > arguments.limit
        above += too_much
        print(f"{name:<22}{ours / scale:>8.{digits}f}{standard / scale:>10.{digits}f}{ratio:>8.2f}"
              f"{'  too much' if too_much else ''}", flush=True)
    if above:
        sys.exit(f"{above} above {arguments.limit}")


if __name__ == "__main__":
    main()
