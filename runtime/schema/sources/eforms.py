"""XPath of each column in eForms, in short: X is the eForms extension of the root, R its NoticeResult.

L is /*/cac:ProcurementProjectLot, P its or the notice's cac:ProcurementProject, ext() what is inside the wrappers of
a UBL extension.
"""

_DEADLINE = (
    "cac:TenderingProcess/(cac:TenderSubmissionDeadlinePeriod, else cac:ParticipationRequestReceptionPeriod, "
    "else ext()/efac:InterestExpressionReceptionPeriod, else ext()/efac:AnswerReceptionPeriod)"
)
_MAXIMUM = (
    "P/cac:RequestedTenderTotal/ext()/efbc:FrameworkMaximumAmount, else "
    "cac:TenderingTerms/ext()/efbc:FrameworkMaximumAmount, else X/efbc:FrameworkMaximumAmount, else "
    "cac:TenderingProcess/cac:FrameworkAgreement/cbc:EstimatedMaximumValueAmount"
)

_PROJECT = {
    "title": "P/cbc:Name",
    "description": "P/cbc:Description",
    "contract_nature": "P/cbc:ProcurementTypeCode",
    "cpv_main": "P/cac:MainCommodityClassification/cbc:ItemClassificationCode",
    "cpv_additional": "P/cac:AdditionalCommodityClassification/cbc:ItemClassificationCode",
    "nuts_codes": "P/cac:RealizedLocation/cac:Address/cbc:CountrySubentityCode",
    "place_countries": "P/cac:RealizedLocation/cac:Address/cac:Country/cbc:IdentificationCode",
    "place_regions": "P/cac:RealizedLocation/cac:Address/cbc:Region",
    "estimated_value": "P/cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount",
    "estimated_value_currency": "…/@currencyID",
    "framework_max_value": _MAXIMUM,
    "framework_max_value_currency": "…/@currencyID",
}

_TERMS = {
    "is_framework": "cac:TenderingProcess/cac:ContractingSystem/cbc:ContractingSystemTypeCode"
    "[@listName='framework-agreement'], other than none",
    "is_dps": "cac:TenderingProcess/cac:ContractingSystem/cbc:ContractingSystemTypeCode[@listName='dps-usage'], "
    "other than none",
    "is_electronic_auction": "cac:TenderingProcess/cac:AuctionTerms/cbc:AuctionConstraintIndicator",
    "is_gpa_covered": "cac:TenderingProcess/cbc:GovernmentAgreementConstraintIndicator",
    "is_eu_funded": "cac:TenderingTerms/cbc:FundingProgramCode[@listName='eu-funded']",
    "submission_deadline_date": f"{_DEADLINE}/cbc:EndDate",
    "submission_deadline_time": f"{_DEADLINE}/cbc:EndTime, beside the date",
}

