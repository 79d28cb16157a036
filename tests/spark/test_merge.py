"""A year on real Spark: what goes in, what comes out."""

import datetime as dt
import itertools
import random
from dataclasses import asdict
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from runtime.manifest import EXTRACTOR_VERSION, Reject
from runtime.merge.checks import CheckFailed
from runtime.merge.plan import MergeRefused
from runtime.merge.published import read_published
from runtime.schema import NOTICE_TABLES, TABLES
from tests.spark.conftest import World
from tests.spark.folder import notice

FEBRUARY, MARCH, APRIL = "20190228_2019042", "20190301_2019043", "20190402_2019065"


def test_publishes_every_row_of_every_table(world: World) -> None:
    world.year.add(MARCH, notice(1), notice(2))
    world.year.add(APRIL, notice(3))

    published = world.merge()

    details = {
        "lots": 6, "lot_results": 3, "tenders": 3, "contracts": 3, "parties": 6, "criteria": 3, "changes": 0,
        "cpv_names": 3,
    }  # fmt: skip
    assert published.tables == {"notices": 3, **details, "packages": 2, "rejects": 0}
    assert {table.name: len(world.rows(table.name)) for table in TABLES} == published.tables
    first = world.rows("notices")[0]
    assert first["notice_id"] == "1-2019"
    assert first["publication_date"] == dt.date(2019, 3, 1)
    assert first["cpv_additional"] == ["45000000"]
    assert first["estimated_value"] == Decimal("1000.5000")
    assert first["total_value"] is None
    assert read_published(world.bucket, 2019) == published


def test_gives_the_same_rows_in_any_order_and_again(world: World) -> None:
    packages = {FEBRUARY: [notice(4)], MARCH: [notice(1), notice(2)], APRIL: [notice(3), notice(2)]}
    for package, notices in packages.items():
        world.year.add(package, *notices)
    world.merge()
    once = {table.name: world.rows(table.name) for table in TABLES}
    world.merge()
    again = {table.name: world.rows(table.name) for table in TABLES}
    for package, notices in reversed(packages.items()):
        world.year.add(package, *random.Random(1).sample(notices, len(notices)))  # noqa: S311 - an order, no secret
    world.merge()
    reordered = {table.name: world.rows(table.name) for table in TABLES}

    assert once["notices"]
    assert again == once
    assert reordered == once


def test_newest_package_wins_and_duplicates_are_counted(world: World) -> None:
    world.year.add(MARCH, notice(1, title="old", lots=[{"lot_id": "A"}, {"lot_id": "B"}, {"lot_id": "C"}]), notice(2))
    world.year.add(APRIL, notice(1, title="new", lots=[{"lot_id": "Z"}]), notice(3))

    published = world.merge()

    assert {row["notice_id"]: row["title"] for row in world.rows("notices")}["1-2019"] == "new"
    assert [row["lot_id"] for row in world.rows("lots") if row["notice_id"] == "1-2019"] == ["Z"]
    assert published.tables["notices"] == 3
    assert published.duplicates == {
        "notices": 1, "lots": 3, "lot_results": 1, "tenders": 1,
        "contracts": 1, "parties": 2, "criteria": 1, "changes": 0, "cpv_names": 1,
    }  # fmt: skip
    assert {row["package_id"]: row["duplicate_count"] for row in world.rows("packages")} == {MARCH: 1, APRIL: 0}
    assert published.packages[MARCH].duplicates == 1


def test_notice_in_three_packages_counts_once(world: World) -> None:
    for package in (FEBRUARY, MARCH, APRIL):
        world.year.add(package, notice(1, title=package))

    published = world.merge()

    assert [row["title"] for row in world.rows("notices")] == [APRIL]
    assert published.duplicates["notices"] == 2


def test_ledger_tells_what_the_manifests_tell(world: World) -> None:
    bad = Reject("20190301_043/000009_2019.xml", "not-xml", "expected XML, got <", "quarantine/x", "cd" * 32, 17)
    gone = Reject("20190301_043/link", "not-a-file", "a link", "", "", 0)
    world.year.add(MARCH, notice(1), rejects=(gone, bad))

    world.merge()

    assert world.rows("packages") == [
        {
            "package_id": MARCH, "publication_date": dt.date(2019, 3, 1), "ojs_issue": 43,
            "source_url": "https://ted.europa.eu/packages/daily/201900001", "raw_version_id": "v1", "sha256": "ab" * 32,
            "size_bytes": 1000, "fetched_at": dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
            "extracted_at": dt.datetime(2026, 1, 2, 3, 5, 6, tzinfo=dt.UTC), "extractor_version": EXTRACTOR_VERSION,
            "member_count": 3, "notice_count": 1, "quarantined_count": 2, "skipped_count": 0, "duplicate_count": 0,
            "first_notice_id": "1-2019", "last_notice_id": "1-2019",
        }
    ]  # fmt: skip
    rejects = world.rows("rejects")
    assert [(row["member_name"], row["reason"]) for row in rejects] == [
        ("20190301_043/000009_2019.xml", "not-xml"),
        ("20190301_043/link", "not-a-file"),
    ]
    assert [row["quarantine_key"] for row in rejects] == ["quarantine/x", None]


