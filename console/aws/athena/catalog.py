"""The Glue catalog as a query sees it: tables, registered partitions, views."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from console.aws.athena.failure import QueryFailed

_VIEW_START, _VIEW_END = "/* Presto View: ", " */"


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

    def save_view(self, database: str, name: str, sql: str, columns: list[tuple[str, str]], replace: bool) -> None:
        """Keep a view, in the form in which Athena keeps one.

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
            "catalog": "awsdatacatalog",
            "schema": database,
            "columns": [{"name": column, "type": kind} for column, kind in columns],
        }
        encoded = base64.b64encode(json.dumps(definition).encode()).decode()
        entry = {
            "Name": name,
            "TableType": "VIRTUAL_VIEW",
            "Parameters": {"presto_view": "true", "comment": "Presto View"},
            "PartitionKeys": [],
            "StorageDescriptor": {"Columns": [{"Name": column, "Type": kind} for column, kind in columns]},
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


def is_view(entry: dict[str, Any]) -> bool:
    """Whether an entry of the catalog is a view."""
    return entry.get("TableType") == "VIRTUAL_VIEW"


def view_definition(entry: dict[str, Any]) -> tuple[str, str]:
    """The SQL of a view and the database that its names are of."""
    encoded = entry["ViewOriginalText"].removeprefix(_VIEW_START).removesuffix(_VIEW_END)
    definition = json.loads(base64.b64decode(encoded))
    return definition["originalSql"], definition["schema"]
