"""Which packages are to be extracted: read from messages, or found by looking."""

import datetime as dt
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote_plus

from runtime.buckets import Bucket
from runtime.errors import ConfigError
from runtime.keys import RAW_SUFFIX, PackageId, package_of_raw_key, raw_prefix
from runtime.manifest import EXTRACTOR_VERSION, read_manifests

THREADS = 16  # looks at S3 objects at a time
_KEYS = ("packages", "plan_key", "refresh", "run", "scope", "year", "years", "month")


def packages_of_message(body: Any) -> list[PackageId]:
    """Read a message of the extractions queue: `{"package_id": …}`, or an event of the raw bucket.

    Returns
    -------
    0..n packages; none for the test event that S3 sends when a notification is set up

    Raises
    ------
    ConfigError
        The message is neither, or names no package.
    """
    if isinstance(body, dict):
        if isinstance(package_id := body.get("package_id"), str):
            return [PackageId.parse(package_id)]
        if body.get("Event") == "s3:TestEvent":
            return []
        try:
            keys = [unquote_plus(record["s3"]["object"]["key"]) for record in body["Records"]]
        except (KeyError, TypeError, AttributeError):
            keys = []
        if keys:
            return [package_of_raw_key(key) for key in keys]
    raise ConfigError(f'expected {{"package_id": …}} or an S3 event, got {str(body)[:200]}')


@dataclass(frozen=True, slots=True)
class Selection:
    """Packages that a job is about; without packages and years, all from the start year on."""

    packages: tuple[PackageId, ...] = ()
    years: tuple[int, ...] = ()
    month: int | None = None
    plan_key: str = ""
    is_refresh: bool = False

    @classmethod
    def parse(cls, event: Mapping[str, Any], today: dt.date) -> Self:
        """Read the input of start_extract_job: `{}`, `year` with or without `month`, `years`, `packages`, `plan_key`.

        `refresh` selects packages that are extracted and current, too; `scope: current` means the years of today
        and of a week ago.

        Raises
        ------
        ConfigError
            Keys are unknown, or values are not what they should be; all are named.
        """
        faults = [f"unknown key {key!r}" for key in event if key not in _KEYS]
        years = event.get("years", [event["year"]] if "year" in event else [])
        if not isinstance(years, list) or any(type(year) is not int or not 1993 <= year <= 2999 for year in years):
            faults.append(f"expected years as in 2019, got {years!r}")
            years = []
        if event.get("scope") == "current":
            years = [*years, today.year, (today - dt.timedelta(days=7)).year]
        elif "scope" in event:
            faults.append(f'expected the scope "current", got {event["scope"]!r}')
        month = event.get("month")
        if month is not None and (type(month) is not int or not 1 <= month <= 12 or "year" not in event):
            faults.append(f"expected a month from 1 to 12 beside a year, got {month!r}")
        packages = []
        for text in event.get("packages") or ():
            try:
                packages.append(PackageId.parse(str(text)))
            except ConfigError as error:
                faults.append(error.message)
        if type(event.get("refresh", False)) is not bool:
            faults.append(f"expected refresh to be true or false, got {event['refresh']!r}")
        if faults:
            raise ConfigError.of(faults, 'a right input is {"year": 2019, "month": 3}')
        plan_key, is_refresh = str(event.get("plan_key") or ""), event.get("refresh", False)
        return cls(tuple(packages), tuple(sorted(set(years))), month, plan_key, is_refresh)


def packages_to_extract(
    raw: Bucket, extracted: Bucket, selection: Selection, start_year: int, today: dt.date
) -> list[PackageId]:
    """List the raw packages of a selection that lack a current manifest, ascending.

    A manifest is current when it is of the current version of the raw object, and of this extractor.
    """
    wanted = _wanted(raw, selection, start_year, today)
    if selection.is_refresh:
        return wanted
    held = {
        manifest.package: manifest
        for year in sorted({package.year for package in wanted})
        for manifest in read_manifests(extracted, year)
        if manifest.extractor_version == EXTRACTOR_VERSION
    }

    def is_due(package: PackageId) -> bool:
        if package not in held:
            return True
        head = raw.head(package.raw_key)
        manifest = held[package]
        return head is not None and not (
            (head.version_id and head.version_id == manifest.raw_version_id)
            or head.metadata.get("sha256") == manifest.sha256
        )

    with ThreadPoolExecutor(THREADS) as pool:
        due = list(pool.map(is_due, wanted))
    return [package for package, is_wanted in zip(wanted, due, strict=True) if is_wanted]


def _wanted(raw: Bucket, selection: Selection, start_year: int, today: dt.date) -> list[PackageId]:
    """Raw packages of a selection, ascending."""
    named = set(selection.packages)
    if selection.plan_key:
        named |= {PackageId.parse(text) for text in raw.get_json(selection.plan_key)["packages"]}
    years: Iterable[int] = selection.years or range(start_year, today.year + 1)
    if named:
        years = {package.year for package in named}
    prefixes = [raw_prefix(year, selection.month) for year in sorted(years)]
    present = {
        package_of_raw_key(listed.key)
        for prefix in prefixes
        for listed in raw.keys(prefix)
        if listed.key.endswith(RAW_SUFFIX)
    }
    return sorted(present & named if named or selection.plan_key else present)
