"""What must be true of a written year before anybody may see it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.errors import TerminalError
from runtime.merge.plan import MergePlan
from runtime.schema import NOTICE_TABLES, Table

NO_DATE_BEFORE = dt.date(1990, 1, 1)
# Dates of things that are still to come, which may lie decades ahead.
AHEAD = frozenset(("start_date", "end_date", "submission_deadline_date"))


class CheckFailed(TerminalError):
    """The written year is not what the manifests promise; nothing was published."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found in the written files of one table.

    Parameters
    ----------
    rows : rows
    repeated : rows beyond the first with the same key
    orphans : rows whose notice is not in the table notices
    odd_dates : rows by date column whose date is outside its sane bounds
    """

    rows: int
    repeated: int
    orphans: int
    odd_dates: dict[str, int] = field(default_factory=dict)


def date_bounds(table: Table, year: int) -> dict[str, tuple[dt.date, dt.date]]:
    """Sane bounds, both inclusive, of a table's date columns in a published year.

    What has happened lies between 1990 and a year after publication, the publication in its year, what is planned at
    most a century ahead.
    """
    bounds: dict[str, tuple[dt.date, dt.date]] = {}
    for column in table:
        if column.name == "publication_date":
            bounds[column.name] = dt.date(year, 1, 1), dt.date(year, 12, 31)
        elif column.kind == "date":
            bounds[column.name] = NO_DATE_BEFORE, dt.date(year + (100 if column.name in AHEAD else 1), 12, 31)
    return bounds


def check_year(plan: MergePlan, dropped: Mapping[str, int], measured: Mapping[str, Measured]) -> None:
    """Compare what was written with what the manifests promise.

    Parameters
    ----------
    dropped : rows by table of notices that a newer package's replace
    measured : what the written files of all tables hold

    Raises
    ------
    CheckFailed
        With every difference.
    """
    faults = []
    for table in (table.name for table in NOTICE_TABLES):
        promised, found = plan.rows(table), measured[table].rows
        if found != promised - dropped[table]:
            faults.append(
                f"{table}: {found} rows written, expected {promised - dropped[table]} "
                f"({promised} in the manifests less {dropped[table]} of replaced notices)"
            )
    ledger = {"packages": len(plan.manifests), "rejects": sum(len(manifest.rejects) for manifest in plan.manifests)}
    for table, rows in ledger.items():
        if measured[table].rows != rows:
            faults.append(f"{table}: {measured[table].rows} rows written, expected {rows}")
    for table, each in measured.items():
        if each.repeated:
            faults.append(f"{table}: {each.repeated} rows repeat the key of another")
        if each.orphans:
            faults.append(f"{table}: {each.orphans} rows are of notices that are missing")
    if faults:
        text = "".join(f"\n  - {fault}" for fault in faults)
        raise CheckFailed(
            f"{plan.year} is not published, what was published before stays as it is:{text}\n"
            "packages that were extracted during the merge can be the reason: merge the year again",
            year=plan.year,
            faults=faults,
        )
