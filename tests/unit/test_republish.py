"""`ted republish`: a catalog that lost what it knew is as the merges left it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.moto_api import state_manager
from typer.testing import CliRunner, Result

from console import target
from console.main import app
from runtime.buckets import Bucket
from runtime.keys import merged_prefix
from runtime.merge.catalog import Catalog
from runtime.merge.publish import finish_swap
from runtime.merge.published import Published, read_records, write_record
from runtime.schema import TABLES
from stacks.names import Names
from tests.unit.deployed import deploy_storage, with_stacks

NAMES = Names("me", "dev")
ROWS = {table.name: 0 if table.name == "rejects" else 7 for table in TABLES}
WHERE = {"DatabaseName": NAMES.database}


@dataclass
class World:
    """An instance in moto with published years."""

    extracted: Bucket
    glue: Any

    @property
    def catalog(self) -> Catalog:
        return Catalog(self.glue, NAMES.database)

    def make_tables(self) -> None:
        self.glue.create_database(DatabaseInput={"Name": NAMES.database})
        for table in TABLES:
            keys = [{"Name": "year", "Type": "int"}]
            entry = {"Name": table.name, "PartitionKeys": keys, "StorageDescriptor": {"Columns": []}}
            self.glue.create_table(**WHERE, TableInput=entry)

    def merge(self, year: int, run: str, published_at: str = "2026-01-02T00:00:00Z") -> Published:
        """What a merge leaves in the bucket."""
        for name, rows in ROWS.items():
            if rows:
                self.extracted.put(f"{merged_prefix(name, year, run)}part-0.parquet", b"rows")
        at = f"2026-01-01T00:00:0{run[-1]}Z"
        record = Published(run, year, 1, ROWS, dict.fromkeys(ROWS, 1), {}, {}, {}, "", at, at, published_at)
        write_record(self.extracted, record)
        return record

    def located(self, year: int) -> dict[str, str]:
        return {name: self.catalog.location(name, year) for name in ROWS}

    def expected(self, year: int, run: str) -> dict[str, str]:
        return {name: f"s3://{self.extracted.name}/{merged_prefix(name, year, run)}" for name in ROWS}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with mock_aws():
        session = with_stacks(boto3.Session(region_name="eu-west-1"))
        monkeypatch.setattr(target, "find_target", lambda *_: target.Target(session, NAMES, "a test"))
        _, extracted = deploy_storage(session, NAMES, "account-regional")
        glue = session.client("glue")
        glue.create_job(Name=NAMES.merge_job, Role="any", Command={"Name": "glueetl"})
        made = World(extracted, glue)
        made.make_tables()
        yield made


def ted(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["republish", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_a_lost_catalog_is_back_year_by_year(world: World) -> None:
    for year in (2019, 2024):
        world.merge(year, "run1", "2026-01-01T10:00:00Z")
        world.merge(year, "run2", "2026-01-02T10:00:00Z")
    ted()
    world.glue.delete_database(Name=NAMES.database)
    assert ted(code=2).stderr.count("deploy the lake stack") == 1
    world.make_tables()

    said = ted().stdout
    assert said.splitlines() == [
        f"{year}: run run2, 7 notices; {len(TABLES)} of {len(TABLES)} tables mended" for year in (2019, 2024)
    ]
    for year in (2019, 2024):
        assert world.located(year) == world.expected(year, "run2")
    partition = world.glue.get_partition(**WHERE, TableName="lots", PartitionValues=["2019"])["Partition"]
    assert partition["Parameters"] == {"recordCount": "7"}
    assert {"Name": "lot_id", "Type": "string"} in partition["StorageDescriptor"]["Columns"]


def test_only_what_went_astray_is_called_mended_and_all_is_pointed(world: World) -> None:
    world.merge(2019, "run1")
    ted()
    world.catalog.point("lots", 2019, {}, "s3://elsewhere/", 1, is_new=False)
    world.glue.delete_partition(**WHERE, TableName="parties", PartitionValues=["2019"])
    found = json.loads(ted("--json").stdout)
    assert [sorted(each["mended"]) for each in found["years"]] == [["lots", "parties"]]
    assert world.located(2019) == world.expected(2019, "run1")
    assert "all tables were as they should be" in ted("--year", "2019").stdout


def test_a_year_whose_files_are_gone_is_not_pointed_at_and_the_others_are(world: World) -> None:
    world.merge(2019, "run1")
    world.merge(2024, "run1")
    world.extracted.delete([f"{merged_prefix('lots', 2019, 'run1')}part-0.parquet"])
    said = ted(code=1)
    assert "has no files of run run1 for lots; merge the year again: " in said.stderr
    assert set(world.located(2019).values()) == {""}
    assert world.located(2024) == world.expected(2024, "run1")


def test_a_record_older_than_a_table_is_not_pointed_at(world: World) -> None:
    record = world.merge(2019, "run1")
    write_record(world.extracted, replace(record, tables={n: r for n, r in ROWS.items() if n != "changes"}))
    assert "has no files of run run1 for changes" in ted(code=1).stderr
    assert set(world.located(2019).values()) == {""}


def test_what_a_merge_was_interrupted_in_is_finished(world: World) -> None:
    world.merge(2019, "run1")
    world.merge(2019, "run2", published_at="")
    ted()
    assert world.located(2019) == world.expected(2019, "run2")
    assert all(record.published_at for record in read_records(world.extracted, 2019))


def test_an_interrupted_merge_that_lacks_a_table_is_left_to_the_next_one(world: World) -> None:
    world.merge(2019, "run1")
    ted()
    record = world.merge(2019, "run2", published_at="")
    write_record(world.extracted, replace(record, tables={n: r for n, r in ROWS.items() if n != "changes"}))
    assert finish_swap(world.extracted, world.catalog, 2019, "2026-01-03T00:00:00Z") is None
    assert world.located(2019) == world.expected(2019, "run1")
    assert "has no files of run run2 for changes; merge the year again: " in ted(code=1).stderr


def test_a_year_under_way_is_left_to_its_merge(world: World) -> None:
    world.merge(2019, "run1")
    state_manager.set_transition("glue::job_run", {"progression": "manual", "times": 9})
    try:
        run = world.glue.start_job_run(JobName=NAMES.merge_job, Arguments={"--YEAR": "2019"})["JobRunId"]
        said = ted(code=2)
    finally:
        state_manager.unset_transition("glue::job_run")
    assert f"2019 is already being merged by run {run}" in said.stderr
    assert set(world.located(2019).values()) == {""}


def test_years_that_were_never_published_are_told(world: World) -> None:
    assert "nothing was ever published; bring packages in with: ted run" in ted().stderr
    assert "2019: it was never published; bring it in with: ted run 2019" in ted("--year", "2019", code=1).stderr
