"""Every saved query and view on both engines, over three kinds of years; and how Trino means to run them."""

import json
import re
from dataclasses import dataclass

import pytest

from console.aws.athena.catalog import plain_type
from runtime.schema.charts import CHARTS, Chart
from runtime.schema.columns import Table
from runtime.schema.tables import EXCHANGE_RATES
from runtime.schema.views import PRESTO_TYPES, VIEWS, saved_queries, view_statement
from stacks.visuals import THIS_YEAR, columns_of, data_set_sql
from tests.trino.conftest import Answers, Engines, Question

QUERIES = {query.name: query.sql for query in saved_queries()}
DRAWN = {f"chart {chart.name}": chart.sql for chart in CHARTS}  # their rows have no order
SELECTS = QUERIES | DRAWN | {view.name: f"SELECT * FROM {view.name}" for view in VIEWS}  # noqa: S608
# The ledger of packages comes from their manifests, which extracting alone does not make.
EMPTY = {
    ("demo", "completeness_of_the_mirror"),
    ("real", "completeness_of_the_mirror"),
} | {
    ("demo", "chart rejects_by_reason"),
    ("real", "chart rejects_by_reason"),
}


@dataclass(frozen=True)
class Named(Question):
    """A question of SELECTS."""

    name: str


@pytest.mark.parametrize(
    "question",
    [Named(SELECTS[name], database, name) for database in ("hand", "demo", "real") for name in sorted(SELECTS)],
    ids=lambda each: f"{each.database}-{each.name}",
)
def test_both_engines_answer_alike(answers: Answers, question: Named) -> None:
    one, other = answers(question)
    assert one.columns == other.columns
    if question.name in QUERIES:
        assert one.rows == other.rows
    assert sorted(one.rows, key=str) == sorted(other.rows, key=str)
    assert bool(one.rows) == ((question.database, question.name) not in EMPTY)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_has_the_names_and_types_that_the_catalog_claims(engines: Engines, view: Table) -> None:
    _, kinds = described(engines, view_statement(view).sql)
    assert kinds == [(column.name, PRESTO_TYPES[column.kind]) for column in view]


def described(engines: Engines, sql: str) -> tuple[list[str], list[tuple[str, str]]]:
    answer = engines.trino._engine.answer(f"SELECT * FROM (\n{sql}\n) LIMIT 0", "hand")  # noqa: S608
    names = [column.name for column in answer.columns]
    return names, list(zip(names, map(plain_type, answer.kinds), strict=True))


def plan_of(sql: str) -> Question:
    return Question(f"EXPLAIN {sql}", "demo")


def plan(answers: Answers, question: Question) -> str:
    (answer,) = answers(question)
    return "\n".join(str(row[0]) for row in answer.rows)


@pytest.mark.parametrize("question", [plan_of(SELECTS[name]) for name in sorted(SELECTS)], ids=sorted(SELECTS))
def test_no_plan_has_a_cross_join(answers: Answers, question: Question) -> None:
    """The elements of a row's own list, which a plan calls a CrossJoin Unnest, are none."""
    assert not re.search(r"CrossJoin(?! Unnest)", plan(answers, question))


def years_read(answers: Answers, question: Question) -> list[tuple[str, list[str]]]:
    """Table and years of each scan in a plan; the years are those of the partitions that are left."""
    text = plan(answers, question)
    scans = re.split(r"(?=\[table = awsdatacatalog:demo:(\w+))", text)
    found = []
    for table, rest in zip(scans[1::2], scans[2::2], strict=True):
        # Below each scan Trino lists the partition key with the values that it reads: year:int:PARTITION_KEY, [[2019]]
        body = rest.split("[table = ", 2)[1]
        key = re.search(r"year:int:PARTITION_KEY\n((?:\s*│?\s*:: .*\n?)+)", body)
        found.append((table, re.findall(r"\[(\d{4})", key[1]) if key else []))
    return found


@pytest.mark.parametrize("question", [plan_of("SELECT * FROM contract_awards WHERE year = 2019")], ids=["2019"])
def test_contract_awards_of_a_year_read_that_year_alone(answers: Answers, question: Question) -> None:
    scans = years_read(answers, question)
    merged = [(table, years) for table, years in scans if table != EXCHANGE_RATES.name]
    assert {table for table, _ in merged} == {"contracts", "notices", "lot_results", "lots", "parties"}
    assert [scan for scan in merged if scan[1] != ["2019"]] == []


