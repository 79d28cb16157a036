"""What is read of a notice, by place. Every other element is passed over unread."""

from collections.abc import Iterable

from runtime.extract.eforms.tree import Outline, Shape, extension

ROLE = "role "  # Keys of party references: `role buyer`, as a reference stands where its role is.


def _party(role: str) -> Outline:
    return {"PartyIdentification": {"ID": ROLE + role}}


def _keep(*names: str) -> dict[str, "str | Outline"]:
    return {name: name for name in names}


_CPV: dict[str, "str | Outline"] = {
    "MainCommodityClassification": {"ItemClassificationCode": "main_cpv"},
    "AdditionalCommodityClassification": {"ItemClassificationCode": "additional_cpv"},
}

_PROJECT: Outline = {
    **_keep("Name", "Description", "ProcurementTypeCode"),
    "ID": "project_id",
    **_CPV,
    "RealizedLocation": {"Address": {"CountrySubentityCode": "nuts"}},
    "RequestedTenderTotal": {
        "EstimatedOverallContractAmount": "estimate",
        "UBLExtensions": extension({"FrameworkMaximumAmount": "framework_max"}),
    },
    "PlannedPeriod": {"DurationMeasure": "duration", "StartDate": "start", "EndDate": "end"},
    "ContractExtension": {
        "MaximumNumberNumeric": "renewals",
        "RenewalsIndicator": "renewable",
        "OptionsDescription": "options",
        "Renewal": {"Period": {"Description": "renewal"}},
    },
}

_DEADLINE: Outline = {"EndDate": "day", "EndTime": "time"}

_PROCESS: Outline = {
    "ProcedureCode": "procedure",
    "ProcessJustification": {"ProcessReasonCode": "reason"},
    "ContractingSystem": {"ContractingSystemTypeCode": "system"},
    "AuctionTerms": {"AuctionConstraintIndicator": "auction"},
    "GovernmentAgreementConstraintIndicator": "gpa",
    "TenderSubmissionDeadlinePeriod": "deadline",
    "ParticipationRequestReceptionPeriod": "participation_deadline",
    "FrameworkAgreement": {"EstimatedMaximumValueAmount": "framework_max_early"},
    "NoticeDocumentReference": {"ID": "previous"},
    "UBLExtensions": extension({"InterestExpressionReceptionPeriod": "interest_deadline"}),
}

_TERMS: Outline = {
    "FundingProgramCode": "funding",
    "AwardingTerms": {"AwardingCriterion": "criterion"},
    "AppealTerms": {
        "AppealReceiverParty": _party("review-body"),
        "AppealInformationParty": _party("review-information"),
        "MediationParty": _party("mediator"),
    },
    "AdditionalInformationParty": _party("information-provider"),
    "DocumentProviderParty": _party("document-provider"),
    "TenderRecipientParty": _party("tender-recipient"),
    "TenderEvaluationParty": _party("tender-evaluator"),
    "FiscalLegislationDocumentReference": {"IssuerParty": _party("fiscal-information")},
    "EnvironmentalLegislationDocumentReference": {"IssuerParty": _party("environmental-information")},
    "EmploymentLegislationDocumentReference": {"IssuerParty": _party("employment-information")},
    "UBLExtensions": extension({"FrameworkMaximumAmount": "framework_max"}),
}

ROOT = Shape(
    {
        **_keep(
            "CustomizationID",
            "ContractFolderID",
            "IssueDate",
            "VersionID",
            "RegulatoryDomain",
            "NoticeTypeCode",
            "NoticeLanguageCode",
            "Note",
        ),
        "ID": "notice_uuid",
        "AdditionalNoticeLanguage": {"ID": "languages"},
        "ContractingParty": "buyer",
        "ProcurementProject": _PROJECT,
        "TenderingProcess": _PROCESS,
        "TenderingTerms": _TERMS,
        "ProcurementProjectLot": "lot",
        "BusinessParty": "business",
        "BusinessCapability": {"CapabilityTypeCode": "capability"},
        "AdditionalDocumentReference": {"ReferencedDocumentInternalAddress": "announcement"},
        "UBLExtensions": extension(
            {
                "Publication": _keep("NoticePublicationID", "GazetteID", "PublicationDate"),
                "NoticeSubType": {"SubTypeCode": "subtype"},
                "Organizations": {"Organization": "organisation"},
                "NoticeResult": "result",
                "Changes": "changes",
                "ContractModification": "modification",
                "FrameworkMaximumAmount": "framework_max",
                "Appeals": {
                    "AppealInformation": {
                        "AppealingParty": {"Party": _party("complainant")},
                        "AppealProcessingParty": {"Party": _party("review-body")},
                    }
                },
            }
        ),
    }
)

LOT = Shape(
    {
        "ID": "lot_id",
        "ProcurementProject": _PROJECT,
        "TenderingProcess": _PROCESS,
        "TenderingTerms": _TERMS,
    }
)

DEADLINE = Shape(_DEADLINE)

CRITERION = Shape(
    {
        **_keep("AwardingCriterionTypeCode", "Name", "Description", "Weight", "WeightNumeric", "CalculationExpression"),
        "SubordinateAwardingCriterion": "criterion",
        "UBLExtensions": extension({"AwardCriterionParameter": "parameter"}),
    }
)

