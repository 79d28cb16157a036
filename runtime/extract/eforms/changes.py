"""Changes to an earlier notice, and modifications of a contract."""

import re

from lxml import etree

from runtime.extract.eforms.shapes import CHANGE, CHANGES
from runtime.extract.eforms.tree import Found, first, gather, money, original, texts
from runtime.extract.notice import Notice, Row
from runtime.schema.codes import eforms as codes

_PUBLICATION_NUMBER = re.compile(r"0*(\d+)-(\d{4})")
_LOT = re.compile(r"(?:LOT|PAR|GLO)-\d+")


def notice_id(text: str | None) -> str | None:
    """A publication number as a notice_id; None where the text is none."""
    match = _PUBLICATION_NUMBER.fullmatch(text) if text else None
    return f"{match[1]}-{match[2]}" if match else None


def read_changes(element: etree._Element, kind: str, notice: Notice, language: str | None) -> None:
    """Append the changes of a change notice (`corrigendum`) or a contract modification (`modification`).

    One row per efac:Change; one row in all where a notice says only why it changes.
    """
    found = gather(element, CHANGES)
    reference = first(found.get("notice"))
    outer = texts(found.get("section"))
    common: Row = {
        "kind": kind,
        "changed_notice_id": notice_id(reference),
        "changed_notice_ref": reference,
        "reason_code": notice.code("reason_code", first(found.get("reason")), codes.CHANGE_REASONS),
        "reason_text": original(found.get("reason_text"), language),
    }
    for change in found.get("change", (None,)):
        inner = gather(change, CHANGE) if change is not None else {}
        sections = outer + texts(inner.get("section"))
        row: Row = {
            **common,
            "section": ", ".join(sections) or None,
            "lot_ids": [section for section in sections if _LOT.fullmatch(section)] or None,
            "description": original(inner.get("description"), language),
        }
        if change is not None or any(row[key] for key in ("changed_notice_ref", "reason_code", "reason_text", "section")):
            notice.add("changes", row)


def read_payments(paid: list[tuple[Row, Found]], notice: Notice, language: str | None) -> None:
    """Append what was paid in the end beside what was tendered (voluntary form E5, contract completion)."""
    for tender, found in paid:
        value, currency, _ = money(found.get("paid"))
        if value is not None:
            notice.add(
                "changes",
                {
                    "kind": "modification",
                    "section": tender["tender_id"],
                    "lot_ids": tender["lot_ids"],
                    "description": original(found.get("paid_description"), language),
                    "value_before": tender["value"] if tender["value_currency"] == currency else None,
                    "value_after": value,
                    "value_currency": currency,
                },
            )
