"""eForms: the chain LotResult -> LotTender -> TenderingParty -> Tenderer -> Organization."""

from typing import Any

import pytest

from runtime.extract.notice import Notice
from runtime.schema.sources.eforms import SOURCES
from tests.unit.eforms_notice import (
    CLOSED,
    SELECTED,
    amount,
    buyer,
    contract,
    lot,
    organisation,
    organisations,
    outcome,
    payable,
    read,
    result,
    tender,
    tendering_party,
)

FIRMS = organisations(
    *(organisation(f"ORG-{n}", f"Firm {n}") for n in range(1, 7)), organisation("ORG-9", "Brak ofert.")
)


def award(*parts: str, **options: Any) -> Notice:
    return read(buyer("ORG-1") + lot("LOT-0001") + lot("LOT-0002"), result(*parts) + FIRMS, **options)


def rows(notice: Notice, table: str, *columns: str) -> list[Any]:
    found = notice.children.get(table, [])
    return [tuple(row.get(each) for each in columns) for row in found] if columns else found


def tenderers(notice: Notice) -> list[tuple[Any, ...]]:
    return [
        (row["role"], row["name"], row.get("tender_ordinal"), row.get("contract_ordinal"))
        for row in notice.children["parties"]
        if row["role"] != "buyer"
    ]


def test_follows_the_chain_from_outcome_to_winner() -> None:
    notice = award(
        amount("cbc:TotalAmount", "95414.00", "PLN"),
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
        tender("TEN-0001", value=payable("95414", "PLN"), more="<cbc:RankCode>1</cbc:RankCode>"),
        contract(
            "CON-0001",
            "TEN-0001",
            "<cbc:AwardDate>2024-01-31+01:00</cbc:AwardDate><cbc:IssueDate>2024-02-13+01:00</cbc:IssueDate>"
            "<cbc:Title>Works</cbc:Title><efbc:ContractFrameworkIndicator>false</efbc:ContractFrameworkIndicator>",
        ),
        tendering_party("TPA-0001", "ORG-2"),
    )
    assert (notice.row["total_value"], notice.row["total_value_currency"]) == ("95414", "PLN")
    assert rows(notice, "lot_results", "result_ordinal", "result_id", "lot_ids", "status") == [
        (1, "RES-0001", ["LOT-0001"], "selec-w")
    ]
    assert rows(notice, "tenders", "tender_ordinal", "result_ordinal", "tender_rank", "is_winner", "value") == [
        (1, 1, 1, True, "95414")
    ]
    (row,) = notice.children["contracts"]
    assert {key: value for key, value in row.items() if value is not None} == {
        "contract_ordinal": 1,
        "result_ordinal": 1,
        "tender_ordinal": 1,
        "lot_ids": ["LOT-0001"],
        "contract_id": "CON-0001",
        "contract_number": "No CON-0001",
        "contract_title": "Works",
        "value": "95414",
        "value_currency": "PLN",
        "is_value_withheld": False,
        "is_value_token": False,
        "award_date": "2024-01-31",
        "conclusion_date": "2024-02-13",
        "is_framework": False,
        "is_awarded_to_group": False,
    }
    assert tenderers(notice) == [("winner", "Firm 2", 1, 1)]


def test_losing_tenders_are_tenders_and_not_winners() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001 TEN-0002", "CON-0001", SELECTED),
        tender("TEN-0001", party="TPA-0001"),
        tender("TEN-0002", party="TPA-0002"),
        contract("CON-0001", "TEN-0002"),
        tendering_party("TPA-0001", "ORG-2"),
        tendering_party("TPA-0002", "ORG-3"),
    )
    assert rows(notice, "tenders", "tender_id", "is_winner", "result_ordinal") == [
        ("TEN-0001", False, 1),
        ("TEN-0002", True, 1),
    ]
    assert rows(notice, "contracts", "tender_ordinal") == [(2,)]
    assert tenderers(notice) == [("tenderer", "Firm 2", 1, None), ("winner", "Firm 3", 2, 1)]


def test_a_tender_that_no_outcome_cites_belongs_to_the_outcome_of_its_lot() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
        outcome("RES-0002", "LOT-0002", more=CLOSED),
        tender("TEN-0001"),
        tender("TEN-0002", lot_id="LOT-0002"),
        contract("CON-0001", "TEN-0001"),
    )
    assert rows(notice, "tenders", "tender_id", "result_ordinal", "is_winner") == [
        ("TEN-0001", 1, True),
        ("TEN-0002", 2, False),
    ]


