"""Forms of R2.0.7 and R2.0.8: civil until 2016, defence (F16 to F19) until 2024.

Each form wraps the same elements in wrappers with names of its own (`DESCRIPTION_AWARD_NOTICE_INFORMATION_DEFENCE`).
So elements are recognised by name wherever they stand, and unknown ones are only walked through; `F03_` and the like
in front of a name is left out. Lots, awards and addresses are read by readers of their own, which fill their own row.
"""

from decimal import Decimal

from lxml.etree import _Element as Element

from runtime.extract.notice import Row
from runtime.extract.ted_export.award import add_award, award_lots, in_award, of_contract, of_result
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
    day_and_time_of,
    day_of,
    direct_award,
    every,
    first,
    flag,
    local_amount,
    nuts_of,
    of_buyer,
    party,
    percent_of,
    previous,
    read,
    says_something,
    take_terms,
    unique,
)
from runtime.extract.ted_export.state import Award, State
from runtime.extract.ted_export.xml import NAMES, attribute, flat_text, text_of
from runtime.extract.values import amount
from runtime.schema.codes.places import LANGUAGES
from runtime.schema.codes.ted_export import (
    CONTRACT_NATURES,
    CORRECTION_REASONS,
    INCOMPLETE_REASONS,
    LEGAL_TYPES,
    MAIN_ACTIVITIES,
    PROCEDURE_TYPES,
)

# Terms of the notice that hold for each of its lots, in columns of both tables.
_LOT_TERMS = (
    "is_framework",
    "is_dps",
    "is_electronic_auction",
    "is_gpa_covered",
    "is_eu_funded",
    "contract_nature",
    "submission_deadline_date",
    "submission_deadline_time",
)
_PROSE = ("P", "FT", "")
_PERIOD = frozenset(("duration_value", "duration_unit", "duration_code", "start_date", "end_date"))
_OBJECT_TERMS = (*sorted(_PERIOD), "nuts_codes", "has_options", "is_renewable", "renewal_maximum")
# Forms whose object is a lot though they tell of awards: nothing else says what was bought (T02).
_DESCRIBING = ("T02",)


def read_older(state: State, form: Element) -> None:
    """Read the original form of R2.0.7 or R2.0.8."""
    for element in form:
        nature = attribute(element, "CTYPE")
        if nature:
            state.whole["contract_nature"] = CONTRACT_NATURES.get(nature)
        read(_READERS, state, state.notice.row, element)
    row, found = state.notice.row, state.whole
    unique(found, "nuts_codes", "cpv_additional", "cpv_supplementary")
    for change in state.notice.rows("changes"):
        change["reason_code"] = state.reason
    for name in (
        "cpv_main",
        "cpv_additional",
        "cpv_supplementary",
        "nuts_codes",
        "contract_nature",
        "is_eu_funded",
        "is_framework",
        "is_dps",
    ):
        if found.get(name) is not None:
            row.setdefault(name, found[name])
    if row.get("description") is None:
        row["description"] = state.quantity
    for estimate in filter(None, (found, state.framework)):
        if any(estimate.get(name) is not None for name in _ESTIMATES):
            row.update({name: estimate[name] for name in (*_ESTIMATES, "estimated_value_currency") if name in estimate})
            break
    is_describing = state.form_type in ("planning", "competition") or state.form in _DESCRIBING
    if is_describing and "lots" not in state.notice.children:
        # As in R2.0.9, a form without a division into lots is one lot. Award notices never describe lots.
        found["lot_kind"] = "lot"
        found["description"] = state.quantity
        found["contract_nature"] = row.get("contract_nature")
        found["cpv_main"] = row.get("cpv_main")
        _add_lot(state, found)
    unique(row, "submission_languages")
    terms = take_terms(row, _LOT_TERMS)
    whole_terms = {name: found[name] for name in _OBJECT_TERMS if found.get(name) is not None}
    for lot in state.notice.rows("lots"):
        lot.update(terms)
        if any(lot.get(name) for name in _PERIOD):
            lot.update({name: whole_terms[name] for name in whole_terms if name not in _PERIOD | lot.keys()})
        else:
            lot.update({name: value for name, value in whole_terms.items() if lot.get(name) is None})


def _add_lot(state: State, lot: Row) -> None:
    """Add a lot; its estimate is one value, a range is the notice's alone."""
    if lot.get("estimated_value") is None:
        lot.pop("estimated_value_currency", None)
    for name in _ESTIMATES[1:]:
        lot.pop(name, None)
    state.notice.add("lots", lot)


def _walk(state: State, row: Row, element: Element) -> None:
    read(_READERS, state, row, element)


def _of_object(reader: Reader) -> Reader:
    """Reader into the row that describes what is bought: the lot's, else the whole's."""

    def into(state: State, row: Row, element: Element) -> None:
        reader(state, state.object, element)

    return into


