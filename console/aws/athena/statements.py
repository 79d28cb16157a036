"""What a statement says, as plain values: the query in it, if it has one, stays text for the engine.

Athena reads some statements by Trino's grammar (CREATE TABLE AS, INSERT, UNLOAD, views) and the others by Hive's, whose
names stand in backticks. Here either kind of quotes is taken in both, as clients write them.

Source: Amazon Athena User Guide, "SQL reference for Athena", DDL statements and DML statements.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from console.aws.athena.catalog import CATALOG
from console.aws.athena.failure import QueryFailed, where
from console.aws.athena.words import Words

Column = dict[str, str]
Spec = dict[str, str]
"""Values of a partition's keys, in the order in which they are written."""


@dataclass(frozen=True, slots=True)
class Name:
    """A table or view."""

    database: str
    table: str

    def __str__(self) -> str:
        return f"{self.database}.{self.table}"


@dataclass(frozen=True, slots=True)
class Query:
    """SELECT, and what else an engine answers."""

    sql: str


@dataclass(frozen=True, slots=True)
class CreateTableAs:
    """`properties` are those of WITH: texts, numbers, truth values and lists of texts."""

    name: Name
    comment: str
    properties: dict[str, Any]
    query: str
    if_not_exists: bool
    has_data: bool


@dataclass(frozen=True, slots=True)
class Insert:
    """`columns` None: all of the table."""

    name: Name
    columns: list[str] | None
    query: str


@dataclass(frozen=True, slots=True)
class Unload:
    query: str
    location: str
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CreateView:
    name: Name
    query: str
    or_replace: bool


@dataclass(frozen=True, slots=True)
class DropView:
    name: Name
    if_exists: bool


@dataclass(frozen=True, slots=True)
class CreateTable:
    """A table over files that are there. `serde` and `input_format` are empty where the statement names none."""

    name: Name
    if_not_exists: bool
    is_external: bool
    columns: list[Column]
    keys: list[Column] = field(default_factory=list)
    comment: str = ""
    serde: str = ""
    serde_properties: dict[str, str] = field(default_factory=dict)
    input_format: str = ""
    format: str = ""
    is_delimited: bool = False
    bucketed_by: list[str] = field(default_factory=list)
    bucket_count: int = 0
    location: str = ""
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DropTable:
    name: Name
    if_exists: bool


@dataclass(frozen=True, slots=True)
class CreateDatabase:
    database: str
    if_not_exists: bool
    comment: str
    location: str


@dataclass(frozen=True, slots=True)
class DropDatabase:
    """`cascade`: with the tables in it."""

    database: str
    if_exists: bool
    cascade: bool


@dataclass(frozen=True, slots=True)
class AddPartitions:
    """Each with its location; empty where it is the usual one."""

    name: Name
    partitions: list[tuple[Spec, str]]
    if_not_exists: bool


@dataclass(frozen=True, slots=True)
class DropPartitions:
    name: Name
    partitions: list[Spec]
    if_exists: bool


@dataclass(frozen=True, slots=True)
class SetProperties:
    name: Name
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class SetColumns:
    """ADD COLUMNS, and REPLACE COLUMNS where `replaces`."""

    name: Name
    columns: list[Column]
    replaces: bool


@dataclass(frozen=True, slots=True)
class Repair:
    name: Name


@dataclass(frozen=True, slots=True)
class Show:
    """SHOW and DESCRIBE."""

    sql: str


Definition = (
    DropView
    | CreateTable
    | DropTable
    | CreateDatabase
    | DropDatabase
    | AddPartitions
    | DropPartitions
    | SetProperties
    | SetColumns
    | Repair
)
"""What changes the catalog alone."""
Statement = Query | Show | CreateTableAs | Insert | Unload | CreateView | Definition
_KINDS: dict[type, tuple[str, str]] = {
    CreateTableAs: ("DDL", "CREATE_TABLE_AS_SELECT"),
    Insert: ("DML", "INSERT"),
    Unload: ("DML", "UNLOAD"),
    CreateView: ("DDL", "CREATE_VIEW"),
    DropView: ("DDL", "DROP_VIEW"),
    CreateTable: ("DDL", "CREATE_TABLE"),
    DropTable: ("DDL", "DROP_TABLE"),
    CreateDatabase: ("DDL", "CREATE_DATABASE"),
    DropDatabase: ("DDL", "DROP_DATABASE"),
    AddPartitions: ("DDL", "ALTER_TABLE_ADD_PARTITION"),
    DropPartitions: ("DDL", "ALTER_TABLE_DROP_PARTITION"),
    SetProperties: ("DDL", "ALTER_TABLE_SET_TBLPROPERTIES"),
    SetColumns: ("DDL", "ALTER_TABLE_ADD_REPLACE_COLUMNS"),
    Repair: ("DDL", "MSCK_REPAIR_TABLE"),
}
_DELIMITED = ("fields", "terminated", "by", "escaped", "collection", "items", "map", "keys", "lines", "null", "defined",
              "as")  # fmt: skip
