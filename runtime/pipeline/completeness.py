"""Is anything missing? The calendar against the raw bucket against the manifests, a year at a time."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.buckets import Bucket, MissingObject
from runtime.keys import PackageId, calendar_key
from runtime.ledger import Ledger
from runtime.transfer.calendar import UnreadableCalendar, due, read_releases

NAMED = 5  # packages of a kind that a short form names


@dataclass(frozen=True, slots=True)
class YearCompleteness:
    """What a year should have and has. Lists are ascending; a due package stands in at most one of the missing ones.

    `calendar_fault` says why nothing is known to be due: no job ever planned the year from its calendar, or the kept
    one was spoilt; it is empty otherwise. `stale` are extracted packages that are not current
    (`runtime.ledger`). `not_in_calendar` are held packages whose date and issue the calendar does not name.
    """

    year: int
    due: int
    transferred: int
    extracted: int
    not_transferred: Sequence[PackageId]
    not_extracted: Sequence[PackageId]
    not_in_calendar: Sequence[PackageId] = ()
    stale: Sequence[PackageId] = ()
    calendar_fault: str = ""

    @property
    def has_calendar(self) -> bool:
        return not self.calendar_fault

    @property
    def is_complete(self) -> bool:
        lists = (self.not_transferred, self.not_extracted, self.not_in_calendar, self.stale)
        return self.has_calendar and not any(lists)

    @property
    def missing(self) -> list[PackageId]:
        """What a reader of the year would miss."""
        return sorted([*self.not_transferred, *self.not_extracted])

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, every package named."""
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
            "stale": [str(package) for package in self.stale],
        }

    def in_short(self) -> dict[str, Any]:
        """JSON-ready: counts, and the first missing packages."""
        return {
            "year": self.year,
            "has_calendar": self.has_calendar,
            "due": self.due,
            "transferred": self.transferred,
            "extracted": self.extracted,
            "stale": len(self.stale),
            "missing": len(self.missing),
            "first_missing": [str(package) for package in self.missing[:NAMED]],
            "not_in_calendar": len(self.not_in_calendar),
        }


def check_completeness(raw: Bucket, ledger: Ledger, years: Iterable[int], now: dt.datetime) -> list[YearCompleteness]:
    """Compare calendars (as the last job kept them), raw archives and manifests; asks nothing of the source.

    Parameters
    ----------
    raw : holds the calendars
    ledger : read for these years, or more

    Returns
    -------
    one value per year, ascending
    """
    return [_check_year(raw, ledger, year, now) for year in sorted(set(years))]


def _check_year(raw: Bucket, ledger: Ledger, year: int, now: dt.datetime) -> YearCompleteness:
    releases: list[PackageId] = []
    fault = ""
    try:
        releases = read_releases(raw.get(calendar_key(year)), year)
    except MissingObject:
        fault = "no calendar is kept, so nothing is known to be due; a job of the year fetches it"
    except UnreadableCalendar as error:
        fault = f"the kept calendar is spoilt; delete {calendar_key(year)} from the raw bucket. {error.message}"
    expected = due(releases, now)
    held, extracted = ({p for p in packages if p.year == year} for packages in (ledger.held, ledger.extracted))
    return YearCompleteness(
        year=year,
        due=len(expected),
        transferred=len(held),
        extracted=len(extracted),
        not_transferred=[package for package in expected if package not in held],
        not_extracted=sorted(held - extracted),
        not_in_calendar=[] if fault else sorted(held - set(releases)),
        stale=[package for package in ledger.stale if package.year == year],
        calendar_fault=fault,
    )
