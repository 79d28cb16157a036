"""`ted query`: ask an instance's Athena workgroup."""

import csv
import json
import os
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.athena import Answer, ask
from console.local import running_instance
from runtime.errors import CcaTedError, ConfigError
from stacks.names import Names

# Which instance a command is about: the same four options everywhere.
Initials = Annotated[str | None, typer.Option(help="Initials of the instance.")]
Stage = Annotated[str, typer.Option(help="Stage of the instance in AWS.")]
Local = Annotated[str | None, typer.Option(help="Name of an instance on this machine.")]
Real = Annotated[bool, typer.Option("--aws", help="The one in AWS, also when an instance runs on this machine.")]

_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "float", "double", "decimal")
# What helps against an error whose name starts Athena's message.
_ADVICE = {
    "TABLE_NOT_FOUND": 'See what is there: ted query "SHOW TABLES"',
    "COLUMN_NOT_FOUND": 'See its columns: ted query "DESCRIBE notices"',
    "SCHEMA_NOT_FOUND": "Deploy the instance first, or name its initials: --initials nfr",
    "Bytes scanned limit": "Limit the years (WHERE year = 2024) or name fewer columns; the limit is "
    "ted:athena_scan_limit_gib",
    "is not found": "Deploy the instance first (ted local up), or name its initials: --initials nfr",
    "Could not connect": "Is the instance up? ted local status",
    "SYNTAX_ERROR": "Athena speaks Trino's SQL: https://docs.aws.amazon.com/athena/latest/ug/ddl-sql-reference.html",
}


def target(local: str | None, initials: str | None, stage: str, real: bool) -> tuple[boto3.Session, Names, str]:
    """Find the instance to ask: a session with its account, the names of its parts, and where it is in words.

    Parameters
    ----------
    local : name of an instance on this machine
    initials : of the instance; None takes the only one that runs here, or CCA_TED_INITIALS
    real : ask AWS, whatever runs here

    Raises
    ------
    ConfigError
        It is not clear which instance is meant, or there is none.
    """
    instance = None if real else running_instance(local, initials)
    if instance:
        environment = instance.aws.environment()
        # Clients that the session makes look here for their address.
        os.environ["AWS_ENDPOINT_URL"] = instance.endpoint
        session = boto3.Session(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )
        return session, instance.names, f"{instance.name}, on this machine"
    if local:
        raise ConfigError(
            f"no instance called {local!r} runs on this machine. Start it with: ted local up --name {local}"
        )
    initials = initials or os.environ.get("CCA_TED_INITIALS")
    if not initials:
        raise ConfigError(
            "no instance runs on this machine, and no initials were given.\n"
            'Start one with: ted local up\nor ask one in AWS: AWS_PROFILE=mine ted query --initials nfr "SHOW TABLES"'
        )
    try:
        session = boto3.Session()
    except BotoCoreError as error:
        raise ConfigError(f"AWS cannot be asked: {error}. Name a profile that exists: AWS_PROFILE=mine") from error
    if not session.region_name:
        raise ConfigError("AWS cannot be asked: no region is set. Name one: AWS_REGION=eu-west-1, or in the profile")
    return session, Names(initials, stage), f"AWS {session.profile_name}, {session.region_name}"


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
    said = Console(stderr=True)
    try:
        if as_json and as_csv:
            raise ConfigError("expected --json or --csv, got both")
        session, names, where = target(local, initials, stage, real)
        started = time.monotonic()
        answer = ask(session, names, sys.stdin.read() if sql == "-" else sql, parameters=parameters or ())
    except (CcaTedError, BotoCoreError, ClientError) as error:
        said.print(f"[red]failed[/]: {escape(_with_advice(str(error)))}", soft_wrap=True, highlight=False)
        raise typer.Exit(1) from error
    if as_json:
        for record in records(answer):
            typer.echo(json.dumps(record, ensure_ascii=False))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([answer.columns, *answer.rows])
    else:
        show(answer, Console())
        rows = "1 row" if len(answer.rows) == 1 else f"{len(answer.rows):,} rows"
        cost = f"{_size(answer.scanned_bytes)} read, {time.monotonic() - started:.1f} s"
        said.print(f"[dim]{rows}, {cost}, {names.database} ({where})[/]", highlight=False)


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


def _size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _with_advice(message: str) -> str:
    return next((f"{message}\n{advice}" for start, advice in _ADVICE.items() if start in message), message)