_NOTICES = {
    "notice_id": "X/efac:Publication/efbc:NoticePublicationID",
    "publication_date": "X/efac:Publication/efbc:PublicationDate",
    "ojs_issue": "X/efac:Publication/efbc:GazetteID, before the slash",
    "format": "root element",
    "schema_version": "/*/cbc:CustomizationID",
    "form_number": "X/efac:NoticeSubType/cbc:SubTypeCode",
    "form_type": "/*/cbc:NoticeTypeCode/@listName",
    "notice_type": "/*/cbc:NoticeTypeCode",
    "notice_uuid": "/*/cbc:ID",
    "notice_version": "/*/cbc:VersionID",
    "procedure_id": "/*/cbc:ContractFolderID",
    "legal_basis": "/*/cbc:RegulatoryDomain",
    "original_language": "/*/cbc:NoticeLanguageCode",
    "language_count": "/*/cbc:NoticeLanguageCode and /*/cac:AdditionalNoticeLanguage/cbc:ID, counted",
    "dispatch_date": "/*/cbc:IssueDate",
    **_PROJECT,
    "title": "P/cbc:Name; X01, X02: /*/cac:AdditionalDocumentReference/cbc:ReferencedDocumentInternalAddress",
    "title_en": "P/cbc:Name[@languageID='ENG']",
    "description": "P/cbc:Description; X01, X02: /*/cbc:Note",
    "reference_number": "P/cbc:ID",
    "procedure_type": "/*/cac:TenderingProcess/cbc:ProcedureCode",
    "is_accelerated": "/*/cac:TenderingProcess/cac:ProcessJustification/cbc:ProcessReasonCode"
    "[@listName='accelerated-procedure']",
    "nuts_codes": "P/cac:RealizedLocation/cac:Address/cbc:CountrySubentityCode, then those of the lots",
    "buyer_name": "first buyer of parties",
    "buyer_country": "first buyer of parties",
    "lot_count": "rows of lots, counted",
    "contract_count": "rows of contracts, counted",
    "total_value": "R/cbc:TotalAmount",
    "total_value_currency": "…/@currencyID",
    "framework_max_value": f"R/efbc:OverallMaximumFrameworkContractsAmount, else {_MAXIMUM}",
    **_TERMS,
    **{column: f"/*/{path}, else of any lot" for column, path in _TERMS.items() if column.startswith("is_")},
    "submission_deadline_date": f"/*/{_DEADLINE}/cbc:EndDate, else the earliest of the lots",
    "submission_deadline_time": f"/*/{_DEADLINE}/cbc:EndTime, beside the date",
    "is_joint_procurement": "more than one organisation among the buyers, /*/cac:ContractingParty",
    "is_central_purchasing": "X/efac:Organizations/efac:Organization/(efbc:AwardingCPBIndicator or "
    "efbc:AcquiringCPBIndicator) of a buyer",
    "previous_notices": "(/*|L)/cac:TenderingProcess/cac:NoticeDocumentReference/cbc:ID",
}

_REASON = (
    "/*/cac:TenderingProcess/cac:ProcessJustification[cbc:ProcessReasonCode/@listName='direct-award-justification']"
)
_NOTICES |= {
    "direct_award_codes": f"{_REASON}/cbc:ProcessReasonCode",
    "direct_award_text": f"{_REASON}/cbc:ProcessReason",
    "is_relaunched": "(/*|L)/cac:TenderingProcess/ext()/efbc:ProcedureRelaunchIndicator",
    "max_lots_submitted": "/*/cac:TenderingTerms/cac:LotDistribution/cbc:MaximumLotsSubmittedNumeric",
    "max_lots_awarded": "/*/cac:TenderingTerms/cac:LotDistribution/cbc:MaximumLotsAwardedNumeric",
    "future_notice_date": "/*/cbc:PlannedDate",
    "place_countries": "P/cac:RealizedLocation/cac:Address/cac:Country/cbc:IdentificationCode, then those of the lots",
    "place_regions": "P/cac:RealizedLocation/cac:Address/cbc:Region, then those of the lots",
    "withheld_fields": "//efac:FieldsPrivacy/efbc:FieldIdentifierCode, "
    "X/efac:NoticeInformationNondisclosure/efac:NondisclosureReference/efbc:NondisclosureID",
    "withheld_until": "//efac:FieldsPrivacy/efbc:PublicationDate, "
    "X/efac:NoticeInformationNondisclosure/efbc:InformationDisclosureDate: the earliest",
}

