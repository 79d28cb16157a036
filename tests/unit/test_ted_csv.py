"""ted_can and ted_cn over made-up notices worked out by hand, and what users did with the CSV."""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from console.aws.athena.executor import Executor
from console.paths import PROJECT
from runtime.keys import PackageId
from runtime.schema import NOTICE_TABLES
from runtime.schema.codes import eforms
from runtime.schema.codes.places import COUNTRIES, LANGUAGES
from runtime.schema.ted_csv import TED_CAN, TED_CN
from tests.spark.folder import Year, notice
from tests.unit.test_saved_queries import DATABASE, NONE, as_parquet, lake

Rows = list[dict[str, str | None]]
# The headers of the CSV, as readers of its files list them.
CAN = """
ID_NOTICE_CAN TED_NOTICE_URL YEAR ID_TYPE DT_DISPATCH XSD_VERSION CANCELLED CORRECTIONS B_MULTIPLE_CAE CAE_NAME
CAE_NATIONALID CAE_ADDRESS CAE_TOWN CAE_POSTAL_CODE CAE_GPA_ANNEX ISO_COUNTRY_CODE ISO_COUNTRY_CODE_GPA
B_MULTIPLE_COUNTRY ISO_COUNTRY_CODE_ALL CAE_TYPE EU_INST_CODE MAIN_ACTIVITY B_ON_BEHALF B_INVOLVES_JOINT_PROCUREMENT
B_AWARDED_BY_CENTRAL_BODY TYPE_OF_CONTRACT TAL_LOCATION_NUTS B_FRA_AGREEMENT FRA_ESTIMATED B_FRA_CONTRACT
B_DYN_PURCH_SYST CPV MAIN_CPV_CODE_GPA ID_LOT ADDITIONAL_CPVS B_GPA GPA_COVERAGE LOTS_NUMBER VALUE_EURO
VALUE_EURO_FIN_1 VALUE_EURO_FIN_2 B_EU_FUNDS TOP_TYPE B_ACCELERATED OUT_OF_DIRECTIVES CRIT_CODE CRIT_PRICE_WEIGHT
CRIT_CRITERIA CRIT_WEIGHTS B_ELECTRONIC_AUCTION NUMBER_AWARDS ID_AWARD ID_LOT_AWARDED INFO_ON_NON_AWARD
INFO_UNPUBLISHED B_AWARDED_TO_A_GROUP WIN_NAME WIN_NATIONALID WIN_ADDRESS WIN_TOWN WIN_POSTAL_CODE WIN_COUNTRY_CODE
B_CONTRACTOR_SME CONTRACT_NUMBER TITLE NUMBER_OFFERS NUMBER_TENDERS_SME NUMBER_TENDERS_OTHER_EU NUMBER_TENDERS_NON_EU
NUMBER_OFFERS_ELECTR AWARD_EST_VALUE_EURO AWARD_VALUE_EURO AWARD_VALUE_EURO_FIN_1 B_SUBCONTRACTED DT_AWARD
"""
CN = """
ID_NOTICE_CN TED_NOTICE_URL YEAR ID_TYPE DT_DISPATCH XSD_VERSION CANCELLED CORRECTIONS FUTURE_CAN_ID
FUTURE_CAN_ID_ESTIMATED B_MULTIPLE_CAE CAE_NAME CAE_NATIONALID CAE_ADDRESS CAE_TOWN CAE_POSTAL_CODE ISO_COUNTRY_CODE
B_MULTIPLE_COUNTRY ISO_COUNTRY_CODE_ALL CAE_TYPE EU_INST_CODE MAIN_ACTIVITY B_ON_BEHALF B_INVOLVES_JOINT_PROCUREMENT
B_AWARDED_BY_CENTRAL_BODY TYPE_OF_CONTRACT TAL_LOCATION_NUTS B_FRA_AGREEMENT FRA_ESTIMATED B_FRA_SINGLE_OPERATOR
FRA_NUMBER_OPERATORS FRA_NUMBER_MAX_OPERATORS B_DYN_PURCH_SYST CPV ID_LOT ADDITIONAL_CPVS B_GPA LOTS_NUMBER
LOTS_SUBMISSION B_VARIANTS VALUE_EURO VALUE_EURO_FIN_1 VALUE_EURO_FIN_2 B_OPTIONS B_EU_FUNDS B_RENEWALS DURATION
CONTRACT_START CONTRACT_COMPLETION TOP_TYPE B_ACCELERATED ENV_OPERATORS ENV_MIN_OPERATORS ENV_MAX_OPERATORS CRIT_CODE
CRIT_PRICE_WEIGHT CRIT_CRITERIA CRIT_WEIGHTS B_ELECTRONIC_AUCTION DT_APPLICATIONS B_LANGUAGE_ANY_EC
ADMIN_LANGUAGES_TENDER ADMIN_OTHER_LANGUAGES_TENDER B_RECURRENT_PROCUREMENT
"""
EURO = {"value_currency": "EUR"}
WON: dict[str, Any] = {"result_ordinal": 1, "tender_ordinal": 1}
SOLD: dict[str, Any] = {
    **NONE,
    "lot_results": [{"status": "selec-w", "tenders_received": 1}],
    "tenders": [{"result_ordinal": 1}],
    "parties": [{"role": "buyer", "country": "DEU"}, {"role": "winner", "country": "DEU", "tender_ordinal": 1}],
}
JANUARY, JUNE = "20190110_2019007", "20190603_2019105"


