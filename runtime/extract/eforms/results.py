"""Outcomes, tenders, contracts and who tendered: LotResult -> LotTender -> TenderingParty -> Organization."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lxml.etree import _Element as Element

from runtime.extract.eforms.organisations import Organisations
from runtime.extract.eforms.shapes import (
    CONTRACT,
    GROUP_FRAMEWORK,
    MEMBER,
    OUTCOME,
    STATISTIC,
    TENDER,
    TENDERING_PARTY,
)
from runtime.extract.eforms.tree import Found, Shape, gather
from runtime.extract.notice import Notice, Row
from runtime.extract.values import TOKENS, is_nobody, whole
from runtime.schema.codes import eforms as codes

_COUNTS = {
    "tenders": "tenders_received",
    "t-esubm": "tenders_electronic",
    "t-sme": "tenders_sme",
    "t-oth-eea": "tenders_other_eu",
    "t-no-eea": "tenders_non_eu",
    "t-micro": "tenders_micro",
    "t-small": "tenders_small",
    "t-med": "tenders_medium",
    "t-large": "tenders_large",
    "t-verif-inad": "tenders_inadmissible",
    "t-verif-inad-low": "tenders_abnormally_low",
    "t-no-verif": "tenders_unverified",
    "part-req": "participation_requests",
}
_VALUE_PRIVACY = "win-ten-val"  # Code of the unpublished field BT-720 (list non-publication-identifier)
_SME_PARTS = ("t-micro", "t-small", "t-med")
_COMPLAINANTS = "complainants"  # BT-712(a); the list of irregularities has counts of its own
_LOSERS = ("clos-nw", "open-nw")
_SELECTED = "selec-w"
_MONEY = ("value", "value_currency", "is_value_withheld", "is_value_token")


@dataclass(slots=True)
class _Tender:
    row: Row
    lots: list[str]
    party: str | None

    @property
    def is_withheld(self) -> bool:
        return bool(self.row["is_value_withheld"])

    def is_strange_to(self, lots: Iterable[str]) -> bool:
        """Whether the tender names lots, and none of these; a group stands for lots that are not named here."""
        return bool(self.lots) and set(self.lots).isdisjoint(lots) and not self.lots[0].startswith("GLO")


@dataclass(slots=True)
class _Contract:
    row: Row
    tenders: list[str]
    cited: frozenset[str]  # the tenders again
    is_told: bool = False  # has rows


@dataclass(slots=True)
class _Outcome:
    ordinal: int
    lots: list[str]
    status: str | None
    tenders: dict[str, None]  # in order, without repeats
    contracts: list[str]


@dataclass(slots=True)
class Result:
    """What a notice result says, read in order: parties, tenders, contracts, outcomes.

    Attributes
    ----------
    winner : role of who won
    maxima : maximum value and currency of the framework agreement by lot
    paid : tenders with what was paid in the end: amount, currency, description (voluntary form E5)
    """

    notice: Notice
    organisations: Organisations
    winner: str = "winner"
    maxima: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    paid: list[tuple[Row, str, str | None, str | None]] = field(default_factory=list)
    _parties: dict[str, Found] = field(default_factory=dict)
    _firsts: dict[str, Element] = field(default_factory=dict)  # tenders and contracts by identifier
    _nobodies: set[str] = field(default_factory=set)  # tendering parties whose names say that there is none
    _void: set[str | None] = field(default_factory=set)  # tenders of nobody
    _tenders: dict[str, _Tender] = field(default_factory=dict)
    _contracts: dict[str, _Contract] = field(default_factory=dict)
    _outcomes: list[_Outcome] = field(default_factory=list)

    def read(self, found: Found) -> None:
        """Append the rows of lot_results, tenders, contracts and of the parties that tendered."""
        for element in found.get("_parties", ()):
            party = gather(element, TENDERING_PARTY)
            for key in ("tenderers", "subcontractors"):
                party[key] = _members(party.get(key, ()))
            if "id" in party and self._is_nobody(party):
                self._nobodies.add(party["id"])
            elif "id" in party:
                self._parties[party["id"]] = party
        for element in found.get("_tenders", ()):
            self._read_tender(element)
        for element in found.get("_contracts", ()):
            self._read_contract(element)
        for element in found.get("_outcomes", ()):
            self._read_outcome(element)
        self._bring_home()
        self._adopt()
        for element in found.get("_groups", ()):
            self._keep_maximum(gather(element, GROUP_FRAMEWORK))
        self._write_contracts()
        self._place_tenders()
        self._write_tenderers()

    def _read_tender(self, element: Element) -> None:
        row = gather(element, TENDER, self.organisations.language)
        identifier, party = row.get("tender_id"), row.pop("_party", None)
        if self._is_again(identifier, element, TENDER):
            return
        if party in self._nobodies:
            self._void.add(identifier)
            return
        ordinal = self.notice.add("tenders", row)
        row["is_winner"] = False
        _flag_value(row, row.pop("_privacy", ()))
        if row.get("tender_rank") == 0:  # ranks count from 1
            del row["tender_rank"]
        paid, currency = row.pop("_paid", None), row.pop("_paid_currency", None)
        description = row.pop("_paid_description", None)
        if paid is not None:
            self.paid.append((row, paid, currency, description))
        row["tendering_party_name"] = self._parties.get(party, {}).get("name")
        self._tenders[identifier or f"\0{ordinal}"] = _Tender(row, row.get("lot_ids", []), party)

    def _is_again(self, identifier: str | None, element: Element, shape: Shape) -> bool:
        """Whether a tender or contract was there before: the first stays, and a second that says else is named."""
        first = self._firsts.setdefault(identifier, element) if identifier is not None else element
        if first is not element and gather(first, shape) != gather(element, shape):
            self.notice.warnings.append(f"duplicate-id {identifier}")
        return first is not element

    def _is_nobody(self, party: Found) -> bool:
        """Whether the names of all who tendered say that nobody did."""
        names = [self.organisations.known.get(key, {}).get("name") for key in party["tenderers"]]
        if not names or not all(map(is_nobody, names)):
            return False
        self.notice.warnings += [f"no-award {name}" for name in names]
        return True

    def _read_contract(self, element: Element) -> None:
        row = gather(element, CONTRACT, self.organisations.language)
        identifier, tenders = row.get("contract_id"), row.pop("_tenders", [])
        if self._is_again(identifier, element, CONTRACT) or (tenders and self._void.issuperset(tenders)):
            return
        self.organisations.add_roles(row)
        self._contracts[identifier or f"\0{len(self._contracts)}"] = _Contract(row, tenders, frozenset(tenders))

    def _read_outcome(self, element: Element) -> None:
        row = gather(element, OUTCOME)
        ordinal = self.notice.add("lot_results", row)
        self.organisations.add_roles(row)
        row["status"] = self.notice.code("status", row.get("status"), codes.RESULT_STATUSES)
        reason = row.get("non_award_reason")
        row["non_award_reason"] = self.notice.code("non_award_reason", reason, codes.NON_AWARD_REASONS)
        lowest, highest = (row.pop(f"{which}_tender_value_currency", None) for which in ("lowest", "highest"))
        row["tender_value_currency"] = lowest or highest
        if lowest and highest and lowest != highest:  # one column is for both
            self.notice.warnings.append(
                f"two-currencies highest_tender_value={row.pop('highest_tender_value')} {highest}"
            )
        _count(row, row.pop("_statistics", ()))
        _count_reviews(row, row.pop("_appeals", ()))
        self._keep_maximum(row)
        tenders = self._cited_tenders(row.pop("_tenders", ()))
        if tenders and self._void.issuperset(tenders):
            row["status"] = "clos-nw"
        self._outcomes.append(
            _Outcome(ordinal, row.get("lot_ids", []), row["status"], tenders, row.pop("_contracts", []))
        )

    def _cited_tenders(self, elements: Iterable[Element]) -> dict[str, None]:
        """Identifiers of an outcome's tenders; details that stand in the reference fill what the tender lacks."""
        cited: dict[str, None] = {}
        for element in elements:
            inner = gather(element, TENDER)
            key = inner.get("tender_id")
            if key is None or key in cited:
                continue
            cited[key] = None
            tender = self._tenders.get(key)
            has_value = "value" in inner or "_withheld" in inner
            if has_value and tender is not None and tender.row.get("value") is None and not tender.is_withheld:
                _flag_value(inner, ())
                tender.row.update({column: inner.get(column) for column in _MONEY})
        return cited

    def _bring_home(self) -> None:
        """Move tenders that an outcome cites by mistake to the outcome of the lot that they name themselves.

        Source: eForms SDK 1.13, rule BR-OPT-00320-0101, which forbids such citations.
        """
        homes: dict[str, list[_Outcome]] = {}
        for outcome in self._outcomes:
            for lot in outcome.lots:
                homes.setdefault(lot, []).append(outcome)
        for outcome in self._outcomes:
            for key in [*outcome.tenders] if outcome.lots else ():
                tender = self._tenders.get(key)
                if tender is None or not tender.is_strange_to(outcome.lots):
                    continue
                own = [home for lot in tender.lots for home in homes.get(lot, ())]
                if own:
                    del outcome.tenders[key]
                    self.notice.warnings.append(f"tender-of-other-lot {key}")
                if len(own) == 1:
                    own[0].tenders.setdefault(key)

    def _adopt(self) -> None:
        """Give an outcome that has a winner and names none the tenders of its lot, and the contract that names none.

        Of several tenders that no outcome cites some may have lost: those with a contract won, else the first in rank.
        """
        cited = {key for outcome in self._outcomes for key in outcome.tenders}
        signed = {key for contract in self._contracts.values() for key in contract.tenders}
        free: dict[str, list[str]] = {}  # tenders that no outcome cites, by lot
        for key, tender in self._tenders.items():
            for lot in tender.lots if key not in cited else ():
                free.setdefault(lot, []).append(key)
        told = Counter(lot for outcome in self._outcomes for lot in outcome.lots)
        alone: list[_Outcome] = []  # outcomes with a winner, without contract
        for outcome in self._outcomes:
            if outcome.status != _SELECTED:
                continue
            contracts = [self._contracts[key] for key in outcome.contracts if key in self._contracts]
            if not outcome.tenders and not any(contract.tenders for contract in contracts):
                keys = [*dict.fromkeys(key for lot in outcome.lots if told[lot] == 1 for key in free.get(lot, ()))]
                first = [key for key in keys if self._tenders[key].row.get("tender_rank") == 1]
                won = [key for key in keys if key in signed] or (keys if len(keys) == 1 else first)
                outcome.tenders.update(dict.fromkeys(won))
            if not contracts and signed.isdisjoint(outcome.tenders):
                alone.append(outcome)
        named = {key for outcome in self._outcomes for key in outcome.contracts}
        loose = [key for key, contract in self._contracts.items() if key not in named and not contract.tenders]
        if len(alone) == len(loose) == 1:
            alone[0].contracts += loose

    def _keep_maximum(self, row: Found) -> None:
        value, currency = row.pop("_maximum", None), row.pop("_maximum_currency", None)
        if value is not None:
            for lot in row.get("lot_ids", ()):
                self.maxima.setdefault(lot, (value, currency))

    def _write_contracts(self) -> None:
        cited = {key for outcome in self._outcomes for key in outcome.contracts}
        signed: dict[str, list[_Contract]] = {}  # contracts by tender
        strays: dict[str, list[_Contract]] = {}  # those of them that no outcome cites
        for key, contract in self._contracts.items():
            for tender_key in contract.tenders:
                signed.setdefault(tender_key, []).append(contract)
                if key not in cited:
                    strays.setdefault(tender_key, []).append(contract)
        for outcome in self._outcomes:
            contracts = [self._contracts[key] for key in outcome.contracts if key in self._contracts]
            contracts += _through_tenders(outcome, strays)
            # A contract that spans outcomes may be cited by one of them only.
            contracts = self._own(contracts, outcome) or _through_tenders(outcome, signed)
            for contract in contracts:
                for tender in self._tenders_of(contract, outcome):
                    self._write_contract(contract, tender, outcome)
            if not contracts and outcome.status not in _LOSERS:
                for winner in self._winners_of(outcome):
                    self._write_contract(None, winner, outcome)
        for contract in self._contracts.values():
            if not contract.is_told:
                known: list[str | None] = [key for key in contract.tenders if key in self._tenders]
                for tender in known or [None]:
                    self._write_contract(contract, tender, None)

    def _own(self, contracts: list[_Contract], outcome: _Outcome) -> list[_Contract]:
        """Contracts of an outcome; where it has some of its own, without those whose tenders are all for other lots."""
        if len(contracts) < 2 or not outcome.lots:
            return contracts
        return [each for each in contracts if not self._is_strange(each, outcome)] or contracts

    def _is_strange(self, contract: _Contract, outcome: _Outcome) -> bool:
        known = [self._tenders[key] for key in contract.tenders if key in self._tenders]
        return bool(known) and all(tender.is_strange_to(outcome.lots) for tender in known)

    def _tenders_of(self, contract: _Contract, outcome: _Outcome) -> list[str | None]:
        """Tenders of a contract that belong to an outcome; a contract may span outcomes."""
        if len(contract.tenders) <= len(outcome.tenders):  # either may have thousands
            inside = [key for key in contract.tenders if key in outcome.tenders and key in self._tenders]
        else:
            inside = [key for key in outcome.tenders if key in contract.cited and key in self._tenders]
        if inside:
            return [*inside]
        known = [key for key in contract.tenders if key in self._tenders]
        inside = (
            [key for key in known if not set(self._tenders[key].lots).isdisjoint(outcome.lots)]
            or [key for key in known if not self._tenders[key].is_strange_to(outcome.lots)]
            or self._winners_of(outcome)
            or known
        )
        return [*inside] or [None]

    def _winners_of(self, outcome: _Outcome) -> list[str]:
        """Winning tenders where no contract names them: the first in rank, all where there are no ranks."""
        known = [key for key in outcome.tenders if key in self._tenders]
        return [key for key in known if self._tenders[key].row.get("tender_rank") == 1] or known

    def _write_contract(self, contract: _Contract | None, tender: str | None, outcome: _Outcome | None) -> None:
        row: Row = {}
        if contract is not None:
            contract.is_told = True
            row.update(contract.row)
        if outcome is not None:
            row["result_ordinal"] = outcome.ordinal
            row["lot_ids"] = outcome.lots or None
        if tender is not None:
            won = self._tenders[tender]
            # An outcome may cite a contract whose tender names another of the contract's lots alone.
            if outcome is None or (tender in outcome.tenders and won.is_strange_to(outcome.lots)):
                row["lot_ids"] = won.lots or None
            won.row["is_winner"] = True
            row["tender_ordinal"] = won.row["tender_ordinal"]
            if not row.get("lot_ids"):
                row["lot_ids"] = won.lots or None
            for column in _MONEY:
                row[column] = won.row.get(column)
            members = self._parties.get(won.party or "", {}).get("tenderers", ())
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
        contracts: Row = {}
        for row in self.notice.rows("contracts"):
            contracts.setdefault(str(row.get("tender_ordinal")), row["contract_ordinal"])
        told = set()
        for tender in self._tenders.values():
            if tender.party is not None:
                told.add(tender.party)
                ordinal = tender.row["tender_ordinal"]
                columns: Row = {"tender_ordinal": ordinal, "contract_ordinal": contracts.get(str(ordinal))}
                self._write_members(tender.party, self.winner if tender.row["is_winner"] else "tenderer", columns)
        for party in self._parties:
            if party not in told:
                self._write_members(party, "tenderer", {})

    def _write_members(self, party: str, role: str, columns: Row) -> None:
        found = self._parties.get(party, {})
        for part, key in ((role, "tenderers"), ("subcontractor", "subcontractors")):
            for identifier, member in found.get(key, {}).items():
                self.organisations.add(part, identifier, {**columns, **member})