def test_package_without_notices_is_in_the_ledger(world: World) -> None:
    world.year.add(MARCH)

    published = world.merge()

    assert published.tables["notices"] == 0
    assert [row["notice_count"] for row in world.rows("packages")] == [0]
    # Every partition has a file, so that every query engine can read it.
    assert all(world.files(table.name) for table in TABLES)


def test_files_that_no_manifest_names_are_not_opened(world: World) -> None:
    world.year.add(MARCH, notice(1))
    stray = world.year.root / f"daily/lots/year=2019/{APRIL}.parquet"
    stray.write_bytes(b"half a file of an extraction that died")

    assert world.merge().tables["lots"] == 2


def test_a_file_that_was_cut_off_is_refused_with_its_command_and_not_opened(world: World) -> None:
    path = world.year.root / world.year.add(MARCH, notice(1)).files["notices"].key
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(
        MergeRefused, match=f"{MARCH}: the file of notices has another size.*\n *ted extract-again {MARCH}"
    ):
        world.merge()


def test_years_do_not_touch_each_other(world: World) -> None:
    world.year.add(MARCH, notice(1))
    world.year.add("20200302_2020043", notice(1, 2020))
    world.merge(2019, run="a")
    world.merge(2020, run="b")
    world.merge(2020, run="c")

    assert [row["notice_id"] for row in world.rows("notices", 2019)] == ["1-2019"]
    assert [row["notice_id"] for row in world.rows("notices", 2020)] == ["1-2020"]


def test_one_file_per_table_with_little_data_sorted_and_with_statistics(world: World) -> None:
    countries = ["FRA", "DEU", "AUT", "FRA", "DEU"]
    world.year.add(MARCH, *(notice(n, buyer_country=country) for n, country in enumerate(countries, 1)))
    world.year.add(APRIL, notice(7, buyer_country="AUT"))

    world.merge()

    (path,) = world.files("notices")
    order = [(row["publication_date"].month, row["buyer_country"], row["notice_id"]) for row in world.rows("notices")]
    assert order == sorted(order)
    group = pq.ParquetFile(path).metadata.row_group(0)
    column = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}["publication_date"]
    assert column.compression == "ZSTD"
    assert column.statistics.min == dt.date(2019, 3, 1)
    assert column.has_column_index
    assert column.has_offset_index


def test_big_tables_become_several_files_that_follow_each_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.merge.spark.FILE_BYTES", 20_000)
    for day in range(1, 13):
        world.year.add(f"201903{day:02d}_2019{day:03d}", *(notice(100 * day + n) for n in range(5)))

    published = world.merge()

    files = world.files("notices")
    assert len(files) == published.files["notices"] > 2
    spans = [pq.ParquetFile(path).read(["publication_date"])["publication_date"].to_pylist() for path in files]
    assert all(max(left) < min(right) for left, right in itertools.pairwise(spans))
    assert sum(map(len, spans)) == 60


@pytest.mark.parametrize("ordinals", [(1, 1), (1, 65, 130, 65)])
def test_repeated_keys_are_not_published(world: World, ordinals: tuple[int, ...]) -> None:
    world.year.add(MARCH, notice(1, lots=[{"lot_ordinal": ordinal} for ordinal in ordinals]))

    with pytest.raises(CheckFailed, match="lots: 1 rows repeat the key of another"):
        world.merge()

    assert world.catalog.location("notices", 2019) == ""
    assert read_published(world.bucket, 2019) is None


def test_a_repeated_notice_is_told_with_its_rows(world: World) -> None:
    world.year.add(MARCH, notice(1), notice(1), notice(2))

    with pytest.raises(CheckFailed) as failed:
        world.merge()

    rows = {table: count // 3 for table, count in world.year.manifests[MARCH].rows.items() if count}
    assert failed.value.attributes["faults"] == [
        f"{table.name}: {rows[table.name]} rows repeat the key of another"
        for table in NOTICE_TABLES
        if table.name in rows
    ]


def test_a_notice_may_have_hundreds_of_lots(world: World) -> None:
    world.year.add(MARCH, notice(1, lots=[{"lot_ordinal": ordinal} for ordinal in range(1, 301)]))

    assert world.merge().tables["lots"] == 300


def test_rows_without_a_notice_are_not_published(world: World) -> None:
    world.year.add(MARCH, notice(1), notice(2))
    # The notices file loses a row that the manifest, taken at its word, does not promise.
    path = world.year.root / f"daily/notices/year=2019/{MARCH}.parquet"
    pq.write_table(pq.ParquetFile(path).read().slice(0, 1), path)
    manifest = world.year.manifests[MARCH]
    files = {name: asdict(file) for name, file in manifest.files.items()}
    files["notices"].update(rows=1, bytes=path.stat().st_size)
    world.year.change_manifest(MARCH, files=files, rows={**manifest.rows, "notices": 1})

    with pytest.raises(CheckFailed, match="lots: 2 rows are of notices that are missing"):
        world.merge()

    assert world.catalog.location("lots", 2019) == ""


def test_dates_outside_sane_bounds_are_reported_and_published(world: World) -> None:
    odd = notice(1, dispatch_date=dt.date(1919, 3, 1), contracts=[{"conclusion_date": dt.date(2919, 1, 1)}])
    world.year.add(MARCH, odd, notice(2, submission_deadline_date=dt.date(2040, 1, 1)))

    published = world.merge()

    assert published.checks["odd_dates"] == {"notices.dispatch_date": 1, "contracts.conclusion_date": 1}
    assert published.tables["contracts"] == 2
