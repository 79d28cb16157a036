"""What an engine is: it answers a query over the catalog's tables. The rest of Athena is the executor's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from console.aws.athena import tree as t
from console.aws.athena.values import ResultColumn


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns, their types in Trino's words, rows of text (None for NULL), and how many bytes were read."""

    columns: list[ResultColumn]
    kinds: list[str]
    rows: list[list[str | None]]
    scanned_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """What a query gives, to be written: names of its columns, their types in Trino's words, and an Arrow table.

    The table's columns stand in the same order; its own names and types are the engine's.
    """

    names: list[str]
    kinds: list[str]
    table: pa.Table
    scanned_bytes: int = 0


class Engine(Protocol):
    """Answers queries; two do, DuckDB and Trino."""

    name: str

    def answer(
        self, sql: str, database: str, parameters: Sequence[str] = (), scan_limit_bytes: int | None = None
    ) -> Answer:
        """Answer a query.

        Parameters
        ----------
        sql : one query
        database : of names that have none
        parameters : SQL literals for the question marks, in turn
        scan_limit_bytes : a query that would read more is not run

        Raises
        ------
        QueryFailed
            The query is wrong, or its data is.
        ScanLimitExceeded
            It would read too much.
        """
        ...

    def select(
        self, sql: str, database: str, parameters: Sequence[str] = (), scan_limit_bytes: int | None = None
    ) -> Selection:
        """Answer a query with a table, as `answer` does with text."""
        ...


def fill_in(query: t.Query, values: list[t.Node]) -> None:
    """Put expressions in the place of a query's question marks, in the order in which they stand."""
    marks = sorted((node for node in query.walk() if isinstance(node, t.Parameter)), key=lambda node: node.at)
    by_place = dict(zip((mark.at for mark in marks), values, strict=True))
    for node in list(query.walk()):
        _replace(node, by_place)


def _replace(node: t.Node, by_place: dict[int, t.Node]) -> None:
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        setattr(node, name, _filled(value, by_place))


def _filled(value: object, by_place: dict[int, t.Node]) -> object:
    if isinstance(value, t.Parameter):
        return by_place[value.at]
    if isinstance(value, list):
        return [_filled(each, by_place) for each in value]
    if isinstance(value, tuple):
        return tuple(_filled(each, by_place) for each in value)
    return value
