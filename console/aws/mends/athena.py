"""Mend: Athena queries run as the project's executor runs them, within the rules of their workgroup.

Unmended, a query sees all files below a table's location, registered as a partition or not; views vanish; parameters,
DESCRIBE and SHOW PARTITIONS fail; the bytes scanned are made up, and no limit of a workgroup is kept.
"""

import contextlib
import contextvars
import io
import logging
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from console.aws.athena import statements
from console.aws.athena.duck import DuckEngine
from console.aws.athena.executor import Executor, Result
from console.aws.athena.failure import QueryFailed, ScanLimitExceeded
from console.aws.athena.trino import TrinoEngine
from console.aws.athena.writing import Place
from console.aws.mends import iam, iam_resources
from console.aws.mends.guard import check, hook

_LOGGER = logging.getLogger("athena")
_QUOTE = '"'
_REFUSED = ("AccessDenied", "AccessDeniedException", "403")  # by S3, by Glue, and by S3 where an answer has no body
_ENGINE = "Athena engine version 3"
_LONGEST_QUERY = 262_144  # bytes. Source: Athena API reference, StartQueryExecution (QueryString)
_NAMES = {"CREATE_TABLE_AS_SELECT": "tables/{}", "INSERT": "{}", "UNLOAD": "{}"}


def apply(folder: Path, trino_port: int | None = None) -> None:
    """Put the mend in place.

    Parameters
    ----------
    folder : keeps copies of the objects that queries read
    trino_port : of the Trino server that answers the queries; None for DuckDB
    """
    from ministack.services import athena

    check(hasattr(athena, "_executions") and hasattr(athena, "_workgroups"), "stores of queries and workgroups")
    for name in ("_start_query_execution", "_get_query_results", "_get_query_execution", "_stop_query_execution"):
        hook(athena, name, "data")
    queries = _Queries(athena, folder, trino_port)
    athena._start_query_execution = queries.start
    athena._get_query_results = queries.results


