"""`ted query`: ask an instance's Athena workgroup. `ted saved`: the questions that come with the lake."""

import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from console import answers
from console.athena import Answer, ask
from console.phrases import as_typed, counted, indented, size
from console.target import Initials, Local, Real, Stage, Target, asking, told
from runtime.errors import ConfigError, TerminalError
from runtime.schema.views import Statement, saved_queries

_READ_ROWS = 10_000  # for a terminal, which shows few of them
# What helps against an error whose name starts Athena's message.
_ADVICE = {
    "TABLE_NOT_FOUND": "See what is there: ted tables",
    "COLUMN_NOT_FOUND": "See the columns of a table: ted describe notices",
    "SCHEMA_NOT_FOUND": "Deploy the instance first, or name its initials: --initials nfr",
    "Bytes scanned limit": "Limit the years (WHERE year = 2024) or name fewer columns; the limit is "
    "ted:athena_scan_limit_gib",
    "SYNTAX_ERROR": "Athena speaks Trino's SQL: https://docs.aws.amazon.com/athena/latest/ug/ddl-sql-reference.html",
}
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def names_like(start: str) -> Iterator[tuple[str, str]]:
    """Names of saved queries that begin so, with their titles, for the shell's completion."""
    return ((each.name, each.title) for each in saved_queries() if each.name.startswith(start))


def query(
    sql: Annotated[
        str | None, typer.Argument(help="One statement; - reads it from standard input.", show_default=False)
    ] = None,
    saved: Annotated[
        str | None,
        typer.Option(
            help="Ask a saved query instead; ted saved lists them.", show_default=False, autocompletion=names_like
        ),
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", help="SQL literal for a question mark; in turn.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object a row.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV with a header.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write a file instead: its name ends with .parquet, .csv, .json or .xlsx.", show_default=False
        ),
    ] = None,
    vertical: Annotated[bool, typer.Option("--vertical", help="Print one column a line.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Ask the lake, in Athena's SQL.

    \b
    Examples:
      ted query "SELECT buyer_country, count(*) FROM notices
        WHERE year = 2024 GROUP BY 1 ORDER BY 2 DESC"
      ted query "SELECT * FROM contract_awards LIMIT 1" --vertical
      ted query "SELECT title FROM notices WHERE notice_id = ?" -p "'5-2024'" --json
      ted query --saved single_bid_rate
      ted query - --out lots.xlsx < lots.sql
      AWS_PROFILE=mine ted query --aws --initials nfr "SHOW TABLES"

    A terminal gets what fits into it, of 200 rows at most. A pipe gets all of it: tab separated with a header, NULL
    empty, tabs and line breaks inside a text as \\t and \\n.
    """
    with asking(local, initials, stage, real) as target:
        _refuse_contradictions(json=as_json, csv=as_csv, vertical=vertical, out=out is not None)
        save = answers.file_writer(out) if out else None
        statement = _statement(sql, saved)
        is_read_by_a_person = not (as_json or as_csv or save) and (vertical or sys.stdout.isatty())
        started = time.monotonic()
        limit = _READ_ROWS + 1 if is_read_by_a_person else None
        answer = _answered(target, statement, parameters or (), limit)
        if save:
            save(answer)
        elif as_json:
            answers.write_json_lines(answer, sys.stdout)
        elif as_csv:
            answers.write_csv(answer, sys.stdout)
        elif is_read_by_a_person:
            answers.show(answer, Console(), is_tall=vertical)
        else:
            answers.write_tabs(answer, sys.stdout)
        cost = f"{size(answer.scanned_bytes)} read, {time.monotonic() - started:.1f} s"
        rows = _rows(answer, is_shown=is_read_by_a_person) + (f" in {out}" if out else "")
        Console(stderr=True).print(
            f"{rows}, {cost}, {target.names.database} ({target.where})", style="dim", markup=False, highlight=False
        )


def _statement(sql: str | None, saved: str | None) -> str:
    """The one statement that is asked: typed, read from standard input, or saved."""
    if (sql is None) == (saved is None):
        got = "neither" if sql is None else "both"
        raise ConfigError(f'expected a statement (ted query "SHOW TABLES") or --saved NAME (ted saved), got {got}')
    if saved is not None:
        return find_saved(saved).sql
    statement = sys.stdin.read() if sql == "-" else str(sql)
    if not _COMMENT.sub("", statement).strip(" \n\t;"):
        raise ConfigError('the query is empty. Try: ted query "SHOW TABLES"')
    return statement


def find_saved(name: str) -> Statement:
    """The saved query of that name.

    Raises
    ------
    ConfigError
        There is none.
    """
    known = {each.name: each for each in saved_queries()}
    if name not in known:
        raise ConfigError(f"there is no saved query {name!r}; there are: {', '.join(known)}. See them: ted saved")
    return known[name]


def _refuse_contradictions(**asked: bool) -> None:
    named = [f"--{name}" for name, is_asked in asked.items() if is_asked]
    if len(named) > 1:
        raise ConfigError(f"expected one of {', '.join(named[:-1])} or {named[-1]}, got {len(named)} of them")


def _answered(target: Target, sql: str, parameters: Sequence[str], limit: int | None) -> Answer:
    """Ask; what Athena refuses comes with advice."""
    try:
        return ask(target.session, target.names, sql, parameters=parameters, limit=limit)
    except TerminalError as error:
        raise type(error)(with_advice(error.message), **error.attributes) from error


def _rows(answer: Answer, *, is_shown: bool) -> str:
    """How many rows there are, and how many of them are shown."""
    count = len(answer.rows)
    whole = f"more than {_READ_ROWS:,} rows" if is_shown and count > _READ_ROWS else counted(count, "row")
    if not is_shown or count <= answers.SHOWN_ROWS:
        return whole
    return f"{answers.SHOWN_ROWS} of {whole} shown (all of them: --csv, --json or --out FILE)"


def with_advice(message: str) -> str:
    """What Athena says, with what helps against it on a line of its own."""
    return next((f"{message}\n{advice}" for start, advice in _ADVICE.items() if start in message), message)


def saved(
    name: Annotated[
        str | None,
        typer.Argument(help="Print the SQL of this one.", show_default=False, autocompletion=names_like),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, the SQL too.")] = False,
) -> None:
    """List the saved queries, which the workgroup has, too, or print the SQL of one.

    \b
    Examples:
      ted saved
      ted query --saved single_bid_rate
      ted saved single_bid_rate > mine.sql
      ted query - < mine.sql
    """
    with told():
        found = [find_saved(name)] if name else list(saved_queries())
    if as_json:
        listed = [
            {"name": each.name, "title": each.title, "description": each.description, "sql": each.sql} for each in found
        ]
        typer.echo(json.dumps(listed, indent=1))
    elif name:
        typer.echo(found[0].sql)
    else:
        console = Console(highlight=False, markup=False)
        for each in found:
            console.print(each.name, style="bold")
            console.print(indented(f"{each.title}: {each.description}", console.width), soft_wrap=True)
        Console(stderr=True).print(
            as_typed(f"Ask one: ted query --saved {found[0].name}"), style="dim", highlight=False, soft_wrap=True
        )
