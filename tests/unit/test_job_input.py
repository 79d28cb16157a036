"""One table of inputs and verdicts for start_transfer_job, start_extract_job, the pipeline and `ted run`."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from moto import mock_aws

from runtime.errors import ConfigError
from runtime.extract.handlers import start_extract_job
from runtime.job_input import JobInput
from runtime.transfer import handlers
from runtime.transfer.handlers import start_transfer_job
from tests.unit.transfer_world import FIRST, THIRD, Context

NOON = dt.datetime(2020, 1, 2, 12, 0, tzinfo=dt.UTC)
ALL = tuple(range(2011, 2021))

RIGHT: list[tuple[Any, JobInput]] = [
    (None, JobInput(ALL)),
    ({}, JobInput(ALL)),
    ({"year": 2019}, JobInput((2019,), is_named=True)),
    ({"year": 2019, "month": 3}, JobInput((2019,), 3, is_named=True)),
    ({"year": 2011}, JobInput((2011,), is_named=True)),
    ({"year": 2020, "month": 12}, JobInput((2020,), 12, is_named=True)),
    ({"year": 2019, "refresh": True}, JobInput((2019,), refresh=True, is_named=True)),
    ({"refresh": False}, JobInput(ALL)),
    ({"scope": "current"}, JobInput((2019, 2020))),
    ({"scope": "current", "refresh": True}, JobInput((2019, 2020), refresh=True)),
    ({"packages": [str(FIRST)]}, JobInput((2019,), packages=(FIRST,), is_named=True)),
    (
        {"packages": [str(THIRD), str(FIRST), str(FIRST)]},
        JobInput((2019, 2020), packages=(FIRST, THIRD), is_named=True),
    ),
    (dict.fromkeys(("year", "month", "packages", "scope", "refresh")), JobInput(ALL)),
]

WRONG: list[tuple[Any, str]] = [
    ([], "the input is []: expected an object"),
    ("2019", "the input is '2019': expected an object"),
    (2019, "the input is 2019: expected an object"),
    (False, "the input is False: expected an object"),
    ({"yaer": 2019}, "unknown key 'yaer': expected one of year, month, packages, scope, refresh"),
    ({"years": [2019]}, "unknown key 'years'"),
    ({"year": ""}, "year is '': expected 2011 to 2020"),
    ({"year": "2019"}, "year is '2019'"),
    ({"year": 2019.0}, "year is 2019.0"),
    ({"year": True}, "year is True"),
    ({"year": [2019]}, "year is [2019]"),
    ({"year": 1066}, "year is 1066: expected 2011 to 2020"),
    ({"year": 2010}, "year is 2010"),
    ({"year": 2021}, "year is 2021"),
    ({"year": 2019, "month": 0}, "month is 0: expected 1 to 12"),
    ({"year": 2019, "month": 13}, "month is 13"),
    ({"year": 2019, "month": "3"}, "month is '3'"),
    ({"year": 2019, "month": True}, "month is True"),
    ({"month": 3}, "month without year"),
    ({"packages": [str(FIRST)], "month": 3}, "month without year"),
    ({"packages": [str(FIRST)], "year": 2019}, "year and packages exclude each other"),
    ({"year": 2019, "scope": "current"}, "year and scope exclude each other"),
    ({"packages": []}, "packages is []: expected a list of package ids"),
    ({"packages": str(FIRST)}, "packages is '20190301_2019043': expected a list of package ids"),
    ({"packages": {}}, "packages is {}"),
    ({"packages": ["2019"]}, "'2019' is no package id"),
    ({"packages": [20190301]}, "20190301 is no package id"),
    ({"packages": [None]}, "None is no package id"),
    ({"packages": [["x"]]}, "['x'] is no package id"),
    ({"packages": ["20100104_2010001"]}, "20100104_2010001 is before 2011"),
    ({"packages": ["20200103_2020002"]}, "20200103_2020002 is of a day to come"),
    ({"scope": "all"}, "scope is 'all': expected 'current'"),
    ({"refresh": "false"}, "refresh is 'false': expected true or false"),
    ({"refresh": 1}, "refresh is 1"),
    ({"refresh": 0}, "refresh is 0"),
]


@pytest.mark.parametrize(("event", "expected"), RIGHT, ids=str)
def test_reads(event: Any, expected: JobInput) -> None:
    assert JobInput.parse(event, NOON) == expected


@pytest.mark.parametrize(("event", "fault"), WRONG, ids=str)
def test_refuses(event: Any, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        JobInput.parse(event, NOON)
    assert fault in caught.value.message
    assert 'a right input: {"year": 2019, "month": 3}' in caught.value.message


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        JobInput.parse({"packages": ["x", "y"], "refresh": "no", "yaer": 1}, NOON)
    assert len(caught.value.attributes["faults"]) == 4


def test_each_job_has_a_key_of_its_own() -> None:
    assert JobInput.parse({"year": 2019, "run": "a-b_c.1"}, NOON, besides="run").run == "a-b_c.1"
    asked = JobInput.parse({"plan_key": "plans/r1.json", "refresh": True}, NOON, besides="plan_key")
    assert asked == JobInput(refresh=True, plan_key="plans/r1.json")
    for event, besides, fault in (
        ({"run": "a/b"}, "run", "run is 'a/b'"),
        ({"run": 5}, "run", "run is 5"),
        ({"run": "a"}, "plan_key", "unknown key 'run'"),
        ({"plan_key": "2019/03/x.tar.gz"}, "plan_key", "expected the key of a plan"),
        ({"plan_key": "plans/r1.json", "year": 2019}, "plan_key", "year and plan_key exclude each other"),
        ({"plan_key": "plans/r1.json"}, "run", "unknown key 'plan_key'"),
    ):
        with pytest.raises(ConfigError, match=fault):
            JobInput.parse(event, NOON, besides=besides)


def test_current_is_one_year_from_the_second_week_on() -> None:
    assert JobInput.parse({"scope": "current"}, NOON + dt.timedelta(days=7)).years == (2020,)


def test_starts_at_the_start_year_of_the_instance() -> None:
    assert JobInput.parse({}, NOON, 2018).years == (2018, 2019, 2020)


def test_a_month_belongs_to_its_year() -> None:
    march = JobInput.parse({"year": 2019, "month": 3}, NOON)
    assert (march.holds(FIRST), march.holds(THIRD)) == (True, False)


@pytest.mark.parametrize("job", [start_transfer_job, start_extract_job])
def test_both_jobs_refuse_the_same_before_any_work(job: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The buckets and queues do not exist: whoever looked at one would fail otherwise."""
    for name, value in {
        "RAW_BUCKET": "raw", "EXTRACTED_BUCKET": "extracted", "EXTRACTIONS_QUEUE_URL": "u", "TRANSFERS_QUEUE_URL": "u",
        "CONTACT": "c", "SOURCE_URL": "http://127.0.0.1:1", "PACKAGE_PATH": "/{year}{issue:05d}",
        "CALENDAR_PATH": "/{year}", "REQUESTS_PER_MINUTE": "80", "START_YEAR": "2011", "MAX_RECEIVE_COUNT": "5",
        "BUCKET_OWNER": "123456789012",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    with mock_aws():
        for event in ({"year": 1066}, {"year": "2019"}, {"month": 3}, {"packages": ["x"]}, {"refresh": "false"}):
            with pytest.raises(ConfigError, match="a right input"):
                job(event, Context())
    handlers.clients_of.cache_clear()
