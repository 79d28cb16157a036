"""One merge per year at a time, and the catalog's refusals."""

import datetime as dt
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runtime.errors import ConfigError, TransientError
from runtime.merge.catalog import Catalog, MergeInProgress, claim_year
from runtime.schema.tables import LOTS

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Runs:
    """A Glue client with the runs of one job, in pages of two."""

    def __init__(self, *runs: tuple[str, int, int, str]) -> None:
        self.runs = [
            {
                "Id": run,
                "StartedOn": START + dt.timedelta(seconds=at),
                "JobRunState": state,
                "Arguments": {"--YEAR": str(year)},
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
    return ClientError({"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "x")  # type: ignore[typeddict-item]


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
        catalog.point("lots", 2019, {}, "s3://b/x/", 1)
