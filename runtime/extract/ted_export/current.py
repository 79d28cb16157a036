"""Forms of R2.0.9 (F01 to F25 of 2014, T01, T02): flat in S01 and S02, nested from S03 on, read by one set of names.

An element that only groups (`VALUES`, `TENDERS`, `CONTRACTORS`, `AC`, `DIRECTIVE_2014_24_EU`) is read as if its
children stood in its place, so both shapes, and F06 which was always nested, give the same rows.
"""

from dataclasses import dataclass, field

from lxml import etree

from runtime.extract.notice import Row
from runtime.extract.ted_export.draft import Draft
from runtime.extract.ted_export.xml import NAMES, child, flat_text, text_of
from runtime.extract.values import day, is_token, time_of_day, whole
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

# Forms with a box to tick: an empty box says no, a form without the box says nothing.
_BOXES = {
    "is_framework": frozenset("F01 F02 F03 F04 F05 F06 F15 F21 F22".split()),
    "is_dps": frozenset("F01 F02 F03 F04 F05 F06".split()),
    "is_electronic_auction": frozenset("F01 F02 F03 F04 F05 F06 F07".split()),
    "is_accelerated": frozenset("F01 F02 F03".split()),
}
_BUYER_BOXES = {
    "is_joint_procurement": frozenset("F01 F02 F03 F04 F05 F06 F07 F08 F12 F13 F21 F22 F23 F24 F25".split()),
    "is_central_purchasing": frozenset("F01 F02 F03 F04 F05 F06 F07 F08 F12 F13 F21 F22 T01 T02".split()),
}
# Terms of the procedure that hold for each of its lots.
_LOT_TERMS = (
    "is_framework",
    "is_dps",
    "is_electronic_auction",
    "is_gpa_covered",
    "submission_deadline_date",
    "submission_deadline_time",
)


def read_current(draft: Draft, form: etree._Element) -> None:
    """Read the original form of R2.0.9."""
    row = draft.notice.row
    for element in form:
        name = NAMES[element.tag]
        reader = _SECTIONS.get(name)
        if reader is not None:
            reader(draft, element)
        elif name == "LEGAL_BASIS" or name == "DIRECTIVE":
            row["legal_basis"] = draft.notice.code("legal_basis", element.get("VALUE"), LEGAL_BASES)
        elif name == "LEGAL_BASIS_OTHER":
            row.setdefault("legal_basis", "other")
    lots = draft.notice.children.get("lots")
    if lots:
        for column in _LOT_TERMS:
            value = row.get(column)
            if value is not None:
                for lot in lots:
                    lot[column] = value


# ---- section I: buyer -------------------------------------------------------------------------------------------

_BODY_ROLES = {
    "ADDRESS_CONTRACTING_BODY": "buyer",
    "ADDRESS_CONTRACTING_BODY_ADDITIONAL": "buyer",
    "ADDRESS_FURTHER_INFO": "further-information",
    "ADDRESS_PARTICIPATION": "tender-recipient",
}


def _contracting_body(draft: Draft, section: etree._Element) -> None:
    notice = draft.notice
    buyer: Row = {}
    for column, forms in _BUYER_BOXES.items():
        if draft.form in forms:
            notice.row[column] = False
    for element in section:
        name = NAMES[element.tag]
        role = _BODY_ROLES.get(name)
        if role is not None:
            party = draft.address(element, role)
            draft.party(party)
            buyer = buyer or party
        elif name == "CA_TYPE":
            buyer["legal_type"] = notice.code("legal_type", element.get("VALUE"), LEGAL_TYPES)
        elif name == "CA_ACTIVITY" or name == "CE_ACTIVITY":
            buyer["main_activity"] = notice.code("main_activity", element.get("VALUE"), MAIN_ACTIVITIES)
        elif name == "JOINT_PROCUREMENT_INVOLVED":
            notice.row["is_joint_procurement"] = True
        elif name == "CENTRAL_PURCHASING":
            notice.row["is_central_purchasing"] = True


