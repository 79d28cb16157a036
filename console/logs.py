"""`ted logs`: what functions, merges and runs wrote, as lines that a person can read."""

import datetime as dt
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from console import pipeline
from console.phrases import as_typed
from console.target import Initials, Local, Real, Stage, Target, asking
from runtime.buckets import aws_errors
from runtime.errors import ConfigError, TerminalError

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

FUNCTIONS = (
    "start-transfer-job",
    "process-transfers",
    "start-extract-job",
    "process-extractions",
    "check-progress",
    "reconcile",
    "expire-sandbox",
)
GLUE, RUN = "glue", "run"
_FOLLOW_SECONDS = 2.0
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
# Lines of the Lambda service about a call; what it says of one that broke off begins otherwise.
_PLATFORM = re.compile(r"(INIT_START|START RequestId|END RequestId|REPORT RequestId|XRAY TraceId)\b")
# Of a structured line: what is said first, or of use to a machine alone.
_LEFT_OUT = frozenset(
    ("level", "location", "message", "timestamp", "service", "cold_start", "function_name", "function_memory_size",
     "function_arn", "function_request_id", "xray_trace_id", "exception_name", "stack_trace")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line: when, who wrote it, and what."""

    at: dt.datetime
    source: str
    text: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; a structured line as what it holds."""
        return {"at": self.at.isoformat(timespec="milliseconds"), "source": self.source, "line": _value(self.text)}

    def for_people(self) -> str | None:
        """The line in short; None for one that says nothing."""
        value = _value(self.text)
        if isinstance(value, str) and (not value.strip() or _PLATFORM.match(value)):
            return None
        if isinstance(value, dict):
            if "_aws" in value:  # a metric
                return None
            more = [f"{name}={_short(found)}" for name, found in value.items() if name not in _LEFT_OUT]
            value = " ".join([f"{value.get('level', '')} {value.get('message', '')}".strip(), *more])
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.source}  {value.rstrip()}"