def _of_lot(reader: Reader) -> Reader:
    """Reader into the lot that is described; outside of one there is nothing to read."""

    def into(state: State, row: Row, element: Element) -> None:
        if state.lot is not None:
            reader(state, state.lot, element)

    return into


_ESTIMATES = ("estimated_value", "estimated_value_low", "estimated_value_high")


# ---- buyer ------------------------------------------------------------------------------------------------------


@in_award
def _winner(state: State, award: Award, element: Element) -> None:
    winner = address(state, "prize-winner" if state.form == "F13" else "winner", element)
    if winner.get("name"):
        award.winners.append(winner)


@in_award
def _owner(state: State, award: Award, element: Element) -> None:
    """T02: who owns or controls the operator."""
    owner = address(state, "owner", element)
    if owner.get("name"):
        award.others.append(owner)


def _buyer_profile(state: State, row: Row, element: Element) -> None:
    if state.buyer:
        state.buyer.setdefault("buyer_profile_url", flat_text(element))


def _activity(state: State, row: Row, element: Element) -> None:
    """Activity as an attribute (R2.0.7) or in elements below."""
    if attribute(element, "VALUE"):
        _ACTIVITY(state, row, element)
    _walk(state, row, element)


_ACTIVITY = of_buyer("main_activity", MAIN_ACTIVITIES)


def _website(state: State, row: Row, element: Element) -> None:
    if state.buyer:
        state.buyer.setdefault("website", flat_text(element))


def _on_behalf(state: State, row: Row, element: Element) -> None:
    """Whether others buy too: as an attribute (R2.0.7) or by the name of an element."""
    value = attribute(element, "VALUE")
    if value is not None:
        row["is_joint_procurement"] = value == "YES"
    elif NAMES[element.tag] == "PURCHASING_ON_BEHALF_YES":
        row["is_joint_procurement"] = True
    _walk(state, row, element)


def _legal_basis(name: str) -> Reader:
    """Reader of what a form says of its directive, for notices whose coded section names none."""

    def into(state: State, row: Row, element: Element) -> None:
        state.coded.setdefault("directive_of_form", attribute(element, name))

    return into


# ---- object -----------------------------------------------------------------------------------------------------


def _title(state: State, row: Row, element: Element) -> None:
    if state.award is not None:  # F06 names the contract's title like the notice's
        state.award.contract.setdefault("contract_title", text_of(element))
    else:
        _say(state, row, "title", element)


def _description(state: State, row: Row, element: Element) -> None:
    if all(NAMES[each.tag] in _PROSE for each in element):
        _say(state, row, "description", element)
    else:
        _walk(state, row, element)


def _say(state: State, row: Row, name: str, element: Element) -> None:
    """Set a text of the notice, and of the lot where a lot is described; the first is kept."""
    text = text_of(element)
    row.setdefault(name, text)
    if state.lot is not None:
        state.lot.setdefault(name, text)


def _quantity(state: State, row: Row, element: Element) -> None:
    if state.lot is not None:
        if state.lot.get("description") is None:
            state.lot["description"] = text_of(element)
    elif state.quantity is None:
        state.quantity = text_of(element)


def _nature(state: State, row: Row, element: Element) -> None:
    code("contract_nature", CONTRACT_NATURES)(state, state.whole, element)


def _natures(state: State, row: Row, element: Element) -> None:
    """F07 names each nature; several together are combined."""
    before = state.whole.get("contract_nature")
    _nature(state, row, element)
    if before is not None and before != state.whole["contract_nature"]:
        state.whole["contract_nature"] = "combined"


def _location_nature(state: State, row: Row, element: Element) -> None:
    nature = attribute(element, "CONTRACT_TYPE")
    if nature:
        state.object.setdefault("contract_nature", state.notice.code("contract_nature", nature, CONTRACT_NATURES))
    _walk(state, row, element)


def _delivery(state: State, row: Row, element: Element) -> None:
    """F01: each object says whether goods or services are meant."""
    for each in element:
        nature = CONTRACT_NATURES.get(NAMES[each.tag])
        if nature is not None:
            state.object.setdefault("contract_nature", nature)
    _walk(state, row, element)


def _cpv_additional(state: State, row: Row, element: Element) -> None:
    for each in element:
        if NAMES[each.tag] == "CPV_CODE":
            append(row, "cpv_additional", attribute(each, "CODE"))
    cpv_supplementary(state, row, element)


def _cpv_main(state: State, row: Row, element: Element) -> None:
    if "cpv_main" not in row:
        row["cpv_main"] = cpv_of(element)
    cpv_supplementary(state, row, element)


def _yes_no(name: str) -> Reader:
    def into(state: State, row: Row, element: Element) -> None:
        value = attribute(element, "VALUE")
        if value == "YES" or value == "NO":
            row[name] = value == "YES"

    return into


def _language(state: State, row: Row, element: Element) -> None:
    for each in element:
        if NAMES[each.tag] == "LANGUAGE_EC":
            append(row, "submission_languages", LANGUAGES.get(attribute(each, "VALUE") or ""))


