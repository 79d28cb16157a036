"""`ted report`: write the page, and open it."""

import datetime as dt
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from botocore.config import Config
from rich.console import Console

from console.athena import Answer, ask
from console.buckets import find_buckets
from console.phrases import as_typed, counted, size
from console.report.mirror import MirrorYear, kept_releases, mirror_year
from console.report.page import page
from console.status import read_status
from console.target import Initials, Local, Real, Stage, Target, asking
from runtime.errors import ConfigError, TerminalError
from runtime.job_input import FIRST_YEAR
from runtime.ledger import held_packages
from runtime.merge.catalog import Catalog
from runtime.schema.charts import CHARTS

MOST_YEARS = 3  # beside each other on a page, and below 500 kB
_THREADS = 8


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the years, newest first, and what its queries cost."""

    path: Path
    years: Sequence[int]
    size_bytes: int
    scanned_bytes: int


def write_report(target: Target, path: Path, years: Sequence[int] = (), now: dt.datetime | None = None) -> Written:
    """Ask the ledger and Athena, and write the page.

    Parameters
    ----------
    years : to report on; none takes the newest that are published

    Raises
    ------
    ConfigError
        More years than a page holds, or a file that no browser takes for a page.
    TerminalError
        Nothing is kept of them.
    """
    if len(set(years)) > MOST_YEARS:
        raise ConfigError(
            f"expected {MOST_YEARS} years at most, got {len(set(years))}: write a report for some, then for the others"
        )
    if path.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"expected a file whose name ends with .html, got {path}")
    now = now or dt.datetime.now(dt.UTC)
    mirrors = _mirrors(target, years, now)
    chosen = [each.year for each in mirrors]
    answers: dict[str, Answer] = {chart.name: ask(target.session, target.names, chart.of(chosen)) for chart in CHARTS}
    html = page(target.title, mirrors, answers, now).encode()
    path.write_bytes(html)
    return Written(path, chosen, len(html), sum(each.scanned_bytes for each in answers.values()))


def _mirrors(target: Target, years: Sequence[int], now: dt.datetime) -> list[MirrorYear]:
    """The ledger of the years, newest first."""
    buckets = find_buckets(target.session, target.names, Config(max_pool_connections=_THREADS))
    catalog = Catalog(target.session.client("glue"), target.names.database)
    found = read_status(buckets.raw, buckets.extracted, years, now, catalog)
    if not years:
        found = [each for each in found if each.published][-MOST_YEARS:]
    if not found:
        raise TerminalError(f"{target.title} has published no year yet; bring packages in with: ted run --due")
    return [
        mirror_year(each, kept_releases(buckets.raw, year), held_packages(buckets.raw, [year]))
        for each in reversed(found)
        for year in [each.completeness.year]
    ]


def report(
    year: Annotated[
        list[int] | None,
        typer.Option(
            min=FIRST_YEAR,
            help=f"Year to show, repeatable; none is the newest {MOST_YEARS} published.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("report.html"),
    is_opened: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, open nothing.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Write a page of pictures: is the mirror whole, who buys what from whom, and how much is known.

    \b
    Examples:
      ted report --open
      ted report --year 2019 --year 2024 --out both.html
      AWS_PROFILE=mine ted report --aws --initials nfr --year 2024

    The page is one file that needs no network and no script, on paper and on a telephone, too; docs/report.md tells
    what it shows. Each picture's question is asked through Athena; what all of them read is told at the end.
    """
    started = time.monotonic()
    with asking(local, initials, stage, real) as target, Console(stderr=True).status(f"asking {target.title}"):
        written = write_report(target, out, year or ())
    seconds = time.monotonic() - started
    if as_json:
        counts = {"size_bytes": written.size_bytes, "scanned_bytes": written.scanned_bytes}
        typer.echo(json.dumps({"file": str(out.absolute()), "years": sorted(written.years), **counts}, indent=1))
        return
    typer.echo(out)
    Console(stderr=True).print(
        f"{', '.join(map(str, sorted(written.years)))}; {size(written.size_bytes)}, of {size(written.scanned_bytes)} "
        f"read by {counted(len(CHARTS), 'query', 'queries')}, {seconds:.1f} s",
        style="dim",
        markup=False,
        highlight=False,
    )
    if is_opened and typer.launch(out.absolute().as_uri()) != 0:
        Console(stderr=True).print(
            as_typed("no browser was found on this machine; open the file elsewhere"), style="dim"
        )
