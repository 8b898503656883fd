"""The texts of the app in the languages it has; English is the language of the templates and the code.

The catalogue of a language is a JSON file that maps every English text to its translation, with the same names in
braces. What comes from the analysis is English in every language - reports, reasons, what is spoken and drawn - but for
the names of exercises and faults, and the few words on a repetition of a live training.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""Languages by code, each by its own name."""
_CATALOGUES = Path(__file__).parent / "catalogues"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the translations of a language of `LANGUAGES`; none for English."""
    if language == "en":
        return {}
    texts: Mapping[str, str] = json.loads((_CATALOGUES / f"{language}.json").read_text(encoding="utf-8"))
    return texts


class Texts:
    """The texts in one language: calling it with an English text returns the translation.

    Parameters
    ----------
    language
        Code of `LANGUAGES`.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = catalogue(language)

    def __call__(self, text: str, /, **values: object) -> str:
        """Return the translation of *text* with *values* in its braces."""
        return self._texts.get(text, text).format_map(values) if values else self._texts.get(text, text)

    def time_left(self, left_s: float | None) -> str:
        """Return a time in words that does not claim more than an estimate knows; empty for ``None``."""
        if left_s is None:
            return ""
        if left_s < 10:
            return self("a few seconds left")
        if left_s < 90:
            return self("about {s} s left", s=int(10 * round(left_s / 10)))
        if left_s < 5400:
            return self("about {min} min left", min=round(left_s / 60))
        return self("about {h} h left", h=round(left_s / 3600))


def language_of(accepted: str) -> str:
    """Return the first language of an Accept-Language header that the app has; English if there is none."""
    for part in accepted.split(","):
        code = part.partition(";")[0].strip().lower().partition("-")[0]
        if code in LANGUAGES:
            return code
    return "en"
