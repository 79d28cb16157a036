"""How far a plan has come: planned, transferred, extracted, dead, pending."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from runtime.buckets import Bucket
from runtime.errors import ConfigError
from runtime.failures import Failure, read_failures
from runtime.keys import RAW_SUFFIX, PackageId, manifest_prefix, raw_prefix
from runtime.manifest import EXTRACTOR_VERSION, read_manifests

IDLE_CHECKS = 3  # so many checks with empty queues in a row, and what is pending will never come
NAMED = 50  # packages that are named in an answer; Step Functions carries 256 KiB at most


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run set out to do: the packages due in its selection, held or not."""

    packages: tuple[PackageId, ...]
    planned_at: dt.datetime

    @classmethod
    def read(cls, bucket: Bucket, key: str) -> "Plan":
        """Read the plan that start_transfer_job wrote.

        Raises
        ------
        ConfigError
            The object is no plan.
        """
        value = bucket.get_json(key)
        try:
            packages = tuple(PackageId.parse(text) for text in value["packages"])
            return cls(packages, dt.datetime.fromisoformat(value["planned_at"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"s3://{bucket.name}/{key} is no plan: {error!r}", key=key) from error

    @property
    def years(self) -> list[int]:
        return sorted({package.year for package in self.packages})


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of packages; `planned = extracted + dead + pending`. `years` have something to merge."""

    planned: int
    transferred: int
    extracted: int
    pending: int
    dead: dict[PackageId, str]
    idle: int
    years: list[int] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return not self.pending

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, within what a state machine can carry."""
        named = [{"package_id": str(package), "reason": reason[:300]} for package, reason in sorted(self.dead.items())]
        return {
            "planned": self.planned,
            "transferred": self.transferred,
            "extracted": self.extracted,
            "pending": self.pending,
            "dead_count": len(self.dead),
            "dead": named[:NAMED],
            "years": self.years,
            "idle": self.idle,
            "done": self.done,
        }


def check_progress(
    plan: Plan, *, raw: Bucket, extracted: Bucket, waiting: Callable[[], int], idle: int, now_dead: int = IDLE_CHECKS
) -> Progress:
    """See how far a plan has come.

    A package is extracted when its manifest is younger than its raw object and of this extractor's version. It is
    dead when a failure was noted since the plan was made, or when both queues stayed empty for `now_dead` checks.

    Parameters
    ----------
    plan : what was set out to do
    waiting : counts the messages in both queues
    idle : checks in a row that found the queues empty while packages were pending, before this one
    """
    held = _modified(raw, [raw_prefix(year) for year in plan.years], RAW_SUFFIX)
    written = _modified(extracted, [manifest_prefix(year) for year in plan.years], ".json")
    ready = {p for p in plan.packages if p in held and p in written and written[p] >= held[p]}
    dead = {package: _reason(failure) for package, failure in _failures(plan, raw, extracted) if package not in ready}
    pending = [package for package in plan.packages if package not in ready and package not in dead]
    if not pending:
        stale = _stale(extracted, plan.years) & (ready - dead.keys())
        ready -= stale
        pending = sorted(stale)
    idle = idle + 1 if pending and not waiting() else 0
    if idle >= now_dead:
        reason = "no message for it is in the queues, nor a note on why; look at the dead-letter queues and logs"
        dead.update(dict.fromkeys(pending, reason))
        pending = []
    return Progress(
        planned=len(plan.packages),
        transferred=sum(package in held for package in plan.packages),
        extracted=len(ready),
        pending=len(pending),
        dead=dead,
        idle=idle,
        years=sorted({package.year for package in ready}),
    )


def _modified(bucket: Bucket, prefixes: Sequence[str], suffix: str) -> dict[PackageId, dt.datetime]:
    listed = (entry for prefix in prefixes for entry in bucket.keys(prefix) if entry.key.endswith(suffix))
    return {PackageId.parse(e.key.rsplit("/", 1)[-1].removesuffix(suffix)): e.last_modified for e in listed}


def _failures(plan: Plan, raw: Bucket, extracted: Bucket) -> list[tuple[PackageId, Failure]]:
    wanted = set(plan.packages)
    noted = [item for bucket in (raw, extracted) for item in read_failures(bucket, plan.years).items()]
    return [(p, f) for p, f in noted if p in wanted and dt.datetime.fromisoformat(f.failed_at) >= plan.planned_at]


def _reason(failure: Failure) -> str:
    return f"{failure.stage}: {failure.error}: {failure.message}"


def _stale(extracted: Bucket, years: Sequence[int]) -> set[PackageId]:
    manifests = [manifest for year in years for manifest in read_manifests(extracted, year)]
    return {manifest.package for manifest in manifests if manifest.extractor_version != EXTRACTOR_VERSION}
