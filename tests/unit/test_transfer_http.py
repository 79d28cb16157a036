"""HTTP access: manners, pace, memory of refusals, and a name for every odd answer."""

import datetime as dt
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from console.sample.server import Publisher, Shelf
from runtime.errors import ConfigError, TerminalError
from runtime.http import (
    Http,
    NotAtSource,
    RateLimited,
    RefusedByFirewall,
    SourceTrouble,
    UnexpectedAnswer,
    retry_after,
)
from runtime.transfer.retries import is_final, pause_seconds
from runtime.transfer.source import BucketSource, HttpSource, source_of
from tests.unit.transfer_world import FIRST, package_bytes


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def answer() -> Iterator[dict[str, Any]]:
    """A server whose next answer the test sets: status, headers, body."""
    state: dict[str, Any] = {"status": 200, "headers": {}, "body": b"hello", "seen": []}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state["seen"].append(dict(self.headers))
            self.send_response(state["status"])
            headers = {"Content-Length": str(len(state["body"]))} | state["headers"]
            for name, value in headers.items():
                if value is not None:
                    self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(state["body"])

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: str) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    state["url"] = f"http://127.0.0.1:{server.server_address[1]}/file"
    yield state
    server.shutdown()
    server.server_close()


def test_names_itself_and_its_contact_and_asks_for_the_bytes_as_they_are(answer: dict[str, Any]) -> None:
    assert Http("https://example.org/me").read(answer["url"], 100) == b"hello"
    assert answer["seen"][0]["User-Agent"] == "Mozilla/5.0 (compatible; cca-ted/0.1.0; +https://example.org/me)"
    assert answer["seen"][0]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (202, {}, RefusedByFirewall),
        (403, {}, RefusedByFirewall),
        (200, {"x-amzn-waf-action": "challenge"}, RefusedByFirewall),
        (405, {"x-amzn-waf-action": "captcha"}, RefusedByFirewall),
        (200, {"Content-Length": "0"}, RefusedByFirewall),
        (404, {}, NotAtSource),
        (410, {}, UnexpectedAnswer),
        (400, {}, UnexpectedAnswer),
        (429, {}, RateLimited),
        (500, {}, SourceTrouble),
        (503, {"Retry-After": "7"}, SourceTrouble),
        (206, {}, SourceTrouble),
        (304, {}, SourceTrouble),
        (200, {"Content-Type": "text/html; charset=utf-8"}, SourceTrouble),
        (302, {"Location": "/file"}, SourceTrouble),
    ],
)
def test_every_other_answer_has_a_name(
    answer: dict[str, Any], status: int, headers: dict[str, Any], error: type[Exception]
) -> None:
    answer |= {"status": status, "headers": headers}
    with pytest.raises(error, match=r"127\.0\.0\.1"):
        Http("x").read(answer["url"], 100)
    assert len(answer["seen"]) <= 4


def test_follows_a_redirect(answer: dict[str, Any]) -> None:
    with Publisher(Shelf.of_packages({FIRST: package_bytes(FIRST)})) as publisher:
        location = f"{publisher.url}/packages/daily/201900043"
        answer |= {"status": 301, "headers": {"Location": location}}
        assert Http("x").read(answer["url"], 10_000) == package_bytes(FIRST)


def test_refuses_a_small_file_that_is_large(answer: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer, match="longer than the 4 bytes"):
        Http("x").read(answer["url"], 4)


def test_notices_that_a_small_file_broke_off(answer: dict[str, Any]) -> None:
    answer["headers"] = {"Content-Length": "100"}
    with pytest.raises(SourceTrouble):
        Http("x").read(answer["url"], 1000)


def test_asks_for_the_length_without_the_bytes(answer: dict[str, Any]) -> None:
    assert Http("x").size(answer["url"]) == 5
    answer["headers"] = {"Content-Length": None}
    assert Http("x").size(answer["url"]) is None


def test_says_that_nobody_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(SourceTrouble, match=r"NewConnectionError|MaxRetryError"):
        Http("x").read(f"http://127.0.0.1:{port}/", 10)


