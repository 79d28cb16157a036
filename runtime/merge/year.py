"""Merge a year: plan, dedupe, write, check, publish."""

import datetime as dt
import uuid
from collections.abc import Callable

from runtime.buckets import Bucket
from runtime.keys import merged_prefix
from runtime.manifest import EXTRACTOR_VERSION
from runtime.merge.catalog import Catalog
from runtime.merge.checks import Measured, check_year
from runtime.merge.plan import MergePlan, read_plan, refuse_faults, replaced_rows, with_counted_rows
from runtime.merge.publish import finish_swap, published_run, remove_runs, swap
from runtime.merge.published import Published, PublishedPackage
from runtime.merge.spark import SparkTables
from runtime.schema import TABLES

Report = Callable[[str], None]


def new_run_id(now: dt.datetime) -> str:
    """A run id outside Glue: it sorts by time."""
    return f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"


def merge_year(
    *,
    year: int,
    run: str,
    bucket: Bucket,
    catalog: Catalog,
    tables: SparkTables,
    now: Callable[[], dt.datetime],
    report: Report,
) -> Published:
    """Publish a year as its manifests say, or leave what is published as it is.

    Parameters
    ----------
    run : name of the new folder of each table; never used before
    now : the clock, in UTC
    report : told each step, a line each

    Raises
    ------
    MergeRefused
        The packages are not fit to be merged.
    CheckFailed
        What was written is not what the manifests promise.
    """
    started = _text(now())
    if finished := finish_swap(bucket, catalog, year, _text(now())):
        report(f"{year}: finished publishing run {finished.run_id}, which was interrupted")
    plan = read_plan(bucket, year)
    tables.tune(plan)
    replaced = tables.replaced(plan)
    counted = tables.count(plan, replaced)
    refuse_faults(with_counted_rows(plan, bucket.name, counted))
    report(f"{year}: {len(plan.manifests)} packages, {plan.rows('notices')} notices")

    dropped, by_package = replaced_rows(plan, counted)
    if replaced is not None:
        report(f"{year}: {dropped['notices']} notices are left out, newer packages hold them")
    folders = {table.name: merged_prefix(table.name, year, run) for table in TABLES}
    files = tables.write(plan, folders, replaced, by_package)
    measured = tables.measure(year, folders)
    check_year(plan, dropped, measured)
    report(f"{year}: written and checked, {sum(files.values())} files")

    previous = published_run(catalog, year)
    record = Published(
        run_id=run, year=year, extractor_version=EXTRACTOR_VERSION,
        tables={name: each.rows for name, each in measured.items()},
        files={table.name: files[table.name] for table in TABLES},
        duplicates=dropped, packages=_packages(plan, by_package), checks={"odd_dates": _odd_dates(measured)},
        previous_run_id=previous, started_at=started, checked_at=_text(now()),
    )  # fmt: skip
    published = swap(bucket, catalog, record, _text(now()))
    removed = remove_runs(bucket, year, {run, previous} - {""})
    report(f"{year}: published as run {run}" + (f"; removed {', '.join(removed)}" if removed else ""))
    return published


def _packages(plan: MergePlan, duplicates: dict[str, int]) -> dict[str, PublishedPackage]:
    return {
        manifest.package_id: PublishedPackage(
            manifest.raw_version_id, manifest.sha256, manifest.extracted_at, manifest.notices,
            duplicates.get(manifest.package_id, 0),
        )
        for manifest in plan.manifests
    }  # fmt: skip


def _odd_dates(measured: dict[str, Measured]) -> dict[str, int]:
    return {
        f"{table}.{column}": count
        for table, each in measured.items()
        for column, count in each.odd_dates.items()
        if count
    }


def _text(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")
