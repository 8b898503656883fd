"""Check the locked packages for known vulnerabilities, and write into docs/audit.md what was checked, how and when.

.. code-block:: text

    python -m scripts.audit [--pip-audit PROGRAM]

pip-audit asks each of its sources of data. A source that cannot be reached is named: an audit that was not done
must not look clean. The exit code is 1 if something was found, 2 if no source could be asked.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.paths import ROOT

PAGE = ROOT / "docs" / "audit.md"
_LOCK = ROOT / "scripts" / "constraints.txt"
_SOURCES = {"pypi": "the package index's own list of vulnerabilities", "osv": "the database of OSV"}
_LIMIT_S = 600.0
_INSIDE = """\
An audit of packages does not see the libraries inside them. One is known: the OpenCV packages for Linux contain OpenSSL
1.1.1, which is no longer maintained, for the FFmpeg inside them. hipform gives that FFmpeg neither a file nor an
address: it reads and writes through PyAV.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What one source of data said.

    Attributes
    ----------
    source
        Which, as in `_SOURCES`.
    checked
        Number of packages that it was asked about.
    findings
        Package, version and name of each vulnerability.
    failure
        Why it could not be asked; empty where it was.
    """

    source: str
    checked: int = 0
    findings: Sequence[str] = ()
    failure: str = ""


def audit(program: str, source: str) -> Audit:
    """Ask one source about every locked package."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        options = ("--require-hashes", "--disable-pip", "--strict", "--format", "json", "--progress-spinner", "off")
        command = (program, "-r", str(_LOCK), *options, "--vulnerability-service", source, "--output", str(answer))
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return Audit(source=source, failure=_reason(str(error)))
        try:
            packages = json.loads(answer.read_text(encoding="utf-8"))["dependencies"]
        except (OSError, ValueError, KeyError, TypeError):
            return Audit(source=source, failure=_reason(done.stderr))
    return _read(source, packages)


def _read(source: str, packages: Sequence[dict[str, Any]]) -> Audit:
    skipped = [str(one["name"]) for one in packages if "skip_reason" in one]
    if skipped or not packages:
        return Audit(source=source, failure=f"it did not answer for {', '.join(skipped) or 'any package'}")
    findings = [f"{one['name']} {one['version']}: {known['id']}" for one in packages for known in one.get("vulns", ())]
    return Audit(source=source, checked=len(packages), findings=findings)


def _reason(said: str) -> str:
    """Return why a source could not be asked, without the address that its library names."""
    if "No such file" in said:
        return "pip-audit is not installed"
    words = ("timed out", "resolve", "refused", "certificate", "Max retries")
    found = next((word for word in words if word.lower() in said.lower()), "")
    if found:
        return f"it cannot be reached ({found})"
    last = (said.strip().splitlines() or ["no answer"])[-1]
    return re.sub(r"^ERROR:[\w.]+:", "", last).partition("http")[0][:100]


def page(audits: Sequence[Audit], now: datetime) -> str:
    """Return docs/audit.md."""
    lines = [
        "# Known vulnerabilities",
        "",
        "Written by `python -m scripts.audit`, which asks pip-audit about every package in scripts/constraints.txt.",
        "",
        f"Last tried on {now:%Y-%m-%d at %H:%M} UTC.",
        "",
        "| source of data | packages checked | known vulnerabilities |",
        "| --- | ---: | --- |",
    ]
    for one in audits:
        result = f"not checked: {one.failure}" if one.failure else "; ".join(one.findings) or "none"
        lines.append(f"| {_SOURCES[one.source]} | {one.checked} | {result} |")
    if all(one.failure for one in audits):
        lines += ["", "**Nothing was checked: no source of data could be asked.** Run it again before a release."]
    return "\n".join([*lines, "", _INSIDE])


def main() -> int:
    """Ask every source and write the page."""
    parser = argparse.ArgumentParser(prog="python -m scripts.audit", description=__doc__.splitlines()[0])
    parser.add_argument("--pip-audit", default="pip-audit", help="the program [pip-audit]")
    program = parser.parse_args().pip_audit
    audits = [audit(program, source) for source in _SOURCES]
    text = page(audits, datetime.now(UTC))
    PAGE.write_text(text, encoding="utf-8")
    print(text)
    if all(one.failure for one in audits):
        return 2
    return int(any(one.findings for one in audits))


if __name__ == "__main__":
    sys.exit(main())
