"""Whether QuickSight knows the account, and whoever is to own the dashboard there."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from console.checks import Finding
from console.target import Target
from runtime.buckets import aws_errors
from stacks.settings import Settings

_WHAT = "QuickSight"
_OWNER = "QuickSight's owner"


def quicksight(target: Target, settings: Settings) -> Iterator[Finding]:
    """Look for the subscription and the owner, where the settings name one; a deployment fails without either.

    Source: Amazon QuickSight API reference, DescribeAccountSubscription, DescribeUser, DescribeGroup; they are asked in
    the region that the owner's ARN names, which need not be that of the instance.
    """
    principal = settings.quicksight_principal
    if principal is None:
        return
    if target.aws:
        yield Finding(_WHAT, "not known here", "the embedded AWS has none")
        return
    _, _, _, region, account, resource = principal.split(":", 5)
    kind, namespace, name = resource.split("/", 2)
    client = target.session.client("quicksight", region_name=region)
    found = _found("ask for QuickSight's subscription", client.describe_account_subscription, AwsAccountId=account)
    info = found["AccountInfo"] if found else {}
    status = info.get("AccountSubscriptionStatus", "no subscription")
    if status != "ACCOUNT_CREATED":
        advice = "subscribe as docs/quicksight.md says, or leave out ted:quicksight_principal"
        yield Finding(_WHAT, "wrong", f"{status} in account {account}", advice)
        return
    yield Finding(_WHAT, "ok", f"{info.get('Edition', 'subscribed')} in account {account}")
    ask = client.describe_user if kind == "user" else client.describe_group
    whom = {f"{kind.title()}Name": name, "Namespace": namespace, "AwsAccountId": account}
    if _found(f"look for {principal}", ask, **whom):
        yield Finding(_OWNER, "ok", f"{kind} {name}")
        return
    listed = f"aws quicksight list-{kind}s --aws-account-id {account} --namespace {namespace} --region {region}"
    yield Finding(_OWNER, "wrong", f"there is no {kind} {name} in namespace {namespace}", f"{listed} names those there")


def _found(action: str, call: Callable[..., dict[str, Any]], **given: str) -> dict[str, Any] | None:
    """What QuickSight answers; None where it knows of nothing."""
    with aws_errors(action):
        try:
            return call(**given)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return None
