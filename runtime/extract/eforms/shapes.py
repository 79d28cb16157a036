"""What is read of a notice, by place, into which column. Every other element is passed over unread.

Source: eForms SDK, fields.json (XPaths of the Business Terms).
"""

import re
from functools import lru_cache
from typing import Any

from lxml import etree

from runtime.extract.eforms.tree import (
    Found,
    Outline,
    Shape,
    Step,
    content,
    date,
    elements,
    extension,
    flag,
    gather,
    line,
    money,
    number,
    party,
    text,
    texts,
    words,
    wrapped,
    wrapped_line,
    wrapped_texts,
)
from runtime.extract.values import day, time_of_day, whole
from runtime.schema.codes.eforms import WEIGHT_UNITS

_CPV = re.compile(r"(\d{8})(?:-\d)?")
_KINDS = {"LOT": "lot", "PAR": "part", "GLO": "group"}
_SCHEMES = {"lot": "lot", "part": "part", "lotsgroup": "group"}


@lru_cache(maxsize=4096)
def cpv(code: str) -> str:
    """A CPV code without its check digit."""
    match = _CPV.fullmatch(code)
    return match[1] if match else code


def _is_renewable(number_of_renewals: str) -> bool | None:
    value = number(number_of_renewals)
    return None if value is None else value != "0"


def _is_said(_: str) -> bool:
    return True


def _read_lot_id(element: etree._Element, _key: str, _convert: Any, found: Found, _: str | None) -> None:
    value = content(element)
    if value is not None and "lot_id" not in found:
        found["lot_id"] = value
        kind = _KINDS.get(value[:3])
        found["lot_kind"] = kind or _SCHEMES.get((element.get("schemeName") or "").lower(), "lot")


def _read_technique(element: etree._Element, _key: str, _convert: Any, found: Found, _: str | None) -> None:
    """Framework agreement and dynamic purchasing system share an element; the value none says no."""
    value = content(element)
    if value is not None:
        is_dps = value.startswith("dps") or (value == "none" and element.get("listName") == "dps-usage")
        found.setdefault("is_dps" if is_dps else "is_framework", value != "none")


def _read_reason(element: etree._Element, key: str, _convert: Any, found: Found, _: str | None) -> None:
    """BT-106; the reason of a direct award has another list."""
    if element.get("listName") == "accelerated-procedure":
        found.setdefault(key, flag(content(element) or ""))


def _read_duration(element: etree._Element, key: str, _convert: Any, found: Found, _: str | None) -> None:
    value = number(element.text or "")
    if value is not None and key not in found:
        found[key] = value
        found["duration_unit"] = (element.get("unitCode") or "").upper() or None


def _read_unit(element: etree._Element, key: str, _convert: Any, found: Found, _: str | None) -> None:
    """Unit of a weight; fixed values and thresholds share the element, and have no unit here.

    @listName is missing at times: then the code tells what the number is.
    """
    value = content(element)
    if value in WEIGHT_UNITS:
        found[key] = value
    elif element.get("listName") == "number-weight":
        found[key] = value or ""  # A withheld unit, or one that is not known


def _read_parameter(element: etree._Element, _key: str, _convert: Any, found: Found, _: str | None) -> None:
    """The number that a unit makes a weight."""
    if "weight_unit" not in found:
        parameter = gather(element, PARAMETER)
        if "weight_unit" in parameter:
            found.update(parameter)


def _reader(read: Any, key: str = "") -> Step:
    return key, None, read


PARAMETER = Shape(
    {
        "ParameterCode": _reader(_read_unit, "weight_unit"),
        "ParameterNumeric": text("weight_number", number),
    }
)