def award(number: int, value: Any, **more: Any) -> dict[str, list[dict[str, Any]]]:
    return notice(number, **{**SOLD, "contracts": [{**WON, **EURO, "value": Decimal(value)}], **more})


# Two calls; an award of the first with a group, a contract over two lots, one under no lot and an outcome without
# contract; corrections of both; a transparency notice and a modification; plain awards for the analyses.
MADE: list[tuple[str, dict[str, list[dict[str, Any]]]]] = [
    (
        JANUARY,
        notice(
            1, format="ted-export", form_type="competition", form_number="F02", schema_version="R2.0.9.S03",
            ojs_number="2019/S 007-000001", procedure_type="neg-w-call", lot_count=2, max_lots_submitted=1,
            dispatch_date=dt.date(2019, 1, 7), estimated_value=Decimal("1000.5"),
            **{
                **NONE,
                "lots": [
                    {"lot_id": "1", "lot_kind": "lot", "duration_value": Decimal(2), "duration_unit": "YEAR",
                     "candidates_min": 5, "candidates_max": 5, "variants": "not-allowed",
                     "submission_languages": ["DEU", "ENG", "NOR"]},
                    {"lot_id": "2", "lot_kind": "lot", "start_date": dt.date(2019, 4, 1),
                     "end_date": dt.date(2019, 4, 30), "candidates_min": 3, "candidates_max": 6,
                     "framework_max_participants": 1},
                ],
            },
        ),
    ),
    (
        JANUARY,
        notice(2, form_type="competition", form_number="17", procedure_id="P2", notice_uuid="u", notice_version="01",
               legal_basis="32014L0025", lot_count=0, **NONE),
    ),
    (
        JUNE,
        notice(
            3, form_number="F03", format="ted-export", schema_version="R2.0.9.S03",
            previous_notices=["2019/S 007-000001"],
            legal_basis="32014L0024", contract_nature="supplies", buyer_country="GRC", lot_count=3, is_framework=True,
            total_value=Decimal(1500), total_value_currency="EUR", nuts_codes=["EL301"], cpv_additional=["45000000"],
            dispatch_date=dt.date(2019, 5, 31), is_joint_procurement=True,
            lots=[
                {"lot_id": "1", "lot_kind": "lot", "title": "Pfeiler", "nuts_codes": ["EL302", "EL303"],
                 "is_eu_funded": True},
                {"lot_id": "2", "lot_kind": "lot", "title": "Fahrbahn", "cpv_additional": ["44000000", "45221100"]},
                {"lot_id": "3", "lot_kind": "lot", "title": "Geländer"},
            ],
            lot_results=[
                {"status": "selec-w", "tenders_received": 1, "tenders_sme": 1, "lot_ids": ["1", "2"]},
                {"status": "selec-w", "tenders_received": 4},
                {"status": "clos-nw", "non_award_reason": "all-rej", "lot_ids": ["3"]},
                {"status": "clos-nw", "non_award_reason": "other", "lot_ids": ["1", "3"]},
            ],
            tenders=[{"result_ordinal": 1, "is_subcontracted": True}, {"result_ordinal": 2}],
            contracts=[
                {**WON, **EURO, "lot_ids": ["1", "2"], "value": Decimal(900), "contract_number": "A7",
                 "estimated_value": Decimal(950), "estimated_value_currency": "EUR", "is_awarded_to_group": True,
                 "conclusion_date": dt.date(2019, 5, 2)},
                {"result_ordinal": 2, "tender_ordinal": 2, "value_low": Decimal(300), "value_high": Decimal(400),
                 "value_currency": "EUR", "contract_title": "Wartung"},
            ],
            parties=[
                {"role": "buyer", "name": "Δήμος", "country": "GRC", "legal_type": "rl-aut",
                 "main_activity": "gen-pub"},
                {"role": "buyer", "name": "Council---North", "country": "GBR", "town": "Bath"},
                {"role": "winner", "name": "A", "country": "DEU", "size": "small", "tender_ordinal": 1},
                {"role": "winner", "name": "B", "country": "GBR", "size": "large", "town": "Leeds",
                 "tender_ordinal": 1},
                {"role": "winner", "name": "C", "tender_ordinal": 2},
                {"role": "tenderer", "name": "E", "country": "ITA"},
            ],
            criteria=[
                {"lot_ordinal": 1, "kind": "quality", "name": "Plan", "weight_text": "40 %"},
                {"lot_ordinal": 1, "kind": "price", "weight_text": "60 %"},
                {"lot_ordinal": 1, "kind": "quality", "name": "Team"},
                {"lot_ordinal": 2, "kind": "price"},
            ],
        ),
    ),
    (
        JUNE,
        notice(4, form_number="29", procedure_id="P2", notice_uuid="v", notice_version="01",
               procedure_type="neg-wo-call", lot_count=1,
               lots=[{"lot_id": "LOT-0001", "lot_kind": "lot", "title": "Alles"}],
               lot_results=[{"status": "selec-w", "lot_ids": ["LOT-0001"]}],
               tenders=[{"result_ordinal": 1}],
               contracts=[{**WON, "lot_ids": ["LOT-0001"], "value": Decimal(250), "value_currency": "GBP",
                           "is_value_withheld": True}],
               parties=[{"role": "buyer", "name": "K"}, {"role": "winner", "name": "D", "country": "FRA",
                                                          "tender_ordinal": 1}],
               criteria=[{"kind": "cost", "name": "Leben", "weight_number": Decimal("12.5")}]),
    ),
    # Corrections: of the call by number, of the award by its identifier and version, which it cancels.
    (
        JUNE,
        notice(5, format="ted-export", form_type="change", notice_type="corr", form_number="F14", **NONE,
               changes=[{"kind": "corrigendum", "changed_notice_id": "1-2019"},
                        {"kind": "corrigendum", "changed_notice_id": "1-2019"}])
    ),
    (JUNE, award(6, 77, changes=[{"kind": "corrigendum", "changed_notice_ref": "v-01", "reason_code": "cancel"}])),
    (JUNE, award(7, 10_000, form_type="dir-awa-pre")),
    (JUNE, award(8, 10_000, form_type="cont-modif")),
    # For the analyses: two German awards of division 72 (one with a single tender, one from abroad), a token, a giant,
    # one outside the directives, and one whose tenders are not counted.
    (JUNE, award(11, 5_000, cpv_main="72000000")),
    (JUNE, award(12, 7_000, cpv_main="72100000", lot_results=[{"status": "selec-w", "tenders_received": 3}],
                 parties=[{"role": "winner", "country": "AUT", "tender_ordinal": 1}])),
    (JUNE, award(13, 1, cpv_main="72000000")),
    (JUNE, award(14, 2 * 10**9, cpv_main="72000000")),
    (JUNE, award(15, 9_000, cpv_main="72000000", legal_basis="other")),
    (JUNE, award(16, 8_000, cpv_main="45000000", lot_results=[{"status": "selec-w"}])),
]  # fmt: skip


