"""Forms of R2.0.9 (F01 to F25 of 2014, T01, T02): flat in S01 and S02, nested from S03 on, read by one set of names.

An element that only groups (`VALUES`, `TENDERS`, `CONTRACTORS`, `AC`, `DIRECTIVE_2014_24_EU`) is read as if its
children stood in its place, so both shapes, and F06 which was always nested, give the same rows.
"""

from collections.abc import Callable, Sequence

from lxml.etree import _Element as Element

from runtime.extract.notice import Row, as_list
from runtime.extract.ted_export.award import add_award, award_lots, in_award, of_contract, of_tender
from runtime.extract.ted_export.fields import (
    Reader,
    Readers,
    address,
    append,
    code,
    column,
    count_of,
    cpv_of,
    cpv_supplementary,
    cpv_text,
    criterion,
    day_of,
    direct_award,
    every,
    first,
    flag,
    money,
    nuts_of,
    of_buyer,
    party,
    percent_of,
    previous,
    read,
    says_something,
    take_terms,
    time_of,
    unique,
)
from runtime.extract.ted_export.state import Award, State
from runtime.extract.ted_export.xml import NAMES, attribute, flat_text, text_of
from runtime.extract.values import day, time_of_day
from runtime.schema.codes.places import LANGUAGES
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
# Blocks of rules that a form has for one directive alone.
_DIRECTIVES = ("DIRECTIVE_2009_81_EC", "DIRECTIVE_2014_23_EU", "DIRECTIVE_2014_24_EU", "DIRECTIVE_2014_25_EU")
# Terms of the procedure that hold for each of its lots, in columns of both tables.
_TERMS = (
    "is_framework",
    "is_dps",
    "is_electronic_auction",
    "is_gpa_covered",
    "submission_deadline_date",
    "submission_deadline_time",
)

_ESTIMATE = ("estimated_value", "estimated_value_currency")


def read_current(state: State, form: Element) -> None:
    """Read the original form of R2.0.9."""
    row = state.notice.row
    read(_SECTIONS, state, row, form)
    unique(row, "cpv_supplementary", "submission_languages")
    if row.pop("is_dps_terminated", False):
        for result in state.notice.rows("lot_results"):
            result["is_dps_terminated"] = True
    terms = take_terms(row, _TERMS)
    for lot in state.notice.rows("lots"):
        lot.update(terms)


def _range(name: str) -> Reader:
    """Reader of the lowest and the highest value."""

    def into(state: State, row: Row, element: Element) -> None:
        if element.get("PUBLICATION") == "NO":
            row.setdefault(f"{name}_low", None)
        else:
            for each in element:
                side = NAMES[each.tag].lower()
                if side in ("low", "high"):
                    row[f"{name}_{side}"] = state.money(each.text, f"{name}_{side}")
            row.setdefault(f"{name}_currency", attribute(element, "CURRENCY"))

    return into


# ---- section I: buyer -------------------------------------------------------------------------------------------


def _contracting_body(state: State, row: Row, section: Element) -> None:
    for name, forms in _BUYER_BOXES.items():
        if state.form in forms:
            row[name] = False
    read(_BODY, state, row, section)


_BODY = Readers(
    {
        "ADDRESS_CONTRACTING_BODY": party("buyer"),
        "ADDRESS_CONTRACTING_BODY_ADDITIONAL": party("buyer"),
        "ADDRESS_FURTHER_INFO": party("further-information"),
        "ADDRESS_PARTICIPATION": party("tender-recipient"),
        "URL_DOCUMENT": first("documents_url", flat_text),
        "URL_PARTICIPATION": first("submission_url", flat_text),
        "CA_TYPE": of_buyer("legal_type", LEGAL_TYPES),
        "CA_ACTIVITY": of_buyer("main_activity", MAIN_ACTIVITIES),
        "CE_ACTIVITY": of_buyer("main_activity", MAIN_ACTIVITIES),
        "JOINT_PROCUREMENT_INVOLVED": flag("is_joint_procurement", True),
        "CENTRAL_PURCHASING": flag("is_central_purchasing", True),
    }
)


