"""eForms: header, procedure, lots, criteria, organisations, changes, registrations."""

import pickle
import time
from typing import Any

import pytest
from lxml import etree

from runtime.errors import TerminalError
from runtime.extract.eforms import read_eforms
from runtime.extract.notice import Notice
from runtime.schema.codes import eforms as codes
from runtime.schema.sources.eforms import SOURCES
from runtime.schema.tables import NOTICE_TABLES
from tests.unit.eforms_notice import (
    PUBLICATION,
    amount,
    buyer,
    ext,
    lot,
    organisation,
    organisations,
    read,
    xml,
)


def rows(notice: Notice, table: str) -> list[dict[str, Any]]:
    return notice.children.get(table, [])


def column(notice: Notice, table: str, name: str) -> list[Any]:
    return [row.get(name) for row in rows(notice, table)]


# Header


def test_reads_what_a_notice_says_of_itself() -> None:
    row = read().row
    assert {key: row[key] for key in row if row[key] is not None} == {
        "notice_id": "4711-2024",
        "publication_date": "2024-03-25",
        "ojs_issue": 60,
        "format": "eforms",
        "schema_version": "eforms-sdk-1.10",
        "form_number": "29",
        "form_type": "result",
        "notice_type": "can-standard",
        "notice_uuid": "3ab37d3d-0000-4bea-96b4-6fc056e48bc4",
        "notice_version": "01",
        "procedure_id": "bbf5a0a8-0000-43c7-acef-02335192cf49",
        "legal_basis": "32014L0024",
        "original_language": "ENG",
        "language_count": 1,
        "dispatch_date": "2024-03-22",
    }


@pytest.mark.parametrize("number", ["", "<efbc:NoticePublicationID>unknown</efbc:NoticePublicationID>"])
def test_refuses_a_notice_without_usable_number(number: str) -> None:
    with pytest.raises(TerminalError, match="publication number") as caught:
        read(publication=f"<efac:Publication>{number}</efac:Publication>")
    assert pickle.loads(pickle.dumps(caught.value)).attributes["reason"] == "no-notice-id"  # noqa: S301


def test_takes_the_day_of_publication_and_not_the_day_when_withheld_fields_become_public() -> None:
    privacy = (
        "<efac:FieldsPrivacy><efbc:FieldIdentifierCode>not-val</efbc:FieldIdentifierCode>"
        "<efbc:PublicationDate>2034-01-01Z</efbc:PublicationDate></efac:FieldsPrivacy>"
    )
    notice = read(
        extension=f"{privacy}<efac:NoticeResult>{privacy}</efac:NoticeResult>",
        faults=("EformsExtension/efac:FieldsPrivacy",),
    )
    assert notice.row["publication_date"] == "2024-03-25"


@pytest.mark.parametrize("offset", ["", "Z", "+02:00", "+03:00", "-01:00"])
def test_never_moves_a_day_by_its_offset(offset: str) -> None:
    published = PUBLICATION.replace("2024-03-25+01:00", f"2024-03-01{offset}")
    assert read(publication=published).row["publication_date"] == "2024-03-01"


@pytest.mark.parametrize("sdk", ["eforms-sdk-1.17", "eforms-sdk-2.0", "something-else"])
def test_reads_a_newer_sdk_by_the_same_rules_and_says_so(sdk: str) -> None:
    notice = read(sdk=sdk)
    assert notice.row["notice_id"] == "4711-2024"
    assert notice.warnings == [f"newer-schema {sdk}"]


@pytest.mark.parametrize("sdk", ["eforms-sdk-1.3", "eforms-sdk-1.14"])
def test_known_sdks_need_no_warning(sdk: str) -> None:
    assert read(sdk=sdk).warnings == []


def test_keeps_an_unknown_code_and_counts_it() -> None:
    notice = read(type_code="can-new", faults=("no code of result: can-new",))
    assert notice.row["notice_type"] == "can-new"
    assert notice.unknown_codes == [("notice_type", "can-new")]


@pytest.mark.parametrize("subtype", list(codes.SUBTYPES))
def test_knows_every_subtype(subtype: str) -> None:
    assert read(subtype=subtype).unknown_codes == []


@pytest.mark.parametrize("subtype", list(codes.SUBTYPES))
def test_a_notice_that_does_not_name_its_form_type_has_that_of_its_subtype(subtype: str) -> None:
    assert read(subtype=subtype, kind="").row["form_type"] in codes.FORM_TYPES


def test_reads_any_prefix_and_passes_over_foreign_extensions() -> None:
    text = xml(lot(content="<cac:ProcurementProject><cbc:Name>Bridge</cbc:Name></cac:ProcurementProject>"))
    foreign = (
        '<ext:UBLExtension xmlns:de="urn:german-eforms"><ext:ExtensionContent><de:Extra><de:ID>x</de:ID></de:Extra>'
    )
    text = text.replace(
        "<ext:UBLExtension>", foreign + "</ext:ExtensionContent></ext:UBLExtension><ext:UBLExtension>", 1
    )
    for number, prefix in enumerate(("cbc", "cac", "ext", "efext", "efac", "efbc"), 2):
        text = text.replace(f"<{prefix}:", f"<ns{number}:").replace(f"</{prefix}:", f"</ns{number}:")
        text = text.replace(f"xmlns:{prefix}=", f"xmlns:ns{number}=")
    notice = read_eforms(etree.fromstring(text))
    assert (notice.row["notice_id"], column(notice, "lots", "title")) == ("4711-2024", ["Bridge"])


