"""Speed and memory of a transfer beside a plain copy: the same server, the same store, the same run; and of a plan.

    python -m bench.transfer [--megabytes 400] [--rounds 3]

Server, store and each measured transfer are processes of their own, so that the resident memory that is reported is the
transfer's alone. The plain copy pipes the body of the answer into S3 in the same parts, and looks at nothing; the
transfer also hashes, unpacks and walks the whole archive before the object appears.

The plan is a whole start_transfer_job for 2011 to today: calendars from a publisher, an empty raw bucket, every message
sent.
"""

import argparse
import datetime as dt
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast

PACKAGE = "20190301_2019043"
ADDRESS = "/packages/daily/201900043"
PACKAGE_PATH = "/packages/daily/{year}{issue:05d}"
CALENDAR_PATH = "/en/release-calendar/-/download/file/CSV/{year}"
BUCKET = "bench-cca-ted-raw-test"
QUEUE = "bench_cca_ted_transfers_test"
PEAK_MIB = 200  # promised: resident memory of one transfer
SHARE = 0.5  # promised: of the plain copy's speed
PLAN_SECONDS, PLAN_MIB = 60, 256  # promised: of a plan for all years
FIRST_YEAR, PLANNED = 2011, 4000  # the plan's years begin there; it has more packages than that from 2026 on
WORDS = ("award", "contract", "supply", "works", "lot", "tender", "buyer", "water", "road", "school", "energy", "waste")


def make_package(path: Path, megabytes: int) -> int:
    """Write a package of made-up notices of so many compressed megabytes; return its unpacked bytes."""
    from isal import igzip

    chance = random.Random(2019)  # noqa: S311 made-up text
    texts = []
    for _ in range(64):
        words = (" ".join([*chance.choices(WORDS, k=12), str(chance.random())]) for _ in range(400))
        lines = [f'<cbc:Description languageID="ENG">{text}</cbc:Description>' for text in words]
        texts.append("\n".join(lines).encode())
    unpacked = number = 0
    with (
        path.open("wb") as file,
        igzip.IGzipFile(fileobj=file, mode="wb", compresslevel=2) as packed,  # type: ignore[no-untyped-call]
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        while file.tell() < megabytes << 20:
            number += 1
            info = tarfile.TarInfo(f"20190301_043/{number:08d}_2019.xml")
            data = texts[number % len(texts)]
            info.size = len(data)
            tar.addfile(info, BytesIO(data))
            unpacked += len(data)
    return unpacked


def run_transfer(url: str) -> None:
    """One package through the service, as process_transfers does it."""
    import boto3

    from runtime.buckets import Bucket
    from runtime.http import Http
    from runtime.keys import PackageId
    from runtime.transfer.service import transfer
    from runtime.transfer.source import HttpSource

    source = HttpSource(Http("https://example.org"), url, "/packages/daily/{year}{issue:05d}", "/{year}")
    raw = Bucket(boto3.client("s3"), BUCKET)
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    outcome = transfer(raw, source, PackageId.parse(PACKAGE), refresh=True, now=now)
    assert outcome.status == "stored", outcome


def run_copy(url: str) -> None:
    """The same bytes from the same server into the same store, unseen."""
    import boto3
    import urllib3
    from boto3.s3.transfer import TransferConfig

    from runtime.transfer.service import PART_BYTES

    headers = {"User-Agent": "Mozilla/5.0 (compatible; bench)"}
    answer = urllib3.PoolManager().request("GET", url + ADDRESS, preload_content=False, headers=headers)
    config = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, use_threads=False)
    boto3.client("s3").upload_fileobj(cast(IO[bytes], answer), BUCKET, "copy.tar.gz", Config=config)


def run_plan(url: str) -> None:
    """Plan a backfill of all years, as start_transfer_job does it."""
    import boto3

    queue = boto3.client("sqs").get_queue_url(QueueName=QUEUE)["QueueUrl"]
    os.environ |= {"RAW_BUCKET": BUCKET, "TRANSFERS_QUEUE_URL": queue, "SOURCE_URL": url, "CONTACT": "bench"}
    os.environ |= {"POWERTOOLS_TRACE_DISABLED": "1", "START_YEAR": str(FIRST_YEAR), "MAX_RECEIVE_COUNT": "5"}
    os.environ |= {"PACKAGE_PATH": PACKAGE_PATH, "CALENDAR_PATH": CALENDAR_PATH, "REQUESTS_PER_MINUTE": "80"}
    from runtime.transfer.handlers import start_transfer_job

    plan = start_transfer_job({}, Context())
    assert plan["sent"] == plan["planned"] > PLANNED, plan