# ---- section II: object and lots --------------------------------------------------------------------------------


def _object_contract(state: State, row: Row, section: Element) -> None:
    before = len(state.notice.rows("lots"))
    found: Row = {}
    read(_OBJECT, state, found, section)
    for name, value in found.items():  # F01 and F04 may describe several objects: the notice has the first
        row.setdefault(name, value)
    lots = state.notice.rows("lots")[before:]
    if len(lots) == 1 and _has_twin(section) and lots[0].get("estimated_value") is None:
        lots[0].update({name: found[name] for name in _ESTIMATE if found.get(name) is not None})
    for lot in lots:
        lot["cpv_main"] = found.get("cpv_main")
        for each in as_list(lot.get("cpv_supplementary")):
            append(row, "cpv_supplementary", each)
        lot["contract_nature"] = found.get("contract_nature")
        if before and lot.get("title") is None:
            lot["title"] = found.get("title")
        if lot.get("is_eu_funded") is not None:
            row["is_eu_funded"] = bool(row.get("is_eu_funded") or lot["is_eu_funded"])


def _has_twin(element: Element) -> bool:
    """Whether the form describes several objects."""
    return any(twin is not None and twin.tag == element.tag for twin in (element.getprevious(), element.getnext()))


def _lot(state: State, found: Row, element: Element) -> None:
    row: Row = {"lot_kind": "lot"}
    state.notice.add("lots", row)
    read(_LOT, state, row, element)
    unique(row, "nuts_codes", "cpv_additional", "cpv_supplementary")


def _lot_id(state: State, row: Row, element: Element) -> None:
    """The lot's number, which stands before the criteria, so that these can name their lot."""
    text = flat_text(element)
    if text:
        row["lot_id"] = text
        state.lot_ids.add(text)


def _lot_group(state: State, row: Row, element: Element) -> None:
    if element.get("PUBLICATION") != "NO":
        read(_LOT, state, row, element)


def _duration(state: State, row: Row, element: Element) -> None:
    row["duration_value"] = state.number(element.text, "duration")
    row["duration_unit"] = state.notice.code("duration_unit", attribute(element, "TYPE"), DURATION_UNITS)


def _cpv_main(state: State, row: Row, element: Element) -> None:
    row["cpv_main"] = cpv_of(element)
    cpv_supplementary(state, row, element)


def _cpv_additional(state: State, row: Row, element: Element) -> None:
    append(row, "cpv_additional", cpv_of(element))
    cpv_supplementary(state, row, element)


def _eu_funded(state: State, row: Row, element: Element) -> None:
    """The box holds the project's name or number."""
    row["is_eu_funded"] = True
    append(row, "eu_project_ids", text_of(element))


def _one(element: Element) -> int:
    return 1


def _candidates(state: State, row: Row, element: Element) -> None:
    row["candidates_min"] = row["candidates_max"] = count_of(element)


def _concession_criterion(state: State, row: Row, element: Element) -> None:
    """A criterion in a sentence or more, by order of importance; of which kind it is is not said."""
    criterion: Row = {
        "lot_ordinal": row.get("lot_ordinal"),
        "lot_id": row.get("lot_id"),
        "description": text_of(element),
    }
    state.notice.add("criteria", criterion)


