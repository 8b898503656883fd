"""The texts that people read, in every language that hipform has.

English is the language of the code and of every output for programs. A text for people is written as
``english("knees {deg:.0f} degrees bent", deg=12.3)``, which returns an English string and nothing more, so that
results, tables, logs and the terminal are English. Where a person reads it - on a page, in a video, in captions - a
`Texts` returns the translation. It recognises a sentence by its template, for a sentence may come from a stored result.

The catalogue of a language is a JSON file that maps every template to its translation, with the same names in braces
and without formats, because the numbers in a sentence are formatted already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from hipform.errors import ConfigError

LanguageCode = Literal["en", "de"]
LANGUAGES: Mapping[LanguageCode, str] = {"en": "English", "de": "Deutsch"}
"""Languages by code, each by its own name."""
VERBATIM = frozenset({"athlete", "cause", "clip", "file", "given", "note", "option"})
"""Names of values in templates that are shown as they are: what users or the system have written, names of files."""
NUMBERS = frozenset({"n", "of", "year"})
"""Names of values in templates that are numbers, so that a template with little text is not taken for another."""
_CATALOGUES = Path(__file__).parent / "catalogues"
_MAX_REMEMBERED = 8192
"""Sentences whose translation is kept in memory."""
_MAX_CHARS, _MAX_DEPTH, _MAX_TRIES = 1000, 6, 3000
"""Longest sentence that is taken apart, how deep values are within values, and how many ways are tried for one."""
_PLACEHOLDER = re.compile(r"{(\w+)[^}]*}")
_QUANTITY = re.compile(r"[^A-Za-zÀ-ÿ]*(?:(?:m/s|kg|lb|cm|mm|m|s)(?![A-Za-z])[^A-Za-zÀ-ÿ]*)*")
_SENTENCE_END = re.compile(r"[.?] (?=\S)")
_DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")


def english(text: str, /, **values: object) -> str:
    """Return *text* with *values* in its braces: English for now, and known to the catalogues of other languages.

    Parameters
    ----------
    text
        A whole sentence or heading, as a literal, for the catalogues are checked against the literals in the code.
    values
        What stands in its braces: a number, a text that is in the catalogues too, or anything under one of the names
        of `VERBATIM`.
    """
    return text.format_map(values) if values else text


MONTHS = (
    english("January"),
    english("February"),
    english("March"),
    english("April"),
    english("May"),
    english("June"),
    english("July"),
    english("August"),
    english("September"),
    english("October"),
    english("November"),
    english("December"),
)


def day_in_words(day: date) -> str:
    """Return a day as in "22 November 2026"."""
    return english("{n} {month} {year}", n=day.day, month=MONTHS[day.month - 1], year=day.year)


def template_of(text: str) -> str:
    """Return *text* as the catalogues have it: without the formats of its values."""
    return _PLACEHOLDER.sub(r"{\1}", text)


@dataclass(frozen=True, slots=True)
class _Template:
    """A sentence with values: the literal parts around them, in lower case, their names, and the translation."""

    literals: tuple[str, ...]
    names: tuple[str, ...]
    translation: str


@dataclass(frozen=True, slots=True)
class _Catalogue:
    texts: Mapping[str, str]
    lower: Mapping[str, str]
    templates: tuple[_Template, ...]


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the translations of a language of `LANGUAGES`; none for English."""
    if language == "en":
        return {}
    texts: Mapping[str, str] = json.loads((_CATALOGUES / f"{language}.json").read_text(encoding="utf-8"))
    return texts


@cache
def _compiled(language: str) -> _Catalogue:
    texts = catalogue(language)
    templates = [
        _Template(tuple(pieces[::2]), tuple(pieces[1::2]), translation)
        for text, translation in texts.items()
        if len(pieces := _PLACEHOLDER.split(text.lower())) > 1
    ]
    # The more of a sentence is given by the template, the less is left to be taken for a value by mistake.
    templates.sort(key=lambda one: sum(map(len, one.literals)), reverse=True)
    return _Catalogue(texts, {text.lower(): translation for text, translation in texts.items()}, tuple(templates))


class Texts:
    """The texts in one language: calling it with an English text returns the translation.

    Parameters
    ----------
    language
        Code of `LANGUAGES`.

    Raises
    ------
    ConfigError
        If there is no such language.
    """

    def __init__(self, language: str = "en") -> None:
        if language not in LANGUAGES:
            raise ConfigError(f"There is no language {language[:40]!r}.", f"Choose one of {', '.join(LANGUAGES)}.")
        self.language = language

    def __call__(self, text: str, /, **values: object) -> str:
        """Return the translation of *text*, which is a text of the catalogue or a sentence made by `english`.

        With *values*, *text* is a template, and the values stand in its translation as they are. A text that the
        catalogue lacks stays English.
        """
        if self.language != "en":
            found = catalogue(self.language).get(text) if values else _translation(self.language, text)
            text = self._untranslated(text) if found is None else found
        return text.format_map(values) if values else text

    def _untranslated(self, text: str) -> str:
        """Return what is shown for a text that the catalogue lacks."""
        return text

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


