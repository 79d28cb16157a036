"""The sample publisher has TED's addresses and manners."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from console.sample.server import Publisher, Shelf
from tests.unit.transfer_world import FIRST, SECOND, package_bytes

BROWSER = {"User-Agent": "Mozilla/5.0 (compatible; test)"}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher(
        Shelf.of_packages({FIRST: package_bytes(FIRST), SECOND: lambda: package_bytes(SECOND)})
    ) as publisher:
        yield publisher


def ask(publisher: Publisher, path: str, method: str = "GET", headers: dict[str, Any] = BROWSER) -> Any:
    return urllib3.PoolManager().request(method, publisher.url + path, headers=headers, retries=False)


def test_serves_packages_and_calendars(publisher: Publisher) -> None:
    answer = ask(publisher, "/packages/daily/201900043")
    assert answer.data == package_bytes(FIRST)
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert ask(publisher, "/packages/daily/201900044").data == package_bytes(SECOND)
    calendar = ask(publisher, "/en/release-calendar/-/download/file/CSV/2019", headers={})
    assert calendar.data == b"OJS ,Publication date\r\n43,01/03/2019\r\n44,04/03/2019\r\n"


def test_gives_nothing_that_would_make_a_conditional_request_possible(publisher: Publisher) -> None:
    headers = ask(publisher, "/packages/daily/201900043").headers
    assert not {"ETag", "Last-Modified", "Content-MD5"} & set(headers)
    assert headers["Cache-Control"] == "no-store"


def test_tells_a_length_without_the_bytes(publisher: Publisher) -> None:
    answer = ask(publisher, "/packages/daily/201900043", "HEAD")
    assert (answer.headers["Content-Length"], answer.data) == (str(len(package_bytes(FIRST))), b"")


@pytest.mark.parametrize(
    "path",
    [
        "/packages/daily/201900045",
        "/packages/notice/daily/201900043",
        "/packages/daily/2019043",
        "/en/release-calendar/-/download/file/csv/2019",
        "/",
    ],
)
def test_knows_no_other_address(publisher: Publisher, path: str) -> None:
    assert ask(publisher, path).status == 404


def test_challenges_callers_that_name_no_browser(publisher: Publisher) -> None:
    answer = ask(publisher, "/packages/daily/201900043", headers={"User-Agent": "curl/8.5.0"})
    assert (answer.status, answer.data, answer.headers["x-amzn-waf-action"]) == (202, b"", "challenge")
    assert publisher.requests[-1].user_agent == "curl/8.5.0"


def test_a_year_that_it_lacks_has_an_empty_calendar(publisher: Publisher) -> None:
    assert ask(publisher, "/en/release-calendar/-/download/file/CSV/2012").data == b"OJS ,Publication date\r\n"


def test_serves_a_folder(tmp_path: Path) -> None:
    (tmp_path / "packages/daily").mkdir(parents=True)
    (tmp_path / "release-calendar").mkdir()
    with pytest.raises(FileNotFoundError, match="0 packages and 0 calendars"):
        Shelf.of_folder(tmp_path)
    (tmp_path / "packages/daily/201900043.tar.gz").write_bytes(package_bytes(FIRST))
    (tmp_path / "packages/daily/README.txt").write_text("no package")
    (tmp_path / "release-calendar/2019.csv").write_bytes(b"OJS ,Publication date\r\n43,1/3/2019\r\n")
    with Publisher(Shelf.of_folder(tmp_path)) as publisher:
        publisher.spoil(FIRST, "too-short", 1, share=0.25)
        assert len(ask(publisher, "/packages/daily/201900043").data) == len(package_bytes(FIRST)) // 4
        assert ask(publisher, "/packages/daily/201900043").data == package_bytes(FIRST)
        assert ask(publisher, "/en/release-calendar/-/download/file/CSV/2019").data.endswith(b"43,1/3/2019\r\n")
    assert publisher.most_at_once == 1