_REQUIREMENT = "L/cac:TenderingTerms/cac:ContractExecutionRequirement/cbc:ExecutionRequirementCode"
_LOTS = {
    "lot_ordinal": "L, position",
    "lot_id": "L/cbc:ID",
    "lot_kind": "L/cbc:ID, LOT-, PAR- or GLO-, else @schemeName",
    **_PROJECT,
    "framework_max_value": f"{_MAXIMUM}, else "
    "R/efac:LotResult/efac:FrameworkAgreementValues/cbc:MaximumValueAmount, for groups R/efac:GroupFramework",
    "duration_value": "P/cac:PlannedPeriod/cbc:DurationMeasure",
    "duration_unit": "P/cac:PlannedPeriod/cbc:DurationMeasure/@unitCode",
    "duration_code": "P/cac:PlannedPeriod/cbc:DescriptionCode",
    "start_date": "P/cac:PlannedPeriod/cbc:StartDate",
    "end_date": "P/cac:PlannedPeriod/cbc:EndDate",
    "is_renewable": "P/cac:ContractExtension/cbc:MaximumNumberNumeric above 0, else …/cac:Renewal",
    "renewal_maximum": "P/cac:ContractExtension/cbc:MaximumNumberNumeric",
    "has_options": "P/cac:ContractExtension/cbc:OptionsDescription, unless it says no",
    "internal_id": "P/cbc:ID",
    "quantity": "P/cbc:EstimatedOverallContractQuantity",
    "quantity_unit": "P/cbc:EstimatedOverallContractQuantity/@unitCode",
    "is_sme_suitable": "P/cbc:SMESuitableIndicator",
    **{
        column: f"P/cac:ProcurementAdditionalType/cbc:ProcurementTypeCode[@listName='{name}']"
        for column, name in (
            ("strategic_procurement", "strategic-procurement"),
            ("environmental_impacts", "environmental-impact"),
            ("social_objectives", "social-objective"),
            ("innovations", "innovative-acquisition"),
            ("gpp_criteria", "gpp-criteria"),
            ("accessibility", "accessibility"),
        )
    },
    "variants": "L/cac:TenderingTerms/cbc:VariantConstraintCode",
    "electronic_submission": "L/cac:TenderingProcess/cbc:SubmissionMethodCode[@listName='esubmission']",
    "electronic_invoicing": f"{_REQUIREMENT}[@listName='einvoicing']",
    "reserved_execution": f"{_REQUIREMENT}[@listName='reserved-execution']",
    "has_electronic_ordering": "L/cac:TenderingTerms/cac:PostAwardProcess/cbc:ElectronicOrderUsageIndicator",
    "has_electronic_payment": "L/cac:TenderingTerms/cac:PostAwardProcess/cbc:ElectronicPaymentUsageIndicator",
    "documents_url": "L/cac:TenderingTerms/cac:CallForTendersDocumentReference"
    "[cbc:DocumentType other than restricted-document]/cac:Attachment/cac:ExternalReference/cbc:URI",
    "submission_url": "L/cac:TenderingTerms/cac:TenderRecipientParty/cbc:EndpointID",
    "submission_languages": "L/cac:TenderingTerms/cac:Language/cbc:ID",
    "tender_validity_value": "L/cac:TenderingTerms/cac:TenderValidityPeriod/cbc:DurationMeasure",
    "tender_validity_unit": "L/cac:TenderingTerms/cac:TenderValidityPeriod/cbc:DurationMeasure/@unitCode",
    "opening_date": "L/cac:TenderingProcess/cac:OpenTenderEvent/cbc:OccurrenceDate",
    "opening_time": "L/cac:TenderingProcess/cac:OpenTenderEvent/cbc:OccurrenceTime",
    "is_recurrent": "L/cac:TenderingTerms/cbc:RecurringProcurementIndicator",
    "framework_type": "L/cac:TenderingProcess/cac:ContractingSystem/cbc:ContractingSystemTypeCode"
    "[@listName='framework-agreement'], other than none",
    "framework_max_participants": "L/cac:TenderingProcess/cac:FrameworkAgreement/cbc:MaximumOperatorQuantity",
    "dps_type": "L/cac:TenderingProcess/cac:ContractingSystem/cbc:ContractingSystemTypeCode[@listName='dps-usage'], "
    "other than none",
    "candidates_min": "L/cac:TenderingProcess/cac:EconomicOperatorShortList/cbc:MinimumQuantity",
    "candidates_max": "L/cac:TenderingProcess/cac:EconomicOperatorShortList/cbc:MaximumQuantity",
    "reserved_participation": "L/cac:TenderingTerms/cac:TendererQualificationRequest/cac:SpecificTendererRequirement/"
    "cbc:TendererRequirementTypeCode[@listName='reserved-procurement']",
    "is_guarantee_required": "L/cac:TenderingTerms/cac:RequiredFinancialGuarantee/cbc:GuaranteeTypeCode"
    "[@listName='tender-guarantee-required']",
    "is_clean_vehicles": "L/cac:TenderingTerms/ext()/efac:StrategicProcurement/efbc:ApplicableLegalBasis"
    "[@listName='cvd-scope']",
    "eu_programmes": "L/cac:TenderingTerms/ext()/efac:Funding/cbc:FundingProgramCode",
    "eu_project_ids": "L/cac:TenderingTerms/ext()/efac:Funding/efbc:FinancingIdentifier",
    **{column: f"L/{path}" for column, path in _TERMS.items()},
}

