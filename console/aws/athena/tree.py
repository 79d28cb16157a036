"""The parts of a query, as Trino's grammar has them. `at` is where a part begins in the statement's text."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any


@dataclass(eq=False, slots=True)
class Node:
    """A part of a statement."""

    at: int

    def children(self) -> Iterator["Node"]:
        """The parts that it is made of."""
        for field in fields(self):
            yield from _nodes(getattr(self, field.name))

    def walk(self, *, into_queries: bool = True) -> Iterator["Node"]:
        """It and all below it; without what queries inside it are made of, where that is asked."""
        yield self
        for child in self.children():
            if into_queries or not isinstance(child, Query):
                yield from child.walk(into_queries=into_queries)


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _nodes(each)


# Expressions


@dataclass(eq=False, slots=True)
class Literal(Node):
    """`kind` is null, boolean, integer, decimal, double, varchar, varbinary, date, time or timestamp."""

    kind: str
    text: str


@dataclass(eq=False, slots=True)
class Interval(Node):
    count: str
    unit: str


@dataclass(eq=False, slots=True)
class Parameter(Node):
    pass


@dataclass(eq=False, slots=True)
class Name(Node):
    """A column or what its dots lead to; names are small, as Trino does not tell them apart by case."""

    parts: tuple[str, ...]


@dataclass(eq=False, slots=True)
class Field(Node):
    base: Node
    name: str


@dataclass(eq=False, slots=True)
class Subscript(Node):
    base: Node
    index: Node


@dataclass(eq=False, slots=True)
class Negative(Node):
    operand: Node


@dataclass(eq=False, slots=True)
class Arithmetic(Node):
    """`sign` is one of + - * / % ||."""

    sign: str
    left: Node
    right: Node


@dataclass(eq=False, slots=True)
class Comparison(Node):
    """`sign` is one of = <> < <= > >=."""

    sign: str
    left: Node
    right: Node


@dataclass(eq=False, slots=True)
class Logical(Node):
    """`word` is AND or OR."""

    word: str
    left: Node
    right: Node


@dataclass(eq=False, slots=True)
class Not(Node):
    operand: Node


@dataclass(eq=False, slots=True)
class IsNull(Node):
    operand: Node


@dataclass(eq=False, slots=True)
class IsDistinct(Node):
    left: Node
    right: Node


@dataclass(eq=False, slots=True)
class Between(Node):
    operand: Node
    low: Node
    high: Node


@dataclass(eq=False, slots=True)
class InList(Node):
    operand: Node
    items: list[Node]


@dataclass(eq=False, slots=True)
class InQuery(Node):
    operand: Node
    query: "Query"


@dataclass(eq=False, slots=True)
class Like(Node):
    operand: Node
    pattern: Node
    escape: Node | None


@dataclass(eq=False, slots=True)
class Exists(Node):
    query: "Query"


@dataclass(eq=False, slots=True)
class Scalar(Node):
    query: "Query"


@dataclass(eq=False, slots=True)
class Case(Node):
    operand: Node | None
    whens: list[tuple[Node, Node]]
    default: Node | None


@dataclass(eq=False, slots=True)
class Cast(Node):
    operand: Node
    type: str
    is_safe: bool


@dataclass(eq=False, slots=True)
class ArrayOf(Node):
    items: list[Node]


@dataclass(eq=False, slots=True)
class RowOf(Node):
    items: list[Node]


@dataclass(eq=False, slots=True)
class Lambda(Node):
    names: list[str]
    body: Node


@dataclass(eq=False, slots=True)
class Order(Node):
    value: Node
    is_descending: bool
    nulls_first: bool


@dataclass(eq=False, slots=True)
class Window(Node):
    name: str
    partition: list[Node]
    order: list[Order]
    frame: str
    """As written, without expressions other than numbers; empty where there is none."""


@dataclass(eq=False, slots=True)
class Call(Node):
    """A function: `is_star` as in count(*)."""

    name: str
    arguments: list[Node]
    is_star: bool = False
    is_distinct: bool = False
    order: list[Order] | None = None
    where: Node | None = None
    window: Window | None = None
    ignores_nulls: bool = False


# Queries


@dataclass(eq=False, slots=True)
class Item(Node):
    value: Node
    alias: str


@dataclass(eq=False, slots=True)
class Star(Node):
    table: tuple[str, ...]


@dataclass(eq=False, slots=True)
class Common(Node):
    """A query of WITH."""

    name: str
    columns: list[str]
    query: "Query"


@dataclass(eq=False, slots=True)
class Query(Node):
    commons: list[Common]
    is_recursive: bool
    body: Node
    order: list[Order]
    offset: Node | None
    limit: Node | None


@dataclass(eq=False, slots=True)
class Grouping(Node):
    """`kind` is simple, rollup, cube or sets; `sets` holds one list of expressions per set, or one in all."""

    kind: str
    sets: list[list[Node]]


@dataclass(eq=False, slots=True)
class Select(Node):
    is_distinct: bool
    items: list[Node]
    source: Node | None
    where: Node | None
    groups: list[Grouping] | None
    having: Node | None
    windows: list[Window]


@dataclass(eq=False, slots=True)
class SetOperation(Node):
    word: str
    is_distinct: bool
    left: Node
    right: Node


@dataclass(eq=False, slots=True)
class Values(Node):
    rows: list[Node]


@dataclass(eq=False, slots=True)
class Relation(Node):
    """Something in FROM with its alias; `columns` are the alias's names of its columns."""

    alias: str
    columns: list[str]


@dataclass(eq=False, slots=True)
class TableName(Relation):
    parts: tuple[str, ...]


@dataclass(eq=False, slots=True)
class Derived(Relation):
    query: Query


@dataclass(eq=False, slots=True)
class Unnest(Relation):
    arrays: list[Node]
    has_ordinality: bool


@dataclass(eq=False, slots=True)
class Join(Node):
    """`kind` is INNER, LEFT, RIGHT, FULL or CROSS."""

    kind: str
    left: Node
    right: Node
    on: Node | None
    using: list[str]
