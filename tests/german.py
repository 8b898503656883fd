"""What a page shows in English although it should be German."""

import re
from html.parser import HTMLParser

from hipform.texts import Texts

ALIKE = {
    "Bird Dog",
    "Clip",
    "Clips",
    "Cue",
    "Cue:",
    "Cues",
    "Good Morning",
    "Hip Thrust",
    "Logo",
    "Name",
    "Person",
    "Sumo",
    "hipform",
}
"""Words that are the same in both languages."""
_WORD = re.compile(r"[A-Za-z]{3}")


class _Shown(HTMLParser):
    def __init__(self):
        super().__init__()
        self.texts = []
        self._is_code = False

    def handle_starttag(self, tag, attrs):
        self._is_code = tag in ("script", "style", "code")
        self.texts += [
            value for name, value in attrs if name in ("alt", "aria-label", "title", "placeholder") and value
        ]

    def handle_endtag(self, _tag):
        self._is_code = False

    def handle_data(self, data):
        if not self._is_code:
            self.texts.append(" ".join(data.split()))


def shown(page):
    """Return the texts of a page that people see or hear."""
    parser = _Shown()
    parser.feed(page)
    return [text for text in parser.texts if _WORD.search(text)]


def still_english(english_page, german_page, *known):
    """Return the texts that both pages show, but for names that are *known*."""
    names = {*ALIKE, *known}
    return sorted(set(shown(english_page)) & set(shown(german_page)) - names)


def untranslated(text):
    """Return whether a text of the code is English in German as well."""
    return bool(_WORD.search(text)) and Texts("de")(text) == text and text not in ALIKE
