"""The charts' queries: worked out by hand on a year, and in step with what the list says of their columns."""

from pathlib import Path
from string import Formatter

import pytest

from console.aws.athena.executor import Executor
from console.report.words import in_words
from runtime.schema import charts
from runtime.schema.charts import CHARTS, Chart
from stacks import visuals
from tests.unit.test_saved_queries import DATABASE, athena, joins_without_hash, plain  # noqa: F401 a fixture

TYPES = {
    "text": {"varchar"},
    "month": {"bigint", "integer"},
    "rank": {"bigint"},
    "count": {"bigint", "integer"},
    "percent": {"decimal", "double"},
    "rate": {"decimal", "double"},
    "euro": {"decimal"},
}
FOLDER = Path(charts.__file__).with_name("charts")

# What each query must answer on the year of test_saved_queries, by hand, without the year.
ANSWERS: dict[str, list[list[str | None]]] = {
    "notices_by_month": [
        ["1", "change", "1", "6", "6"],
        ["1", "competition", "1", "6", "6"],
        ["3", "result", "1", "6", "6"],
        ["4", "result", "1", "6", "6"],
        ["5", "competition", "2", "6", "6"],
    ],
    # Of three contracts one has a token value.
    "value_by_country": [["DEU", "100", "1", "2", "3"], ["FRA", "250", "1", "2", "3"]],
    "value_by_division": [["45", "100", "1", "2", "3"], ["72", "250", "1", "2", "3"]],
    "single_bids_by_country": [["DEU", "100.0", "1", "1", "2", "2"], ["FRA", "0.0", "0", "1", "2", "2"]],
    # C says no size; E lost.
    "small_winners_by_country": [
        ["AUT", "0.0", "0", "1", "3", "4"],
        ["DEU", "100.0", "1", "1", "3", "4"],
        ["FRA", "100.0", "1", "1", "3", "4"],
    ],
    # Austria's B is in the group that won one of Germany's two.
    "cross_border_by_country": [["DEU", "50.0", "1", "2", "3", "3"], ["FRA", "0.0", "0", "1", "3", "3"]],
    "top_buyers": [
        ["1", "Stadt Musterstadt", "DEU", "2", "100", "3", "3"],
        ["2", "Ville", "FRA", "1", "250", "3", "3"],
    ],
    "top_suppliers": [
        ["1", "A", "DEU", "1", "100", "4", "4"],
        ["2", "B", "AUT", "1", "100", "4", "4"],
        ["3", "C", "DEU", "1", None, "4", "4"],
        ["4", "D", "FRA", "1", "250", "4", "4"],
    ],
    "corrections_by_country": [["DEU", "50.0", "1", "2", "6", "6"], ["FRA", "50.0", "1", "2", "6", "6"]],
    "withheld_by_field": [[None, "0", "0", "4"]],
    "rejects_by_reason": [[None, "0", "6", "12"]],
    "converted_by_currency": [["EUR", "100.0", "2", "2", "2", "2"]],
}


def test_every_chart_has_its_file_and_its_answer_here() -> None:
    names = [chart.name for chart in CHARTS]
    assert sorted(names) == sorted(path.stem for path in FOLDER.glob("*.sql")) == sorted(ANSWERS)
    assert len({chart.title for chart in CHARTS}) == len(CHARTS) == len(set(names))
    assert [chart.name for chart in CHARTS if ";" in chart.sql] == []


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_the_columns_are_those_that_the_list_says(athena: Executor, chart: Chart) -> None:  # noqa: F811
    found = athena.run(chart.sql, DATABASE).columns
    assert tuple(column.name for column in found) == chart.columns
    kinds = {column.name: column.type.split("(")[0] for column in found}
    assert [field.name for field in chart.fields if kinds[field.name] not in TYPES[field.kind]] == []
    assert {kinds["covered"], kinds["total"]} <= TYPES["count"]
    named = {chart.label, chart.value} | {name for name in (chart.series, chart.least_of) if name}
    assert named <= set(chart.columns)
    assert slots(chart.finding) <= {field.name for field in chart.fields}
    assert slots(chart.coverage) <= {"covered", "total", "share"}


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_a_chart_has_the_answer_worked_out_by_hand(athena: Executor, chart: Chart) -> None:  # noqa: F811
    rows = athena.run(chart.of([2019]), DATABASE).rows
    assert {row[0] for row in rows} == {"2019"}
    found = sorted(([plain(cell) for cell in row[1:]] for row in rows), key=str)
    assert found == sorted(([plain(cell) for cell in row] for row in ANSWERS[chart.name]), key=str)
    assert athena.run(chart.of([2018]), DATABASE).rows == []


