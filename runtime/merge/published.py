"""The record of a merge: what a published year holds, and which merge was interrupted while it published."""

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from runtime.buckets import Bucket
from runtime.errors import TerminalError
from runtime.keys import RUNS_PREFIX, run_key, run_prefix


@dataclass(frozen=True, slots=True)
class PublishedPackage:
    """A package as the merge read it; `duplicates` of its notices were replaced by a newer package's."""

    raw_version_id: str
    sha256: str
    extracted_at: str
    notices: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Published:
    """One merge of a year that passed its checks.

    Parameters
    ----------
    run_id : folder `run=…` of the tables
    tables : published rows by table, all of them
    files : number of files by table
    duplicates : rows left out by table of notices, because a newer package holds the notice
    packages : what was read, by package id
    checks : what the checks found and did not object to: dates outside sane bounds by `table.column`
    previous_run_id : run that was published before, empty for the first
    started_at, checked_at, published_at : ISO text in UTC; `published_at` is empty until all tables point at the run
    """

    run_id: str
    year: int
    extractor_version: int
    tables: dict[str, int]
    files: dict[str, int]
    duplicates: dict[str, int]
    packages: dict[str, PublishedPackage]
    checks: dict[str, dict[str, int]]
    previous_run_id: str
    started_at: str
    checked_at: str
    published_at: str = ""

    def at(self, moment: str) -> "Published":
        """The record once all tables point at the run."""
        return replace(self, published_at=moment)

    def to_json(self) -> bytes:
        """The record as the bytes of its object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes, key: str = "record") -> Self:
        """Read the bytes of a record.

        Raises
        ------
        TerminalError
            The bytes are no record.
        """
        try:
            values: dict[str, Any] = json.loads(data)
            values["packages"] = {package: PublishedPackage(**entry) for package, entry in values["packages"].items()}
            return cls(**values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise TerminalError(
                f"{key} is no record of a merge ({error}); delete it and merge the year again", key=key
            ) from error


def write_record(bucket: Bucket, record: Published) -> None:
    """Store the record of a merge."""
    bucket.put(run_key(record.year, record.run_id), record.to_json(), content_type="application/json")


def read_records(bucket: Bucket, year: int) -> list[Published]:
    """Read the records of a year's merges, in the order of their checks."""
    keys = [listed.key for listed in bucket.keys(run_prefix(year)) if listed.key.endswith(".json")]
    records = [Published.from_json(bucket.get(key), key) for key in keys]
    return sorted(records, key=lambda record: (record.checked_at, record.run_id))


def merged_years(bucket: Bucket) -> list[int]:
    """Years that have a record of a merge, ascending."""
    folders = [folder.removeprefix(RUNS_PREFIX).rstrip("/") for folder in bucket.folders(RUNS_PREFIX)]
    return sorted(int(folder.removeprefix("year=")) for folder in folders if re.fullmatch(r"year=\d{4}", folder))


def read_published(bucket: Bucket, year: int) -> Published | None:
    """Read the record of what is published of a year; None where nothing is."""
    published = [record for record in read_records(bucket, year) if record.published_at]
    return max(published, key=lambda record: record.published_at, default=None)
