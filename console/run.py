"""`ted run`: start an instance's pipeline and watch it to its end."""

import json
import time
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from console import pipeline
from console.target import Initials, Local, Real, Stage, asking

_COUNTED = ("planned", "transferred", "extracted")
_MERGED = "merged years"
_LINE_SECONDS = 5  # between two lines where there is no terminal


def run(
    year: Annotated[int | None, typer.Option(help="Year to bring in; none is all that is due.")] = None,
    month: Annotated[int | None, typer.Option(help="Month of the year.")] = None,
    package: Annotated[list[str] | None, typer.Option(help="Package id, as in 20190301_2019043; repeatable.")] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Fetch held packages again, in case TED replaced them.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Start the pipeline, and watch it: planned, transferred, extracted, merged.

    \b
    ted run --year 2019 --month 3
    ted run
    AWS_PROFILE=mine ted run --aws --initials nfr --package 20190301_2019043

    The run goes on when this command is interrupted. Ends with 1 when the run ended red.
    """
    console = Console(stderr=as_json)
    asked = {"year": year, "month": month, "packages": package, "refresh": refresh or None}
    with asking(local, initials, stage, real, stopped="no longer watched; the run goes on") as target:
        client = target.session.client("stepfunctions")
        selection = {key: value for key, value in asked.items() if value is not None}
        execution = pipeline.start(client, target.names, selection)
        console.print(f"[dim]{execution} ({target.where})[/]", highlight=False, soft_wrap=True)
        watch(console, pipeline.follow(client, target.session.client("glue"), target.names, execution))
        report: dict[str, Any] = pipeline.result(client, execution)["report"]
    if as_json:
        typer.echo(json.dumps(report, indent=1))
    console.print(f"[green]✓[/] {report['summary']}", highlight=False)
    for line in report["attention"]:
        console.print(f"  {line}", style="yellow", markup=False, highlight=False)


def watch(console: Console, looks: Iterable[pipeline.Glance]) -> None:
    """Show how far a run is until it ends: bars on a terminal, else a line whenever something has changed."""
    if not console.is_terminal:
        _watch_in_lines(console, looks)
        return
    columns = (TextColumn("  {task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bars: dict[str, TaskID] = {name: progress.add_task(name, total=None) for name in (*_COUNTED, _MERGED)}
        for look in looks:
            for name, (completed, total) in _counts(look).items():
                progress.update(bars[name], completed=completed, total=total)


def _watch_in_lines(console: Console, looks: Iterable[pipeline.Glance]) -> None:
    said, said_at = "", 0.0
    for look in looks:
        line = ", ".join(f"{name} {completed}/{total}" for name, (completed, total) in _counts(look).items())
        has_ended = look.status in pipeline.ENDED
        if line and line != said and (has_ended or time.monotonic() - said_at >= _LINE_SECONDS):
            console.print(f"  {line}", highlight=False)
            said, said_at = line, time.monotonic()


def _counts(look: pipeline.Glance) -> dict[str, tuple[int, int]]:
    """What is done of what is to be done, by part of the run."""
    if not look.checked:
        return {}
    counts = {name: (look.checked[name], look.checked["planned"]) for name in _COUNTED}
    if look.checked["done"]:
        counts[_MERGED] = (look.merged, len(look.checked["years"]))
    return counts