class _Queries:
    """The operations on queries; the queries themselves are in ministack's own store."""

    def __init__(self, athena: Any, folder: Path, trino_port: int | None) -> None:
        from ministack.core.responses import error_response_json, json_response

        self._athena, self._folder, self._trino_port = athena, folder, trino_port
        self._refuse, self._answer = error_response_json, json_response
        self._executor: Executor | None = None
        self._lock = threading.Lock()

    def start(self, data: dict[str, Any]) -> Any:
        workgroup = data.get("WorkGroup", "primary")
        known = self._athena._workgroups.get(workgroup)
        if known is None:
            return self._refuse("InvalidRequestException", f"WorkGroup {workgroup} is not found.")
        if known.get("State") == "DISABLED":
            return self._refuse("InvalidRequestException", f"WorkGroup {workgroup} is disabled.")
        settings = known.get("Configuration") or {}
        location = _location(settings, data)
        if not location:
            return self._refuse(
                "InvalidRequestException",
                "No output location provided. An output location is required either through the Workgroup result "
                "configuration setting or as an API input.",
            )
        if len(data.get("QueryString", "").encode()) > _LONGEST_QUERY:
            return self._refuse(
                "InvalidRequestException",
                f"Your query has exceeded the maximum query length of {_LONGEST_QUERY} bytes. Please reduce the length "
                "of your query and try again.",
            )
        if _enforces(settings) and statements.external_location(data.get("QueryString", "")):
            return self._refuse(
                "InvalidRequestException",
                "The Create Table As Select query failed because it was submitted with an 'external_location' property "
                "to an Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
                "'external_location' property and resubmit the query.",
            )
        bucket = location.removeprefix("s3://").partition("/")[0]
        if iam.refusal("s3:GetBucketLocation", f"arn:aws:s3:::{bucket}"):
            return self._refuse("InvalidRequestException", f"Unable to verify/create output bucket {bucket}")
        number = str(uuid.uuid4())
        query = _new_query(number, data, workgroup, location)
        self._athena._executions[number] = query
        context = contextvars.copy_context()
        place = Place(location, number)
        threading.Thread(target=context.run, args=(self._work, query, data, settings, place), daemon=True).start()
        return self._answer({"QueryExecutionId": number})

    def _shared_executor(self) -> Executor:
        """One for all queries, made by the first."""
        with self._lock:
            if self._executor is None:
                glue, s3 = boto3.client("glue"), boto3.client("s3")
                duck = DuckEngine(glue, s3, self._folder)
                engine = TrinoEngine(self._trino_port, duck) if self._trino_port else duck
                self._executor = Executor(glue, s3, engine)
            return self._executor

    @contextlib.contextmanager
    def _executor_for(self, caller: boto3.Session | None) -> Iterator[Executor]:
        """The executor of a query: with the rights of who asks, and without copies of what another could read."""
        if caller is None:
            yield self._shared_executor()
            return
        glue, s3 = caller.client("glue"), caller.client("s3")
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            yield Executor(glue, s3, DuckEngine(glue, s3, Path(folder)))

    def _work(self, query: dict[str, Any], data: dict[str, Any], settings: dict[str, Any], place: Place) -> None:
        query["Status"]["State"] = "RUNNING"
        started = time.monotonic()
        state, reason, error = "SUCCEEDED", "", None
        try:
            caller = iam.caller()
            limit = settings.get("BytesScannedCutoffPerQuery")
            database = query["QueryExecutionContext"].get("Database", "default")
            _look_at_databases(database.strip("`"))
            with self._executor_for(caller) as executor:
                result = executor.run(
                    query["Query"],
                    database,
                    data.get("ExecutionParameters") or (),
                    int(limit) if limit else None,
                    place,
                )
            _write((caller or boto3).client("s3"), query["ResultConfiguration"]["OutputLocation"], result)
            query["_result"] = result
            query["Statistics"]["DataScannedInBytes"] = result.scanned_bytes
            if result.manifest:
                query["Statistics"]["DataManifestLocation"] = result.manifest
        except ScanLimitExceeded as failure:
            state, reason = "CANCELLED", str(failure)
        except QueryFailed as failure:
            state, reason = "FAILED", str(failure)
            error = {"ErrorCategory": 2, "ErrorType": 1006, "Retryable": False, "ErrorMessage": reason}
        except Exception as failure:
            # Whatever happens, the query has to end: someone waits for it.
            _LOGGER.exception("query %s", query["QueryExecutionId"])
            refused = isinstance(failure, ClientError) and failure.response["Error"]["Code"] in _REFUSED
            name = "PERMISSION_DENIED" if refused else f"GENERIC_INTERNAL_ERROR: {type(failure).__name__}"
            state, reason = "FAILED", f"{name}: {failure}"
        taken = round((time.monotonic() - started) * 1000)
        query["Statistics"] |= {"EngineExecutionTimeInMillis": taken, "TotalExecutionTimeInMillis": taken}
        if query["Status"]["State"] != "CANCELLED":
            query["Status"] |= {"State": state, "CompletionDateTime": time.time()}
            query["Status"] |= {"StateChangeReason": reason} if reason else {}
            query["Status"] |= {"AthenaError": error} if error else {}

    def results(self, data: dict[str, Any]) -> Any:
        query = self._athena._executions.get(data.get("QueryExecutionId"))
        if query is None:
            return self._refuse(
                "InvalidRequestException", f"QueryExecution {data.get('QueryExecutionId')} was not found"
            )
        state = query["Status"]["State"]
        if state != "SUCCEEDED":
            why = query["Status"].get("StateChangeReason", "")
            ended = state in ("FAILED", "CANCELLED")
            said = f"Query did not finish successfully. Final query state: {state}. {why}"
            return self._refuse(
                "InvalidRequestException", said if ended else f"Query has not yet finished. Current state: {state}"
            )
        result: Result = query["_result"]
        names: list[str | None] = [column.name for column in result.columns]
        rows = [names, *result.rows] if result.has_header else result.rows
        first = int(data.get("NextToken") or 0)
        after = first + int(data.get("MaxResults") or 1000)
        page = [
            {"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in rows[first:after]
        ]
        columns = [
            {
                "CatalogName": "hive",
                "SchemaName": "",
                "TableName": "",
                "Name": column.name,
                "Label": column.name,
                "Type": column.type,
                "Precision": column.precision,
                "Scale": column.scale,
                "Nullable": "UNKNOWN",
                "CaseSensitive": column.type in ("varchar", "string"),
            }
            for column in result.columns
        ]
        more = {"NextToken": str(after)} if after < len(rows) else {}
        found = {"Rows": page, "ResultSetMetadata": {"ColumnInfo": columns}}
        return self._answer({"ResultSet": found, "UpdateCount": result.update_count, **more})


def _look_at_databases(database: str) -> None:
    """Ask for what Athena looks at whatever the query is: the database `default`, and that of names without one.

    Source: Amazon Athena user guide, "Configure access to databases and tables in the AWS Glue Data Catalog".

    Raises
    ------
    QueryFailed
        Who asks may not see them.
    """
    for name in ("default", database):
        if refused := iam.refusal("glue:GetDatabase", *iam_resources.of_glue("GetDatabase", {"Name": name})):
            raise QueryFailed(f"PERMISSION_DENIED: {refused}")


def _location(settings: dict[str, Any], data: dict[str, Any]) -> str | None:
    of_group: str | None = (settings.get("ResultConfiguration") or {}).get("OutputLocation")
    of_client: str | None = (data.get("ResultConfiguration") or {}).get("OutputLocation")
    if _enforces(settings):
        return of_group
    return of_client or of_group


def _enforces(settings: dict[str, Any]) -> bool:
    """Whether a workgroup overrides a client's place of results, as one that has a place does by default."""
    of_group = (settings.get("ResultConfiguration") or {}).get("OutputLocation")
    return bool(settings.get("EnforceWorkGroupConfiguration", True) and of_group)


def _new_query(number: str, data: dict[str, Any], workgroup: str, location: str) -> dict[str, Any]:
    sql = data.get("QueryString", "")
    kind, more = statements.kind_of(sql)
    # Where rows are written there is no result; a new table's number names its folder.
    name = _NAMES.get(more, "{}.csv" if kind == "DML" else "{}.txt").format(number)
    version = {"SelectedEngineVersion": _ENGINE, "EffectiveEngineVersion": _ENGINE}
    return {
        "QueryExecutionId": number,
        "Query": sql,
        "StatementType": kind,
        "SubstatementType": more,
        "ResultConfiguration": {"OutputLocation": f"{location.rstrip('/')}/{name}"},
        "QueryExecutionContext": data.get("QueryExecutionContext") or {},
        "ExecutionParameters": data.get("ExecutionParameters") or [],
        "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
        "Statistics": {"DataScannedInBytes": 0, "EngineExecutionTimeInMillis": 0},
        "WorkGroup": workgroup,
        "EngineVersion": version,
    }


def _write(s3: Any, location: str, result: Result) -> None:
    if not location.endswith((".csv", ".txt")):
        return
    bucket, _, key = location.removeprefix("s3://").partition("/")
    written = io.StringIO()
    if result.has_header:
        # Athena quotes every value and leaves NULL without quotes, which csv.writer learns with Python 3.12 only.
        names: list[str | None] = [column.name for column in result.columns]
        for row in [names, *result.rows]:
            written.write(",".join("" if value is None else f'"{value.replace(_QUOTE, _QUOTE * 2)}"' for value in row))
            written.write("\n")
    else:
        written.write("".join("\t".join(value or "" for value in row) + "\n" for row in result.rows))
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=written.getvalue().encode())
    except s3.exceptions.ClientError as error:
        raise QueryFailed(f"Unable to write the result to {location}: {error}") from error