def made_rows(name: str) -> list[dict[str, Any]]:
    (table,) = (table for table in NOTICE_TABLES if table.name == name)
    return [row for package, made in MADE for row in Year._rows(table, made, PackageId.parse(package))]


@pytest.fixture(scope="module")
def athena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executor]:
    parts = {(table.name, 2019): as_parquet(table, made_rows(table.name)) for table in NOTICE_TABLES}
    with lake(Path(tmp_path_factory.mktemp("ted_csv")), parts) as made:
        yield made


def asked(athena: Executor, sql: str) -> Rows:
    result = athena.run(sql, DATABASE)
    return [dict(zip((column.name for column in result.columns), row, strict=True)) for row in result.rows]


@pytest.fixture(scope="module")
def ted_can(athena: Executor) -> Rows:
    return asked(athena, "SELECT * FROM ted_can ORDER BY id_award, id_lot_awarded")


@pytest.fixture(scope="module")
def ted_cn(athena: Executor) -> Rows:
    return asked(athena, "SELECT * FROM ted_cn ORDER BY id_notice_cn, id_lot")


def of(rows: Rows, notice_id: str) -> Rows:
    return [row for row in rows if notice_id in (row.get("id_notice_can"), row.get("id_notice_cn"))]


def column(rows: Rows, name: str) -> list[str | None]:
    return [row[name] for row in rows]


