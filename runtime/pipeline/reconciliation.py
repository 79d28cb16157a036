"""Whether a run lost anything: planned against kept, extracted and published, package by package."""

import json
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from runtime.buckets import Bucket
from runtime.keys import PackageId, merged_prefix
from runtime.ledger import Ledger, Plan
from runtime.manifest import Manifest, read_manifests, rows_of
from runtime.merge.published import Published, read_published
from runtime.pipeline.completeness import YearCompleteness
from runtime.pipeline.progress import NAMED
from runtime.schema import NOTICE_TABLES, TABLES

FIRST = 10  # problems that a summary names; a failed execution's cause takes 32 KiB
Located = Callable[[str, int], str]  # (table, year) -> where the catalog says that the year lies


@dataclass(frozen=True, slots=True)
class Report:
    """What a run amounts to; `problems` is empty when nothing that was planned is missing from the published tables.

    `totals` counts packages, members, notices, quarantined, skipped, duplicates and published notices over the
    planned years; `attention` names what is kept but not in the tables of notices, and what the planned years lack
    besides what was planned. `missing` was planned.
    """

    totals: dict[str, int]
    problems: list[str] = field(default_factory=list)
    attention: list[str] = field(default_factory=list)
    missing: list[PackageId] = field(default_factory=list)
    completeness: Sequence[YearCompleteness] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, within what a state machine and a notification can carry."""
        left = len(self.problems) - NAMED
        more = [f"and {left} more"] if left > 0 else []
        return {
            "ok": not self.problems,
            "totals": self.totals,
            "problems": [problem[:500] for problem in self.problems[:NAMED]] + more,
            "attention": [line[:500] for line in self.attention[:NAMED]],
            "completeness": [year.in_short() for year in self.completeness],
            "summary": self.summary(),
            "pictures": f"ted report --year {self.completeness[-1].year}" if self.completeness else "",
        }

    def summary(self) -> str:
        """The run for a person: its sums, and the first problems."""
        t = self.totals
        state = "complete" if not self.problems else f"{len(self.problems)} problem{'s' * (len(self.problems) > 1)}"
        return (
            f"{state}: {t['extracted']} of {t['planned']} planned packages extracted; "
            f"{t['members']} members = {t['notices']} notices + {t['quarantined']} quarantined "
            f"+ {t['skipped']} skipped; "
            f"{t['published']} notices published ({t['duplicates']} duplicates left out)"
            + "".join(f"\n- {problem[:500]}" for problem in self.problems[:FIRST])
        )


def reconcile(
    plan: Plan,
    *,
    ledger: Ledger,
    extracted: Bucket,
    located: Located,
    dead: Mapping[str, str],
    failed_merges: Mapping[int, str],
    completeness: Sequence[YearCompleteness] = (),
    rates: Mapping[str, Any] = MappingProxyType({}),
    stale: Mapping[str, str] = MappingProxyType({}),
) -> Report:
    """Compare a plan with what is kept, extracted and published.

    What the planned years lack besides is no problem of this run.

    Parameters
    ----------
    plan : packages that the run set out to bring in
    ledger : what is held and extracted of the planned years
    located : asks the catalog where a year of a table lies
    dead : reason by package id, from the last progress check
    failed_merges : error by year
    completeness : of the planned years
    rates : what mirror_rates answered, or the error that it broke off with; without newer rates the run is whole
    stale : why QuickSight does not read the published years again, by its data set's id; the run is whole all the same
    """
    manifests = {m.package: m for year in plan.years for m in read_manifests(extracted, year)}
    # Current or not, a package that the source did not give again is not what was asked for.
    refused = {package for package in plan.again if str(package) in dead}
    missing = [package for package in plan.packages if package in refused or not ledger.is_current(package)]
    problems = [f"{package}: {dead.get(str(package)) or _where_it_stopped(package, ledger)}" for package in missing]
    problems += [f"merge of {year} failed: {error}" for year, error in sorted(failed_merges.items())]
    published = {year: read_published(extracted, year) for year in plan.years}
    for year, record in published.items():
        of_year = [manifest for package, manifest in manifests.items() if package.year == year]
        if of_year and year not in failed_merges:
            problems += [f"year {year}: {fault}" for fault in _differences(year, record, of_year, located)]
    chosen = list(manifests.values())
    totals = {
        "planned": len(plan.packages),
        "extracted": len(plan.packages) - len(missing),
        "packages": len(chosen),
        "members": sum(m.members for m in chosen),
        "notices": sum(m.notices for m in chosen),
        "quarantined": sum(m.quarantined for m in chosen),
        "skipped": sum(m.skipped for m in chosen),
        "duplicates": sum(record.duplicates.get("notices", 0) for record in published.values() if record),
        "published": sum(record.tables["notices"] for record in published.values() if record),
    }
    attention = _of_rates(rates) + _of_data_sets(stale)
    attention += [line for year in completeness for line in _besides(year, set(plan.packages))]
    attention += [
        f"{m.package_id}: {m.quarantined} quarantined ({', '.join(sorted({r.reason for r in m.rejects}))})"
        for m in chosen
        if m.quarantined
    ]
    return Report(totals, problems, attention, missing, completeness)


def merge_error(fault: str) -> str:
    """What a failed merge says for itself: Step Functions wraps the message of a Glue run in the run's description."""
    try:
        return str(json.loads(fault.partition(": ")[2])["ErrorMessage"])
    except (ValueError, TypeError, KeyError):
        return fault


