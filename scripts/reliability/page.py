"""The figures in docs/reliability.md: every job replaces its own part of the page."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

import hipform
from scripts.paths import ROOT
from scripts.reliability.damage import Damage
from scripts.reliability.fuzz import Tally
from scripts.reliability.inputs import Tried
from scripts.reliability.interruptions import Interruption, broken
from scripts.reliability.long import Curve
from scripts.reliability.series import Series, format_codes

PAGE = ROOT / "docs" / "reliability.md"


def put(part: str, lines: Iterable[str]) -> None:
    """Replace the *part* of the page, from its opening mark to its closing one."""
    opening, closing = f"<!-- {part} -->\n", f"<!-- end of {part} -->\n"
    before, rest = PAGE.read_text(encoding="utf-8").split(opening)
    _, after = rest.split(closing)
    made = f"hipform {hipform.__version__}, {datetime.now().astimezone():%Y-%m-%d}, {platform.system()}."
    body = "\n".join((*lines, "", made))
    PAGE.write_text(f"{before}{opening}\n{body}\n\n{closing}{after}", encoding="utf-8")
    print(f"written to {PAGE.relative_to(ROOT)}")


def put_inputs(tried: Sequence[Tried]) -> None:
    """Write which odd clips were read, which turned down, and what went wrong."""
    codes = Counter(one.outcome.code for one in tried)
    wrong = sum(bool(one.wrong) for one in tried)
    most_mb = max(one.outcome.most_mb for one in tried)
    refused = len(tried) - codes[0]
    lines = [
        f"{len(tried)} inputs: {codes[0]} analysed, {refused} turned down, {wrong} wrong; at most {most_mb:.0f} MB.",
        "",
        "| Input | Exit code | Most memory |",
        "| --- | ---: | ---: |",
    ]
    lines += [f"| {one.case.name} | {one.outcome.code} | {one.outcome.most_mb:.0f} MB |" for one in tried]
    put("inputs", lines)


def put_fuzz(found: Mapping[str, Tally], seed: int) -> None:
    """Write how many mutated files of each kind were tried and how the commands ended."""
    lines = [
        f"Seed {seed}.",
        "",
        "| Files | Tried | Exit codes | Slowest | Most memory | Wrong |",
        "| --- | ---: | --- | ---: | ---: | ---: |",
    ]
    for name, tally in found.items():
        lines.append(
            f"| {name} | {tally.files} | {format_codes(tally.codes)} | {tally.slowest_s:.1f} s "
            f"| {tally.most_mb:.0f} MB | {len(tally.wrong)} |"
        )
    put("fuzz", lines)


def put_series(part: str, title: str, found: Sequence[Series]) -> None:
    """Write how often each of the *part*'s series was run, how the commands ended, and what went wrong."""
    lines = [f"| {title} | Runs | Exit codes | Wrong |", "| --- | ---: | --- | ---: |"]
    lines += [f"| {one.name} | {one.runs} | {format_codes(one.codes)} | {len(one.wrong)} |" for one in found]
    put(part, lines)


def put_interruptions(done: Sequence[Interruption]) -> None:
    """Write how interrupted commands left, and how soon."""
    counted = [one for one in done if one.was_in_hipform]
    lines = [
        f"{len(counted)} interruptions; {len(done) - len(counted)} more came before the first line of hipform was run.",
        "",
        "| Command | Interrupted | Exit codes | Median | Slowest | Wrong |",
        "| --- | ---: | --- | ---: | ---: | ---: |",
    ]
    for name in dict.fromkeys(one.command for one in counted):
        own = [one for one in counted if one.command == name]
        took_s = sorted(one.left_after_s for one in own)
        lines.append(
            f"| {name} | {len(own)} | {format_codes(Counter(one.code for one in own))} | {median(took_s):.2f} s "
            f"| {took_s[-1]:.2f} s | {sum(len(broken(one)) for one in own)} |"
        )
    put("interruptions", lines)


def put_damage(found: Mapping[str, Damage]) -> None:
    """Write how many bits were flipped in each kind of file, and how the commands that read it ended."""
    lines = ["| File | Flips | of | Exit codes | Wrong |", "| --- | ---: | ---: | --- | ---: |"]
    lines += [
        f"| {name} | {one.done} | {one.of} | {format_codes(one.codes)} | {len(one.wrong)} |"
        for name, one in found.items()
    ]
    put("damage", lines)


def put_long(curves: Sequence[Curve]) -> None:
    """Write how memory, files and threads went over the long runs."""
    lines = []
    for curve in curves:
        first, last = curve.readings[1], curve.readings[-1]
        words = (
            f"memory in the last quarter {curve.growth_ratio:.2f} times that in the second; open files {first[2]} and "
            f"{last[2]}, threads {first[3]} and {last[3]}, near the beginning and at the end."
        )
        chart = f"```text\n{curve.chart}   0 to {max(reading[1] for reading in curve.readings):.0f} MB\n```"
        lines += [f"**{curve.name}**: {words}", "", chart, ""]
    put("long", lines[:-1])
