"""Which packages are to be extracted: read from messages, or found by looking."""

from typing import Any
from urllib.parse import unquote_plus

from runtime.buckets import Bucket
from runtime.errors import ConfigError
from runtime.job_input import JobInput
from runtime.keys import PackageId, package_of_raw_key
from runtime.ledger import Plan, read_ledger


def message_of(package: PackageId, *, refresh: bool) -> dict[str, Any]:
    """A message of the extractions queue."""
    return {"package_id": str(package), "refresh": refresh}


def read_message(body: Any) -> tuple[list[PackageId], bool]:
    """Read a message of the extractions queue: `{"package_id": …, "refresh": …}`, or an event of the raw bucket.

    Returns
    -------
    0..n packages, none for the test event that S3 sends when a notification is set up; and whether they are to be
    read though they are current

    Raises
    ------
    ConfigError
        The message is neither, or names no package.
    """
    if isinstance(body, dict):
        if isinstance(package_id := body.get("package_id"), str) and isinstance(body.get("refresh", False), bool):
            return [PackageId.parse(package_id)], body.get("refresh", False)
        if body.get("Event") == "s3:TestEvent":
            return [], False
        try:
            keys = [unquote_plus(record["s3"]["object"]["key"]) for record in body["Records"]]
        except (KeyError, TypeError, AttributeError):
            keys = []
        if keys:
            return [package_of_raw_key(key) for key in keys], False
    raise ConfigError(f'expected {{"package_id": …}} or an S3 event, got {str(body)[:200]}')


def packages_to_extract(raw: Bucket, extracted: Bucket, asked: JobInput) -> tuple[list[PackageId], list[PackageId]]:
    """List the held packages of a job's input that are not current, or all of them for `refresh`, ascending.

    Returns
    -------
    these, and the packages that were named by hand though the raw bucket lacks them; those that a plan names are on
    their way, and the event of their arrival brings them
    """
    packages, years = asked.packages, asked.years
    if asked.plan_key:
        plan = Plan.read(raw, asked.plan_key)
        packages, years = plan.packages, tuple(plan.years)
    ledger = read_ledger(raw, extracted, years, asked.month)
    found = sorted(ledger.held) if asked.refresh else ledger.due
    is_by_name = bool(asked.packages or asked.plan_key)
    chosen = [package for package in found if not is_by_name or package in set(packages)]
    return chosen, [package for package in asked.packages if package not in ledger.held]
