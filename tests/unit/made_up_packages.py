"""Made-up notices, small enough to read, and packages of them."""

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping

DAY = "20190102_001"


def ted_notice(number: int, *, year: int = 2019, title: str = "Road works", published: str = "20190102") -> bytes:
    """A contract award in R2.0.9.S03 with one lot, one award and one winner."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TED_EXPORT xmlns="http://publications.europa.eu/resource/schema/ted/R2.0.9/publication" DOC_ID="{number:06d}-{year}" EDITION="{year}001" VERSION="R2.0.9.S03.E01">
  <LINKS_SECTION><XML_SCHEMA_DEFINITION_LINK xmlns:xlink="http://www.w3.org/1999/xlink" xlink:type="simple" xlink:href="nowhere"/></LINKS_SECTION>
  <CODED_DATA_SECTION>
    <REF_OJS><COLL_OJ>S</COLL_OJ><NO_OJ>1</NO_OJ><DATE_PUB>{published}</DATE_PUB></REF_OJS>
    <NOTICE_DATA>
      <NO_DOC_OJS>{year}/S 001-{number:06d}</NO_DOC_OJS><LG_ORIG>FR</LG_ORIG><ISO_COUNTRY VALUE="BE"/>
      <ORIGINAL_CPV CODE="45233140">Roadworks</ORIGINAL_CPV>
    </NOTICE_DATA>
    <CODIF_DATA>
      <DS_DATE_DISPATCH>20181228</DS_DATE_DISPATCH><TD_DOCUMENT_TYPE CODE="7">award</TD_DOCUMENT_TYPE>
      <NC_CONTRACT_NATURE CODE="1">Works</NC_CONTRACT_NATURE><PR_PROC CODE="1">Open</PR_PROC>
    </CODIF_DATA>
  </CODED_DATA_SECTION>
  <TRANSLATION_SECTION><ML_TITLES>
    <ML_TI_DOC LG="DE"><TI_CY>Belgien</TI_CY><TI_TOWN>Mons</TI_TOWN><TI_TEXT><P>Arbeiten</P></TI_TEXT></ML_TI_DOC>
    <ML_TI_DOC LG="EN"><TI_CY>Belgium</TI_CY><TI_TOWN>Mons</TI_TOWN><TI_TEXT><P>Works</P></TI_TEXT></ML_TI_DOC>
    <ML_TI_DOC LG="FR"><TI_CY>Belgique</TI_CY><TI_TOWN>Mons</TI_TOWN><TI_TEXT><P>Travaux</P></TI_TEXT></ML_TI_DOC>
  </ML_TITLES></TRANSLATION_SECTION>
  <FORM_SECTION>
    <F03_2014 CATEGORY="ORIGINAL" FORM="F03" LG="FR">
      <LEGAL_BASIS VALUE="32014L0024"/>
      <CONTRACTING_BODY><ADDRESS_CONTRACTING_BODY>
        <OFFICIALNAME>Ville de Mons</OFFICIALNAME><TOWN>Mons</TOWN><COUNTRY VALUE="BE"/>
      </ADDRESS_CONTRACTING_BODY></CONTRACTING_BODY>
      <OBJECT_CONTRACT>
        <TITLE><P>{title}</P></TITLE><CPV_MAIN><CPV_CODE CODE="45233140"/></CPV_MAIN>
        <TYPE_CONTRACT CTYPE="WORKS"/><SHORT_DESCR><P>1<FT TYPE="SUP">re</FT> <FT TYPE="SUB">x</FT></P></SHORT_DESCR>
        <VAL_TOTAL CURRENCY="EUR">1000.50</VAL_TOTAL>
        <OBJECT_DESCR ITEM="1"><LOT_NO>1</LOT_NO><SHORT_DESCR><P>Lot</P></SHORT_DESCR></OBJECT_DESCR>
      </OBJECT_CONTRACT>
      <AWARD_CONTRACT ITEM="1"><LOT_NO>1</LOT_NO><AWARDED_CONTRACT>
        <DATE_CONCLUSION_CONTRACT>2018-12-20</DATE_CONCLUSION_CONTRACT>
        <TENDERS><NB_TENDERS_RECEIVED>3</NB_TENDERS_RECEIVED></TENDERS>
        <CONTRACTORS><CONTRACTOR><ADDRESS_CONTRACTOR>
          <OFFICIALNAME>Routes SA</OFFICIALNAME><COUNTRY VALUE="FR"/>
        </ADDRESS_CONTRACTOR></CONTRACTOR></CONTRACTORS>
        <VALUES><VAL_TOTAL CURRENCY="EUR">1000.50</VAL_TOTAL></VALUES>
      </AWARDED_CONTRACT></AWARD_CONTRACT>
    </F03_2014>
    <F03_2014 CATEGORY="TRANSLATION" FORM="F03" LG="DE">
      <OBJECT_CONTRACT><TITLE><P>Straßenarbeiten</P></TITLE></OBJECT_CONTRACT>
    </F03_2014>
    <F03_2014 CATEGORY="TRANSLATION" FORM="F03" LG="EN">
      <OBJECT_CONTRACT><TITLE><P>{title} in English</P></TITLE></OBJECT_CONTRACT>
    </F03_2014>
  </FORM_SECTION>
</TED_EXPORT>
""".encode()  # noqa: E501


