"""One set as the report shows it, with all numbers formatted and all images chosen."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hipform.analysis.judged_reps import Rep, SetResult
from hipform.config import SETTINGS, Settings
from hipform.exercises import find_exercise
from hipform.exercises.common_rules import WITHIN_SET_U95_DEG
from hipform.exercises.declaration import Exercise
from hipform.exercises.findings import Finding, Status
from hipform.exercises.limb_rules import SIDES_U95_DEG
from hipform.features.rep_timing import TEMPO_PARTS
from hipform.feedback.angle_text import format_joint_angle
from hipform.feedback.coach import fault_severity
from hipform.feedback.rep_verdict import best_and_worst, fault_weight, rep_status, status_text
from hipform.feedback.set_summary import Summary
from hipform.report.differences import Difference, compare_reps, estimate_text
from hipform.report.exercise_page import basis_in_words, gravest_first, limit_in_words, weight_in_words
from hipform.report.pictures import LARGE_PX, MIDDLE_PX, Album, Picture, small_px
from hipform.report.recognised_text import recognised_text
from hipform.texts import english
from hipform.types import Estimate, Side

NOT_JUDGED = english("not judged")
_NOT_KNOWN = english("not in the clip")
_TOO_WIDE = english("too close to call: the measurement error is larger than the value")
_MOST_PRAISE = 3
"""Sentences about what went well on the first screen."""


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """The finding of one rule for a repetition: the rule's title, the sentence, and the cue."""

    title: str
    text: str
    cue: str


@dataclass(frozen=True, slots=True)
class RepView:
    """One repetition as the report shows it, in its card, its table row and the curves.

    Attributes
    ----------
    rep
        The repetition itself.
    anchor
        Id of its card.
    label, short
        "Rep 3" or "Partial rep 1"; "3" or "(1)".
    status
        Result of `hipform.feedback.rep_verdict.rep_status`.
    status_text
        The status in a few words.
    answers
        Finding of each rule of the exercise; ``None`` for a rule that an earlier version did not have.
    lockout, attribution, bottom, span, back
        Angles as text; `attribution` and `back` are empty if nothing is known about the low back.
    lift, hold, lower
        Tempo as text.
    bar
        Mean speed of the bar on its way up, as text.
    faults, unsure, fine
        Findings by status, most severe first.
    top, bottom_picture
        Images, if they fit in the page's budget.
    """

    rep: Rep
    anchor: str
    label: str
    short: str
    status: Status
    status_text: str
    answers: tuple[Status | None, ...]
    lockout: str
    attribution: str
    bottom: str
    span: str
    back: str
    lift: str
    hold: str
    lower: str
    bar: str
    faults: tuple[RuleVerdict, ...]
    unsure: tuple[RuleVerdict, ...]
    fine: tuple[RuleVerdict, ...]
    top: Picture | None = None
    bottom_picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its label and a remark."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule with its limits; each limit has a value, a meaning, and a basis with source."""

    title: str
    weight: str
    reason: str
    cue: str
    limits: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """The best and the worst repetition.

    Attributes
    ----------
    best, worst
        The two.
    best_name, worst_name
        Their names on the page, which depend on whether faults or closeness to straight decided.
    note
        How they were chosen.
    """

    best: RepView
    worst: RepView
    best_name: str
    worst_name: str
    note: str


