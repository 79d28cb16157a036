"""Lots, parts and groups of lots, and their award criteria."""

from collections.abc import Iterable, Mapping

from lxml import etree

from runtime.extract.eforms.organisations import Organisations
from runtime.extract.eforms.shapes import CRITERION, LOT, PARAMETER
from runtime.extract.eforms.tree import WITHHELD, Found, content, gather
from runtime.extract.notice import Notice, Row
from runtime.schema.codes import eforms as codes

_EXPECTED: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("contract_nature", codes.CONTRACT_NATURES),
    ("procedure_type", codes.PROCEDURE_TYPES),
)
_MASKS = (WITHHELD + "estimated_value", WITHHELD + "framework_max_value")


def read_lots(
    elements: Iterable[etree._Element], notice: Notice, organisations: Organisations
) -> tuple[list[Row], list[str]]:
    """Append the rows of lots and criteria; the lots' rows, and the earlier notices that lots cite."""
    rows: list[Row] = []
    previous: list[str] = []
    language = organisations.language
    for ordinal, element in enumerate(elements, 1):
        row = gather(element, LOT, language)
        row["lot_ordinal"] = ordinal
        row.setdefault("lot_kind", "lot")
        previous += row.pop("_previous", ())
        said = row.pop("_renewable", None)
        if said is not None and row.get("is_renewable") is None:
            row["is_renewable"] = said
        unit = row.get("duration_unit")
        if unit is not None:
            row["duration_unit"] = notice.code("duration_unit", unit, codes.DURATION_UNITS)
        settle(row, notice, organisations)
        read_criteria(row.pop("_criteria", ()), notice, language, ordinal, row.get("lot_id"))
        rows.append(row)
    if rows:
        notice.children["lots"] = rows
    return rows, previous


def settle(row: Found, notice: Notice, organisations: Organisations) -> None:
    """Finish what notices and lots share: parties, codes, the deadline where it is not one for tenders."""
    organisations.add_roles(row)
    for mask in _MASKS:
        row.pop(mask, None)
    for column, known in _EXPECTED:
        code = row.get(column)
        if code is not None and code not in known:
            notice.code(column, code, known)
    for kind in ("_participation", "_interest"):
        day, time = row.pop(f"{kind}_date", None), row.pop(f"{kind}_time", None)
        if day is not None and row.get("submission_deadline_date") is None:
            row["submission_deadline_date"], row["submission_deadline_time"] = day, time


def read_criteria(
    elements: Iterable[etree._Element],
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
        rows = notice.children.setdefault("criteria", [])
        row["lot_ordinal"] = lot_ordinal
        row["lot_id"] = lot_id
        row["criterion_ordinal"] = len(rows) + 1
        kind = row.get("kind")
        if kind is not None and kind not in codes.CRITERION_KINDS:
            notice.code("kind", kind, codes.CRITERION_KINDS)
        _weigh(row, notice)
        rows.append(row)


def _weigh(row: Found, notice: Notice) -> None:
    """Give a criterion its weight: a number with its unit, else the formula; fixed values and thresholds are none."""
    weight, formula = row.pop("_weight", None), row.pop("_formula", None)
    for element in row.pop("_parameters", ()):
        parameter = gather(element, PARAMETER)
        for code in parameter.get("code", ()):
            unit = content(code)
            # @listName is missing at times: then the code tells what the number is.
            if unit in codes.WEIGHT_UNITS or code.get("listName") == "number-weight":
                row["weight_number"] = parameter.get("number")
                row["weight_unit"] = notice.code("weight_unit", unit, codes.WEIGHT_UNITS)
                return
    if weight is not None:
        row["weight_number"] = weight
    elif formula is not None:
        row["weight_text"] = formula