def test_stays_quiet_as_long_as_the_source_asked(answer: dict[str, Any]) -> None:
    clock = Clock()
    http = Http("x", clock=clock, sleep=clock.sleep)
    answer |= {"status": 429, "headers": {"Retry-After": "30"}}
    with pytest.raises(RateLimited) as first:
        http.read(answer["url"], 10)
    assert first.value.attributes["retry_after"] == 30
    answer |= {"status": 200, "headers": {}}
    clock.now = 10.0
    with pytest.raises(RateLimited, match="was not asked for") as second:
        http.read(answer["url"], 10)
    assert second.value.attributes["retry_after"] == 20
    assert len(answer["seen"]) == 1
    clock.now = 31.0
    assert http.read(answer["url"], 10) == b"hello"


def test_keeps_its_pace_with_a_real_source_and_hurries_on_this_machine(
    answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    http = Http("x", requests_per_minute=60, clock=clock, sleep=clock.sleep)
    for _ in range(3):
        http.read(answer["url"], 10)
    assert clock.slept == []
    monkeypatch.setattr("runtime.http._LOOPBACK", ())
    for _ in range(4):
        http.read(answer["url"], 10)
    assert clock.slept == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 5.0),
        (" 120 ", 120.0),
        ("9999999", 21600.0),
        ("Mon, 02 Mar 2026 12:00:30 GMT", 30.0),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0.0),
        ("Mon, 02 Mar 2026 12:00:30 -0000", 30.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_reads_both_forms_of_retry_after(text: str, seconds: float | None) -> None:
    assert retry_after(text, dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)) == seconds


def test_pauses_grow_and_end_within_what_a_queue_can_hide() -> None:
    trouble = [pause_seconds(SourceTrouble("x"), n, 1.0) for n in range(1, 8)]
    assert trouble == [30, 60, 120, 240, 480, 900, 900]
    refused = [pause_seconds(RefusedByFirewall("x", retry_after=1), n, 0.0) for n in range(1, 6)]
    assert refused == [150, 300, 600, 1200, 1200]
    assert pause_seconds(RateLimited("x", retry_after=100), 1, 0.5) == pytest.approx(106)
    assert pause_seconds(KeyError("x"), 1, 1.0) == 30
    assert pause_seconds(NotAtSource("x"), 1, 1.0) == 0


def test_only_the_last_try_and_the_hopeless_are_noted() -> None:
    assert is_final(TerminalError("x"), 1, 5)
    assert is_final(SourceTrouble("x"), 5, 5)
    assert is_final(KeyError("x"), 5, 5)
    assert not is_final(SourceTrouble("x"), 4, 5)
    assert not is_final(KeyError("x"), 1, 5)


class TestSourceOf:
    PATHS: ClassVar[dict[str, Any]] = {
        "s3": None,
        "package_path": "/packages/daily/{year}{issue:05d}",
        "calendar_path": "/cal/{year}",
    }

    def test_http(self) -> None:
        source = source_of("https://ted.europa.eu/", http=Http("x"), **self.PATHS)
        assert isinstance(source, HttpSource)
        assert source.package_url(FIRST) == "https://ted.europa.eu/packages/daily/201900043"
        assert source.calendar_url(2019) == "https://ted.europa.eu/cal/2019"

    def test_bucket(self) -> None:
        source = source_of("s3://you-cca-ted-raw-dev/", http=Http("x"), **self.PATHS)
        assert isinstance(source, BucketSource)
        assert source.package_url(FIRST) == "s3://you-cca-ted-raw-dev/2019/03/20190301_2019043.tar.gz"
        assert source.calendar_url(2019) == "s3://you-cca-ted-raw-dev/calendar/2019.csv"

    @pytest.mark.parametrize("url", ["ftp://ted.europa.eu", "ted.europa.eu", "s3://", "s3://bucket/prefix", ""])
    def test_refuses_other_addresses(self, url: str) -> None:
        with pytest.raises(ConfigError, match="SOURCE_URL"):
            source_of(url, http=Http("x"), **self.PATHS)

    def test_lists_all_wrong_templates(self) -> None:
        with pytest.raises(ConfigError) as raised:
            source_of(
                "x", http=Http("x"), **self.PATHS | {"package_path": "/daily/{year}", "calendar_path": "/{lang}/{year}"}
            )
        assert len(raised.value.attributes["faults"]) == 3
        with pytest.raises(ConfigError) as raised:
            source_of(
                "http://x", http=Http("x"), **self.PATHS | {"package_path": "/{day}", "calendar_path": "/calendar"}
            )
        assert len(raised.value.attributes["faults"]) == 2
