"""Whether a year has all that the release calendar says is due."""

import datetime as dt
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from console.sample.server import calendar_csv
from runtime.buckets import Bucket
from runtime.keys import PackageId, calendar_key
from runtime.ledger import read_ledger, settle
from runtime.manifest import EXTRACTOR_VERSION
from runtime.pipeline.completeness import YearCompleteness, check_completeness
from tests.unit.test_access import manifest
from tests.unit.transfer_world import EXTRACTED, FIRST, RAW, SECOND, THIRD, make_bucket

NOON = dt.datetime(2020, 1, 2, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def raw() -> Iterator[Bucket]:
    with mock_aws():
        yield make_bucket(boto3.client("s3"), RAW)


@pytest.fixture
def extracted(raw: Bucket) -> Bucket:
    return make_bucket(raw.client, EXTRACTED)


def hold(raw: Bucket, *packages: PackageId) -> None:
    for package in packages:
        raw.put(package.raw_key, b"package", metadata={"sha256": "ab"})


def extract(raw: Bucket, extracted: Bucket, package: PackageId) -> None:
    hold(raw, package)
    extracted.put(package.manifest_key, manifest(package, extractor_version=EXTRACTOR_VERSION).to_json())
    assert settle(package, raw, extracted)


def check(raw: Bucket, extracted: Bucket, years: list[int]) -> list[YearCompleteness]:
    return check_completeness(raw, read_ledger(raw, extracted, years), years, NOON)


def test_names_what_is_missing_where(raw: Bucket, extracted: Bucket) -> None:
    raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND]))
    raw.put(calendar_key(2020), calendar_csv([THIRD]))
    stray = PackageId.parse("20190305_2019045")
    hold(raw, stray)
    extract(raw, extracted, FIRST)
    (year, other) = check(raw, extracted, [2020, 2019, 2019])
    assert year.as_dict() == {
        "year": 2019, "has_calendar": True, "due": 2, "transferred": 2, "extracted": 1, "is_complete": False,
        "not_transferred": [str(SECOND)], "not_extracted": [str(stray)], "not_in_calendar": [str(stray)],
        "stale": [],
    }  # fmt: skip
    assert year.missing == [SECOND, stray]
    assert other.not_transferred == [THIRD]


def test_a_year_with_all_is_complete(raw: Bucket, extracted: Bucket) -> None:
    raw.put(calendar_key(2020), calendar_csv([THIRD, PackageId.parse("20200103_2020002")]))
    extract(raw, extracted, THIRD)
    (year,) = check(raw, extracted, [2020])
    assert year.is_complete
    assert year.due == 1


def test_a_year_without_calendar_says_so(raw: Bucket, extracted: Bucket) -> None:
    hold(raw, FIRST)
    (year,) = check(raw, extracted, [2019])
    assert (year.has_calendar, year.is_complete, year.not_extracted) == (False, False, [FIRST])
    assert "no calendar is kept" in year.calendar_fault


def test_a_spoilt_calendar_is_named_and_hides_nothing(raw: Bucket, extracted: Bucket) -> None:
    hold(raw, FIRST)
    raw.put(calendar_key(2019), b"OJS ,Publication date\r\nx,y\r\n")
    (year,) = check(raw, extracted, [2019])
    assert (year.has_calendar, year.is_complete, year.not_extracted) == (False, False, [FIRST])
    assert "delete calendar/2019.csv" in year.calendar_fault


def test_what_is_fetched_again_is_stale_until_it_is_extracted_again(raw: Bucket, extracted: Bucket) -> None:
    raw.put(calendar_key(2020), calendar_csv([THIRD]))
    extract(raw, extracted, THIRD)
    raw.put(THIRD.raw_key, b"other bytes")
    (year,) = check(raw, extracted, [2020])
    assert (year.stale, year.missing, year.is_complete) == ([THIRD], [], False)
    extract(raw, extracted, THIRD)
    (year,) = check(raw, extracted, [2020])
    assert year.is_complete


def test_the_short_form_counts_all_and_names_the_first(raw: Bucket, extracted: Bucket) -> None:
    issues = [PackageId(dt.date(2019, 1, 1) + dt.timedelta(days=n), n + 1) for n in range(200)]
    raw.put(calendar_key(2019), calendar_csv(issues))
    (year,) = check(raw, extracted, [2019])
    short = year.in_short()
    assert (short["due"], short["missing"], short["first_missing"]) == (200, 200, [str(p) for p in issues[:5]])
