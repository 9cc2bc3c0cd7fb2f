#!/usr/bin/python3
"""Compiles source files alone, without code: compile_alone.py BUILD [--tests [FILE...]], with
BUILD/compile_commands.json. Every file, or with --tests those of the product and these.

What other tests compile, they compile several files at a time and with precompiled headers. There a file may use what
it does not include; here it may not.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys


def command_of(entry):
    arguments = shlex.split(entry["command"])
    output = arguments.index("-o")
    del arguments[output:output + 2]
    # No file of dependencies either: nothing is kept.
    with_value = {"-MF", "-MQ"}
    kept, skip = [], False
    for argument in arguments:
        if skip or argument == "-MD":
            skip = False
        elif argument in with_value:
            skip = True
        else:
            kept.append(argument)
    return kept + ["-fsyntax-only"]


def compile_one(entry):
    return subprocess.run(command_of(entry), cwd=entry["directory"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)


def is_of_tests(entry):
    return entry["file"].startswith(("../../tests/", "../../bench/"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--tests", nargs="*", metavar="FILE")
    arguments = parser.parse_args()
    build = arguments.build
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    # Some files belong to several programs, with the same includes.
    entries = list({entry["file"]: entry for entry in entries}.values())
    if arguments.tests is not None:
        chosen = {"../../" + file for file in arguments.tests}
        entries = [entry for entry in entries if not is_of_tests(entry) or entry["file"] in chosen]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {pool.submit(compile_one, entry): entry for entry in entries}
        for done, run in enumerate(concurrent.futures.as_completed(runs), 1):
            print(f"[{done}/{len(entries)}] {runs[run]['file']}", flush=True)
            if run.result().returncode:
                bad += 1
                print(run.result().stdout, flush=True)
    if bad or not entries:
        sys.exit(f"{bad} of {len(entries)} files do not compile alone")


if __name__ == "__main__":
    main()
