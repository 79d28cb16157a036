"""Speed of the merge: a made-up year in Spark, in DuckDB, and as a bare copy of its bytes; what the queries must read.

    python -m bench.merge                      870,000 notices, and twice as many
    python -m bench.merge --notices 50000      smaller, for a first look

The year has the shape of real eForms notices (`bench/year.py`), in 250 packages; one notice in a thousand is in two
packages. Every figure is of a process of its own; medians of the rounds, ratios of medians. Fails where a promise is
broken: 4 GiB for Java and Python together, 2.2 times the time for twice the notices.
"""

import argparse
import datetime as dt
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from bench.conditions import conditions
from bench.year import BUCKET, YEAR, make_year
from runtime.schema import NOTICE_TABLES, TABLES, Table
from runtime.schema.tables import NOTICES
from runtime.schema.views import saved_queries

MEMORY_MIB, DOUBLING = 4096, 2.2
# Java takes 1.2 times its heap at most; with what Python takes, that stays within 4 GiB.
HEAP = "3g"


def merge_in_spark(folder: Path) -> dict[str, Any]:
    """Merge the year as the Glue job does, in this process; seconds by step and the peak of Java's memory."""
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="eu-west-1")  # noqa: S106
    import boto3
    from moto import mock_aws

    from runtime.buckets import Bucket
    from runtime.merge.catalog import Catalog
    from runtime.merge.spark import SparkTables, start_session
    from runtime.merge.year import merge_year
    from tests.spark.folder import FolderS3

    began = time.monotonic()
    settings = {
        "spark.master": "local[2]", "spark.driver.memory": HEAP, "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1", "spark.local.dir": str(folder / "scratch"),
    }  # fmt: skip
    spark = start_session("bench", settings)
    spark.sparkContext.setLogLevel("ERROR")
    session = time.monotonic() - began
    steps: list[tuple[float, str]] = []
    with mock_aws():
        glue = boto3.client("glue")
        glue.create_database(DatabaseInput={"Name": "bench"})
        for table in TABLES:
            keys = [{"Name": "year", "Type": "int"}]
            made: Any = {"Name": table.name, "PartitionKeys": keys, "StorageDescriptor": {"Columns": []}}
            glue.create_table(DatabaseName="bench", TableInput=made)
        record = merge_year(
            year=YEAR, run="bench", bucket=Bucket(FolderS3(folder), BUCKET), catalog=Catalog(glue, "bench"),  # type: ignore[arg-type]
            tables=SparkTables(spark, lambda key: f"file://{folder / BUCKET / key}"),
            now=lambda: dt.datetime.now(dt.UTC),
            report=lambda line: steps.append((round(time.monotonic() - began, 1), line)),
        )  # fmt: skip
    seconds = time.monotonic() - began
    java = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
    status = Path(f"/proc/{java}/status").read_text()
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    python = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spark.stop()
    return {
        "seconds": round(seconds, 1), "session_seconds": round(session, 1), "peak_mib": (int(peak) + python) >> 10,
        "tables": record.tables, "duplicates": record.duplicates["notices"], "steps": steps,
    }  # fmt: skip


def filled(folder: Path) -> list[Table]:
    """Tables of which the year has rows: eForms name no CPV codes."""
    return [table for table in NOTICE_TABLES if (folder / BUCKET / "daily" / table.name).exists()]


def merge_in_duckdb(folder: Path) -> dict[str, Any]:
    """The same dedupe, sort and write in DuckDB: what a single machine can do."""
    began = time.monotonic()
    root, out = folder / BUCKET / "daily", folder / "duckdb"
    packages = {table.name: f"read_parquet('{root}/{table.name}/year={YEAR}/*.parquet', hive_partitioning=false)"
                for table in filled(folder)}  # fmt: skip
    out.mkdir(exist_ok=True)
    database = duckdb.connect(
        config={"threads": 2, "memory_limit": "3GB", "temp_directory": str(folder / "scratch-duckdb")}
    )
    database.execute(
        f"""CREATE TABLE replaced AS
        SELECT n.notice_id, n.package_id FROM {packages["notices"]} n
        JOIN (SELECT notice_id, max(package_id) AS newest
              FROM {packages["notices"]}
              GROUP BY notice_id HAVING count(*) > 1) d ON d.notice_id = n.notice_id AND n.package_id < d.newest"""  # noqa: S608
    )
    for table in filled(folder):
        order = ", ".join(("publication_date", *table.key))
        if table is NOTICES:
            order = "date_trunc('month', publication_date), buyer_country, cpv_main[1:2], publication_date, notice_id"
        database.execute(
            f"""COPY (SELECT t.* FROM {packages[table.name]} t
                ANTI JOIN replaced r ON r.notice_id = t.notice_id AND r.package_id = t.package_id ORDER BY {order})
            TO '{out}/{table.name}.parquet' (FORMAT parquet, COMPRESSION zstd)"""  # noqa: S608
        )
    return {"seconds": round(time.monotonic() - began, 1)}


