"""Write docs/NOTICE.md and docs/sbom.cdx.json: what hipform ships and needs, whose it is, and under which licence.

.. code-block:: text

    python -m scripts.licences

pip-licenses reads what each package says of its licence, cyclonedx-bom what is installed; the lock says who needs what.
By hand stand only packages that leave their licence open, those of other systems, and what is shipped. Run it on Linux,
in an environment of exactly the locked packages: the same lock then gives the same files.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hipform import __version__
from hipform.pose.model_files import MODEL_NAMES
from scripts.paths import ROOT

NOTICE = ROOT / "docs" / "NOTICE.md"
SBOM = ROOT / "docs" / "sbom.cdx.json"
_LOCK = ROOT / "scripts" / "constraints.txt"
_ROOT_REF = "root-component"

_EXPRESSIONS = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "BSD-2-Clause": "BSD-2-Clause",
    "BSD-3-Clause": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "MIT": "MIT",
    "MIT License": "MIT",
    "ISC License": "ISC",
    "MPL-2.0": "MPL-2.0",
}
"""Licences as packages without an SPDX expression name them; names that leave the variant open are not among them."""
_READ_BY_HAND = {
    "av": ("BSD-3-Clause", "Copyright retained by original committers"),
    "colorama": ("BSD-3-Clause", "Copyright (c) 2010 Jonathan Hartley"),
    "cryptography": ("Apache-2.0 OR BSD-3-Clause", "Copyright (c) Individual contributors."),
    "cycler": ("BSD-3-Clause", "Copyright (c) 2015, matplotlib project"),
    "ezc3d": ("MIT", "Copyright (c) 2018 pyomeca"),
    "jinja2": ("BSD-3-Clause", "Copyright 2007 Pallets"),
    "kiwisolver": ("BSD-3-Clause", "Copyright (c) 2013-2026, Nucleic Development Team"),
    "matplotlib": ("LicenseRef-matplotlib", "Copyright (c) 2012- Matplotlib Development Team; All Rights Reserved"),
    # Two licence files, of which pip-licenses takes the one without the line.
    "packaging": ("Apache-2.0 OR BSD-2-Clause", "Copyright (c) Donald Stufft and individual contributors."),
    "partd": ("BSD-3-Clause", "Copyright (c) 2015, Continuum Analytics, Inc. and contributors"),
    "segno": ("BSD-3-Clause", "Copyright (c) 2016 - 2025, Lars Heuer"),
    "zict": ("BSD-3-Clause", "Copyright (c) 2016 Matthew Rocklin"),
    # Their packages state the licence and the authors, and hold no copyright line.
    **dict.fromkeys(
        (
            "pyobjc-core",
            "pyobjc-framework-avfoundation",
            "pyobjc-framework-cocoa",
            "pyobjc-framework-coreaudio",
            "pyobjc-framework-coremedia",
            "pyobjc-framework-quartz",
        ),
        ("MIT", "Copyright not stated; by Ronald Oussoren and others"),
    ),
    "scipy": ("BSD-3-Clause", "Copyright (c) 2001-2002 Enthought, Inc. 2003, SciPy Developers."),
}
"""Packages whose metadata leave the variant open, or that Linux does not install: read in their licence files."""
_OF_OTHER_SYSTEMS = frozenset(name for name in _READ_BY_HAND if name.startswith("pyobjc-")) | {"colorama"}
"""Packages that hipform needs on macOS or Windows only."""
_WITHOUT_LINE = frozenset({"Apache-2.0", "MIT-0", "MPL-2.0"})
"""Licences that do not ask for the copyright line to be carried along."""
_COPYRIGHT = re.compile(r"(?im)^\s*\W{0,3}(copyright\s+(?:\(c\)|©|\d{4}).*)$")

_MODELS = (
    "MediaPipe pose landmarker models",
    "1, float16",
    "Apache-2.0",
    "npm package `@mediapipe/pose` 0.5.1675469404, see models/NOTICE",
    "Copyright 2019-2023 The MediaPipe Authors (Google LLC)",
)

_BUNDLED = """\
## Native libraries inside the packages

Ready-made packages bring compiled libraries of others, which differ from system to system. What follows was read in
those for Linux on Intel and AMD; each package states its own in `*.dist-info/sboms` or in its licence files. hipform
itself contains none of them.

