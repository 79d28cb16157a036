"""Buckets: the mirror of TED, what is extracted and merged, the results of queries, and who read what."""

from typing import Any, get_args

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from runtime.keys import PLAN_PREFIX, QUARANTINE_PREFIX
from stacks.permissions import acknowledge, log_group, removal
from stacks.settings import BucketNames, Settings

DAYS = cdk.Duration.days
RESULTS_PREFIX = "results/"
SANDBOX_PREFIX = "sandbox/"
# A table goes first, then its files: it is dropped up to a day late, or two where that fails once.
SANDBOX_SLACK_DAYS = 2


class Storage(cdk.Stack):
    """The buckets, private and reached over TLS only.

    Attributes
    ----------
    raw : packages as published, versioned
    extracted : rows per package, manifests, quarantine, merged years
    athena : results of queries and files of the sandbox, short-lived
    key : the customer key of the buckets, None for S3's own
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, **stack: Any) -> None:
        super().__init__(scope, construct_id, **stack)
        self._settings = settings
        names = settings.names
        self._refuse_other_names()
        self.key = kms.Key.from_key_arn(self, "Key", settings.kms_key) if settings.kms_key else None
        self._access_logs = self._bucket("AccessLogs", names.logs_bucket, rules=[_expire("old-logs", days=90)])
        acknowledge(
            self._access_logs, "This bucket holds the access logs; logging its own would never end.", "AwsSolutions-S1"
        )
        self.raw = self._bucket(
            "Raw", names.raw_bucket, is_versioned=True, rules=[_expire("plans", days=90, prefix=PLAN_PREFIX)]
        )
        self.extracted = self._bucket(
            "Extracted",
            names.extracted_bucket,
            is_versioned=settings.is_prod,
            rules=[_expire("quarantine", days=365, prefix=QUARANTINE_PREFIX)],
        )
        self.athena = self._bucket(
            "AthenaResults",
            names.athena_bucket,
            rules=[
                _expire("results", days=30 if settings.is_prod else 7, prefix=RESULTS_PREFIX),
                # Also where there is no sandbox: what one left that was switched off goes, too.
                _expire("sandbox", days=settings.sandbox_days + SANDBOX_SLACK_DAYS, prefix=SANDBOX_PREFIX),
            ],
        )
        if not settings.keeps_data:
            self._bound_emptier()
        for label, bucket in (("Raw", self.raw), ("Extracted", self.extracted), ("Athena", self.athena)):
            cdk.CfnOutput(self, f"{label}BucketName", value=bucket.bucket_name)

    def _bucket(
        self, construct_id: str, name: str, *, rules: list[s3.LifecycleRule], is_versioned: bool = False
    ) -> s3.Bucket:
        is_log = construct_id == "AccessLogs"
        key = None if is_log else self.key  # log delivery writes to SSE-S3 buckets only
        keeps = self._settings.keeps_data
        is_regional = self._settings.bucket_names == "account-regional"
        return s3.Bucket(
            self,
            construct_id,
            bucket_name=None if is_regional else name,
            bucket_name_prefix=name if is_regional else None,
            bucket_namespace=s3.BucketNamespace.ACCOUNT_REGIONAL if is_regional else None,
            versioned=is_versioned,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            bucket_key_enabled=True if key else None,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=None if is_log else self._access_logs,
            server_access_logs_prefix=None if is_log else f"{name}/",
            removal_policy=removal(self._settings),
            auto_delete_objects=not keeps,
            lifecycle_rules=[
                s3.LifecycleRule(id="unfinished-uploads", abort_incomplete_multipart_upload_after=DAYS(1)),
                *([_old_versions(days=365 if keeps else 30)] if is_versioned else ()),
                *rules,
            ],
        )

    def _refuse_other_names(self) -> None:
        """Refuse, before anything is touched, to deploy with other bucket names than the instance has.

        S3 renames no bucket: every one would be replaced by an empty one. The stack remembers the parameter's value of
        its first deployment, since cdk gives previous values on; a template with another setting disagrees with it.
        """
        chosen = self._settings.bucket_names
        deployed = cdk.CfnParameter(
            self,
            "BucketNames",
            default=chosen,
            allowed_values=[*get_args(BucketNames)],
            description="ted:bucket_names of the first deployment; never give another",
        )
        cdk.CfnRule(
            self,
            "KeepBucketNames",
            assertions=[
                cdk.CfnRuleAssertion(
                    assert_=cdk.Fn.condition_equals(deployed.value_as_string, chosen),
                    assert_description=(
                        f"This instance was deployed with another ted:bucket_names than {chosen}, and S3 renames no "
                        "bucket: set it back. docs/bucket-names.md has the way to move."
                    ),
                )
            ],
        )

    def _bound_emptier(self) -> None:
        """Give the function that empties the buckets a log group that goes with the stack.

        CDK lets it write to a group that the Lambda service makes and nobody removes.
        """
        provider = self.node.find_child("Custom::S3AutoDeleteObjectsCustomResourceProvider")
        name = self._settings.names.of("empty-buckets")
        group = log_group(self, "EmptierLogs", self._settings, f"/aws/lambda/{name}")
        role, handler = provider.node.find_child("Role"), provider.node.find_child("Handler")
        assert isinstance(role, cdk.CfnResource)  # noqa: S101 narrows the type
        assert isinstance(handler, cdk.CfnResource)  # noqa: S101 narrows the type
        write = iam.PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[group.log_group_arn]
        )
        role.add_property_deletion_override("ManagedPolicyArns")
        role.add_property_override(
            "Policies",
            [{"PolicyName": "WriteLogs", "PolicyDocument": iam.PolicyDocument(statements=[write]).to_json()}],
        )
        handler.add_property_override("FunctionName", name)
        handler.add_property_override("LoggingConfig", {"LogGroup": group.log_group_name})


def _expire(rule: str, *, days: int, prefix: str | None = None) -> s3.LifecycleRule:
    return s3.LifecycleRule(id=rule, prefix=prefix, expiration=DAYS(days))


def _old_versions(*, days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id="old-versions", noncurrent_version_expiration=DAYS(days), expired_object_delete_marker=True
    )
