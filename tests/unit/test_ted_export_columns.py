"""TED_EXPORT: columns of the second list, forms of 2004 read whole, and what forms leave to the coded section."""

# ruff: noqa: E501 (an element is easier to read on one line)

from typing import Any

import pytest

from runtime.extract.notice import Notice
from tests.unit.ted_export_documents import BODY, document, inside, older, read, rows


def column(notice: Notice, table: str, *names: str, **wanted: Any) -> list[Any]:
    return [tuple(row.get(name) for name in names) for row in rows(notice, table, **wanted)]


def of_form(form: str, body: str, *faults: str) -> Notice:
    """A form of R2.0.9 with one lot."""
    lot = "<OBJECT_CONTRACT><TITLE><P>Roads</P></TITLE><OBJECT_DESCR/></OBJECT_CONTRACT>"
    return read(document(BODY + lot + body, form=form), *faults)


def coded(form: str, codes: str = "", data: str = "", body: str = "") -> Notice:
    """A form of R2.0.8 that says little, below a coded section that says more."""
    name, buyer = BUYERS[form]
    forms = f'<{name} CATEGORY="ORIGINAL" LG="EN" FORM="{form}"><FD_{name}>{buyer}{body}</FD_{name}></{name}>'
    return read(document(forms=forms, version="R2.0.8.S02.E01", codes=codes, coded=data))


BUYERS = {
    form: (name, inside(f"{place}/CA_CE_CONCESSIONAIRE_PROFILE/ORGANISATION/OFFICIALNAME", "Town"))
    for form, name, place in (
        ("2", "CONTRACT", "CONTRACTING_AUTHORITY_INFORMATION/NAME_ADDRESSES_CONTACT_CONTRACT"),
        (
            "3",
            "CONTRACT_AWARD",
            "CONTRACTING_AUTHORITY_INFORMATION_CONTRACT_AWARD/NAME_ADDRESSES_CONTACT_CONTRACT_AWARD",
        ),
        (
            "19",
            "CONTRACT_CONCESSIONAIRE_DEFENCE",
            "CONTRACTING_AUTHORITY_INFORMATION_CONTRACT_SUB_DEFENCE/NAME_ADDRESSES_CONTACT_CONTRACT",
        ),
    )
}
DESCRIPTION = "OBJECT_CONTRACT_INFORMATION/DESCRIPTION_CONTRACT_INFORMATION"
AWARD_DESCRIPTION = "OBJECT_CONTRACT_INFORMATION_CONTRACT_AWARD_NOTICE/DESCRIPTION_AWARD_NOTICE_INFORMATION"
AWARD_PROCEDURE = "PROCEDURE_DEFINITION_CONTRACT_AWARD_NOTICE/TYPE_OF_PROCEDURE_DEF"
ADMINISTRATIVE = "PROCEDURE_DEFINITION_CONTRACT_NOTICE/ADMINISTRATIVE_INFORMATION_CONTRACT_NOTICE"
WINNER = (
    "<ECONOMIC_OPERATOR_NAME_ADDRESS><CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME><ORGANISATION>"
    "<OFFICIALNAME>{}</OFFICIALNAME></ORGANISATION></CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME>"
    "</ECONOMIC_OPERATOR_NAME_ADDRESS>"
)


def cost(text: str, fmtval: str = "") -> str:
    value = f' FMTVAL="{fmtval}"' if fmtval else ""
    return f"<VALUE_COST{value}>{text}</VALUE_COST>"


# ---- R2.0.9 -------------------------------------------------------------------------------------------------------