def copy_with_pyarrow(folder: Path) -> dict[str, Any]:
    """Read and write every row once, in the order it comes: the floor."""
    began = time.monotonic()
    out = folder / "copy"
    out.mkdir(exist_ok=True)
    for table in filled(folder):
        files = sorted((folder / BUCKET / f"daily/{table.name}/year={YEAR}").glob("*.parquet"))
        with pq.ParquetWriter(out / f"{table.name}.parquet", pq.read_schema(files[0]), compression="zstd") as writer:
            for file in files:
                writer.write_table(pq.ParquetFile(file).read())
    return {"seconds": round(time.monotonic() - began, 1)}


def bytes_read(folder: Path) -> dict[str, float]:
    """Per cent of the published year that each saved query must read, and what usual filters leave of notices.

    A query reads the columns that it names, in the row groups that its own conditions leave.
    """
    published = {
        table.name: [pq.read_metadata(path) for path in (folder / BUCKET / f"merged/{table.name}").rglob("*.parquet")]
        for table in TABLES
    }
    groups = {
        name: [_chunks(file.row_group(n)) for file in files for n in range(file.num_row_groups)]
        for name, files in published.items()
    }
    total = sum(size for table in groups.values() for chunks, _ in table for size in chunks.values())
    schema: Any = {table.name: {column.name: "VARCHAR" for column in table} | {"year": "INT"} for table in TABLES}
    shares = {}
    for query in saved_queries():
        tree = qualify(
            sqlglot.parse_one(query.sql, read="trino"), schema=schema, dialect="trino", quote_identifiers=False
        )
        held = conditions(tree)
        named: dict[tuple[str, int], set[str]] = {}
        for scope in traverse_scope(tree):
            for column in scope.columns:
                source = scope.sources.get(column.table)
                if isinstance(source, exp.Table):
                    named.setdefault((source.name, id(source)), set()).add(column.name)
        read: dict[tuple[str, int, str], int] = {}
        for (table, reference), columns in named.items():
            for number, (chunks, bounds) in enumerate(groups[table]):
                if all(_may_hold(condition, bounds) for condition in held.get(reference, [])):
                    read |= {(table, number, column): chunks.get(column, 0) for column in columns}
        shares[query.name] = round(100 * sum(read.values()) / total, 2)
    shares["mean of the saved queries"] = round(sum(shares.values()) / len(shares), 2)
    filters = {
        "one week": f"publication_date BETWEEN '{YEAR}-05-05' AND '{YEAR}-05-09'",
        "one country": "buyer_country = 'AUT'",
        "one country and month": f"buyer_country = 'AUT' AND publication_date BETWEEN '{YEAR}-05-01' AND '{YEAR}-06'",
        "one CPV division of one country": "buyer_country = 'AUT' AND cpv_main BETWEEN '45' AND '46'",
        "one notice": f"notice_id = '1000-{YEAR}'",
    }
    for name, text in filters.items():
        condition = sqlglot.parse_one(text)
        parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
        sizes = [sum(chunks.values()) for chunks, _ in groups["notices"]]
        left = [all(_may_hold(part, bounds) for part in parts) for _, bounds in groups["notices"]]
        share = sum(size for size, holds in zip(sizes, left, strict=True) if holds) / max(sum(sizes), 1)
        shares[f"bytes of notices left by a filter on {name}"] = round(100 * share, 1)
    return shares