class Context:
    """As much of a Lambda context as the function reads."""

    function_name, memory_limit_in_mb, invoked_function_arn, aws_request_id = "bench", 256, "bench", "bench"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def make_calendars() -> dict[int, bytes]:
    """An issue on every Monday to Friday of the years from the first one to today's."""
    from console.sample.server import calendar_csv
    from runtime.keys import PackageId

    calendars = {}
    for year in range(FIRST_YEAR, dt.datetime.now(dt.UTC).year + 1):
        days = (dt.date(year, 1, 2) + dt.timedelta(days=n) for n in range(364))
        issues = [day for day in days if day.weekday() < 5]
        calendars[year] = calendar_csv([PackageId(day, n) for n, day in enumerate(issues, 1)])
    return calendars


def measure(what: str, url: str) -> dict[str, Any]:
    """Run one of the three in a process of its own."""
    command = [sys.executable, "-m", "bench.transfer", "--run", what, "--url", url]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measured(what: str, url: str) -> None:
    """Run one of the three here, and print its seconds and its peak of resident memory."""
    started = time.perf_counter()
    {"transfer": run_transfer, "copy": run_copy, "plan": run_plan}[what](url)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mib": peak}) + "\n")


def compare(megabytes: int, rounds: int) -> dict[str, Any]:
    """Measure transfer and copy in turn, so many times, and a plan; medians, and the largest peaks."""
    import boto3

    from console.aws.launcher import ACCOUNT, embedded_aws
    from console.sample.server import Publisher, Shelf

    with tempfile.TemporaryDirectory(prefix="cca-ted-bench-") as name:
        folder = Path(name)
        package = folder / "package.tar.gz"
        unpacked = make_package(package, megabytes)
        with embedded_aws(folder / "aws") as aws:
            os.environ |= aws.environment() | {"BUCKET_OWNER": ACCOUNT}
            s3 = boto3.client("s3")
            s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
            boto3.client("sqs").create_queue(QueueName=QUEUE)
            with Publisher(Shelf({}, make_calendars())) as publisher:
                plan = measure("plan", publisher.url)
            command = [sys.executable, "-m", "bench.transfer", "--serve", str(package)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as server:
                assert server.stdout is not None
                assert server.stdin is not None
                url = server.stdout.readline().strip()
                runs: dict[str, list[dict[str, Any]]] = {"copy": [], "transfer": []}
                for _ in range(rounds):
                    for what in runs:
                        s3.delete_objects(
                            Bucket=BUCKET,
                            Delete={"Objects": [{"Key": "copy.tar.gz"}, {"Key": "2019/03/20190301_2019043.tar.gz"}]},
                        )
                        runs[what].append(measure(what, url))
                server.stdin.close()
        size = package.stat().st_size
    seconds = {what: statistics.median(run["seconds"] for run in results) for what, results in runs.items()}
    return {
        "package_mib": round(size / 2**20, 1),
        "unpacked_mib": round(unpacked / 2**20, 1),
        "rounds": rounds,
        "copy_seconds": round(seconds["copy"], 2),
        "transfer_seconds": round(seconds["transfer"], 2),
        "transfer_mib_per_second": round(size / 2**20 / seconds["transfer"], 1),
        "share_of_copy_speed": round(seconds["copy"] / seconds["transfer"], 2),
        "copy_peak_mib": round(max(run["peak_mib"] for run in runs["copy"]), 1),
        "transfer_peak_mib": round(max(run["peak_mib"] for run in runs["transfer"]), 1),
        "plan_seconds": round(plan["seconds"], 1),
        "plan_peak_mib": round(plan["peak_mib"], 1),
        "cores": os.cpu_count(),
    }


def serve(package: Path) -> None:
    """Publish the package until the standard input ends."""
    from console.sample.server import Publisher, Shelf

    with Publisher(Shelf({(2019, 43): package})) as publisher:
        sys.stdout.write(publisher.url + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", choices=("transfer", "copy", "plan"), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        measured(arguments.run, arguments.url)
        return 0
    if arguments.serve:
        serve(arguments.serve)
        return 0
    result = compare(arguments.megabytes, arguments.rounds)
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    kept = result["transfer_peak_mib"] <= PEAK_MIB and result["share_of_copy_speed"] >= SHARE
    kept = kept and result["plan_peak_mib"] <= PLAN_MIB and result["plan_seconds"] <= PLAN_SECONDS
    if not kept:
        sys.stderr.write(
            f"promised: transfer within {PEAK_MIB} MiB and at {SHARE} of the copy's speed, "
            f"plan within {PLAN_SECONDS} s and {PLAN_MIB} MiB\n"
        )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
