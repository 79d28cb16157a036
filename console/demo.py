"""`ted demo`: the whole system on this machine, from a publisher to answers in SQL, checked on the way."""

import json
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import boto3
import typer
from rich.console import Console
from rich.table import Table

from console import pipeline
from console.answers import show
from console.athena import Answer, ask
from console.aws.launcher import Sql, SqlOption, embedded_aws, engine
from console.buckets import find_buckets
from console.cdk import LocalCdk
from console.local import local_context
from console.paths import cache_folder
from console.phrases import as_typed
from console.report.command import write_report
from console.run import watch
from console.sample.packages import SampleArchive, make_archive
from console.sample.server import Publisher, Shelf
from console.target import FOUND_WANTING, embedded, told
from runtime.manifest import Manifest, read_manifests, rows_of
from runtime.merge.published import read_published
from runtime.schema import NOTICE_TABLES
from stacks.names import Names

QUESTIONS = {
    "Which notices are there?": """
        SELECT year, form_type, count(*) AS notices, count(DISTINCT buyer_country) AS countries
        FROM notices GROUP BY year, form_type ORDER BY year, notices DESC LIMIT 12""",
    "Where did contracts in euro go, and how many had a single tender?": """
        SELECT n.buyer_country, count(*) AS contracts, sum(c.value) AS euro,
               round(100.0 * count_if(r.tenders_received = 1) / nullif(count(r.tenders_received), 0), 1)
                 AS single_bid_percent
        FROM contracts c
        JOIN notices n ON n.year = c.year AND n.notice_id = c.notice_id
        JOIN lot_results r ON r.year = c.year AND r.notice_id = c.notice_id AND r.result_ordinal = c.result_ordinal
        WHERE c.value_currency = 'EUR'
        GROUP BY n.buyer_country ORDER BY euro DESC NULLS LAST LIMIT 5""",
    "Who won most often?": """
        SELECT p.name, p.country, count(*) AS wins
        FROM parties p WHERE p.role = 'winner' GROUP BY p.name, p.country ORDER BY wins DESC, p.name LIMIT 5""",
}


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came in against what can be queried.

    `tables` has rows by table: sum over the manifests, duplicates left out by the merge, rows that Athena counts.
    """

    totals: dict[str, int]
    tables: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    rejects: int = 0
    faults: list[str] = field(default_factory=list)


def demo(
    packages: Annotated[
        Path | None,
        typer.Option(help="Folder of real packages: packages/daily/201900043.tar.gz and release-calendar/2019.csv."),
    ] = None,
    sql: SqlOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Run the whole system on this machine: deploy, bring in packages, merge, ask.

    \b
    Examples:
      ted demo
      ted demo --packages ../packages
      ted demo --sql trino

    Starts an embedded AWS and a publisher on free ports of this machine, and stops both at the end. Ends with 1 when
    anything is not as it should be.
    """
    console = Console(stderr=as_json)
    started = time.monotonic()
    signal.signal(signal.SIGTERM, _interrupted)
    with told(stopped="stopped; nothing is left running"), ExitStack() as stack:
        outcome = _run(stack, console, packages, sql)
    outcome["seconds"] = round(time.monotonic() - started, 1)
    if as_json:
        typer.echo(json.dumps(outcome, indent=1, default=str))
    if outcome["faults"]:
        for fault in outcome["faults"]:
            console.print(f"Not as it should be: {fault}", style="red", markup=False)
        raise typer.Exit(FOUND_WANTING)
    _say_what_next(console, packages, outcome["seconds"], outcome["report"])