_APPEALS = "R/efac:LotResult/efac:AppealRequestsStatistics[efbc:StatisticsCode='complainants']/efbc:StatisticsNumeric"
_STATISTIC = "R/efac:LotResult/efac:ReceivedSubmissionsStatistics[efbc:StatisticsCode='{}']/efbc:StatisticsNumeric"
_LOT_RESULTS = {
    "result_ordinal": "R/efac:LotResult, position",
    "result_id": "R/efac:LotResult/cbc:ID",
    "lot_ids": "R/efac:LotResult/efac:TenderLot/cbc:ID",
    "status": "R/efac:LotResult/cbc:TenderResultCode",
    "non_award_reason": "R/efac:LotResult/efac:DecisionReason/efbc:DecisionReasonCode",
    "tenders_received": _STATISTIC.format("tenders"),
    "tenders_electronic": _STATISTIC.format("t-esubm"),
    "tenders_sme": _STATISTIC.format("t-sme") + ", else those of t-micro, t-small and t-med together",
    "tenders_other_eu": _STATISTIC.format("t-oth-eea"),
    "tenders_non_eu": _STATISTIC.format("t-no-eea"),
    "tenders_micro": _STATISTIC.format("t-micro"),
    "tenders_small": _STATISTIC.format("t-small"),
    "tenders_medium": _STATISTIC.format("t-med"),
    "tenders_large": _STATISTIC.format("t-large"),
    "tenders_inadmissible": _STATISTIC.format("t-verif-inad"),
    "tenders_abnormally_low": _STATISTIC.format("t-verif-inad-low"),
    "tenders_unverified": _STATISTIC.format("t-no-verif"),
    "participation_requests": _STATISTIC.format("part-req"),
    "review_requests": _APPEALS,
    "framework_reestimated_value": "R/efac:LotResult/efac:FrameworkAgreementValues/efbc:ReestimatedValueAmount",
    "framework_reestimated_value_currency": "…/@currencyID",
    "is_dps_terminated": "R/efac:LotResult/efbc:DPSTerminationIndicator",
    "lowest_tender_value": "R/efac:LotResult/cbc:LowerTenderAmount",
    "highest_tender_value": "R/efac:LotResult/cbc:HigherTenderAmount",
    "tender_value_currency": "…/@currencyID",
    "are_tender_counts_withheld": "a statistic of -1 or without number, or of an unpublished code",
}

