"""CPU and memory of the state machine's helpers over all that TED has published since 2011.

    python -m bench.helpers

Packages, manifests, calendars and a published record per year lie in the embedded AWS, a process of its own. Each
helper runs in a fresh process, which counts its own CPU seconds: a Lambda function with 1,769 MiB, one vCPU, needs as
many, one with less 1769 / MiB times as many. Waiting for S3's answers comes on top, for 16 at a time.
"""

import datetime as dt
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3

from console.aws.launcher import ACCOUNT, embedded_aws
from console.sample.server import calendar_csv
from runtime.buckets import Bucket
from runtime.keys import PackageId, calendar_key, plan_key
from runtime.ledger import Plan, settle
from runtime.manifest import EXTRACTOR_VERSION, Manifest, TableFile
from runtime.merge.published import Published, PublishedPackage, write_record
from runtime.schema import NOTICE_TABLES, TABLES

PACKAGES = 4132  # of TED, January 2011 to November 2026
FIRST_DAY = dt.date(2011, 1, 3)
RAW, EXTRACTED = "bench-raw", "bench-extracted"
NOW = "2026-11-27T12:00:00+00:00"


def packages() -> list[PackageId]:
    """So many working days, issues counted from 1 in each year."""
    found: list[PackageId] = []
    day, issue = FIRST_DAY, 0
    while len(found) < PACKAGES:
        if day.weekday() < 5:
            issue = issue + 1 if found and found[-1].year == day.year else 1
            found.append(PackageId(day, issue))
        day += dt.timedelta(days=1)
    return found


def manifest_of(package: PackageId) -> Manifest:
    """A manifest of the size that a day of 3,000 notices has."""
    rows = {table.name: 3000 for table in NOTICE_TABLES}
    files = {name: TableFile(package.daily_key(name), 3000, 1_000_000) for name in rows}
    return Manifest(
        package_id=str(package), publication_date=package.date.isoformat(), ojs_issue=package.issue,
        source_url="https://ted.europa.eu/packages/daily/201900043", raw_key=package.raw_key, raw_version_id="v",
        sha256="0" * 64, size_bytes=5_000_000, fetched_at=NOW, extracted_at=NOW, extractor_version=EXTRACTOR_VERSION,
        members=3000, notices=3000, quarantined=0, skipped=0, rows=rows, files=files, formats={"ted-export": 3000},
        first_notice_id="1-2019", last_notice_id="3000-2019",
    )  # fmt: skip


def fill(session: boto3.Session) -> dict[str, str]:
    """Put everything there; the helpers' environment."""
    s3, sqs = session.client("s3"), session.client("sqs")
    raw, extracted = Bucket(s3, RAW), Bucket(s3, EXTRACTED)
    for name in (RAW, EXTRACTED):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": session.region_name})
    all_packages = packages()

    def put(package: PackageId) -> None:
        manifest = manifest_of(package)
        raw.put(package.raw_key, b"archive", metadata={"sha256": manifest.sha256})
        extracted.put(package.manifest_key, manifest.to_json())
        settle(package, raw, extracted)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, all_packages))
    for year in sorted({package.year for package in all_packages}):
        of_year = [package for package in all_packages if package.year == year]
        raw.put(calendar_key(year), calendar_csv(of_year))
        entry = PublishedPackage("v", "0" * 64, NOW, 3000, 0)
        counts = dict.fromkeys((table.name for table in TABLES), 3000 * len(of_year))
        record = Published(
            run_id="r", year=year, extractor_version=EXTRACTOR_VERSION, tables=counts, files=counts, duplicates={},
            packages={str(package): entry for package in of_year}, checks={}, previous_run_id="", started_at=NOW,
            checked_at=NOW, published_at=NOW,
        )  # fmt: skip
        write_record(extracted, record)
    Plan(tuple(all_packages), dt.datetime.fromisoformat(NOW)).write(raw, "bench")
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("bench_transfers", "bench_extractions")]
    return {
        "RAW_BUCKET": RAW,
        "EXTRACTED_BUCKET": EXTRACTED,
        "TRANSFERS_QUEUE_URL": urls[0],
        "EXTRACTIONS_QUEUE_URL": urls[1],
        "GLUE_DATABASE": "bench",
        "BUCKET_OWNER": ACCOUNT,
        "POWERTOOLS_TRACE_DISABLED": "1",
        "POWERTOOLS_METRICS_NAMESPACE": "Bench",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "LOG_LEVEL": "ERROR",
    }


def run_helper(name: str) -> None:
    """Call a helper in this process, and print what it took."""
    began = time.monotonic()
    from runtime.pipeline import handlers

    context: Any = SimpleNamespace(
        function_name=name, memory_limit_in_mb=1769, invoked_function_arn="arn", aws_request_id="1"
    )
    answer = getattr(handlers, name)({"plan_key": plan_key("bench"), "idle": 0}, context)
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = {"cpu": used.ru_utime + used.ru_stime, "wall": time.monotonic() - began, "mib": used.ru_maxrss / 1024}
    print(json.dumps({**found, "seen": answer.get("extracted", answer.get("totals", {}).get("packages"))}))


def main() -> None:
    """Fill an embedded AWS and measure both helpers in it."""
    with tempfile.TemporaryDirectory() as folder, embedded_aws(Path(folder)) as aws:
        variables = aws.environment()
        os.environ.update(variables)
        environment = {**os.environ, **fill(boto3.Session(region_name=variables["AWS_REGION"]))}
        for name in ("check_progress", "reconcile"):
            done = subprocess.run(
                [sys.executable, "-m", "bench.helpers", name],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            found = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{name}: {found['seen']} packages, {found['cpu']:.1f} s of CPU, {found['wall']:.1f} s in all, "
                f"{found['mib']:.0f} MiB"
            )


if __name__ == "__main__":
    run_helper(sys.argv[1]) if len(sys.argv) > 1 else main()
