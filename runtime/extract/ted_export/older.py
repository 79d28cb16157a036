"""Forms of R2.0.7 and R2.0.8: civil until 2016, defence (F16 to F19) until 2024.

Each form wraps the same elements in wrappers with names of its own (`DESCRIPTION_AWARD_NOTICE_INFORMATION_DEFENCE`).
So elements are recognised by name wherever they stand, and unknown ones are only walked through; `F03_` and the like
in front of a name is left out. Lots, awards and addresses are read by readers of their own, which fill their own row.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from runtime.extract.notice import Row
from runtime.extract.ted_export.award import Award, add_award
from runtime.extract.ted_export.draft import Draft, append, local_amount, unique, weigh
from runtime.extract.ted_export.xml import NAMES, attribute, children, flat_text, text_of
from runtime.extract.values import amount, day, time_of_day, whole
from runtime.schema.codes.ted_export import (
    CONTRACT_NATURES,
    CORRECTION_REASONS,
    LEGAL_TYPES,
    MAIN_ACTIVITIES,
    PROCEDURE_TYPES,
)


class _Names(dict[Any, str]):
    """Local name by tag, without the form's number: `F03_FRAMEWORK` is `FRAMEWORK`."""

    def __missing__(self, tag: object) -> str:
        name = NAMES[tag]
        if len(name) > 4 and name[0] == "F" and name[3] == "_" and name[1:3].isdecimal():
            name = name[4:]
        if len(self) >= 20_000:
            self.clear()
        self[tag] = name
        return name


_NAMES = _Names()


@dataclass(slots=True)
class _Form:
    """A form while it is read.

    Attributes
    ----------
    whole : what the form says of the contract as a whole, in columns of `lots`
    lot, award : row or award block that is being read
    framework : estimated total of a framework agreement
    quantity : quantity or scope of the whole
    reason : why the original notice is corrected
    """

    draft: Draft
    whole: Row = field(default_factory=dict)
    lot: Row | None = None
    award: Award | None = None
    framework: Row | None = None
    quantity: str | None = None
    reason: str | None = None

    @property
    def object(self) -> Row:
        """Row that describes what is bought: the lot's, else the whole's."""
        return self.whole if self.lot is None else self.lot


Reader = Callable[[_Form, etree._Element], None]

# Terms of the notice, and of the whole contract, that hold for each lot which does not say otherwise.
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
_PERIOD = frozenset(("duration_value", "duration_unit", "start_date", "end_date"))
_OBJECT_TERMS = (*sorted(_PERIOD), "nuts_codes", "has_options", "is_renewable")


def read_older(draft: Draft, form: etree._Element) -> None:
    """Read the original form of R2.0.7 or R2.0.8."""
    state = _Form(draft)
    for element in form:
        nature = attribute(element, "CTYPE")
        if nature:
            state.whole["contract_nature"] = CONTRACT_NATURES.get(nature)
        _walk(state, element)
    row, found = draft.notice.row, state.whole
    unique(found, "nuts_codes", "cpv_additional")
    for change in draft.notice.children.get("changes", ()):
        change["reason_code"] = state.reason
    for column in ("cpv_main", "nuts_codes", "contract_nature", "is_eu_funded", "is_framework", "is_dps"):
        if found.get(column) is not None:
            row.setdefault(column, found[column])
    if row.get("description") is None:
        row["description"] = state.quantity
    estimate = found if found.get("estimated_value") is not None else state.framework
    if estimate and estimate.get("estimated_value") is not None:
        row["estimated_value"] = estimate["estimated_value"]
        row["estimated_value_currency"] = estimate.get("estimated_value_currency")
    if draft.form_type in ("planning", "competition") and "lots" not in draft.notice.children:
        # As in R2.0.9, a form without a division into lots is one lot. Award notices never describe lots.
        found["lot_kind"] = "lot"
        found["description"] = state.quantity
        found["contract_nature"] = row.get("contract_nature")
        found["cpv_main"] = row.get("cpv_main")
        draft.add("lots", "lot_ordinal", found)
    terms = {column: row[column] for column in _LOT_TERMS if row.get(column) is not None}
    whole_terms = {column: found[column] for column in _OBJECT_TERMS if found.get(column) is not None}
    for lot in draft.notice.children.get("lots", ()):
        lot.update(terms)
        if any(lot.get(column) for column in _PERIOD):
            lot.update({column: whole_terms[column] for column in whole_terms if column not in _PERIOD | lot.keys()})
        else:
            lot.update({column: value for column, value in whole_terms.items() if lot.get(column) is None})


