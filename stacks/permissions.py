"""Roles and policies with named actions, and the log groups that roles write to."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.settings import Settings

Grantee = iam.Role | iam.ManagedPolicy
# Names below `????/??/` in the raw bucket: the archives, as runtime.keys spells them.
PACKAGES = "????/??/*"
# Without it, S3 answers 403 for a missing object, not 404. A condition on the prefix would bring the 403 back.
LISTING = ("s3:ListBucket",)


def allow(
    grantee: Grantee,
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    *,
    conditions: Mapping[str, Any] | None = None,
) -> None:
    """Add one statement with named actions to a role, or to a policy that people attach to theirs."""
    statement = iam.PolicyStatement(sid=sid, actions=list(actions), resources=list(resources), conditions=conditions)
    if isinstance(grantee, iam.ManagedPolicy):
        grantee.add_statements(statement)
    else:
        # Its cousin add_to_principal_policy also brings two objects over from Node, at a round trip each.
        grantee.add_to_policy(statement)


def allow_objects(
    grantee: Grantee, sid: str, actions: Sequence[str], bucket: s3.IBucket, prefixes: Sequence[str]
) -> None:
    """Add one statement with named actions on the objects below some prefixes of a bucket."""
    arn, nag_arn = bucket.bucket_arn, _arn_as_nag_writes_it(grantee, bucket)
    allow(grantee, sid, actions, [f"{arn}/{prefix}" for prefix in prefixes])
    acknowledge(
        grantee,
        "The names of objects are not known before a run: the stars stand for names below one prefix of one bucket.",
        *(f"AwsSolutions-IAM5[Resource::{nag_arn}/{prefix}]" for prefix in prefixes),
    )


def _arn_as_nag_writes_it(grantee: Grantee, bucket: s3.IBucket) -> str:
    """The ARN of another stack's bucket by the name of its export, that of a bucket outside of the app in full."""
    if isinstance(bucket, s3.Bucket):
        return _export_of(bucket)
    stack = cdk.Stack.of(grantee)
    partition = "<AWS::Partition>" if cdk.Token.is_unresolved(stack.region) else "aws"
    return f"arn:{partition}:s3:::{bucket.bucket_name}"


@cache
def _export_of(bucket: s3.Bucket) -> str:
    stack = bucket.stack
    return str(stack.resolve(stack.export_value(bucket.bucket_arn))["Fn::ImportValue"])


def arn_as_nag_writes_it(stack: cdk.Stack, arn: str) -> str:
    """An ARN that `format_arn` made, with the names of the pseudo parameters that are in it."""
    resolved = stack.resolve(arn)
    if isinstance(resolved, str):
        return resolved
    return "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in resolved["Fn::Join"][1])


def allow_key(grantee: Grantee, key: kms.IKey | None) -> None:
    """Let a grantee read and write what a customer key encrypts, where there is one."""
    if key is not None:
        allow(grantee, "UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [key.key_arn])


def log_group(scope: Construct, construct_id: str, settings: Settings, name: str) -> logs.LogGroup:
    """Make a log group that ends with its stack unless data is kept."""
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        retention=logs.RetentionDays.SIX_MONTHS if settings.is_prod else logs.RetentionDays.ONE_MONTH,
        removal_policy=removal(settings),
    )


def allow_logging(role: iam.Role, *groups: logs.ILogGroup) -> None:
    """Let a role write to its log groups; it cannot make new ones, so none is left behind."""
    allow(role, "WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [group.log_group_arn for group in groups])


def removal(settings: Settings) -> cdk.RemovalPolicy:
    """What becomes of data and history when its stack is destroyed.

    What is kept was there before: a first deployment that fails takes its own empty ones with it, so that the next does
    not find their names taken.
    """
    return cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if settings.keeps_data else cdk.RemovalPolicy.DESTROY


def acknowledge(construct: Construct, reason: str, *findings: str) -> None:
    """Accept findings of cdk-nag on one construct, for one reason."""
    validations = cdk.Validations.of(construct)
    validations.acknowledge(*(cdk.Acknowledgment(id=finding, reason=reason) for finding in findings))
