import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import ConfigError
from runtime.keys import PackageId, manifest_prefix, merged_prefix, package_of_raw_key, raw_prefix

PACKAGE = PackageId(dt.date(2019, 3, 1), 43)


def test_keys_are_those_of_the_design() -> None:
    assert str(PACKAGE) == "20190301_2019043"
    assert PACKAGE.raw_key == "2019/03/20190301_2019043.tar.gz"
    assert PACKAGE.daily_key("lots") == "daily/lots/year=2019/20190301_2019043.parquet"
    assert PACKAGE.manifest_key == "manifests/year=2019/20190301_2019043.json"
    assert PACKAGE.quarantine_key("20190301_043/000001_2019.xml") == (
        "quarantine/year=2019/20190301_2019043/20190301_043/000001_2019.xml"
    )
    assert merged_prefix("lots", 2019, "r1") == "merged/lots/year=2019/run=r1/"
    assert (raw_prefix(2019), raw_prefix(2019, 3), manifest_prefix(2019)) == (
        "2019/",
        "2019/03/",
        "manifests/year=2019/",
    )


@given(st.dates(dt.date(1993, 1, 1), dt.date(2099, 12, 31)), st.integers(1, 99999))
def test_reads_back_every_package_id_it_writes(date: dt.date, issue: int) -> None:
    package = PackageId(date, issue)
    assert PackageId.parse(str(package)) == package
    assert package_of_raw_key(package.raw_key) == package


@pytest.mark.parametrize("text", ["", "20190301", "20190231_2019043", "20190301_2018043", "20190301_2019000", "x"])
def test_refuses_what_is_no_package_id_and_shows_one(text: str) -> None:
    with pytest.raises(ConfigError, match="as in 20190301_2019043"):
        PackageId.parse(text)


def test_refuses_a_package_below_another_month() -> None:
    with pytest.raises(ConfigError, match="2019/03"):
        package_of_raw_key("2019/04/20190301_2019043.tar.gz")


@given(st.text())
def test_quarantine_keys_stay_below_their_package(member: str) -> None:
    key = PACKAGE.quarantine_key(member)
    assert key.startswith("quarantine/year=2019/20190301_2019043/")
    assert ".." not in key.split("/")
    assert len(key) <= 1000


def test_packages_sort_by_day_then_issue() -> None:
    texts = ["20200102_2020001", "20190301_2019043", "20190228_2019042"]
    assert [str(package) for package in sorted(map(PackageId.parse, texts))] == texts[::-1]
