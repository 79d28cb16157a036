"""Mend: the Glue catalog answers as Glue does.

GetPartitions honours Expression, UpdatePartition exists, partitions need their table and tables their database, a table
made without a description or owner has none, a view has a place, and Trino is told of a view what makes it one to it.

Unmended, an expression is ignored (every partition comes back), a table that does not exist gets partitions, and every
table has the owner "", which Glue takes from nobody, and the description "", which hides a view from Trino. So does any
description that a person or a tool gives a view; Athena's own views are known by their parameter presto_view alone.
"""

import json
from collections.abc import Callable
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from console.aws.athena.trino import KEY_ID
from console.aws.mends.guard import check, hook


def apply() -> None:
    """Put the mend in place."""
    from ministack.core.responses import error_response_json, json_response
    from ministack.services import glue

    check(hasattr(glue, "_tables") and hasattr(glue, "_partitions"), "stores glue._tables and glue._partitions")
    get_partitions = hook(glue, "_get_partitions", "data")
    handle = hook(glue, "_handle_request_sync", "method path headers body query_params")
    batch_update = hook(glue, "_batch_update_partition", "data")

    def missing(data: dict[str, Any]) -> Any:
        if f"{data.get('DatabaseName')}/{data.get('TableName')}" in glue._tables:
            return None
        return error_response_json("EntityNotFoundException", f"Table {data.get('TableName')} not found.", 400)

    def needs_table(name: str) -> None:
        original = hook(glue, name, "data")
        setattr(glue, name, lambda data: missing(data) or original(data))

    for name in ("_create_partition", "_batch_create_partition", "_get_partition", "_batch_get_partition"):
        needs_table(name)

    _complete_tables(glue)

    def mended(data: dict[str, Any]) -> Any:
        refused = missing(data)
        if refused or not data.get("Expression"):
            return refused or get_partitions(data)
        keys = glue._tables[f"{data['DatabaseName']}/{data['TableName']}"].get("PartitionKeys", [])
        try:
            found = [
                partition
                for partition in json.loads(get_partitions(data)[2])["Partitions"]
                if matches(data["Expression"], keys, partition["Values"])
            ]
        except (duckdb.Error, sqlglot.errors.SqlglotError) as error:
            return error_response_json("InvalidInputException", f"Unsupported expression: {error}", 400)
        return json_response({"Partitions": found})

    def update_partition(data: dict[str, Any]) -> Any:
        entry = {"PartitionValueList": data.get("PartitionValueList"), "PartitionInput": data.get("PartitionInput")}
        status, headers, body = batch_update({**data, "Entries": [entry]})
        errors = json.loads(body).get("Errors") if status < 400 else None
        if errors:
            detail = errors[0]["ErrorDetail"]
            return error_response_json(detail["ErrorCode"], detail["ErrorMessage"], 400)
        return (status, headers, body) if status >= 400 else json_response({})

    def mended_handle(method: str, path: str, headers: Any, body: Any, query_params: Any) -> Any:
        if headers.get("x-amz-target") == "AWSGlue.UpdatePartition":
            return update_partition(json.loads(body))
        answer = handle(method, path, headers, body, query_params)
        is_trino = f"Credential={KEY_ID}/" in headers.get("authorization", "")
        return _changed(answer, _as_trino_knows_it) if is_trino and answer[0] < 400 else answer

    glue._get_partitions = mended
    glue._handle_request_sync = mended_handle


def _complete_tables(glue: Any) -> None:
    from ministack.core.responses import error_response_json

    get_table, get_tables = hook(glue, "_get_table", "data"), hook(glue, "_get_tables", "data")

    def listed(data: dict[str, Any]) -> Any:
        if data.get("DatabaseName") not in glue._databases:
            said = f"Database {data.get('DatabaseName')} not found."
            return error_response_json("EntityNotFoundException", said, 400)
        return _changed(get_tables(data), as_glue_gives_it)

    glue._get_table = lambda data: _changed(get_table(data), as_glue_gives_it)
    glue._get_tables = listed


def _changed(answer: Any, change: Callable[[dict[str, Any]], None]) -> Any:
    """An answer with its tables changed."""
    status, headers, body = answer
    found = json.loads(body or b"{}")
    tables = [*found.get("TableList", []), *([found["Table"]] if "Table" in found else [])]
    for table in tables:
        change(table)
    return (status, headers, json.dumps(found).encode()) if tables else answer


def as_glue_gives_it(table: dict[str, Any]) -> None:
    """Change a table as ministack keeps it to what Glue answers."""
    for name in ("Description", "Owner"):
        if not table.get(name):
            table.pop(name, None)
    if table.get("TableType") == "VIRTUAL_VIEW":
        table["StorageDescriptor"] = {"Columns": [], "Location": ""} | (table.get("StorageDescriptor") or {})


def _as_trino_knows_it(table: dict[str, Any]) -> None:
    if (table.get("Parameters") or {}).get("presto_view") == "true":
        table["Parameters"]["comment"] = "Presto View"
        table.pop("Description", None)
        table.setdefault("Owner", "athena")  # in whose name it is read


def matches(expression: str, keys: list[dict[str, str]], values: list[str]) -> bool:
    """Whether the values of a partition satisfy an expression of GetPartitions, as in `year > 2023`."""
    columns = ", ".join(
        f'CAST({exp.Literal.string(value)} AS {key["Type"]}) AS "{key["Name"]}"'
        for key, value in zip(keys, values, strict=True)
    )
    condition = sqlglot.parse_one(expression, dialect="hive").sql(dialect="duckdb")
    with duckdb.connect(":memory:") as database:
        row = database.execute(f"SELECT count(*) FROM (SELECT {columns}) WHERE {condition}").fetchone()  # noqa: S608
    return bool(row and row[0])