def _variants(state: State, row: Row, element: Element) -> None:
    value = attribute(element, "VALUE")
    if value in ("YES", "NO"):
        row["variants"] = "allowed" if value == "YES" else "not-allowed"


def _opening(state: State, row: Row, element: Element) -> None:
    for each in element:
        if NAMES[each.tag] == "DATE_TIME":
            row["opening_date"], row["opening_time"] = day_and_time_of(each)


def _validity(unit: str) -> Reader:
    def into(state: State, row: Row, element: Element) -> None:
        row["tender_validity_value"] = state.number(element.text, "tender_validity")
        row["tender_validity_unit"] = unit

    return into


def _reserved(state: State, row: Row, element: Element) -> None:
    append(row, "reserved_participation", "res-ws")


def _candidates(state: State, row: Row, element: Element) -> None:
    row["candidates_min"] = row["candidates_max"] = count_of(element)


def _eu_project(state: State, row: Row, element: Element) -> None:
    row["is_eu_funded"] = True
    append(row, "eu_project_ids", text_of(element))


def _lot_rule(state: State, row: Row, element: Element) -> None:
    """Whether tenders are for one lot only, for several or for all."""
    if "ONE_LOT_ONLY" in (attribute(element, "VALUE"), attribute(element, "NUMBER")):
        row["max_lots_submitted"] = 1
    _walk(state, row, element)


def _framework(state: State, row: Row, element: Element) -> None:
    row["is_framework"] = attribute(element, "VALUE") != "NO"
    if row["is_framework"]:
        _walk(state, row, element)


def _notice_involves(state: State, row: Row, element: Element) -> None:
    """What the notice involves, of which a framework agreement and a dynamic purchasing system have columns."""
    told = [attribute(element, "VALUE") or "", *(NAMES[each.tag] for each in element)]
    row["is_framework"] = any("FRAMEWORK" in each for each in told)
    row["is_dps"] = any("DYNAMIC" in each or "DPS" in each for each in told)
    _walk(state, row, element)


def _lot(state: State, row: Row, element: Element) -> None:
    lot: Row = {"lot_kind": "lot"}
    outer, state.lot = state.lot, lot
    before = len(state.notice.rows("lots"))
    _walk(state, row, element)
    state.lot = outer
    if len(state.notice.rows("lots")) > before:
        return  # an object with lots of its own
    unique(lot, "nuts_codes", "cpv_additional", "cpv_supplementary")
    _add_lot(state, lot)
    if isinstance(lot.get("lot_id"), str):
        state.lot_ids.add(str(lot["lot_id"]))


def _object(state: State, row: Row, element: Element) -> None:
    """An object of a prior information notice: a lot where there are several, else the whole."""
    twins = (element.getprevious(), element.getnext())
    has_twin = any(twin is not None and twin.tag == element.tag for twin in twins)
    (_lot if has_twin else _walk)(state, row, element)


def _lot_number(state: State, row: Row, element: Element) -> None:
    if state.lot is not None:
        state.lot["lot_id"] = flat_text(element)
    else:
        award_lots(state, row, element)


def _duration(unit: str) -> Reader:
    def into(state: State, row: Row, element: Element) -> None:
        value = state.number(element.text, "duration")
        if value is not None:
            row.setdefault("duration_value", value)
            row.setdefault("duration_unit", unit)

    return _of_object(into)


def _renewable(state: State, row: Row, element: Element) -> None:
    state.object["is_renewable"] = True
    _walk(state, row, element)


# ---- money ------------------------------------------------------------------------------------------------------


def _amount(state: State, element: Element) -> str | None:
    """The machine's value (`FMTVAL`) where there is one, for the text is written as in the sender's country.

    Notices converted in 2010 and 2011 have it in cents, or times 10^12, without saying so: there the text holds, as it
    does beside a 0.
    """
    said, value = local_amount(element.text), amount(element.get("FMTVAL"))
    if value is None or (said is not None and Decimal(said) and Decimal(value) / Decimal(said) in _WRONG_SCALES):
        value = said
    if value is None and element.text and element.text.strip():
        state.notice.warnings.append(f"unreadable-amount {flat_text(element)}")
    return value


def _cost(name: str) -> Reader:
    def into(state: State, row: Row, element: Element) -> None:
        row[name] = _amount(state, element)

    return into


_COSTS = Readers(
    {
        "VALUE_COST": _cost("value"),
        "LOW_VALUE": _cost("value_low"),
        "HIGH_VALUE": _cost("value_high"),
        "EXCLUDING_VAT": flag("is_vat_included", False),
        "INCLUDING_VAT": flag("is_vat_included", True),
    },
    groups=("RANGE_VALUE_COST",),
)


_WRONG_SCALES = (Decimal(0), Decimal(100), Decimal(10**12))


def _costs(state: State, element: Element) -> Row:
    """Value, range, currency and VAT of a block of costs, in the columns of `contracts`."""
    row: Row = {"value_currency": attribute(element, "CURRENCY")}
    read(_COSTS, state, row, element)
    return row