def test_a_tender_is_not_placed_where_its_lot_has_several_outcomes() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", more=CLOSED), outcome("RES-0002", "LOT-0001", more=CLOSED), tender("TEN-0001")
    )
    assert rows(notice, "tenders", "result_ordinal") == [(None,)]


def test_an_outcome_with_several_tenders_and_contracts_is_a_row_for_each_pair() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001 TEN-0002", "CON-0001 CON-0002", SELECTED),
        tender("TEN-0001", value=payable("100")),
        tender("TEN-0002", value=payable("200")),
        contract("CON-0001", "TEN-0001"),
        contract("CON-0002", "TEN-0001 TEN-0002"),
    )
    assert rows(notice, "contracts", "contract_id", "tender_ordinal", "value") == [
        ("CON-0001", 1, "100"),
        ("CON-0002", 1, "100"),
        ("CON-0002", 2, "200"),
    ]
    assert rows(notice, "contracts", "contract_ordinal") == [(1,), (2,), (3,)]


def test_a_contract_over_several_lots_has_each_outcomes_own_tender() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
        outcome("RES-0002", "LOT-0002", "TEN-0002", "CON-0001", SELECTED),
        tender("TEN-0001"),
        tender("TEN-0002", lot_id="LOT-0002"),
        contract("CON-0001", "TEN-0001 TEN-0002"),
    )
    assert rows(notice, "contracts", "result_ordinal", "tender_ordinal", "lot_ids") == [
        (1, 1, ["LOT-0001"]),
        (2, 2, ["LOT-0002"]),
    ]


def test_several_outcomes_of_one_lot_stay_apart() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
        outcome("RES-0002", "LOT-0001", more=CLOSED),
        tender("TEN-0001"),
        contract("CON-0001", "TEN-0001"),
    )
    assert rows(notice, "lot_results", "result_id", "status") == [("RES-0001", "selec-w"), ("RES-0002", "clos-nw")]
    assert rows(notice, "contracts", "result_ordinal") == [(1,)]


def test_the_winner_is_found_though_the_outcome_cites_no_tender() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "", "CON-0001", SELECTED),
        tender("TEN-0001"),
        contract("CON-0001", "TEN-0001"),
        tendering_party("TPA-0001", "ORG-2"),
    )
    assert rows(notice, "contracts", "result_ordinal", "tender_ordinal") == [(1, 1)]
    assert tenderers(notice) == [("winner", "Firm 2", 1, 1)]


def test_the_winner_is_found_though_the_outcome_cites_no_contract() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "", SELECTED), tender("TEN-0001"), contract("CON-0001", "TEN-0001")
    )
    assert rows(notice, "contracts", "result_ordinal", "tender_ordinal", "contract_id") == [(1, 1, "CON-0001")]


def test_the_contract_of_an_outcome_has_its_tender_though_it_cites_none() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED), tender("TEN-0001"), contract("CON-0001", "")
    )
    assert rows(notice, "contracts", "tender_ordinal", "contract_id") == [(1, "CON-0001")]


def test_without_contract_the_first_in_rank_wins() -> None:
    ranks = ["<cbc:RankCode>2</cbc:RankCode>", "<cbc:RankCode>1</cbc:RankCode>"]
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001 TEN-0002", "", SELECTED),
        tender("TEN-0001", more=ranks[0]),
        tender("TEN-0002", more=ranks[1]),
    )
    assert rows(notice, "tenders", "is_winner") == [(False,), (True,)]
    assert rows(notice, "contracts", "tender_ordinal", "contract_id") == [(2, None)]


def test_nobody_wins_a_closed_lot() -> None:
    reason = "<efac:DecisionReason><efbc:DecisionReasonCode>all-rej</efbc:DecisionReasonCode></efac:DecisionReason>"
    notice = award(outcome("RES-0001", "LOT-0001", "TEN-0001", more=CLOSED + reason), tender("TEN-0001"))
    assert rows(notice, "tenders", "is_winner") == [(False,)]
    assert rows(notice, "contracts") == []
    assert rows(notice, "lot_results", "non_award_reason") == [("all-rej",)]


