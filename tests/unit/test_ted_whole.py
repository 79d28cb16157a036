"""What holds small made-up notices to the official schemas adds what is missing, and names what is wrong."""

import pytest
from lxml import etree

from tests.unit.made_up_packages import ted_notice
from tests.unit.ted_export_documents import BODY, document, older, read
from tests.unit.ted_schemas import ABSENT, ARCHIVE, VERSIONS
from tests.unit.ted_whole import grammar, whole
from tests.unit.test_sample_notices import sample

pytestmark = pytest.mark.skipif(not ARCHIVE.is_file(), reason=ABSENT)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_least_notice_of_every_form_is_valid(version: str) -> None:
    forms = grammar(version).children("FORM_SECTION")
    assert len(forms) >= (7 if version == "R2.0.8.S05" else 17)
    data = document(version=f"{version}.E01", forms="{}")
    wrong = {}
    for form in forms:
        parts = data.replace(b"{}", f"<{form}/>".encode())
        notice, found = whole(parts, version)
        if found:
            wrong[form] = found
        assert etree.fromstring(notice).find(f".//{{*}}{form}") is not None
    assert wrong == {}


def test_what_is_whole_stays_as_it_is() -> None:
    notice = sample("F03", "R2.0.9.S03").xml
    again, found = whole(notice, "R2.0.9.S03")
    assert found == []
    assert etree.tostring(etree.fromstring(again), method="c14n") == etree.tostring(
        etree.fromstring(notice), method="c14n"
    )


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<SURPRISE/>", "SURPRISE has no place in"),
        ("<PROCEDURE/><OBJECT_CONTRACT/>", "OBJECT_CONTRACT has no place in"),
        ("<NOTICE TYPE='LATE'/>", "NOTICE has no place in"),
        ("<OBJECT_CONTRACT><VAL_TOTAL CURRENCY='EUR'>much</VAL_TOTAL></OBJECT_CONTRACT>", "VAL_TOTAL"),
        ("<OBJECT_CONTRACT COLOUR='red'/>", "COLOUR"),
    ],
)
def test_what_the_schema_has_not_is_named(body: str, fault: str) -> None:
    with pytest.raises(AssertionError, match="not as its schema has it"):
        read(document(BODY + body))
    read(document(BODY + body), fault)
    with pytest.raises(AssertionError, match="no fault, but said to be one: PROCEDURE"):
        read(document(BODY + body), fault, "PROCEDURE has no place")


def test_an_older_form_is_held_to_its_own_version() -> None:
    read(older("<AWARD_OF_CONTRACT/>"))
    with pytest.raises(AssertionError, match="AWARD_OF_CONTRACT_DEFENSE has no place"):
        read(older("<AWARD_OF_CONTRACT_DEFENSE/>"))


def test_the_notices_of_made_up_packages_are_parts_of_valid_ones() -> None:
    assert whole(ted_notice(7), "R2.0.9.S03")[1] == []
