"""Write docs/NOTICE.md and docs/sbom.cdx.json: what hipform ships and needs, whose it is, and under which licence.

.. code-block:: text

    python -m scripts.licences

Versions come from scripts/constraints.txt, licences and copyright lines from the installed packages. The same lock
gives the same files: nothing in them depends on the day, the machine or a download.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hipform import __version__
from hipform.pose.model_files import MODEL_NAMES

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).resolve().parent.parent
NOTICE = ROOT / "docs" / "NOTICE.md"
SBOM = ROOT / "docs" / "sbom.cdx.json"
_LOCK = ROOT / "scripts" / "constraints.txt"

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
    "cycler": ("BSD-3-Clause", "Copyright (c) 2015, matplotlib project"),
    "jinja2": ("BSD-3-Clause", "Copyright 2007 Pallets"),
    "kiwisolver": ("BSD-3-Clause", "Copyright (c) 2013-2026, Nucleic Development Team"),
    "matplotlib": ("LicenseRef-matplotlib", "Copyright (c) 2012- Matplotlib Development Team; All Rights Reserved"),
    "partd": ("BSD-3-Clause", "Copyright (c) 2015, Continuum Analytics, Inc. and contributors"),
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
"""Packages whose metadata leave the variant open, or that not every system installs: read in their licence files."""
_WITHOUT_LINE = frozenset({"Apache-2.0", "MIT-0", "MPL-2.0"})
"""Licences that do not ask for the copyright line to be carried along."""
_COPYRIGHT = re.compile(r"(?im)^\s*\W{0,3}(copyright\s+(?:\(c\)|©|\d{4}).*)$")

_MODELS = (
    "MediaPipe pose landmarker models",
    "1, float16",
    "Apache-2.0",
    "npm package `@mediapipe/pose` 0.5.1675469404, see [models/NOTICE](../models/NOTICE)",
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
- **opencv-python and opencv-contrib-python** are Apache-2.0. Inside: an FFmpeg of their own (it states: LGPL version
  2.1 or later) with OpenSSL 1.1.1 and libvpx, Qt 5 (LGPL-3.0) for windows, OpenBLAS (BSD-3-Clause), libaom, libavif,
  libpng, and the typeface Rubik (OFL-1.1), in which hipform writes on pictures. hipform opens no file and no address
  through OpenCV. Their `LICENSE-3RD-PARTY.txt` has all the texts.
- **mediapipe** is Apache-2.0; its library contains TensorFlow Lite, XNNPACK and others that its licence file lists.
- **numpy, scipy** bring OpenBLAS (BSD-3-Clause) and the GCC run-time libraries (GPL-3.0-or-later with the GCC
  exception).
"""


@dataclass(frozen=True, slots=True)
class Package:
    """One line of the lock.

    Attributes
    ----------
    name, version
        As locked.
    parents
        Names of the packages that ask for it.
    need
        ``required`` to run hipform, ``optional`` for one of its extras, ``development`` for neither.
    """

    name: str
    version: str
    parents: frozenset[str]
    need: str = "development"

    @property
    def purl(self) -> PackageURL:
        """Its name among all packages of the world."""
        return PackageURL("pypi", None, self.name, self.version)


def locked() -> list[Package]:
    """Return every locked package, in the order of the lock."""
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", _LOCK.read_text(encoding="utf-8"))[1:]
    packages = [_package(block) for block in blocks]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = _closure(packages, project["dependencies"])
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    optional = _closure(packages, extras) - required
    needs = {**dict.fromkeys(required, "required"), **dict.fromkeys(optional, "optional")}
    return [Package(one.name, one.version, one.parents, needs.get(one.name, one.need)) for one in packages]


def _package(block: str) -> Package:
    head = re.match(r"([\w.-]+)==([^\s;]+)", block)
    via = re.search(r"(?m)^    # via (.*)$", block)
    if head is None or via is None:
        raise ValueError(f"not a line of the lock: {block[:80]!r}")
    return Package(head[1], head[2], frozenset(via[1].split(", ")))


def _closure(packages: list[Package], requirements: list[str]) -> set[str]:
    """Return the names of what *requirements* ask for, directly or through others."""
    found: set[str] = {canonicalize_name(Requirement(line).name) for line in requirements}
    while more := {one.name for one in packages if one.parents & found} - found:
        found |= more
    return found


# --------------------------------------------------------------------------------------------------------------- NOTICE


def notice_text() -> str:
    """Return docs/NOTICE.md.

    Raises
    ------
    ValueError
        If a package does not say under which licence it is; then it must be read and added by hand.
    """
    uplot = _uplot()
    lines = [
        "# Parts and licences",
        "",
        "Written by `python -m scripts.licences` from scripts/constraints.txt and the installed packages.",
        "[sbom.cdx.json](sbom.cdx.json) lists the same, and the packages of the development, for programs.",
        "",
        f"hipform {__version__} is licensed under Apache-2.0.",
        "",
        "## Shipped with hipform",
        "",
        "| part | version | licence | from | copyright |",
        "| --- | --- | --- | --- | --- |",
        f"| {' | '.join(_MODELS)} |",
        f"| uPlot | {uplot} | MIT | npm package `uplot` | Copyright (c) 2022 Leon Sorokin |",
        "",
        "No typeface is shipped: pictures are written on with the one inside OpenCV, pages with the reader's own.",
        "",
        "## Needed to run it",
        "",
        *_table("required"),
        "",
        "## Needed for the extras `parquet` and `pandas` only",
        "",
        *_table("optional"),
        "",
        _BUNDLED,
    ]
    return "\n".join(lines)