_OBJECT = Readers(
    {
        "OBJECT_DESCR": _lot,
        "TITLE": column("title", text_of),
        "SHORT_DESCR": column("description", text_of),
        "REFERENCE_NUMBER": column("reference_number", text_of),
        "CPV_MAIN": _cpv_main,
        "LOT_MAX_NUMBER": column("max_lots_submitted", count_of),
        "LOT_ONE_ONLY": column("max_lots_submitted", _one),
        "LOT_MAX_ONE_TENDERER": column("max_lots_awarded", count_of),
        "DATE_PUBLICATION_NOTICE": column("future_notice_date", day_of),
        "TYPE_CONTRACT": code("contract_nature", CONTRACT_NATURES),
        "VAL_ESTIMATED_TOTAL": money("estimated_value"),
        "VAL_TOTAL": money("total_value"),
        "VAL_RANGE_TOTAL": _range("total_value"),
    },
    groups=("LOT_DIVISION",),
)
_LOT = Readers(
    {
        "TITLE": column("title", text_of),
        "LOT_NO": _lot_id,
        "SHORT_DESCR": column("description", text_of),
        "NUTS": every("nuts_codes", nuts_of),
        "CPV_ADDITIONAL": _cpv_additional,
        "NB_ENVISAGED_CANDIDATE": _candidates,
        "NB_MIN_LIMIT_CANDIDATE": column("candidates_min", count_of),
        "NB_MAX_LIMIT_CANDIDATE": column("candidates_max", count_of),
        "ACCEPTED_VARIANTS": column("variants", lambda _: "allowed"),
        "NO_ACCEPTED_VARIANTS": column("variants", lambda _: "not-allowed"),
        "VAL_OBJECT": money("estimated_value"),
        "DURATION": _duration,
        "INDEFINITE_DURATION": column("duration_code", lambda _: "UNLIMITED"),
        "DATE_START": column("start_date", day_of),
        "DATE_END": column("end_date", day_of),
        "EU_PROGR_RELATED": _eu_funded,
        "NO_EU_PROGR_RELATED": flag("is_eu_funded", False),
        "OPTIONS": flag("has_options", True),
        "NO_OPTIONS": flag("has_options", False),
        "RENEWAL": flag("is_renewable", True),
        "NO_RENEWAL": flag("is_renewable", False),
        "AC_PRICE": criterion("price"),
        "AC_COST": criterion("cost"),
        "AC_QUALITY": criterion("quality"),
        "AC_CRITERIA": criterion(),  # 2009/81/EC: of which kind it is is not said
        "AC_CRITERION": _concession_criterion,
        "AC": _lot_group,
        "QS": _lot_group,
        **dict.fromkeys(_DIRECTIVES, _lot_group),
    }
)


# ---- section IV: procedure --------------------------------------------------------------------------------------


def _procedure(state: State, row: Row, section: Element) -> None:
    for name, forms in _PROCEDURE_BOXES.items():
        if state.form in forms:
            row.setdefault(name, False)
    read(_PROCEDURE, state, row, section)


def _procedure_type(state: State, row: Row, element: Element) -> None:
    """The type is the element's name; a direct award tells its reasons below."""
    row["procedure_type"] = state.notice.code("procedure_type", NAMES[element.tag], PROCEDURE_TYPES)
    if len(element):
        direct_award(state, row, element)


def _language(element: Element) -> str | None:
    return LANGUAGES.get(attribute(element, "VALUE") or "")


def _validity(state: State, row: Row, element: Element) -> None:
    row["tender_validity_value"] = state.number(element.text, "tender_validity")
    row["tender_validity_unit"] = state.notice.code(
        "tender_validity_unit", attribute(element, "TYPE") or "MONTH", DURATION_UNITS
    )


def _framework(state: State, row: Row, element: Element) -> None:
    row["is_framework"] = True
    for each in element:
        if NAMES[each.tag] == "SINGLE_OPERATOR":
            row["framework_max_participants"] = 1
        elif NAMES[each.tag] == "NB_PARTICIPANTS":
            row["framework_max_participants"] = count_of(each)


def _dps(state: State, row: Row, element: Element) -> None:
    """A dynamic purchasing system is for the buyers named, where the box for others is empty."""
    row["is_dps"] = True
    row.setdefault("dps_type", "dps-list")


def _evaluation(state: State, row: Row, element: Element) -> None:
    """Criteria of a design contest, in prose."""
    if element.get("PUBLICATION") != "NO":
        state.notice.add("criteria", {"description": text_of(element)})


def _procedure_reader(name: str) -> Reader | None:
    return _procedure_type if name.startswith("PT_") else None


