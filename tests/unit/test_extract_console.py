"""`ted extract` does on a laptop what the functions do in AWS, and says what became of every package."""

import datetime as dt
import json
from pathlib import Path
from typing import IO, Any

import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner, Result

from console import extract as console
from console.extract import Folder, package_of_file
from console.target import COULD_NOT, FOUND_WANTING
from runtime.errors import ConfigError
from runtime.extract.service import extract_package
from runtime.keys import PackageId
from runtime.manifest import Manifest
from runtime.schema.tables import NOTICE_TABLES
from tests.unit.made_up_packages import eforms_notice, members, package, ted_notice

DAY = PackageId(dt.date(2019, 1, 2), 1)

app = typer.Typer()
app.command()(console.extract)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / "20190102_2019001.tar.gz").write_bytes(package(members([1, 2])))
    later = {f"20190103_002/{n:06d}_2019.xml": ted_notice(n, published="20190103") for n in (3, 4, 5)}
    (folder / "201900002.tar.gz").write_bytes(package(later))
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_writes_a_folder_per_table_beside_manifests(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(files, "--out", out)
    assert result.exit_code == 0, result.output
    assert "5 members = 5 notices + 0 quarantined + 0 skipped" in result.output
    written = sorted((out / "notices").rglob("*.parquet"))
    rows = [row for file in written for row in pq.ParquetFile(file).read().to_pylist()]
    assert [(row["notice_id"], row["package_id"]) for row in rows] == [
        *((f"{n}-2019", "20190102_2019001") for n in (1, 2)),
        *((f"{n}-2019", "20190103_2019002") for n in (3, 4, 5)),
    ]
    assert {path.name for path in out.iterdir()} - {"manifests"} <= {table.name for table in NOTICE_TABLES}
    assert Folder(out).manifest(DAY).notices == 2


def test_two_at_a_time_give_the_same_files_as_one(files: Path, tmp_path: Path) -> None:
    assert run(files, "--out", tmp_path / "one").exit_code == 0
    assert run(files, "--out", tmp_path / "two", "--jobs", 2).exit_code == 0
    contents = [
        {path.relative_to(out): path.read_bytes() for path in out.rglob("*.parquet")}
        for out in (tmp_path / "one", tmp_path / "two")
    ]
    assert contents[0] == contents[1]


def test_what_is_extracted_already_is_left_alone_unless_forced(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(files, "--out", out)
    manifest = Folder(out).path(DAY.manifest_key)
    stamp = manifest.stat().st_mtime_ns
    result = run(files, "--out", out, "--json")
    assert json.loads(result.stdout)["current"] == 2
    assert manifest.stat().st_mtime_ns == stamp
    assert json.loads(run(files, "--out", out, "--json", "--force").stdout)["current"] == 0
    assert manifest.stat().st_mtime_ns > stamp


def test_json_tells_counts_rows_and_reasons(files: Path, tmp_path: Path) -> None:
    (files / "20190104_2019003.tar.gz").write_bytes(package({"x/1.xml": eforms_notice(9), "x/bad": b"1"}))
    result = run(files, "--out", tmp_path, "--json")
    assert result.exit_code == FOUND_WANTING
    found = json.loads(result.stdout)
    assert (found["members"], found["notices"], found["quarantined"], found["failed"]) == (7, 6, 1, 0)
    assert found["reasons"] == {"not-xml": 1}
    assert found["rows"]["notices"] == 6
    assert len(found["packages"]) == 3
    assert Folder(tmp_path).path(PackageId.parse("20190104_2019003").quarantine_key("x/bad")).read_bytes() == b"1"


def test_a_failed_package_stops_no_other_and_ends_non_zero(files: Path, tmp_path: Path) -> None:
    (files / "20190104_2019003.tar.gz").write_bytes(b"no gzip, by no means")
    result = run(files, "--out", tmp_path / "out")
    assert result.exit_code == FOUND_WANTING
    assert "5 members = 5 notices" in result.output
    said = " ".join(result.output.split())
    assert "package 20190104_2019003: expected a gzip archive, got text beginning 'no gzip, by no means'" in said
    assert not Folder(tmp_path / "out").path(PackageId.parse("20190104_2019003").manifest_key).exists()


def test_a_crash_in_one_package_stops_no_other(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(file: IO[bytes], package_id: PackageId, *arguments: Any, **options: Any) -> Manifest | None:
        if package_id == DAY:
            raise MemoryError("too much")
        return extract_package(file, package_id, *arguments, **options)

    monkeypatch.setattr(console, "extract_package", crash)
    found = json.loads(run(files, "--out", tmp_path, "--json").stdout)
    assert (found["failed"], found["notices"]) == (1, 3)
    assert [each["error"] for each in found["packages"]].count("MemoryError: too much") == 1


def test_two_files_of_one_package_are_an_error(files: Path, tmp_path: Path) -> None:
    (files / "again.tar.gz").write_bytes(package(members([1, 2])))
    result = run(files, "--out", tmp_path, "--json")
    assert result.exit_code == FOUND_WANTING
    errors = [each["error"] for each in json.loads(result.stdout)["packages"] if each["error"]]
    assert len(errors) == 1
    assert "and so is" in errors[0]


def test_a_file_in_place_of_the_folder_is_told_before_anything_is_read(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "tables"
    out.write_text("kept")
    result = run(files, "--out", out)
    assert result.exit_code == COULD_NOT
    assert f"--out is {out}, a file: expected a folder" in result.stderr
    assert "Traceback" not in result.output
    assert out.read_text() == "kept"


def test_what_is_no_package_at_all_ends_with_two(tmp_path: Path) -> None:
    for name in ("notes.txt", "20190102_2019001.tar.gz"):
        path = tmp_path / name
        path.write_text("hello")
        result = run(path, "--out", tmp_path / "out")
        assert result.exit_code == COULD_NOT
        assert result.stderr.startswith("failed: ")
        assert name.removesuffix(".tar.gz") in result.stderr
        assert "gzip" in result.stderr
        assert result.stdout == ""


def test_counts_are_worded_as_they_are(files: Path, tmp_path: Path) -> None:
    assert "2 packages in" in run(files, "--out", tmp_path / "out").stdout
    one = files / "20190102_2019001.tar.gz"
    again = run(one, "--out", tmp_path / "out").stdout
    assert "1 package in" in again
    assert "1 package left alone as current" in again


def test_paths_that_hold_no_package_are_all_named(tmp_path: Path) -> None:
    result = run(tmp_path / "none", tmp_path, "--out", tmp_path / "out")
    assert result.exit_code == 2
    said = result.output.replace("\n", "")
    assert said.count("got nothing") == said.count("got an empty folder") == 1
    assert "https://ted.europa.eu/packages/daily/201900043" in said


def test_a_package_is_known_by_its_name_or_the_folder_of_its_members(tmp_path: Path) -> None:
    for name, files in {
        "20190102_2019001.tar.gz": {"x": b"1"},
        "201900001.tar.gz": {"20190102_001/x": b"1"},
        "20190102_001.tar.gz": {"20190102_2019001/x": b"1"},
        "2019-01.tar.gz": {"01/20190102_2019001.tar.gz": package({"20190102_001/x": b"1"})},
    }.items():
        path = tmp_path / name
        path.write_bytes(package(files))
        assert package_of_file(path) == DAY, name
    (tmp_path / "x.tar.gz").write_bytes(package({"20191340_001/x": b"1"}))
    with pytest.raises(ConfigError, match="rename the file"):
        package_of_file(tmp_path / "x.tar.gz")


def test_stale_quarantine_is_removed_and_long_names_fit_the_file_system(tmp_path: Path) -> None:
    out, path = tmp_path / "out", tmp_path / "20190102_2019001.tar.gz"
    for name in ("a/" * 120 + "long", "b/" * 120 + "long"):
        path.write_bytes(package([(name, b"bad"), ("x", b"2")]))
        assert run(path, "--out", out).exit_code == FOUND_WANTING
    kept = list((out / "quarantine/year=2019/20190102_2019001").iterdir())
    assert sorted(file.read_bytes() for file in kept) == [b"2", b"bad"]