def _walk(state: _Form, parent: etree._Element) -> None:
    for element in children(parent):
        name = _NAMES[element.tag]
        reader = _READERS.get(name)
        if reader is not None:
            reader(state, element)
        elif name.startswith("PT_"):
            _procedure_type(state, name, element)
        elif len(element) and not name.startswith("LEFTI") and name != "P":
            _walk(state, element)


def _skip(state: _Form, element: etree._Element) -> None:
    """Sections that nothing reads."""


# ---- addresses --------------------------------------------------------------------------------------------------


_CONTACT_LINES = {
    "OFFICIALNAME": "name",
    "ADDRESS": "street",
    "TOWN": "town",
    "POSTAL_CODE": "postcode",
    "URL": "website",
    "URL_GENERAL": "website",
}


def _fill_contact(draft: Draft, row: Row, parent: etree._Element) -> None:
    for element in parent:
        name = _NAMES[element.tag]
        if name == "ORGANISATION" and not len(element):  # R2.0.7: the name is the text
            row.setdefault("name", flat_text(element))
        elif name in _CONTACT_LINES:
            row.setdefault(_CONTACT_LINES[name], flat_text(element))
        elif name == "NATIONALID":
            draft.national_id(row, flat_text(element))
        elif name == "COUNTRY":
            row.setdefault("country", draft.country(attribute(element, "VALUE")))
        elif name == "NUTS":
            row.setdefault("nuts_code", attribute(element, "CODE"))
        elif len(element) and name != "P":
            _fill_contact(draft, row, element)


def _contact(role: str) -> Reader:
    """Reader of an address block for a role; a block without a name (`IDEM`) is none."""

    def read(state: _Form, element: etree._Element) -> None:
        row: Row = {"role": role}
        _fill_contact(state.draft, row, element)
        if row.get("name"):
            state.draft.party(row)

    return read


def _winner(state: _Form, element: etree._Element) -> None:
    if state.award is None:
        return
    row: Row = {"role": "prize-winner" if state.draft.form == "F13" else "winner"}
    _fill_contact(state.draft, row, element)
    if row.get("name"):
        state.award.winners.append(row)


def _website(state: _Form, element: etree._Element) -> None:
    if state.draft.buyer:
        state.draft.buyer.setdefault("website", flat_text(element))


def _legal_type(state: _Form, element: etree._Element) -> None:
    if attribute(element, "VALUE") != "OTHER":
        code = state.draft.notice.code("legal_type", attribute(element, "VALUE"), LEGAL_TYPES)
        state.draft.buyer.setdefault("legal_type", code)


def _main_activity(state: _Form, element: etree._Element) -> None:
    if attribute(element, "VALUE") != "OTHER":
        code = state.draft.notice.code("main_activity", attribute(element, "VALUE"), MAIN_ACTIVITIES)
        state.draft.buyer.setdefault("main_activity", code)


def _on_behalf(state: _Form, element: etree._Element) -> None:
    state.draft.notice.row["is_joint_procurement"] = True
    _walk(state, element)


# ---- object -----------------------------------------------------------------------------------------------------


def _title(state: _Form, element: etree._Element) -> None:
    if state.award is not None:  # F06 names the contract's title like the notice's
        state.award.contract.setdefault("contract_title", text_of(element))
    else:
        _say(state, "title", text_of(element))


def _description(state: _Form, element: etree._Element) -> None:
    if all(NAMES[each.tag] in ("P", "FT", "") for each in element):
        _say(state, "description", text_of(element))
    else:
        _walk(state, element)


def _say(state: _Form, column: str, text: str | None) -> None:
    """Set a text of the notice, and of the lot where a lot is described; the first is kept."""
    state.draft.notice.row.setdefault(column, text)
    if state.lot is not None:
        state.lot.setdefault(column, text)


