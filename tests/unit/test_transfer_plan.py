"""Planning: what is due, what is held, what is asked of the source."""

import datetime as dt
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from moto import mock_aws

from console.sample.server import Publisher, Shelf, calendar_csv
from runtime.buckets import Bucket
from runtime.errors import ConfigError
from runtime.failures import Failure, record_failure
from runtime.http import Http, NotAtSource
from runtime.job_input import JobInput
from runtime.keys import PackageId, calendar_key
from runtime.ledger import held_packages
from runtime.transfer import service
from runtime.transfer.calendar import UnreadableCalendar
from runtime.transfer.service import compare, read_message, releases_of
from runtime.transfer.source import HttpSource
from tests.unit.transfer_world import FIRST, RAW, SECOND, THIRD, make_bucket, package_bytes

NOON = dt.datetime(2020, 1, 2, 12, 0, tzinfo=dt.UTC)
PATHS = ("/packages/daily/{year}{issue:05d}", "/en/release-calendar/-/download/file/CSV/{year}")


@pytest.fixture
def raw() -> Iterator[Bucket]:
    import boto3

    with mock_aws():
        yield make_bucket(boto3.client("s3"), RAW)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher(Shelf.of_packages({p: package_bytes(p) for p in (FIRST, SECOND, THIRD)}, "loose")) as publisher:
        yield publisher


@pytest.fixture
def source(publisher: Publisher) -> HttpSource:
    return HttpSource(Http("x"), publisher.url, *PATHS)


def hold(raw: Bucket, *packages: PackageId) -> None:
    for package in packages:
        raw.put(package.raw_key, package_bytes(package))


def test_reads_messages() -> None:
    assert read_message('{"package_id": "20190301_2019043"}') == (FIRST, False)
    assert read_message('{"package_id": "20190301_2019043", "refresh": true}') == (FIRST, True)
    for body in (
        "",
        "[]",
        "{}",
        '{"package_id": 5}',
        '{"package_id": "x"}',
        '{"package_id": "20190301_2019043", "refresh": 0}',
    ):
        with pytest.raises(ConfigError):
            read_message(body)


def test_plans_what_is_due_and_lacking(raw: Bucket, source: HttpSource) -> None:
    hold(raw, FIRST)
    plan = compare(raw, source, JobInput.parse({}, NOON, 2019), NOON)
    assert list(plan.packages) == [FIRST, SECOND, THIRD]
    assert set(plan.held) == {FIRST}
    assert plan.messages == [
        {"package_id": str(SECOND), "refresh": False},
        {"package_id": str(THIRD), "refresh": False},
    ]


def test_todays_package_is_not_planned_before_half_past_nine(raw: Bucket, source: HttpSource) -> None:
    early = dt.datetime(2020, 1, 2, 8, 29, tzinfo=dt.UTC)
    assert list(compare(raw, source, JobInput((2020,)), early).packages) == []
    later = dt.datetime(2020, 1, 2, 8, 30, tzinfo=dt.UTC)
    assert list(compare(raw, source, JobInput((2020,)), later).packages) == [THIRD]


def test_a_month_limits_the_plan(raw: Bucket, source: HttpSource) -> None:
    assert list(compare(raw, source, JobInput((2019,), month=3), NOON).packages) == [FIRST, SECOND]
    assert list(compare(raw, source, JobInput((2019,), month=4), NOON).packages) == []


def test_compares_recent_packages_in_any_job_and_old_ones_only_when_named(
    raw: Bucket, source: HttpSource, publisher: Publisher
) -> None:
    hold(raw, FIRST, SECOND, THIRD)
    for package in (FIRST, THIRD):
        publisher.replace(package, package_bytes(package, notices=9))
    assert set(compare(raw, source, JobInput((2019, 2020)), NOON).replaced) == {THIRD}
    assert set(compare(raw, source, JobInput.parse({"year": 2019}, NOON), NOON).replaced) == {FIRST}
    named = compare(raw, source, JobInput.parse({"packages": [str(FIRST), str(SECOND)]}, NOON), NOON)
    assert named.messages == [{"package_id": str(FIRST), "refresh": True}]


