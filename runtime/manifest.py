"""Manifests: what extraction wrote for a package. A package without one does not exist for the merge."""

import datetime as dt
import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from runtime.buckets import Bucket, MissingObject
from runtime.errors import TerminalError
from runtime.keys import PackageId, manifest_prefix

# Raised when extraction yields other rows for the same bytes; the merge refuses packages of an older one.
EXTRACTOR_VERSION = 1
# Of all columns of that version: a test tells what to do where they change.
SCHEMA_FINGERPRINT = "942d55e9899352d4"


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table's Parquet file of a package."""

    key: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Reject:
    """A member that could not be read; its bytes are at `quarantine_key`, empty where there are none."""

    member_name: str
    reason: str
    message: str
    quarantine_key: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The record of one extraction. `members = notices + quarantined + skipped`, exactly.

    `rows` names all tables of notices; `files` those with rows. Times are ISO text in UTC.
    """

    package_id: str
    publication_date: str
    ojs_issue: int
    source_url: str
    raw_key: str
    raw_version_id: str
    sha256: str
    size_bytes: int
    fetched_at: str
    extracted_at: str
    extractor_version: int
    members: int
    notices: int
    quarantined: int
    skipped: int
    rows: dict[str, int]
    files: dict[str, TableFile]
    formats: dict[str, int]
    first_notice_id: str | None
    last_notice_id: str | None
    unknown_codes: dict[str, int] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    previous_raw_version_id: str | None = None
    duration_seconds: float = 0.0

    @property
    def package(self) -> PackageId:
        return PackageId.parse(self.package_id)

    def to_json(self) -> bytes:
        """The manifest as the bytes of its object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes, key: str = "manifest") -> Self:
        """Read the bytes of a manifest.

        Raises
        ------
        TerminalError
            The bytes are no manifest; extracting the package again mends it.
        """
        try:
            values: dict[str, Any] = json.loads(data)
            values["files"] = {table: TableFile(**entry) for table, entry in values["files"].items()}
            values["rejects"] = [Reject(**entry) for entry in values["rejects"]]
            return cls(**values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise TerminalError(
                f"{key} is no manifest ({error}); delete it and run start_extract_job for its package", key=key
            ) from error


def read_manifest(bucket: Bucket, package: PackageId) -> Manifest | None:
    """Read the manifest of a package; None where it is not extracted."""
    try:
        return Manifest.from_json(bucket.get(package.manifest_key), package.manifest_key)
    except MissingObject:
        return None


def read_manifests(bucket: Bucket, year: int, threads: int = 16) -> list[Manifest]:
    """Read a year's manifests, packages ascending."""
    keys = [listed.key for listed in bucket.keys(manifest_prefix(year)) if listed.key.endswith(".json")]
    read: Callable[[str], Manifest] = lambda key: Manifest.from_json(bucket.get(key), key)  # noqa: E731
    with ThreadPoolExecutor(threads) as pool:
        return sorted(pool.map(read, keys), key=lambda manifest: manifest.package)


def rows_of(manifests: Iterable[Manifest], table: str) -> int:
    """Number of rows of a table in some packages."""
    return sum(manifest.rows.get(table, 0) for manifest in manifests)


def manifest_packages(bucket: Bucket, years: Iterable[int]) -> dict[PackageId, dt.datetime]:
    """List the packages that have a manifest and when it was written, without reading any."""
    listed = (entry for year in years for entry in bucket.keys(manifest_prefix(year)) if entry.key.endswith(".json"))
    return {PackageId.parse(e.key.rsplit("/", 1)[-1].removesuffix(".json")): e.last_modified for e in listed}
