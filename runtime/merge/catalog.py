"""The Glue catalog: where a table's year lies, and who else merges it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime.buckets import aws_errors
from runtime.errors import ConfigError, TerminalError, TransientError
from runtime.schema import GLUE_TYPES, PARTITION, Table

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

NOT_ENDED = frozenset(("STARTING", "RUNNING", "STOPPING", "WAITING"))


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

    def _partition(self, table: str, year: int) -> dict[str, Any] | None:
        try:
            with aws_errors(f"get partition year={year} of {self.database}.{table}"):
                answer = self.client.get_partition(
                    DatabaseName=self.database, TableName=table, PartitionValues=[str(year)]
                )
        except TerminalError as error:
            if error.attributes.get("code") == "EntityNotFoundException":
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
            if error.attributes.get("code") == "EntityNotFoundException":
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

    def point(self, table: str, year: int, storage: dict[str, Any], location: str, rows: int) -> None:
        """Point a table's year at a folder: one call, so that a reader sees the old folder or the new one."""
        partition: Any = {
            "Values": [str(year)],
            "StorageDescriptor": {**storage, "Location": location},
            "Parameters": {"recordCount": str(rows)},
        }
        name = {"DatabaseName": self.database, "TableName": table}
        with aws_errors(f"point year={year} of {self.database}.{table} at {location}", table=table, year=year):
            # The batch form, since the embedded AWS does not know UpdatePartition.
            answer = self.client.batch_update_partition(
                **name, Entries=[{"PartitionValueList": [str(year)], "PartitionInput": partition}]
            )
            faults = [
                (fault.get("ErrorDetail") or {}).get("ErrorCode", "unknown") for fault in answer.get("Errors", [])
            ]
            if faults == ["EntityNotFoundException"]:
                self.client.create_partition(**name, PartitionInput=partition)
            elif faults:
                raise TransientError(
                    f"year={year} of {self.database}.{table} still points at its old folder: {faults}; "
                    "merge the year again",
                    table=table, year=year,
                )  # fmt: skip


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of the merge job, as the Glue service lists it."""

    run_id: str
    year: str
    started: dt.datetime
    state: str


def job_runs(client: "GlueClient", job: str) -> Iterator[JobRun]:
    """List the runs of a job."""
    token: dict[str, str] = {}
    while True:
        with aws_errors(f"list the runs of job {job}"):
            answer = client.get_job_runs(JobName=job, **token)  # type: ignore[arg-type]
        for run in answer.get("JobRuns", []):
            arguments = run.get("Arguments") or {}
            yield JobRun(run["Id"], arguments.get("--YEAR", ""), run["StartedOn"], run["JobRunState"])
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def claim_year(client: "GlueClient", job: str, run_id: str, year: int) -> None:
    """Make sure that no older run of the job merges the same year.

    Of two that were started at once, the one with the lower run id is the older.

    Raises
    ------
    MergeInProgress
        One does. Nothing was read or written.
    """
    runs = [run for run in job_runs(client, job) if run.state in NOT_ENDED and run.year.strip() == str(year)]
    own = next((run for run in runs if run.run_id == run_id), None)
    others = [run for run in runs if run.run_id != run_id]
    older = [run for run in others if own is None or (run.started, run.run_id) < (own.started, own.run_id)]
    if older:
        first = min(older, key=lambda run: (run.started, run.run_id))
        raise MergeInProgress(
            f"{year} is already being merged by run {first.run_id}, started {first.started:%Y-%m-%d %H:%M:%S}: "
            "this run ends without doing anything; start it again when the other has ended",
            year=year, run=first.run_id,
        )  # fmt: skip
