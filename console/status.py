"""`ted status`: is anything missing? A year at a time, from what the instance keeps."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

import typer
from botocore.config import Config
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.athena import ask
from console.buckets import find_buckets
from console.phrases import as_typed, counted
from console.target import FOUND_WANTING, Initials, Local, Real, Stage, Target, asking
from runtime.buckets import Bucket
from runtime.errors import TransientError
from runtime.failures import Failure, read_failures
from runtime.http import NotAtSource
from runtime.job_input import FIRST_YEAR
from runtime.keys import CALENDAR_PREFIX, PackageId
from runtime.ledger import Ledger, read_ledger
from runtime.merge.catalog import Catalog
from runtime.merge.publish import run_of
from runtime.merge.published import Published, read_published
from runtime.pipeline.completeness import NAMED, YearCompleteness, check_completeness
from runtime.schema import TABLES
from runtime.schema.tables import REJECTS
from runtime.schema.views import saved_queries

_THREADS = 8  # years looked at at once


@dataclass(frozen=True, slots=True)
class YearStatus:
    """A year's completeness, what is published of it, if anything, and why packages are missing.

    `unpublished` are extracted packages that no merge has published as they are now. `failures` has the notes on those
    of the missing and stale packages that were given up; the others have none. `lost` are tables whose year the catalog
    does not point at what was published.
    """

    completeness: YearCompleteness
    published: Published | None
    unpublished: Sequence[PackageId]
    failures: Mapping[PackageId, Failure]
    lost: Sequence[str] = ()

    @property
    def quarantined(self) -> int:
        """Members set aside in what is published; those of `unpublished` count once they are."""
        return self.published.tables.get(REJECTS.name, 0) if self.published else 0

    @property
    def is_empty(self) -> bool:
        """It is known that nothing is due, and nothing is there."""
        year = self.completeness
        return year.has_calendar and not (year.due or year.transferred or year.extracted or self.published)

    @property
    def is_known_complete(self) -> bool:
        """It is known what is due, and a reader finds all of it."""
        year = self.completeness
        return year.has_calendar and not (year.missing or self.unpublished or self.lost)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            **self.completeness.as_dict(),
            "missing": len(self.completeness.missing),
            "unpublished": [str(package) for package in self.unpublished],
            "quarantined": self.quarantined,
            "published_run": self.published.run_id if self.published else None,
            "published_at": self.published.published_at if self.published else None,
            "notices_published": self.published.tables["notices"] if self.published else 0,
            "lost": list(self.lost),
            "failures": [asdict(failure) for _, failure in sorted(self.failures.items())],
        }


@dataclass(frozen=True, slots=True)
class InEuro:
    """How many of a year's values are in euro. `tokens` are no part of the share; `left_out` counts by currency."""

    year: int
    values: int
    tokens: int
    in_euro: int
    left_out: Mapping[str, int]

    def in_words(self) -> str:
        """The share, and which currencies have none."""
        counted_ones = self.values - self.tokens
        share = f"{100 * self.in_euro / counted_ones:.1f} %" if counted_ones else "none"
        rest = ", ".join(f"{currency} {count:,}" for currency, count in self.left_out.items())
        return f"{self.year}: {share} of {counted_ones:,} values are in euro" + (f"; not: {rest}" if rest else "")


def read_values(target: Target, years: Sequence[int]) -> list[InEuro]:
    """Ask Athena how many values of some years are in euro; it reads the money of those years.

    Raises
    ------
    QueryFailed
        Athena did not answer.
    """
    if not years:
        return []
    (query,) = (query for query in saved_queries() if query.name == "values_in_euro")
    wanted = ", ".join(map(str, sorted(years)))
    sql = f"SELECT * FROM (\n{query.sql}\n) WHERE year IN ({wanted})"  # noqa: S608 our own text and numbers
    answer = ask(target.session, target.names, sql)
    by_year: dict[int, list[dict[str, str | None]]] = {year: [] for year in sorted(years)}
    for row in answer.rows:
        named = dict(zip(answer.columns, row, strict=True))
        by_year[int(named["year"] or 0)].append(named)
    return [_in_euro(year, rows) for year, rows in by_year.items()]


def _in_euro(year: int, rows: Sequence[Mapping[str, str | None]]) -> InEuro:
    def total(*names: str, of: Sequence[Mapping[str, str | None]] = rows) -> int:
        return sum(int(row[name] or 0) for row in of for name in names)

    missing = ("no_rate_count", "unknown_currency_count")
    left_out = {row["currency"] or "no currency": count for row in rows if (count := total(*missing, of=[row]))}
    return InEuro(year, total("value_count"), total("token_count"), total("euro_count"), left_out)