def _chunks(group: Any) -> tuple[dict[str, int], dict[str, tuple[str, str]]]:
    """Bytes of a row group by column, and the lowest and highest value of those that have statistics, as text."""
    sizes: dict[str, int] = {}
    bounds = {}
    for chunk in (group.column(n) for n in range(group.num_columns)):
        name = chunk.path_in_schema.split(".")[0]
        sizes[name] = sizes.get(name, 0) + chunk.total_compressed_size
        statistics_ = chunk.statistics
        if statistics_ is not None and statistics_.has_min_max and isinstance(statistics_.min, str | dt.date):
            bounds[name] = str(statistics_.min), str(statistics_.max)
    return sizes, bounds


def _may_hold(condition: exp.Expr, bounds: Mapping[str, tuple[str, str]]) -> bool:
    """Whether a row within the bounds can meet a condition; True where that cannot be told."""
    if not isinstance(condition, exp.EQ | exp.In | exp.Between) or not isinstance(condition.this, exp.Column):
        return True
    span = bounds.get(condition.this.name)
    if span is None:
        return True
    if isinstance(condition, exp.Between):
        return span[0] <= condition.args["high"].name and span[1] >= condition.args["low"].name
    values = [condition.expression] if isinstance(condition, exp.EQ) else condition.expressions
    if not values or not all(isinstance(value, exp.Literal) for value in values):
        return True
    return any(span[0] <= value.name <= span[1] for value in values)


STEPS = {"spark": merge_in_spark, "duckdb": merge_in_duckdb, "copy": copy_with_pyarrow, "bytes": bytes_read}


def measure(step: str, folder: Path) -> dict[str, Any]:
    """Run a step in a process of its own; what it wrote is there for the next one only."""
    for written in ("merged", "duckdb", "copy"):
        if step != "bytes":
            shutil.rmtree(folder / BUCKET / written, ignore_errors=True)
            shutil.rmtree(folder / written, ignore_errors=True)
    command = [sys.executable, "-m", "bench.merge", "--step", step, "--folder", str(folder)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    result: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    sys.stderr.write(f"{step}: {json.dumps(result)}\n")
    return result


def run(folder: Path, notices: int, rounds: int) -> dict[str, Any]:
    """Make a year and merge it in each way."""
    made = folder / str(notices)
    began = time.monotonic()
    make_year(made, notices)
    size = sum(path.stat().st_size for path in (made / BUCKET / "daily").rglob("*.parquet"))
    found: dict[str, Any] = {"made_seconds": round(time.monotonic() - began, 1), "input_mib": size >> 20}
    sys.stderr.write(f"{notices} notices: {json.dumps(found)}\n")
    seconds: dict[str, list[float]] = {"spark": [], "duckdb": [], "copy": []}
    peaks = []
    for number in range(rounds):
        for step, values in seconds.items():
            result = measure(step, made)
            values.append(result["seconds"])
            if step == "spark":
                peaks.append(result["peak_mib"])
                found["steps"] = result["steps"]
                if number == 0:
                    found["bytes"] = measure("bytes", made)
    shutil.rmtree(made)
    medians = {f"{step}_seconds": round(statistics.median(values), 1) for step, values in seconds.items()}
    over = {f"spark_over_{floor}": round(medians["spark_seconds"] / medians[f"{floor}_seconds"], 2)
            for floor in ("duckdb", "copy")}  # fmt: skip
    return {**found, **medians, **over, "all_seconds": seconds, "peak_mib": max(peaks)}


def main() -> int:
    """Measure, print the figures as JSON; 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notices", type=int, default=870_000)
    parser.add_argument("--rounds", type=int, default=3, help="of the year; the doubled one has one")
    parser.add_argument("--once", action="store_true", help="leave out the year of twice the size")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, default=None, help="where to work; a scratch folder otherwise")
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps(STEPS[arguments.step](arguments.folder)))
        return 0
    with tempfile.TemporaryDirectory(prefix="bench-merge-", dir=arguments.folder) as scratch:
        results: dict[str, Any] = {}
        sizes: Sequence[int] = [arguments.notices] if arguments.once else [arguments.notices, 2 * arguments.notices]
        for notices in sizes:
            results[str(notices)] = run(Path(scratch), notices, arguments.rounds if notices == sizes[0] else 1)
    times = [result["spark_seconds"] for result in results.values()]
    results["doubling"] = round(times[-1] / times[0], 2) if len(times) == 2 else None
    print(json.dumps(results, indent=1))
    within = results[str(sizes[0])]["peak_mib"] <= MEMORY_MIB
    return int(not within or (results["doubling"] or 0) > DOUBLING)


if __name__ == "__main__":
    sys.exit(main())