def test_terms_of_the_procedure_are_those_of_its_lots() -> None:
    notice = of_form(
        "F05",
        "<LEFTI><RESTRICTED_SHELTERED_WORKSHOP/><RESTRICTED_SHELTERED_PROGRAM/>"
        "<DEPOSIT_GUARANTEE_REQUIRED><P>Five per cent</P></DEPOSIT_GUARANTEE_REQUIRED></LEFTI>"
        "<PROCEDURE><FRAMEWORK><SEVERAL_OPERATORS/><NB_PARTICIPANTS>4</NB_PARTICIPANTS></FRAMEWORK>"
        "<DPS/><DPS_ADDITIONAL_PURCHASERS/>"
        '<LANGUAGES><LANGUAGE VALUE="FR"/><LANGUAGE VALUE="NL"/><LANGUAGE VALUE="FR"/></LANGUAGES>'
        '<DURATION_TENDER_VALID TYPE="MONTH">6</DURATION_TENDER_VALID>'
        "<OPENING_CONDITION><DATE_OPENING_TENDERS>2019-04-02</DATE_OPENING_TENDERS>"
        "<TIME_OPENING_TENDERS>10:30</TIME_OPENING_TENDERS></OPENING_CONDITION></PROCEDURE>"
        "<COMPLEMENTARY_INFO><NO_RECURRENT_PROCUREMENT/><EORDERING/><EINVOICING/><EPAYMENT/></COMPLEMENTARY_INFO>",
        "Duplicate key-sequence ['FR']",
    )
    (row,) = rows(notice, "lots")
    wanted = {
        "reserved_participation": ["res-ws"],
        "reserved_execution": "yes",
        "is_guarantee_required": True,
        "framework_max_participants": 4,
        "dps_type": "dps-nlist",
        "submission_languages": ["FRA", "NLD"],
        "tender_validity_value": "6",
        "tender_validity_unit": "MONTH",
        "opening_date": "2019-04-02",
        "opening_time": "10:30",
        "is_recurrent": False,
        "has_electronic_ordering": True,
        "electronic_invoicing": "allowed",
        "has_electronic_payment": True,
    }
    assert {name: row[name] for name in wanted} == wanted
    assert not wanted.keys() & notice.row.keys()


def test_social_services_may_be_reserved_for_organisations_with_a_public_mission() -> None:
    lefti = "<LEFTI><RESTRICTED_SHELTERED_WORKSHOP/><RESERVED_ORGANISATIONS_SERVICE_MISSION/></LEFTI>"
    assert column(of_form("F21", lefti), "lots", "reserved_participation") == [(["res-ws", "res-pub-ser"],)]


def test_lots_have_their_candidates_variants_and_periods_without_end() -> None:
    lot = (
        "<OBJECT_CONTRACT><CPV_MAIN><CPV_CODE CODE='45000000'/><CPV_SUPPLEMENTARY_CODE CODE='IA01'/></CPV_MAIN>"
        "<LOT_DIVISION><LOT_MAX_NUMBER>3</LOT_MAX_NUMBER><LOT_MAX_ONE_TENDERER>1</LOT_MAX_ONE_TENDERER></LOT_DIVISION>"
        "<OBJECT_DESCR>"
        "<CPV_ADDITIONAL><CPV_CODE CODE='45100000'/><CPV_SUPPLEMENTARY_CODE CODE='JA02'/></CPV_ADDITIONAL>{}"
        "<NO_ACCEPTED_VARIANTS/><EU_PROGR_RELATED><P>ERDF 7</P></EU_PROGR_RELATED></OBJECT_DESCR></OBJECT_CONTRACT>"
    )
    limits = "<NB_MIN_LIMIT_CANDIDATE>3</NB_MIN_LIMIT_CANDIDATE><NB_MAX_LIMIT_CANDIDATE>5</NB_MAX_LIMIT_CANDIDATE>"
    notice = read(document(BODY + lot.format(limits), form="F02"))
    assert column(
        notice, "lots", "candidates_min", "candidates_max", "variants", "eu_project_ids", "cpv_supplementary",
    ) == [(3, 5, "not-allowed", ["ERDF 7"], ["JA02"])]  # fmt: skip
    row = notice.row
    assert (row["max_lots_submitted"], row["max_lots_awarded"]) == (3, 1)
    assert row["cpv_supplementary"] == ["IA01", "JA02"]