def _estimate(state: State, row: Row, element: Element) -> None:
    """An estimate of the award, the lot or the whole; of the whole, the range of one too."""
    costs = _costs(state, element)
    if state.award is not None:
        costs = {name: costs[name] for name in costs if name in ("value", "value_currency")}
    target = state.object if state.award is None else state.award.contract
    if all(target.get(name) is None for name in _ESTIMATES):
        _keep_estimate(target, costs)


def _keep_estimate(row: Row, costs: Row) -> None:
    for name, estimate in zip(("value", "value_low", "value_high"), _ESTIMATES, strict=True):
        if costs.get(name) is not None:
            row[estimate] = costs[name]
            row["estimated_value_currency"] = costs["value_currency"]


def _framework_estimate(state: State, row: Row, element: Element) -> None:
    for each in element:
        if "COSTS_RANGE" in NAMES[each.tag]:
            state.framework = {}
            _keep_estimate(state.framework, _costs(state, each))


def _final_value(state: State, row: Row, element: Element) -> None:
    """The value of an award or of all; what is yet to be bought has an estimate only (F04)."""
    if state.award is None and state.form_type in ("planning", "competition"):
        _estimate(state, row, element)
        return
    costs = _costs(state, element)
    if state.award is not None:
        state.award.contract.update(costs)
        return
    for name in ("value", "value_low", "value_high"):
        if costs.get(name) is not None:
            row[f"total_{name}"] = costs[name]
            row["total_value_currency"] = costs["value_currency"]


@in_award
def _price_paid(state: State, award: Award, element: Element) -> None:
    """Value of a bargain purchase (F06), where no other is said."""
    if award.contract.get("value") is None:
        _prize(state, state.notice.row, element)


@in_award
def _prize(state: State, award: Award, element: Element) -> None:
    award.contract["value"] = _amount(state, element)
    award.contract["value_currency"] = attribute(element, "CURRENCY")


def _periods(per: str) -> Reader:
    """Reader of the number of years or months that a value of one year or month is for."""

    @in_award
    def into(state: State, award: Award, element: Element) -> None:
        award.contract["value_per"], award.contract["value_periods"] = per, count_of(element)

    return into


def _value_of_move(state: State, row: Row, element: Element) -> None:
    """T02 says the value beside the object, before the one award that it tells of."""
    if state.form == "T02":
        state.value_of_award = state.value_of_award or element
    else:
        _walk(state, row, element)


# ---- procedure --------------------------------------------------------------------------------------------------


def _procedure_type(state: State, row: Row, element: Element) -> None:
    name = _plain(NAMES[element.tag])
    row.setdefault("procedure_type", state.notice.code("procedure_type", name, PROCEDURE_TYPES))
    row["is_accelerated"] = name.startswith("PT_ACCELERATED")
    if len(element):  # annex D below
        direct_award(state, row, element)


def _without_publication(state: State, row: Row, element: Element) -> None:
    row.setdefault("procedure_type", PROCEDURE_TYPES["AWARD_WITHOUT_PRIOR_PUBLICATION"])
    direct_award(state, row, element)


def _procedure_detail(state: State, row: Row, element: Element) -> None:
    published = attribute(element, "VALUE")
    if published:
        row.setdefault("procedure_type", state.notice.code("procedure_type", published, PROCEDURE_TYPES))
        row["is_accelerated"] = published.startswith("ACCELERATED")
    _walk(state, row, element)


def _type_of_procedure(state: State, row: Row, element: Element) -> None:
    """F04, F09 and F12 name the type by an attribute, or by the element."""
    published = attribute(element, "TYPE") or _plain(NAMES[element.tag])
    row.setdefault("procedure_type", state.notice.code("procedure_type", published, PROCEDURE_TYPES))
    _walk(state, row, element)


def _call(notice_type: str, form_type: str) -> Reader:
    """Reader of what a periodic indicative notice is used for (F04); a call for competition outdoes the rest."""

    def into(state: State, row: Row, element: Element) -> None:
        if state.form_type != "competition":
            row["notice_type"], row["form_type"] = notice_type, form_type
            state.form_type = form_type

    return into


def _auction(state: State, row: Row, element: Element) -> None:
    value = attribute(element, "VALUE")
    names = [NAMES[each.tag] for each in element]
    if value == "YES" or "USE_ELECTRONIC_AUCTION" in names:
        row["is_electronic_auction"] = True
    elif value == "NO" or "NO_USE_ELECTRONIC_AUCTION" in names:
        row["is_electronic_auction"] = False


def _deadline(state: State, row: Row, element: Element) -> None:
    row["submission_deadline_date"], row["submission_deadline_time"] = day_and_time_of(element)


def _other_deadline(state: State, row: Row, element: Element) -> None:
    """Deadline for applications or for an expression of interest; the first is kept."""
    if row.get("submission_deadline_date") is None:
        _deadline(state, row, element)