def test_comments_neither_cut_a_text_nor_become_one() -> None:
    notice = read(
        buyer("<!-- the first -->ORG-<!-- of all -->1")
        + lot(
            content="<cac:ProcurementProject><cbc:Name>Bri<!-- no -->dge</cbc:Name><cac:MainCommodityClassification>"
            "<!-- main --><cbc:ItemClassificationCode>45221100</cbc:ItemClassificationCode>"
            "</cac:MainCommodityClassification></cac:ProcurementProject>"
        ),
        organisations(organisation("ORG-1", "Town")),
    )
    assert notice.row["buyer_name"] == "Town"
    assert column(notice, "lots", "title") == ["Bridge"]
    assert column(notice, "lots", "cpv_main") == ["45221100"]


# Procedure


PROJECT = (
    "<cac:ProcurementProject><cbc:ID>2024/17</cbc:ID>{names}<cbc:Description>Two\nparagraphs</cbc:Description>"
    '<cbc:ProcurementTypeCode listName="contract-nature">works</cbc:ProcurementTypeCode>'
    '<cac:ProcurementAdditionalType><cbc:ProcurementTypeCode listName="contract-nature">services'
    "</cbc:ProcurementTypeCode></cac:ProcurementAdditionalType>"
    "<cac:RequestedTenderTotal>"
    + ext(amount("efbc:FrameworkMaximumAmount", "900000", "SEK"))
    + amount("cbc:EstimatedOverallContractAmount", "1250.50", "DKK")
    + "</cac:RequestedTenderTotal>"
    "<cac:MainCommodityClassification><cbc:ItemClassificationCode>45221100-3</cbc:ItemClassificationCode>"
    "</cac:MainCommodityClassification><cac:AdditionalCommodityClassification>"
    "<cbc:ItemClassificationCode>71300000</cbc:ItemClassificationCode></cac:AdditionalCommodityClassification>"
    "<cac:RealizedLocation><cac:Address><cbc:CountrySubentityCode>DK011</cbc:CountrySubentityCode></cac:Address>"
    "</cac:RealizedLocation></cac:ProcurementProject>"
)
PROCESS = (
    '<cac:TenderingProcess><cbc:ProcedureCode listName="procurement-procedure-type">neg-wo-call</cbc:ProcedureCode>'
    '<cac:ProcessJustification><cbc:ProcessReasonCode listName="direct-award-justification">technical'
    "</cbc:ProcessReasonCode></cac:ProcessJustification>"
    '<cac:ProcessJustification><cbc:ProcessReasonCode listName="accelerated-procedure">true</cbc:ProcessReasonCode>'
    "</cac:ProcessJustification><cac:NoticeDocumentReference><cbc:ID>123456-2023</cbc:ID>"
    "</cac:NoticeDocumentReference></cac:TenderingProcess>"
)


def test_reads_the_procedure_with_each_amount_in_its_own_currency() -> None:
    row = read(PROCESS + PROJECT.format(names="<cbc:Name>A\n  bridge</cbc:Name>")).row
    assert row["reference_number"] == "2024/17"
    assert row["title"] == row["title_en"] == "A bridge"
    assert row["description"] == "Two\nparagraphs"
    assert row["contract_nature"] == "works"
    assert (row["estimated_value"], row["estimated_value_currency"]) == ("1250.5", "DKK")
    assert (row["framework_max_value"], row["framework_max_value_currency"]) == ("900000", "SEK")
    assert (row["cpv_main"], row["cpv_additional"]) == ("45221100", ["71300000"])
    assert row["nuts_codes"] == ["DK011"]
    assert (row["procedure_type"], row["is_accelerated"]) == ("neg-wo-call", True)
    assert row["previous_notices"] == ["123456-2023"]


def test_takes_the_name_in_the_language_of_the_notice() -> None:
    names = "".join(
        f'<cbc:Name languageID="{code}">{text}</cbc:Name>'
        for code, text in (("NLD", "Brug"), ("FRA", "Pont"), ("ENG", "Bridge"))
    )
    languages = "<cac:AdditionalNoticeLanguage><cbc:ID>NLD</cbc:ID></cac:AdditionalNoticeLanguage>"
    row = read(languages + PROJECT.format(names=names), language="FRA").row
    assert (row["title"], row["title_en"], row["language_count"]) == ("Pont", "Bridge", 2)


def test_takes_the_first_name_where_the_language_of_the_notice_has_none() -> None:
    names = '<cbc:Name languageID="NLD">Brug</cbc:Name><cbc:Name languageID="FRA"> </cbc:Name>'
    row = read(PROJECT.format(names=names), language="FRA").row
    assert (row["title"], row.get("title_en")) == ("Brug", None)


@pytest.mark.parametrize("masked", ["unpublished", "_DEFAULT_VALUE_CHANGE_ME_", " "])
def test_masked_and_empty_text_is_null(masked: str) -> None:
    row = read(f"<cac:TenderingProcess><cbc:ProcedureCode>{masked}</cbc:ProcedureCode></cac:TenderingProcess>").row
    assert row["procedure_type"] is None


# Lots

LOT = (
    "<cac:TenderingTerms>{terms}</cac:TenderingTerms><cac:TenderingProcess>{process}</cac:TenderingProcess>"
    "<cac:ProcurementProject><cbc:Name>Lot name</cbc:Name>{project}</cac:ProcurementProject>"
)