_PROCEDURE = Readers(
    {
        "FRAMEWORK": _framework,
        "LANGUAGE": every("submission_languages", _language),
        "DURATION_TENDER_VALID": _validity,
        "DATE_OPENING_TENDERS": column("opening_date", day_of),
        "TIME_OPENING_TENDERS": column("opening_time", time_of),
        "DPS": _dps,
        "DPS_ADDITIONAL_PURCHASERS": column("dps_type", lambda _: "dps-nlist"),
        "TERMINATION_DPS": flag("is_dps_terminated", True),
        "NB_PARTICIPANTS": _candidates,
        "NB_MIN_PARTICIPANTS": column("candidates_min", count_of),
        "NB_MAX_PARTICIPANTS": column("candidates_max", count_of),
        "EAUCTION_USED": flag("is_electronic_auction", True),
        "ACCELERATED_PROC": flag("is_accelerated", True),
        "CONTRACT_COVERED_GPA": flag("is_gpa_covered", True),
        "NO_CONTRACT_COVERED_GPA": flag("is_gpa_covered", False),
        "DATE_RECEIPT_TENDERS": column("submission_deadline_date", day_of),
        "TIME_RECEIPT_TENDERS": column("submission_deadline_time", time_of),
        "NOTICE_NUMBER_OJ": previous,
        "CRITERIA_EVALUATION": _evaluation,
    },
    _procedure_reader,
    groups=(*_DIRECTIVES, "LANGUAGES", "OPENING_CONDITION"),
)
# ---- section III: conditions ------------------------------------------------------------------------------------


def _reserved(code: str) -> Reader:
    def into(state: State, row: Row, element: Element) -> None:
        append(row, "reserved_participation", code)

    return into


_CONDITIONS = Readers(
    {
        "RESTRICTED_SHELTERED_WORKSHOP": _reserved("res-ws"),
        "RESERVED_ORGANISATIONS_SERVICE_MISSION": _reserved("res-pub-ser"),
        "RESTRICTED_SHELTERED_PROGRAM": column("reserved_execution", lambda _: "yes"),
        "DEPOSIT_GUARANTEE_REQUIRED": says_something("is_guarantee_required"),
    }
)


# ---- section V: results -----------------------------------------------------------------------------------------


def _read_award(state: State, row: Row, block: Element | Sequence[Element]) -> Award:
    award = state.award = Award()
    read(_AWARD, state, row, block)
    state.award = None
    return award


def _award_contract(state: State, row: Row, element: Element) -> None:
    award = _read_award(state, row, element)
    if state.form in _PROCEDURE_BOXES["is_framework"]:
        award.contract["is_framework"] = row.get("is_framework")
    add_award(state, award)


def _results(state: State, row: Row, section: Element) -> None:
    """F13: each prize, or that none was awarded, is an outcome."""
    for element in section:
        if NAMES[element.tag] in ("AWARDED_PRIZE", "NO_AWARDED_PRIZE"):
            add_award(state, _read_award(state, row, (element,)))


@in_award
def _awarded(state: State, award: Award, element: Element) -> None:
    award.is_awarded = True
    read(_AWARD, state, award.result, element)


@in_award
def _not_awarded(state: State, award: Award, element: Element) -> None:
    award.is_awarded = False
    for each in element:
        reason = NON_AWARD_REASONS.get(NAMES[each.tag])
        if reason is not None:
            award.result["non_award_reason"] = reason


@in_award
def _award_group(state: State, award: Award, element: Element) -> None:
    before = award.is_withheld
    award.is_withheld = before or element.get("PUBLICATION") == "NO"
    read(_AWARD, state, award.result, element)
    award.is_withheld = before


def _count(name: str) -> Reader:
    @in_award
    def into(state: State, award: Award, element: Element) -> None:
        if award.is_withheld:
            award.result["are_tender_counts_withheld"] = True
        else:
            award.result[name] = count_of(element)

    return into


