"""What speaks against merging a year: every cause at once, with the command that mends it. No Spark needed."""

import datetime as dt
from dataclasses import asdict
from pathlib import Path

import pytest

from runtime.buckets import Bucket
from runtime.errors import ConfigError
from runtime.manifest import EXTRACTOR_VERSION
from runtime.merge.plan import (
    FIRST_YEAR,
    Counted,
    MergePlan,
    MergeRefused,
    parse_year,
    read_plan,
    refuse_faults,
    with_counted_rows,
)
from tests.spark.folder import FolderS3, Year, notice

MARCH, APRIL = "20190301_2019043", "20190402_2019065"
TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def year(tmp_path: Path) -> Year:
    return Year(tmp_path)


def bucket(year: Year) -> Bucket:
    return Bucket(FolderS3(year.folder), year.bucket)  # type: ignore[arg-type]


def refusal(plan: MergePlan) -> str:
    with pytest.raises(MergeRefused) as caught:
        refuse_faults(plan)
    return str(caught.value)


def counts(plan: MergePlan) -> dict[str, Counted]:
    return {file.key: Counted(file.rows) for manifest in plan.manifests for file in manifest.files.values()}


def test_sound_year_is_not_refused(year: Year) -> None:
    year.add(APRIL, notice(2))
    year.add(MARCH, notice(1))
    plan = read_plan(bucket(year), 2019)
    plan = with_counted_rows(plan, year.bucket, counts(plan))

    refuse_faults(plan)

    assert [manifest.package_id for manifest in plan.manifests] == [MARCH, APRIL]
    assert plan.rows("lots") == 4


def test_year_without_manifests_names_the_pipeline(year: Year) -> None:
    year.root.mkdir()
    message = refusal(read_plan(bucket(year), 2019))
    assert "2019 has no manifests in nfr-cca-ted-extracted-dev" in message
    assert message.endswith("ted run 2019 --initials nfr --stage dev")


@pytest.mark.parametrize(
    ("version", "command"),
    [
        (EXTRACTOR_VERSION - 1, "ted extract-again 2019 --due --initials nfr --stage dev"),
        (EXTRACTOR_VERSION + 1, "npx cdk deploy --all -c initials=nfr -c stage=dev"),
    ],
)
def test_other_extractor_versions_are_refused(year: Year, version: int, command: str) -> None:
    year.add(MARCH, notice(1), extractor_version=version)
    year.add(APRIL, notice(2))
    message = refusal(read_plan(bucket(year), 2019))
    assert f"{MARCH}: extracted by version {version}, expected version {EXTRACTOR_VERSION}" in message
    assert command in message
    assert APRIL not in message


def test_missing_file_is_refused(year: Year) -> None:
    manifest = year.add(MARCH, notice(1))
    (year.root / manifest.files["lots"].key).unlink()
    plan = read_plan(bucket(year), 2019)
    message = refusal(with_counted_rows(plan, year.bucket, counts(plan)))
    assert f"{MARCH}: the file of lots is missing" in message
    assert f"ted extract-again {MARCH} --initials nfr --stage dev" in message
    assert "aws s3 rm" not in message


def test_commands_name_the_instance_where_the_buckets_name_has_account_and_region(year: Year) -> None:
    year.bucket = "nfr-cca-ted-extracted-prod-123456789012-eu-west-1-an"
    year.add(MARCH, notice(1), extractor_version=EXTRACTOR_VERSION - 1)
    assert "--initials nfr --stage prod" in refusal(read_plan(bucket(year), 2019))


def test_file_of_another_size_or_with_other_rows_is_refused(year: Year) -> None:
    manifest = year.add(MARCH, notice(1))
    year.add(APRIL, notice(2))
    files = {name: asdict(file) for name, file in manifest.files.items()}
    files["lots"]["bytes"] += 1
    year.change_manifest(MARCH, files=files)
    plan = read_plan(bucket(year), 2019)
    counted = counts(plan)
    parties = year.manifests[APRIL].files["parties"]
    counted[parties.key] = Counted(parties.rows - 1)

    message = refusal(with_counted_rows(plan, year.bucket, counted))

    assert f"{MARCH}: the file of lots has another size than in the manifest" in message
    assert f"{APRIL}: the file of parties has other rows than in the manifest" in message


def test_manifest_that_contradicts_itself_is_refused(year: Year) -> None:
    year.add(MARCH, notice(1), members=7)
    manifest = year.add(APRIL, notice(2))
    year.change_manifest(APRIL, rows={**manifest.rows, "changes": 5})
    message = refusal(read_plan(bucket(year), 2019))
    assert f"{MARCH}: the manifest's members are not notices + quarantined + skipped" in message
    assert f"{APRIL}: the manifest's rows and file of changes contradict each other" in message


def test_all_causes_come_in_one_message(year: Year) -> None:
    year.add(MARCH, notice(1), extractor_version=EXTRACTOR_VERSION - 1)
    manifest = year.add(APRIL, notice(2))
    (year.root / manifest.files["notices"].key).unlink()
    broken = year.root / "manifests/year=2019/20190403_2019066.json"
    broken.write_text("{")

    message = refusal(read_plan(bucket(year), 2019))

    assert message.count("\n  - ") == 3
    assert "manifests/year=2019/20190403_2019066.json is no manifest" in message


def test_many_packages_are_counted_not_listed_but_the_command_covers_them(year: Year) -> None:
    for day in range(1, 15):
        manifest = year.add(f"201903{day:02d}_2019{day:03d}", notice(day))
        (year.root / manifest.files["lots"].key).unlink()
    message = refusal(read_plan(bucket(year), 2019))
    assert "and 4 more: the file of lots is missing" in message
    assert message.count("20190314_2019014") == 1


@pytest.mark.parametrize("text", ["", "20", "19999", "abcd", "1992", "2027", "-201", "2019.0", "２０１９"])
def test_what_is_no_year_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=f"expected a year from {FIRST_YEAR} to 2026"):
        parse_year(text, TODAY)


def test_year_is_read() -> None:
    assert parse_year("2019", TODAY) == 2019
    assert parse_year(" 2026 ", TODAY) == 2026


def test_parts_keep_packages_in_order_and_near_the_target(year: Year) -> None:
    for day in range(1, 21):
        year.add(f"201903{day:02d}_2019{day:03d}", notice(day))
    plan = read_plan(bucket(year), 2019)
    size = sum(file.bytes for file in plan.files("lots"))

    parts = plan.parts("lots", size // 4)

    assert [key for part in parts for key in part] == [file.key for file in plan.files("lots")]
    assert [len(part) for part in parts] == [5, 5, 5, 5]
    assert len(plan.parts("lots", size * 10)) == 1
    assert plan.parts("changes", 1000) == []
