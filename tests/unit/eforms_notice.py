"""Small made-up eForms notices, written as text: a frame that is right, and the parts that a test is about."""

from lxml import etree

from runtime.extract.eforms import read_eforms
from runtime.extract.notice import Notice
from tests.unit import eforms_fields
from tests.unit.ted_schemas import hold

_NAMESPACES = (
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" '
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2" '
    'xmlns:efext="http://data.europa.eu/p27/eforms-ubl-extensions/1" '
    'xmlns:efac="http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1" '
    'xmlns:efbc="http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1"'
)
PUBLICATION = (
    '<efac:Publication><efbc:NoticePublicationID schemeName="ojs-notice-id">00004711-2024</efbc:NoticePublicationID>'
    '<efbc:GazetteID schemeName="ojs-id">60/2024</efbc:GazetteID>'
    "<efbc:PublicationDate>2024-03-25+01:00</efbc:PublicationDate></efac:Publication>"
)


def ext(content: str) -> str:
    """Wrap content as a UBL extension."""
    return (
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension>"
        f"{content}</efext:EformsExtension></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
    )


def xml(
    body: str = "",
    extension: str = "",
    *,
    root: str = "ContractAwardNotice",
    subtype: str = "29",
    kind: str = "result",
    type_code: str = "can-standard",
    sdk: str = "eforms-sdk-1.10",
    language: str = "ENG",
    publication: str = PUBLICATION,
) -> str:
    """A notice as text."""
    head = ext(
        f'{extension}<efac:NoticeSubType><cbc:SubTypeCode listName="notice-subtype">{subtype}</cbc:SubTypeCode>'
        f"</efac:NoticeSubType>{publication}"
    )
    return (
        f'<{root} xmlns="urn:made-up" {_NAMESPACES}>{head}<cbc:CustomizationID>{sdk}</cbc:CustomizationID>'
        '<cbc:ID schemeName="notice-id">3ab37d3d-0000-4bea-96b4-6fc056e48bc4</cbc:ID>'
        "<cbc:ContractFolderID>bbf5a0a8-0000-43c7-acef-02335192cf49</cbc:ContractFolderID>"
        "<cbc:IssueDate>2024-03-22+02:00</cbc:IssueDate><cbc:VersionID>01</cbc:VersionID>"
        f"<cbc:RegulatoryDomain>32014L0024</cbc:RegulatoryDomain>"
        f'<cbc:NoticeTypeCode listName="{kind}">{type_code}</cbc:NoticeTypeCode>'
        f"<cbc:NoticeLanguageCode>{language}</cbc:NoticeLanguageCode>{body}</{root}>"
    )


def read(*args: str, faults: tuple[str, ...] = (), **options: str) -> Notice:
    """Read a notice made by `xml`.

    Parameters
    ----------
    faults : what of it stands on no field of the SDK, or is no code of its list, which is then deliberate
    """
    root = etree.fromstring(xml(*args, **options))
    if eforms_fields.FIELDS.is_file() and eforms_fields.CORPUS.is_dir():
        hold([*eforms_fields.faults(root), *eforms_fields.unknown_codes(root)], *faults)
    return read_eforms(root)


def organisation(identifier: str, name: str = "", *, more: str = "", company: str = "") -> str:
    """An organisation with an address; `company` goes inside of it, `more` behind it."""
    return (
        "<efac:Organization><efac:Company>"
        f'<cac:PartyIdentification><cbc:ID schemeName="organization">{identifier}</cbc:ID></cac:PartyIdentification>'
        f"<cac:PartyName><cbc:Name>{name or identifier}</cbc:Name></cac:PartyName>"
        "<cac:PostalAddress><cbc:StreetName>High Street 1</cbc:StreetName><cbc:CityName>Metz</cbc:CityName>"
        "<cbc:PostalZone>57000</cbc:PostalZone><cbc:CountrySubentityCode>FRF33</cbc:CountrySubentityCode>"
        "<cac:Country><cbc:IdentificationCode>FRA</cbc:IdentificationCode></cac:Country></cac:PostalAddress>"
        f"<cac:PartyLegalEntity><cbc:CompanyID>N-{identifier}</cbc:CompanyID></cac:PartyLegalEntity>{company}"
        f"</efac:Company>{more}</efac:Organization>"
    )