@dataclass(frozen=True, slots=True)
class SetView:
    """Everything that the report shows about one set."""

    found: SetResult
    exercise: Exercise
    summary: Summary
    tiles: tuple[Tile, ...]
    main_picture: Picture | None
    main_caption: str
    pair: Pair | None
    reps: tuple[RepView, ...]
    over_set: tuple[tuple[Status, RuleVerdict], ...]
    sides: tuple[Difference, ...]
    rules: tuple[RuleView, ...]

    @property
    def anchor(self) -> str:
        """HTML id of its section."""
        return f"set-{self.found.number}"

    @property
    def judged_reps(self) -> int:
        """Number of counted repetitions whose angles were judged."""
        return sum(rep.angles_judged for rep in self.found.reps)

    @property
    def has_bar(self) -> bool:
        """Whether the bar's speed is known in any repetition."""
        return any(view.rep.bar_mean_m_per_s for view in self.reps)

    @property
    def praise(self) -> tuple[str, ...]:
        """What went well, as far as the first screen shows it."""
        return self.summary.went_well[:_MOST_PRAISE]

    @property
    def doubts_text(self) -> str:
        """How much was not judged or not counted; empty if there is nothing."""
        doubts, rejected = len(self.summary.not_judged), len(self.summary.rejected)
        rest = ""
        if rejected:
            one, more = english("1 movement was not counted"), english("{n} movements were not counted", n=rejected)
            rest = one if rejected == 1 else more
        if doubts and rejected:
            return english("Not everything could be judged, and {rest}", rest=rest)
        return english("Not everything could be judged") if doubts else rest

    @property
    def recognised(self) -> str:
        """How the exercise was determined."""
        how = recognised_text(self.found)
        return english("exercise {how}", how=how) if how else english("exercise given by you")

    @property
    def view_text(self) -> str:
        """The position of the camera."""
        if self.found.view_off_deg is None:
            return english("The direction of the camera is unknown.")
        return english(
            "About {deg:.0f}° off the side view (a true side view measures up to 12°).", deg=self.found.view_off_deg
        )


def set_view(found: SetResult, summary: Summary, settings: Settings, album: Album) -> SetView:
    """Return *found* as the report shows it, with images from *album* in order of importance."""
    exercise = find_exercise(found.exercise)
    reps = sorted((*found.reps, *found.partial_reps), key=lambda rep: rep.timing.top_s)
    main_picture, main_caption = _main_picture(exercise, found, summary, album)
    best_worst = best_and_worst(exercise, found.reps)
    pair = _pair(exercise, found, best_worst, album) if best_worst else None
    return SetView(
        found=found,
        exercise=exercise,
        summary=summary,
        tiles=tuple(_tiles(found, summary)),
        main_picture=main_picture,
        main_caption=main_caption,
        pair=pair,
        reps=_cards(exercise, found, reps, album),
        over_set=tuple((finding.status, _verdict(exercise, finding)) for finding in found.findings),
        sides=tuple(_sides(exercise, found)),
        rules=tuple(_rules(exercise, settings)),
    )


def _main_picture(exercise: Exercise, found: SetResult, summary: Summary, album: Album) -> tuple[Picture | None, str]:
    """Return the image of the first screen and its caption: the clearest case of the one thing, or else a top."""
    change = _worst_for(exercise, found, summary.one_thing_rule)
    place = exercise.fault_place(summary.one_thing_rule or "")
    moment = place.moment if change and place else "top"
    shown = change or next((rep for rep in found.reps if rep.angles_judged), next(iter(found.reps), None))
    if shown is None:
        return None, ""
    picture = album.take(found, shown, moment, LARGE_PX, _picture_text(shown, moment))
    if change:
        return picture, english("{rep} shows it most clearly.", rep=_label(shown))
    return picture, english("{rep} at the top.", rep=_label(shown))


def _pair(exercise: Exercise, found: SetResult, best_worst: tuple[Rep, Rep], album: Album) -> Pair | None:
    """Return the pair to show; ``None`` if both are without a fault, or alike within the measurement error."""
    weights = [fault_weight(exercise, rep) for rep in best_worst]
    differ_by_faults = weights[0] != weights[1]
    lockouts_deg = [rep.lockout_trunk_thigh_flexion_deg.value for rep in best_worst]
    is_alike = abs(lockouts_deg[0] - lockouts_deg[1]) <= WITHIN_SET_U95_DEG or weights[0] == (0, 0)
    if not differ_by_faults and is_alike:
        return None
    best, worst = (with_pictures(rep_view(exercise, found, rep), found, album, MIDDLE_PX) for rep in best_worst)
    if differ_by_faults:
        return Pair(best, worst, english("Best"), english("Worst"), english("Chosen by severity and number of faults."))
    note = english("The reps have the same faults, so these were chosen by how close the top came to straight.")
    return Pair(best, worst, english("Closest to straight"), english("Furthest from straight"), note)