_PROJECT: dict[str, "Step | Outline"] = {
    "Name": line("title"),
    "Description": words("description"),
    "ProcurementTypeCode": text("contract_nature"),
    "MainCommodityClassification": wrapped("cpv_main", cpv),
    "AdditionalCommodityClassification": wrapped_texts("cpv_additional", cpv),
    "RealizedLocation": {"Address": {"CountrySubentityCode": texts("nuts_codes")}},
    "RequestedTenderTotal": {
        "EstimatedOverallContractAmount": money("estimated_value"),
        "UBLExtensions": extension({"FrameworkMaximumAmount": money("framework_max_value")}),
    },
}

_PROCESS: dict[str, "Step | Outline"] = {
    "ContractingSystem": {"ContractingSystemTypeCode": _reader(_read_technique)},
    "AuctionTerms": {"AuctionConstraintIndicator": text("is_electronic_auction", flag)},
    "GovernmentAgreementConstraintIndicator": text("is_gpa_covered", flag),
    "TenderSubmissionDeadlinePeriod": {
        "EndDate": text("submission_deadline_date", day),
        "EndTime": text("submission_deadline_time", time_of_day),
    },
    "ParticipationRequestReceptionPeriod": {
        "EndDate": text("_participation_date", day),
        "EndTime": text("_participation_time", time_of_day),
    },
    "FrameworkAgreement": {"EstimatedMaximumValueAmount": money("framework_max_value")},
    "NoticeDocumentReference": {"ID": texts("_previous")},
    "UBLExtensions": extension(
        {
            "InterestExpressionReceptionPeriod": {
                "EndDate": text("_interest_date", day),
                "EndTime": text("_interest_time", time_of_day),
            }
        }
    ),
}

_TERMS: dict[str, "Step | Outline"] = {
    "FundingProgramCode": text("is_eu_funded", {"eu-funds": True, "no-eu-funds": False}.get),
    "AwardingTerms": {"AwardingCriterion": elements("_criteria")},
    "AppealTerms": {
        "AppealReceiverParty": party("review-body"),
        "AppealInformationParty": party("review-information"),
        "MediationParty": party("mediator"),
    },
    "AdditionalInformationParty": party("further-information"),
    "DocumentProviderParty": party("document-provider"),
    "TenderRecipientParty": party("tender-recipient"),
    "TenderEvaluationParty": party("tender-evaluator"),
    "FiscalLegislationDocumentReference": {"IssuerParty": party("fiscal-information")},
    "EnvironmentalLegislationDocumentReference": {"IssuerParty": party("environmental-information")},
    "EmploymentLegislationDocumentReference": {"IssuerParty": party("employment-information")},
    "UBLExtensions": extension({"FrameworkMaximumAmount": money("framework_max_value")}),
}

# The extension stands before the notice's language, so texts wait for a second pass over these few elements.
ROOT = Shape(
    {
        "CustomizationID": text("schema_version"),
        "ID": text("notice_uuid"),
        "ContractFolderID": text("procedure_id"),
        "IssueDate": text("dispatch_date", day),
        "VersionID": text("notice_version"),
        "RegulatoryDomain": text("legal_basis"),
        "NoticeTypeCode": elements("_type"),
        "NoticeLanguageCode": text("original_language", str.upper),
        "AdditionalNoticeLanguage": wrapped_texts("_languages", str.upper),
        "ContractingParty": elements("_buyers"),
        "ProcurementProject": elements("_project"),
        "TenderingProcess": elements("_process"),
        "TenderingTerms": elements("_terms"),
        "ProcurementProjectLot": elements("_lots"),
        "Note": elements("_notes"),
        "BusinessParty": elements("_business"),
        "BusinessCapability": {"CapabilityTypeCode": text("_capability")},
        "AdditionalDocumentReference": {"ReferencedDocumentInternalAddress": elements("_announcements")},
        "UBLExtensions": extension(
            {
                "Publication": {
                    "NoticePublicationID": text("notice_id"),
                    "GazetteID": text("_gazette"),
                    "PublicationDate": text("publication_date", day),
                },
                "NoticeSubType": {"SubTypeCode": text("form_number")},
                "Organizations": {"Organization": elements("_organisations")},
                "NoticeResult": elements("_results"),
                "Changes": elements("_changes"),
                "ContractModification": elements("_modifications"),
                "Appeals": {
                    "AppealInformation": {
                        "AppealingParty": {"Party": party("complainant")},
                        "AppealProcessingParty": {"Party": party("review-body")},
                    }
                },
            }
        ),
    }
)