def organisations(*each: str) -> str:
    """All organisations of a notice."""
    return f"<efac:Organizations>{''.join(each)}</efac:Organizations>"


def buyer(identifier: str, more: str = "") -> str:
    """A contracting party."""
    return (
        f"<cac:ContractingParty>{more}<cac:Party><cac:PartyIdentification>"
        f'<cbc:ID schemeName="organization">{identifier}</cbc:ID></cac:PartyIdentification></cac:Party>'
        "</cac:ContractingParty>"
    )


def lot(identifier: str = "LOT-0001", content: str = "", scheme: str = "Lot") -> str:
    """A lot, part or group."""
    return (
        f'<cac:ProcurementProjectLot><cbc:ID schemeName="{scheme}">{identifier}</cbc:ID>{content}'
        "</cac:ProcurementProjectLot>"
    )


def amount(name: str, value: str, currency: str = "EUR") -> str:
    """An amount element."""
    return f'<{name} currencyID="{currency}">{value}</{name}>'


def outcome(identifier: str, lots: str, tenders: str = "", contracts: str = "", more: str = "") -> str:
    """A lot result; lists of identifiers are separated by blanks."""
    return (
        f"<efac:LotResult><cbc:ID>{identifier}</cbc:ID>{more}"
        + "".join(f"<efac:LotTender><cbc:ID>{each}</cbc:ID></efac:LotTender>" for each in tenders.split())
        + "".join(f"<efac:SettledContract><cbc:ID>{each}</cbc:ID></efac:SettledContract>" for each in contracts.split())
        + "".join(f"<efac:TenderLot><cbc:ID>{each}</cbc:ID></efac:TenderLot>" for each in lots.split())
        + "</efac:LotResult>"
    )


SELECTED = "<cbc:TenderResultCode>selec-w</cbc:TenderResultCode>"
CLOSED = "<cbc:TenderResultCode>clos-nw</cbc:TenderResultCode>"


def tender(identifier: str, lot_id: str = "LOT-0001", party: str = "TPA-0001", value: str = "", more: str = "") -> str:
    """A tender."""
    total = f"<cac:LegalMonetaryTotal>{value}</cac:LegalMonetaryTotal>" if value else ""
    return (
        f"<efac:LotTender><cbc:ID>{identifier}</cbc:ID>{more}{total}"
        f"<efac:TenderingParty><cbc:ID>{party}</cbc:ID></efac:TenderingParty>"
        f"<efac:TenderLot><cbc:ID>{lot_id}</cbc:ID></efac:TenderLot></efac:LotTender>"
    )


def payable(value: str, currency: str = "EUR") -> str:
    """The value of a tender."""
    return amount("cbc:PayableAmount", value, currency)


def contract(identifier: str, tenders: str, more: str = "") -> str:
    """A settled contract."""
    cited = "".join(f"<efac:LotTender><cbc:ID>{each}</cbc:ID></efac:LotTender>" for each in tenders.split())
    return (
        f"<efac:SettledContract><cbc:ID>{identifier}</cbc:ID>{more}"
        f"<efac:ContractReference><cbc:ID>No {identifier}</cbc:ID></efac:ContractReference>{cited}"
        "</efac:SettledContract>"
    )


def tendering_party(identifier: str, *members: str, more: str = "") -> str:
    """A tendering party."""
    each = "".join(f"<efac:Tenderer><cbc:ID>{member}</cbc:ID></efac:Tenderer>" for member in members)
    return f"<efac:TenderingParty><cbc:ID>{identifier}</cbc:ID>{each}{more}</efac:TenderingParty>"


def result(*parts: str) -> str:
    """A notice result."""
    return f"<efac:NoticeResult>{''.join(parts)}</efac:NoticeResult>"
