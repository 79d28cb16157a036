"""The coded section, which all versions share, the titles in English, and what a form leaves to the coded section."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from runtime.extract.notice import Notice, Row
from runtime.extract.ted_export.draft import Draft, append, unique
from runtime.extract.ted_export.xml import NAMES, ByName, attribute, child, children, flat_text, text_of
from runtime.extract.values import day, time_of_day, whole
from runtime.schema.codes.places import COUNTRIES, LANGUAGES
from runtime.schema.codes.ted_export import (
    ACCELERATED_PROCEDURES,
    CODED_LEGAL_TYPES,
    CODED_PROCEDURE_TYPES,
    CONTRACT_NATURES,
    LEGAL_BASES,
)


@dataclass(slots=True)
class Header:
    """What the coded section says and only some forms do."""

    language: str | None = None
    country: str | None = None
    document_type: str | None = None
    nature: str | None = None
    procedure: str | None = None
    authority: str | None = None
    directive: str | None = None
    deadline: str | None = None
    cpv: list[str] = field(default_factory=list)
    nuts: list[str] = field(default_factory=list)


def notice_number(text: str | None) -> str | None:
    """A publication number (`000001-2019`) as notice_id (`1-2019`); None where the text is none."""
    number, dash, year = text.strip().partition("-") if text else ("", "", "")
    if dash and len(year) == 4 and _is_number(year) and _is_number(number) and len(number) <= 9 and int(number):
        return f"{int(number)}-{year}"
    return None


def ojs_notice_number(text: str | None) -> str | None:
    """The notice_id in a number of the OJ S as published (`2019/S 001-000001`, `2013/S 54-87792`)."""
    if not text:
        return None
    year, _, rest = text.strip().partition("/")
    return notice_number(f"{rest.rpartition('-')[2].strip()}-{year.strip()}")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def read_header(notice: Notice, root: etree._Element, coded: etree._Element | None) -> Header:
    """Read the identity of the notice and the codes of the coded section."""
    header = Header()
    row = notice.row
    row["format"] = "ted-export"
    if coded is not None:
        for section in coded:
            for element in children(section):
                reader = _CODED[element.tag]
                if reader is not None:
                    reader(row, header, element)
    if row.get("publication_date") is None:
        notice.warnings.append("no-publication-date")
    ojs_number = row.get("ojs_number")
    number = notice_number(root.get("DOC_ID")) or ojs_notice_number(ojs_number if isinstance(ojs_number, str) else None)
    if number is not None:
        row["notice_id"] = number
    return header


_CodedReader = Callable[[Row, Header, etree._Element], None]


def _issue(row: Row, header: Header, element: etree._Element) -> None:
    row["ojs_issue"] = whole(element.text)


def _day(column: str) -> _CodedReader:
    def into(row: Row, header: Header, element: etree._Element) -> None:
        row[column] = day(element.text)

    return into


def _code(slot: str, column: str | None = None) -> _CodedReader:
    """Reader of a code into a slot of the header, and as published into a column."""

    def into(row: Row, header: Header, element: etree._Element) -> None:
        code = attribute(element, "CODE") or attribute(element, "VALUE")
        setattr(header, slot, code)
        if column is not None:
            row[column] = code

    return into


def _cpv(row: Row, header: Header, element: etree._Element) -> None:
    code = attribute(element, "CODE")
    if code:
        header.cpv.append(code)


def _nuts(row: Row, header: Header, element: etree._Element) -> None:
    code = attribute(element, "CODE")
    if code:
        header.nuts.append(code)


def _ojs_number(row: Row, header: Header, element: etree._Element) -> None:
    row.setdefault("ojs_number", flat_text(element))


def _language(row: Row, header: Header, element: etree._Element) -> None:
    """The first original language; bilingual notices have several elements, or one with `FR NL`."""
    if header.language is None:
        header.language = next(iter((element.text or "").split()), None)


def _reference(row: Row, header: Header, element: etree._Element) -> None:
    for each in element:
        if NAMES[each.tag] == "NO_DOC_OJS":
            append(row, "previous_notices", flat_text(each))


def _deadline(row: Row, header: Header, element: etree._Element) -> None:
    header.deadline = element.text


_CODED: ByName[_CodedReader] = ByName(
    {
        "NO_OJ": _issue,
        "DATE_PUB": _day("publication_date"),
        "NO_DOC_OJS": _ojs_number,
        "LG_ORIG": _language,
        "ISO_COUNTRY": _code("country"),
        "ORIGINAL_CPV": _cpv,
        "ORIGINAL_NUTS": _nuts,
        "PERFORMANCE_NUTS": _nuts,
        "REF_NOTICE": _reference,
        "DS_DATE_DISPATCH": _day("dispatch_date"),
        "DT_DATE_FOR_SUBMISSION": _deadline,
        "TD_DOCUMENT_TYPE": _code("document_type", "notice_type_raw"),
        "NC_CONTRACT_NATURE": _code("nature"),
        "PR_PROC": _code("procedure", "procedure_type_raw"),
        "AA_AUTHORITY_TYPE": _code("authority"),
        "DIRECTIVE": _code("directive"),
    }
)


def add_titles(
    notice: Notice, translations: etree._Element | None, english: etree._Element | None, header: Header
) -> None:
    """Set the English title: of the English form where there is one, else the heading that TED gives the notice."""
    row = notice.row
    if english is not None:
        row["title_en"] = form_title(english)
    elif header.language == "EN":
        row["title_en"] = row.get("title")
    if row.get("title_en") and row.get("title"):
        return
    titles = child(translations, "ML_TITLES")
    if titles is None:
        return
    for title in titles:
        language = title.get("LG")
        if language == "EN" and not row.get("title_en"):
            row["title_en"] = _heading(title)
        if language == header.language and not row.get("title"):
            row["title"] = _heading(title)
        if row.get("title_en") and row.get("title"):
            break


def form_title(form: etree._Element) -> str | None:
    """Title of a form that is not read otherwise, by a search that stops at the first title."""
    for element in form.iter("{*}TITLE", "{*}TITLE_CONTRACT", "{*}TITLE_QUALIFICATION_SYSTEM"):
        return text_of(element)
    return None


def _heading(title: etree._Element) -> str | None:
    text = child(title, "TI_TEXT")
    return text_of(text) if text is not None else None


def finish(draft: Draft, header: Header) -> None:
    """Fill what the form left open from the coded section, and the columns that sum up lots and buyers."""
    notice = draft.notice
    row = notice.row
    row["original_language"] = notice.code("original_language", header.language, LANGUAGES)
    if row.get("legal_basis") is None:
        row["legal_basis"] = notice.code("legal_basis", header.directive, LEGAL_BASES)
    if row.get("contract_nature") is None and header.nature:
        row["contract_nature"] = CONTRACT_NATURES.get(header.nature)
    if row.get("procedure_type") is None and header.procedure:
        row["procedure_type"] = CODED_PROCEDURE_TYPES.get(header.procedure)
    if header.procedure and header.procedure in ACCELERATED_PROCEDURES:
        row["is_accelerated"] = True
    if row.get("submission_deadline_date") is None and header.deadline:
        row["submission_deadline_date"] = day(header.deadline)
        row["submission_deadline_time"] = time_of_day(header.deadline.strip()[8:])
    _finish_codes(notice, header)
    _finish_buyer(draft, header)
    unique(row, "previous_notices")
    changes = notice.children.get("changes")
    if changes:
        references = row.get("previous_notices")
        reference = draft.changed or (references[0] if isinstance(references, list) and references else None)
        for change in changes:
            change["changed_notice_ref"] = reference
            change["changed_notice_id"] = ojs_notice_number(reference)


def _finish_codes(notice: Notice, header: Header) -> None:
    row = notice.row
    if row.get("cpv_main") is None and header.cpv:
        row["cpv_main"] = header.cpv[0]  # the main code comes first, by convention
    additional = dict.fromkeys(code for code in header.cpv if code != row.get("cpv_main"))
    if additional:
        row["cpv_additional"] = list(additional)
    if not row.get("nuts_codes"):
        nuts: dict[str, None] = {}
        for lot in notice.children.get("lots", ()):
            codes = lot.get("nuts_codes")
            if isinstance(codes, list):
                nuts.update(dict.fromkeys(codes))
        if nuts or header.nuts:
            row["nuts_codes"] = list(nuts or dict.fromkeys(header.nuts))


def _finish_buyer(draft: Draft, header: Header) -> None:
    notice, buyer = draft.notice, draft.buyer
    country = notice.row.get("buyer_country")
    if country is None:
        country = notice.row["buyer_country"] = notice.code("country", header.country, COUNTRIES)
    if buyer:
        if buyer.get("country") is None:
            buyer["country"] = country
        if buyer.get("legal_type") is None and header.authority:
            buyer["legal_type"] = CODED_LEGAL_TYPES.get(header.authority)
