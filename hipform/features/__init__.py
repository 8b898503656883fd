"""Features of a movement for the rules, one file per subject. A new file adds its features without other changes."""

import importlib
import pkgutil

for _found in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_found.name}")