# ---- section II: object and lots --------------------------------------------------------------------------------


def _object_contract(draft: Draft, section: etree._Element) -> None:
    notice = draft.notice
    found: Row = {}
    lots = []
    for element in section:
        name = NAMES[element.tag]
        if name == "OBJECT_DESCR":
            lots.append(_lot(draft, element))
        elif name == "TITLE":
            found["title"] = text_of(element)
        elif name == "SHORT_DESCR":
            found["description"] = text_of(element)
        elif name == "REFERENCE_NUMBER":
            found["reference_number"] = text_of(element)
        elif name == "CPV_MAIN":
            found["cpv_main"] = _cpv(element)
        elif name == "TYPE_CONTRACT":
            found["contract_nature"] = notice.code("contract_nature", element.get("CTYPE"), CONTRACT_NATURES)
        elif name == "VAL_ESTIMATED_TOTAL":
            found["estimated_value"] = draft.money(element.text, "estimated_value")
            found["estimated_value_currency"] = element.get("CURRENCY")
        elif name == "VAL_TOTAL" and element.get("PUBLICATION") != "NO":
            found["total_value"] = draft.money(element.text, "total_value")
            found["total_value_currency"] = element.get("CURRENCY")
        elif name == "VAL_RANGE_TOTAL" and element.get("PUBLICATION") != "NO":
            found["total_value_low"], found["total_value_high"] = _range(draft, element)
            found.setdefault("total_value_currency", element.get("CURRENCY"))
    row = notice.row
    for column, value in found.items():  # F01 and F04 may describe several objects: the notice has the first
        row.setdefault(column, value)
    for lot in lots:
        lot["cpv_main"] = found.get("cpv_main")
        lot["contract_nature"] = found.get("contract_nature")
        if lot["lot_ordinal"] != 1 and len(lots) == 1 and not lot.get("title"):
            lot["title"] = found.get("title")
        if lot.get("is_eu_funded") is not None:
            row["is_eu_funded"] = bool(row.get("is_eu_funded")) or lot["is_eu_funded"]


_LOT_FLAGS = {
    "EU_PROGR_RELATED": ("is_eu_funded", True),
    "NO_EU_PROGR_RELATED": ("is_eu_funded", False),
    "OPTIONS": ("has_options", True),
    "NO_OPTIONS": ("has_options", False),
    "RENEWAL": ("is_renewable", True),
    "NO_RENEWAL": ("is_renewable", False),
}
_CRITERIA = {"AC_PRICE": "price", "AC_COST": "cost", "AC_QUALITY": "quality", "AC_CRITERIA": "quality"}
_LOT_GROUPS = frozenset(
    "AC QS DIRECTIVE_2009_81_EC DIRECTIVE_2014_23_EU DIRECTIVE_2014_24_EU DIRECTIVE_2014_25_EU".split()
)


def _lot(draft: Draft, element: etree._Element) -> Row:
    row: Row = {"lot_kind": "lot"}
    criteria: list[etree._Element] = []
    _fill_lot(draft, row, element, criteria)
    ordinal = draft.add("lots", "lot_ordinal", row)
    lot_id = row.get("lot_id")
    if isinstance(lot_id, str):
        draft.lot_ids.add(lot_id)
    else:
        lot_id = None
    for each in criteria:
        kind = _CRITERIA.get(NAMES[each.tag])
        if kind is not None:
            draft.criterion(ordinal, lot_id, kind, each)
        else:  # a concession's AC_CRITERION stands alone, in order of importance, without a kind
            draft.add(
                "criteria",
                "criterion_ordinal",
                {"lot_ordinal": ordinal, "lot_id": lot_id, "kind": "quality", "name": text_of(each)},
            )
    return row


