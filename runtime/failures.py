"""Notes on packages that could not be transferred or extracted: why, when, after how many attempts.

Transfer keeps its notes in the raw bucket, extraction in the extracted bucket. A success removes the note.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from runtime.buckets import Bucket
from runtime.errors import CcaTedError
from runtime.keys import PackageId, failure_prefix


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a package is dead until somebody looks at it. `stage` is transfer or extract, `failed_at` ISO text in UTC."""

    package_id: str
    stage: str
    error: str
    message: str
    attempts: int
    failed_at: str

    @classmethod
    def of(cls, package: PackageId, stage: str, error: Exception, attempts: int, now: dt.datetime) -> "Failure":
        message = error.message if isinstance(error, CcaTedError) else str(error)
        return cls(str(package), stage, type(error).__name__, message, attempts, now.isoformat(timespec="seconds"))


def record_failure(bucket: Bucket, failure: Failure) -> None:
    """Keep the note; a newer one replaces an older."""
    bucket.put_json(PackageId.parse(failure.package_id).failure_key, asdict(failure))


def clear_failure(bucket: Bucket, package: PackageId) -> None:
    """Remove the note after a success; there may be none."""
    bucket.delete([package.failure_key])


def read_failures(bucket: Bucket, years: Iterable[int]) -> dict[PackageId, Failure]:
    """Read the notes of some years."""
    keys = [listed.key for year in sorted(set(years)) for listed in bucket.keys(failure_prefix(year))]
    found = [Failure(**bucket.get_json(key)) for key in keys]
    return {PackageId.parse(failure.package_id): failure for failure in found}
