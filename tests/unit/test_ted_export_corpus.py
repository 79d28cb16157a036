"""Real TED_EXPORT notices: each can be read, and each value fits its column."""

import datetime as dt
import os
import tarfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from runtime.extract.notice import Notice, Row
from runtime.extract.ted_export import read_ted_export
from runtime.schema.columns import Kind
from runtime.schema.sources.ted_export import SOURCES
from runtime.schema.tables import NOTICE_TABLES

CORPUS = Path(os.environ.get("CCA_TED_CORPUS") or Path(__file__).parents[3] / "shared/ted/corpus")
pytestmark = pytest.mark.long
KINDS: dict[str, dict[str, Kind]] = {
    table.name: {column.name: column.kind for column in table} for table in NOTICE_TABLES
}


def real_notices() -> Iterator[tuple[str, etree._Element]]:
    for package in sorted(CORPUS.glob("packages/daily/*.tar.gz")):
        with tarfile.open(package) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                data = file.read() if file else b""
                if b"<TED_EXPORT" in data[:3000] or b":TED_EXPORT" in data[:3000]:
                    yield member.name, etree.fromstring(data)


def misfits(table: str, row: Row) -> list[str]:
    """Columns whose value has not the column's type."""
    return [f"{table}.{column}={value!r}" for column, value in row.items() if not fits(KINDS[table][column], value)]


def fits(kind: Kind, value: object) -> bool:
    if value is None:
        return True
    if kind == "string":
        return isinstance(value, str) and bool(value)
    if kind in ("int", "boolean"):
        return type(value) is (int if kind == "int" else bool)
    if kind == "list":
        return isinstance(value, list) and bool(value) and all(isinstance(each, str) and each for each in value)
    if kind == "date":
        return isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    return isinstance(value, str) and value.isascii() and abs(Decimal(value)) < 10 ** (12 if kind == "number" else 20)


@pytest.fixture(scope="module")
def notices() -> list[tuple[str, Notice]]:
    """All real TED_EXPORT notices by member, read."""
    if not CORPUS.exists():
        pytest.skip(f"no real notices at {CORPUS}; set CCA_TED_CORPUS")
    return [(name, read_ted_export(root)) for name, root in real_notices()]


def test_reads_every_real_notice_into_values_that_fit(notices: list[tuple[str, Notice]]) -> None:
    for name, notice in notices:
        faults = misfits("notices", notice.row)
        for table, children in notice.children.items():
            for row in children:
                faults += misfits(table, row)
        assert faults == [], name
        assert notice.unknown_codes == [], name
        for column in (
            "notice_id",
            "publication_date",
            "title",
            "buyer_name",
            "buyer_country",
            "cpv_main",
            "form_type",
        ):
            assert notice.row[column], (name, column)
    assert len(notices) > 2000


def test_names_sources_of_the_columns_that_are_filled_and_of_no_others(notices: list[tuple[str, Notice]]) -> None:
    filled: set[tuple[str, str]] = set()
    for _, notice in notices:
        for table, children in {"notices": [notice.row], **notice.children}.items():
            filled.update((table, column) for row in children for column, value in row.items() if value is not None)
    of_the_core = {("notices", "warnings"), ("notices", "lot_count"), ("notices", "contract_count")}
    not_in_the_corpus = {("lot_results", "are_tender_counts_withheld"), ("parties", "other_national_ids")}
    assert filled <= set(SOURCES)
    assert set(SOURCES) - filled <= of_the_core | not_in_the_corpus
    assert all(column in KINDS[table] for table, column in SOURCES)
