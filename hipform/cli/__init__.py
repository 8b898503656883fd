"""The command line: parse options, set up, call `hipform.app`. Heavy imports happen inside the commands."""

# The order in which `hipform --help` lists the commands.
from hipform.cli import (  # noqa: I001
    app_command,
    analyze_command,
    live_command,
    batch_command,
    result_commands,
    reference_commands,
    history_commands,
    doctor_command,
)
from hipform.cli.main import main

__all__ = [
    "analyze_command",
    "app_command",
    "batch_command",
    "doctor_command",
    "history_commands",
    "live_command",
    "main",
    "reference_commands",
    "result_commands",
]