def test_a_qualification_system_may_have_no_end() -> None:
    lot = "<OBJECT_CONTRACT><OBJECT_DESCR><QS><INDEFINITE_DURATION/></QS></OBJECT_DESCR></OBJECT_CONTRACT>"
    notice = read(document("<NOTICE TYPE='QSU_ONLY'/>" + BODY + lot, form="F22"))
    assert column(notice, "lots", "duration_code") == [("UNLIMITED",)]


def test_a_prior_information_notice_says_when_the_next_one_comes() -> None:
    lot = "<OBJECT_CONTRACT><OBJECT_DESCR/><DATE_PUBLICATION_NOTICE>2019-09-01</DATE_PUBLICATION_NOTICE></OBJECT_CONTRACT>"
    assert read(document(BODY + lot, form="F01")).row["future_notice_date"] == "2019-09-01"


def test_a_contest_says_how_many_take_part() -> None:
    notice = of_form("F12", "<PROCEDURE><PT_RESTRICTED/><NB_MIN_PARTICIPANTS>3</NB_MIN_PARTICIPANTS>"
                     "<NB_MAX_PARTICIPANTS>9</NB_MAX_PARTICIPANTS></PROCEDURE>")  # fmt: skip
    assert column(notice, "lots", "candidates_min", "candidates_max") == [(3, 9)]


def test_each_outcome_says_that_the_dynamic_purchasing_system_ends() -> None:
    award = "<AWARD_CONTRACT><NO_AWARDED_CONTRACT><PROCUREMENT_UNSUCCESSFUL/></NO_AWARDED_CONTRACT></AWARD_CONTRACT>"
    notice = of_form("F03", "<PROCEDURE><DPS/><TERMINATION_DPS/></PROCEDURE>" + award * 2)
    assert column(notice, "lot_results", "is_dps_terminated") == [(True,), (True,)]
    assert "is_dps_terminated" not in notice.row
    assert column(of_form("F03", award), "lot_results", "is_dps_terminated") == [(None,)]


def test_a_direct_award_tells_its_reasons() -> None:
    def direct(reasons: str, *faults: str) -> Notice:
        award = f"<PT_AWARD_CONTRACT_WITHOUT_CALL>{reasons}<D_JUSTIFICATION><P>One maker</P></D_JUSTIFICATION>"
        return of_form("F03", f"<PROCEDURE>{award}</PT_AWARD_CONTRACT_WITHOUT_CALL></PROCEDURE>", *faults)

    several = "<D_PROC_OPEN/><D_TECHNICAL/><D_REPETITION_EXISTING/>"
    notice = direct(f"<D_ACCORDANCE_ARTICLE>{several}</D_ACCORDANCE_ARTICLE>")
    assert notice.row["direct_award_codes"] == ["unsuitable", "technical", "repetition"]
    assert notice.row["direct_award_text"] == "One maker"
    assert direct("<D_OUTSIDE_SCOPE/>").row.get("direct_award_codes") is None
    twice = direct(
        "<D_ACCORDANCE_ARTICLE><D_TECHNICAL/><D_TECHNICAL/></D_ACCORDANCE_ARTICLE>", "D_TECHNICAL has no place"
    )
    assert twice.row["direct_award_codes"] == ["technical"]


# ---- R2.0.7, R2.0.8 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrapper", ["F03_PT_NEGOTIATED_WITHOUT_COMPETITION", "F03_AWARD_WITHOUT_PRIOR_PUBLICATION"])
def test_a_direct_award_of_2004_tells_its_reasons_in_annex_d(wrapper: str) -> None:
    notice = read(
        older(
            inside(
                f"{AWARD_PROCEDURE}/{wrapper}/ANNEX_D",
                "<JUSTIFICATION_CHOICE_NEGOCIATED_PROCEDURE><EXTREME_URGENCY_EVENTS_UNFORESEEABLE/>"
                "</JUSTIFICATION_CHOICE_NEGOCIATED_PROCEDURE>"
                "<REASON_CONTRACT_LAWFUL><P>Flood</P></REASON_CONTRACT_LAWFUL>",
            )
        )
    )
    assert notice.row["procedure_type"] == "neg-wo-call"
    assert notice.row["direct_award_codes"] == ["urgency"]
    assert notice.row["direct_award_text"] == "Flood"


