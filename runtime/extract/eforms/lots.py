"""Lots, parts and groups of lots, and their award criteria."""

import re
from collections.abc import Iterable

from lxml import etree

from runtime.extract.eforms.organisations import Organisations
from runtime.extract.eforms.shapes import CRITERION, DEADLINE, LOT, PARAMETER
from runtime.extract.eforms.tree import Found, content, date, first, flag, gather, money, original, texts
from runtime.extract.notice import Notice, Row
from runtime.extract.values import amount, day, time_of_day
from runtime.schema.codes import eforms as codes

_KINDS = {"lot": "lot", "part": "part", "lotsgroup": "group"}
_PREFIXES = {"LOT": "lot", "PAR": "part", "GLO": "group"}
_DEADLINES = ("deadline", "participation_deadline", "interest_deadline")
_CPV = re.compile(r"(\d{8})(?:-\d)?")


def read_lots(
    elements: Iterable[etree._Element], notice: Notice, organisations: Organisations
) -> list[tuple[Row, Found]]:
    """Append the rows of lots and criteria; the lots' rows with what was found of each."""
    lots = []
    for ordinal, element in enumerate(elements, 1):
        found = gather(element, LOT)
        row: Row = {
            "lot_ordinal": ordinal,
            "lot_id": first(found.get("lot_id")),
            "lot_kind": _kind(found),
            **project(found, notice, organisations.language),
            **terms(found),
            **_period(found, notice),
        }
        notice.add("lots", row)
        read_criteria(found, notice, organisations.language, ordinal, row["lot_id"])
        organisations.add_roles(found)
        lots.append((row, found))
    return lots


def _kind(found: Found) -> str:
    elements = found.get("lot_id")
    if elements:
        scheme = _KINDS.get((elements[0].get("schemeName") or "").lower())
        return scheme or _PREFIXES.get((first(elements) or "")[:3], "lot")
    return "lot"


def cpv(text: str) -> str:
    """A CPV code without its check digit."""
    match = _CPV.fullmatch(text)
    return match[1] if match else text


def project(found: Found, notice: Notice, language: str | None) -> Row:
    """Columns that notices and lots share: what is bought, where, for how much."""
    value, currency, _ = money(found.get("estimate"))
    maximum, maximum_currency, _ = money(found.get("framework_max") or found.get("framework_max_early"))
    main = first(found.get("main_cpv"))
    return {
        "title": original(found.get("Name"), language),
        "description": original(found.get("Description"), language),
        "contract_nature": notice.code(
            "contract_nature", first(found.get("ProcurementTypeCode")), codes.CONTRACT_NATURES
        ),
        "cpv_main": cpv(main) if main else None,
        "cpv_additional": [cpv(each) for each in texts(found.get("additional_cpv"))] or None,
        "nuts_codes": texts(found.get("nuts")) or None,
        "estimated_value": value,
        "estimated_value_currency": currency,
        "framework_max_value": maximum,
        "framework_max_value_currency": maximum_currency,
    }


def terms(found: Found) -> Row:
    """Columns that notices and lots share: techniques, coverage, deadline."""
    framework: bool | None = None
    dps: bool | None = None
    for element in found.get("system", ()):
        value = content(element)
        if value is None:
            continue
        if element.get("listName") == "dps-usage" or value.startswith("dps"):
            dps = value != "none"
        else:
            framework = value != "none"
    funding = first(found.get("funding"))
    row: Row = {
        "is_framework": framework,
        "is_dps": dps,
        "is_electronic_auction": flag(found.get("auction")),
        "is_gpa_covered": flag(found.get("gpa")),
        "is_eu_funded": None if funding is None else funding != "no-eu-funds",
    }
    for key in _DEADLINES:
        if key in found:
            period = gather(found[key][0], DEADLINE)
            row["submission_deadline_date"] = day(first(period.get("day")))
            row["submission_deadline_time"] = time_of_day(first(period.get("time")))
            break
    return row


def _period(found: Found, notice: Notice) -> Row:
    row: Row = {"start_date": date(found.get("start")), "end_date": date(found.get("end"))}
    if "duration" in found:
        measure = found["duration"][0]
        value = amount(measure.text)
        if value is not None and not value.startswith("-"):
            row["duration_value"] = value
            unit = (measure.get("unitCode") or "").upper()
            row["duration_unit"] = notice.code("duration_unit", unit, codes.DURATION_UNITS)
    renewals = amount(first(found.get("renewals")))
    if renewals is not None:
        row["is_renewable"] = renewals not in ("0", "-1")
    elif first(found.get("renewal")):
        row["is_renewable"] = True
    else:
        row["is_renewable"] = flag(found.get("renewable"))
    if first(found.get("options")):
        row["has_options"] = True
    return row


def read_criteria(
    found: Found, notice: Notice, language: str | None, ordinal: int | None, lot_id: object
) -> None:
    """Append the award criteria of a lot, or of the whole procedure (no lot)."""
    for element in found.get("criterion", ()):
        _criterion(element, notice, language, {"lot_ordinal": ordinal, "lot_id": str(lot_id) if lot_id else None})


def _criterion(element: etree._Element, notice: Notice, language: str | None, lot: Row) -> None:
    found = gather(element, CRITERION)
    kind = first(found.get("AwardingCriterionTypeCode"))
    name = original(found.get("Name"), language)
    parts = found.get("criterion", ())
    if kind or name or not parts:
        number, unit = _weight(found)
        row: Row = {
            **lot,
            "kind": notice.code("kind", kind, codes.CRITERION_KINDS),
            "name": name,
            "description": original(found.get("Description"), language),
            "weight_number": number,
            "weight_unit": notice.code("weight_unit", unit, codes.WEIGHT_UNITS),
        }
        if number is None:
            row["weight_text"] = first(found.get("Weight")) or original(found.get("CalculationExpression"), language)
        if any(value is not None for key, value in row.items() if key not in lot):
            notice.add("criteria", row)
    for part in parts:
        _criterion(part, notice, language, lot)


def _weight(found: Found) -> tuple[str | None, str | None]:
    """Number and unit of a criterion's weight; fixed values and thresholds are none."""
    for element in found.get("parameter", ()):
        parameter = gather(element, PARAMETER)
        code = parameter.get("code")
        unit = first(code)
        # @listName is missing at times: then the code tells what the number is.
        if code is None or code[0].get("listName") == "number-weight" or unit in codes.WEIGHT_UNITS:
            number = amount(first(parameter.get("number")))
            if number is not None and not (number == "-1" and unit is None):
                return number, unit
    return amount(first(found.get("Weight")) or first(found.get("WeightNumeric"))), None
