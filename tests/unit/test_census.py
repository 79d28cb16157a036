"""Every element of every TED_EXPORT form that has a column is read into it: a walk over the census of the schemas."""

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from runtime.extract.ted_export import older
from runtime.schema.tables import NOTICE_TABLES
from tests.unit.census import Change, Place, Walk, read_census

ROOT = Path(__file__).parents[2]
CENSUS = Path(os.environ.get("CCA_TED_CENSUS", ROOT.parent / "shared" / "ted" / "schemas" / "ted-export-census.tsv.gz"))
# Columns in the census's own words: `parties (role winner)`, `contracts.value / value_low`, `(chooses the form)`.
_NAMED = re.compile(r"\b(notices|lots|lot_results|tenders|contracts|parties|criteria|changes)\.([a-z_]+)")
_NO_COLUMN = ("none", "-", "(")

pytestmark = pytest.mark.skipif(not CENSUS.is_file(), reason=f"no census at {CENSUS}; set CCA_TED_CENSUS")


@lru_cache
def forms() -> dict[str, Place]:
    return read_census(CENSUS)


@lru_cache
def since() -> list[tuple[re.Pattern[str], str]]:
    """Columns of places that the census says otherwise of, by pattern of their path."""
    lines = Path(__file__).with_name("census_columns.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(re.compile(pattern), column) for pattern, column in pairs]


def column_of(place: Place, attribute: str) -> str:
    """What a place belongs to, `-` where nothing."""
    said = place.columns[attribute]
    path = f"{place.path}@{attribute}" if attribute else place.path
    is_none = said.startswith(_NO_COLUMN)
    if not (is_none and "not for publication" in said and "DATE_PUBLICATION_NOTICE" not in path):
        for pattern, column in since():
            if pattern.search(path):
                return column
    return "-" if is_none else said


def columns(place: Place, attribute: str) -> set[Change]:
    return set(_NAMED.findall(column_of(place, attribute)))


def places(form: Place) -> Iterator[tuple[Place, str]]:
    """Elements and attributes that have a column."""
    for place in form.walk():
        for attribute in place.columns:
            if column_of(place, attribute) != "-":
                yield place, attribute


def test_each_element_with_a_column_is_read_into_it() -> None:
    count, unread = 0, []
    for name, form in forms().items():
        walk = Walk(form, columns)
        for place, attribute in places(form):
            count += 1
            named = columns(place, attribute)
            # Of some the census names a table and no column: any change will do.
            if not any(found & named if named else found for found in walk(place, attribute)):
                unread.append(f"{name.partition(' ')[0]} {place.path}@{attribute}: {column_of(place, attribute)}")
    assert unread == []
    assert count > 6_400


def test_no_name_is_read_that_no_schema_has() -> None:
    """Elements of older forms are recognised by name alone, so a misspelt one would never be missed."""
    names = {
        older._plain(place.name).replace("DEFENSE", "DEFENCE")
        for edition, form in forms().items()
        if not edition.startswith("R2.0.9")
        for place in form.walk()
    }
    assert {*older._BY_NAME, *older._UNREAD, *older._CONDITIONS._by_name} - names == set()


def test_exceptions_and_patterns_are_each_needed() -> None:
    used = set()
    for form in forms().values():
        for place in form.walk():
            for attribute in place.columns:
                path = f"{place.path}@{attribute}" if attribute else place.path
                used |= {n for n, (pattern, _) in enumerate(since()) if pattern.search(path)}
    assert [pattern.pattern for n, (pattern, _) in enumerate(since()) if n not in used] == []
    known = {(table.name, column.name) for table in NOTICE_TABLES for column in table}
    assert {change for _, column in since() for change in _NAMED.findall(column)} <= known
