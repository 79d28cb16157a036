"""What is planned, held, extracted and current: one place for the question, whoever asks it.

Listings tell that an object is there, when it was written and its ETag; S3 gives a key other ETags for other bytes.
They do not tell what a manifest says inside, and times alone settle neither of two cases: rows that an older extractor
read, and raw bytes that were replaced while they were being read, whose manifest is the newer object. So the worker
leaves a seal beside each manifest: an empty object whose key repeats what the rows are of. A seal states a fact that
stays true, and counts only for the two objects that it names by their ETags. Hence no crash, and no second worker on
the same package, makes a package current that is not; at worst it lacks a seal, and the worker looks at it again.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Self

from runtime.buckets import Bucket, Listed
from runtime.errors import ConfigError
from runtime.keys import RAW_SUFFIX, PackageId, package_of_raw_key, plan_key, raw_prefix, seal_prefix
from runtime.manifest import EXTRACTOR_VERSION, Manifest, find_manifest, list_manifests


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run set out to do: the packages due in its selection, held or not.

    `again` are those of them that are held, yet asked for again: the ledger cannot tell when that is done.
    """

    packages: tuple[PackageId, ...]
    planned_at: dt.datetime
    again: tuple[PackageId, ...] = ()

    @property
    def years(self) -> list[int]:
        return sorted({package.year for package in self.packages})

    def write(self, raw: Bucket, run: str) -> str:
        """Keep the plan for those who wait for its packages.

        Returns
        -------
        its key
        """
        key = plan_key(run)
        packages, again = ([str(package) for package in each] for each in (self.packages, self.again))
        planned_at = self.planned_at.isoformat(timespec="seconds")
        raw.put_json(key, {"planned_at": planned_at, "years": self.years, "packages": packages, "again": again})
        return key

    @classmethod
    def read(cls, raw: Bucket, key: str) -> Self:
        """Read a plan that `write` kept.

        Raises
        ------
        ConfigError
            The object is no plan.
        """
        value = raw.get_json(key)
        try:
            packages, again = (
                tuple(PackageId.parse(text) for text in texts) for texts in (value["packages"], value.get("again", ()))
            )
            return cls(packages, dt.datetime.fromisoformat(value["planned_at"]), again)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"s3://{raw.name}/{key} is no plan: {error!r}", key=key) from error


def _seal_key(package: PackageId, raw_etag: str, manifest_etag: str) -> str:
    """Key of the seal that says: this extractor wrote this manifest, from these bytes."""
    return f"{seal_prefix(package.year, package)}{EXTRACTOR_VERSION}.{raw_etag}.{manifest_etag}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """What listings say of some years' packages.

    Attributes
    ----------
    held : archives in the raw bucket
    extracted : manifests in the extracted bucket
    seals : keys of the seals in the extracted bucket
    """

    held: Mapping[PackageId, Listed]
    extracted: Mapping[PackageId, Listed]
    seals: Set[str]

    def is_current(self, package: PackageId) -> bool:
        """Whether a package's rows are of the bytes that are held, and by this extractor."""
        held, written = self.held.get(package), self.extracted.get(package)
        if held is None or written is None:
            return False
        return _seal_key(package, held.etag, written.etag) in self.seals

    @property
    def due(self) -> list[PackageId]:
        """Held packages that are to be extracted, or at least looked at by the worker, ascending."""
        return sorted(package for package in self.held if not self.is_current(package))

    @property
    def stale(self) -> list[PackageId]:
        """Packages of `due` that have rows: of other bytes, by an older extractor, or not known to be of these."""
        return [package for package in self.due if package in self.extracted]


def read_ledger(raw: Bucket, extracted: Bucket, years: Iterable[int], month: int | None = None) -> Ledger:
    """List what both buckets hold of some years; `month` limits the archives.

    Costs three listings a year, a call for each 1,000 keys: 48 calls for the 4,132 packages of 16 years. No object is
    looked at by itself, however many were put again; that is left to `settle`, a package at a time.
    """
    chosen = sorted(set(years))
    seals = {listed.key for year in chosen for listed in extracted.keys(seal_prefix(year))}
    return Ledger(held_packages(raw, chosen, month), list_manifests(extracted, chosen), seals)


def held_packages(raw: Bucket, years: Iterable[int], month: int | None = None) -> dict[PackageId, Listed]:
    """List the packages that the raw bucket holds, by the names of their objects.

    Raises
    ------
    ConfigError
        There is an archive whose name is no package's.
    """
    listed = (entry for year in sorted(set(years)) for entry in raw.keys(raw_prefix(year, month)))
    return {package_of_raw_key(entry.key): entry for entry in listed if entry.key.endswith(RAW_SUFFIX)}


def settle(package: PackageId, raw: Bucket, extracted: Bucket) -> bool:
    """Decide whether a package is current where the listing may leave it open, and seal it if it is.

    The worker asks before it extracts and again afterwards: bytes that were replaced meanwhile get no seal.

    Returns
    -------
    whether its rows are of the bytes that are held, by this extractor
    """
    # Listed first: whatever is found here is of objects no newer than those that are looked at next.
    seals = {listed.key for listed in extracted.keys(seal_prefix(package.year, package))}
    head = raw.head(package.raw_key)
    manifest, etag = find_manifest(extracted, package)
    if head is None or manifest is None:
        return False
    seal = _seal_key(package, head.etag, etag)
    if seal not in seals:
        if not is_of(manifest, head.metadata.get("sha256", ""), head.version_id):
            return False
        extracted.put(seal, b"")
    extracted.delete(sorted(seals - {seal}))
    return True


def is_of(manifest: Manifest, sha256: str, version_id: str = "") -> bool:
    """Whether an extraction is of these bytes, by this extractor: by their SHA-256 or version, empty if unknown."""
    is_same = (sha256 and manifest.sha256 == sha256) or (version_id and manifest.raw_version_id == version_id)
    return bool(is_same) and manifest.extractor_version == EXTRACTOR_VERSION