def _deadline_type(state: State, row: Row, element: Element) -> None:
    """F11: of tenders or requests to participate. A TIME_LIMIT elsewhere is that of documents."""
    for each in element:
        if NAMES[each.tag] == "TIME_LIMIT":
            _deadline(state, row, each)


def _dispatched(state: State, row: Row, element: Element) -> None:
    row["dispatch_date"] = day_of(element) or row.get("dispatch_date")


def _lowest_price(state: State, row: Row, element: Element) -> None:
    state.notice.add("criteria", {"kind": "price"})


def _price_criterion(state: State, row: Row, element: Element) -> None:
    if attribute(element, "PRICE") == "LOWEST_PRICE":
        _lowest_price(state, row, element)


def _criteria_text(state: State, row: Row, element: Element) -> None:
    """Criteria in prose; where the element only wraps others, these are read."""
    if all(NAMES[each.tag] in _PROSE for each in element):
        text = text_of(element)
        if text:
            state.notice.add("criteria", {"description": text})
    else:
        _walk(state, row, element)


# ---- awards -----------------------------------------------------------------------------------------------------


def _award(state: State, row: Row, element: Element) -> None:
    award = state.award = Award()
    _walk(state, row, element)
    if state.value_of_award is not None:
        _walk(state, row, state.value_of_award)
    state.award = None
    # The form cannot say that nothing was awarded; a block with neither winner, value nor contract says nothing.
    known = award.winners or any(award.contract.get(name) for name in ("value", "value_low", "contract_number"))
    award.is_awarded = True if known else None
    if "is_framework" in row:
        award.contract.setdefault("is_framework", row["is_framework"])
    if len(award.winners) > 1:
        award.contract.setdefault("is_awarded_to_group", True)
    add_award(state, award)


def _participants(*planned: str) -> Reader:
    """Reader of who took part in a contest; outside of an award, of how many are to take part."""

    def into(state: State, row: Row, element: Element) -> None:
        if state.award is not None:
            state.award.result["tenders_received"] = count_of(element)
        else:
            row.update(dict.fromkeys(planned, count_of(element)))

    return into


def _subcontracted(value: bool) -> Reader:
    @in_award
    def into(state: State, award: Award, element: Element) -> None:
        award.tender["is_subcontracted"] = value
        _walk(state, state.notice.row, element)

    return into


@in_award
def _subcontracting_value(state: State, award: Award, element: Element) -> None:
    award.tender["subcontracting_value"] = _amount(state, element)
    award.tender["subcontracting_value_currency"] = attribute(element, "CURRENCY")


@in_award
def _subcontracting_percent(state: State, award: Award, element: Element) -> None:
    award.tender["subcontracting_percent"] = state.number(percent_of(element), "percent")


# ---- corrections ------------------------------------------------------------------------------------------------


def _correction(state: State, row: Row, element: Element) -> None:
    """A text, date or code that is added, deleted or replaced (F14)."""
    change: Row = {"kind": "corrigendum"}
    for each in element:
        name = NAMES[each.tag]
        if name == "WHERE":
            change["section"] = flat_text(each)
        elif name == "OLD_VALUE" or name == "NEW_VALUE":
            _corrected(change, name.lower(), each)
    if len(change) > 1:
        state.notice.add("changes", change)
    else:
        _walk(state, row, element)


def _corrected(row: Row, side: str, element: Element) -> None:
    values: list[str | None] = []
    for each in element:
        name = NAMES[each.tag]
        if name.startswith("CPV_"):
            row["value_type"] = "cpv_main" if name == "CPV_MAIN" else "cpv_additional"
            values.append(cpv_text(each))
        elif name.startswith("DATE"):
            row["value_type"] = "date"
            values += day_and_time_of(each)
        elif name:
            row["value_type"] = "text"
            values.append(text_of(each) or attribute(each, "CODE"))
    row[side] = " ".join(filter(None, values)) or (text_of(element) if not values else None)


def _incomplete(state: State, row: Row, element: Element) -> None:
    """A corrigendum that says that nothing was awarded: an outcome without a winner."""
    reason = state.notice.code("non_award_reason", attribute(element, "VALUE"), INCOMPLETE_REASONS)
    state.notice.add("lot_results", {"status": "clos-nw", "non_award_reason": reason})


def _correction_text(state: State, row: Row, element: Element) -> None:
    text = text_of(element)
    if text:
        state.notice.add("changes", {"kind": "corrigendum", "description": text})


def _correction_reason(state: State, row: Row, element: Element) -> None:
    state.reason = CORRECTION_REASONS.get(NAMES[element.tag])