- **av (PyAV)** is BSD-3-Clause, but the FFmpeg in it is built with `--enable-version3` (FFmpeg states: LGPL version 3
  or later) and is linked with **x264 and x265, which are GPL-2.0-or-later**. Whoever passes this package on, alone or
  with hipform, must keep to the GPL, version 3. hipform writes its videos with x264. Also inside: libdav1d
  (BSD-2-Clause), SVT-AV1 and libvpx, libopus, libwebp (BSD-3-Clause or alike), LAME and alsa-lib (LGPL), opencore-amr
  (Apache-2.0), GnuTLS (LGPL-2.1-or-later), Nettle, GMP and libunistring (LGPL-3.0-or-later or GPL-2.0-or-later),
  libvpl, libdrm and libxcb (MIT).
- **opencv-contrib-python** is Apache-2.0. Inside: an FFmpeg of its own (it states: LGPL version
  2.1 or later) with OpenSSL 1.1.1 and libvpx, Qt 5 (LGPL-3.0) for windows, OpenBLAS (BSD-3-Clause), libaom, libavif,
  libpng, and the typeface Rubik (OFL-1.1), in which hipform writes on images. hipform opens no file and no address
  through OpenCV. Its `LICENSE-3RD-PARTY.txt` has all the texts.
- **mediapipe** is Apache-2.0; its library contains TensorFlow Lite, XNNPACK and others that its licence file lists.
- **cryptography** is Apache-2.0 or BSD-3-Clause. Inside: OpenSSL 3 (Apache-2.0) and the Rust packages that its `sboms`
  folder lists.
- **numpy, scipy** bring OpenBLAS (BSD-3-Clause) and the GCC run-time libraries (GPL-3.0-or-later with the GCC
  exception).
"""


@cache
def locked() -> dict[str, tuple[str, frozenset[str]]]:
    """Return the version of every locked package, and who asks for it, by name."""
    lines = re.findall(
        r"(?m)^([\w.-]+)==([^\s;]+).*\n(?: +--hash.*\n)+ +# via (.*)$", _LOCK.read_text(encoding="utf-8")
    )
    return {name: (version, frozenset(parents.split(", "))) for name, version, parents in lines}


@cache
def _environment() -> dict[str, Any]:
    """Return what cyclonedx-bom reports of this environment."""
    # Validating what it reports takes twenty seconds; the bill that is made of it is validated by its test.
    options = ("--pyproject", "pyproject.toml", "--mc-type", "application", "--output-reproducible", "--sv", "1.6")
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--no-validate", *options, sys.executable]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@cache
def _stated() -> dict[str, dict[str, str]]:
    """Return what each installed package says of its licence, as pip-licenses reads it, by name."""
    options = ("--from=all", "--format=json", "--with-license-file", "--no-license-path")
    command = [sys.executable, "-m", "piplicenses", *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return {canonicalize_name(one["Name"]): one for one in json.loads(done.stdout)}


def needed() -> dict[str, str]:
    """Return what hipform needs: ``required``, or ``optional`` for one of its extras, by name in the lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = _with_dependencies(project["dependencies"])
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    optional = _with_dependencies(extras) - required
    return {**dict.fromkeys(sorted(required), "required"), **dict.fromkeys(sorted(optional), "optional")}


def _with_dependencies(requirements: list[str]) -> set[str]:
    found: set[str] = {canonicalize_name(Requirement(line).name) for line in requirements}
    while more := {name for name, (_, parents) in locked().items() if parents & found} - found:
        found |= more
    return found


def licence_of(name: str) -> tuple[str, str]:
    """Return the SPDX expression and the first copyright line of a package.

    Raises
    ------
    ValueError
        If it does not say clearly which licence it is under, or has no copyright line where the licence asks for it.
    """
    if name in _READ_BY_HAND:
        return _READ_BY_HAND[name]
    stated = _stated()[name]
    words = [stated["License-Metadata"].strip().splitlines()[0], *stated["License-Classifier"].split("; ")]
    expression = next((_EXPRESSIONS[one] for one in words if one in _EXPRESSIONS), None)
    if stated["License-Expression"] != "UNKNOWN":
        expression = stated["License-Expression"]
    line = _COPYRIGHT.search(stated["LicenseText"])
    if expression in _WITHOUT_LINE:
        return expression, ""
    if expression is None or line is None:
        raise ValueError(f"{name} is under {expression or words}: read its licence and add it to _READ_BY_HAND.")
    return expression, re.sub(r"\s*<[^>]*>|\s+$", "", line[1])