def _fill_lot(draft: Draft, row: Row, element: etree._Element, criteria: list[etree._Element]) -> None:
    cpv: list[str] = []
    nuts: list[str] = []
    for each in element:
        name = NAMES[each.tag]
        flag = _LOT_FLAGS.get(name)
        if flag is not None:
            row[flag[0]] = flag[1]
        elif name == "TITLE":
            row["title"] = text_of(each)
        elif name == "LOT_NO":
            row["lot_id"] = flat_text(each)
        elif name == "SHORT_DESCR":
            row["description"] = text_of(each)
        elif name == "NUTS":
            code = each.get("CODE")
            if code and code not in nuts:
                nuts.append(code)
        elif name == "CPV_ADDITIONAL":
            code = _cpv(each)
            if code and code not in cpv:
                cpv.append(code)
        elif name in _CRITERIA or name == "AC_CRITERION":
            criteria.append(each)
        elif name == "VAL_OBJECT":
            row["estimated_value"] = draft.money(each.text, "lots.estimated_value")
            row["estimated_value_currency"] = each.get("CURRENCY")
        elif name == "DURATION":
            _duration(draft, row, each)
        elif name == "DATE_START":
            row["start_date"] = day(each.text)
        elif name == "DATE_END":
            row["end_date"] = day(each.text)
        elif name in _LOT_GROUPS:
            if each.get("PUBLICATION") != "NO":
                _fill_lot(draft, row, each, criteria)
    if cpv:
        row["cpv_additional"] = list(cpv)
    if nuts:
        row["nuts_codes"] = list(nuts)


def _cpv(element: etree._Element) -> str | None:
    code = child(element, "CPV_CODE")
    return code.get("CODE") if code is not None else None


def _range(draft: Draft, element: etree._Element) -> tuple[str | None, str | None]:
    low = high = None
    for each in element:
        name = NAMES[each.tag]
        if name == "LOW":
            low = draft.money(each.text, "low")
        elif name == "HIGH":
            high = draft.money(each.text, "high")
    return low, high


def _duration(draft: Draft, row: Row, element: etree._Element) -> None:
    row["duration_value"] = draft.money(element.text, "duration")
    row["duration_unit"] = draft.notice.code("duration_unit", element.get("TYPE"), DURATION_UNITS)


# ---- section IV: procedure --------------------------------------------------------------------------------------

_PROCEDURE_FLAGS = {
    "FRAMEWORK": ("is_framework", True),
    "DPS": ("is_dps", True),
    "EAUCTION_USED": ("is_electronic_auction", True),
    "ACCELERATED_PROC": ("is_accelerated", True),
    "CONTRACT_COVERED_GPA": ("is_gpa_covered", True),
    "NO_CONTRACT_COVERED_GPA": ("is_gpa_covered", False),
}


def _procedure(draft: Draft, section: etree._Element) -> None:
    row = draft.notice.row
    for column, forms in _BOXES.items():
        if draft.form in forms:
            row.setdefault(column, False)
    _fill_procedure(draft, section)


def _fill_procedure(draft: Draft, section: etree._Element) -> None:
    row = draft.notice.row
    for element in section:
        name = NAMES[element.tag]
        flag = _PROCEDURE_FLAGS.get(name)
        if flag is not None:
            row[flag[0]] = flag[1]
        elif name.startswith("PT_"):
            row["procedure_type"] = draft.notice.code("procedure_type", name, PROCEDURE_TYPES)
        elif name == "DATE_RECEIPT_TENDERS":
            row["submission_deadline_date"] = day(element.text)
        elif name == "TIME_RECEIPT_TENDERS":
            row["submission_deadline_time"] = time_of_day(element.text)
        elif name == "NOTICE_NUMBER_OJ":
            draft.previous(flat_text(element))
        elif name.startswith("DIRECTIVE_"):
            _fill_procedure(draft, element)


# ---- section V: results -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Award:
    """One award block while it is read: the rows that it becomes."""

    result: Row = field(default_factory=dict)
    contract: Row = field(default_factory=dict)
    tender: Row = field(default_factory=dict)
    winners: list[Row] = field(default_factory=list)
    owners: list[Row] = field(default_factory=list)
    is_awarded: bool | None = None