def test_a_contract_that_nothing_cites_is_kept() -> None:
    """Voluntary modification notices (E6) have tenders and contracts, and no outcome."""
    notice = award(
        tender("TEN-0001", value=payable("5")), contract("CON-0001", "TEN-0001"), contract("CON-0002", ""), subtype="E6"
    )
    assert rows(notice, "contracts", "contract_id", "result_ordinal", "tender_ordinal", "lot_ids", "value") == [
        ("CON-0001", None, 1, ["LOT-0001"], "5"),
        ("CON-0002", None, None, None, None),
    ]


def test_every_member_of_a_winning_group_is_a_row() -> None:
    lead = (
        "<efac:Tenderer><cbc:ID>ORG-4</cbc:ID><efbc:GroupLeadIndicator>true</efbc:GroupLeadIndicator></efac:Tenderer>"
    )
    subcontractor = (
        "<efac:SubContractor><cbc:ID>ORG-5</cbc:ID><efac:MainContractor><cbc:ID>ORG-4</cbc:ID></efac:MainContractor>"
        "</efac:SubContractor>"
    )
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
        tender("TEN-0001"),
        contract("CON-0001", "TEN-0001"),
        tendering_party("TPA-0001", "ORG-2", more=lead + subcontractor),
    )
    assert tenderers(notice) == [
        ("winner", "Firm 2", 1, 1),
        ("winner", "Firm 4", 1, 1),
        ("subcontractor", "Firm 5", 1, 1),
    ]
    assert [row.get("is_group_leader") for row in notice.children["parties"]] == [None, None, True, None]
    assert rows(notice, "contracts", "is_awarded_to_group") == [(True,)]


@pytest.mark.parametrize(("subtype", "role"), [("29", "winner"), ("36", "prize-winner"), ("32", "concessionaire")])
def test_the_role_of_who_won_follows_the_form(subtype: str, role: str) -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
        tender("TEN-0001"),
        contract("CON-0001", "TEN-0001"),
        tendering_party("TPA-0001", "ORG-2"),
        subtype=subtype,
    )
    assert tenderers(notice) == [(role, "Firm 2", 1, 1)]


def test_a_tendering_party_without_tender_is_kept() -> None:
    assert tenderers(award(tendering_party("TPA-0009", "ORG-3"))) == [("tenderer", "Firm 3", None, None)]


def test_who_signs_pays_and_finances_is_a_party() -> None:
    def party(name: str, identifier: str) -> str:
        return (
            f"<cac:{name}><cac:PartyIdentification><cbc:ID>{identifier}</cbc:ID></cac:PartyIdentification></cac:{name}>"
        )

    paying = party("FinancingParty", "ORG-4") + party("PayerParty", "ORG-5")
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED + paying),
        tender("TEN-0001"),
        contract("CON-0001", "TEN-0001", party("SignatoryParty", "ORG-1")),
    )
    assert tenderers(notice) == [
        ("contract-signatory", "Firm 1", None, None),
        ("financing-party", "Firm 4", None, None),
        ("payer", "Firm 5", None, None),
    ]


# Values


@pytest.mark.parametrize(
    ("value", "currency"), [("-1", "EUR"), ("-1.00", "EUR"), ("-1", "unpublished"), ("0", "unpublished")]
)
def test_a_withheld_value_is_null_and_flagged(value: str, currency: str) -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
        tender("TEN-0001", value=payable(value, currency)),
        contract("CON-0001", "TEN-0001"),
    )
    for table in ("tenders", "contracts"):
        assert rows(notice, table, "value", "value_currency", "is_value_withheld", "is_value_token") == [
            (None, None, True, None)
        ]


@pytest.mark.parametrize(("code", "expected"), [("win-ten-val", True), ("ten-ran", False)])
def test_a_value_that_is_left_out_for_privacy_is_withheld(code: str, expected: bool) -> None:
    privacy = f"<efac:FieldsPrivacy><efbc:FieldIdentifierCode>{code}</efbc:FieldIdentifierCode></efac:FieldsPrivacy>"
    notice = award(tender("TEN-0001", more=privacy))
    assert rows(notice, "tenders", "is_value_withheld") == [(expected,)]


@pytest.mark.parametrize(("value", "is_token"), [("0", True), ("0.01", True), ("1.00", True), ("2", False)])
def test_token_values_stay_and_are_flagged(value: str, is_token: bool) -> None:
    notice = award(tender("TEN-0001", value=payable(value)))
    assert rows(notice, "tenders", "is_value_token", "is_value_withheld") == [(is_token, False)]
    assert rows(notice, "tenders", "value") != [(None,)]


