"""Limits that Linux control groups set for this process: containers and services get a part of the machine.

psutil and the number of cores describe the whole machine. Without control groups there is no limit.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path

_MEMBERSHIP = Path("/proc/self/cgroup")
_ROOT = Path("/sys/fs/cgroup")


def allowed_cores() -> float:
    """Return how many cores' worth of CPU time this process's control groups allow; infinite without a limit."""
    return min((_cores(group) for group in _groups("cpu")), default=math.inf)


def free_memory_bytes() -> int:
    """Return how much memory this process's control groups still allow; `sys.maxsize` without a limit."""
    return min((_free_bytes(group) for group in _groups("memory")), default=sys.maxsize)


def _groups(controller: str) -> Iterator[Path]:
    """Yield the folders of the control groups that this process is in, from the innermost to the outermost."""
    try:
        lines = _MEMBERSHIP.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, inner = line.split(":", 2)
        # Version 1 has a tree for each controller; version 2 has one tree for all of them.
        if not controllers or controller in controllers.split(","):
            root = _ROOT / controllers if controllers else _ROOT
            group = root / inner.lstrip("/")
            yield from (one for one in (group, *group.parents) if one.is_relative_to(root))


def _cores(group: Path) -> float:
    quota, period = _words(group / "cpu.max") or (_word(group / "cpu.cfs_quota_us"), _word(group / "cpu.cfs_period_us"))
    limited = quota.isdigit() and period.isdigit() and int(period) > 0
    return int(quota) / int(period) if limited else math.inf


def _free_bytes(group: Path) -> int:
    for limit_name, used_name in (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")):
        limit, used = _word(group / limit_name), _word(group / used_name)
        if limit.isdigit() and used.isdigit():
            return max(0, int(limit) - int(used) + _reclaimable_bytes(group))
    return sys.maxsize


def _reclaimable_bytes(group: Path) -> int:
    """Return how much of the used memory is file cache, which the system frees on demand."""
    try:
        lines = (group / "memory.stat").read_text().splitlines()
    except OSError:
        return 0
    counted = dict(line.split(maxsplit=1) for line in lines if " " in line)
    return int(counted.get("total_inactive_file", counted.get("inactive_file", "0")))


def _word(path: Path) -> str:
    return next(iter(_words(path)), "")


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []
