"""Which instance a command is about, and how a command fails: the same for all of them."""

import contextlib
import functools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from console.phrases import as_typed
from runtime.errors import CcaTedError, ConfigError
from stacks.names import Names
from stacks.settings import INITIALS
from stacks.settings import Stage as StageName

if TYPE_CHECKING:
    import boto3

    from console.aws.launcher import EmbeddedAws

FOUND_WANTING = 1
COULD_NOT = 2
INTERRUPTED = 130

# Which instance: the same four options everywhere.
Initials = Annotated[str | None, typer.Option(help="Initials of the instance.", show_default=False)]
Stage = Annotated[StageName, typer.Option(help="Stage of the instance in AWS.")]
Local = Annotated[str | None, typer.Option(help="Name of an instance on this machine.", show_default=False)]
Real = Annotated[bool, typer.Option("--aws", help="The one in AWS, also when an instance runs on this machine.")]

_SIGN_IN = "Sign in (aws configure, aws sso login), or name a profile: AWS_PROFILE=mine"
_EXPIRED = ("the AWS credentials have expired", "Sign in again: aws sso login, or fetch new keys")
_UNKNOWN_KEYS = ("AWS does not know these credentials", _SIGN_IN)
_UNREACHABLE = frozenset(
    ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError",
     "ProxyConnectionError", "HTTPClientError", "SSLError")
)  # fmt: skip
_NOT_THERE = frozenset(("NoSuchBucket", "StackDoesNotExist", "StateMachineDoesNotExist"))
# What the codes of AWS and the errors of its library mean, and what helps.
_MEANINGS = {
    "NoCredentialsError": ("there are no AWS credentials", _SIGN_IN),
    "PartialCredentialsError": ("the AWS credentials lack a part: key or secret", _SIGN_IN),
    "NoRegionError": ("no AWS region is set", "Name one: AWS_REGION=eu-west-1, or region in the profile"),
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "UnauthorizedSSOTokenError",
         "SSOTokenLoadError", "TokenRetrievalError", "CredentialRetrievalError"),
        _EXPIRED,
    ),
    **dict.fromkeys(
        ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch",
         "InvalidSignatureException", "AuthFailure"),
        _UNKNOWN_KEYS,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """The instance to ask: a session with its account, the names of its parts, where it is in words.

    `aws` is the embedded AWS that it runs in, None in AWS.
    """

    session: "boto3.Session"
    names: Names
    where: str
    aws: "EmbeddedAws | None" = None

    @property
    def title(self) -> str:
        """The instance and where it is, as in nfr-cca-ted-dev (AWS mine, eu-west-1)."""
        return f"{self.names.instance} ({self.where})"


def find_target(local: str | None, initials: str | None, stage: str, real: bool) -> Target:
    """Find the instance to ask.

    Parameters
    ----------
    local : name of an instance on this machine
    initials : of the instance; None takes the only one that runs here, or CCA_TED_INITIALS
    real : ask AWS, whatever runs here

    Raises
    ------
    ConfigError
        It is not clear which instance is meant, there is none, or AWS cannot be asked.
    """
    # Loaded here: the launcher stands on more than a failing command needs.
    from console.instances import find_instance

    if real and local:
        raise ConfigError("expected --aws or --local, got both; leave one out")
    if not real and (instance := find_instance(local, initials)):
        return embedded(instance.aws, instance.names, f"{instance.name}, on this machine")
    if local:
        raise ConfigError(f"no instance is called {local!r} on this machine. Start it: ted local up --name {local}")
    initials = initials or os.environ.get("CCA_TED_INITIALS")
    if not initials and real:
        raise ConfigError("initials are missing: name the instance in AWS with --initials nfr, or CCA_TED_INITIALS=nfr")
    if not initials:
        raise ConfigError(
            "no instance runs on this machine, and no initials were given.\n"
            "Start one with: ted local up\nor name one in AWS: --aws --initials nfr"
        )
    if not INITIALS.fullmatch(initials):
        raise ConfigError(
            f"initials is {initials!r}: expected 2 to 8 of a-z and 0-9, a letter first, as in --initials nfr"
        )
    session = _session()
    return Target(session, Names(initials, stage), f"AWS {session.profile_name}, {session.region_name}")