_QUERY = ("select", "with", "values", "table", "from", "")
_KNOWN = (
    "SELECT, CREATE TABLE AS, INSERT INTO, UNLOAD, CREATE EXTERNAL TABLE, DROP TABLE, CREATE and DROP VIEW, CREATE and "
    "DROP SCHEMA, ALTER TABLE ADD and DROP PARTITION, SET TBLPROPERTIES, ADD and REPLACE COLUMNS, MSCK REPAIR TABLE, "
    "SHOW and DESCRIBE"
)


def read(sql: str, database: str) -> Statement:
    """Read a statement.

    Parameters
    ----------
    database : of names that have none

    Raises
    ------
    QueryFailed
        It is none that Athena knows, or none that is run here.
    """
    words = Words(sql)
    first = _first(words)
    if first == "explain":
        first = _explained(words)
        if first not in _QUERY:
            raise QueryFailed(
                f"NOT_SUPPORTED: {where(sql, words.here.at)}: EXPLAIN: expected a query, got {first.upper()}"
            )
    if first in _QUERY:
        return Query(sql)
    if first in ("show", "describe", "desc"):
        return Show(sql)
    rule = _RULES.get(first)
    if rule is None:
        raise QueryFailed(
            f"NOT_SUPPORTED: {where(sql, words.here.at)}: the embedded Athena runs {_KNOWN}; got {first.upper()}. "
            "Run this statement in a real AWS account."
        )
    return rule(words, database.lower())


def kind_of(sql: str) -> tuple[str, str]:
    """Athena's kind of a statement (DML, DDL or UTILITY) and its kind within that, as in CREATE_TABLE_AS_SELECT.

    Of a statement that cannot be read, its first word alone tells.

    Source: Athena API reference, QueryExecution (StatementType, SubstatementType).
    """
    try:
        statement = read(sql, "default")
    except QueryFailed:
        first = _first(Words(sql))
        return "DDL" if first in ("create", "drop", "alter", "msck") else "DML", first.upper()
    if isinstance(statement, Query):
        first = _first(Words(sql))
        return ("UTILITY", "EXPLAIN") if first == "explain" else ("DML", "SELECT")
    if isinstance(statement, Show):
        words = Words(sql)
        is_show = words.take("show")
        return "UTILITY", f"SHOW_{words.here.word.upper()}".rstrip("_") if is_show else "DESCRIBE_TABLE"
    return _KINDS[type(statement)]


def external_location(sql: str) -> str | None:
    """The place that a CREATE TABLE AS names for its files; None where it names none, or is something else."""
    try:
        statement = read(sql, "default")
    except QueryFailed:
        return None
    return statement.properties.get("external_location") if isinstance(statement, CreateTableAs) else None


def _first(words: Words) -> str:
    while words.take("("):
        pass
    return words.here.word


def _explained(words: Words) -> str:
    """The first word of the statement that EXPLAIN is asked of; with ANALYZE it would be run."""
    words.need("explain")
    words.take("analyze")
    words.take("verbose")
    if words.sees("(") and not any(words.sees("(", each) for each in ("(", *_QUERY)):
        words.group()
    return _first(words)


def named(words: Words, database: str) -> Name:
    """The name of a table, with the database where it has none.

    Raises
    ------
    QueryFailed
        It is of another catalog, or is no name.
    """
    at = words.here.at
    parts = words.dotted()
    if len(parts) == 3:
        if parts[0] != CATALOG:
            raise QueryFailed(f"CATALOG_NOT_FOUND: {where(words.sql, at)}: Catalog '{parts[0]}' does not exist")
        parts = parts[1:]
    if len(parts) > 2:
        raise QueryFailed(f"SYNTAX_ERROR: {where(words.sql, at)}: Too many dots in table name: {'.'.join(parts)}")
    return Name(parts[0] if len(parts) == 2 else database, parts[-1])


