"""Changes to an earlier notice, and modifications of a contract."""

import re
from collections.abc import Iterable

from lxml.etree import _Element as Element

from runtime.extract.eforms.shapes import CHANGE, CHANGES
from runtime.extract.eforms.tree import gather
from runtime.extract.notice import Notice, Row, notice_id
from runtime.schema.codes import eforms as codes

_LOT = re.compile(r"(?:LOT|PAR|GLO)-\d+")


def read_changes(elements: Iterable[Element], kind: str, notice: Notice, language: str | None) -> None:
    """Append the changes of a change notice (`corrigendum`) or a contract modification (`modification`).

    One row per efac:Change; one row in all where a notice says only why it changes.
    """
    for element in elements:
        found = gather(element, CHANGES, language)
        outer: list[str] = found.pop("_sections", [])
        changes = found.pop("_changes", ())
        if not (found or outer or changes):
            continue
        found["kind"] = kind
        found["changed_notice_id"] = notice_id(found.get("changed_notice_ref"))
        found["reason_code"] = notice.code("reason_code", found.get("reason_code"), codes.CHANGE_REASONS)
        for inner in [gather(change, CHANGE, language) for change in changes] or [{}]:
            sections = [*outer, *inner.pop("_sections", ())]
            _add(notice, {**found, **inner}, sections)


def _add(notice: Notice, row: Row, sections: list[str]) -> None:
    row["section"] = ", ".join(sections) or None
    row["lot_ids"] = [section for section in sections if _LOT.fullmatch(section)] or None
    notice.add("changes", row)


def read_payments(paid: Iterable[tuple[Row, str, str | None, str | None]], notice: Notice) -> None:
    """Append what was paid in the end beside what was tendered (voluntary form E5, contract completion)."""
    for tender, value, currency, description in paid:
        is_comparable = tender.get("value_currency") == currency
        row: Row = {
            "kind": "modification",
            "description": description,
            "value_before": tender.get("value") if is_comparable else None,
            "value_after": value,
            "value_currency": currency,
        }
        lots = tender.get("lot_ids")
        _add(notice, row, [str(tender["tender_id"])] if tender.get("tender_id") else [])
        row["lot_ids"] = lots