def _value(reader: Reader) -> Reader:
    """Reader of the contract's value, which may be withheld."""

    @in_award
    def into(state: State, award: Award, element: Element) -> None:
        if award.is_withheld or element.get("PUBLICATION") == "NO":
            award.contract["is_value_withheld"] = True
        else:
            reader(state, award.contract, element)

    return into


def _bargain(state: State, row: Row, element: Element) -> None:
    """Value of a bargain purchase: the contract's, where no other is said."""
    if state.award is not None and state.award.contract.get("value") is None:
        _value(money("value"))(state, row, element)


def _percent(state: State, row: Row, element: Element) -> None:
    row["subcontracting_percent"] = state.number(percent_of(element), "subcontracting_percent")


@in_award
def _winner(state: State, award: Award, element: Element) -> None:
    if award.is_withheld:
        return
    winner: Row = {}
    for each in element:
        name = NAMES[each.tag]
        if name == "ADDRESS_CONTRACTOR":
            winner = address(state, "concessionaire" if state.form in ("F23", "F25") else "winner", each)
            award.winners.append(winner)
        elif name == "ADDRESS_WINNER":
            winner = address(state, "prize-winner", each)
            award.winners.append(winner)
        elif name == "ADDRESS_PARTY":  # T02: who owns or controls the operator
            award.others.append(address(state, "owner", each))
        elif name == "SME":
            winner["size"] = "sme"
        elif name == "NO_SME":
            winner["size"] = "large"


_AWARD = Readers(
    {
        "AWARDED_CONTRACT": _awarded,
        "AWARDED_PRIZE": _awarded,
        "NO_AWARDED_CONTRACT": _not_awarded,
        "NO_AWARDED_PRIZE": _not_awarded,
        **dict.fromkeys(("TENDERS", "VALUES", "VALUE", "CONTRACTORS", "PARTICIPANTS", "WINNERS"), _award_group),
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
        "VAL_TOTAL": _value(money("value")),
        "VAL_PRIZE": _value(money("value")),
        "VAL_BARGAIN_PURCHASE": _bargain,
        "VAL_RANGE_TOTAL": _value(_range("value")),
        "VAL_ESTIMATED_TOTAL": of_contract(money("estimated_value")),
        "CONTRACT_NO": of_contract(column("contract_number", flat_text)),
        "TITLE": of_contract(column("contract_title", text_of)),
        "DATE_CONCLUSION_CONTRACT": of_contract(column("conclusion_date", day_of)),
        "DATE_DECISION_JURY": of_contract(column("award_date", day_of)),
        "AWARDED_TO_GROUP": of_contract(flag("is_awarded_to_group", True)),
        "NO_AWARDED_TO_GROUP": of_contract(flag("is_awarded_to_group", False)),
        "LOT_NO": award_lots,
        "LIKELY_SUBCONTRACTED": of_tender(flag("is_subcontracted", True)),
        "VAL_SUBCONTRACTING": of_tender(money("subcontracting_value")),
        "PCT_SUBCONTRACTING": of_tender(_percent),
    }
)


# ---- section VI: further bodies and dates -----------------------------------------------------------------------


def _dispatched(state: State, row: Row, element: Element) -> None:
    row["dispatch_date"] = day(element.text) or row.get("dispatch_date")


_COMPLEMENTARY = Readers(
    {
        "ADDRESS_REVIEW_BODY": party("review-body"),
        "ADDRESS_MEDIATION_BODY": party("mediator"),
        "ADDRESS_REVIEW_INFO": party("review-information"),
        "NOTICE_NUMBER_OJ": previous,
        "DATE_DISPATCH_NOTICE": _dispatched,
        "RECURRENT_PROCUREMENT": flag("is_recurrent", True),
        "NO_RECURRENT_PROCUREMENT": flag("is_recurrent", False),
        "EORDERING": flag("has_electronic_ordering", True),
        "EINVOICING": first("electronic_invoicing", lambda _: "allowed"),
        "EPAYMENT": flag("has_electronic_payment", True),
    }
)


