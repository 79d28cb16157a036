"""Transfer as work on plain values: what a job is asked for, what it plans, and how one package is adopted."""

import datetime as dt
import json
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from runtime.buckets import AlreadyStored, Bucket
from runtime.errors import ConfigError, TerminalError, TransientError
from runtime.failures import clear_failure
from runtime.http import NotAtSource
from runtime.job_input import JobInput
from runtime.keys import LUXEMBOURG, PackageId, calendar_key, failure_prefix
from runtime.ledger import held_packages
from runtime.transfer.calendar import due, may_have_grown, read_releases
from runtime.transfer.source import Source
from runtime.transfer.spool import Fetched, Spool, verify

REPLACED_WITHIN = dt.timedelta(days=7)  # TED replaces a package, if at all, soon after its day
IN_ONE_GO_BYTES = 32 << 20  # larger packages go in parts; those of a day have 2 to 20 MB
PART_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a job found: all due packages of its selection, those of them the bucket holds, and what is to be fetched.

    `replaced` are held packages whose length at the source differs. `unchecked` counts held packages that were to be
    compared but were not, since the source refused.
    """

    packages: Sequence[PackageId]
    held: Collection[PackageId]
    refresh: bool = False
    replaced: Collection[PackageId] = ()
    unchecked: int = 0
    refusal: str = ""

    @property
    def again(self) -> list[PackageId]:
        """Held packages that are to be fetched again, ascending."""
        again = set(self.held) if self.refresh else set(self.replaced)
        return [package for package in self.packages if package in again]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages of the transfers queue, packages ascending."""
        again = set(self.again)
        return [
            {"package_id": str(package), "refresh": package in again}
            for package in self.packages
            if package not in self.held or package in again
        ]


def compare(
    raw: Bucket, source: Source, asked: JobInput, now: dt.datetime, *, seconds: float = 600.0,
    clock: Callable[[], float] = time.monotonic,
) -> Comparison:  # fmt: skip
    """Find the due packages that a job is asked for, and which of them the raw bucket lacks.

    Held packages are compared with the source by length where a year, a month or packages were named, and, in any job,
    where they are not older than a week; as far as the source answers, and `seconds` suffice.

    Raises
    ------
    UnreadableCalendar, TransientError, TerminalError
        A calendar could not be read; nothing was planned.
    """
    deadline = clock() + seconds
    if asked.packages:
        packages = list(asked.packages)
    else:
        releases = [release for year in asked.years for release in releases_of(raw, source, year, now)]
        packages = [package for package in due(releases, now) if asked.holds(package)]
    kept = held_packages(raw, {package.year for package in packages}, asked.month)
    held = [package for package in packages if package in kept]
    if asked.refresh:
        return Comparison(packages, frozenset(held), refresh=True)
    recent = now.astimezone(LUXEMBOURG).date() - REPLACED_WITHIN
    compared = [package for package in held if asked.is_named or package.date >= recent]
    replaced: set[PackageId] = set()
    unchecked, refusal = 0, ""
    for done, package in enumerate(compared):
        try:
            if clock() > deadline:
                raise TransientError(f"{seconds:.0f} s did not suffice")
            if source.size(package) not in (None, kept[package].size):
                replaced.add(package)
        except NotAtSource:
            continue  # what the source took back is kept here
        except (TransientError, TerminalError) as error:
            unchecked, refusal = len(compared) - done, error.message
            break
    return Comparison(packages, frozenset(held), replaced=replaced, unchecked=unchecked, refusal=refusal)


def releases_of(raw: Bucket, source: Source, year: int, now: dt.datetime) -> list[PackageId]:
    """Read a year's calendar: from the raw bucket, or from the source where it may have grown since.

    Raises
    ------
    UnreadableCalendar, TransientError, TerminalError
        The source has no calendar of the year, or not a readable one; the one in the bucket stays.
    """
    key = calendar_key(year)
    head = raw.head(key)
    if head is not None and not may_have_grown(year, head.last_modified, now):
        return read_releases(raw.get(key), year)
    data = source.calendar(year)
    releases = read_releases(data, year)
    # The time of the object says until when it is known to be whole, so a finished year's is written again once.
    if head is None or now.astimezone(LUXEMBOURG).year > year or raw.get(key) != data:
        raw.put(key, data, metadata={"source-url": source.calendar_url(year)}, content_type="text/csv")
    return releases


