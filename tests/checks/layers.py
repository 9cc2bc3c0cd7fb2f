#!/usr/bin/python3
"""Who may include whom, in lib/ and include/, and how long a file may be.

    layers.py [ROOT]       checks a source tree
    layers.py --self-test  proves that violations are found
"""

import re
import sys

import tree_check

# Each folder of lib/, and the folders it may include besides itself.
ALLOWED = {
    "base": set(),
    "resp": {"base"},
    "proto": {"base", "resp"},
    "codec": {"base"},
    "net": {"base", "resp", "proto"},
    "client": {"base", "resp", "proto", "net"},
    "cache": {"base", "resp", "proto", "codec", "client"},
    "local": {"base", "codec", "client", "cache"},
    "config": {"base", "resp", "proto", "codec", "net", "client", "cache", "local"},
    "testing": {"base"},
}
# rediscache-testing is a library of its own: of the others it sees what users see.
PUBLIC_ONLY = {"testing": {"base", "resp", "codec", "client", "cache"}}

# Public headers belong to a layer too; a file may include those of its own layer and of the ones it may
# include.
PUBLIC = {
    "error": "base",
    "export": "base",
    "detail/moved_from": "base",
    "detail/owned": "base",
    "log": "base",
    "milliseconds": "base",
    "result": "base",
    "timeout": "base",
    "timer": "base",
    "version": "base",
    "breaker": "proto",
    "command": "resp",
    "credentials": "proto",
    "reply": "resp",
    "subscriber": "proto",
    "tls": "net",
    "compressor": "codec",
    "convert": "codec",
    "detail/convert_std": "codec",
    "detail/convert_traits": "codec",
    "serializer": "codec",
    "value": "codec",
    "client": "client",
    "options": "client",
    "replicas": "client",
    "cache": "cache",
    "call_options": "cache",
    "detail/cache_access": "cache",
    "detail/stored": "cache",
    "key_scan": "cache",
    "keyed_values": "cache",
    "lock": "cache",
    "lock_options": "cache",
    "metrics": "cache",
    "pipeline": "cache",
    "redis_cache": "cache",
    "detail/call": "cache",
    "detail/call_mode": "cache",
    "detail/pages": "cache",
    "detail/pipeline_share": "cache",
    "detail/replies": "cache",
    "elements": "cache",
    "hashes": "cache",
    "lists": "cache",
    "scan": "cache",
    "scores": "cache",
    "semaphore": "cache",
    "sets": "cache",
    "shared_lock": "cache",
    "sorted_sets": "cache",
    "subscription": "cache",
    "backend": "config",
    "cache_handle": "config",
    "caches": "config",
    "key_functions": "config",
    "settings": "config",
    "dummy_cache": "local",
    "failover_cache": "local",
    "locmem_cache": "local",
    "testing/call_fault": "testing",
    "testing/fault": "testing",
    "testing/fault_proxy": "testing",
    "testing/fault_schedule": "testing",
    "testing/faulty_cache": "testing",
}
UMBRELLA = "rediscache/rediscache.hpp"
# The headers that show a third party on purpose; the umbrella leaves them out.
OPT_IN = re.compile(r"rediscache/(async|nlohmann)\w*\.hpp")

# Third parties, and the files of lib/ that may include them.
THIRD_PARTY = [
    (re.compile(r"(spdlog|fmt)/"), re.compile(r"base/\w+\.cpp")),
    (re.compile(r"openssl/"), re.compile(r"net/tls\w*\.cpp")),
    (re.compile(r"boost/"), re.compile(r"(net|testing)/")),
    (re.compile(r"nlohmann/"), re.compile(r"(codec|config)/")),
    (re.compile(r"(zlib|lzma|lz4\w*|zstd\w*)\.h"), re.compile(r"codec/")),
]
# spdlog is slow to compile: one file pays for it.
ONCE = re.compile(r"(spdlog|fmt)/")

STANDARD = re.compile(r"\w+")  # <vector>, <cstdint>
SYSTEM = re.compile(
    r"(sys|netinet|arpa|net|linux)/[\w/]+\.h"
    r"|(dlfcn|errno|fcntl|limits|link|netdb|poll|pthread|sched|signal|stdlib|string|time|unistd)\.h"
    r"|(cpuid|immintrin)\.h"  # the compiler's, for instructions of the processor
)

# proto/ is driven by arguments alone: no sockets, threads, clocks or dice.
PURE_INCLUDES = re.compile(
    r"(sys|netinet|arpa|net|linux)/.*"
    r"|(netdb|poll|pthread|sched|signal|unistd|fcntl)\.h"
    r"|thread|mutex|shared_mutex|atomic|condition_variable|future|semaphore|latch|barrier|stop_token"
)
PURE_CODE = re.compile(r"::now\s*\(|\brandom_device\b|\bs?rand\s*\(|\bsleep_(for|until)\b")
# resp/ knows no sockets.
SOCKETS = re.compile(r"(sys/socket|sys/epoll|sys/un|netdb|poll)\.h|(netinet|arpa)/.*")

