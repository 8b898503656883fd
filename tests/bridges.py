"""The exercises whose lifters `tests.synthetic.film_exercise` can film lying, one of each way to move.

A barbell hip thrust moves as a hip thrust does; tests/exercises and the goldens tell them apart.
"""

import pytest

BRIDGES = ("glute-bridge", "single-leg-glute-bridge", "hip-thrust")
every_bridge = pytest.mark.parametrize("slug", BRIDGES)
