"""`ted local`: an embedded AWS with the project deployed, which stays until it is taken down."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from console.aws import trino_server
from console.aws.launcher import Sql, SqlOption, engine, save, start, stop, without_aws
from console.cdk import LocalCdk
from console.commands import group
from console.instances import LocalInstance, file_of, home, local_instances, shown_variables
from console.paths import PROJECT
from console.phrases import as_typed
from console.sample.packages import make_archive
from console.sample.server import RATES_PATH
from console.target import embedded, told
from runtime.errors import ConfigError, TransientError
from runtime.merge.catalog import NOT_ENDED, job_runs
from stacks.settings import INITIALS

_PUBLISHER = "console.publisher"
_PUBLISHER_SECONDS = 30
_SAMPLE_YEARS = (2019, 2024)
_SAMPLE_NOTICES = 2000
# Below a year, so that the reader sees a run end soon; in AWS a minute between two looks is enough.
# Two extractions and one merge at a time are what two cores take.
_LOCAL_CONTEXT = {
    "ted:poll_seconds": "2",
    "ted:requests_per_minute": "6000",
    "ted:contact": "local@example.org",
    "ted:extract_concurrency": "2",
    "ted:glue_concurrency": "1",
    "ted:sandbox": "on",
}

_INITIALS = "local"
_ENGINES = {
    "duckdb": "DuckDB, which refuses what it is not known to answer as Athena does",
    "trino": f"Trino {trino_server.ARTIFACT.version}, Athena's own kind",
}

local = group(help="An instance on this machine: up, down, status.")


def local_context(initials: str, publisher_url: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The context of an instance that takes its packages and exchange rates from a publisher on this machine."""
    sources = {"ted:source_url": publisher_url, "ted:rates_url": f"{publisher_url}{RATES_PATH}"}
    return _LOCAL_CONTEXT | {"initials": initials} | sources | dict(more or {})


@local.command()
def up(
    name: Annotated[str, typer.Option(help="Name of the instance on this machine.")] = "local",
    initials: Annotated[
        str | None, typer.Option(help="Initials that the stacks are deployed with, instead of local.")
    ] = None,
    packages: Annotated[
        Path | None, typer.Option(help="Folder of real daily packages and their calendars, instead of made-up ones.")
    ] = None,
    sql: SqlOption = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show all that the cdk tool says.")] = False,
) -> None:
    """Start an embedded AWS and a publisher, deploy all stacks, and leave them running.

    \b
    Examples:
      ted local up
      ted local up --packages ../corpus --name real
      ted local up --sql trino

    One whose processes have ended, as after a restart of the machine, is taken up again with its data.
    """
    console = Console(stderr=True)
    with told(stopped="stopped; nothing is left running"):
        held = LocalInstance.read(name)
        if held is None:
            instance = bring_up(name, initials or _INITIALS, packages, _progress(console, verbose), sql)
        else:
            instance = take_up(held, initials=initials, packages=packages, sql=sql)
            console.print("taken up again, with its data", style="dim")
    variables = " ".join(f"{key}={value}" for key, value in shown_variables(instance.aws).items())
    console.print(f"[green]up[/]: {instance.name} at {instance.endpoint}, database {instance.names.database}")
    console.print(f"  Athena's SQL is answered by {_ENGINES[instance.sql]}")
    console.print(f"  packages of {', '.join(map(str, instance.years))} at {instance.publisher_url}")
    console.print("Next:")
    for command in ("ted run --due", 'ted query "SHOW TABLES"', f"ted local down --name {instance.name}"):
        console.print(f"  {as_typed(command)}", highlight=False)
    console.print("  any tool of AWS, with:", variables, soft_wrap=True, highlight=False)


