"""Mend: Glue keeps the versions of a table, and deletes partitions in batches.

Unmended, GetTableVersions, GetTableVersion, DeleteTableVersion, BatchDeleteTableVersion and BatchDeletePartition are
refused as unknown. dbt asks for them after each model.

Source: AWS Glue API reference, Table API and Partition API.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

from console.aws.mends.glue_catalog import as_glue_gives_it
from console.aws.mends.guard import check, hook


def apply() -> None:
    """Put the mend in place."""
    from ministack.core.responses import AccountRegionScopedDict
    from ministack.services import glue

    check("tables" in getattr(glue, "_ALL_STATE", {}), "the list glue._ALL_STATE of what is kept")
    handle = hook(glue, "_handle_request_sync", "method path headers body query_params")
    versions = _Versions(glue, glue._ALL_STATE.setdefault("table_versions", AccountRegionScopedDict()))
    glue._create_table = versions.create_table
    glue._update_table = versions.update_table
    calls: dict[str, Callable[[dict[str, Any]], Any]] = {
        "GetTableVersions": versions.list,
        "GetTableVersion": versions.get,
        "DeleteTableVersion": versions.delete,
        "BatchDeleteTableVersion": versions.delete_batch,
        "BatchDeletePartition": versions.delete_partitions,
    }

    def mended(method: str, path: str, headers: Any, body: Any, query_params: Any) -> Any:
        call = calls.get(headers.get("x-amz-target", "").removeprefix("AWSGlue."))
        return call(json.loads(body)) if call else handle(method, path, headers, body, query_params)

    glue._handle_request_sync = mended


class _Versions:
    """The operations, and the former versions of each table, the oldest first."""

    def __init__(self, glue: Any, kept: Any) -> None:
        from ministack.core.responses import error_response_json, json_response

        self._glue, self._kept = glue, kept
        self._refuse, self._answer = error_response_json, json_response
        self._create = hook(glue, "_create_table", "data")
        self._update = hook(glue, "_update_table", "data")
        self._delete_partition = hook(glue, "_delete_partition", "data")
        check(hasattr(glue, "_tables") and hasattr(glue, "_partitions"), "stores glue._tables and glue._partitions")

    def create_table(self, data: dict[str, Any]) -> Any:
        answer = self._create(data)
        if answer[0] < 400:
            self._kept.pop(_key(data, data["TableInput"]["Name"]), None)
        return answer

    def update_table(self, data: dict[str, Any]) -> Any:
        key = _key(data, data.get("TableInput", {}).get("Name"))
        former = copy.deepcopy(self._glue._tables.get(key))
        answer = self._update(data)
        if answer[0] < 400 and not data.get("SkipArchive"):
            self._kept[key] = [*self._kept.get(key, []), former]
        return answer

    def list(self, data: dict[str, Any]) -> Any:
        found = self._of(data)
        if found is None:
            return self._unknown(data)
        return self._answer({"TableVersions": [_version(entry) for entry in reversed(found)]})

    def get(self, data: dict[str, Any]) -> Any:
        found = self._of(data)
        wanted = data.get("VersionId")
        for entry in found or []:
            if wanted is None or entry["VersionId"] == wanted:
                return self._answer({"TableVersion": _version((found or [])[-1] if wanted is None else entry)})
        return self._unknown(data)

    def delete(self, data: dict[str, Any]) -> Any:
        found = self._of(data)
        wanted = str(data.get("VersionId"))
        if found is None or wanted not in [entry["VersionId"] for entry in found]:
            return self._unknown(data)
        if wanted == found[-1]["VersionId"]:
            return self._refuse("InvalidInputException", f"Version {wanted} is the table's current one.", 400)
        self._kept[_key(data, data["TableName"])] = [each for each in found[:-1] if each["VersionId"] != wanted]
        return self._answer({})

    def delete_batch(self, data: dict[str, Any]) -> Any:
        errors = []
        for wanted in data.get("VersionIds", []):
            status, _, body = self.delete({**data, "VersionId": wanted})
            if status >= 400:
                errors.append({"TableName": data["TableName"], "VersionId": wanted, "ErrorDetail": _detail(body)})
        return self._answer({"Errors": errors})

    def delete_partitions(self, data: dict[str, Any]) -> Any:
        key = _key(data, data["TableName"])
        if key not in self._glue._tables:
            return self._unknown(data)
        errors = []
        for each in data.get("PartitionsToDelete", []):
            if each["Values"] in [part["Values"] for part in self._glue._partitions.get(key, [])]:
                self._delete_partition({**data, "PartitionValues": each["Values"]})
            else:
                why = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Partition not found"}
                errors.append({"PartitionValues": each["Values"], "ErrorDetail": why})
        return self._answer({"Errors": errors})

    def _of(self, data: dict[str, Any]) -> Any:
        """All versions of a table, the current one last; None where there is no such table."""
        key = _key(data, data.get("TableName"))
        current = self._glue._tables.get(key)
        return None if current is None else [*self._kept.get(key, []), current]

    def _unknown(self, data: dict[str, Any]) -> Any:
        version = f" version {data['VersionId']}" if data.get("VersionId") else ""
        return self._refuse("EntityNotFoundException", f"Table {data.get('TableName')}{version} not found.", 400)


def _key(data: dict[str, Any], table: str | None) -> str:
    return f"{data.get('DatabaseName')}/{table}"


def _version(entry: dict[str, Any]) -> dict[str, Any]:
    table = copy.deepcopy(entry)
    as_glue_gives_it(table)
    return {"Table": table, "VersionId": entry["VersionId"]}


def _detail(body: bytes) -> dict[str, str]:
    said = json.loads(body)
    return {"ErrorCode": said["__type"], "ErrorMessage": said["message"]}
