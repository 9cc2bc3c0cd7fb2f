#!/usr/bin/python3
"""Prints how many tests passed, failed and were skipped in Meson's last run: count.py BUILD/meson-logs.

GoogleTest programs count case by case, all others as one test.
"""

import collections
import json
import pathlib
import sys
import xml.etree.ElementTree as xml


def cases_of(logs):
    """Per GoogleTest program: how its cases ended."""
    cases = collections.defaultdict(collections.Counter)
    for suite in xml.parse(logs / "testlog.junit.xml").iter("testsuite"):
        parts = suite.get("name").split(".", 2)  # project.program.suite
        if len(parts) == 3:
            for case in suite.iter("testcase"):
                if case.find("failure") is not None or case.find("error") is not None:
                    cases[parts[1]]["failed"] += 1
                elif case.find("skipped") is not None:
                    cases[parts[1]]["skipped"] += 1
                elif case.get("status") == "run":
                    cases[parts[1]]["passed"] += 1
    return cases


def count(logs):
    cases = cases_of(logs)
    total = collections.Counter()
    for line in (logs / "testlog.json").read_text(encoding="utf-8").splitlines():
        test = json.loads(line)
        program = cases[test["name"].split(" / ")[-1]]
        total += program
        # The XML knows no time-outs, and nothing of what happens after the last case, such as a leak found.
        if test["result"] == "SKIP":
            total["skipped"] += 1
        elif test["result"] not in ("OK", "EXPECTEDFAIL"):
            total["failed"] += 0 if program["failed"] else 1
        elif not program and "[==========] 0 tests" not in test.get("stdout", ""):
            total["passed"] += 1
    return total


if __name__ == "__main__":
    try:
        result = count(pathlib.Path(sys.argv[1]))
    except FileNotFoundError:  # Meson did not come so far
        result = collections.Counter()
    print(result["passed"], result["failed"], result["skipped"])
