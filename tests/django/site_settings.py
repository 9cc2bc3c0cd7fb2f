"""Settings of a site, as django_settings_test.cpp and Django both use them. REDIS_URL and TURN come from the test."""

import os
import ssl

from django.core.cache.backends.base import default_key_func

SECRET_KEY = "not for us"
DJANGO_REDIS_IGNORE_EXCEPTIONS = False
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
DJANGO_REDIS_LOGGER = "site.cache"
DJANGO_REDIS_SCAN_ITERSIZE = 50
CACHE_HERD_TIMEOUT = 30
CACHE_MIDDLEWARE_SECONDS = 60

CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": os.environ["REDIS_URL"],
        "KEY_PREFIX": "${site}",
        "VERSION": 3,
        "TIMEOUT": None,
        "KEY_FUNCTION": default_key_func,
        "OPTIONS": {
            "CLIENT_CLASS": "django_redis.client.DefaultClient",
            "PARSER_CLASS": "redis.connection.PythonParser",
            "PICKLE_VERSION": -1,
            "SOCKET_CONNECT_TIMEOUT": 5,
            "SOCKET_TIMEOUT": 5.5,
            "IGNORE_EXCEPTIONS": True,
            "CONNECTION_POOL_KWARGS": {"max_connections": 20, "retry_on_timeout": True},
        },
    },
    "json": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": (os.environ["REDIS_URL"],),
        "TIMEOUT": 77,
        "REVERSE_KEY_FUNCTION": "django_redis.util.default_reverse_key",
        "OPTIONS": {
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor",
        },
    },
    "tls": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://nobody:6380/0",
        "OPTIONS": {"CONNECTION_POOL_KWARGS": {"ssl_cert_reqs": ssl.CERT_OPTIONAL}},
    },
    "none": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