def one_lot(terms: str = "", process: str = "", project: str = "", faults: tuple[str, ...] = ()) -> tuple[Any, ...]:
    notice = read(lot(content=LOT.format(terms=terms, process=process, project=project)), faults=faults)
    (row,) = rows(notice, "lots")
    return row, notice


def test_tells_lots_parts_and_groups_apart() -> None:
    notice = read(
        lot("PAR-0001", scheme="Part") + lot("LOT-0001") + lot("GLO-0001", scheme="LotsGroup") + lot("7", scheme="Part")
    )
    assert column(notice, "lots", "lot_kind") == ["part", "lot", "group", "part"]
    assert column(notice, "lots", "lot_ordinal") == [1, 2, 3, 4]
    assert column(notice, "lots", "lot_id") == ["PAR-0001", "LOT-0001", "GLO-0001", "7"]


@pytest.mark.parametrize(("code", "expected"), [("none", False), ("fa-wo-rc", True), ("fa-mix", True)])
def test_framework_code_none_means_no_framework(code: str, expected: bool) -> None:
    system = (
        "<cac:ContractingSystem>"
        '<cbc:ContractingSystemTypeCode listName="{}">{}</cbc:ContractingSystemTypeCode>'
        "</cac:ContractingSystem>"
    )
    row, notice = one_lot(process=system.format("framework-agreement", code) + system.format("dps-usage", "none"))
    assert (row["is_framework"], row["is_dps"]) == (expected, False)
    assert (notice.row["is_framework"], notice.row["is_dps"]) == (expected, False)


def test_an_indicator_may_be_a_digit_and_a_missing_one_is_null() -> None:
    row, notice = one_lot(
        terms='<cbc:FundingProgramCode listName="eu-funded">no-eu-funds</cbc:FundingProgramCode>',
        process="<cbc:GovernmentAgreementConstraintIndicator>1</cbc:GovernmentAgreementConstraintIndicator>"
        "<cac:AuctionTerms><cbc:AuctionConstraintIndicator>0</cbc:AuctionConstraintIndicator></cac:AuctionTerms>",
    )
    assert (row["is_gpa_covered"], row["is_electronic_auction"], row["is_eu_funded"]) == (True, False, False)
    assert notice.row.get("is_framework") is None


def test_a_notice_is_covered_where_one_of_its_lots_is() -> None:
    process = "<cbc:GovernmentAgreementConstraintIndicator>{}</cbc:GovernmentAgreementConstraintIndicator>"
    lots = [LOT.format(terms="", process=process.format(said), project="") for said in ("false", "true")]
    assert read(lot("LOT-0001", lots[0]) + lot("LOT-0002", lots[1])).row["is_gpa_covered"] is True


def test_reads_duration_dates_options_and_renewals() -> None:
    row, _ = one_lot(
        project="<cac:PlannedPeriod><cbc:StartDate>2024-05-01+02:00</cbc:StartDate>"
        "<cbc:EndDate>2000-01-01Z</cbc:EndDate>"
        '<cbc:DurationMeasure unitCode="MONTHS">24</cbc:DurationMeasure></cac:PlannedPeriod><cac:ContractExtension>'
        "<cbc:MaximumNumberNumeric>2</cbc:MaximumNumberNumeric><cbc:OptionsDescription>More</cbc:OptionsDescription>"
        "</cac:ContractExtension>"
    )
    assert (row["duration_value"], row["duration_unit"]) == ("24", "MONTH")
    assert (row["start_date"], row.get("end_date")) == ("2024-05-01", None)
    assert (row["has_options"], row["is_renewable"]) == (True, True)


def test_a_renewal_may_be_a_description_only() -> None:
    extension = (
        "<cac:ContractExtension><cac:Renewal><cac:Period>"
        "<cbc:Description>Twice</cbc:Description></cac:Period></cac:Renewal>"
        "</cac:ContractExtension>"
    )
    assert one_lot(project=extension)[0]["is_renewable"] is True
    assert (
        one_lot(
            project=extension.replace(
                "<cac:Renewal>", "<cbc:MaximumNumberNumeric>0</cbc:MaximumNumberNumeric><cac:Renewal>"
            )
        )[0]["is_renewable"]
        is False
    )


DEADLINE = "<cac:{0}><cbc:EndDate>{1}+01:00</cbc:EndDate><cbc:EndTime>9:30:00+01:00</cbc:EndTime></cac:{0}>"


def test_the_deadline_for_tenders_goes_before_that_for_requests() -> None:
    both = DEADLINE.format("ParticipationRequestReceptionPeriod", "2024-02-01") + DEADLINE.format(
        "TenderSubmissionDeadlinePeriod", "2024-03-01"
    )
    row, _ = one_lot(process=both)
    assert (row["submission_deadline_date"], row["submission_deadline_time"]) == ("2024-03-01", "09:30+01:00")


@pytest.mark.parametrize("period", ["ParticipationRequestReceptionPeriod", "InterestExpressionReceptionPeriod"])
def test_the_deadline_is_that_for_requests_where_there_is_none_for_tenders(period: str) -> None:
    process = DEADLINE.format(period, "2024-02-01")
    if period.startswith("Interest"):
        process = ext(process.replace(f"cac:{period}", f"efac:{period}"))
    row, notice = one_lot(process=process)
    assert row["submission_deadline_date"] == notice.row["submission_deadline_date"] == "2024-02-01"
    assert not [key for key in row if key.startswith("_")]


