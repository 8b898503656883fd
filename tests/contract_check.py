"""Whether everything that is written and drawn of one analysis says the same."""

import csv
import json
import math
import re
from itertools import groupby

import pytest

from hipform.app import write_results as writing
from hipform.app.frame_states import FrameStates
from hipform.app.judge_recording import judge_recording
from hipform.app.task_progress import no_progress
from hipform.app.write_results import Output, make_result, write_results
from hipform.config import Settings
from hipform.exercises import find_exercise
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.feedback.coach import PRAISE
from hipform.report.result import FILES
from hipform.segmentation.phases import Phase
from hipform.segmentation.turning_points import StartsAt
from hipform.training import Training

_CUE = re.compile(r"(\d+):(\d+):(\d+\.\d+) --> (\d+):(\d+):(\d+\.\d+)\n(.+)")
_MS = 0.0006


def written_and_drawn(poses, folder, sections=None):
    """Judge a recording into *folder*; return the result as written, the tables' rows, captions and drawn states."""
    settings = Settings()
    judged = judge_recording(poses, settings, (), no_progress, sections=sections)
    made = make_result(judged, settings, Training())
    folder.mkdir(exist_ok=True)
    output = Output(folder=folder, poses=poses, clip=None, with_video=False, embed=False, progress=no_progress)
    drawn = []

    class Noted(FrameStates):
        def __iter__(self):
            for pose, state in super().__iter__():
                drawn.append(state)
                yield pose, state

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "FrameStates", Noted)
        write_results(judged, made, settings, output)
    tables = []
    for name in ("reps", "frames"):
        with (folder / FILES[name]).open(encoding="utf-8", newline="") as file:
            tables.append(list(csv.DictReader(file)))
    result = json.loads((folder / FILES["result"]).read_text(encoding="utf-8"))
    return result, *tables, captions_in((folder / FILES["cues"]).read_text(encoding="utf-8")), drawn


def captions_in(text):
    """Return begin, end (seconds) and text of every caption."""
    found = []
    for h0, m0, s0, h1, m1, s1, words in _CUE.findall(text):
        found.append((3600 * int(h0) + 60 * int(m0) + float(s0), 3600 * int(h1) + 60 * int(m1) + float(s1), words))
    return found


def check_all(result, reps, frames, captions, drawn):
    """Assert that they do not contradict each other."""
    assert len(frames) == len(drawn) == result["clip"]["frames"]
    check_frames_against_drawn(frames, drawn)
    check_reps_csv(result, reps)
    for found in result["sets"]:
        own = [state for state in drawn if found["start_s"] <= state.seen.t_s <= found["end_s"]]
        assert {(state.seen.set_number, state.seen.exercise) for state in own} <= {(found["number"], found["exercise"])}
        check_counts(found, own)
        check_phases(found, own)
        check_verdicts(found, own)
    check_rejections(result, drawn)
    check_cues(result, captions, drawn)


def all_reps(found):
    return [*found["reps"], *found["partial_reps"]]


def over_s(rep):
    return rep["timing"]["top_end_s"] if rep["timing"]["end_s"] is None else rep["timing"]["end_s"]


def begin_s(rep):
    times = rep["timing"]
    return next(times[name] for name in ("start_s", "lift_start_s", "top_start_s") if times[name] is not None)


def status_of(rep, rule=LOCKOUT_RULE):
    return next(finding["status"] for finding in rep["findings"] if finding["rule"] == rule)


def check_frames_against_drawn(frames, drawn):
    for row, state in zip(frames, drawn, strict=True):
        seen = state.seen
        assert float(row["time_s"]) == pytest.approx(seen.t_s, abs=1e-6)
        assert (row["exercise"], int(row["set"]), row["phase"]) == (seen.exercise, seen.set_number, seen.phase.value)
        assert (int(row["rep_count"]), int(row["partial_count"])) == (seen.rep_count, seen.partial_count)
        written = float(row["trunk_thigh_flexion_deg"]) if row["trunk_thigh_flexion_deg"] else math.nan
        if written < -60:
            # No hip can have that angle: the table keeps the number, nothing is drawn of it.
            written = math.nan
        assert math.isnan(written) == math.isnan(state.angle_deg)
        assert math.isnan(written) or 180 - written == pytest.approx(state.angle_deg, abs=0.001)


