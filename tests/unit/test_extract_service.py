"""Every member of a package ends as rows, in quarantine, or as a repeat that is skipped; the manifest adds up."""

import dataclasses
import datetime as dt
import gzip
import hashlib
import io
import random
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow.parquet as pq
import pytest
from lxml import etree

from runtime import archive
from runtime.buckets import Listed
from runtime.errors import TerminalError
from runtime.extract import dispatch, service
from runtime.extract.columns import TableFiles, to_tables
from runtime.extract.notice import Notice
from runtime.extract.service import RawObject, extract_package
from runtime.keys import PackageId
from runtime.ledger import is_of
from runtime.manifest import EXTRACTOR_VERSION, Manifest
from runtime.schema.arrow import arrow_schema
from runtime.schema.tables import NOTICE_TABLES, table
from tests.unit.made_up_packages import DAY, eforms_notice, members, package, ted_notice

PACKAGE = PackageId(dt.date(2019, 1, 2), 1)
NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


class Memory:
    """A bucket in memory that keeps the order of what was done."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.done: list[tuple[str, str]] = []

    def keys(self, prefix: str = "") -> Iterator[Listed]:
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield Listed(key, len(self.objects[key]), NOW)

    def put(self, key: str, data: bytes) -> None:
        self.done.append(("put", key))
        self.objects[key] = data

    def upload(self, key: str, file: IO[bytes]) -> None:
        self.put(key, file.read())

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.done.append(("delete", key))
            self.objects.pop(key, None)

    def rows(self, name: str) -> list[dict[str, Any]]:
        key = PACKAGE.daily_key(name)
        return pq.read_table(io.BytesIO(self.objects[key])).to_pylist() if key in self.objects else []


def run(
    files: bytes | dict[str, bytes], place: Memory | None = None, source: RawObject | None = None, **options: Any
) -> tuple[Manifest, Memory]:
    place = place or Memory()
    data = files if isinstance(files, bytes) else package(files)
    return extract_package(io.BytesIO(data), PACKAGE, source or RawObject(), place, clock=lambda: NOW, **options), place


def reasons(manifest: Manifest) -> list[tuple[str, str]]:
    return [(reject.member_name, reject.reason) for reject in manifest.rejects]


def test_writes_the_rows_of_every_notice_of_both_formats() -> None:
    manifest, place = run({**members([2, 1]), f"{DAY}/00000003_2024.xml": eforms_notice(3)})

    assert (manifest.members, manifest.notices, manifest.quarantined, manifest.skipped) == (3, 3, 0, 0)
    assert manifest.formats == {"R2.0.9.S03": 2, "eforms-sdk-1.10": 1}
    assert (manifest.first_notice_id, manifest.last_notice_id) == ("1-2019", "3-2024")
    notices = place.rows("notices")
    assert [row["notice_id"] for row in notices] == ["1-2019", "2-2019", "3-2024"]
    data = ted_notice(1)
    first = notices[0]
    assert first["package_id"] == "20190102_2019001"
    assert first["publication_date"] == dt.date(2019, 1, 2)
    assert first["member_name"] == f"{DAY}/000001_2019.xml"
    assert (first["xml_sha256"], first["xml_bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (first["lot_count"], first["contract_count"]) == (1, 1)
    assert first["extractor_version"] == EXTRACTOR_VERSION
    assert first["warnings"] is None
    winner = next(row for row in place.rows("parties") if row["role"] == "winner")
    assert (winner["notice_id"], winner["name"], winner["country"]) == ("1-2019", "Routes SA", "FRA")
    assert winner["publication_date"] == dt.date(2019, 1, 2)
    assert [row["value"] for row in place.rows("contracts")] == [pytest.approx(1000.5)] * 2


def test_a_name_of_a_cpv_code_is_kept_once_a_package_at_its_first_notice() -> None:
    other = ted_notice(2).replace(b">Roadworks<", b">Road  works <")
    both = ted_notice(3).replace(
        b"<ORIGINAL_CPV", b'<ORIGINAL_CPV CODE="45000000">Construction work</ORIGINAL_CPV><ORIGINAL_CPV', 1
    )
    _, place = run(members({1: ted_notice(1), 2: other, 3: both, 4: ted_notice(4)}))
    assert [(row["notice_id"], row["name_ordinal"], row["code"], row["name"]) for row in place.rows("cpv_names")] == [
        ("1-2019", 1, "45233140", "Roadworks"),
        ("2-2019", 1, "45233140", "Road works"),
        ("3-2019", 1, "45000000", "Construction work"),
    ]
    assert [row["cpv_additional"] for row in place.rows("notices")] == [None, None, ["45000000"], None]


def test_files_hold_the_schema_and_the_manifest_their_names_and_sizes() -> None:
    manifest, place = run(members([1]))
    assert set(manifest.rows) == {each.name for each in NOTICE_TABLES}
    assert manifest.files.keys() == {name for name, rows in manifest.rows.items() if rows}
    for name, file in manifest.files.items():
        data = place.objects[file.key]
        found = pq.ParquetFile(io.BytesIO(data))
        assert found.schema_arrow == arrow_schema(table(name))
        assert (file.key, file.rows, file.bytes) == (PACKAGE.daily_key(name), found.metadata.num_rows, len(data))
        assert found.metadata.row_group(0).column(0).compression == "ZSTD"


def test_the_manifest_tells_where_the_package_comes_from_and_is_written_last() -> None:
    data = package(members([1]))
    digest = hashlib.sha256(data).hexdigest()
    source = RawObject("2019/01/x.tar.gz", "v1", "https://example.org/x", "2019-01-02T09:00:00+00:00", digest)
    manifest, place = run(data, source=source)
    assert place.done[-1] == ("put", PACKAGE.manifest_key)
    assert Manifest.from_json(place.objects[PACKAGE.manifest_key]) == manifest
    assert (manifest.sha256, manifest.size_bytes) == (digest, len(data))
    assert (manifest.raw_key, manifest.raw_version_id, manifest.source_url) == (source.key, "v1", source.url)
    assert manifest.fetched_at == source.fetched_at
    assert manifest.extracted_at == "2026-11-23T12:00:00+00:00"
    assert manifest.previous_raw_version_id is None


def test_the_same_bytes_give_the_same_files() -> None:
    files = {**members(range(1, 40)), f"{DAY}/x": b"no xml"}
    one, two = run(files)[1], run(files)[1]
    for place in (one, two):
        place.objects.pop(PACKAGE.manifest_key)
    assert one.objects == two.objects


def test_keeps_siblings_when_one_member_is_corrupt() -> None:
    corrupt = ted_notice(2)[:-40]
    manifest, place = run(members({1: ted_notice(1), 2: corrupt, 3: ted_notice(3)}))
    assert [row["notice_id"] for row in place.rows("notices")] == ["1-2019", "3-2019"]
    (reject,) = manifest.rejects
    assert (reject.member_name, reject.reason) == (f"{DAY}/000002_2019.xml", "not-xml")
    assert (reject.sha256, reject.size_bytes) == (hashlib.sha256(corrupt).hexdigest(), len(corrupt))
    assert place.objects[reject.quarantine_key] == corrupt
    assert "expected an XML document" in reject.message


def test_every_kind_of_bad_member_is_kept_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_MEMBER", 8000)
    manifest, place = run(
        {
            f"{DAY}/000001_2019.xml": ted_notice(1),
            "a.txt": b"hello",
            "b.xml": b"<html/>",
            "c.xml": ted_notice(0),
            "d.xml": ted_notice(1),
            "e.xml": ted_notice(1, title="Other works"),
            "../f.xml": ted_notice(4),
            "g.xml": b"<TED_EXPORT>" + b" " * 9000,
            "h.xml": b"",
            "i.gz": gzip.compress(ted_notice(5), mtime=0),
        }
    )
    assert reasons(manifest) == [
        ("a.txt", "not-xml"),
        ("b.xml", "not-a-notice"),
        ("c.xml", "no-notice-id"),
        ("e.xml", "duplicate-notice"),
        ("../f.xml", "unsafe-path"),
        ("g.xml", "too-large"),
        ("h.xml", "not-xml"),
        ("i.gz", "not-an-archive"),
    ]
    assert (manifest.members, manifest.notices, manifest.quarantined, manifest.skipped) == (10, 1, 8, 1)
    assert [row["title"] for row in place.rows("notices")] == ["Road works"]
    kept = {reject.member_name: place.objects.get(reject.quarantine_key) for reject in manifest.rejects}
    assert kept["../f.xml"] == ted_notice(4)
    assert kept["g.xml"] is None
    assert kept["h.xml"] is None
    assert kept["i.gz"] == gzip.compress(ted_notice(5), mtime=0)
    assert all(".." not in key for key in place.objects)


def test_members_of_one_name_are_kept_apart() -> None:
    data = package([("x", b"1"), ("x", b"2"), ("x y", b"3"), ("x_y", b"4"), ("x.xml", ted_notice(1))])
    manifest, place = run(data)
    assert [reject.member_name for reject in manifest.rejects] == ["x", "x#2", "x y", "x_y"]
    assert [place.objects[reject.quarantine_key] for reject in manifest.rejects] == [b"1", b"2", b"3", b"4"]


def read_as(monkeypatch: pytest.MonkeyPatch, change: Callable[..., Any]) -> None:
    real = dispatch.READERS["TED_EXPORT"]

    def read(root: etree._Element) -> Notice:
        notice = real(root)
        change(notice)
        return notice

    monkeypatch.setitem(dispatch.READERS, "TED_EXPORT", read)


@pytest.mark.parametrize(
    ("where", "column", "value"),
    [
        ("notices", "dispatch_date", "2019-02-30"),
        ("notices", "dispatch_date", "yesterday"),
        ("notices", "total_value", "1,5"),
        ("notices", "total_value", "1" * 30),
        ("notices", "title", 5),
        ("notices", "cpv_additional", [5]),
        ("notices", "ojs_issue", 2**40),
        ("notices", "ojs_issue", "1"),
        ("notices", "publication_date", "2019"),
        ("lots", "lot_ordinal", "first"),
        ("contracts", "conclusion_date", "20190101"),
    ],
)
def test_a_value_that_does_not_fit_its_column_costs_its_notice_alone(
    monkeypatch: pytest.MonkeyPatch, where: str, column: str, value: Any
) -> None:
    def change(notice: Notice) -> None:
        if notice.row["notice_id"] == "2-2019":
            (notice.row if where == "notices" else notice.children[where][0])[column] = value

    read_as(monkeypatch, change)
    manifest, place = run(members([1, 2, 3]))
    assert reasons(manifest) == [(f"{DAY}/000002_2019.xml", "read-error")]
    assert "does not fit its column" in manifest.rejects[0].message
    for name in ("notices", "lots", "contracts", "parties"):
        assert {row["notice_id"] for row in place.rows(name)} == {"1-2019", "3-2019"}
    assert (manifest.notices, manifest.last_notice_id) == (2, "3-2019")


def test_rows_for_no_table_cost_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    read_as(monkeypatch, lambda notice: notice.add("lotz", {}))
    manifest, _ = run(members([1]))
    assert reasons(manifest) == [(f"{DAY}/000001_2019.xml", "read-error")]


@pytest.mark.parametrize("notice_id", [None, "", "0-2019", "007-2019", "7/2019", "7-19", "7-2019 ", 7, "٧-2019"])
def test_an_id_that_is_no_publication_number_costs_the_notice(
    monkeypatch: pytest.MonkeyPatch, notice_id: int | str | None
) -> None:
    read_as(monkeypatch, lambda notice: notice.row.update(notice_id=notice_id))
    manifest, _ = run(members([1]))
    assert reasons(manifest) == [(f"{DAY}/000001_2019.xml", "no-notice-id")]


def test_unknown_codes_and_warnings_are_counted_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(notice: Notice) -> None:
        notice.code("procedure_type", "Q", {})
        notice.code("procedure_type", "Q", {})

    read_as(monkeypatch, change)
    manifest, place = run(members([1, 2]))
    assert manifest.unknown_codes == {"procedure_type=Q": 4}
    assert [row["warnings"] for row in place.rows("notices")] == [["unknown-code procedure_type=Q"]] * 2


def test_a_notice_without_date_gets_the_date_of_its_package_and_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    read_as(monkeypatch, lambda notice: notice.row.pop("publication_date"))
    _, place = run(members([1]))
    (row,) = place.rows("notices")
    assert (row["publication_date"], row["warnings"]) == (PACKAGE.date, ["no-publication-date"])


def test_a_number_that_is_not_that_of_the_files_name_is_kept_as_published_and_named() -> None:
    _, place = run({"20190301_043/000008_2019.xml": ted_notice(7), "20190301_043/000009_2019.xml": ted_notice(9)})
    assert [(row["notice_id"], row["warnings"]) for row in place.rows("notices")] == [
        ("7-2019", ["other-number-in-name 8-2019"]),
        ("9-2019", None),
    ]


def test_counts_reconcile_though_batches_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH_NOTICES", 3)
    odd = {"x": b"1", "y": ted_notice(7), "z": ted_notice(7, title="Z")}
    manifest, place = run({**members([9, 3, 7, 1, 8, 2, 5]), **odd})
    assert (manifest.members, manifest.notices, manifest.quarantined, manifest.skipped) == (10, 7, 2, 1)
    assert [row["notice_id"] for row in place.rows("notices")] == [f"{n}-2019" for n in (1, 2, 3, 5, 7, 8, 9)]
    assert [row["notice_id"] for row in place.rows("parties")][::2] == [f"{n}-2019" for n in (1, 2, 3, 5, 7, 8, 9)]


def test_members_that_do_not_add_up_fail_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service._Extraction, "_count", lambda self, notice: None)
    with pytest.raises(TerminalError, match="1 members, but 0 notices"):
        run(members([1]))


def test_a_damaged_package_writes_nothing() -> None:
    place = Memory()
    with pytest.raises(TerminalError):
        run(package({**members(range(1, 30)), "x": b"bad"})[:-100], place)
    assert place.done == []


def test_other_bytes_than_were_fetched_fail_the_package() -> None:
    place = Memory()
    with pytest.raises(TerminalError, match="expected the bytes with SHA-256 00"):
        run(members([1]), place, RawObject(sha256="00"))
    assert place.done == []


def test_a_package_of_bad_members_alone_still_has_a_manifest() -> None:
    manifest, place = run({"x": b"1"})
    assert (manifest.members, manifest.quarantined, manifest.files, manifest.first_notice_id) == (1, 1, {}, None)
    assert PACKAGE.manifest_key in place.objects


def test_extracting_again_removes_what_is_stale_and_hides_the_package_meanwhile() -> None:
    held, place = run({**members([1]), "gone.txt": b"1"}, source=RawObject(version_id="v1"))
    other = PACKAGE.daily_key("notices").replace("20190102_2019001", "20190103_2019002")
    place.objects[other] = b"of another package"
    place.done.clear()

    manifest, _ = run({"bad.txt": b"2"}, place, RawObject(version_id="v2"), held=held)

    assert place.done[0] == ("delete", PACKAGE.manifest_key)
    assert place.done[-1] == ("put", PACKAGE.manifest_key)
    assert set(place.objects) == {PACKAGE.manifest_key, PACKAGE.quarantine_key("bad.txt"), other}
    assert manifest.previous_raw_version_id == "v1"
    again, _ = run(members([1]), place, RawObject(version_id="v2"), held=manifest)
    assert again.previous_raw_version_id == "v1"


def test_current_means_same_bytes_and_same_extractor() -> None:
    manifest, _ = run(members([1]), source=RawObject(version_id="v1"))
    assert is_of(manifest, "", "v1")
    assert is_of(manifest, manifest.sha256, "v2")
    assert not is_of(manifest, "00", "v2")
    assert not is_of(manifest, "", "")
    older = dataclasses.replace(manifest, extractor_version=EXTRACTOR_VERSION - 1)
    assert not is_of(older, manifest.sha256, "v1")


def test_a_large_table_is_uploaded_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "UPLOAD_FROM", 1)
    manifest, place = run(members([1]))
    assert len(place.rows("notices")) == manifest.notices == 1


def made_up(number: int, lots: int = 2) -> Notice:
    notice = Notice({"notice_id": f"{number}-2019", "publication_date": "2019-01-02", "package_id": str(PACKAGE)})
    for lot in range(lots, 0, -1):
        notice.add("lots", {"lot_id": f"LOT-{lot}", "title": "t" * 100})
    return notice


def test_rows_are_sorted_by_number_within_a_row_group_and_keep_the_reader_s_order(tmp_path: Path) -> None:
    files = TableFiles(tmp_path)
    for numbers in ((10, 9), (2, 100)):
        files.add(to_tables([made_up(number) for number in numbers]))
    written = files.close()
    rows = pq.read_table(written["lots"].path).to_pylist()
    assert [(row["notice_id"], row["lot_ordinal"], row["lot_id"]) for row in rows] == [
        (f"{number}-2019", *lot) for number in (2, 9, 10, 100) for lot in ((1, "LOT-2"), (2, "LOT-1"))
    ]
    assert written["lots"].rows == 8
    assert pq.ParquetFile(written["lots"].path).num_row_groups == 1


def test_a_long_table_is_written_in_row_groups(tmp_path: Path) -> None:
    files = TableFiles(tmp_path, row_group_bytes=2000)
    for number in range(40, 0, -1):
        files.add(to_tables([made_up(number)]))
    found = pq.ParquetFile(files.close()["lots"].path)
    assert found.num_row_groups > 2
    assert found.metadata.num_rows == 80


def test_memory_does_not_grow_with_the_number_of_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH_BYTES", 1 << 18)
    monkeypatch.setattr(Memory, "put", lambda self, key, data: None)
    noise = random.Random(1)  # noqa: S311

    def peak(count: int) -> int:
        odd = {f"{DAY}/{number}.txt": noise.randbytes(20_000) for number in range(count)}
        data = package({**odd, **members(range(1, count))})
        tracemalloc.start()
        run(data)
        value = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return value

    peak(10)
    assert peak(600) < peak(100) + 3_000_000