def test_a_year_before_eforms_is_published_though_nothing_is_withheld(athena: Executor) -> None:  # noqa: F811
    (chart,) = (chart for chart in CHARTS if chart.name == "withheld_by_field")
    older = "WITH older AS (SELECT * FROM notices WHERE format <> 'eforms'), totals AS"
    sql = chart.sql.replace("FROM notices", "FROM older").replace("WITH totals AS", older, 1)
    assert athena.run(sql, DATABASE).rows == [["2019", None, "0", "0", "0"]]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_every_join_is_by_equal_columns(chart: Chart) -> None:
    assert joins_without_hash(chart.sql) == []


QUICKSIGHTS = {"STRING": {"varchar"}, "INTEGER": {"bigint"}, "DECIMAL": {"double"}}


def asked(chart: Chart, year: str, *, is_bound: bool = True) -> str:
    """A data set's query as QuickSight sends it, with the reader's year in the place of the parameter."""
    return visuals.data_set_sql(chart, DATABASE, is_bound=is_bound).replace("<<$Year>>", f"'{year}'")


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_quicksight_is_told_the_columns_and_types_that_athena_answers(athena: Executor, chart: Chart) -> None:  # noqa: F811
    """In a database of another name: that of the instance is in the query."""
    found = athena.run(asked(chart, "2019"), "default").columns
    assert {column.name: column.type.split("(")[0] for column in found} == {
        name: next(iter(QUICKSIGHTS[kind])) for name, kind in visuals.columns_of(chart).items()
    }


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_quicksight_is_answered_what_the_report_shows(
    athena: Executor,  # noqa: F811
    chart: Chart,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Row by row: the report's marks, its words for codes; a place before a name."""
    monkeypatch.setattr(visuals, "LEAST", 1)
    least, fields = chart.least_of, (*chart.fields, *visuals.COVERAGE)

    def in_the_report(row: dict[str, str | None]) -> list[str | float | None]:
        cells: list[str | float | None] = []
        for field in fields:
            cell = row[field.name]
            if field.kind != "text":
                cells.append(None if cell is None else float(cell))
            elif chart.shape == "ranking" and field.name == chart.label:
                cells.append(f"{row['position']}. {in_words(field, cell)}")
            else:
                cells.append(in_words(field, cell))
        return cells

    answer = athena.run(chart.of([2019]), DATABASE)
    rows = [dict(zip(chart.columns, row, strict=True)) for row in answer.rows]
    shown = [in_the_report(row) for row in rows if float(row[least or chart.value] or 0) > 0]
    found = [
        [cell if field.kind == "text" or cell is None else float(cell) for field, cell in zip(fields, row, strict=True)]
        for _, *row in athena.run(asked(chart, "2019"), "default").rows
    ]
    assert sorted(found, key=str) == sorted(shown, key=str)
    assert athena.run(asked(chart, "this year"), "default").rows == []
    kept = athena.run(visuals.data_set_sql(chart, DATABASE, is_bound=False), "default").rows
    assert ({row[0] for row in kept}, len(kept)) == ({"2019"} if found else set(), len(found))


def test_a_reader_chooses_among_the_years_that_are_published(athena: Executor) -> None:  # noqa: F811
    assert athena.run(visuals.years_sql(DATABASE), "default").rows in (
        [["this year"], ["2019"]], [["2019"], ["this year"]],
    )  # fmt: skip
