"""Forms of R2.0.9 (F01 to F25 of 2014, T01, T02): flat in S01 and S02, nested from S03 on, read by one set of names.

An element that only groups (`VALUES`, `TENDERS`, `CONTRACTORS`, `AC`, `DIRECTIVE_2014_24_EU`) is read as if its
children stood in its place, so both shapes, and F06 which was always nested, give the same rows.
"""

from collections.abc import Callable

from lxml import etree

from runtime.extract.notice import Row
from runtime.extract.ted_export.award import Award, add_award
from runtime.extract.ted_export.draft import Draft, Reader, Readers, append, read, unique
from runtime.extract.ted_export.xml import NAMES, attribute, flat_text, text_of
from runtime.extract.values import day, time_of_day, whole
from runtime.schema.codes.ted_export import (
    CONTRACT_NATURES,
    DURATION_UNITS,
    LEGAL_BASES,
    LEGAL_TYPES,
    MAIN_ACTIVITIES,
    MODIFICATION_REASONS,
    NON_AWARD_REASONS,
    PROCEDURE_TYPES,
)

Element = etree._Element

# Forms with a box to tick: an empty box says no, a form without the box says nothing.
_PROCEDURE_BOXES = {
    "is_framework": ("F01", "F02", "F03", "F04", "F05", "F06", "F15", "F21", "F22"),
    "is_dps": ("F01", "F02", "F03", "F04", "F05", "F06"),
    "is_electronic_auction": ("F01", "F02", "F03", "F04", "F05", "F06", "F07"),
    "is_accelerated": ("F01", "F02", "F03"),
}
_BUYER_BOXES = {
    "is_joint_procurement": (
        "F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08", "F12", "F13", "F21", "F22", "F23", "F24", "F25",
    ),
    "is_central_purchasing": (
        "F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08", "F12", "F13", "F21", "F22", "T01", "T02",
    ),
}  # fmt: skip
# Terms of the procedure that hold for each of its lots.
_LOT_TERMS = (
    "is_framework",
    "is_dps",
    "is_electronic_auction",
    "is_gpa_covered",
    "submission_deadline_date",
    "submission_deadline_time",
)


def read_current(draft: Draft, form: Element) -> None:
    """Read the original form of R2.0.9."""
    row = draft.notice.row
    read(_SECTIONS, draft, row, form)
    lots = draft.notice.children.get("lots")
    if lots:
        terms = {column: row[column] for column in _LOT_TERMS if row.get(column) is not None}
        for lot in lots:
            lot.update(terms)


# ---- readers of a single column ---------------------------------------------------------------------------------


def _text(column: str) -> Reader[Row]:
    def into(draft: Draft, row: Row, element: Element) -> None:
        row[column] = text_of(element)

    return into


def _line(column: str) -> Reader[Row]:
    def into(draft: Draft, row: Row, element: Element) -> None:
        row[column] = flat_text(element)

    return into


def _day(column: str) -> Reader[Row]:
    def into(draft: Draft, row: Row, element: Element) -> None:
        row[column] = day(element.text)

    return into


def _flag(column: str, value: bool) -> Reader[Row]:
    def into(draft: Draft, row: Row, element: Element) -> None:
        row[column] = value

    return into


def _money(column: str, currency: str) -> Reader[Row]:
    """Reader of an amount and its currency; one that is not for publication is left out."""

    def into(draft: Draft, row: Row, element: Element) -> None:
        if element.get("PUBLICATION") != "NO":
            row[column] = draft.money(element.text, column)
            row[currency] = attribute(element, "CURRENCY")

    return into


def _range(low: str, high: str, currency: str) -> Reader[Row]:
    def into(draft: Draft, row: Row, element: Element) -> None:
        if element.get("PUBLICATION") != "NO":
            for each in element:
                name = NAMES[each.tag]
                if name == "LOW":
                    row[low] = draft.money(each.text, low)
                elif name == "HIGH":
                    row[high] = draft.money(each.text, high)
            row.setdefault(currency, attribute(element, "CURRENCY"))

    return into


def _cpv(element: Element) -> str | None:
    for each in element:
        if NAMES[each.tag] == "CPV_CODE":
            return attribute(each, "CODE")
    return None


