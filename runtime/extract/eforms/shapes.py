"""What is read of a notice, by place, into which column. Every other element is passed over unread.

Source: eForms SDK, fields.json (XPaths of the Business Terms).
"""

import re
from functools import lru_cache
from typing import Any

from lxml.etree import _Element as Element

from runtime.extract.eforms.tree import (
    Found,
    Outline,
    Shape,
    Step,
    by_list,
    content,
    date,
    elements,
    extension,
    flag,
    gather,
    line,
    measure,
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
from runtime.extract.values import day, is_said, time_of_day, whole
from runtime.schema.codes.eforms import WEIGHT_UNITS
from runtime.schema.codes.places import COUNTRIES

_CPV = re.compile(r"(\d{8})(?:-\d)?")
_RESERVED_EXECUTION = frozenset(("yes", "no", "not-known"))
_OTHER_REQUIREMENTS = frozenset(
    ("conditions", "customer-service", "ecatalog-submission", "esignature-submission", "fsr", "nda")
)
_COUNTRIES = {**COUNTRIES, "1A0": "XKX"}
_KINDS = {"LOT": "lot", "PAR": "part", "GLO": "group"}
_SCHEMES = {"lot": "lot", "part": "part", "lotsgroup": "group"}


@lru_cache(maxsize=4096)
def cpv(code: str) -> str:
    """A CPV code without its check digit."""
    match = _CPV.fullmatch(code)
    return match[1] if match else code


def country(code: str) -> str:
    """A country code with three letters; Kosovo had a code of the EU's own until SDK 1.11."""
    code = code.upper()
    return _COUNTRIES.get(code, code)


def _read_lot_id(element: Element, _key: str, _convert: Any, found: Found, _: str | None) -> None:
    value = content(element)
    if value is not None and "lot_id" not in found:
        found["lot_id"] = value
        kind = _KINDS.get(value[:3])
        found["lot_kind"] = kind or _SCHEMES.get((element.get("schemeName") or "").lower(), "lot")


def _read_technique(element: Element, _key: str, _convert: Any, found: Found, _: str | None) -> None:
    """Framework agreement and dynamic purchasing system share an element; the value none says no."""
    value = content(element)
    if value is not None:
        is_dps = value.startswith("dps") or (value == "none" and element.get("listName") == "dps-usage")
        found.setdefault("is_dps" if is_dps else "is_framework", value != "none")
        if value != "none":
            found.setdefault("dps_type" if is_dps else "framework_type", value)


def _read_reason(element: Element, _key: str, _convert: Any, found: Found, language: str | None) -> None:
    """Two lists share an element: whether the procedure is accelerated (BT-106), and why there is no call (BT-136)."""
    reason = gather(element, REASON, language)
    if "is_accelerated" in reason:
        found.setdefault("is_accelerated", reason["is_accelerated"])
    else:
        for code in reason.get("direct_award_codes", ()):
            codes = found.setdefault("direct_award_codes", [])
            if code not in codes:
                codes.append(code)
        key = "_direct_award" if "direct_award_codes" in reason else "_uncoded"
        if "_text" in reason and reason["_text"] not in (texts_ := found.setdefault(key, [])):
            texts_.append(reason["_text"])


def _read_documents(element: Element, key: str, _convert: Any, found: Found, _: str | None) -> None:
    """BT-15; the address of documents with restricted access is another field."""
    reference = gather(element, DOCUMENTS)
    if "url" in reference and reference.get("type") != "restricted-document":
        found.setdefault(key, reference["url"])


def _read_unit(element: Element, key: str, _convert: Any, found: Found, _: str | None) -> None:
    """Unit of a weight; fixed values and thresholds share the element, and have no unit here.

    @listName is missing at times: then the code tells what the number is.
    """
    value = content(element)
    if value in WEIGHT_UNITS:
        found[key] = value
    elif element.get("listName") == "number-weight":
        found[key] = value or ""  # A withheld unit, or one that is not known


def _read_parameter(element: Element, _key: str, _convert: Any, found: Found, _: str | None) -> None:
    """The number that a unit makes a weight."""
    if "weight_unit" not in found:
        parameter = gather(element, PARAMETER)
        if "weight_unit" in parameter:
            found.update(parameter)


def _read_requirement(element: Element, _key: str, _convert: Any, found: Found, _: str | None) -> None:
    """Lists share an element: where @listName is misspelt or missing, codes that one of them alone has tell."""
    value = content(element)
    name = element.get("listName")
    if value is None:
        return
    if name == "einvoicing":
        found.setdefault("electronic_invoicing", value)
    elif name == "reserved-execution" or (value in _RESERVED_EXECUTION and name not in _OTHER_REQUIREMENTS):
        found.setdefault("reserved_execution", value)


def _reader(read: Any, key: str = "") -> Step:
    return key, None, read


PARAMETER = Shape(
    {
        "ParameterCode": _reader(_read_unit, "weight_unit"),
        "ParameterNumeric": text("weight_number", number),
    }
)

REASON = Shape(
    {
        "ProcessReasonCode": by_list(
            {
                "accelerated-procedure": text("is_accelerated", flag),
                "direct-award-justification": texts("direct_award_codes"),
            }
        ),
        "ProcessReason": words("_text"),
    }
)

DOCUMENTS = Shape({"DocumentType": text("type"), "Attachment": {"ExternalReference": {"URI": text("url")}}})

_PROJECT: dict[str, "Step | Outline"] = {
    "Name": line("title"),
    "Description": words("description"),
    "ProcurementTypeCode": text("contract_nature"),
    "MainCommodityClassification": wrapped("cpv_main", cpv),
    "AdditionalCommodityClassification": wrapped_texts("cpv_additional", cpv),
    "RealizedLocation": {
        "Address": {
            "CountrySubentityCode": texts("nuts_codes"),
            "Country": {"IdentificationCode": texts("place_countries", country)},
            "Region": texts("place_regions"),
        }
    },
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
    "FrameworkAgreement": {"EstimatedMaximumValueAmount": money("_group_maximum")},
    "NoticeDocumentReference": {"ID": texts("_previous")},
    "UBLExtensions": extension(
        {
            "InterestExpressionReceptionPeriod": {
                "EndDate": text("_interest_date", day),
                "EndTime": text("_interest_time", time_of_day),
            },
            "AnswerReceptionPeriod": {
                "EndDate": text("_answer_date", day),
                "EndTime": text("_answer_time", time_of_day),
            },
            "ProcedureRelaunchIndicator": text("is_relaunched", flag),
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
    "UBLExtensions": extension({"FrameworkMaximumAmount": money("_maximum_in_terms")}),
}

# The extension stands before the notice's language, so texts wait for a second pass over these few elements.
ROOT = Shape(
    {
        "CustomizationID": text("schema_version"),
        "ID": text("notice_uuid"),
        "ContractFolderID": text("procedure_id"),
        "IssueDate": text("dispatch_date", day),
        "PlannedDate": text("future_notice_date", date),
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
                "FrameworkMaximumAmount": money("_maximum_in_extension"),
                "NoticeInformationNondisclosure": elements("_undisclosed"),
                "Organizations": {
                    "Organization": elements("_organisations"),
                    "UltimateBeneficialOwner": elements("_owners"),
                },
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

_PERIOD: dict[str, "Step | Outline"] = {
    "DurationMeasure": measure("duration_value", "duration_unit", number),
    "DescriptionCode": text("duration_code", str.upper),
    "StartDate": text("start_date", date),
    "EndDate": text("end_date", date),
}

PERIOD = Shape(_PERIOD)

PROJECT = Shape({**_PROJECT, "ID": text("reference_number"), "PlannedPeriod": elements("_period")})

PROCESS = Shape(
    {
        **_PROCESS,
        "ProcedureCode": text("procedure_type"),
        "ProcessJustification": _reader(_read_reason),
    }
)

TERMS = Shape(
    {
        **_TERMS,
        "LotDistribution": {
            "MaximumLotsSubmittedNumeric": text("max_lots_submitted", whole),
            "MaximumLotsAwardedNumeric": text("max_lots_awarded", whole),
        },
    }
)

# What lots alone say of the contract, of how it is tendered for, and on which terms.
_LOT_PROJECT: dict[str, "Step | Outline"] = {
    "ID": text("internal_id"),
    "EstimatedOverallContractQuantity": measure("quantity", "quantity_unit", number),
    "SMESuitableIndicator": text("is_sme_suitable", flag),
    "ProcurementAdditionalType": {
        "ProcurementTypeCode": by_list(
            {
                "strategic-procurement": texts("strategic_procurement"),
                "environmental-impact": texts("environmental_impacts"),
                "social-objective": texts("social_objectives"),
                "social-procurement": texts("social_objectives"),  # as the list was called before SDK 1.3
                "innovative-acquisition": texts("innovations"),
                "gpp-criteria": texts("gpp_criteria"),
                "accessibility": text("accessibility"),
            }
        )
    },
    "PlannedPeriod": _PERIOD,
    "ContractExtension": {
        "MaximumNumberNumeric": text("_renewals", number),
        "RenewalsIndicator": text("_renewable", flag),
        "Renewal": {"Period": {"Description": text("_renewable", is_said)}},
        "OptionsDescription": text("has_options", is_said),
    },
}

_LOT_PROCESS: dict[str, "Step | Outline"] = {
    "SubmissionMethodCode": by_list({"esubmission": text("electronic_submission")}),
    "OpenTenderEvent": {
        "OccurrenceDate": text("opening_date", date),
        "OccurrenceTime": text("opening_time", time_of_day),
    },
    "EconomicOperatorShortList": {
        "MinimumQuantity": text("candidates_min", whole),
        "MaximumQuantity": text("candidates_max", whole),
    },
    "FrameworkAgreement": {
        "EstimatedMaximumValueAmount": money("_group_maximum"),
        "MaximumOperatorQuantity": text("framework_max_participants", whole),
    },
}

_LOT_TERMS: dict[str, "Step | Outline"] = {
    "VariantConstraintCode": text("variants"),
    "RecurringProcurementIndicator": text("is_recurrent", flag),
    "ContractExecutionRequirement": {"ExecutionRequirementCode": _reader(_read_requirement)},
    "PostAwardProcess": {
        "ElectronicOrderUsageIndicator": text("has_electronic_ordering", flag),
        "ElectronicPaymentUsageIndicator": text("has_electronic_payment", flag),
    },
    "CallForTendersDocumentReference": _reader(_read_documents, "documents_url"),
    "TenderRecipientParty": {**party("tender-recipient"), "EndpointID": text("submission_url")},
    "Language": wrapped_texts("submission_languages", str.upper),
    "TenderValidityPeriod": {"DurationMeasure": measure("tender_validity_value", "tender_validity_unit", number)},
    "TendererQualificationRequest": {
        "SpecificTendererRequirement": {
            "TendererRequirementTypeCode": by_list({"reserved-procurement": texts("reserved_participation")})
        }
    },
    "RequiredFinancialGuarantee": {
        "GuaranteeTypeCode": by_list({"tender-guarantee-required": text("is_guarantee_required", flag)})
    },
}

_LOT_TERMS_EXTENSION: dict[str, "Step | Outline"] = {
    "FrameworkMaximumAmount": money("_maximum_in_terms"),
    "StrategicProcurement": {"ApplicableLegalBasis": by_list({"cvd-scope": text("is_clean_vehicles", flag)})},
    "Funding": {"FundingProgramCode": texts("eu_programmes"), "FinancingIdentifier": texts("eu_project_ids")},
}

LOT = Shape(
    {
        "ID": _reader(_read_lot_id),
        "ProcurementProject": {**_PROJECT, **_LOT_PROJECT},
        "TenderingProcess": {**_PROCESS, **_LOT_PROCESS},
        "TenderingTerms": {**_TERMS, **_LOT_TERMS, "UBLExtensions": extension(_LOT_TERMS_EXTENSION)},
    }
)

CRITERION = Shape(
    {
        "AwardingCriterionTypeCode": text("kind"),
        "Name": line("name"),
        "Description": words("description"),
        "CalculationExpression": words("_formula"),
        "SubordinateAwardingCriterion": elements("_parts"),
        "UBLExtensions": extension({"AwardCriterionParameter": _reader(_read_parameter)}),
    }
)

PRIVACY = Shape({"FieldIdentifierCode": text("code"), "PublicationDate": text("until", date)})

# From SDK 1.16 on: groups of fields, once for the whole notice.
UNDISCLOSED = Shape(
    {"NondisclosureReference": {"NondisclosureID": texts("codes")}, "InformationDisclosureDate": text("until", date)}
)

_ADDRESS: dict[str, "Step | Outline"] = {
    "StreetName": texts("street"),
    "AdditionalStreetName": texts("street"),
    "AddressLine": wrapped_texts("street"),
    "CityName": text("town"),
    "PostalZone": text("postcode"),
    "CountrySubentityCode": text("nuts_code"),
    "Country": {"IdentificationCode": text("country", country)},
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
        "ListedOnRegulatedMarketIndicator": text("is_listed", flag),
        "UltimateBeneficialOwner": {"ID": texts("_owners")},
        "GroupLeadIndicator": text("_lead", flag),
        "AwardingCPBIndicator": text("_awards_centrally", flag),
        "AcquiringCPBIndicator": text("_acquires_centrally", flag),
    }
)

# A touch point, or a buyer that is described in place.
PARTY = Shape(_COMPANY)

OWNER = Shape({"ID": text("id"), "Nationality": wrapped_texts("nationalities", country)})

BUYER = Shape(
    {
        "ContractingPartyType": {"PartyTypeCode": elements("_types")},
        "ContractingActivity": {"ActivityTypeCode": elements("_activities")},
        "BuyerProfileURI": text("buyer_profile_url"),
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
        "AppealRequestsStatistics": elements("_appeals"),
        "DPSTerminationIndicator": text("is_dps_terminated", flag),
        "LowerTenderAmount": money("lowest_tender_value"),
        "HigherTenderAmount": money("highest_tender_value"),
        "DecisionReason": {"DecisionReasonCode": text("non_award_reason")},
        "FrameworkAgreementValues": {
            "MaximumValueAmount": money("_maximum"),
            "ReestimatedValueAmount": money("framework_reestimated_value"),
        },
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
        "TenderRankedIndicator": text("is_ranked", flag),
        "Origin": wrapped_texts("origin_countries", country),
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
        "NoticeDocumentReference": {"ID": text("framework_notice_ref")},
        "Funding": {"FundingProgramCode": texts("eu_programmes")},
        "LotTender": {"ID": texts("_tenders")},
        "SignatoryParty": party("contract-signatory"),
    }
)

TENDERING_PARTY = Shape(
    {
        "ID": text("id"),
        "Name": line("name"),
        "Tenderer": elements("tenderers"),
        "SubContractor": elements("subcontractors"),
    }
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
