"""Made-up eForms notices hold elements and attributes only where the SDK has a field."""

import csv
import functools
import gzip
import re

import pytest
from lxml import etree

from tests.unit.ted_schemas import FOLDER
from tests.unit.test_sample_notices import EVERY_FORM, root, sample, variants

FIELDS = FOLDER / "eforms-fields.tsv.gz"
pytestmark = pytest.mark.skipif(not FIELDS.is_file(), reason=f"no fields at {FIELDS}; set CCA_TED_SCHEMAS")
EFORMS = [(sdk, form) for sdk, form in EVERY_FORM if sdk.startswith("eforms")]
PREFIXES = {
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2": "cbc",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2": "cac",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2": "ext",
    "http://data.europa.eu/p27/eforms-ubl-extensions/1": "efext",
    "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1": "efac",
    "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1": "efbc",
}


@functools.cache
def known_paths() -> frozenset[str]:
    """Paths of all fields and of what they stand in, without conditions, as /*/cbc:ID."""
    with gzip.open(FIELDS, "rt", encoding="utf-8") as file:
        xpaths = [row["xpath"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    known = set()
    for xpath in xpaths:
        path = xpath
        while (shorter := re.sub(r"\[[^\[\]]*\]", "", path)) != path:
            path = shorter
        steps = path.split("/")
        known |= {"/".join(steps[:count]) for count in range(3, len(steps) + 1)}
    return frozenset(known)


def paths(tree: etree._Element) -> set[str]:
    """Paths of all elements and attributes below the root."""
    found = set()
    waiting = [("/*", child) for child in tree]
    while waiting:
        above, element = waiting.pop()
        name = etree.QName(element)
        path = f"{above}/{PREFIXES[name.namespace or '']}:{name.localname}"
        found |= {path, *(f"{path}/@{attribute}" for attribute in map(str, element.attrib))}
        waiting += [(path, child) for child in element]
    return found


@pytest.mark.parametrize(("sdk", "form"), EFORMS)
def test_every_path_of_a_made_up_notice_is_one_of_a_field(sdk: str, form: str) -> None:
    unknown = {path for notice in variants(sdk, form) for path in paths(root(notice)) - known_paths()}
    assert unknown == set()


def test_a_path_of_no_field_is_noticed() -> None:
    tree = root(sample("29", "eforms-sdk-1.10"))
    etree.SubElement(tree, f"{{{next(iter(PREFIXES))}}}Surprise")
    assert paths(tree) - known_paths() == {"/*/cbc:Surprise"}
