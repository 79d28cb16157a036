"""The charts' queries: worked out by hand on a year, and in step with what the list says of their columns."""

from pathlib import Path
from string import Formatter

import pytest

from console.aws.athena.executor import Executor
from runtime.schema import charts
from runtime.schema.charts import CHARTS, Chart
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


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_every_join_is_by_equal_columns(chart: Chart) -> None:
    assert joins_without_hash(chart.sql) == []
