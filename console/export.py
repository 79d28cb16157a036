"""`ted export`: the TED CSV of a year, in the dialect that scripts written for DG GROW's files read."""

import contextlib
import csv
import itertools
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Literal

import typer
from rich.console import Console

from console.athena import Stream, stream
from console.phrases import counted, size
from console.query import with_advice
from console.target import Initials, Local, Real, Stage, Target, asking
from runtime.errors import ConfigError, TerminalError
from runtime.schema import Column, Table
from runtime.schema.ted_csv import TED_CAN, TED_CN

_VIEWS = {"can": TED_CAN, "cn": TED_CN}
_WHAT = {"can": "award notices", "cn": "calls for competition"}
_DAY = re.compile(r"\d\d(\d\d)-(\d\d)-(\d\d)")
_TOLD = 10_000  # rows after which the number shown is renewed


@dataclass
class Written:
    """What went into a file so far; `scanned_bytes` is what Athena bills for."""

    rows: int = 0
    scanned_bytes: int = 0


def export(
    file: Annotated[Literal["can", "cn"], typer.Argument(help="can: contract awards, cn: calls.", show_default=False)],
    year: Annotated[list[int], typer.Option(min=1993, help="Year of publication; repeatable.", show_default=False)],
    out: Annotated[Path, typer.Option(help="CSV file to write; - is standard output.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Write a year of awards or calls as the TED CSV that DG GROW published until 2023.

    \b
    Examples:
      ted export can --year 2024 --out export_CAN_2024.csv
      ted export cn --year 2024 --out - | gzip > export_CFC_2024.csv.gz
      ted export can --year 2023 --year 2024 --out export_CAN_2023_2024.csv
      AWS_PROFILE=mine ted export can --year 2024 --out can.csv --aws --initials nfr

    The 75 columns of export_CAN or the 64 of export_CFC: comma, UTF-8, Y and N, days as dd/mm/yy. docs/ted-csv.md tells
    where each is from and how it differs. Rows come from Athena as it gives them, so that a file of any size fits into
    little memory; it appears whole or not at all.
    """
    with asking(local, initials, stage, real, stopped="stopped; nothing was written") as target:
        _refuse(out, as_json=as_json)
        started = time.monotonic()
        with Console(stderr=True).status(f"asking for {_WHAT[file]}") as status:

            def tell(written: Written) -> None:
                status.update(f"{written.rows:,} rows of {_WHAT[file]}")

            with _opened(out) as text:
                written = write(target, _VIEWS[file], sorted(set(year)), text, tell)
        seconds = round(time.monotonic() - started, 1)
    if as_json:
        told = {"file": str(out), "years": sorted(set(year)), "rows": written.rows}
        typer.echo(json.dumps({**told, "scanned_bytes": written.scanned_bytes, "seconds": seconds}, indent=1))
        return
    where = "" if str(out) == "-" else f" in {out}"
    said = f"{counted(written.rows, 'row')}{where}, {size(written.scanned_bytes)} read, {seconds} s"
    Console(stderr=True).print(
        f"{said}, {target.names.database} ({target.where})", style="dim", markup=False, highlight=False, soft_wrap=True
    )


def _refuse(out: Path, *, as_json: bool) -> None:
    if str(out) == "-":
        if as_json:
            raise ConfigError("expected --json or --out -, got both, which print alike. Name a file: --out can.csv")
        return
    if out.is_dir():
        raise ConfigError(f"--out is {out}, a folder: expected the name of a file, as in --out can.csv")
    if not out.parent.is_dir():
        raise ConfigError(f"--out is {out}: there is no folder {out.parent}. Make it: mkdir -p {out.parent}")


@contextlib.contextmanager
def _opened(out: Path) -> Iterator[IO[str]]:
    """The file to write into, which appears whole or not at all; - is standard output."""
    if str(out) == "-":
        yield sys.stdout
        return
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as text:
            yield text
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def write(
    target: Target, view: Table, years: Sequence[int], out: IO[str], tell: Callable[[Written], None] = lambda _: None
) -> Written:
    """Write years of a view, one after the other below one header.

    Raises
    ------
    ConfigError
        The lake has no such notices of a year.
    """
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow([column.name.upper() for column in view])
    written = Written()
    for year in years:
        order = ", ".join(view.key)
        answer = _asked(target, f"SELECT * FROM {view.name} WHERE year = {year} ORDER BY {order}")  # noqa: S608 our own
        written.scanned_bytes += answer.scanned_bytes
        first = next(answer.rows, None)
        if first is None:
            raise ConfigError(
                f"{target.names.database} has no rows of {view.name} for {year}. Look what is published: ted status; "
                f"bring it in: ted run {year}"
            )
        for row in as_in_the_csv(view, itertools.chain([first], answer.rows)):
            lines.writerow(row)
            written.rows += 1
            if written.rows % _TOLD == 0:
                tell(written)
    return written


def _asked(target: Target, sql: str) -> Stream:
    try:
        return stream(target.session, target.names, sql)
    except TerminalError as error:
        raise type(error)(with_advice(error.message), **error.attributes) from error


def as_in_the_csv(view: Table, rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """The values as the CSV writes them: days as dd/mm/yy, numbers without zeros at their end."""
    changes = [(position, _change(column)) for position, column in enumerate(view)]
    made = [(position, change) for position, change in changes if change]
    for row in rows:
        for position, change in made:
            row[position] = change(row[position])
        yield row


def _change(column: Column) -> Callable[[str], str] | None:
    return {"date": _day, "number": _number}.get(column.kind)


def _day(value: str) -> str:
    match = _DAY.fullmatch(value)
    return f"{match[3]}/{match[2]}/{match[1]}" if match else value


def _number(value: str) -> str:
    return value.rstrip("0").rstrip(".") if "." in value else value