def test_conditions_of_a_form_of_2004_hold_for_its_lots() -> None:
    body = (
        "<LEFTI_CONTRACT><CONTRACT_RELATING_CONDITIONS><DEPOSITS_GUARANTEES_REQUIRED><P>{}</P>"
        "</DEPOSITS_GUARANTEES_REQUIRED></CONTRACT_RELATING_CONDITIONS><F02_CONDITIONS_FOR_PARTICIPATION>"
        "<RESERVED_CONTRACTS><RESTRICTED_TO_SHELTERED_WORKSHOPS/><RESTRICTED_TO_FRAMEWORK/></RESERVED_CONTRACTS>"
        "</F02_CONDITIONS_FOR_PARTICIPATION></LEFTI_CONTRACT>"
    )
    names = ("reserved_participation", "reserved_execution", "is_guarantee_required")
    for text, is_required in (("3 % of the value", True), ("N/A.", False)):
        notice = read(older(body.format(text), form="2", name="CONTRACT"))
        assert column(notice, "lots", *names) == [(["res-ws"], "yes", is_required)]


def test_terms_of_a_form_of_2004_hold_for_its_lots() -> None:
    notice = read(
        older(
            inside(
                "CONTRACTING_AUTHORITY_INFORMATION/NAME_ADDRESSES_CONTACT_CONTRACT/INTERNET_ADDRESSES_CONTRACT",
                "<URL_PARTICIPATE>https://tenders.test</URL_PARTICIPATE>",
            )
            + inside(
                "OBJECT_CONTRACT_INFORMATION",
                inside(
                    "DESCRIPTION_CONTRACT_INFORMATION",
                    inside("F02_FRAMEWORK/SEVERAL_OPERATORS/MAX_NUMBER_PARTICIPANTS", "5"),
                    '<F02_DIVISION_INTO_LOTS><F02_DIV_INTO_LOT_YES VALUE="ONE_LOT_ONLY"/></F02_DIVISION_INTO_LOTS>'
                    '<ACCEPTED_VARIANTS VALUE="YES"/>',
                ),
                inside("QUANTITY_SCOPE/RECURRENT_CONTRACT/NUMBER_POSSIBLE_RENEWALS", "2"),
            )
            + inside(
                ADMINISTRATIVE,
                '<LANGUAGE><LANGUAGE_EC VALUE="EN"/><LANGUAGE_EC VALUE="GA"/></LANGUAGE>',
                inside("MINIMUM_TIME_MAINTAINING_TENDER/PERIOD_DAY", "90"),
                "<CONDITIONS_FOR_OPENING_TENDERS><DATE_TIME><DAY>4</DAY><MONTH>3</MONTH><YEAR>2012</YEAR><TIME>10:00</TIME>"
                "</DATE_TIME></CONDITIONS_FOR_OPENING_TENDERS>",
            )
            + "<COMPLEMENTARY_INFORMATION_CONTRACT_NOTICE><RECURRENT_PROCUREMENT/></COMPLEMENTARY_INFORMATION_CONTRACT_NOTICE>",
            form="2",
            name="CONTRACT",
        )
    )
    assert column(
        notice, "lots", "submission_url", "framework_max_participants", "variants", "renewal_maximum",
        "submission_languages", "tender_validity_value", "tender_validity_unit", "opening_date", "opening_time",
        "is_recurrent",
    ) == [
        ("https://tenders.test", 5, "allowed", 2, ["ENG", "GLE"], "90", "DAY", "2012-03-04", "10:00", True)
    ]  # fmt: skip
    assert notice.row["max_lots_submitted"] == 1