ENGLISH = Texts()


def language_of(accepted: str) -> str:
    """Return the first language of an Accept-Language header that hipform has; English if there is none."""
    for part in accepted.split(","):
        code = part.partition(";")[0].strip().lower().partition("-")[0]
        if code in LANGUAGES:
            return code
    return "en"


@lru_cache(maxsize=_MAX_REMEMBERED)
def _translation(language: str, sentence: str) -> str | None:
    """Return the translation of an English sentence; ``None`` if the catalogue does not have it."""
    return _Search(_compiled(language)).translation(sentence)


class _Search:
    """The search for one sentence, which gives up on what would take long: a stored result may hold anything."""

    def __init__(self, known: _Catalogue) -> None:
        self._known = known
        self._found: dict[str, str | None] = {}
        self._n_left = _MAX_TRIES

    def translation(self, sentence: str, depth: int = 0) -> str | None:
        """Return the translation; ``None`` if there is none."""
        if sentence not in self._found:
            self._found[sentence] = self._translation(sentence, depth)
        return self._found[sentence]

    def _translation(self, sentence: str, depth: int) -> str | None:
        known = self._known
        # English loses its capital within a sentence; a German noun keeps it.
        found = known.texts.get(sentence, known.lower.get(sentence.lower()))
        if found is not None:
            return found
        if _QUANTITY.fullmatch(sentence):
            return _DECIMAL_POINT.sub(",", sentence)
        if depth > _MAX_DEPTH or len(sentence) > _MAX_CHARS:
            return None
        candidates = (self._filled(template, sentence, depth) for template in known.templates)
        found = next((one for one in candidates if one is not None), None)
        found = self._list_translation(sentence, depth) if found is None else found
        return self._sentences_translation(sentence, depth) if found is None else found

    def _filled(self, template: _Template, sentence: str, depth: int) -> str | None:
        """Return the translation of *template* with the values of *sentence*; ``None`` if the sentence is another."""
        lower = sentence.lower()
        if len(lower) != len(sentence) or not lower.startswith(template.literals[0]):
            return None
        if not all(literal in lower for literal in template.literals):
            return None
        values = self._values(template, sentence, lower, len(template.literals[0]), depth)
        return None if values is None else template.translation.format_map(values)

    def _values(
        self, template: _Template, sentence: str, lower: str, start: int, depth: int, first: int = 0
    ) -> dict[str, str] | None:
        """Return the translated values of *template* from its value number *first* on, which begins at *start*.

        ``None`` if there is no way to read the rest of the sentence so.
        """
        if first == len(template.names):
            return {} if start == len(lower) else None
        name, literal = template.names[first], template.literals[first + 1]
        for end in _ends(lower, literal, start, is_last=first + 1 == len(template.names)):
            value = self._value(name, sentence[start:end], depth)
            if value is not None:
                others = self._values(template, sentence, lower, end + len(literal), depth, first + 1)
                if others is not None:
                    return {name: value, **others}
        return None

    def _value(self, name: str, text: str, depth: int) -> str | None:
        """Return the translation of the value *name* of a template; ``None`` if *text* is none."""
        if name in VERBATIM:
            return text
        if name in NUMBERS:
            return text if text.isdigit() else None
        self._n_left -= 1
        return self.translation(text, depth + 1) if self._n_left > 0 else None

    def _list_translation(self, sentence: str, depth: int) -> str | None:
        """Return the translation of texts with commas between them, one by one; ``None`` if one has none."""
        items = sentence.split(", ")
        translations = [self.translation(item, depth + 1) for item in items] if len(items) > 1 else [None]
        return ", ".join(one for one in translations if one is not None) if None not in translations else None

    def _sentences_translation(self, text: str, depth: int) -> str | None:
        """Return the translation of two or more sentences, such as an error and what to do; ``None`` if one has none.

        A full stop may also be part of a name, which is more often in the first sentence than in the last.
        """
        for end in reversed(list(_SENTENCE_END.finditer(text))):
            first = self.translation(text[: end.start() + 1], depth + 1)
            rest = self.translation(text[end.end() :], depth + 1) if first else None
            if first and rest:
                return f"{first} {rest}"
        return None


def _ends(sentence: str, literal: str, start: int, *, is_last: bool) -> Iterator[int]:
    """Yield where a value from *start* on can end: before each *literal*, which ends the sentence if it is last."""
    if is_last:
        end = len(sentence) - len(literal)
        if end > start and sentence.endswith(literal):
            yield end
        return
    end = sentence.find(literal, start + 1)
    while end >= 0:
        yield end
        end = sentence.find(literal, end + 1)