def _quantity(state: _Form, element: etree._Element) -> None:
    if state.lot is not None:
        if state.lot.get("description") is None:
            state.lot["description"] = text_of(element)
    elif state.quantity is None:
        state.quantity = text_of(element)


def _reference(state: _Form, element: etree._Element) -> None:
    state.draft.notice.row.setdefault("reference_number", text_of(element))


def _nature(state: _Form, element: etree._Element) -> None:
    published = attribute(element, "VALUE") or attribute(element, "CTYPE")
    state.whole["contract_nature"] = state.draft.notice.code("contract_nature", published, CONTRACT_NATURES)


def _cpv_main(state: _Form, element: etree._Element) -> None:
    for each in element:
        if _NAMES[each.tag] == "CPV_CODE":
            state.object.setdefault("cpv_main", attribute(each, "CODE"))


def _cpv_additional(state: _Form, element: etree._Element) -> None:
    for each in element:
        if _NAMES[each.tag] == "CPV_CODE":
            append(state.object, "cpv_additional", attribute(each, "CODE"))


def _nuts(state: _Form, element: etree._Element) -> None:
    append(state.object, "nuts_codes", attribute(element, "CODE"))


def _flag(column: str, value: bool) -> Reader:
    def read(state: _Form, element: etree._Element) -> None:
        state.draft.notice.row[column] = value

    return read


def _object_flag(column: str, value: bool) -> Reader:
    def read(state: _Form, element: etree._Element) -> None:
        state.object[column] = value
        if column == "is_framework" and state.award is not None:
            state.award.contract[column] = value

    return read


def _yes_no(column: str) -> Reader:
    def read(state: _Form, element: etree._Element) -> None:
        value = attribute(element, "VALUE")
        if value == "YES" or value == "NO":
            state.draft.notice.row[column] = value == "YES"

    return read


def _framework(state: _Form, element: etree._Element) -> None:
    if attribute(element, "VALUE") == "NO":
        state.draft.notice.row["is_framework"] = False
        return
    state.draft.notice.row["is_framework"] = True
    _walk(state, element)


def _notice_involves(state: _Form, element: etree._Element) -> None:
    """What the notice involves, of which a framework agreement and a dynamic purchasing system have columns."""
    row = state.draft.notice.row
    told = [attribute(element, "VALUE") or "", *(NAMES[each.tag] for each in element)]
    row["is_framework"] = any("FRAMEWORK" in each for each in told)
    row["is_dps"] = any("DYNAMIC" in each or "DPS" in each for each in told)
    _walk(state, element)


def _lot(state: _Form, element: etree._Element) -> None:
    row: Row = {"lot_kind": "lot"}
    outer, state.lot = state.lot, row
    lots = len(state.draft.notice.children.get("lots", ()))
    _walk(state, element)
    state.lot = outer
    if len(state.draft.notice.children.get("lots", ())) > lots:
        return  # an object with lots of its own
    unique(row, "nuts_codes", "cpv_additional")
    state.draft.add("lots", "lot_ordinal", row)
    if isinstance(row.get("lot_id"), str):
        state.draft.lot_ids.add(str(row["lot_id"]))


def _object(state: _Form, element: etree._Element) -> None:
    """An object of a prior information notice: a lot where there are several, else the whole."""
    twins = (element.getprevious(), element.getnext())
    if any(twin is not None and twin.tag == element.tag for twin in twins):
        _lot(state, element)
    else:
        _walk(state, element)


def _lot_number(state: _Form, element: etree._Element) -> None:
    number = flat_text(element)
    if state.lot is not None:
        state.lot["lot_id"] = number
    elif state.award is not None:
        state.award.result["lot_ids"] = state.draft.lots_named(number)


def _lot_text(column: str) -> Reader:
    def read(state: _Form, element: etree._Element) -> None:
        if state.lot is not None:
            state.lot[column] = text_of(element)

    return read


def _duration(unit: str) -> Reader:
    def read(state: _Form, element: etree._Element) -> None:
        value = state.draft.number(element.text, "duration")
        if value is not None:
            state.object.setdefault("duration_value", value)
            state.object.setdefault("duration_unit", unit)

    return read


