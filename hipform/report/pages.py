"""Self-contained HTML pages: styles, scripts and data are inline, and nothing else may be loaded or run.

The page's Content-Security-Policy lists the hash of every style and script in it, so that text from a file name or a
note cannot run even if it got past the escaping of the templates.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hipform import __version__
from hipform.texts import ENGLISH, Texts

_HERE = Path(__file__).parent
_STYLES = ("uplot/uPlot.min.css", "page.css")
_NOTHING = ("'none'",)
# Control, format and surrogate characters, and the two line separators.
_NO_TEXT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
SCRIPT_TEXT = re.compile(r'\bsay\("([^"]+)"')
"""A text in a script, as a literal: ``say("between reps")``."""
_CHARTS = ("uplot/uPlot.iife.min.js", "charts.js")


def render_page(
    template: str,
    *,
    data: Mapping[str, object],
    scripts: Sequence[str] = (),
    texts: Texts = ENGLISH,
    media: Sequence[str] = (),
    pictures: Sequence[str] = (),
    **context: object,
) -> str:
    """Render *template*, which extends ``base.html.j2``, and return the page.

    Parameters
    ----------
    template
        File in ``templates/``.
    data
        Data for the scripts (``hipform.data``); plain JSON without NaN.
    scripts
        Files in ``assets/`` to run, after uPlot and ``charts.js``.
    texts
        The texts in the language of the page; a template calls them as ``_``.
    media
        Allowed sources of videos, in the syntax of the Content-Security-Policy; none by default.
    pictures
        The same for images that are not inside the page.
    context
        Values for the template; all text is escaped.

    Raises
    ------
    ValueError
        If *data* contains NaN or an infinite number.
    """
    style = "\n".join(map(_asset, _STYLES))
    code = [_asset(name) for name in (*_CHARTS, *scripts)]
    return (
        page_templates(_HERE / "templates")
        .get_template(template)
        .render(
            **context,
            _=texts,
            version=__version__,
            policy=_policy(style, code, media, pictures),
            style=Markup(style),  # noqa: S704 - a file of this package
            scripts=[Markup(text) for text in code],  # noqa: S704 - files of this package
            data=embedded_json({**data, **_script_texts(texts, code)}),
        )
    )


def _script_texts(texts: Texts, code: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the translations of what the scripts *code* say; they say it in English if there are none."""
    if texts.language == "en":
        return {}
    return {"texts": {text: texts(text) for script in code for text in SCRIPT_TEXT.findall(script)}}


def embedded_json(data: object) -> Markup:
    """Return *data* as JSON that is safe inside a script element: it cannot end the element or open another."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - made safe in the lines above


@cache
def page_templates(folder: Path) -> Environment:
    """Return the templates in *folder*, which escape every text that they show."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown_text,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["capital"] = capital
    return environment


def capital(text: str) -> str:
    """Return *text* with a capital at its start, as a sentence begins."""
    return text[:1].upper() + text[1:]


def shown_text(value: object) -> object:
    """Return *value*, if it is text, without characters that reverse the text direction or are not text."""
    # Nearly all texts are printable as a whole, which is known much sooner than the category of each character.
    if isinstance(value, str) and not isinstance(value, Markup) and not value.isprintable():
        return "".join("?" if unicodedata.category(char) in _NO_TEXT else char for char in value)
    return value


@cache
def _asset(name: str) -> str:
    return (_HERE / "assets" / name).read_text(encoding="utf-8")


def _policy(style: str, code: Sequence[str], media: Sequence[str], pictures: Sequence[str]) -> str:
    """Return a Content-Security-Policy that allows only these styles, scripts and sources."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {' '.join(map(_hash, code))}",
            f"img-src {' '.join(('data:', *pictures))}",
            f"media-src {' '.join(media or _NOTHING)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
