"""`ted extract`: packages on this machine to Parquet files, by the code that runs in AWS."""

import datetime as dt
import hashlib
import json
import multiprocessing
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from console.phrases import counted
from console.target import COULD_NOT, FOUND_WANTING, told
from runtime.archive import Archive
from runtime.buckets import Listed
from runtime.errors import CcaTedError, ConfigError
from runtime.extract.service import RawObject, extract_package
from runtime.keys import DAILY_PREFIX, QUARANTINE_PREFIX, RAW_SUFFIX, PackageId
from runtime.ledger import is_of
from runtime.manifest import Manifest

_OF_TED = "https://ted.europa.eu/packages/daily/201900043"
_FOLDER = re.compile(r"(?:^|/)(\d{4})(\d{2})(\d{2})_(?:\1)?(\d{3,5})/")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder in the place of the extracted bucket: `notices/year=2019/20190301_2019043.parquet` and so on."""

    root: Path

    def path(self, key: str) -> Path:
        """File of a key: tables lie at the top, and a quarantined member is one file whatever its name."""
        if key.startswith(QUARANTINE_PREFIX):
            kind, year, package, member = key.split("/", 3)
            name = member.replace("/", "%2F")
            if len(name) > 200:  # file systems take 255 bytes
                name = f"{name[:120]}%{hashlib.sha256(name.encode()).hexdigest()}"
            return self.root / kind / year / package / name
        return self.root / key.removeprefix(DAILY_PREFIX)

    def keys(self, prefix: str = "") -> Iterator[Listed]:
        """List the files of a folder of keys."""
        for file in sorted(self.path(prefix).glob("[!.]*")):
            stat = file.stat()
            modified = dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC)
            yield Listed(prefix + file.name.replace("%2F", "/"), stat.st_size, modified)

    def put(self, key: str, data: bytes) -> None:
        """Write a file; it appears whole or not at all."""
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name[:200]}.part")
        part.write_bytes(data)
        part.replace(path)

    def upload(self, key: str, file: IO[bytes]) -> None:
        self.put(key, file.read())

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.path(key).unlink(missing_ok=True)

    def manifest(self, package: PackageId) -> Manifest | None:
        """Read the manifest of a package; None where it is not extracted."""
        path = self.path(package.manifest_key)
        return Manifest.from_json(path.read_bytes(), str(path)) if path.exists() else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a package file; `error` is empty when it is extracted."""

    file: str
    package_id: str = ""
    members: int = 0
    notices: int = 0
    quarantined: int = 0
    skipped: int = 0
    size_bytes: int = 0
    seconds: float = 0.0
    was_current: bool = False
    rows: dict[str, int] | None = None
    reasons: dict[str, int] | None = None
    error: str = ""


def package_of_file(path: Path) -> PackageId:
    """Find out which package a file is: by its name, else by the folder of its first member.

    A month (an archive of days) is one package, named after its first day.

    Raises
    ------
    ConfigError
        Neither names a day and an issue.
    """
    try:
        return PackageId.parse(path.name.removesuffix(RAW_SUFFIX))
    except ConfigError:
        pass
    with path.open("rb") as file:
        first = next(iter(Archive(file, path.name)))
    match = _FOLDER.search(first.name)
    try:
        if match is None:
            raise ValueError(first.name)
        return PackageId(dt.date(int(match[1]), int(match[2]), int(match[3])), int(match[4]))
    except ValueError as error:
        raise ConfigError(
            f"{path}: expected a name as 20190301_2019043.tar.gz, or members in a folder as 20190301_043, "
            f"got {first.name!r}; rename the file",
            file=str(path),
        ) from error


def find_packages(paths: Sequence[Path]) -> list[Path]:
    """List package files, and those below folders, each once.

    Raises
    ------
    ConfigError
        A path does not exist, or a folder holds no package; all are named.
    """
    found: dict[Path, None] = {}
    faults = []
    for path in paths:
        files = sorted(path.rglob(f"*{RAW_SUFFIX}")) if path.is_dir() else [path]
        if not files or not files[0].exists():
            there = "an empty folder" if path.is_dir() else "nothing"
            faults.append(f"{path}: expected a package, or a folder of *{RAW_SUFFIX}, got {there}")
        found |= dict.fromkeys(files)
    if faults:
        raise ConfigError.of(faults, f"TED has a package by year and issue, to be saved as 201900043.tar.gz: {_OF_TED}")
    return list(found)


def extract_file(path: Path, package: PackageId, out: Path, *, is_forced: bool = False) -> Outcome:
    """Extract one package file into a folder; one that is there already, from the same bytes, is left alone."""
    place = Folder(out)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        held = place.manifest(package)
        was_current = held is not None and not is_forced and is_of(held, digest)
        if held is None or not was_current:
            manifest = extract_package(file, package, RawObject(key=path.name, sha256=digest), place, held=held)
        else:
            manifest = held
    return Outcome(
        file=str(path), package_id=str(package), members=manifest.members, notices=manifest.notices,
        quarantined=manifest.quarantined, skipped=manifest.skipped, size_bytes=manifest.size_bytes,
        seconds=manifest.duration_seconds, was_current=was_current, rows=manifest.rows,
        reasons=dict(Counter(reject.reason for reject in manifest.rejects)),
    )  # fmt: skip


