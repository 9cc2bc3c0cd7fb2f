"""What the checks of the source tree share: their command line, and the proof that they find what is wrong."""

import pathlib
import sys
import tempfile


def write(root, files):
    for name, contents in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents, encoding="utf-8")


def self_test(check, good, bad, only_one):
    """Good trees, as files by name, have no problem. Each of `bad` (what, file, contents, complaint) replaces a file
    of the first good one and is a problem, with `only_one` the only one."""
    failures = []
    with tempfile.TemporaryDirectory() as directory:
        for number, files in enumerate(good):
            root = pathlib.Path(directory) / f"good{number}"
            write(root, files)
            failures += [f"good tree {number}: {problem}" for problem in check(root)]
        for number, (what, name, contents, complaint) in enumerate(bad):
            root = pathlib.Path(directory) / f"bad{number}"
            write(root, {**good[0], name: contents})
            problems = check(root)
            found = any(complaint in problem for problem in problems)
            if not found or (only_one and len(problems) != 1):
                failures.append(f"{what}: expected '{complaint}', got {problems}")
    for failure in failures:
        print(failure)
    cases = len(good) + len(bad)
    print(f"{cases - len(failures)} of {cases} as expected")
    return not failures


def run(check, good, bad, only_one=False):
    """Checks the tree named by the first argument, else this one; with --self-test the check itself."""
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        return self_test(check, good, bad, only_one)
    here = pathlib.Path(__file__).resolve().parents[2]
    problems = check(pathlib.Path(arguments[0]).resolve() if arguments else here)
    for problem in problems:
        print(problem)
    return not problems