PROJECT = Shape({**_PROJECT, "ID": text("reference_number")})

PROCESS = Shape(
    {
        **_PROCESS,
        "ProcedureCode": text("procedure_type"),
        "ProcessJustification": {"ProcessReasonCode": _reader(_read_reason, "is_accelerated")},
    }
)

TERMS = Shape(_TERMS)

LOT = Shape(
    {
        "ID": _reader(_read_lot_id),
        "ProcurementProject": {
            **_PROJECT,
            "PlannedPeriod": {
                "DurationMeasure": _reader(_read_duration, "duration_value"),
                "StartDate": text("start_date", date),
                "EndDate": text("end_date", date),
            },
            "ContractExtension": {
                "MaximumNumberNumeric": text("is_renewable", _is_renewable),
                "RenewalsIndicator": text("_renewable", flag),
                "Renewal": {"Period": {"Description": text("_renewable", _is_said)}},
                "OptionsDescription": text("has_options", _is_said),
            },
        },
        "TenderingProcess": _PROCESS,
        "TenderingTerms": _TERMS,
    }
)

CRITERION = Shape(
    {
        "AwardingCriterionTypeCode": text("kind"),
        "Name": line("name"),
        "Description": words("description"),
        "Weight": text("_weight", number),
        "WeightNumeric": text("_weight", number),
        "CalculationExpression": words("_formula"),
        "SubordinateAwardingCriterion": elements("_parts"),
        "UBLExtensions": extension({"AwardCriterionParameter": _reader(_read_parameter)}),
    }
)

_ADDRESS: dict[str, "Step | Outline"] = {
    "StreetName": texts("street"),
    "AdditionalStreetName": texts("street"),
    "AddressLine": wrapped_texts("street"),
    "CityName": text("town"),
    "PostalZone": text("postcode"),
    "CountrySubentityCode": text("nuts_code"),
    "Country": {"IdentificationCode": text("country", str.upper)},
}

ADDRESS = Shape(_ADDRESS)

_COMPANY: dict[str, "Step | Outline"] = {
    "PartyIdentification": wrapped("organisation_id"),
    "PartyName": wrapped_line("name"),
    "PostalAddress": _ADDRESS,
    "PartyLegalEntity": {"CompanyID": texts("other_national_ids")},
    "CompanySizeCode": text("size"),
    "WebsiteURI": text("website"),
}

ORGANISATION = Shape(
    {
        "Company": _COMPANY,
        "TouchPoint": elements("_touch_points"),
        "NaturalPersonIndicator": text("is_natural_person", flag),
        "GroupLeadIndicator": text("_lead", flag),
        "AwardingCPBIndicator": text("_awards_centrally", flag),
        "AcquiringCPBIndicator": text("_acquires_centrally", flag),
    }
)

TOUCH_POINT = Shape(_COMPANY)

BUYER = Shape(
    {
        "ContractingPartyType": {"PartyTypeCode": elements("_types")},
        "ContractingActivity": {"ActivityTypeCode": text("main_activity")},
        "Party": {
            "PartyIdentification": wrapped("organisation_id"),
            "ServiceProviderParty": elements("_providers"),
        },
    }
)

SERVICE_PROVIDER = Shape({"ServiceTypeCode": text("type"), "Party": {"PartyIdentification": wrapped("id")}})

