"""`ted status`: what it shows, what it says as JSON, and how it ends."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner, Result

from console import target
from console.athena import Answer
from console.main import app
from console.sample.server import calendar_csv
from runtime.archive import BadArchive
from runtime.buckets import Bucket
from runtime.failures import Failure, record_failure
from runtime.http import RefusedByFirewall
from runtime.keys import PackageId, calendar_key
from runtime.ledger import settle
from runtime.manifest import EXTRACTOR_VERSION
from runtime.merge.published import Published, PublishedPackage, write_record
from runtime.schema import TABLES
from stacks.names import Names
from tests.unit.deployed import deploy_storage, with_stacks
from tests.unit.test_access import manifest
from tests.unit.test_target import refuse

FIRST, SECOND, THIRD = (PackageId.parse(text) for text in ("20190301_2019043", "20190304_2019044", "20200102_2020001"))
NAMES = Names("me", "dev")
NAMES_OF_TABLES = [table.name for table in TABLES]


@pytest.fixture(params=["short", "account-regional"])
def buckets(monkeypatch: Any, request: Any) -> Iterator[tuple[Bucket, Bucket]]:
    with mock_aws():
        session = with_stacks(boto3.Session(region_name="eu-west-1"))
        monkeypatch.setattr(target, "find_target", lambda *_: target.Target(session, NAMES, "a test"))
        monkeypatch.setenv("COLUMNS", "200")
        glue: Any = session.client("glue")
        glue.create_database(DatabaseInput={"Name": NAMES.database})
        for table in TABLES:
            made = {"Name": table.name, "PartitionKeys": [{"Name": "year"}]}
            glue.create_table(DatabaseName=NAMES.database, TableInput=made)
        yield deploy_storage(session, NAMES, request.param)


def hold(buckets: tuple[Bucket, Bucket], package: PackageId, version: int = EXTRACTOR_VERSION) -> None:
    raw, extracted = buckets
    held = manifest(package, extractor_version=version)
    raw.put(package.raw_key, b"package", metadata={"sha256": held.sha256})
    extracted.put(package.manifest_key, held.to_json())
    settle(package, raw, extracted)


def publish(
    extracted: Bucket,
    year: int,
    run: str,
    at: str,
    notices: int,
    packages: Sequence[PackageId] = (),
    began: str = "2999-01-01T00:00:00+00:00",
) -> None:
    """A merge of these packages; without another word it began after they were extracted."""
    tables = dict.fromkeys(NAMES_OF_TABLES, 0) | {"notices": notices, "rejects": len(packages)}
    read = {str(package): PublishedPackage("", "", at, 1, 0) for package in packages}
    write_record(extracted, Published(run, year, EXTRACTOR_VERSION, tables, {}, {}, read, {}, "", began, at, at))
    point(year, run)


def point(year: int, run: str, tables: Sequence[str] = NAMES_OF_TABLES) -> None:
    """Let the catalog point a year of these tables at a run."""
    glue: Any = boto3.client("glue", region_name="eu-west-1")
    for table in tables:
        where = {"DatabaseName": NAMES.database, "TableName": table}
        place = {"Location": f"s3://b/merged/{table}/year={year}/run={run}"}
        pointed = {"Values": [str(year)], "StorageDescriptor": place}
        try:
            glue.create_partition(**where, PartitionInput=pointed)
        except glue.exceptions.AlreadyExistsException:
            glue.update_partition(**where, PartitionValueList=[str(year)], PartitionInput=pointed)


def ted(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["status", *arguments])


def test_a_complete_year_ends_well_and_names_its_last_run(buckets: tuple[Bucket, Bucket]) -> None:
    raw, extracted = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST]))
    hold(buckets, FIRST)
    publish(extracted, 2019, "jr_1", "2019-03-01T10:00:00+00:00", 1)
    publish(extracted, 2019, "jr_2", "2019-03-02T10:00:00+00:00", 1234, [FIRST])
    result = ted()
    assert result.exit_code == 0, result.output
    for words in ("2019", "1,234", "jr_2", "2019-03-02", "10:00 UTC", "me-cca-ted-dev (a test)"):
        assert words in result.output
    assert "jr_1" not in result.output


def test_how_many_values_are_in_euro_is_told_when_it_is_asked(
    buckets: tuple[Bucket, Bucket], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, extracted = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST]))
    hold(buckets, FIRST)
    publish(extracted, 2019, "jr_1", "2019-03-02T10:00:00+00:00", 1, [FIRST])
    asked: list[str] = []
    columns = (
        "year", "currency", "value_count", "token_count", "euro_count", "no_rate_count", "unknown_currency_count",
        "euro_percent",
    )  # fmt: skip
    rows = [
        ("2019", "EUR", "1000", "10", "990", "0", "0", "100.0"),
        ("2019", "ISK", "7", "0", "4", "3", "0", "57.1"),
        ("2019", None, "3", "0", "0", "0", "3", "0.0"),
    ]

    def answer(session: boto3.Session, names: Names, sql: str) -> Answer:
        asked.append(sql)
        return Answer(columns, rows, 0)

    monkeypatch.setattr("console.status.ask", answer)
    assert "in euro" not in ted().output
    assert asked == []
    assert "2019: 99.4 % of 1,000 values are in euro; not: ISK 3, no currency 3" in ted("--values").output
    assert asked[0].endswith("WHERE year IN (2019)")
    (told,) = json.loads(ted("--values", "--json").stdout)["values"]
    assert told == {
        "year": 2019, "values": 1010, "tokens": 10, "in_euro": 994, "left_out": {"ISK": 3, "no currency": 3}
    }  # fmt: skip


def test_what_is_due_and_missing_is_named_with_the_next_step_and_ends_with_one(buckets: tuple[Bucket, Bucket]) -> None:
    raw, _ = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND]))
    raw.put(FIRST.raw_key, b"package")
    result = ted("--year", "2019")
    assert result.exit_code == 1
    assert f"1 not transferred: {SECOND}" in result.output
    assert f"1 not extracted: {FIRST}" in result.output
    assert "ted run 2019" in result.output


def test_says_all_as_json(buckets: tuple[Bucket, Bucket]) -> None:
    raw, extracted = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND]))
    raw.put(calendar_key(2020), calendar_csv([THIRD]))
    hold(buckets, FIRST, version=EXTRACTOR_VERSION - 1)
    hold(buckets, THIRD)
    publish(extracted, 2020, "jr_3", "2020-01-03T10:00:00+00:00", 7, [THIRD])
    result = ted("--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["instance"], found["is_complete"]) == ("me-cca-ted-dev", False)
    assert found["years"] == [
        {
            "year": 2019, "has_calendar": True, "due": 2, "transferred": 1, "extracted": 1, "is_complete": False,
            "not_transferred": [str(SECOND)], "not_extracted": [], "not_in_calendar": [], "stale": [str(FIRST)],
            "missing": 1, "unpublished": [str(FIRST)], "quarantined": 0, "published_run": None,
            "published_at": None, "notices_published": 0, "lost": [], "failures": [],
        },
        {
            "year": 2020, "has_calendar": True, "due": 1, "transferred": 1, "extracted": 1, "is_complete": True,
            "not_transferred": [], "not_extracted": [], "not_in_calendar": [], "stale": [],
            "missing": 0, "unpublished": [], "quarantined": 1, "published_run": "jr_3",
            "published_at": "2020-01-03T10:00:00+00:00", "notices_published": 7, "lost": [], "failures": [],
        },
    ]  # fmt: skip
    assert json.loads(ted("--json", "--year", "2020").stdout)["is_complete"] is True


def test_finds_a_year_that_was_filled_by_hand_and_says_that_nothing_is_known_to_be_due(
    buckets: tuple[Bucket, Bucket],
) -> None:
    hold(buckets, FIRST)
    result = ted()
    assert result.exit_code == 1
    assert "2019: no calendar is kept" in result.output


def test_years_of_which_nothing_is_due_are_shown_where_they_are_named(buckets: tuple[Bucket, Bucket]) -> None:
    raw, extracted = buckets
    raw.put(calendar_key(2018), calendar_csv([]))
    raw.put(calendar_key(2019), calendar_csv([FIRST]))
    hold(buckets, FIRST)
    publish(extracted, 2019, "jr_1", "2019-03-05T10:00:00+00:00", 1, [FIRST])
    result = ted()
    assert (result.exit_code, " 2018 " in result.stdout, " 2019 " in result.stdout) == (0, False, True)
    assert " 2018 " in ted("2018", "2019").stdout
    assert [each["year"] for each in json.loads(ted("--json").stdout)["years"]] == [2018, 2019]


def test_an_empty_instance_is_not_complete(buckets: tuple[Bucket, Bucket]) -> None:
    result = ted()
    assert result.exit_code == 1
    assert "nothing is kept yet; bring packages in with: " in result.output
    assert ted("--year", "2019").exit_code == 1


def test_names_packages_that_the_calendar_does_not(buckets: tuple[Bucket, Bucket]) -> None:
    raw, extracted = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST]))
    hold(buckets, FIRST)
    hold(buckets, SECOND)
    publish(extracted, 2019, "jr_1", "2019-03-05T10:00:00+00:00", 2, [FIRST, SECOND])
    result = ted()
    assert result.exit_code == 0
    assert f"1 held, but not in the release calendar: {SECOND}" in result.output


def test_fits_into_a_narrow_terminal(buckets: tuple[Bucket, Bucket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    raw, extracted = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST]))
    hold(buckets, FIRST)
    publish(extracted, 2019, "jr_1", "2019-03-01T10:00:00+00:00", 870_000)
    for word in ("quarantined", "published", "870,000", "2019-03-01", "10:00 UTC"):
        assert word in ted().output


def test_an_instance_that_is_not_there_is_told_with_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    detail = {"Code": "ValidationError", "Message": "Stack with id me-cca-ted-storage-dev does not exist"}
    refuse(monkeypatch, ClientError({"Error": detail}, "DescribeStacks"))
    result = CliRunner().invoke(app, ["status", "--year", "2019", "--aws", "--initials", "me"])
    assert result.exit_code == 2
    assert "there is no instance me-cca-ted-dev (AWS default, eu-west-1)" in result.output
    assert "npx cdk deploy --all -c initials=me" in result.output


def fail(bucket: Bucket, package: PackageId, stage: str, error: Exception) -> None:
    record_failure(bucket, Failure.of(package, stage, error, 5, dt.datetime(2019, 3, 5, 10, tzinfo=dt.UTC)))


def test_says_why_a_package_is_missing_and_what_helps_against_that(buckets: tuple[Bucket, Bucket]) -> None:
    raw, extracted = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND]))
    raw.put(SECOND.raw_key, b"package")
    fail(raw, FIRST, "transfer", RefusedByFirewall("refused by the source's firewall"))
    fail(extracted, SECOND, "extract", BadArchive("no intact gzip"))
    result = ted("2019")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    why = "2019: {} not {} after 5 attempts, 2019-03-05 10:00 UTC: {}"
    assert why.format(FIRST, "transferred", "RefusedByFirewall: refused by the source's firewall") in lines
    assert why.format(SECOND, "extracted", "BadArchive: no intact gzip") in lines
    # A run helps against a refusal that passes, and not against a bad archive.
    assert [line for line in lines if line.endswith("ted run 2019")]
    assert f"another run fails the same way over {SECOND}. " in result.stdout
    assert f"ted run {SECOND} --refresh" in result.stdout
    (year,) = json.loads(ted("2019", "--json").stdout)["years"]
    assert [(each["package_id"], each["attempts"]) for each in year["failures"]] == [(str(FIRST), 5), (str(SECOND), 5)]


def test_gives_no_hint_that_cannot_help(buckets: tuple[Bucket, Bucket]) -> None:
    raw, extracted = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST]))
    raw.put(FIRST.raw_key, b"package")
    fail(extracted, FIRST, "extract", BadArchive("no intact gzip"))
    lines = ted().stdout.splitlines()
    assert not [line for line in lines if line.endswith("ted run 2019")]
    hold(buckets, FIRST)
    publish(extracted, 2019, "jr_1", "2019-03-05T10:00:00+00:00", 1, [FIRST])
    complete = ted()
    assert complete.exit_code == 0
    assert "BadArchive" not in complete.stdout
    assert "ted run" not in complete.stdout


@pytest.mark.parametrize(
    "arguments", [["2019", "2020"], ["--year", "2019", "--year", "2020"], ["2019", "--year", "2020"]]
)
def test_years_are_named_by_position_or_by_option(arguments: list[str], buckets: tuple[Bucket, Bucket]) -> None:
    hold(buckets, PackageId.parse("20210104_2021001"))
    assert [each["year"] for each in json.loads(ted("--json", *arguments).stdout)["years"]] == [2019, 2020]


def test_what_is_extracted_and_not_published_is_named_and_ends_with_one(buckets: tuple[Bucket, Bucket]) -> None:
    raw, extracted = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND]))
    hold(buckets, FIRST)
    hold(buckets, SECOND)
    told = "extracted, but not published, nor counted in quarantined: "
    result = ted()
    assert (result.exit_code, f"2019: 2 {told}{FIRST}, {SECOND}" in result.stdout) == (1, True)
    assert "ted merge 2019\n" in result.stdout
    assert "ted run" not in result.stdout  # which would look for packages, too, and none is missing
    publish(extracted, 2019, "jr_1", "2019-03-05T10:00:00+00:00", 1, [FIRST])
    assert f"2019: 1 {told}{SECOND}" in ted().stdout
    publish(extracted, 2019, "jr_2", "2019-03-06T10:00:00+00:00", 2, [FIRST, SECOND], began="2019-03-06T09:00:00+00:00")
    assert f"2019: 2 {told}{FIRST}, {SECOND}" in ted().stdout  # extracted again since
    publish(extracted, 2019, "jr_3", "2019-03-07T10:00:00+00:00", 2, [FIRST, SECOND])
    assert ted().exit_code == 0


def test_the_number_of_calls_is_bounded_whatever_a_year_holds(
    buckets: tuple[Bucket, Bucket], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    plain = BaseClient._make_api_call  # type: ignore[attr-defined]

    def counting(client: Any, operation: str, options: Any) -> Any:
        calls.append(operation)
        return plain(client, operation, options)

    monkeypatch.setattr(BaseClient, "_make_api_call", counting)
    raw, extracted = buckets
    counts = []
    for size in (1, 20):
        packages = [PackageId(dt.date(year, 1, 1 + n), 1 + n) for year in (2018, 2019, 2020) for n in range(size)]
        for year in (2018, 2019, 2020):
            mine = [package for package in packages if package.year == year]
            raw.put(calendar_key(year), calendar_csv(mine))
            for package in mine:
                hold(buckets, package)
            publish(extracted, year, "jr_1", f"{year}-12-31T10:00:00+00:00", 1, mine)
        calls.clear()
        assert ted().exit_code == 0
        counts.append(Counter(calls))
    assert counts[0] == counts[1]
    # The folders, a call a table, and of a year four listings, the calendar and a record.
    assert counts[1].total() <= 2 + len(TABLES) + 3 * 6


def test_a_year_that_the_catalog_lost_is_found_with_its_tables_and_the_way_back(
    buckets: tuple[Bucket, Bucket],
) -> None:
    raw, extracted = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST]))
    hold(buckets, FIRST)
    publish(extracted, 2019, "jr_1", "2019-03-01T10:00:00+00:00", 1, [FIRST])
    assert ted().exit_code == 0
    glue: Any = boto3.client("glue", region_name="eu-west-1")
    glue.delete_partition(DatabaseName=NAMES.database, TableName="lots", PartitionValues=["2019"])
    glue.delete_table(DatabaseName=NAMES.database, Name="parties")
    point(2019, "jr_0", ["contracts"])
    result = ted()
    assert result.exit_code == 1
    assert "does not point at what was published for lots, contracts, parties; mend it with: " in result.stdout
    assert "ted republish --year 2019" in result.stdout
    assert json.loads(ted("--json").stdout)["years"][0]["lost"] == ["lots", "contracts", "parties"]
