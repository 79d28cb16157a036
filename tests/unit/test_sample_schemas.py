"""Made-up notices follow the official schemas, so that what reads them reads what is really sent."""

import pytest
from lxml import etree

from tests.unit.ted_schemas import ABSENT, ARCHIVE, VERSIONS, faults
from tests.unit.test_sample_notices import EVERY_FORM, root, sample, variants

pytestmark = pytest.mark.skipif(not ARCHIVE.is_file(), reason=ABSENT)
WITH_SCHEMA = [(version, form) for version, form in EVERY_FORM if version in VERSIONS]


@pytest.mark.parametrize(("version", "form"), WITH_SCHEMA)
def test_a_made_up_notice_is_valid(version: str, form: str) -> None:
    wrong = {notice.member_name: found for notice in variants(version, form) if (found := faults(notice.xml, version))}
    assert wrong == {}


def test_the_schema_names_what_is_wrong() -> None:
    tree = root(sample("F03", "R2.0.9.S03"))
    title = next(tree.iter("{*}REFERENCE_NUMBER"))
    title.addnext(etree.Element("SURPRISE"))
    (fault, *_) = faults(etree.tostring(tree), "R2.0.9.S03")
    assert "SURPRISE" in fault