def named_database(words: Words) -> str:
    """The name of a database.

    Raises
    ------
    QueryFailed
        It is of another catalog, or is no name.
    """
    at, parts = words.here.at, words.dotted()
    if len(parts) > 2 or (len(parts) == 2 and parts[0] != CATALOG):
        raise QueryFailed(f"CATALOG_NOT_FOUND: {where(words.sql, at)}: Catalog '{parts[0]}' does not exist")
    return parts[-1]


def _exists(words: Words, negated: bool = False) -> bool:
    if not words.take("if"):
        return False
    words.need(*(("not", "exists") if negated else ("exists",)))
    return True


def _create(words: Words, database: str) -> Statement:
    words.need("create")
    or_replace = words.take("or", "replace")
    if or_replace or words.sees("view"):
        words.need("view")
        name = named(words, database)
        words.need("as")
        return CreateView(name, words.rest()[0], or_replace)
    if words.take("schema") or words.take("database"):
        return _create_database(words)
    is_external = words.take("external")
    words.need("table")
    if_not_exists = _exists(words, negated=True)
    name = named(words, database)
    if not is_external and (words.sees("with") or words.sees("as") or words.sees("comment")):
        return _create_as(words, name, if_not_exists)
    return _create_over_files(words, name, if_not_exists, is_external)


def _create_database(words: Words) -> CreateDatabase:
    if_not_exists = _exists(words, negated=True)
    name = named_database(words)
    comment = words.text() if words.take("comment") else ""
    location = words.text() if words.take("location") else ""
    if words.take("with", "dbproperties"):
        _text_properties(words)
    words.end()
    return CreateDatabase(name, if_not_exists, comment, location)


def _create_as(words: Words, name: Name, if_not_exists: bool) -> CreateTableAs:
    comment = words.text() if words.take("comment") else ""
    properties = _properties(words) if words.take("with") else {}
    words.need("as")
    query, ending = words.rest("with no data", "with data")
    return CreateTableAs(name, comment, properties, query, if_not_exists, ending != "with no data")


def _properties(words: Words) -> dict[str, Any]:
    """Properties of a table by Trino's grammar, as in (format = 'PARQUET', partitioned_by = ARRAY['year'])."""
    found: dict[str, Any] = {}
    words.need("(")
    while True:
        at, name = words.here.at, words.name()
        if name in found:
            raise QueryFailed(f"DUPLICATE_PROPERTY: {where(words.sql, at)}: Duplicate property: {name}")
        words.need("=")
        found[name] = _value(words)
        if not words.take(","):
            break
    words.need(")")
    return found


def _value(words: Words) -> Any:
    if words.take("array"):
        words.need("[")
        items = [] if words.sees("]") else [_value(words)]
        while words.take(","):
            items.append(_value(words))
        words.need("]")
        return items
    if words.here.word in ("true", "false"):
        return words.next().word == "true"
    return words.number() if words.here.kind == "number" else words.text()


def _create_over_files(words: Words, name: Name, if_not_exists: bool, is_external: bool) -> CreateTable:
    columns = _columns(words)
    more: dict[str, Any] = {}
    clauses: list[tuple[tuple[str, ...], Callable[[Words], dict[str, Any]]]] = [
        (("comment",), lambda words: {"comment": words.text()}),
        (("partitioned", "by"), lambda words: {"keys": _columns(words)}),
        (("clustered", "by"), _buckets),
        (("row", "format"), _row_format),
        (("with", "serdeproperties"), lambda words: {"serde_properties": _text_properties(words)}),
        (("stored", "as"), _stored_as),
        (("location",), lambda words: {"location": words.text()}),
        (("tblproperties",), lambda words: {"properties": _text_properties(words)}),
    ]
    while True:
        found = next((clause for clause in clauses if words.take(*clause[0])), None)
        if found is None:
            break
        more |= found[1](words)
    words.end()
    return CreateTable(name, if_not_exists, is_external, columns, **more)


def _columns(words: Words) -> list[Column]:
    words.need("(")
    found = [_column(words)]
    while words.take(","):
        found.append(_column(words))
    words.need(")")
    return found


def _column(words: Words) -> Column:
    column = {"Name": words.name(), "Type": _type(words)}
    return column | ({"Comment": words.text()} if words.take("comment") else {})


def _type(words: Words) -> str:
    """A type by Hive's grammar, as in `array<struct<code:string>>` or `decimal(24,4)`, without blanks."""
    name = words.name()
    if words.take("<"):
        inner = [_type_part(words)]
        while words.take(","):
            inner.append(_type_part(words))
        words.need(">")
        return f"{name}<{','.join(inner)}>"
    if words.take("("):
        digits = [str(words.number())]
        while words.take(","):
            digits.append(str(words.number()))
        words.need(")")
        return f"{name}({','.join(digits)})"
    return name.replace("integer", "int")