def read_message(body: str) -> tuple[PackageId, bool]:
    """Read a message of the transfers queue.

    Returns
    -------
    the package, and whether it is to be fetched though held

    Raises
    ------
    ConfigError
        It is no such message.
    """
    try:
        message = json.loads(body)
        package, refresh = PackageId.parse(message["package_id"]), message.get("refresh", False)
        if not isinstance(refresh, bool):
            raise ValueError(refresh)
        return package, refresh
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f'no transfer message: expected {{"package_id": "20190301_2019043"}}, got {body[:200]!r}'
        ) from error


def forget_failures(raw: Bucket, packages: Collection[PackageId]) -> None:
    """Remove the failure notes of packages that are about to be tried anew."""
    keys = {package.failure_key for package in packages}
    noted = (entry.key for year in {p.year for p in packages} for entry in raw.keys(failure_prefix(year)))
    raw.delete(sorted(keys.intersection(noted)))


@dataclass(frozen=True, slots=True)
class Transferred:
    """What became of one package: newly stored, held already, or fetched again and found unchanged."""

    package: PackageId
    status: Literal["stored", "held", "unchanged"]
    size_bytes: int = 0
    members: int = 0


def transfer(
    raw: Bucket, source: Source, package: PackageId, *, refresh: bool, now: dt.datetime, seconds: float = 600.0
) -> Transferred:
    """Fetch one package, prove it, and store it; a held one is left alone unless `refresh`.

    Nothing appears in the bucket before the whole archive was read and found right, and then it appears at once with
    its metadata. The same bytes never become a second version.

    Raises
    ------
    TransientError, TerminalError
        As `verify`, the source and the bucket do; nothing was stored.
    """
    held = raw.head(package.raw_key)
    if held is not None and not refresh:
        return _done(raw, Transferred(package, "held", held.size))
    with (
        tempfile.TemporaryFile(buffering=0) as file,
        source.open(package, seconds) as download,
        ThreadPoolExecutor(1, "verify") as pool,
        Spool(download, file) as spool,
    ):
        verified = pool.submit(verify, spool, package, seconds=seconds)
        found = spool.finish(package)
        # Looked at again: another job may have stored it while this one fetched.
        held = raw.head(package.raw_key)
        if held is not None and held.metadata.get("sha256") == found.sha256:
            return _done(raw, Transferred(package, "unchanged", found.size_bytes, verified.result()))
        status = _store(raw, package, spool, found, verified, now, may_exist=held is not None)
        return _done(raw, Transferred(package, status, found.size_bytes, verified.result()))


def _store(
    raw: Bucket, package: PackageId, spool: Spool, found: Fetched, verified: Future[int], now: dt.datetime, *,
    may_exist: bool,
) -> Literal["stored", "unchanged"]:  # fmt: skip
    metadata = {
        "sha256": found.sha256,
        "source-url": spool.download.url,
        "fetched-at": now.isoformat(timespec="seconds"),
    }
    if spool.download.copied_from:
        metadata["copied-from"] = spool.download.copied_from
    try:
        if found.size_bytes > IN_ONE_GO_BYTES:
            # Parts travel while the archive is still being walked; only then the object appears.
            with raw.in_parts(package.raw_key, metadata=metadata, if_absent=not may_exist) as send:
                for offset in range(0, found.size_bytes, PART_BYTES):
                    send(spool.read_at(offset, PART_BYTES))
                verified.result()
        else:
            verified.result()
            data = spool.read_at(0, found.size_bytes)
            raw.put(package.raw_key, data, metadata=metadata, content_type="application/gzip", if_absent=not may_exist)
    except AlreadyStored:
        winner = raw.head(package.raw_key)
        if winner is None or winner.metadata.get("sha256") != found.sha256:
            raise
        return "unchanged"
    return "stored"


def _done(raw: Bucket, outcome: Transferred) -> Transferred:
    if raw.head(outcome.package.failure_key) is not None:
        clear_failure(raw, outcome.package)
    return outcome
