"""What a merge reads, decided from the year's manifests, and why a year cannot be merged."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Self

from runtime.buckets import Bucket
from runtime.errors import ConfigError, TerminalError
from runtime.keys import daily_prefix
from runtime.manifest import EXTRACTOR_VERSION, Manifest, TableFile, list_manifests, rows_of
from runtime.schema import NOTICE_TABLES
from runtime.schema.tables import NOTICES

# TED's first packages are of January 1993.
FIRST_YEAR = 1993
# A fault names this many packages; the command that mends it covers all of them.
PACKAGES_NAMED = 10


class MergeRefused(TerminalError):
    """The year's packages are not fit to be merged; every cause is listed with the command that mends it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One cause of a refusal.

    Parameters
    ----------
    cause : what is wrong, without the packages' names
    command : what to run
    packages : which packages it is about, 0..n
    """

    cause: str
    command: str
    packages: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = ", ".join(self.packages[:PACKAGES_NAMED])
        more = len(self.packages) - PACKAGES_NAMED
        which = f"{named} and {more} more: " if more > 0 else f"{named}: " if named else ""
        return f"{which}{self.cause}\n    {self.command}"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a file holds.

    Parameters
    ----------
    rows : all rows
    replaced : those of notices that a newer package holds too
    """

    rows: int = 0
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class MergePlan:
    """A year's input: exactly what its manifests name.

    Parameters
    ----------
    manifests : packages ascending, of the extractor version that is expected
    faults : what speaks against merging the year
    unfit : keys of files that the bucket lacks or has in another size than their manifests say; they are not read
    """

    year: int
    manifests: tuple[Manifest, ...]
    faults: tuple[Fault, ...] = ()
    unfit: frozenset[str] = frozenset()

    def rows(self, table: str) -> int:
        """Number of rows of a table that the manifests promise."""
        return rows_of(self.manifests, table)

    def files(self, table: str) -> list[TableFile]:
        """Files of a table, packages ascending; packages without rows have none."""
        return [manifest.files[table] for manifest in self.manifests if table in manifest.files]

    def parts(self, table: str, target_bytes: int) -> list[list[str]]:
        """Group a table's files so that each group makes one published file of about `target_bytes`.

        Packages stay in order, so the published files follow each other in time. No group is more than one and a
        half times the target, unless a single package is.

        Returns
        -------
        0..n groups of 1..n keys
        """
        files = self.files(table)
        total = sum(file.bytes for file in files)
        count = max(1, round(total / target_bytes))
        groups: list[list[str]] = []
        done = 0
        for file in files:
            middle = done + file.bytes / 2
            if not groups or middle * count / max(total, 1) >= len(groups):
                groups.append([])
            groups[-1].append(file.key)
            done += file.bytes
        return groups


def parse_year(text: str, today: dt.date) -> int:
    """Read a year as it is given on the command line.

    Raises
    ------
    ConfigError
        It is no year, or one that TED has no packages of.
    """
    if not re.fullmatch(r"[0-9]{4}", text.strip()) or not FIRST_YEAR <= int(text) <= today.year:
        raise ConfigError(
            f"--YEAR is {text!r}: expected a year from {FIRST_YEAR} to {today.year}, as in --YEAR 2019", year=text
        )
    return int(text)


def read_plan(bucket: Bucket, year: int, threads: int = 16) -> MergePlan:
    """Read a year's manifests and compare them with the files that lie in the bucket.

    A file is compared by its size here; `with_counted_rows` compares its rows.
    """
    keys = [listed.key for listed in list_manifests(bucket, [year]).values()]
    with ThreadPoolExecutor(threads) as pool:
        read = list(pool.map(lambda key: _read(bucket, key), keys))
        sizes: dict[str, int] = {}
        for listing in pool.map(lambda table: list(bucket.keys(daily_prefix(table.name, year))), NOTICE_TABLES):
            sizes.update((listed.key, listed.size) for listed in listing)
    manifests = sorted((each for each in read if isinstance(each, Manifest)), key=lambda manifest: manifest.package)
    commands = Commands.of(bucket.name)
    if not keys:
        return MergePlan(year, (), (Fault(f"{year} has no manifests in {bucket.name}", commands.run_pipeline(year)),))
    faults = [Fault(each, commands.extract_year(year)) for each in read if isinstance(each, str)]
    sound = tuple(manifest for manifest in manifests if manifest.extractor_version == EXTRACTOR_VERSION)
    faults += _version_faults(manifests, commands, year)
    faults += _file_faults(sound, sizes, commands)
    named = (file for manifest in sound for file in manifest.files.values())
    unfit = frozenset(file.key for file in named if sizes.get(file.key) != file.bytes)
    return MergePlan(year, sound, tuple(faults), unfit)


def _read(bucket: Bucket, key: str) -> Manifest | str:
    try:
        return Manifest.from_json(bucket.get(key), key)
    except TerminalError as error:
        return error.message