_BY_NAME: dict[str, Reader] = {
    "CA_CE_CONCESSIONAIRE_PROFILE": party("buyer", is_named=True),
    "CONTACT_DATA_OTHER_BEHALF_CONTRACTING_AUTORITHY": party("buyer", is_named=True),
    "FURTHER_INFORMATION": party("further-information", is_named=True),
    "SPECIFICATIONS_AND_ADDITIONAL_DOCUMENTS": party("document-provider", is_named=True),
    "TENDERS_REQUESTS_APPLICATIONS_MUST_BE_SENT_TO": party("tender-recipient", is_named=True),
    "APPEAL_PROCEDURE_BODY_RESPONSIBLE": party("review-body", is_named=True),
    "RESPONSIBLE_FOR_APPEAL_PROCEDURES": party("review-body", is_named=True),
    "MEDIATION_PROCEDURE_BODY_RESPONSIBLE": party("mediator", is_named=True),
    "RESPONSIBLE_FOR_MEDIATION_PROCEDURES": party("mediator", is_named=True),
    "LODGING_INFORMATION_FOR_SERVICE": party("review-information", is_named=True),
    "SERVICE_FROM_INFORMATION": party("review-information", is_named=True),
    "ECONOMIC_OPERATOR_NAME_ADDRESS": _winner,
    "NAME_ADDRESS_WINNER": _winner,
    "CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME": _winner,
    "CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME_CHP": _winner,
    "PARTY_NAME_ADDRESS": _owner,
    "AWARD_CONTRACT_PI_MOVE": party("winner", is_named=True),
    "BODY_RESPONSIBLE_APPEAL": party("review-body", is_named=True),
    "BODY_RESPONSIBLE_MEDIATION": party("mediator", is_named=True),
    "SERVICE_INFORMATION_LODGING_APPEALS": party("review-information", is_named=True),
    "URL_GENERAL": _website,
    "URL_BUYER": _buyer_profile,
    "URL_PARTICIPATE": first("submission_url", flat_text),
    "URL_DOCUMENT": first("documents_url", flat_text),
    "TYPE_OF_CONTRACTING_AUTHORITY": of_buyer("legal_type", LEGAL_TYPES),
    "TYPE_OF_ACTIVITY": _ACTIVITY,
    "TYPE_OF_ACTIVITY_MOVE": _ACTIVITY,
    "ACTIVITY_OF_CONTRACTING_ENTITY": _ACTIVITY,
    "ACTIVITIES_OF_CONTRACTING_ENTITY": _activity,
    "NOTICE_COVERED": _legal_basis("VALUE"),
    "TYPE_OF_PURCHASING_BODY": _legal_basis("VALUE"),
    "NOTICE_PUBLISHED": _legal_basis("NOTICE"),
    "PURCHASING_ON_BEHALF": _on_behalf,
    "PURCHASING_ON_BEHALF_YES": _on_behalf,
    "PURCHASING_ON_BEHALF_NO": flag("is_joint_procurement", False),
    "TITLE_CONTRACT": _title,
    "TITLE_QUALIFICATION_SYSTEM": _title,
    "TITLE_DESIGN_CONTACT_NOTICE": _title,
    "TITLE_NOTICE_BUYER_PROFILE": _title,
    "TITLE_RESULT_DESIGN_CONTEST": _title,
    "SHORT_CONTRACT_DESCRIPTION": _description,
    "SHORT_DESCRIPTION": _description,
    "SHORT_DESCRIPTION_CONTRACT": _description,
    "DESCRIPTION_OF_CONTRACT": _description,
    "DESCRIPTION": _description,
    "TOTAL_QUANTITY_OR_SCOPE": _quantity,
    "FILE_REFERENCE_NUMBER": first("reference_number", text_of),
    "REFERENCE_NUMBER_ATTRIBUTED": first("reference_number", text_of),
    "TYPE_CONTRACT": _nature,
    "CONTRACT_TYPE": _natures,
    "TYPE_CONTRACT_LOCATION_WORKS": _location_nature,
    "TYPE_CONTRACT_PLACE_DELIVERY": _delivery,
    "CPV_MAIN": _of_object(_cpv_main),
    "CPV_ADDITIONAL": _of_object(_cpv_additional),
    "NUTS": _of_object(every("nuts_codes", nuts_of)),
    "CONTRACT_COVERED_GPA": _yes_no("is_gpa_covered"),
    "FRAMEWORK": _framework,
    "FRAMEWORK_AGREEMENT": _framework,
    "NOTICE_INVOLVES": _notice_involves,
    "NOTICE_INVOLVES_DESC": _notice_involves,
    "NOTICE_INVOLVES_DEFENCE": _notice_involves,
    "NOTICE_INVOLVES_DESC_DEFENCE": _notice_involves,
    "NOTICE_INVOLVES_PERIODIC_INDICATIVE": _notice_involves,
    "OBJECT_CONTRACT_PERIODIC_INDICATIVE": _object,
    "OBJECT_SUPPLY_SERVICE_PRIOR_INFORMATION": _object,
    "OBJECT_WORKS_PRIOR_INFORMATION": _object,
    "OBJECT_WORKS_SUPPLIES_SERVICES_PRIOR_INFORMATION": _object,
    "ANNEX_B": _lot,
    "ANNEX_B_INFORMATION_LOTS_PERIODIC_INDICATIVE": _lot,
    "LOT_PRIOR_INFORMATION": _lot,
    "LOT_NUMBER": _lot_number,
    "LOT_TITLE": _of_lot(column("title", text_of)),
    "LOT_DESCRIPTION": _of_lot(column("description", text_of)),
    "DAYS": _duration("DAY"),
    "MONTHS": _duration("MONTH"),
    "DURATION_FRAMEWORK_MONTH": _duration("MONTH"),
    "DURATION_FRAMEWORK_YEAR": _duration("YEAR"),
    "START_DATE": _of_object(first("start_date", day_of)),
    "END_DATE": _of_object(first("end_date", day_of)),
    "DURATION_FROM": _of_object(first("start_date", day_of)),
    "DURATION_UNTIL": _of_object(first("end_date", day_of)),
    "DURATION_INDEFINITE": _of_object(column("duration_code", lambda _: "UNLIMITED")),
    "RENEWAL_QUALIFICATION_SYSTEM": _of_object(flag("is_renewable", True)),
    "NO_RENEWAL_QUALIFICATION_SYSTEM": _of_object(flag("is_renewable", False)),
    "OPTIONS": _of_object(flag("has_options", True)),
    "NO_OPTIONS": _of_object(flag("has_options", False)),
    "RECURRENT_CONTRACT": _renewable,
    "NO_RECURRENT_CONTRACT": _of_object(flag("is_renewable", False)),
    "NUMBER_POSSIBLE_RENEWALS": _of_object(column("renewal_maximum", count_of)),
    "NUMBER_POSSIBLE_RENEWALS_RANGE_MAX": _of_object(column("renewal_maximum", count_of)),
    "RELATES_TO_EU_PROJECT_YES": _eu_project,
    "RELATES_TO_EU_PROJECT_NO": flag("is_eu_funded", False),
    "COSTS_RANGE_AND_CURRENCY": _estimate,
    "INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT": _estimate,
    "TOTAL_ESTIMATED": _framework_estimate,
    "COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE": _final_value,
    "QUANTITY_SCOPE_MOVE": _value_of_move,
    "PRICE_PAID": _price_paid,
    "PRIZE_VALUE": _prize,
    **dict.fromkeys(("NUMBER_OF_YEARS", "NUMBER_YEARS"), _periods("year")),
    **dict.fromkeys(("NUMBER_OF_MONTHS", "NUMBER_MONTHS"), _periods("month")),
    "AWARD_WITHOUT_PRIOR_PUBLICATION": _without_publication,
    "TYPE_OF_PROCEDURE_DETAIL": _procedure_detail,
    "TYPE_OF_PROCEDURE_DETAIL_FOR_ICAR": _procedure_detail,
    **dict.fromkeys(("TYPE_PROCEDURE", "TYPE_PROCEDURE_OPEN"), _type_of_procedure),
    **dict.fromkeys(("OPEN_CONTEST", "RESTRICTED_CONTEST"), _type_of_procedure),
    "NOTICE_CALL_COMPETITION": _call("pin-cfc-standard", "competition"),
    "NOTICE_TIME_LIMITS_RECEIPT_TENDERS": _call("pin-rtl", "planning"),
    "IS_ELECTRONIC_AUCTION_USABLE": _auction,
    "ELECTRONIC_AUCTION": flag("is_electronic_auction", True),
    "USE_ELECTRONIC_AUCTION": flag("is_electronic_auction", True),
    "NO_ELECTRONIC_AUCTION": flag("is_electronic_auction", False),
    "NO_USE_ELECTRONIC_AUCTION": flag("is_electronic_auction", False),
    "ACCEPTED_VARIANTS": _variants,
    "LANGUAGE": _language,
    "CONDITIONS_FOR_OPENING_TENDERS": _opening,
    "PERIOD_DAY": _validity("DAY"),
    "PERIOD_MONTH": _validity("MONTH"),
    "RECURRENT_PROCUREMENT": flag("is_recurrent", True),
    "NO_RECURRENT_PROCUREMENT": flag("is_recurrent", False),
    "SINGLE_OPERATOR": column("framework_max_participants", lambda _: 1),
    "MAX_NUMBER_PARTICIPANTS": column("framework_max_participants", count_of),
    "OPE_ENVISAGED_NUMBER": _candidates,
    "OPE_MINIMUM_NUMBER": column("candidates_min", count_of),
    "OPE_MAXIMUM_NUMBER": column("candidates_max", count_of),
    "MIN_PARTICIPANTS_NUMBER": column("candidates_min", count_of),
    "MAX_PARTICIPANTS_NUMBER": column("candidates_max", count_of),
    "DIV_INTO_LOT_YES": _lot_rule,
    "RECEIPT_LIMIT_DATE": _deadline,
    "TIME_LIMIT_CHP": _deadline,
    "TIME_LIMIT_TYPE": _deadline_type,
    "DATE_LIMIT_RECEIPT_APPLICATION": _other_deadline,
    "DATE_LIMIT_RECEIPT_INTEREST": _other_deadline,
    "NOTICE_DISPATCH_DATE": _dispatched,
    "NOTICE_NUMBER_OJ": previous,
    "LOWEST_PRICE": _lowest_price,
    "PRICE_AWARD_CRITERIA": _price_criterion,
    "CRITERIA_EVALUATION_PROJECTS": _criteria_text,
    "AWARD_CRITERIA_CONCESSION": _criteria_text,
    "AWARD_CRITERIA_CONTRACT_CONCESSIONAIRE": _criteria_text,
    "AWARD_CRITERIA_DETAIL": _criteria_text,
    "CRITERIA_DEFINITION": criterion(is_named=True),
    "AWARD_OF_CONTRACT": _award,
    "AWARD_OF_CONTRACT_DEFENCE": _award,
    "AWARD_AND_CONTRACT_VALUE": _award,
    "AWARD_CONTRACT_MOVE": _award,
    "RESULT_CONTEST": _award,
    "CONTRACT_NUMBER": of_contract(column("contract_number", text_of)),
    "CONTRACT_NO": of_contract(column("contract_number", text_of)),
    "CONTEST_NUMBER": of_contract(column("contract_number", text_of)),
    "CONTRACT_TITLE": of_contract(column("contract_title", text_of)),
    "CONTEST_TITLE": of_contract(column("contract_title", text_of)),
    "CONTRACT_AWARD_DATE": of_contract(column("award_date", day_of)),
    "DATE_OF_CONTRACT_AWARD": of_contract(column("award_date", day_of)),
    "OFFERS_RECEIVED_NUMBER": of_result(column("tenders_received", count_of)),
    "OFFERS_RECEIVED_NUMBER_MEANING": of_result(column("tenders_electronic", count_of)),
    "NUMBER_OF_OFFERS_RECEIVED": of_result(column("tenders_received", count_of)),
    "NUMBER_PARTICIPANTS": _participants("framework_max_participants"),
    "PARTICIPANTS_NUMBER": _participants("candidates_min", "candidates_max"),
    "FOREIGN_PARTICIPANTS_NUMBER": of_result(column("tenders_other_eu", count_of)),
    "CONTRACT_LIKELY_SUB_CONTRACTED": _subcontracted(True),
    "CONTRACT_LIKELY_SUB_CONTRACTED_WITH_DEFENCE": _subcontracted(True),
    "CONTRACT_LIKELY_SUB_CONTRACTED_MOVE": _subcontracted(True),
    "NO_CONTRACT_LIKELY_SUB_CONTRACTED": _subcontracted(False),
    "EXCLUDING_VAT_VALUE": _subcontracting_value,
    "EXCLUDING_VAT_PRCT": _subcontracting_percent,
    "ADD": _correction,
    "DELETE": _correction,
    "REPLACE": _correction,
    "OTHER_ADDITIONAL_INFO": _correction_text,
    "MODIFICATION_ORIGINAL": _correction_reason,
    "PUBLICATION_TED": _correction_reason,
    "INCOMPLETE_REASON": _incomplete,
}
# The section of legal, economic, financial and technical information is long, and nearly all prose.
_CONDITIONS: Readers = Readers(
    {
        "RESTRICTED_TO_SHELTERED_WORKSHOPS": _reserved,
        "RESTRICTED_TO_FRAMEWORK": column("reserved_execution", lambda _: "yes"),
        "DEPOSITS_GUARANTEES_REQUIRED": says_something("is_guarantee_required"),
    },
    lambda name: _CONDITIONS.group if "CONDITIONS" in name else None,
    groups=("RESERVED_CONTRACTS",),
)
# Sections that nothing reads.
_UNREAD = frozenset(
    (
        "ADDR_CORR",
        "INFORMATION_REGULATORY_FRAMEWORK",
        "CONDITIONS_OBTAINING_SPECIFICATIONS",
        "MANDATORY_INFORMATION_NOT_INTENDED_PUBLICATION",
    )
)


def _plain(name: str) -> str:
    """A name without the form's number: `F03_FRAMEWORK` is `FRAMEWORK`."""
    is_numbered = len(name) > 4 and name[0] == "F" and name[3] == "_" and name[1:3].isdecimal()
    return name[4:] if is_numbered else name


def _by_plain_name(name: str) -> Reader | None:
    """Reader of a name that no rule has as it is; what no rule knows at all is walked through."""
    name = _plain(name).replace("DEFENSE", "DEFENCE")  # as R2.0.8.S01 spells it
    if name.startswith("PT_"):
        return _procedure_type
    if "LEFTI" in name:
        return _CONDITIONS.group
    if name in _UNREAD or name == "P":
        return None
    return _BY_NAME.get(name, _walk)


_READERS: Readers = Readers(_BY_NAME, _by_plain_name)
