"""The release calendar: every form that was seen is read, and every fault is named."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.sample.server import calendar_csv
from runtime.keys import PackageId
from runtime.transfer.calendar import UnreadableCalendar, due, is_due, may_have_grown, read_releases

FIRST, SECOND = PackageId.parse("20190102_2019001"), PackageId.parse("20190103_2019002")


@pytest.mark.parametrize(
    "text",
    [
        "OJS ,Publication date\r\n1,02/01/2019\r\n2,03/01/2019\r\n",
        "OJS,Publication date\n1,2/1/2019\n2,3/1/2019\n",
        "\ufeffOJS  , Publication  date ,\r\n 1 , 2/01/2019 ,\r\n2,03/1/2019,\r\n,,\r\n\r\n",
        '"OJS ","Publication date"\n"2","03/01/2019"\n"1","02/01/2019"\n',
        "Publication date,OJS,Remark\n02/01/2019,1,\n03/01/2019,2,late\n",
        "OJS ,Publication date\n1,02/01/2019\n1,02/01/2019\n2,03/01/2019",
    ],
)
def test_reads_every_form_that_was_seen(text: str) -> None:
    assert read_releases(text.encode(), 2019) == [FIRST, SECOND]


def test_reads_a_calendar_without_releases() -> None:
    assert read_releases(b"OJS ,Publication date\r\n", 2019) == []


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"\xff\xfe\x00", "CSV text"),
        (b"<html><body>", "expected the columns"),
        (b"OJS;Publication date\n1;02/01/2019\n", "expected the columns"),
        (b"OJS,Publication date\nx,02/01/2019\n", "line 2: expected an issue number, got 'x'"),
        (b"OJS,Publication date\n0,02/01/2019\n", "line 2: expected an issue number, got '0'"),
        (b"OJS,Publication date\n1,2019-01-02\n", "line 2: expected a date"),
        (b"OJS,Publication date\n1,31/02/2019\n", "line 2: '31/02/2019' is no day"),
        (b"OJS,Publication date\n1,01/13/2019\n", "line 2: '01/13/2019' is no day"),
        (b"OJS,Publication date\n1,02/01/2018\n", "line 2: expected a day of 2019"),
        (b"OJS,Publication date\n1\n", "line 2: expected an issue and a date"),
        (b"OJS,Publication date\n1,02/01/2019\n1,03/01/2019\n", "line 3: issue 1 is on 2019-01-03, and on 2019-01-02"),
    ],
)
def test_names_what_is_wrong(data: bytes, fault: str) -> None:
    with pytest.raises(UnreadableCalendar, match="2019") as raised:
        read_releases(data, 2019)
    assert fault in str(raised.value)


def test_lists_all_faults_at_once_and_how_to_go_on_without() -> None:
    with pytest.raises(UnreadableCalendar) as raised:
        read_releases(b"OJS,Publication date\nx,02/01/2019\n2,nothing\n3,04/01/2019\n", 2019)
    assert str(raised.value).count("line ") == 2
    assert '{"packages": ["20190301_2019043"]}' in str(raised.value)


def test_shortens_a_long_list_of_faults() -> None:
    with pytest.raises(UnreadableCalendar, match="and 80 more"):
        read_releases(b"OJS,Publication date\n" + b"x,y\n" * 100, 2019)


@given(st.dictionaries(st.integers(1, 999), st.dates(dt.date(2019, 1, 1), dt.date(2019, 12, 31))), st.booleans())
def test_reads_back_what_the_sample_publisher_writes(releases: dict[int, dt.date], loose: bool) -> None:
    packages = [PackageId(date, issue) for issue, date in releases.items()]
    assert read_releases(calendar_csv(packages, "loose" if loose else "usual"), 2019) == sorted(packages)


@pytest.mark.parametrize(
    ("now", "is_final"),
    [
        ("2019-07-01T07:29:59+00:00", False),  # 09:29:59 in Luxembourg, summer
        ("2019-07-01T07:30:00+00:00", True),
        ("2019-06-30T23:30:00+00:00", False),  # already the day, in Luxembourg
        ("2019-07-02T00:00:00+00:00", True),
    ],
)
def test_a_package_is_due_from_half_past_nine_in_luxembourg(now: str, is_final: bool) -> None:
    assert is_due(PackageId(dt.date(2019, 7, 1), 124), dt.datetime.fromisoformat(now)) is is_final


def test_winter_time_is_an_hour_later() -> None:
    package = PackageId(dt.date(2019, 1, 3), 2)
    assert not is_due(package, dt.datetime(2019, 1, 3, 8, 29, tzinfo=dt.UTC))
    assert is_due(package, dt.datetime(2019, 1, 3, 8, 30, tzinfo=dt.UTC))


def test_due_leaves_out_what_is_not_final() -> None:
    assert due([SECOND, FIRST], dt.datetime(2019, 1, 3, 8, 0, tzinfo=dt.UTC)) == [FIRST]


@pytest.mark.parametrize(
    ("fetched", "now", "may"),
    [
        ("2019-06-01", "2019-06-02", True),
        ("2019-06-01", "2020-02-01", True),  # what came in the second half is unknown
        ("2020-01-01", "2020-02-01", False),
        ("2018-12-31", "2018-12-31", True),
    ],
)
def test_a_calendar_may_have_grown_until_it_was_read_after_its_year(fetched: str, now: str, may: bool) -> None:
    at = [dt.datetime.fromisoformat(f"{text}T12:00:00+00:00") for text in (fetched, now)]
    assert may_have_grown(2019, *at) is may