def check_reps_csv(result, reps):
    listed = [(found["number"], rep) for found in result["sets"] for rep in all_reps(found)]
    assert len(listed) == len(reps)
    for (number, rep), row in zip(listed, reps, strict=True):
        assert (number, rep["number"], rep["partial"]) == (int(row["set"]), int(row["rep"]), row["partial"] == "1")
        assert row[LOCKOUT_RULE] == status_of(rep)
        assert float(row["top_s"]) == pytest.approx(rep["timing"]["top_s"], abs=_MS)


def check_counts(found, own):
    for state in own:
        t_s = state.seen.t_s
        assert state.seen.rep_count == sum(over_s(rep) <= t_s for rep in found["reps"])
        assert state.seen.partial_count == sum(over_s(rep) <= t_s for rep in found["partial_reps"])
    if own:
        assert (own[-1].seen.rep_count, own[-1].seen.partial_count) == (
            len(found["reps"]),
            len(found["partial_reps"]),
        )


def check_phases(found, own):
    """Every phase of every repetition is drawn over its own time, and lasts as long as its tempo says."""
    from_top = find_exercise(found["exercise"]).starts_at is StartsAt.TOP
    begins_s = sorted(begin_s(rep) for rep in all_reps(found))
    for rep in all_reps(found):
        next_s = min((begin for begin in begins_s if begin > begin_s(rep)), default=math.inf)
        spans = [(Phase.TOP, rep["timing"]["top_start_s"], rep["timing"]["top_end_s"])]
        if rep["timing"]["lift_start_s"] is not None:
            spans.append((Phase.LIFT, rep["timing"]["lift_start_s"], rep["timing"]["top_start_s"]))
        if rep["timing"]["lower_s"] is not None:
            first_s = rep["timing"]["start_s"] if from_top else rep["timing"]["top_end_s"]
            spans.append((Phase.LOWER, first_s, first_s + rep["timing"]["lower_s"]))
        for phase, first_s, last_s in spans:
            within = [one.seen for one in own if first_s + _MS < one.seen.t_s < min(last_s, next_s) - _MS]
            assert {seen.phase for seen in within} <= {phase}, (rep["number"], phase)
            assert all(seen.phase_s == pytest.approx(seen.t_s - first_s, abs=_MS) for seen in within)
    # A lift whose start is not seen is drawn from the frame on from which the lifter is.
    unseen = [rep["timing"]["top_start_s"] for rep in all_reps(found) if rep["timing"]["lift_start_s"] is None]
    for top_start_s in unseen:
        before = [one.seen for one in own if one.seen.tracked and top_start_s - 0.2 < one.seen.t_s < top_start_s - _MS]
        assert {seen.phase for seen in before} <= {Phase.LIFT}
    outside = [
        state.seen
        for state in own
        if not any(begin_s(r) <= state.seen.t_s <= over_s(r) for r in all_reps(found))
        and not (state.seen.phase is Phase.LIFT and any(state.seen.t_s < top_s for top_s in unseen))
    ]
    ended_open = any(rep["timing"]["end_s"] is None for rep in all_reps(found))
    allowed = {Phase.IDLE, Phase.BOTTOM} | ({Phase.LOWER} if ended_open else set())
    assert {seen.phase for seen in outside} <= allowed


