from dataclasses import replace

import numpy as np
import pytest

from hipform.analysis.judged_reps import SetResult, Step
from hipform.config import Settings
from hipform.exercises import EXERCISES
from hipform.exercises.findings import LOCKOUT_RULE, Finding, Status
from hipform.feedback.camera_check import CheckItem, CheckReport, ItemState
from hipform.feedback.set_summary import summarise_set
from hipform.feedback.trainer import DoneSet, LiveStage, LiveState
from hipform.pose.poses import Pose
from hipform.render import LEGEND, LiveScreen, Situation, canvas, theme
from hipform.render.live_panels import wrapped
from hipform.render.live_screen import FLASH_S
from hipform.segmentation.phases import Phase
from hipform.texts import Texts
from hipform.types import Estimate, Side

CHECK, COUNTDOWN, SET, REST, SUMMARY = LiveStage
SIZES = [(1280, 720), (720, 1280), (640, 480), (1920, 1080)]
KEYS = (("space", "pause"), ("n", "next exercise"), ("m", "sound"), ("f", "mirror"), ("q", "quit"))
HIP_THRUST = EXERCISES["hip-thrust"]
GREY = 90


@pytest.fixture
def done(make):
    finding = Finding(
        rule="incomplete-lockout",
        status=Status.FAULT,
        text="seen",
        measured=Estimate(25, 3, "deg"),
        limit=10,
        excess=15,
    )
    ok = [Finding(rule=rule.id, status=Status.OK, text="fine") for rule in HIP_THRUST.rules[1:]]
    reps = tuple(replace(make.rep(number), findings=(finding, *ok)) for number in (1, 2, 3))
    result = SetResult(
        number=1, exercise="hip-thrust", start_s=0, end_s=20, side=Side.RIGHT, view_off_deg=5.0, reps=reps
    )
    return DoneSet(number=1, exercise=HIP_THRUST, result=result, summary=summarise_set(HIP_THRUST, result))


def report(advice="Move the camera about 25 degrees toward your feet", state=ItemState.WRONG):
    items = [CheckItem(name="Side view", state=state, advice=advice), CheckItem(name="Light", state=ItemState.UNKNOWN)]
    return CheckReport(items=tuple(items), ready=not advice, advice=advice)


@pytest.fixture
def states(make, done):
    step = Step(observation=make.observation())
    plain = LiveState(t_s=5.0, stage=CHECK, exercise=HIP_THRUST, n_sets=3, step=step)
    return {
        "check": replace(plain, check=report()),
        "ready": replace(plain, check=report("", ItemState.OK)),
        "countdown": replace(plain, stage=COUNTDOWN, countdown_s=2.2),
        "recognising": replace(plain, stage=SET, step=None, exercise=None, recognised=True),
        "set": replace(plain, stage=SET, rep_count=3),
        "cue": replace(plain, stage=SET, rep_count=3, cue=make.cue, last_rep=make.rep(3)),
        "rest": replace(plain, stage=REST, set_number=2, rest_left_s=64.3, done=(done,)),
        "rest without a timer": replace(plain, stage=REST, set_number=2, done=(done,)),
        "summary": replace(plain, stage=SUMMARY, done=(done, replace(done, number=2))),
        "paused": replace(plain, paused=True, step=None),
    }


NAMES = (
    "check", "ready", "countdown", "recognising", "set", "cue", "rest", "rest without a timer", "summary", "paused"
)  # fmt: skip


def picture(width=1280, height=720):
    return np.full((height, width, 3), GREY, np.uint8)


def drawn(make, state, size=(1280, 720), pose=None, situation=None, keys=KEYS, screen=None):
    screen = screen or LiveScreen(make.info(*size), Settings(), keys)
    return screen.draw(picture(*size), pose or make.pose(*size), state, situation or Situation())


def empty(make, size=(1280, 720)):
    """Return the screen with the frame and nothing else."""
    return drawn(make, LiveState(t_s=0.0, stage=CHECK), size, Pose.unseen(0.0), keys=())


def changed(one, other):
    return (one != other).any(axis=2)


@pytest.mark.parametrize("size", SIZES)
def test_every_state_is_drawn_in_every_size(make, states, size):
    plain = empty(make, size)
    for name in NAMES:
        image = drawn(make, states[name], size, keys=())
        assert image.shape == plain.shape
        assert changed(image, plain).mean() > 0.01, name