def test_a_value_may_stand_in_the_outcomes_reference() -> None:
    inner = (
        "<efac:LotTender><cbc:ID>TEN-0001</cbc:ID>"
        f"<cac:LegalMonetaryTotal>{payable('7')}</cac:LegalMonetaryTotal></efac:LotTender>"
    )
    notice = award(
        outcome("RES-0001", "LOT-0001", "", "CON-0001", SELECTED + inner),
        tender("TEN-0001"),
        contract("CON-0001", "TEN-0001"),
        faults=("efac:LotResult/efac:LotTender/cac:LegalMonetaryTotal",),
    )
    assert rows(notice, "contracts", "value", "value_currency") == [("7", "EUR")]


def test_currencies_belong_to_their_amounts() -> None:
    notice = award(
        amount("cbc:TotalAmount", "10", "EUR"),
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
        tender("TEN-0001", value=payable("74.5", "DKK")),
        contract("CON-0001", "TEN-0001"),
    )
    assert notice.row["total_value_currency"] == "EUR"
    assert rows(notice, "contracts", "value", "value_currency") == [("74.5", "DKK")]


def test_framework_ceilings_are_kept_apart_from_values() -> None:
    ceiling = (
        f"<efac:FrameworkAgreementValues>{amount('cbc:MaximumValueAmount', '500')}</efac:FrameworkAgreementValues>"
    )
    group = (
        f"<efac:GroupFramework>{amount('efbc:GroupFrameworkMaximumValueAmount', '900')}"
        "<efac:TenderLot><cbc:ID>LOT-0002</cbc:ID></efac:TenderLot></efac:GroupFramework>"
    )
    notice = award(
        amount("efbc:OverallMaximumFrameworkContractsAmount", "1400"),
        group,
        outcome("RES-0001", "LOT-0001", more=SELECTED + ceiling),
    )
    assert (notice.row["framework_max_value"], notice.row.get("total_value")) == ("1400", None)
    assert rows(notice, "lots", "framework_max_value", "framework_max_value_currency") == [
        ("500", "EUR"),
        ("900", "EUR"),
    ]


def test_the_placeholder_day_is_null() -> None:
    dates = "<cbc:AwardDate>2000-01-01Z</cbc:AwardDate><cbc:IssueDate>2000-01-01+01:00</cbc:IssueDate>"
    notice = read(
        "<cac:TenderResult><cbc:AwardDate>2000-01-01Z</cbc:AwardDate></cac:TenderResult>",
        result(outcome("RES-0001", "LOT-0001", "", "CON-0001", SELECTED), contract("CON-0001", "", dates)),
    )
    assert rows(notice, "contracts", "award_date", "conclusion_date") == [(None, None)]


def test_subcontracting_is_yes_no_or_not_known() -> None:
    def term(code: str, more: str = "") -> str:
        return (
            "<efac:SubcontractingTerm>"
            f'<efbc:TermCode listName="applicability">{code}</efbc:TermCode>{more}</efac:SubcontractingTerm>'
        )

    details = amount("efbc:TermAmount", "12", "HUF") + "<efbc:TermPercent>29.5</efbc:TermPercent>"
    notice = award(
        tender("TEN-0001", more=term("yes", details)),
        tender("TEN-0002", more=term("no")),
        tender("TEN-0003", more=term("not-known")),
    )
    assert rows(
        notice,
        "tenders",
        "is_subcontracted",
        "subcontracting_value",
        "subcontracting_value_currency",
        "subcontracting_percent",
    ) == [
        (True, "12", "HUF", "29.5"),
        (False, None, None, None),
        (None, None, None, None),
    ]


# Counts


def statistic(code: str, number: str, more: str = "") -> str:
    return (
        f"<efac:ReceivedSubmissionsStatistics>{more}<efbc:StatisticsCode>{code}</efbc:StatisticsCode>"
        f"<efbc:StatisticsNumeric>{number}</efbc:StatisticsNumeric></efac:ReceivedSubmissionsStatistics>"
    )


COUNTS = ("tenders_received", "tenders_electronic", "tenders_sme", "tenders_other_eu", "tenders_non_eu")


