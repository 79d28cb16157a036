"""What the parts of a query are while it is translated: columns, relations, expressions with their types."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from console.aws.athena import functions, types
from console.aws.athena import tree as t


@dataclass(slots=True)
class Scan:
    """One reading of a table.

    `keys` are the names that its columns have in the query, `used` those that the query asks for. `conditions` are
    what its rows have to meet: SQL over columns of the query, with the partition key that each of these columns is.
    """

    number: int
    owner: str
    name: str
    entry: dict[str, Any]
    keys: dict[str, str]
    kinds: dict[str, str]
    used: set[str] = field(default_factory=set)
    conditions: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What stands in the query for the reading of its files."""
        return f"<scan {self.number}>"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a relation; `kind` None is a type that is not read here. `origin` is the partition key that it is."""

    name: str
    key: str
    kind: str | None
    qualifier: tuple[str, ...] = ()
    scan: Scan | None = None
    origin: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Something that stands in FROM: DuckDB's SQL and its columns."""

    sql: str
    columns: list[Column]


@dataclass(frozen=True, slots=True)
class Value:
    """An expression: DuckDB's SQL and Trino's type."""

    sql: str
    kind: str
    column: Column | None = None


@dataclass(slots=True)
class Scope:
    """The columns that names can mean; `outer` are those of the query around, `touched`: one of them was meant."""

    columns: list[Column]
    outer: "Scope | None" = None
    outputs: list[Column] = field(default_factory=list)
    windows: list[t.Window] = field(default_factory=list)
    variables: dict[str, Value] = field(default_factory=dict)
    touched: bool = False


def cast(text: str, kind: str, wanted: str) -> str:
    """An expression as another type that it becomes without being asked to."""
    return (
        text
        if types.duckdb(kind) == types.duckdb(wanted) and kind != "unknown"
        else f"CAST({text} AS {types.duckdb(wanted)})"
    )


def text_literal(text: Any) -> str:
    return "NULL" if text is None else "'" + str(text).replace("'", "''") + "'"


def aggregates(node: t.Node) -> Iterator[t.Call]:
    for each in node.walk(into_queries=False):
        if isinstance(each, t.Call) and each.window is None and each.name in (*functions.AGGREGATES, "grouping"):
            yield each


def has_window(node: t.Node) -> bool:
    return any(isinstance(each, t.Call) and each.window for each in node.walk(into_queries=False))
