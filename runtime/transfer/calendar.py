"""The release calendar: which issue appears on which day, and from when on its package is due."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable

from runtime.errors import TerminalError
from runtime.keys import LUXEMBOURG, PackageId

FINAL_AT = dt.time(9, 30)  # a package may be replaced until then on its day
FAULTS_SHOWN = 20

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class UnreadableCalendar(TerminalError):
    """The release calendar is not what it should be; packages can be named by hand until it is mended."""


def read_releases(data: bytes, year: int) -> list[PackageId]:
    """Read a year's calendar.

    Columns `OJS` and `Publication date` in any order, blanks around names and values allowed, dates as dd/mm/yyyy or
    d/m/yyyy, empty lines skipped. A calendar with a header alone has no release.

    Returns
    -------
    0..n packages, ascending, no repeats

    Raises
    ------
    UnreadableCalendar
        It is no such table, or has lines that cannot be read; all are listed.

    Source: TED release calendar, CSV form.
    """
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(year, [f"it is no CSV text: {error}"]) from error
    numbered = [(number, row) for number, row in enumerate(rows, 1) if any(row)]
    if not numbered:
        raise _unreadable(year, ["it is empty"])
    names = [" ".join(cell.lower().split()) for cell in numbered[0][1]]
    if "ojs" not in names or "publication date" not in names:
        raise _unreadable(
            year, [f"expected the columns OJS and Publication date, got {','.join(numbered[0][1])[:80]!r}"]
        )
    issue_at, date_at = names.index("ojs"), names.index("publication date")
    faults: list[str] = []
    releases: dict[int, PackageId] = {}
    for number, row in numbered[1:]:
        try:
            package = _release(row, issue_at, date_at, year)
        except ValueError as error:
            faults.append(f"line {number}: {error}")
            continue
        known = releases.setdefault(package.issue, package)
        if known != package:
            faults.append(f"line {number}: issue {package.issue} is on {package.date}, and on {known.date} above")
    if faults:
        raise _unreadable(year, faults)
    return sorted(releases.values())


def _release(row: list[str], issue_at: int, date_at: int, year: int) -> PackageId:
    if len(row) <= max(issue_at, date_at):
        raise ValueError(f"expected an issue and a date, got {','.join(row)!r}")
    issue, text = row[issue_at], row[date_at]
    if not (issue.isascii() and issue.isdigit() and 0 < int(issue) < 1000):
        raise ValueError(f"expected an issue number, got {issue!r}")
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a date as dd/mm/yyyy, got {text!r}")
    try:
        date = dt.date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError as error:
        raise ValueError(f"{text!r} is no day of any month") from error
    if date.year != year:
        raise ValueError(f"expected a day of {year}, got {text!r}")
    return PackageId(date, int(issue))


def _unreadable(year: int, faults: list[str]) -> UnreadableCalendar:
    listed = "".join(f"\n  - {fault}" for fault in faults[:FAULTS_SHOWN])
    more = f"\n  and {len(faults) - FAULTS_SHOWN} more" if len(faults) > FAULTS_SHOWN else ""
    return UnreadableCalendar(
        f"The release calendar of {year} cannot be read:{listed}{more}\n"
        'Nothing was planned. Packages can be named by hand: {"packages": ["20190301_2019043"]}',
        year=year,
    )


def is_due(package: PackageId, now: dt.datetime) -> bool:
    """Say whether a package is final: from 09:30 in Luxembourg on its day."""
    here = now.astimezone(LUXEMBOURG)
    return (package.date, FINAL_AT) <= (here.date(), here.time())


def due(releases: Iterable[PackageId], now: dt.datetime) -> list[PackageId]:
    """List the packages that are final, ascending."""
    return sorted(package for package in releases if is_due(package, now))


def may_have_grown(year: int, fetched_at: dt.datetime, now: dt.datetime) -> bool:
    """Say whether a calendar fetched then may lack a release today: its year was not over, or is not."""
    end = dt.datetime(year + 1, 1, 1, tzinfo=LUXEMBOURG)
    return fetched_at < end or now < end
