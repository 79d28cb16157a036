"""Organisations, indexed once by their identifier in the notice, and the rows of the table parties."""

from dataclasses import dataclass, field

from lxml import etree

from runtime.extract.eforms.shapes import (
    BUYER,
    ORGANISATION,
    ROLE,
    SERVICE_PROVIDER,
    TOUCH_POINT,
    roles,
)
from runtime.extract.eforms.tree import Found, content, first, flag, gather, original, texts
from runtime.extract.notice import Notice, Row, Value
from runtime.schema.codes import eforms as codes

# BT-11 and BT-740 share an element; @listName tells them apart, and the codes do where it is missing.
_CONTRACTING_TYPES = frozenset(("cont-ent", "not-cont-ent"))
_SENDERS = frozenset(("ted-esen", "TED eSender"))


@dataclass(slots=True)
class Organisations:
    """The organisations of a notice and the party rows that point at them.

    Attributes
    ----------
    known : party columns by identifier; a touch point (TPO-0001) has its organisation's identity with its own
        name and address
    central : identifiers of central purchasing bodies, with what the notice says
    """

    notice: Notice
    language: str | None
    known: dict[str, Row] = field(default_factory=dict)
    leads: dict[str, bool | None] = field(default_factory=dict)
    central: dict[str, bool] = field(default_factory=dict)
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _missing: set[str] = field(default_factory=set)

    def index(self, elements: list[etree._Element]) -> None:
        """Read the organisations of the notice."""
        for element in elements:
            found = gather(element, ORGANISATION)
            identifier = first(found.get("id"))
            row = self._columns(found)
            row["organisation_id"] = identifier
            row["size"] = self.notice.code("size", first(found.get("size")), codes.SIZES)
            row["is_natural_person"] = flag(found.get("natural_person"))
            lead = flag(found.get("group_lead"))
            answers = [flag([each]) for each in found.get("central_purchasing", ())]
            said = [answer for answer in answers if answer is not None]
            names = [identifier] if identifier else []
            if identifier:
                self.known[identifier] = row
            for point in found.get("touch_point", ()):
                details = gather(point, TOUCH_POINT)
                name = first(details.get("id"))
                if name:
                    names.append(name)
                    self.known[name] = {**row, **{k: v for k, v in self._columns(details).items() if v}}
            for name in names:
                self.leads[name] = lead
                if said:
                    self.central[name] = any(said)

    def _columns(self, found: Found) -> Row:
        numbers = texts(found.get("national_id"))
        return {
            "name": original(found.get("name"), self.language),
            "national_id": numbers[0] if numbers else None,
            "other_national_ids": numbers[1:] or None,
            **address(found),
            "website": first(found.get("website")),
        }

    def add(self, role: str, identifier: str | None, **columns: Value) -> Row | None:
        """Append a party row; the row, or None where there is no identifier."""
        if not identifier:
            return None
        row = self.known.get(identifier)
        if row is None:
            row = {"organisation_id": identifier}
            if identifier not in self._missing:
                self._missing.add(identifier)
                self.notice.warnings.append(f"unknown-organisation {identifier}")
        row = {**row, "role": role, **columns}
        self.notice.add("parties", row)
        return row

    def add_once(self, role: str, element: etree._Element) -> None:
        """Append a party row unless the organisation has one in this role."""
        identifier = content(element)
        if identifier and (role, identifier) not in self._seen:
            self._seen.add((role, identifier))
            self.add(role, identifier)

    def add_roles(self, found: Found) -> None:
        """Append rows for all references to parties among what was found."""
        for key in roles(found):
            role = key[len(ROLE) :]
            for element in found[key]:
                self.add_once(role, element)

    def add_buyers(self, elements: list[etree._Element]) -> list[Row]:
        """Append the buyers and their service providers; the rows of the buyers."""
        rows: list[Row] = []
        providers: list[etree._Element] = []
        for element in elements:
            found = gather(element, BUYER)
            identifier = first(found.get(ROLE + "buyer"))
            providers += found.get("service_provider", ())
            row = self.add(
                "buyer",
                identifier,
                is_group_leader=self.leads.get(identifier or ""),
                legal_type=self.notice.code("legal_type", _legal_type(found), codes.LEGAL_TYPES),
                main_activity=self.notice.code(
                    "main_activity", first(found.get("activity")), codes.MAIN_ACTIVITIES
                ),
            )
            if row is not None:
                rows.append(row)
        for element in providers:
            found = gather(element, SERVICE_PROVIDER)
            role = "esender" if first(found.get("type")) in _SENDERS else "service-provider"
            for reference in found.get("id", ()):
                self.add_once(role, reference)
        return rows

    def is_central(self, buyers: list[Row]) -> bool | None:
        """Whether a buyer is a central purchasing body, where the notice says."""
        said = [
            self.central[identifier]
            for identifier in (str(row["organisation_id"]) for row in buyers)
            if identifier in self.central
        ]
        return any(said) if said else None


def address(found: Found) -> Row:
    """Columns of a postal address."""
    country = first(found.get("country"))
    return {
        "street": ", ".join(texts(found.get("street"))) or None,
        "town": first(found.get("town")),
        "postcode": first(found.get("postcode")),
        "nuts_code": first(found.get("nuts_code")),
        "country": country.upper() if country else None,
    }


def _legal_type(found: Found) -> str | None:
    for element in found.get("type", ()):
        value = content(element)
        if value and element.get("listName") != "buyer-contracting-type" and value not in _CONTRACTING_TYPES:
            return value
    return None