@pytest.mark.parametrize(("view", "header", "count"), [("ted_can", CAN, 75), ("ted_cn", CN, 64)])
def test_names_and_order_are_those_of_the_csv(
    request: pytest.FixtureRequest, view: str, header: str, count: int
) -> None:
    found = list(request.getfixturevalue(view)[0])
    assert [name.upper() for name in found] == header.split()
    assert len(found) == count


@pytest.mark.parametrize("view", [TED_CAN, TED_CN], ids=lambda view: view.name)
def test_a_column_without_a_source_is_null_and_says_why(request: pytest.FixtureRequest, view: Any) -> None:
    rows = request.getfixturevalue(view.name)
    said = {column.name for column in view if column.meaning.startswith("NULL: ")}
    assert [name for name in said for row in rows if row[name] is not None] == []
    assert {"eu_inst_code", "fra_estimated", "value_euro_fin_2"} <= said


def test_there_is_a_row_per_contract_and_lot_and_one_per_outcome_without_contract(
    athena: Executor, ted_can: Rows
) -> None:
    """Groups, criteria, several buyers and corrections make no further rows."""
    kept = [f"'{n}-2019'" for n in (3, 4, 11, 12, 13, 14, 15, 16)]
    (expected,) = asked(
        athena,
        f"""
        SELECT contract_rows + outcome_rows AS rows FROM
            (SELECT 1 AS one,
                    sum(CASE WHEN cardinality(lot_ids) > 0 THEN cardinality(lot_ids) ELSE 1 END) AS contract_rows
             FROM contracts WHERE notice_id IN ({", ".join(kept)})) c
        JOIN
            (SELECT 1 AS one, count(*) AS outcome_rows FROM lot_results r
             LEFT JOIN contracts c ON c.notice_id = r.notice_id AND c.result_ordinal = r.result_ordinal
             WHERE c.notice_id IS NULL AND r.notice_id IN ({", ".join(kept)})) r ON r.one = c.one
        """,  # noqa: S608
    )
    assert expected["rows"] == "12"
    assert len(ted_can) == 12
    assert len(set(column(ted_can, "id_notice_can"))) == 8


def test_a_contract_over_two_lots_has_its_value_once_and_each_lot_its_own(ted_can: Rows) -> None:
    rows = of(ted_can, "20193")
    assert column(rows, "id_award") == ["20193-1", "20193-1", "20193-2", "20193-R3", "20193-R4"]
    assert column(rows, "id_lot_awarded") == ["1", "2", None, "3", "1---3"]
    assert column(rows, "id_lot") == ["1", "2", None, "3", None]
    assert column(rows, "award_value_euro") == ["900.00", None, None, None, None]
    assert column(rows, "award_value_euro_fin_1") == ["900.00", None, "300.00", "0.00", "0.00"]
    assert column(rows, "award_est_value_euro") == ["950.00", None, None, None, None]
    assert column(rows, "value_euro") == ["1500.00"] * 5
    assert column(rows, "tal_location_nuts") == ["EL302---EL303", *["EL301"] * 4]
    assert column(rows, "additional_cpvs") == ["45000000", "44000000---45221100", *["45000000"] * 3]
    assert column(rows, "b_eu_funds") == ["Y", None, None, None, None]
    assert column(rows, "title") == ["Pfeiler", "Fahrbahn", "Wartung", "Geländer", "Brücke 3"]
    assert column(rows, "lots_number") == ["3"] * 5
    assert column(rows, "number_awards") == ["4"] * 5
    assert column(rows, "number_offers") == ["1", "1", "4", None, None]
    assert column(rows, "b_subcontracted") == ["Y", "Y", None, None, None]
    assert column(rows, "dt_award") == ["2019-05-02", "2019-05-02", None, None, None]


