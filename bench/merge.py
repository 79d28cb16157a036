"""Speed of the merge: a made-up year in Spark, in DuckDB, and as a bare copy of its bytes; what the queries must read.

    python -m bench.merge                      870,000 notices, and twice as many
    python -m bench.merge --notices 50000      smaller, for a first look

Made-up rows of realistic widths (a notice has 2 lots, 1.7 outcomes, 1.5 contracts, 5 parties, 2.5 criteria), in 250
packages; one notice in a thousand is in two packages. Each figure is of one run in a process of its own.
"""

import argparse
import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from bench.year import BUCKET, YEAR, make_year
from runtime.schema import NOTICE_TABLES, TABLES
from runtime.schema.tables import NOTICES
from runtime.schema.views import saved_queries


def merge_in_spark(folder: Path) -> dict[str, Any]:
    """Merge the year as the Glue job does, in this process; seconds by step and the peak of Java's memory."""
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="eu-west-1")  # noqa: S106
    import boto3
    from moto import mock_aws

    from runtime.buckets import Bucket
    from runtime.merge.catalog import Catalog
    from runtime.merge.spark import Lake, start_session
    from runtime.merge.year import merge_year
    from tests.spark.folder import FolderS3

    began = time.monotonic()
    settings = {
        "spark.master": "local[2]", "spark.driver.memory": "3g", "spark.driver.bindAddress": "127.0.0.1",
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
            keys: Any = {"PartitionKeys": [{"Name": "year", "Type": "int"}], "StorageDescriptor": {"Columns": []}}
            glue.create_table(DatabaseName="bench", TableInput={"Name": table.name, **keys})
        record = merge_year(
            year=YEAR, run="bench", bucket=Bucket(FolderS3(folder), BUCKET), catalog=Catalog(glue, "bench"),  # type: ignore[arg-type]
            lake=Lake(spark, lambda key: f"file://{folder / BUCKET / key}"), now=lambda: dt.datetime.now(dt.UTC),
            report=lambda line: steps.append((round(time.monotonic() - began, 1), line)),
        )  # fmt: skip
    seconds = time.monotonic() - began
    java = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
    status = Path(f"/proc/{java}/status").read_text()
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    spark.stop()
    return {
        "seconds": round(seconds, 1), "session_seconds": round(session, 1), "java_peak_mib": int(peak) // 1024,
        "tables": record.tables, "duplicates": record.duplicates["notices"], "steps": steps,
    }  # fmt: skip


def merge_in_duckdb(folder: Path) -> dict[str, Any]:
    """The same dedupe, sort and write in DuckDB: what a single machine can do."""
    began = time.monotonic()
    root, out = folder / BUCKET / "daily", folder / "duckdb"
    packages = {table.name: f"read_parquet('{root}/{table.name}/year={YEAR}/*.parquet', hive_partitioning=false)"
                for table in NOTICE_TABLES}  # fmt: skip
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
    for table in NOTICE_TABLES:
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
    for table in NOTICE_TABLES:
        files = sorted((folder / BUCKET / f"daily/{table.name}/year={YEAR}").glob("*.parquet"))
        with pq.ParquetWriter(out / f"{table.name}.parquet", pq.read_schema(files[0]), compression="zstd") as writer:
            for file in files:
                writer.write_table(pq.ParquetFile(file).read())
    return {"seconds": round(time.monotonic() - began, 1)}


def bytes_read(folder: Path) -> dict[str, float]:
    """Per cent of the published year that each saved query must read, and that usual filters leave of notices."""
    published = {
        table.name: [pq.read_metadata(path) for path in (folder / BUCKET / f"merged/{table.name}").rglob("*.parquet")]
        for table in TABLES
    }
    sizes: dict[tuple[str, str], int] = {}
    for name, files in published.items():
        for group in (file.row_group(n) for file in files for n in range(file.num_row_groups)):
            for chunk in (group.column(n) for n in range(group.num_columns)):
                key = name, chunk.path_in_schema.split(".")[0]
                sizes[key] = sizes.get(key, 0) + chunk.total_compressed_size
    total = sum(sizes.values())
    schema = {table.name: {column.name: "VARCHAR" for column in table} | {"year": "INT"} for table in TABLES}
    shares = {}
    for query in saved_queries():
        tree = qualify(sqlglot.parse_one(query.sql, read="trino"), schema=schema, dialect="trino")
        named = {
            (source.name, column.name)
            for scope in traverse_scope(tree)
            for column in scope.columns
            if isinstance(source := scope.sources.get(column.table), exp.Table)
        }
        shares[query.name] = round(100 * sum(sizes.get(key, 0) for key in named) / total, 2)
    shares["mean of the saved queries"] = round(sum(shares.values()) / len(shares), 2)
    filters: dict[str, tuple[str, Any, Any]] = {
        "one week": ("publication_date", dt.date(YEAR, 5, 5), dt.date(YEAR, 5, 9)),
        "one country": ("buyer_country", "AUT", "AUT"),
        "one notice": ("notice_id", f"1000-{YEAR}", f"1000-{YEAR}"),
    }
    for name, (column, low, high) in filters.items():
        left = rows = 0
        for group in (file.row_group(n) for file in published["notices"] for n in range(file.num_row_groups)):
            chunks = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
            statistics = chunks[column].statistics
            rows += group.num_rows
            left += group.num_rows if statistics.min <= high and statistics.max >= low else 0
        shares[f"rows of notices after a filter by {name}"] = round(100 * left / max(rows, 1), 1)
    return shares


STEPS = {"spark": merge_in_spark, "duckdb": merge_in_duckdb, "copy": copy_with_pyarrow, "bytes": bytes_read}


def measure(step: str, folder: Path) -> dict[str, Any]:
    """Run a step in a process of its own."""
    command = [sys.executable, "-m", "bench.merge", "--step", step, "--folder", str(folder)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Make a year, merge it in each way, print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notices", type=int, default=870_000)
    parser.add_argument("--once", action="store_true", help="leave out the year of twice the size")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, default=None, help="where to work; a scratch folder otherwise")
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps(STEPS[arguments.step](arguments.folder)))
        return
    results: dict[str, Any] = {}
    for notices in [arguments.notices] if arguments.once else [arguments.notices, 2 * arguments.notices]:
        folder = Path(tempfile.mkdtemp(prefix="bench-merge-", dir=arguments.folder))
        try:
            began = time.monotonic()
            make_year(folder, notices)
            size = sum(path.stat().st_size for path in (folder / BUCKET / "daily").rglob("*.parquet"))
            found: dict[str, Any] = {"made_seconds": round(time.monotonic() - began, 1), "input_mib": size >> 20}
            for step in STEPS:
                found[step] = measure(step, folder)
                print(f"{notices} {step}: {json.dumps(found[step])}", file=sys.stderr, flush=True)
            found["spark_over_duckdb"] = round(found["spark"]["seconds"] / found["duckdb"]["seconds"], 2)
            results[str(notices)] = found
        finally:
            shutil.rmtree(folder)
    if len(results) == 2:
        small, large = (found["spark"]["seconds"] for found in results.values())
        results["doubling"] = round(large / small, 2)
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
