"""Packages and archives of made-up notices: counts, calendars, the same bytes every time."""

import datetime as dt
import gzip
import io
import re
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from console.sample.eforms import SUBTYPES
from console.sample.notices import forms_of, make_notice
from console.sample.packages import (
    Stories,
    calendar_csv,
    make_archive,
    make_big_day,
    make_package,
    make_year,
    package_id,
    write_package,
)
from runtime.archive import Archive
from runtime.extract.dispatch import UnreadableNotice, read_notice
from runtime.keys import PackageId

DAY = dt.date(2019, 3, 1)


def members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as package:
        return {info.name: stream.read() for info in package if (stream := package.extractfile(info)) is not None}


def test_a_package_holds_its_notices_in_the_folder_of_its_day() -> None:
    notices = [
        make_notice(number=n, date=DAY, issue=43, form=form, schema=schema)
        for n, form, schema in ((5, "F03", "R2.0.9.S03"), (6, "29", "eforms-sdk-1.10"))
    ]
    package = make_package("20190301_2019043", notices)
    assert members(package) == {
        "20190301_043/000005_2019.xml": notices[0].xml,
        "20190301_043/00000006_2019.xml": notices[1].xml,
    }
    assert package == make_package(PackageId(DAY, 43), notices)
    assert package[4:8] == bytes(4), "the time of packing would make every package differ"


def test_issues_are_counted_over_working_days() -> None:
    assert str(package_id(dt.date(2019, 1, 2))) == "20190102_2019001"
    assert str(package_id(DAY)) == "20190301_2019043"


def test_the_calendar_has_the_publishers_shape() -> None:
    packages = [PackageId(DAY, 43), PackageId(dt.date(2019, 1, 2), 1)]
    assert calendar_csv(packages) == b"OJS ,Publication date\r\n1,02/01/2019\r\n43,01/03/2019\r\n"


def test_an_archive_has_its_packages_calendars_and_counts(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, notices=500, packages=4)
    files = sorted(path.name for path in (tmp_path / "packages" / "daily").iterdir())
    assert files == [f"{package.year}{package.issue:05d}.tar.gz" for package in archive.packages]
    assert len(files) == 8
    assert sum(archive.notices.values()) == 500
    assert not sum(archive.rejects.values())
    for year in (2019, 2024):
        calendar = (tmp_path / "release-calendar" / f"{year}.csv").read_bytes()
        assert calendar == calendar_csv(package for package in archive.packages if package.year == year)
    for package, name in zip(archive.packages, files, strict=True):
        found = members((tmp_path / "packages" / "daily" / name).read_bytes())
        assert len(found) == archive.notices[str(package)]
        assert all(member.startswith(f"{package.date:%Y%m%d}_{package.issue:03d}/") for member in found)
    assert len({package.date.month for package in archive.packages if package.year == 2019}) == 4


def test_an_archive_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_archive(tmp_path / name, notices=60, packages=2, bad=True)
    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two")
    )
    assert one == two


def test_bad_members_are_beside_the_good_ones(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, years=(2019,), notices=100, packages=2, bad=True)
    assert sum(archive.rejects.values()) == 5
    first = archive.packages[0]
    with tarfile.open(tmp_path / "packages" / "daily" / f"2019{first.issue:05d}.tar.gz") as package:
        names = [info.name for info in package if info.isfile()]
    # One member is in the package twice, byte by byte.
    assert len(names) == len(set(names)) + 1
    assert len(set(names)) == archive.notices[str(first)] + archive.rejects[str(first)]


def test_extraction_finds_as_many_notices_and_rejects_as_were_made(tmp_path: Path) -> None:
    made = make_archive(tmp_path, notices=200, packages=2, bad=True)
    for package in made.packages:
        path = tmp_path / "packages" / "daily" / f"{package.year}{package.issue:05d}.tar.gz"
        found: set[object] = set()
        refused = 0
        with path.open("rb") as stream:
            for member in Archive(stream, str(package)):
                try:
                    found.add(read_notice(member.data).row["notice_id"])
                except UnreadableNotice:
                    refused += 1
        assert (len(found), refused) == (made.notices[str(package)], made.rejects[str(package)])


