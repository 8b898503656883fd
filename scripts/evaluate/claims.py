"""The aims in words: whether each is met follows from the figures alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hipform.exercises import EXERCISES
from scripts.evaluate.angles import MEASURES
from scripts.evaluate.figures import Figure
from scripts.evaluate.markdown import FEW, measure_word, table
from scripts.evaluate.overall_figures import STATED_COVERAGE
from scripts.evaluate.recognition import SOON_MOVEMENTS
from scripts.evaluate.verdicts import ROC_FAULTS

_INTRODUCTION = """\
*Clear view*: camera up to 30 degrees off the side view, no plates. *Wanted*: hipform states 5 and 10 degrees for the
hip and 95 % for the intervals; the rest are aims."""

STATE_WORDS = {"top": "held at the top", "moving": "moving", "rest": "at rest elsewhere"}


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence about one figure.

    Attributes
    ----------
    figure
        Name of the figure, without the model.
    text
        The sentence with ``{value}`` in it.
    wanted
        From this value on it is good.
    unit
        Of the value: ``%`` for shares, which must reach what is wanted; else an error, which must not exceed it.
    counted
        What the figure's ``n`` counts.
    """

    figure: str
    text: str
    wanted: float
    unit: str
    counted: str = "clips"

    def holds(self, figure: Figure) -> bool:
        """Return whether the figure is good."""
        return figure.value >= self.wanted if self.unit == "%" else figure.value <= self.wanted

    def sentence(self, figure: Figure) -> str:
        """Return the sentence with its number, what was wanted, and how much stands behind it."""
        if self.unit == "%":
            value, wanted = f"{figure.value:.1%}".replace(".0%", "%"), f"at least {self.wanted:.0%}"
        else:
            value, wanted = f"{figure.value:.2g} {self.unit}", f"at most {self.wanted:g}"
        few = ", few" if figure.n < FEW else ""
        return f"{self.text.format(value=value)} (wanted: {wanted}; {figure.n} {self.counted}{few})"


def claims() -> Iterator[Claim]:
    """Yield every aim."""
    for source in ("rendered", "real"):
        yield Claim(f"reps/{source}/exact", f"Counted exactly: {{value}} of the {source} sets", 0.95, "%")
        text = f"Side view: the worst count of a {source} set is off by {{value}}"
        yield Claim(f"reps/{source}/side_view/worst_error", text, 1.0, "repetitions")
        text = (
            f"All lockout verdicts given are right on {{value}} of the {source} sets that are full or short throughout"
        )
        yield Claim(f"lockout/{source}/right", text, 0.95, "%")
    yield from _recognition_claims()
    yield Claim("none/counted_nothing", "Clips of something else: {value} of the runs count nothing", 1.0, "%", "runs")
    text = "Measured side: the near one, or the working leg where one works alone, in {value} of the frames"
    yield Claim("side/right", text, 0.98, "%")
    for moment, words in (("start_s", "Start"), ("top_s", "Top"), ("end_s", "End")):
        text = f"{words} of a repetition: {{value}} off on average"
        yield Claim(f"times/{moment}/mean_s", text, 0.15, "s", "repetitions")
    yield from _angle_claims()
    set_rules = {rule.id for exercise in EXERCISES.values() for rule in exercise.set_rules}
    for rule in dict.fromkeys(rule.id for exercise in EXERCISES.values() for rule in exercise.all_rules):
        yield Claim(f"verdicts/{rule}/recall", f"`{rule}`: finds {{value}} of the faults it judges", 0.8, "%", "faults")
        text = f"`{rule}`: finds {{value}} of all faults, those it does not judge included"
        yield Claim(f"verdicts/{rule}/found", text, 0.6, "%", "faults")
        text = f"`{rule}`: {{value}} of what it calls a fault is one"
        yield Claim(f"verdicts/{rule}/precision", text, 0.9, "%", "calls")
        if rule in ROC_FAULTS.values():
            yield from _roc_claims(rule)
        counted = "sets" if rule in set_rules else "repetitions"
        yield Claim(f"verdicts/{rule}/assessed", f"`{rule}`: answers on {{value}}", 0.8, "%", counted)


def _recognition_claims() -> Iterator[Claim]:
    for source in ("rendered", "real"):
        yield Claim(f"recognition/{source}/right", f"Recognised: {{value}} of the {source} clips", 0.95, "%")
        text = f"Live guess: settled right within {SOON_MOVEMENTS} movements on {{value}} of the {source} clips"
        yield Claim(f"recognition/{source}/live_soon", text, 0.95, "%")
    text = "Clips of something else: {value} of them are taken for no exercise"
    yield Claim("recognition/none/right", text, 1.0, "%")
    text = "Analysed as an exercise of another posture: {value} counted in all"
    yield Claim("crossing/across_postures", text, 0.0, "repetitions")


def _roc_claims(rule: str) -> Iterator[Claim]:
    for fault in (fault for fault, found_by in ROC_FAULTS.items() if found_by == rule):
        text = f"`{fault}`: in {{value}} of all pairs the repetition with the fault measures more than the one without"
        yield Claim(f"verdicts/{fault}/roc_area", text, 0.9, "%")


def _angle_claims() -> Iterator[Claim]:
    for state, wanted_deg in (("top", 5.0), ("moving", 10.0)):
        text = f"Hip {STATE_WORDS[state]}, clear view: 95 of 100 errors are under {{value}}"
        yield Claim(f"angles/clear/trunk_thigh_flexion_deg/{state}/p95_deg", text, wanted_deg, "degrees")
    text = "Hip held at the top, plates in the scene: 95 of 100 errors are under {value}"
    yield Claim("angles/occlusion=plates/trunk_thigh_flexion_deg/top/p95_deg", text, 5.0, "degrees")
    for measure in MEASURES:
        for state in ("top", "moving"):
            words = f"{measure_word(measure).capitalize()} {STATE_WORDS[state]}"
            text = f"{words}, clear view: the stated interval contains the truth in {{value}} of the frames"
            yield Claim(f"angles/clear/{measure}/{state}/within", text, STATED_COVERAGE, "%")


def aims_section(figures: Mapping[str, Figure], models: Sequence[str]) -> Iterator[str]:
    """Yield the claims of every model with their figures, those that are met first."""
    yield from ("## Aims", "", _INTRODUCTION, "")
    for model in models:
        known = [(claim, figures[name]) for claim in claims() if (name := f"{model}/{claim.figure}") in figures]
        rows = [
            (model, answer, claim.sentence(figure))
            for answer, met in (("yes", True), ("no", False))
            for claim, figure in known
            if claim.holds(figure) is met
        ]
        yield from ("", f"### Model {model}", "")
        yield from table(("model", "met", "aim"), rows)
