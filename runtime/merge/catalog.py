"""The Glue catalog: where a table's year lies, and who else merges it."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime.buckets import aws_errors
from runtime.errors import ConfigError, TerminalError, TransientError
from runtime.schema import GLUE_TYPES, PARTITION, Table

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

NO_ENTITY = "EntityNotFoundException"
NOT_ENDED = frozenset(("STARTING", "RUNNING", "STOPPING", "WAITING"))
STARTED_BY = "--STARTED_BY"
SECONDS_BETWEEN_LOOKS = 15.0


class MergeInProgress(TerminalError):
    """Another run of the job merges this year; this one leaves it alone."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The tables of one Glue database."""

    client: "GlueClient"
    database: str

    def location(self, table: str, year: int) -> str:
        """Where the published year of a table lies; empty where none is."""
        partition = self._partition(table, year)
        return str(partition["StorageDescriptor"]["Location"]) if partition else ""

    def locations(self, table: str) -> dict[int, str]:
        """Where the published years of a table lie; none where the catalog lacks the table."""
        try:
            with aws_errors(f"list the partitions of {self.database}.{table}"):
                pages = self.client.get_paginator("get_partitions").paginate(
                    DatabaseName=self.database, TableName=table, ExcludeColumnSchema=True
                )
                found = [entry for page in pages for entry in page["Partitions"]]
        except TerminalError as error:
            if _code(error) == NO_ENTITY:
                return {}
            raise
        return {int(entry["Values"][0]): str(entry["StorageDescriptor"]["Location"]) for entry in found}

    def _partition(self, table: str, year: int) -> dict[str, Any] | None:
        try:
            with aws_errors(f"get partition year={year} of {self.database}.{table}"):
                answer = self.client.get_partition(
                    DatabaseName=self.database, TableName=table, PartitionValues=[str(year)]
                )
        except TerminalError as error:
            if _code(error) == NO_ENTITY:
                return None
            raise
        return dict(answer["Partition"])

    def storage(self, table: Table) -> dict[str, Any]:
        """Storage descriptor of a table, with the columns of this version of the schema.

        Raises
        ------
        ConfigError
            The catalog lacks the table, or partitions it by something else.
        """
        try:
            with aws_errors(f"get table {self.database}.{table.name}"):
                found = self.client.get_table(DatabaseName=self.database, Name=table.name)["Table"]
        except TerminalError as error:
            if _code(error) == NO_ENTITY:
                raise ConfigError(
                    f"the catalog has no table {self.database}.{table.name}: deploy the lake stack", table=table.name
                ) from error
            raise
        keys = [key["Name"] for key in found.get("PartitionKeys", [])]
        if keys != [PARTITION.name]:
            raise ConfigError(
                f"{self.database}.{table.name} is partitioned by {keys}, expected [{PARTITION.name!r}]: "
                "deploy the lake stack",
                table=table.name,
            )
        columns = [{"Name": column.name, "Type": GLUE_TYPES[column.kind]} for column in table]
        return {**found["StorageDescriptor"], "Columns": columns}

    def point(self, table: str, year: int, storage: dict[str, Any], location: str, rows: int, *, is_new: bool) -> None:
        """Point a table's year at a folder: one call, so that a reader sees the old folder or the new one.

        Parameters
        ----------
        is_new : the catalog had no partition of the year when it was asked; either answer may be out of date

        Raises
        ------
        TransientError
            The year points at its old folder still, or at none.
        """
        partition: Any = {
            "Values": [str(year)],
            "StorageDescriptor": {**storage, "Location": location},
            "Parameters": {"recordCount": str(rows)},
        }
        ways = (self._create, self._update) if is_new else (self._update, self._create)
        if not any(way(table, year, partition) for way in ways):
            raise TransientError(
                f"year={year} of {self.database}.{table} comes and goes in the catalog: merge the year again",
                table=table, year=year,
            )  # fmt: skip

    def _create(self, table: str, year: int, partition: Any) -> bool:
        """Make the partition; False where it is there."""
        try:
            with aws_errors(f"create partition year={year} of {self.database}.{table}", table=table, year=year):
                self.client.create_partition(DatabaseName=self.database, TableName=table, PartitionInput=partition)
        except TerminalError as error:
            if _code(error) == "AlreadyExistsException":
                return False
            raise
        return True

    def _update(self, table: str, year: int, partition: Any) -> bool:
        """Change the partition; False where it is not there, which Glue may say of the request or of its one entry."""
        entry = {"PartitionValueList": [str(year)], "PartitionInput": partition}
        try:
            with aws_errors(f"update partition year={year} of {self.database}.{table}", table=table, year=year):
                answer = self.client.batch_update_partition(
                    DatabaseName=self.database,
                    TableName=table,
                    Entries=[entry],  # type: ignore[list-item]
                )
        except TerminalError as error:
            if _code(error) == NO_ENTITY:
                return False
            raise
        faults = [(fault.get("ErrorDetail") or {}).get("ErrorCode", "unknown") for fault in answer.get("Errors", [])]
        if faults and faults != [NO_ENTITY]:
            raise TransientError(
                f"year={year} of {self.database}.{table} still points at its old folder: {faults}; "
                "merge the year again",
                table=table, year=year,
            )  # fmt: skip
        return not faults


