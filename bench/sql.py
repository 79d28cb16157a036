"""Seconds and memory of both engines for the saved queries: python -m bench.sql [--packages DIR]

The packages' tables lie in an embedded AWS, a file for each table and year, as after the merge. DuckDB is asked all
queries, then Trino is; each query once to warm up, then three times, of which the median counts.
"""

import argparse
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import psutil
import pytest

from console.aws import trino_server
from console.aws.athena.duck import DuckEngine
from console.aws.athena.executor import Executor
from console.aws.athena.trino import TrinoEngine
from console.aws.launcher import embedded_aws
from runtime.schema.views import saved_queries
from tests.trino.conftest import CORPUS, REAL_YEARS, tables_of
from tests.trino.lake import Lake

DATABASE = "real"
ROUNDS = 3
MEBIBYTE = 1 << 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.sql", description=__doc__)
    parser.add_argument("--packages", type=Path, default=CORPUS, help="folder of daily packages")
    packages = parser.parse_args().packages
    files = [file for year in REAL_YEARS for file in sorted(packages.glob(f"{year}*.tar.gz"))]
    if not files:
        sys.stderr.write(f"expected daily packages of {', '.join(REAL_YEARS)} in {packages}, got none\n")
        return 1
    trino_server.prepare(print)
    with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as patch:
        folder = Path(scratch)
        with embedded_aws(folder / "aws", sql="trino") as aws:
            for name, value in aws.environment().items():
                patch.setenv(name, value)
            tables = tables_of(files, folder / "tables")
            Lake(boto3.Session()).add(DATABASE, tables)
            port = trino_server.port_of(aws.folder)
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                duck, held = pool.apply(measured, (folder / "objects", None))
                trino, _ = pool.apply(measured, (folder / "objects", port))
            server = trino_server.process_of(aws.folder)
            report(len(files), duck, trino, held, peak(server) if server else 0)
    return 0


def measured(objects: Path, port: int | None) -> tuple[dict[str, float], int]:
    """Median seconds of each query, and the most bytes that this process held; the engine is DuckDB without a port."""
    glue, s3 = boto3.client("glue"), boto3.client("s3")
    duck = DuckEngine(glue, s3, objects)
    executor = Executor(glue, s3, TrinoEngine(port, duck) if port else duck)
    found = {query.name: statistics.median(list(seconds(executor, query.sql))[1:]) for query in saved_queries()}
    return found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def seconds(executor: Executor, sql: str) -> Iterator[float]:
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        executor.run(sql, DATABASE)
        yield time.perf_counter() - started


def peak(server: psutil.Process) -> int:
    """The most memory that a process held, in bytes."""
    status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def report(packages: int, duck: dict[str, float], trino: dict[str, float], held: int, of_server: int) -> None:
    print(f"{packages} packages of {', '.join(REAL_YEARS)}; median of {ROUNDS} rounds after one")
    print("| query | DuckDB | Trino | ratio |\n|---|---|---|---|")
    for name, one in duck.items():
        print(f"| {name} | {one:.2f} s | {trino[name]:.2f} s | {trino[name] / one:.1f} |")
    one, other = sum(duck.values()), sum(trino.values())
    print(f"| all | {one:.1f} s | {other:.1f} s | {other / one:.1f} |")
    print(f"| most memory | {held / MEBIBYTE:.0f} MiB | {of_server / MEBIBYTE:.0f} MiB | {of_server / held:.1f} |")


if __name__ == "__main__":
    sys.exit(main())
