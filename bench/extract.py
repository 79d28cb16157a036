"""Speed and memory of extraction beside its floors and the older set-up's way: one run, one core, medians.

    python -m bench.extract [--packages DIR] [--rounds 5] [--tedective PYTHON] [--json FILE]

The members of all packages below DIR (real ones, if `CCA_TED_CORPUS` or `../shared/ted/corpus` is there, else made-up
ones) are packed into one package. Floors and extraction take turns, so that a busy machine slows all of them alike.
Memory is measured in a process of its own for each package. `--tedective` names the interpreter of an environment
with tedective-etl, whose requirements no environment of this project meets.
"""

import argparse
import datetime as dt
import gzip
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

CORPUS = Path(os.environ.get("CCA_TED_CORPUS", Path(__file__).parents[2] / "shared/ted/corpus"))
PROMISED_RATIO = 2.5  # package bytes to Parquet files, to lxml's parse of the same members
PROMISED_MIB = 400  # peak resident memory for a day of 3,500 notices and 200 MB
OLD_WAY_EVERY = 5  # the older way takes so long that it gets every fifth member, as does its own floor

PARSE = "lxml parse alone"
OURS = "package to Parquet files"
OLD = "xmltodict to one flat pandas table"


def read_members(folder: Path) -> list[tuple[str, bytes]]:
    """Members of all packages below a folder, or of a made-up year where there is no folder."""
    members = []
    if folder.is_dir():
        for path in sorted(folder.rglob("*.tar.gz")):
            with tarfile.open(path) as archive:
                members += [(entry.name, archive.extractfile(entry).read()) for entry in archive if entry.isfile()]
    else:
        from console.sample.packages import make_year

        for year in (2019, 2024):
            for _, notices in make_year(year, notices=1000):
                members += [(notice.member_name, notice.xml) for notice in notices]
    return members


def pack(members: Iterable[tuple[str, bytes]]) -> bytes:
    """One package of all members."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(target.getvalue(), 6)


def each(task: Callable[[bytes], object], members: Iterable[tuple[str, bytes]]) -> None:
    """Do a task with the bytes of every member, and keep nothing of it."""
    for _, data in members:
        task(data)


def unpack_with_standard_library(data: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|gz") as archive:
        for entry in archive:
            archive.extractfile(entry).read()


def extract_bytes(file: Any, out: Path) -> Any:
    """What `ted extract` does with a package."""
    from console.extract import Folder
    from runtime.extract.service import RawObject, extract_package
    from runtime.keys import PackageId

    return extract_package(file, PackageId(dt.date(2019, 1, 2), 1), RawObject(), Folder(out))


def old_way(members: Iterable[tuple[str, bytes]], out: Path) -> None:
    """A notice as nested dicts, flattened into one row whose columns are paths; one table of all rows."""
    import pandas as pd
    import xmltodict

    rows = []
    for _, data in members:
        row: dict[str, str] = {}
        waiting: list[tuple[str, Any]] = [("", xmltodict.parse(data))]
        while waiting:
            path, value = waiting.pop()
            if isinstance(value, dict):
                waiting += [(f"{path}.{key}", each) for key, each in value.items()]
            elif isinstance(value, list):
                waiting += [(f"{path}.{number}", each) for number, each in enumerate(value)]
            elif value is not None:
                row[path] = value
        rows.append(row)
    # Hundreds of thousands of columns do not fit one table: keep those of the shallow paths.
    table = pd.DataFrame([{path: value for path, value in row.items() if path.count(".") <= 6} for row in rows])
    table.astype("string").to_parquet(out / "flat.parquet")


def measure(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, dict[str, float]]:
    """Median wall and processor seconds of each task; the tasks take turns."""
    wall: dict[str, list[float]] = {name: [] for name in tasks}
    processor: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            started, used = time.perf_counter(), time.process_time()
            task()
            wall[name].append(time.perf_counter() - started)
            processor[name].append(time.process_time() - used)
    return {
        name: {"wall_s": statistics.median(wall[name]), "cpu_s": statistics.median(processor[name])} for name in tasks
    }


def measure_speed(folder: Path, rounds: int) -> dict[str, Any]:
    """Floors, extraction and the older way, on the same members."""
    from lxml import etree

    from runtime.archive import Archive
    from runtime.extract.dispatch import parse, read_notice

    members = read_members(folder)
    package = pack(members)
    few = members[::OLD_WAY_EVERY]
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary)
        file = out / "package.tar.gz"
        file.write_bytes(package)

        def extract() -> None:
            with file.open("rb") as stream:
                manifest = extract_bytes(stream, out)
            assert manifest.notices + manifest.skipped + manifest.quarantined == len(members)

        tasks: dict[str, Callable[[], object]] = {
            "read the package": file.read_bytes,
            "gunzip + untar, standard library": lambda: unpack_with_standard_library(package),
            "gunzip + untar, ours": lambda: sum(len(member.data) for member in Archive(io.BytesIO(package), "bench")),
            PARSE: lambda: each(etree.fromstring, members),
            "parse, ours": lambda: each(parse, members),
            "parse + read, ours": lambda: each(read_notice, members),
            OURS: extract,
        }
        for task in tasks.values():  # imports and caches
            task()
        found = measure(tasks, rounds)
        floor = "lxml parse alone, every fifth member"
        slow = {floor: lambda: each(etree.fromstring, few), OLD: lambda: old_way(few, out)}
        found |= measure(slow, max(1, rounds // 2))
    for name, times in found.items():
        base = found[floor if name in (floor, OLD) else PARSE]
        times["ratio_wall"] = times["wall_s"] / base["wall_s"]
        times["ratio_cpu"] = times["cpu_s"] / base["cpu_s"]
    unpacked = sum(len(data) for _, data in members)
    return {"members": len(members), "unpacked_mb": unpacked / 1e6, "packed_mb": len(package) / 1e6, "rows": found}


def measure_tedective(python: Path, folder: Path) -> dict[str, float]:
    """What tedective-etl takes for every fifth member, where it gives a release."""
    with tempfile.TemporaryDirectory() as temporary:
        for number, (_, data) in enumerate(read_members(folder)[::OLD_WAY_EVERY]):
            (Path(temporary) / f"{number:06d}.xml").write_bytes(data)
        command = [str(python), str(Path(__file__).with_name("tedective.py")), temporary]
        found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found | {"ratio_cpu": found["cpu_s"] / found["parse_s"]}


def resident_mib(field: str = "VmHWM") -> float:
    """Resident memory of this process: its peak, or `VmRSS` for now."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def write_day(path: Path, kind: str, folder: Path) -> None:
    """The package whose memory is measured: a big made-up day, or the largest or smallest notice."""
    if kind == "big-day":
        from console.sample.packages import make_big_day

        with tarfile.open(path, "w:gz", compresslevel=1) as archive:
            for notice in make_big_day(notices=3500, bytes_total=200_000_000):
                entry = tarfile.TarInfo(notice.member_name)
                entry.size = len(notice.xml)
                archive.addfile(entry, io.BytesIO(notice.xml))
    else:
        members = sorted(read_members(folder), key=lambda member: len(member[1]))
        path.write_bytes(pack(members[-1:] if kind == "largest-notice" else members[:1]))


