import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipform.batch.core_shares import CoreShares


@pytest.mark.parametrize(
    ("cores", "at_a_time", "clips", "shares"),
    [
        (8, 8, 1, [8]),
        (8, 8, 3, [2, 3, 3]),
        (8, 8, 8, [1] * 8),
        (8, 2, 5, [4, 4]),
        (2, 1, 5, [2]),
        (2, 4, 4, [1, 1, 1, 1]),
    ],
)
def test_the_first_clips_share_the_cores(cores, at_a_time, clips, shares):
    divided = CoreShares(cores, at_a_time)
    assert [divided.take(str(number), clips - number) for number in range(min(clips, at_a_time))] == shares


def test_the_last_clip_takes_what_the_others_gave_back():
    shares = CoreShares(4, 4)
    for number in range(4):
        assert shares.take(str(number), 5 - number) == 1
    for number in range(3):
        shares.give_back(str(number))
    assert shares.take("4", 1) == 3


@given(st.integers(1, 16), st.integers(1, 16), st.integers(1, 40), st.randoms(use_true_random=False))
def test_no_core_is_given_twice_unless_there_are_more_clips_than_cores(cores, at_a_time, clips, random):
    shares, running, waiting = CoreShares(cores, at_a_time), {}, clips
    while waiting or running:
        while waiting and len(running) < at_a_time:
            running[str(waiting)] = shares.take(str(waiting), waiting)
            waiting -= 1
        assert min(running.values()) >= 1
        assert sum(running.values()) <= max(cores, len(running))
        done = random.choice(sorted(running))
        del running[done]
        shares.give_back(done)