def test_values_are_in_euro_of_the_day_of_publication(ted_can: Rows) -> None:
    """On 3 June 2019 a euro was 0.88618 pounds: 250 / 0.88618 = 282.1098."""
    (row,) = of(ted_can, "20194")
    assert row["award_value_euro"] == row["award_value_euro_fin_1"] == row["value_euro_fin_1"] == "282.11"
    assert row["value_euro"] is None


def test_criteria_are_the_lots_own_without_the_price(ted_can: Rows) -> None:
    rows = of(ted_can, "20193")
    assert column(rows, "crit_code") == ["M", "L", None, None, None]
    assert column(rows, "crit_price_weight") == ["60 %", None, None, None, None]
    assert column(rows, "crit_criteria") == ["Plan---Team", None, None, None, None]
    assert column(rows, "crit_weights") == ["40 %---", None, None, None, None]
    (whole,) = of(ted_can, "20194")
    assert (whole["crit_code"], whole["crit_criteria"], whole["crit_weights"]) == ("M", "Leben", "12.5")


def test_members_stand_in_the_same_place_in_every_column(ted_can: Rows) -> None:
    first = of(ted_can, "20193")[0]
    assert (first["win_name"], first["win_town"]) == ("A---B", "---Leeds")
    assert (first["win_country_code"], first["b_contractor_sme"]) == ("DE---UK", "Y---N")
    assert (first["win_nationalid"], first["b_awarded_to_a_group"]) == (None, "Y")
    assert first["cae_name"] == "Δήμος---Council--North", "what joins is in no name"
    assert (first["cae_town"], first["cae_nationalid"]) == ("---Bath", None)
    assert (first["b_multiple_cae"], first["b_multiple_country"]) == ("Y", "Y")
    assert (first["iso_country_code"], first["iso_country_code_all"]) == ("GR", "GR---UK")


def test_an_outcome_without_contract_says_why(ted_can: Rows) -> None:
    rows = of(ted_can, "20193")
    assert column(rows, "info_on_non_award") == [
        None, None, None, "PROCUREMENT_UNSUCCESSFUL", "PROCUREMENT_DISCONTINUED"
    ]  # fmt: skip
    assert column(rows, "win_name") == ["A---B", "A---B", "C", None, None]


def test_codes_are_those_of_the_csv(ted_can: Rows) -> None:
    old, new = of(ted_can, "20193")[0], of(ted_can, "20194")[0]
    assert (old["id_notice_can"], old["ted_notice_url"]) == ("20193", "ted.europa.eu/en/notice/-/detail/3-2019")
    assert (old["id_type"], new["id_type"]) == ("3", "3"), "F03 and the subtype that replaces it"
    assert (old["xsd_version"], new["xsd_version"]) == ("2.0.9", "eForms")
    assert (old["type_of_contract"], old["cae_type"], old["main_activity"]) == ("U", "3", "General public\\services")
    assert (old["top_type"], new["top_type"]) == ("OPE", "NOC")
    assert (old["b_fra_agreement"], new["b_fra_agreement"]) == ("Y", "N")
    assert (old["b_involves_joint_procurement"], old["b_on_behalf"]) == ("Y", None)
    assert (old["info_unpublished"], new["info_unpublished"]) == ("N", "Y")
    assert (old["dt_dispatch"], old["year"]) == ("2019-05-31", "2019")


def test_corrections_are_counted_on_what_they_correct(ted_can: Rows, ted_cn: Rows) -> None:
    """By its number, or by its identifier and version."""
    corrected = of(ted_can, "20194")[0]
    assert (corrected["cancelled"], corrected["corrections"]) == ("1", "1")
    assert {row["corrections"] for row in of(ted_can, "20193")} == {"0"}
    (one, other) = [(row["cancelled"], row["corrections"]) for row in of(ted_cn, "20191")]
    assert one == other == ("0", "1"), "two changes of one corrigendum"


