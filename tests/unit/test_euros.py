"""Values in euro, worked out by hand; tests/trino asks Trino the same."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from console.aws.athena.executor import Executor
from runtime.schema import NOTICE_TABLES, TABLES, table
from runtime.schema.views import VIEWS, view_statement
from tests.unit.test_saved_queries import DATABASE, as_parquet, lake

# What is published, and what it is in euro or why it is not. Rates are those of the ECB's file and of Regulation (EC)
# No 2866/98; each quotient was worked out apart from the code.
CASES: dict[str, tuple[str | None, str | None, str, str | None, str | None]] = {
    # currency, value, day -> euro, missing
    "the euro itself": ("EUR", "1234.56", "2019-03-01", "1234.56", None),
    "half a cent is rounded up": ("EUR", "10.005", "2019-03-01", "10.01", None),
    "a working day": ("USD", "1000000", "2019-03-01", "878503.03", None),  # 1.1383
    "a Sunday has Friday's rate": ("USD", "1000000", "2026-11-01", "895094.88", None),  # 1.1172
    "Christmas has the rate of the 24th": ("SEK", "1000000", "2024-12-25", "86703.95", None),  # 11.5335
    "the eve of the changeover": ("HRK", "753450", "2022-12-31", "99973.46", None),  # 7.5365
    "the changeover day": ("HRK", "753450", "2023-01-01", "100000.00", None),  # 7.53450
    "HRK in 2023": ("HRK", "7534.5", "2023-06-15", "1000.00", None),
    "BGN in 2026": ("BGN", "195583", "2026-02-02", "100000.00", None),  # 1.95583; by 1.9558 it were 100001.53
    "the old leu on its last day": ("ROL", "36030000", "2005-06-30", "1000.00", None),
    "the new leu on its first day": ("RON", "3603", "2005-07-01", "1000.00", None),
    "the old leu after its last day": ("ROL", "36030000", "2005-07-01", "1000.00", None),
    "the old lira on New Year's Day": ("TRL", "1836200", "2005-01-01", "1.00", None),
    "a hole": ("ISK", "1000000", "2010-06-01", None, "no-rate"),
    "a currency that is not quoted any more": ("RUB", "1000000", "2023-01-02", None, "no-rate"),
    "drachmas before the euro": ("GRD", "340750", "2000-06-01", None, "no-rate"),
    "drachmas with the euro": ("GRD", "340750", "2001-06-01", "1000.00", None),
    "a day of which nothing is known yet": ("USD", "1000000", "2026-11-07", None, "no-rate"),
    "the euro on a day of which nothing is known yet": ("EUR", "5", "2026-12-24", "5.00", None),
    "before the euro": ("EUR", "1000000", "1998-12-31", None, "no-rate"),
    "a currency that the ECB never quoted": ("MDL", "1000000", "2019-03-01", None, "unknown-currency"),
    "no currency at all": ("ABC", "1000000", "2019-03-01", None, "unknown-currency"),
    "a currency that is not given": (None, "1000000", "2019-03-01", None, "no-currency"),
    "a currency that is given empty": ("", "1000000", "2019-03-01", None, "no-currency"),
    "nothing is given": (None, None, "2019-03-01", None, "no-value"),
    "a currency alone": ("EUR", None, "2019-03-01", None, "no-value"),
    "token 0": ("EUR", "0", "2019-03-01", None, "token"),
    "token 0.01": ("SEK", "0.01", "2019-03-01", None, "token"),
    "token 1": ("EUR", "1", "2019-03-01", None, "token"),
    "next to a token": ("EUR", "1.01", "2019-03-01", "1.01", None),
    "below zero": ("EUR", "-2.5", "2019-03-01", "-2.50", None),
}  # fmt: skip
WITHHELD = "withheld"
MONEY = {
    "notices_eur": ("estimated_value", "total_value", "framework_max_value"),
    "lots_eur": ("estimated_value", "framework_max_value"),
    "contracts_eur": ("value", "estimated_value"),
}
# In the currency of another column.
RANGES = {
    "notices_eur": {"estimated_value_low", "estimated_value_high", "total_value_low", "total_value_high"},
    "lots_eur": set[str](),
    "contracts_eur": {"value_low", "value_high"},
}
HELD_BACK: dict[tuple[str, str], dict[str, Any]] = {
    ("notices_eur", "total_value"): {"withheld_fields": ["not-val"]},
    ("notices_eur", "framework_max_value"): {"withheld_fields": ["not-max-val"]},
    ("contracts_eur", "value"): {"is_value_withheld": True},
}


def rows_of(name: str) -> list[dict[str, Any]]:
    """A row of a table for each case, its number the position of the case; then one for each value that is withheld."""
    view, of = f"{name}_eur", table(name)
    rows = []
    for number, (currency, value, day, _, _) in enumerate(CASES.values(), 1):
        row: dict[str, Any] = dict.fromkeys(of.column_names)
        row |= {"notice_id": f"{number}-2019", "publication_date": dt.date.fromisoformat(day)}
        amount = None if value is None else Decimal(value)
        row |= dict.fromkeys((*MONEY[view], *RANGES[view]), amount)
        row |= {f"{column}_currency": currency for column in MONEY[view]}
        rows.append(row)
    for column, held_back in [(column, given) for (where, column), given in HELD_BACK.items() if where == view]:
        row = dict.fromkeys(of.column_names)
        rows.append({**row, "notice_id": column, "publication_date": dt.date(2024, 1, 5), **held_back})
    return rows


def expected(view: str) -> list[list[str | None]]:
    """The answer to `question`, by hand."""
    columns = len(MONEY[view]) + len(RANGES[view])
    found: list[list[str | None]] = []
    for number, (currency, _, day, euro, missing) in enumerate(CASES.values(), 1):
        has_rate = (
            euro is not None or (missing == "token" and currency is not None) or (missing == "no-value" and currency)
        )
        found.append([f"{number}-2019", day if has_rate else None, *[euro, missing] * columns])
    for where, column in HELD_BACK:
        if where == view:
            reasons = [WITHHELD if each == column else "no-value" for each in columns_of(view)]
            found.append([column, None, *[cell for reason in reasons for cell in (None, reason)]])
    return sorted(found, key=str)


def columns_of(view: str) -> list[str]:
    return sorted((*MONEY[view], *RANGES[view]))


def question(view: str) -> str:
    columns = ", ".join(f"{column}_eur, {column}_eur_missing" for column in columns_of(view))
    return f"SELECT notice_id, CAST(eur_rate_date AS varchar), {columns} FROM {view} WHERE year = 2019"  # noqa: S608


YEARS = (2019, 2020)


def made_up(name: str, year: int) -> list[dict[str, Any]]:
    """Rows of a table: of CASES in the first year, of FLAGS in the second."""
    if year == YEARS[0]:
        return rows_of(name) if f"{name}_eur" in MONEY else []
    return flag_rows(name)


@pytest.fixture(scope="module")
def athena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executor]:
    parts = {(each.name, year): as_parquet(each, made_up(each.name, year)) for each in TABLES for year in YEARS}
    with lake(Path(tmp_path_factory.mktemp("athena")), parts) as made:
        yield made


@pytest.mark.parametrize("view", MONEY)
def test_every_value_is_in_euro_as_worked_out_by_hand_or_says_why_not(athena: Executor, view: str) -> None:
    assert sorted(athena.run(question(view), DATABASE).rows, key=str) == expected(view)


def test_every_money_column_has_its_euro_and_its_reason() -> None:
    views = {view.name: set(view.column_names) for view in VIEWS}
    for name in ("notices", "lots", "contracts"):
        money = {column.name for column in table(name) if column.kind == "money"}
        assert money == {*MONEY[f"{name}_eur"], *RANGES[f"{name}_eur"]}
        assert {f"{column}_eur{end}" for column in money for end in ("", "_missing")} < views[f"{name}_eur"]


def test_a_view_in_euro_has_all_columns_of_its_table_and_the_rows_too(athena: Executor) -> None:
    for each in NOTICE_TABLES:
        if f"{each.name}_eur" in MONEY:
            answer = athena.run(f"SELECT * FROM {each.name}_eur WHERE year = 2019", DATABASE)  # noqa: S608
            assert [column.name for column in answer.columns][: len(each.readable)] == [c.name for c in each.readable]
            assert len(answer.rows) == len(rows_of(each.name))


def test_a_value_for_a_year_is_never_multiplied() -> None:
    sql = view_statement(next(view for view in VIEWS if view.name == "contracts_eur")).sql
    assert "value_per" not in sql
    assert "*" not in sql.replace("c.*", "")


def notice(number: int, **values: Any) -> dict[str, list[dict[str, Any]]]:
    """A notice of 1 March 2019 with lots, contracts and values in euro; each lot and contract is (value, estimate)."""
    key = {"notice_id": f"{number}-2019", "publication_date": dt.date(2019, 3, 1), "package_id": "20190301_2019043"}
    empty = {name: dict.fromkeys(table(name).column_names) | key for name in ("notices", "lots", "contracts")}
    money = {name: Decimal(values[name]) for name in ("estimated_value", "total_value") if name in values}
    currency = values.get("currency", "EUR")
    lots = [
        empty["lots"]
        | {"lot_ordinal": n, "lot_id": f"L{n}", "lot_kind": "lot", "estimated_value": Decimal(value)}
        | {"estimated_value_currency": currency}
        for n, value in enumerate(values.get("lots", ()), 1)
    ]
    contracts = [
        empty["contracts"]
        | {"contract_ordinal": n, "value": Decimal(value), "value_currency": currency, "lot_ids": [f"L{n}"]}
        for n, value in enumerate(values.get("contracts", ()), 1)
    ]
    whole = empty["notices"] | money | {f"{name}_currency": currency for name in money}
    return {"notices": [whole], "lots": lots, "contracts": contracts}


# A notice, and its flags: subject, ordinal, flag, compared value.
FLAGS: list[tuple[dict[str, Any], list[tuple[str, str | None, str, str | None]]]] = [
    ({"total_value": "100", "contracts": ["60", "41"]}, []),
    ({"total_value": "100", "contracts": ["60", "45"]}, [("total", None, "contracts-sum", "105.0000")]),
    ({"total_value": "100", "contracts": ["95.01"]}, []),
    ({"total_value": "100", "contracts": ["95"]}, [("total", None, "contracts-sum", "95.0000")]),
    # One of the parts is not known.
    ({"total_value": "100", "contracts": ["50", "1"]}, [("contract", "2", "token", None)]),
    ({"estimated_value": "300", "lots": ["100", "90"]}, [("estimate", None, "lots-sum", "190.0000")]),
    (
        {"estimated_value": "300", "lots": ["300", "300", "300"]},
        [("lot", str(n), "repeated-value", "900.0000") for n in (1, 2, 3)],
    ),
    (
        {"total_value": "300", "contracts": ["300", "300"]},
        [("contract", str(n), "repeated-value", "600.0000") for n in (1, 2)],
    ),
    (
        {"estimated_value": "500", "lots": ["300", "300", "300"]},
        [
            ("estimate", None, "lots-sum", "900.0000"),
            *[("lot", str(n), "repeated-value", "900.0000") for n in (1, 2, 3)],
        ],
    ),
    ({"lots": ["300", "300", "300"]}, [("lot", str(n), "repeated-value", "900.0000") for n in (1, 2, 3)]),
    # Every lot has the same share of the whole.
    ({"estimated_value": "900", "lots": ["300", "300", "300"]}, []),
    ({"estimated_value": "300", "lots": ["300"]}, []),
    ({"lots": ["300", "300"]}, []),
    ({"lots": ["300", "300", "301"]}, []),
    ({"estimated_value": "0"}, [("estimate", None, "token", None)]),
    ({"total_value": "0.01"}, [("total", None, "token", None)]),
    ({"estimated_value": "1"}, [("estimate", None, "token", None)]),
    ({"estimated_value": "99999.99"}, []),
    ({"estimated_value": "999999.99"}, [("estimate", None, "sentinel", None)]),
    ({"estimated_value": "1111111"}, [("estimate", None, "sentinel", None)]),
    ({"estimated_value": "111112"}, []),
    ({"estimated_value": "99999999999.99"}, [("estimate", None, "sentinel", None)]),
    ({"estimated_value": "100000000000"}, [("estimate", None, "sentinel", None)]),
    # Of forints that is little.
    ({"estimated_value": "100000000000", "currency": "HUF"}, []),
    ({"lots": ["2000"], "contracts": ["210000"]}, [("contract", "1", "slip-2", "2000.0000")]),
    ({"lots": ["2000"], "contracts": ["300000"]}, []),
    ({"lots": ["2000"], "contracts": ["19000"]}, []),
    ({"lots": ["2000"], "contracts": ["1900000"]}, [("contract", "1", "slip-3", "2000.0000")]),
    ({"lots": ["2000"], "contracts": ["20100000"]}, [("contract", "1", "slip-3", "2000.0000")]),
]  # fmt: skip
FLAGGED = (
    "SELECT notice_id, subject, CAST(ordinal AS varchar), flag, CAST(compared_value AS varchar) FROM value_flags "
    "WHERE year = 2020"
)


def flag_rows(name: str) -> list[dict[str, Any]]:
    return [row for number, (values, _) in enumerate(FLAGS, 1) for row in notice(number, **values).get(name, [])]


def flags_by_hand() -> list[list[str | None]]:
    return sorted([[f"{number}-2019", *flag] for number, (_, flags) in enumerate(FLAGS, 1) for flag in flags], key=str)


def test_doubtful_values_are_flagged_for_what_is_wrong_and_no_others(athena: Executor) -> None:
    assert sorted(athena.run(FLAGGED, DATABASE).rows, key=str) == flags_by_hand()
