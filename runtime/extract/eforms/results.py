"""Outcomes, tenders, contracts and who tendered: LotResult -> LotTender -> TenderingParty -> Organization."""

from dataclasses import dataclass, field

from lxml import etree

from runtime.extract.eforms.organisations import Organisations
from runtime.extract.eforms.shapes import (
    CONTRACT,
    GROUP_FRAMEWORK,
    LOT_RESULT,
    STATISTICS,
    TENDER,
    TENDERER,
    TENDERING_PARTY,
)
from runtime.extract.eforms.tree import MASKED, Found, content, date, first, flag, gather, money, original, texts
from runtime.extract.notice import Notice, Row
from runtime.extract.values import amount, is_token, whole
from runtime.schema.codes import eforms as codes

_COUNTS = {
    "tenders": "tenders_received",
    "t-esubm": "tenders_electronic",
    "t-sme": "tenders_sme",
    "t-oth-eea": "tenders_other_eu",
    "t-no-eea": "tenders_non_eu",
}
_SUBCONTRACTED = {"yes": True, "no": False}
_VALUE_PRIVACY = "win-ten-val"  # Code of the unpublished field BT-720 (list non-publication-identifier)


@dataclass(slots=True)
class _Tender:
    row: Row
    party: str | None
    lots: list[str]
    found: Found


@dataclass(slots=True)
class _Contract:
    found: Found
    tenders: list[str]
    is_told: bool = False  # has rows


@dataclass(slots=True)
class _Outcome:
    ordinal: int
    lots: list[str]
    status: str | None
    tenders: list[str]
    contracts: list[str]


