"""Mend: calls of Athena and Glue are judged by the resources that AWS asks for.

Only where IAM is enforced. Unmended, Glue's calls are judged by the database alone (and a table as if it had none),
Athena's by nothing where a call names a query, a saved query or a data catalog.
"""

import contextvars
import json
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

from console.aws.mends.guard import check, hook
from console.aws.mends.iam import enforced

_WORKGROUP_LISTS = ("ListNamedQueries", "ListQueryExecutions", "ListPreparedStatements")
_asked: contextvars.ContextVar[tuple[str, ...]] = contextvars.ContextVar("asked", default=())


def apply() -> None:
    """Put the mend in place, over that of the calls which are kept."""
    if not enforced():
        return
    from ministack.core import iam_actions, iam_evaluator
    from ministack.services import athena

    check(hasattr(athena, "_executions") and hasattr(athena, "_named_queries"), "stores of queries and saved ones")
    find = hook(iam_actions, "extract_resource_arn", "service method path headers body query_params region account_id")
    enforce = hook(iam_evaluator, "enforce", "access_key_id iam_action service region resource_arn more")

    def mended_find(service: str, method: str, path: str, headers: Any, body: bytes, *more: Any) -> str:
        found = find(service, method, path, headers, body, *more)
        call = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        asked: Iterable[str] = ()
        if service == "athena":
            asked = of_athena(call, json.loads(body or b"{}"), athena._executions, athena._named_queries)
        elif service == "glue":
            asked = of_glue(call, json.loads(body or b"{}"))
        _asked.set(tuple(asked) or (found,))
        return _asked.get()[0]

    def mended(key: str, action: str, service: str, region: str, resource_arn: str = "*", **more: Any) -> Any:
        asked = _asked.get()
        for arn in asked if asked and asked[0] == resource_arn else (resource_arn,):
            if denied := enforce(key, action, service, region, resource_arn=arn, **more):
                return denied
        return None

    iam_actions.extract_resource_arn = mended_find
    iam_evaluator.enforce = mended


def of_athena(call: str, data: dict[str, Any], queries: Any, saved: Any) -> Iterator[str]:
    """ARNs of the workgroups or data catalogs that a call is about; "*" for one that IAM knows no resource for.

    Parameters
    ----------
    queries, saved : entries with their `WorkGroup`, by id

    Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Athena".
    """
    place = f"arn:aws:athena:{_place()}"
    if "CatalogName" in data or call.endswith("DataCatalog"):
        yield f"{place}:datacatalog/{data.get('CatalogName') or data.get('Name')}"
        return
    groups = {
        str((store.get(number) or {}).get("WorkGroup", ""))
        for key, store in (("QueryExecutionId", queries), ("NamedQueryId", saved))
        for number in (*data.get(f"{key}s", ()), *([data[key]] if key in data else []))
    }
    if call.endswith("WorkGroup") and "Name" in data:
        groups.add(data["Name"])
    if "WorkGroup" in data or call in ("StartQueryExecution", "CreateNamedQuery", *_WORKGROUP_LISTS):
        groups.add(data.get("WorkGroup") or "primary")
    yield from (f"{place}:workgroup/{group}" for group in sorted(groups)) if groups else ("*",)


def of_glue(call: str, data: dict[str, Any]) -> Iterator[str]:
    """ARNs of catalog, database and tables that a call on the catalog is about; none for any other call.

    Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Glue".
    """
    if not re.search(r"Database|Table|Partition|ColumnStatistics", call):
        return
    place = f"arn:aws:glue:{_place()}"
    yield f"{place}:catalog"
    if re.search(r"Databases?$", call):
        name = data.get("Name") or data.get("DatabaseInput", {}).get("Name")
        yield from [f"{place}:database/{name.lower()}"] if name else ()
        return
    database = data["DatabaseName"].lower()
    yield f"{place}:database/{database}"
    named = data.get("TableName") or data.get("Name") or data.get("TableInput", {}).get("Name")
    tables = data.get("TablesToDelete") or [named or "*"]  # GetTables is about all of them
    yield from (f"{place}:table/{database}/{table.lower()}" for table in tables)


def _place() -> str:
    return f"{os.environ['AWS_REGION']}:{os.environ['MINISTACK_ACCOUNT_ID']}"
