"""`ted run`: start an instance's pipeline and watch it to its end. `ted runs`: those that were."""

import datetime as dt
import json
import re
import time
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from console import pipeline
from console.phrases import as_typed, counted
from console.target import FOUND_WANTING, Initials, Local, Real, Stage, Target, asking
from runtime.errors import ConfigError
from runtime.job_input import JobInput

_COUNTED = ("planned", "transferred", "extracted")
_LINE_SECONDS = 5  # between two lines where there is no terminal
_SHOWN_RUNS = 10
_UNWATCHED = "no longer watched; the run goes on. Watch it again: ted run --follow"


def run(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WHAT]...",
            show_default=False,
            help="A year (2019), a month (2019-03), or package ids (20190301_2019043); with --follow, the id of a run.",
        ),
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="All that is due since the instance's start year.")] = False,
    year: Annotated[int | None, typer.Option(help="Year to bring in.", show_default=False)] = None,
    month: Annotated[int | None, typer.Option(help="Month of the year.", show_default=False)] = None,
    package: Annotated[list[str] | None, typer.Option(help="Package id; repeatable.", show_default=False)] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Fetch held packages again, in case TED replaced them.")
    ] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Start only; print the id of the run.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Start nothing: watch a run, the newest where none is named.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Start the pipeline, and watch it: planned, transferred, extracted, merged.

    \b
    Examples:
      ted run 2019-03
      ted run 2019 --refresh
      ted run --due
      ted run --follow
      AWS_PROFILE=mine ted run --aws --initials nfr 20190301_2019043 --detach

    What is held and current is skipped. The run goes on when this command is interrupted. Ends with 1 when the run
    ended red.
    """  # fmt: skip
    console = Console(stderr=as_json)
    with asking(local, initials, stage, real, stopped=_UNWATCHED) as target:
        client = target.session.client("stepfunctions")
        by_name = {"year": year, "month": month, "packages": package, "refresh": refresh or None}
        given = {key: value for key, value in by_name.items() if value is not None}
        if follow:
            _refuse_selection([*given, *["due"] * due, *["detach"] * detach])
            execution = pipeline.find(client, target.names, _one_run(what or ()))
        else:
            execution = pipeline.start(client, target.names, selection_of(what or (), given, is_due=due))
        name = execution.rsplit(":", 1)[-1]
        if detach:
            typer.echo(json.dumps({"run": name}) if as_json else name)
            Console(stderr=True).print(as_typed(f"Watch it: ted run --follow {name}"), style="dim", highlight=False)
            return
        console.print(Text(f"{name} ({target.where})", style="dim"), soft_wrap=True)
        report = _watched(target, execution, console)
    if as_json:
        typer.echo(json.dumps(report, indent=1))
    console.print(f"[green]✓[/] {report['summary']}", highlight=False)
    for line in report["attention"]:
        console.print(f"  {line}", style="yellow", markup=False, highlight=False)


def _watched(target: Target, execution: str, console: Console) -> dict[str, Any]:
    """Watch a run to its end; the report. One that ends red ends the command."""
    client, glue = target.session.client("stepfunctions"), target.session.client("glue")
    seconds = pipeline.LOCAL_SECONDS if target.aws else pipeline.AWS_SECONDS
    watch(console, pipeline.follow(client, glue, target.names, execution, seconds=seconds))
    try:
        report: dict[str, Any] = pipeline.result(client, execution)["report"]
    except pipeline.RunFailed as error:
        console.print(Text(as_typed(error.message), style="red"), soft_wrap=True)
        console.print(as_typed("What is missing, and why: ted status"), highlight=False)
        raise typer.Exit(FOUND_WANTING) from error
    return report


def selection_of(what: Sequence[str], given: dict[str, Any], *, is_due: bool, command: str = "run") -> dict[str, Any]:
    """The input of a run or a job: what was named by position or by options, checked before anything is started.

    Parameters
    ----------
    command : of `ted`, for the advice

    Raises
    ------
    ConfigError
        Nothing was named, things that exclude each other were, or what is named cannot be.
    """
    selection, packages = dict(given), list(given.get("packages", ()))
    for word in what:
        if match := re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?", word):
            if selection.keys() & {"year", "month"}:
                raise ConfigError(f"expected one year or month, got {word!r} besides; start a run for each")
            selection["year"] = int(match[1])
            selection |= {"month": int(match[2])} if match[2] else {}
        else:
            packages.append(word)
    if packages:
        selection["packages"] = packages
    named = selection.keys() - {"refresh"}
    if is_due and named:
        raise ConfigError(f"expected --due or {' and '.join(sorted(named))}, got both")
    if not is_due and not named:
        raise ConfigError(
            f"say what is meant: a month (ted {command} 2019-03), a year (ted {command} 2019), "
            f"or all that is due (ted {command} --due)"
        )
    try:
        JobInput.parse(selection, dt.datetime.now(dt.UTC))
    except ConfigError as error:  # its advice is for those who write JSON
        raise ConfigError.of(error.attributes["faults"], f"Right is, for example: ted {command} 2019-03") from error
    return selection


def _refuse_selection(named: Sequence[str]) -> None:
    if named:
        raise ConfigError(f"--follow starts nothing, so leave out: {', '.join(named)}")


def _one_run(what: Sequence[str]) -> str | None:
    if len(what) > 1:
        raise ConfigError(f"expected one run to follow, got {len(what)}: {', '.join(what)}")
    return what[0] if what else None


def watch(console: Console, looks: Iterable[pipeline.Glance]) -> None:
    """Show how far a run is until it ends: bars on a terminal, else a line whenever something has changed."""
    if not console.is_terminal:
        _watch_in_lines(console, looks)
        return
    said = TextColumn("{task.fields[said]}")
    columns = (TextColumn("  {task.description:<12}"), BarColumn(), said, TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bars: dict[str, TaskID] = {name: progress.add_task(name, total=None, said="") for name in _COUNTED}
        for look in looks:
            for name, (completed, total) in _counts(look).items():
                progress.update(bars[name], completed=completed, total=total, said=f"{completed:,}/{total:,}")
            for year, how in look.merges.items():
                name = f"merge {year}"
                if name not in bars:
                    bars[name] = progress.add_task(name, total=None, said="", start=False)
                if how != pipeline.WAITING:
                    progress.start_task(bars[name])
                if how in (pipeline.MERGED, pipeline.FAILED):
                    progress.update(bars[name], total=1, completed=how == pipeline.MERGED)
                    progress.stop_task(bars[name])
                progress.update(bars[name], said=how)


def _watch_in_lines(console: Console, looks: Iterable[pipeline.Glance]) -> None:
    said, said_at = "", 0.0
    for look in looks:
        parts = [f"{name} {completed}/{total}" for name, (completed, total) in _counts(look).items()]
        if look.merges:
            under_way = [str(year) for year, how in look.merges.items() if how == pipeline.MERGING]
            busy = f" (merging {', '.join(under_way)})" if under_way else ""
            parts.append(f"merged {look.merged}/{counted(len(look.merges), 'year')}{busy}")
        line = ", ".join(parts)
        has_ended = look.status in pipeline.ENDED
        if line and line != said and (has_ended or time.monotonic() - said_at >= _LINE_SECONDS):
            console.print(f"  {line}", highlight=False, soft_wrap=True)
            said, said_at = line, time.monotonic()


def _counts(look: pipeline.Glance) -> dict[str, tuple[int, int]]:
    """What is done of what is to be done, by part of the run."""
    return {name: (look.checked[name], look.checked["planned"]) for name in _COUNTED} if look.checked else {}


def runs(
    limit: Annotated[int, typer.Option(min=1, max=100, help="Runs to list at most.")] = _SHOWN_RUNS,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """List the pipeline's runs of the last 90 days, newest first, with what became of them.

    \b
    Examples:
      ted runs
      AWS_PROFILE=mine ted runs --aws --initials nfr --limit 50 --json
    """
    with asking(local, initials, stage, real) as target:
        found = pipeline.list_runs(target.session.client("stepfunctions"), target.names, limit)
    if as_json:
        typer.echo(json.dumps([each.as_dict() for each in found], indent=1))
        return
    console = Console()
    if not found:
        console.print(as_typed(f"{target.title} has not run yet; start it with: ted run --due"), highlight=False)
    for each in found:
        _show_run(each, console)


def _show_run(each: pipeline.Run, console: Console) -> None:
    started = dt.datetime.fromisoformat(each.started_at)
    ended = dt.datetime.fromisoformat(each.ended_at) if each.ended_at else dt.datetime.now(dt.UTC)
    colour = {"succeeded": "green", "running": "cyan"}.get(each.state, "red")
    seconds = int((ended - started).total_seconds())
    console.print(
        Text(f"{started:%Y-%m-%d %H:%M} UTC  ")
        + Text(f"{each.state:<9}", style=colour)
        + Text(f"  {each.asked_for}, {seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"),
        soft_wrap=True,
    )
    console.print(Text(f"  {each.id} ({each.started_by})", style="dim"), soft_wrap=True)
    counts = each.counts
    if counts:
        words = f"  {counts['extracted']:,} of {counted(counts['planned'], 'package')} extracted"
        words += f", {counts['dead_count']:,} dead" if counts.get("dead_count") else ""
        words += f"; of {', '.join(map(str, each.years))}" if each.years else ""
        if "published_notices" in counts:
            words += f"; {counted(counts['published_notices'], 'notice')} published"
        console.print(words, highlight=False)
    for line in each.cause.splitlines():
        console.print(Text(as_typed(f"  {line}"), style="red"))