# ---- legal basis ------------------------------------------------------------------------------------------------


def _legal_basis(draft: Draft, row: Row, element: Element) -> None:
    row["legal_basis"] = draft.notice.code("legal_basis", attribute(element, "VALUE"), LEGAL_BASES)


def _other_legal_basis(draft: Draft, row: Row, element: Element) -> None:
    row.setdefault("legal_basis", "other")


# ---- section I: buyer -------------------------------------------------------------------------------------------


def _contracting_body(draft: Draft, row: Row, section: Element) -> None:
    for column, forms in _BUYER_BOXES.items():
        if draft.form in forms:
            row[column] = False
    read(_BODY, draft, row, section)


def _party(role: str) -> Reader[Row]:
    def into(draft: Draft, row: Row, element: Element) -> None:
        draft.party(draft.address(element, role))

    return into


def _legal_type(draft: Draft, row: Row, element: Element) -> None:
    draft.buyer["legal_type"] = draft.notice.code("legal_type", attribute(element, "VALUE"), LEGAL_TYPES)


def _main_activity(draft: Draft, row: Row, element: Element) -> None:
    code = draft.notice.code("main_activity", attribute(element, "VALUE"), MAIN_ACTIVITIES)
    draft.buyer["main_activity"] = code


_BODY: Readers[Row] = Readers(
    {
        "ADDRESS_CONTRACTING_BODY": _party("buyer"),
        "ADDRESS_CONTRACTING_BODY_ADDITIONAL": _party("buyer"),
        "ADDRESS_FURTHER_INFO": _party("further-information"),
        "ADDRESS_PARTICIPATION": _party("tender-recipient"),
        "CA_TYPE": _legal_type,
        "CA_ACTIVITY": _main_activity,
        "CE_ACTIVITY": _main_activity,
        "JOINT_PROCUREMENT_INVOLVED": _flag("is_joint_procurement", True),
        "CENTRAL_PURCHASING": _flag("is_central_purchasing", True),
    }
)


# ---- section II: object and lots --------------------------------------------------------------------------------


def _object_contract(draft: Draft, row: Row, section: Element) -> None:
    before = len(draft.notice.children.get("lots", ()))
    found: Row = {}
    read(_OBJECT, draft, found, section)
    for column, value in found.items():  # F01 and F04 may describe several objects: the notice has the first
        row.setdefault(column, value)
    for lot in draft.notice.children.get("lots", ())[before:]:
        lot["cpv_main"] = found.get("cpv_main")
        lot["contract_nature"] = found.get("contract_nature")
        if before and lot.get("title") is None:
            lot["title"] = found.get("title")
        if lot.get("is_eu_funded") is not None:
            row["is_eu_funded"] = bool(row.get("is_eu_funded") or lot["is_eu_funded"])


def _cpv_main(draft: Draft, row: Row, element: Element) -> None:
    row["cpv_main"] = _cpv(element)


def _nature(draft: Draft, row: Row, element: Element) -> None:
    row["contract_nature"] = draft.notice.code("contract_nature", attribute(element, "CTYPE"), CONTRACT_NATURES)


def _lot(draft: Draft, found: Row, element: Element) -> None:
    row: Row = {"lot_kind": "lot"}
    draft.add("lots", "lot_ordinal", row)
    read(_LOT, draft, row, element)
    unique(row, "nuts_codes", "cpv_additional")


def _lot_id(draft: Draft, row: Row, element: Element) -> None:
    """The lot's number, which stands before the criteria, so that these can name their lot."""
    text = flat_text(element)
    if text:
        row["lot_id"] = text
        draft.lot_ids.add(text)


def _lot_group(draft: Draft, row: Row, element: Element) -> None:
    if element.get("PUBLICATION") != "NO":
        read(_LOT, draft, row, element)


def _nuts(draft: Draft, row: Row, element: Element) -> None:
    append(row, "nuts_codes", attribute(element, "CODE"))


def _cpv_additional(draft: Draft, row: Row, element: Element) -> None:
    append(row, "cpv_additional", _cpv(element))