def in_quicksight(chart: Chart, year: str) -> str:
    """What QuickSight asks when a reader has chosen a year, or none yet."""
    return data_set_sql(chart, "demo", is_bound=True).replace("<<$Year>>", f"'{year}'")


@pytest.mark.parametrize("question", [plan_of("SELECT * FROM value_flags WHERE year = 2019")], ids=["2019"])
def test_doubtful_values_of_a_year_read_that_year_alone_and_each_table_once(
    answers: Answers, question: Question
) -> None:
    scans = [scan for scan in years_read(answers, question) if scan[0] != EXCHANGE_RATES.name]
    assert sorted(scans) == [("contracts", ["2019"]), ("lots", ["2019"]), ("notices", ["2019"])]


@pytest.mark.parametrize(
    ("chart", "question"),
    [(chart.name, plan_of(sql)) for chart in CHARTS for sql in (chart.of([2019]), in_quicksight(chart, "2019"))],
    ids=[f"{chart.name}-{where}" for chart in CHARTS for where in ("report", "quicksight")],
)
def test_a_chart_of_a_year_reads_that_year_alone(answers: Answers, chart: str, question: Question) -> None:
    scans = [scan for scan in years_read(answers, question) if scan[0] != EXCHANGE_RATES.name]
    assert [scan for scan in scans if scan[1] != ["2019"]] == []
    assert scans or chart == "rejects_by_reason"  # whose tables are empty here


@pytest.mark.parametrize(
    "question", [plan_of(in_quicksight(chart, THIS_YEAR)) for chart in CHARTS], ids=[chart.name for chart in CHARTS]
)
def test_quicksight_reads_nothing_of_other_years_before_one_is_chosen(answers: Answers, question: Question) -> None:
    assert [scan for scan in years_read(answers, question) if scan[0] != EXCHANGE_RATES.name and scan[1]] == []


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_quicksight_is_told_the_types_that_trino_answers(engines: Engines, chart: Chart) -> None:
    _, kinds = described(engines, in_quicksight(chart, "2019"))
    types = {"varchar": "STRING", "bigint": "INTEGER", "double": "DECIMAL"}
    assert [(name, types[kind.split("(")[0]]) for name, kind in kinds] == [*columns_of(chart).items()]


@pytest.mark.parametrize("question", [plan_of("SELECT * FROM current_notices WHERE year = 2019")], ids=["2019"])
def test_current_notices_of_a_year_pass_four_times_at_most_over_all_years(answers: Answers, question: Question) -> None:
    scans = years_read(answers, question)
    over_all = [table for table, years in scans if years != ["2019"]]
    assert len(over_all) <= 4, scans
    (view,) = (view for view in VIEWS if view.name == "current_notices")
    said = view_statement(view).description
    assert "passes four times over all years" in said


@pytest.mark.parametrize(
    ("question", "passes"),
    [
        (plan_of("SELECT * FROM ted_can WHERE year = 2019"), ["changes"] * 2),
        (plan_of("SELECT * FROM ted_cn WHERE year = 2019"), ["changes"] * 2 + ["notices"]),
    ],
    ids=["ted_can", "ted_cn"],
)
def test_a_year_of_the_ted_csv_passes_over_all_years_for_corrections_and_awards_alone(
    answers: Answers, question: Question, passes: list[str]
) -> None:
    scans = years_read(answers, question)
    merged = [(table, years) for table, years in scans if table != EXCHANGE_RATES.name]
    assert sorted(table for table, years in merged if years != ["2019"]) == passes, scans


def test_reads_only_the_years_that_are_asked_for(engines: Engines) -> None:
    rows = engines.trino.run(
        "EXPLAIN (TYPE IO, FORMAT JSON) SELECT count(*) FROM notices WHERE year = 2019", "demo"
    ).rows
    (table,) = json.loads(str(rows[0][0]))["inputTableColumnInfos"]
    assert table["constraint"]["columnConstraints"][0]["columnName"] == "year"
