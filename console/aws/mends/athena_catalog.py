"""Mend: Athena tells of catalogs, databases, tables and workgroups what it tells in AWS.

Unmended, a catalog's name has to be written as AWS writes it, a table that is not there is described as an empty one,
a listing has no pages and no filter, a table's place and format are missing, and a workgroup made with few settings
lacks those that it has by default.

Source: Athena API reference, ListDatabases, ListTableMetadata, GetTableMetadata, GetDataCatalog and
WorkGroupConfiguration; the words of the error are AWS's.
"""

import re
from typing import Any

from console.aws.mends.guard import check, hook

_PAGE = 50


def apply() -> None:
    """Put the mend in place."""
    from ministack.services import athena, glue

    check(hasattr(athena, "_data_catalogs") and hasattr(glue, "_tables"), "stores of catalogs and tables")

    def minds_no_case(name: str, field: str) -> None:
        original = hook(athena, name, "data")
        setattr(athena, name, lambda data: original(_with_known_catalog(athena, data, field)))

    minds_no_case("_list_databases", "CatalogName")
    minds_no_case("_get_database", "CatalogName")
    minds_no_case("_get_data_catalog", "Name")
    tables = _Tables(athena, glue)
    athena._get_table_metadata = tables.get
    athena._list_table_metadata = tables.list
    create, get = hook(athena, "_create_workgroup", "data"), hook(athena, "_get_workgroup", "data")

    def create_workgroup(data: dict[str, Any]) -> Any:
        defaults = {
            "EnforceWorkGroupConfiguration": True,
            "PublishCloudWatchMetricsEnabled": True,
            "RequesterPaysEnabled": False,
        }
        return create({**data, "Configuration": defaults | (data.get("Configuration") or {})})

    def get_workgroup(data: dict[str, Any]) -> Any:
        found = athena._workgroups.get(data.get("WorkGroup"))
        if found:
            # Athena's own first workgroup leaves the client its settings; those of templates are made elsewhere.
            enforces = data.get("WorkGroup") != "primary"
            found["Configuration"] = {"EnforceWorkGroupConfiguration": enforces} | (found.get("Configuration") or {})
        return get(data)

    athena._create_workgroup = create_workgroup
    athena._get_workgroup = get_workgroup


def _with_known_catalog(athena: Any, data: dict[str, Any], field: str) -> dict[str, Any]:
    """A request with the catalog's name as it is kept; names are the same whatever the case of their letters."""
    wanted = str(data.get(field, "AwsDataCatalog"))
    known = next((name for name in athena._data_catalogs if name.lower() == wanted.lower()), wanted)
    return {**data, field: known}


class _Tables:
    """The operations on tables."""

    def __init__(self, athena: Any, glue: Any) -> None:
        from ministack.core.responses import error_response_json, json_response

        self._athena, self._glue = athena, glue
        self._refuse, self._answer = error_response_json, json_response
        self._described = hook(athena, "_glue_table_to_metadata", "t")
        for name in ("_get_table_metadata", "_list_table_metadata"):
            hook(athena, name, "data")

    def get(self, data: dict[str, Any]) -> Any:
        refused = self._refused(data)
        entry = self._glue._tables.get(f"{data.get('DatabaseName')}/{str(data.get('TableName')).lower()}")
        if refused or entry is None:
            return refused or self._unknown()
        return self._answer({"TableMetadata": self._metadata(entry)})

    def list(self, data: dict[str, Any]) -> Any:
        refused = self._refused(data)
        if refused:
            return refused
        found = sorted(
            (entry for entry in self._glue._tables.values() if entry["DatabaseName"] == data.get("DatabaseName")),
            key=lambda entry: str(entry["Name"]),
        )
        if data.get("Expression"):
            found = [entry for entry in found if re.search(data["Expression"], entry["Name"])]
        first = int(data.get("NextToken") or 0)
        after = first + int(data.get("MaxResults") or _PAGE)
        more = {"NextToken": str(after)} if after < len(found) else {}
        return self._answer({"TableMetadataList": [self._metadata(entry) for entry in found[first:after]], **more})

    def _refused(self, data: dict[str, Any]) -> Any:
        catalog = _with_known_catalog(self._athena, data, "CatalogName")["CatalogName"]
        if catalog not in self._athena._data_catalogs:
            return self._refuse("InvalidRequestException", f"Catalog {catalog} was not found", 400)
        return None if data.get("DatabaseName") in self._glue._databases else self._unknown()

    def _unknown(self) -> Any:
        return self._refuse(
            "MetadataException",
            "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException; "
            "Request ID: 00000000-0000-0000-0000-000000000000; Proxy: null)",
            400,
        )

    def _metadata(self, entry: dict[str, Any]) -> dict[str, Any]:
        held = entry.get("StorageDescriptor") or {}
        serde = held.get("SerdeInfo") or {}
        more = {
            "location": held.get("Location"),
            "inputformat": held.get("InputFormat"),
            "outputformat": held.get("OutputFormat"),
            "serde.serialization.lib": serde.get("SerializationLibrary"),
            **{f"serde.param.{key}": text for key, text in (serde.get("Parameters") or {}).items()},
        }
        given = {key: text for key, text in more.items() if text} | (entry.get("Parameters") or {})
        described: dict[str, Any] = self._described(entry)
        return described | {"CreateTime": entry.get("CreateTime"), "Parameters": given}
