"""`ted transfer`, `extract-again`, `merge`, `rates`: the pipeline's jobs one by one, for whoever mends something."""

import datetime as dt
import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from botocore.config import Config
from rich.console import Console

from console.buckets import find_buckets
from console.phrases import as_typed, counted
from console.pipeline import UNDER_WAY
from console.run import selection_of
from console.target import FOUND_WANTING, Initials, Local, Real, Stage, Target, asking
from runtime.buckets import Bucket, MissingObject, aws_errors
from runtime.errors import TerminalError
from runtime.extract.jobs import packages_to_extract
from runtime.job_input import FIRST_YEAR, JobInput
from runtime.keys import PackageId, calendar_key
from runtime.ledger import held_packages
from runtime.merge.catalog import claim_year
from runtime.merge.plan import read_plan
from runtime.merge.published import read_published
from runtime.transfer.calendar import UnreadableCalendar, due, read_releases

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

_JOB_SECONDS = 930  # a job ends after 900
_LOOK_SECONDS = {True: 1.0, False: 10.0}  # between two looks at a merge: here, in AWS
_SHOWN = 20  # packages that are named on a terminal

_What = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[WHAT]...",
        show_default=False,
        help="A year (2019), a month (2019-03), or package ids (20190301_2019043).",
    ),
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; start and write nothing.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON, every package named.")]


