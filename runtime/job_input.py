"""What a job is asked for: one input for start_transfer_job, start_extract_job and the pipeline, checked at once."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from runtime.errors import ConfigError
from runtime.keys import LUXEMBOURG, PLAN_PREFIX, PackageId

FIRST_YEAR = 2011  # the first year whose packages hold XML
KEYS = ("year", "month", "packages", "scope", "refresh")

_ALONE = ("year", "packages", "scope", "plan_key")  # each says which packages are meant
_RUN = re.compile(r"[\w.-]{1,80}")


@dataclass(frozen=True, slots=True)
class JobInput:
    """Either packages by hand, or years (and perhaps a month), or a plan.

    Attributes
    ----------
    years : where packages are named, theirs; none where a plan is
    refresh : packages that are held are asked for again, or, by start_extract_job, read again
    is_named : a year or packages were asked for, rather than what is due
    run : name to keep the plan under
    plan_key : key of the plan whose packages are meant
    """

    years: tuple[int, ...] = ()
    month: int | None = None
    packages: tuple[PackageId, ...] = ()
    refresh: bool = False
    is_named: bool = False
    run: str = ""
    plan_key: str = ""

    @classmethod
    def parse(cls, event: Any, now: dt.datetime, start_year: int = FIRST_YEAR, *, besides: str = "") -> Self:
        """Read {"year", "month"}, {"year"}, {}, {"packages"} or {"scope": "current"}; and "refresh" with any of them.

        Without a year or packages it means all years from `start_year` to today's; "current" those of today and of a
        week ago. A null is as good as nothing, and a package that is named twice is meant once.

        Parameters
        ----------
        besides : what this job alone takes: `run` or `plan_key`

        Raises
        ------
        ConfigError
            Keys or values are wrong; all are listed.
        """
        today = now.astimezone(LUXEMBOURG).date()
        known = (*KEYS, besides) if besides else KEYS
        is_object = event is None or isinstance(event, dict)
        given = {key: value for key, value in event.items() if value is not None} if event and is_object else {}
        faults = [] if is_object else [f"the input is {event!r}: expected an object"]
        faults += [f"unknown key {key!r}: expected one of {', '.join(known)}" for key in given if key not in known]
        faults += [
            f"{key} is {given[key]!r}: expected {expected}"
            for key, (is_right, expected) in _rules(today).items()
            if key in given and not is_right(given[key])
        ]
        if "month" in given and "year" not in given:
            faults.append("month without year")
        if len(named := [key for key in _ALONE if key in given]) > 1:
            faults.append(f"{' and '.join(named)} exclude each other")
        packages = _read_packages(given.get("packages"), today, faults)
        if faults:
            raise ConfigError.of(faults, 'a right input: {"year": 2019, "month": 3}')
        if packages:
            years = {package.year for package in packages}
        elif "year" in given:
            years = {given["year"]}
        elif "scope" in given:
            years = {(today - dt.timedelta(days=7)).year, today.year}
        else:
            years = set() if "plan_key" in given else set(range(start_year, today.year + 1))
        return cls(
            tuple(sorted(years)), given.get("month"), packages, given.get("refresh", False),
            bool(given.keys() & {"year", "packages"}), given.get("run", ""), given.get("plan_key", ""),
        )  # fmt: skip

    def holds(self, package: PackageId) -> bool:
        """Say whether a package of the calendar belongs to it."""
        return package.year in self.years and self.month in (None, package.date.month)


def _rules(today: dt.date) -> dict[str, tuple[Callable[[Any], bool], str]]:
    """What a value has to be, and how that is said."""
    return {
        "year": (lambda value: _is_whole(value, FIRST_YEAR, today.year), f"{FIRST_YEAR} to {today.year}"),
        "month": (lambda value: _is_whole(value, 1, 12), "1 to 12"),
        "packages": (lambda value: isinstance(value, list) and bool(value), "a list of package ids"),
        "scope": (lambda value: value == "current", "'current'"),
        "refresh": (lambda value: isinstance(value, bool), "true or false"),
        "run": (
            lambda value: isinstance(value, str) and bool(_RUN.fullmatch(value)),
            "1 to 80 letters, digits, '.', '_' or '-'",
        ),
        "plan_key": (
            lambda value: isinstance(value, str) and value.startswith(PLAN_PREFIX),
            f"the key of a plan, as in {PLAN_PREFIX}….json",
        ),
    }


def _is_whole(value: object, lowest: int, highest: int) -> bool:
    return type(value) is int and lowest <= value <= highest  # true and false are ints, too


def _read_packages(value: object, today: dt.date, faults: list[str]) -> tuple[PackageId, ...]:
    found: set[PackageId] = set()
    for text in value if isinstance(value, list) else ():
        try:
            found.add(PackageId.parse(text))
        except ConfigError as error:
            faults.append(error.message)
    faults += [f"{package} is before {FIRST_YEAR}" for package in sorted(found) if package.year < FIRST_YEAR]
    faults += [f"{package} is of a day to come" for package in sorted(found) if package.date > today]
    return tuple(sorted(found))