def read_status(
    raw: Bucket, extracted: Bucket, years: Iterable[int], now: dt.datetime, catalog: Catalog | None = None
) -> list[YearStatus]:
    """Look at what is kept of some years, or of all that anything is kept of.

    No manifest is read: a year costs three listings, its calendar and the records of its merges, whatever it holds, and
    a call for each package that was given up. Where the published years lie costs a call a table.

    Parameters
    ----------
    catalog : asked where the published years lie; without it that is not looked at

    Returns
    -------
    one value per year, ascending
    """
    chosen = sorted(set(years) or _kept_years(raw))
    tables = [table.name for table in TABLES] if catalog else []
    with ThreadPoolExecutor(_THREADS) as pool:
        located = list(pool.map(catalog.locations, tables)) if catalog else []
        found = list(pool.map(lambda year: _read_year(raw, extracted, year, now), chosen))
    return [replace(each, lost=_lost(each, dict(zip(tables, located, strict=True)))) for each in found]


def _lost(status: YearStatus, located: Mapping[str, Mapping[int, str]]) -> list[str]:
    """Tables whose year the catalog points at another run than the published one, or at none; younger ones are not."""
    year, published = status.completeness.year, status.published
    return [
        table
        for table, where in located.items()
        if published and table in published.tables and run_of(where.get(year, "")) != published.run_id
    ]


def _read_year(raw: Bucket, extracted: Bucket, year: int, now: dt.datetime) -> YearStatus:
    ledger, published = read_ledger(raw, extracted, [year]), read_published(extracted, year)
    (completeness,) = check_completeness(raw, ledger, [year], now)
    failures = _failures(raw, extracted, completeness)
    return YearStatus(completeness, published, _unpublished(ledger, published), failures)


def _unpublished(ledger: Ledger, published: Published | None) -> list[PackageId]:
    """Extracted packages that the published merge did not read, or that were extracted again since it began."""
    if published is None:
        return sorted(ledger.extracted)
    began = dt.datetime.fromisoformat(published.started_at)
    return sorted(
        package
        for package, manifest in ledger.extracted.items()
        if str(package) not in published.packages or manifest.last_modified > began
    )


def _failures(raw: Bucket, extracted: Bucket, year: YearCompleteness) -> dict[PackageId, Failure]:
    wanted = {*year.missing, *year.stale}
    notes = {**read_failures(raw, [year.year]), **read_failures(extracted, [year.year])} if wanted else {}
    return {package: failure for package, failure in notes.items() if package in wanted}


def _kept_years(raw: Bucket) -> set[int]:
    names = [name.rstrip("/") for name in raw.folders()]
    calendars = [listed.key.removeprefix(CALENDAR_PREFIX).removesuffix(".csv") for listed in raw.keys(CALENDAR_PREFIX)]
    return {int(name) for name in (*names, *calendars) if name.isascii() and name.isdigit()}