def _worst_for(exercise: Exercise, found: SetResult, rule: str | None) -> Rep | None:
    """Return the repetition that exceeds the limit of *rule* most."""
    at_fault = {
        rep.number: finding
        for rep in found.reps
        for finding in rep.findings
        if finding.rule == rule and finding.status is Status.FAULT
    }
    if not at_fault:
        return None
    worst = max(at_fault, key=lambda number: fault_severity(exercise, at_fault[number]))
    return next(rep for rep in found.reps if rep.number == worst)


def _cards(exercise: Exercise, found: SetResult, reps: Sequence[Rep], album: Album) -> tuple[RepView, ...]:
    """Return a card for each repetition; if the budget is short, those with faults get their images first."""
    px = small_px(2 * len(reps))
    views = {id(rep): rep_view(exercise, found, rep) for rep in reps}
    by_weight = sorted(reps, key=lambda rep: len(views[id(rep)].faults), reverse=True)
    for rep in by_weight:
        views[id(rep)] = with_pictures(views[id(rep)], found, album, px)
    return tuple(views[id(rep)] for rep in reps)


def with_pictures(view: RepView, found: SetResult, album: Album, longest_px: int) -> RepView:
    """Return *view* with its images, as far as they fit in the budget of *album*."""
    top, bottom = (
        album.take(found, view.rep, moment, longest_px, _picture_text(view.rep, moment)) for moment in ("top", "bottom")
    )
    return replace(view, top=top, bottom_picture=bottom)


def _label(rep: Rep) -> str:
    return english("Partial rep {n}", n=rep.number) if rep.partial else english("Rep {n}", n=rep.number)


def _picture_text(rep: Rep, moment: str) -> str:
    angle = rep.bottom_trunk_thigh_flexion_deg if moment == "bottom" else rep.lockout_trunk_thigh_flexion_deg
    known = (
        english("hip angle {angle}", angle=format_joint_angle(angle))
        if rep.angles_judged
        else english("hip angle not judged")
    )
    if moment == "bottom":
        return english(
            "{rep} at the bottom, {known}, with the skeleton drawn on the lifter.", rep=_label(rep), known=known
        )
    return english("{rep} at the top, {known}, with the skeleton drawn on the lifter.", rep=_label(rep), known=known)


def rep_view(exercise: Exercise, found: SetResult, rep: Rep) -> RepView:
    """Return the view of *rep*, without images."""
    by_status = {status: tuple(_verdicts(exercise, rep, status)) for status in Status}
    judged, back = rep.angles_judged, rep.lumbar_extension_deg
    answers = {finding.rule: finding.status for finding in rep.findings}
    return RepView(
        rep=rep,
        anchor=f"set-{found.number}-{'partial' if rep.partial else 'rep'}-{rep.number}",
        label=_label(rep),
        short=f"({rep.number})" if rep.partial else str(rep.number),
        status=rep_status(exercise, rep),
        status_text=status_text(exercise, rep),
        answers=tuple(answers.get(rule.id) for rule in exercise.rules),
        lockout=format_joint_angle(rep.lockout_trunk_thigh_flexion_deg) if judged else NOT_JUDGED,
        attribution=rep.attribution if judged else "",
        bottom=format_joint_angle(rep.bottom_trunk_thigh_flexion_deg) if judged else NOT_JUDGED,
        span=estimate_text(rep.range_deg) if judged else NOT_JUDGED,
        back=_arch(back) if judged and back else "",
        lift=_seconds(rep.timing.lift_s),
        hold=_seconds(rep.timing.hold_s),
        lower=_seconds(rep.timing.lower_s),
        bar=estimate_text(rep.bar_mean_m_per_s),
        faults=by_status[Status.FAULT],
        unsure=by_status[Status.NOT_ASSESSED],
        fine=by_status[Status.OK],
    )


def _verdicts(exercise: Exercise, rep: Rep, status: Status) -> list[RuleVerdict]:
    findings = [finding for finding in rep.findings if finding.status is status]
    if status is Status.FAULT:
        findings.sort(key=lambda finding: fault_severity(exercise, finding), reverse=True)
    return [_verdict(exercise, finding) for finding in findings]


