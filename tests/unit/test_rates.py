"""The mirror of the ECB's rates: what is read, what is refused, and which rate a day gets."""

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from console.sample.server import RATES, Publisher, Shelf, ecb_history
from runtime.buckets import Bucket
from runtime.errors import TransientError
from runtime.http import Http, SourceTrouble
from runtime.keys import RATES_KEY, RATES_NOTE_KEY, reference_key
from runtime.rates.days import as_parquet
from runtime.rates.fixed import IRREVOCABLE
from runtime.rates.handlers import mirror_rates
from runtime.rates.history import MEMBER, BadRates, History, WorseRates, check_against, read_history
from runtime.rates.service import Mirrored, mirror
from runtime.schema.tables import EXCHANGE_RATES
from tests.unit.test_saved_queries import exchange_rates

FRIDAY, MONDAY = dt.date(2026, 10, 30), dt.date(2026, 11, 2)
NOON = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
KEY = reference_key(EXCHANGE_RATES.name)


def zipped(text: str, member: str = MEMBER) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(member), text)
    return out.getvalue()


def lines(*rows: str, header: str = "Date,USD,SEK,") -> bytes:
    return zipped("".join(f"{row}\n" for row in (header, *rows)))


FRIDAYS = lines("2026-10-30,1.1172,10.978,", "2026-10-29,1.1200,N/A,")
MONDAYS = lines("2026-11-02,1.1180,10.990,", "2026-10-30,1.1172,10.978,", "2026-10-29,1.1200,N/A,")


@pytest.fixture(scope="module")
def real() -> dict[tuple[str, dt.date], tuple[Decimal, str, str]]:
    """The table of the ECB's real history, as Parquet gives it back."""
    rows = pq.read_table(io.BytesIO(exchange_rates())).to_pylist()
    found = {(row["currency"], row["rate_date"]): (row["units_per_eur"], row["source"], row["method"]) for row in rows}
    assert len(found) == len(rows) > 500_000
    return found


