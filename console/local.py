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
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from rich.console import Console
from rich.markup import escape

from console.aws import trino_server
from console.aws.launcher import Sql, SqlOption, engine, start, stop, without_aws
from console.cdk import LocalCdk
from console.commands import group
from console.instances import LocalInstance, home, local_instances
from console.paths import PROJECT
from console.sample.packages import make_archive
from console.target import told
from runtime.errors import ConfigError, TransientError

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
}

_ENGINES = {
    "duckdb": "DuckDB, which refuses what it is not known to answer as Athena does",
    "trino": f"Trino {trino_server.ARTIFACT.version}, Athena's own kind",
}

local = group(help="An instance on this machine: up, down, status.")


def local_context(initials: str, publisher_url: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The context of an instance that takes its packages from a publisher on this machine."""
    return _LOCAL_CONTEXT | {"initials": initials, "ted:source_url": publisher_url} | dict(more or {})


@local.command()
def up(
    name: Annotated[str, typer.Option(help="Name of the instance on this machine.")] = "local",
    initials: Annotated[str, typer.Option(help="Initials that the stacks are deployed with.")] = "local",
    packages: Annotated[
        Path | None, typer.Option(help="Folder of real daily packages and their calendars, instead of made-up ones.")
    ] = None,
    sql: SqlOption = None,
    verbose: Annotated[bool, typer.Option(help="Show all that the cdk tool says.")] = False,
) -> None:
    """Start an embedded AWS and a publisher, deploy all stacks, and leave them running.

    \b
    Examples:
      ted local up
      ted local up --packages ../corpus --name real
      ted local up --sql trino
    """
    console = Console(stderr=True)
    with told(stopped="stopped; nothing is left running"):
        instance = bring_up(name, initials, packages, _progress(console, verbose), sql)
    variables = " ".join(f"{key}={value}" for key, value in _needed(instance).items())
    console.print(f"[green]up[/]: {instance.name} at {instance.endpoint}, database {instance.names.database}")
    console.print(f"  Athena's SQL is answered by {_ENGINES[instance.sql]}")
    console.print(f"  packages of {', '.join(map(str, instance.years))} at {instance.publisher_url}")
    console.print(
        "Next:", "ted run --due", 'ted query "SHOW TABLES"', f"ted local down --name {instance.name}", sep="\n  "
    )
    console.print("  any tool of AWS, with:", variables, soft_wrap=True, highlight=False)


@local.command()
def down(
    name: Annotated[str, typer.Option(help="Name of the instance.")] = "local",
    keep_logs: Annotated[bool, typer.Option(help="Keep the folder with logs.")] = False,
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
        state = "[green]running[/]" if each["running"] else f"[red]ended[/]; next: ted local down --name {each['name']}"
        console.print(
            f"{each['name']}  {each['endpoint']}  {each['initials']}  {_engine_state(each)}  {state}",
            highlight=False,
            soft_wrap=True,
        )
    if not found:
        console.print("no instance on this machine; start one with: ted local up")


def _trino_bytes(instance: LocalInstance) -> int | None:
    """Memory of an instance's Trino server; None where none runs."""
    process = trino_server.process_of(Path(instance.folder))
    return process.memory_info().rss if process else None


def _engine_state(found: dict[str, Any]) -> str:
    if found["sql"] != "trino":
        return "SQL by DuckDB"
    held = found["trino_bytes"]
    return f"SQL by Trino, {held / 1e9:.1f} GB" if held else "[red]SQL by Trino, which has ended[/]"


def bring_up(
    name: str,
    initials: str,
    packages: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
    sql: Sql | None = None,
) -> LocalInstance:
    """Start an embedded AWS and a publisher, and deploy all stacks; nothing is left running where that fails.

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
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name):
        raise ConfigError(f"--name is {name!r}: expected a letter, then letters, digits and hyphens, all small")
    file, folder = home() / f"{name}.json", home() / name
    if file.exists():
        raise ConfigError(f"{name} is up already, or was not taken down. Run: ted local down --name {name}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with contextlib.ExitStack() as undo:
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
        years = sorted(int(path.stem) for path in packages.glob("release-calendar/[0-9]*.csv"))
        instance = LocalInstance(
            name, initials, "dev", aws.endpoint, aws.pid, str(aws.folder), url, publisher, years, engine(sql)
        )
        part = file.with_suffix(".part")
        part.write_text(json.dumps(asdict(instance), indent=2))
        part.replace(file)
        undo.pop_all()
    return instance


def take_down(name: str, *, keep_logs: bool = False) -> Path:
    """Stop an instance; returns its folder, which is deleted unless its logs are wanted.

    Raises
    ------
    ConfigError
        There is no instance of that name.
    """
    file = home() / f"{name}.json"
    if not file.exists():
        known = ", ".join(each.name for each in local_instances()) or "none"
        raise ConfigError(f"no instance is called {name!r}; there: {known}. Start one with: ted local up")
    instance = LocalInstance(**json.loads(file.read_text()))
    stop(instance.aws)
    _stop_publisher(instance.publisher_pid)
    if not keep_logs:
        shutil.rmtree(instance.folder, ignore_errors=True)
    file.unlink()
    return Path(instance.folder)


def _start_publisher(packages: Path, folder: Path) -> tuple[str, int]:
    address = folder / "publisher.url"
    with (folder / "publisher.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", _PUBLISHER, str(packages.resolve()), str(address)],
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


def _needed(instance: LocalInstance) -> dict[str, str]:
    wanted = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
    return {key: value for key, value in instance.aws.environment().items() if key in wanted}


def _progress(console: Console, verbose: bool) -> Callable[[str], None]:
    def show(line: str) -> None:
        if verbose or "✅" in line or "deploying..." in line:
            console.print(escape(line.strip()), highlight=False)

    return show
