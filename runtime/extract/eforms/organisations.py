"""Organisations, indexed once by their identifier in the notice, and the rows of the table parties."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml.etree import _Element as Element

from runtime.extract.eforms.shapes import BUYER, ORGANISATION, OWNER, PARTY, SERVICE_PROVIDER
from runtime.extract.eforms.tree import ROLES, Found, content, gather
from runtime.extract.notice import Notice, Row, Value, as_list
from runtime.schema.codes import eforms as codes

# BT-11 and BT-740 share an element; @listName tells them apart, and the codes do where it is missing.
_CONTRACTING_TYPES = frozenset(("cont-ent", "not-cont-ent"))
# A touch point may have an address of its own: lines that it does not give are then not those of its organisation.
# The country stays: it is asked of organisations, and a buyer's is what its notices are counted by.
_NO_ADDRESS: Row = dict.fromkeys(("street", "town", "postcode", "nuts_code"))
_OWNERS = "owner_nationalities"
_SENDERS = frozenset(("ted-esen", "TED eSender"))


@dataclass(slots=True)
class Organisations:
    """The organisations of a notice and the party rows that point at them.

    Attributes
    ----------
    known : party columns by identifier; a touch point (TPO-0001) has its organisation's identity and numbers, with
        its own name and address
    leads : whether an organisation leads the group of buyers, where the notice says
    central : whether an organisation is a central purchasing body, where the notice says
    """

    notice: Notice
    language: str | None
    known: dict[str, Row] = field(default_factory=dict)
    leads: dict[str, bool | None] = field(default_factory=dict)
    central: dict[str, bool] = field(default_factory=dict)
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _missing: set[str] = field(default_factory=set)

    def index(self, elements: Iterable[Element], owners: Iterable[Element] = ()) -> None:
        """Read the organisations of the notice, and of their beneficial owners the nationalities alone."""
        nationalities = {
            owner["id"]: owner["nationalities"]
            for owner in (gather(element, OWNER) for element in owners)
            if "id" in owner and "nationalities" in owner
        }
        for element in elements:
            row: Found = gather(element, ORGANISATION, self.language)
            points = row.pop("_touch_points", ())
            owned = [each for key in row.pop("_owners", ()) for each in nationalities.get(key, ())]
            if owned:
                row["owner_nationalities"] = [*dict.fromkeys(owned)]
            lead = row.pop("_lead", None)
            awards, acquires = row.pop("_awards_centrally", None), row.pop("_acquires_centrally", None)
            finish(row)
            size = row.get("size")
            if size is not None and size not in codes.SIZES:
                self.notice.code("size", size, codes.SIZES)
            names: list[str] = []
            identifier = row.get("organisation_id")
            if identifier is not None and self._introduce(identifier, row):
                names.append(identifier)
            for point in points:
                details: Found = finish(gather(point, PARTY, self.language))
                name = details.pop("organisation_id", None)
                own = {**_NO_ADDRESS, **details} if _NO_ADDRESS.keys() & details.keys() else details
                if name is not None and self._introduce(name, {**row, **own}):
                    names.append(name)
            if lead is not None:
                self.leads.update(dict.fromkeys(names, lead))
            if awards is not None or acquires is not None:
                self.central.update(dict.fromkeys(names, bool(awards or acquires)))

    def _introduce(self, identifier: str, row: Row) -> bool:
        """Make an organisation known; of two with one identifier the first stays, and another second is named.

        Some senders repeat an organisation for each of its owners; one that contradicts nothing fills what is open.
        """
        first = self.known.setdefault(identifier, row)
        if first is row:
            return True
        owners = dict.fromkeys([*as_list(first.get(_OWNERS)), *as_list(row.get(_OWNERS))])
        said = {column: value for column, value in row.items() if value is not None and column != _OWNERS}
        if any(first.get(column) != value for column, value in said.items()):
            self.notice.warnings.append(f"duplicate-id {identifier}")
        if all(first.get(column) in (None, value) for column, value in said.items()):
            first.update({**said, _OWNERS: [*owners] or None})
        return False

    def add(self, role: str, identifier: str, columns: Row | None = None) -> Row:
        """Append a party row; an organisation that the notice does not describe has its identifier only."""
        row = self.known.get(identifier)
        if row is None:
            row = self.known[identifier] = {"organisation_id": identifier}
            self.notice.warnings.append(f"unknown-organisation {identifier}")
        row = {**row, "role": role, **(columns or {})}
        self.notice.add("parties", row)
        return row

    def add_once(self, roles: Iterable[tuple[str, str]]) -> None:
        """Append a party row for each role and identifier that has none yet."""
        for each in roles:
            if each not in self._seen:
                self._seen.add(each)
                self.add(*each)

    def add_roles(self, found: Found) -> None:
        """Append rows for the references to organisations among what was found, and take those away."""
        if ROLES in found:
            self.add_once(found.pop(ROLES))

    def add_buyers(self, elements: Iterable[Element]) -> list[Row]:
        """Append the buyers and their service providers; the rows of the buyers."""
        rows: dict[str, Row] = {}
        providers: list[Element] = []
        for number, element in enumerate(elements):
            found = gather(element, BUYER)
            providers += found.get("_providers", ())
            identifier = found.get("organisation_id")
            if identifier not in self.known and (party := element.find("{*}Party")) is not None:
                inline = finish(gather(party, PARTY, self.language))  # some senders describe the buyer in place
                if "name" in inline:
                    identifier = identifier or f"\0{number}"
                    self.known[identifier] = inline
            if identifier is None or identifier in rows:
                continue
            columns: dict[str, Value] = {
                "is_group_leader": self.leads.get(identifier),
                "legal_type": self.notice.code("legal_type", _legal_type(found), codes.LEGAL_TYPES),
                **self._activities(found),
                "buyer_profile_url": found.get("buyer_profile_url"),
            }
            rows[identifier] = self.add("buyer", identifier, columns)
        for element in providers:
            found = gather(element, SERVICE_PROVIDER)
            if "id" in found:
                self.add_once([("esender" if found.get("type") in _SENDERS else "service-provider", found["id"])])
        return [*rows.values()]

    def _activities(self, found: Found) -> dict[str, Value]:
        """The authority's activity (BT-10) and the entity's (BT-610) share an element; either is the main one."""
        said: dict[str, str] = {}
        for element in found.get("_activities", ()):
            value = content(element)
            if value is not None:
                is_entity = element.get("listName") == "entity-activity"
                said.setdefault("entity_activity" if is_entity else "main_activity", value)
        if "entity_activity" in said:
            said.setdefault("main_activity", said["entity_activity"])
        return {column: self.notice.code(column, code, codes.MAIN_ACTIVITIES) for column, code in said.items()}

    def is_central(self, buyers: Iterable[Row]) -> bool | None:
        """Whether a buyer is a central purchasing body, where the notice says."""
        said = [self.central[key] for row in buyers if (key := str(row.get("organisation_id"))) in self.central]
        return any(said) if said else None


def finish(found: Found) -> Found:
    """Columns of an organisation: its first number apart from the others, the address in one line."""
    numbers = found.get("other_national_ids")
    if numbers is not None:
        found["national_id"] = numbers[0]
        found["other_national_ids"] = numbers[1:] or None
    street = found.get("street")
    if street is not None:
        found["street"] = ", ".join(street)
    return found


def _legal_type(found: Found) -> str | None:
    for element in found.get("_types", ()):
        value = content(element)
        if value is not None and value not in _CONTRACTING_TYPES:
            return value
    return None
