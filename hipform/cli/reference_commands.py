"""`hipform rules` and `hipform exercises`: what is judged, and with which limits."""

from __future__ import annotations

from typing import Annotated

import typer

from hipform.cli.console import print_json, terminal
from hipform.cli.root import AsJsonOption, ConfigOption, ExerciseFileOption, Panel, app, example, settings_of


@app.command(rich_help_panel=Panel.SET_UP, epilog=example("rules --exercise deadlift"))
def rules(
    exercise: Annotated[
        str | None, typer.Option("--exercise", "-e", metavar="EXERCISE", help="Only the limits of this exercise.")
    ] = None,
    config: ConfigOption = None,
    as_json: AsJsonOption = False,  # noqa: FBT002 - typer reads the default
    _exercise_file: ExerciseFileOption = None,
) -> None:
    """Print every limit and setting with its value, bounds, meaning and basis."""
    from hipform.exercises import find_exercise  # noqa: PLC0415
    from hipform.report.reference_data import settings_data  # noqa: PLC0415
    from hipform.report.terminal_text import rules_list  # noqa: PLC0415

    chosen = find_exercise(exercise) if exercise else None
    if as_json:
        print_json(settings_data(settings_of(config), chosen))
    else:
        terminal().print(rules_list(settings_of(config), chosen))


@app.command(rich_help_panel=Panel.ANALYSE, epilog=example("exercises hip-thrust"))
def exercises(
    exercise: Annotated[
        str | None, typer.Argument(metavar="EXERCISE", help="Exercise to show, such as hip-thrust or deadlift:sumo.")
    ] = None,
    config: ConfigOption = None,
    as_json: AsJsonOption = False,  # noqa: FBT002 - typer reads the default
    _exercise_file: ExerciseFileOption = None,
) -> None:
    """List the exercises that hipform can judge; with EXERCISE, show how to film it, its rules and its limits."""
    from hipform.exercises import EXERCISES, find_exercise  # noqa: PLC0415
    from hipform.report.exercise_page import exercise_page  # noqa: PLC0415
    from hipform.report.reference_data import exercise_data  # noqa: PLC0415
    from hipform.report.terminal_text import exercises_table  # noqa: PLC0415

    console = terminal()
    if as_json:
        chosen = [find_exercise(exercise)] if exercise else EXERCISES.values()
        print_json([exercise_data(one, settings_of(config)) for one in chosen])
    elif exercise is not None:
        console.print(exercise_page(console, exercise, settings_of(config)))
    elif config:
        raise typer.BadParameter("the list shows no limits; name an exercise as well.", param_hint="--config")
    else:
        console.print(exercises_table())
