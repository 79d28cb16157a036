"""An award block of any version: one outcome, and where something was awarded its tender, contract and winners."""

from collections.abc import Callable
from functools import partial

from lxml.etree import _Element as Element

from runtime.extract.notice import Row
from runtime.extract.ted_export.fields import Reader
from runtime.extract.ted_export.state import Award, State
from runtime.extract.ted_export.xml import flat_text
from runtime.extract.values import is_nobody, is_token


def in_award(reader: Callable[[State, Award, Element], None]) -> Reader:
    """Reader of the award block that is being read; outside of one there is nothing to read."""

    def into(state: State, row: Row, element: Element) -> None:
        if state.award is not None:
            reader(state, state.award, element)

    return into


def _of_award(part: str, reader: Reader) -> Reader:
    def into(state: State, row: Row, element: Element) -> None:
        award = state.award
        if award is not None and not award.is_withheld:
            reader(state, getattr(award, part), element)

    return into


# Readers into a row of the award block that is being read; a part that is not for publication is left out.
of_result = partial(_of_award, "result")
of_contract = partial(_of_award, "contract")
of_tender = partial(_of_award, "tender")


@in_award
def award_lots(state: State, award: Award, element: Element) -> None:
    """Reader of the lots that an award block is about."""
    award.result["lot_ids"] = state.lots_named(flat_text(element))


def give_value(contract: Row, tender: Row) -> None:
    """Give the winning tender its contract's value, and tell of both what it is worth."""
    value = str(contract["value"])
    contract["is_value_token"] = tender["is_value_token"] = is_token(value)
    tender["value"], tender["value_currency"] = value, contract.get("value_currency")
    contract.setdefault("is_value_withheld", False)
    tender["is_value_withheld"] = contract["is_value_withheld"]


def add_award(state: State, award: Award) -> None:
    """Add the rows of an award block; the winning tender has the contract's value."""
    result, contract, tender = award.result, award.contract, award.tender
    nobody = [winner for winner in award.winners if is_nobody(winner.get("name"))]
    if nobody:  # the name says that there is no winner
        award.winners = [winner for winner in award.winners if winner not in nobody]
        state.notice.warnings += [f"no-award {winner['name']}" for winner in nobody]
        award.is_awarded = bool(award.winners)
    if award.is_awarded is not None:
        result["status"] = "selec-w" if award.is_awarded else "clos-nw"
    tender["result_ordinal"] = contract["result_ordinal"] = state.notice.add("lot_results", result)
    if not award.is_awarded:
        return
    if contract.get("value") is not None:
        give_value(contract, tender)
    elif contract.get("value_low") is not None:
        contract.setdefault("is_value_withheld", False)
    tender["is_value_withheld"] = contract.get("is_value_withheld")
    tender["lot_ids"] = contract["lot_ids"] = result.get("lot_ids")
    tender["is_winner"] = True
    if "subcontracting_value" in tender or "subcontracting_percent" in tender:
        tender["is_subcontracted"] = True
    contract["tender_ordinal"] = state.notice.add("tenders", tender)
    contract_ordinal = state.notice.add("contracts", contract)
    for winner in award.winners:
        winner["contract_ordinal"], winner["tender_ordinal"] = contract_ordinal, contract["tender_ordinal"]
        state.party(winner)
    for other in award.others:
        state.party(other)
