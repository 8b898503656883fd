"""The command line: parse, set up, hand over to `hipform.app`. Heavy imports wait inside the commands."""

# The order in which `hipform --help` lists the commands.
from hipform.cli import clips, batch, results, reference, kept, doctor  # noqa: I001
from hipform.cli.main import main

__all__ = ["batch", "clips", "doctor", "kept", "main", "reference", "results"]
