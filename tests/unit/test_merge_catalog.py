"""One merge per year at a time, and the catalog's refusals."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runtime.buckets import Bucket
from runtime.errors import ConfigError, TerminalError, TransientError
from runtime.merge.catalog import Catalog, MergeInProgress, claim_year
from runtime.merge.publish import swap
from runtime.schema import TABLES
from runtime.schema.tables import LOTS
from tests.spark.folder import FolderS3
from tests.unit.test_merge_job import RECORD

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Runs:
    """A Glue client with the runs of one job, in pages of two; `by` is the pipeline's run that started them."""

    def __init__(self, *runs: tuple[str, int, int, str], by: str = "") -> None:
        self.runs = [
            {
                "Id": run,
                "StartedOn": START + dt.timedelta(seconds=at),
                "JobRunState": state,
                "Arguments": {"--YEAR": str(year), **({"--STARTED_BY": by} if by else {})},
            }
            for run, at, year, state in runs
        ]

    def get_job_runs(self, JobName: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        start = int(NextToken)
        more = {"NextToken": str(start + 2)} if start + 2 < len(self.runs) else {}
        return {"JobRuns": self.runs[start : start + 2], **more}


def claim(client: Any, run: str, year: int = 2019) -> None:
    claim_year(client, "nfr-cca-ted-merge-dev", run, year)


def test_second_of_two_runs_of_a_year_says_so_and_the_first_works() -> None:
    client = Runs(("b", 0, 2019, "RUNNING"), ("a", 5, 2019, "STARTING"))
    claim(client, "b")
    with pytest.raises(MergeInProgress, match="2019 is already being merged by run b, started 2026-01-01 00:00:00"):
        claim(client, "a")


def test_of_two_started_at_once_the_lower_run_id_works() -> None:
    client = Runs(("a", 0, 2019, "RUNNING"), ("b", 0, 2019, "RUNNING"))
    claim(client, "a")
    with pytest.raises(MergeInProgress):
        claim(client, "b")


def test_other_years_and_ended_runs_do_not_stand_in_the_way() -> None:
    states = ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED")
    ended = [(f"old{n}", n, 2019, state) for n, state in enumerate(states)]
    claim(Runs(*ended, ("other", 5, 2020, "RUNNING"), ("own", 9, 2019, "RUNNING")), "own")


def test_older_run_on_a_later_page_is_found() -> None:
    filler = [(f"x{n}", n, 2018, "RUNNING") for n in range(5)]
    with pytest.raises(MergeInProgress):
        claim(Runs(("own", 9, 2019, "RUNNING"), *filler, ("older", 1, 2019, "RUNNING")), "own")


def test_run_that_the_service_does_not_list_yet_gives_way() -> None:
    with pytest.raises(MergeInProgress):
        claim(Runs(("a", 0, 2019, "RUNNING")), "own")


def test_a_run_waits_for_the_one_that_its_pipeline_started_before_and_leaves_it_the_year() -> None:
    """The answer to a start is lost, Step Functions starts again and waits for the second: it must not fail."""
    client = Runs(("first", 0, 2019, "RUNNING"), ("second", 30, 2019, "RUNNING"), by="run-1")
    looks: list[float] = []

    def pause(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            client.runs[0]["JobRunState"] = "SUCCEEDED"

    assert claim_year(client, "job", "second", 2019, started_by="run-1", pause=pause) == "first"  # type: ignore[arg-type]
    assert len(looks) == 3


def test_a_run_merges_itself_when_the_one_that_its_pipeline_started_before_has_failed() -> None:
    client = Runs(("first", 0, 2019, "RUNNING"), ("second", 30, 2019, "RUNNING"), by="run-1")

    def pause(_: float) -> None:
        client.runs[0]["JobRunState"] = "FAILED"

    assert claim_year(client, "job", "second", 2019, started_by="run-1", pause=pause) == ""  # type: ignore[arg-type]


@pytest.mark.parametrize("started_by", ["run-2", ""])
def test_a_run_of_another_pipeline_run_or_by_hand_is_not_waited_for(started_by: str) -> None:
    client = Runs(("first", 0, 2019, "RUNNING"), ("second", 30, 2019, "RUNNING"), by="run-1")
    with pytest.raises(MergeInProgress):
        claim_year(client, "job", "second", 2019, started_by=started_by, pause=pytest.fail)  # type: ignore[arg-type]


def test_two_runs_that_nobody_named_do_not_wait_for_each_other() -> None:
    client = Runs(("first", 0, 2019, "RUNNING"), ("second", 30, 2019, "RUNNING"))
    with pytest.raises(MergeInProgress):
        claim_year(client, "job", "second", 2019, pause=pytest.fail)  # type: ignore[arg-type]


class Glue:
    """A Glue client that answers as told."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def __getattr__(self, name: str) -> Any:
        def call(**_: Any) -> Any:
            answer = self.answers[name]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "x")


def test_missing_table_names_the_stack() -> None:
    catalog = Catalog(Glue(get_table=error("EntityNotFoundException")), "db")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"no table db\.lots: deploy the lake stack"):
        catalog.storage(LOTS)


def test_table_with_other_partitions_is_refused() -> None:
    found = {"Table": {"PartitionKeys": [{"Name": "month"}], "StorageDescriptor": {}}}
    with pytest.raises(ConfigError, match=r"partitioned by \['month'\]"):
        Catalog(Glue(get_table=found), "db").storage(LOTS)  # type: ignore[arg-type]


def test_partition_has_the_columns_of_this_schema() -> None:
    found = {"Table": {"PartitionKeys": [{"Name": "year"}], "StorageDescriptor": {"Columns": [], "Compressed": True}}}
    storage = Catalog(Glue(get_table=found), "db").storage(LOTS)  # type: ignore[arg-type]
    assert storage["Compressed"] is True
    assert {"Name": "estimated_value", "Type": "decimal(24,4)"} in storage["Columns"]
    assert len(storage["Columns"]) == len(LOTS.columns)


def test_partition_that_was_never_there_lies_nowhere() -> None:
    catalog = Catalog(Glue(get_partition=error("EntityNotFoundException")), "db")  # type: ignore[arg-type]
    assert catalog.location("lots", 2019) == ""


def test_throttled_catalog_is_worth_another_try() -> None:
    with pytest.raises(TransientError):
        Catalog(Glue(get_partition=error("ThrottlingException")), "db").location("lots", 2019)  # type: ignore[arg-type]


def test_refused_swap_says_where_the_year_still_points() -> None:
    answer = {"Errors": [{"ErrorDetail": {"ErrorCode": "ConcurrentModificationException"}}]}
    catalog = Catalog(Glue(batch_update_partition=answer), "db")  # type: ignore[arg-type]
    with pytest.raises(TransientError, match="still points at its old folder"):
        catalog.point("lots", 2019, {}, "s3://b/x/", 1, is_new=False)


class StrictGlue:
    """A Glue client that refuses as the service does: an update of what is not there, a creation of what is.

    `says` is how it answers an update of a missing partition: of the whole request, or of its entry. API and guide
    describe both.
    """

    def __init__(self, says: str, *tables: str) -> None:
        self.says = says
        self.partitions = {(table, "2019"): "old" for table in tables}
        self.calls: list[str] = []

    def get_table(self, **_: str) -> dict[str, Any]:
        self.calls.append("read")
        return {"Table": {"PartitionKeys": [{"Name": "year"}], "StorageDescriptor": {}}}

    def get_partition(self, DatabaseName: str, TableName: str, PartitionValues: list[str]) -> dict[str, Any]:  # noqa: N803
        self.calls.append("read")
        found = self.partitions.get((TableName, PartitionValues[0]))
        if found is None:
            raise error("EntityNotFoundException")
        return {"Partition": {"StorageDescriptor": {"Location": found}}}

    def create_partition(self, DatabaseName: str, TableName: str, PartitionInput: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        self.calls.append("create")
        key = (TableName, *PartitionInput["Values"])
        if key in self.partitions:
            raise error("AlreadyExistsException")
        self.partitions[key] = PartitionInput["StorageDescriptor"]["Location"]
        return {}

    def batch_update_partition(
        self,
        DatabaseName: str,  # noqa: N803
        TableName: str,  # noqa: N803
        Entries: list[dict[str, Any]],  # noqa: N803
    ) -> dict[str, Any]:
        self.calls.append("update")
        (entry,) = Entries
        key = (TableName, *entry["PartitionValueList"])
        if key in self.partitions:
            self.partitions[key] = entry["PartitionInput"]["StorageDescriptor"]["Location"]
            return {"Errors": []}
        if self.says == "request":
            raise error("EntityNotFoundException")
        return {"Errors": [{"ErrorDetail": {"ErrorCode": "EntityNotFoundException"}}]}


@pytest.fixture(params=["request", "entry"])
def says(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("is_new", [True, False])
def test_a_year_is_pointed_at_its_folder_whatever_was_known_of_it(says: str, is_there: bool, is_new: bool) -> None:
    glue = StrictGlue(says, *(["lots"] if is_there else []))
    Catalog(glue, "db").point("lots", 2019, {}, "s3://b/x/", 1, is_new=is_new)  # type: ignore[arg-type]
    assert glue.partitions == {("lots", "2019"): "s3://b/x/"}


def test_a_swap_asks_first_then_creates_or_updates_each_table_once(says: str, tmp_path: Path) -> None:
    """A year that was half published before: some tables have its partition and some do not."""
    half = [table.name for table in TABLES][:4]
    glue = StrictGlue(says, *half)
    counts = {table.name: 1 for table in TABLES}
    swap(Bucket(FolderS3(tmp_path), "b"), Catalog(glue, "db"), replace(RECORD, tables=counts, run_id="new"), "now")  # type: ignore[arg-type]
    assert {location.rstrip("/").rsplit("/", 1)[-1] for location in glue.partitions.values()} == {"run=new"}
    assert len(glue.partitions) == len(TABLES)
    # All is read before the first change, so that the changes follow each other.
    assert glue.calls == sorted(glue.calls, key=lambda call: call != "read")
    assert Counter(glue.calls[-len(TABLES) :]) == {"create": len(TABLES) - len(half), "update": len(half)}
    assert glue.calls[-len(TABLES) - 1] == "read"


def test_a_table_that_is_gone_is_said_and_not_taken_for_a_new_year() -> None:
    gone = Glue(
        batch_update_partition=error("EntityNotFoundException"), create_partition=error("EntityNotFoundException")
    )
    with pytest.raises(TerminalError, match=r"create partition year=2019 of db\.lots: EntityNotFoundException"):
        Catalog(gone, "db").point("lots", 2019, {}, "s3://b/x/", 1, is_new=False)  # type: ignore[arg-type]


def test_a_year_that_two_merges_fight_over_is_worth_another_try() -> None:
    fought = Glue(
        create_partition=error("AlreadyExistsException"), batch_update_partition=error("EntityNotFoundException")
    )
    with pytest.raises(TransientError, match=r"year=2019 of db\.lots comes and goes in the catalog"):
        Catalog(fought, "db").point("lots", 2019, {}, "s3://b/x/", 1, is_new=True)  # type: ignore[arg-type]
