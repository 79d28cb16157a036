"""`ted dbt`: the lake for those who work in dbt."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from console.aws.launcher import REGION
from console.commands import group
from console.dbt.project import PROJECT_FILE, Outcome, write_project
from console.instances import shown_variables
from console.phrases import counted
from console.target import FOUND_WANTING, Initials, Local, Real, Stage, Target, asking
from runtime.errors import ConfigError
from stacks.names import Names

_GUARD = "refuse_the_lake()"
_AGAIN = "ted dbt init"
_ASK_HERE = "\n      endpoint_url: \"{{ env_var('AWS_ENDPOINT_URL') }}\"\n      num_retries: 0"
_LOCAL = Names("local", "dev")  # as `ted local up` has it
_ANYBODY = "{{ env_var('CCA_TED_INITIALS', 'nfr') }}"

dbt = group()


@dbt.callback()
def _dbt() -> None:  # without it, the only command would stand for the group
    """The lake for those who work in dbt: init."""


@dbt.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the project; it is made where it is missing.")],
    database: Annotated[
        str | None, typer.Option(help="Database to build into, instead of the sandbox.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what became of each file as JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Write a dbt project over the lake: its tables as sources, tests, three models, profiles.

    \b
    Examples:
      ted dbt init lake
      ted dbt init lake --aws --initials nfr

    Run it again after an update: sources and profiles are written anew, and what you wrote or changed stays as it is.
    It builds into the sandbox (ted:sandbox=on), never into the lake's own database.
    """
    with asking(local, initials, stage, real) as target:
        names = target.names
        into = (database or names.sandbox_database).lower()
        _refuse(folder, into, names)
        location = _sandbox(target)
        outcome = write_project(folder, _values(target, into, location))
    if as_json:
        typer.echo(json.dumps(asdict(outcome), indent=1))
    else:
        _tell(folder, outcome, target)
    if outcome.kept or _GUARD not in (folder / PROJECT_FILE).read_text(encoding="utf-8"):
        raise typer.Exit(FOUND_WANTING)


def _refuse(folder: Path, into: str, names: Names) -> None:
    """Refuse to build into the lake's database.

    Raises
    ------
    ConfigError
        That is what is wanted, or there can be no folder.
    """
    if into == names.database:
        raise ConfigError(
            f"--database is {into}, the lake's own database: dbt deletes the files of a table before it builds it "
            f"anew, and a model named like one of the lake's would take those. Build into {names.sandbox_database}"
        )
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file: expected a folder, as in ted dbt init lake")


def _sandbox(target: Target) -> str:
    """Where the sandbox's workgroup keeps results.

    Raises
    ------
    ConfigError
        The instance has no sandbox.
    """
    client = target.session.client("athena")
    group_name = target.names.sandbox_workgroup
    try:
        found = client.get_work_group(WorkGroup=group_name)["WorkGroup"]
    except client.exceptions.InvalidRequestException as error:
        if "not found" not in str(error):
            raise
        deploy = f"npx cdk deploy --all -c initials={target.names.initials} -c stage={target.names.stage}"
        again = "ted local down, then ted local up" if target.aws else f"{deploy} -c ted:sandbox=on"
        raise ConfigError(f"{target.title} has no sandbox for dbt to build into. Deploy it: {again}") from error
    return str(found["Configuration"]["ResultConfiguration"]["OutputLocation"])


def _values(target: Target, into: str, location: str) -> dict[str, str]:
    """What the files say of the instance that is asked, and of the other place that a project runs in."""
    names = target.names
    here, there = ("local", "aws") if target.aws else ("aws", "local")
    other = Names(_ANYBODY, names.stage) if target.aws else _LOCAL
    bucket = location.removeprefix("s3://").partition("/")[0]
    lake = f"\nvars:\n  lake: {names.database}  # whose tables are read, where the sandbox's name does not say so\n"
    return {
        f"{here}_database": into,
        f"{here}_workgroup": names.sandbox_workgroup,
        f"{here}_bucket": bucket,
        f"{there}_database": other.sandbox_database,
        f"{there}_workgroup": other.sandbox_workgroup,
        f"{there}_bucket": other.athena_bucket,
        "ask_here": _ASK_HERE if target.aws else "",
        "ask_database": names.database,
        "ask_workgroup": names.workgroup,
        "ask_bucket": bucket,
        "target": here,
        "region": REGION if target.aws else str(target.session.region_name),
        "vars": "" if into == names.sandbox_database else lake,
    }


def _tell(folder: Path, outcome: Outcome, target: Target) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    for name in outcome.written:
        console.print(f"written  {folder / name}")
    if outcome.same:
        console.print(f"the same {counted(len(outcome.same), 'file')}", style="dim")
    for name in outcome.kept:
        console.print(
            f"kept     {folder / name}: changed since it was written. Delete it, and the next {_AGAIN} writes it anew",
            style="yellow",
        )
    if _GUARD not in (folder / PROJECT_FILE).read_text(encoding="utf-8"):
        console.print(
            f'{folder / PROJECT_FILE} lacks its guard. Add to it:  on-run-start: "{{{{ {_GUARD} }}}}"', style="yellow"
        )
    console.print("Next:")
    if target.aws:
        console.print("  export", " ".join(f"{name}={value}" for name, value in shown_variables(target.aws).items()))
    console.print(f"  cd {folder} && dbt build" + ("" if target.aws else "  # with AWS_PROFILE, as the AWS CLI"))
    console.print("  no dbt yet: python -m pip install dbt-core==1.11.16 dbt-athena==1.10.2  # tested with these")
