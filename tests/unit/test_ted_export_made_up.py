"""Made-up notices of every form and schema version say what they were made to say."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from console.sample.notices import TRAITS, forms_of, make_notice
from runtime.extract.notice import Notice
from runtime.extract.ted_export import read_ted_export

SCHEMAS = [
    "R2.0.7.S03",
    *(f"R2.0.8.S0{edition}" for edition in range(2, 6)),
    *(f"R2.0.9.S0{edition}" for edition in range(1, 6)),
]
WINNERS = ("winner", "concessionaire", "prize-winner")
COUNTED = ("lots", "lot_results", "contracts", "tenders", "criteria", "changes")


def found(notice: Notice, fact: str) -> Any:
    """What the rows say of a fact; amounts as numbers."""
    children = notice.children
    parties = children.get("parties", [])
    contracts = children.get("contracts", [])
    change = children.get("changes", [{}])[0]
    ways: dict[str, Any] = {
        "lot_count": lambda: len(children.get("lots", [])),
        "contract_count": lambda: len(contracts),
        "buyers": lambda: [row["name"] for row in parties if row["role"] == "buyer"],
        "winners": lambda: [row["name"] for row in parties if row["role"] in WINNERS],
        "contract_titles": lambda: [row.get("contract_title") for row in contracts],
        "contract_values": lambda: [row.get("value") for row in contracts],
        "contract_currencies": lambda: [row.get("value_currency") for row in contracts],
        "value_before": lambda: change.get("value_before"),
        "value_after": lambda: change.get("value_after"),
    }
    if fact in COUNTED:
        return len(children.get(fact, []))
    return ways[fact]() if fact in ways else notice.row.get(fact)


def plain(value: Any) -> Any:
    """Dates as text, amounts as numbers."""
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal() and "." in value:
        return str(Decimal(value).normalize())
    return str(Decimal(value).normalize()) if isinstance(value, str) and value.isdecimal() else value


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("traits", [(), tuple(sorted(TRAITS))], ids=["plain", "odd"])
def test_finds_the_facts_of_made_up_notices(schema: str, traits: tuple[str, ...]) -> None:
    differences = []
    for form in forms_of(schema):
        made = make_notice(
            number=4711, date=dt.date(2019, 3, 1), issue=43, form=form, schema=schema, seed=3, traits=traits
        )
        notice = read_ted_export(etree.fromstring(made.xml))
        assert notice.row["notice_id"] == made.notice_id
        assert not notice.unknown_codes
        for fact, value in made.facts.items():
            if plain(found(notice, fact)) != plain(value):
                differences.append((form, fact, value, found(notice, fact)))
    assert differences == []