def _duration(draft: Draft, row: Row, element: Element) -> None:
    row["duration_value"] = draft.number(element.text, "duration")
    row["duration_unit"] = draft.notice.code("duration_unit", attribute(element, "TYPE"), DURATION_UNITS)


def _criterion(kind: str | None) -> Reader[Row]:
    def into(draft: Draft, row: Row, element: Element) -> None:
        draft.criterion(row, kind, element)

    return into


def _concession_criterion(draft: Draft, row: Row, element: Element) -> None:
    """A criterion in a sentence or more, by order of importance; of which kind it is is not said."""
    criterion: Row = {
        "lot_ordinal": row.get("lot_ordinal"),
        "lot_id": row.get("lot_id"),
        "description": text_of(element),
    }
    draft.add("criteria", "criterion_ordinal", criterion)


_OBJECT: Readers[Row] = Readers(
    {
        "OBJECT_DESCR": _lot,
        "TITLE": _text("title"),
        "SHORT_DESCR": _text("description"),
        "REFERENCE_NUMBER": _text("reference_number"),
        "CPV_MAIN": _cpv_main,
        "TYPE_CONTRACT": _nature,
        "VAL_ESTIMATED_TOTAL": _money("estimated_value", "estimated_value_currency"),
        "VAL_TOTAL": _money("total_value", "total_value_currency"),
        "VAL_RANGE_TOTAL": _range("total_value_low", "total_value_high", "total_value_currency"),
    }
)
_LOT: Readers[Row] = Readers(
    {
        "TITLE": _text("title"),
        "LOT_NO": _lot_id,
        "SHORT_DESCR": _text("description"),
        "NUTS": _nuts,
        "CPV_ADDITIONAL": _cpv_additional,
        "VAL_OBJECT": _money("estimated_value", "estimated_value_currency"),
        "DURATION": _duration,
        "DATE_START": _day("start_date"),
        "DATE_END": _day("end_date"),
        "EU_PROGR_RELATED": _flag("is_eu_funded", True),
        "NO_EU_PROGR_RELATED": _flag("is_eu_funded", False),
        "OPTIONS": _flag("has_options", True),
        "NO_OPTIONS": _flag("has_options", False),
        "RENEWAL": _flag("is_renewable", True),
        "NO_RENEWAL": _flag("is_renewable", False),
        "AC_PRICE": _criterion("price"),
        "AC_COST": _criterion("cost"),
        "AC_QUALITY": _criterion("quality"),
        "AC_CRITERIA": _criterion(None),  # 2009/81/EC: of which kind it is is not said
        "AC_CRITERION": _concession_criterion,
        "AC": _lot_group,
        "QS": _lot_group,
        "DIRECTIVE_2009_81_EC": _lot_group,
        "DIRECTIVE_2014_23_EU": _lot_group,
        "DIRECTIVE_2014_24_EU": _lot_group,
        "DIRECTIVE_2014_25_EU": _lot_group,
    }
)


# ---- section IV: procedure --------------------------------------------------------------------------------------


def _procedure(draft: Draft, row: Row, section: Element) -> None:
    for column, forms in _PROCEDURE_BOXES.items():
        if draft.form in forms:
            row.setdefault(column, False)
    read(_PROCEDURE, draft, row, section)


def _procedure_group(draft: Draft, row: Row, element: Element) -> None:
    read(_PROCEDURE, draft, row, element)


def _procedure_type(draft: Draft, row: Row, element: Element) -> None:
    row["procedure_type"] = draft.notice.code("procedure_type", NAMES[element.tag], PROCEDURE_TYPES)


def _deadline_time(draft: Draft, row: Row, element: Element) -> None:
    row["submission_deadline_time"] = time_of_day(element.text)


def _previous(draft: Draft, row: Row, element: Element) -> None:
    draft.previous(flat_text(element))


def _evaluation(draft: Draft, row: Row, element: Element) -> None:
    """Criteria of a design contest, in prose."""
    if element.get("PUBLICATION") != "NO":
        draft.add("criteria", "criterion_ordinal", {"description": text_of(element)})


def _procedure_reader(name: str) -> Reader[Row] | None:
    return _procedure_type if name.startswith("PT_") else None