_TENDERS = {
    "tender_ordinal": "R/efac:LotTender, position",
    "result_ordinal": "R/efac:LotResult of the tender's lot, else the one that cites the tender",
    "is_ranked": "R/efac:LotTender/efbc:TenderRankedIndicator",
    "origin_countries": "R/efac:LotTender/efac:Origin/efbc:AreaCode",
    "tendering_party_name": "R/efac:TenderingParty/cbc:Name",
    "tender_id": "R/efac:LotTender/cbc:ID",
    "tender_reference": "R/efac:LotTender/efac:TenderReference/cbc:ID",
    "lot_ids": "R/efac:LotTender/efac:TenderLot/cbc:ID",
    "tender_rank": "R/efac:LotTender/cbc:RankCode",
    "value": "R/efac:LotTender/cac:LegalMonetaryTotal/cbc:PayableAmount",
    "value_currency": "…/@currencyID",
    "is_winner": "has a row in contracts",
    "is_variant": "R/efac:LotTender/efbc:TenderVariantIndicator",
    "is_value_withheld": "value -1, currency unpublished, or efac:FieldsPrivacy/efbc:FieldIdentifierCode win-ten-val",
    "is_value_token": "value 0, 0.01 or 1",
    "is_subcontracted": "R/efac:LotTender/efac:SubcontractingTerm/efbc:TermCode",
    "subcontracting_value": "R/efac:LotTender/efac:SubcontractingTerm/efbc:TermAmount",
    "subcontracting_value_currency": "…/@currencyID",
    "subcontracting_percent": "R/efac:LotTender/efac:SubcontractingTerm/efbc:TermPercent",
}

_CONTRACTS = {
    "contract_ordinal": "position of the row",
    "result_ordinal": "R/efac:LotResult[efac:SettledContract/cbc:ID]",
    "tender_ordinal": "R/efac:SettledContract/efac:LotTender/cbc:ID",
    "lot_ids": "R/efac:LotResult/efac:TenderLot/cbc:ID, else those of the tender",
    "contract_id": "R/efac:SettledContract/cbc:ID",
    "contract_number": "R/efac:SettledContract/efac:ContractReference/cbc:ID",
    "contract_title": "R/efac:SettledContract/cbc:Title",
    "value": "of the tender",
    "value_currency": "of the tender",
    "is_value_withheld": "of the tender",
    "is_value_token": "of the tender",
    "award_date": "R/efac:SettledContract/cbc:AwardDate, other than 2000-01-01",
    "conclusion_date": "R/efac:SettledContract/cbc:IssueDate, other than 2000-01-01",
    "is_framework": "R/efac:SettledContract/efbc:ContractFrameworkIndicator",
    "framework_notice_ref": "R/efac:SettledContract/cac:NoticeDocumentReference/cbc:ID",
    "eu_programmes": "R/efac:SettledContract/efac:Funding/cbc:FundingProgramCode",
    "is_awarded_to_group": "more than one R/efac:TenderingParty/efac:Tenderer",
}

_COMPANY = "(X/efac:Organizations/efac:Organization/(efac:Company|efac:TouchPoint), /*/cac:ContractingParty/cac:Party)"
_PARTIES = {
    "party_ordinal": "position of the row",
    "role": "place of the reference; R/efac:TenderingParty/efac:Tenderer of a tender with a contract is who won",
    "contract_ordinal": "first contract of the tender",
    "tender_ordinal": "R/efac:LotTender/efac:TenderingParty/cbc:ID",
    "organisation_id": "X/efac:Organizations/efac:Organization/efac:Company/cac:PartyIdentification/cbc:ID",
    "name": f"{_COMPANY}/cac:PartyName/cbc:Name; X01, X02: "
    "/*/cac:BusinessParty/cac:PartyLegalEntity/cbc:RegistrationName",
    "national_id": "…/(efac:Company|cac:Party)/cac:PartyLegalEntity/cbc:CompanyID, the first",
    "other_national_ids": "…/(efac:Company|cac:Party)/cac:PartyLegalEntity/cbc:CompanyID, the others",
    "street": f"{_COMPANY}/cac:PostalAddress/(cbc:StreetName, cbc:AdditionalStreetName, cac:AddressLine/cbc:Line)",
    "town": f"{_COMPANY}/cac:PostalAddress/cbc:CityName",
    "postcode": f"{_COMPANY}/cac:PostalAddress/cbc:PostalZone",
    "nuts_code": f"{_COMPANY}/cac:PostalAddress/cbc:CountrySubentityCode",
    "country": f"{_COMPANY}/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
    "size": "…/(efac:Company|cac:Party)/efbc:CompanySizeCode",
    "is_natural_person": "X/efac:Organizations/efac:Organization/efbc:NaturalPersonIndicator",
    "is_group_leader": "R/efac:TenderingParty/efac:Tenderer/efbc:GroupLeadIndicator; buyers: "
    "X/efac:Organizations/efac:Organization/efbc:GroupLeadIndicator",
    "legal_type": "/*/cac:ContractingParty/cac:ContractingPartyType/cbc:PartyTypeCode[@listName='buyer-legal-type']",
    "entity_activity": "/*/cac:ContractingParty/cac:ContractingActivity/cbc:ActivityTypeCode"
    "[@listName='entity-activity']",
    "buyer_profile_url": "/*/cac:ContractingParty/cbc:BuyerProfileURI",
    "is_listed": "X/efac:Organizations/efac:Organization/efbc:ListedOnRegulatedMarketIndicator",
    "owner_nationalities": "X/efac:Organizations/efac:UltimateBeneficialOwner/cac:Nationality/cbc:NationalityID",
    "main_activity": "/*/cac:ContractingParty/cac:ContractingActivity/cbc:ActivityTypeCode; X01, X02: "
    "/*/cac:BusinessCapability/cbc:CapabilityTypeCode",
    "website": f"{_COMPANY}/cbc:WebsiteURI",
}

