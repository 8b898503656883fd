"""Runs Python code and records what it asks of the network and where it writes, also from native code.

Python's own audit events are recorded everywhere. Where strace works (Linux, no privileges needed), so are the system
calls of every thread and child, whatever language they come from. Where the system gives unprivileged users a network
of their own (``unshare -rn``), the code runs in one that leads nowhere.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.samples import ROOT

_HOOK = """
import json, os, sys
_events = []
def _record(name, arguments):
    if name in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
        _events.append([name, repr(arguments[-1])])
    elif name in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        _events.append(["look-up", repr(arguments[0])])
    elif name == "open" and isinstance(arguments[0], (str, bytes)) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
        _events.append(["write", os.path.abspath(os.fsdecode(arguments[0]))])
    elif name in ("os.mkdir", "os.rename", "os.link", "os.symlink", "sqlite3.connect"):
        paths = [one for one in arguments if isinstance(one, (str, bytes, os.PathLike))]
        _events.extend(["write", os.path.abspath(os.fsdecode(one))] for one in paths)
sys.addaudithook(_record)
import atexit
atexit.register(lambda: open({events!r}, "w").write(json.dumps(_events)))
"""
_CALLS = "network,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat"
_SENDING = re.compile(r"\b(?:connect|bind|sendto|sendmsg|sendmmsg)\(.*?(sa_family=.*)")
_OPENING = re.compile(r'\b(?:open|openat|creat)\((?:\w+(?:<([^>]*)>)?, )?"([^"]*)"(.*)')
_MAKING = re.compile(r"\b(?:mkdir|rename|link|symlink)\w*\(")
_WITH_FOLDER = re.compile(r'(?:\w+<([^>]*)>, )?"([^"]*)"')
# Every way around the block on MediaPipe's metrics that a user's own settings could open.
HOSTILE = {"no_proxy": "*", "NO_PROXY": "play.googleapis.com", "https_proxy": "http://192.0.2.1:3128"}
_LOOK_UP_FILES = ("/etc/resolv.conf", "/etc/hosts")
# Not nscd: it is asked for the names of users too. A look-up by it shows in Python's own events.
_LOOK_UP_SOCKETS = ("resolve", "mdns", "avahi")


@dataclass(frozen=True)
class Record:
    """What a program did.

    Attributes
    ----------
    done
        Its output and exit code.
    network
        Every address connected to, bound or sent to.
    look_ups
        Every sign of a name being looked up.
    written
        Every path opened for writing, made or renamed.
    traced, denied
        Whether native code was recorded too; whether the network led nowhere.
    """

    done: subprocess.CompletedProcess[str]
    network: list[str]
    look_ups: list[str]
    written: set[Path]
    traced: bool
    denied: bool

    @property
    def outside(self) -> list[str]:
        """What would leave this computer, or tell others on its network that it is there."""
        return [address for address in self.network if not _is_local(address)] + self.look_ups


def _is_local(address: str) -> bool:
    if "sa_family=AF_UNIX" in address or "sa_family=AF_NETLINK" in address:
        return True
    return bool(re.search(r"inet_addr\(\"127\.|^\('127\.|\"::1\"|^\('::1'", address)) and "htons(53)" not in address


@cache
def works(*command: str) -> bool:
    """Return whether a tool is here and allowed."""
    return bool(
        shutil.which(command[0])
        and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    )


def can_trace() -> bool:
    return works("strace", "-f", "-o", os.devnull)


def record(code: str, folder: Path, *, cwd: Path = ROOT, umask: int = -1, **environment: str) -> Record:
    """Run Python *code*; *folder* takes the notes."""
    events, trace = folder / "events.json", folder / "trace"
    script = folder / "script.py"
    script.write_text(_HOOK.replace("{events!r}", repr(str(events))) + code, encoding="utf-8")
    denied = works("unshare", "-rn")
    command = [*(("unshare", "-rn") if denied else ()), *_strace(trace), sys.executable, str(script)]
    own = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **own, **environment},
        capture_output=True,
        text=True,
        check=False,
        umask=umask,
    )
    network, look_ups, written = [], [], set()
    for kind, what in json.loads(events.read_text()) if events.exists() else ():
        if kind == "write":
            written.add(Path(what))
        else:
            (look_ups if kind == "look-up" else network).append(what)
    for line in trace.read_text(errors="replace").splitlines() if trace.exists() else ():
        _read_call(line, cwd, network, look_ups, written)
    return Record(done, network, look_ups, written - {events}, can_trace(), denied)


def _strace(trace: Path) -> list[str]:
    return ["strace", "-f", "-y", "-qq", "-e", f"trace={_CALLS}", "-o", str(trace)] if can_trace() else []


def _read_call(line: str, cwd: Path, network: list[str], look_ups: list[str], written: set[Path]) -> None:
    if found := _SENDING.search(line):
        is_look_up = any(name in found[1] for name in _LOOK_UP_SOCKETS) and "AF_UNIX" in found[1]
        (look_ups if is_look_up else network).append(found[1])
    elif found := _OPENING.search(line):
        if found[2] in _LOOK_UP_FILES:
            look_ups.append(found[2])
        if "creat(" in line or re.search(r"O_WRONLY|O_RDWR|O_CREAT", found[3]):
            written.add(cwd / found[1] / found[2] if found[1] else cwd / found[2])
    elif _MAKING.search(line):
        written.update(cwd / folder / path for folder, path in _WITH_FOLDER.findall(line))
