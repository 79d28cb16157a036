"""`ted republish`: the catalog again, from what the merges recorded in S3."""

import datetime as dt
import json
from typing import Annotated

import typer
from rich.console import Console

from console.buckets import find_buckets
from console.target import FOUND_WANTING, Initials, Local, Real, Stage, Target, asking
from runtime.errors import TerminalError
from runtime.job_input import FIRST_YEAR
from runtime.merge.catalog import Catalog, claim_year
from runtime.merge.publish import Republished
from runtime.merge.publish import republish as republish_year
from runtime.merge.published import merged_years
from runtime.schema import TABLES


def republish(
    year: Annotated[
        list[int] | None, typer.Option(min=FIRST_YEAR, help="Year, repeatable; none is all that were ever published.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Point the tables at the published years again, as the merges recorded them.

    For a catalog that lost partitions, tables or all of it. Reads and writes no row, and starts no job.

    \b
    Examples:
      ted republish
      AWS_PROFILE=mine ted republish --aws --initials nfr --year 2019

    Ends with 1 when a year could not be pointed at.
    """
    said = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    done: list[Republished] = []
    failed: dict[int, str] = {}
    with asking(local, initials, stage, real, "stopped; run it again for the years that are left") as target:
        extracted = find_buckets(target.session, target.names).extracted
        catalog = Catalog(target.session.client("glue"), target.names.database)
        for each in sorted(set(year or merged_years(extracted))):
            _refuse_merge(target, each)
            try:
                found = republish_year(extracted, catalog, each, _now())
            except TerminalError as error:
                failed[each] = error.message
                said.print(f"{each}: {error.message}")
                continue
            if found is None:
                failed[each] = "it was never published"
                said.print(f"{each}: {failed[each]}; bring it in with: ted run {each}")
                continue
            done.append(found)
            if not as_json:
                _say(found)
    if as_json:
        typer.echo(
            json.dumps({"instance": target.names.instance, "years": [_plain(r) for r in done], "failed": failed})
        )
    elif not done and not failed:
        said.print(f"{target.title}: nothing was ever published; bring packages in with: ted run --due")
    raise typer.Exit(FOUND_WANTING if failed else 0)


def _refuse_merge(target: Target, year: int) -> None:
    claim_year(target.session.client("glue"), target.names.merge_job, "", year)


def _say(found: Republished) -> None:
    record, mended = found.record, found.mended
    what = f"{len(mended)} of {len(TABLES)} tables mended" if mended else "all tables were as they should be"
    notices = f"{record.tables['notices']:,} notices"
    Console(highlight=False, soft_wrap=True).print(f"{record.year}: run {record.run_id}, {notices}; {what}")


def _plain(found: Republished) -> dict[str, object]:
    record = found.record
    return {"year": record.year, "run": record.run_id, "tables": record.tables, "mended": list(found.mended)}


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