LONGEST = 400
SOURCES = ("include", "lib", "tests", "bench", "tools", "examples")
SUFFIXES = {".cpp", ".hpp", ".h", ".py", ".sh"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def includes_of(text):
    """(line, is_quoted, path) of each #include."""
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start(1)) + 1, match.group(1) == '"', match.group(2)


def without_comments_and_text(text):
    return COMMENT.sub(lambda match: "\n" * match.group().count("\n"), text)


def public_layer(path):
    """The layer of <rediscache/...>, or None when nobody gave it one."""
    return PUBLIC.get(path[len("rediscache/"):-len(".hpp")])


def check_public(layer, path):
    if path == UMBRELLA or OPT_IN.fullmatch(path):
        return f"<{path}> is for users: include what is needed"
    belongs = public_layer(path)
    if belongs is None:
        return f"<{path}> has no layer: give it one in tests/checks/layers.py"
    if belongs != layer and belongs not in ALLOWED[layer] | PUBLIC_ONLY.get(layer, set()):
        return f"{layer} may not include <{path}>, which belongs to {belongs}"
    return None


def check_third_party(name, path):
    for party, home in THIRD_PARTY:
        if party.match(path):
            return None if home.match(name) else f"<{path}> has no place in lib/{name}"
    if STANDARD.fullmatch(path) or SYSTEM.fullmatch(path):
        return None
    return f"<{path}>: neither the standard library, nor the system, nor a third party we know"


def check_lib_file(root, file):
    name = file.relative_to(root / "lib").as_posix()
    layer = name.split("/")[0]
    text = file.read_text(encoding="utf-8")
    for line, quoted, path in includes_of(text):
        problem = None
        if quoted:
            other = path.split("/")[0]
            if not (root / "lib" / path).is_file():
                problem = f'"{path}" is no file of lib/; private includes start at lib/'
            elif other != layer and other not in ALLOWED[layer]:
                problem = f'{layer} may not include {other}: "{path}"'
        elif path.startswith("rediscache/"):
            problem = check_public(layer, path)
        else:
            problem = check_third_party(name, path)
            if layer == "proto" and PURE_INCLUDES.fullmatch(path):
                problem = f"proto is free of sockets, threads and clocks: <{path}>"
            if layer == "resp" and SOCKETS.fullmatch(path):
                problem = f"resp knows no sockets: <{path}>"
        if problem:
            yield f"lib/{name}:{line}: {problem}"
    if layer == "proto":
        for number, line in enumerate(without_comments_and_text(text).splitlines(), start=1):
            if PURE_CODE.search(line):
                yield f"lib/{name}:{number}: proto takes time and randomness as arguments"


def check_public_header(root, file):
    name = file.relative_to(root / "include").as_posix()
    if name == UMBRELLA or OPT_IN.fullmatch(name):
        return
    layer = public_layer(name)
    if layer is None:
        yield f"include/{name}: no layer: give it one in tests/checks/layers.py"
        return
    for line, quoted, path in includes_of(file.read_text(encoding="utf-8")):
        problem = None
        if quoted:
            problem = f'public headers include with <>: "{path}"'
        elif path.startswith("rediscache/"):
            problem = check_public(layer, path)
        elif not STANDARD.fullmatch(path):
            problem = f"public headers show the standard library only: <{path}>"
        if problem:
            yield f"include/{name}:{line}: {problem}"


def check_once(root, files):
    homes = [
        file.relative_to(root).as_posix()
        for file in files
        if file.parent.name == "base" and file.suffix == ".cpp"
        and any(ONCE.match(path) for _, _, path in includes_of(file.read_text(encoding="utf-8")))
    ]
    if len(homes) > 1:
        yield f"spdlog belongs in one file, not in {', '.join(homes)}"


def sources(root, folder):
    return sorted(file for file in (root / folder).rglob("*") if file.suffix in SUFFIXES and file.is_file())


def check(root):
    """All that is wrong in the tree, as lines to print."""
    problems = []
    lib = sources(root, "lib")
    for file in lib:
        folder = file.relative_to(root / "lib").parts[0]
        if folder in ALLOWED:
            problems += check_lib_file(root, file)
        else:
            problems.append(f"lib/{folder}: no such layer: give it one in tests/checks/layers.py")
    problems += check_once(root, lib)
    for file in sources(root, "include"):
        problems += check_public_header(root, file)
    for folder in SOURCES:
        for file in sources(root, folder):
            lines = file.read_bytes().count(b"\n")
            if lines > LONGEST:
                problems.append(f"{file.relative_to(root)}: {lines} lines; split it before {LONGEST}")
    return problems