PARAMETER = Shape({"ParameterCode": "code", "ParameterNumeric": "number"})

_ADDRESS: Outline = {
    "StreetName": "street",
    "AdditionalStreetName": "street",
    "AddressLine": {"Line": "street"},
    "CityName": "town",
    "PostalZone": "postcode",
    "CountrySubentityCode": "nuts_code",
    "Country": {"IdentificationCode": "country"},
}

_COMPANY: Outline = {
    "PartyIdentification": {"ID": "id"},
    "PartyName": {"Name": "name"},
    "PostalAddress": _ADDRESS,
    "PartyLegalEntity": {"CompanyID": "national_id"},
    "CompanySizeCode": "size",
    "WebsiteURI": "website",
}

ORGANISATION = Shape(
    {
        "Company": _COMPANY,
        "TouchPoint": "touch_point",
        "NaturalPersonIndicator": "natural_person",
        "GroupLeadIndicator": "group_lead",
        "AwardingCPBIndicator": "central_purchasing",
        "AcquiringCPBIndicator": "central_purchasing",
    }
)

TOUCH_POINT = Shape(_COMPANY)

BUYER = Shape(
    {
        "ContractingPartyType": {"PartyTypeCode": "type"},
        "ContractingActivity": {"ActivityTypeCode": "activity"},
        "Party": {**_party("buyer"), "ServiceProviderParty": "service_provider"},
    }
)

SERVICE_PROVIDER = Shape({"ServiceTypeCode": "type", "Party": {"PartyIdentification": {"ID": "id"}}})

BUSINESS = Shape(
    {
        "WebsiteURI": "website",
        "PostalAddress": _ADDRESS,
        "PartyName": {"Name": "name"},
        "PartyLegalEntity": {
            "RegistrationName": "name",
            "CompanyID": "national_id",
            "CorporateRegistrationScheme": {"JurisdictionRegionAddress": "jurisdiction"},
        },
    }
)

ADDRESS = Shape(_ADDRESS)


def _reference(key: str) -> Outline:
    return {"ID": key}


RESULT = Shape(
    {
        **_keep(
            "TotalAmount",
            "OverallMaximumFrameworkContractsAmount",
            "LotResult",
            "LotTender",
            "SettledContract",
            "TenderingParty",
            "GroupFramework",
        ),
    }
)

LOT_RESULT = Shape(
    {
        "ID": "id",
        "TenderResultCode": "status",
        "TenderLot": _reference("lot"),
        "LotTender": "tender",
        "SettledContract": _reference("contract"),
        "ReceivedSubmissionsStatistics": "statistics",
        "HigherTenderAmount": "highest",
        "LowerTenderAmount": "lowest",
        "DecisionReason": {"DecisionReasonCode": "reason"},
        "FrameworkAgreementValues": {"MaximumValueAmount": "framework_max"},
        "FinancingParty": _party("financing-party"),
        "PayerParty": _party("payer"),
    }
)

STATISTICS = Shape(
    {"StatisticsCode": "code", "StatisticsNumeric": "number", "FieldsPrivacy": "privacy"}
)

_TENDER: Outline = {
    "ID": "id",
    "RankCode": "rank",
    "TenderVariantIndicator": "variant",
    "TenderLot": _reference("lot"),
    "TenderingParty": _reference("party"),
    "TenderReference": _reference("reference"),
    "LegalMonetaryTotal": {"PayableAmount": "value"},
    "SubcontractingTerm": {"TermCode": "subcontracted", "TermAmount": "part_value", "TermPercent": "part_percent"},
    "AggregatedAmounts": {"PaidAmount": "paid", "PaidAmountDescription": "paid_description"},
    "FieldsPrivacy": {"FieldIdentifierCode": "privacy"},
}

TENDER = Shape(_TENDER)

CONTRACT = Shape(
    {
        "ID": "id",
        "IssueDate": "concluded",
        "AwardDate": "awarded",
        "Title": "title",
        "ContractFrameworkIndicator": "framework",
        "ContractReference": _reference("number"),
        "LotTender": _reference("tender"),
        "NoticeDocumentReference": _reference("previous"),
        "SignatoryParty": _party("contract-signatory"),
    }
)

TENDERING_PARTY = Shape({"ID": "id", "Tenderer": "tenderer", "SubContractor": "subcontractor"})

TENDERER = Shape({"ID": "id", "GroupLeadIndicator": "lead"})

GROUP_FRAMEWORK = Shape({"GroupFrameworkMaximumValueAmount": "value", "TenderLot": _reference("lot")})

CHANGES = Shape(
    {
        "ChangedNoticeIdentifier": "notice",
        "ModifiedContractIdentifier": "section",
        "ChangeReason": {"ReasonCode": "reason", "ReasonDescription": "reason_text"},
        "Change": "change",
    }
)

CHANGE = Shape(
    {
        "ChangeDescription": "description",
        "ChangedSectionIdentifier": "section",
        "ChangedSection": {"ChangedSectionIdentifier": "section"},
    }
)


def roles(found: Iterable[str]) -> list[str]:
    """Keys among those found that hold references to parties."""
    return [key for key in found if key.startswith(ROLE)]
