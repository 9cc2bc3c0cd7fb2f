#!/usr/bin/python3
"""The other half of settings_test.cpp: Django with the settings of site_settings.py. Says what is wrong."""

import sys

from django.core.cache import caches

VALUE = {"name": "Ada", "tags": ["a", "b"], "long": "x" * 100}

problems = []
for alias, left in (("default", None), ("json", 77)):
    cache = caches[alias]
    if cache.get("from cpp") != VALUE:
        problems.append(f"{alias}: from cpp: {cache.get('from cpp')!r}")
    found = cache.ttl("from cpp")
    if found is not None if left is None else not left - 30 < found <= left:
        problems.append(f"{alias}: ttl {found!r}")
    cache.set("from python", VALUE)
print(*problems, sep="\n", end="\n" if problems else "")
sys.exit(1 if problems else 0)