# Each: what is wrong, a file, its contents, and what the complaint must say.
BAD = [
    ("upwards", "lib/resp/a.cpp", '#include "net/a.hpp"', "resp may not include net"),
    ("sideways", "lib/codec/a.cpp", '#include "resp/a.hpp"', "codec may not include resp"),
    ("from the bottom", "lib/base/a.cpp", '#include "resp/a.hpp"', "base may not include resp"),
    ("past a layer", "lib/cache/a.cpp", '#include "net/a.hpp"', "cache may not include net"),
    ("not from lib/", "lib/net/a.cpp", '#include "b.hpp"', "start at lib/"),
    ("public, upwards", "lib/net/a.cpp", "#include <rediscache/options.hpp>", "belongs to client"),
    ("umbrella", "lib/cache/a.cpp", "#include <rediscache/rediscache.hpp>", "is for users"),
    ("public, unknown", "lib/cache/a.cpp", "#include <rediscache/new.hpp>", "has no layer"),
    ("new public header", "include/rediscache/new.hpp", "", "no layer"),
    ("public, inside", "include/rediscache/error.hpp", "#include <rediscache/value.hpp>", "belongs to codec"),
    ("shown to users", "include/rediscache/error.hpp", "#include <boost/asio.hpp>", "standard library only"),
    ("public, quoted", "include/rediscache/error.hpp", '#include "value.hpp"', "include with <>"),
    ("spdlog outside base", "lib/net/a.cpp", "#include <spdlog/spdlog.h>", "has no place"),
    ("spdlog in a header", "lib/base/a.hpp", "#include <spdlog/spdlog.h>", "has no place"),
    ("spdlog twice", "lib/base/b.cpp", "#include <spdlog/spdlog.h>", "in one file"),
    ("OpenSSL elsewhere", "lib/net/socket.cpp", "#include <openssl/ssl.h>", "has no place"),
    ("OpenSSL in a header", "lib/net/tls_stream.hpp", "#include <openssl/ssl.h>", "has no place"),
    ("Asio elsewhere", "lib/client/a.cpp", "#include <boost/asio.hpp>", "has no place"),
    ("past the public", "lib/testing/a.cpp", '#include "net/a.hpp"', "testing may not include net"),
    ("testing in the library", "lib/net/a.cpp", "#include <rediscache/testing/fault.hpp>", "belongs to testing"),
    ("unknown party", "lib/base/a.cpp", "#include <absl/strings.h>", "neither"),
    ("socket in resp", "lib/resp/a.cpp", "#include <sys/socket.h>", "no sockets"),
    ("socket in proto", "lib/proto/a.cpp", "#include <sys/socket.h>", "free of sockets"),
    ("thread in proto", "lib/proto/a.cpp", "#include <thread>", "free of sockets"),
    ("atomic in proto", "lib/proto/a.hpp", "#  include <atomic>", "free of sockets"),
    ("clock in proto", "lib/proto/a.cpp", "auto t = Clock::now();", "time and randomness"),
    ("dice in proto", "lib/proto/a.cpp", "std::random_device dice;", "time and randomness"),
    ("unknown folder", "lib/misc/a.cpp", "", "no such layer"),
    ("too long", "tests/unit/a.cpp", "\n" * (LONGEST + 1), "split it"),
]

GOOD = {
    "include/rediscache/error.hpp": "#include <string>\n",
    "include/rediscache/value.hpp": "#include <rediscache/error.hpp>\n",
    "include/rediscache/options.hpp": "#include <rediscache/error.hpp>\n",
    "include/rediscache/rediscache.hpp": "#include <rediscache/value.hpp>\n",
    "include/rediscache/async.hpp": "#include <boost/asio.hpp>\n",
    "lib/base/log.cpp": "#include <spdlog/spdlog.h>\n#include <time.h>\n",
    "lib/resp/a.hpp": "#include <rediscache/error.hpp>\n",
    "lib/proto/a.hpp": '// Clock::now() is not ours\n#include "resp/a.hpp"\n',
    "lib/net/a.hpp": '#include <boost/asio.hpp>\n#include <sys/socket.h>\n#include "proto/a.hpp"\n',
    "lib/net/tls_stream.cpp": "#include <openssl/ssl.h>\n",
    "lib/testing/a.cpp": '#include <boost/asio.hpp>\n#include <rediscache/options.hpp>\n',
    "lib/client/a.cpp": '#include <rediscache/options.hpp>\n\n#include "net/a.hpp"\n',
    "tests/unit/a.cpp": "\n" * LONGEST,
}


if __name__ == "__main__":
    # Good files end with a line, and so must bad ones.
    BAD = [(what, name, contents + "\n", complaint) for what, name, contents, complaint in BAD]
    sys.exit(0 if tree_check.run(check, [GOOD], BAD, only_one=True) else 1)
