"""The Glue job's command line and the record that others read."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from glue_scripts import merge_year
from glue_scripts.merge_year import main, parse_arguments
from runtime.buckets import Bucket
from runtime.errors import ConfigError, TerminalError
from runtime.keys import run_key
from runtime.merge.published import Published, PublishedPackage, read_published, read_records, write_record
from runtime.merge.year import new_run_id
from tests.spark.folder import FolderS3

GIVEN = ["--YEAR", "2019", "--EXTRACTED_BUCKET", "b", "--BUCKET_OWNER", "1", "--GLUE_DATABASE", "d"]
RECORD = Published(
    run_id="a", year=2019, extractor_version=1, tables={"notices": 1}, files={"notices": 1}, duplicates={"notices": 0},
    packages={"20190301_2019043": PublishedPackage("v", "ab", "2026-01-01T00:00:00Z", 1, 0)}, checks={"odd_dates": {}},
    previous_run_id="", started_at="2026-01-01T00:00:00Z", checked_at="2026-01-01T00:00:01Z",
)  # fmt: skip


def test_arguments_of_glue_itself_are_left_alone() -> None:
    own = ["--JOB_ID", "j_1", "--JOB_NAME", "merge", "--JOB_RUN_ID", "jr_1", "--TempDir", "s3://x", "--enable-metrics"]
    arguments = parse_arguments([*GIVEN, *own])
    assert (arguments.year, arguments.bucket, arguments.database) == ("2019", "b", "d")
    assert (arguments.job, arguments.run) == ("merge", "jr_1")


def test_missing_arguments_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["--YEAR", "2019"])
    assert "--EXTRACTED_BUCKET, --BUCKET_OWNER, --GLUE_DATABASE" in capsys.readouterr().err


def test_what_is_no_year_ends_before_anything_is_touched() -> None:
    with pytest.raises(ConfigError, match="--YEAR is 'all'"):
        main(["--YEAR", "all", *GIVEN[2:]])


def test_a_year_that_an_earlier_start_has_merged_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[object] = []

    def claim(*arguments: object, **more: object) -> str:
        asked.append((arguments, more))
        return "jr_1"

    monkeypatch.setattr(merge_year.boto3, "client", lambda name: name)
    monkeypatch.setattr(merge_year, "claim_year", claim)
    monkeypatch.setattr(merge_year, "merge_year", pytest.fail)
    main([*GIVEN, "--JOB_NAME", "merge", "--JOB_RUN_ID", "jr_2", "--STARTED_BY", "run-9"])
    assert asked == [(("glue", "merge", "jr_2", 2019), {"started_by": "run-9"})]
    assert capsys.readouterr().out == "2019: merged by run jr_1, which run-9 started before; nothing is left to do\n"


def test_run_ids_sort_by_time() -> None:
    first, second = (new_run_id(dt.datetime(2026, 1, day, tzinfo=dt.UTC)) for day in (1, 2))
    assert first < second
    assert new_run_id(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) != first


def test_published_is_the_newest_that_was_swapped_in(tmp_path: Path) -> None:
    bucket = Bucket(FolderS3(tmp_path), "b")  # type: ignore[arg-type]
    assert read_published(bucket, 2019) is None
    write_record(bucket, replace(RECORD, published_at="2026-01-01T00:00:02Z"))
    write_record(bucket, replace(RECORD, run_id="c", checked_at="2026-01-02T00:00:00Z"))
    write_record(bucket, replace(RECORD, year=2020, published_at="2026-01-03T00:00:00Z"))
    assert [record.run_id for record in read_records(bucket, 2019)] == ["a", "c"]
    assert read_published(bucket, 2019) == replace(RECORD, published_at="2026-01-01T00:00:02Z")


def test_damaged_record_is_named(tmp_path: Path) -> None:
    bucket = Bucket(FolderS3(tmp_path), "b")  # type: ignore[arg-type]
    bucket.put(run_key(2019, "x"), b'{"packages": {}}')
    with pytest.raises(TerminalError, match=r"merged/_runs/year=2019/x\.json is no record of a merge"):
        read_published(bucket, 2019)