def test_a_notice_has_the_earliest_deadline_and_all_places_of_its_lots() -> None:
    contents = [
        LOT.format(
            terms="",
            process=DEADLINE.format("TenderSubmissionDeadlinePeriod", day),
            project=f"<cac:RealizedLocation><cac:Address><cbc:CountrySubentityCode>{place}</cbc:CountrySubentityCode>"
            "</cac:Address></cac:RealizedLocation>",
        )
        for day, place in (("2024-03-05", "FRF33"), ("2024-03-01", "FRF34"), ("2024-03-09", "FRF33"))
    ]
    row = read("".join(lot(f"LOT-000{n}", content) for n, content in enumerate(contents, 1))).row
    assert (row["submission_deadline_date"], row["nuts_codes"]) == ("2024-03-01", ["FRF33", "FRF34"])


def test_masked_amounts_are_null() -> None:
    row, _ = one_lot(
        project="<cac:RequestedTenderTotal>"
        + amount("cbc:EstimatedOverallContractAmount", "-1", "unpublished")
        + "</cac:RequestedTenderTotal>"
    )
    assert (row.get("estimated_value"), row.get("estimated_value_currency")) == (None, None)


# Criteria


def criterion(content: str, parameters: str = "") -> str:
    extension = ext(parameters) if parameters else ""
    return f"<cac:SubordinateAwardingCriterion>{extension}{content}</cac:SubordinateAwardingCriterion>"


def parameter(number: str, code: str = "", name: str = "number-weight") -> str:
    unit = f'<efbc:ParameterCode listName="{name}">{code}</efbc:ParameterCode>' if code else ""
    return (
        f"<efac:AwardCriterionParameter>{unit}<efbc:ParameterNumeric>{number}</efbc:ParameterNumeric>"
        "</efac:AwardCriterionParameter>"
    )


def kind(code: str) -> str:
    return f"<cbc:AwardingCriterionTypeCode>{code}</cbc:AwardingCriterionTypeCode>"


def criteria(*each: str, outer: str = "", faults: tuple[str, ...] = ()) -> tuple[Any, ...]:
    terms = (
        f"<cac:AwardingTerms><cac:AwardingCriterion>{outer}{''.join(each)}</cac:AwardingCriterion></cac:AwardingTerms>"
    )
    _, notice = one_lot(terms=terms, faults=faults)
    return rows(notice, "criteria"), notice


def test_reads_criteria_with_weights_and_their_units() -> None:
    found, _ = criteria(
        criterion(kind("price") + "<cbc:Name>Price</cbc:Name>", parameter("60", "per-exa")),
        criterion(kind("quality"), parameter("2", "ord-imp")),
        criterion(kind("cost") + "<cbc:WeightNumeric>40</cbc:WeightNumeric><cbc:Weight>40</cbc:Weight>"),
        faults=("cbc:WeightNumeric", "cbc:Weight:"),
    )
    assert [(row["lot_id"], row["kind"], row.get("weight_number"), row.get("weight_unit")) for row in found] == [
        ("LOT-0001", "price", "60", "per-exa"),
        ("LOT-0001", "quality", "2", "ord-imp"),
        ("LOT-0001", "cost", None, None),  # no fields of the SDK
    ]
    assert [(row["lot_ordinal"], row["criterion_ordinal"]) for row in found] == [(1, 1), (1, 2), (1, 3)]


def test_fixed_values_thresholds_and_numbers_without_code_are_no_weights() -> None:
    found, _ = criteria(
        criterion(kind("price"), parameter("500", "fix-tot", "number-fixed") + parameter("30", "poi-exa")),
        criterion(kind("price"), parameter("80", "min-score", "number-threshold")),
        criterion(kind("price"), parameter("1")),
        faults=("efbc:ParameterNumeric: 1",),
    )
    assert [row.get("weight_number") for row in found] == ["30", None, None]


def test_a_weight_whose_list_is_missing_is_known_by_its_code() -> None:
    without = parameter("30", "poi-exa").replace(' listName="number-weight"', "")
    found, _ = criteria(criterion(kind("price"), without), faults=("efbc:ParameterNumeric: 30",))
    assert (found[0]["weight_number"], found[0]["weight_unit"]) == ("30", "poi-exa")


def test_withheld_weights_are_null_and_a_criterion_of_which_all_is_withheld_is_none() -> None:
    found, notice = criteria(
        criterion(kind("unpublished"), parameter("-1", "unpublished")),
        criterion(kind("quality"), parameter("-1", "ord-imp")),
    )
    assert [(row.get("kind"), row["weight_number"], row["weight_unit"]) for row in found] == [
        ("quality", None, "ord-imp"),
    ]
    assert notice.unknown_codes == []


def test_a_criterion_with_parts_is_a_heading() -> None:
    nested = "cac:SubordinateAwardingCriterion/cac:SubordinateAwardingCriterion"
    faults = (nested, "cac:AwardingCriterion/cbc:AwardingCriterionTypeCode")
    each = (criterion(criterion(kind("quality"))), criterion(kind("price")))
    found, _ = criteria(*each, outer=kind("cost"), faults=faults)
    assert [row["kind"] for row in found] == ["quality", "price"]


def test_a_criterion_without_parts_has_its_formula_as_weight() -> None:
    found, _ = criteria(outer="<cbc:CalculationExpression>p/q</cbc:CalculationExpression>")
    assert [row["weight_text"] for row in found] == ["p/q"]


