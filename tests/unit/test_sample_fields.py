"""Made-up eForms notices hold elements and attributes only where the SDK has a field, and codes that are in use."""

import pytest
from lxml import etree

from tests.unit.eforms_fields import ABSENT, CORPUS, FIELDS, NAMESPACES, faults, unknown_codes
from tests.unit.made_up_packages import eforms_notice
from tests.unit.test_sample_notices import EVERY_FORM, root, sample, variants

pytestmark = pytest.mark.skipif(not FIELDS.is_file(), reason=ABSENT)
EFORMS = [(sdk, form) for sdk, form in EVERY_FORM if sdk.startswith("eforms")]


@pytest.mark.parametrize(("sdk", "form"), EFORMS)
def test_a_made_up_notice_stands_on_fields(sdk: str, form: str) -> None:
    assert {fault for notice in variants(sdk, form) for fault in faults(root(notice))} == set()


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no real notices at {CORPUS}; set CCA_TED_CORPUS")
@pytest.mark.parametrize(("sdk", "form"), EFORMS)
def test_a_made_up_notice_has_codes_that_are_in_use(sdk: str, form: str) -> None:
    assert {code for notice in variants(sdk, form) for code in unknown_codes(root(notice))} == set()


def test_the_notices_of_made_up_packages_stand_on_fields() -> None:
    assert faults(etree.fromstring(eforms_notice(7))) == []


def test_a_path_of_no_field_and_a_list_of_none_are_noticed() -> None:
    tree = root(sample("29", "eforms-sdk-1.10"))
    assert faults(tree) == []
    etree.SubElement(tree, f"{{{NAMESPACES['cbc']}}}Surprise").text = "?"
    reason = next(tree.iter(f"{{{NAMESPACES['cbc']}}}ProcessReasonCode"))
    reason.set("listName", "no-such-list")
    assert unknown_codes(tree) == ["no code of no-such-list: false"]
    assert {fault.rpartition("/")[2] for fault in faults(tree)} == {
        "cbc:Surprise: ?",
        "@listName: no-such-list",
    }