def test_reads_the_numbers_of_tenders_and_no_other_statistics() -> None:
    complaints = (
        '<efac:AppealRequestsStatistics><efbc:StatisticsCode listName="review-type">complainants</efbc:StatisticsCode>'
        "<efbc:StatisticsNumeric>9</efbc:StatisticsNumeric></efac:AppealRequestsStatistics>"
    )
    each = (
        ("tenders", "5"),
        ("t-esubm", "4.0"),
        ("t-sme", "3"),
        ("t-oth-eea", "2"),
        ("t-no-eea", "0"),
        ("part-req", "8"),
    )
    notice = award(outcome("RES-0001", "LOT-0001", more=complaints + "".join(statistic(*pair) for pair in each)))
    assert rows(notice, "lot_results", *COUNTS, "are_tender_counts_withheld") == [(5, 4, 3, 2, 0, False)]


@pytest.mark.parametrize(
    "withheld",
    [
        statistic("unpublished", "-1"),
        statistic("tenders", "-1"),
        statistic("unpublished", "3", "<efac:FieldsPrivacy/>"),
    ],
)
def test_a_withheld_number_of_tenders_is_null_and_flagged(withheld: str) -> None:
    notice = award(outcome("RES-0001", "LOT-0001", more=withheld))
    assert rows(notice, "lot_results", *COUNTS, "are_tender_counts_withheld") == [(None, None, None, None, None, True)]


def test_the_lowest_and_highest_tender_have_a_currency() -> None:
    more = amount("cbc:HigherTenderAmount", "30", "RON") + amount("cbc:LowerTenderAmount", "-1", "unpublished")
    notice = award(outcome("RES-0001", "LOT-0001", more=more))
    assert rows(notice, "lot_results", "lowest_tender_value", "highest_tender_value", "tender_value_currency") == [
        (None, "30", "RON")
    ]


# Odd identifiers


def test_of_tenders_and_contracts_given_twice_the_first_stays_and_one_that_says_else_is_named() -> None:
    again = [tender("TEN-0001", value=payable("100")), contract("CON-0001", "TEN-0001")]
    notice = award(*again, *again, tender("TEN-0001", value=payable("200")), contract("CON-0001", ""))
    assert rows(notice, "tenders", "tender_id", "value") == [("TEN-0001", "100")]
    assert rows(notice, "contracts", "contract_id", "tender_ordinal", "value") == [("CON-0001", 1, "100")]
    assert notice.warnings == ["duplicate-id TEN-0001", "duplicate-id CON-0001"]


def test_a_winner_whose_name_says_that_there_is_none_is_none() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
        tender("TEN-0001", value=payable("0")),
        contract("CON-0001", "TEN-0001"),
        tendering_party("TPA-0001", "ORG-9"),
    )
    assert rows(notice, "lot_results", "status") == [("clos-nw",)]
    assert not rows(notice, "tenders")
    assert not rows(notice, "contracts")
    assert not tenderers(notice)
    assert notice.warnings == ["no-award Brak ofert."]


def test_what_was_paid_in_the_end_is_a_change() -> None:
    paid = (
        f"<efac:AggregatedAmounts>{amount('cbc:PaidAmount', '120')}"
        "<efbc:PaidAmountDescription>Indexed</efbc:PaidAmountDescription></efac:AggregatedAmounts>"
    )
    notice = award(
        tender("TEN-0001", value=payable("100"), more=paid), subtype="E5", kind="completion", type_code="compl"
    )
    assert rows(
        notice, "changes", "kind", "section", "lot_ids", "value_before", "value_after", "value_currency", "description"
    ) == [("modification", "TEN-0001", ["LOT-0001"], "100", "120", "EUR", "Indexed")]


def test_rows_hold_columns_of_the_tables_only() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED + statistic("tenders", "1")),
        tender("TEN-0001", value=payable("-1")),
        contract("CON-0001", "TEN-0001"),
        tendering_party("TPA-0001", "ORG-2"),
    )
    told = {(table, column) for table, found in notice.children.items() for row in found for column in row}
    told |= {("notices", column) for column in notice.row}
    assert told <= set(SOURCES)


PARTY = tendering_party("TPA-0001", "ORG-2")


@pytest.mark.parametrize("cited", ["", "TEN-0001"])
def test_a_winner_that_its_outcome_does_not_cite_is_the_tender_of_the_lot(cited: str) -> None:
    """Direct awards of a German platform cite the tender neither in the outcome nor in the contract."""
    notice = award(
        outcome("RES-0001", "LOT-0001", more=SELECTED),
        tender("TEN-0001", value=payable("500")),
        contract("CON-0001", cited),
        PARTY,
        subtype="25",
    )
    assert rows(notice, "contracts", "result_ordinal", "contract_id", "lot_ids", "tender_ordinal", "value") == [
        (1, "CON-0001", ["LOT-0001"], 1, "500")
    ]
    assert tenderers(notice) == [("winner", "Firm 2", 1, 1)]
    assert rows(notice, "tenders", "is_winner", "result_ordinal") == [(True, 1)]


