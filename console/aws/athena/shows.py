"""SHOW and DESCRIBE, which Athena answers from the catalog."""

import fnmatch
from collections.abc import Callable
from typing import Any

from console.aws.athena import statements as st
from console.aws.athena.catalog import Catalog, is_view, view_definition
from console.aws.athena.failure import QueryFailed, where
from console.aws.athena.parquet import escaped
from console.aws.athena.values import ResultColumn
from console.aws.athena.words import Words

Answer = tuple[list[ResultColumn], list[list[str | None]]]


def answer(written: str, database: str, catalog: Catalog) -> Answer:
    """Answer a SHOW or DESCRIBE.

    Parameters
    ----------
    written : the statement
    database : of names that have none

    Raises
    ------
    QueryFailed
        A name is unknown, or the form of SHOW is.
    """
    words = Words(written)
    for beginning, form in _FORMS:
        if words.take(*beginning.split()):
            return form(words, database.lower(), catalog)
    known = ", ".join(dict.fromkeys(beginning.upper() for beginning, _ in _FORMS if beginning != "desc"))
    raise QueryFailed(f"SYNTAX_ERROR: {where(written, words.here.at)}: {written!r} is not understood. Known: {known}")


def _one_column(name: str, values: list[str]) -> Answer:
    return [ResultColumn(name)], [[value] for value in values]


def _entry(words: Words, database: str, catalog: Catalog) -> dict[str, Any]:
    """The entry of the table or view that is named last in a statement."""
    name = st.named(words, database)
    words.end()
    return catalog.existing(name.database, name.table)


def _owner(words: Words, database: str) -> str:
    """The database that IN or FROM names, or else that of names without one."""
    return st.named_database(words) if words.take("in") or words.take("from") else database


def _liked(words: Words, names: list[str]) -> list[str]:
    """The names that a pattern at the end of a statement leaves. Hive's: * for any text, | between alternatives."""
    words.take("like")
    patterns = words.text().lower().split("|") if words.here.kind == "text" else ["*"]
    words.end()
    return [name for name in names if any(fnmatch.fnmatchcase(name, each) for each in patterns)]


def _databases(words: Words, _: str, catalog: Catalog) -> Answer:
    return _one_column("database_name", _liked(words, catalog.databases()))


def _tables(words: Words, database: str, catalog: Catalog) -> Answer:
    found = catalog.tables(_owner(words, database))
    return _one_column("tab_name", _liked(words, [entry["Name"] for entry in found]))


def _views(words: Words, database: str, catalog: Catalog) -> Answer:
    found = [entry for entry in catalog.tables(_owner(words, database)) if is_view(entry)]
    return _one_column("views", _liked(words, [entry["Name"] for entry in found]))


def _partitions(words: Words, database: str, catalog: Catalog) -> Answer:
    entry = _entry(words, database, catalog)
    owner, name, keys = entry["DatabaseName"], entry["Name"], entry.get("PartitionKeys") or []
    if not keys:
        raise QueryFailed(f"FAILED: SemanticException [Error 10001]: Table {owner}.{name} is not a partitioned table")
    return _one_column(
        "partition",
        [
            "/".join(f"{key['Name']}={escaped(value)}" for key, value in zip(keys, partition["Values"], strict=True))
            for partition in catalog.partitions(owner, name)
        ],
    )


def _columns_of(entry: dict[str, Any]) -> list[dict[str, str]]:
    return [*entry["StorageDescriptor"]["Columns"], *(entry.get("PartitionKeys") or [])]


def _columns(words: Words, database: str, catalog: Catalog) -> Answer:
    if not words.take("in"):
        words.need("from")
    name = st.named(words, database)
    owner = _owner(words, name.database)  # SHOW COLUMNS IN table IN database, too
    words.end()
    return _one_column("field", [column["Name"] for column in _columns_of(catalog.existing(owner, name.table))])


def _describe(words: Words, database: str, catalog: Catalog) -> Answer:
    more = words.take("extended") or words.take("formatted")
    entry = _entry(words, database, catalog)
    rows = [_described(column) for column in _columns_of(entry)]
    keys = entry.get("PartitionKeys") or []
    if keys:
        rows += [("", "", ""), ("# Partition Information", "", ""), ("# col_name", "data_type", "comment")]
        rows += [_described(key) for key in keys]
    about = view_definition(entry).comment if is_view(entry) else entry.get("Description", "")
    if more and about:
        rows += [("", "", ""), ("# Detailed Table Information", "", ""), ("Comment:", about, "")]
    # Three columns, and each row one value: tabs between, blanks to the right of each.
    columns = [ResultColumn("col_name"), ResultColumn("data_type"), ResultColumn("comment")]
    return columns, [["\t".join(f"{cell:<20}" for cell in row)] for row in rows]