# ---- section VII: corrections and modifications -----------------------------------------------------------------


def _changes(state: State, row: Row, section: Element) -> None:
    for element in section:
        name = NAMES[element.tag]
        change: Row = {"kind": "corrigendum"}
        if name == "CHANGE" and element.get("PUBLICATION") != "NO":
            read(_CHANGE, state, change, element)
            state.notice.add("changes", change)
        elif name == "INFO_ADD" and (text := text_of(element)):
            change["description"] = text
            state.notice.add("changes", change)


def _changed_value(side: str) -> Reader:
    def into(state: State, row: Row, element: Element) -> None:
        parts: list[str | None] = []
        for each in element:
            kind, part = _CHANGED_VALUES.get(NAMES[each.tag], _NO_VALUE)
            if kind is not None:
                parts.append(part(each))
                # A date with its time of day is a date; nothing on one side has the type of the other.
                if kind != "time" or not row.get("value_type"):
                    row["value_type"] = kind
        row[side] = " ".join(filter(None, parts)) or None

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
    "CPV_MAIN": ("cpv_main", cpv_text),
    "CPV_ADDITIONAL": ("cpv_additional", cpv_text),
}
_CHANGE = Readers(
    {
        "SECTION": column("section", flat_text),
        "LOT_NO": every("lot_ids", flat_text),
        "LABEL": column("field_label", text_of),
        "OLD_VALUE": _changed_value("old_value"),
        "NEW_VALUE": _changed_value("new_value"),
    },
    groups=("WHERE",),
)


def _modifications(state: State, row: Row, section: Element) -> None:
    change: Row = {"kind": "modification", "section": "VII"}
    contracts = state.notice.rows("contracts")
    if contracts:
        change["lot_ids"] = contracts[0].get("lot_ids")
    read(_MODIFICATION, state, change, section)
    state.notice.add("changes", change)


def _reason(state: State, row: Row, element: Element) -> None:
    row["reason_code"] = MODIFICATION_REASONS[NAMES[element.tag]]
    row["reason_text"] = text_of(element)


def _value_after(state: State, row: Row, element: Element) -> None:
    """The value after, whose currency is that of both; a value before in another cannot stand beside it."""
    before = row.get("value_currency")
    money("value_after", "value_currency")(state, row, element)
    if before is not None and before != row.get("value_currency"):
        state.notice.warnings.append(f"two-currencies value_before={row['value_before']} {before}")
        row["value_before"] = None


def _modified_contract(state: State, row: Row, section: Element) -> None:
    """Contractors after the modification; the winners are those of the award."""
    for contractor in _read_award(state, row, section).winners:
        contractor["role"] = "contractor-after-modification"
        state.party(contractor)


_MODIFICATION = Readers(
    {
        "DESCRIPTION_PROCUREMENT": _modified_contract,
        "SHORT_DESCR": column("description", text_of),
        "ADDITIONAL_NEED": _reason,
        "UNFORESEEN_CIRCUMSTANCE": _reason,
        "VAL_TOTAL_BEFORE": money("value_before", "value_currency"),
        "VAL_TOTAL_AFTER": _value_after,
    },
    groups=("INFO_MODIFICATIONS", "VALUES"),
)


_SECTIONS = Readers(
    {
        "LEGAL_BASIS": code("legal_basis", LEGAL_BASES),
        "DIRECTIVE": code("legal_basis", LEGAL_BASES),
        "LEGAL_BASIS_OTHER": first("legal_basis", lambda _: "other"),
        "CONTRACTING_BODY": _contracting_body,
        "OBJECT_CONTRACT": _object_contract,
        "LEFTI": _CONDITIONS.group,
        "PROCEDURE": _procedure,
        "AWARD_CONTRACT": _award_contract,
        "RESULTS": _results,
        "COMPLEMENTARY_INFO": _COMPLEMENTARY.group,
        "CHANGES": _changes,
        "MODIFICATIONS_CONTRACT": _modifications,
    }
)
