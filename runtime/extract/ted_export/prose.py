"""Notices without a standard form: OTH_NOT and EEIG, which are prose, and forms that no rule knows.

Corrigenda before 2016 are prose as well; only "for … read …" is marked, which gives an old and a new value.
"""

from lxml.etree import _Element as Element

from runtime.extract.notice import Row
from runtime.extract.ted_export.fields import address
from runtime.extract.ted_export.state import State
from runtime.extract.ted_export.xml import NAMES, child, flat_text, text_of

_INLINE = frozenset(("", "FT", "P", "BLK_BTX", "ADDRESS_NOT_STRUCT"))


def read_prose(state: State, form: Element) -> None:
    """Read what prose has: a heading, a buyer where an address is marked, the text, and corrections."""
    row = state.notice.row
    for element in form:
        if NAMES[element.tag].startswith("FD_"):
            form = element
            break
    heading = child(form, "TI_DOC")
    if heading is not None:
        row["title"] = text_of(heading)
    lines: list[str] = []
    for element in form:
        name = NAMES[element.tag]
        if not name:
            continue
        if not state.buyer:
            _read_address(state, element)
        if name != "TI_DOC":
            _read_block(state, element, None, lines)
    row["description"] = "\n".join(lines) or None
    if row.get("notice_type") == "corr" and "changes" not in state.notice.children:
        change: Row = {"kind": "corrigendum", "description": row["description"]}
        state.notice.add("changes", change)


def _read_block(state: State, element: Element, mark: str | None, lines: list[str]) -> None:
    """Append the lines of a block; blocks nest, and what is no block is text."""
    name = NAMES[element.tag]
    if name == "FOR_READ":
        _read_correction(state, element, mark)
    if all(NAMES[each.tag] in _INLINE for each in element):
        text = text_of(element)
        if text:
            lines.append(text)
        return
    for each in element:
        part = NAMES[each.tag]
        if part in ("NO_MARK", "TI_MARK"):
            text = flat_text(each)
            if text and mark is not None and part == "TI_MARK":
                lines[-1] = f"{lines[-1]} {text}"
            elif text:
                lines.append(text)
            if part == "NO_MARK":
                mark = text
        elif part:
            _read_block(state, each, mark, lines)


def _read_correction(state: State, element: Element, mark: str | None) -> None:
    row: Row = {"kind": "corrigendum", "section": mark, "value_type": "text"}
    for each in element:
        column = {"FOR": "old_value", "READ": "new_value"}.get(NAMES[each.tag])
        if column is not None:
            parts = [text_of(part) for part in each if NAMES[part.tag] not in ("INT_FOR", "INT_READ")]
            row[column] = "\n".join(filter(None, parts)) or (text_of(each) if not len(each) else None)
    state.notice.add("changes", row)


def _read_address(state: State, section: Element) -> None:
    """The first address that is marked is the sender's: the buyer."""
    for block in section.iter("{*}ADDRESS_NOT_STRUCT", "{*}ADDRESS_STRUCT"):
        row = address(state, "buyer", block)
        if row.get("name"):
            state.party(row)
            return