def lambda_error(cause: str) -> str:
    """What a function that broke off says for itself: Step Functions gives its error as JSON, with a trace."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, TypeError, KeyError):
        return cause


def _of_rates(rates: Mapping[str, Any]) -> list[str]:
    """Say that no newer exchange rates came, and why."""
    if "Error" in rates:  # the function itself broke off
        why, held = f"{rates['Error']}: {lambda_error(rates.get('Cause', ''))}", "what is held stays"
    elif rates.get("status") == "refused":
        last = rates.get("last_rate_date")
        why, held = rates["reason"], f"what is held stays, the newest of {last}" if last else "none are held"
    else:
        return []
    return [f"no newer exchange rates came, {held}; try again with: ted rates. {why}"]


def _of_data_sets(stale: Mapping[str, str]) -> list[str]:
    """Say which data sets of the dashboard have old numbers, and the reason of one: all have the same, as a rule."""
    if not stale:
        return []
    names, why = ", ".join(sorted(stale)), next(iter(stale.values()))
    mend = "the next run asks it again, or you: QuickSight, Datasets, Refresh now"
    return [f"QuickSight does not read {names} again, its charts stay as they were; {mend}. {why}"]


def _besides(year: YearCompleteness, planned: Set[PackageId]) -> list[str]:
    """Name what a year lacks, or has too much, outside of the plan."""
    found = [
        (f"due and missing; bring them with: ted run {year.year}", year.missing),
        (f"stale; see to them with: ted run {year.year}", year.stale),
        ("held, but not in the release calendar; was it changed?", year.not_in_calendar),
    ]
    lines = [f"year {year.year}: {year.calendar_fault}"] if year.calendar_fault else []
    for words, packages in found:
        if others := [str(package) for package in packages if package not in planned]:
            named = ", ".join(others[:FIRST]) + (", …" if len(others) > FIRST else "")
            lines.append(f"year {year.year}: {len(others)} besides this run {words}: {named}")
    return lines


def _where_it_stopped(package: PackageId, ledger: Ledger) -> str:
    again = "start the pipeline again, or look at the {} dead-letter queue".format
    if package not in ledger.held:
        return f"not transferred; {again('transfers')}"
    if package not in ledger.extracted:
        return f"transferred but not extracted; {again('extractions')}"
    return f"its rows are of other bytes than those held, or by an older extractor; {again('extractions')}"


def _differences(year: int, record: Published | None, manifests: list[Manifest], located: Located) -> list[str]:
    """Name what differs between the published year and its manifests."""
    if record is None:
        return ["extracted but never published; run the merge job with --YEAR"]
    faults = []
    unread = [m.package_id for m in manifests if _differs(record, m)]
    if unread:
        faults.append(
            f"published without {len(unread)} package{'s' * (len(unread) > 1)}, {', '.join(unread[:5])}; "
            "run the merge job again"
        )
    for table in NOTICE_TABLES:
        expected = rows_of(manifests, table.name) - record.duplicates.get(table.name, 0)
        found = record.tables.get(table.name, 0)  # none where the table is younger than the run
        if not unread and found != expected:
            faults.append(f"{table.name} has {found} rows, its manifests say {expected}")
    elsewhere = [
        t.name
        for t in TABLES
        if t.name in record.tables and merged_prefix(t.name, year, record.run_id) not in f"{located(t.name, year)}/"
    ]
    if elsewhere:
        faults.append(f"the catalog does not point at run {record.run_id} for {', '.join(elsewhere)}")
    return faults


def _differs(record: Published, manifest: Manifest) -> bool:
    read = record.packages.get(manifest.package_id)
    return read is None or read.extracted_at != manifest.extracted_at