def test_criteria_of_the_procedure_count_only_where_no_lot_has_any() -> None:
    terms = (
        "<cac:TenderingTerms><cac:AwardingTerms>"
        f"<cac:AwardingCriterion>{criterion(kind('price'))}</cac:AwardingCriterion>"
        "</cac:AwardingTerms></cac:TenderingTerms>"
    )
    faults = ("/*/cac:TenderingTerms/cac:AwardingTerms",)
    alone = read(terms + lot(), faults=faults)
    both = read(terms + lot(content=terms), faults=faults)
    assert [(row["lot_id"], row["lot_ordinal"]) for row in rows(alone, "criteria")] == [(None, None)]
    assert column(both, "criteria", "lot_id") == ["LOT-0001"]


# Organisations


def types(legal: str, activity: str = "gen-pub") -> str:
    return (
        '<cac:ContractingPartyType><cbc:PartyTypeCode listName="buyer-contracting-type">cont-ent</cbc:PartyTypeCode>'
        f'</cac:ContractingPartyType><cac:ContractingPartyType><cbc:PartyTypeCode listName="buyer-legal-type">{legal}'
        "</cbc:PartyTypeCode></cac:ContractingPartyType><cac:ContractingActivity>"
        f"<cbc:ActivityTypeCode>{activity}</cbc:ActivityTypeCode></cac:ContractingActivity>"
    )


def test_every_buyer_is_a_row_with_type_and_activity() -> None:
    notice = read(
        buyer("ORG-2", types("la")) + buyer("ORG-1", types("cga", "defence")),
        organisations(
            organisation("ORG-1", "Ministry"),
            organisation(
                "ORG-2",
                "Town",
                more="<efbc:GroupLeadIndicator>true</efbc:GroupLeadIndicator>"
                "<efbc:AwardingCPBIndicator>false</efbc:AwardingCPBIndicator>"
                "<efbc:AcquiringCPBIndicator>true</efbc:AcquiringCPBIndicator>",
            ),
        ),
    )
    assert [
        (row["name"], row["legal_type"], row["main_activity"], row["is_group_leader"])
        for row in rows(notice, "parties")
    ] == [
        ("Town", "la", "gen-pub", True),
        ("Ministry", "cga", "defence", None),
    ]
    assert column(notice, "parties", "party_ordinal") == [1, 2]
    assert (notice.row["buyer_name"], notice.row["buyer_country"]) == ("Town", "FRA")
    assert (notice.row["is_joint_procurement"], notice.row["is_central_purchasing"]) == (True, True)


def test_reads_the_address_and_all_numbers_of_an_organisation() -> None:
    more = (
        "<cac:PartyLegalEntity><cbc:CompanyID>VAT 7</cbc:CompanyID></cac:PartyLegalEntity>"
        "<efbc:CompanySizeCode>sme</efbc:CompanySizeCode><cbc:WebsiteURI>https://town.example</cbc:WebsiteURI>"
        "<cac:Contact><cbc:Name>Jane Doe</cbc:Name>"
        "<cbc:ElectronicMail>jane@town.example</cbc:ElectronicMail></cac:Contact>"
    )
    notice = read(buyer("ORG-1"), organisations(organisation("ORG-1", "Town", company=more)))
    (row,) = rows(notice, "parties")
    assert {key: value for key, value in row.items() if value is not None} == {
        "organisation_id": "ORG-1",
        "name": "Town",
        "national_id": "N-ORG-1",
        "other_national_ids": ["VAT 7"],
        "street": "High Street 1",
        "town": "Metz",
        "postcode": "57000",
        "nuts_code": "FRF33",
        "country": "FRA",
        "size": "sme",
        "website": "https://town.example",
        "role": "buyer",
        "party_ordinal": 1,
    }
    assert "Jane" not in str(notice)


def test_a_touch_point_as_buyer_has_the_identity_of_its_organisation_and_its_own_name() -> None:
    point = (
        "<efac:TouchPoint><cac:PartyIdentification><cbc:ID>TPO-1</cbc:ID></cac:PartyIdentification>"
        "<cac:PartyName><cbc:Name>Purchasing</cbc:Name></cac:PartyName><cac:PostalAddress>"
        "<cbc:CityName>Nancy</cbc:CityName>"
        "</cac:PostalAddress></efac:TouchPoint>"
    )
    notice = read(buyer("TPO-1"), organisations(organisation("ORG-1", "Town", more=point)))
    (row,) = rows(notice, "parties")
    assert (row["organisation_id"], row["national_id"], row["country"]) == ("ORG-1", "N-ORG-1", "FRA")
    assert (row["name"], row["town"]) == ("Purchasing", "Nancy")


def test_an_organisation_in_a_role_is_one_row_however_many_lots_cite_it() -> None:
    terms = (
        "<cac:AppealTerms><cac:AppealReceiverParty><cac:PartyIdentification><cbc:ID>ORG-2</cbc:ID>"
        "</cac:PartyIdentification></cac:AppealReceiverParty><cac:MediationParty><cac:PartyIdentification>"
        "<cbc:ID>ORG-2</cbc:ID></cac:PartyIdentification></cac:MediationParty></cac:AppealTerms>"
    )
    content = LOT.format(terms=terms, process="", project="")
    notice = read(lot("LOT-0001", content) + lot("LOT-0002", content), organisations(organisation("ORG-2", "Court")))
    assert [(row["role"], row["name"]) for row in rows(notice, "parties")] == [
        ("review-body", "Court"),
        ("mediator", "Court"),
    ]
    assert not [key for row in rows(notice, "lots") for key in row if key.startswith("_")]


