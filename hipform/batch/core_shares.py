"""How many cores each clip of a batch may use: a few clips share all cores, many clips get one each."""

from __future__ import annotations


class CoreShares:
    """Divides the cores of this machine among the clips that run at the same time.

    Parameters
    ----------
    cores
        Cores to divide.
    n_at_a_time
        Maximum number of clips at a time; if it exceeds the number of cores, each clip gets one core.
    """

    def __init__(self, cores: int, n_at_a_time: int) -> None:
        self._free = cores
        self._n_at_a_time = n_at_a_time
        self._taken: dict[str, int] = {}

    def take(self, name: str, n_waiting: int) -> int:
        """Return the number of cores for the clip *name*; *n_waiting* clips, including it, have yet to start."""
        n_beginning = max(1, min(n_waiting, self._n_at_a_time - len(self._taken)))
        self._taken[name] = max(1, self._free // n_beginning)
        self._free -= self._taken[name]
        return self._taken[name]

    def give_back(self, name: str) -> None:
        """Release the cores of the clip *name*, which is done."""
        self._free += self._taken.pop(name)
