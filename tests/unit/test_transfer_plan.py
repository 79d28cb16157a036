"""Planning: what is due, what is held, what is asked of the source; and the completeness of a year."""

import dataclasses
import datetime as dt
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from console.sample.server import Publisher, Shelf, calendar_csv
from runtime.buckets import Bucket
from runtime.errors import ConfigError
from runtime.failures import Failure, record_failure
from runtime.http import Http, NotAtSource
from runtime.keys import PackageId, calendar_key
from runtime.transfer import service
from runtime.transfer.calendar import UnreadableCalendar
from runtime.transfer.completeness import check_completeness
from runtime.transfer.service import Selection, held_packages, make_plan, read_message, read_selection, releases_of
from runtime.transfer.source import HttpSource
from tests.unit.transfer_world import EXTRACTED, FIRST, RAW, SECOND, THIRD, make_bucket, package_bytes

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


class TestSelection:
    @pytest.mark.parametrize(
        ("event", "years", "month"),
        [
            ({}, tuple(range(2011, 2021)), None),
            ({"year": 2019}, (2019,), None),
            ({"year": 2019, "month": 3}, (2019,), 3),
            ({"year": 2019, "month": None, "run": "a-b_c.1"}, (2019,), None),
            ({"scope": "current"}, (2019, 2020), None),
            ({"packages": [str(THIRD), str(FIRST), str(FIRST)]}, (2019, 2020), None),
        ],
    )
    def test_reads(self, event: dict[str, Any], years: tuple[Any, ...], month: int | None) -> None:
        selection = read_selection(event, NOON)
        assert (selection.years, selection.month) == (years, month)

    def test_current_is_one_year_from_the_second_week_on(self) -> None:
        assert read_selection({"scope": "current"}, NOON + dt.timedelta(days=7)).years == (2020,)

    def test_starts_at_the_start_year(self) -> None:
        assert read_selection({}, NOON, 2018).years == (2018, 2019, 2020)

    def test_sorts_named_packages_and_drops_repeats(self) -> None:
        assert read_selection({"packages": [str(THIRD), str(FIRST), str(FIRST)]}, NOON).packages == (FIRST, THIRD)

    @pytest.mark.parametrize(
        ("event", "text"),
        [
            ({"years": 2019}, "unknown key 'years'"),
            ({"year": "2019"}, "year is '2019'"),
            ({"year": True}, "year is True"),
            ({"year": 2010}, "expected 2011 to 2020"),
            ({"year": 2021}, "expected 2011 to 2020"),
            ({"year": 2019, "month": 0}, "month is 0"),
            ({"month": 3}, "month without year"),
            ({"scope": "all"}, "scope is 'all'"),
            ({"refresh": "yes"}, "refresh is 'yes'"),
            ({"run": "a/b"}, "run is 'a/b'"),
            ({"year": 2019, "scope": "current"}, "exclude each other"),
            ({"packages": []}, "expected a list of package ids"),
            ({"packages": "20190301_2019043"}, "expected a list of package ids"),
            ({"packages": ["2019"]}, "'2019' is no package id"),
            ({"packages": ["20100104_2010001"]}, "before 2011"),
        ],
    )
    def test_refuses(self, event: dict[str, Any], text: str) -> None:
        with pytest.raises(ConfigError, match="a right input") as raised:
            read_selection(event, NOON)
        assert text in str(raised.value)


def test_reads_messages() -> None:
    assert read_message('{"package_id": "20190301_2019043"}') == (FIRST, False)
    assert read_message('{"package_id": "20190301_2019043", "refresh": true}') == (FIRST, True)
    for body in ("", "[]", "{}", '{"package_id": 5}', '{"package_id": "x"}'):
        with pytest.raises(ConfigError):
            read_message(body)


def test_plans_what_is_due_and_lacking(raw: Bucket, source: HttpSource) -> None:
    hold(raw, FIRST)
    plan = make_plan(raw, source, read_selection({}, NOON, 2019), NOON)
    assert list(plan.packages) == [FIRST, SECOND, THIRD]
    assert set(plan.held) == {FIRST}
    assert plan.messages == [
        {"package_id": str(SECOND), "refresh": False},
        {"package_id": str(THIRD), "refresh": False},
    ]


def test_todays_package_is_not_planned_before_half_past_nine(raw: Bucket, source: HttpSource) -> None:
    early = dt.datetime(2020, 1, 2, 8, 29, tzinfo=dt.UTC)
    assert list(make_plan(raw, source, Selection((2020,)), early).packages) == []
    later = dt.datetime(2020, 1, 2, 8, 30, tzinfo=dt.UTC)
    assert list(make_plan(raw, source, Selection((2020,)), later).packages) == [THIRD]


def test_a_month_limits_the_plan(raw: Bucket, source: HttpSource) -> None:
    assert list(make_plan(raw, source, Selection((2019,), month=3), NOON).packages) == [FIRST, SECOND]
    assert list(make_plan(raw, source, Selection((2019,), month=4), NOON).packages) == []


