"""What the views of the TED CSV read and take over a made-up year: python -m bench.ted_csv [--notices 870000]

The bytes are those of the columns that a query needs, once for every place that it reads a table, which is what Athena
reads and bills. The seconds are those of DuckDB, which writes the whole answer as a CSV file, in a process of its own
for each query. The year has the shape of real eForms notices (`bench/year.py`).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from bench.merge import merge_in_duckdb
from bench.year import YEAR, make_year
from console.lake_copy import view_sql
from runtime.schema import CATALOG_TABLES
from runtime.schema.tables import EXCHANGE_RATES, NOTICES
from runtime.schema.views import VIEWS, view_statement
from tests.unit.test_saved_queries import exchange_rates

# Without a condition on the year, for one is all there is.
QUERIES = {
    "ted_can, a year": "SELECT * FROM ted_can",
    "ted_cn, a year": "SELECT * FROM ted_cn",
    "ted_can, single bidding by country": """
        SELECT iso_country_code, avg(CASE WHEN number_offers = 1 THEN 1e0 ELSE 0 END)
        FROM ted_can WHERE number_offers > 0 GROUP BY iso_country_code""",
    "ted_can, value by CPV division": """SELECT substr(cpv, 1, 2), sum(award_value_euro_fin_1)
        FROM ted_can GROUP BY substr(cpv, 1, 2)""",
}
USD_PER_TB, LEAST_BYTES, MEMORY = 5, 10_000_000, "3GB"


def make(folder: Path, notices: int) -> dict[str, Path]:
    """Make and merge the year; a file by table."""
    make_year(folder, notices)
    merge_in_duckdb(folder)
    rates = folder / "duckdb" / f"{EXCHANGE_RATES.name}.parquet"
    rates.write_bytes(exchange_rates())
    return files_of(folder)


def files_of(folder: Path) -> dict[str, Path]:
    """Files of a year that is made, by table."""
    return {path.stem: path for path in (folder / "duckdb").glob("*.parquet")}


def bytes_of(files: Mapping[str, Path]) -> dict[str, int]:
    """Bytes that each query reads, by its name."""
    sizes: dict[tuple[str, str], int] = {}
    for table, path in files.items():
        metadata = pq.read_metadata(path)
        for group in (metadata.row_group(number) for number in range(metadata.num_row_groups)):
            for chunk in (group.column(number) for number in range(group.num_columns)):
                key = table, chunk.path_in_schema.split(".")[0]
                sizes[key] = sizes.get(key, 0) + chunk.total_compressed_size
    return {name: sum(sizes.get(each, 0) for each in columns_of(sql)) for name, sql in QUERIES.items()}


def columns_of(sql: str) -> Iterator[tuple[str, str]]:
    """Table and column of all that a query's scans need; a part of a query that is named twice is read twice."""
    schema: Any = {table.name: {each.name: each.glue_type for each in table.readable} for table in CATALOG_TABLES}
    query = sqlglot.parse_one(sql, dialect="trino")
    views = {view.name: sqlglot.parse_one(view_statement(view).sql, dialect="trino") for view in VIEWS}
    for _ in range(2):  # a view of a view
        query = exp.expand(query, {name: view for name, view in views.items() if isinstance(view, exp.Query)})
    query = qualify(query, schema=schema, dialect="trino", quote_identifiers=False)
    return _scanned(build_scope(pushdown_projections(query)))


def _scanned(scope: Any) -> Iterator[tuple[str, str]]:
    if isinstance(scope.expression, exp.SetOperation):
        for side in scope.set_operation_scopes:
            yield from _scanned(side)
        return
    for alias, (_, source) in scope.selected_sources.items():
        if isinstance(source, exp.Table):
            yield from {(source.name, column.name) for column in scope.columns if column.table == alias}
        else:
            yield from _scanned(source)


def answer(folder: Path, name: str) -> dict[str, Any]:
    """Write a query's answer as CSV, in this process."""
    options: dict[str, Any] = {"threads": 2, "memory_limit": MEMORY, "temp_directory": str(folder / "scratch-duckdb")}
    database = duckdb.connect(config=options)
    for statement in view_sql({table: [str(path)] for table, path in files_of(folder).items()}):
        database.execute(statement)
    out = folder / "answer.csv"
    began, used = time.monotonic(), time.process_time()
    (rows,) = database.execute(f"COPY ({QUERIES[name]}) TO '{out}' (HEADER)").fetchall()[0]
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return {
        "rows": rows, "mib_of_csv": out.stat().st_size >> 20, "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(time.process_time() - used, 1),
        "peak_mib": int(status.partition("VmHWM:")[2].split()[0]) >> 10,
    }  # fmt: skip


def measure(folder: Path, name: str) -> dict[str, Any]:
    """Run a query in a process of its own."""
    command = [sys.executable, "-m", "bench.ted_csv", "--answer", name, "--folder", str(folder)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notices", type=int, default=870_000)
    parser.add_argument("--folder", type=Path, default=None, help="where a year lies or is to lie; scratch otherwise")
    parser.add_argument("--answer", choices=QUERIES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.answer:
        print(json.dumps(answer(arguments.folder, arguments.answer)))
        return
    with tempfile.TemporaryDirectory(prefix="bench-ted-csv-") as scratch:
        # Like a partition, for that is where a table's year is read from.
        folder = (arguments.folder or Path(scratch)) / f"year={YEAR}" / "run=bench"
        files = files_of(folder) or make(folder, arguments.notices)
        total = sum(path.stat().st_size for path in files.values())
        print(f"{total >> 20} MiB published, {files[NOTICES.name].stat().st_size >> 20} of them notices")
        for name, read in bytes_of(files).items():
            usd = max(read, LEAST_BYTES) / 1e12 * USD_PER_TB
            told = {"mib_read": round(read / 2**20, 1), "share": round(read / total, 3), "usd": round(usd, 5)}
            print(json.dumps({"query": name, **told, **measure(folder, name)}), flush=True)


if __name__ == "__main__":
    main()