@local.command()
def down(
    name: Annotated[str, typer.Option(help="Name of the instance.")] = "local",
    keep_logs: Annotated[bool, typer.Option("--keep-logs", help="Keep the folder with logs.")] = False,
) -> None:
    """Stop an instance and all that it started, and delete its folder.

    \b
    Examples:
      ted local down
      ted local down --name real --keep-logs
    """
    console = Console(stderr=True)
    with told(stopped="stopped; nothing is left running"):
        folder = take_down(name, keep_logs=keep_logs)
    console.print(f"[green]down[/]: {name}" + (f", logs in {folder}" if keep_logs else ""))


@local.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the instances on this machine.

    \b
    Examples:
      ted local status
      ted local status --json
    """
    found = [
        {**asdict(each), "running": each.aws.alive(), "trino_bytes": _trino_bytes(each)} for each in local_instances()
    ]
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    console = Console()
    for each in found:
        ended = f"ended; take it up again: ted local up --name {each['name']}"
        state = Text("running", style="green") if each["running"] else Text(as_typed(ended), style="red")
        about = f"{each['name']}  {each['endpoint']}  {each['initials']}  {_engine_state(each)}  "
        console.print(Text(about) + state, soft_wrap=True)
    if not found:
        console.print(as_typed("no instance on this machine; start one with: ted local up"), highlight=False)


def _trino_bytes(instance: LocalInstance) -> int | None:
    """Memory of an instance's Trino server; None where none runs."""
    process = trino_server.process_of(Path(instance.folder))
    return process.memory_info().rss if process else None


def _engine_state(found: dict[str, Any]) -> str:
    if found["sql"] != "trino":
        return "SQL by DuckDB"
    held = found["trino_bytes"]
    return f"SQL by Trino, {held / 1e9:.1f} GB" if held else "SQL by Trino, which has ended"


def bring_up(
    name: str,
    initials: str,
    packages: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
    sql: Sql | None = None,
) -> LocalInstance:
    """Start an embedded AWS and a publisher, and deploy all stacks; nothing is left where that fails.

    Parameters
    ----------
    packages : folder of daily packages and calendars; None makes some up
    progress : is given each line of the cdk tool
    sql : Athena's engine; None is the one that CCA_TED_SQL names, else DuckDB

    Raises
    ------
    CcaTedError
        A name is wrong or taken, or a part did not start.
    """
    faults = []
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name):
        faults.append(f"--name is {name!r}: expected a letter, then letters, digits and hyphens, all small")
    if not INITIALS.fullmatch(initials):
        faults.append(f"--initials is {initials!r}: expected 2 to 8 of a-z and 0-9, a letter first")
    if packages is not None and not any(packages.glob("release-calendar/[0-9]*.csv")):
        faults.append(f"--packages is {packages}: expected a folder with packages/daily/ and release-calendar/2019.csv")
    if faults:
        raise ConfigError.of(faults)
    folder = home() / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with contextlib.ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        if packages is None:
            packages = folder / "packages"
            make_archive(packages, years=_SAMPLE_YEARS, notices=_SAMPLE_NOTICES)
        url, publisher = _start_publisher(packages, folder)
        undo.callback(_stop_publisher, publisher)
        aws = start(folder, detached=True, sql=sql)
        undo.callback(stop, aws)
        cdk = LocalCdk(aws, local_context(initials, url), progress)
        cdk.bootstrap()
        cdk.deploy()
        save(aws)
        years = sorted(int(path.stem) for path in packages.glob("release-calendar/[0-9]*.csv"))
        instance = LocalInstance(
            name=name, initials=initials, stage="dev", endpoint=aws.endpoint, pid=aws.pid, folder=str(aws.folder),
            publisher_url=url, publisher_pid=publisher, years=years, packages=str(packages.resolve()), sql=engine(sql),
        )  # fmt: skip
        instance.write()
        undo.pop_all()
    return instance


