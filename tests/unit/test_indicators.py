"""Facts of awards, and indicators over them, on awards whose answers are worked out by hand."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from console.aws.athena.executor import Executor
from runtime.keys import PackageId
from runtime.schema import NOTICE_TABLES
from runtime.schema.indicators import INDICATORS
from runtime.schema.views import saved_queries, view_statement
from tests.spark.folder import Year, notice
from tests.unit.test_saved_queries import DATABASE, as_parquet, lake

PACKAGE = PackageId(dt.date(2019, 3, 1), 43)
Rows = dict[str, list[dict[str, Any]]]


def award(
    number: int, country: str, tenders: int | None, *, winner: str = "", size: str = "small", **values: Any
) -> Rows:
    """An award of one contract; `winner` is its registration number."""
    contract = {
        "result_ordinal": 1, "tender_ordinal": 1, "value": Decimal(900), "value_currency": "EUR",
        "conclusion_date": dt.date(2019, 2, 20),
        **values.pop("contract", {}),
    }  # fmt: skip
    party = {"role": "winner", "tender_ordinal": 1, "name": "W", "country": values.pop("winner_country", country)}
    return notice(
        number,
        buyer_country=country,
        contract_nature="works",
        lot_count=1,
        lots=[],
        criteria=values.pop("criteria", []),
        lot_results=[{"status": "selec-w", "tenders_received": tenders}],
        contracts=[contract],
        parties=[{**party, "size": size, "national_id": winner or None}, {"role": "buyer", "national_id": "B"}],
        **values,
    )


MADE: list[Rows] = [
    # Germany: 40 awards, 10 of one tender, 5 whose number is not published; two are under frameworks.
    *[award(n, "DEU", 1 if n <= 10 else 3) for n in range(1, 36)],
    *[award(n, "DEU", None) for n in range(36, 41)],
    *[award(n, "DEU", 1, contract={"is_framework": True}) for n in (41, 42)],
    # France: 30 awards, all of one tender; ten of them without a call.
    *[award(n, "FRA", 1, procedure_type="neg-wo-call" if n > 120 else "open") for n in range(101, 131)],
    # Poland: 31 awards, none of one tender.
    *[award(n, "POL", 2, criteria=[{"kind": "price"}]) for n in range(201, 232)],
    # Too few for a value.
    award(301, "ITA", 1, winner_country="AUT", criteria=[{"kind": "price"}, {"kind": "quality"}]),
]


@pytest.fixture(scope="module")
def athena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executor]:
    parts = {
        (table.name, 2019): as_parquet(table, [row for each in MADE for row in Year._rows(table, each, PACKAGE)])
        for table in NOTICE_TABLES
    }
    with lake(Path(tmp_path_factory.mktemp("athena")), parts) as made:
        yield made


def asked(athena: Executor, sql: str) -> list[list[str | None]]:
    return athena.run(sql, DATABASE).rows


def indicator(athena: Executor, name: str, nature: str = "all") -> dict[tuple[str, str], list[str | None]]:
    """Value, numerator, denominator, coverage by scope and country."""
    rows = asked(
        athena,
        "SELECT scope, country, value, numerator, denominator, coverage FROM indicators "  # noqa: S608
        f"WHERE year = 2019 AND indicator = '{name}' AND nature = '{nature}' ORDER BY 1, 2",
    )
    return {(str(scope), str(country)): rest for scope, country, *rest in rows}


def test_an_award_says_what_its_notice_says(athena: Executor) -> None:
    facts = (
        "is_single_bid, is_no_call, is_lowest_price, is_sme, is_cross_border, is_framework, has_tender_count, value_eur"
    )
    rows = asked(athena, f"SELECT notice_id, {facts} FROM award_facts WHERE year = 2019")  # noqa: S608
    found = {row[0]: row[1:] for row in rows}
    assert len(found) == len(rows) == len(MADE)
    assert found["1-2019"] == ["true", "false", None, "true", "false", None, "true", "900.00"]
    assert found["36-2019"] == [None, "false", None, "true", "false", None, "false", "900.00"]
    assert found["130-2019"][1] == "true"
    assert found["201-2019"][:3] == ["false", "false", "true"]
    assert found["301-2019"] == ["true", "false", "false", "true", "true", None, "true", "900.00"]


def test_single_bids_leave_out_frameworks_and_what_says_nothing_and_tell_the_coverage(athena: Executor) -> None:
    found = indicator(athena, "single_bid")
    # 10 of 35 that say how many there were; 40 awards are about it.
    assert found["country", "DEU"] == ["28.570000", "10", "35", "87.500000"]
    assert found["country", "FRA"] == ["100.000000", "30", "30", "100.000000"]
    assert found["country", "POL"] == ["0.000000", "0", "31", "100.000000"]
    assert found["country", "ITA"] == [None, "1", "1", "100.000000"], "below 30 the value is NULL and the row stays"
    assert found["pooled", "all"] == ["42.270000", "41", "97", "95.100000"]
    assert found["median", "median"] == ["28.570000", None, "3", None], "of the three countries that have a value"
    assert indicator(athena, "single_bid", "works")["country", "DEU"] == found["country", "DEU"]


def test_the_median_of_an_even_number_of_countries_is_between_the_middle_two(athena: Executor) -> None:
    found = indicator(athena, "no_call")
    assert [found["country", each][0] for each in ("DEU", "FRA", "POL")] == ["0.000000", "33.330000", "0.000000"]
    assert found["median", "median"][0] == "0.000000"
    others = asked(
        athena,
        view_statement(INDICATORS)
        .sql.replace("FROM award_facts f", "FROM most f", 1)
        .replace("WITH told AS", "WITH most AS (SELECT * FROM award_facts WHERE buyer_country <> 'POL'), told AS", 1),
    )
    (median,) = [row for row in others if row[:3] == ["no_call", "2019", "median"] and row[4] == "all"]
    assert median[5:8] == ["16.670000", None, "2"]


def test_published_figures_name_their_edition_and_are_of_known_indicators(athena: Executor) -> None:
    known = {row[0] for row in asked(athena, "SELECT DISTINCT indicator FROM indicators")}
    rows = asked(athena, "SELECT indicator, scope, year, value, green, edition, source FROM scoreboard_reference")
    assert {row[0] for row in rows} <= known
    assert all(row[5] and row[6] for row in rows)
    assert all((row[1] == "threshold") == (row[3] is None) == (row[4] is not None) for row in rows)


@pytest.mark.parametrize(
    ("last", "is_whole"),
    [
        ("(2021, 2, DATE '2021-12-29', 0)", True),
        ("(2021, 3, DATE '2021-12-29', 0)", False),  # the second issue is missing
        ("(2021, 2, DATE '2021-12-01', 0)", False),  # the year is not over
        ("(2021, 2, DATE '2021-12-29', 1)", False),  # a member was lost
    ],
)
def test_ours_stands_beside_theirs_only_where_the_mirror_holds_the_year_whole(
    athena: Executor, last: str, is_whole: bool
) -> None:
    made = f"""WITH packages AS (
        SELECT * FROM (VALUES (2021, 1, DATE '2021-01-04', 0), {last})
        AS t (year, ojs_issue, publication_date, quarantined_count)
    ), indicators AS (
        SELECT 'single_bid' AS indicator, 2021 AS year, 'pooled' AS scope, 'all' AS nature,
            CAST(40 AS decimal(18,6)) AS value, CAST(90 AS decimal(18,6)) AS coverage
    ), mirror AS ("""  # noqa: S608
    (query,) = (query for query in saved_queries() if query.name == "indicators_beside_published")
    rows = asked(athena, query.sql.replace("WITH mirror AS (", made, 1))
    (row,) = [row for row in rows if row[:3] == ["single_bid", "pooled", "2021"]]
    assert row[3:8] == ["41.800000", *(["40.000000", "90.000000", "true"] if is_whole else [None, None, "false"]), "2"]
    assert {(row[2], row[6], row[7]) for row in rows if row[2] != "2021"} == {
        (year, "false", "0") for year in ("2011", "2024")
    }