def _table(need: str) -> list[str]:
    rows = ["| package | version | licence | copyright |", "| --- | --- | --- | --- |"]
    for one in locked():
        if one.need == need:
            licence, copyright_line = licence_of(one.name)
            rows.append(f"| `{one.name}` | {one.version} | {licence} | {copyright_line} |")
    return rows


def licence_of(name: str) -> tuple[str, str]:
    """Return the SPDX expression and the first copyright line of an installed package.

    Raises
    ------
    ValueError
        If it does not say under which licence it is.
    """
    if name in _READ_BY_HAND:
        return _READ_BY_HAND[name]
    distribution = metadata.distribution(name)
    # The declared type knows no `get`; the object is a message as of e-mail.
    info = cast("Message", distribution.metadata)
    classifiers = [
        line.rpartition(" :: ")[2] for line in info.get_all("Classifier") or [] if line.startswith("License")
    ]
    # The older field may hold the whole text.
    words = [*(info.get("License") or "").strip().splitlines()[:1], *classifiers]
    expression = info.get("License-Expression") or next(
        (_EXPRESSIONS[one] for one in words if one in _EXPRESSIONS), None
    )
    if expression is None:
        raise ValueError(f"{name} does not say which licence it is under: read it and add it to _READ_BY_HAND.")
    return expression, "" if expression in _WITHOUT_LINE else _copyright(distribution)


def _copyright(distribution: metadata.Distribution) -> str:
    """Return the first copyright line in the package's own licence files, without addresses.

    Raises
    ------
    ValueError
        If there is none; then it must be read and added by hand.
    """
    files = [file for file in distribution.files or [] if _is_licence(file)]
    for file in sorted(files, key=lambda file: (len(file.parts), str(file))):
        if found := _COPYRIGHT.search(file.read_text(encoding="utf-8")):
            return re.sub(r"\s*<[^>]*>|\s+$", "", found[1])
    raise ValueError(f"{distribution.name} has no copyright line: read it and add it to _READ_BY_HAND.")


def _is_licence(file: metadata.PackagePath) -> bool:
    named = re.match(r"LICEN[CS]E|COPYING|NOTICE", file.name, re.IGNORECASE)
    return bool(named) and "dist-info" in str(file) and file.suffix not in (".py", ".pyc")


def _uplot() -> str:
    readme = ROOT / "hipform" / "report" / "assets" / "uplot" / "README.md"
    found = re.match(r"# uPlot (\S+)", readme.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{readme} does not begin with the version.")
    return found[1]


# ----------------------------------------------------------------------------------------------------------------- SBOM


def sbom_text() -> str:
    """Return docs/sbom.cdx.json: CycloneDX without the day and the number that would make every run another."""
    bom = Bom()
    product = _component("hipform", __version__, ComponentType.APPLICATION, "Apache-2.0")
    bom.metadata.component = product
    packages = {one.name: one for one in locked()}
    components = {name: _locked_component(one) for name, one in packages.items()}
    shipped = [
        *_models(),
        _component("uPlot", _uplot(), ComponentType.LIBRARY, "MIT", PackageURL("npm", None, "uplot", _uplot())),
    ]
    for component in (*components.values(), *shipped):
        bom.components.add(component)
    direct = [components[name] for name, one in packages.items() if _is_direct(one)]
    bom.register_dependency(product, [*direct, *shipped])
    for name, component in components.items():
        bom.register_dependency(component, [components[one.name] for one in packages.values() if name in one.parents])
    document: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    del document["serialNumber"]
    del document["metadata"]["timestamp"]
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _is_direct(one: Package) -> bool:
    return one.need != "development" and any(parent.startswith("hipform (pyproject.toml)") for parent in one.parents)


def _locked_component(one: Package) -> Component:
    scope = {"required": ComponentScope.REQUIRED, "optional": ComponentScope.OPTIONAL}
    # Not every system installs all packages of the development; their licences bind nobody who uses hipform.
    licence = licence_of(one.name)[0] if one.need != "development" else None
    component = _component(one.name, one.version, ComponentType.LIBRARY, licence, one.purl)
    component.scope = scope.get(one.need, ComponentScope.EXCLUDED)
    return component


def _models() -> list[Component]:
    manifest = json.loads((ROOT / "models" / "manifest.json").read_text(encoding="utf-8"))["models"]
    found = []
    for name in MODEL_NAMES:
        file = manifest[name]["file"]
        component = _component(file, "1", ComponentType.MACHINE_LEARNING_MODEL, "Apache-2.0")
        component.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=manifest[name]["sha256"]))
        found.append(component)
    return found


def _component(
    name: str, version: str, kind: ComponentType, licence: str | None, purl: PackageURL | None = None
) -> Component:
    licences = [LicenseExpression(licence)] if licence else []
    return Component(name=name, version=version, type=kind, licenses=licences, purl=purl, bom_ref=f"{name}@{version}")


def main() -> None:
    """Write both files."""
    NOTICE.write_text(notice_text(), encoding="utf-8")
    SBOM.write_text(sbom_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
