"""`ted query`: ask an instance's Athena workgroup."""

import csv
import json
import sys
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.athena import Answer, ask
from console.phrases import counted, size
from console.target import Initials, Local, Real, Stage, Target, asking
from runtime.errors import ConfigError, TerminalError

_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "float", "double", "decimal")
# What helps against an error whose name starts Athena's message.
_ADVICE = {
    "TABLE_NOT_FOUND": 'See what is there: ted query "SHOW TABLES"',
    "COLUMN_NOT_FOUND": 'See its columns: ted query "DESCRIBE notices"',
    "SCHEMA_NOT_FOUND": "Deploy the instance first, or name its initials: --initials nfr",
    "Bytes scanned limit": "Limit the years (WHERE year = 2024) or name fewer columns; the limit is "
    "ted:athena_scan_limit_gib",
    "SYNTAX_ERROR": "Athena speaks Trino's SQL: https://docs.aws.amazon.com/athena/latest/ug/ddl-sql-reference.html",
}


def query(
    sql: Annotated[str, typer.Argument(help="One statement; - reads it from standard input.")],
    parameters: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="SQL literal for a question mark; in turn.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a row.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV with a header.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Ask the lake, in Athena's SQL.

    \b
    Examples:
      ted query "SELECT buyer_country, count(*) FROM notices WHERE year = 2024 GROUP BY 1 ORDER BY 2 DESC"
      ted query "SELECT title FROM notices WHERE notice_id = ?" -p "'566194-2024'" --json
      AWS_PROFILE=mine ted query --aws --initials nfr "SHOW TABLES"
    """
    with asking(local, initials, stage, real) as target:
        if as_json and as_csv:
            raise ConfigError("expected --json or --csv, got both")
        started = time.monotonic()
        answer = _answered(target, sys.stdin.read() if sql == "-" else sql, parameters or ())
    if as_json:
        for record in records(answer):
            typer.echo(json.dumps(record, ensure_ascii=False))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([answer.columns, *answer.rows])
    else:
        show(answer, Console())
        rows = counted(len(answer.rows), "row")
        cost = f"{size(answer.scanned_bytes)} read, {time.monotonic() - started:.1f} s"
        Console(stderr=True).print(f"[dim]{rows}, {cost}, {target.names.database} ({target.where})[/]", highlight=False)


def _answered(target: Target, sql: str, parameters: Sequence[str]) -> Answer:
    """Ask; what Athena refuses comes with advice."""
    try:
        return ask(target.session, target.names, sql, parameters=parameters)
    except TerminalError as error:
        raise type(error)(_with_advice(error.message), **error.attributes) from error


def records(answer: Answer) -> Iterator[dict[str, Any]]:
    """The rows by column name: numbers and truth values as such, decimals as text."""
    for row in answer.rows:
        yield {name: _typed(value, kind) for name, kind, value in zip(answer.columns, answer.types, row, strict=True)}


def show(answer: Answer, console: Console, title: str | None = None) -> None:
    """Print an answer as a table; numbers to the right, NULL dim."""
    table = Table(title=title, title_justify="left")
    for name, kind in zip(answer.columns, answer.types, strict=True):
        table.add_column(escape(name), justify="right" if kind in _NUMBERS else "left", overflow="fold")
    for row in answer.rows:
        table.add_row(*("[dim]NULL[/]" if value is None else escape(value) for value in row))
    if answer.columns:
        console.print(table)


def _typed(value: str | None, kind: str) -> Any:
    if value is None:
        return None
    if kind == "boolean":
        return value == "true"
    if kind in ("tinyint", "smallint", "integer", "bigint"):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    return str(Decimal(value)) if kind == "decimal" else value


def _with_advice(message: str) -> str:
    return next((f"{message}\n{advice}" for start, advice in _ADVICE.items() if start in message), message)