_COUNTS = {
    "NB_TENDERS_RECEIVED": "tenders_received",
    "NB_TENDERS_RECEIVED_EMEANS": "tenders_electronic",
    "NB_TENDERS_RECEIVED_SME": "tenders_sme",
    "NB_TENDERS_RECEIVED_OTHER_EU": "tenders_other_eu",
    "NB_TENDERS_RECEIVED_NON_EU": "tenders_non_eu",
    "NB_PARTICIPANTS": "tenders_received",
    "NB_PARTICIPANTS_SME": "tenders_sme",
    "NB_PARTICIPANTS_OTHER_EU": "tenders_other_eu",
}
_AWARD_GROUPS = frozenset(
    "AWARDED_CONTRACT AWARDED_PRIZE TENDERS VALUES VALUE CONTRACTORS PARTICIPANTS WINNERS".split()
)


def _award_contract(draft: Draft, element: etree._Element) -> None:
    award = _Award()
    _fill_award(draft, award, element, withheld=False)
    _add_award(draft, award)


def _results(draft: Draft, section: etree._Element) -> None:
    award = _Award()
    for element in section:  # F13: each prize and each missing prize is an outcome
        name = NAMES[element.tag]
        if name == "AWARDED_PRIZE" or name == "NO_AWARDED_PRIZE":
            award = _Award()
            if name == "AWARDED_PRIZE":
                award.is_awarded = True
                _fill_award(draft, award, element, withheld=False)
            else:
                _not_awarded(award, element)
            _add_award(draft, award)


def _not_awarded(award: _Award, element: etree._Element) -> None:
    award.is_awarded = False
    for each in element:
        reason = NON_AWARD_REASONS.get(NAMES[each.tag])
        if reason is not None:
            award.result["non_award_reason"] = reason


def _fill_award(draft: Draft, award: _Award, element: etree._Element, *, withheld: bool) -> None:
    contract = award.contract
    for each in element:
        name = NAMES[each.tag]
        if name in _AWARD_GROUPS:
            if name == "AWARDED_CONTRACT":
                award.is_awarded = True
            _fill_award(draft, award, each, withheld=withheld or each.get("PUBLICATION") == "NO")
        elif name == "CONTRACTOR" or name == "WINNER":
            if not withheld:
                _winner(draft, award, each)
        elif name in _COUNTS:
            if withheld:
                award.result["are_tender_counts_withheld"] = True
            else:
                award.result[_COUNTS[name]] = whole(each.text)
        elif name == "VAL_TOTAL" or name == "VAL_PRIZE" or name == "VAL_BARGAIN_PURCHASE":
            if withheld or each.get("PUBLICATION") == "NO":
                contract["is_value_withheld"] = True
            elif name != "VAL_BARGAIN_PURCHASE" or contract.get("value") is None:
                contract["value"] = draft.money(each.text, "value")
                contract["value_currency"] = each.get("CURRENCY")
        elif name == "VAL_ESTIMATED_TOTAL":
            if not withheld:
                contract["estimated_value"] = draft.money(each.text, "contracts.estimated_value")
                contract["estimated_value_currency"] = each.get("CURRENCY")
        elif name == "VAL_RANGE_TOTAL":
            if withheld or each.get("PUBLICATION") == "NO":
                contract["is_value_withheld"] = True
            else:
                contract["value_low"], contract["value_high"] = _range(draft, each)
                contract.setdefault("value_currency", each.get("CURRENCY"))
        elif name == "CONTRACT_NO":
            contract["contract_number"] = flat_text(each)
        elif name == "LOT_NO":
            award.result["lot_ids"] = draft.lots_named(flat_text(each))
        elif name == "TITLE":
            contract["contract_title"] = text_of(each)
        elif name == "DATE_CONCLUSION_CONTRACT":
            contract["conclusion_date"] = day(each.text)
        elif name == "DATE_DECISION_JURY":
            contract["award_date"] = day(each.text)
        elif name == "NO_AWARDED_CONTRACT":
            _not_awarded(award, each)
        elif name == "AWARDED_TO_GROUP":
            contract["is_awarded_to_group"] = True
        elif name == "NO_AWARDED_TO_GROUP":
            contract["is_awarded_to_group"] = False
        elif name == "LIKELY_SUBCONTRACTED":
            award.tender["is_subcontracted"] = True
        elif name == "VAL_SUBCONTRACTING":
            award.tender["subcontracting_value"] = draft.money(each.text, "subcontracting_value")
            award.tender["subcontracting_value_currency"] = each.get("CURRENCY")
        elif name == "PCT_SUBCONTRACTING":
            award.tender["subcontracting_percent"] = draft.money(each.text, "subcontracting_percent")