@dataclass(slots=True)
class Result:
    """What a notice result says, read in order: parties, tenders, contracts, outcomes.

    Attributes
    ----------
    maxima : maximum value and currency of the framework agreement by lot
    previous : earlier notices that contracts cite
    paid : tenders with what was paid in the end (voluntary form E5)
    """

    notice: Notice
    organisations: Organisations
    maxima: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    previous: list[str] = field(default_factory=list)
    paid: list[tuple[Row, Found]] = field(default_factory=list)
    _parties: dict[str, tuple[list[etree._Element], list[etree._Element]]] = field(default_factory=dict)
    _tenders: dict[str, _Tender] = field(default_factory=dict)
    _contracts: dict[str, _Contract] = field(default_factory=dict)
    _outcomes: list[_Outcome] = field(default_factory=list)

    def read(self, found: Found) -> None:
        """Append the rows of lot_results, tenders, contracts and of the parties that tendered."""
        for element in found.get("TenderingParty", ()):
            self._read_party(element)
        for element in found.get("LotTender", ()):
            self._read_tender(element)
        for element in found.get("SettledContract", ()):
            self._read_contract(element)
        for ordinal, element in enumerate(found.get("LotResult", ()), 1):
            self._read_outcome(ordinal, element)
        for element in found.get("GroupFramework", ()):
            group = gather(element, GROUP_FRAMEWORK)
            self._keep_maximum(texts(group.get("lot")), group.get("value"))
        self._write_contracts()
        self._place_tenders()
        self._write_tenderers()

    def _read_party(self, element: etree._Element) -> None:
        found = gather(element, TENDERING_PARTY)
        identifier = first(found.get("id"))
        if identifier:
            self._parties[identifier] = (found.get("tenderer", []), found.get("subcontractor", []))

    def _read_tender(self, element: etree._Element) -> None:
        found = gather(element, TENDER)
        value, currency, masked = money(found.get("value"))
        part, part_currency, _ = money(found.get("part_value"))
        percent = amount(first(found.get("part_percent")))
        rank = whole(first(found.get("rank")))
        lots = texts(found.get("lot"))
        row: Row = {
            "tender_ordinal": len(self._tenders) + 1,
            "tender_id": first(found.get("id")),
            "tender_reference": first(found.get("reference")),
            "lot_ids": lots or None,
            "tender_rank": rank or None,
            "value": value,
            "value_currency": currency,
            "is_winner": False,
            "is_variant": flag(found.get("variant")),
            "is_value_withheld": masked or (value is None and _is_private(found.get("privacy"))),
            "is_value_token": is_token(value),
            "is_subcontracted": _subcontracted(found.get("subcontracted")),
            "subcontracting_value": part,
            "subcontracting_value_currency": part_currency,
            "subcontracting_percent": None if percent == "-1" else percent,
        }
        self.notice.add("tenders", row)
        # A tender without identifier can still be counted.
        key = str(row["tender_id"] or f"\0{row['tender_ordinal']}")
        if key in self._tenders:
            self.notice.warnings.append(f"duplicate-id {key}")
            key = f"\0{row['tender_ordinal']}"
        self._tenders[key] = _Tender(row, first(found.get("party")), lots, found)
        if "paid" in found:
            self.paid.append((row, found))

    def _read_contract(self, element: etree._Element) -> None:
        found = gather(element, CONTRACT)
        key = first(found.get("id")) or f"\0{len(self._contracts)}"
        if key in self._contracts:
            self.notice.warnings.append(f"duplicate-id {key}")
            key = f"\0{len(self._contracts)}"
        self._contracts[key] = _Contract(found, texts(found.get("tender")))
        self.previous += texts(found.get("previous"))
        self.organisations.add_roles(found)

    def _read_outcome(self, ordinal: int, element: etree._Element) -> None:
        found = gather(element, LOT_RESULT)
        lots = texts(found.get("lot"))
        lowest, low_currency, _ = money(found.get("lowest"))
        highest, high_currency, _ = money(found.get("highest"))
        status = self.notice.code("status", first(found.get("status")), codes.RESULT_STATUSES)
        row: Row = {
            "result_ordinal": ordinal,
            "result_id": first(found.get("id")),
            "lot_ids": lots or None,
            "status": status,
            "non_award_reason": self.notice.code(
                "non_award_reason", first(found.get("reason")), codes.NON_AWARD_REASONS
            ),
            "lowest_tender_value": lowest,
            "highest_tender_value": highest,
            "tender_value_currency": low_currency or high_currency,
            **_counts(found.get("statistics", [])),
        }
        self.notice.add("lot_results", row)
        self.organisations.add_roles(found)
        self._keep_maximum(lots, found.get("framework_max"))
        self._outcomes.append(
            _Outcome(ordinal, lots, status, self._cited_tenders(found), texts(found.get("contract")))
        )

    def _cited_tenders(self, found: Found) -> list[str]:
        """Identifiers of an outcome's tenders; details that stand in the reference fill what the tender lacks."""
        cited = []
        for element in found.get("tender", ()):
            inner = gather(element, TENDER)
            key = first(inner.get("id"))
            if not key:
                continue
            cited.append(key)
            tender = self._tenders.get(key)
            if tender is not None and tender.row["value"] is None and "value" in inner:
                value, currency, masked = money(inner["value"])
                tender.row.update(value=value, value_currency=currency, is_value_token=is_token(value))
                if masked or value is not None:
                    tender.row["is_value_withheld"] = masked
        return list(dict.fromkeys(cited))

    def _keep_maximum(self, lots: list[str], elements: list[etree._Element] | None) -> None:
        value, currency, _ = money(elements)
        if value is not None:
            for lot in lots:
                self.maxima.setdefault(lot, (value, currency))

    def _write_contracts(self) -> None:
        cited = {key for outcome in self._outcomes for key in outcome.contracts}
        for outcome in self._outcomes:
            keys = [key for key in outcome.contracts if key in self._contracts]
            # Contracts that no outcome cites come to an outcome through their tenders.
            keys += [
                key
                for key, contract in self._contracts.items()
                if key not in cited and not set(contract.tenders).isdisjoint(outcome.tenders)
            ]
            for key in keys:
                contract = self._contracts[key]
                for tender in self._tenders_of(contract, outcome):
                    self._write_contract(contract, tender, outcome)
            if not keys and outcome.status not in ("clos-nw", "open-nw"):
                for tender in self._winners_of(outcome):
                    self._write_contract(None, tender, outcome)
        for contract in self._contracts.values():
            if not contract.is_told:
                for tender in [key for key in contract.tenders if key in self._tenders] or [None]:
                    self._write_contract(contract, tender, None)

    def _tenders_of(self, contract: _Contract, outcome: _Outcome) -> list[str | None]:
        """Tenders of a contract that belong to an outcome; a contract may span outcomes."""
        known = [key for key in contract.tenders if key in self._tenders]
        inside = [key for key in known if key in outcome.tenders]
        if not inside:
            inside = [key for key in known if not set(self._tenders[key].lots).isdisjoint(outcome.lots)]
        if not inside:
            inside = known or self._winners_of(outcome)
        return list(inside) or [None]

    def _winners_of(self, outcome: _Outcome) -> list[str]:
        """Winning tenders where no contract names them: the first in rank, all where there are no ranks."""
        known = [key for key in outcome.tenders if key in self._tenders]
        ranked = [key for key in known if self._tenders[key].row["tender_rank"] is not None]
        return [key for key in ranked if self._tenders[key].row["tender_rank"] == 1] or known

    def _write_contract(self, contract: _Contract | None, tender: str | None, outcome: _Outcome | None) -> None:
        row: Row = {
            "contract_ordinal": len(self.notice.children.get("contracts", ())) + 1,
            "result_ordinal": outcome.ordinal if outcome else None,
            "lot_ids": (outcome.lots or None) if outcome else None,
        }
        if contract is not None:
            contract.is_told = True
            found = contract.found
            row["contract_id"] = first(found.get("id"))
            row["contract_number"] = first(found.get("number"))
            row["contract_title"] = original(found.get("title"), self.organisations.language)
            row["award_date"] = date(found.get("awarded"))
            row["conclusion_date"] = date(found.get("concluded"))
            row["is_framework"] = flag(found.get("framework"))
        if tender is not None:
            won = self._tenders[tender]
            won.row["is_winner"] = True
            row["tender_ordinal"] = won.row["tender_ordinal"]
            if not row["lot_ids"]:
                row["lot_ids"] = won.lots or None
            for column in ("value", "value_currency", "is_value_withheld", "is_value_token"):
                row[column] = won.row[column]
            members = self._parties.get(won.party or "", ([], []))[0]
            row["is_awarded_to_group"] = len(members) > 1 if members else None
        self.notice.add("contracts", row)

    def _place_tenders(self) -> None:
        """Give each tender its outcome: the one that cites it, else the only one of its lot."""
        by_tender: dict[str, int] = {}
        by_lot: dict[str, list[int]] = {}
        for outcome in self._outcomes:
            for key in outcome.tenders:
                by_tender.setdefault(key, outcome.ordinal)
            for lot in outcome.lots:
                by_lot.setdefault(lot, []).append(outcome.ordinal)
        for key, tender in self._tenders.items():
            ordinal = by_tender.get(key)
            if ordinal is None and tender.lots:
                ordinals = by_lot.get(tender.lots[0], [])
                ordinal = ordinals[0] if len(ordinals) == 1 else None
            tender.row["result_ordinal"] = ordinal

    def _write_tenderers(self) -> None:
        contracts: dict[object, object] = {}
        for row in self.notice.children.get("contracts", ()):
            contracts.setdefault(row.get("tender_ordinal"), row["contract_ordinal"])
        told = set()
        for tender in self._tenders.values():
            if tender.party is None:
                continue
            told.add(tender.party)
            ordinal = tender.row["tender_ordinal"]
            self._write_members(
                tender.party,
                "winner" if tender.row["is_winner"] else "tenderer",
                {"tender_ordinal": ordinal, "contract_ordinal": contracts.get(ordinal)},  # type: ignore[dict-item]
            )
        for party in self._parties:
            if party not in told:
                self._write_members(party, "tenderer", {})

    def _write_members(self, party: str, role: str, columns: Row) -> None:
        tenderers, subcontractors = self._parties.get(party, ([], []))
        for element in tenderers:
            found = gather(element, TENDERER)
            self.organisations.add(
                role, first(found.get("id")), **columns, is_group_leader=flag(found.get("lead"))
            )
        for element in subcontractors:
            self.organisations.add("subcontractor", first(gather(element, TENDERER).get("id")), **columns)


def _subcontracted(elements: list[etree._Element] | None) -> bool | None:
    """BT-773; other terms of the tender share the element's name."""
    for element in elements or ():
        value = content(element)
        if value in _SUBCONTRACTED:
            return _SUBCONTRACTED[value]
    return None


def _is_private(elements: list[etree._Element] | None) -> bool:
    return any(content(element) == _VALUE_PRIVACY for element in elements or ())


def _counts(elements: list[etree._Element]) -> Row:
    """Numbers of tenders; a withheld number is NULL and flags the outcome."""
    row: Row = {}
    withheld = False
    for element in elements:
        found = gather(element, STATISTICS)
        code = found.get("code")
        raw = (code[0].text or "").strip() if code else ""
        number = first(found.get("number"))
        value = whole(_integral(number))
        withheld = withheld or raw in MASKED or (value is None and ("privacy" in found or number == "-1"))
        column = _COUNTS.get(raw)
        if column and row.get(column) is None:
            row[column] = value
    row["are_tender_counts_withheld"] = withheld
    return row


def _integral(number: str | None) -> str | None:
    """A count as it is at times written: `3.0`."""
    value = amount(number)
    return None if value is None or "." in value else value
