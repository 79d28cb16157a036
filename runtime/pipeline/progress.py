"""How far a plan has come: planned, transferred, extracted, dead, pending."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from runtime.buckets import Bucket
from runtime.failures import Failure, read_failures
from runtime.keys import PackageId
from runtime.ledger import Plan, read_ledger

IDLE_CHECKS = 3  # so many checks with empty queues in a row, and what is pending will never come
NAMED = 50  # packages that are named in an answer; Step Functions carries 256 KiB at most


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
    plan: Plan,
    *,
    raw: Bucket,
    extracted: Bucket,
    transfers: Callable[[], int],
    extractions: Callable[[], int],
    idle: int,
    now_dead: int = IDLE_CHECKS,
) -> Progress:
    """See how far a plan has come.

    A package is extracted when the ledger calls it current. It is dead when it is not, and a failure was noted since
    the plan was made or both queues stayed empty for `now_dead` checks. One that is held and asked for again is current
    until other bytes come: only a transfers queue that is empty for as many checks tells that the source has answered.
    The other queue is not asked then, for a message of another package may hide there for an hour before it is tried
    again.

    Parameters
    ----------
    plan : what was set out to do
    transfers, extractions : count the messages in the two queues
    idle : checks in a row that found empty what pending packages wait for, before this one
    """
    ledger = read_ledger(raw, extracted, plan.years)
    current = {package for package in plan.packages if ledger.is_current(package)}
    settled = current.difference(plan.again)
    dead = {package: _reason(failure) for package, failure in _failures(plan, raw, extracted) if package not in settled}
    pending = [package for package in plan.packages if package not in settled and package not in dead]
    waiting = transfers() or (not current.issuperset(pending) and extractions()) if pending else 0
    idle = idle + 1 if pending and not waiting else 0
    if idle >= now_dead:
        reason = "no message for it is in the queues, nor a note on why; look at the dead-letter queues and logs"
        dead.update({package: reason for package in pending if package not in current})
        pending = []
    ready = current - dead.keys() - set(pending)
    return Progress(
        planned=len(plan.packages),
        transferred=sum(package in ledger.held for package in plan.packages),
        extracted=len(ready),
        pending=len(pending),
        dead=dead,
        idle=idle,
        years=sorted({package.year for package in current}),
    )


def _failures(plan: Plan, raw: Bucket, extracted: Bucket) -> list[tuple[PackageId, Failure]]:
    wanted = set(plan.packages)
    noted = [item for bucket in (raw, extracted) for item in read_failures(bucket, plan.years).items()]
    return [(p, f) for p, f in noted if p in wanted and dt.datetime.fromisoformat(f.failed_at) >= plan.planned_at]


def _reason(failure: Failure) -> str:
    return f"{failure.stage}: {failure.error}: {failure.message}"
