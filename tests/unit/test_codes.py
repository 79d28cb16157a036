"""Names of codes: every code that the project knows has one, once."""

import re
from collections import Counter

import pytest

from runtime.schema.codes import eforms, places
from runtime.schema.codes.labels import COUNTRY_NAMES, CPV_DIVISIONS
from runtime.schema.views import VIEWS, saved_queries, view_statement

SQL = view_statement(next(view for view in VIEWS if view.name == "codes")).sql
ROW = re.compile(r"^\s+\('([^']+)', '((?:[^']|'')+)', '((?:[^']|'')+)'\)", re.MULTILINE)
NAMES, LISTS = SQL.split("\n) AS c (list, code, label)")
CODES = {(name, code): label for name, code, label in ROW.findall(NAMES)}
ABOUT = {name: (used_in, source) for name, used_in, source in ROW.findall(LISTS)}

LOT_LISTS = {
    "variants": "permission", "electronic_submission": "permission", "electronic_invoicing": "permission",
    "environmental_impacts": "environmental_impact", "social_objectives": "social_objective",
    "innovations": "innovation", "gpp_criteria": "gpp_criterion", "place_regions": "place_region",
}  # fmt: skip
KNOWN = {
    "form_type": eforms.FORM_TYPES, "notice_type": eforms.NOTICE_TYPES, "legal_basis": eforms.LEGAL_BASES,
    "procedure_type": eforms.PROCEDURE_TYPES, "contract_nature": eforms.CONTRACT_NATURES,
    "legal_type": eforms.LEGAL_TYPES, "main_activity": eforms.MAIN_ACTIVITIES, "size": eforms.SIZES,
    "status": eforms.RESULT_STATUSES, "non_award_reason": eforms.NON_AWARD_REASONS,
    "criterion_kind": eforms.CRITERION_KINDS, "weight_unit": eforms.WEIGHT_UNITS,
    "change_reason": eforms.CHANGE_REASONS, "duration_unit": set(eforms.DURATION_UNITS.values()),
    "country": set(places.COUNTRIES.values()), "language": set(places.LANGUAGES.values()),
}  # fmt: skip


def test_no_code_stands_twice_in_a_list_and_every_list_is_told_of() -> None:
    rows = ROW.findall(NAMES)
    assert len(rows) > 900
    assert [key for key, count in Counter((name, code) for name, code, _ in rows).items() if count > 1] == []
    assert {name for name, _ in CODES} == set(ABOUT)
    assert all(used_in and source for used_in, source in ABOUT.values())
    # Whatever stands between the rows would be neither counted nor looked at.
    assert len(re.findall(r"^\s+\('", NAMES, re.MULTILINE)) == len(rows)


@pytest.mark.parametrize("name", KNOWN)
def test_every_code_that_the_project_knows_has_a_name(name: str) -> None:
    assert [code for code in KNOWN[name] if (name, code) not in CODES] == []


@pytest.mark.parametrize("column", eforms.LOT_CODES)
def test_every_code_of_a_lot_has_a_name(column: str) -> None:
    name = LOT_LISTS.get(column, column)
    assert [code for code in eforms.LOT_CODES[column] if (name, code) not in CODES] == []


def test_there_are_45_divisions_and_every_region_has_its_country() -> None:
    assert sum(name == "cpv_division" for name, _ in CODES) == 45
    nuts = {code for name, code in CODES if name == "nuts"}
    assert {len(code) for code in nuts} == {2, 3}
    assert [code for code in nuts if code[:2] not in nuts] == []


def test_a_saved_query_shows_how_they_are_joined() -> None:
    (query,) = (query for query in saved_queries() if query.name == "awards_in_words")
    joined = set(re.findall(r"list = '(\w+)'", query.sql))
    assert len(joined) == 3
    assert joined < set(ABOUT)


@pytest.mark.parametrize(("name", "shown"), [("cpv_division", CPV_DIVISIONS), ("country", COUNTRY_NAMES)])
def test_a_report_names_codes_as_the_view_does(name: str, shown: dict[str, str]) -> None:
    assert {code: CODES.get((name, code), "").replace("''", "'") for code in shown} == shown
