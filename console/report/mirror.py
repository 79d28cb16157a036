"""Is the mirror whole? What became of each day's packages, from the ledger."""

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from console.status import YearStatus
from runtime.buckets import Bucket, MissingObject
from runtime.keys import PackageId, calendar_key
from runtime.transfer.calendar import UnreadableCalendar, read_releases

State = Literal["to-come", "merged", "extracted", "held", "missing"]
STATES: tuple[State, ...] = get_args(State)  # of several packages on a day, the last of these counts
WORDS: dict[State, str] = {
    "merged": "merged",
    "extracted": "extracted, not merged",
    "held": "held, not extracted",
    "missing": "missing",
    "to-come": "to come",
}


@dataclass(frozen=True, slots=True)
class MirrorYear:
    """A year of the mirror.

    Parameters
    ----------
    states : what became of each package that the calendar names or the raw bucket holds; `held` lacks its rows,
        `extracted` is in no merge as it is now
    fault : why nothing is known to be due; empty otherwise
    lost : tables whose year the catalog does not point at what was published
    published_at : ISO time of the merge, empty where there was none
    """

    year: int
    states: Mapping[PackageId, State]
    fault: str = ""
    lost: Sequence[str] = ()
    published_at: str = ""

    def count(self, *states: State) -> int:
        """Packages in one of these states."""
        return sum(state in states for state in self.states.values())

    def months(self) -> dict[int, Counter[State]]:
        """Packages by state, by month from 1 to 12."""
        found: dict[int, Counter[State]] = {month: Counter() for month in range(1, 13)}
        for package, state in self.states.items():
            found[package.date.month][state] += 1
        return found

    def days(self, month: int) -> dict[State | None, list[int]]:
        """Days of a month by their state: of several packages the worst, None where there is no package."""
        found: dict[int, State] = {}
        for package, state in self.states.items():
            if package.date.month == month:
                day = package.date.day
                found[day] = max(found.get(day, state), state, key=STATES.index)
        every = range(1, calendar.monthrange(self.year, month)[1] + 1)
        return {state: [day for day in every if found.get(day) == state] for state in (None, *STATES)}

    def in_state(self, state: State) -> list[PackageId]:
        """The packages in a state, ascending."""
        return sorted(package for package, found in self.states.items() if found == state)


def mirror_year(status: YearStatus, releases: Iterable[PackageId], held: Iterable[PackageId]) -> MirrorYear:
    """Tell what became of each package; `ted status` has judged.

    Parameters
    ----------
    releases : all that the year's calendar names, due or not
    held : what the raw bucket holds of the year
    """
    year = status.completeness
    steps: tuple[tuple[State, Iterable[PackageId]], ...] = (
        ("to-come", releases),
        ("merged", held),
        ("extracted", status.unpublished),
        ("held", year.not_extracted),
        ("missing", year.not_transferred),
    )
    states = {package: state for state, packages in steps for package in packages}
    at = status.published.published_at if status.published else ""
    return MirrorYear(year.year, states, year.calendar_fault, status.lost, at)


def kept_releases(raw: Bucket, year: int) -> list[PackageId]:
    """What the kept calendar of a year names; nothing where it is missing or spoilt, which `ted status` tells."""
    try:
        return read_releases(raw.get(calendar_key(year)), year)
    except (MissingObject, UnreadableCalendar):
        return []


def places(year: int, month: int) -> dict[int, tuple[int, int]]:
    """Column, from Monday, and row of each day of a month, from 0."""
    weeks = calendar.Calendar(firstweekday=0).monthdayscalendar(year, month)
    return {day: (column, row) for row, week in enumerate(weeks) for column, day in enumerate(week) if day}


def month_name(month: int) -> str:
    """A month in words."""
    return f"{dt.date(2000, month, 1):%B}"
