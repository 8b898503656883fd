"""The page's tables of angle errors and of the stated intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scripts.evaluate.angles import MEASURES, ErrorFigures, Sample, error_figures, grouped
from scripts.evaluate.claims import STATE_WORDS
from scripts.evaluate.evaluation import clear_samples
from scripts.evaluate.markdown import clip_number, measure_word, percent, plain, signed, table
from scripts.evaluate.overall_figures import STATED_COVERAGE

_ERRORS_INTRODUCTION = """\
Measured minus true sagittal angle of the near side, or of the working leg where one works alone, degrees: *bias / mean
absolute error / 95th percentile*. *Top*: hip still and within 5 degrees of the repetition's most extended angle;
*moving*: hip faster than 15 degrees a second. *Not seen*: share of those frames in which nothing was measured."""

_INTERVALS_INTRODUCTION = f"""\
How often the truth lies inside the stated interval, which is meant to contain it in {STATED_COVERAGE:.0%} of cases."""


def angle_section(samples: Sequence[Sample], models: Sequence[str]) -> Iterator[str]:
    """Give the errors of the angles by what may matter."""
    yield from ("## Angles against the truth of rendered clips", "", _ERRORS_INTRODUCTION)
    groups = {"exercise": "exercise", "azimuth": "camera off the side view, degrees", "occlusion": "plates"}
    if len(models) > 1:
        by_model = grouped(clear_samples(samples), "model")
        yield from ("", "### Errors by model, clear view", "", *_error_table("model", by_model))
    for model in models:
        own = [sample for sample in samples if sample.model == model]
        yield from (
            "",
            f"### Errors, model {model}",
            "",
            *_error_table("clips of", {"all": own, "clear": clear_samples(own)}),
        )
        for attribute, title in groups.items():
            yield from ("", *_error_table(title, grouped(own, attribute)))


def _error_table(title: str, groups: Mapping[str, Sequence[Sample]]) -> Iterator[str]:
    rows = []
    for group, members in groups.items():
        for measure in MEASURES:
            by_state = grouped((sample for sample in members if sample.measure == measure), "state")
            top, moving = (error_figures(by_state.get(state, [])) for state in ("top", "moving"))
            frames = top.frames + moving.frames
            if frames:
                unseen, clips = (top.unseen + moving.unseen) / frames, max(top.clips, moving.clips)
                cells = (measure_word(measure), _errors(top), _errors(moving), percent(unseen))
                rows.append((group, clip_number(clips), *cells))
    yield from table((title, "n clips", "measure", "top", "moving", "not seen"), rows)


def _errors(errors: ErrorFigures) -> str:
    if errors.bias_deg is None:
        return "-"
    return f"{signed(errors.bias_deg, 1)} / {plain(errors.mean_deg, 1)} / {plain(errors.p95_deg, 1)}"


def coverage_section(samples: Sequence[Sample], models: Sequence[str]) -> Iterator[str]:
    """Yield how often the truth lies inside the stated intervals."""
    yield from ("## Stated intervals", "", _INTERVALS_INTRODUCTION, "")
    rows = [row for model in models for row in _coverage_rows([s for s in samples if s.model == model], model)]
    yield from table(("model", "clips of", "n clips", "measure", *STATE_WORDS.values()), rows)


def _coverage_rows(samples: Sequence[Sample], model: str) -> Iterator[tuple[object, ...]]:
    views: dict[str, Sequence[Sample]] = {"all": samples, "clear": clear_samples(samples)}
    views |= {f"{band} degrees off": group for band, group in grouped(samples, "azimuth").items()}
    views["plates"] = [sample for sample in samples if sample.occlusion == "plates"]
    for view, members in views.items():
        for measure in MEASURES:
            by_state = grouped((sample for sample in members if sample.measure == measure), "state")
            errors = [error_figures(by_state.get(state, [])) for state in STATE_WORDS]
            clips = max(figures.clips for figures in errors)
            if clips:
                shares = (percent(figures.within) for figures in errors)
                yield (model, view, clip_number(clips), measure_word(measure), *shares)
