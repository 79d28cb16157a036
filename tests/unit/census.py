"""Documents of every TED_EXPORT form with and without each element of the census, and what that changes in the rows."""

import gzip
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from runtime.extract.notice import Notice
from runtime.extract.ted_export import read_ted_export

Change = tuple[str, str]  # table and column

_SKELETON = '<TED_EXPORT DOC_ID="001234-2012"><CODED_DATA_SECTION/><FORM_SECTION/></TED_EXPORT>'
# A form that leaves to the coded section what that can say.
_FORM = (
    '<F03_2014 CATEGORY="ORIGINAL" FORM="F03"><CONTRACTING_BODY><ADDRESS_CONTRACTING_BODY>'
    "<OFFICIALNAME>Town</OFFICIALNAME></ADDRESS_CONTRACTING_BODY></CONTRACTING_BODY><AWARD_CONTRACT><AWARDED_CONTRACT>"
    "<CONTRACTOR><ADDRESS_CONTRACTOR><OFFICIALNAME>Builder</OFFICIALNAME></ADDRESS_CONTRACTOR></CONTRACTOR>"
    "</AWARDED_CONTRACT></AWARD_CONTRACT></F03_2014>"
)
# What an element or attribute holds, by name; the second value is another one that is as good.
_TEXTS = {
    "DAY": ("4", "5"),
    "MONTH": ("3", "6"),
    "YEAR": ("2012", "2013"),
    "TIME": ("10:30", "11:45"),
    "LG_ORIG": ("EN", "FR"),
    "NO_OJ": ("43", "44"),
    "DATE_PUB": ("20120301", "20120302"),
    "NO_DOC_OJS": ("2012/S 43-001234", "2012/S 44-001299"),
    "NOTICE_NUMBER_OJ": ("2011/S 43-001234", "2011/S 44-001299"),
    "DT_DATE_FOR_SUBMISSION": ("20120304 10:30", "20120305 11:45"),
}
_CODES = {
    "CPV_CODE": ("45000000", "33000000"),
    "CPV_SUPPLEMENTARY_CODE": ("IA01", "JA02"),
    "ORIGINAL_CPV": ("45000000", "33000000"),
    "COUNTRY": ("FR", "DE"),
    "ISO_COUNTRY": ("FR", "DE"),
    "TD_DOCUMENT_TYPE": ("3", "7"),
    "NC_CONTRACT_NATURE": ("1", "2"),
    "PR_PROC": ("1", "2"),
    "AA_AUTHORITY_TYPE": ("1", "3"),
    "MA_MAIN_ACTIVITIES": ("S", "H"),
    "AC_AWARD_CRIT": ("1", "2"),
    "LANGUAGE_EC": ("FR", "DE"),
    "TYPE_OF_PROCEDURE_DETAIL": ("OPEN", "RESTRICTED"),
}
_TYPES = {
    **dict.fromkeys(("VALUE", "VALUE_RANGE"), ("PROCUREMENT_TOTAL", "ESTIMATED_TOTAL")),
    "VALUES": ("GLOBAL", "CONTRACT"),
}
_ATTRIBUTES = {
    "CURRENCY": ("EUR", "GBP"),
    "FMTVAL": ("1234.5", "999"),
    "CODE": ("FR101", "DE212"),
    "PUBLICATION": ("YES", "NO"),
    "CATEGORY": ("ORIGINAL", "TRANSLATION"),
    "LG": ("EN", "FR"),
    "VERSION": ("R2.0.8.S02.E01", "R2.0.8.S03.E01"),
}
_DEFENCE = ("PRIOR_INFORMATION_DEFENCE", "CONTRACT_DEFENCE", "CONTRACT_AWARD_DEFENCE")
_TIMES = re.compile(r"TIME_(RECEIPT|OPENING)")
_DATES = re.compile(r"DATE_|.*_DATE$|DS_DATE|DATE$")
_COUNTS = re.compile(r".*(NUMBER|NB_|YEAR|MONTH|DAYS|^DURATION|PERIOD_|LOT_MAX)")
_MONEY = re.compile(r".*(VAL|COST|PRICE_PAID|LOW$|HIGH$|PRCT|PCT_)")