def _described(column: dict[str, str]) -> tuple[str, str, str]:
    return column["Name"], column["Type"], column.get("Comment", "")


def _properties(words: Words, database: str, catalog: Catalog) -> Answer:
    name, wanted = st.named(words, database), None
    if words.take("("):
        wanted = words.text()
        words.need(")")
    words.end()
    found = catalog.existing(name.database, name.table).get("Parameters") or {}
    columns = [ResultColumn("prpt_name"), ResultColumn("prpt_value")]
    if wanted is not None and wanted not in found:
        return columns, [[f"Table {name} does not have property: {wanted}"]]
    return columns, [[f"{key}\t{value}"] for key, value in sorted(found.items()) if wanted in (None, key)]


def _create_table(words: Words, database: str, catalog: Catalog) -> Answer:
    entry = _entry(words, database, catalog)
    if is_view(entry):
        raise QueryFailed(f"FAILED: SemanticException: {entry['Name']} is a view: use SHOW CREATE VIEW")
    return _one_column("createtab_stmt", statement_of(entry))


def statement_of(entry: dict[str, Any]) -> list[str]:
    """Lines of the statement that makes a table of the catalog."""
    held = entry["StorageDescriptor"]
    serde = held.get("SerdeInfo") or {}
    lines = [f"CREATE EXTERNAL TABLE `{entry['DatabaseName']}.{entry['Name']}`(", *_listed_columns(held["Columns"])]
    if entry.get("PartitionKeys"):
        lines += ["PARTITIONED BY ( ", *_listed_columns(entry["PartitionKeys"])]
    if held.get("BucketColumns"):
        lines += ["CLUSTERED BY ( ", *_listed([f"`{name}`" for name in held["BucketColumns"]])]
        lines += [f"INTO {held['NumberOfBuckets']} BUCKETS"]
    lines += ["ROW FORMAT SERDE ", f"  {_text(serde.get('SerializationLibrary', ''))} "]
    if serde.get("Parameters"):
        lines += ["WITH SERDEPROPERTIES ( ", *_listed_pairs(serde["Parameters"])]
    lines += ["STORED AS INPUTFORMAT ", f"  {_text(held.get('InputFormat', ''))} "]
    lines += ["OUTPUTFORMAT ", f"  {_text(held.get('OutputFormat', ''))}", "LOCATION", f"  {_text(held['Location'])}"]
    return [*lines, "TBLPROPERTIES (", *_listed_pairs(entry.get("Parameters") or {"EXTERNAL": "TRUE"})]


def _listed_columns(columns: list[dict[str, str]]) -> list[str]:
    comments = [f" COMMENT {_text(each['Comment'])}" if each.get("Comment") else "" for each in columns]
    return _listed(
        [f"`{each['Name']}` {each['Type']}{comment}" for each, comment in zip(columns, comments, strict=True)]
    )


def _listed_pairs(properties: dict[str, str]) -> list[str]:
    return _listed([f"{_text(key)}={_text(value)}" for key, value in sorted(properties.items())])


def _listed(items: list[str]) -> list[str]:
    return [*(f"  {each}, " for each in items[:-1]), f"  {items[-1]})"]


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\t", "\\t").replace("\n", "\\n")
    return f"'{escaped}'"


def _create_view(words: Words, database: str, catalog: Catalog) -> Answer:
    entry = _entry(words, database, catalog)
    if not is_view(entry):
        raise QueryFailed(f"NOT_SUPPORTED: line 1:1: {entry['Name']} is a table, not a view")
    lines = view_definition(entry).sql.splitlines()
    return _one_column("Create View", [f"CREATE VIEW {entry['DatabaseName']}.{entry['Name']} AS", *lines])


_FORMS: list[tuple[str, Callable[[Words, str, Catalog], Answer]]] = [
    ("show databases", _databases),
    ("show schemas", _databases),
    ("show tables", _tables),
    ("show views", _views),
    ("show partitions", _partitions),
    ("show columns", _columns),
    ("show tblproperties", _properties),
    ("show create table", _create_table),
    ("show create view", _create_view),
    ("describe", _describe),
    ("desc", _describe),
]
