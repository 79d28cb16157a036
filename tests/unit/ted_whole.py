"""Parts of TED_EXPORT notices made whole: what their schema demands beside them is added, in its least form."""

import functools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from tests.unit.ted_schemas import faults, folder

Element = etree._Element

_XS = "{http://www.w3.org/2001/XMLSchema}"
_PARTICLES = frozenset(("element", "group", "sequence", "choice", "all", "any"))
# Of these texts a simple type takes the first that fits.
_TEXTS = (
    "1", "Text", "19-043001-001", "2019-03-01", "20190301", "10:30", "2019", "2019/S 043-001234", "001234-2019", "https://town.example",
    "town@example.invalid", "+353 1", "EN", "2019043", "20190301 10:30", "01", "043", "1-1", "XX-1", "IE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to fill a content model: its cost, and the children, given or (as declarations) to be made."""

    cost: float
    children: tuple[tuple[Element, Element | None], ...]
    """Declaration and given child, None where it is to be made."""

    def and_then(self, other: "Choice") -> "Choice":
        return Choice(self.cost + other.cost, self.children + other.children)


Ways = dict[int, Choice]
"""The cheapest way by the number of given children that it has used up."""


class Grammar:
    """The declarations of a schema version by local name; its namespaces share none."""

    def __init__(self, version: str) -> None:
        self._named: dict[tuple[str, str], Element] = {}
        self._namespaces: dict[Element, str] = {}
        self._costs: dict[Element, float] = {}
        for path in sorted(folder(version).rglob("*.x*d")):
            root = etree.parse(path).getroot()
            for each in root.iterchildren("*"):
                name = each.get("name")
                if name:
                    self._named[_local(each), name] = each
            self._namespaces[root] = root.get("targetNamespace", "")
        self._own = self._namespaces[self._named["element", "TED_EXPORT"].getroottree().getroot()]

    def complete(self, root: Element) -> list[str]:
        """Add to a notice what it lacks; what has no place in it is taken out and named."""
        lost: list[str] = []
        self._fill(root, self._named["element", "TED_EXPORT"], lost)
        return lost

    def children(self, name: str) -> list[str]:
        """Names of all that may stand in an element of TED_EXPORT."""
        root = self._type(self._named["element", "TED_EXPORT"])
        assert root is not None
        (declaration,) = (each for each in root.iter(_XS + "element") if name in (each.get("name"), each.get("ref")))
        kind = self._type(self._resolved(declaration))
        assert kind is not None
        found = (self._resolved(each).get("name", "") for each in kind.iter(_XS + "element"))
        return [each for each in found if each != "NOTICE_UUID"]

    def _fill(self, element: Element, declaration: Element, lost: list[str]) -> None:
        """Complete an element and all below it. A code that a test gives without its words gets some."""
        kind = self._type(declaration)
        if kind is None or _local(kind) == "simpleType":
            return
        if element.text is None and len(element) == 0 and self._has_text(declaration, kind):
            element.text = self._text(declaration)
        for attribute in self._attributes(kind):
            name = attribute.get("name", "")
            if element.get(name) is None and (attribute.get("use") == "required" or name == "LG"):
                element.set(name, attribute.get("fixed") or self._text(attribute, _twins(element)))
        given = [child for child in element if isinstance(child.tag, str)]
        models = [*self._models(kind)]
        if not models:
            return
        while (way := self._all(models, given)) is None:
            stray = next(n for n in range(len(given)) if self._all(models, given[: n + 1]) is None)
            lost.append(f"{given[stray].tag.rpartition('}')[2]} has no place in {_path(element)}")
            element.remove(given.pop(stray))
        place = 0
        for wanted, there in way.children:
            child = self._make(wanted) if there is None else there
            if there is None:
                element.insert(place, child)
            place = element.index(child) + 1
            self._fill(child, self._resolved(wanted), lost)

    def _all(self, models: Sequence[Element], given: Sequence[Element]) -> Choice | None:
        return self._sequence(models, given, 0).get(len(given))

    def _make(self, declaration: Element) -> Element:
        resolved = self._resolved(declaration)
        namespace = self._namespaces.get(resolved.getroottree().getroot()) or self._own
        element = etree.Element(f"{{{namespace}}}{resolved.get('name')}")
        kind = self._type(resolved)
        if self._has_text(resolved, kind):
            element.text = resolved.get("fixed") or self._text(resolved)
        return element

    # Content models

    def _models(self, kind: Element) -> Iterator[Element]:
        """The particles of a complex type, those that it extends first."""
        for child in kind:
            name = _local(child)
            if name in _PARTICLES:
                yield child
            elif name == "complexContent":
                (derived,) = (each for each in child if _local(each) in ("extension", "restriction"))
                if _local(derived) == "extension":
                    yield from self._models(self._find("complexType", derived.get("base")))
                yield from self._models(derived)

    def _ways(self, model: Element, given: Sequence[Element], start: int) -> Ways:
        """How a particle can be filled from a given child on."""
        least = int(model.get("minOccurs", "1"))
        most = math.inf if model.get("maxOccurs") == "unbounded" else int(model.get("maxOccurs", "1"))
        ways: Ways = {start: Choice(0, ())}
        best: Ways = dict(ways) if least == 0 else {}
        for count in range(1, int(min(most, least + len(given) - start)) + 1):
            following: Ways = {}
            for at, way in ways.items():
                for end, more in self._once(model, given, at).items():
                    if count <= least or end > at:  # more than there need be only for what is given
                        _offer(following, end, way.and_then(more))
            ways = following
            if count >= least:
                for end, way in ways.items():
                    _offer(best, end, way)
        return best

    def _once(self, model: Element, given: Sequence[Element], start: int) -> Ways:
        name = _local(model)
        if name == "element":
            ways: Ways = {start: Choice(self._cost(model), ((model, None),))}
            if start < len(given) and etree.QName(given[start]).localname == self._resolved(model).get("name"):
                ways[start + 1] = Choice(0, ((model, given[start]),))
            return ways
        if name == "group" and model.get("ref"):
            return self._sequence([*_inner(self._find("group", model.get("ref")))], given, start)
        if name == "choice":
            ways = {}
            for each in _inner(model):
                for end, way in self._ways(each, given, start).items():
                    _offer(ways, end, way)
            return ways
        if name in ("sequence", "all"):
            return self._sequence([*_inner(model)], given, start)
        return {start: Choice(0, ())}

    def _sequence(self, models: Sequence[Element], given: Sequence[Element], start: int) -> Ways:
        ways: Ways = {start: Choice(0, ())}
        for model in models:
            following: Ways = {}
            for at, way in ways.items():
                for end, more in self._ways(model, given, at).items():
                    _offer(following, end, way.and_then(more))
            ways = following
        return ways

    def _cost(self, declaration: Element) -> float:
        """How many elements the least form of an element has."""
        resolved = self._resolved(declaration)
        if resolved not in self._costs:
            self._costs[resolved] = math.inf  # one that holds itself is none
            kind = self._type(resolved)
            way = None if kind is None or _local(kind) == "simpleType" else self._all([*self._models(kind)], ())
            self._costs[resolved] = 1 + (way.cost if way else 0)
        return self._costs[resolved]

    # Declarations

    def _find(self, sort: str, name: str | None) -> Element:
        return self._named[sort, (name or "").rpartition(":")[2]]

    def _resolved(self, declaration: Element) -> Element:
        return self._find("element", declaration.get("ref")) if declaration.get("ref") else declaration

    def _type(self, declaration: Element) -> Element | None:
        """The type of an element or attribute, None where it is one of XML Schema's own."""
        declaration = self._resolved(declaration) if _local(declaration) == "element" else declaration
        for child in declaration:
            if _local(child) in ("complexType", "simpleType"):
                return child
        name = (declaration.get("type") or "").rpartition(":")[2]
        return self._named.get(("complexType", name), self._named.get(("simpleType", name)))

    def _attributes(self, kind: Element) -> Iterator[Element]:
        for child in kind:
            name = _local(child)
            if name == "attribute":
                yield self._find("attribute", child.get("ref")) if child.get("ref") else child
            elif name == "attributeGroup":
                yield from self._attributes(self._find("attributeGroup", child.get("ref")))
            elif name in ("complexContent", "simpleContent"):
                (derived,) = (each for each in child if _local(each) in ("extension", "restriction"))
                base = self._named.get(("complexType", (derived.get("base") or "").rpartition(":")[2]))
                own = [*self._attributes(derived)]
                yield from own
                if base is not None:
                    names = {each.get("name") for each in own}
                    yield from (each for each in self._attributes(base) if each.get("name") not in names)

    def _has_text(self, declaration: Element, kind: Element | None) -> bool:
        if kind is None:
            return declaration.get("type") is not None
        return _local(kind) == "simpleType" or any(_local(child) == "simpleContent" for child in kind)

    def _text(self, declaration: Element, number: int = 0) -> str:
        """A text that the type of an element or attribute takes; of several, that of a number."""
        kind = self._type(declaration)
        values: list[str] = []
        patterns: list[list[str]] = []  # of each type that is restricted; one of each has to fit
        base = (declaration.get("type") or "").rpartition(":")[2]
        while kind is not None:
            derived = next((each for each in kind.iter(_XS + "restriction", _XS + "extension", _XS + "union")), None)
            if derived is None:
                break
            values = values or _facets(derived, "enumeration")
            patterns.append(_facets(derived, "pattern"))
            base = (derived.get("base") or (derived.get("memberTypes") or "").split(" ")[0]).rpartition(":")[2]
            kind = self._named.get(("simpleType", base), self._named.get(("complexType", base)))
            if kind is None and not base:
                kind = next((each for each in derived if _local(each) == "simpleType"), None)
        if values:
            return values[number % len(values)]
        wanted = {"date": "2019-03-01", "gYear": "2019", "anyURI": "https://town.example"}.get(base)
        texts = (wanted,) if wanted else _TEXTS
        return next((text for text in texts if all(_fits(each, text) for each in patterns)), "1")


def _facets(derived: Element, name: str) -> list[str]:
    return [each.get("value", "") for each in derived if _local(each) == name]


def _fits(patterns: list[str], text: str) -> bool:
    """Whether one of the patterns of a type fits a text; the few that Python cannot read do not."""
    try:
        return not patterns or any(re.fullmatch(each, text) for each in patterns)
    except re.error:
        return False


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _twins(element: Element) -> int:
    """How many of an element's name stand before it: their languages are not to be the same."""
    return sum(1 for _ in element.itersiblings(element.tag, preceding=True))


def _inner(model: Element) -> Iterator[Element]:
    return (child for child in model if _local(child) in _PARTICLES)


def _offer(ways: Ways, end: int, way: Choice) -> None:
    if end not in ways or way.cost < ways[end].cost:
        ways[end] = way


def _path(element: Element) -> str:
    names = [_local(each) for each in (element, *element.iterancestors())]
    return "/".join(names[:3][::-1])


@functools.cache
def grammar(version: str) -> Grammar:
    """The grammar of a version, R2.0.8.S02 to R2.0.9.S05."""
    return Grammar(version)


def whole(parts: bytes, version: str) -> tuple[bytes, list[str]]:
    """Make parts of a notice whole.

    Returns
    -------
    The notice, and a line for whatever keeps it from being valid: what has no place in it (and was taken out), and what
    the official schema has against the rest.
    """
    root = etree.fromstring(parts)
    lost = grammar(version).complete(root)
    notice = etree.tostring(root)
    return notice, [*lost, *faults(notice, version)]