def eforms_notice(number: int, *, year: int = 2024, title: str = "Cleaning") -> bytes:
    """A contract notice in eForms with one lot."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ContractNotice xmlns="urn:oasis:names:specification:ubl:schema:xsd:ContractNotice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
 xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"
 xmlns:efac="http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1"
 xmlns:efbc="http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1"
 xmlns:efext="http://data.europa.eu/p27/eforms-ubl-extensions/1">
 <ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension>
  <efac:NoticeSubType><cbc:SubTypeCode>16</cbc:SubTypeCode></efac:NoticeSubType>
  <efac:Organizations><efac:Organization><efac:Company>
   <cac:PartyIdentification><cbc:ID>ORG-0001</cbc:ID></cac:PartyIdentification>
   <cac:PartyName><cbc:Name languageID="ENG">City of Cork</cbc:Name></cac:PartyName>
   <cac:PostalAddress><cac:Country><cbc:IdentificationCode>IRL</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
  </efac:Company></efac:Organization></efac:Organizations>
  <efac:Publication>
   <efbc:NoticePublicationID>{number:08d}-{year}</efbc:NoticePublicationID><efbc:GazetteID>1/{year}</efbc:GazetteID>
   <efbc:PublicationDate>{year}-01-02+01:00</efbc:PublicationDate>
  </efac:Publication>
 </efext:EformsExtension></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>
 <cbc:CustomizationID>eforms-sdk-1.10</cbc:CustomizationID>
 <cbc:ID schemeName="notice-id">00000000-0000-4000-8000-{number:012d}</cbc:ID>
 <cbc:IssueDate>2023-12-29+01:00</cbc:IssueDate><cbc:VersionID>01</cbc:VersionID>
 <cbc:RegulatoryDomain>32014L0024</cbc:RegulatoryDomain>
 <cbc:NoticeTypeCode listName="competition">cn-standard</cbc:NoticeTypeCode>
 <cbc:NoticeLanguageCode>ENG</cbc:NoticeLanguageCode>
 <cac:ContractingParty><cac:Party>
  <cac:PartyIdentification><cbc:ID>ORG-0001</cbc:ID></cac:PartyIdentification>
 </cac:Party></cac:ContractingParty>
 <cac:TenderingProcess>
  <cbc:ProcedureCode listName="procurement-procedure-type">open</cbc:ProcedureCode>
 </cac:TenderingProcess>
 <cac:ProcurementProject><cbc:Name languageID="ENG">{title}</cbc:Name></cac:ProcurementProject>
 <cac:ProcurementProjectLot><cbc:ID schemeName="Lot">LOT-0001</cbc:ID>
  <cac:ProcurementProject><cbc:Name languageID="ENG">{title}, lot 1</cbc:Name></cac:ProcurementProject>
 </cac:ProcurementProjectLot>
</ContractNotice>
""".encode()


def members(notices: Mapping[int, bytes] | Iterable[int], folder: str = DAY) -> dict[str, bytes]:
    """Members of a day by name: of numbers alone, with a notice of that number each."""
    by_number = notices if isinstance(notices, Mapping) else {number: ted_notice(number) for number in notices}
    return {f"{folder}/{number:06d}_2019.xml": data for number, data in by_number.items()}


def tar(files: Mapping[str, bytes] | Iterable[tuple[str, bytes]], style: int = tarfile.USTAR_FORMAT) -> bytes:
    """A tar of files, in the given order, with nothing in it that changes from run to run."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=style) as archive:
        for name, data in files.items() if isinstance(files, Mapping) else files:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def package(files: Mapping[str, bytes] | Iterable[tuple[str, bytes]], style: int = tarfile.USTAR_FORMAT) -> bytes:
    """A tar.gz of files."""
    return gzip.compress(tar(files, style), 1, mtime=0)