_PROCEDURE: Readers[Row] = Readers(
    {
        "FRAMEWORK": _flag("is_framework", True),
        "DPS": _flag("is_dps", True),
        "EAUCTION_USED": _flag("is_electronic_auction", True),
        "ACCELERATED_PROC": _flag("is_accelerated", True),
        "CONTRACT_COVERED_GPA": _flag("is_gpa_covered", True),
        "NO_CONTRACT_COVERED_GPA": _flag("is_gpa_covered", False),
        "DATE_RECEIPT_TENDERS": _day("submission_deadline_date"),
        "TIME_RECEIPT_TENDERS": _deadline_time,
        "NOTICE_NUMBER_OJ": _previous,
        "CRITERIA_EVALUATION": _evaluation,
        "DIRECTIVE_2009_81_EC": _procedure_group,
        "DIRECTIVE_2014_23_EU": _procedure_group,
        "DIRECTIVE_2014_24_EU": _procedure_group,
        "DIRECTIVE_2014_25_EU": _procedure_group,
    },
    _procedure_reader,
)


# ---- section V: results -----------------------------------------------------------------------------------------


def _award_contract(draft: Draft, row: Row, element: Element) -> None:
    award = Award()
    read(_AWARD, draft, award, element)
    if draft.form in _PROCEDURE_BOXES["is_framework"]:
        award.contract["is_framework"] = row.get("is_framework")
    add_award(draft, award)


def _results(draft: Draft, row: Row, section: Element) -> None:
    """F13: each prize, or that none was awarded, is an outcome."""
    for element in section:
        if NAMES[element.tag] in ("AWARDED_PRIZE", "NO_AWARDED_PRIZE"):
            award = Award()
            read(_AWARD, draft, award, (element,))
            add_award(draft, award)


def _awarded(draft: Draft, award: Award, element: Element) -> None:
    award.is_awarded = True
    read(_AWARD, draft, award, element)


def _not_awarded(draft: Draft, award: Award, element: Element) -> None:
    award.is_awarded = False
    for each in element:
        reason = NON_AWARD_REASONS.get(NAMES[each.tag])
        if reason is not None:
            award.result["non_award_reason"] = reason


def _award_group(draft: Draft, award: Award, element: Element) -> None:
    before = award.is_withheld
    award.is_withheld = before or element.get("PUBLICATION") == "NO"
    read(_AWARD, draft, award, element)
    award.is_withheld = before


def _count(column: str) -> Reader[Award]:
    def into(draft: Draft, award: Award, element: Element) -> None:
        if award.is_withheld:
            award.result["are_tender_counts_withheld"] = True
        else:
            award.result[column] = whole(element.text)

    return into


def _value(reader: Reader[Row]) -> Reader[Award]:
    """Reader of the contract's value, which may be withheld."""

    def into(draft: Draft, award: Award, element: Element) -> None:
        if award.is_withheld or element.get("PUBLICATION") == "NO":
            award.contract["is_value_withheld"] = True
        else:
            reader(draft, award.contract, element)

    return into


def _bargain(draft: Draft, award: Award, element: Element) -> None:
    """Value of a bargain purchase: the contract's, where no other is said."""
    if award.contract.get("value") is None:
        _value(_money("value", "value_currency"))(draft, award, element)


def _contract(reader: Reader[Row]) -> Reader[Award]:
    def into(draft: Draft, award: Award, element: Element) -> None:
        if not award.is_withheld:
            reader(draft, award.contract, element)

    return into


def _tender(reader: Reader[Row]) -> Reader[Award]:
    def into(draft: Draft, award: Award, element: Element) -> None:
        if not award.is_withheld:
            reader(draft, award.tender, element)

    return into


def _percent(draft: Draft, row: Row, element: Element) -> None:
    row["subcontracting_percent"] = draft.number(element.text, "subcontracting_percent")


def _award_lots(draft: Draft, award: Award, element: Element) -> None:
    award.result["lot_ids"] = draft.lots_named(flat_text(element))


