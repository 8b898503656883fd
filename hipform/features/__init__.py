"""What rules look at in a movement, one file a subject. A file here adds its features; nothing else has to know."""

import importlib
import pkgutil

for _found in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_found.name}")
