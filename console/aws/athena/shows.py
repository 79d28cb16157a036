"""SHOW and DESCRIBE, which Athena answers from the catalog."""

import fnmatch
import re
from collections.abc import Callable
from typing import Any

from console.aws.athena.catalog import Catalog, is_view, view_definition
from console.aws.athena.failure import QueryFailed
from console.aws.athena.values import ResultColumn

Answer = tuple[list[ResultColumn], list[list[str | None]]]
_NAME = r"[`\"]?(\w+)[`\"]?"
_TABLE = rf"(?:[`\"]?awsdatacatalog[`\"]?\.)?(?:{_NAME}\.)?{_NAME}"


def answer(written: str, database: str, catalog: Catalog) -> Answer:
    """Answer a SHOW or DESCRIBE.

    Parameters
    ----------
    written : the statement, without comments before it and a semicolon after it

    Raises
    ------
    QueryFailed
        A name is unknown, or the form of SHOW is.
    """
    for pattern, form in _FORMS:
        match = re.fullmatch(pattern, written, re.IGNORECASE)
        if match:
            return form(catalog, database, *match.groups())
    raise QueryFailed(
        f"SYNTAX_ERROR: line 1:1: {written!r} is not understood. Known: SHOW DATABASES, SHOW TABLES, SHOW VIEWS, "
        "SHOW COLUMNS IN, SHOW PARTITIONS, SHOW TBLPROPERTIES, SHOW CREATE TABLE, SHOW CREATE VIEW, DESCRIBE"
    )


def _one_column(name: str, values: list[str]) -> Answer:
    return [ResultColumn(name)], [[value] for value in values]


def _entry(catalog: Catalog, database: str, name: str) -> dict[str, Any]:
    return catalog.existing(database.lower(), name.lower())


def _databases(catalog: Catalog, _: str, pattern: str | None) -> Answer:
    return _one_column("database_name", [name for name in catalog.databases() if _like(name, pattern)])


def _tables(catalog: Catalog, database: str, owner: str | None, pattern: str | None) -> Answer:
    found = catalog.tables((owner or database).lower())
    return _one_column("tab_name", [entry["Name"] for entry in found if _like(entry["Name"], pattern)])


def _views(catalog: Catalog, database: str, owner: str | None, pattern: str | None) -> Answer:
    found = [entry for entry in catalog.tables((owner or database).lower()) if is_view(entry)]
    return _one_column("views", [entry["Name"] for entry in found if _like(entry["Name"], pattern)])


def _partitions(catalog: Catalog, database: str, owner: str | None, name: str) -> Answer:
    owner = (owner or database).lower()
    keys = _entry(catalog, owner, name).get("PartitionKeys") or []
    if not keys:
        raise QueryFailed(f"FAILED: SemanticException [Error 10001]: Table {owner}.{name} is not a partitioned table")
    return _one_column(
        "partition",
        [
            "/".join(f"{key['Name']}={value}" for key, value in zip(keys, partition["Values"], strict=True))
            for partition in catalog.partitions(owner, name.lower())
        ],
    )


def _columns_of(entry: dict[str, Any]) -> list[dict[str, str]]:
    return [*entry["StorageDescriptor"]["Columns"], *(entry.get("PartitionKeys") or [])]


def _columns(catalog: Catalog, database: str, owner: str | None, name: str) -> Answer:
    entry = _entry(catalog, owner or database, name)
    return _one_column("field", [column["Name"] for column in _columns_of(entry)])


def _describe(catalog: Catalog, database: str, more: str | None, owner: str | None, name: str) -> Answer:
    entry = _entry(catalog, owner or database, name)
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


def _properties(catalog: Catalog, database: str, owner: str | None, name: str, wanted: str | None) -> Answer:
    found = _entry(catalog, owner or database, name).get("Parameters") or {}
    columns = [ResultColumn("prpt_name"), ResultColumn("prpt_value")]
    return columns, [[f"{key}\t{value}"] for key, value in sorted(found.items()) if wanted in (None, key)]


def _create_table(catalog: Catalog, database: str, owner: str | None, name: str) -> Answer:
    entry = _entry(catalog, owner or database, name)
    if is_view(entry):
        raise QueryFailed(f"FAILED: SemanticException: {name} is a view: use SHOW CREATE VIEW")
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


def _create_view(catalog: Catalog, database: str, owner: str | None, name: str) -> Answer:
    entry = _entry(catalog, owner or database, name)
    if not is_view(entry):
        raise QueryFailed(f"NOT_SUPPORTED: line 1:1: {name} is a table, not a view")
    lines = view_definition(entry).sql.splitlines()
    return _one_column("Create View", [f"CREATE VIEW {entry['DatabaseName']}.{entry['Name']} AS", *lines])


def _like(name: str, pattern: str | None) -> bool:
    # Hive's patterns: * for any text, | between alternatives.
    return pattern is None or any(fnmatch.fnmatchcase(name, each.lower()) for each in pattern.split("|"))


_FORMS: list[tuple[str, Callable[..., Answer]]] = [
    (r"show\s+(?:databases|schemas)(?:\s+(?:like\s+)?'([^']*)')?", _databases),
    (rf"show\s+tables(?:\s+(?:in|from)\s+{_NAME})?(?:\s+'([^']*)')?", _tables),
    (rf"show\s+views(?:\s+(?:in|from)\s+{_NAME})?(?:\s+(?:like\s+)?'([^']*)')?", _views),
    (rf"show\s+partitions\s+{_TABLE}", _partitions),
    (rf"show\s+columns\s+(?:in|from)\s+{_TABLE}", _columns),
    (rf"show\s+tblproperties\s+{_TABLE}(?:\s*\(\s*'([^']*)'\s*\))?", _properties),
    (rf"show\s+create\s+table\s+{_TABLE}", _create_table),
    (rf"show\s+create\s+view\s+{_TABLE}", _create_view),
    (rf"(?:describe|desc)\s+(formatted\s+|extended\s+)?{_TABLE}", _describe),
]
