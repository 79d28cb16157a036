"""Lots, parts and groups of lots, and their award criteria."""

from collections.abc import Iterable

from lxml.etree import _Element as Element

from runtime.extract.eforms.organisations import Organisations
from runtime.extract.eforms.shapes import CRITERION, LOT
from runtime.extract.eforms.tree import ROLES, Found, gather
from runtime.extract.notice import Notice, Row
from runtime.extract.values import whole
from runtime.schema.codes import eforms as codes

# Where else senders put BT-271, and last BT-157, the estimate for a group.
_LATER_MAXIMA = ("_maximum_in_terms", "_maximum_in_extension", "_group_maximum")
_PERIOD = ("duration_value", "duration_unit", "duration_code", "start_date", "end_date")
# A criterion of which all this is withheld is none; from SDK 1.16 on it is not even there.
_CRITERION = ("kind", "name", "description", "weight_number", "weight_unit", "weight_text")
_UNITS = ("duration_unit", "tender_validity_unit")
_LATER_DEADLINES = (
    ("_participation_date", "_participation_time"),
    ("_interest_date", "_interest_time"),
    ("_answer_date", "_answer_time"),  # of a market consultation
)


def read_lots(elements: Iterable[Element], notice: Notice, organisations: Organisations) -> tuple[list[Row], list[str]]:
    """Append the rows of lots and criteria; the lots' rows, and the earlier notices that lots cite."""
    previous: list[str] = []
    language = organisations.language
    for element in elements:
        row = gather(element, LOT, language)
        ordinal = notice.add("lots", row)
        row.setdefault("lot_kind", "lot")
        if "_previous" in row:
            previous += row.pop("_previous")
        renewals = row.pop("_renewals", None)
        if renewals is not None:
            row["is_renewable"] = renewals != "0"
            row["renewal_maximum"] = whole(renewals)
        if "_renewable" in row:
            said = row.pop("_renewable")
            if row.get("is_renewable") is None:
                row["is_renewable"] = said
        for column in _UNITS:
            unit = row.get(column)
            if unit is not None:
                row[column] = notice.code(column, unit, codes.DURATION_UNITS)
        notice.check(row, codes.LOT_CODES)
        settle(row, notice, organisations)
        read_criteria(row.pop("_criteria", ()), notice, language, ordinal, row.get("lot_id"))
    return notice.rows("lots"), previous


def give_period(lots: Iterable[Row], period: Found, notice: Notice) -> None:
    """Give the procedure's period to lots of which none has its own; some senders say it there."""
    lots = list(lots)
    if any(lot.get(column) is not None for lot in lots for column in _PERIOD):
        return
    unit = period.get("duration_unit")
    period["duration_unit"] = notice.code("duration_unit", unit, codes.DURATION_UNITS)
    for lot in lots:
        lot.update(period)


def settle(row: Found, notice: Notice, organisations: Organisations) -> None:
    """Finish what notices and lots share: parties, codes, the deadline where it is not one for tenders."""
    if ROLES in row:
        organisations.add_once(row.pop(ROLES))
    for maximum in _LATER_MAXIMA:
        value, currency = row.pop(maximum, None), row.pop(f"{maximum}_currency", None)
        if value is not None and row.get("framework_max_value") is None:
            row["framework_max_value"], row["framework_max_value_currency"] = value, currency
    nature = row.get("contract_nature")
    if nature is not None and nature not in codes.CONTRACT_NATURES:
        notice.code("contract_nature", nature, codes.CONTRACT_NATURES)
    for date, time in _LATER_DEADLINES:
        if date in row or time in row:
            day, clock = row.pop(date, None), row.pop(time, None)
            if day is not None and row.get("submission_deadline_date") is None:
                row["submission_deadline_date"], row["submission_deadline_time"] = day, clock


def read_criteria(
    elements: Iterable[Element],
    notice: Notice,
    language: str | None,
    lot_ordinal: int | None,
    lot_id: str | None,
) -> None:
    """Append the award criteria of a lot, or of the whole procedure (no lot).

    A criterion with parts is a heading: its parts are the rows.
    """
    for element in elements:
        row = gather(element, CRITERION, language)
        parts = row.get("_parts")
        if parts:
            read_criteria(parts, notice, language, lot_ordinal, lot_id)
            continue
        row["lot_ordinal"], row["lot_id"] = lot_ordinal, lot_id
        kind = row.get("kind")
        if kind is not None and kind not in codes.CRITERION_KINDS:
            notice.code("kind", kind, codes.CRITERION_KINDS)
        if "weight_unit" in row:
            unit = row["weight_unit"] = row["weight_unit"] or None
            if unit is not None and unit not in codes.WEIGHT_UNITS:
                notice.code("weight_unit", unit, codes.WEIGHT_UNITS)
        if "_formula" in row:
            formula = row.pop("_formula")
            if row.get("weight_number") is None:
                row["weight_text"] = formula
        if any(row.get(column) is not None for column in _CRITERION):
            notice.add("criteria", row)
