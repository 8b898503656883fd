"""Small clips made on the spot, as for the tests of the video files."""

from tests.video.conftest import make_clip, make_sound

__all__ = ["make_clip", "make_sound"]
