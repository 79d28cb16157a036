"""Readers of single columns, addresses and criteria, which the coded section and the forms of all versions share."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from lxml.etree import _Element as Element

from runtime.extract.notice import Row, Value, as_list
from runtime.extract.ted_export.state import State
from runtime.extract.ted_export.xml import NAMES, ByName, attribute, flat_text, text_of
from runtime.extract.values import amount, day, is_said, number, time_of_day, whole
from runtime.extract.xml import children
from runtime.schema.codes.places import COUNTRIES
from runtime.schema.codes.ted_export import DIRECT_AWARD_REASONS
from runtime.schema.tables import LOTS, NOTICES

Reader = Callable[[State, Row, Element], None]

_OF_LOTS_ALONE = frozenset(column.name for column in LOTS) - {column.name for column in NOTICES}


_NO_PLACE = "00"
# What stands around an amount that is written as text: `EUR 12 500`, `12.500 €`, `12.500,-`.
_CURRENCY = re.compile(r"^(?:[A-Z]{3}|[€£$])\s*|\s*(?:[A-Z]{3}|[€£$])\.?$")
_NO_CENTS = re.compile(r"([,.])[-–]+$")


class Readers(ByName[Reader]):
    """Which function reads an element into a row, by its local name.

    Parameters
    ----------
    by_name, other : as of `ByName`
    groups : names of elements that only group: their children are read as if they stood in its place
    """

    def __init__(
        self,
        by_name: Mapping[str, Reader],
        other: Callable[[str], Reader | None] | None = None,
        *,
        groups: Iterable[str] = (),
    ) -> None:
        super().__init__({**by_name, **dict.fromkeys(groups, self.group)}, other)

    def group(self, state: State, row: Row, element: Element) -> None:
        """Reader of an element whose children these readers read."""
        read(self, state, row, element)


def read(readers: Readers, state: State, row: Row, parent: Element | Sequence[Element]) -> None:
    """Let each child be read by the reader of its name, in order; children without one are left."""
    for element in children(parent):
        reader = readers[element.tag]
        if reader is not None:
            reader(state, row, element)


# ---- what an element says ---------------------------------------------------------------------------------------


def code_of(element: Element) -> str | None:
    """The code that an element carries, under whichever name its schema gives the attribute."""
    return attribute(element, "CODE") or attribute(element, "VALUE") or attribute(element, "CTYPE")


def nuts_of(element: Element) -> str | None:
    """The NUTS code that an element carries; `00` means that the place is not specified."""
    code = attribute(element, "CODE")
    return None if code == _NO_PLACE else code


def count_of(element: Element) -> int | None:
    return whole(element.text)


def day_of(element: Element) -> str | None:
    """A day, as text or in the parts DAY, MONTH and YEAR."""
    return day_and_time_of(element)[0] if len(element) else day(element.text)


def time_of(element: Element) -> str | None:
    return time_of_day(element.text)


def day_and_time_of(element: Element) -> tuple[str | None, str | None]:
    """Day and time of day of DAY, MONTH, YEAR, TIME."""
    parts = {NAMES[each.tag]: (each.text or "").strip() for each in element}
    year, month, date = parts.get("YEAR", ""), parts.get("MONTH", ""), parts.get("DAY", "")
    return day(f"{year}-{month.zfill(2)}-{date.zfill(2)}"), time_of_day(parts.get("TIME"))


def cpv_of(element: Element) -> str | None:
    """The first CPV code, without supplementary codes."""
    for each in element:
        if NAMES[each.tag] == "CPV_CODE":
            return attribute(each, "CODE")
    return None


def cpv_text(element: Element) -> str | None:
    """The CPV code and its supplementary codes, as corrections tell them apart: `14410000 IA01 JA02`."""
    codes = (attribute(each, "CODE") for each in element if NAMES[each.tag] in ("CPV_CODE", "CPV_SUPPLEMENTARY_CODE"))
    return " ".join(filter(None, codes)) or None


def cpv_supplementary(state: State, row: Row, element: Element) -> None:
    """Reader of the supplementary codes beside a CPV code."""
    for each in element:
        if NAMES[each.tag] == "CPV_SUPPLEMENTARY_CODE":
            append(row, "cpv_supplementary", attribute(each, "CODE"))


def percent_of(element: Element) -> str | None:
    """A percentage as published, which is written `30`, `30 %` or `33,3`."""
    published = element.get("FMTVAL") or flat_text(element)
    return published and published.removesuffix("%").strip().replace(",", ".")


# ---- readers of one column --------------------------------------------------------------------------------------


def column(name: str, convert: Callable[[Element], Value]) -> Reader:
    """Reader of a column; what comes last counts."""

    def into(state: State, row: Row, element: Element) -> None:
        row[name] = convert(element)

    return into


def first(name: str, convert: Callable[[Element], Value]) -> Reader:
    """Reader of a column; what comes first counts."""

    def into(state: State, row: Row, element: Element) -> None:
        if name not in row:
            row[name] = convert(element)

    return into


def every(name: str, convert: Callable[[Element], str | None]) -> Reader:
    """Reader of a list column; `unique` takes repeats out when all is read."""

    def into(state: State, row: Row, element: Element) -> None:
        append(row, name, convert(element))

    return into


def flag(name: str, value: bool) -> Reader:
    """Reader of an element that says yes, or no, by being there."""

    def into(state: State, row: Row, element: Element) -> None:
        row[name] = value

    return into


def code(name: str, codes: Mapping[str, str]) -> Reader:
    """Reader of a published code as the EU code."""

    def into(state: State, row: Row, element: Element) -> None:
        row[name] = state.notice.code(name, code_of(element), codes)

    return into


def money(name: str, currency: str = "") -> Reader:
    """Reader of an amount and its currency; one that is not for publication stays NULL, whoever else repeats it."""
    currency = currency or f"{name}_currency"

    def into(state: State, row: Row, element: Element) -> None:
        if element.get("PUBLICATION") == "NO":
            row.setdefault(name, None)
        else:
            row[name] = state.money(element.text, name)
            row[currency] = attribute(element, "CURRENCY")

    return into


def of_buyer(name: str, codes: Mapping[str, str]) -> Reader:
    """Reader of a code that describes the first buyer; of OTHER there is no code."""

    def into(state: State, row: Row, element: Element) -> None:
        published = attribute(element, "VALUE")
        if published != "OTHER":
            state.buyer.setdefault(name, state.notice.code(name, published, codes))

    return into


def previous(state: State, row: Row, element: Element) -> None:
    """Remember an earlier notice that the form names."""
    reference = flat_text(element)
    if reference:
        state.changed = state.changed or reference
        append(state.notice.row, "previous_notices", reference)


def append(row: Row, name: str, value: str | None) -> None:
    """Append to a list column; `unique` takes repeats out when all is read."""
    if value:
        values = row.get(name)
        if isinstance(values, list):
            values.append(value)
        else:
            row[name] = [value]


def direct_award(state: State, row: Row, element: Element) -> None:
    """Reasons of an award without a call, wherever they stand below, and the text that explains them."""
    for each in element.iter():
        name = NAMES[each.tag]
        reason = DIRECT_AWARD_REASONS.get(name)
        if reason is not None and reason not in as_list(row.get("direct_award_codes")):
            append(row, "direct_award_codes", reason)
        elif name in _EXPLANATIONS and (text := text_of(each)):
            row.setdefault("direct_award_text", text)


def take_terms(row: Row, shared: Iterable[str]) -> Row:
    """Terms of the procedure that hold for its lots: those that notices have too, and those that lots alone have.

    The latter are taken from the notice's row, where the form's elements put them.
    """
    terms = {name: row[name] for name in shared if row.get(name) is not None}
    return terms | {name: row.pop(name) for name in [*row] if name in _OF_LOTS_ALONE}


_EXPLANATIONS = frozenset(("D_JUSTIFICATION", "REASON_CONTRACT_LAWFUL"))


def says_something(name: str) -> Reader:
    """Reader of a text that says yes by being there, unless it says no."""

    def into(state: State, row: Row, element: Element) -> None:
        text = flat_text(element)
        if text:
            row.setdefault(name, is_said(text))

    return into


def unique(row: Row, *names: str) -> None:
    """Take repeats out of list columns."""
    for name in names:
        values = row.get(name)
        if isinstance(values, list) and len(values) > 1:
            row[name] = list(dict.fromkeys(values))


# ---- addresses --------------------------------------------------------------------------------------------------


def _organisation(state: State, row: Row, element: Element) -> None:
    """The name itself (R2.0.7 and prose), or what holds name and number (R2.0.8)."""
    if len(element):
        read(_ADDRESS, state, row, element)
    else:
        row.setdefault("name", flat_text(element))


def _national_id(state: State, row: Row, element: Element) -> None:
    """Keep a registration number as published; one without a digit (`n/a`, `PL`) is named in the warnings."""
    published = flat_text(element)
    if not published:
        return
    if published.isalpha() or not any(map(str.isdigit, published)):
        state.notice.warnings.append(f"odd-national-id {published}")
    if row.get("national_id"):
        append(row, "other_national_ids", published)
    else:
        row["national_id"] = published


def _country(state: State, row: Row, element: Element) -> None:
    if "country" not in row:
        row["country"] = state.notice.code("country", attribute(element, "VALUE"), COUNTRIES)


_ADDRESS: Readers = Readers(
    {
        "OFFICIALNAME": first("name", flat_text),
        "ORGANISATION": _organisation,
        "NATIONALID": _national_id,
        "ADDRESS": first("street", flat_text),
        "TOWN": first("town", flat_text),
        "POSTAL_CODE": first("postcode", flat_text),
        "COUNTRY": _country,
        "NUTS": first("nuts_code", nuts_of),
        "URL_GENERAL": first("website", flat_text),
        "URL_BUYER": first("buyer_profile_url", flat_text),
        "URL": first("website", flat_text),
    },
    lambda name: None if name == "P" else _ADDRESS.group,
)


def address(state: State, role: str, element: Element) -> Row:
    """An address block of any version as a row of `parties`, which is not added yet."""
    row: Row = {"role": role}
    read(_ADDRESS, state, row, element)
    return row


def party(role: str, *, is_named: bool = False) -> Reader:
    """Reader of an address block for a role; with `is_named`, one without a name (`IDEM`) is none."""

    def into(state: State, row: Row, element: Element) -> None:
        found = address(state, role, element)
        if found.get("name") or not is_named:
            state.party(found)

    return into


# ---- criteria and their weights ---------------------------------------------------------------------------------


def _weight(state: State, row: Row, element: Element) -> None:
    """The weight of a criterion: as published, and as a number where it is one (`30`, `30 %`, `30,5`)."""
    published = flat_text(element)
    if not published:
        return
    row["weight_text"] = published
    value = number(published.removesuffix("%").replace(",", "."))
    if value is not None:
        row["weight_number"] = value
        if published.endswith("%"):
            row["weight_unit"] = "per-exa"


_CRITERION = Readers(
    {
        "AC_CRITERION": column("name", text_of),
        "AC_WEIGHTING": _weight,
        "CRITERIA": column("name", text_of),
        "WEIGHTING": _weight,
    }
)


def criterion(kind: str | None = None, *, is_named: bool = False) -> Reader:
    """Reader of a criterion of a lot, or of all where the row is no lot's; with `is_named`, a blank one is none."""

    def into(state: State, row: Row, element: Element) -> None:
        found: Row = {"kind": kind, "lot_ordinal": row.get("lot_ordinal"), "lot_id": row.get("lot_id")}
        read(_CRITERION, state, found, element)
        if found.get("name") or found.get("weight_text") or not is_named:
            state.notice.add("criteria", found)

    return into


def local_amount(text: str | None) -> str | None:
    """An amount in a local way of writing (`878 000,00`, `1.234.567,8`, `3407173370.00`) as plain decimal text.

    A last comma or point is decimal unless it occurs twice. `1,234` or `1.234` alone could be either and is None.
    """
    bare = _NO_CENTS.sub(r"\g<1>00", _CURRENCY.sub("", text.strip())) if text else ""
    digits = "".join(bare.split()).replace("'", "").replace("’", "")
    comma, point = digits.count(","), digits.count(".")
    if comma and point:
        decimal, thousands = (",", ".") if digits.rfind(",") > digits.rfind(".") else (".", ",")
        if digits.count(decimal) > 1:
            return None
        digits = digits.replace(thousands, "").replace(decimal, ".")
    elif comma > 1 or point > 1:
        digits = digits.replace(",", "").replace(".", "")
    elif comma or point:
        before, _, fraction = digits.partition("," if comma else ".")
        if len(fraction) == 3 and before.lstrip("-0"):
            return None
        digits = f"{before}.{fraction}"
    return amount(digits)