BUSINESS = Shape(
    {
        "WebsiteURI": text("website"),
        "PostalAddress": _ADDRESS,
        "PartyName": wrapped_line("name"),
        "PartyLegalEntity": {
            "RegistrationName": line("name"),
            "CompanyID": texts("other_national_ids"),
            "CorporateRegistrationScheme": {"JurisdictionRegionAddress": elements("_jurisdictions")},
        },
    }
)

RESULT = Shape(
    {
        "TotalAmount": money("total_value"),
        "OverallMaximumFrameworkContractsAmount": money("framework_max_value"),
        "LotResult": elements("_outcomes"),
        "LotTender": elements("_tenders"),
        "SettledContract": elements("_contracts"),
        "TenderingParty": elements("_parties"),
        "GroupFramework": elements("_groups"),
    }
)

OUTCOME = Shape(
    {
        "ID": text("result_id"),
        "TenderResultCode": text("status"),
        "TenderLot": wrapped_texts("lot_ids"),
        "LotTender": elements("_tenders"),
        "SettledContract": {"ID": texts("_contracts")},
        "ReceivedSubmissionsStatistics": elements("_statistics"),
        "LowerTenderAmount": money("lowest_tender_value"),
        "HigherTenderAmount": money("highest_tender_value"),
        "DecisionReason": {"DecisionReasonCode": text("non_award_reason")},
        "FrameworkAgreementValues": {"MaximumValueAmount": money("_maximum")},
        "FinancingParty": party("financing-party"),
        "PayerParty": party("payer"),
    }
)

STATISTIC = Shape(
    {
        "StatisticsCode": text("code"),
        "StatisticsNumeric": text("number", number),
        "FieldsPrivacy": elements("privacy"),
    }
)

TENDER = Shape(
    {
        "ID": text("tender_id"),
        "RankCode": text("tender_rank", whole),
        "TenderVariantIndicator": text("is_variant", flag),
        "TenderLot": wrapped_texts("lot_ids"),
        "TenderingParty": {"ID": text("_party")},
        "TenderReference": wrapped("tender_reference"),
        "LegalMonetaryTotal": {"PayableAmount": money("value", withheld="_withheld")},
        "SubcontractingTerm": {
            "TermCode": text("is_subcontracted", {"yes": True, "no": False}.get),
            "TermAmount": money("subcontracting_value"),
            "TermPercent": text("subcontracting_percent", number),
        },
        "AggregatedAmounts": {
            "PaidAmount": money("_paid"),
            "PaidAmountDescription": words("_paid_description"),
        },
        "FieldsPrivacy": {"FieldIdentifierCode": texts("_privacy")},
    }
)

CONTRACT = Shape(
    {
        "ID": text("contract_id"),
        "IssueDate": text("conclusion_date", date),
        "AwardDate": text("award_date", date),
        "Title": line("contract_title"),
        "ContractFrameworkIndicator": text("is_framework", flag),
        "ContractReference": wrapped("contract_number"),
        "LotTender": {"ID": texts("_tenders")},
        "SignatoryParty": party("contract-signatory"),
    }
)

TENDERING_PARTY = Shape(
    {"ID": text("id"), "Tenderer": elements("tenderers"), "SubContractor": elements("subcontractors")}
)

MEMBER = Shape({"ID": text("organisation_id"), "GroupLeadIndicator": text("is_group_leader", flag)})

GROUP_FRAMEWORK = Shape({"GroupFrameworkMaximumValueAmount": money("_maximum"), "TenderLot": wrapped_texts("lot_ids")})

CHANGES = Shape(
    {
        "ChangedNoticeIdentifier": text("changed_notice_ref"),
        "ModifiedContractIdentifier": texts("_sections"),
        "ChangeReason": {"ReasonCode": text("reason_code"), "ReasonDescription": words("reason_text")},
        "Change": elements("_changes"),
    }
)

CHANGE = Shape(
    {
        "ChangeDescription": words("description"),
        "ChangedSectionIdentifier": texts("_sections"),
        "ChangedSection": {"ChangedSectionIdentifier": texts("_sections")},
    }
)