def test_two_years_show_every_format_and_form() -> None:
    facts = [
        notice.facts
        for year in (2019, 2024)
        for _, notices in make_year(year, notices=300, packages=5)
        for notice in notices
    ]
    seen = {(str(fact["schema_version"]), fact.get("form_number")) for fact in facts}
    for number in range(1, 6):
        schema = f"R2.0.9.S0{number}"
        assert {(schema, form) for form in forms_of(schema)} <= seen
    assert {("R2.0.8.S05", form) for form in ("F16", "F17", "F18", "F19")} <= seen
    assert {form for schema, form in seen if schema.startswith("eforms")} == set(SUBTYPES)
    assert any(schema.startswith("R2.0.7") for schema, _ in seen)
    assert {f"eforms-sdk-1.{minor}" for minor in range(3, 14)} <= {schema for schema, _ in seen}


def test_most_notices_of_a_year_are_contract_and_award_notices() -> None:
    forms = [notice.facts.get("form_number") for _, notices in make_year(2019, notices=1000) for notice in notices]
    assert 0.25 < forms.count("F03") / len(forms) < 0.45
    assert 0.25 < forms.count("F02") / len(forms) < 0.45


@pytest.mark.parametrize(("year", "prefixes"), [(2012, {"R2.0.7"}), (2023, {"R2.0.9", "eforms"})])
def test_a_year_has_the_formats_of_its_time(year: int, prefixes: set[str]) -> None:
    seen = {
        str(notice.facts["schema_version"])[:6] for _, notices in make_year(year, notices=400) for notice in notices
    }
    assert prefixes <= seen


def test_more_packages_than_days_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        list(make_year(2019, notices=10, packages=400))


def test_a_big_day_comes_lazily_and_in_its_size(tmp_path: Path) -> None:
    notices = make_big_day(notices=150, bytes_total=8_000_000)
    first = next(notices)
    path = tmp_path / "day.tar.gz"
    date = dt.date(2024, 7, 17)
    count = write_package(path, package_id(date), notices, level=1)
    assert count == 149
    with gzip.open(path) as unpacked:
        size = len(unpacked.read()) + len(first.xml)
    assert 7_600_000 < size < 8_800_000
    sizes = [len(content) for content in members(path.read_bytes()).values()]
    assert max(sizes) > 3 * min(sizes)


def named(text: str) -> str:
    """A reference as a notice_id, or the sender's identifier without its version."""
    if match := re.fullmatch(r"(\d{4})/S \d{3}-0*(\d+)", text):
        return f"{match[2]}-{match[1]}"
    if match := re.fullmatch(r"0*(\d+-\d{4})", text):
        return match[1]
    return text.removesuffix("-01")


def test_two_years_tell_whole_procedures_across_formats() -> None:
    stories = Stories(0)
    made = [notice for year in (2019, 2024) for _, notices in make_year(year, stories=stories) for notice in notices]
    known = {notice.notice_id: notice for notice in made}
    known |= {str(notice.facts["notice_uuid"]): notice for notice in made if "notice_uuid" in notice.facts}
    steps: Counter[tuple[object, ...]] = Counter()
    for notice in made:
        said = notice.facts.get("previous_notices") or [str(notice.facts.get("changed_notice_ref"))]
        earlier = known.get(named(said[0])) if isinstance(said, list) else None
        # Others name a number at random, and that of a stranger at times.
        if earlier and earlier.story and notice.story and earlier.story.buyers == notice.story.buyers:
            assert earlier.member_name[:8] < notice.member_name[:8], "of an earlier day"
            ends = (earlier, notice)
            steps[tuple(each.facts.get(name) for each in ends for name in ("format", "form_number"))] += 1
    told = {
        ("ted-export", "F02", "ted-export", "F03"): 50,
        ("eforms", "16", "eforms", "29"): 50,
        ("ted-export", "F02", "eforms", "29"): 20,
        ("ted-export", "F02", "ted-export", "F14"): 20,
        ("ted-export", "F03", "ted-export", "F20"): 10,
        ("eforms", "29", "eforms", "38"): 5,
        ("eforms", "16", "eforms", "16"): 5,
    }
    assert {step: steps[step] for step, least in told.items() if steps[step] < least} == {}, steps.most_common()
    assert any(earlier in ("F01", "4", "7") for _, earlier, _, _ in steps)