def test_of_several_tenders_that_no_outcome_cites_the_first_in_rank_won() -> None:
    tenders = [tender(f"TEN-{n}", value=payable(f"{n}00"), more=f"<cbc:RankCode>{n}</cbc:RankCode>") for n in (2, 1)]
    notice = award(outcome("RES-0001", "LOT-0001", more=SELECTED), *tenders, PARTY)
    assert rows(notice, "contracts", "result_ordinal", "value") == [(1, "100")]


def test_who_won_among_unranked_tenders_that_no_outcome_cites_is_not_guessed() -> None:
    notice = award(outcome("RES-0001", "LOT-0001", more=SELECTED), tender("TEN-1"), tender("TEN-2"), PARTY)
    assert rows(notice, "contracts") == []
    assert rows(notice, "tenders", "is_winner", "result_ordinal") == [(False, 1), (False, 1)]


def test_an_outcome_without_a_winner_adopts_no_tender() -> None:
    notice = award(outcome("RES-0001", "LOT-0001", more=CLOSED), tender("TEN-1"), PARTY)
    assert rows(notice, "contracts") == []
    assert tenderers(notice) == [("tenderer", "Firm 2", 1, None)]


def test_tenders_of_a_lot_with_two_outcomes_are_adopted_by_none() -> None:
    both = [outcome(f"RES-{n}", "LOT-0001", more=SELECTED) for n in (1, 2)]
    notice = award(*both, tender("TEN-1"), PARTY)
    assert rows(notice, "contracts") == []


@pytest.mark.parametrize(("currency", "highest"), [("EUR", "900"), ("DKK", None)])
def test_a_highest_tender_in_another_currency_does_not_stand_beside_the_lowest(
    currency: str, highest: str | None
) -> None:
    values = amount("cbc:HigherTenderAmount", "900", currency) + amount("cbc:LowerTenderAmount", "500")
    notice = award(outcome("RES-0001", "LOT-0001", more=values))
    columns = ("lowest_tender_value", "highest_tender_value", "tender_value_currency")
    assert rows(notice, "lot_results", *columns) == [("500", highest, "EUR")]
    assert notice.warnings == ([] if highest else ["two-currencies highest_tender_value=900 DKK"])


def test_a_contract_over_lots_whose_tender_names_one_of_them_is_a_row_for_each_outcome() -> None:
    """One contract for all lots of a winner, as buyers of medicines sign them."""
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
        outcome("RES-0002", "LOT-0002", "TEN-0001", "CON-0001", SELECTED),
        tender("TEN-0001", value=payable("1000")),
        contract("CON-0001", "TEN-0001"),
        PARTY,
    )
    assert rows(notice, "contracts", "result_ordinal", "lot_ids", "contract_id", "tender_ordinal") == [
        (1, ["LOT-0001"], "CON-0001", 1),
        (2, ["LOT-0002"], "CON-0001", 1),
    ]


def test_a_contract_that_an_outcome_cites_beside_its_own_is_that_of_the_other_lot() -> None:
    notice = award(
        outcome("RES-0001", "LOT-0001", "TEN-0001 TEN-0002", "CON-0001 CON-0002", SELECTED),
        outcome("RES-0002", "LOT-0002", "TEN-0002", "CON-0002", SELECTED),
        tender("TEN-0001", value=payable("1000")),
        tender("TEN-0002", "LOT-0002", value=payable("2000")),
        contract("CON-0001", "TEN-0001"),
        contract("CON-0002", "TEN-0002"),
        PARTY,
    )
    assert rows(notice, "contracts", "result_ordinal", "lot_ids", "contract_id", "value") == [
        (1, ["LOT-0001"], "CON-0001", "1000"),
        (2, ["LOT-0002"], "CON-0002", "2000"),
    ]


def test_a_tendering_party_that_names_one_firm_twice_is_no_group() -> None:
    twice = tendering_party("TPA-0001", "ORG-2", "ORG-2")
    notice = award(outcome("RES-0001", "LOT-0001", "TEN-0001", more=SELECTED), tender("TEN-0001"), twice)
    assert rows(notice, "contracts", "is_awarded_to_group") == [(False,)]
    assert tenderers(notice) == [("winner", "Firm 2", 1, 1)]