def test_service_providers_and_senders_are_parties() -> None:
    provider = (
        "<cac:ServiceProviderParty><cbc:ServiceTypeCode>{}</cbc:ServiceTypeCode><cac:Party><cac:PartyIdentification>"
        "<cbc:ID>{}</cbc:ID></cac:PartyIdentification></cac:Party></cac:ServiceProviderParty>"
    )
    body = buyer("ORG-1").replace(
        "</cac:Party>", provider.format("ted-esen", "ORG-2") + provider.format("serv-prov", "ORG-3") + "</cac:Party>", 1
    )
    notice = read(body, organisations(*(organisation(f"ORG-{n}") for n in (1, 2, 3))))
    assert [(row["role"], row["name"]) for row in rows(notice, "parties")] == [
        ("buyer", "ORG-1"),
        ("esender", "ORG-2"),
        ("service-provider", "ORG-3"),
    ]


def test_a_reference_to_nobody_is_kept_and_named() -> None:
    notice = read(buyer("ORG-9"))
    assert [(row["role"], row["organisation_id"]) for row in rows(notice, "parties")] == [("buyer", "ORG-9")]
    assert notice.warnings == ["unknown-organisation ORG-9"]


# Changes


def test_each_change_is_a_row_with_its_lots() -> None:
    changes = (
        "<efac:Changes><efbc:ChangedNoticeIdentifier>00581251-2023</efbc:ChangedNoticeIdentifier>"
        "<efac:ChangeReason><cbc:ReasonCode>cor-buy</cbc:ReasonCode>"
        "<efbc:ReasonDescription>Wrong day</efbc:ReasonDescription>"
        "</efac:ChangeReason><efac:Change><efbc:ChangeDescription>Later</efbc:ChangeDescription><efac:ChangedSection>"
        "<efbc:ChangedSectionIdentifier>LOT-0001</efbc:ChangedSectionIdentifier>"
        "</efac:ChangedSection><efac:ChangedSection>"
        "<efbc:ChangedSectionIdentifier>ORG-0001</efbc:ChangedSectionIdentifier></efac:ChangedSection></efac:Change>"
        "<efac:Change><efbc:ChangedSectionIdentifier>PROCEDURE</efbc:ChangedSectionIdentifier>"
        "</efac:Change></efac:Changes>"
    )
    found = rows(read(extension=changes, faults=("efac:Change/efbc:ChangedSectionIdentifier",)), "changes")
    assert {
        (row["kind"], row["changed_notice_id"], row["changed_notice_ref"], row["reason_code"], row["reason_text"])
        for row in found
    } == {("corrigendum", "581251-2023", "00581251-2023", "cor-buy", "Wrong day")}
    assert [(row["change_ordinal"], row["section"], row["lot_ids"], row.get("description")) for row in found] == [
        (1, "LOT-0001, ORG-0001", ["LOT-0001"], "Later"),
        (2, "PROCEDURE", None, None),
    ]


def test_a_changed_notice_named_by_its_uuid_has_no_notice_id() -> None:
    changes = (
        "<efac:Changes>"
        "<efbc:ChangedNoticeIdentifier>ea736842-4757-4e53-b9dd-2458fd4130b8-01</efbc:ChangedNoticeIdentifier>"
        "</efac:Changes>"
    )
    (row,) = rows(read(extension=changes), "changes")
    assert (row["changed_notice_id"], row["changed_notice_ref"]) == (None, "ea736842-4757-4e53-b9dd-2458fd4130b8-01")


def test_a_contract_modification_is_a_change() -> None:
    modification = (
        "<efac:ContractModification><efbc:ChangedNoticeIdentifier>342558-2018</efbc:ChangedNoticeIdentifier>"
        "<efbc:ModifiedContractIdentifier>CON-0001</efbc:ModifiedContractIdentifier>"
        "<efac:Change><efbc:ChangeDescription>More value</efbc:ChangeDescription></efac:Change>"
        "<efac:ChangeReason><cbc:ReasonCode>add-wss</cbc:ReasonCode></efac:ChangeReason></efac:ContractModification>"
    )
    notice = read(extension=modification, subtype="38", kind="cont-modif", type_code="can-modif")
    (row,) = rows(notice, "changes")
    assert (row["kind"], row["changed_notice_id"], row["reason_code"]) == ("modification", "342558-2018", "add-wss")
    assert (row["section"], row["description"]) == ("CON-0001", "More value")
    assert notice.unknown_codes == []


def test_an_empty_change_is_none() -> None:
    assert rows(read(extension="<efac:Changes/>"), "changes") == []


# Registrations


