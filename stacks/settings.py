"""Context keys: what a person can set, typed and checked in one place, all faults together.

Context from the command line is text, so every value is parsed: `-c ted:keep_data=false` is false.
"""

import dataclasses
import difflib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from stacks.names import BUCKET_LENGTH, Names, account_regional

Stage = Literal["dev", "test", "prod"]
Architecture = Literal["arm64", "x86_64"]
BucketNames = Literal["short", "account-regional"]
GlueVersion = Literal["5.0", "5.1"]
QuickSightMode = Literal["direct", "spice"]

PREFIX = "ted:"
INITIALS = re.compile(r"[a-z][a-z0-9]{1,7}")
LOCAL_FILE = Path("cdk.context.local.json")
MOST_REQUESTS = 600  # a minute; TED publishes 700, and has blocked at 666
# A day of checks every 40 seconds is 19,440 events of the 25,000 that an execution may have.
# Source: AWS Step Functions developer guide, "Service quotas" (execution history).
LEAST_POLL_SECONDS = 40
EMULATED_ACCOUNT = "000000000000"  # of the embedded AWS, whose runs are over in minutes
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
RIGHT_CALL = f"""\
A right call: cdk deploy --all -c initials=nfr
Your own initials can also stand in CCA_TED_INITIALS or in {LOCAL_FILE}: {{"initials": "nfr"}}"""