def measure_memory(folder: Path) -> dict[str, dict[str, float]]:
    """Peak resident memory of an extraction, each in a fresh process."""
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        for kind in ("small", "largest-notice", "big-day"):
            path = Path(temporary) / f"{kind}.tar.gz"
            write_day(path, kind, folder)
            command = [sys.executable, "-m", "bench.extract", "--extract-one", str(path)]
            found[kind] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def extract_one(path: Path) -> dict[str, float]:
    """Extract one package and say what it took; run in a process of its own."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as out, path.open("rb") as file:
        manifest = extract_bytes(file, Path(out))
    return {
        "peak_mib": resident_mib(),
        "seconds": time.perf_counter() - started,
        "notices": manifest.notices,
        "quarantined": manifest.quarantined,
        "unpacked_mb": sum(len(data) for _, data in _members_of(path)) / 1e6,
    }


def _members_of(path: Path) -> Iterable[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for entry in archive:
            yield entry.name, archive.extractfile(entry).read()


def measure_import() -> float:
    """Seconds to import the handlers' modules with what they load at the first message: median of five, caches warm."""
    code = (
        "import time; t = time.perf_counter(); import runtime.extract.handlers, runtime.extract.service; "
        "print(time.perf_counter() - t)"
    )
    command = [sys.executable, "-c", code]
    runs = [float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(6)]
    return statistics.median(runs[1:])


def print_report(report: dict[str, Any]) -> None:
    speed = report["speed"]
    print(
        f"{speed['members']:,} members, {speed['unpacked_mb']:.1f} MB ({speed['packed_mb']:.1f} MB packed); "
        f"one core of {report['cores']}, Python {report['python']}\n"
    )
    print(f"| {'what':38} | wall s | cpu s | x parse, wall | x parse, cpu |\n|---|--:|--:|--:|--:|")
    for name, row in speed["rows"].items():
        times = f"{row['wall_s']:6.3f} | {row['cpu_s']:5.3f}"
        ratios = f"{row['ratio_wall']:13.2f} | {row['ratio_cpu']:12.2f}"
        print(f"| {name:38} | {times} | {ratios} |")
    if peer := report.get("tedective"):
        print(
            f"\ntedective-etl, the {peer['notices']} notices of which it makes a release: {peer['cpu_s']:.3f} s, "
            f"{peer['ratio_cpu']:.2f} x parse; {peer['failed']} others fail"
        )
    print(f"\n| {'memory':38} | peak MiB | seconds | notices | MB |\n|---|--:|--:|--:|--:|")
    for name, row in report["memory"].items():
        what = f"{row['notices']:7,} | {row['unpacked_mb']:.1f}"
        print(f"| {name:38} | {row['peak_mib']:8.0f} | {row['seconds']:7.2f} | {what} |")
    print(f"\nimport of the handlers and what they load: {report['import_seconds']:.2f} s")
    ratio, peak = speed["rows"][OURS]["ratio_cpu"], report["memory"]["big-day"]["peak_mib"]
    print(f"promised: at most {PROMISED_RATIO} x parse, got {ratio:.2f}; at most {PROMISED_MIB} MiB, got {peak:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path, default=CORPUS, help="folder of packages")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tedective", type=Path, help="interpreter of an environment with tedective-etl")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--extract-one", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if args.extract_one:
        print(json.dumps(extract_one(args.extract_one)))
        return
    report = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "speed": measure_speed(args.packages, args.rounds),
        "memory": measure_memory(args.packages),
        "import_seconds": measure_import(),
    }
    if args.tedective:
        report["tedective"] = measure_tedective(args.tedective, args.packages)
    print_report(report)
    if args.json:
        args.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