@pytest.mark.parametrize("has_address", [True, False])
def test_a_registration_names_the_company_and_its_announcement(has_address: bool) -> None:
    address = (
        "<cac:{0}><cbc:CityName>Trier</cbc:CityName><cac:Country><cbc:IdentificationCode>deu</cbc:IdentificationCode>"
        "</cac:Country></cac:{0}>"
    )
    body = (
        '<cbc:Note languageID="ENG">Said on oath</cbc:Note><cac:BusinessParty>'
        + (address.format("PostalAddress") if has_address else "")
        + "<cac:PartyLegalEntity><cbc:RegistrationName>Acme SE</cbc:RegistrationName>"
        '<cbc:CompanyID schemeName="national">HRB 1</cbc:CompanyID></cac:PartyLegalEntity><cac:PartyLegalEntity>'
        '<cbc:CompanyID schemeName="EU">EU 1</cbc:CompanyID>'
        "<cac:CorporateRegistrationScheme>"
        + address.format("JurisdictionRegionAddress").replace("deu", "deu" if not has_address else "fra")
        + "</cac:CorporateRegistrationScheme></cac:PartyLegalEntity></cac:BusinessParty>"
        "<cac:AdditionalDocumentReference><cbc:ReferencedDocumentInternalAddress>Registration of Acme"
        "</cbc:ReferencedDocumentInternalAddress></cac:AdditionalDocumentReference><cac:BusinessCapability>"
        "<cbc:CapabilityTypeCode>education</cbc:CapabilityTypeCode></cac:BusinessCapability>"
    )
    notice = read(body, root="BusinessRegistrationInformationNotice", subtype="X02", kind="bri", type_code="brin-ecs")
    (row,) = rows(notice, "parties")
    assert (notice.row["form_type"], notice.row["title"]) == ("bri", "Registration of Acme")
    assert notice.row["description"] == "Said on oath"
    assert (row["role"], row["name"], row["national_id"]) == ("registered-company", "Acme SE", "HRB 1")
    assert (row["other_national_ids"], row["town"], row["country"]) == (["EU 1"], "Trier", "DEU")
    assert row["main_activity"] == "education"


# Limits


def test_many_codes_are_read_in_linear_time_and_without_repeats() -> None:
    codes_ = [f"{number:08d}" for number in range(30000)]
    element = (
        "<cac:AdditionalCommodityClassification><cbc:ItemClassificationCode>{}</cbc:ItemClassificationCode>"
        "</cac:AdditionalCommodityClassification>"
    )
    text = "".join(element.format(code) for code in codes_ + codes_)
    started = time.process_time()
    row, _ = one_lot(project=text)
    assert row["cpv_additional"] == codes_
    assert time.process_time() - started < 10


# The contract with the tables


def test_sources_name_columns_of_the_tables() -> None:
    known = {(table.name, each.name) for table in NOTICE_TABLES for each in table}
    assert set(SOURCES) <= known


def owner(identifier: str, nationality: str) -> str:
    return (
        f"<efac:UltimateBeneficialOwner><cbc:ID>{identifier}</cbc:ID><efac:Nationality>"
        f"<cbc:NationalityID>{nationality}</cbc:NationalityID></efac:Nationality></efac:UltimateBeneficialOwner>"
    )


def owned_by(identifier: str) -> str:
    return f"<efac:UltimateBeneficialOwner><cbc:ID>{identifier}</cbc:ID></efac:UltimateBeneficialOwner>"


def test_an_organisation_that_is_repeated_for_each_owner_has_all_of_their_nationalities() -> None:
    firms = [organisation("ORG-0001", more=owned_by(each)) for each in ("UBO-0001", "UBO-0002")]
    owners = owner("UBO-0001", "FRA") + owner("UBO-0002", "DEU")
    notice = read(buyer("ORG-0001"), organisations(*firms, owners))
    assert notice.children["parties"][0]["owner_nationalities"] == ["FRA", "DEU"]
    assert notice.warnings == []


@pytest.mark.parametrize("is_sparse_first", [True, False])
def test_an_organisation_given_twice_is_filled_by_the_copy_that_contradicts_nothing(is_sparse_first: bool) -> None:
    sparse = (
        "<efac:Organization><efac:Company><cac:PartyIdentification><cbc:ID>ORG-0001</cbc:ID></cac:PartyIdentification>"
        "<cac:PartyName><cbc:Name>ORG-0001</cbc:Name></cac:PartyName></efac:Company></efac:Organization>"
    )
    both = [sparse, organisation("ORG-0001")]
    (party,) = read(buyer("ORG-0001"), organisations(*both[:: 1 if is_sparse_first else -1])).children["parties"]
    assert (party["town"], party["national_id"], party["country"]) == ("Metz", "N-ORG-0001", "FRA")


def test_of_two_organisations_that_contradict_each_other_the_first_stays_as_it_is() -> None:
    other = organisation("ORG-0001", "Other", company="<cbc:WebsiteURI>https://other.example</cbc:WebsiteURI>")
    notice = read(buyer("ORG-0001"), organisations(organisation("ORG-0001", "One"), other))
    (party,) = notice.children["parties"]
    assert (party["name"], party.get("website")) == ("One", None)
    assert notice.warnings == ["duplicate-id ORG-0001"]


def test_a_buyer_that_is_described_in_place_is_one() -> None:
    inline = (
        "<cac:ContractingParty><cac:Party>{}<cac:PartyName><cbc:Name>Port of Oslo</cbc:Name></cac:PartyName>"
        "<cac:PostalAddress><cbc:CityName>Oslo</cbc:CityName><cac:Country><cbc:IdentificationCode>NOR"
        "</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyLegalEntity><cbc:CompanyID>987"
        "</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:ContractingParty>"
    )
    identified = "<cac:PartyIdentification><cbc:ID>ORG-0009</cbc:ID></cac:PartyIdentification>"
    for identification, identifier in (("", None), (identified, "ORG-0009")):
        notice = read(inline.format(identification), faults=("/*/cac:ContractingParty/cac:Party/cac:",))
        (party,) = notice.children["parties"]
        assert (party["role"], party["town"], party["national_id"]) == ("buyer", "Oslo", "987")
        assert party.get("organisation_id") == identifier
        assert (notice.row["buyer_name"], notice.row["buyer_country"]) == ("Port of Oslo", "NOR")
        assert notice.row["is_joint_procurement"] is False
        assert notice.warnings == []