def check_verdicts(found, own):
    """What the gauge claims is the verdict on the repetition under way, or the one just over; tempo is the report's."""
    ordered = sorted(all_reps(found), key=begin_s)
    for state in own:
        t_s = state.seen.t_s
        begun = [rep for rep in ordered if begin_s(rep) <= t_s]
        spoken = begun[-1] if begun else None
        if state.is_full:
            assert spoken["timing"]["top_start_s"] <= t_s <= spoken["timing"]["top_end_s"]
            assert status_of(spoken) == Status.OK
        if state.is_short:
            assert any(status_of(rep) == Status.FAULT for rep in begun)
        if spoken and t_s >= spoken["timing"]["top_start_s"] and t_s < over_s(spoken):
            judged = status_of(spoken) != Status.NOT_ASSESSED
            assert math.isfinite(state.reached_deg) == judged
            assert state.is_short == (status_of(spoken) == Status.FAULT)
        if state.last_rep:
            last = max((rep for rep in begun if over_s(rep) <= t_s), key=over_s)
            assert (state.last_rep.number, state.last_rep.partial) == (last["number"], last["partial"])
            assert [state.last_rep.timing.lift_s, state.last_rep.timing.hold_s, state.last_rep.timing.lower_s] == [
                last["timing"][name] for name in ("lift_s", "hold_s", "lower_s")
            ]
        back = {
            rule for rep in begun[-2:] for rule in ("lumbar-overextension", "lumbar-rounding") if has_fault(rep, rule)
        }
        assert state.back_faults <= back
    for rep in ordered:
        check_lockout_angle(rep, own)


def has_fault(rep, rule):
    return any(finding["rule"] == rule and finding["status"] == Status.FAULT for finding in rep["findings"])


def check_lockout_angle(rep, own):
    """The angle that the report gives for a top is among those drawn over it."""
    at_top = [
        one.angle_deg for one in own if rep["timing"]["top_start_s"] <= one.seen.t_s <= rep["timing"]["top_end_s"]
    ]
    at_top = [angle for angle in at_top if math.isfinite(angle)]
    if at_top:
        lockout_deg = 180 - rep["lockout_trunk_thigh_flexion_deg"]["value"]
        assert min(at_top) - 0.01 <= lockout_deg <= max(at_top) + 0.01


def check_rejections(result, drawn):
    reasons = {one["reason"].split(":")[0] for found in result["sets"] for one in found["rejected"]}
    said = {state.rejection.removeprefix("Not counted: ") for state in drawn if state.rejection}
    assert said <= reasons
    for found in result["sets"]:
        for one in found["rejected"]:
            inside = [s for s in drawn if one["start_s"] <= s.seen.t_s < one["end_s"]]
            in_rep = [
                s
                for s in inside
                if any(begin_s(r) <= s.seen.t_s for r in all_reps(found) if over_s(r) > one["start_s"])
            ]
            assert all(state.rejection for state in inside if state not in in_rep)


def check_cues(result, captions, drawn):
    """Captions, result and drawn banners are the same; each answers a finding of the repetition that was just over."""
    cues = result["cues"]
    late_s = max(0.0, -result["clip"]["start_s"])
    assert [words for _, _, words in captions] == [cue["text"] for cue in cues]
    for cue, (start_s, end_s, _) in zip(cues, captions, strict=True):
        assert (start_s - late_s, end_s - late_s) == pytest.approx((cue["start_s"], cue["end_s"]), abs=_MS)
        answered_by(result, cue)
    for state in drawn:
        shown = [cue for cue in cues if cue["start_s"] <= state.seen.t_s < cue["end_s"]]
        assert [cue["text"] for cue in shown] == ([state.cue.text] if state.cue else [])
    runs = [cue for cue, _ in groupby(state.cue for state in drawn) if cue]
    assert len(runs) <= len(cues)


def answered_by(result, cue):
    """Assert that *cue* speaks of the repetition that ends where it begins, in its findings' words."""
    for found in result["sets"]:
        reps = sorted(all_reps(found), key=over_s)
        for before, rep in zip([None, *reps[:-1]], reps, strict=True):
            if (
                over_s(rep) == pytest.approx(cue["start_s"], abs=_MS)
                and found["start_s"] <= cue["start_s"] <= found["end_s"]
            ):
                if cue["is_praise"]:
                    assert cue["text"] == PRAISE
                    assert status_of(before, cue["rule"]) == Status.FAULT
                    assert status_of(rep, cue["rule"]) == Status.OK
                else:
                    assert status_of(rep, cue["rule"]) == Status.FAULT
                    assert cue["text"] == find_exercise(found["exercise"]).rule(cue["rule"]).cue
                return
    raise AssertionError(f"no repetition is over at {cue['start_s']} s, where {cue['text']!r} is said")
