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

from runtime.keys import PackageId
from runtime.manifest import EXTRACTOR_VERSION, Manifest, TableFile
from runtime.schema import NOTICE_TABLES, TABLES, Kind, Table
from runtime.schema.tables import NOTICES
from runtime.schema.views import saved_queries

YEAR = 2025
PACKAGES = 250
BUCKET = "bench-cca-ted-extracted-dev"
ROWS_PER_NOTICE = {
    "notices": 1.0, "lots": 2.0, "lot_results": 1.7, "tenders": 1.5, "contracts": 1.5, "parties": 5.0, "criteria": 2.5,
    "changes": 0.3,
}  # fmt: skip
DUCKDB_TYPES: dict[Kind, str] = {
    "string": "VARCHAR", "int": "INTEGER", "long": "BIGINT", "boolean": "BOOLEAN", "date": "DATE",
    "timestamp": "TIMESTAMPTZ", "money": "DECIMAL(24,4)", "number": "DECIMAL(18,6)", "list": "VARCHAR[]",
}  # fmt: skip
# Texts that are as long as published ones; words are drawn from a small vocabulary, so they compress like prose.
LONG = {
    "title": 8,
    "title_en": 8,
    "description": 60,
    "name": 4,
    "buyer_name": 4,
    "street": 3,
    "old_value": 10,
    "new_value": 10,
}
CODES = {
    "buyer_country": ["DEU", "FRA", "POL", "ESP", "ITA", "ROU", "CZE", "NLD", "SWE", "AUT"],
    "country": ["DEU", "FRA", "POL", "ESP", "ITA", "ROU", "CZE", "NLD", "SWE", "AUT"],
    "cpv_main": ["45221100", "33600000", "72000000", "79000000", "90910000", "34144000", "71000000", "09310000"],
    "format": ["eforms"], "form_type": ["competition", "result", "result", "planning", "change"],
    "procedure_type": ["open", "restricted", "neg-w-call", "neg-wo-call"], "status": ["selec-w", "selec-w", "clos-nw"],
    "role": ["buyer", "winner", "winner", "review-body", "tenderer"], "size": ["micro", "small", "medium", "large"],
    "kind": ["corrigendum", "modification"],
}  # fmt: skip


def package_of(number: int) -> PackageId:
    """The n-th package of the year."""
    return PackageId(dt.date(YEAR, 1, 2) + dt.timedelta(days=round(number * 362 / PACKAGES)), number + 1)


def expression(table: Table, name: str, kind: Kind, salt: int) -> str:
    """SQL of a made-up column; `n` numbers the notices, `o` the rows of one, `h` is a hash of both."""
    h = f"(hash(n * 31 + o, {salt}))"
    if name == table.key[-1] and len(table.key) > 1:
        return "o::INTEGER"
    if name.endswith("_ordinal"):
        return "1"
    if name in CODES:
        return f"{CODES[name]}[1 + ({h} % {len(CODES[name])})::INTEGER]"
    if kind == "string":
        draw = f"lambda w: words[1 + (hash(n, o, {salt}, w) % 500)::INTEGER]"
        words = f"array_to_string(list_transform(range({LONG.get(name, 1)}), {draw}), ' ')"
        return f"CASE WHEN {h} % 4 = 0 AND '{name}' NOT IN ('title', 'buyer_name') THEN NULL ELSE {words} END"
    return {
        "int": f"({h} % 12)::INTEGER",
        "long": f"({h} % 100000)::BIGINT",
        "boolean": f"{h} % 3 = 0",
        "date": f"CASE WHEN {h} % 2 = 0 THEN DATE '{YEAR}-01-01' + ({h} % 300)::INTEGER END",
        "money": f"CASE WHEN {h} % 3 > 0 THEN ({h} % 100000000)::DECIMAL(24,4) / 100 END",
        "number": f"({h} % 100)::DECIMAL(18,6)",
        "list": f"['LOT-000' || (1 + {h} % 3)]",
    }.get(kind, "NULL")


def make_year(folder: Path, notices: int) -> None:
    """Write the packages of a made-up year below a folder."""
    per = max(1, notices // PACKAGES)
    words = [f"{a}{b}" for a in ("bau", "lief", "dien", "stra", "schu", "klin", "ener", "soft", "rein", "plan") for b in
             ("ung", "erung", "leistung", "ssen", "le", "ik", "gie", "ware", "igung", "ant", "er", "en", "heit",
              "keit", "schaft", "tum", "nis", "ling",
              "chen", "lein", "bar", "sam", "haft", "los", "voll", "reich", "arm", "fest",
              "weit", "hoch", "tief", "nah", "fern", "alt", "neu", "gross", "klein", "kurz", "lang", "breit", "schmal",
              "dick", "duenn", "hell", "dunkel", "warm", "kalt", "nass", "trocken", "rund")]  # fmt: skip
    database = duckdb.connect()
    database.execute("SET threads = 2")
    database.execute("SET VARIABLE words = ?", [words])
    for number in range(PACKAGES):
        package = package_of(number)
        rows, files = {}, {}
        # The first notices of a package repeat the last of the one before: one in a thousand.
        first = number * per - (max(1, per // 1000) if number else 0)
        for table in NOTICE_TABLES:
            path = folder / BUCKET / package.daily_key(table.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            columns = ", ".join(
                f"{expression(table, column.name, column.kind, salt)}::{DUCKDB_TYPES[column.kind]} AS {column.name}"
                for salt, column in enumerate(table) if salt >= 3
            )  # fmt: skip
            share = ROWS_PER_NOTICE[table.name]
            repeat = f"range(1, 1 + floor({share} + (hash(n, 7) % 100) / 100.0)::BIGINT)" if share != 1 else "[1]"
            query = f"""
                SELECT (n + 1) || '-{YEAR}' AS notice_id, DATE '{package.date}' AS publication_date,
                       '{package}' AS package_id, {columns}
                FROM (SELECT n, unnest({repeat}) AS o, getvariable('words') AS words
                      FROM range({first}, {(number + 1) * per}) t(n))"""  # noqa: S608
            database.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
            count = pq.read_metadata(path).num_rows
            rows[table.name] = count
            if count:
                files[table.name] = TableFile(package.daily_key(table.name), count, path.stat().st_size)
        record = Manifest(
            package_id=str(package), publication_date=package.date.isoformat(), ojs_issue=package.issue, source_url="",
            raw_key=package.raw_key, raw_version_id="v", sha256="0" * 64, size_bytes=1,
            fetched_at="2025-01-01T00:00:00Z", extracted_at="2025-01-01T00:00:00Z",
            extractor_version=EXTRACTOR_VERSION, members=rows["notices"],
            notices=rows["notices"], quarantined=0, skipped=0, rows=rows, files=files, formats={}, first_notice_id=None,
            last_notice_id=None,
        )  # fmt: skip
        path = folder / BUCKET / package.manifest_key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(record.to_json())


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
