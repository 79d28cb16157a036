"""Manifests: what extraction wrote for a package. A package without one does not exist for the merge."""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from runtime.buckets import Bucket, Listed, MissingObject, aws_errors
from runtime.errors import TerminalError
from runtime.keys import PackageId, manifest_prefix

# Raised when extraction yields other rows for the same bytes; the merge refuses packages of an older one.
EXTRACTOR_VERSION = 3
# Of all columns of that version: a test tells what to do where they change.
SCHEMA_FINGERPRINT = "da7a4d5a09c227b6"


class SpoiltManifest(TerminalError):
    """An object is no manifest, though it has the key of one; extracting its package again replaces it."""


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
        SpoiltManifest
            The bytes are none.
        """
        try:
            values: dict[str, Any] = json.loads(data)
            values["files"] = {table: TableFile(**entry) for table, entry in values["files"].items()}
            values["rejects"] = [Reject(**entry) for entry in values["rejects"]]
            return cls(**values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SpoiltManifest(
                f"{key} is no manifest ({error}); run start_extract_job for its package", key=key
            ) from error


def find_manifest(bucket: Bucket, package: PackageId) -> tuple[Manifest | None, str]:
    """Read the manifest of a package, and the ETag of the object it was in.

    Returns
    -------
    None and no ETag where the package is not extracted, or its manifest is none
    """
    try:
        stored = bucket.open(package.manifest_key)
        with aws_errors(f"read s3://{bucket.name}/{package.manifest_key}", package=package), stored.body as body:
            data = body.read()
        return Manifest.from_json(data, package.manifest_key), stored.etag
    except (MissingObject, SpoiltManifest):
        return None, ""


def list_manifests(bucket: Bucket, years: Iterable[int]) -> dict[PackageId, Listed]:
    """List the packages of some years that have a manifest, without reading any."""
    listed = (entry for year in years for entry in bucket.keys(manifest_prefix(year)) if entry.key.endswith(".json"))
    return {PackageId.parse(entry.key.rsplit("/", 1)[-1].removesuffix(".json")): entry for entry in listed}


def read_manifests(bucket: Bucket, year: int, threads: int = 16) -> list[Manifest]:
    """Read a year's manifests, packages ascending."""
    keys = [listed.key for _, listed in sorted(list_manifests(bucket, [year]).items())]
    read: Callable[[str], Manifest] = lambda key: Manifest.from_json(bucket.get(key), key)  # noqa: E731
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(read, keys))


def rows_of(manifests: Iterable[Manifest], table: str) -> int:
    """Number of rows of a table in some packages."""
    return sum(manifest.rows.get(table, 0) for manifest in manifests)