@dataclass(slots=True)
class Place:
    """An element of a form, with what the census says of it.

    Attributes
    ----------
    attributes : two values each, by name; the first is blank where the attribute is not to be there
    columns : what the element (key "") and its attributes belong to
    """

    name: str
    parent: "Place | None" = None
    children: dict[str, "Place"] = field(default_factory=dict)
    attributes: dict[str, tuple[str, str]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"{self.parent.path}/{self.name}" if self.parent else self.name

    def lineage(self) -> list["Place"]:
        """The place and all above it, the form last."""
        return [self, *(self.parent.lineage() if self.parent else ())]

    def walk(self) -> Iterator["Place"]:
        yield self
        for child in self.children.values():
            yield from child.walk()


def read_census(path: Path) -> dict[str, Place]:
    """Forms of the census by schema edition and root, as in `R2.0.8.S02 CONTRACT`.

    Editions that add nothing to another are left out: S03 and S04 of R2.0.8 have the elements of S02, S01 of R2.0.9
    those of S02, S03 and S04 those of S05. What S05 shares with S02 has its columns in S02 alone. Defence forms are
    there a second time as R2.0.8.S01 spells them, of which no schema is published.
    """
    forms: dict[str, Place] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            schema, _, where, attribute, _, _, _, column, remark = line.rstrip("\n").split("\t")
            if where.startswith("…"):  # a spelling of R2.0.8.S01: below
                continue
            editions = _editions(schema)
            names = [where, where.replace("DEFENCE", "DEFENSE")] if where.startswith(_DEFENCE) else [where]
            for edition, name in itertools.product(editions, names):
                _add(forms, edition, name.split("/"), attribute.lstrip("@"), column, remark, edition == editions[0])
    return forms


def _editions(schema: str) -> list[str]:
    version, *others = schema.split("+")
    release, dot, first = version.rpartition(".S")
    if not dot:
        return [version]
    named = {f"S{first}", *others}
    if release == "R2.0.9":
        return [f"{release}.{edition}" for edition in ("S02", "S05") if edition in named]
    return [f"{release}.{min(named)}"]


def _add(
    forms: dict[str, Place], edition: str, names: list[str], attribute: str, column: str, remark: str, is_first: bool
) -> None:
    place = forms.setdefault(f"{edition} {names[0]}", Place(names[0]))
    for name in names[1:]:
        place = place.children.setdefault(name, Place(name, place))
    if is_first:
        place.columns[attribute] = column
    if attribute:
        place.attributes[attribute] = _attribute_values(place.name, attribute, remark)


def _attribute_values(name: str, attribute: str, remark: str) -> tuple[str, str]:
    if name.endswith("DIV_INTO_LOT_YES"):
        return "ONE_LOT_ONLY", "ALL_LOTS"
    listed = re.search(r"(?<!than )values: (.*)", remark)
    if listed and attribute != "VERSION":
        values = listed[1].split()
        if attribute == "FORM":
            return values[0], "99"
        if name == "NOTICE" and len(values) > 1:  # the first is what the form's number says already
            return values[1], values[0]
        if attribute == "PUBLICATION" and "YES" not in values:
            return "", "NO"
        return values[0], values[1] if len(values) > 1 else ""
    if attribute in ("CODE", "VALUE") and name in _CODES:
        return _CODES[name]
    if attribute == "TYPE" and name in _TYPES:
        return _TYPES[name]
    return _ATTRIBUTES.get(attribute, ("YES", "NO"))


def _texts(place: Place) -> tuple[str, str]:
    name = place.name
    if name in _TEXTS:
        return _TEXTS[name]
    for names, texts in (
        (_TIMES, ("10:30", "11:45")),
        (_MONEY, ("1234.5", "999")),
        (_DATES, ("2012-03-04", "2013-05-06")),
        (_COUNTS, ("7", "8")),
    ):
        if names.match(name):
            return texts
    return f"Text of {name}", f"Other text of {name}"


def _element(place: Place) -> etree._Element:
    """Element of a place with its attributes, and a text where nothing is below it."""
    element = etree.Element(place.name, {name: first for name, (first, _) in place.attributes.items() if first})
    if not (place.children or "CODE" in element.attrib or "VALUE" in element.attrib):
        element.text = _texts(place)[0]
    return element


class Document:
    """A document of a form: all below one of its places, or that place alone, and the bare elements above.

    Attributes
    ----------
    before : what the document reads as
    """

    def __init__(self, whole: Place, *, is_bare: bool = False) -> None:
        self._elements: dict[int, etree._Element] = {}
        inner = self._keep(whole) if is_bare else self._build(whole)
        for above in whole.lineage()[1:]:
            outer = self._elements[id(above)] = etree.Element(above.name)
            outer.append(inner)
            inner = outer
        self._root = etree.fromstring(_SKELETON)
        coded, section = self._root
        if inner.tag == "CODED_DATA_SECTION":
            self._root.replace(coded, inner)
            section.append(etree.fromstring(_FORM))
        elif str(inner.tag).endswith("_SECTION"):
            self._root.append(inner)
        else:
            form = whole.lineage()[-1]
            for name in ("FORM", "LG", "CATEGORY"):
                inner.set(name, form.attributes.get(name, ("", ""))[0])
            section.append(inner)
            if not any(str(child.tag).startswith(("FD_", "CONTRACTING_BODY")) for child in inner):
                etree.SubElement(inner, "CONTRACTING_BODY")  # else the form would be read as prose
        self.before = self._read()

    def _keep(self, place: Place) -> etree._Element:
        element = self._elements[id(place)] = _element(place)
        return element

    def _build(self, place: Place) -> etree._Element:
        element = self._keep(place)
        for child in place.children.values():
            element.append(self._build(child))
        return element

    def _read(self) -> Notice:
        return read_ted_export(self._root)

    def changes(self, place: Place, attribute: str, before: Notice | None = None) -> set[Change]:
        """Columns that change where the element or attribute goes, or else says something else."""
        before = before or self.before
        element = self._elements[id(place)]
        if attribute:
            was = element.get(attribute)
            element.attrib.pop(attribute, "")
            found = difference(before, self._read())
            if not found and place.attributes[attribute][1]:
                element.set(attribute, place.attributes[attribute][1])
                found = difference(before, self._read())
                del element.attrib[attribute]
            if was is not None:
                element.set(attribute, was)
            return found
        parent = element.getparent()
        assert parent is not None
        index = parent.index(element)
        parent.remove(element)
        found = difference(before, self._read())
        parent.insert(index, element)
        if not found and element.text:
            element.text = _texts(place)[1]
            found = difference(before, self._read())
            element.text = _texts(place)[0]
        return found

    def without(self, others: Iterable[Place], place: Place, attribute: str) -> set[Change]:
        """What changes where other places of the form are not there."""
        undo: list[tuple[etree._Element, int, etree._Element]] = []
        for other in others:
            element = self._elements[id(other)]
            parent = element.getparent()
            assert parent is not None
            undo.append((parent, parent.index(element), element))
            parent.remove(element)
        found = self.changes(place, attribute, self._read())
        for parent, index, element in reversed(undo):
            parent.insert(index, element)
        return found


def difference(one: Notice, other: Notice) -> set[Change]:
    """Columns in which the rows of two notices differ; all that a row has where it is in one of them alone."""
    found: set[Change] = set()
    for table in {"notices", *one.children, *other.children}:
        ones = [one.row] if table == "notices" else one.rows(table)
        others = [other.row] if table == "notices" else other.rows(table)
        for n in range(max(len(ones), len(others))):
            left, right = (rows[n] if n < len(rows) else {} for rows in (ones, others))
            if left != right:
                found |= {(table, name) for name in left.keys() | right.keys() if left.get(name) != right.get(name)}
    return found


class Walk:
    """The surroundings of the places of one form.

    A place is looked at alone, with all below each place above it, and in the whole form without what else fills its
    column (of two answers to one question the form may count the other).
    """

    def __init__(self, form: Place, columns: Callable[[Place, str], set[Change]]) -> None:
        self._form = form
        self._documents: dict[int, Document] = {}
        self._columns = {
            id(place): set().union(*(columns(place, key) for key in place.columns)) for place in form.walk()
        }

    def __call__(self, place: Place, attribute: str) -> Iterator[set[Change]]:
        """What changes in each surrounding; to be read until enough is seen, or to the end."""
        if place.parent or attribute:
            yield Document(place, is_bare=True).changes(place, attribute)
            for whole in place.lineage():
                yield self._document(whole).changes(place, attribute)
            yield self._document(self._form).without(self._rivals(place), place, attribute)

    def _rivals(self, place: Place) -> Iterator[Place]:
        columns, lineage = self._columns[id(place)], {id(each) for each in (*place.lineage(), *place.walk())}
        for other in self._form.walk():
            others = self._columns[id(other)]
            if others and others <= columns and id(other) not in lineage:
                yield other

    def _document(self, whole: Place) -> Document:
        if id(whole) not in self._documents:
            self._documents[id(whole)] = Document(whole)
        return self._documents[id(whole)]
