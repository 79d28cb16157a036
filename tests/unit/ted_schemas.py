"""The official schemas of TED_EXPORT, read from a folder beside the project: nothing of them is kept here."""

import functools
import os
import tarfile
import tempfile
from pathlib import Path

from lxml import etree

FOLDER = Path(os.environ.get("CCA_TED_SCHEMAS", Path(__file__).parents[2].parent / "shared/ted/schemas"))
ARCHIVE = FOLDER / "xsd.tar.xz"
VERSIONS = (*(f"R2.0.8.S0{n}" for n in range(2, 6)), *(f"R2.0.9.S0{n}" for n in range(1, 6)))
ABSENT = f"no schemas at {ARCHIVE}; set CCA_TED_SCHEMAS"


@functools.cache
def _unpacked() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="ted-xsd-")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder.name, filter="data")
    return folder


def folder(version: str) -> Path:
    """The files of a version's schema."""
    return Path(_unpacked().name) / "xsd" / version[:6].replace(".", "").lower() / version[7:10]


@functools.cache
def schema(version: str) -> etree.XMLSchema:
    """The schema of a version, R2.0.8.S02 to R2.0.9.S05."""
    return etree.XMLSchema(etree.parse(folder(version) / "TED_EXPORT.xsd"))


def faults(xml: bytes, version: str) -> list[str]:
    """What a notice lacks of being valid, a line each."""
    tree = etree.fromstring(xml)
    if schema(version).validate(tree):
        return []
    return [f"{error.path}: {error.message}" for error in schema(version).error_log]  # type: ignore[attr-defined]  # lxml has it, its stubs do not


def hold(found: list[str], *deliberate: str) -> None:
    """Hold a made-up notice to what was found wrong with it: all of that is deliberate, and each fault is there."""
    strange = [each for each in found if not any(fault in each for fault in deliberate)]
    missing = [fault for fault in deliberate if not any(fault in each for each in found)]
    assert not strange, "not as its schema has it: " + "; ".join(strange)
    assert not missing, f"no fault, but said to be one: {', '.join(missing)}"