def _type_part(words: Words) -> str:
    found = _type(words)
    return f"{found}:{_type(words)}" if words.take(":") else found


def _buckets(words: Words) -> dict[str, Any]:
    columns = words.names()
    words.need("into")
    count = words.number()
    words.need("buckets")
    return {"bucketed_by": columns, "bucket_count": count}


def _row_format(words: Words) -> dict[str, Any]:
    if words.take("delimited"):
        while words.here.word in _DELIMITED or words.here.kind == "text":
            words.next()
        return {"is_delimited": True}
    words.need("serde")
    return {"serde": words.text()}


def _stored_as(words: Words) -> dict[str, Any]:
    if not words.take("inputformat"):
        return {"format": words.name()}
    found = {"input_format": words.text()}
    words.need("outputformat")
    words.text()
    return found


def _text_properties(words: Words) -> dict[str, str]:
    """Properties by Hive's grammar, as in ('skip.header.line.count'='1')."""
    found: dict[str, str] = {}
    words.need("(")
    while True:
        name = words.text()
        words.need("=")
        found[name] = words.text()
        if not words.take(","):
            break
    words.need(")")
    return found


def _insert(words: Words, database: str) -> Insert:
    words.need("insert", "into")
    name = named(words, database)
    columns = None
    if words.sees("(") and not any(words.sees("(", word) for word in ("select", "with", "values", "table", "(")):
        columns = words.names()
    return Insert(name, columns, words.rest()[0])


def _unload(words: Words, _: str) -> Unload:
    words.need("unload")
    query = words.group()
    words.need("to")
    location = words.text()
    properties = _properties(words) if words.take("with") else {}
    words.end()
    return Unload(query, location, properties)


def _drop(words: Words, database: str) -> Statement:
    words.need("drop")
    if words.take("schema") or words.take("database"):
        if_exists = _exists(words)
        name = named_database(words)
        cascade = words.take("cascade")
        words.take("restrict")
        words.end()
        return DropDatabase(name, if_exists, cascade)
    is_view = words.take("view")
    if not is_view:
        words.need("table")
    if_exists = _exists(words)
    found = named(words, database)
    words.end()
    return DropView(found, if_exists) if is_view else DropTable(found, if_exists)


def _alter(words: Words, database: str) -> Statement:
    words.need("alter", "table")
    name = named(words, database)
    if words.take("set", "tblproperties"):
        changed = SetProperties(name, _text_properties(words))
        words.end()
        return changed
    for verb in ("add", "replace"):
        if words.take(verb, "columns"):
            columns = SetColumns(name, _columns(words), verb == "replace")
            words.end()
            return columns
    if words.take("add"):
        if_not_exists = _exists(words, negated=True)
        added = [_located(words)]
        while words.sees("partition"):
            added.append(_located(words))
        words.end()
        return AddPartitions(name, added, if_not_exists)
    if words.sees("drop") and not words.sees("drop", "column"):
        words.need("drop")
        if_exists = _exists(words)
        dropped = [_spec(words)]
        while words.take(","):
            dropped.append(_spec(words))
        words.end()
        return DropPartitions(name, dropped, if_exists)
    raise QueryFailed(
        f"NOT_SUPPORTED: {where(words.sql, words.here.at)}: ALTER TABLE {name} {words.here.text.upper()} …: expected "
        "ADD PARTITION, DROP PARTITION, SET TBLPROPERTIES, ADD COLUMNS or REPLACE COLUMNS. What else Athena has is "
        "not run here: run this statement in a real AWS account"
    )


def _located(words: Words) -> tuple[Spec, str]:
    return _spec(words), words.text() if words.take("location") else ""


def _spec(words: Words) -> Spec:
    """Values of a partition's keys, as in PARTITION (year = 2019, country = 'DEU')."""
    words.need("partition", "(")
    found: Spec = {}
    while True:
        name = words.name()
        words.need("=")
        found[name] = words.next().text if words.here.kind == "number" else words.text()
        if not words.take(","):
            break
    words.need(")")
    return found


def _msck(words: Words, database: str) -> Repair:
    words.need("msck", "repair", "table")
    name = named(words, database)
    words.end()
    return Repair(name)


_RULES: dict[str, Callable[[Words, str], Statement]] = {
    "create": _create,
    "insert": _insert,
    "unload": _unload,
    "drop": _drop,
    "alter": _alter,
    "msck": _msck,
}