def _period_date(column: str) -> Reader:
    def read(state: _Form, element: etree._Element) -> None:
        state.object.setdefault(column, _date(element)[0])

    return read


def _date(element: etree._Element) -> tuple[str | None, str | None]:
    """Date and time of day of DAY, MONTH, YEAR, TIME."""
    parts = {_NAMES[each.tag]: (each.text or "").strip() for each in element}
    year, month, date = parts.get("YEAR", ""), parts.get("MONTH", ""), parts.get("DAY", "")
    return day(f"{year}-{month.zfill(2)}-{date.zfill(2)}"), time_of_day(parts.get("TIME"))


# ---- money ------------------------------------------------------------------------------------------------------


def _amount(state: _Form, element: etree._Element) -> str | None:
    """The machine's value (`FMTVAL`) where there is one, for the text is written as in the sender's country."""
    value = amount(element.get("FMTVAL")) or local_amount(element.text)
    if value is None and element.text and element.text.strip():
        state.draft.notice.warnings.append(f"unreadable-amount {flat_text(element)}")
    return value


def _costs(state: _Form, element: etree._Element) -> Row:
    """Value, range, currency and VAT of a block of costs, in the columns of `contracts`."""
    row: Row = {"value_currency": attribute(element, "CURRENCY")}
    for each in element:
        name = _NAMES[each.tag]
        if name == "VALUE_COST":
            row["value"] = _amount(state, each)
        elif name == "RANGE_VALUE_COST":
            for bound in each:
                side = _NAMES[bound.tag]
                if side == "LOW_VALUE":
                    row["value_low"] = _amount(state, bound)
                elif side == "HIGH_VALUE":
                    row["value_high"] = _amount(state, bound)
        elif name == "EXCLUDING_VAT":
            row["is_vat_included"] = False
        elif name == "INCLUDING_VAT":
            row["is_vat_included"] = True
    return row


def _estimate(state: _Form, element: etree._Element) -> None:
    costs = _costs(state, element)
    target = state.object if state.award is None else state.award.contract
    if costs.get("value") is not None and target.get("estimated_value") is None:
        target["estimated_value"] = costs["value"]
        target["estimated_value_currency"] = costs["value_currency"]


def _framework_estimate(state: _Form, element: etree._Element) -> None:
    for each in element:
        if "COSTS_RANGE" in _NAMES[each.tag]:
            costs = _costs(state, each)
            state.framework = {
                "estimated_value": costs.get("value"),
                "estimated_value_currency": costs.get("value_currency"),
            }


def _final_value(state: _Form, element: etree._Element) -> None:
    costs = _costs(state, element)
    if state.award is not None:
        state.award.contract.update(costs)
        return
    row = state.draft.notice.row
    row["total_value"] = costs.get("value")
    row["total_value_low"], row["total_value_high"] = costs.get("value_low"), costs.get("value_high")
    if any(costs.get(column) is not None for column in ("value", "value_low", "value_high")):
        row["total_value_currency"] = costs["value_currency"]


# ---- procedure --------------------------------------------------------------------------------------------------


def _procedure_type(state: _Form, name: str, element: etree._Element) -> None:
    row = state.draft.notice.row
    row.setdefault("procedure_type", state.draft.notice.code("procedure_type", name, PROCEDURE_TYPES))
    row["is_accelerated"] = name.startswith("PT_ACCELERATED")


def _without_publication(state: _Form, element: etree._Element) -> None:
    row = state.draft.notice.row
    row.setdefault("procedure_type", PROCEDURE_TYPES["AWARD_WITHOUT_PRIOR_PUBLICATION"])


def _procedure_detail(state: _Form, element: etree._Element) -> None:
    published = attribute(element, "VALUE")
    if published:
        row = state.draft.notice.row
        row.setdefault("procedure_type", state.draft.notice.code("procedure_type", published, PROCEDURE_TYPES))
        row["is_accelerated"] = published.startswith("ACCELERATED")
    _walk(state, element)


def _auction(state: _Form, element: etree._Element) -> None:
    value = attribute(element, "VALUE")
    names = [_NAMES[each.tag] for each in element]
    if value == "YES" or "USE_ELECTRONIC_AUCTION" in names:
        state.draft.notice.row["is_electronic_auction"] = True
    elif value == "NO" or "NO_USE_ELECTRONIC_AUCTION" in names:
        state.draft.notice.row["is_electronic_auction"] = False


