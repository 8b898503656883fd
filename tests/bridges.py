"""The exercises whose lifters `tests.synthetic.film_exercise` can film lying: every bridge and thrust."""

import pytest

BRIDGES = ("glute-bridge", "single-leg-glute-bridge", "hip-thrust", "barbell-hip-thrust")
every_bridge = pytest.mark.parametrize("slug", BRIDGES)