def test_stops_comparing_when_its_time_is_over(raw: Bucket, source: HttpSource) -> None:
    hold(raw, FIRST, SECOND)
    plan = compare(raw, source, JobInput.parse({"year": 2019}, NOON), NOON, seconds=-1)
    assert (plan.unchecked, list(plan.messages)) == (2, [])
    assert "did not suffice" in plan.refusal


def test_keeps_the_calendar_and_asks_again_only_while_it_may_have_grown(
    raw: Bucket, source: HttpSource, publisher: Publisher
) -> None:
    for _ in range(2):
        assert releases_of(raw, source, 2019, NOON) == [FIRST, SECOND]
    assert len(publisher.requests_for(2019)) == 1  # kept at a time after its year
    thirty = dt.datetime(2030, 5, 1, tzinfo=dt.UTC)
    for _ in range(2):
        releases_of(raw, source, 2030, thirty)
    assert len(publisher.requests_for(2030)) == 2


def test_a_calendar_that_did_not_change_is_not_written_again(raw: Bucket, source: HttpSource) -> None:
    year = dt.datetime.now(dt.UTC).year
    for _ in range(2):
        releases_of(raw, source, year, dt.datetime.now(dt.UTC))
    versions = raw.client.list_object_versions(Bucket=RAW, Prefix=calendar_key(year))["Versions"]
    assert len(versions) == 1


def test_a_spoilt_calendar_does_not_replace_the_kept_one(raw: Bucket, source: HttpSource, publisher: Publisher) -> None:
    year = dt.datetime.now(dt.UTC).year
    now = dt.datetime.now(dt.UTC)
    releases_of(raw, source, year, now)
    kept = raw.get(calendar_key(year))
    publisher.shelf.calendars[year] = b"OJS ,Publication date\r\nx,y\r\n"
    with pytest.raises(UnreadableCalendar):
        releases_of(raw, source, year, now)
    assert raw.get(calendar_key(year)) == kept


def test_a_calendar_that_the_source_lacks_fails_the_plan(raw: Bucket, source: HttpSource, publisher: Publisher) -> None:
    publisher.spoil(2019, "missing")
    with pytest.raises(NotAtSource):
        compare(raw, source, JobInput((2019,)), NOON)


def test_a_foreign_object_among_the_archives_is_named(raw: Bucket) -> None:
    raw.put("2019/03/holiday.tar.gz", b"x")
    with pytest.raises(ConfigError, match="holiday"):
        held_packages(raw, [2019])


def test_forgets_failures_of_what_is_tried_anew(raw: Bucket) -> None:
    for package in (FIRST, SECOND):
        record_failure(raw, Failure(str(package), "transfer", "SourceTrouble", "x", 5, "2020-01-01T00:00:00+00:00"))
    service.forget_failures(raw, [FIRST, THIRD])
    assert [entry.key for entry in raw.keys("failures/")] == [SECOND.failure_key]


def test_plans_four_thousand_packages_within_a_minute_and_256_mib(raw: Bucket) -> None:
    def days(year: int) -> list[dt.date]:
        return [dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(365) if n % 7 < 5]

    calendars = {
        year: calendar_csv([PackageId(day, n) for n, day in enumerate(days(year), 1)]) for year in range(2011, 2027)
    }
    now = dt.datetime(2026, 12, 31, 12, 0, tzinfo=dt.UTC)
    with Publisher(Shelf({}, calendars)) as publisher:
        tracemalloc.start()
        started = time.perf_counter()
        plan = compare(raw, HttpSource(Http("x"), publisher.url, *PATHS), JobInput.parse({}, now), now)
        seconds, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert len(plan.packages) == len(plan.messages) > 4000
    assert len(publisher.requests) == 16
    assert seconds < 60
    assert peak < 64 << 20  # the interpreter and boto3 take some 80 MB of the 256
