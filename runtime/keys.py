"""Names of packages and keys of objects. Nothing else in the project spells a key."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Self
from zoneinfo import ZoneInfo

from runtime.errors import ConfigError

LUXEMBOURG = ZoneInfo("Europe/Luxembourg")  # where TED's days begin

_PACKAGE = re.compile(r"(\d{4})(\d{2})(\d{2})_(\d{4})(\d{3,5})")

_ODD = re.compile(r"[^\w.@+=-]", re.ASCII)  # S3 counts bytes, 1,024 of them

RAW_SUFFIX = ".tar.gz"
CALENDAR_PREFIX = "calendar/"
DAILY_PREFIX = "daily/"
MANIFEST_PREFIX = "manifests/"
QUARANTINE_PREFIX = "quarantine/"
MERGED_PREFIX = "merged/"
RUNS_PREFIX = f"{MERGED_PREFIX}_runs/"
FAILURE_PREFIX = "failures/"
PLAN_PREFIX = "plans/"
SEAL_PREFIX = "seals/"
RATES_PREFIX = "rates/"
RATES_KEY = f"{RATES_PREFIX}eurofxref-hist.zip"  # the ECB's own name of the file
RATES_NOTE_KEY = f"{RATES_PREFIX}looked.json"


@dataclass(frozen=True, slots=True, order=True)
class PackageId:
    """A daily package: publication date and OJ S issue.

    The text form is `20190301_2019043`: the date, then the year and the number of the issue.
    """

    date: dt.date
    issue: int

    def __str__(self) -> str:
        return f"{self.date:%Y%m%d}_{self.date.year}{self.issue:03d}"

    @classmethod
    def parse(cls, text: Any) -> Self:
        """Read the text form.

        Raises
        ------
        ConfigError
            The text is no package id.
        """
        match = _PACKAGE.fullmatch(text) if isinstance(text, str) else None
        try:
            if match is None or match[1] != match[4] or not int(match[5]):
                raise ValueError(text)
            return cls(dt.date(int(match[1]), int(match[2]), int(match[3])), int(match[5]))
        except ValueError as error:
            raise ConfigError(
                f"{text!r} is no package id: expected date_yearissue as in 20190301_2019043", package=text
            ) from error

    @property
    def year(self) -> int:
        """Year of the publication date: the partition."""
        return self.date.year

    @property
    def raw_key(self) -> str:
        """Key of the archive in the raw bucket."""
        return f"{self.date:%Y/%m}/{self}{RAW_SUFFIX}"

    def daily_key(self, table: str) -> str:
        """Key of the package's rows of a table in the extracted bucket."""
        return f"{daily_prefix(table, self.year)}{self}.parquet"

    @property
    def manifest_key(self) -> str:
        """Key of the manifest in the extracted bucket."""
        return f"{manifest_prefix(self.year)}{self}.json"

    def quarantine_key(self, member: str) -> str:
        """Key of the bytes of a member that could not be read.

        The name comes out of an archive: steps upwards, a leading slash and control characters are left out.
        """
        parts = [_ODD.sub("_", part) for part in member.split("/") if part not in ("", ".", "..")]
        return f"{self.quarantine_prefix}{'/'.join(parts) or '_'}"[:1000]

    @property
    def quarantine_prefix(self) -> str:
        """Prefix of the bytes of the package's members that could not be read."""
        return f"{QUARANTINE_PREFIX}year={self.year}/{self}/"

    @property
    def failure_key(self) -> str:
        """Key of the note on why the package could not be transferred (raw bucket) or extracted (extracted bucket)."""
        return f"{failure_prefix(self.year)}{self}.json"


def package_of_raw_key(key: str) -> PackageId:
    """Read the package id out of a raw key.

    Raises
    ------
    ConfigError
        The key is not the raw key of a package.
    """
    name = key.rsplit("/", 1)[-1]
    package = PackageId.parse(name.removesuffix(RAW_SUFFIX))
    if package.raw_key != key:
        raise ConfigError(f"{key!r} is no raw key: expected {package.raw_key!r}", key=key)
    return package


def raw_prefix(year: int, month: int | None = None) -> str:
    """Prefix of the archives of a year or month in the raw bucket."""
    return f"{year:04d}/" if month is None else f"{year:04d}/{month:02d}/"


def calendar_key(year: int) -> str:
    """Key of a year's release calendar in the raw bucket."""
    return f"{CALENDAR_PREFIX}{year}.csv"


def daily_prefix(table: str, year: int) -> str:
    """Prefix of a table's files of a year's packages in the extracted bucket."""
    return f"{DAILY_PREFIX}{table}/year={year}/"


def manifest_prefix(year: int) -> str:
    """Prefix of a year's manifests in the extracted bucket."""
    return f"{MANIFEST_PREFIX}year={year}/"


def seal_prefix(year: int, package: PackageId | None = None) -> str:
    """Prefix of a year's seals, or of one package's, in the extracted bucket (`runtime.ledger`)."""
    prefix = f"{SEAL_PREFIX}year={year}/"
    return prefix if package is None else f"{prefix}{package}/"


def failure_prefix(year: int) -> str:
    """Prefix of the notes on a year's failures, in either bucket."""
    return f"{FAILURE_PREFIX}year={year}/"


def plan_key(run: str) -> str:
    """Key of a run's plan in the raw bucket."""
    return f"{PLAN_PREFIX}{run}.json"


def merged_prefix(table: str, year: int, run: str | None = None) -> str:
    """Prefix of a table's published year, or of one run of it, in the extracted bucket."""
    prefix = f"{MERGED_PREFIX}{table}/year={year}/"
    return prefix if run is None else f"{prefix}run={run}/"


def reference_key(table: str) -> str:
    """Key of a table that is of no year, in the extracted bucket: one file, replaced as a whole."""
    return f"{MERGED_PREFIX}{table}/{table}.parquet"


def run_prefix(year: int) -> str:
    """Prefix of the records of a year's merges in the extracted bucket; the underscore hides it from Athena."""
    return f"{RUNS_PREFIX}year={year}/"


def run_key(year: int, run: str) -> str:
    """Key of the record of one merge of a year in the extracted bucket."""
    return f"{run_prefix(year)}{run}.json"
