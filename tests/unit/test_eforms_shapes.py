"""eForms: columns of the second list, shapes that senders really use, and what is withheld in either way."""

# ruff: noqa: E501 (an element is easier to read on one line)

from typing import Any

import pytest

from runtime.extract.notice import Notice
from tests.unit.eforms_notice import (
    CLOSED,
    SELECTED,
    amount,
    buyer,
    contract,
    ext,
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

FIRMS = organisations(*(organisation(f"ORG-{n}", f"Firm {n}") for n in range(1, 4)))


def project(content: str) -> str:
    return f"<cac:ProcurementProject>{content}</cac:ProcurementProject>"


def process(content: str) -> str:
    return f"<cac:TenderingProcess>{content}</cac:TenderingProcess>"


def terms(content: str) -> str:
    return f"<cac:TenderingTerms>{content}</cac:TenderingTerms>"


def code(name: str, value: str, list_name: str) -> str:
    return f'<cbc:{name} listName="{list_name}">{value}</cbc:{name}>'


def of_lot(content: str, **options: Any) -> Any:
    """The row of the one lot of a notice."""
    (row,) = read(lot("LOT-0001", content), **options).children["lots"]
    return row


def column(notice: Notice, table: str, *names: str) -> list[Any]:
    return [tuple(row.get(name) for name in names) for row in notice.children.get(table, [])]


# ---- columns of lots --------------------------------------------------------------------------------------------

LOT_COLUMNS = {
    "internal_id": (project("<cbc:ID>A-7</cbc:ID>"), "A-7"),
    "quantity": (project('<cbc:EstimatedOverallContractQuantity unitCode="TNE">12.5</cbc:EstimatedOverallContractQuantity>'), "12.5"),
    "quantity_unit": (project('<cbc:EstimatedOverallContractQuantity unitCode="TNE">12</cbc:EstimatedOverallContractQuantity>'), "TNE"),
    "duration_code": (project("<cac:PlannedPeriod><cbc:DescriptionCode>UNLIMITED</cbc:DescriptionCode></cac:PlannedPeriod>"), "UNLIMITED"),
    "renewal_maximum": (project("<cac:ContractExtension><cbc:MaximumNumberNumeric>3</cbc:MaximumNumberNumeric></cac:ContractExtension>"), 3),
    "place_countries": (
        project("<cac:RealizedLocation><cac:Address><cac:Country><cbc:IdentificationCode>FRA</cbc:IdentificationCode></cac:Country></cac:Address></cac:RealizedLocation>" * 2),
        ["FRA"],
    ),
    "place_regions": (project("<cac:RealizedLocation><cac:Address><cbc:Region>anyw-eea</cbc:Region></cac:Address></cac:RealizedLocation>"), ["anyw-eea"]),
    "is_sme_suitable": (project("<cbc:SMESuitableIndicator>true</cbc:SMESuitableIndicator>"), True),
    **{
        name: (project(f"<cac:ProcurementAdditionalType>{code('ProcurementTypeCode', value, list_name)}</cac:ProcurementAdditionalType>"), wanted)
        for name, list_name, value, wanted in (
            ("strategic_procurement", "strategic-procurement", "soc-obj", ["soc-obj"]),
            ("environmental_impacts", "environmental-impact", "circ-econ", ["circ-econ"]),
            ("social_objectives", "social-objective", "gen-eq", ["gen-eq"]),
            ("innovations", "innovative-acquisition", "proc-innov", ["proc-innov"]),
            ("gpp_criteria", "gpp-criteria", "eu", ["eu"]),
            ("accessibility", "accessibility", "inc", "inc"),
        )
    },
    "electronic_submission": (process(code("SubmissionMethodCode", "required", "esubmission")), "required"),
    "opening_date": (process("<cac:OpenTenderEvent><cbc:OccurrenceDate>2024-05-02+02:00</cbc:OccurrenceDate></cac:OpenTenderEvent>"), "2024-05-02"),
    "opening_time": (process("<cac:OpenTenderEvent><cbc:OccurrenceTime>11:30:00+02:00</cbc:OccurrenceTime></cac:OpenTenderEvent>"), "11:30+02:00"),
    "candidates_min": (process("<cac:EconomicOperatorShortList><cbc:MinimumQuantity>3</cbc:MinimumQuantity></cac:EconomicOperatorShortList>"), 3),
    "candidates_max": (process("<cac:EconomicOperatorShortList><cbc:MaximumQuantity>5</cbc:MaximumQuantity></cac:EconomicOperatorShortList>"), 5),
    "framework_max_participants": (process("<cac:FrameworkAgreement><cbc:MaximumOperatorQuantity>4</cbc:MaximumOperatorQuantity></cac:FrameworkAgreement>"), 4),
    "framework_type": (process(f"<cac:ContractingSystem>{code('ContractingSystemTypeCode', 'fa-mix', 'framework-agreement')}</cac:ContractingSystem>"), "fa-mix"),
    "dps_type": (process(f"<cac:ContractingSystem>{code('ContractingSystemTypeCode', 'dps-list', 'dps-usage')}</cac:ContractingSystem>"), "dps-list"),
    "variants": (terms("<cbc:VariantConstraintCode>not-allowed</cbc:VariantConstraintCode>"), "not-allowed"),
    "is_recurrent": (terms("<cbc:RecurringProcurementIndicator>false</cbc:RecurringProcurementIndicator>"), False),
    "electronic_invoicing": (terms(f"<cac:ContractExecutionRequirement>{code('ExecutionRequirementCode', 'required', 'einvoicing')}</cac:ContractExecutionRequirement>"), "required"),
    "reserved_execution": (terms(f"<cac:ContractExecutionRequirement>{code('ExecutionRequirementCode', 'no', 'reserved-execution')}</cac:ContractExecutionRequirement>"), "no"),
    "has_electronic_ordering": (terms("<cac:PostAwardProcess><cbc:ElectronicOrderUsageIndicator>true</cbc:ElectronicOrderUsageIndicator></cac:PostAwardProcess>"), True),
    "has_electronic_payment": (terms("<cac:PostAwardProcess><cbc:ElectronicPaymentUsageIndicator>false</cbc:ElectronicPaymentUsageIndicator></cac:PostAwardProcess>"), False),
    "documents_url": (
        terms(
            "<cac:CallForTendersDocumentReference><cbc:DocumentType>restricted-document</cbc:DocumentType><cac:Attachment><cac:ExternalReference>"
            "<cbc:URI>https://restricted.test</cbc:URI></cac:ExternalReference></cac:Attachment></cac:CallForTendersDocumentReference>"
            "<cac:CallForTendersDocumentReference><cbc:DocumentType>non-restricted-document</cbc:DocumentType><cac:Attachment><cac:ExternalReference>"
            "<cbc:URI>https://documents.test</cbc:URI></cac:ExternalReference></cac:Attachment></cac:CallForTendersDocumentReference>"
        ),
        "https://documents.test",
    ),
    "submission_url": (terms("<cac:TenderRecipientParty><cbc:EndpointID>https://tenders.test</cbc:EndpointID></cac:TenderRecipientParty>"), "https://tenders.test"),
    "submission_languages": (terms("<cac:Language><cbc:ID>FRA</cbc:ID></cac:Language><cac:Language><cbc:ID>ENG</cbc:ID></cac:Language>" * 2), ["FRA", "ENG"]),
    "tender_validity_value": (terms('<cac:TenderValidityPeriod><cbc:DurationMeasure unitCode="MONTH">6</cbc:DurationMeasure></cac:TenderValidityPeriod>'), "6"),
    "tender_validity_unit": (terms('<cac:TenderValidityPeriod><cbc:DurationMeasure unitCode="MONTH">6</cbc:DurationMeasure></cac:TenderValidityPeriod>'), "MONTH"),
    "reserved_participation": (
        terms(
            "<cac:TendererQualificationRequest><cac:SpecificTendererRequirement>"
            f"{code('TendererRequirementTypeCode', 'res-ws', 'reserved-procurement')}"
            "</cac:SpecificTendererRequirement></cac:TendererQualificationRequest>"
        ),
        ["res-ws"],
    ),
    "is_guarantee_required": (terms(f"<cac:RequiredFinancialGuarantee>{code('GuaranteeTypeCode', 'true', 'tender-guarantee-required')}</cac:RequiredFinancialGuarantee>"), True),
    "is_clean_vehicles": (
        terms(ext(f"<efac:StrategicProcurement>{code('ApplicableLegalBasis', 'true', 'cvd-scope').replace('cbc:', 'efbc:')}</efac:StrategicProcurement>")),
        True,
    ),
    "eu_programmes": (terms(ext("<efac:Funding><cbc:FundingProgramCode>ERDF_2021</cbc:FundingProgramCode></efac:Funding>")), ["ERDF_2021"]),
    "eu_project_ids": (terms(ext("<efac:Funding><efbc:FinancingIdentifier>P-1</efbc:FinancingIdentifier></efac:Funding>")), ["P-1"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LOT_COLUMNS)
def test_a_column_of_lots_is_read(name: str) -> None:
    content, value = LOT_COLUMNS[name]
    notice = read(lot("LOT-0001", content))
    assert notice.children["lots"][0][name] == value
    assert not notice.unknown_codes


# ---- columns of notices, outcomes, tenders, contracts and parties ------------------------------------------------


def test_reads_the_reasons_of_a_direct_award_beside_the_accelerated_procedure() -> None:
    def justification(list_name: str, value: str, text: str = "") -> str:
        reason = f'<cbc:ProcessReason languageID="ENG">{text}</cbc:ProcessReason>' if text else ""
        return f"<cac:ProcessJustification>{code('ProcessReasonCode', value, list_name)}{reason}</cac:ProcessJustification>"

    row = read(
        process(
            justification("accelerated-procedure", "false")
            + justification("direct-award-justification", "technical", "One maker")
            + justification("direct-award-justification", "urgency", "Flood")
            + justification("direct-award-justification", "technical")
        )
    ).row
    assert row["is_accelerated"] is False
    assert row["direct_award_codes"] == ["technical", "urgency"]
    assert row["direct_award_text"] == "One maker\nFlood"


def test_reads_how_many_lots_one_may_tender_for_and_win_and_what_is_announced() -> None:
    row = read(
        "<cbc:PlannedDate>2024-09-01+02:00</cbc:PlannedDate>"
        + terms(
            "<cac:LotDistribution><cbc:MaximumLotsAwardedNumeric>1</cbc:MaximumLotsAwardedNumeric>"
            "<cbc:MaximumLotsSubmittedNumeric>2</cbc:MaximumLotsSubmittedNumeric></cac:LotDistribution>"
        )
        + lot("LOT-0001", process(ext("<efbc:ProcedureRelaunchIndicator>true</efbc:ProcedureRelaunchIndicator>")))
    ).row
    assert (row["max_lots_submitted"], row["max_lots_awarded"]) == (2, 1)
    assert row["future_notice_date"] == "2024-09-01"
    assert row["is_relaunched"] is True


def statistic(
    value: str, number: str, name: str = "ReceivedSubmissionsStatistics", list_name: str = "received-submission-type"
) -> str:
    return (
        f'<efac:{name}><efbc:StatisticsCode listName="{list_name}">{value}</efbc:StatisticsCode>'
        f"<efbc:StatisticsNumeric>{number}</efbc:StatisticsNumeric></efac:{name}>"
    )


def test_an_outcome_has_its_counts_its_reviews_and_its_estimate_anew() -> None:
    counts = ("t-micro", "t-small", "t-med", "t-large", "t-verif-inad", "t-verif-inad-low", "t-no-verif", "part-req")
    notice = read(
        lot(),
        result(
            outcome(
                "RES-0001",
                "LOT-0001",
                more=SELECTED
                + "".join(statistic(each, str(n)) for n, each in enumerate(counts, 1))
                + statistic("complainants", "9", "AppealRequestsStatistics", "review-type")
                + statistic("other", "8", "AppealRequestsStatistics", "irregularity-type")
                + "<efbc:DPSTerminationIndicator>true</efbc:DPSTerminationIndicator>"
                + f"<efac:FrameworkAgreementValues>{amount('efbc:ReestimatedValueAmount', '75')}"
                "</efac:FrameworkAgreementValues>",
            )
        ),
    )
    assert column(
        notice, "lot_results", "tenders_micro", "tenders_small", "tenders_medium", "tenders_large",
        "tenders_inadmissible", "tenders_abnormally_low", "tenders_unverified", "participation_requests",
        "review_requests", "is_dps_terminated", "framework_reestimated_value",
        "framework_reestimated_value_currency", "tenders_sme",
    ) == [(1, 2, 3, 4, 5, 6, 7, 8, 9, True, "75", "EUR", 6)]  # fmt: skip


def test_a_sum_of_parts_is_none_where_a_part_is_withheld() -> None:
    parts = statistic("t-micro", "2") + statistic("t-small", "-1") + statistic("t-med", "1")
    notice = read(lot(), result(outcome("RES-0001", "LOT-0001", more=SELECTED + parts)))
    assert column(notice, "lot_results", "tenders_sme", "are_tender_counts_withheld") == [(None, True)]


def test_tenders_contracts_and_parties_have_their_new_columns() -> None:
    firms = organisations(
        organisation(
            "ORG-1",
            more="<efbc:ListedOnRegulatedMarketIndicator>true</efbc:ListedOnRegulatedMarketIndicator>"
            "<efac:UltimateBeneficialOwner><cbc:ID>UBO-1</cbc:ID></efac:UltimateBeneficialOwner>",
        ),
        "<efac:UltimateBeneficialOwner><cbc:ID>UBO-1</cbc:ID><cbc:FamilyName>Nobody's business</cbc:FamilyName>"
        "<efac:Nationality><cbc:NationalityID>POL</cbc:NationalityID></efac:Nationality></efac:UltimateBeneficialOwner>",
    )
    notice = read(
        buyer("ORG-1", "<cbc:BuyerProfileURI>https://profile.test</cbc:BuyerProfileURI>") + lot(),
        result(
            outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
            tender(
                "TEN-0001",
                more="<efbc:TenderRankedIndicator>true</efbc:TenderRankedIndicator>"
                "<efac:Origin><efbc:AreaCode>DEU</efbc:AreaCode></efac:Origin>",
            ),
            contract(
                "CON-0001",
                "TEN-0001",
                "<cac:NoticeDocumentReference><cbc:ID>00000012-2023</cbc:ID></cac:NoticeDocumentReference>"
                "<efac:Funding><cbc:FundingProgramCode>JTF</cbc:FundingProgramCode></efac:Funding>",
            ),
            tendering_party("TPA-0001", "ORG-1", more="<cbc:Name>Consortium</cbc:Name>"),
        )
        + firms,
    )
    assert column(notice, "tenders", "is_ranked", "origin_countries", "tendering_party_name") == [
        (True, ["DEU"], "Consortium")
    ]
    assert column(notice, "contracts", "framework_notice_ref", "eu_programmes") == [("00000012-2023", ["JTF"])]
    assert column(notice, "parties", "role", "is_listed", "owner_nationalities", "buyer_profile_url") == [
        ("buyer", True, ["POL"], "https://profile.test"),
        ("winner", True, ["POL"], None),
    ]
    assert "Nobody's business" not in str(notice)


# ---- shapes that senders use --------------------------------------------------------------------------------------


def test_the_periods_of_the_procedure_hold_where_no_lot_has_one() -> None:
    period = (
        '<cac:PlannedPeriod><cbc:DurationMeasure unitCode="{unit}">{value}</cbc:DurationMeasure></cac:PlannedPeriod>'
    )
    whole, own = period.format(unit="MONTH", value=24), period.format(unit="DAY", value=5)
    faults = ("/*/cac:ProcurementProject/cac:PlannedPeriod",)
    notice = read(project(whole) + lot("LOT-0001") + lot("LOT-0002"), faults=faults)
    assert column(notice, "lots", "duration_value", "duration_unit") == [("24", "MONTH")] * 2
    notice = read(project(whole) + lot("LOT-0001", project(own)) + lot("LOT-0002"), faults=faults)
    assert column(notice, "lots", "duration_value", "duration_unit") == [("5", "DAY"), (None, None)]


@pytest.mark.parametrize("text", ["No", "n/a", "Brak.", "-", "NVT", "Keine", "néant", "nie dotyczy"])
def test_a_text_that_says_no_is_no(text: str) -> None:
    row = of_lot(
        project(
            f'<cac:ContractExtension><cbc:OptionsDescription languageID="ENG">{text}</cbc:OptionsDescription>'
            f'<cac:Renewal><cac:Period><cbc:Description languageID="ENG">{text}</cbc:Description></cac:Period>'
            "</cac:Renewal></cac:ContractExtension>"
        )
    )
    assert (row["has_options"], row["is_renewable"]) == (False, False)


def test_the_framework_maximum_is_found_where_senders_put_it_and_bt_271_goes_before_bt_157() -> None:
    maximum = amount("efbc:FrameworkMaximumAmount", "400")
    in_root = read(lot(), maximum, faults=("EformsExtension/efbc:FrameworkMaximumAmount",)).row
    assert (in_root["framework_max_value"], in_root["framework_max_value_currency"]) == ("400", "EUR")
    group = process(
        f"<cac:FrameworkAgreement>{amount('cbc:EstimatedMaximumValueAmount', '900')}</cac:FrameworkAgreement>"
    )
    total = project(f"<cac:RequestedTenderTotal>{ext(maximum)}</cac:RequestedTenderTotal>")
    in_terms = ("cac:TenderingTerms/ext:UBLExtensions",)
    for content, faults, value in (
        (group, (), "900"),
        (group + terms(ext(maximum)), in_terms, "400"),
        (total + group, (), "400"),
    ):
        (row,) = read(lot("GLO-0001", content, "LotsGroup"), faults=faults).children["lots"]
        assert row["framework_max_value"] == value


def test_a_market_consultation_has_the_deadline_for_answers() -> None:
    answers = process(
        ext(
            "<efac:AnswerReceptionPeriod><cbc:EndDate>2024-06-01</cbc:EndDate><cbc:EndTime>12:00:00</cbc:EndTime>"
            "</efac:AnswerReceptionPeriod>"
        )
    )
    row = of_lot(answers, subtype="E1", kind="consultation", type_code="pmc")
    assert (row["submission_deadline_date"], row["submission_deadline_time"]) == ("2024-06-01", "12:00")


def test_a_touch_point_with_part_of_an_address_has_none_of_its_organisations_other_parts() -> None:
    point = (
        "<efac:TouchPoint><cac:PartyIdentification><cbc:ID>TPO-1</cbc:ID></cac:PartyIdentification>"
        "<cac:PostalAddress><cbc:CityName>Lille</cbc:CityName></cac:PostalAddress></efac:TouchPoint>"
    )
    notice = read(buyer("TPO-1"), organisations(organisation("ORG-1", more=point)))
    assert column(notice, "parties", "organisation_id", "town", "street", "postcode", "nuts_code", "country") == [
        ("ORG-1", "Lille", None, None, None, "FRA")
    ]


def test_an_organisation_given_twice_is_the_first_and_named_only_where_the_second_says_else() -> None:
    same = organisation("ORG-1", "One")
    assert read(buyer("ORG-1"), organisations(same, same)).warnings == []
    notice = read(buyer("ORG-1"), organisations(same, organisation("ORG-1", "Other")))
    assert notice.row["buyer_name"] == "One"
    assert notice.warnings == ["duplicate-id ORG-1"]


def test_an_entitys_activity_stands_beside_the_authoritys() -> None:
    activities = "".join(
        f"<cac:ContractingActivity>{code('ActivityTypeCode', value, name)}</cac:ContractingActivity>"
        for name, value in (("authority-activity", "gen-pub"), ("entity-activity", "water"))
    )
    notice = read(buyer("ORG-1", activities), FIRMS)
    assert column(notice, "parties", "main_activity", "entity_activity") == [("gen-pub", "water")]


# ---- withheld -----------------------------------------------------------------------------------------------------


def privacy(field: str) -> str:
    return (
        f"<efac:FieldsPrivacy>{code('FieldIdentifierCode', field, 'non-publication-identifier').replace('cbc:', 'efbc:')}"
        "<efbc:PublicationDate>2030-01-01+01:00</efbc:PublicationDate></efac:FieldsPrivacy>"
    )


@pytest.mark.parametrize(
    ("field", "place", "faults"),
    [
        ("not-val", lambda field: result(field), ()),
        ("win-cho", lambda field: result(outcome("RES-0001", "LOT-0001", more=CLOSED + field)), ()),
        (
            "max-val",
            lambda field: result(
                outcome(
                    "RES-0001",
                    "LOT-0001",
                    more=f"<efac:FrameworkAgreementValues>{field}</efac:FrameworkAgreementValues>",
                )
            ),
            (),
        ),
        ("not-val", lambda field: field, ("EformsExtension/efac:FieldsPrivacy",)),
    ],
)
def test_a_withheld_field_is_known_wherever_it_stands(field: str, place: Any, faults: tuple[str, ...]) -> None:
    row = read(lot(), place(privacy(field)), faults=faults).row
    assert row["withheld_fields"] == [field]
    assert row["withheld_until"] == "2030-01-01"


def nondisclosure(*groups: str) -> str:
    return "".join(
        "<efac:NoticeInformationNondisclosure><efac:NondisclosureReference>"
        f"<efbc:NondisclosureID>{group}</efbc:NondisclosureID></efac:NondisclosureReference>"
        "<efbc:InformationDisclosureDate>2030-01-01+01:00</efbc:InformationDisclosureDate>"
        "</efac:NoticeInformationNondisclosure>"
        for group in groups
    )


def criterion(content: str) -> str:
    return f"<cac:AwardingTerms><cac:AwardingCriterion>{content}</cac:AwardingCriterion></cac:AwardingTerms>"


def withheld_field_by_field() -> Notice:
    """Up to SDK 1.15: each field has a mask, and says beside it that it is withheld."""
    masked = criterion(
        f"<cac:SubordinateAwardingCriterion>{code('AwardingCriterionTypeCode', 'unpublished', 'award-criterion-type')}"
        f'<cbc:Description languageID="ENG">unpublished</cbc:Description>{ext(privacy("awa-cri-typ"))}'
        "</cac:SubordinateAwardingCriterion>"
    )
    return read(
        buyer("ORG-1") + lot("LOT-0001", terms(masked)),
        result(
            amount("cbc:TotalAmount", "-1"),
            privacy("not-val"),
            amount("efbc:OverallMaximumFrameworkContractsAmount", "-1"),
            outcome(
                "RES-0001",
                "LOT-0001",
                "TEN-0001",
                "CON-0001",
                SELECTED
                + statistic("unpublished", "-1").replace("</efac:Rec", privacy("rec-sub-cou") + "</efac:Rec")
                + amount("cbc:LowerTenderAmount", "-1", "unpublished")
                + amount("cbc:HigherTenderAmount", "-1", "unpublished")
                + privacy("ten-val-low"),
            ),
            tender(
                "TEN-0001",
                value=payable("-1"),
                more="<cbc:RankCode>unpublished</cbc:RankCode>"
                "<efbc:TenderVariantIndicator>unpublished</efbc:TenderVariantIndicator>"
                "<efac:Origin><efbc:AreaCode>unpublished</efbc:AreaCode></efac:Origin>"
                f"<efac:SubcontractingTerm>{amount('efbc:TermAmount', '-1')}"
                "<efbc:TermPercent>-1</efbc:TermPercent><efbc:TermCode listName='applicability'>unpublished</efbc:TermCode>"
                f"</efac:SubcontractingTerm>{privacy('win-ten-val')}",
            ),
            contract("CON-0001", "TEN-0001"),
            tendering_party("TPA-0001", "ORG-2"),
        )
        + FIRMS,
        sdk="eforms-sdk-1.13",
    )


def withheld_by_group() -> Notice:
    """From SDK 1.16 on: what is withheld is not there, and the notice names its groups."""
    return read(
        buyer("ORG-1") + lot("LOT-0001", terms("")),
        nondisclosure(
            "cri-awrd", "sub-stat", "sub-lohi", "ten-valu", "ten-rank", "ten-vari", "ori-info", "sub-info", "not-val"
        )
        + result(
            outcome("RES-0001", "LOT-0001", "TEN-0001", "CON-0001", SELECTED),
            tender("TEN-0001"),
            contract("CON-0001", "TEN-0001"),
            tendering_party("TPA-0001", "ORG-2"),
        )
        + FIRMS,
        sdk="eforms-sdk-1.16",
    )


def test_both_ways_of_withholding_give_the_same_rows() -> None:
    old, new = withheld_field_by_field(), withheld_by_group()

    def said(rows: list[Any]) -> list[Any]:
        return [{name: value for name, value in row.items() if value is not None} for row in rows]

    assert {table: said(rows) for table, rows in old.children.items()} == {
        table: said(rows) for table, rows in new.children.items()
    }
    differing = {name for name in old.row.keys() | new.row.keys() if old.row.get(name) != new.row.get(name)}
    assert differing == {"schema_version", "withheld_fields"}
    assert old.warnings == new.warnings == []
    assert column(new, "tenders", "value", "is_value_withheld") == [(None, True)]
    assert column(new, "contracts", "value", "is_value_withheld") == [(None, True)]
    assert column(new, "lot_results", "tenders_received", "are_tender_counts_withheld") == [(None, True)]


def test_an_sdk_to_come_is_read_as_far_as_it_goes() -> None:
    notice = read(lot(), nondisclosure("new-group"), sdk="eforms-sdk-1.17")
    assert notice.warnings == ["newer-schema eforms-sdk-1.17"]
    assert notice.row["withheld_fields"] == ["new-group"]