def _winner(draft: Draft, award: Award, element: Element) -> None:
    if award.is_withheld:
        return
    winner: Row = {}
    for each in element:
        name = NAMES[each.tag]
        if name == "ADDRESS_CONTRACTOR":
            winner = draft.address(each, "concessionaire" if draft.form in ("F23", "F25") else "winner")
            award.winners.append(winner)
        elif name == "ADDRESS_WINNER":
            winner = draft.address(each, "prize-winner")
            award.winners.append(winner)
        elif name == "ADDRESS_PARTY":  # T02: who owns or controls the operator
            award.others.append(draft.address(each, "owner"))
        elif name == "SME":
            winner["size"] = "sme"
        elif name == "NO_SME":
            winner["size"] = "large"


_AWARD: Readers[Award] = Readers(
    {
        "AWARDED_CONTRACT": _awarded,
        "AWARDED_PRIZE": _awarded,
        "NO_AWARDED_CONTRACT": _not_awarded,
        "NO_AWARDED_PRIZE": _not_awarded,
        "TENDERS": _award_group,
        "VALUES": _award_group,
        "VALUE": _award_group,
        "CONTRACTORS": _award_group,
        "PARTICIPANTS": _award_group,
        "WINNERS": _award_group,
        "CONTRACTOR": _winner,
        "WINNER": _winner,
        "NB_TENDERS_RECEIVED": _count("tenders_received"),
        "NB_TENDERS_RECEIVED_EMEANS": _count("tenders_electronic"),
        "NB_TENDERS_RECEIVED_SME": _count("tenders_sme"),
        "NB_TENDERS_RECEIVED_OTHER_EU": _count("tenders_other_eu"),
        "NB_TENDERS_RECEIVED_NON_EU": _count("tenders_non_eu"),
        "NB_PARTICIPANTS": _count("tenders_received"),
        "NB_PARTICIPANTS_SME": _count("tenders_sme"),
        "NB_PARTICIPANTS_OTHER_EU": _count("tenders_other_eu"),
        "VAL_TOTAL": _value(_money("value", "value_currency")),
        "VAL_PRIZE": _value(_money("value", "value_currency")),
        "VAL_BARGAIN_PURCHASE": _bargain,
        "VAL_RANGE_TOTAL": _value(_range("value_low", "value_high", "value_currency")),
        "VAL_ESTIMATED_TOTAL": _contract(_money("estimated_value", "estimated_value_currency")),
        "CONTRACT_NO": _contract(_line("contract_number")),
        "TITLE": _contract(_text("contract_title")),
        "DATE_CONCLUSION_CONTRACT": _contract(_day("conclusion_date")),
        "DATE_DECISION_JURY": _contract(_day("award_date")),
        "AWARDED_TO_GROUP": _contract(_flag("is_awarded_to_group", True)),
        "NO_AWARDED_TO_GROUP": _contract(_flag("is_awarded_to_group", False)),
        "LOT_NO": _award_lots,
        "LIKELY_SUBCONTRACTED": _tender(_flag("is_subcontracted", True)),
        "VAL_SUBCONTRACTING": _tender(_money("subcontracting_value", "subcontracting_value_currency")),
        "PCT_SUBCONTRACTING": _tender(_percent),
    }
)


# ---- section VI: further bodies and dates -----------------------------------------------------------------------


def _complementary_info(draft: Draft, row: Row, section: Element) -> None:
    read(_COMPLEMENTARY, draft, row, section)


def _dispatched(draft: Draft, row: Row, element: Element) -> None:
    row["dispatch_date"] = day(element.text) or row.get("dispatch_date")


_COMPLEMENTARY: Readers[Row] = Readers(
    {
        "ADDRESS_REVIEW_BODY": _party("review-body"),
        "ADDRESS_MEDIATION_BODY": _party("mediator"),
        "ADDRESS_REVIEW_INFO": _party("review-information"),
        "NOTICE_NUMBER_OJ": _previous,
        "DATE_DISPATCH_NOTICE": _dispatched,
    }
)


# ---- section VII: corrections and modifications -----------------------------------------------------------------


def _changes(draft: Draft, row: Row, section: Element) -> None:
    for element in section:
        name = NAMES[element.tag]
        change: Row = {"kind": "corrigendum"}
        if name == "CHANGE" and element.get("PUBLICATION") != "NO":
            read(_CHANGE, draft, change, element)
            draft.add("changes", "change_ordinal", change)
        elif name == "INFO_ADD" and (text := text_of(element)):
            change["description"] = text
            draft.add("changes", "change_ordinal", change)


