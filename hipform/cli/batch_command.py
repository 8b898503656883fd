"""`hipform batch`: many clips at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipform.cli.analyze_command import FastOption, FpsOption, PoseFormatName, SizeOption, ViewOption
from hipform.cli.console import say, terminal
from hipform.cli.paths import named
from hipform.cli.result_commands import EmbedOption, LanguageOption
from hipform.cli.root import ConfigOption, Panel, app, example, parse_size_px, settings_of
from hipform.cli.sets import ModelOption
from hipform.errors import BatchError
from hipform.interruption import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    from hipform.batch import Batch
    from hipform.batch.workers import Engine


@app.command(
    rich_help_panel=Panel.MANY,
    epilog=example("batch clips/ --out results/", "batch week.csv --out results/ --watch"),
)
def batch(  # noqa: PLR0913 - one argument for each option
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            parser=named,
            help="Clips, folders, patterns, URLs, or a .csv of path, exercise, athlete, date, load, note.",
        ),
    ],
    *,
    out: Annotated[
        str,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            parser=named,
            help="Folder or URL for the results; each clip gets a folder in it.",
        ),
    ],
    exercise: Annotated[
        str, typer.Option("--exercise", "-e", help="Exercise in all clips; auto recognises it.")
    ] = "auto",
    model: ModelOption = "heavy",
    config: ConfigOption = None,
    athlete: Annotated[
        str | None,
        typer.Option("--athlete", metavar="NAME", help="The athlete in all clips; saves the sets to the history."),
    ] = None,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Save nothing to the history, even if athletes are named.")
    ] = False,
    fast: FastOption = False,
    embed: EmbedOption = False,
    language: LanguageOption = "en",
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", min=1, help="Clips to process at a time [as cores and memory allow]."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="MINUTES", min=0.01, help="Time limit for one clip.")
    ] = 60.0,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Retry clips that failed before, even if nothing has changed.")
    ] = False,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Keep running and analyse new clips as they arrive, one at a time, until Ctrl-C."),
    ] = False,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help="Use a Dask cluster, such as tcp://host:8786."),
    ] = None,
    pose_format: Annotated[
        PoseFormatName | None,
        typer.Option("--pose-format", help="The inputs are landmark files of another tool, in this format."),
    ] = None,
    fps: FpsOption = None,
    size: SizeOption = None,
    view_deg: ViewOption = None,
) -> None:
    """Analyse many clips; running the same command again resumes, and redoes only what has changed."""
    from hipform.batch import Analysis, Batch  # noqa: PLC0415
    from hipform.exercises import AUTO, find_exercise  # noqa: PLC0415
    from hipform.training import training_facts  # noqa: PLC0415

    if scheduler and workers:
        raise typer.BadParameter("the cluster has its own workers; omit this option.", param_hint="--workers")
    if exercise != AUTO:
        find_exercise(exercise)
    analysis = Analysis(
        exercise=exercise,
        model=model,
        settings=settings_of(config),
        embed=embed,
        language=language,
        fast=fast,
        training=training_facts(athlete, None, None, None),
        pose_format=pose_format.value if pose_format else None,
        fps=fps,
        size_px=None if size is None else parse_size_px(size),
        view_deg=view_deg,
    )
    asked = Batch(
        inputs=inputs,
        out=out,
        analysis=analysis,
        engine=_engine(scheduler, 1 if watch else workers, time_limit * 60),
        retry_failed=retry_failed,
        keep_history=not no_history,
    )
    if watch:
        _watch(asked)
    else:
        _run(asked)


def _engine(scheduler: str | None, workers: int | None, limit_s: float) -> Callable[[Path], Engine]:
    from hipform.batch import Cluster, LocalWorkers, best_count  # noqa: PLC0415

    if scheduler:
        return lambda _work: Cluster(scheduler, limit_s)
    return lambda work: LocalWorkers(workers or best_count(), limit_s, work)


def _run(asked: Batch) -> None:
    from hipform.batch import run_batch  # noqa: PLC0415
    from hipform.batch.overview import PAGE  # noqa: PLC0415
    from hipform.cli.batch_display import BatchDisplay, counted, show_outcomes  # noqa: PLC0415

    console = terminal()
    try:
        with BatchDisplay() as display:
            outcomes = run_batch(asked, display)
    except Interrupted:
        say(console, "Finished clips are kept; run the same command again to resume.")
        raise
    show_outcomes(console, outcomes)
    say(console, f"Open {asked.out.rstrip('/')}/{PAGE}")
    if outcomes.failed:
        raise BatchError(f"{counted(outcomes.failed, 'clip')} failed.", f"{PAGE} lists the reasons.")


def _watch(asked: Batch) -> None:
    from hipform.batch import watch  # noqa: PLC0415
    from hipform.cli.batch_display import BatchDisplay  # noqa: PLC0415

    with BatchDisplay(every_clip=True) as display:
        watch(asked, display)