def transfer(
    what: _What = None,
    is_due: Annotated[bool, typer.Option("--due", help="All that is due since the instance's start year.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Fetch held packages again, too.")] = False,
    dry_run: _DryRun = False,
    as_json: _Json = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Start the transfer job: queue the due packages that the raw bucket lacks.

    \b
    Examples:
      ted transfer 2019-03 --dry-run
      ted transfer 20190301_2019043 --refresh
      AWS_PROFILE=mine ted transfer --aws --initials nfr 2019

    What arrives is extracted, but not merged: that takes `ted merge 2019`, or `ted run 2019`, which does all three.
    A dry run goes by the release calendar as it was kept; the job asks TED, too, and may find more. It ends with 1
    where no calendar is kept.
    """
    with asking(local, initials, stage, real) as target:
        selection = selection_of(what or (), {"refresh": True} if refresh else {}, is_due=is_due, command="transfer")
        if not dry_run:
            _say_answer(_invoke(target, "start-transfer-job", selection), "transfer", as_json=as_json)
            return
        asked = JobInput.parse(selection, _now())
        packages, unknown = _to_transfer(find_buckets(target.session, target.names).raw, asked)
    _say_plan("fetch", packages, [f"{year}: {why}" for year, why in unknown.items()], as_json=as_json)
    raise typer.Exit(FOUND_WANTING if unknown else 0)


def extract_again(
    what: _What = None,
    is_due: Annotated[
        bool,
        typer.Option(
            "--due", help="Only what is not current: never extracted, by an older extractor, or of other bytes."
        ),
    ] = False,
    dry_run: _DryRun = False,
    as_json: _Json = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Start the extract job: queue held packages to be read again, and their files and manifests replaced.

    \b
    Examples:
      ted extract-again 20190301_2019043
      ted extract-again 2019 --due --dry-run
      AWS_PROFILE=mine ted extract-again --aws --initials nfr 2019-03

    TED is not asked. Merge the year once the queue is empty: ted merge 2019. `--due` alone is of every year. Ends with
    1 where a package is named that is not held.
    """
    with asking(local, initials, stage, real) as target:
        is_everything = is_due and not what
        selection = selection_of(what or (), {}, is_due=is_everything, command="extract-again")
        selection |= {} if is_due else {"refresh": True}
        if not dry_run:
            answer = _invoke(target, "start-extract-job", selection)
            _say_answer(answer, "extract", as_json=as_json)
            raise typer.Exit(FOUND_WANTING if answer["not_held"] else 0)
        buckets = find_buckets(target.session, target.names)
        packages, absent = packages_to_extract(buckets.raw, buckets.extracted, JobInput.parse(selection, _now()))
    _say_plan("extract", packages, [_not_held(each) for each in absent], as_json=as_json)
    raise typer.Exit(FOUND_WANTING if absent else 0)


def merge(
    year: Annotated[int, typer.Argument(min=FIRST_YEAR, help="Year to merge; a merge takes a whole one.")],
    detach: Annotated[bool, typer.Option("--detach", help="Start only; print the id of the job's run.")] = False,
    dry_run: _DryRun = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Start the merge job for a year, and wait until it is published.

    \b
    Examples:
      ted merge 2019
      ted merge 2019 --dry-run
      AWS_PROFILE=mine ted merge --aws --initials nfr 2019 --detach

    Ends with 1 when the merge failed, or when, by a dry run, it would; what is published then stays as it is.
    """
    said = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    with asking(local, initials, stage, real, "no longer watched; the merge goes on: ted logs glue") as target:
        extracted = find_buckets(target.session, target.names).extracted
        if dry_run:
            raise typer.Exit(_say_merge(extracted, year, as_json=as_json))
        glue = target.session.client("glue")
        claim_year(glue, target.names.merge_job, "", year)
        with aws_errors(f"start {target.names.merge_job}"):
            run = glue.start_job_run(JobName=target.names.merge_job, Arguments={"--YEAR": str(year)})["JobRunId"]
        if detach:
            typer.echo(json.dumps({"year": year, "job_run": run}) if as_json else run)
            return
        said.print(f"{target.names.merge_job}, run {run} ({target.where})")
        state, error = _follow_merge(glue, target.names.merge_job, run, _LOOK_SECONDS[target.aws is not None])
        published = read_published(extracted, year)
    if as_json:
        rows = published.tables if published else {}
        typer.echo(json.dumps({"year": year, "job_run": run, "state": state, "error": error, "published": rows}))
    if state != "SUCCEEDED":
        said.print(as_typed(f"the merge of {year} {state.lower()}: {error}\nIts log: ted logs glue"))
        raise typer.Exit(FOUND_WANTING)
    if published and not as_json:
        typer.echo(f"{year}: {counted(published.tables['notices'], 'notice')} published by run {published.run_id}")


def rates(
    accept_moves: Annotated[
        bool, typer.Option("--accept-moves", help="Take them though a rate moved further than is plausible.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Bring the newest exchange rates of the ECB, and make their table.

    \b
    Examples:
      ted rates
      AWS_PROFILE=mine ted rates --aws --initials nfr --json

    Every run of the pipeline does the same, at most once a day; the ECB publishes at about 16:00 on working days. Ends
    with 1 when the ECB was not reached, or what came is not to be trusted; what is held then stays.
    """
    with asking(local, initials, stage, real) as target:
        answer = _invoke(target, "mirror-rates", {"again": True, "accepts_moves": accept_moves})
    last = answer["last_rate_date"]
    if as_json:
        typer.echo(json.dumps(answer, indent=1))
    elif answer["status"] == "refused":
        typer.echo(as_typed(answer["reason"]), err=True)
        typer.echo(f"what is held stays, the newest rates of {last}" if last else "no rates are held")
    else:
        news = {"stored": "newer rates came", "unchanged": "the ECB has nothing newer"}[answer["status"]]
        made = "; the table was written anew" if answer["is_published"] else ""
        typer.echo(f"{news}, the newest of {last}{made}")
    raise typer.Exit(FOUND_WANTING if answer["status"] == "refused" else 0)


def _invoke(target: Target, function: str, selection: dict[str, Any]) -> dict[str, Any]:
    """Call a job and wait for its answer.

    Raises
    ------
    TerminalError
        The job refused its input, or broke off; the message is its own.
    """
    # A call that is sent again starts the job again, so it is sent once.
    config = Config(read_timeout=_JOB_SECONDS, retries={"total_max_attempts": 1})
    name = target.names.of(function)
    with aws_errors(f"call {name}"):
        answer = target.session.client("lambda", config=config).invoke(FunctionName=name, Payload=json.dumps(selection))
        found: dict[str, Any] = json.load(answer["Payload"])
    if "errorMessage" in found:
        kind = found.get("errorType", "")
        raise TerminalError(f"{name} failed: {kind}: {found['errorMessage']}. Its log: ted logs {function}")
    return found


def _say_answer(answer: dict[str, Any], job: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(answer, indent=1))
        return
    if job == "transfer":
        typer.echo(
            f"{counted(answer['planned'], 'package')} planned, {answer['held']:,} of them held; "
            f"{answer['sent']:,} queued"
        )
        years = answer["years"]
    else:
        typer.echo(f"{counted(answer['sent'], 'package')} queued to be extracted")
        years = answer["due_for_merge"]
        for package in answer["not_held"]:
            typer.echo(_not_held(package))
    if unchecked := answer.get("unchecked"):
        why = f"{counted(unchecked, 'held package')} could not be compared with TED; why: ted logs start-transfer-job"
        typer.echo(as_typed(why))
    if answer["sent"]:
        merges = ", ".join(f"ted merge {year}" for year in years)
        advice = f"How far it is: ted status. When all is extracted: {merges}"
        Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(as_typed(advice))


def _not_held(package: PackageId | str) -> str:
    return as_typed(f"{package} is not held; bring it in with: ted run {package}")


def _to_transfer(raw: Bucket, asked: JobInput) -> tuple[list[PackageId], dict[int, str]]:
    """What the job would fetch, by the calendars that are kept; and the years of which nothing is known."""
    unknown: dict[int, str] = {}
    packages = list(asked.packages)
    for year in () if packages else asked.years:
        try:
            releases = read_releases(raw.get(calendar_key(year)), year)
        except MissingObject:
            unknown[year] = "no calendar is kept; the job fetches it"
        except UnreadableCalendar as error:
            unknown[year] = error.message
        else:
            packages += [package for package in due(releases, _now()) if asked.holds(package)]
    held = held_packages(raw, {package.year for package in packages}, asked.month)
    return sorted(package for package in packages if asked.refresh or package not in held), unknown


def _say_plan(doing: str, packages: Sequence[PackageId], notes: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        plan = {f"would_{doing}": [str(package) for package in packages], "not_known": list(notes)}
        typer.echo(json.dumps(plan, indent=1))
        return
    typer.echo(f"would {doing} {counted(len(packages), 'package')}")
    for package in packages[:_SHOWN]:
        typer.echo(f"  {package}")
    if len(packages) > _SHOWN:
        typer.echo(f"  and {len(packages) - _SHOWN:,} more; --json names all")
    for note in notes:
        typer.echo(note)


def _say_merge(extracted: Bucket, year: int, *, as_json: bool) -> int:
    """Say what a merge would do; the command's code."""
    plan, published = read_plan(extracted, year), read_published(extracted, year)
    known = {package: entry.extracted_at for package, entry in published.packages.items()} if published else {}
    changed = [m.package_id for m in plan.manifests if known.get(m.package_id) != m.extracted_at]
    faults = [str(fault) for fault in plan.faults]
    if as_json:
        found = {
            "year": year, "packages": len(plan.manifests), "notices": plan.rows("notices"), "changed": changed,
            "faults": faults, "published_run": published.run_id if published else None,
        }  # fmt: skip
        typer.echo(json.dumps(found, indent=1))
    else:
        typer.echo(
            f"would merge {counted(len(plan.manifests), 'package')} of {year} with "
            f"{counted(plan.rows('notices'), 'notice')}; {len(changed):,} of them new or changed since "
            f"{f'run {published.run_id}' if published else 'ever, for the year was never published'}"
        )
        for fault in faults:
            typer.echo(as_typed(f"but {fault}"))
    return FOUND_WANTING if faults else 0


def _follow_merge(client: "GlueClient", job: str, run: str, seconds: float) -> tuple[str, str]:
    """Wait for a run of the merge job; its state, and its error."""
    while True:
        with aws_errors(f"look at run {run} of {job}"):
            found = client.get_job_run(JobName=job, RunId=run)["JobRun"]
        if found["JobRunState"] not in UNDER_WAY:
            return found["JobRunState"], found.get("ErrorMessage", "")
        time.sleep(seconds)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