def _winner(draft: Draft, award: _Award, element: etree._Element) -> None:
    winner: Row = {}
    for each in element:
        name = NAMES[each.tag]
        if name == "ADDRESS_CONTRACTOR":
            is_concession = draft.form == "F25" or draft.form == "F23"
            winner = draft.address(each, "concessionaire" if is_concession else "winner")
            award.winners.append(winner)
        elif name == "ADDRESS_WINNER":
            winner = draft.address(each, "prize-winner")
            award.winners.append(winner)
        elif name == "ADDRESS_PARTY":  # T02: who owns or controls the operator
            award.owners.append(draft.address(each, "owner"))
        elif name == "SME":
            winner["size"] = "sme"
        elif name == "NO_SME":
            winner["size"] = "large"


def _add_award(draft: Draft, award: _Award) -> None:
    result, contract, tender = award.result, award.contract, award.tender
    if award.is_awarded is not None:
        result["status"] = "selec-w" if award.is_awarded else "clos-nw"
    result_ordinal = draft.add("lot_results", "result_ordinal", result)
    if not award.is_awarded:
        return
    lots = result.get("lot_ids")
    value = contract.get("value")
    contract["is_value_token"] = tender["is_value_token"] = is_token(value if isinstance(value, str) else None)
    if value is not None or contract.get("value_low") is not None:
        contract.setdefault("is_value_withheld", False)
    tender["result_ordinal"] = contract["result_ordinal"] = result_ordinal
    tender["lot_ids"] = contract["lot_ids"] = lots
    tender["is_winner"] = True
    tender["value"] = value
    if value is not None:
        tender["value_currency"] = contract.get("value_currency")
    tender["is_value_withheld"] = contract.get("is_value_withheld")
    if draft.form in _BOXES["is_framework"]:
        contract["is_framework"] = draft.notice.row.get("is_framework")
    if "subcontracting_value" in tender or "subcontracting_percent" in tender:
        tender["is_subcontracted"] = True
    tender_ordinal = draft.add("tenders", "tender_ordinal", tender)
    contract["tender_ordinal"] = tender_ordinal
    contract_ordinal = draft.add("contracts", "contract_ordinal", contract)
    for winner in award.winners:
        winner["contract_ordinal"] = contract_ordinal
        winner["tender_ordinal"] = tender_ordinal
        draft.party(winner)
    for owner in award.owners:
        draft.party(owner)


# ---- section VI: further bodies and dates -----------------------------------------------------------------------

_INFO_ROLES = {
    "ADDRESS_REVIEW_BODY": "review-body",
    "ADDRESS_MEDIATION_BODY": "mediator",
    "ADDRESS_REVIEW_INFO": "review-information",
}


def _complementary_info(draft: Draft, section: etree._Element) -> None:
    row = draft.notice.row
    for element in section:
        name = NAMES[element.tag]
        role = _INFO_ROLES.get(name)
        if role is not None:
            draft.party(draft.address(element, role))
        elif name == "NOTICE_NUMBER_OJ":
            draft.previous(flat_text(element))
        elif name == "DATE_DISPATCH_NOTICE":
            if row.get("dispatch_date") is None:
                row["dispatch_date"] = day(element.text)


# ---- section VII: corrections and modifications -----------------------------------------------------------------


