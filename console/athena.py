"""Asks Athena, real or embedded, through an instance's workgroup."""

import csv
import io
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from runtime.buckets import aws_errors
from runtime.errors import TerminalError
from stacks.names import Names

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import ColumnInfoTypeDef, DatumTypeDef, QueryExecutionTypeDef

_BUFFER = 1 << 20
_ENDED = frozenset(("SUCCEEDED", "FAILED", "CANCELLED"))


class QueryFailed(TerminalError):
    """Athena did not answer; the message is its reason."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as Athena gives them: text, None where NULL. `scanned_bytes` is what the query is billed for.

    `types` are Athena's types of the columns, as in varchar or decimal(24,4).
    """

    columns: tuple[str, ...]
    rows: Sequence[tuple[str | None, ...]]
    scanned_bytes: int
    types: tuple[str, ...] = ()


def ask(
    session: boto3.Session,
    names: Names,
    sql: str,
    *,
    parameters: Sequence[str] = (),
    limit: int | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Answer:
    """Run a query and wait for its answer.

    Parameters
    ----------
    parameters : SQL literals for the question marks, in turn
    limit : rows to read at most; None is all

    Raises
    ------
    QueryFailed
        The query is wrong, read more than the workgroup allows, or was cancelled.
    """
    client = session.client("athena")
    with aws_errors(f"query workgroup {names.workgroup}"):
        run = _finished(client, names, sql, parameters, pause)
        query = run["QueryExecutionId"]
        scanned = run.get("Statistics", {}).get("DataScannedInBytes", 0)
        columns: tuple[str, ...] = ()
        types: tuple[str, ...] = ()
        rows: list[tuple[str | None, ...]] = []
        for page in client.get_paginator("get_query_results").paginate(QueryExecutionId=query):
            described = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
            columns = tuple(column["Name"] for column in described)
            types = tuple(_type_of(column) for column in described)
            rows += [_cells(row["Data"], len(columns)) for row in page["ResultSet"]["Rows"]]
            if limit is not None and len(rows) > limit:
                break
    body = rows[1:] if rows and rows[0] == columns else rows  # the first row of a SELECT repeats the names
    return Answer(columns, body[:limit], scanned, types)


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer of any size, row by row, NULL and an empty text alike empty. `scanned_bytes` as in `Answer`."""

    columns: tuple[str, ...]
    rows: Iterator[list[str]]
    scanned_bytes: int


def stream(session: boto3.Session, names: Names, sql: str, *, pause: Callable[[float], None] = time.sleep) -> Stream:
    """Run a SELECT and read its answer out of the file that Athena writes, without keeping it.

    Raises
    ------
    QueryFailed
        As `ask`.
    """
    with aws_errors(f"query workgroup {names.workgroup}"):
        run = _finished(session.client("athena"), names, sql, (), pause)
        bucket, _, key = run["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").partition("/")
        body = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    csv.field_size_limit(sys.maxsize)
    rows = csv.reader(io.TextIOWrapper(io.BufferedReader(body, _BUFFER), encoding="utf-8", newline=""))  # type: ignore[type-var]
    columns = tuple(next(rows))
    return Stream(columns, rows, run.get("Statistics", {}).get("DataScannedInBytes", 0))


def _finished(
    client: "AthenaClient", names: Names, sql: str, parameters: Sequence[str], pause: Callable[[float], None]
) -> "QueryExecutionTypeDef":
    """Start a query and wait until it has succeeded."""
    more: dict[str, Any] = {"ExecutionParameters": list(parameters)} if parameters else {}
    started = client.start_query_execution(
        QueryString=sql, WorkGroup=names.workgroup, QueryExecutionContext={"Database": names.database}, **more
    )
    query = started["QueryExecutionId"]
    wait = 0.05
    while True:
        run = client.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        if run["Status"]["State"] in _ENDED:
            break
        pause(wait)
        wait = min(wait * 1.5, 1.0)
    if run["Status"]["State"] != "SUCCEEDED":
        reason = run["Status"].get("StateChangeReason", "no reason given")
        raise QueryFailed(f"the query {run['Status']['State'].lower()}: {reason}", query=query)
    return run


def _type_of(column: "ColumnInfoTypeDef") -> str:
    kind = str(column["Type"])
    return f"decimal({column['Precision']},{column['Scale']})" if kind == "decimal" else kind


def _cells(data: "Sequence[DatumTypeDef]", columns: int) -> tuple[str | None, ...]:
    """A row's values; DESCRIBE has several columns and gives one value, with tabs between and blanks to the right."""
    cells = [cell.get("VarCharValue") for cell in data]
    if len(cells) == 1 < columns:
        cells = [part.rstrip() or None for part in (cells[0] or "").split("\t")]
    return tuple([*cells, *[None] * columns][:columns])
