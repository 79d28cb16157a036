"""What analysts make goes when its days are over, and not a day before."""

import datetime as dt
from typing import Any

import boto3
import pytest
from moto import mock_aws

from runtime.errors import CcaTedError
from runtime.sandbox import handlers
from runtime.sandbox.expiry import drop_expired, expired

NOW = dt.datetime(2026, 3, 31, 4, tzinfo=dt.UTC)


def entry(name: str, *, made: int, written: int, kind: str = "EXTERNAL_TABLE") -> dict[str, Any]:
    """An entry that was made and last written so many days before."""
    return {
        "Name": name, "TableType": kind,
        "CreateTime": NOW - dt.timedelta(days=made), "UpdateTime": NOW - dt.timedelta(days=written),
    }  # fmt: skip


def test_a_table_counts_from_the_day_it_was_made_though_it_is_written_every_day() -> None:
    """Its oldest files are as old as it is, and the bucket's rule will take them."""
    entries = [entry("grows", made=31, written=0), entry("young", made=29, written=0)]
    assert expired(entries, days=30, now=NOW) == ["grows"]


def test_a_view_counts_from_the_day_it_was_last_replaced() -> None:
    entries = [
        entry("replaced", made=300, written=1, kind="VIRTUAL_VIEW"),
        entry("forgotten", made=300, written=31, kind="VIRTUAL_VIEW"),
    ]
    assert expired(entries, days=30, now=NOW) == ["forgotten"]


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in (("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"),
                        ("AWS_DEFAULT_REGION", "eu-west-1")):  # fmt: skip
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("glue")
        for database in ("lake", "lake_sandbox"):
            client.create_database(DatabaseInput={"Name": database})
            for name in ("one", "two"):
                client.create_table(DatabaseName=database, TableInput={"Name": name})
        yield client


def names(glue: Any, database: str) -> list[str]:
    return [table["Name"] for table in glue.get_tables(DatabaseName=database)["TableList"]]


def test_drops_what_has_had_its_days_and_nothing_of_another_database(glue: Any) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=31)
    assert drop_expired(glue, "lake_sandbox", days=32, now=later) == []
    assert drop_expired(glue, "lake_sandbox", days=30, now=later) == ["one", "two"]
    assert names(glue, "lake_sandbox") == []
    assert names(glue, "lake") == ["one", "two"]


def test_what_its_owner_dropped_meanwhile_is_no_fault(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    delete = glue.delete_table

    def slow(**table: str) -> Any:
        if table["Name"] == "one":
            delete(**table)
        return delete(**table)

    monkeypatch.setattr(glue, "delete_table", slow)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=31)
    assert drop_expired(glue, "lake_sandbox", days=30, now=later) == ["one", "two"]


def test_a_refusal_is_a_fault(glue: Any) -> None:
    with pytest.raises(CcaTedError, match="list the tables of gone"):
        drop_expired(glue, "gone", days=30, now=NOW)


def test_the_function_is_told_database_and_days(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLUE_DATABASE", "lake_sandbox")
    monkeypatch.setenv("DAYS", "30")
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    context: Any = type(
        "Context",
        (),
        {"function_name": "f", "memory_limit_in_mb": 1, "invoked_function_arn": "f", "aws_request_id": "1"},
    )
    assert handlers.expire({}, context) == {"dropped": []}
    assert names(glue, "lake_sandbox") == ["one", "two"]