def _version_faults(manifests: Iterable[Manifest], commands: "Commands", year: int) -> list[Fault]:
    packages: dict[int, list[str]] = defaultdict(list)
    for manifest in manifests:
        if manifest.extractor_version != EXTRACTOR_VERSION:
            packages[manifest.extractor_version].append(manifest.package_id)
    return [
        Fault(
            f"extracted by version {version}, expected version {EXTRACTOR_VERSION}",
            commands.extract_year(year)
            if version < EXTRACTOR_VERSION
            else f"{commands.deploy()}  # the merge is older than the extraction",
            tuple(names),
        )
        for version, names in sorted(packages.items())
    ]


def _file_faults(manifests: Iterable[Manifest], sizes: Mapping[str, int], commands: "Commands") -> list[Fault]:
    packages: dict[str, list[str]] = defaultdict(list)
    for manifest in manifests:
        if manifest.members != manifest.notices + manifest.quarantined + manifest.skipped:
            packages["the manifest's members are not notices + quarantined + skipped"].append(manifest.package_id)
        for table in NOTICE_TABLES:
            cause = _file_fault(manifest, table.name, sizes)
            if cause:
                packages[cause].append(manifest.package_id)
    return [Fault(cause, commands.extract_again(names), tuple(names)) for cause, names in sorted(packages.items())]


def _file_fault(manifest: Manifest, table: str, sizes: Mapping[str, int]) -> str | None:
    rows, file = manifest.rows.get(table), manifest.files.get(table)
    if rows is None or (file.rows if file else 0) != rows:
        return f"the manifest's rows and file of {table} contradict each other"
    if file is not None and file.key not in sizes:
        return f"the file of {table} is missing"
    if file is not None and sizes[file.key] != file.bytes:
        return f"the file of {table} has another size than in the manifest"
    return None


def with_counted_rows(plan: MergePlan, bucket: str, counted: Mapping[str, Counted]) -> MergePlan:
    """Add the faults of files whose number of rows is not the manifest's.

    Parameters
    ----------
    counted : by key of file; a file without rows is not in it
    """
    packages: dict[str, list[str]] = defaultdict(list)
    for manifest in plan.manifests:
        for table, file in manifest.files.items():
            if file.key not in plan.unfit and counted.get(file.key, Counted()).rows != file.rows:
                cause = f"the file of {table} has other rows than in the manifest"
                packages[cause].append(manifest.package_id)
    commands = Commands.of(bucket)
    faults = [Fault(cause, commands.extract_again(names), tuple(names)) for cause, names in sorted(packages.items())]
    return replace(plan, faults=(*plan.faults, *faults))


def replaced_rows(plan: MergePlan, counted: Mapping[str, Counted]) -> tuple[dict[str, int], dict[str, int]]:
    """Sum what is left out because a newer package holds it.

    Returns
    -------
    Rows by table of notices; notices by package.
    """
    by_table = dict.fromkeys((table.name for table in NOTICE_TABLES), 0)
    by_package = {}
    for manifest in plan.manifests:
        for table, file in manifest.files.items():
            replaced = counted.get(file.key, Counted()).replaced
            by_table[table] += replaced
            if table == NOTICES.name and replaced:
                by_package[manifest.package_id] = replaced
    return by_table, by_package


def refuse_faults(plan: MergePlan) -> None:
    """Stop where anything speaks against merging the year.

    Raises
    ------
    MergeRefused
        With all causes, and the command for each.
    """
    if plan.faults:
        text = "".join(f"\n  - {fault}" for fault in plan.faults)
        packages = sorted({package for fault in plan.faults for package in fault.packages})
        raise MergeRefused(
            f"{plan.year} is not merged, what is published stays as it is:{text}", year=plan.year, packages=packages
        )


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands that mend a year, for the instance that owns an extracted bucket."""

    initials: str
    stage: str

    @classmethod
    def of(cls, bucket: str) -> Self:
        """Read the instance from the bucket's name."""
        # The stage, which has no hyphen, may be followed by account and region: the bucket's alone.
        match = re.match(r"(.+?)-cca-ted-extracted-([^-]+)", bucket)
        return cls(match[1], match[2]) if match else cls("INITIALS", "STAGE")

    def _ted(self, command: str) -> str:
        return f"ted {command} --initials {self.initials} --stage {self.stage}"

    def run_pipeline(self, year: int) -> str:
        """Fetch, extract and merge a year."""
        return self._ted(f"run {year}")

    def extract_year(self, year: int) -> str:
        """Extract what a year lacks or has from an older extractor."""
        return self._ted(f"extract-again {year} --due")

    def extract_again(self, packages: Sequence[str]) -> str:
        """Read packages again though they are current, and replace their manifests."""
        return self._ted(f"extract-again {' '.join(packages)}")

    def deploy(self) -> str:
        """Deploy functions and merge anew, all of one version."""
        return f"npx cdk deploy --all -c initials={self.initials} -c stage={self.stage}"