# Each read off the ECB's file, or off Regulation (EC) No 2866/98.
RATES_OF_DAYS = [
    ("USD", "2026-10-30", "1.1172", "ecb", "daily"),
    ("USD", "2026-11-01", "1.1172", "ecb", "carried"),
    ("USD", "2026-11-06", "1.1172", "ecb", "carried"),  # the seventh day after the last one
    ("USD", "2026-11-07", None, "", ""),
    ("SEK", "2024-12-25", "11.5335", "ecb", "carried"),
    ("HRK", "2022-12-30", "7.5365", "ecb", "daily"),
    ("HRK", "2022-12-31", "7.5365", "ecb", "carried"),
    ("HRK", "2023-01-01", "7.53450", "fixed", "irrevocable"),
    ("BGN", "2025-12-31", "1.9558", "ecb", "daily"),
    ("BGN", "2026-01-01", "1.95583", "fixed", "irrevocable"),
    ("BGN", "2027-12-31", "1.95583", "fixed", "irrevocable"),
    ("BGN", "2028-01-01", None, "", ""),
    ("DEM", "1999-01-01", "1.95583", "fixed", "irrevocable"),
    ("GRD", "2000-12-31", None, "", ""),
    ("GRD", "2001-01-01", "340.750", "fixed", "irrevocable"),
    ("EUR", "1998-12-31", None, "", ""),
    ("EUR", "1999-01-01", "1", "fixed", "identity"),
    ("EUR", "2027-12-31", "1", "fixed", "identity"),
    ("ROL", "2005-06-30", "36030", "ecb", "daily"),
    ("RON", "2005-06-30", None, "", ""),
    ("ROL", "2005-07-01", "36030", "ecb", "daily"),  # ten thousand times 3.603
    ("TRL", "2005-01-01", "1836200", "ecb", "carried"),
    ("TRL", "2005-01-03", "1815000", "ecb", "daily"),
    ("ISK", "2008-12-16", "290", "ecb", "carried"),
    ("ISK", "2008-12-17", None, "", ""),
    ("ISK", "2018-01-31", None, "", ""),
    ("ISK", "2018-02-01", "125.01", "ecb", "daily"),
    ("RUB", "2022-03-08", "117.201", "ecb", "carried"),
    ("RUB", "2022-03-09", None, "", ""),
    ("MDL", "2024-01-02", None, "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("currency", "day", "units", "source", "method"), RATES_OF_DAYS)
def test_a_day_has_the_rate_of_the_source_or_none(
    real: Mapping[tuple[str, dt.date], Any], currency: str, day: str, units: str | None, source: str, method: str
) -> None:
    expected = None if units is None else (Decimal(units), source, method)
    assert real.get((currency, dt.date.fromisoformat(day))) == expected


def test_every_rate_of_the_file_is_in_the_table_until_the_euro_comes(real: Mapping[tuple[str, dt.date], Any]) -> None:
    rows = csv.reader(io.StringIO(zipfile.ZipFile(io.BytesIO(ecb_history())).read(MEMBER).decode()))
    names = next(rows)
    for row in rows:
        day = dt.date.fromisoformat(row[0])
        for name, text in zip(names[1:-1], row[1:-1], strict=True):
            if text != "N/A" and not (name in IRREVOCABLE and day >= IRREVOCABLE[name][0]):
                assert real[name, day] == (Decimal(text), "ecb", "daily")


def test_the_last_row_of_a_currency_is_its_irrevocable_rate_or_near_it() -> None:
    quotes = read_history(ecb_history()).quotes
    last = {name: [*quotes[name].values()][-1] for name in IRREVOCABLE if name in quotes}
    assert len(last) == 9
    assert {name for name, rate in last.items() if rate != IRREVOCABLE[name][1]} == {"HRK", "BGN"}
    assert all(abs(rate / IRREVOCABLE[name][1] - 1) < Decimal("0.0003") for name, rate in last.items())


def test_no_currency_has_two_rates_of_a_day_and_days_ascend(real: Mapping[tuple[str, dt.date], Any]) -> None:
    assert list(real) == sorted(real)  # the fixture compares its length with that of the rows


def test_the_table_is_small_enough_for_a_reader_to_take_it_in_one_go() -> None:
    data = exchange_rates()
    assert len(data) < 3 << 20  # docs/adr/0008
    assert data == as_parquet(read_history(ecb_history()))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE html><html></html>", "expected a whole zip file"),
        (b"", "expected a whole zip file, got 0 bytes"),
        (FRIDAYS[: len(FRIDAYS) // 2], "expected a whole zip file"),
        (FRIDAYS[:60] + b"?" + FRIDAYS[61:], "expected a whole zip file"),
        (zipped("Date,USD,\n", "other.csv"), "alone, got 'other.csv'"),
        (zipped("Date,USD\n2026-10-30,1.1\n"), "with a comma at its end"),
        (zipped("Date,\n"), "expected a header"),
        (zipped("Date,USD,USD,\n"), "stands twice"),
        (zipped("<html>"), "expected a header"),
        (lines(), "without any"),
        (lines("2026-10-30,1.1,"), "line 2: expected a day and 2 rates"),
        (lines("2026-10-30,1.1,2"), "line 2: expected a day and 2 rates"),
        (lines("30 October 2026,1.1,9,"), "expected a day as in 2026-10-30"),
        (lines("2026-10-29,1.1,9,", "2026-10-30,1.1,9,"), "newest first"),
        (lines("2026-10-30,1.1,9,", "2026-10-30,1.1,9,"), "each day once"),
        (lines("2026-10-30,0,9,"), "USD of 2026-10-30: expected a rate above zero or N/A, got '0'"),
        (lines("2026-10-30,-1.1,9,"), "got '-1.1'"),
        (lines("2026-10-30,1.123456789,9,"), "got '1.123456789'"),
    ],
)  # fmt: skip
def test_what_is_not_the_file_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(BadRates) as caught:
        read_history(data)
    assert words in str(caught.value)


def test_a_file_that_would_unpack_to_too_much_is_not_unpacked() -> None:
    with pytest.raises(BadRates, match="more than the"):
        read_history(zipped("0" * (21 << 20)))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["2026-10-30,1.1172,10.978,"], "1 rates of the copy before are missing: USD of 2026-10-29"),
        (["2026-10-30,1.1172,N/A,", "2026-10-29,1.1200,N/A,"], "SEK of 2026-10-30"),
        (
            ["2026-11-02,11.180,10.9,", "2026-10-30,1.1172,10.978,", "2026-10-29,1.12,N/A,"],
            "USD of 2026-11-02 is 11.180",
        ),
        (["2026-10-30,1.2172,10.978,", "2026-10-29,1.1200,N/A,"], "USD of 2026-10-30 is 1.2172, expected about 1.1172"),
    ],
)
def test_a_worse_file_is_refused_in_words(rows: list[str], words: str) -> None:
    with pytest.raises(WorseRates) as caught:
        check_against(read_history(lines(*rows)), read_history(FRIDAYS))
    assert words in str(caught.value)


