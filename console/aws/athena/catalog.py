"""The Glue catalog as a query sees it: tables, registered partitions, views."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from console.aws.athena import types
from console.aws.athena.failure import QueryFailed
from console.aws.athena.parquet import NO_VALUE

# Athena's name of the Glue catalog.
CATALOG = "awsdatacatalog"

_BATCH = 100  # partitions that Glue makes at once
# What a table input holds of what Glue gives.
_INPUT = ("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "ViewOriginalText",
          "ViewExpandedText", "TableType", "Parameters")  # fmt: skip
_VIEW_START, _VIEW_END = "/* Presto View: ", " */"


@dataclass(frozen=True, slots=True)
class ViewDefinition:
    """A view: its SQL, the database of its names, its columns with their types in Trino, and what it is about."""

    sql: str
    database: str
    columns: list[tuple[str, str]]
    comment: str


class Catalog:
    """Reads and writes the Glue catalog through its API.

    Parameters
    ----------
    glue : boto3 client
    """

    def __init__(self, glue: Any) -> None:
        self._glue = glue

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        """The entry of a table or view; None where there is none."""
        try:
            found: dict[str, Any] = self._glue.get_table(DatabaseName=database, Name=name)["Table"]
        except self._glue.exceptions.EntityNotFoundException:
            return None
        return found

    def partitions(self, database: str, table: str) -> list[dict[str, Any]]:
        """The registered partitions of a table."""
        pages = self._pages("get_partitions", "Partitions", DatabaseName=database, TableName=table)
        return sorted(pages, key=lambda partition: list(partition["Values"]))

    def databases(self) -> list[str]:
        """Names of the databases."""
        return sorted(entry["Name"] for entry in self._pages("get_databases", "DatabaseList"))

    def tables(self, database: str) -> list[dict[str, Any]]:
        """Entries of the tables and views of a database.

        Raises
        ------
        QueryFailed
            There is no such database.
        """
        if database not in self.databases():
            raise QueryFailed(f"SCHEMA_NOT_FOUND: line 1:1: Schema '{database}' does not exist")
        return sorted(self._pages("get_tables", "TableList", DatabaseName=database), key=lambda entry: entry["Name"])

    def virtual(self, database: str, name: str) -> tuple[list[tuple[str, str]], list[list[Any]]] | None:
        """A table that Trino makes up from the catalog: columns (name and type) and rows; None for any other name.

        These are the tables of `information_schema`, and `table$partitions` beside a table that has partitions.
        """
        if database == "information_schema":
            return self._information(name)
        entry = self.table(database, name.removesuffix("$partitions")) if name.endswith("$partitions") else None
        keys = [
            (key["Name"].lower(), types.of_hive(key["Type"]) or "varchar")
            for key in (entry or {}).get("PartitionKeys") or []
        ]
        if entry is None or not keys:
            return None
        held = [partition["Values"] for partition in self.partitions(database, entry["Name"])]
        return keys, [[None if value == NO_VALUE else value for value in values] for values in held]

    def _information(self, name: str) -> tuple[list[tuple[str, str]], list[list[Any]]] | None:
        owners = ("table_catalog", "table_schema", "table_name")
        rows: list[list[Any]] = []
        if name == "schemata":
            return _texts("catalog_name", "schema_name"), [
                [CATALOG, each] for each in (*self.databases(), "information_schema")
            ]
        if name not in ("tables", "columns", "views"):
            return None
        for database in self.databases():
            for entry in self.tables(database):
                at = [CATALOG, database, entry["Name"]]
                if name == "tables":
                    rows.append([*at, "VIEW" if is_view(entry) else "BASE TABLE"])
                elif name == "views" and is_view(entry):
                    rows.append([*at, view_definition(entry).sql])
                elif name == "columns":
                    described = enumerate(columns_of(entry), 1)
                    rows += [[*at, column, n, None, "YES", kind] for n, (column, kind) in described]
        if name == "tables":
            return _texts(*owners, "table_type"), rows
        if name == "views":
            return _texts(*owners, "view_definition"), rows
        kinds = [*_texts(*owners, "column_name"), ("ordinal_position", "bigint")]
        return [*kinds, *_texts("column_default", "is_nullable", "data_type")], rows

    def existing(self, database: str, name: str) -> dict[str, Any]:
        """The entry of a table or view.

        Raises
        ------
        QueryFailed
            There is none.
        """
        entry = self.table(database, name)
        if entry is None:
            raise QueryFailed(f"FAILED: SemanticException [Error 10001]: Table not found {database}.{name}")
        return entry

    def create(self, database: str, entry: dict[str, Any]) -> None:
        """Keep a new table.

        Raises
        ------
        QueryFailed
            There is no such database, or the name is taken.
        """
        try:
            self._glue.create_table(DatabaseName=database, TableInput=entry)
        except self._glue.exceptions.EntityNotFoundException as error:
            raise QueryFailed(f"SCHEMA_NOT_FOUND: line 1:1: Schema '{database}' does not exist") from error
        except self._glue.exceptions.AlreadyExistsException as error:
            name = f"{CATALOG}.{database}.{entry['Name']}"
            raise QueryFailed(f"TABLE_ALREADY_EXISTS: line 1:1: Destination table '{name}' already exists") from error

    def change(self, entry: dict[str, Any], **changes: Any) -> None:
        """Keep a table with some of its parts changed, as a new version."""
        kept = {key: value for key, value in entry.items() if key in _INPUT and value is not None}
        self._glue.update_table(DatabaseName=entry["DatabaseName"], TableInput=kept | changes)

    def drop(self, entry: dict[str, Any]) -> None:
        """Forget a table; its files stay."""
        self._glue.delete_table(DatabaseName=entry["DatabaseName"], Name=entry["Name"])

    def create_database(self, name: str, comment: str, location: str) -> None:
        """Keep a new database."""
        more = {"Description": comment, "LocationUri": location}
        self._glue.create_database(DatabaseInput={"Name": name} | {key: text for key, text in more.items() if text})

    def drop_database(self, name: str) -> None:
        """Forget a database."""
        self._glue.delete_database(Name=name)

    def add_partitions(self, entry: dict[str, Any], places: dict[tuple[str, ...], str]) -> None:
        """Register partitions of a table.

        Parameters
        ----------
        places : s3:// addresses by the values of the keys
        """
        storage = entry["StorageDescriptor"]
        inputs = [
            {"Values": list(values), "StorageDescriptor": {**storage, "Location": place}, "Parameters": {}}
            for values, place in places.items()
        ]
        for n in range(0, len(inputs), _BATCH):
            made = self._glue.batch_create_partition(
                DatabaseName=entry["DatabaseName"], TableName=entry["Name"], PartitionInputList=inputs[n : n + _BATCH]
            )
            if made.get("Errors"):
                raise QueryFailed(f"HIVE_METASTORE_ERROR: partitions of {entry['Name']}: {made['Errors'][0]}")

    def drop_partition(self, entry: dict[str, Any], values: list[str]) -> None:
        """Forget a partition; its files stay."""
        self._glue.delete_partition(DatabaseName=entry["DatabaseName"], TableName=entry["Name"], PartitionValues=values)

    def save_view(
        self, database: str, name: str, sql: str, schema: str, columns: list[tuple[str, str]], replace: bool
    ) -> None:
        """Keep a view, in the form in which Athena keeps one.

        Parameters
        ----------
        schema : database of the names in its SQL that have none
        columns : names and types in Trino

        Raises
        ------
        QueryFailed
            The name is taken.
        """
        existing = self.table(database, name)
        if existing and existing.get("TableType") != "VIRTUAL_VIEW":
            raise QueryFailed(f"TABLE_ALREADY_EXISTS: line 1:1: '{database}.{name}' is a table, not a view")
        if existing and not replace:
            raise QueryFailed(f"TABLE_ALREADY_EXISTS: line 1:1: View already exists: '{database}.{name}'")
        definition = {
            "originalSql": sql,
            "catalog": CATALOG,
            "schema": schema,
            "columns": [{"name": column, "type": kind} for column, kind in columns],
        }
        encoded = base64.b64encode(json.dumps(definition).encode()).decode()
        entry = {
            "Name": name,
            "TableType": "VIRTUAL_VIEW",
            "Parameters": {"presto_view": "true", "comment": "Presto View"},
            "PartitionKeys": [],
            "StorageDescriptor": {
                "Columns": [{"Name": column, "Type": types.to_hive(kind)} for column, kind in columns],
                "Location": "",
                "SerdeInfo": {},
            },
            "ViewOriginalText": f"{_VIEW_START}{encoded}{_VIEW_END}",
            "ViewExpandedText": "/* Presto View */",
        }
        save = self._glue.update_table if existing else self._glue.create_table
        try:
            save(DatabaseName=database, TableInput=entry)
        except self._glue.exceptions.EntityNotFoundException as error:
            raise QueryFailed(f"SCHEMA_NOT_FOUND: line 1:1: Schema '{database}' does not exist") from error

    def drop_view(self, database: str, name: str, if_exists: bool) -> None:
        """Delete a view.

        Raises
        ------
        QueryFailed
            There is no such view.
        """
        existing = self.table(database, name)
        if existing and existing.get("TableType") == "VIRTUAL_VIEW":
            self._glue.delete_table(DatabaseName=database, Name=name)
        elif existing:
            raise QueryFailed(f"TABLE_NOT_FOUND: line 1:1: '{database}.{name}' is a table, not a view")
        elif not if_exists:
            raise QueryFailed(f"TABLE_NOT_FOUND: line 1:1: View '{database}.{name}' does not exist")

    def _pages(self, operation: str, field: str, **request: Any) -> Iterator[dict[str, Any]]:
        for page in self._glue.get_paginator(operation).paginate(**request):
            yield from page[field]


class Snapshot(Catalog):
    """The catalog as one query sees it: what several of its parts read is asked for once, and is the same for all."""

    def __init__(self, glue: Any) -> None:
        super().__init__(glue)
        self._tables: dict[tuple[str, str], dict[str, Any] | None] = {}
        self._partitions: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        """The entry of a table or view: see `Catalog`."""
        if (database, name) not in self._tables:
            self._tables[database, name] = super().table(database, name)
        return self._tables[database, name]

    def partitions(self, database: str, table: str) -> list[dict[str, Any]]:
        """The registered partitions of a table: see `Catalog`."""
        if (database, table) not in self._partitions:
            self._partitions[database, table] = super().partitions(database, table)
        return self._partitions[database, table]


def is_view(entry: dict[str, Any]) -> bool:
    """Whether an entry of the catalog is a view."""
    return entry.get("TableType") == "VIRTUAL_VIEW"


def view_definition(entry: dict[str, Any]) -> ViewDefinition:
    """Read a view's definition."""
    encoded = entry["ViewOriginalText"].removeprefix(_VIEW_START).removesuffix(_VIEW_END)
    definition = json.loads(base64.b64decode(encoded))
    columns = [(column["name"], plain_type(column["type"])) for column in definition["columns"]]
    return ViewDefinition(definition["originalSql"], definition["schema"], columns, definition.get("comment", ""))


def columns_of(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and types, in Trino's words, of the columns of a table or view that can be read."""
    if is_view(entry):
        return view_definition(entry).columns
    described = [*entry["StorageDescriptor"]["Columns"], *(entry.get("PartitionKeys") or [])]
    return [(each["Name"], types.of_hive(each["Type"]) or each["Type"]) for each in described]


def plain_type(kind: str) -> str:
    """A type without what is of no consequence here: blanks, and the length of a varchar."""
    return re.sub(r"varchar\(\d+\)", "varchar", kind.replace(", ", ","))


def _texts(*names: str) -> list[tuple[str, str]]:
    return [(name, "varchar") for name in names]