def _deadline(state: _Form, element: etree._Element) -> None:
    row = state.draft.notice.row
    row["submission_deadline_date"], row["submission_deadline_time"] = _date(element)


def _dispatched(state: _Form, element: etree._Element) -> None:
    row = state.draft.notice.row
    row["dispatch_date"] = _date(element)[0] or row.get("dispatch_date")


def _previous(state: _Form, element: etree._Element) -> None:
    state.draft.previous(flat_text(element))


def _lowest_price(state: _Form, element: etree._Element) -> None:
    state.draft.add("criteria", "criterion_ordinal", {"kind": "price"})


def _criterion(state: _Form, element: etree._Element) -> None:
    """A criterion of the most economically advantageous tender: the form does not say of which kind it is."""
    row: Row = {}
    for each in element:
        name = _NAMES[each.tag]
        if name == "CRITERIA":
            row["name"] = text_of(each)
        elif name == "WEIGHTING":
            weigh(row, flat_text(each))
    if row.get("name") or row.get("weight_text"):  # blank lines of the form are published too
        state.draft.add("criteria", "criterion_ordinal", row)


# ---- awards -----------------------------------------------------------------------------------------------------


def _award(state: _Form, element: etree._Element) -> None:
    award = Award()
    state.award = award
    _walk(state, element)
    state.award = None
    # The form cannot say that nothing was awarded; a block with neither winner, value nor contract says nothing.
    known = award.winners or any(award.contract.get(column) for column in ("value", "value_low", "contract_number"))
    award.is_awarded = True if known else None
    if "is_framework" in state.draft.notice.row:
        award.contract.setdefault("is_framework", state.draft.notice.row["is_framework"])
    if len(award.winners) > 1:
        award.contract.setdefault("is_awarded_to_group", True)
    add_award(state.draft, award)


def _award_text(column: str) -> Reader:
    def read(state: _Form, element: etree._Element) -> None:
        if state.award is not None:
            state.award.contract[column] = text_of(element)

    return read


def _award_date(state: _Form, element: etree._Element) -> None:
    if state.award is not None:
        state.award.contract["award_date"] = _date(element)[0]


def _count(column: str) -> Reader:
    def read(state: _Form, element: etree._Element) -> None:
        if state.award is not None:
            state.award.result[column] = whole(element.text)

    return read


def _subcontracted(value: bool) -> Reader:
    def read(state: _Form, element: etree._Element) -> None:
        if state.award is not None:
            state.award.tender["is_subcontracted"] = value
            _walk(state, element)

    return read


def _subcontracting_value(state: _Form, element: etree._Element) -> None:
    if state.award is not None:
        state.award.tender["subcontracting_value"] = _amount(state, element)
        state.award.tender["subcontracting_value_currency"] = attribute(element, "CURRENCY")


def _subcontracting_percent(state: _Form, element: etree._Element) -> None:
    if state.award is not None:
        state.award.tender["subcontracting_percent"] = state.draft.number(_amount(state, element), "percent")


# ---- corrections ------------------------------------------------------------------------------------------------


def _correction(state: _Form, element: etree._Element) -> None:
    """A text, date or code that is added, deleted or replaced (F14)."""
    row: Row = {"kind": "corrigendum"}
    for each in element:
        name = _NAMES[each.tag]
        if name == "WHERE":
            row["section"] = flat_text(each)
        elif name == "OLD_VALUE" or name == "NEW_VALUE":
            _corrected(row, name.lower(), each)
    if len(row) > 1:
        state.draft.add("changes", "change_ordinal", row)
    else:
        _walk(state, element)


def _corrected(row: Row, column: str, element: etree._Element) -> None:
    values: list[str | None] = []
    for each in element:
        name = _NAMES[each.tag]
        if name.startswith("CPV_"):
            row["value_type"] = "cpv_main" if name == "CPV_MAIN" else "cpv_additional"
            values += [attribute(code, "CODE") for code in each if _NAMES[code.tag] == "CPV_CODE"]
        elif name.startswith("DATE"):
            row["value_type"] = "date"
            values += _date(each)
        elif name:
            row["value_type"] = "text"
            values.append(text_of(each) or attribute(each, "CODE"))
    row[column] = " ".join(filter(None, values)) or (text_of(element) if not values else None)