def _changes(draft: Draft, section: etree._Element) -> None:
    for element in section:
        name = NAMES[element.tag]
        row: Row = {"kind": "corrigendum"}
        if name == "CHANGE":
            if element.get("PUBLICATION") == "NO":
                continue
            for each in element:
                part = NAMES[each.tag]
                if part == "WHERE":
                    for where in each:
                        what = NAMES[where.tag]
                        if what == "SECTION":
                            row["section"] = flat_text(where)
                        elif what == "LOT_NO":
                            lot = flat_text(where)
                            row["lot_ids"] = [lot] if lot else None
                        elif what == "LABEL":
                            row["field_label"] = text_of(where)
                elif part == "OLD_VALUE":
                    _changed_value(row, "old_value", each)
                elif part == "NEW_VALUE":
                    _changed_value(row, "new_value", each)
        elif name == "INFO_ADD":
            row["description"] = text_of(element)
        else:
            continue
        draft.add("changes", "change_ordinal", row)


def _changed_value(row: Row, column: str, element: etree._Element) -> None:
    kind = None
    parts: list[str | None] = []
    for each in element:
        name = NAMES[each.tag]
        if name == "TEXT":
            kind, parts = "text", [text_of(each)]
        elif name == "DATE":
            kind = "date"
            parts.append(day(each.text) or flat_text(each))
        elif name == "TIME":
            kind = kind or "time"
            parts.append(time_of_day(each.text) or flat_text(each))
        elif name == "CPV_MAIN" or name == "CPV_ADDITIONAL":
            kind = name.lower()
            parts.append(_cpv(each))
    if kind is not None:
        row["value_type"] = kind
        row[column] = " ".join(filter(None, parts)) or None


def _modifications_contract(draft: Draft, section: etree._Element) -> None:
    row: Row = {"kind": "modification", "section": "VII"}
    contracts = draft.notice.children.get("contracts")
    if contracts:
        row["lot_ids"] = contracts[0].get("lot_ids")
    for part in section:
        if NAMES[part.tag] == "INFO_MODIFICATIONS":
            _fill_modification(draft, row, part)
        elif NAMES[part.tag] == "DESCRIPTION_PROCUREMENT":
            _modified_contract(draft, row, part)
    draft.add("changes", "change_ordinal", row)


def _fill_modification(draft: Draft, row: Row, section: etree._Element) -> None:
    for element in section:
        name = NAMES[element.tag]
        if name == "SHORT_DESCR":
            row["description"] = text_of(element)
        elif name in MODIFICATION_REASONS:
            row["reason_code"] = MODIFICATION_REASONS[name]
            row["reason_text"] = text_of(element)
        elif name == "VALUES":
            _fill_modification(draft, row, element)
        elif name == "VAL_TOTAL_BEFORE":
            row["value_before"] = draft.money(element.text, "value_before")
            row["value_currency"] = element.get("CURRENCY")
        elif name == "VAL_TOTAL_AFTER":
            row["value_after"] = draft.money(element.text, "value_after")
            row.setdefault("value_currency", element.get("CURRENCY"))


def _modified_contract(draft: Draft, row: Row, section: etree._Element) -> None:
    """Contractors that the modified contract has and the original had not are winners of it too."""
    award = _Award()
    _fill_award(draft, award, section, withheld=False)
    known = {party.get("name") for party in draft.notice.children.get("parties", ()) if party["role"] == "winner"}
    for winner in award.winners:
        if winner.get("name") not in known:
            if draft.notice.children.get("contracts"):
                winner["contract_ordinal"] = 1
                winner["tender_ordinal"] = 1
            draft.party(winner)


_SECTIONS = {
    "CONTRACTING_BODY": _contracting_body,
    "OBJECT_CONTRACT": _object_contract,
    "PROCEDURE": _procedure,
    "AWARD_CONTRACT": _award_contract,
    "RESULTS": _results,
    "COMPLEMENTARY_INFO": _complementary_info,
    "CHANGES": _changes,
    "MODIFICATIONS_CONTRACT": _modifications_contract,
}
