"""The page about segments says how many clips it is from."""

import numpy as np

from scripts.evaluate.segments import Difference, Findings, page


def a_difference(clip, way="segments", **counts):
    none = {"same": 0, "unsure": 0, "contradicted": 0, "missed": 0, "extra": 0}
    flips = ("rep at 2.0 s missed",) if counts.get("missed") else ()
    return Difference(clip=clip, model="lite", way=way, counts=none | counts, flips=flips)


def test_the_page_adds_up_and_lists_what_differs():
    found = [
        a_difference("a.mp4", same=3),
        a_difference("b.mp4", same=2, missed=1),
        a_difference("b.mp4", way="control", same=3),
    ]
    settled = {0.0: np.array([1.0, 3.0]), 2.0: np.array([0.5])}
    text = page(Findings(found=found, settled=settled, n_settled=1, n_whole=5, n_split=4), "the command")
    assert "| lite | segments | 2 | 6 | 5 | 0 | 0 | 1 | 0 |" in text
    assert "| lite | control | 1 | 3 | 3 | 0 | 0 | 0 | 0 |" in text
    assert "Of the 9 rendered" in text
    assert "Of the other 4, 2 were compared." in text
    assert "| b.mp4 | lite | segments | rep at 2.0 s missed |" in text
    assert "| 2 to 3 | 1 | 0.5 | 0.5 |" in text
