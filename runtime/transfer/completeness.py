"""Is anything missing? The calendar against the raw bucket against the manifests, a year at a time."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from runtime.buckets import Bucket, MissingObject
from runtime.keys import PackageId, calendar_key
from runtime.manifest import manifest_packages
from runtime.transfer.calendar import due, read_releases
from runtime.transfer.service import held_packages


@dataclass(frozen=True, slots=True)
class YearCompleteness:
    """What a year should have and has. Lists are ascending; a due package stands in at most one of the missing ones.

    `has_calendar` is false where no job ever planned the year from its calendar: then nothing is known to be due.
    `not_in_calendar` are held packages whose date and issue the calendar does not name.
    """

    year: int
    has_calendar: bool
    due: int
    transferred: int
    extracted: int
    not_transferred: list[PackageId]
    not_extracted: list[PackageId]
    not_in_calendar: list[PackageId]

    @property
    def is_complete(self) -> bool:
        return self.has_calendar and not (self.not_transferred or self.not_extracted or self.not_in_calendar)

    @property
    def missing(self) -> list[PackageId]:
        """What a reader of the year would miss."""
        return sorted([*self.not_transferred, *self.not_extracted])

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "year": self.year,
            "has_calendar": self.has_calendar,
            "due": self.due,
            "transferred": self.transferred,
            "extracted": self.extracted,
            "is_complete": self.is_complete,
            "not_transferred": [str(package) for package in self.not_transferred],
            "not_extracted": [str(package) for package in self.not_extracted],
            "not_in_calendar": [str(package) for package in self.not_in_calendar],
        }


def check_completeness(
    raw: Bucket, extracted: Bucket, years: Iterable[int], now: dt.datetime
) -> list[YearCompleteness]:
    """Compare calendars (as the last job kept them), raw archives and manifests; asks nothing of the source.

    Returns
    -------
    one value per year, ascending

    Raises
    ------
    UnreadableCalendar
        A kept calendar was spoilt.
    """
    return [_check_year(raw, extracted, year, now) for year in sorted(set(years))]


def _check_year(raw: Bucket, extracted: Bucket, year: int, now: dt.datetime) -> YearCompleteness:
    releases: list[PackageId] = []
    try:
        releases = read_releases(raw.get(calendar_key(year)), year)
        has_calendar = True
    except MissingObject:
        has_calendar = False
    expected, held = due(releases, now), held_packages(raw, [year]).keys()
    manifests = manifest_packages(extracted, [year])
    return YearCompleteness(
        year=year,
        has_calendar=has_calendar,
        due=len(expected),
        transferred=len(held),
        extracted=len(manifests),
        not_transferred=[package for package in expected if package not in held],
        not_extracted=sorted(held - manifests),
        not_in_calendar=sorted(held - set(releases)) if has_calendar else [],
    )