_CRITERION = "L/cac:TenderingTerms/cac:AwardingTerms/cac:AwardingCriterion/cac:SubordinateAwardingCriterion"
_PARAMETER = f"{_CRITERION}/ext()/efac:AwardCriterionParameter[efbc:ParameterCode/@listName='number-weight']"
_CRITERIA = {
    "lot_ordinal": "of the lot",
    "lot_id": "L/cbc:ID",
    "criterion_ordinal": "position of the row",
    "kind": f"{_CRITERION}/cbc:AwardingCriterionTypeCode",
    "name": f"{_CRITERION}/cbc:Name",
    "description": f"{_CRITERION}/cbc:Description",
    "weight_text": "…/cac:AwardingCriterion/cbc:CalculationExpression, where there are no parts and no number",
    "weight_number": f"{_PARAMETER}/efbc:ParameterNumeric",
    "weight_unit": f"{_PARAMETER}/efbc:ParameterCode",
}

_CHANGES = {
    "change_ordinal": "position of the row",
    "kind": "X/efac:Changes: corrigendum; X/efac:ContractModification and E5: modification",
    "changed_notice_id": "…/efbc:ChangedNoticeIdentifier, where it is a publication number",
    "changed_notice_ref": "…/efbc:ChangedNoticeIdentifier",
    "section": "…/efac:Change/efac:ChangedSection/efbc:ChangedSectionIdentifier, …/efbc:ModifiedContractIdentifier",
    "lot_ids": "sections that are lots, parts or groups; E5: lots of the tender",
    "reason_code": "…/efac:ChangeReason/cbc:ReasonCode",
    "reason_text": "…/efac:ChangeReason/efbc:ReasonDescription",
    "description": "…/efac:Change/efbc:ChangeDescription; E5: "
    "R/efac:LotTender/efac:AggregatedAmounts/efbc:PaidAmountDescription",
    "value_before": "E5: R/efac:LotTender/cac:LegalMonetaryTotal/cbc:PayableAmount",
    "value_after": "E5: R/efac:LotTender/efac:AggregatedAmounts/cbc:PaidAmount",
    "value_currency": "…/@currencyID",
}

SOURCES: dict[tuple[str, str], str] = {
    (table, column): path
    for table, columns in (
        ("notices", _NOTICES),
        ("lots", _LOTS),
        ("lot_results", _LOT_RESULTS),
        ("tenders", _TENDERS),
        ("contracts", _CONTRACTS),
        ("parties", _PARTIES),
        ("criteria", _CRITERIA),
        ("changes", _CHANGES),
    )
    for column, path in columns.items()
}
