"""Which clip of a batch may use how many cores: few clips share all of them, many have one each."""

from __future__ import annotations


class CoreShares:
    """Divides the cores of this machine among the clips that are analysed at a time.

    Parameters
    ----------
    cores
        Cores to divide.
    n_at_a_time
        Most clips at a time; more than there are cores make each have one.
    """

    def __init__(self, cores: int, n_at_a_time: int) -> None:
        self._free = cores
        self._n_at_a_time = n_at_a_time
        self._taken: dict[str, int] = {}

    def take(self, name: str, n_waiting: int) -> int:
        """Return how many cores the clip *name* has; *n_waiting* are to begin now or later, itself included."""
        n_beginning = max(1, min(n_waiting, self._n_at_a_time - len(self._taken)))
        self._taken[name] = max(1, self._free // n_beginning)
        self._free -= self._taken[name]
        return self._taken[name]

    def give_back(self, name: str) -> None:
        """Take note that the clip *name* is done."""
        self._free += self._taken.pop(name)
