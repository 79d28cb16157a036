"""What the demo compares: a year's manifests and what can be queried."""

from pathlib import Path

import pytest

from console.demo import year_faults
from runtime.manifest import Reject
from runtime.schema import NOTICE_TABLES
from tests.spark.folder import Year, notice

MARCH, APRIL = "20190301_2019043", "20190402_2019065"
BAD = Reject("20190301_043/000009_2019.xml", "not-xml", "expected XML, got <", "quarantine/x", "cd" * 32, 17)


@pytest.fixture
def year(tmp_path: Path) -> Year:
    year = Year(tmp_path)
    year.add(MARCH, notice(1), notice(2), rejects=(BAD,))
    year.add(APRIL, notice(2))
    return year


def counted(year: Year) -> dict[tuple[str, int], int]:
    """What a merge of the year publishes: the second notice once."""
    march = year.manifests[MARCH].rows
    return {
        **{(table.name, 2019): march[table.name] for table in NOTICE_TABLES},
        ("rejects", 2019): 1,
        ("duplicates", 2019): 1,
    }


def faults(year: Year, counts: dict[tuple[str, int], int]) -> list[str]:
    return year_faults(2019, list(year.manifests.values()), year.manifests[APRIL].rows, counts)


def test_a_whole_year_has_no_faults(year: Year) -> None:
    assert faults(year, counted(year)) == []


def test_rows_of_another_year_do_not_stand_for_missing_ones(year: Year) -> None:
    counts = counted(year)
    counts["lots", 2020] = counts.pop(("lots", 2019))

    assert faults(year, counts) == ["2019 lots: expected 4 from the manifests less what was replaced, Athena has 0"]


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("duplicates", "2019 duplicates: expected 1 from the manifests less what was replaced, Athena has 2"),
        ("rejects", "2019 rejects: expected 1 from the manifests less what was replaced, Athena has 2"),
        ("notices", "2019 notices: expected 2 from the manifests less what was replaced, Athena has 3"),
    ],
)
def test_a_ledger_that_counts_otherwise_is_told(year: Year, table: str, fault: str) -> None:
    counts = counted(year)
    counts[table, 2019] += 1

    assert faults(year, counts) == [fault]
