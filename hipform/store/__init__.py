"""What is kept from one analysis to the next: the history of sets, in one file on this computer."""

from hipform.store.history import History, history_path
from hipform.store.kept import kept_set

__all__ = ["History", "history_path", "kept_set"]
