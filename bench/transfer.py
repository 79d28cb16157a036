"""Speed and memory of a transfer beside a plain copy: the same server, the same store, the same run.

    python -m bench.transfer [--megabytes 400] [--rounds 3]

Server, store and each measured transfer are processes of their own, so that the resident memory that is reported is the
transfer's alone. The plain copy pipes the body of the answer into S3 in the same parts, and looks at nothing; the
transfer also hashes, unpacks and walks the whole archive before the object appears.
"""

import argparse
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
from typing import Any

PACKAGE = "20190301_2019043"
ADDRESS = "/packages/daily/201900043"
BUCKET = "bench-cca-ted-raw-test"
PEAK_MIB = 200  # promised: resident memory of one transfer
SHARE = 0.5  # promised: of the plain copy's speed
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
        igzip.IGzipFile(fileobj=file, mode="wb", compresslevel=2) as packed,
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
    import datetime as dt

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
    boto3.client("s3").upload_fileobj(answer, BUCKET, "copy.tar.gz", Config=config)


def measure(what: str, url: str) -> dict[str, Any]:
    """Run one of the two in a process of its own."""
    command = [sys.executable, "-m", "bench.transfer", "--run", what, "--url", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measured(what: str, url: str) -> None:
    """Run one of the two here, and print its seconds and its peak of resident memory."""
    started = time.perf_counter()
    {"transfer": run_transfer, "copy": run_copy}[what](url)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mib": peak}) + "\n")


def compare(megabytes: int, rounds: int) -> dict[str, Any]:
    """Measure both in turn, so many times; medians, and the largest peak."""
    import boto3

    from console.aws.launcher import embedded_aws

    with tempfile.TemporaryDirectory(prefix="cca-ted-bench-") as name:
        folder = Path(name)
        package = folder / "package.tar.gz"
        unpacked = make_package(package, megabytes)
        with embedded_aws(folder / "aws") as aws:
            os.environ |= aws.environment()
            s3 = boto3.client("s3")
            s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
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
    parser.add_argument("--run", choices=("transfer", "copy"), help=argparse.SUPPRESS)
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
    if not kept:
        sys.stderr.write(f"promised: at most {PEAK_MIB} MiB and {SHARE} of the copy's speed\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