def _interrupted(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _run(stack: ExitStack, console: Console, packages: Path | None, sql: Sql | None) -> dict[str, Any]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cca-ted-demo-", ignore_cleanup_errors=True)))
    made: SampleArchive | None = None
    source = packages
    if source is None:
        with _step(console, "making up about 2,000 notices of two years"):
            source = folder / "published"
            made = make_archive(source, bad=True)
    shelf = Shelf.of_folder(source)
    with_trino = ", Trino for its SQL" if engine(sql) == "trino" else ""
    with _step(console, f"starting the embedded AWS{with_trino} and the publisher"):
        publisher = stack.enter_context(Publisher(shelf))
        aws = stack.enter_context(embedded_aws(folder / "aws", sql=sql))
    names = Names("demo", "dev")
    start_year = min(year for year, _ in shelf.packages)
    context = local_context(names.initials, publisher.url, {"ted:start_year": str(start_year)})
    cdk = LocalCdk(aws, context)
    with _step(console, "cdk bootstrap"):
        cdk.bootstrap()
    with _step(console, "cdk deploy: all stacks"):
        cdk.deploy()
    target = embedded(aws, names, "on this machine")
    session = target.session
    client = session.client("stepfunctions")
    execution = pipeline.start(client, names, {})
    looks = pipeline.follow(client, session.client("glue"), names, execution, seconds=pipeline.LOCAL_SECONDS)
    watch(console, looks)
    report = pipeline.result(client, execution)["report"]
    with _step(console, "counting what Athena sees"):
        reconciled = reconcile(session, names, sorted({year for year, _ in shelf.packages}), made, len(shelf.packages))
    _show(console, reconciled)
    answers = {}
    for question, text in QUESTIONS.items():
        answers[question] = ask(session, names, text)
        _show_answer(console, question, text, answers[question])
    with _step(console, "writing the report"):
        cache_folder().mkdir(parents=True, exist_ok=True)
        written = write_report(target, cache_folder() / "demo-report.html")
    return {
        "totals": reconciled.totals,
        "tables": {name: count for name, (_, _, count) in reconciled.tables.items()},
        "answers": {
            question: [dict(zip(a.columns, row, strict=True)) for row in a.rows] for question, a in answers.items()
        },
        "report": str(written.path),
        "faults": [*report["problems"], *reconciled.faults],
    }


@contextmanager
def _step(console: Console, text: str) -> Iterator[None]:
    started = time.monotonic()
    with console.status(f"{text} …"):
        yield
    console.print(f"[green]✓[/] {text} [dim]{time.monotonic() - started:.1f} s[/]")


def reconcile(
    session: boto3.Session, names: Names, years: list[int], made: SampleArchive | None, packages: int
) -> Reconciled:
    """Compare the manifests with what Athena counts in each year, and both with what was published.

    Parameters
    ----------
    made : what the made-up archive holds, where the demo made it
    packages : number of packages at the publisher
    """
    extracted = find_buckets(session, names).extracted
    by_year = {year: read_manifests(extracted, year) for year in years}
    manifests = [manifest for each in by_year.values() for manifest in each]
    totals = {
        name: sum(getattr(manifest, name) for manifest in manifests)
        for name in ("members", "notices", "quarantined", "skipped")
    }
    counts = _counts(session, names)
    left_out: Counter[str] = Counter()
    faults = []
    if totals["members"] != totals["notices"] + totals["quarantined"] + totals["skipped"]:
        faults.append(f"members are not notices + quarantined + skipped: {totals}")
    if len(manifests) != packages:
        faults.append(f"{packages} packages were published, {len(manifests)} are extracted")
    for year in years:
        published = read_published(extracted, year)
        duplicates = published.duplicates if published else {}
        left_out.update(duplicates)
        faults += year_faults(year, by_year[year], duplicates, counts)
    faults += _differences(manifests, made) if made else []
    tables = {
        table.name: (rows_of(manifests, table.name), left_out[table.name], _sum(counts, table.name))
        for table in NOTICE_TABLES
    }
    return Reconciled({"packages": len(manifests), **totals}, tables, _sum(counts, "rejects"), faults)


def _counts(session: boto3.Session, names: Names) -> dict[tuple[str, int], int]:
    """Rows that Athena counts, by table and year; `duplicates` are those of the ledger."""
    counted = [table.name for table in NOTICE_TABLES] + ["rejects"]
    parts = [f"SELECT '{name}' AS name, year, count(*) AS n FROM {name} GROUP BY year" for name in counted]  # noqa: S608
    parts.append("SELECT 'duplicates', year, sum(duplicate_count) FROM packages GROUP BY year")
    answer = ask(session, names, " UNION ALL ".join(parts))
    return {(str(name), int(year or 0)): int(count or 0) for name, year, count in answer.rows}


def _sum(counts: Mapping[tuple[str, int], int], table: str) -> int:
    return sum(count for (name, _), count in counts.items() if name == table)


def year_faults(
    year: int, manifests: list[Manifest], left_out: Mapping[str, int], counts: Mapping[tuple[str, int], int]
) -> list[str]:
    """Compare a year's manifests with what Athena counts.

    Parameters
    ----------
    left_out : rows by table of notices that a newer package's replace
    counts : rows by table and year; `rejects`, and `duplicates` of the ledger, too
    """
    expected = {
        **{table.name: rows_of(manifests, table.name) - left_out.get(table.name, 0) for table in NOTICE_TABLES},
        "rejects": sum(manifest.quarantined for manifest in manifests),
        "duplicates": left_out.get("notices", 0),
    }
    found = {name: counts.get((name, year), 0) for name in expected}
    return [
        f"{year} {name}: expected {want} from the manifests less what was replaced, Athena has {found[name]}"
        for name, want in expected.items()
        if found[name] != want
    ]


def _differences(manifests: list[Manifest], made: SampleArchive) -> list[str]:
    found = {manifest.package_id: (manifest.notices, manifest.quarantined) for manifest in manifests}
    return [
        f"{package}: expected {want[0]} notices and {want[1]} quarantined, got {found.get(package)}"
        for package, want in ((package, (made.notices[package], made.rejects[package])) for package in made.notices)
        if found.get(package) != want
    ]


def _show(console: Console, reconciled: Reconciled) -> None:
    t = reconciled.totals
    console.print(
        f"\n[bold]Reconciliation[/] over {t['packages']:,} packages: {t['members']:,} members = "
        f"{t['notices']:,} notices + {t['quarantined']:,} quarantined + {t['skipped']:,} skipped"
    )
    table = Table(box=None, header_style="dim")
    table.add_column("table")
    for heading in ("rows extracted", "duplicates", "rows in Athena"):
        table.add_column(heading, justify="right")
    for name, (expected, left_out, count) in reconciled.tables.items():
        table.add_row(name, f"{expected:,}", f"{left_out:,}", f"{count:,}")
    table.add_row("rejects", f"{t['quarantined']:,}", "", f"{reconciled.rejects:,}")
    console.print(table)


def _show_answer(console: Console, question: str, sql: str, answer: Answer) -> None:
    console.print(f"\n[bold]{question}[/]")
    lines = [line.strip() for line in sql.strip().splitlines()]
    console.print("\n".join(lines), style="dim", markup=False, highlight=False)
    show(answer, console)


def _say_what_next(console: Console, packages: Path | None, seconds: float, report: str) -> None:
    with_packages = f" --packages {packages}" if packages else ""
    console.print(
        f"\n[green]Everything adds up[/], in {seconds:.0f} s. The embedded AWS and the publisher are stopped."
    )
    console.print(f"Pictures of it, to open in a browser: {report}", markup=False, highlight=False, soft_wrap=True)
    console.print("\n[bold]Next[/]")
    for command, why in (
        (f"ted local up{with_packages}", "an instance that stays"),
        ("ted run --due", "bring in all that is published"),
        ('ted query "SELECT * FROM contract_awards LIMIT 5"', "one row per contract and winner"),
        ("ted report --open", "the same in pictures"),
        ("ted local down", "stops it"),
        ("npx cdk deploy --all -c initials=nfr", "the same in your AWS account (README: Deploy it to AWS)"),
    ):
        console.print(f"  {as_typed(command):<54} [dim]{why}[/]", highlight=False, soft_wrap=True)
