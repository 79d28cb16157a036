"""Spell a draft as an eForms notice (UBL 2.3), SDK 1.3 to 1.16."""

# ruff: noqa: E501 (an element is easier to check against its schema on one line)

import datetime as dt
from dataclasses import dataclass

from console.sample.draft import DATED, Award, Draft, Lot, Organisation, total, xml
from console.sample.words import ALL_LANGUAGES, ALPHA3_LANGUAGES, PRICE_WORDS, QUALITY_WORDS, title_of

VERSIONS = tuple(f"eforms-sdk-1.{minor}" for minor in range(3, 17))

_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_EU = "http://data.europa.eu/p27"
_PREFIXES = (
    f'xmlns:cac="{_UBL}:CommonAggregateComponents-2" xmlns:cbc="{_UBL}:CommonBasicComponents-2" '
    f'xmlns:efac="{_EU}/eforms-ubl-extension-aggregate-components/1" '
    f'xmlns:efbc="{_EU}/eforms-ubl-extension-basic-components/1" xmlns:efext="{_EU}/eforms-ubl-extensions/1" '
    f'xmlns:ext="{_UBL}:CommonExtensionComponents-2" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_PLACEHOLDER_DAY = "2000-01-01"
_WITHHELD = "unpublished"
_BY_GROUP = "eforms-sdk-1.16"
"""Up to SDK 1.15 a withheld field has a mask and says so beside it; from 1.16 on it is not there, and the notice names its group."""


@dataclass(frozen=True, slots=True)
class Subtype:
    """A notice subtype: root element, form type (BT-03), notice type (BT-02), legal basis (BT-01)."""

    root: str
    form_type: str
    notice_type: str
    basis: str


_PIN, _CN, _CAN = "PriorInformationNotice", "ContractNotice", "ContractAwardNotice"
_CLASSIC, _UTILITIES, _DEFENCE, _CONCESSION = "32014L0024", "32014L0025", "32009L0081", "32014L0023"
SUBTYPES: dict[str, Subtype] = {
    "1": Subtype(_PIN, "planning", "pin-buyer", _CLASSIC),
    "4": Subtype(_PIN, "planning", "pin-only", _CLASSIC),
    "5": Subtype(_PIN, "planning", "pin-only", _UTILITIES),
    "6": Subtype(_PIN, "planning", "pin-only", _DEFENCE),
    "7": Subtype(_PIN, "planning", "pin-rtl", _CLASSIC),
    "10": Subtype(_PIN, "competition", "pin-cfc-standard", _CLASSIC),
    "12": Subtype(_PIN, "competition", "pin-cfc-social", _CLASSIC),
    "14": Subtype(_PIN, "competition", "pin-cfc-social", _CONCESSION),
    "15": Subtype(_CN, "competition", "qu-sy", _UTILITIES),
    "16": Subtype(_CN, "competition", "cn-standard", _CLASSIC),
    "17": Subtype(_CN, "competition", "cn-standard", _UTILITIES),
    "18": Subtype(_CN, "competition", "cn-standard", _DEFENCE),
    "19": Subtype(_CN, "competition", "cn-standard", _CONCESSION),
    "20": Subtype(_CN, "competition", "cn-social", _CLASSIC),
    "21": Subtype(_CN, "competition", "cn-social", _UTILITIES),
    "22": Subtype(_CN, "competition", "subco", _DEFENCE),
    "23": Subtype(_CN, "competition", "cn-desg", _CLASSIC),
    "24": Subtype(_CN, "competition", "cn-desg", _UTILITIES),
    "25": Subtype(_CAN, "dir-awa-pre", "veat", _CLASSIC),
    "29": Subtype(_CAN, "result", "can-standard", _CLASSIC),
    "30": Subtype(_CAN, "result", "can-standard", _UTILITIES),
    "31": Subtype(_CAN, "result", "can-standard", _DEFENCE),
    "32": Subtype(_CAN, "result", "can-standard", _CONCESSION),
    "33": Subtype(_CAN, "result", "can-social", _CLASSIC),
    "36": Subtype(_CAN, "result", "can-desg", _CLASSIC),
    "38": Subtype(_CAN, "cont-modif", "can-modif", _CLASSIC),
    "T01": Subtype(_PIN, "planning", "pin-tran", "32007R1370"),
    "T02": Subtype(_CAN, "result", "can-tran", "32007R1370"),
    "X01": Subtype("BusinessRegistrationInformationNotice", "bri", "brin-eeig", "31985R2137"),
    "X02": Subtype("BusinessRegistrationInformationNotice", "bri", "brin-ecs", "32001R2157"),
}


def eforms(made: Draft, *, form: str, version: str) -> str:
    """Spell a draft as an eForms notice.

    Parameters
    ----------
    made : the content; its facts are completed
    form : notice subtype, one of SUBTYPES
    version : as in eforms-sdk-1.10
    """
    subtype = SUBTYPES[form]
    namespace = f"{_EU}/eforms-business-registration-information-notice/1" if subtype.form_type == "bri" else (
        f"{_UBL}:{subtype.root}-2"
    )  # fmt: skip
    made.facts |= {
        "format": "eforms",
        "schema_version": version,
        "form_number": form,
        "notice_type": subtype.notice_type,
        "legal_basis": subtype.basis,
        "original_language": ALPHA3_LANGUAGES[made.language],
        "notice_uuid": _uuid(made),
        "notice_version": "01",
    }
    if "change" not in made.traits:
        made.facts["form_type"] = subtype.form_type
    if subtype.form_type != "bri":
        made.facts["contract_nature"] = made.subject.nature
    content = _registration(made, form, subtype) if subtype.form_type == "bri" else _notice(made, form, subtype)
    return f'<?xml version="1.0" encoding="UTF-8"?><{subtype.root} xmlns="{namespace}" {_PREFIXES}>{content}</{subtype.root}>'


def _uuid(made: Draft) -> str:
    bits = f"{made.rng.getrandbits(128):032x}"
    return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"


def _dated(made: Draft, day: dt.date) -> str:
    """A day with the offset of the buyer's country; one sender in five writes Z."""
    if made.number % 5 == 0:
        return f"{day.strftime(DATED)}Z"
    return f"{day.strftime(DATED)}{made.country.summer if 4 <= day.month <= 10 else made.country.winter}"


def _names(made: Draft, tag: str, text: str) -> str:
    """A text in the notice's language, and in all others where the notice is multilingual."""
    own = f'<cbc:{tag} languageID="{ALPHA3_LANGUAGES[made.language]}">{text}</cbc:{tag}>'
    if "multilingual" not in made.traits:
        return own
    others = "".join(
        f'<cbc:{tag} languageID="{ALPHA3_LANGUAGES[code]}">{xml(title_of(made.subject, code))}</cbc:{tag}>'
        for code in ALL_LANGUAGES
        if code != made.language
    )
    half = len(others) // 2
    cut = others.index("<cbc:", half)
    return others[:cut] + own + others[cut:]


def _head(made: Draft, subtype: Subtype, folder: str) -> str:
    clock = "Z" if made.number % 5 == 0 else made.country.winter
    return (
        f"<cbc:UBLVersionID>2.3</cbc:UBLVersionID><cbc:CustomizationID>{made.facts['schema_version']}</cbc:CustomizationID>"
        f'<cbc:ID schemeName="notice-id">{made.facts["notice_uuid"]}</cbc:ID>{folder}'
        f"<cbc:IssueDate>{_dated(made, made.dispatched)}</cbc:IssueDate><cbc:IssueTime>08:15:00{clock}</cbc:IssueTime>"
        f"<cbc:VersionID>01</cbc:VersionID><cbc:RegulatoryDomain>{subtype.basis}</cbc:RegulatoryDomain>"
        f'<cbc:NoticeTypeCode listName="{subtype.form_type}">{subtype.notice_type}</cbc:NoticeTypeCode>'
        f"<cbc:NoticeLanguageCode>{ALPHA3_LANGUAGES[made.language]}</cbc:NoticeLanguageCode>"
    )


def _extension(content: str) -> str:
    return (
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension>"
        f"{content}</efext:EformsExtension></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
    )


def _named(made: Draft) -> str:
    """The earlier notice: by its identifier and version, or its number, as the sender's system has it."""
    if made.follows and made.follows.uuid and made.number % 5:
        return f"{made.follows.uuid}-01"
    number, _, year = made.previous.partition("-")
    return f"{int(number):06d}-{year}"


def _publication(made: Draft) -> str:
    return (
        f'<efac:Publication><efbc:NoticePublicationID schemeName="ojs-notice-id">{made.number:08d}-{made.date.year}'
        f'</efbc:NoticePublicationID><efbc:GazetteID schemeName="ojs-id">{made.issue}/{made.date.year}</efbc:GazetteID>'
        f"<efbc:PublicationDate>{_dated(made, made.date)}</efbc:PublicationDate></efac:Publication>"
    )


def _notice(made: Draft, form: str, subtype: Subtype) -> str:
    is_planning = subtype.form_type == "planning"
    folder = ""
    if not is_planning:
        new = _uuid(made)
        made.facts["procedure_id"] = identifier = (made.follows and made.follows.procedure_id) or new
        folder = f"<cbc:ContractFolderID>{identifier}</cbc:ContractFolderID>"
    scheme, prefix = ("Part", "PAR") if subtype.notice_type == "pin-only" else ("Lot", "LOT")
    lots = "".join(
        _lot(made, lot, f"{prefix}-{item:04d}", scheme, form, subtype) for item, lot in enumerate(made.lots, 1)
    )
    made.facts["lot_count"] = 0 if scheme == "Part" else len(made.lots)
    made.facts["lots"] = len(made.lots)
    if not is_planning:
        made.facts["criteria"] = sum(1 if lot.quality == "0" else 2 for lot in made.lots)
    awarded = (
        f"<cac:TenderResult><cbc:AwardDate>{_PLACEHOLDER_DAY}Z</cbc:AwardDate></cac:TenderResult>"
        if made.awards
        else ""
    )
    changes = _changes(made) if "change" in made.traits else ""
    extension = _extension(
        f"{_nondisclosure(made)}{changes}{_modification(made) if form == '38' else ''}{_result(made)}"
        f'<efac:NoticeSubType><cbc:SubTypeCode listName="notice-subtype">{form}</cbc:SubTypeCode></efac:NoticeSubType>'
        f"{_organisations(made)}{_publication(made)}"
    )
    return f"{extension}{_head(made, subtype, folder)}{_parties(made)}{_process(made, subtype)}{_project(made, subtype)}{lots}{awarded}"


def _parties(made: Draft) -> str:
    made.facts["buyers"] = [buyer.name for buyer in made.buyers]
    parts = []
    for position in range(1, len(made.buyers) + 1):
        body = "TPO-0001" if position == 1 and "touchpoint" in made.traits else f"ORG-{position:04d}"
        parts.append(
            '<cac:ContractingParty><cac:ContractingPartyType><cbc:PartyTypeCode listName="buyer-legal-type">la</cbc:PartyTypeCode>'
            '</cac:ContractingPartyType><cac:ContractingActivity><cbc:ActivityTypeCode listName="authority-activity">gen-pub'
            "</cbc:ActivityTypeCode></cac:ContractingActivity><cac:Party><cac:PartyIdentification>"
            f'<cbc:ID schemeName="organization">{body}</cbc:ID></cac:PartyIdentification></cac:Party></cac:ContractingParty>'
        )
    return "".join(parts)


def _process(made: Draft, subtype: Subtype) -> str:
    if subtype.form_type == "planning":
        return ""
    made.facts["procedure_type"] = made.procedure
    earlier = ""
    if made.follows and subtype.form_type in ("competition", "result") and "change" not in made.traits:
        made.facts["previous_notices"] = [_named(made)]
        earlier = (
            f'<cac:NoticeDocumentReference><cbc:ID schemeName="notice-id-ref">{_named(made)}</cbc:ID>'
            "</cac:NoticeDocumentReference>"
        )
    return (
        f'<cac:TenderingProcess><cbc:ProcedureCode listName="procurement-procedure-type">{made.procedure}</cbc:ProcedureCode>'
        f"{earlier}"
        '<cac:ProcessJustification><cbc:ProcessReasonCode listName="accelerated-procedure">false</cbc:ProcessReasonCode>'
        "</cac:ProcessJustification></cac:TenderingProcess>"
    )


def _cpvs(made: Draft) -> str:
    code = f'<cbc:ItemClassificationCode listName="cpv">{made.subject.cpv}</cbc:ItemClassificationCode>'
    more = "".join(
        "<cac:AdditionalCommodityClassification>"
        f'<cbc:ItemClassificationCode listName="cpv">{cpv}</cbc:ItemClassificationCode></cac:AdditionalCommodityClassification>'
        for cpv in made.subject.more
    )
    return f"<cac:MainCommodityClassification>{code}</cac:MainCommodityClassification>{more}"


def _place(made: Draft) -> str:
    return (
        "<cac:RealizedLocation><cac:Address>"
        f'<cbc:CountrySubentityCode listName="nuts">{made.country.nuts}</cbc:CountrySubentityCode>'
        f'<cac:Country><cbc:IdentificationCode listName="country">{made.country.alpha3}</cbc:IdentificationCode></cac:Country>'
        "</cac:Address></cac:RealizedLocation>"
    )


def _project(made: Draft, subtype: Subtype) -> str:
    currency = made.country.currency
    estimate = ""
    if subtype.form_type in ("planning", "competition"):
        estimate = (
            f'<cac:RequestedTenderTotal><cbc:EstimatedOverallContractAmount currencyID="{currency}">{made.estimate}'
            "</cbc:EstimatedOverallContractAmount></cac:RequestedTenderTotal>"
        )
        made.facts |= {"estimated_value": made.estimate, "estimated_value_currency": currency}
    made.facts["title"] = title = f"{title_of(made.subject, made.language)} – {made.buyers[0].town}"
    made.facts["reference_number"] = made.reference
    return (
        f'<cac:ProcurementProject><cbc:ID schemeName="InternalID">{made.reference}</cbc:ID>{_names(made, "Name", xml(title))}'
        f"{_names(made, 'Description', made.description)}"
        f'<cbc:ProcurementTypeCode listName="contract-nature">{made.subject.nature}</cbc:ProcurementTypeCode>'
        f"{estimate}{_cpvs(made)}{_place(made)}</cac:ProcurementProject>"
    )


def _lot(made: Draft, lot: Lot, lot_id: str, scheme: str, form: str, subtype: Subtype) -> str:
    competes = subtype.form_type == "competition"
    currency = made.country.currency
    summer = made.country.summer if 4 <= made.deadline.month <= 10 else made.country.winter
    clock = made.deadline_time.zfill(5)
    deadline = ""
    if competes and form != "15":
        deadline = (
            "<cac:TenderSubmissionDeadlinePeriod>"
            f"<cbc:EndDate>{made.deadline.strftime(DATED)}{summer}</cbc:EndDate><cbc:EndTime>{clock}:00{summer}</cbc:EndTime>"
            "</cac:TenderSubmissionDeadlinePeriod>"
        )
        made.facts["submission_deadline_date"] = made.deadline.strftime(DATED)
    estimate = "" if scheme == "Part" else (
        f'<cac:RequestedTenderTotal><cbc:EstimatedOverallContractAmount currencyID="{currency}">{lot.value}'
        f"</cbc:EstimatedOverallContractAmount>{_maximum(made, lot)}</cac:RequestedTenderTotal>"
    )  # fmt: skip
    kind = "fa-wo-rc" if made.is_framework else "none"
    funding = (
        '<cbc:FundingProgramCode listName="eu-funded">no-eu-funds</cbc:FundingProgramCode>' if scheme == "Lot" else ""
    )
    return (
        f'<cac:ProcurementProjectLot><cbc:ID schemeName="{scheme}">{lot_id}</cbc:ID><cac:TenderingTerms>'
        f"{funding}{_criteria(made, lot, subtype)}"
        f"{_tendering_terms(made) if competes else ''}"
        "<cac:AppealTerms><cac:AppealReceiverParty><cac:PartyIdentification>"
        f'<cbc:ID schemeName="organization">ORG-{len(made.buyers) + 1:04d}</cbc:ID>'
        "</cac:PartyIdentification></cac:AppealReceiverParty></cac:AppealTerms></cac:TenderingTerms><cac:TenderingProcess>"
        "<cbc:GovernmentAgreementConstraintIndicator>true</cbc:GovernmentAgreementConstraintIndicator>"
        f"{deadline}{_tendering_process(made) if competes else ''}<cac:ContractingSystem>"
        f'<cbc:ContractingSystemTypeCode listName="framework-agreement">{kind}</cbc:ContractingSystemTypeCode>'
        "</cac:ContractingSystem><cac:ContractingSystem>"
        '<cbc:ContractingSystemTypeCode listName="dps-usage">none</cbc:ContractingSystemTypeCode></cac:ContractingSystem>'
        "</cac:TenderingProcess><cac:ProcurementProject>"
        f'<cbc:ID schemeName="InternalID">{lot.number or 1}</cbc:ID>{_names(made, "Name", xml(lot.title))}'
        f"{_names(made, 'Description', lot.description)}"
        f'<cbc:ProcurementTypeCode listName="contract-nature">{made.subject.nature}</cbc:ProcurementTypeCode>'
        f"{_STRATEGY if competes else ''}{estimate}{_cpvs(made)}{_place(made)}"
        f'<cac:PlannedPeriod><cbc:DurationMeasure unitCode="MONTH">{lot.months}</cbc:DurationMeasure></cac:PlannedPeriod>'
        "</cac:ProcurementProject></cac:ProcurementProjectLot>"
    )


_STRATEGY = (
    "<cbc:SMESuitableIndicator>true</cbc:SMESuitableIndicator>"
    '<cac:ProcurementAdditionalType><cbc:ProcurementTypeCode listName="strategic-procurement">soc-obj'
    "</cbc:ProcurementTypeCode></cac:ProcurementAdditionalType><cac:ProcurementAdditionalType>"
    '<cbc:ProcurementTypeCode listName="social-objective">gen-eq</cbc:ProcurementTypeCode></cac:ProcurementAdditionalType>'
)


def _tendering_terms(made: Draft) -> str:
    site = f"https://tenders.example/{made.number}"
    return (
        '<cbc:VariantConstraintCode listName="permission">not-allowed</cbc:VariantConstraintCode>'
        "<cbc:RecurringProcurementIndicator>false</cbc:RecurringProcurementIndicator>"
        "<cac:ContractExecutionRequirement>"
        '<cbc:ExecutionRequirementCode listName="reserved-execution">no</cbc:ExecutionRequirementCode>'
        "</cac:ContractExecutionRequirement><cac:ContractExecutionRequirement>"
        '<cbc:ExecutionRequirementCode listName="einvoicing">required</cbc:ExecutionRequirementCode>'
        "</cac:ContractExecutionRequirement><cac:PostAwardProcess>"
        "<cbc:ElectronicOrderUsageIndicator>true</cbc:ElectronicOrderUsageIndicator>"
        "<cbc:ElectronicPaymentUsageIndicator>true</cbc:ElectronicPaymentUsageIndicator></cac:PostAwardProcess>"
        "<cac:TendererQualificationRequest><cac:SpecificTendererRequirement>"
        '<cbc:TendererRequirementTypeCode listName="reserved-procurement">none</cbc:TendererRequirementTypeCode>'
        "</cac:SpecificTendererRequirement></cac:TendererQualificationRequest>"
        f"<cac:TenderRecipientParty><cbc:EndpointID>{site}</cbc:EndpointID></cac:TenderRecipientParty>"
        '<cac:TenderValidityPeriod><cbc:DurationMeasure unitCode="MONTH">6</cbc:DurationMeasure></cac:TenderValidityPeriod>'
        f"<cac:Language><cbc:ID>{ALPHA3_LANGUAGES[made.language]}</cbc:ID></cac:Language>"
    )


def _tendering_process(made: Draft) -> str:
    day = made.deadline + dt.timedelta(days=1)
    return (
        '<cbc:SubmissionMethodCode listName="esubmission">required</cbc:SubmissionMethodCode><cac:OpenTenderEvent>'
        f"<cbc:OccurrenceDate>{_dated(made, day)}</cbc:OccurrenceDate><cbc:OccurrenceTime>10:00:00Z</cbc:OccurrenceTime>"
        "</cac:OpenTenderEvent>"
    )


def _maximum(made: Draft, lot: Lot) -> str:
    if not made.is_framework or made.awards:
        return ""
    amount = (
        f'<efbc:FrameworkMaximumAmount currencyID="{made.country.currency}">{lot.value}</efbc:FrameworkMaximumAmount>'
    )
    return _extension(amount)


def _criteria(made: Draft, lot: Lot, subtype: Subtype) -> str:
    if subtype.form_type == "planning":
        return ""
    pairs = [("price", PRICE_WORDS[made.language], str(100 - int(lot.quality)))]
    if lot.quality != "0":
        pairs.append(("quality", QUALITY_WORDS[made.language], lot.quality))
    unit = "poi-exa" if made.number % 2 else "per-exa"
    items = "".join(
        "<cac:SubordinateAwardingCriterion>"
        + _extension(
            f'<efac:AwardCriterionParameter><efbc:ParameterCode listName="number-weight">{unit}</efbc:ParameterCode>'
            f"<efbc:ParameterNumeric>{weight}</efbc:ParameterNumeric></efac:AwardCriterionParameter>"
        )
        + f'<cbc:AwardingCriterionTypeCode listName="award-criterion-type">{kind}</cbc:AwardingCriterionTypeCode>'
        f'<cbc:Name languageID="{ALPHA3_LANGUAGES[made.language]}">{name}</cbc:Name></cac:SubordinateAwardingCriterion>'
        for kind, name, weight in pairs
    )
    return f"<cac:AwardingTerms><cac:AwardingCriterion>{items}</cac:AwardingCriterion></cac:AwardingTerms>"


def _bidders(made: Draft) -> list[Organisation]:
    """Winners and losers in the order of their ORG numbers, after the buyers and the review body."""
    return [bidder for award in made.awards for bidder in (*award.winners, *award.losers)]


def _organisations(made: Draft) -> str:
    parts = []
    for position, buyer in enumerate(made.buyers, 1):
        lead = len(made.buyers) > 1 and position == 1
        point = _company("TouchPoint", "TPO-0001", buyer, "") if position == 1 and "touchpoint" in made.traits else ""
        parts.append(
            f"<efac:Organization>{'<efbc:GroupLeadIndicator>true</efbc:GroupLeadIndicator>' if lead else ''}"
            f"{_company('Company', f'ORG-{position:04d}', buyer, '')}{point}</efac:Organization>"
        )
    first = made.buyers[0]
    position = len(made.buyers) + 1
    review = Organisation(
        f"Review body, {first.town}", "X00000000", first.street, first.town, first.postcode, first.country
    )
    parts.append(f"<efac:Organization>{_company('Company', f'ORG-{position:04d}', review, '')}</efac:Organization>")
    size = '<efbc:CompanySizeCode listName="economic-operator-size">medium</efbc:CompanySizeCode>'
    for bidder in _bidders(made):
        position += 1
        parts.append(
            "<efac:Organization><efbc:NaturalPersonIndicator>false</efbc:NaturalPersonIndicator>"
            f"{_company('Company', f'ORG-{position:04d}', bidder, size)}</efac:Organization>"
        )
    return f"<efac:Organizations>{''.join(parts)}</efac:Organizations>"


def _company(tag: str, body_id: str, body: Organisation, size: str) -> str:
    scheme = "touchpoint" if tag == "TouchPoint" else "organization"
    legal = f"<cac:PartyLegalEntity><cbc:CompanyID>{body.national_id}</cbc:CompanyID></cac:PartyLegalEntity>"
    return (
        f"<efac:{tag}><cbc:WebsiteURI>https://www.example.org</cbc:WebsiteURI>{size}"
        f'<cac:PartyIdentification><cbc:ID schemeName="{scheme}">{body_id}</cbc:ID></cac:PartyIdentification>'
        f'<cac:PartyName><cbc:Name languageID="{ALPHA3_LANGUAGES[body.country.language]}">{xml(body.name)}</cbc:Name>'
        f"</cac:PartyName><cac:PostalAddress><cbc:StreetName>{xml(body.street)}</cbc:StreetName>"
        f"<cbc:CityName>{xml(body.town)}</cbc:CityName><cbc:PostalZone>{body.postcode}</cbc:PostalZone>"
        f'<cbc:CountrySubentityCode listName="nuts">{body.country.nuts}</cbc:CountrySubentityCode><cac:Country>'
        f'<cbc:IdentificationCode listName="country">{body.country.alpha3}</cbc:IdentificationCode></cac:Country>'
        f"</cac:PostalAddress>{'' if tag == 'TouchPoint' else legal}</efac:{tag}>"
    )


def _privacy(field: str) -> str:
    return (
        f'<efac:FieldsPrivacy><efbc:FieldIdentifierCode listName="non-publication-identifier">{field}</efbc:FieldIdentifierCode>'
        '<cbc:ReasonCode listName="non-publication-justification">fair-comp</cbc:ReasonCode>'
        "<efbc:PublicationDate>2035-12-31Z</efbc:PublicationDate></efac:FieldsPrivacy>"
    )


def _masks(made: Draft) -> bool:
    """Whether what is withheld stands masked at its place."""
    return "withheld" in made.traits and made.facts["schema_version"] != _BY_GROUP


def _nondisclosure(made: Draft) -> str:
    """The groups of fields that a notice of SDK 1.16 withholds: the values of tenders, and how many there were."""
    if not made.awards or "withheld" not in made.traits or _masks(made):
        return ""
    return "".join(
        "<efac:NoticeInformationNondisclosure><efac:NondisclosureReference>"
        f"<efbc:NondisclosureID>{group}</efbc:NondisclosureID></efac:NondisclosureReference>"
        "<efbc:InformationDisclosureDate>2035-12-31Z</efbc:InformationDisclosureDate></efac:NoticeInformationNondisclosure>"
        for group in ("ten-valu", "sub-stat")
    )


def _result(made: Draft) -> str:
    """Results, tenders, contracts and tendering parties, which cite each other by number."""
    if not made.awards:
        return ""
    hidden = "withheld" in made.traits
    currency = made.country.currency
    has_winner = any(award.winners for award in made.awards)
    head = ""
    if hidden:
        if _masks(made):
            head = f'{_privacy("not-val")}<cbc:TotalAmount currencyID="{_WITHHELD}">-1</cbc:TotalAmount>'
        made.facts |= {"total_value": None, "total_value_currency": None}
    elif has_winner:
        head = f'<cbc:TotalAmount currencyID="{currency}">{made.award_total}</cbc:TotalAmount>'
        made.facts |= {"total_value": made.award_total, "total_value_currency": currency}
    if made.is_framework and has_winner and not hidden:
        most = total([made.award_total, made.award_total])
        head += f'<efbc:OverallMaximumFrameworkContractsAmount currencyID="{currency}">{most}</efbc:OverallMaximumFrameworkContractsAmount>'
        made.facts |= {"framework_max_value": most, "framework_max_value_currency": currency}
    results: list[str] = []
    tenders: list[str] = []
    contracts: list[str] = []
    parties: list[str] = []
    tender = 0
    organisation = len(made.buyers) + 1
    for position, award in enumerate(made.awards, 1):
        cited = []
        for bidders, rank in ((award.winners, 1), (award.losers, 2)):
            if not bidders:
                continue
            tender += 1
            cited.append(tender)
            tenders.append(_tender(made, award, tender, position, rank))
            parties.append(_party(tender, range(organisation + 1, organisation + 1 + len(bidders))))
            organisation += len(bidders)
        if award.winners:
            contracts.append(_contract(made, award, len(contracts) + 1, cited[0]))
        results.append(_lot_result(made, award, position, cited, len(contracts), hidden=hidden))
    made.facts["tenders"] = tender
    return f"<efac:NoticeResult>{head}{''.join((*results, *tenders, *contracts, *parties))}</efac:NoticeResult>"


def _lot_result(made: Draft, award: Award, position: int, cited: list[int], contract: int, *, hidden: bool) -> str:
    code = "selec-w" if award.winners else "clos-nw"
    reason = "" if award.winners else (
        '<efac:DecisionReason><efbc:DecisionReasonCode listName="non-award-justification">no-rece</efbc:DecisionReasonCode>'
        "</efac:DecisionReason>"
    )  # fmt: skip
    bounds = ""
    if award.winners and not hidden and award.tenders > 1:
        bounds = (
            f'<cbc:HigherTenderAmount currencyID="{award.currency}">{total([award.value, "1000"])}</cbc:HigherTenderAmount>'
            f'<cbc:LowerTenderAmount currencyID="{award.currency}">{award.value}</cbc:LowerTenderAmount>'
        )
    counts = "".join(
        f"<efac:ReceivedSubmissionsStatistics>{_privacy('rec-sub-cou') if hidden else ''}"
        f'<efbc:StatisticsCode listName="received-submission-type">{_WITHHELD if hidden else kind}</efbc:StatisticsCode>'
        f"<efbc:StatisticsNumeric>{-1 if hidden else count}</efbc:StatisticsNumeric></efac:ReceivedSubmissionsStatistics>"
        for kind, count in zip(("tenders", "t-sme", "t-micro"), (award.tenders, award.tenders // 2, 0), strict=True)
        if not hidden or _masks(made)
    )
    settled = f'<efac:SettledContract><cbc:ID schemeName="contract">CON-{contract:04d}</cbc:ID></efac:SettledContract>'
    return (
        f'<efac:LotResult><cbc:ID schemeName="result">RES-{position:04d}</cbc:ID>{bounds}'
        f'<cbc:TenderResultCode listName="winner-selection-status">{code}</cbc:TenderResultCode>{reason}'
        + "".join(
            f'<efac:LotTender><cbc:ID schemeName="tender">TEN-{each:04d}</cbc:ID></efac:LotTender>' for each in cited
        )
        + f"{counts}{settled if award.winners else ''}"
        f'<efac:TenderLot><cbc:ID schemeName="Lot">LOT-{position:04d}</cbc:ID></efac:TenderLot></efac:LotResult>'
    )


def _tender(made: Draft, award: Award, tender: int, lot: int, rank: int) -> str:
    currency, value = award.currency, award.value if rank == 1 else total([award.value, "500"])
    if "withheld" in made.traits:
        currency, value = _WITHHELD, "-1"
    amount = f'<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="{currency}">{value}</cbc:PayableAmount></cac:LegalMonetaryTotal>'
    if "withheld" in made.traits:
        amount = f"{_privacy('win-ten-val')}{amount}" if _masks(made) else ""
    return (
        f'<efac:LotTender><cbc:ID schemeName="tender">TEN-{tender:04d}</cbc:ID><cbc:RankCode>{rank}</cbc:RankCode>'
        f"{amount}"
        '<efac:SubcontractingTerm><efbc:TermCode listName="applicability">no</efbc:TermCode></efac:SubcontractingTerm>'
        f'<efac:TenderingParty><cbc:ID schemeName="tendering-party">TPA-{tender:04d}</cbc:ID></efac:TenderingParty>'
        f'<efac:TenderLot><cbc:ID schemeName="Lot">LOT-{lot:04d}</cbc:ID></efac:TenderLot>'
        f"<efac:TenderReference><cbc:ID>{tender}/{rank}</cbc:ID></efac:TenderReference></efac:LotTender>"
    )


def _party(tender: int, bodies: range) -> str:
    members = "".join(
        f'<efac:Tenderer><cbc:ID schemeName="organization">ORG-{body:04d}</cbc:ID>'
        + (
            f"<efbc:GroupLeadIndicator>{str(body == bodies[0]).lower()}</efbc:GroupLeadIndicator>"
            if len(bodies) > 1
            else ""
        )
        + "</efac:Tenderer>"
        for body in bodies
    )
    return f'<efac:TenderingParty><cbc:ID schemeName="tendering-party">TPA-{tender:04d}</cbc:ID>{members}</efac:TenderingParty>'


def _contract(made: Draft, award: Award, contract: int, tender: int) -> str:
    return (
        f'<efac:SettledContract><cbc:ID schemeName="contract">CON-{contract:04d}</cbc:ID>'
        f"<cbc:IssueDate>{_dated(made, award.decided)}</cbc:IssueDate>"
        f'<cbc:Title languageID="{ALPHA3_LANGUAGES[made.language]}">{xml(award.lot.title)}</cbc:Title>'
        f"<efbc:ContractFrameworkIndicator>{str(made.is_framework).lower()}</efbc:ContractFrameworkIndicator>"
        f"<efac:ContractReference><cbc:ID>{award.contract_number}</cbc:ID></efac:ContractReference>"
        f'<efac:LotTender><cbc:ID schemeName="tender">TEN-{tender:04d}</cbc:ID></efac:LotTender></efac:SettledContract>'
    )


def _changes(made: Draft) -> str:
    """A change notice: two spellings of the changed notice."""
    other = f"{_uuid(made)}-01"
    changed = _named(made) if made.follows else made.previous if made.number % 5 == 0 else other
    section = "<efac:ChangedSection><efbc:ChangedSectionIdentifier>LOT-0001</efbc:ChangedSectionIdentifier></efac:ChangedSection>"
    made.facts["changes"] = 1
    made.facts["changed_notice_ref"] = changed
    return (
        f"<efac:Changes><efbc:ChangedNoticeIdentifier>{changed}</efbc:ChangedNoticeIdentifier><efac:Change>"
        f'<efbc:ChangeDescription languageID="{ALPHA3_LANGUAGES[made.language]}">{made.description}</efbc:ChangeDescription>'
        f'{section}</efac:Change><efac:ChangeReason><cbc:ReasonCode listName="change-corrig-justification">cor-buy</cbc:ReasonCode>'
        "</efac:ChangeReason></efac:Changes>"
    )


def _modification(made: Draft) -> str:
    made.facts["changes"] = 1
    made.facts["changed_notice_ref"] = made.previous
    return (
        f"<efac:ContractModification><efbc:ChangedNoticeIdentifier>{made.previous}</efbc:ChangedNoticeIdentifier><efac:Change>"
        f'<efbc:ChangeDescription languageID="{ALPHA3_LANGUAGES[made.language]}">{made.description}</efbc:ChangeDescription>'
        "<efac:ChangedSection><efbc:ChangedSectionIdentifier>CON-0001</efbc:ChangedSectionIdentifier></efac:ChangedSection>"
        '</efac:Change><efac:ChangeReason><cbc:ReasonCode listName="modification-justification">add-wss</cbc:ReasonCode>'
        "</efac:ChangeReason></efac:ContractModification>"
    )


def _registration(made: Draft, form: str, subtype: Subtype) -> str:
    """The registration of a European company or grouping: no buyer, no purchase."""
    body = made.buyers[0]
    for fact in ("title", "buyer_name", "buyer_country", "cpv_main"):
        made.facts.pop(fact, None)
    return (
        _extension(
            f'<efac:NoticeSubType><cbc:SubTypeCode listName="notice-subtype">{form}</cbc:SubTypeCode></efac:NoticeSubType>'
            + _publication(made)
        )
        + _head(made, subtype, "")
        + f"<cac:BusinessParty><cac:PostalAddress><cbc:StreetName>{xml(body.street)}</cbc:StreetName>"
        f"<cbc:CityName>{xml(body.town)}</cbc:CityName><cbc:PostalZone>{body.postcode}</cbc:PostalZone><cac:Country>"
        f'<cbc:IdentificationCode listName="country">{body.country.alpha3}</cbc:IdentificationCode></cac:Country>'
        f"</cac:PostalAddress><cac:PartyLegalEntity><cbc:RegistrationName>{xml(body.name)}</cbc:RegistrationName>"
        f'<cbc:CompanyID schemeName="national">{body.national_id}</cbc:CompanyID></cac:PartyLegalEntity></cac:BusinessParty>'
        '<cac:BusinessCapability><cbc:CapabilityTypeCode listName="sector">health</cbc:CapabilityTypeCode></cac:BusinessCapability>'
        '<efac:NoticePurpose><cbc:PurposeCode listName="notice-purpose">reg</cbc:PurposeCode></efac:NoticePurpose>'
    )
