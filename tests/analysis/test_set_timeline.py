"""The state of finished sets at any moment."""

from dataclasses import replace

import pytest

from hipform.analysis.judged_reps import Gap, SetResult
from hipform.analysis.set_timeline import SetTimeline
from hipform.segmentation.phases import Phase
from hipform.types import Side
from tests.report.made import rep


def set_of(only, **other):
    """Return a set of four seconds with one repetition."""
    facts = {"start_s": 0.0, "end_s": 4.0, "side": Side.RIGHT, "view_off_deg": 5.0, **other}
    return SetResult(number=1, exercise="glute-bridge", reps=(only,), **facts)


@pytest.mark.parametrize(("lowers", "phase"), [(False, Phase.TOP), (True, Phase.LOWER)])
def test_the_last_frame_of_a_clip_that_ends_at_the_top_shows_no_lowering(lowers, phase):
    only = rep(1, start_s=0.0, end_s=4.0)
    timing = only.timing if lowers else replace(only.timing, end_s=None, lower_s=None)
    found = set_of(replace(only, timing=timing))
    timeline = SetTimeline([found])
    assert timeline.at(timing.top_end_s).phase is phase
    assert timeline.at(timing.top_end_s + 0.03).phase is Phase.LOWER
    assert timeline.at(timing.top_end_s).rep_count == int(not lowers)


def test_a_clip_that_begins_in_mid_lift_shows_the_lift_from_where_the_lifter_is_seen():
    only = rep(1, start_s=0.0, end_s=4.0)
    timing = replace(only.timing, start_s=None, lift_start_s=None, lift_s=None)
    found = set_of(
        replace(only, timing=timing),
        gaps=(Gap(start_s=0.0, end_s=0.5, reason="not seen"),),
    )
    timeline = SetTimeline([found])
    moments_s = (0.4, 0.5, timing.top_start_s - 0.01, timing.top_start_s)
    assert [timeline.at(t_s).phase for t_s in moments_s] == [Phase.IDLE, Phase.LIFT, Phase.LIFT, Phase.TOP]
    assert SetTimeline([replace(found, gaps=())]).at(0.0).phase is Phase.LIFT