def extract_files(files: Sequence[Path], out: Path, jobs: int, *, is_forced: bool = False) -> Iterator[Outcome]:
    """Extract package files, `jobs` at a time; a package that fails stops none of the others."""
    named: dict[PackageId, Path] = {}
    for path in files:
        try:
            package = package_of_file(path)
            if (other := named.setdefault(package, path)) != path:
                raise ConfigError(f"{path} is package {package}, and so is {other}; name one of them")
        except (CcaTedError, OSError) as error:
            yield Outcome(str(path), error=str(error))
    work = [partial(extract_file, path, package, out, is_forced=is_forced) for package, path in named.items()]
    if jobs == 1:
        for task in work:
            yield _outcome(task, task.args[0])
        return
    # Spawned, not forked: a fork copies the locks of pyarrow's threads as they happen to be.
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        running = {pool.submit(task): task.args[0] for task in work}
        try:
            for future in as_completed(running):
                yield _outcome(future.result, running[future])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _outcome(task: Callable[[], Outcome], path: Path) -> Outcome:
    try:
        return task()
    except CcaTedError as error:
        return Outcome(str(path), error=error.message)
    except Exception as error:  # one package that fails, for whatever reason, stops none of the others
        return Outcome(str(path), error=f"{type(error).__name__}: {error}")


def extract(
    packages: Annotated[list[Path], typer.Argument(help="Package files, or folders of them.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for the tables, one folder each.", show_default=False)],
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Packages at a time.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Extract again what is extracted already.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Extract packages on this machine to Parquet files, without AWS.

    \b
    Examples:
      ted extract 20190301_2019043.tar.gz --out tables
      ted extract packages/2019 --out tables --jobs 4

    Every table is a folder of --out, beside manifests and quarantine. What is extracted already, from the same
    bytes, is left alone. Ends with 1 when a package failed or members were quarantined, with 2 when nothing could be
    extracted.
    """
    with told(stopped="stopped; what is extracted stays"):
        _extract(packages, out, jobs, force=force, as_json=as_json)


def _extract(packages: Sequence[Path], out: Path, jobs: int, *, force: bool, as_json: bool) -> None:
    notes = Console(stderr=True)
    if out.exists() and not out.is_dir():
        raise ConfigError(f"--out is {out}, a file: expected a folder, which is made where there is none")
    files = find_packages(packages)
    outcomes: list[Outcome] = []
    now = TextColumn("{task.fields[now]}")
    columns = (TextColumn("extracting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), now)
    started = time.monotonic()
    with Progress(*columns, console=notes, transient=True, disable=not notes.is_terminal) as progress:
        task = progress.add_task("extract", total=len(files), now="")
        for outcome in extract_files(files, out, jobs, is_forced=force):
            outcomes.append(outcome)
            progress.update(task, advance=1, now=Path(outcome.file).name)
    summary = summarise(outcomes, time.monotonic() - started)
    if as_json:
        typer.echo(json.dumps({**summary, "packages": [asdict(outcome) for outcome in outcomes]}, indent=1))
    else:
        if summary["extracted"]:
            _print(summary, out, Console())
    for outcome in outcomes:
        if outcome.error and not as_json:
            notes.print(Text(f"failed: {outcome.error}", style="red"), soft_wrap=True)
    if not summary["extracted"]:
        raise typer.Exit(COULD_NOT)
    if summary["failed"] or summary["quarantined"]:
        raise typer.Exit(FOUND_WANTING)


def summarise(outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    """Add up outcomes: counts, rows by table, reasons of the quarantine."""
    done = [outcome for outcome in outcomes if not outcome.error]
    rows: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for outcome in done:
        rows.update(outcome.rows or {})
        reasons.update(outcome.reasons or {})
    return {
        "extracted": len(done),
        "current": sum(outcome.was_current for outcome in done),
        "failed": len(outcomes) - len(done),
        "members": sum(outcome.members for outcome in done),
        "notices": sum(outcome.notices for outcome in done),
        "quarantined": sum(outcome.quarantined for outcome in done),
        "skipped": sum(outcome.skipped for outcome in done),
        "rows": dict(rows),
        "reasons": dict(reasons.most_common()),
        "seconds": round(seconds, 2),
    }


def _print(summary: dict[str, Any], out: Path, console: Console) -> None:
    title = f"{counted(summary['extracted'], 'package')} in {summary['seconds']:.1f} s"
    table = Table(title=title, title_justify="left", box=None, header_style="dim")
    table.add_column("table")
    table.add_column("rows", justify="right")
    for name, count in summary["rows"].items():
        table.add_row(name, f"{count:,}")
    console.print(table)
    console.print(
        f"{summary['members']:,} members = {summary['notices']:,} notices + {summary['quarantined']:,} quarantined "
        f"+ {summary['skipped']:,} skipped"
        + (f"; {counted(summary['current'], 'package')} left alone as current" if summary["current"] else ""),
        soft_wrap=True,
    )
    for reason, count in summary["reasons"].items():
        console.print(f"quarantined, {reason}: {count:,} (the bytes are below {out / 'quarantine'})", style="yellow")