def _correction_text(state: _Form, element: etree._Element) -> None:
    text = text_of(element)
    if text:
        state.draft.add("changes", "change_ordinal", {"kind": "corrigendum", "description": text})


def _correction_reason(state: _Form, element: etree._Element) -> None:
    state.reason = CORRECTION_REASONS.get(_NAMES[element.tag])


_READERS: dict[str, Reader] = {
    "CA_CE_CONCESSIONAIRE_PROFILE": _contact("buyer"),
    "CONTACT_DATA_OTHER_BEHALF_CONTRACTING_AUTORITHY": _contact("buyer"),
    "FURTHER_INFORMATION": _contact("further-information"),
    "SPECIFICATIONS_AND_ADDITIONAL_DOCUMENTS": _contact("document-provider"),
    "TENDERS_REQUESTS_APPLICATIONS_MUST_BE_SENT_TO": _contact("tender-recipient"),
    "APPEAL_PROCEDURE_BODY_RESPONSIBLE": _contact("review-body"),
    "RESPONSIBLE_FOR_APPEAL_PROCEDURES": _contact("review-body"),
    "MEDIATION_PROCEDURE_BODY_RESPONSIBLE": _contact("mediator"),
    "RESPONSIBLE_FOR_MEDIATION_PROCEDURES": _contact("mediator"),
    "LODGING_INFORMATION_FOR_SERVICE": _contact("review-information"),
    "SERVICE_FROM_INFORMATION": _contact("review-information"),
    "ECONOMIC_OPERATOR_NAME_ADDRESS": _winner,
    "NAME_ADDRESS_WINNER": _winner,
    "CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME": _winner,
    "URL_GENERAL": _website,
    "TYPE_OF_CONTRACTING_AUTHORITY": _legal_type,
    "TYPE_OF_ACTIVITY": _main_activity,
    "ACTIVITY_OF_CONTRACTING_ENTITY": _main_activity,
    "PURCHASING_ON_BEHALF_YES": _on_behalf,
    "PURCHASING_ON_BEHALF_NO": _flag("is_joint_procurement", False),
    "TITLE_CONTRACT": _title,
    "TITLE_QUALIFICATION_SYSTEM": _title,
    "TITLE_DESIGN_CONTACT_NOTICE": _title,
    "TITLE_NOTICE_BUYER_PROFILE": _title,
    "TITLE_DESIGN_CONTEST": _title,
    "SHORT_CONTRACT_DESCRIPTION": _description,
    "SHORT_DESCRIPTION": _description,
    "SHORT_DESCRIPTION_CONTRACT": _description,
    "DESCRIPTION_OF_CONTRACT": _description,
    "DESCRIPTION": _description,
    "TOTAL_QUANTITY_OR_SCOPE": _quantity,
    "FILE_REFERENCE_NUMBER": _reference,
    "REFERENCE_NUMBER_ATTRIBUTED": _reference,
    "TYPE_CONTRACT": _nature,
    "CPV_MAIN": _cpv_main,
    "CPV_ADDITIONAL": _cpv_additional,
    "NUTS": _nuts,
    "CONTRACT_COVERED_GPA": _yes_no("is_gpa_covered"),
    "FRAMEWORK": _framework,
    "FRAMEWORK_AGREEMENT": _framework,
    "NOTICE_INVOLVES": _notice_involves,
    "NOTICE_INVOLVES_DESC": _notice_involves,
    "NOTICE_INVOLVES_DEFENCE": _notice_involves,
    "NOTICE_INVOLVES_DESC_DEFENCE": _notice_involves,
    "OBJECT_CONTRACT_PERIODIC_INDICATIVE": _object,
    "OBJECT_SUPPLY_SERVICE_PRIOR_INFORMATION": _object,
    "OBJECT_WORKS_PRIOR_INFORMATION": _object,
    "OBJECT_WORKS_SUPPLIES_SERVICES_PRIOR_INFORMATION": _object,
    "ANNEX_B": _lot,
    "ANNEX_B_INFORMATION_LOTS_PERIODIC_INDICATIVE": _lot,
    "LOT_PRIOR_INFORMATION": _lot,
    "LOT_NUMBER": _lot_number,
    "LOT_TITLE": _lot_text("title"),
    "LOT_DESCRIPTION": _lot_text("description"),
    "DAYS": _duration("DAY"),
    "MONTHS": _duration("MONTH"),
    "DURATION_FRAMEWORK_MONTH": _duration("MONTH"),
    "DURATION_FRAMEWORK_YEAR": _duration("YEAR"),
    "START_DATE": _period_date("start_date"),
    "END_DATE": _period_date("end_date"),
    "OPTIONS": _object_flag("has_options", True),
    "NO_OPTIONS": _object_flag("has_options", False),
    "RECURRENT_CONTRACT": _object_flag("is_renewable", True),
    "NO_RECURRENT_CONTRACT": _object_flag("is_renewable", False),
    "RELATES_TO_EU_PROJECT_YES": _flag("is_eu_funded", True),
    "RELATES_TO_EU_PROJECT_NO": _flag("is_eu_funded", False),
    "COSTS_RANGE_AND_CURRENCY": _estimate,
    "INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT": _estimate,
    "TOTAL_ESTIMATED": _framework_estimate,
    "COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE": _final_value,
    "AWARD_WITHOUT_PRIOR_PUBLICATION": _without_publication,
    "TYPE_OF_PROCEDURE_DETAIL": _procedure_detail,
    "TYPE_OF_PROCEDURE_DETAIL_FOR_ICAR": _procedure_detail,
    "IS_ELECTRONIC_AUCTION_USABLE": _auction,
    "RECEIPT_LIMIT_DATE": _deadline,
    "NOTICE_DISPATCH_DATE": _dispatched,
    "NOTICE_NUMBER_OJ": _previous,
    "LOWEST_PRICE": _lowest_price,
    "CRITERIA_DEFINITION": _criterion,
    "AWARD_OF_CONTRACT": _award,
    "AWARD_OF_CONTRACT_DEFENCE": _award,
    "AWARD_AND_CONTRACT_VALUE": _award,
    "RESULT_CONTEST": _award,
    "CONTRACT_NUMBER": _award_text("contract_number"),
    "CONTRACT_TITLE": _award_text("contract_title"),
    "CONTRACT_AWARD_DATE": _award_date,
    "DATE_OF_CONTRACT_AWARD": _award_date,
    "OFFERS_RECEIVED_NUMBER": _count("tenders_received"),
    "OFFERS_RECEIVED_NUMBER_MEANING": _count("tenders_electronic"),
    "NUMBER_PARTICIPANTS": _count("tenders_received"),
    "CONTRACT_LIKELY_SUB_CONTRACTED": _subcontracted(True),
    "CONTRACT_LIKELY_SUB_CONTRACTED_WITH_DEFENCE": _subcontracted(True),
    "NO_CONTRACT_LIKELY_SUB_CONTRACTED": _subcontracted(False),
    "EXCLUDING_VAT_VALUE": _subcontracting_value,
    "EXCLUDING_VAT_PRCT": _subcontracting_percent,
    "ADD": _correction,
    "DELETE": _correction,
    "REPLACE": _correction,
    "OTHER_ADDITIONAL_INFO": _correction_text,
    "MODIFICATION_ORIGINAL": _correction_reason,
    "PUBLICATION_TED": _correction_reason,
    "ADDR_CORR": _skip,
    "ANNEX_D": _skip,
    "ANNEX_D1": _skip,
    "ANNEX_D_F15": _skip,
    "LANGUAGE": _skip,
    "INFORMATION_REGULATORY_FRAMEWORK": _skip,
    "CONDITIONS_FOR_OPENING_TENDERS": _skip,
    "CONDITIONS_OBTAINING_SPECIFICATIONS": _skip,
    "TYPE_CONTRACT_LOCATION_W_PUB_ANNEX": _skip,
    "RECURRENT_PROCUREMENT": _skip,
}
