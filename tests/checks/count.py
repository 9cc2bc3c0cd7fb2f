#!/usr/bin/python3
"""Prints how many tests passed, failed and were skipped in Meson's last run: count.py BUILD/meson-logs.

GoogleTest programs count case by case, all others as one test. count.py --self-test tests itself.
"""

import collections
import json
import pathlib
import sys
import tempfile
import xml.etree.ElementTree as xml


def cases_of(logs):
    """Per GoogleTest program: how its cases ended."""
    cases = collections.defaultdict(collections.Counter)
    for suite in xml.parse(logs / "testlog.junit.xml").iter("testsuite"):
        parts = suite.get("name").split(".", 2)  # project.program.suite
        if len(parts) == 3:
            program = name_of(parts[1])
            for case in suite.iter("testcase"):
                if case.find("failure") is not None or case.find("error") is not None:
                    cases[program]["failed"] += 1
                elif case.find("skipped") is not None:
                    cases[program]["skipped"] += 1
                elif case.get("status") == "run":
                    cases[program]["passed"] += 1
    return cases


def name_of(test):
    """Meson puts a test's suites before its name, in both files, as soon as one test has a suite."""
    return test.split(" / ")[-1]


def count(logs):
    cases = cases_of(logs)
    total = collections.Counter()
    for line in (logs / "testlog.json").read_text(encoding="utf-8").splitlines():
        test = json.loads(line)
        program = cases[name_of(test["name"])]
        total += program
        # The XML knows no time-outs, and nothing of what happens after the last case, such as a leak found.
        if test["result"] == "SKIP":
            total["skipped"] += 1
        elif test["result"] not in ("OK", "EXPECTEDFAIL"):
            total["failed"] += 0 if program["failed"] else 1
        elif not program and "[==========] 0 tests" not in test.get("stdout", ""):
            total["passed"] += 1
    return total


JUNIT = """<testsuites>
<testsuite name="p.{0}unit.First">
 <testcase status="run"/><testcase status="run"><failure/></testcase><testcase status="notrun"/>
</testsuite>
<testsuite name="p.{0}unit.Second"><testcase status="run"/><testcase><skipped/></testcase></testsuite>
<testsuite name="p.{0}late.Third"><testcase status="run"/></testsuite>
<testsuite name="p"><testcase name="a script"/></testsuite>
</testsuites>"""
RUN = [("unit", "FAIL"), ("late", "TIMEOUT"), ("a script", "OK"), ("a broken script", "FAIL"), ("not here", "SKIP")]


def self_test():
    for suites in ("", "p / ", "p:heavy / "):
        with tempfile.TemporaryDirectory() as directory:
            logs = pathlib.Path(directory)
            (logs / "testlog.junit.xml").write_text(JUNIT.format(suites), encoding="utf-8")
            (logs / "testlog.json").write_text(
                "".join(json.dumps({"name": suites + name, "result": result}) + "\n" for name, result in RUN),
                encoding="utf-8")
            total = count(logs)
            # First and Second: 2, 1 and 1; Third passed, and then its program hung; the scripts.
            found = (total["passed"], total["failed"], total["skipped"])
            assert found == (4, 3, 2), f"with {suites!r} before the names: {found}"
    print("ok")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        sys.exit()
    try:
        result = count(pathlib.Path(sys.argv[1]))
    except FileNotFoundError:  # Meson did not come so far
        result = collections.Counter()
    print(result["passed"], result["failed"], result["skipped"])
