"""`ted open`: where the parts of an instance are in the AWS console."""

import json
from typing import Annotated
from urllib.parse import quote

import typer
from rich.console import Console
from rich.text import Text

from console.buckets import find_buckets, find_storage
from console.phrases import as_typed
from console.target import Initials, Local, Real, Stage, Target, asking
from runtime.buckets import aws_errors
from runtime.errors import ConfigError
from stacks.names import Names

_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


def addresses(names: Names, region: str, account: str, partition: str, raw: str, extracted: str) -> dict[str, str]:
    """Addresses in the console, by the part's short name.

    Parameters
    ----------
    raw, extracted : whole names of the buckets

    Source: the address bar of the console; AWS promises none of them.
    """
    console = _CONSOLES.get(partition, _CONSOLES["aws"])
    root = f"https://{region}.{console}"
    at = f"home?region={region}#"
    machine = f"arn:{partition}:states:{region}:{account}:stateMachine:{names.state_machine}"
    host = f"sqs.{region}.amazonaws.com" + (".cn" if partition == "aws-cn" else "")
    queues = {thing: f"https://{host}/{account}/{names.queue(thing)}" for thing in ("transfers", "extractions")}
    group = quote(quote(f"{names.initials}-cca-ted", safe=""), safe="").replace("%", "$")
    return {
        "pipeline": f"{root}/states/{at}/statemachines/view/{machine}",
        "merge": f"{root}/gluestudio/{at}/editor/job/{names.merge_job}/runs",
        "tables": f"{root}/glue/{at}/v2/data-catalog/databases/view/{names.database}",
        "athena": f"{root}/athena/{at}/workgroups/details/{names.workgroup}",
        "raw": f"{root}/s3/buckets/{raw}?region={region}",
        "extracted": f"{root}/s3/buckets/{extracted}?region={region}",
        **{thing: f"{root}/sqs/v3/{at}/queues/{quote(url, safe='')}" for thing, url in queues.items()},
        **{
            f"dead-{thing}": f"{root}/sqs/v3/{at}/queues/{quote(f'{url}_dlq', safe='')}"
            for thing, url in queues.items()
        },
        "functions": f"{root}/lambda/{at}/functions?fo=and&k0=functionName&o0=%3A&v0={names.initials}-cca-ted",
        "dashboard": f"{root}/cloudwatch/{at}dashboards/dashboard/{names.instance}",
        "alarms": f"{root}/cloudwatch/{at}alarmsV2:?search={names.instance}",
        "logs": f"{root}/cloudwatch/{at}logsV2:log-groups$3FlogGroupNameFilter$3D{group}",
        "stacks": f"{root}/cloudformation/{at}/stacks?filteringText={names.initials}-cca-ted",
    }


def _found(target: Target) -> dict[str, str]:
    """What there is to open of an instance.

    Raises
    ------
    TerminalError
        It is not deployed.
    """
    if target.aws:
        return {"endpoint": target.aws.endpoint, "log": target.aws.log.as_uri()}
    session, names = target.session, target.names
    buckets = find_buckets(session, names)
    storage = find_storage(session, names)
    region = str(session.region_name)
    with aws_errors("find the partition of the region"):
        partition = session.get_partition_for_region(region)
    account = storage.account if storage else ""
    return addresses(names, region, account, partition, buckets.raw.name, buckets.extracted.name)


def open(  # noqa: A001 the command's name
    part: Annotated[
        str | None, typer.Argument(help="Part to open in the browser, as in pipeline.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, open nothing.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Print where the parts of an instance are in the AWS console, or open one in the browser.

    \b
    Examples:
      AWS_PROFILE=mine ted open --aws --initials nfr
      AWS_PROFILE=mine ted open --aws --initials nfr pipeline

    An instance on this machine has no console; what is told of it is the address of its AWS and its log.
    """
    with asking(local, initials, stage, real) as target:
        found = _found(target)
        if part and part not in found:
            raise ConfigError(f"there is no part {part!r}; there are: {', '.join(found)}")
    chosen = {part: found[part]} if part else found
    if as_json:
        typer.echo(json.dumps(chosen, indent=1))
        return
    width = max(map(len, chosen))
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for name, address in chosen.items():
        console.print(Text(name.ljust(width), style="bold"), address)
    if part and typer.launch(found[part]) != 0:
        Console(stderr=True).print(
            as_typed("no browser was found on this machine; open the address elsewhere"), style="dim"
        )
