"""Resources that run out while a command runs: the camera, the disk, the file size limit, the memory."""

from __future__ import annotations

import resource
import signal
import subprocess
from itertools import product
from pathlib import Path

from hipform.errors import MEMORY_EXIT_CODE, InputError, ModelError, OutputError
from scripts.reliability.clips import sample_images
from scripts.reliability.phone import SILENT, phone
from scripts.reliability.probe import broken_promises, left_broken, run
from scripts.reliability.series import ANALYZE, LIMIT_S, Series, unequal_recording, unexpected_code

DISKS_KB = (16, 64, 128, 256, 384, 512)
"""Sizes of disks that cannot hold the results of the sample."""
FILES_KB = (8, 16, 32, 64, 128)
"""Size limits that at least one of its files exceeds."""
PICTURES = (0, 1, 10, 45, 90, 150)
"""Number of frames that a camera sends before it disconnects."""
MEMORIES_MB = (600, 800, 1000, 1200, 1500, 2000, 3000)
_OUT_OF_MEMORY = (0, MEMORY_EXIT_CODE, ModelError.exit_code, 128 + signal.SIGABRT, 128 + signal.SIGSEGV)
"""Accepted exit codes without memory: success, out of memory, no room for the model, stopped in a native library."""


def lose_camera(scratch: Path, _runs: int) -> Series:
    """Let the camera disconnect or stop sending: training ends, and everything filmed until then is kept."""
    series = Series("camera gone or silent in mid-training")
    with phone(sample_images()) as address:
        for number, (pictures, after) in enumerate(product(PICTURES, ("", SILENT))):
            out = scratch / f"{number}"
            camera = f"{address}/{pictures}/{after}"
            command = ("live", "--camera", camera, "--headless", "--sound", "off", "-e", "hip-thrust", "-m", "lite")
            outcome = run((*command, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said")
            wrong = [
                *broken_promises(outcome, out),
                *unexpected_code(0 if pictures > 1 else InputError.exit_code, outcome),
            ]
            if outcome.code == 0:
                wrong += unequal_recording(out)
            series.add(outcome, wrong)
    return series


def fill_disk(scratch: Path, _runs: int) -> Series:
    """Write to disks that are too small; making them takes the rights of root."""
    series = Series("disk full")
    for size_kb in DISKS_KB:
        disk = scratch / f"{size_kb}"
        disk.mkdir()
        options = ("-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(disk))
        if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
            series.name += " (skipped: making a small disk takes the rights of root)"
            break
        try:
            outcome = run((*ANALYZE, "-o", str(disk / "out")), limit_s=LIMIT_S, said=scratch / "said")
            series.add(
                outcome, [*broken_promises(outcome, disk / "out"), *unexpected_code(OutputError.exit_code, outcome)]
            )
        finally:
            subprocess.run(["umount", str(disk)], check=True)
    return series


def limit_files(scratch: Path, _runs: int) -> Series:
    """Limit the size of files, as a quota does."""
    series = Series("files limited in size")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size_kb in FILES_KB:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_kb << 10, before[1]))
        try:
            outcome = run((*ANALYZE, "-o", str(scratch / f"{size_kb}")), limit_s=LIMIT_S, said=scratch / "said")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        wrong = broken_promises(outcome, scratch / f"{size_kb}")
        series.add(outcome, [*wrong, *unexpected_code(OutputError.exit_code, outcome)])
    return series


def limit_memory(scratch: Path, _runs: int) -> Series:
    """Give too little memory: no final name belongs to a half-written file, and the next run works."""
    series = Series("too little memory")
    for memory_mb in MEMORIES_MB:
        out = scratch / "out"
        outcome = run((*ANALYZE, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said", most_memory=memory_mb << 20)
        wrong = left_broken(out)
        if outcome.code not in _OUT_OF_MEMORY or "Traceback" in outcome.said:
            wrong.append(f"{memory_mb} MB: exit code {outcome.code}: {outcome.said.strip()}")
        again = run((*ANALYZE, "-o", str(out)), limit_s=LIMIT_S, said=scratch / "said")
        series.add(outcome, [*wrong, *unexpected_code(0, again)])
    return series