def _verdict(exercise: Exercise, finding: Finding) -> RuleVerdict:
    rule = exercise.rule(finding.rule)
    # A rule is named after its fault: what is fine has the name of what was checked.
    title = rule.short[:1].upper() + rule.short[1:] if finding.status is Status.OK else rule.title
    return RuleVerdict(title, _TOO_WIDE if _is_empty(finding) else finding.text, rule.cue)


def _is_empty(finding: Finding) -> bool:
    """Return whether the interval of an undecided value is wider than the value, so that the value says nothing."""
    measured = finding.measured
    return finding.status is Status.NOT_ASSESSED and measured is not None and measured.u95 >= abs(measured.value)


def _tiles(found: SetResult, summary: Summary) -> list[Tile]:
    partial = english("and {n} partial", n=summary.partial_reps) if summary.partial_reps else ""
    tiles = [Tile(english("Reps counted"), str(summary.reps), partial)]
    if not summary.reps:
        return tiles
    judged = summary.reps - summary.lockout_unknown
    unknown = english("{n} could not be judged", n=summary.lockout_unknown) if summary.lockout_unknown else ""
    locked_out = english("{n} of {of}", n=summary.locked_out, of=judged) if judged else NOT_JUDGED
    tiles.append(Tile(english("Locked out"), locked_out, unknown))
    lockouts = [rep.lockout_trunk_thigh_flexion_deg for rep in found.reps if rep.angles_judged]
    if lockouts:
        tiles.append(
            Tile(english("Lockout, median rep"), format_joint_angle(_middle(lockouts)), english("180° is straight"))
        )
        ranges = [rep.range_deg for rep in found.reps if rep.angles_judged]
        tiles.append(Tile(english("Range, median rep"), estimate_text(_middle(ranges))))
    medians = [_median_s([rep.timing.parts[part] for rep in found.reps]) for part in TEMPO_PARTS]
    tiles.append(Tile(english("Tempo, median rep"), " · ".join(medians), english("seconds: lift · hold · lower")))
    speeds = [rep.bar_mean_m_per_s for rep in found.reps if rep.bar_mean_m_per_s]
    if speeds:
        tiles.append(
            Tile(english("Bar speed, median rep"), estimate_text(_middle(speeds)), english("mean speed on the way up"))
        )
    if loss := found.velocity_loss:
        text = f"{max(loss.value, 0.0):.0%} ± {loss.u95:.0%}"
        tiles.append(Tile(english("Velocity loss"), text, english("last rep compared with the fastest")))
    return tiles


def _middle(estimates: Sequence[Estimate]) -> Estimate:
    """Return the median of *estimates*, the lower one of two."""
    return sorted(estimates, key=lambda one: one.value)[(len(estimates) - 1) // 2]


def _median_s(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return f"{statistics.median_low(known):.1f}" if known else "?"


def _sides(exercise: Exercise, found: SetResult) -> list[Difference]:
    """Compare left with right, if the exercise works one side at a time and both were trained."""
    left, right = ([rep for rep in found.reps if rep.side is side] for side in (Side.LEFT, Side.RIGHT))
    return compare_reps(left, right, SIDES_U95_DEG) if exercise.has_sides and left and right else []


def _rules(exercise: Exercise, settings: Settings) -> list[RuleView]:
    return [
        RuleView(
            title=rule.title,
            weight=weight_in_words(rule),
            reason=rule.reason,
            cue=rule.cue,
            limits=tuple(
                (limit_in_words(key, settings), SETTINGS[key].meaning, basis_in_words(SETTINGS[key]))
                for key in rule.limits
            ),
        )
        for rule in gravest_first(exercise)
    ]


def _arch(back: Estimate) -> str:
    if abs(back.value) <= back.u95:
        return english("neutral, within ± {u95}°", u95=math.ceil(back.u95))
    angle = estimate_text(replace(back, value=abs(back.value)))
    if back.value >= 0:
        return english("{angle} arched from neutral", angle=angle)
    return english("{angle} rounded from neutral", angle=angle)


def _seconds(value_s: float | None) -> str:
    return _NOT_KNOWN if value_s is None else f"{value_s:.1f} s"