class SettingsError(ValueError):
    """Context keys are missing, unknown or wrong; the message lists every fault and shows a right call."""

    def __init__(self, faults: list[str]) -> None:
        lines = "".join(f"\n  - {fault}" for fault in faults)
        super().__init__(f"The settings cannot be used:{lines}\n{RIGHT_CALL}")
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was chosen for one instance.

    Parameters
    ----------
    account, region : where the stacks may be deployed; None leaves it to the credentials in use
    bucket_names : short is `nfr-cca-ted-raw-dev`, one in the whole world; account-regional has account and region in
        it, `nfr-cca-ted-raw-dev-123456789012-eu-west-1-an`, which nobody else can take; fixed once deployed
    start_year : first year of a backfill
    contact : URL or e-mail that TED sees in the User-Agent
    alarm_email : where alarms go; None leaves the topic without a subscriber
    has_schedule : start the pipeline every day
    permissions_boundary : ARN or name of a managed policy that bounds every role
    keeps_data : buckets, keys and logs outlive their stacks
    athena_scan_limit_gib : a query that would read more is cancelled
    has_sandbox : a database, a workgroup and a policy for what analysts make
    sandbox_days : after so many days tables and views of the sandbox are dropped, and soon after them their files
    lambda_python, lambda_architecture : of functions and layer; 3.11 is for the embedded AWS only
    source_url : TED, or s3://bucket with its packages
    package_path, calendar_path : paths at the source, with the year and the number of the issue in braces
    rates_url : where the ECB's history of euro reference rates is, a zip file
    poll_seconds : between two looks at a run's progress; 40 or more but in the embedded AWS
    glue_version : 5.1 is Spark 3.5.6 with S3A, as in the tests; 5.0 is Spark 3.5.4 with EMRFS
    glue_workers, glue_minutes, glue_concurrency : workers and time of a merge, merges at once
    transfer_concurrency, extract_concurrency : functions at work at once, at least 2 (a limit of SQS)
    transfer_seconds, extract_seconds : time-outs of the workers; queues hide a message six times as long
    requests_per_minute : pace of one transfer function at the source
    kms_key : ARN of a customer key for the buckets and the topic, whose policy lets CloudWatch, EventBridge and Budgets
        use it; None is S3's own key, and a key of the instance for the topic
    bootstrap_kms_key : ARN of the key of the bootstrap's assets bucket, where `cdk bootstrap` was given one; the roles
        that read assets may decrypt with it
    budget_usd : a month's cost that raises an alarm; 0 is no budget
    quicksight_principal : ARN of the QuickSight user or group that owns the dashboard; None is no dashboard there
    quicksight_mode : direct asks Athena whenever somebody looks; spice keeps answers in QuickSight, read after each run
    """

    initials: str
    stage: Stage = "dev"
    account: str | None = None
    region: str | None = None
    bucket_names: BucketNames = "short"
    start_year: int = 2011
    contact: str = ""
    alarm_email: str | None = None
    has_schedule: bool = False
    permissions_boundary: str | None = None
    keeps_data: bool = False
    athena_scan_limit_gib: int = 100
    has_sandbox: bool = False
    sandbox_days: int = 30
    lambda_python: str = "3.14"
    lambda_architecture: Architecture = "arm64"
    source_url: str = "https://ted.europa.eu"
    package_path: str = "/packages/daily/{year}{issue:05d}"
    calendar_path: str = "/en/release-calendar/-/download/file/CSV/{year}"
    rates_url: str = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
    poll_seconds: int = 60
    glue_version: GlueVersion = "5.1"
    glue_workers: int = 2
    glue_minutes: int = 120
    glue_concurrency: int = 3
    transfer_concurrency: int = 2
    extract_concurrency: int = 10
    transfer_seconds: int = 300
    extract_seconds: int = 600
    requests_per_minute: int = 80
    kms_key: str | None = None
    bootstrap_kms_key: str | None = None
    budget_usd: int = 25
    quicksight_principal: str | None = None
    quicksight_mode: QuickSightMode = "direct"

    @property
    def names(self) -> Names:
        """Names of everything in the instance."""
        return Names(self.initials, self.stage)

    @property
    def is_prod(self) -> bool:
        return self.stage == "prod"

    @property
    def has_spice(self) -> bool:
        """QuickSight keeps answers, which a run has it read again."""
        return self.quicksight_principal is not None and self.quicksight_mode == "spice"


def _text(value: str) -> str:
    if not value:
        raise ValueError("some text")
    return value


def _matching(pattern: str, expected: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(expected)
        return value

    return parse


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(value)

    return parse


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return value

    return parse


def _yes(true: str, false: str) -> Callable[[str], bool]:
    def parse(value: str) -> bool:
        if value not in (true, false):
            raise ValueError(f"{true} or {false}")
        return value == true

    return parse


def _path(*fields: str) -> Callable[[str], str]:
    example = {"year": 2019, "issue": 43}

    def parse(value: str) -> str:
        expected = f"a path from / on with {' and '.join('{' + name + '}' for name in fields)}"
        try:
            filled = value.format(**{name: example[name] for name in fields})
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(expected) from error
        if not value.startswith("/") or any(str(example[name]) not in filled for name in fields):
            raise ValueError(expected)
        return value

    return parse


_KEY_ARN = r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/[\w-]+"
# Of users and groups; all other principals there (a namespace, an account) are many people at once.
_QUICKSIGHT_ARN = r"arn:[\w-]+:quicksight:[a-z\d-]+:\d{12}:(user|group)/[\w.-]+/[^\s*](.*[^\s*])?"
_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
# context key after `ted:` -> field of Settings, parser; the parser's ValueError says what was expected
KEYS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "account": ("account", _matching(r"\d{12}", "12 digits")),
    "region": ("region", _matching(r"[a-z]{2}(-[a-z]+)+-\d", "a region as in eu-west-1")),
    "bucket_names": ("bucket_names", _one_of(*get_args(BucketNames))),
    "start_year": ("start_year", _whole(1993, 2999)),
    "contact": ("contact", _text),
    "alarm_email": ("alarm_email", _matching(_EMAIL, "an e-mail address")),
    "schedule": ("has_schedule", _yes("on", "off")),
    "permissions_boundary": (
        "permissions_boundary",
        _matching(r"arn:[\w-]+:iam::(\d{12}|aws):policy/\S+|[\w+=,.@-]{1,128}", "name or ARN of a managed policy"),
    ),
    "keep_data": ("keeps_data", _yes("true", "false")),
    "athena_scan_limit_gib": ("athena_scan_limit_gib", _whole(1, 10_240)),
    "sandbox": ("has_sandbox", _yes("on", "off")),
    "sandbox_days": ("sandbox_days", _whole(1, 365)),
    "lambda_python": ("lambda_python", _one_of(*PYTHONS)),
    "lambda_architecture": ("lambda_architecture", _one_of(*get_args(Architecture))),
    "source_url": (
        "source_url",
        _matching(r"(https?|s3)://[^/\s]+(/[^\s]*[^/\s])?", "https://host or s3://bucket without a slash at its end"),
    ),
    "package_path": ("package_path", _path("year", "issue")),
    "calendar_path": ("calendar_path", _path("year")),
    "rates_url": ("rates_url", _matching(r"https?://[^/\s]+/\S+", "https://host/path of a zip file")),
    "poll_seconds": ("poll_seconds", _whole(1, 3600)),
    "glue_version": ("glue_version", _one_of(*get_args(GlueVersion))),
    "glue_workers": ("glue_workers", _whole(2, 50)),
    "glue_minutes": ("glue_minutes", _whole(5, 2880)),
    "glue_concurrency": ("glue_concurrency", _whole(1, 20)),
    "transfer_concurrency": ("transfer_concurrency", _whole(2, 3)),  # TED allows three downloads at once
    "extract_concurrency": ("extract_concurrency", _whole(2, 100)),
    "transfer_seconds": ("transfer_seconds", _whole(30, 900)),
    "extract_seconds": ("extract_seconds", _whole(30, 900)),
    "requests_per_minute": ("requests_per_minute", _whole(1, 100_000)),
    "kms": ("kms_key", _matching(_KEY_ARN, "ARN of a KMS key")),
    "bootstrap_kms": ("bootstrap_kms_key", _matching(_KEY_ARN, "ARN of a KMS key")),
    "budget_usd": ("budget_usd", _whole(0, 1_000_000)),
    "quicksight_principal": (
        "quicksight_principal",
        _matching(
            _QUICKSIGHT_ARN,
            "ARN of a QuickSight user or group as in arn:aws:quicksight:eu-west-1:123456789012:user/default/jane; "
            "aws quicksight list-users prints them",
        ),
    ),
    "quicksight_mode": ("quicksight_mode", _one_of(*get_args(QuickSightMode))),
    # Beside keep_data=false: names the instance whose data may go with its stacks.
    "destroy_data": ("destroy_data", _text),
}
_BY_STAGE: dict[Stage, dict[str, Any]] = {
    "dev": {},
    "test": {"has_schedule": True},
    "prod": {"has_schedule": True, "keeps_data": True, "glue_workers": 4, "budget_usd": 100},
}


def read_settings(
    context: Mapping[str, Any], *, environment: Mapping[str, str] = os.environ, local_file: Path = LOCAL_FILE
) -> Settings:
    """Check the context of the CDK app and turn it into settings.

    A key given by `-c` wins over one in `local_file`; the initials can come from CCA_TED_INITIALS in between.

    Raises
    ------
    SettingsError
        Keys are missing, unknown or wrong; all faults are named.
    """
    faults: list[str] = []
    mine = _read_local(local_file, faults)
    if from_environment := environment.get("CCA_TED_INITIALS"):
        mine["initials"] = from_environment
    given = {**mine, **context}
    faults += _unknown(given)
    initials = _plain(given.get("initials"))
    if not initials:
        faults.append("initials are missing: expected 2 to 8 of a-z and 0-9, a letter first")
    elif not INITIALS.fullmatch(initials):
        faults.append(f"initials is {initials!r}: expected 2 to 8 of a-z and 0-9, a letter first")
    stage = _plain(given.get("stage", "dev"))
    if stage not in get_args(Stage):
        faults.append(f"stage is {stage!r}: expected one of {', '.join(get_args(Stage))}")
        stage = "dev"
    values = {**_BY_STAGE[stage], **_parse(given, faults)}  # type: ignore[index]
    named = values.pop("destroy_data", None)
    wanted = Names(initials, stage).instance
    faults += _disagreements(values, stage, wanted, named)
    faults += _too_long(values, Names(initials, stage))
    faults += _impatience(values, environment)
    if faults:
        raise SettingsError(faults)
    values.setdefault("contact", values.get("alarm_email") or Names(initials, stage).instance)
    return Settings(initials=initials, stage=stage, **values)  # type: ignore[arg-type]


def _read_local(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        faults.append(f"{path} cannot be read: {error}")
        return {}
    if not isinstance(content, dict):
        faults.append(f'{path} holds {type(content).__name__}: expected an object as in {{"initials": "nfr"}}')
        return {}
    return content


def _plain(value: Any) -> str:
    """A context value as it would be typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value).strip()


