"""The page of one exercise in the terminal: how to film it, what is measured, its rules and their limits."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hipform.config import SETTINGS, Basis, Setting, Settings
from hipform.exercises import VARIANT_MARK, find_exercise
from hipform.exercises.declaration import Exercise, Rule, SetRule, WorkingSide
from hipform.exercises.findings import Severity
from hipform.kinematics.measures import MEASURES
from hipform.report.camera_drawing import camera_drawing
from hipform.segmentation.turning_points import StartsAt
from hipform.texts import english

_LEGS = {
    WorkingSide.NEAR: "the leg closer to the camera",
    WorkingSide.PLANTED: "the leg whose foot is planted",
    WorkingSide.MOVING: "the leg that extends",
    WorkingSide.FRONT: "the front leg",
    WorkingSide.STANCE: "the leg that stands alone or in front, otherwise the one closer to the camera",
}
_STARTS = {
    StartsAt.BOTTOM: "at the bottom: up, then down",
    StartsAt.TOP: "at the top: down, then up",
}
_UNITS = {"s": " s", "ratio": ""}
_BASES = {
    Basis.LITERATURE: english("literature"),
    Basis.CONVENTION: english("convention"),
    Basis.TUNED: english("tuned"),
}
_SEVERITIES = {Severity.MAJOR: english("major"), Severity.MINOR: english("minor"), Severity.NOTE: english("note")}
_WEIGHTS = {Severity.MAJOR: "bold yellow", Severity.MINOR: "cyan", Severity.NOTE: "dim"}


def exercise_page(console: Console, name: str, settings: Settings) -> RenderableType:
    """Return the page of the exercise *name* (see `find_exercise`), with the limits of *settings*.

    Raises
    ------
    ConfigError
        If there is no such exercise.
    """
    exercise = find_exercise(name)
    drawing = camera_drawing(exercise.posture, exercise.camera, ascii_only=console.options.ascii_only)
    parts: list[RenderableType] = [
        Text(exercise.name, "bold underline"),
        Text(exercise.purpose),
        Text(f"hipform analyze CLIP --exercise {name}", "cyan"),
        *_section("How to film it", Text(exercise.camera.advice)),
        "",
        _indented(Text("\n".join(drawing), no_wrap=True, overflow="crop")),
        "",
        _indented(Text(view_in_words(settings))),
        *_section("What is measured", *(Text(line) for line in measured_in_words(exercise))),
    ]
    if exercise.variants:
        parts += _section("Variants", _variants(exercise))
    parts += _section(
        "Rules", Text("Major, minor and note say how much a fault counts when one is chosen to work on.", "dim")
    )
    for rule in gravest_first(exercise):
        parts += _rule(rule, settings)
    if any(key in settings.overrides for key in exercise.limits):
        parts += ["", _indented(Text("* differs from the default", "dim"))]
    return Group(*parts)


def view_in_words(settings: Settings) -> str:
    """Return how far from the side view the camera may be."""
    angles_deg, tempo_deg = settings["view.angles_deg"], settings["view.tempo_deg"]
    return english(
        "Angles are judged up to {angles:g} degrees from the side view, tempo up to {tempo:g}.",
        angles=angles_deg,
        tempo=tempo_deg,
    )


def measured_in_words(exercise: Exercise) -> tuple[str, ...]:
    """Return sentences on what is measured, over which part of a repetition, and on which leg."""
    needed = dict.fromkeys(name for rule in exercise.rules for name in rule.needs)
    return (
        f"At the top: {', '.join(MEASURES[name].label for name in needed)}.",
        "Over the repetition: the range of the hip, and the durations of lift, hold and lowering.",
        f"A repetition starts {_STARTS[exercise.starts_at]}.",
        f"The measured leg is {_LEGS[exercise.working_side]}.",
    )


def gravest_first(exercise: Exercise) -> list[Rule | SetRule]:
    """Return all rules, most severe first."""
    weights = list(Severity)
    return sorted(exercise.all_rules, key=lambda rule: weights.index(rule.severity), reverse=True)


def weight_in_words(rule: Rule | SetRule) -> str:
    """Return a rule's severity, and whether it judges the set."""
    if isinstance(rule, SetRule):
        return english("{weight}, over the whole set", weight=_SEVERITIES[rule.severity])
    return _SEVERITIES[rule.severity]


def limit_in_words(key: str, settings: Settings) -> str:
    """Return the value of a limit with its unit, with an asterisk if it is not the default."""
    value, unit = settings[key], SETTINGS[key].unit
    text = english("{deg:g} degrees", deg=value) if unit == "deg" else f"{value:g}{_UNITS[unit]}"
    return english("{limit}*", limit=text) if key in settings.overrides else text


def basis_in_words(setting: Setting) -> str:
    """Return where the value of a setting comes from."""
    return english("{basis}: {source}", basis=_BASES[setting.basis], source=setting.source)


def _section(title: str, *content: RenderableType) -> list[RenderableType]:
    return ["", Text(title, "bold"), *map(_indented, content)]


def _indented(content: RenderableType, columns: int = 2) -> Padding:
    return Padding(content, (0, 0, 0, columns), expand=False)


def _variants(exercise: Exercise) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="cyan")
    for variant in exercise.variants:
        table.add_row(f"--exercise {exercise.slug}{VARIANT_MARK}{variant.name}", Text(variant.note))
    return table


def _rule(rule: Rule | SetRule, settings: Settings) -> Iterator[RenderableType]:
    limits = Table.grid(padding=(0, 2))
    limits.add_column(no_wrap=True, min_width=len("20 degrees*"))
    for key in rule.limits:
        setting = SETTINGS[key]
        limits.add_row(limit_in_words(key, settings), Text(setting.meaning))
        limits.add_row("", Text(f"{key} - {basis_in_words(setting)}", "dim"))
    yield ""
    yield _indented(Text.assemble((rule.title, "bold"), "  ", (weight_in_words(rule), _WEIGHTS[rule.severity])))
    yield _indented(Text(rule.reason), 4)
    yield _indented(limits, 4)
    yield _indented(Text.assemble("Cue: ", (rule.cue, "bold")), 4)