@pytest.mark.parametrize(
    ("text", "fmtval", "value"),
    [
        ("49 700", "49700", "49700"),
        ("49 700", "4970000", "49700"),  # in cents
        ("49 700", "49700000000000000", "49700"),  # times 10^12
        ("49 700,50", "49700.50", "49700.5"),
        ("1,234", "1234", "1234"),  # the text could be either
        ("about 5", "5000", "5000"),
        ("49 700", "", "49700"),
        ("0", "100", "100"),
    ],
)
def test_the_machines_amount_holds_unless_it_is_of_another_scale_than_the_text(
    text: str, fmtval: str, value: str
) -> None:
    award = (
        "<AWARD_OF_CONTRACT>" + WINNER.format("Builder") + "<CONTRACT_VALUE_INFORMATION>"
        f'<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="EUR">{cost(text, fmtval)}<EXCLUDING_VAT/>'
        "</COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE></CONTRACT_VALUE_INFORMATION></AWARD_OF_CONTRACT>"
    )
    assert column(read(older(award)), "contracts", "value", "value_currency", "is_vat_included") == [
        (value, "EUR", False)
    ]


def test_an_estimate_may_be_a_range_and_is_then_the_notices_alone() -> None:
    notice = read(
        older(
            inside(
                "OBJECT_CONTRACT_INFORMATION/QUANTITY_SCOPE/NATURE_QUANTITY_SCOPE",
                '<COSTS_RANGE_AND_CURRENCY CURRENCY="EUR"><RANGE_VALUE_COST><LOW_VALUE>10 000</LOW_VALUE>'
                "<HIGH_VALUE>20 000</HIGH_VALUE></RANGE_VALUE_COST></COSTS_RANGE_AND_CURRENCY>",
            ),
            form="2",
            name="CONTRACT",
        )
    )
    names = ("estimated_value", "estimated_value_low", "estimated_value_high", "estimated_value_currency")
    assert [notice.row.get(name) for name in names] == [None, "10000", "20000", "EUR"]
    assert column(notice, "lots", *names) == [(None, None, None, None)]


@pytest.mark.parametrize(("name", "per"), [("NUMBER_OF_YEARS", "year"), ("NUMBER_OF_MONTHS", "month")])
def test_a_value_of_one_year_or_month_says_for_how_many(name: str, per: str) -> None:
    award = (
        "<AWARD_OF_CONTRACT>" + WINNER.format("Builder") + "<CONTRACT_VALUE_INFORMATION>"
        f'<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="EUR">{cost("25 000")}'
        "</COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE><MORE_INFORMATION_IF_ANNUAL_MONTHLY>"
        f"<{name}>4</{name}></MORE_INFORMATION_IF_ANNUAL_MONTHLY></CONTRACT_VALUE_INFORMATION></AWARD_OF_CONTRACT>"
    )
    assert column(read(older(award)), "contracts", "value", "value_per", "value_periods") == [("25000", per, 4)]


@pytest.mark.parametrize(
    "name",
    ["Infructueux", "Lot déclaré infructueux", "SANS SUITE", "Desierto.", "Brak ofert", "Unieważniono", "No award"],
)
def test_a_winner_whose_whole_name_says_so_is_none(name: str) -> None:
    award = f"<AWARD_OF_CONTRACT><CONTRACT_NUMBER>7</CONTRACT_NUMBER>{WINNER.format(name)}</AWARD_OF_CONTRACT>"
    notice = read(older(award))
    assert column(notice, "lot_results", "status") == [("clos-nw",)]
    assert not rows(notice, "contracts")
    assert not rows(notice, "tenders")
    assert not rows(notice, "parties", role="winner")
    assert notice.warnings == [f"no-award {name}"]


@pytest.mark.parametrize("name", ["Desierto Construcciones SA", "Infructueux et Fils", "Brak Ofert Sp. z o.o."])
def test_a_name_that_only_contains_such_words_is_a_winners(name: str) -> None:
    notice = read(older(f"<AWARD_OF_CONTRACT>{WINNER.format(name)}</AWARD_OF_CONTRACT>"))
    assert column(notice, "lot_results", "status") == [("selec-w",)]
    assert column(notice, "parties", "name", role="winner") == [(name,)]


