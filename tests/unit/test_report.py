"""`ted report`: what the page holds, and that every number of it is Athena's or the ledger's."""

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import lxml.html
import pytest

from console.athena import Answer
from console.extract import extract_files
from console.report.figures import LISTED, panels, rows_of
from console.report.mirror import MirrorYear, State
from console.report.page import MOST_BYTES, page
from console.report.words import in_short, in_words, share, shortened
from console.sample.packages import make_archive
from runtime.keys import PackageId
from runtime.manifest import Manifest
from runtime.schema.charts import CHARTS, DRAWN, LEAST, Chart, Field
from runtime.schema.tables import REJECTS
from tests.unit.test_questions import parts_of
from tests.unit.test_saved_queries import DATABASE, as_parquet, lake

NOW = dt.datetime(2026, 11, 28, 3, 50, tzinfo=dt.UTC)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }} {% raw %}&amp;\u202egnp.exe\x00\x1b[31m"


def mirror(year: int, **states: State) -> MirrorYear:
    """A year with a package a day from 2 January on, as many as there are states, or all that are merged."""
    first = dt.date(year, 1, 1)
    days = [first + dt.timedelta(number) for number in range(1, 365)]
    named: dict[PackageId, State] = {PackageId(day, n): "merged" for n, day in enumerate(days, 1)}
    return MirrorYear(year, named | {PackageId.parse(p): s for p, s in states.items()}, "", (), "2026-11-27T10:00:00")


def made_up(chart: Chart, years: list[int], rows: int = 60, name: str = "") -> Answer:
    """An answer with the longest texts and numbers that there can be."""
    kinds = {"rank": "{n}", "month": "{m}", "count": "{c}", "percent": "{p}", "rate": "{p}", "euro": "{e}"}
    found = []
    for year in years:
        for n in range(1, rows + 1):
            values = {"n": n, "m": (n - 1) % 12 + 1, "c": 9_999_999 - n, "p": 100 - n / 10, "e": 10**15 / n}
            cells = [
                (f"{name}{n:03d} {'Ä' * 400}" if each.name != chart.series else list(each.names)[(n - 1) // 12 % 8])
                if each.kind == "text"
                else kinds[each.kind].format(**values)
                for each in chart.fields
            ]
            found.append((str(year), *cells, "9999999", "99999999"))
    return Answer(chart.columns, found, 0)


@pytest.fixture(scope="module")
def athena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The embedded Athena over a made-up year with what could not be read."""
    folder = tmp_path_factory.mktemp("report")
    make_archive(folder / "archive", years=(2024,), notices=400, bad=True)
    outcomes = list(extract_files(sorted((folder / "archive/packages/daily").iterdir()), folder / "tables", 1))
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    manifests = [Manifest.from_json(path.read_bytes()) for path in (folder / "tables").rglob("2024*.json")]
    rejects = [
        {**dict.fromkeys(REJECTS.column_names), "package_id": each.package_id, "reason": reject.reason}
        for each in manifests
        for reject in each.rejects
    ]
    assert rejects
    parts = {**parts_of(folder / "tables", 2024), (REJECTS.name, 2024): as_parquet(REJECTS, rejects)}
    with lake(folder / "athena", parts) as made:
        yield made


def asked(athena: Any, sql: str) -> Answer:
    found = athena.run(sql, DATABASE)
    return Answer(tuple(each.name for each in found.columns), [tuple(row) for row in found.rows], 0)


@pytest.fixture(scope="module")
def answers(athena: Any) -> dict[str, Answer]:
    return {chart.name: asked(athena, chart.of([2024])) for chart in CHARTS}


def text_of(element: Any) -> str:
    return plainly(element.text_content())


def plainly(text: str) -> str:
    """A text with plain blanks."""
    return " ".join(text.split())


def parsed(made: str) -> Any:
    return lxml.html.fromstring(made)


def section(made: str, name: str) -> Any:
    (found,) = parsed(made).xpath(f"//section[@id='{name}']")
    return found


def cells(element: Any) -> list[list[str]]:
    return [[text_of(cell) for cell in row.xpath("./th|./td")] for row in element.xpath(".//tbody/tr")]


@pytest.mark.long
@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_every_number_of_a_chart_is_its_querys(athena: Any, answers: dict[str, Answer], chart: Chart) -> None:
    found = section(page("a test", [mirror(2024)], answers, NOW), chart.name)
    rows = rows_of(asked(athena, chart.sql))
    covered, total = rows[0]["covered"], rows[0]["total"]
    said = text_of(found)
    assert f"{int(total or 0):,}" in said
    assert f"{int(covered or 0):,}" in said
    if chart.shape == "months":
        table = {line[0]: line[1:] for line in cells(found)}
        headings = [text_of(cell) for cell in found.xpath(".//thead/tr/th")][1:-1]
        codes = {name: code for code, name in chart.field("form_type").names.items()}
        for row in rows:
            month = dt.date(2024, int(row["month_number"] or 0), 1)
            at = headings.index({code: name for name, code in codes.items()}[str(row["form_type"])])
            assert table[f"{month:%b}"][at] == f"{int(row['notice_count'] or 0):,}"
        assert sum(int(line[-1].replace(",", "")) for line in table.values()) == int(total or 0)
        return
    shown = [row for row in rows if float(row[chart.value] or 0) or chart.least_of]
    if chart.least_of:
        shown = [row for row in shown if int(row[chart.least_of] or 0) >= LEAST]
        few = sum(0 < int(row[chart.least_of] or 0) < LEAST for row in rows)
        assert (f"{few} with fewer than {LEAST} are not shown" in said) == bool(few)
    written = {
        tuple(plainly(in_words(each, row[each.name])) for each in chart.fields): plainly(
            in_short(chart.field(chart.value), row[chart.value])
        )
        for row in shown
    }
    lines = [tuple(line) for line in cells(found)]
    assert sorted(lines) == sorted(written)
    bars = [text_of(each) for each in found.xpath(".//svg//text[contains(@class, 'value')]")]
    assert bars == [written[line] for line in lines[:DRAWN]]


@pytest.mark.long
def test_the_coverage_is_what_counting_gives(athena: Any, answers: dict[str, Answer]) -> None:
    counted = {
        "notices_by_month": "SELECT count(form_type), count(*) FROM notices",
        "single_bids_by_country": "SELECT count_if(tenders_received > 0), count(*) FROM lot_results "
        "WHERE status = 'selec-w'",
        "small_winners_by_country": "SELECT count(size), count(*) FROM parties "
        "WHERE role IN ('winner', 'concessionaire')",
        "corrections_by_country": "SELECT count(buyer_country), count(*) FROM notices",
        "top_buyers": "SELECT count(*), count(*) FROM contracts",
        "rejects_by_reason": "SELECT (SELECT count(*) FROM rejects), sum(member_count) FROM packages",
    }
    for name, sql in counted.items():
        row = rows_of(answers[name])[0]
        ((covered, total),) = asked(athena, sql).rows
        assert (row["covered"], row["total"]) == (covered, total), name


@pytest.mark.parametrize(
    ("years", "named"), [([2024], "2024"), ([2024, 2019], "2019 and 2024"), ([2024, 2020, 2019], "2019, 2020 and 2024")]
)
def test_a_page_is_called_by_its_years(years: list[int], named: str) -> None:
    made = page(
        "a test", [mirror(year) for year in years], {chart.name: made_up(chart, years, 1) for chart in CHARTS}, NOW
    )
    assert text_of(parsed(made).xpath("//h1")[0]) == f"Public procurement in TED, {named}"


def test_published_names_do_nothing_but_stand_there() -> None:
    answers = {chart.name: made_up(chart, [2024], 3, HOSTILE) for chart in CHARTS}
    made = page(f"me {HOSTILE}", [mirror(2024)], answers, NOW)
    assert "<script" not in made
    assert "<img" not in made
    assert not {"\x00", "\x1b", "\u202e"} & set(made.split("<h1>", 1)[1].split("<nav", 1)[1])
    tree = parsed(made)
    assert {each.tag for each in tree.iter() if isinstance(each.tag, str)} <= {
        "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "p", "nav", "ol", "ul", "li",
        "main", "section", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "svg",
        "desc", "text", "rect", "line", "path", "g", "span", "footer",
    }  # fmt: skip
    assert [name for each in tree.iter() for name in each.attrib if name.startswith("on") or name == "style"] == []
    assert [link for link in tree.xpath("//@href|//@src") if not link.startswith("#")] == []
    assert "<script>alert(1)</script>" in text_of(section(made, "top_buyers"))
    assert "{{ 7*7 }}" in text_of(section(made, "top_buyers"))


def test_the_policy_lets_nothing_in_but_the_pages_own_style() -> None:
    made = page("a test", [mirror(2024)], {chart.name: made_up(chart, [2024], 2) for chart in CHARTS}, NOW)
    (policy,) = parsed(made).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (style,) = re.findall(r"<style>(.*?)</style>", made, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"url\(|@import", style)


def test_the_page_stays_small_whatever_there_is() -> None:
    years = [2024, 2020, 2019]
    answers = {chart.name: made_up(chart, years, 400, HOSTILE) for chart in CHARTS}
    made = page("a test", [mirror(year) for year in years], answers, NOW)
    assert len(made.encode()) <= MOST_BYTES
    assert f"{400 - LISTED} more are not listed" in made


def test_a_figure_has_a_title_a_description_and_a_table_with_headings() -> None:
    made = page("a test", [mirror(2024)], {chart.name: made_up(chart, [2024]) for chart in CHARTS}, NOW)
    tree = parsed(made)
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    for drawing in tree.xpath("//svg[not(ancestor::*[@aria-hidden='true'])]"):
        named = drawing.get("aria-labelledby").split()
        assert drawing.get("role") == "img"
        assert [text_of(each) != "" for each in drawing.xpath("./title|./desc")] == [True, True]
        assert [each.get("id") for each in drawing.xpath("./title|./desc")] == named
    for table in tree.xpath("//table"):
        assert text_of(table.xpath("./caption")[0])
        width = {len(row.xpath("./th|./td")) for row in table.xpath(".//tr")}
        assert len(width) == 1
        assert {cell.get("scope") for cell in table.xpath(".//th")} == {"col", "row"}


def test_a_share_of_few_is_hidden_and_a_year_without_rows_says_so() -> None:
    (chart,) = (each for each in CHARTS if each.name == "single_bids_by_country")
    rows = [("2024", "DEU", "10.0", "3", "30", "60", "90"), ("2024", "MLT", "100.0", "29", "29", "60", "90"),
            ("2024", "LUX", None, "0", "0", "60", "90")]  # fmt: skip
    made, empty = panels(chart, rows_of(Answer(chart.columns, rows, 0)), [2024, 2023])
    assert [bar.label for bar in made.bars] == ["Germany"]
    assert made.hidden == 1
    assert made.finding == "The share was highest in Germany: 10.0\xa0% of 30 outcomes."
    assert made.coverage.startswith("60 of 90 outcomes with a winner (66.7\xa0%)")
    assert empty.finding == "Nothing of 2023 is published."


def test_all_years_have_one_scale() -> None:
    (chart,) = (each for each in CHARTS if each.name == "value_by_country")
    rows = [("2024", "DEU", "50.00", "1", "1", "1"), ("2019", "DEU", "200.00", "1", "1", "1")]
    made = panels(chart, rows_of(Answer(chart.columns, rows, 0)), [2024, 2019])
    assert [panel.bars[0].percent for panel in made] == [25, 100]


def test_where_all_are_at_nothing_nobody_is_the_first() -> None:
    (chart,) = (chart for chart in CHARTS if chart.name == "corrections_by_country")
    rows = [("2024", country, "0.0", "0", "83", "123", "123") for country in ("FRA", "DEU")]
    (made,) = panels(chart, rows_of(Answer(chart.columns, rows, 0)), [2024])
    assert made.finding == "All that are shown are at 0.0."
    assert [row[0] for row in made.rows] == ["Germany", "France"]


def test_columns_reach_as_high_as_their_ticks_say() -> None:
    (chart,) = (each for each in CHARTS if each.name == "notices_by_month")
    rows = [("2024", "1", "result", "30", "75", "75"), ("2024", "1", "competition", "45", "75", "75")]
    (made,) = panels(chart, rows_of(Answer(chart.columns, rows, 0)), [2024])
    assert [tick.label for tick in made.ticks] == ["0", "20", "40", "60", "80"]
    call, result = made.blocks
    assert (call.height, result.height) == (112.5, 75)
    assert (call.y, result.y) == (87.5, 12.5)
    assert made.rows == [["Jan", "45", "30", "75"]]
    assert made.finding == "The month with most notices was January, with 75."


@pytest.mark.parametrize(
    ("kind", "cell", "long", "short"),
    [
        ("euro", "1234567.89", "1,234,568", "€\xa01.23\xa0m"),
        ("euro", "999", "999", "€\xa0999"),
        ("euro", "12000000000", "12,000,000,000", "€\xa012\xa0bn"),
        ("euro", None, "–", "–"),
        ("count", "1234", "1,234", "1,234"),
        ("percent", "31.25", "31.2\xa0%", "31.2\xa0%"),
        ("rate", "0", "0.0", "0.0"),
        ("month", "3", "March", "March"),
        ("text", None, "not said", "not said"),
    ],
)
def test_numbers_are_written_in_one_way(kind: Any, cell: str | None, long: str, short: str) -> None:
    assert (in_words(Field("x", kind, "X"), cell), in_short(Field("x", kind, "X"), cell)) == (long, short)


def test_a_part_of_nothing_is_no_number() -> None:
    assert (share(0, 0), share(1, 3)) == ("–", "33.3\xa0%")


def test_a_name_stays_on_its_line() -> None:
    assert shortened("a\n\tb\u2028c\u202ed") == "a b cd"
    assert shortened("x" * 100, 5) == "xxxx…"
