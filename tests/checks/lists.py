#!/usr/bin/python3
"""That nothing is forgotten: every source is named in a meson.build, every public header in
include/meson.build and in the umbrella header, and all places name the same version.

    lists.py [ROOT]       checks a source tree
    lists.py --self-test  proves that omissions are found
"""

import re
import sys

import tree_check

BUILT = ("lib", "tests", "bench", "examples", "tools")
QUOTED = re.compile(r"'([^'\n]+)'")
# Not in the umbrella: opt-in headers, those of rediscache-testing, what headers bring along by themselves, and the umbrella.
NOT_IN_UMBRELLA = re.compile(r"rediscache/((async|nlohmann)\w*|detail/.*|testing/.*|export|rediscache)\.hpp")
HEADING = re.compile(r"^## +(.+)", re.MULTILINE)
NUMBER = re.compile(r"\d+\.\d+\.\d+")


def code_of(meson_file):
    """The text without comments."""
    return re.sub(r"#[^\n]*", "", meson_file.read_text(encoding="utf-8"))


def named_files(root):
    """Every file that a meson.build names, as paths from the root."""
    named = set()
    for meson_file in [root / "meson.build", *root.glob("[a-z]*/**/meson.build")]:
        if meson_file.is_file() and "subprojects" not in meson_file.parts:
            for name in QUOTED.findall(code_of(meson_file)):
                if name.endswith((".cpp", ".hpp")):
                    named.add((meson_file.parent / name).resolve())
    return named


def check_sources(root):
    named = named_files(root)
    for folder in BUILT:
        for file in sorted((root / folder).rglob("*.cpp")):
            if file.resolve() not in named:
                yield f"{file.relative_to(root)}: no meson.build names it"
    for file in sorted((root / "include").rglob("*.hpp")):
        if file.resolve() not in named:
            yield f"{file.relative_to(root)}: include/meson.build does not name it"


def check_umbrella(root):
    include = root / "include"
    umbrella = (include / "rediscache" / "rediscache.hpp").read_text(encoding="utf-8")
    for file in sorted(include.rglob("*.hpp")):
        name = file.relative_to(include).as_posix()
        if not NOT_IN_UMBRELLA.fullmatch(name) and f"#include <{name}>" not in umbrella:
            yield f"include/{name}: missing in rediscache.hpp"


def check_version(root):
    match = re.search(r"version: *'([^']+)'", code_of(root / "meson.build"))
    version = match.group(1) if match else "none"

    header = (root / "include/rediscache/version.hpp").read_text(encoding="utf-8")
    parts = re.findall(r"#define REDISCACHE_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header)
    if ".".join(parts) != version:
        yield f"version.hpp says {'.'.join(parts)}, meson.build {version}"

    changelog = root / "CHANGELOG.md"
    if not changelog.is_file():
        yield "CHANGELOG.md is missing"
        return
    heading = HEADING.search(changelog.read_text(encoding="utf-8"))
    if heading is None:
        yield "CHANGELOG.md has no '## version' heading"
        return
    # "Unreleased" alone says nothing about a number; every number must be the project's.
    number = NUMBER.search(heading.group(1))
    if number is None and "unreleased" not in heading.group(1).lower():
        yield f"CHANGELOG.md starts with '{heading.group(1)}', which is no version"
    if number is not None and number.group() != version:
        yield f"CHANGELOG.md starts with {number.group()}, meson.build says {version}"


def check(root):
    return [*check_sources(root), *check_umbrella(root), *check_version(root)]


GOOD = {
    "meson.build": "project('rediscache', 'cpp',\n  version: '1.2.3',\n)\n",
    "CHANGELOG.md": "# Changes\n\n## 1.2.3 (2026-01-01)\n\n## 1.2.2\n",
    "include/meson.build": "h = ['rediscache/a.hpp', 'rediscache/rediscache.hpp', 'rediscache/version.hpp']\n",
    "include/rediscache/a.hpp": "",
    "include/rediscache/rediscache.hpp": "#include <rediscache/a.hpp>\n#include <rediscache/version.hpp>\n",
    "include/rediscache/version.hpp": "#define REDISCACHE_VERSION_MAJOR 1\n"
    "#define REDISCACHE_VERSION_MINOR 2\n#define REDISCACHE_VERSION_PATCH 3\n",
    "lib/base/meson.build": "s += files('a.cpp')\n",
    "lib/base/a.cpp": "",
    "tests/unit/meson.build": "t = files('base/a_test.cpp', '../support/b.cpp')\n",
    "tests/unit/base/a_test.cpp": "",
    "tests/support/b.cpp": "",
}

# Each: what is wrong, a file, its contents, and what the complaint must say.
BAD = [
    ("source not built", "lib/base/b.cpp", "", "lib/base/b.cpp: no meson.build names it"),
    ("source in a comment", "lib/base/meson.build", "# files('a.cpp')\n", "no meson.build names it"),
    ("test not built", "tests/unit/b_test.cpp", "", "no meson.build names it"),
    ("header not installed", "include/rediscache/export.hpp", "", "include/meson.build does not"),
    ("umbrella", "include/rediscache/rediscache.hpp", "#include <rediscache/version.hpp>\n", "missing in"),
    ("project version", "meson.build", "project('rediscache', version: '1.2.4')\n", "version.hpp says 1.2.3"),
    ("change log", "CHANGELOG.md", "## [1.3.0] - 2026-02-02\n", "CHANGELOG.md starts with 1.3.0"),
    ("unreleased", "CHANGELOG.md", "## Unreleased (1.3.0)\n", "CHANGELOG.md starts with 1.3.0"),
    ("no version", "CHANGELOG.md", "## News\n", "which is no version"),
    ("empty change log", "CHANGELOG.md", "# Changes\n", "no '## version'"),
]


if __name__ == "__main__":
    UNRELEASED = {**GOOD, "CHANGELOG.md": "## Unreleased\n"}
    sys.exit(0 if tree_check.run(check, [GOOD, UNRELEASED], BAD) else 1)