def embedded(aws: "EmbeddedAws", names: Names, where: str) -> Target:
    """An instance in an embedded AWS; whatever this machine knows of AWS besides is not looked at."""
    import boto3
    import botocore.session

    variables = aws.environment()
    blank = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    session = boto3.Session(
        variables["AWS_ACCESS_KEY_ID"],
        variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
        botocore_session=botocore.session.Session(blank),
    )
    session.client = functools.partial(session.client, endpoint_url=aws.endpoint)  # type: ignore[method-assign]
    return Target(session, names, where, aws)


def _session() -> "boto3.Session":
    import boto3
    import botocore.session
    from botocore.exceptions import ProfileNotFound

    try:
        # boto3 reads AWS_DEFAULT_REGION alone; the other SDKs, and cdk, read AWS_REGION first.
        session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
        region, credentials = session.region_name, session.get_credentials()
    except ProfileNotFound as error:
        wrong = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
        known = ", ".join(botocore.session.Session().available_profiles) or "none"
        raise ConfigError(
            f"there is no AWS profile {wrong!r}; there: {known}. "
            "Name another (AWS_PROFILE=mine), or make it (aws configure --profile mine)"
        ) from error
    for is_missing, code in ((not credentials, "NoCredentialsError"), (not region, "NoRegionError")):
        if is_missing:
            raise ConfigError(". ".join(_MEANINGS[code]))
    return session


@contextlib.contextmanager
def asking(
    local: str | None, initials: str | None, stage: str, real: bool, stopped: str = "stopped"
) -> Iterator[Target]:
    """Find the instance to ask, and tell what fails in the block."""
    with told():
        target = find_target(local, initials, stage, real)
    with told(target, stopped):
        yield target


@contextlib.contextmanager
def told(target: Target | None = None, stopped: str = "stopped") -> Iterator[None]:
    """Tell what fails in the block in one sentence with the next step, without a traceback, and end with 2.

    Only a fault of this program's own passes, as it is.

    Parameters
    ----------
    target : the instance that is asked, if any
    stopped : what holds when the command is interrupted, which ends with 130
    """
    said = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        yield
    except KeyboardInterrupt:
        said.print(f"\n[yellow]{escape(as_typed(stopped))}[/]")
        raise typer.Exit(INTERRUPTED) from None
    except Exception as error:
        message = in_words(error, target)
        if message is None:
            raise
        said.print(f"[red]failed[/]: {escape(as_typed(message))}")
        raise typer.Exit(COULD_NOT) from error


def in_words(error: Exception, target: Target | None = None) -> str | None:
    """What failed and what to do next; None for what nobody foresaw."""
    if isinstance(error, OSError) and not isinstance(error, CcaTedError):
        return f"{error.strerror or error}: {error.filename}" if error.filename else None
    code, message = _code_of(error)
    if message is None:
        return None
    if code in _MEANINGS:
        return ". ".join(_MEANINGS[code])
    if code in _UNREACHABLE:
        return _unreachable(target)
    if target and (code in _NOT_THERE or re.search(r"WorkGroup \S+ is not found", message)):
        return _not_there(target)
    if code.startswith(("AccessDenied", "UnauthorizedOperation")):
        advice = "Ask for the permission, or use another profile: AWS_PROFILE=mine"
        return f"AWS refuses this to your credentials: {message}. {advice}"
    return message


def _code_of(error: Exception) -> tuple[str, str | None]:
    """The code by which AWS or its library knows an error, and the message; no message for what is neither."""
    if isinstance(error, CcaTedError):
        return str(error.attributes.get("code", "")), error.message
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        detail = error.response.get("Error", {})
        code = str(detail.get("Code", "unknown"))
        return code, f"{error.operation_name}: {code}: {detail.get('Message', '')}"
    return type(error).__name__, f"{error}" if isinstance(error, BotoCoreError) else None


def _unreachable(target: Target | None) -> str:
    if target and target.aws:
        return f"the embedded AWS of {target.title} does not answer. Look at it: ted local status"
    return "AWS does not answer. Look at the network, the proxy (HTTPS_PROXY), and the region (AWS_REGION)"


def _not_there(target: Target) -> str:
    if target.aws:
        return f"{target.title} is not deployed whole. Begin anew: ted local down, then ted local up"
    return (
        f"there is no instance {target.title}. Name another (--initials, --stage, AWS_PROFILE, AWS_REGION), or deploy "
        f"it: npx cdk deploy --all -c initials={target.names.initials} -c stage={target.names.stage}"
    )