def _unknown(given: Mapping[str, Any]) -> list[str]:
    """Name unknown `ted:` keys, and keys that were probably meant to be ours."""
    ours = ["initials", "stage", *(PREFIX + key for key in KEYS)]
    faults = []
    for key in sorted(set(given) - set(ours)):
        near = difflib.get_close_matches(key, ours, n=1, cutoff=0.75)
        if not near and PREFIX + key in ours:
            near = [PREFIX + key]
        if key.startswith(PREFIX) or (near and re.fullmatch(r"[\w-]+", key)):
            faults.append(f"{key} is no key" + (f": did you mean {near[0]}?" if near else ""))
    return faults


def _parse(given: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    values = {}
    for key, (field, parse) in KEYS.items():
        if PREFIX + key not in given:
            continue
        text = _plain(given[PREFIX + key])
        try:
            values[field] = parse(text)
        except ValueError as error:
            faults.append(f"{PREFIX}{key} is {text!r}: expected {error}")
    return values


def _disagreements(values: Mapping[str, Any], stage: str, instance: str, named: str | None) -> list[str]:
    """Name the settings that do not go together."""
    faults = []
    keeps = values.get("keeps_data", False)
    if stage == "prod" and not keeps and named != instance:
        faults.append(
            f"ted:keep_data is false in prod: destroying its data takes a second key that names it, "
            f"ted:destroy_data={instance}" + (f", not {named}" if named else "")
        )
    if named is not None and keeps:
        faults.append(f"ted:destroy_data={named} disagrees with ted:keep_data=true: set ted:keep_data=false, too")
    if stage == "prod" and not values.get("contact") and not values.get("alarm_email"):
        faults.append("ted:contact is missing: in prod TED has to see a URL or an e-mail address of the operator")
    if stage != "dev" and values.get("lambda_python") == "3.11":
        faults.append("ted:lambda_python is '3.11': AWS runs it on a Linux too old for the layer; 3.11 is for dev only")
    faults += _haste(values)
    if ("account" in values) != ("region" in values):
        faults.append("ted:account and ted:region go together: set both or none")
    return faults + _of_quicksight(values)


def _of_quicksight(values: Mapping[str, Any]) -> list[str]:
    """Name a mode of a dashboard that nobody owns, and an owner whom QuickSight would not find."""
    principal = values.get("quicksight_principal")
    if principal is None:
        lonely = "quicksight_mode" in values
        return ["ted:quicksight_mode is set without ted:quicksight_principal: set that, too"] if lonely else []
    theirs, ours = principal.split(":")[4], values.get("account")
    if ours in (None, theirs):
        return []
    return [f"ted:quicksight_principal is of account {theirs}: expected one of ted:account={ours}"]


def _too_long(values: Mapping[str, Any], names: Names) -> list[str]:
    """Name a bucket that S3 would refuse for its length, where it is known which region is added to it."""
    if values.get("bucket_names") != "account-regional" or "region" not in values:
        return []
    place = values.get("account", "0" * 12), values["region"]
    longest = max((account_regional(name, *place) for name in names.buckets), key=len)
    if len(longest) <= BUCKET_LENGTH:
        return []
    expected = f"expected at most {BUCKET_LENGTH}; take shorter initials, or ted:bucket_names=short"
    return [f"ted:bucket_names is 'account-regional': {longest} has {len(longest)} characters, {expected}"]


def _haste(values: Mapping[str, Any]) -> list[str]:
    """Name a pace that TED may block: the workers', and two planning jobs' which ask like two of them each."""
    defaults = {field.name: field.default for field in dataclasses.fields(Settings)}
    chosen = {**defaults, **values}
    pace = chosen["requests_per_minute"] * (chosen["transfer_concurrency"] + 4)
    if not chosen["source_url"].startswith(str(defaults["source_url"])) or pace <= MOST_REQUESTS:
        return []
    given = chosen["requests_per_minute"]
    expected = f"expected at most {MOST_REQUESTS} at {defaults['source_url']}"
    return [f"ted:requests_per_minute is {given}: {pace} requests a minute in all, {expected}"]


def _impatience(values: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    """Name a pace of progress checks whose events would end a run of a day before its time."""
    seconds = values.get("poll_seconds", LEAST_POLL_SECONDS)
    account = values.get("account") or environment.get("CDK_DEFAULT_ACCOUNT")  # set by the cdk tool
    if seconds >= LEAST_POLL_SECONDS or account == EMULATED_ACCOUNT:
        return []
    why = "since Step Functions ends an execution at 25,000 events; less is for the embedded AWS"
    return [f"ted:poll_seconds is {seconds}: expected {LEAST_POLL_SECONDS} or more, {why}"]


def describe(settings: Settings) -> dict[str, Any]:
    """The settings as plain values, for a person to look at."""
    return dataclasses.asdict(settings)