def _where(draft: Draft, row: Row, element: Element) -> None:
    read(_CHANGE, draft, row, element)


def _changed_lot(draft: Draft, row: Row, element: Element) -> None:
    append(row, "lot_ids", flat_text(element))


def _changed_value(column: str) -> Reader[Row]:
    def into(draft: Draft, row: Row, element: Element) -> None:
        parts: list[str | None] = []
        for each in element:
            kind, part = _CHANGED_VALUES.get(NAMES[each.tag], _NO_VALUE)
            if kind is not None:
                parts.append(part(each))
                # A date with its time of day is a date; nothing on one side has the type of the other.
                if kind != "time" or not row.get("value_type"):
                    row["value_type"] = kind
        row[column] = " ".join(filter(None, parts)) or None

    return into


def _date_text(element: Element) -> str | None:
    return day(element.text) or flat_text(element)


def _time_text(element: Element) -> str | None:
    return time_of_day(element.text) or flat_text(element)


_NO_VALUE: tuple[None, Callable[[Element], str | None]] = (None, flat_text)
_CHANGED_VALUES: dict[str, tuple[str | None, Callable[[Element], str | None]]] = {
    "TEXT": ("text", text_of),
    "DATE": ("date", _date_text),
    "TIME": ("time", _time_text),
    "CPV_MAIN": ("cpv_main", _cpv),
    "CPV_ADDITIONAL": ("cpv_additional", _cpv),
}
_CHANGE: Readers[Row] = Readers(
    {
        "WHERE": _where,
        "SECTION": _line("section"),
        "LOT_NO": _changed_lot,
        "LABEL": _text("field_label"),
        "OLD_VALUE": _changed_value("old_value"),
        "NEW_VALUE": _changed_value("new_value"),
    }
)


def _modifications(draft: Draft, row: Row, section: Element) -> None:
    change: Row = {"kind": "modification", "section": "VII"}
    contracts = draft.notice.children.get("contracts")
    if contracts:
        change["lot_ids"] = contracts[0].get("lot_ids")
    read(_MODIFICATION, draft, change, section)
    draft.add("changes", "change_ordinal", change)


def _modification_group(draft: Draft, row: Row, element: Element) -> None:
    read(_MODIFICATION, draft, row, element)


def _reason(draft: Draft, row: Row, element: Element) -> None:
    row["reason_code"] = MODIFICATION_REASONS[NAMES[element.tag]]
    row["reason_text"] = text_of(element)


def _modified_contract(draft: Draft, row: Row, section: Element) -> None:
    """Contractors after the modification; the winners are those of the award."""
    award = Award()
    read(_AWARD, draft, award, section)
    for party in award.winners:
        party["role"] = "contractor-after-modification"
        draft.party(party)


_MODIFICATION: Readers[Row] = Readers(
    {
        "DESCRIPTION_PROCUREMENT": _modified_contract,
        "INFO_MODIFICATIONS": _modification_group,
        "VALUES": _modification_group,
        "SHORT_DESCR": _text("description"),
        "ADDITIONAL_NEED": _reason,
        "UNFORESEEN_CIRCUMSTANCE": _reason,
        "VAL_TOTAL_BEFORE": _money("value_before", "value_currency"),
        "VAL_TOTAL_AFTER": _money("value_after", "value_currency"),
    }
)


_SECTIONS: Readers[Row] = Readers(
    {
        "LEGAL_BASIS": _legal_basis,
        "DIRECTIVE": _legal_basis,
        "LEGAL_BASIS_OTHER": _other_legal_basis,
        "CONTRACTING_BODY": _contracting_body,
        "OBJECT_CONTRACT": _object_contract,
        "PROCEDURE": _procedure,
        "AWARD_CONTRACT": _award_contract,
        "RESULTS": _results,
        "COMPLEMENTARY_INFO": _complementary_info,
        "CHANGES": _changes,
        "MODIFICATIONS_CONTRACT": _modifications,
    }
)