def status(
    years: Annotated[
        list[int] | None,
        typer.Argument(min=FIRST_YEAR, help="Years to look at; none is all that is kept.", show_default=False),
    ] = None,
    year: Annotated[
        list[int] | None, typer.Option(min=FIRST_YEAR, help="The same, repeatable.", show_default=False)
    ] = None,
    values: Annotated[
        bool,
        typer.Option("--values", help="Ask Athena, too, how many of the values are in euro; that reads the years."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, every package named.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Compare the release calendar with what is held, extracted and published. TED is not asked.

    \b
    Examples:
      ted status
      ted status 2019 2020
      ted status 2019 --values
      AWS_PROFILE=mine ted status --aws --initials nfr --json

    Of what is missing it says why, where that is known, and what helps. Ends with 1 when something due is missing or
    not published, when the catalog lost a published year, or when it is not known what is due. Quarantined are members
    of what is published. Years of which nothing is due are shown where they are named.
    """
    with asking(local, initials, stage, real) as target, Console(stderr=True).status(f"looking at {target.title}"):
        buckets = find_buckets(target.session, target.names, Config(max_pool_connections=_THREADS))
        catalog = Catalog(target.session.client("glue"), target.names.database)
        wanted = [*(years or ()), *(year or ())]
        found = read_status(buckets.raw, buckets.extracted, wanted, dt.datetime.now(dt.UTC), catalog)
        euro = read_values(target, [each.completeness.year for each in found if each.published]) if values else []
    is_complete = bool(found) and all(each.is_known_complete for each in found)
    if as_json:
        kept = [each.as_dict() for each in found]
        told = {"instance": target.names.instance, "is_complete": is_complete, "years": kept}
        typer.echo(json.dumps(told | ({"values": [asdict(each) for each in euro]} if values else {}), indent=1))
    else:
        _show(found if wanted else [each for each in found if not each.is_empty], Console(), target.title)
        for each in euro:
            Console().print(each.in_words(), markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(0 if is_complete else FOUND_WANTING)


def _show(found: Sequence[YearStatus], console: Console, title: str) -> None:
    if not found:
        advice = as_typed("bring packages in with: ted run --due")
        console.print(f"{escape(title)}: nothing is kept yet; {advice}", highlight=False, soft_wrap=True)
        return
    table = Table(title=escape(title), title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("year", "due", "held", "extracted", "stale", "missing", "published", "quarantined"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("last run", no_wrap=True)
    for each in found:
        year, published = each.completeness, each.published
        missing = f"[red]{len(year.missing):,}[/]" if year.missing else "[green]0[/]"
        table.add_row(
            str(year.year),
            f"{year.due:,}" if year.has_calendar else "?",
            f"{year.transferred:,}",
            f"{year.extracted:,}",
            _warned(len(year.stale)),
            missing if year.has_calendar or year.missing else "?",
            f"{published.tables['notices']:,}" if published else "0",
            _warned(each.quarantined),
            _day_and_time(published.published_at) if published else "[dim]never[/]",
        )
    console.print(table, highlight=False)
    for each in found:
        for note in _notes(each):
            console.print(as_typed(f"{each.completeness.year}: {note}"), markup=False, highlight=False, soft_wrap=True)


def _notes(status: YearStatus) -> list[str]:
    """What does not fit into a row."""
    year = status.completeness
    named = {
        "not transferred": year.not_transferred,
        "not extracted": year.not_extracted,
        "stale": year.stale,
        "held, but not in the release calendar": year.not_in_calendar,
        "extracted, but not published, nor counted in quarantined": status.unpublished,
    }
    notes = [year.calendar_fault] if year.calendar_fault else []
    notes += [f"{len(packages):,} {kind}: {_named(packages)}" for kind, packages in named.items() if packages]
    notes += [_why(package, failure) for package, failure in sorted(status.failures.items())[:NAMED]]
    more = len(status.failures) - NAMED
    notes += (
        [f"and {counted(more, 'package')} more failed; all of them: ted status {year.year} --json"] if more > 0 else []
    )
    if status.lost:
        notes.append(
            f"the catalog does not point at what was published for {', '.join(status.lost)}; "
            f"mend it with: ted republish --year {year.year}"
        )
    notes += _advice(status)
    if status.published:
        notes.append(f"published by run {status.published.run_id}")
    return notes


def _why(package: PackageId, failure: Failure) -> str:
    attempts = counted(failure.attempts, "attempt")
    since = dt.datetime.fromisoformat(failure.failed_at).astimezone(dt.UTC)
    doing = {"transfer": "not transferred", "extract": "not extracted"}.get(failure.stage, failure.stage)
    return f"{package} {doing} after {attempts}, {since:%Y-%m-%d %H:%M} UTC: {failure.error}: {failure.message}"


def _advice(status: YearStatus) -> list[str]:
    """What helps: a run for what was never given up or may pass, a merge where all is extracted, more for the rest."""
    year = status.completeness
    stuck = sorted(package for package, failure in status.failures.items() if failure.error not in may_pass())
    advice = []
    if {*year.missing, *year.stale} - set(stuck):
        advice.append(f"mend it with: ted run {year.year}")
    elif status.unpublished:
        advice.append(f"publish it with: ted merge {year.year}")
    if stuck:
        named = " ".join(map(str, stuck)) if len(stuck) <= NAMED else year.year
        advice.append(
            f"another run fails the same way over {', '.join(map(str, stuck[:NAMED]))}{', …' * (len(stuck) > NAMED)}. "
            f"Should TED have replaced what it fails over: ted run {named} --refresh"
        )
    return advice


def may_pass() -> set[str]:
    """Names of the errors that another run may not meet: those worth another try, and a file that is not there yet."""

    def below(kind: type[Exception]) -> Iterator[type[Exception]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    from runtime.transfer import spool  # noqa: F401  its errors are known once it is loaded

    return {kind.__name__ for kind in (*below(TransientError), NotAtSource)}


def _day_and_time(moment: str) -> str:
    """An ISO time in UTC as two short lines."""
    return dt.datetime.fromisoformat(moment).astimezone(dt.UTC).strftime("%Y-%m-%d\n%H:%M UTC")


def _named(packages: Sequence[Any]) -> str:
    return ", ".join(map(str, packages[:NAMED])) + (", …" if len(packages) > NAMED else "")


def _warned(count: int) -> str:
    return f"[yellow]{count:,}[/]" if count else "0"