def _code(error: TerminalError) -> str:
    return str(error.attributes.get("code", ""))


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of the merge job, as the Glue service lists it; `started_by` is the pipeline's run, empty by hand."""

    run_id: str
    year: str
    started_by: str
    started: dt.datetime
    state: str


def job_runs(client: "GlueClient", job: str) -> Iterator[JobRun]:
    """List the runs of a job."""
    token: dict[str, str] = {}
    while True:
        with aws_errors(f"list the runs of job {job}"):
            answer = client.get_job_runs(JobName=job, **token)  # type: ignore[arg-type]
        for run in answer.get("JobRuns", []):
            given = run.get("Arguments") or {}
            yield JobRun(
                run["Id"], given.get("--YEAR", "").strip(), given.get(STARTED_BY, ""), run["StartedOn"],
                run["JobRunState"],
            )  # fmt: skip
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def claim_year(
    client: "GlueClient",
    job: str,
    run_id: str,
    year: int,
    *,
    started_by: str = "",
    pause: Callable[[float], None] = time.sleep,
) -> str:
    """Make sure that no older run of the job merges the same year.

    Of two that were started at once, the one with the lower run id is the older. One that the same run of the pipeline
    started before, as happens where the answer to a start was lost, is waited for: the pipeline waits for this one.

    Returns
    -------
    The run that has merged the year meanwhile, for the same run of the pipeline; empty where the year is to be merged.

    Raises
    ------
    MergeInProgress
        One does. Nothing was read or written.
    """
    waited_for = ""
    while True:
        runs = [run for run in job_runs(client, job) if run.year == str(year)]
        own = next((run for run in runs if run.run_id == run_id), None)
        others = [run for run in runs if run.run_id != run_id and run.state in NOT_ENDED]
        older = [run for run in others if own is None or (run.started, run.run_id) < (own.started, own.run_id)]
        if not older:
            return waited_for if any(r.run_id == waited_for and r.state == "SUCCEEDED" for r in runs) else ""
        first = min(older, key=lambda run: (run.started, run.run_id))
        if not started_by or any(run.started_by != started_by for run in older):
            raise MergeInProgress(
                f"{year} is already being merged by run {first.run_id}, started {first.started:%Y-%m-%d %H:%M:%S}: "
                "this run ends without doing anything; start it again when the other has ended",
                year=year, run=first.run_id,
            )  # fmt: skip
        waited_for = first.run_id
        pause(SECONDS_BETWEEN_LOOKS)
