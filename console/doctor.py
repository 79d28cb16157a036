"""`ted doctor`: what a deployment will run into, before it does: on this machine, in an account, at the source."""

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from console import target as targets
from console.buckets import find_storage
from console.checks import Finding, look, tell
from console.config import Context, choose
from console.instances import local_instances
from console.machine import disk, tools
from console.quicksight import quicksight
from console.quotas import lambda_concurrency
from console.target import Initials, Local, Real, Stage, Target, told
from runtime.buckets import aws_errors
from runtime.errors import CcaTedError, ConfigError
from runtime.http import Http
from stacks.names import account_regional
from stacks.settings import INITIALS, Settings

_MOVE = "keep the setting, or move as docs/bucket-names.md says"
_REGIONAL = "deploy with -c ted:bucket_names=account-regional, or with other initials"
_BOOTSTRAP = "npx cdk bootstrap -c initials={initials}"
_LEAST_BOOTSTRAP = 6  # what the app's templates ask for
_TAKE_UP = "take it up again as docs/recovery.md says, or delete it"


def doctor(
    context: Context = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Look whether this machine and an account are fit for an instance, before it is deployed and after.

    \b
    Examples:
      ted doctor
      AWS_PROFILE=mine ted doctor --aws --initials nfr
      AWS_PROFILE=mine ted doctor --aws --initials nfr -c ted:bucket_names=account-regional

    Asks the source for one small file. Ends with 1 when something stands in the way; each such line has its mend.
    """
    with told(), Console(stderr=True).status("looking"):
        title, target, findings = "this machine", None, [each for check in MACHINE for each in check()]
        try:
            target = targets.find_target(local, initials, stage, real)
        except (ConfigError, BotoCoreError) as error:
            findings.append(_without_target(error, local, initials, real))
        if target:
            settings = settings_of(target, context or ())
            title = target.title
            findings += look(target, [(what, partial(check, target, settings)) for what, check in CHECKS])
    tell(title, findings, as_json=as_json)


def _without_target(error: Exception, local: str | None, initials: str | None, real: bool) -> Finding:
    """Why no account is looked at: that is what was to be found out where one was named, else none was asked for."""
    asked = initials or os.environ.get("CCA_TED_INITIALS")
    if not (local or asked or real):
        where = "not looked at: name the instance's initials"
        return Finding("account", "not known here", where, "ted doctor --aws --initials nfr")
    if local or not asked or not INITIALS.fullmatch(asked):
        raise error
    seen, _, advice = (targets.in_words(error) or str(error)).partition(". ")
    return Finding("account", "wrong", seen, advice)


def settings_of(target: Target, given: Iterable[str]) -> Settings:
    """The settings that the instance has or is to be deployed with.

    Raises
    ------
    ConfigError
        They are wrong; all faults are named.
    """
    here = [each for each in local_instances() if target.aws and each.endpoint == target.aws.endpoint]
    return choose(target.names, list(given), here[0] if here else None).settings


def credentials(target: Target, settings: Settings) -> Iterator[Finding]:
    """Whose credentials AWS takes them for."""
    if target.aws:
        yield Finding("credentials", "not known here", "the embedded AWS takes any")
        return
    with aws_errors("ask whose credentials these are"):
        who = target.session.client("sts").get_caller_identity()
    seen = f"{who['Arn']} in account {who['Account']}"
    if settings.account and settings.account != who["Account"]:
        advice = "use another profile (AWS_PROFILE=mine), or leave out ted:account"
        yield Finding("credentials", "wrong", f"{seen}, and ted:account is {settings.account}", advice)
    else:
        yield Finding("credentials", "ok", seen)


def region(target: Target, settings: Settings) -> Iterator[Finding]:
    """Whether there is such a region, and it is the one of the settings."""
    name = str(target.session.region_name)
    session = target.session
    known = [each for part in session.get_available_partitions() for each in session.get_available_regions("s3", part)]
    if name not in known:
        yield Finding("region", "wrong", f"{name} is no region that is known", "name one: AWS_REGION=eu-west-1")
    elif settings.region and settings.region != name:
        advice = f"AWS_REGION={settings.region}, or leave out ted:region"
        yield Finding("region", "wrong", f"{name}, and ted:region is {settings.region}", advice)
    else:
        yield Finding("region", "ok", name)


def bootstrap(target: Target, settings: Settings) -> Iterator[Finding]:
    """Whether the account and region are made ready for the cdk tool.

    Source: AWS CDK developer guide, "Bootstrapping": stack CDKToolkit, its output BootstrapVersion.
    """
    mend = _BOOTSTRAP.format(initials=target.names.initials)
    with aws_errors("describe stack CDKToolkit"):
        try:
            (stack,) = target.session.client("cloudformation").describe_stacks(StackName="CDKToolkit")["Stacks"]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            where = f"{target.session.region_name} of the account"
            yield Finding("bootstrap", "wrong", f"{where} was never made ready for cdk", mend)
            return
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    version = int(outputs.get("BootstrapVersion", 0))
    if version < _LEAST_BOOTSTRAP:
        yield Finding("bootstrap", "wrong", f"version {version}, expected {_LEAST_BOOTSTRAP} or newer", mend)
    else:
        yield Finding("bootstrap", "ok", f"version {version}")


def source(target: Target, settings: Settings) -> Iterator[Finding]:
    """Whether this machine reaches the source: one polite request, for the length of this year's calendar.

    Functions in AWS come from other addresses, so what holds here may not hold there.
    """
    url = settings.source_url
    if url.startswith("s3://"):
        bucket = url.removeprefix("s3://").partition("/")[0]
        with aws_errors(f"look at bucket {bucket}"):
            target.session.client("s3").head_bucket(Bucket=bucket)
        yield Finding("source", "ok", f"{url} may be read")
        return
    year = dt.datetime.now(dt.UTC).year
    if target.aws:
        here = [each for each in local_instances() if each.publisher_url == url]
        if not here:
            yield Finding("source", "not known here", "not an instance of ted local up, whose publisher is known")
            return
        year = max(here[0].years)  # the publisher on this machine has the years of its packages
    address = url + settings.calendar_path.format(year=year)
    try:
        Http(settings.contact).size(address)
    except CcaTedError as error:
        advice = "see README: where TED refuses, fetch the packages elsewhere and deploy with -c ted:source_url=s3://…"
        yield Finding("source", "wrong", error.message, advice)
    else:
        yield Finding("source", "ok", f"{address} answers")


def bucket_names(target: Target, settings: Settings) -> Iterator[Finding]:
    """Whether the names of the buckets can be had, or belong to the instance."""
    session, names = target.session, target.names
    chosen: str = settings.bucket_names
    deployed = find_storage(session, names)
    if deployed and deployed.bucket_names != chosen:
        seen = f"deployed with ted:bucket_names={deployed.bucket_names}, and {chosen} is asked for"
        yield Finding("bucket names", "wrong", seen, _MOVE)
        chosen = deployed.bucket_names
    account = deployed.account if deployed else _account(target)
    region = str(session.region_name)
    s3 = session.client("s3")
    with aws_errors("list your buckets"):
        own = {bucket["Name"] for bucket in s3.list_buckets(Prefix=f"{names.initials}-")["Buckets"]}
    for short in names.buckets:
        name = account_regional(short, account, region) if chosen == "account-regional" else short
        what = f"bucket {short}"
        if deployed and name in own:
            yield Finding(what, "ok", f"{name}, deployed")
        elif deployed:
            is_there = _is_taken(target, name)
            seen = f"{name} " + ("is another account's by now" if is_there else "is gone")
            yield Finding(what, "wrong", seen, "read docs/recovery.md before anything is deployed")
        elif name in own and (other := s3.head_bucket(Bucket=name)["BucketRegion"]) != region:
            yield Finding(what, "wrong", f"{name} is taken by yourself, in {other}", _REGIONAL)
        elif name in own:
            yield Finding(what, "wrong", f"{name} is there already, yours, of no stack", _TAKE_UP)
        elif _is_taken(target, name):
            yield Finding(what, "wrong", f"{name} is taken by another account", _REGIONAL)
        else:
            yield Finding(what, "ok", f"{name} is free")


def _account(target: Target) -> str:
    with aws_errors("ask whose credentials these are"):
        return str(target.session.client("sts").get_caller_identity()["Account"])


def _is_taken(target: Target, name: str) -> bool:
    """Whether anybody has a bucket of this name; S3 answers 403 for a stranger's, and 301 for another region's."""
    with aws_errors(f"look for bucket {name}"):
        try:
            target.session.client("s3").head_bucket(Bucket=name)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == 404:
                return False
            if status not in (301, 400, 403):
                raise
    return True


# What needs no instance to be named.
MACHINE: tuple[Callable[[], Iterator[Finding]], ...] = (tools, disk)
CHECKS: tuple[tuple[str, Callable[[Target, Settings], Iterator[Finding]]], ...] = (
    ("credentials", credentials),
    ("region", region),
    ("bootstrap", bootstrap),
    ("bucket names", bucket_names),
    ("Lambda's quota", lambda_concurrency),
    ("QuickSight", quicksight),
    ("source", source),
)