def test_a_corrigendum_may_say_that_nothing_was_awarded() -> None:
    notice = read(
        older(
            inside(
                "COMPLEMENTARY_ICAR/NOTICE_INVOLVES_ICAR/INCOMPLETE_PROCEDURE/INCOMPLETE_AWARDING_PROCEDURE",
                '<INCOMPLETE_REASON VALUE="PROCEDURE_UNSUCCESSFUL"/>',
            ),
            form="14",
            name="ADDITIONAL_INFORMATION_CORRIGENDUM",
        )
    )
    assert column(notice, "lot_results", "status", "non_award_reason") == [("clos-nw", "all-rej")]


def test_an_estimate_of_a_periodic_notice_is_no_total_and_its_call_makes_it_a_competition() -> None:
    costs = f'<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="EUR">{cost("5 000")}</COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE>'
    notice = read(
        older(
            "<INTRODUCTION_PERIODIC_INDICATIVE><NOTICE_CALL_COMPETITION/><ANNEX_I><AI_PROCEDURE_PERIODIC_INDICATIVE>"
            "<F04_TYPE_PROCEDURE TYPE='RESTRICTED'/></AI_PROCEDURE_PERIODIC_INDICATIVE></ANNEX_I>"
            "</INTRODUCTION_PERIODIC_INDICATIVE>"
            f"<COMPLEMENTARY_INFORMATION_PERIODIC_INDICATIVE>{costs}</COMPLEMENTARY_INFORMATION_PERIODIC_INDICATIVE>",
            form="4",
            name="PERIODIC_INDICATIVE_UTILITIES",
        )
    )
    row = notice.row
    assert (row["estimated_value"], row.get("total_value")) == ("5000", None)
    assert (row["notice_type"], row["form_type"]) == ("pin-cfc-standard", "competition")
    assert row["procedure_type"] == "restricted"


def test_a_transport_award_has_its_operator_its_owner_its_values_and_a_lot() -> None:
    party = "<{0}><CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME><ORGANISATION><OFFICIALNAME>{1}</OFFICIALNAME></ORGANISATION></CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME></{0}>"
    notice = read(
        older(
            "<OBJECT_CONTRACT_MOVE><DESCRIPTION_CONTRACT_MOVE><TITLE_CONTRACT><P>Buses</P></TITLE_CONTRACT>"
            "</DESCRIPTION_CONTRACT_MOVE><PERIOD_MOVE_DATE_STARTING><MONTHS>60</MONTHS>"
            "</PERIOD_MOVE_DATE_STARTING></OBJECT_CONTRACT_MOVE><AWARD_CONTRACT_MOVE>"
            f"{party.format('ECONOMIC_OPERATOR_NAME_ADDRESS', 'Bus Ltd')}{party.format('PARTY_NAME_ADDRESS', 'Holding')}"
            f'<CONTRACT_VALUE_INFORMATION><INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT CURRENCY="EUR">{cost("900")}'
            "</INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT>"
            f'<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="EUR">{cost("800")}'
            "</COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE></CONTRACT_VALUE_INFORMATION></AWARD_CONTRACT_MOVE>",
            form="T02",
            name="CONTRACT_MOVE",
        )
    )
    assert column(notice, "contracts", "value", "estimated_value") == [("800", "900")]
    assert (notice.row.get("total_value"), notice.row.get("estimated_value")) == (None, None)
    assert [(row["role"], row["name"]) for row in rows(notice, "parties")] == [
        ("winner", "Bus Ltd"),
        ("owner", "Holding"),
    ]
    assert column(notice, "lots", "duration_value", "duration_unit") == [("60", "MONTH")]


def test_a_title_that_is_not_for_publication_is_in_no_column() -> None:
    notice = read(
        older(
            inside(
                "AWARD_CONTRACT_CONTRACT_AWARD_UTILITIES",
                "<AWARD_AND_CONTRACT_VALUE><CONTRACT_NO>1</CONTRACT_NO></AWARD_AND_CONTRACT_VALUE>"
                "<MANDATORY_INFORMATION_NOT_INTENDED_PUBLICATION><TITLE_CONTRACT><P>Secret</P></TITLE_CONTRACT>"
                "</MANDATORY_INFORMATION_NOT_INTENDED_PUBLICATION>",
            ),
            form="6",
            name="CONTRACT_AWARD_UTILITIES",
        )
    )
    assert "Secret" not in str(notice.children)
    assert notice.row.get("title") is None