def test_a_call_has_a_row_per_lot(ted_cn: Rows) -> None:
    rows = ted_cn
    assert column(rows, "id_notice_cn") == ["20191", "20191", "20192"]
    assert column(rows, "id_lot") == ["1", "2", None]
    assert column(rows, "future_can_id") == ["20193", "20193", "20194"], "named by number, and of one procedure"
    assert column(rows, "future_can_id_estimated") == ["N", "N", "N"]
    assert column(rows, "lots_number") == ["2", "2", "0"]
    assert column(rows, "lots_submission") == ["O", "O", None]
    assert [row["duration"] and Decimal(row["duration"]) for row in rows] == [24, 1, None]
    assert column(rows, "env_operators") == ["5", None, None]
    assert column(rows, "env_min_operators") == [None, "3", None]
    assert column(rows, "env_max_operators") == [None, "6", None]
    assert column(rows, "b_variants") == ["N", None, None]
    assert column(rows, "b_fra_single_operator") == [None, "Y", None]
    assert column(rows, "admin_languages_tender") == ["DE---EN", None, None]
    assert column(rows, "admin_other_languages_tender") == ["NOR", None, None]
    assert column(rows, "b_language_any_ec") == ["N", None, None]
    assert column(rows, "value_euro") == ["1000.50", "1000.50", "1000.50"]
    assert column(rows, "top_type") == ["NEC", "NEC", "OPE"]
    assert column(rows, "id_type") == ["2", "2", "5"]
    assert column(rows, "cae_type") == ["8", "8", "4"], "utilities have no type of authority"
    assert column(rows, "contract_start") == [None, "2019-04-01", None]


def test_every_code_has_its_code_of_the_csv(athena: Executor) -> None:
    listed: dict[str, dict[str, str]] = {}
    for row in asked(athena, "SELECT list, code, csv_code FROM ted_csv_codes"):
        listed.setdefault(str(row["list"]), {})[str(row["code"])] = str(row["csv_code"])
    assert set(listed["country"]) == set(COUNTRIES.values())
    assert all(COUNTRIES[two] == three for three, two in listed["country"].items())
    assert {listed["country"][each] for each in ("GBR", "GRC", "DEU")} == {"UK", "GR", "DE"}
    assert len(listed["language"]) == 24
    assert all(LANGUAGES[two] == three for three, two in listed["language"].items())
    assert set(listed["activity"]) == set(eforms.MAIN_ACTIVITIES) - {"extraction"}
    assert set(listed["buyer"]) <= set(eforms.LEGAL_TYPES)
    assert set(listed["form"]) == {
        number for number, kind in eforms.FORM_TYPES_BY_SUBTYPE.items() if kind in ("competition", "result")
        if number.isdigit()
    }  # fmt: skip


# ---- what users of the CSV did, as docs/ted-csv.md has it --------------------------------------------------------


def analyses() -> dict[str, str]:
    page = (PROJECT / "docs" / "ted-csv.md").read_text(encoding="utf-8")
    found = re.findall(r"^### (.+?)\n.*?```sql\n(.+?)```", page.partition("## Analyses")[2], re.MULTILINE | re.DOTALL)
    return dict(found)


ANSWERS: dict[str, list[list[str | None]]] = {
    # Of the German awards those of 5,000 (one tender) and 7,000 (three) count: the token and the giant, what is outside
    # the directives, and what has no number of tenders are left out.
    "Single bidding by country": [["DE", "2019", "2", "1", "50.0"]],
    "Cross-border share": [["DE", "2019", "3", "1", "33.3"]],
    "Value by CPV division": [["72", "2019", "2", "12000.00"], ["45", "2019", "1", "8000.00"]],
}


def test_the_page_has_the_three_analyses_and_they_name_columns_of_the_csv_alone() -> None:
    assert set(analyses()) == set(ANSWERS)
    for sql in analyses().values():
        names = set(re.findall(r"\b[A-Z]+(?:_[A-Z0-9]+)+\b|\bCANCELLED\b|\bYEAR\b|\bCPV\b", sql))
        assert len(names) >= 5
        assert names <= set(CAN.split())
        assert re.findall(r"FROM (\w+)", sql)[0] == "ted_can"


@pytest.mark.parametrize("title", sorted(ANSWERS))
def test_an_analysis_of_the_csv_gives_what_was_worked_out_by_hand(athena: Executor, title: str) -> None:
    assert athena.run(analyses()[title], DATABASE).rows == ANSWERS[title]


def test_the_page_tells_of_every_column() -> None:
    page = (PROJECT / "docs" / "ted-csv.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", page))
    assert set(CAN.split()) | set(CN.split()) <= told
