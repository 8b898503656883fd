"""The command line: parse, set up, hand over to `hipform.app`. Heavy imports wait inside the commands."""

# The order in which `hipform --help` lists the commands.
from hipform.cli import clips, live, batch, results, reference, kept, doctor  # noqa: I001
from hipform.cli.main import main

__all__ = ["batch", "clips", "doctor", "kept", "live", "main", "reference", "results"]
