"""What an account may run at once, beside what an instance's settings ask for."""

from collections.abc import Iterator

from console.checks import Finding
from console.target import Target
from runtime.buckets import aws_errors
from stacks.settings import Settings

# Two runs of the pipeline, the schedule's and one by hand, each with one of its own functions at work.
OWN_STEPS = 2
LEAST = 2  # of each worker: a limit of SQS
CONCURRENCY_QUOTA = "L-B99A9384"  # of Lambda: concurrent executions in an account and region
_WANTED = 1000  # what AWS gives an account that asks
_WHAT = "Lambda's quota"


def lambda_concurrency(target: Target, settings: Settings) -> Iterator[Finding]:
    """Whether the functions that the settings let run at once fit into the account's quota.

    Source: AWS Lambda API reference, GetAccountSettings; AWS Lambda developer guide, "Lambda quotas".
    """
    if target.aws:
        yield Finding(_WHAT, "not known here", "the embedded AWS has no quotas")
        return
    with aws_errors("ask for Lambda's account settings"):
        limit = target.session.client("lambda").get_account_settings()["AccountLimit"]
    quota, free = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    transfers, extractions = settings.transfer_concurrency, settings.extract_concurrency
    needed = transfers + extractions + OWN_STEPS
    seen = f"{free} functions at once" + (f" ({quota} less what others reserve)" if free < quota else "")
    asks = f"the settings ask for {needed}: {transfers} transfers, {extractions} extractions, {OWN_STEPS} of runs"
    if needed <= free:
        yield Finding(_WHAT, "ok", f"{seen}; {asks}")
        return
    more = f"aws service-quotas request-service-quota-increase --service-code lambda --quota-code {CONCURRENCY_QUOTA}"
    raise_it = f"{more} --desired-value {_WANTED}"
    fitting = free - OWN_STEPS - transfers
    if fitting >= LEAST:
        advice = f"deploy with -c ted:extract_concurrency={fitting}, or raise the quota: {raise_it}"
    else:
        advice = f"raise the quota, which is too small for any setting: {raise_it}"
    yield Finding(_WHAT, "wrong", f"{seen}; {asks}", advice)