def logs(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WHAT] [ID]",
            show_default=False,
            help=f"A function ({', '.join(FUNCTIONS)}), glue (the merges), or run and perhaps its id. Nothing is all "
            "functions.",
        ),
    ] = None,
    since: Annotated[str, typer.Option(help="How far back: 90s, 30m, 2h, 7d. A run is shown whole.")] = "1h",
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on until interrupted, or until the run has ended.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line, and every line.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Show what functions, merges and runs logged, oldest first.

    \b
    Examples:
      ted logs process-transfers --since 30m
      ted logs glue
      ted logs run
      AWS_PROFILE=mine ted logs --aws --initials nfr --follow

    Of a run it shows the states that it went through, and what failed. Ends with 0 whatever the lines say.
    """
    out = Console(highlight=False, soft_wrap=True, markup=False)
    shown = 0
    with asking(local, initials, stage, real, stopped="no longer followed") as target:
        beginning = dt.datetime.now(dt.UTC) - _span(since)
        for line in _lines(target, list(what or ()), beginning, follow=follow):
            text = json.dumps(line.as_dict(), ensure_ascii=False) if as_json else line.for_people()
            if text is not None:
                out.print(text)
                shown += 1
    if not shown:
        again = " ".join(["ted logs", *(what or ()), "--since 7d"])
        said = f"{target.title}: no line in the last {since}; look further back: {again}"
        Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(as_typed(said))


def _lines(target: Target, what: Sequence[str], beginning: dt.datetime, *, follow: bool) -> Iterator[Line]:
    kind, *more = what or ["functions"]
    if more and (kind != RUN or len(more) > 1):
        raise ConfigError(f"expected one of {', '.join((*FUNCTIONS, GLUE, RUN))}, got {' '.join(what)!r}")
    if kind == RUN:
        client = target.session.client("stepfunctions")
        yield from _of_run(client, pipeline.find(client, target.names, more[0] if more else None), follow=follow)
    elif kind == GLUE and target.aws:
        yield from _of_local_merges(target.aws.folder / "glue" / target.names.merge_job, beginning, follow=follow)
    elif kind == GLUE:
        groups = {f"/aws-glue/jobs/{target.names.merge_job}/{stream}": stream for stream in ("output", "error")}
        yield from _of_groups(target.session.client("logs"), groups, beginning, follow=follow)
    elif kind == "functions" or kind in FUNCTIONS:
        chosen = FUNCTIONS if kind == "functions" else (kind,)
        groups = {f"/aws/lambda/{target.names.of(name)}": name for name in chosen}
        yield from _of_groups(target.session.client("logs"), groups, beginning, follow=follow)
    else:
        raise ConfigError(f"nothing that logs is called {kind!r}: expected one of {', '.join((*FUNCTIONS, GLUE, RUN))}")


def _of_groups(client: Any, groups: Mapping[str, str], beginning: dt.datetime, *, follow: bool) -> Iterator[Line]:
    """Lines of some log groups in the order of their times; with `follow`, without end."""
    since, known = round(beginning.timestamp() * 1000), set[str]()
    while True:
        found: list[Line] = []
        newest = since
        for group, source in groups.items():
            for event in _events(client, group, since):
                key = event.get("eventId") or f"{group} {event['timestamp']} {event['message']}"
                if key not in known:
                    known.add(key)
                    newest = max(newest, event["timestamp"])
                    at = dt.datetime.fromtimestamp(event["timestamp"] / 1000, dt.UTC)
                    found += [Line(at, source, text) for text in event["message"].splitlines()]
        yield from sorted(found, key=lambda line: line.at)
        if not follow:
            return
        # Lines arrive late and out of order, so the last half minute is read again.
        since = max(since, newest - 30_000)
        time.sleep(_FOLLOW_SECONDS)


def _events(client: Any, group: str, since: int) -> list[Any]:
    try:
        with aws_errors(f"read log group {group}"):
            pages = client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
            return [event for page in pages for event in page["events"]]
    except TerminalError as error:
        if error.attributes.get("code") == "ResourceNotFoundException":
            return []  # nothing was ever written to it
        raise


def _of_local_merges(folder: Path, beginning: dt.datetime, *, follow: bool) -> Iterator[Line]:
    """Lines of the merges that ran on this machine, which keeps each run's in a file of a folder of its own."""
    known: dict[Path, int] = {}
    while True:
        for written, path in sorted((path.stat().st_mtime, path) for path in folder.glob("*/output.log")):
            at = dt.datetime.fromtimestamp(written, dt.UTC)
            lines = path.read_text(errors="replace").splitlines() if at >= beginning else []
            yield from (Line(at, path.parent.name, text) for text in lines[known.get(path, 0) :])
            known[path] = len(lines)
        if not follow:
            return
        time.sleep(_FOLLOW_SECONDS)


def _of_run(client: "SFNClient", execution: str, *, follow: bool) -> Iterator[Line]:
    """The states of a run, and what failed in it; with `follow`, until it has ended."""
    run, seen = execution.rsplit(":", 1)[-1], 0
    while True:
        with aws_errors(f"look at run {run}"):
            status = client.describe_execution(executionArn=execution)["status"]
            pages = client.get_paginator("get_execution_history").paginate(executionArn=execution)
            events = [event for page in pages for event in page["events"] if event["id"] > seen]
        for event in events:
            seen = event["id"]
            if text := _of_event(event):
                yield Line(event["timestamp"].astimezone(dt.UTC), run, text)
        if not follow or status in pipeline.ENDED:
            return
        time.sleep(_FOLLOW_SECONDS)


def _of_event(event: Mapping[str, Any]) -> str:
    """A run's event in words; empty for one of no interest."""
    if entered := event.get("stateEnteredEventDetails"):
        return str(entered["name"])
    for kind, found in event.items():
        if kind.endswith("EventDetails") and (found.get("error") or found.get("cause")):
            return f"{event['type']}: {found.get('error', '')}: {found.get('cause', '')}"
    return str(event["type"]) if event["type"].startswith("Execution") else ""


def _span(text: str) -> dt.timedelta:
    match = re.fullmatch(r"([0-9]+)([smhd])", text.strip())
    if match is None:
        raise ConfigError(f"--since is {text!r}: expected a number with s, m, h or d, as in --since 2h")
    return dt.timedelta(**{_UNITS[match[2]]: int(match[1])})


def _value(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict) else text


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
