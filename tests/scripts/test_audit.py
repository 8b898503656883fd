"""What the audit says of sources that answer, that find something, and that cannot be asked."""

import json
import subprocess
from datetime import UTC, datetime

import pytest

from scripts import audit

NOW = datetime(2026, 11, 30, 9, 7, tzinfo=UTC)


def answering(monkeypatch, dependencies=None, said=""):
    """Let pip-audit write *dependencies*, or only complain."""

    def run(command, **_):
        if dependencies is not None:
            with open(command[command.index("--output") + 1], "w") as file:  # noqa: PTH123
                json.dump({"dependencies": dependencies}, file)
        return subprocess.CompletedProcess(command, 1, "", said)

    monkeypatch.setattr(audit.subprocess, "run", run)
    return audit.audit("pip-audit", "osv")


def test_packages_without_findings_are_counted(monkeypatch):
    found = answering(monkeypatch, [{"name": "a", "version": "1", "vulns": []}] * 3)
    assert (found.checked, list(found.findings), found.failure) == (3, [], "")
    assert "| the database of OSV | 3 | none |" in audit.page([found], NOW)


def test_findings_are_named(monkeypatch):
    found = answering(monkeypatch, [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}])
    assert "| the database of OSV | 1 | a 1: CVE-1 |" in audit.page([found], NOW)


@pytest.mark.parametrize(
    ("dependencies", "said", "reason"),
    [
        ([{"name": "a", "skip_reason": "unknown"}], "", "did not answer for a"),
        ([], "", "did not answer for any package"),
        (None, "Failed to resolve 'somewhere'", "cannot be reached"),
        (None, "ERROR:pip_audit._cli:a: not found", "a: not found"),
        (None, "", "no answer"),
    ],
)
def test_what_was_not_checked_does_not_look_clean(monkeypatch, dependencies, said, reason):
    found = answering(monkeypatch, dependencies, said)
    assert reason in found.failure
    text = audit.page([found], NOW)
    assert f"| 0 | not checked: {found.failure} |" in text
    assert "Nothing was checked" in text


def test_without_the_program_that_is_said(tmp_path):
    assert audit.audit(str(tmp_path / "none"), "osv").failure == "pip-audit is not installed"
