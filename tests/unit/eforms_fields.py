"""Fields of the eForms SDK, read from a folder beside the project, and what of a notice stands on none of them."""

import csv
import functools
import gzip
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from runtime.schema.codes import eforms as codes
from tests.unit.ted_schemas import FOLDER

FIELDS = FOLDER / "eforms-fields.tsv.gz"
ABSENT = f"no fields at {FIELDS}; set CCA_TED_SCHEMAS"
NAMESPACES = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "efext": "http://data.europa.eu/p27/eforms-ubl-extensions/1",
    "efac": "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
    "efbc": "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1",
}
_PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}
# Of SDK 1.16 alone, whose list of fields is not yet published. Source: OP-TED/eForms-SDK, pull requests 1407 and 1412.
_NONDISCLOSURE = [
    "/*/ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension/"
    f"efac:NoticeInformationNondisclosure/{place}"
    for place in (
        "efac:NondisclosureReference/efbc:NondisclosureID",
        "efac:NondisclosureJustification/efbc:NondisclosureJustificationCode",
        "efac:NondisclosureJustification/efbc:NondisclosureJustificationDescription",
        "efbc:InformationDisclosureDate",
    )
]
_ONE_OF = re.compile(r"([\w:/]+\(\))=\(('[^']*'(?:,'[^']*')*)\)")  # XPath 2.0, of which lxml knows nothing

CORPUS = Path(os.environ.get("CCA_TED_CORPUS", Path(__file__).parents[2].parent / "shared/ted/corpus"))
# Lists without a real notice here that has all of their codes; of NUTS and CPV only the shape is looked at.
_LISTS = {
    "notice-subtype": codes.SUBTYPES,
    **dict.fromkeys(("planning", "competition", "result", "dir-awa-pre", "cont-modif", "bri"), codes.NOTICE_TYPES),
    **dict.fromkeys(("consultation", "completion"), codes.NOTICE_TYPES),
    "modification-justification": codes.CHANGE_REASONS,
    "sector": codes.MAIN_ACTIVITIES,
    "notice-purpose": {"reg": "reg"},
    "received-submission-type": {"t-large": "SDK 1.15"},
    **{name: dict.fromkeys(("true", "false")) for name in ("accelerated-procedure", "tender-guarantee-required")},
}
_SHAPES = {"cpv": re.compile(r"\d{8}"), "nuts": re.compile(r"[A-Z]{2}\w{0,3}")}

Node = tuple[etree._Element, str]
"""An element, or one of its attributes by name."""


@functools.cache
def fields() -> dict[str, list[etree.XPath]]:
    """The places of fields by their paths without conditions, as /*/cbc:ID/@schemeName."""
    with gzip.open(FIELDS, "rt", encoding="utf-8") as file:
        places = [row["xpath"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    found: dict[str, list[etree.XPath]] = {}
    for place in (*places, *_NONDISCLOSURE):
        xpath = _ONE_OF.sub(lambda each: f"({' or '.join(f'{each[1]}={one}' for one in each[2].split(','))})", place)
        found.setdefault(_bare(xpath), []).append(etree.XPath(xpath, namespaces=NAMESPACES))
    return found


def _bare(xpath: str) -> str:
    while (shorter := re.sub(r"\[[^\[\]]*\]", "", xpath)) != xpath:
        xpath = shorter
    return xpath


@functools.cache
def _groups() -> frozenset[str]:
    """Paths of what fields stand in."""
    steps = [path.split("/") for path in fields()]
    return frozenset("/".join(each[:count]) for each in steps for count in range(2, len(each)))


def nodes(root: etree._Element) -> Iterator[tuple[str, Node]]:
    """All elements and attributes below the root with their paths."""
    waiting = [("/*", child) for child in root.iterchildren("*")]
    while waiting:
        above, element = waiting.pop()
        name = etree.QName(element)
        path = f"{above}/{_PREFIXES.get(name.namespace or '', '')}:{name.localname}"
        yield path, (element, "")
        for attribute in map(str, element.attrib):
            yield f"{path}/@{attribute}", (element, attribute)
        waiting += [(path, child) for child in element.iterchildren("*")]


@functools.cache
def codes_in_use() -> frozenset[tuple[str, str]]:
    """Lists and codes of real notices."""
    found: set[tuple[str, str]] = set()
    for path in sorted((CORPUS / "packages").rglob("*.tar.gz")):
        with tarfile.open(path) as archive:
            for member in archive:
                file = archive.extractfile(member)
                data = file.read() if file else b""
                if b"CustomizationID" in data:
                    found |= set(_coded(etree.fromstring(data)))
    return frozenset(found)


def _coded(root: etree._Element) -> Iterator[tuple[str, str]]:
    for element in root.iter("{*}*"):
        name = element.get("listName")
        if name and element.text:
            yield name, element.text.strip()


def unknown_codes(root: etree._Element) -> list[str]:
    """Codes of a notice that their list has not, as far as real notices and the tables of codes tell."""
    found = []
    for name, code in _coded(root):
        shape = _SHAPES.get(name)
        if not (shape.fullmatch(code) if shape else code in _LISTS.get(name, ()) or (name, code) in codes_in_use()):
            found.append(f"no code of {name}: {code}")
    return found


def faults(root: etree._Element) -> list[str]:
    """What of a notice stands on no field: a path of none, or one whose conditions (list, scheme, code) do not hold."""
    places: dict[str, set[Node]] = {}
    for path, node in nodes(root):
        places.setdefault(path, set()).add(node)
    found = []
    for path, there in places.items():
        if path in _groups():
            continue
        wanted = {
            (each.getparent(), str(each.attrname)) if isinstance(each, str) else (each, "")  # type: ignore[attr-defined]
            for xpath in fields().get(path, ())
            for each in xpath(root.getroottree())
        }
        found += [f"{path}: {_shown(*node)}" for node in there - wanted]
    return sorted(found)


def _shown(element: etree._Element, attribute: str) -> str:
    return str(element.get(attribute) if attribute else (element.text or "").strip())
