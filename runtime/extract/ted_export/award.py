"""An award block of any version: one outcome, and where something was awarded its tender, contract and winners."""

from dataclasses import dataclass, field

from runtime.extract.notice import Row
from runtime.extract.ted_export.draft import Draft
from runtime.extract.values import is_token


@dataclass(slots=True)
class Award:
    """The rows of an award block while it is read.

    Attributes
    ----------
    others : parties that are not winners, such as those who own one
    is_awarded : None where the block does not say
    is_withheld : the part that is being read is not for publication
    """

    result: Row = field(default_factory=dict)
    contract: Row = field(default_factory=dict)
    tender: Row = field(default_factory=dict)
    winners: list[Row] = field(default_factory=list)
    others: list[Row] = field(default_factory=list)
    is_awarded: bool | None = None
    is_withheld: bool = False


def add_award(draft: Draft, award: Award) -> None:
    """Add the rows of an award block; the winning tender has the contract's value."""
    result, contract, tender = award.result, award.contract, award.tender
    if award.is_awarded is not None:
        result["status"] = "selec-w" if award.is_awarded else "clos-nw"
    result_ordinal = draft.add("lot_results", "result_ordinal", result)
    if not award.is_awarded:
        return
    value = contract.get("value")
    if isinstance(value, str):
        contract["is_value_token"] = tender["is_value_token"] = is_token(value)
        tender["value"] = value
        tender["value_currency"] = contract.get("value_currency")
        contract.setdefault("is_value_withheld", False)
    elif contract.get("value_low") is not None:
        contract.setdefault("is_value_withheld", False)
    tender["is_value_withheld"] = contract.get("is_value_withheld")
    tender["result_ordinal"] = contract["result_ordinal"] = result_ordinal
    tender["lot_ids"] = contract["lot_ids"] = result.get("lot_ids")
    tender["is_winner"] = True
    if "subcontracting_value" in tender or "subcontracting_percent" in tender:
        tender["is_subcontracted"] = True
    tender_ordinal = draft.add("tenders", "tender_ordinal", tender)
    contract["tender_ordinal"] = tender_ordinal
    contract_ordinal = draft.add("contracts", "contract_ordinal", contract)
    for winner in award.winners:
        winner["contract_ordinal"] = contract_ordinal
        winner["tender_ordinal"] = tender_ordinal
        draft.party(winner)
    for party in award.others:
        draft.party(party)