def test_a_move_that_a_person_accepts_is_taken_but_never_a_loss() -> None:
    jumps = read_history(lines("2026-11-02,11.180,10.9,", "2026-10-30,1.1172,10.978,", "2026-10-29,1.12,N/A,"))
    check_against(jumps, read_history(FRIDAYS), accepts_moves=True)
    with pytest.raises(WorseRates, match="missing"):
        check_against(read_history(lines("2026-11-02,1.1,10.9,")), read_history(FRIDAYS), accepts_moves=True)


def test_one_day_in_27_years_would_have_been_refused() -> None:
    """The Turkish lira was set free on 22 February 2001."""
    whole = read_history(ecb_history())
    start = History({name: dict([next(iter(days.items()))]) for name, days in whole.quotes.items()})
    with pytest.raises(
        WorseRates, match=r"^1 rates moved by .*: TRL of 2001-02-22 is 1050000, expected about 624367\."
    ):
        check_against(whole, start)


class World:
    """Two buckets, and a source that says what it is told to."""

    def __init__(self) -> None:
        s3 = boto3.client("s3", region_name="us-east-1")
        for name in ("raw", "extracted"):
            s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket="raw", VersioningConfiguration={"Status": "Enabled"})
        self.s3, self.raw, self.extracted = s3, Bucket(s3, "raw"), Bucket(s3, "extracted")
        self.asked = 0

    def look(self, says: bytes | Exception, now: dt.datetime = NOON, **options: bool) -> Mirrored:
        def fetch() -> bytes:
            self.asked += 1
            if isinstance(says, Exception):
                raise says
            return says

        return mirror(self.raw, self.extracted, fetch, "https://ecb.example/hist.zip", now, **options)

    @property
    def versions(self) -> int:
        return len(self.s3.list_object_versions(Bucket="raw", Prefix=RATES_KEY).get("Versions", []))

    def state(self) -> tuple[bytes, bytes, int]:
        return self.raw.get(RATES_KEY), self.extracted.get(KEY), self.versions


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield World()


def test_the_first_file_is_kept_as_it_came_and_becomes_the_table(world: World) -> None:
    assert world.look(FRIDAYS) == Mirrored("stored", "", FRIDAY, is_published=True)
    head = world.raw.head(RATES_KEY)
    assert head is not None
    assert world.raw.get(RATES_KEY) == FRIDAYS
    assert head.metadata["source-url"] == "https://ecb.example/hist.zip"
    assert head.metadata["fetched-at"] == "2026-11-02T12:00:00+00:00"
    assert len(head.metadata["sha256"]) == 64
    assert world.extracted.get(KEY) == as_parquet(read_history(FRIDAYS))


def test_the_source_is_asked_once_a_day_and_again_where_a_person_wants_it(world: World) -> None:
    world.look(FRIDAYS)
    assert world.look(MONDAYS).status == "held"
    assert world.look(MONDAYS, NOON + dt.timedelta(hours=10, minutes=59)).status == "held"
    assert world.asked == 1
    assert world.look(FRIDAYS, again=True) == Mirrored("unchanged", "", FRIDAY, is_published=False)
    assert world.look(MONDAYS, NOON + dt.timedelta(hours=11)) == Mirrored("stored", "", MONDAY, is_published=True)
    assert (world.asked, world.versions) == (3, 2)


def test_a_source_that_failed_is_asked_by_the_next_run(world: World) -> None:
    assert world.look(TransientError("down")) == Mirrored("refused", "down", None, is_published=False)
    assert world.look(FRIDAYS).status == "stored"