def notice_text() -> str:
    """Return docs/NOTICE.md."""
    shipped = [_MODELS, ("uPlot", _uplot(), "MIT", "npm package `uplot`", "Copyright (c) 2022 Leon Sorokin")]
    lines = [
        "# Parts and licences",
        "",
        "Written by `python -m scripts.licences` from scripts/constraints.txt and the installed packages.",
        "[sbom.cdx.json](sbom.cdx.json) lists the same for programs.",
        "",
        f"hipform {__version__} is licensed under Apache-2.0.",
        "",
        "## Shipped with hipform",
        "",
        "| part | version | licence | from | copyright |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {' | '.join(part)} |" for part in shipped),
        "",
        "No typeface is shipped: pictures are written on with the one inside OpenCV, pages with the reader's own.",
        "",
        "## Needed to run it",
        "",
        *_table("required"),
        "",
        "## Needed for the extras `parquet`, `pandas` and `cluster` only",
        "",
        *_table("optional"),
        "",
        _BUNDLED,
    ]
    return "\n".join(lines)


def _table(need: str) -> list[str]:
    rows = ["| package | version | licence | copyright |", "| --- | --- | --- | --- |"]
    for name in (name for name, of in needed().items() if of == need):
        licence, copyright_line = licence_of(name)
        rows.append(f"| `{name}` | {locked()[name][0]} | {licence} | {copyright_line} |")
    return rows


def _uplot() -> str:
    readme = ROOT / "hipform" / "report" / "assets" / "uplot" / "README.md"
    found = re.match(r"# uPlot (\S+)", readme.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{readme} does not begin with the version.")
    return found[1]


def sbom_text() -> str:
    """Return docs/sbom.cdx.json: what cyclonedx-bom makes of the packages needed, and what is shipped.

    Addresses are left out, and with them all that depends on more than the lock.
    """
    made: dict[str, dict[str, Any]] = {canonicalize_name(one["name"]): one for one in _environment()["components"]}
    needs, shipped = needed(), _shipped()
    root = {"bom-ref": "hipform", "name": "hipform", "type": "application", "version": __version__}
    components = [_component(name, need, made.get(name, {})) for name, need in needs.items()]
    asked = [name for name in needs if any("pyproject.toml" in parent for parent in locked()[name][1])]
    graph = {name: [other for other in needs if name in locked()[other][1]] for name in needs}
    bom = {
        **{key: _environment()[key] for key in ("$schema", "bomFormat", "specVersion", "version")},
        "metadata": {"component": {**root, "licenses": [{"expression": "Apache-2.0"}]}},
        "components": [*components, *shipped],
        "dependencies": [
            {"ref": "hipform", "dependsOn": [*asked, *(one["bom-ref"] for one in shipped)]},
            *({"ref": name, "dependsOn": others} for name, others in graph.items()),
        ],
    }
    return json.dumps(bom, indent=1, ensure_ascii=False) + "\n"


def _component(name: str, need: str, made: dict[str, Any]) -> dict[str, Any]:
    version = locked()[name][0]
    purl = made.get("purl", f"pkg:pypi/{name}@{version}")
    facts = {"type": "library", "name": name, "version": version, "purl": purl, "scope": need}
    return {"bom-ref": name, **facts, "licenses": [{"expression": licence_of(name)[0]}]}


def _shipped() -> list[dict[str, Any]]:
    manifest = json.loads((ROOT / "models" / "manifest.json").read_text(encoding="utf-8"))["models"]
    models = [
        {
            "bom-ref": manifest[name]["file"],
            "name": manifest[name]["file"],
            "type": "machine-learning-model",
            "version": "1",
            "licenses": [{"expression": "Apache-2.0"}],
            "hashes": [{"alg": "SHA-256", "content": manifest[name]["sha256"]}],
        }
        for name in MODEL_NAMES
    ]
    uplot = {"name": "uPlot", "type": "library", "version": _uplot(), "licenses": [{"expression": "MIT"}]}
    return [*models, {"bom-ref": "uPlot", "purl": f"pkg:npm/uplot@{_uplot()}", **uplot}]


def main() -> None:
    """Write both files."""
    NOTICE.write_text(notice_text(), encoding="utf-8")
    SBOM.write_text(sbom_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
