"""Cues as WebVTT."""

from hipform.feedback.cues import ShownCue
from hipform.report.captions import captions, write_captions


def cue(start_s, end_s, text):
    return ShownCue(start_s=start_s, end_s=end_s, rule="no-squeeze", text=text)


def test_cues_are_numbered_by_the_clock():
    assert captions([cue(3.8667, 7.8667, "Squeeze"), cue(3725.5, 3729.5, "Hold")]) == (
        "WEBVTT\n\n00:00:03.867 --> 00:00:07.867\nSqueeze\n\n01:02:05.500 --> 01:02:09.500\nHold\n"
    )


def test_a_video_that_is_later_than_its_clip_has_later_captions():
    assert "00:00:00.500 --> 00:00:02.500" in captions([cue(-1.5, 0.5, "x")], late_s=2.0)


def test_a_clip_without_cues_is_a_whole_file_too():
    assert captions([]) == "WEBVTT\n"


def test_signs_of_the_format_are_escaped():
    assert "\nA &lt;b&gt; --&gt; &amp;\n" in captions([cue(0, 1, "A <b> --> &")])


def test_times_round_up_into_the_next_minute():
    assert "00:01:00.000 --> 00:01:00.001" in captions([cue(59.9999, 60.0009, "x")])


def test_the_file_is_written(tmp_path):
    write_captions(tmp_path / "cues.vtt", [cue(0, 1, "Hüfte")])
    assert (tmp_path / "cues.vtt").read_text(encoding="utf-8").endswith("Hüfte\n")
