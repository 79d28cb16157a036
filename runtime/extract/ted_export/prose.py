"""Notices without a standard form: OTH_NOT and EEIG, which are prose, and forms that no rule knows.

Corrigenda before 2016 are prose too; their text is kept, not taken apart.
"""

from lxml import etree

from runtime.extract.notice import Row
from runtime.extract.ted_export.draft import Draft
from runtime.extract.ted_export.xml import NAMES, attribute, child, flat_text, text_of


def read_prose(draft: Draft, form: etree._Element) -> None:
    """Read what prose has: a heading, a buyer where it is tagged, and the text."""
    row = draft.notice.row
    heading = child(form, "TI_DOC")
    if heading is None:
        heading = child(form, "STI_DOC")
    if heading is not None:
        row["title"] = text_of(heading)
    lines: list[str] = []
    for element in form:
        name = NAMES[element.tag]
        if name and not name.endswith("_DOC"):
            _read_block(draft, element, lines)
    row["description"] = "\n".join(lines) or None
    if row.get("notice_type") == "corr":
        change: Row = {"kind": "corrigendum", "value_type": "text", "description": row["description"]}
        draft.add("changes", "change_ordinal", change)


def _read_block(draft: Draft, element: etree._Element, lines: list[str]) -> None:
    name = NAMES[element.tag]
    if name == "P" or not len(element) or not any(NAMES[each.tag] not in ("FT", "P", "") for each in element):
        text = text_of(element)
        if text:
            lines.append(text)
        return
    if name == "ADDRESS_NOT_STRUCT" or name == "ADDRESS":
        _read_address(draft, element)
    number = ""
    for each in element:
        part = NAMES[each.tag]
        if part == "NO_MARK":
            number = flat_text(each) or ""
        elif part == "TI_MARK":
            title = flat_text(each)
            if title or number:
                lines.append(" ".join(filter(None, (number, title))))
            number = ""
        elif part:
            _read_block(draft, each, lines)


def _read_address(draft: Draft, element: etree._Element) -> None:
    """The first tagged address is the sender's: the buyer."""
    if any(party["role"] == "buyer" for party in draft.notice.children.get("parties", ())):
        return
    row: Row = {"role": "buyer"}
    for each in element:
        name = NAMES[each.tag]
        if name == "ORGANISATION":
            row["name"] = flat_text(each)
        elif name == "TOWN":
            row["town"] = flat_text(each)
        elif name == "POSTAL_CODE":
            row["postcode"] = flat_text(each)
        elif name == "ADDRESS":
            row["street"] = flat_text(each)
        elif name == "COUNTRY":
            row["country"] = draft.country(attribute(each, "VALUE"))
    if row.get("name"):
        draft.party(row)
