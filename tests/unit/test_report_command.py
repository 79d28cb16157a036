"""`ted report` as it is typed: which years it takes, what it asks, and how it ends."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.athena import Answer
from console.main import app
from console.report import command
from console.sample.server import calendar_csv
from runtime.buckets import Bucket
from runtime.keys import PackageId, calendar_key
from runtime.schema.charts import CHARTS
from tests.unit.test_report import cells, made_up, section, text_of
from tests.unit.test_status import FIRST, SECOND, THIRD, buckets, hold, publish  # noqa: F401 a fixture


def ted(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", *arguments])


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked; each chart answers with two rows a year."""
    found: list[str] = []

    def ask(session: Any, names: Any, sql: str) -> Answer:
        found.append(sql)
        (chart,) = (each for each in CHARTS if each.sql in sql)
        answer = made_up(chart, [2020, 2019], 2)
        return Answer(answer.columns, answer.rows, 1_000_000)

    monkeypatch.setattr(command, "ask", ask)
    return found


def test_writes_the_years_that_are_published_and_says_what_it_cost(
    buckets: tuple[Bucket, Bucket],  # noqa: F811
    asks: list[str],
    tmp_path: Path,
) -> None:
    raw, extracted = buckets
    raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND]))
    raw.put(calendar_key(2020), calendar_csv([THIRD]))
    hold(buckets, FIRST)
    hold(buckets, THIRD)
    publish(extracted, 2019, "jr_1", "2019-03-02T10:00:00+00:00", 1, [FIRST])
    publish(extracted, 2020, "jr_2", "2020-03-02T10:00:00+00:00", 1, [THIRD])
    out = tmp_path / "page.html"
    result = ted("--out", str(out))
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{out}\n"
    assert re.search(r"2019, 2020; \d+\.\d KB, of 12\.0 MB read by 12 queries", result.stderr)
    assert len(asks) == len(CHARTS)
    assert all(sql.endswith("WHERE year IN (2020, 2019)") for sql in asks)
    said = text_of(section(out.read_text(), "mirror"))
    assert "Nothing is missing: 1 of 1 packages due are merged." in said
    assert f"1 of 2 packages due are not merged. Last merged 2019-03-02 10:00 UTC. Missing: {SECOND}." in said
    assert ["Mar", "2", "1", "1", "1", "1"] in cells(section(out.read_text(), "mirror"))


def test_what_is_held_or_extracted_and_no_farther_is_shown(
    buckets: tuple[Bucket, Bucket],  # noqa: F811
    asks: list[str],
    tmp_path: Path,
) -> None:
    raw, extracted = buckets
    third, fourth = (PackageId.parse(text) for text in ("20190305_2019045", "20190306_2019046"))
    raw.put(calendar_key(2019), calendar_csv([FIRST, SECOND, third, fourth]))
    hold(buckets, FIRST)
    hold(buckets, SECOND)
    raw.put(third.raw_key, b"package")
    publish(extracted, 2019, "jr_1", "2019-03-02T10:00:00+00:00", 1, [FIRST])
    out = tmp_path / "page.html"
    assert ted("--out", str(out), "--year", "2019").exit_code == 0
    made = section(out.read_text(), "mirror")
    assert ["Mar", "4", "3", "2", "1", "1"] in cells(made)
    (march,) = made.xpath(".//svg[./title[text()='March 2019']]")
    assert text_of(march.xpath("./desc")[0]) == "1 merged; 1 extracted, not merged; 1 held, not extracted; 1 missing"
    days = {
        each.get("class"): [text.text for text in each.xpath("./text")] for each in march.xpath("./g[@class!='none']")
    }
    assert days == {"merged": ["1"], "extracted": ["4"], "held": ["5"], "missing": ["6"]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "has published no year yet; bring packages in with:"),
        (("--year", "2011", "--year", "2012", "--year", "2013", "--year", "2014"), "expected 3 years at most, got 4"),
        (("--out", "report.pdf"), "expected a file whose name ends with .html, got report.pdf"),
        (("--out", "nowhere/report.html"), "No such file or directory: nowhere/report.html"),
    ],
)
def test_what_cannot_be_written_says_why(
    buckets: tuple[Bucket, Bucket],  # noqa: F811
    asks: list[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    if "nowhere/report.html" in arguments:
        hold(buckets, FIRST)
        publish(buckets[1], 2019, "jr_1", "2019-03-02T10:00:00+00:00", 1, [FIRST])
    result = ted(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert asks == [] or "nowhere/report.html" in arguments


def test_opens_the_page_where_it_is_asked_to(
    buckets: tuple[Bucket, Bucket],  # noqa: F811
    asks: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hold(buckets, FIRST)
    publish(buckets[1], 2019, "jr_1", "2019-03-02T10:00:00+00:00", 1, [FIRST])
    opened: list[str] = []
    monkeypatch.setattr(command.typer, "launch", lambda address: (opened.append(address), 1)[1])  # type: ignore[func-returns-value]
    result = ted("--out", str(tmp_path / "page.html"), "--open")
    assert opened == [(tmp_path / "page.html").as_uri()]
    assert "no browser was found on this machine" in result.stderr
    assert result.exit_code == 0
    told = json.loads(ted("--out", str(tmp_path / "page.html"), "--open", "--json").stdout)
    assert (told["file"], told["years"]) == (str(tmp_path / "page.html"), [2019])
    assert told["size_bytes"] == (tmp_path / "page.html").stat().st_size
    assert len(opened) == 1
