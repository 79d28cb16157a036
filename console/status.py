"""`ted status`: is anything missing? A year at a time, from what the instance keeps."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.query import target
from runtime.buckets import Bucket
from runtime.errors import CcaTedError
from runtime.keys import CALENDAR_PREFIX
from runtime.manifest import EXTRACTOR_VERSION, read_manifests
from runtime.merge.published import Published, read_published
from runtime.transfer.completeness import NAMED, YearCompleteness, check_completeness
from runtime.transfer.service import FIRST_YEAR

_THREADS = 16  # that read manifests


@dataclass(frozen=True, slots=True)
class YearStatus:
    """A year's completeness, what was set aside, and what is published of it, if anything."""

    completeness: YearCompleteness
    quarantined: int
    published: Published | None

    @property
    def is_known_complete(self) -> bool:
        """Nothing that is due is missing, and it is known what is due."""
        return self.completeness.has_calendar and not self.completeness.missing

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            **self.completeness.as_dict(),
            "missing": len(self.completeness.missing),
            "quarantined": self.quarantined,
            "published_run": self.published.run_id if self.published else None,
            "published_at": self.published.published_at if self.published else None,
            "notices_published": self.published.tables["notices"] if self.published else 0,
        }


def read_status(raw: Bucket, extracted: Bucket, years: Iterable[int], now: dt.datetime) -> list[YearStatus]:
    """Look at what is kept of some years, or of all that anything is kept of; asks S3 alone.

    Packages that an older extractor read count as stale.

    Returns
    -------
    one value per year, ascending
    """
    found = []
    for year in check_completeness(raw, extracted, set(years) or _kept_years(raw), now):
        manifests = read_manifests(extracted, year.year, _THREADS)
        old = {each.package for each in manifests if each.extractor_version != EXTRACTOR_VERSION}
        completeness = dataclasses.replace(year, stale=sorted(old.union(year.stale)))
        quarantined = sum(each.quarantined for each in manifests)
        found.append(YearStatus(completeness, quarantined, read_published(extracted, year.year)))
    return found


def _kept_years(raw: Bucket) -> set[int]:
    names = [name.rstrip("/") for name in raw.folders()]
    calendars = [listed.key.removeprefix(CALENDAR_PREFIX).removesuffix(".csv") for listed in raw.keys(CALENDAR_PREFIX)]
    return {int(name) for name in (*names, *calendars) if name.isascii() and name.isdigit()}


def status(
    year: Annotated[
        list[int] | None, typer.Option(min=FIRST_YEAR, help="Year to look at, repeatable; none is all that is kept.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, every package named.")] = False,
    initials: Annotated[str | None, typer.Option(help="Initials of the instance.")] = None,
    stage: Annotated[str, typer.Option(help="Stage of the instance in AWS.")] = "dev",
    local: Annotated[str | None, typer.Option(help="Name of an instance on this machine.")] = None,
    real: Annotated[bool, typer.Option("--aws", help="Ask AWS, also when an instance runs on this machine.")] = False,
) -> None:
    """Compare the release calendar with what is held, extracted and published. TED is not asked.

    \b
    Examples:
      ted status
      ted status --year 2019 --year 2020
      AWS_PROFILE=mine ted status --aws --initials nfr --json

    Ends with 1 when something due is missing, or when it is not known what is due.
    """
    said = Console(stderr=True)
    try:
        session, names, where = target(local, initials, stage, real)
        s3 = session.client("s3", config=Config(max_pool_connections=_THREADS))
        with said.status(f"looking at {names.instance} ({where})"):
            found = read_status(
                Bucket(s3, names.raw_bucket), Bucket(s3, names.extracted_bucket), year or (), dt.datetime.now(dt.UTC)
            )
    except (CcaTedError, BotoCoreError, ClientError) as error:
        advice = "\nDeploy the instance first, or name its initials: --initials nfr" * ("NoSuchBucket" in str(error))
        said.print(f"[red]failed[/]: {escape(str(error))}{advice}", soft_wrap=True, highlight=False)
        raise typer.Exit(1) from error
    is_complete = bool(found) and all(each.is_known_complete for each in found)
    if as_json:
        kept = [each.as_dict() for each in found]
        typer.echo(json.dumps({"instance": names.instance, "is_complete": is_complete, "years": kept}, indent=1))
    else:
        _show(found, Console(), f"{names.instance} ({where})")
    raise typer.Exit(0 if is_complete else 1)


def _show(found: Sequence[YearStatus], console: Console, title: str) -> None:
    if not found:
        console.print(f"{escape(title)}: nothing is kept yet; bring packages in with: ted run", highlight=False)
        return
    table = Table(title=escape(title), title_justify="left")
    for name in ("year", "due", "held", "extracted", "stale"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("missing", overflow="fold")
    table.add_column("notices published", justify="right")
    table.add_column("quarantined", justify="right")
    table.add_column("last published run", overflow="fold")
    for each in found:
        year, published = each.completeness, each.published
        table.add_row(
            str(year.year),
            f"{year.due:,}" if year.has_calendar else "?",
            f"{year.transferred:,}",
            f"{year.extracted:,}",
            _warned(len(year.stale)),
            _missing(year),
            f"{published.tables['notices']:,}" if published else "0",
            _warned(each.quarantined),
            f"{published.published_at}\n[dim]{escape(published.run_id)}[/]" if published else "[dim]never[/]",
        )
    console.print(table, highlight=False)
    for year in (each.completeness for each in found):
        notes = [year.calendar_fault] if year.calendar_fault else []
        if year.not_in_calendar:
            notes.append(f"held, but not in the release calendar: {_named(year.not_in_calendar)}")
        if year.missing:
            notes.append(f"bring in what is missing with: ted run --year {year.year}")
        for note in notes:
            console.print(f"{year.year}: {note}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def _missing(year: YearCompleteness) -> str:
    if not year.missing:
        return "[green]0[/]" if year.has_calendar else "?"
    kinds = {"not transferred": year.not_transferred, "not extracted": year.not_extracted}
    lines = [f"{len(packages):,} {kind}: {_named(packages)}" for kind, packages in kinds.items() if packages]
    return f"[red]{escape(chr(10).join(lines))}[/]"


def _named(packages: Sequence[Any]) -> str:
    return ", ".join(map(str, packages[:NAMED])) + (", …" if len(packages) > NAMED else "")


def _warned(count: int) -> str:
    return f"[yellow]{count:,}[/]" if count else "0"