def test_compares_recent_packages_in_any_job_and_old_ones_only_when_named(
    raw: Bucket, source: HttpSource, publisher: Publisher
) -> None:
    hold(raw, FIRST, SECOND, THIRD)
    for package in (FIRST, THIRD):
        publisher.replace(package, package_bytes(package, notices=9))
    assert set(make_plan(raw, source, Selection((2019, 2020)), NOON).replaced) == {THIRD}
    assert set(make_plan(raw, source, read_selection({"year": 2019}, NOON), NOON).replaced) == {FIRST}
    named = make_plan(raw, source, read_selection({"packages": [str(FIRST), str(SECOND)]}, NOON), NOON)
    assert named.messages == [{"package_id": str(FIRST), "refresh": True}]


def test_stops_comparing_when_its_time_is_over(raw: Bucket, source: HttpSource) -> None:
    hold(raw, FIRST, SECOND)
    plan = make_plan(raw, source, read_selection({"year": 2019}, NOON), NOON, seconds=-1)
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
        make_plan(raw, source, Selection((2019,)), NOON)


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
        plan = make_plan(raw, HttpSource(Http("x"), publisher.url, *PATHS), read_selection({}, now), now)
        seconds, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert len(plan.packages) == len(plan.messages) > 4000
    assert len(publisher.requests) == 16
    assert seconds < 60
    assert peak < 64 << 20  # the interpreter and boto3 take some 80 MB of the 256


class TestCompleteness:
    @pytest.fixture
    def extracted(self, raw: Bucket) -> Bucket:
        return make_bucket(raw.client, EXTRACTED)

    def test_names_what_is_missing_where(self, raw: Bucket, extracted: Bucket) -> None:
        raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND]))
        raw.put(calendar_key(2020), calendar_csv([THIRD]))
        stray = PackageId.parse("20190305_2019045")
        hold(raw, FIRST, stray)
        extracted.put(FIRST.manifest_key, b"{}")
        (year, other) = check_completeness(raw, extracted, [2020, 2019, 2019], NOON)
        assert year.as_dict() == {
            "year": 2019, "has_calendar": True, "due": 2, "transferred": 2, "extracted": 1, "is_complete": False,
            "not_transferred": [str(SECOND)], "not_extracted": [str(stray)], "not_in_calendar": [str(stray)],
            "stale": [],
        }  # fmt: skip
        assert year.missing == [SECOND, stray]
        assert other.not_transferred == [THIRD]

    def test_a_year_with_all_is_complete(self, raw: Bucket, extracted: Bucket) -> None:
        raw.put(calendar_key(2020), calendar_csv([THIRD, PackageId.parse("20200103_2020002")]))
        hold(raw, THIRD)
        extracted.put(THIRD.manifest_key, b"{}")
        (year,) = check_completeness(raw, extracted, [2020], NOON)
        assert year.is_complete
        assert year.due == 1

    def test_a_year_without_calendar_says_so(self, raw: Bucket, extracted: Bucket) -> None:
        hold(raw, FIRST)
        (year,) = check_completeness(raw, extracted, [2019], NOON)
        assert (year.has_calendar, year.is_complete, year.not_extracted) == (False, False, [FIRST])
        assert "no calendar is kept" in year.calendar_fault

    def test_a_spoilt_calendar_is_named_and_hides_nothing(self, raw: Bucket, extracted: Bucket) -> None:
        hold(raw, FIRST)
        raw.put(calendar_key(2019), b"OJS ,Publication date\r\nx,y\r\n")
        (year,) = check_completeness(raw, extracted, [2019], NOON)
        assert (year.has_calendar, year.is_complete, year.not_extracted) == (False, False, [FIRST])
        assert "delete calendar/2019.csv" in year.calendar_fault

    def test_a_package_that_was_fetched_again_is_stale_until_it_is_extracted_again(
        self, raw: Bucket, extracted: Bucket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        raw.put(calendar_key(2020), calendar_csv([THIRD]))
        hold(raw, THIRD)
        extracted.put(THIRD.manifest_key, b"{}")
        later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        with monkeypatch.context() as patch:
            listed = type(raw).keys
            patch.setattr(
                type(raw),
                "keys",
                lambda bucket, prefix="": (
                    dataclasses.replace(entry, last_modified=later) if bucket.name == RAW else entry
                    for entry in listed(bucket, prefix)
                ),
            )
            (year,) = check_completeness(raw, extracted, [2020], NOON)
        assert (year.stale, year.missing, year.is_complete) == ([THIRD], [], False)

    def test_the_short_form_counts_all_and_names_the_first(self, raw: Bucket, extracted: Bucket) -> None:
        issues = [PackageId(dt.date(2019, 1, 1) + dt.timedelta(days=n), n + 1) for n in range(200)]
        raw.put(calendar_key(2019), calendar_csv(issues))
        (year,) = check_completeness(raw, extracted, [2019], NOON)
        short = year.in_short()
        assert (short["due"], short["missing"], short["first_missing"]) == (200, 200, [str(p) for p in issues[:5]])