def _members(elements: Iterable[Element]) -> dict[str, Row]:
    """What a tendering party says of each member, by organisation; one that is named twice is one."""
    members: dict[str, Row] = {}
    for element in elements:
        member = gather(element, MEMBER)
        identifier = member.pop("organisation_id", None)
        if identifier is not None:
            members[identifier] = {**member, **members.get(identifier, {})}
    return members


def _through_tenders(outcome: _Outcome, contracts: Mapping[str, list[_Contract]]) -> list[_Contract]:
    """Contracts that name a tender of the outcome, each once."""
    return [*{id(each): each for key in outcome.tenders for each in contracts.get(key, ())}.values()]


def _flag_value(row: Found, privacy: Iterable[str]) -> None:
    masked = row.pop("_withheld", False)
    value = row.get("value")
    row["is_value_withheld"] = masked or (value is None and _VALUE_PRIVACY in privacy)
    row["is_value_token"] = None if value is None else value in TOKENS


def _count(row: Found, elements: Iterable[Element]) -> None:
    """Give an outcome its numbers of tenders; a withheld number is NULL and flags the outcome.

    Without a code nobody knows what was counted, and the only reason to leave it out is that it is withheld.
    """
    withheld = False
    said = set()
    for element in elements:
        found = gather(element, STATISTIC)
        value = found.get("number")
        withheld = withheld or value is None or ("code" not in found and "privacy" in found)
        said.add(found.get("code", ""))
        column = _COUNTS.get(found.get("code", ""))
        if column is not None and value is not None and value.isdigit() and row.get(column) is None:
            row[column] = int(value) if len(value) < 10 else None
    row["are_tender_counts_withheld"] = withheld
    parts = [row.get(_COUNTS[code]) for code in _SME_PARTS if code in said]
    if parts and "t-sme" not in said and None not in parts:  # given in parts, and none of them withheld
        row["tenders_sme"] = sum(parts)


def _count_reviews(row: Found, elements: Iterable[Element]) -> None:
    """Give an outcome the number of those who asked for a review."""
    for element in elements:
        found = gather(element, STATISTIC)
        if found.get("code") == _COMPLAINANTS and row.get("review_requests") is None:
            row["review_requests"] = whole(found.get("number"))