def test_the_spelling_of_2011_is_read_too() -> None:
    award = f"<AWARD_OF_CONTRACT_DEFENSE>{WINNER.format('Maker')}</AWARD_OF_CONTRACT_DEFENSE>"
    assert column(read(older(award, form="18", version="R2.0.8.S01.E01")), "lot_results", "status") == [("selec-w",)]


# ---- what a form leaves to the coded section ----------------------------------------------------------------------


def test_the_coded_section_fills_activity_criterion_and_places() -> None:
    notice = coded(
        "19",
        '<MA_MAIN_ACTIVITIES CODE="S"/><AC_AWARD_CRIT CODE="1"/>',
        '<CA_CE_NUTS CODE="IE061"/><IA_URL_GENERAL>https://town.test</IA_URL_GENERAL><ORIGINAL_CPV CODE="45000000"/>',
    )
    assert column(notice, "parties", "main_activity", "nuts_code", "website") == [
        ("gen-pub", "IE061", "https://town.test")
    ]
    assert column(notice, "criteria", "kind") == [("price",)]


def test_the_coded_section_fills_values_that_the_form_does_not_say() -> None:
    def values(kind: str, *texts: str) -> str:
        inner = "".join(f'<VALUE CURRENCY="GBP">{text}</VALUE>' for text in texts)
        return f'<VALUES_LIST><VALUES TYPE="{kind}"><SINGLE_VALUE>{inner}</SINGLE_VALUE></VALUES></VALUES_LIST>'

    award = f"<AWARD_OF_CONTRACT>{WINNER.format('Builder')}</AWARD_OF_CONTRACT>"
    notice = coded("3", data=values("GLOBAL", "408 000,00"))
    assert (notice.row["total_value"], notice.row["total_value_currency"]) == ("408000", "GBP")
    notice = coded("2", data=values("GLOBAL", "10 000", "20 000"))
    assert (notice.row["estimated_value_low"], notice.row["estimated_value_high"]) == ("10000", "20000")
    assert notice.row.get("total_value") is None
    notice = coded("3", data=values("CONTRACT", "1"), body=award)
    assert column(notice, "contracts", "value", "value_currency", "is_value_token") == [("1", "GBP", True)]
    assert column(notice, "tenders", "value", "is_value_withheld") == [("1", False)]
    notice = coded("3", data=values("CONTRACT", "1"), body=award * 2)  # it is not said whose
    assert column(notice, "contracts", "value") == [(None,), (None,)]


def test_a_total_that_the_form_withholds_stays_withheld() -> None:
    total = '<VALUES><VALUE TYPE="PROCUREMENT_TOTAL" CURRENCY="EUR">500</VALUE></VALUES>'
    body = BODY + "<OBJECT_CONTRACT>{}<OBJECT_DESCR/></OBJECT_CONTRACT>"
    withheld = '<VAL_TOTAL PUBLICATION="NO" CURRENCY="EUR">500</VAL_TOTAL>'
    assert read(document(body.format(withheld), form="F06", coded=total)).row["total_value"] is None
    assert read(document(body.format(""), form="F06", coded=total)).row["total_value"] == "500"


def test_additional_codes_of_an_award_are_the_forms_where_the_coded_section_has_none() -> None:
    cpv = (
        "<CPV><CPV_MAIN><CPV_CODE CODE='45000000'/></CPV_MAIN><CPV_ADDITIONAL><CPV_CODE CODE='45100000'/>"
        "</CPV_ADDITIONAL></CPV>"
    )
    cpv = inside(AWARD_DESCRIPTION, cpv)
    assert read(older(cpv)).row["cpv_additional"] == ["45100000"]
    own = coded("3", data="<ORIGINAL_CPV CODE='45000000'/><ORIGINAL_CPV CODE='45200000'/>", body=cpv)
    assert own.row["cpv_additional"] == ["45200000"]