def take_up(
    instance: LocalInstance, *, initials: str | None = None, packages: Path | None = None, sql: Sql | None = None
) -> LocalInstance:
    """Start an instance's embedded AWS and publisher anew, on what they kept; runs that were under way are stopped.

    Where its Trino server alone has ended, that is started again.

    Parameters
    ----------
    initials, packages : what was asked for, if anything; it cannot be other than what the instance has
    sql : Athena's engine; None is the one that it had

    Raises
    ------
    CcaTedError
        It runs, it is asked to be another one, or a part did not start.
    """
    name, chosen = instance.name, sql or instance.sql
    is_alive = instance.aws.alive()
    has_lost_trino = instance.sql == chosen == "trino" and _trino_bytes(instance) is None
    if is_alive and not has_lost_trino:
        raise ConfigError(
            f"{name} is up already, at {instance.endpoint}. Take it down first: ted local down --name {name}"
        )
    for option, asked, has in (
        ("--initials", initials, instance.initials),
        ("--packages", packages and str(packages.resolve()), instance.packages),
    ):
        if asked and asked != has:
            raise ConfigError(
                f"{name} was brought up with {option} {has}, got {asked}. "
                f"Give another --name, or begin anew: ted local down --name {name}"
            )
    if is_alive:
        trino_server.start_again(Path(instance.folder), instance.aws.environment())
        return instance
    _stop_publisher(instance.publisher_pid)
    trino_server.stop(Path(instance.folder))  # it may have outlived the embedded AWS
    folder, port = Path(instance.folder), int(instance.publisher_url.rsplit(":", 1)[1])
    with contextlib.ExitStack() as undo:
        url, publisher = _start_publisher(Path(instance.packages), folder, port)
        undo.callback(_stop_publisher, publisher)
        aws = start(folder, detached=True, port=int(instance.endpoint.rsplit(":", 1)[1]), sql=chosen)
        undo.callback(stop, aws)
        again = replace(
            instance, endpoint=aws.endpoint, pid=aws.pid, publisher_url=url, publisher_pid=publisher, sql=chosen
        )
        _end_merges(again)
        again.write()
        undo.pop_all()
    return again


def _end_merges(instance: LocalInstance) -> None:
    """End merges that nobody works on any more: they would stay under way for good, and hold up the next ones."""
    glue, job = embedded(instance.aws, instance.names, "").session.client("glue"), instance.names.merge_job
    ended = [run.run_id for run in job_runs(glue, job) if run.state in NOT_ENDED]
    if ended:
        glue.batch_stop_job_run(JobName=job, JobRunIds=ended)


def take_down(name: str, *, keep_logs: bool = False) -> Path:
    """Stop an instance; returns its folder, which is deleted unless its logs are wanted.

    Raises
    ------
    ConfigError
        There is no instance of that name.
    """
    instance = LocalInstance.read(name)
    if instance is None:
        known = ", ".join(each.name for each in local_instances()) or "none"
        raise ConfigError(f"no instance is called {name!r}; there: {known}. Start one with: ted local up")
    stop(instance.aws)
    _stop_publisher(instance.publisher_pid)
    if not keep_logs:
        shutil.rmtree(instance.folder, ignore_errors=True)
    file_of(name).unlink()
    return Path(instance.folder)


def _start_publisher(packages: Path, folder: Path, port: int = 0) -> tuple[str, int]:
    address = folder / "publisher.url"
    address.unlink(missing_ok=True)
    with (folder / "publisher.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", _PUBLISHER, str(packages.resolve()), str(address), str(port)],
            cwd=PROJECT,
            env=without_aws(dict(os.environ)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + _PUBLISHER_SECONDS
    while not address.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            said = (folder / "publisher.log").read_text(errors="replace").strip().splitlines()[-1:]
            raise TransientError(f"the sample publisher did not start: {' '.join(said) or 'no answer'}")
        time.sleep(0.1)
    return address.read_text(), process.pid


def _stop_publisher(pid: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if _PUBLISHER in process.cmdline():
            process.kill()
            process.wait(10)


def _progress(console: Console, verbose: bool) -> Callable[[str], None]:
    def show(line: str) -> None:
        if verbose or "✅" in line or "deploying..." in line:
            console.print(escape(line.strip()), highlight=False)

    return show
