import json
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in dir(settings) if name == "CACHES" or name.startswith(("DJANGO_REDIS_", "CACHE_HERD_"))}, default=lambda value: f"{value.__module__}.{value.__qualname__}" if callable(value) else str(value)).replace("${", "$${"))
