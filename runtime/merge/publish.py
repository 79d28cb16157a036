"""Publish a checked run of a year: swap, finish an interrupted swap, remove what nobody reads any more."""

import re
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from runtime.buckets import Bucket
from runtime.keys import merged_prefix, run_key, run_prefix
from runtime.merge.catalog import Catalog
from runtime.merge.published import Published, read_records, write_record
from runtime.schema import TABLES
from runtime.schema.tables import (
    CHANGES,
    CONTRACTS,
    CRITERIA,
    LOT_RESULTS,
    LOTS,
    NOTICES,
    PACKAGES,
    PARTIES,
    REJECTS,
    TENDERS,
)

# Details before the notices they belong to, the ledger last: whoever finds a package in it finds its notices.
SWAP_ORDER = (CRITERIA, CHANGES, PARTIES, CONTRACTS, TENDERS, LOT_RESULTS, LOTS, NOTICES, REJECTS, PACKAGES)


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
    # All reading comes before the first change, so that the changes follow each other without a pause.
    storages = {table.name: catalog.storage(table) for table in SWAP_ORDER}
    new = {table.name for table in SWAP_ORDER if not catalog.location(table.name, record.year)}
    for table in SWAP_ORDER:
        location = f"s3://{bucket.name}/{merged_prefix(table.name, record.year, record.run_id)}"
        catalog.point(
            table.name, record.year, storages[table.name], location, record.tables[table.name], is_new=table.name in new
        )
    published = record.at(now)
    write_record(bucket, published)
    return published


def finish_swap(bucket: Bucket, catalog: Catalog, year: int, now: str) -> Published | None:
    """Finish what an interrupted merge began to publish; its run had passed all checks.

    Returns
    -------
    The record that was finished; None where nothing was left to do.
    """
    records = read_records(bucket, year)
    if not records or records[-1].published_at:
        return None
    return swap(bucket, catalog, records[-1], now)


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
