"""`ted doctor`: what a deployment will run into, before it does."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated

import typer
from botocore.exceptions import ClientError
from rich.console import Console

from console.buckets import find_storage
from console.checks import Finding, look, tell
from console.paths import PROJECT
from console.quotas import lambda_concurrency
from console.target import Initials, Local, Real, Stage, Target, asking
from runtime.buckets import aws_errors
from runtime.errors import ConfigError
from stacks.names import account_regional
from stacks.settings import PREFIX, Settings, SettingsError, read_settings

_MOVE = "keep the setting, or move as docs/bucket-names.md says"
_REGIONAL = "deploy with -c ted:bucket_names=account-regional, or with other initials"
_TAKE_UP = "take it up again as docs/recovery.md says, or delete it"


def doctor(
    context: Annotated[
        list[str] | None,
        typer.Option("--context", "-c", help="What cdk deploy is given, as in ted:bucket_names=short; repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    initials: Initials = None,
    stage: Stage = "dev",
    local: Local = None,
    real: Real = False,
) -> None:
    """Look whether an account is fit for an instance, before it is deployed and after.

    \b
    Examples:
      AWS_PROFILE=mine ted doctor --aws --initials nfr
      AWS_PROFILE=mine ted doctor --aws --initials nfr -c ted:bucket_names=account-regional

    Ends with 1 when something stands in the way.
    """
    with asking(local, initials, stage, real) as target, Console(stderr=True).status(f"looking at {target.title}"):
        settings = settings_of(target, context or ())
        findings = list(look(target, [(what, partial(check, target, settings)) for what, check in CHECKS]))
    tell(target.title, findings, as_json=as_json)


def settings_of(target: Target, given: tuple[str, ...] | list[str]) -> Settings:
    """The settings that `cdk deploy` would read in this folder with these context keys.

    Raises
    ------
    ConfigError
        They are wrong; all faults are named.
    """
    wrong = [pair for pair in given if "=" not in pair]
    if wrong:
        raise ConfigError(f"--context is {wrong[0]!r}: expected key=value, as in ted:bucket_names=short")
    names = target.names
    kept = json.loads((PROJECT / "cdk.json").read_text(encoding="utf-8"))["context"]
    context = kept | dict(pair.split("=", 1) for pair in given) | {"initials": names.initials, "stage": names.stage}
    if names.stage == "prod":
        context.setdefault(f"{PREFIX}contact", "doctor")  # whom TED sees does not matter here
    try:
        return read_settings(context, local_file=PROJECT / "cdk.context.local.json")
    except SettingsError as error:
        raise ConfigError(str(error)) from error


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


CHECKS: tuple[tuple[str, Callable[[Target, Settings], Iterator[Finding]]], ...] = (
    ("bucket names", bucket_names),
    ("Lambda's quota", lambda_concurrency),
)