@pytest.mark.parametrize("size", SIZES[:2])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "paused"])
def test_nothing_covers_the_lifter(make, states, name, size):
    situation = Situation(recording=True, muted=True, notice="slower machine: lite model")
    frame = np.full((size[1], size[0], 3), (255, 0, 255), np.uint8)
    state = replace(states[name], arm_held_s=1.0)
    image = LiveScreen(make.info(*size), Settings(), KEYS).draw(frame, Pose.unseen(5.0), state, situation)
    of_frame = (image == (255, 0, 255)).all(axis=2)
    rows, columns = np.nonzero(of_frame)
    box = of_frame[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert box.all()
    assert box.shape[1] / box.shape[0] == pytest.approx(size[0] / size[1], rel=0.04)
    assert box.shape[0] > (0.2 if state.stage in {REST, SUMMARY} else 0.8) * image.shape[0]


@pytest.mark.parametrize("name", ["cue", "rest", "summary"])
def test_what_to_change_is_written_large(make, states, name):
    """5 % of the shorter side are 9 mm on a laptop's screen: ten minutes of arc at three metres."""
    rows = (drawn(make, states[name])[:, 1280 * (name == "cue") :] == theme.YELLOW).all(axis=2).any(axis=1)
    heights = np.diff(np.flatnonzero(np.diff(np.r_[0, rows, 0])))[::2]
    assert heights.max() >= 0.05 * 720


def test_in_german_nothing_is_written_in_english(make, states, monkeypatch):
    missing = []
    monkeypatch.setattr(Texts, "_untranslated", lambda _, text: missing.append(text) or text)
    situation = Situation(recording=True, muted=True, notice="Slow machine: using the lite model")
    for name in NAMES:
        screen = LiveScreen(make.info(640, 360), Settings(), LEGEND, Texts("de"))
        state = replace(states[name], arm_held_s=1.0 if name in {"check", "rest"} else 0.0)
        drawn(make, state, (640, 360), situation=situation, screen=screen)
    # Keys that are letters stay.
    assert {text for text in missing if len(text) > 1} == set()


def test_no_two_states_look_the_same(make, states):
    images = [drawn(make, states[name]) for name in NAMES]
    for number, image in enumerate(images):
        assert all(changed(image, other).any() for other in images[number + 1 :])


@pytest.mark.parametrize("name", NAMES)
def test_nobody_in_view_is_no_error(make, states, name):
    assert changed(drawn(make, states[name], pose=Pose.unseen(5.0), keys=()), empty(make)).any()


@pytest.mark.parametrize("name", NAMES)
def test_without_keys_there_is_no_legend(make, states, name):
    with_keys, without = drawn(make, states[name]), drawn(make, states[name], keys=())
    assert with_keys.shape[0] > without.shape[0]


def test_an_image_of_another_size_is_rejected(make, states):
    screen = LiveScreen(make.info(1280, 720), Settings())
    with pytest.raises(ValueError, match="expected 1280 x 720"):
        screen.draw(picture(640, 480), make.pose(), states["set"], Situation())


# --------------------------------------------------------------------------------------------------------- the mirror


def test_mirroring_flips_the_image_and_the_lifter_but_not_the_text(make, states):
    left, right = np.indices((720, 1280))[1] < 640, np.indices((720, 1280))[1] >= 640
    image = picture()
    image[left], image[right] = 20, 230
    screen = LiveScreen(make.info(1280, 720), Settings())
    frame = image
    image = screen.draw(frame, make.pose(1280, 720), states["countdown"], Situation(mirrored=True))
    assert (image[700, 5, 0], image[700, 1275, 0]) == (230, 20)
    assert frame[700, 5, 0] == 20
    plain = screen.draw(frame, make.pose(1280, 720), states["countdown"], Situation())
    ear_y, ear_x = round(0.40 * 720), round(0.33 * 1280)
    assert plain[ear_y, ear_x].tolist() == image[ear_y, 1279 - ear_x].tolist() == list(theme.WHITE)
    assert plain[ear_y, 1279 - ear_x, 0] == 230
    assert (plain[:720, 1280:] == image[:720, 1280:]).all()


def test_the_hip_angle_is_on_the_same_side_of_the_body_when_mirrored(make, states):
    # The front of the body is above the lifter: the panel with the angle must not change to below.
    plain = drawn(make, states["set"], keys=())
    mirrored = drawn(make, states["set"], keys=(), situation=Situation(mirrored=True))
    rows = [
        np.nonzero(changed(image[:720, :1280], picture())[:, 500:800].any(axis=1))[0] for image in (plain, mirrored)
    ]
    assert rows[0].min() == pytest.approx(rows[1].min(), abs=12)


def test_mirroring_does_not_change_the_pose(make, states):
    pose = make.pose(1280, 720)
    before = pose.image_px.copy()
    drawn(make, states["set"], pose=pose, situation=Situation(mirrored=True))
    assert np.array_equal(pose.image_px, before)


# ------------------------------------------------------------------------------------------------------- counted reps


def edge_is_green(image):
    return tuple(image[2, 640]) == theme.REACHED


@pytest.mark.parametrize(
    ("status", "other", "color"),
    [
        (Status.OK, Status.OK, theme.REACHED),
        (Status.OK, Status.FAULT, theme.SHORT),
        (Status.FAULT, Status.OK, theme.SHORT),
        (Status.NOT_ASSESSED, Status.OK, theme.MUTED),
    ],
)
def test_only_a_rep_without_a_fault_flashes_green(make, states, status, other, color):
    findings = tuple(
        Finding(rule=rule, status=one, text="", measured=Estimate(1.0, 1.0, "deg"), limit=10.0)
        for rule, one in ((LOCKOUT_RULE, status), ("no-squeeze", other))
    )
    counted = replace(states["set"], t_s=6.0, rep_count=4, last_rep=make.rep(4, findings=findings))
    assert tuple(drawn(make, counted)[2, 640]) == color


def test_a_repetition_that_counts_flashes_for_a_moment(make, states):
    screen = LiveScreen(make.info(1280, 720), Settings())
    before = replace(states["set"], rep_count=3, last_rep=make.rep(3))
    first = drawn(make, before, screen=screen)
    counted = replace(before, rep_count=4, t_s=6.0, last_rep=make.rep(4))
    flashing = drawn(make, counted, screen=screen)
    still = drawn(make, replace(counted, t_s=6.0 + 0.8 * FLASH_S), screen=screen)
    later = drawn(make, replace(counted, t_s=6.0 + 1.2 * FLASH_S), screen=screen)
    assert [edge_is_green(image) for image in (first, flashing, still, later)] == [True, True, True, False]


def test_a_rep_that_is_not_judged_yet_does_not_flash_in_the_colour_of_the_one_before(make, states):
    announced = replace(states["set"], t_s=6.0, rep_count=4, last_rep=make.rep(3))
    assert tuple(drawn(make, announced)[2, 640]) == theme.MUTED


def test_the_count_shown_is_the_announced_one(make, states):
    seen = states["set"].step.observation
    ahead = drawn(make, replace(states["set"], rep_count=seen.rep_count + 1))
    assert changed(ahead[:, 1280:], drawn(make, states["set"])[:, 1280:])[30:].any()


def test_the_screen_starts_fresh_with_each_set(make, states):
    screen = LiveScreen(make.info(1280, 720), Settings())
    drawn(make, states["set"], screen=screen)
    drawn(make, states["rest"], screen=screen)
    again = replace(states["set"], rep_count=1, t_s=99.0, last_rep=make.rep(1))
    assert edge_is_green(drawn(make, again, screen=screen))


# ----------------------------------------------------------------------------------------------------------- the marks


@pytest.mark.parametrize("name", ["check", "set", "rest", "paused"])
@pytest.mark.parametrize(
    "situation",
    [Situation(recording=True), Situation(muted=True), Situation(notice="slower machine: lite model")],
    ids=["recording", "muted", "notice"],
)
def test_the_situation_is_shown(make, states, name, situation):
    assert changed(drawn(make, states[name], situation=situation), drawn(make, states[name])).any()


def test_marks_differ_by_more_than_their_colour():
    patterns = []
    for badge in (canvas.check_badge, canvas.cross_badge, canvas.question_badge):
        image = np.full((60, 60, 3), GREY, np.uint8)
        badge(image, (30, 30), 20)
        patterns.append(image[18:43, 18:43].mean(axis=2).ravel())
    alike = np.abs(np.corrcoef(patterns))[np.triu_indices(3, 1)]
    assert alike.max() < 0.7


def test_the_phase_is_shown_in_the_set(make, states):
    lowering = replace(states["set"].step, observation=make.observation(phase=Phase.LOWER))
    assert changed(drawn(make, replace(states["set"], step=lowering)), drawn(make, states["set"])).any()


def test_text_wraps_between_words():
    lines = wrapped("Squeeze and drive hips up to the top", 20, 200)
    assert " ".join(lines) == "Squeeze and drive hips up to the top"
    assert len(lines) > 1
    assert all(canvas.text_width(line, 20) <= 200 for line in lines)
