"""`ted duckdb`: the published tables as views of DuckDB, from the bucket to an answer."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from console import lake_copy, target
from console.aws.launcher import EmbeddedAws
from console.main import app
from runtime.buckets import Bucket
from runtime.keys import merged_prefix, reference_key
from runtime.manifest import EXTRACTOR_VERSION
from runtime.merge.published import Published, write_record
from runtime.schema import CATALOG_TABLES, TABLES
from runtime.schema.tables import EXCHANGE_RATES
from runtime.schema.views import VIEWS
from stacks.names import Names
from tests.unit.deployed import deploy_storage, with_stacks
from tests.unit.test_saved_queries import as_parquet, exchange_rates, rows_of

NAMES = Names("me", "dev")


@pytest.fixture
def extracted(monkeypatch: Any, tmp_path: Path) -> Iterator[Bucket]:
    monkeypatch.chdir(tmp_path)
    with mock_aws():
        session = with_stacks(boto3.Session(region_name="eu-west-1"))
        monkeypatch.setattr(target, "find_target", lambda *_: target.Target(session, NAMES, "a test"))
        yield deploy_storage(session, NAMES)[1]


@cache
def file_of(name: str) -> bytes:
    return as_parquet(next(table for table in TABLES if table.name == name), rows_of(name))


def publish(extracted: Bucket, year: int, run: str, at: str = "2020-01-01T00:00:00+00:00") -> None:
    """The year that was worked out by hand for the saved queries, as a merge leaves it."""
    counts = {}
    for table in TABLES:
        rows = rows_of(table.name)
        counts[table.name] = len(rows)
        if rows:
            extracted.put(f"{merged_prefix(table.name, year, run)}part-0.parquet", file_of(table.name))
    extracted.put(reference_key(EXCHANGE_RATES.name), exchange_rates())
    write_record(extracted, Published(run, year, EXTRACTOR_VERSION, counts, {}, {}, {}, {}, "", at, at, at))


def ted(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["duckdb", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def answers(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as database:
        return database.execute(sql).fetchall()


def test_every_table_and_view_answers_with_its_year(extracted: Bucket, tmp_path: Path) -> None:
    publish(extracted, 2019, "jr_1")
    publish(extracted, 2020, "jr_2")
    told = json.loads(ted("lake.duckdb", "--json").stdout)
    assert told["files"]["notices"] == 2
    assert told["files"]["rejects"] == 0
    for table in (*CATALOG_TABLES, *VIEWS):
        described = answers(tmp_path / "lake.duckdb", f"DESCRIBE {table.name}")
        assert [row[0] for row in described] == [column.name for column in table.readable]
    count = len(rows_of("notices"))
    counts = answers(tmp_path / "lake.duckdb", "SELECT year, count(*) FROM notices GROUP BY 1 ORDER BY 1")
    assert counts == [(2019, count), (2020, count)]
    won = "SELECT winner_name, winner_ordinal FROM contract_awards WHERE year = 2019 ORDER BY ALL"
    assert answers(tmp_path / "lake.duckdb", won) == [("A", 1), ("B", 2), ("C", 1), ("D", 1)]
    current = "SELECT submission_deadline_date::varchar, cpv_main FROM current_notices WHERE year = 2019"
    assert ("2019-02-15", "45221100") in answers(tmp_path / "lake.duckdb", current)


def test_again_after_a_merge_only_what_is_new_is_copied(
    extracted: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(extracted, 2019, "jr_1")
    publish(extracted, 2020, "jr_2")
    ted("lake.duckdb")
    publish(extracted, 2020, "jr_3", at="2020-02-01T00:00:00+00:00")
    # S3 tells times in seconds, so this copy is to look older than the rates that were put since, under their one key.
    os.utime(tmp_path / "lake" / "exchange_rates" / "exchange_rates.parquet", (0, 0))
    opened, plain = [], Bucket.open
    monkeypatch.setattr(Bucket, "open", lambda self, key: (opened.append(key), plain(self, key))[1])  # type: ignore[func-returns-value]
    ted("lake.duckdb")
    copied = [key for key in opened if key.endswith(".parquet")]
    assert copied
    assert [key for key in copied if "run=jr_3/" not in key] == [reference_key(EXCHANGE_RATES.name)]
    kept = {path.parent.name for path in (tmp_path / "lake").rglob("*.parquet")}
    assert kept == {"run=jr_1", "run=jr_3", "exchange_rates"}
    assert answers(tmp_path / "lake.duckdb", "SELECT count(*) FROM notices")[0][0] == 2 * len(rows_of("notices"))


def test_a_year_can_be_chosen(extracted: Bucket, tmp_path: Path) -> None:
    publish(extracted, 2019, "jr_1")
    publish(extracted, 2020, "jr_2")
    ted("--year", 2020)
    assert answers(tmp_path / "me-cca-ted-dev.duckdb", "SELECT DISTINCT year FROM contracts") == [(2020,)]


def test_remote_views_read_the_bucket_itself(extracted: Bucket, tmp_path: Path) -> None:
    publish(extracted, 2019, "jr_1")
    ted("lake.sql", "--remote")
    text = (tmp_path / "lake.sql").read_text()
    assert "PROVIDER credential_chain, REGION 'eu-west-1'" in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake.sql"]
    # DuckDB fetches what reads S3 from its own site; here the same files lie in a folder.
    for listed in extracted.keys("merged/"):
        path = tmp_path / "s3" / listed.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(extracted.get(listed.key))
    views = text[text.index("CREATE OR REPLACE VIEW") :].replace(f"s3://{extracted.name}/", f"{tmp_path}/s3/")
    with duckdb.connect() as database:
        database.execute(views)
        found = database.execute("SELECT count(*), min(year) FROM contract_awards").fetchone()
    assert found == (4, 2019)


def test_remote_views_of_an_instance_on_this_machine_are_told_where_its_aws_is(tmp_path: Path) -> None:
    asked = target.embedded(EmbeddedAws("http://127.0.0.1:9", 1, tmp_path), NAMES, "here")
    secret = lake_copy._reading_s3(asked)[-1]
    for words in ("KEY_ID 'cca-ted-local'", "ENDPOINT '127.0.0.1:9'", "URL_STYLE 'path'", "USE_SSL false"):
        assert words in secret


def test_without_a_shell_says_how_to_go_on_and_the_line_of_python_works(extracted: Bucket, tmp_path: Path) -> None:
    publish(extracted, 2019, "jr_1")
    said = ted("lake.duckdb").stderr
    assert f"{len(CATALOG_TABLES) + len(VIEWS)} views over 11 Parquet files" in said
    assert "duckdb lake.duckdb" in said
    line = re.search(r"With Python: +(.+)", said)
    assert line is not None
    assert line[1].startswith(sys.executable)
    done = subprocess.run(line[1], shell=True, capture_output=True, text=True, check=False)  # noqa: S602 typed by people
    assert "notice_id" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lake.duckdb",), "nothing is published yet. Bring it in: "),
        (("lake.duckdb", "--year", 2018), "nothing of 2018 is published yet"),
        (("lake.txt",), "lake.txt: expected a name that ends with .duckdb"),
        (("none/lake.duckdb",), "Make it: mkdir -p"),
        ((".",), "is a folder: expected the name of a file"),
    ],
)
def test_what_cannot_be_is_told(arguments: tuple[object, ...], said: str, extracted: Bucket) -> None:
    assert said in ted(*arguments, code=target.COULD_NOT).stderr


def test_a_disk_that_is_too_small_is_told_with_ways_out(extracted: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(extracted, 2019, "jr_1")
    monkeypatch.setattr(lake_copy, "_SPARE_BYTES", 1 << 60)
    said = ted("lake.duckdb", code=target.COULD_NOT).stderr
    assert "or copy nothing (--remote)" in said
