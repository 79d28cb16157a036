"""A package in, tables and a manifest out, with every member accounted for."""

import datetime as dt
import gc
import hashlib
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from runtime.archive import Archive, Member, Readable
from runtime.buckets import Bucket, Listed, MissingObject, aws_errors
from runtime.errors import CcaTedError, TerminalError, TransientError
from runtime.extract.columns import MISFITS, TableFiles, Written, to_tables
from runtime.extract.dispatch import UnreadableNotice, read_notice
from runtime.extract.notice import Notice, Value, notice_id, notice_order
from runtime.failures import Failure, clear_failure, record_failure
from runtime.keys import PackageId
from runtime.ledger import settle
from runtime.manifest import EXTRACTOR_VERSION, Manifest, Reject, TableFile, find_manifest
from runtime.schema.tables import CPV_NAMES, NOTICE_TABLES

# Notices become columns when this much XML is read: enough to do columns at once, little enough to keep.
BATCH_BYTES = 8 * 1024 * 1024
BATCH_NOTICES = 1000
UPLOAD_FROM = 32 * 1024 * 1024  # a larger table goes to the bucket in parts

_NUMBERED = re.compile(r"(?:^|/)(\d{6,8})_(\d{4})\.xml\Z", re.ASCII)

Clock = Callable[[], dt.datetime]


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Place(Protocol):
    """Where the objects of a package go: the extracted bucket, or a folder."""

    def keys(self, prefix: str = "") -> Iterator[Listed]: ...
    def put(self, key: str, data: bytes) -> object: ...
    def upload(self, key: str, file: IO[bytes]) -> None: ...
    def delete(self, keys: Iterable[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class RawObject:
    """The raw object that a package is read from; texts are empty where they are not known.

    Attributes
    ----------
    sha256 : what the package's digest has to be
    """

    key: str = ""
    version_id: str = ""
    url: str = ""
    fetched_at: str = ""
    sha256: str = ""


class _Measured:
    """A file that is counted and digested as it is read."""

    def __init__(self, file: Readable) -> None:
        self._file, self._digest, self.bytes = file, hashlib.sha256(), 0

    @property
    def sha256(self) -> str:
        """Digest of what was read so far: after a walk, of the package."""
        return self._digest.hexdigest()

    def read(self, size: int, /) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        self.bytes += len(data)
        return data


@dataclass(slots=True)
class _Rejected:
    """A member for the quarantine, its bytes waiting in a file where there are any."""

    name: str
    reason: str
    message: str
    size: int
    sha256: str = ""
    path: Path | None = None


@dataclass(slots=True)
class _Extraction:
    """What is known of a package while its members come by."""

    package: PackageId
    folder: Path
    members: int = 0
    notices: int = 0
    skipped: int = 0
    rejected: list[_Rejected] = field(default_factory=list)
    formats: Counter[str] = field(default_factory=Counter)
    unknown_codes: Counter[str] = field(default_factory=Counter)
    first: str | None = None
    last: str | None = None
    files: TableFiles = field(init=False)
    _seen: dict[str, tuple[str, int]] = field(default_factory=dict)
    _named: set[tuple[Value, Value]] = field(default_factory=set)
    _batch: list[tuple[Member, Notice]] = field(default_factory=list)
    _batch_bytes: int = 0

    def __post_init__(self) -> None:
        self.files = TableFiles(self.folder)

    def take(self, member: Member) -> None:
        """Read a member: its notice waits for its batch, or it is skipped or quarantined."""
        self.members += 1
        if member.reason:
            self._reject(member, member.reason, member.message)
            return
        digest = hashlib.sha256(member.data).hexdigest()
        try:
            notice = read_notice(member.data)
            identifier = _checked_id(notice)
        except UnreadableNotice as error:
            self._reject(member, error.reason, error.message)
            return
        seen = self._seen.setdefault(identifier, (digest, self.members))
        if seen == (digest, self.members):
            self._accept(notice, member, digest)
        elif seen[0] == digest:
            self.skipped += 1
        else:
            self._reject(member, "duplicate-notice", f"{identifier} is in the package already, with other bytes")

    def finish(self) -> dict[str, Written]:
        """Write what waits and finish the files."""
        self._flush()
        return self.files.close()

    def _accept(self, notice: Notice, member: Member, digest: str) -> None:
        """Add what the reader does not know of its notice, and let it wait for its batch."""
        row, warnings = notice.row, notice.warnings
        if not row.get("publication_date"):
            row["publication_date"] = self.package.date.isoformat()
            warnings.append("no-publication-date")
        # TED has published notices under wrong numbers (6 September 2024): the name of the file then says another one.
        if (named := _number_in_name(member.name)) and named != row["notice_id"]:
            warnings.append(f"other-number-in-name {named}")
        row["package_id"] = str(self.package)
        row["lot_count"] = sum(lot.get("lot_kind") == "lot" for lot in notice.children.get("lots", ()))
        row["contract_count"] = len(notice.children.get("contracts", ()))
        row["member_name"] = member.name
        row["xml_sha256"] = digest
        row["xml_bytes"] = member.size
        row["extractor_version"] = EXTRACTOR_VERSION
        row["warnings"] = list(dict.fromkeys(warnings)) or None
        self._leave_out_known_names(notice)
        self._batch.append((member, notice))
        self._batch_bytes += member.size
        if self._batch_bytes >= BATCH_BYTES or len(self._batch) >= BATCH_NOTICES:
            self._flush()

    def _leave_out_known_names(self, notice: Notice) -> None:
        """Keep of a notice's names of codes those that no notice of the package gave before: few of thousands."""
        names = notice.children.pop(CPV_NAMES.name, ())
        new = [row for row in names if (row["code"], row["name"]) not in self._named]
        if new:
            self._named.update((row["code"], row["name"]) for row in new)
            notice.children[CPV_NAMES.name] = new

    def _flush(self) -> None:
        """Turn the waiting notices into columns; one that does not fit its columns costs itself alone."""
        fitting = [notice for _, notice in self._batch]
        try:
            tables = to_tables(fitting)
        except MISFITS:
            fitting = []
            for member, notice in self._batch:
                try:
                    to_tables([notice])
                    fitting.append(notice)
                except MISFITS as error:
                    self._reject(member, "read-error", f"a value does not fit its column: {error}")
            tables = to_tables(fitting)
        self.files.add(tables)
        for notice in fitting:
            self._count(notice)
        self._batch, self._batch_bytes = [], 0

    def _count(self, notice: Notice) -> None:
        identifier = str(notice.row["notice_id"])
        self.notices += 1
        self.formats[str(notice.row.get("schema_version") or "unknown")] += 1
        self.unknown_codes.update(f"{column}={code}" for column, code in notice.unknown_codes)
        if self.first is None or notice_order(identifier) < notice_order(self.first):
            self.first = identifier
        if self.last is None or notice_order(identifier) > notice_order(self.last):
            self.last = identifier

    def _reject(self, member: Member, reason: str, message: str) -> None:
        """Put a member aside, its bytes on disk: a package may be full of them."""
        rejected = _Rejected(member.name, reason, message[:1000], member.size)
        if member.data:
            rejected.sha256 = hashlib.sha256(member.data).hexdigest()
            rejected.path = self.folder / f"rejected-{len(self.rejected)}"
            rejected.path.write_bytes(member.data)
        self.rejected.append(rejected)


def _number_in_name(name: str) -> str | None:
    """The publication number that a member is named after, as in 20190301_043/000001_2019.xml; None where none is."""
    match = _NUMBERED.search(name)
    return notice_id(f"{match[1]}-{match[2]}") if match else None


def _checked_id(notice: Notice) -> str:
    """The notice's id, once it is sure that it is one."""
    identifier = notice.row.get("notice_id")
    if not isinstance(identifier, str) or notice_id(identifier) != identifier:
        raise UnreadableNotice(f"expected a publication number, got {identifier!r}", "no-notice-id")
    return identifier


def extract_package(
    file: IO[bytes],
    package: PackageId,
    source: RawObject,
    place: Place,
    *,
    held: Manifest | None = None,
    clock: Clock = utc_now,
) -> Manifest:
    """Extract a package, and publish its tables, quarantine and, last, its manifest.

    Nothing is written before the whole package is read; what an earlier extraction left and this one does not
    write is removed.

    Parameters
    ----------
    file : a tar.gz, read once from front to end
    held : manifest of the earlier extraction, where there is one

    Raises
    ------
    TerminalError
        The package is damaged, unsafe, empty, not what was fetched, or its members do not add up.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cca-ted-") as folder:
        measured = _Measured(file)
        archive = Archive(measured, str(package))
        extraction = _Extraction(package, Path(folder))
        with _no_garbage_collection():
            for member in archive:
                extraction.take(member)
            written = extraction.finish()
        _check(extraction, archive, measured.sha256, source)
        rejects = _rejects(package, extraction.rejected)
        manifest = Manifest(
            package_id=str(package),
            publication_date=package.date.isoformat(),
            ojs_issue=package.issue,
            source_url=source.url,
            raw_key=source.key,
            raw_version_id=source.version_id,
            sha256=measured.sha256,
            size_bytes=measured.bytes,
            fetched_at=source.fetched_at,
            extracted_at=clock().astimezone(dt.UTC).isoformat(timespec="seconds"),
            extractor_version=EXTRACTOR_VERSION,
            members=extraction.members,
            notices=extraction.notices,
            quarantined=len(rejects),
            skipped=extraction.skipped,
            rows={table.name: written[table.name].rows if table.name in written else 0 for table in NOTICE_TABLES},
            files={
                name: TableFile(package.daily_key(name), table.rows, table.path.stat().st_size)
                for name, table in written.items()
            },
            formats=dict(sorted(extraction.formats.items())),
            first_notice_id=extraction.first,
            last_notice_id=extraction.last,
            unknown_codes=dict(sorted(extraction.unknown_codes.items())),
            rejects=rejects,
            previous_raw_version_id=_previous(held, source),
            duration_seconds=round(time.monotonic() - started, 3),
        )
        _publish(place, package, manifest, written, extraction.rejected, is_new=held is None)
    return manifest


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Rows and trees refer to nothing in circles: to look for circles among them takes a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _check(extraction: _Extraction, archive: Archive, sha256: str, source: RawObject) -> None:
    """Hold the package against what was fetched, and its members against what became of them."""
    if source.sha256 and source.sha256 != sha256:
        raise archive.fault(f"expected the bytes with SHA-256 {source.sha256}, got {sha256}")
    accounted = extraction.notices + len(extraction.rejected) + extraction.skipped
    if extraction.members != accounted:
        raise TerminalError(
            f"package {extraction.package}: {extraction.members} members, but {extraction.notices} notices + "
            f"{len(extraction.rejected)} quarantined + {extraction.skipped} skipped; this is a fault of the extraction",
            package=extraction.package,
        )


def _previous(held: Manifest | None, source: RawObject) -> str | None:
    if held is None:
        return None
    return held.previous_raw_version_id if held.raw_version_id == source.version_id else held.raw_version_id


def _rejects(package: PackageId, rejected: Sequence[_Rejected]) -> list[Reject]:
    """Name the quarantined members and their keys, each once, though an archive may repeat a name."""
    names: Counter[str] = Counter()
    keys: set[str] = set()
    rejects = []
    for each in rejected:
        names[each.name] += 1
        name = each.name if names[each.name] == 1 else f"{each.name}#{names[each.name]}"
        key = ""
        if each.path is not None:
            key = package.quarantine_key(name)
            if key in keys:
                key = f"{key[:900]}.{each.sha256}.{len(keys)}"
            keys.add(key)
        rejects.append(Reject(name, each.reason, each.message, key, each.sha256, each.size))
    return rejects


def _publish(
    place: Place,
    package: PackageId,
    manifest: Manifest,
    written: dict[str, Written],
    rejected: Sequence[_Rejected],
    *,
    is_new: bool,
) -> None:
    """Write the objects. While they change the package has no manifest: it does not exist, rather than half."""
    if not is_new:
        place.delete([package.manifest_key])
    kept = {reject.quarantine_key for reject in manifest.rejects}
    stale = [listed.key for listed in place.keys(package.quarantine_prefix) if listed.key not in kept]
    stale += [package.daily_key(table.name) for table in NOTICE_TABLES if table.name not in written]
    place.delete(stale)
    for name, table in written.items():
        _send(place, manifest.files[name].key, table.path)
    for reject, each in zip(manifest.rejects, rejected, strict=True):
        if each.path is not None:
            _send(place, reject.quarantine_key, each.path)
    place.put(package.manifest_key, manifest.to_json())


def _send(place: Place, key: str, path: Path) -> None:
    if path.stat().st_size < UPLOAD_FROM:
        place.put(key, path.read_bytes())
    else:
        with path.open("rb") as file:
            place.upload(key, file)


def extract_stored(
    package: PackageId, raw: Bucket, extracted: Bucket, *, refresh: bool = False, clock: Clock = utc_now
) -> Manifest | None:
    """Extract the current version of a raw package, unless that has been done.

    Parameters
    ----------
    refresh : extract it though it has been done

    Returns
    -------
    the new manifest; None where the held one is current

    Raises
    ------
    MissingObject
        The raw bucket does not hold the package.
    """
    if not refresh and settle(package, raw, extracted):
        return None
    key = package.raw_key
    try:
        stored = raw.open(key)
    except MissingObject as error:
        raise MissingObject(
            f"package {package}: expected s3://{raw.name}/{key}, got nothing; run start_transfer_job", package=package
        ) from error
    with tempfile.TemporaryFile() as file:
        # To disk first: a connection that breaks is not to look like a truncated package.
        with aws_errors(f"read s3://{raw.name}/{key}", package=package), stored.body as body:
            shutil.copyfileobj(body, file, 1024 * 1024)
        file.seek(0)
        known = stored.metadata
        source = RawObject(
            key, stored.version_id, known.get("source-url", ""), known.get("fetched-at", ""), known.get("sha256", "")
        )
        held, _ = find_manifest(extracted, package)
        manifest = extract_package(file, package, source, extracted, held=held, clock=clock)
    settle(package, raw, extracted)
    return manifest


def extract_or_record(
    package: PackageId,
    raw: Bucket,
    extracted: Bucket,
    *,
    refresh: bool = False,
    is_last_attempt: bool,
    attempts: int,
    clock: Clock = utc_now,
) -> Manifest | None:
    """Extract as `extract_stored` does, and keep a note on a failure that will not be tried again.

    The note is removed when the package is current. Errors are raised in any case.
    """
    try:
        manifest = extract_stored(package, raw, extracted, refresh=refresh, clock=clock)
    except Exception as error:
        if is_last_attempt or (isinstance(error, CcaTedError) and not isinstance(error, TransientError)):
            record_failure(extracted, Failure.of(package, "extract", error, attempts, clock()))
        raise
    clear_failure(extracted, package)
    return manifest