WORSE: dict[str, bytes | Exception] = {
    "source down": TransientError("https://ecb.example: no answer"),
    "half a zip": MONDAYS[: len(MONDAYS) // 2],
    "a web page": b"<!DOCTYPE html><html><body>sorry</body></html>",
    "a rate that jumps": lines("2026-11-02,11.180,10.9,", "2026-10-30,1.1172,10.978,", "2026-10-29,1.12,N/A,"),
    "a file without its past": lines("2026-11-02,1.1180,10.990,"),
}  # fmt: skip


@pytest.mark.parametrize("fault", WORSE)
def test_nothing_worse_replaces_what_is_held_and_the_answer_says_why(world: World, fault: str) -> None:
    world.look(FRIDAYS)
    before = world.state()
    answer = world.look(WORSE[fault], NOON + dt.timedelta(days=1))
    assert (answer.status, answer.last_rate_date, answer.is_published) == ("refused", FRIDAY, False)
    assert answer.reason
    assert world.state() == before
    # A refusal is no look: the next run asks again.
    assert world.look(MONDAYS, NOON + dt.timedelta(days=1)).status == "stored"


def test_the_table_is_made_from_what_is_held_where_it_is_missing_or_other(world: World) -> None:
    world.look(FRIDAYS)
    good = world.extracted.get(KEY)
    for spoil in (lambda: world.extracted.delete([KEY]), lambda: world.extracted.put(KEY, b"PAR1")):
        spoil()
        assert world.look(FRIDAYS) == Mirrored("held", "", FRIDAY, is_published=True)
        assert world.extracted.get(KEY) == good


@pytest.mark.parametrize("note", [b"{", b"[]", b'{"looked_at": 3}'])
def test_a_file_or_a_note_that_somebody_spoilt_is_as_good_as_none(world: World, note: bytes) -> None:
    world.look(FRIDAYS)
    world.raw.put(RATES_NOTE_KEY, note)
    assert world.look(FRIDAYS).status == "unchanged"
    world.raw.put(RATES_KEY, b"spoilt")
    assert world.look(FRIDAYS).status == "stored"


@pytest.fixture
def handler(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Publisher, Callable[..., dict[str, Any]]]]:
    """The function beside a publisher of MONDAYS; what it answers to an event."""
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "1")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "mirror-rates")
    with Publisher(Shelf(rates=MONDAYS)) as publisher:
        variables = {
            "RAW_BUCKET": "raw", "EXTRACTED_BUCKET": "extracted", "RATES_URL": publisher.rates_url,
            "CONTACT": "https://example.org", "BUCKET_OWNER": "123456789012",
        }  # fmt: skip
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

        class Context:
            function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "1"

        yield publisher, lambda event: mirror_rates(event, Context())


def test_the_function_fetches_politely_and_answers_in_json(handler: Any) -> None:
    publisher, call = handler
    answer = json.loads(json.dumps(call({})))
    assert answer == {"status": "stored", "reason": "", "last_rate_date": "2026-11-02", "is_published": True}
    assert call({})["status"] == "held"
    assert call({"again": True})["status"] == "unchanged"
    asked = publisher.requests_for(RATES)
    assert len(asked) == 2
    assert all("cca-ted" in each.user_agent and "https://example.org" in each.user_agent for each in asked)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("error", "answered 500"),
        ("missing", "404"),
        ("web-page", "web page"),
        ("cut", "hist.zip"),
        ("too-short", "whole zip"),
        ("not-gzip", "whole zip"),
        ("empty", "empty body"),
    ],
)
def test_a_source_at_fault_is_no_error_of_the_function(handler: Any, fault: Any, words: str) -> None:
    publisher, call = handler
    publisher.spoil(RATES, fault)
    answer = call({})
    assert (answer["status"], answer["last_rate_date"]) == ("refused", None)
    assert words in answer["reason"]


def test_a_source_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with Publisher(Shelf(rates=MONDAYS)) as publisher:
        publisher.spoil(RATES, "slow", pieces=20, seconds=0.05)
        with pytest.raises(SourceTrouble, match="too slowly"):
            Http("https://example.org").read(publisher.rates_url, 1 << 20, seconds=0.1)
