"""Publish a checked run of a year: swap, finish an interrupted swap, remove what nobody reads any more."""

import re
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from runtime.buckets import Bucket
from runtime.errors import TerminalError
from runtime.keys import merged_prefix, run_key, run_prefix
from runtime.merge.catalog import Catalog
from runtime.merge.published import Published, read_published, read_records, write_record
from runtime.schema import TABLES
from runtime.schema.tables import LEDGER_TABLES, NOTICE_TABLES, PACKAGES

# Details before the notices they belong to, the ledger last: whoever finds a package in it finds its notices.
SWAP_ORDER = (*reversed(NOTICE_TABLES), *reversed(LEDGER_TABLES))


def published_run(catalog: Catalog, year: int) -> str:
    """Run that the year's packages point at; empty where the year is not published."""
    return run_of(catalog.location(PACKAGES.name, year))


def run_of(location: str) -> str:
    """Run in a partition's location; empty where there is none."""
    match = re.search(r"/run=([^/]+)/?$", location)
    return match[1] if match else ""


def swap(bucket: Bucket, catalog: Catalog, record: Published, now: str) -> Published:
    """Point all tables of a year at a run, then note that it is published.

    The record is stored first: a swap that is interrupted is finished by `finish_swap`.
    """
    write_record(bucket, record)
    _point(bucket, catalog, record)
    published = record.at(now)
    write_record(bucket, published)
    return published


def _point(bucket: Bucket, catalog: Catalog, record: Published) -> None:
    # All reading comes before the first change, so that the changes follow each other without a pause.
    storages = {table.name: catalog.storage(table) for table in SWAP_ORDER}
    new = {table.name for table in SWAP_ORDER if not catalog.location(table.name, record.year)}
    for table in SWAP_ORDER:
        location, rows = _location(bucket, record, table.name), record.tables[table.name]
        catalog.point(table.name, record.year, storages[table.name], location, rows, is_new=table.name in new)


def _location(bucket: Bucket, record: Published, table: str) -> str:
    return f"s3://{bucket.name}/{merged_prefix(table, record.year, record.run_id)}"


def finish_swap(bucket: Bucket, catalog: Catalog, year: int, now: str) -> Published | None:
    """Finish what an interrupted merge began to publish; its run had passed all checks.

    A run of a schema that lacked a table is left to the merge that replaces it.

    Returns
    -------
    The record that was finished; None where nothing was left to do.
    """
    records = read_records(bucket, year)
    if not records or records[-1].published_at or _lacked(records[-1]):
        return None
    return swap(bucket, catalog, records[-1], now)


@dataclass(frozen=True, slots=True)
class Republished:
    """A year that the catalog points at again; `mended` are the tables that it did not point at before."""

    record: Published
    mended: tuple[str, ...]


def republish(bucket: Bucket, catalog: Catalog, year: int, now: str) -> Republished | None:
    """Point all tables of a year at the run that its merge recorded as published, whatever the catalog says.

    A merge that was interrupted while it published is finished.

    Returns
    -------
    None where no merge of the year was ever published

    Raises
    ------
    TerminalError
        Files of the run are gone; nothing was pointed at what is left of it.
    ConfigError
        The catalog lacks a table.
    """
    records = read_records(bucket, year)
    record = records[-1] if records and not records[-1].published_at else read_published(bucket, year)
    if record is None:
        return None
    _refuse_gaps(bucket, record)
    mended = tuple(
        table.name
        for table in TABLES
        if catalog.location(table.name, year).rstrip("/") != _location(bucket, record, table.name).rstrip("/")
    )
    if finished := finish_swap(bucket, catalog, year, now):
        return Republished(finished, mended)
    _point(bucket, catalog, record)
    return Republished(record, mended)


def _refuse_gaps(bucket: Bucket, record: Published) -> None:
    prefixes = {name: merged_prefix(name, record.year, record.run_id) for name, rows in record.tables.items() if rows}
    gone = [name for name, prefix in prefixes.items() if not any(bucket.keys(prefix))]
    gone += _lacked(record)
    if gone:
        raise TerminalError(
            f"s3://{bucket.name} has no files of run {record.run_id} for {', '.join(gone)}; "
            f"merge the year again: ted run {record.year}",
            year=record.year, run=record.run_id,
        )  # fmt: skip


def _lacked(record: Published) -> list[str]:
    """Tables that came into the schema after the run."""
    return [table.name for table in TABLES if table.name not in record.tables]


def remove_runs(bucket: Bucket, year: int, keep: Collection[str]) -> list[str]:
    """Remove the files and records of a year's runs, but for those to keep.

    Returns
    -------
    The runs removed, ascending.
    """
    removed: set[str] = set()

    def remove(table: str) -> None:
        prefix = merged_prefix(table, year)
        keys = []
        for listed in bucket.keys(prefix):
            run = re.match(r"run=([^/]+)/", listed.key[len(prefix) :])
            if run is None or run[1] not in keep:
                keys.append(listed.key)
                removed.update({run[1]} if run else ())
        bucket.delete(keys)

    with ThreadPoolExecutor(len(TABLES)) as pool:
        list(pool.map(remove, [table.name for table in TABLES]))
    kept = {run_key(year, run) for run in keep}
    bucket.delete(listed.key for listed in bucket.keys(run_prefix(year)) if listed.key not in kept)
    return sorted(removed)