def test_a_buyer_that_is_named_twice_does_not_procure_with_others() -> None:
    point = (
        "<efac:TouchPoint><cac:PartyIdentification><cbc:ID>TPO-0001</cbc:ID></cac:PartyIdentification>"
        "<cac:PartyName><cbc:Name>Roads Department</cbc:Name></cac:PartyName></efac:TouchPoint>"
    )
    town = organisations(organisation("ORG-0001", "Town", more=point), organisation("ORG-0002"))
    twice = read(buyer("ORG-0001") + buyer("ORG-0001"), town)
    assert len(twice.children["parties"]) == 1
    assert twice.row["is_joint_procurement"] is False
    assert read(buyer("ORG-0001") + buyer("TPO-0001"), town).row["is_joint_procurement"] is False
    assert read(buyer("ORG-0001") + buyer("ORG-0002"), town).row["is_joint_procurement"] is True


@pytest.mark.parametrize(
    ("procedure", "text"), [("neg-wo-call", "Only one firm"), ("", "Only one firm"), ("open", None)]
)
def test_a_reason_without_code_is_one_for_a_direct_award_unless_there_was_a_call(
    procedure: str, text: str | None
) -> None:
    process = (
        f"<cac:TenderingProcess><cbc:ProcedureCode>{procedure}</cbc:ProcedureCode><cac:ProcessJustification>"
        "<cbc:ProcessReason>Only one firm</cbc:ProcessReason></cac:ProcessJustification></cac:TenderingProcess>"
    )
    assert read(process).row["direct_award_text"] == text


@pytest.mark.parametrize(
    ("attribute", "code", "expected"),
    [
        (' listName="reserved-execution"', "yes", "yes"),
        (' listName="reserved-executionn"', "no", "no"),
        ("", "not-known", "not-known"),
        (' listName="nda"', "false", None),
        (' listName="permission"', "allowed", None),
    ],
)
def test_a_misspelt_list_does_not_hide_who_has_to_perform_the_contract(
    attribute: str, code: str, expected: str | None
) -> None:
    terms = (
        "<cac:TenderingTerms><cac:ContractExecutionRequirement>"
        f"<cbc:ExecutionRequirementCode{attribute}>{code}</cbc:ExecutionRequirementCode>"
        "</cac:ContractExecutionRequirement></cac:TenderingTerms>"
    )
    is_known = attribute in ("", ' listName="reserved-execution"', ' listName="nda"')
    faults = () if is_known else (attribute.split('"')[1],)
    (row,) = read(lot(content=terms), faults=faults).children["lots"]
    assert row.get("reserved_execution") == expected
    assert row.get("electronic_invoicing") is None


def test_social_objectives_are_known_by_the_older_name_of_their_list() -> None:
    project = (
        "<cac:ProcurementProject><cac:ProcurementAdditionalType>"
        '<cbc:ProcurementTypeCode listName="social-procurement">work-cond</cbc:ProcurementTypeCode>'
        "</cac:ProcurementAdditionalType></cac:ProcurementProject>"
    )
    notice = read(lot(content=project), faults=("@listName: social-procurement",))
    assert notice.children["lots"][0]["social_objectives"] == ["work-cond"]


@pytest.mark.parametrize(("published", "code"), [("1A0", "XKX"), ("XKX", "XKX"), ("FRA", "FRA"), ("fr", "FRA")])
def test_countries_have_three_letters(published: str, code: str) -> None:
    firm = organisation("ORG-0001").replace(">FRA<", f">{published}<")
    assert read(buyer("ORG-0001"), organisations(firm)).row["buyer_country"] == code


def test_the_code_lists_placeholder_says_nothing() -> None:
    terms = (
        "<cac:TenderingTerms>"
        + ext("<efac:Funding><cbc:FundingProgramCode>OP_DATPRO</cbc:FundingProgramCode></efac:Funding>")
        + "</cac:TenderingTerms>"
    )
    total = amount("cbc:EstimatedOverallContractAmount", "500", "OP_DATPRO")
    project = (
        f"<cac:ProcurementProject><cac:RequestedTenderTotal>{total}</cac:RequestedTenderTotal></cac:ProcurementProject>"
    )
    (row,) = read(lot(content=terms + project)).children["lots"]
    assert row.get("eu_programmes") is None
    assert (row["estimated_value"], row["estimated_value_currency"]) == ("500", None)


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_currency_is_none(empty: str) -> None:
    total = amount("cbc:EstimatedOverallContractAmount", "500", empty)
    project = (
        f"<cac:ProcurementProject><cac:RequestedTenderTotal>{total}</cac:RequestedTenderTotal></cac:ProcurementProject>"
    )
    (row,) = read(lot(content=project)).children["lots"]
    assert (row["estimated_value"], row["estimated_value_currency"]) == ("500", None)


def test_of_texts_in_one_language_the_first_stays() -> None:
    texts = [("FRA", "Un"), ("ENG", "One"), ("ENG", "Two"), ("DEU", "Drei")]
    names = "".join(f'<cbc:Name languageID="{language}">{text}</cbc:Name>' for language, text in texts)
    project = f"<cac:ProcurementProject>{names}</cac:ProcurementProject>"
    notice = read(project + lot(content=project))
    assert (notice.row["title"], notice.row["title_en"]) == ("One", "One")
    assert column(notice, "lots", "title") == ["One"]
    assert read(project, language="SWE").row["title"] == "Un"
