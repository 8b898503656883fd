"""Run hipform over clips with known answers and write down how right it was; see ``__main__`` for the commands."""
