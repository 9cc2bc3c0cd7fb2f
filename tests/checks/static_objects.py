#!/usr/bin/python3
"""That the library has no static or thread_local object with a destructor, but those whose destructor is their purpose:
a call may come after they were destroyed, from the destructor of an older object, an exit handler or another thread.

    static_objects.py [ROOT]       checks a source tree
    static_objects.py --self-test  proves that such objects are found
"""

import re
import sys

import tree_check

# A variable: what follows its name is an initializer or nothing, never the parameters of a function.
VARIABLE = re.compile(
    r"^\s*(?:inline\s+)?(?:static|thread_local)\s+(?:static\s+|thread_local\s+|inline\s+)*(?!constexpr\b|constinit\b)"
    r"(?P<type>(?:const\s+)?[\w:]+(?:<[^=;]*>)?(?:\s+const)?\s*[&*\s](?:\s*const\s)?\s*)(?P<name>\w+)\s*(?:=|\{|;)",
    re.MULTILINE,
)
TRIVIAL = re.compile(
    r"(const )?(bool|char|int|unsigned|double|(std::)?u?int\d+_t|(std::)?size_t|std::atomic<.*>|std::minstd_rand|pid_t"
    r"|auto|redisReplyObjectFunctions|Keeping|StackBounds)( const)?"  # the last ones are plain structs and enums
)
# Each is destroyed to tell others that the end has come, and says so.
DESTROYED_ON_PURPOSE = {"SpdlogUse", "StopAtExit", "KeptUntilTheEnd"}


def is_harmless(type_name):
    type_name = " ".join(type_name.split())
    if type_name.endswith(("&", "*")) or "* const" in type_name:
        return True  # to what is never destroyed
    plain = type_name.removeprefix("const ")
    return bool(TRIVIAL.fullmatch(type_name)) or plain in DESTROYED_ON_PURPOSE


def check(root):
    problems = []
    for path in sorted([*root.glob("lib/**/*.?pp"), *root.glob("include/**/*.hpp")]):
        text = path.read_text(encoding="utf-8")
        for found in VARIABLE.finditer(text):
            if not is_harmless(found["type"]):
                line = text.count("\n", 0, found.start("type")) + 1
                problems.append(
                    f"{path.relative_to(root)}:{line}: {found['name']} is destroyed before the last call may come; "
                    "make it a reference to what is never destroyed"
                )
    return problems


GOOD = [
    {
        "lib/a.cpp": """
Registry& registry() {
  static Registry& made = *new Registry;
  static const bool here = look();
  static const std::atomic<std::size_t> threads{0};
  thread_local const Holding* told_here = nullptr;
  static constexpr std::array names{1, 2};
  static const SpdlogUse use{state};
  return made;
}
struct A {
  static std::string text(int number);
  static inline void go() {}
  static std::string operator+(int a);
};
""",
    }
]
BAD = [
    ("a string", "lib/a.cpp", "int f() {\n  static const std::string nothing;\n}\n", "a.cpp:2: nothing"),
    ("a container", "lib/b.hpp", "int f() {\n  static std::vector<int> all{1};\n}\n", "b.hpp:2: all"),
    ("an owner", "lib/c.cpp", "thread_local std::unique_ptr<Slot> kept;\n", "c.cpp:1: kept"),
    ("an object", "lib/d.cpp", "int f() {\n  static SharedDefaults shared;\n}\n", "d.cpp:2: shared"),
    ("a result", "lib/e.cpp", "int f() {\n  static const std::map<int, int> x = [] {\n", "e.cpp:2: x"),
    ("a pointer that owns", "include/f.hpp", "inline thread_local std::shared_ptr<T> x = y();\n", "f.hpp:1: x"),
]

if __name__ == "__main__":
    sys.exit(0 if tree_check.run(check, GOOD, BAD) else 1)
