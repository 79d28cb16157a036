"""Transfer and extraction: their functions and queues, and the event that links them."""

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from aws_cdk.interfaces.aws_s3 import IBucketRef
from constructs import Construct

from runtime.keys import (
    CALENDAR_PREFIX,
    DAILY_PREFIX,
    FAILURE_PREFIX,
    MANIFEST_PREFIX,
    PLAN_PREFIX,
    QUARANTINE_PREFIX,
    RATES_PREFIX,
    RAW_SUFFIX,
    SEAL_PREFIX,
    reference_key,
)
from runtime.schema.tables import EXCHANGE_RATES
from stacks.functions import Bundles, TedFunction, asset_code, layer_of
from stacks.permissions import (
    LISTING,
    PACKAGES,
    acknowledge,
    allow,
    allow_key,
    allow_logging,
    allow_objects,
    log_group,
)
from stacks.settings import Settings
from stacks.storage import Storage

MAX_RECEIVE_COUNT = 5
VISIBILITY_FACTOR = 6  # of the function's time-out, as the Lambda service asks for
JOB_SECONDS = 900
RATES_SECONDS = 120  # the longest that a run waits for exchange rates
# CDK gives its function for bucket notifications this id in every stack.
NOTIFIER_ID = "BucketNotificationsHandler050a0587b7544547bf325f094a3db834"


@jsii.implements(s3.IBucketNotificationDestination)
class _Announced:
    """A queue that S3 may send to for a bucket of this account; CDK's own destination does not ask whose bucket it is.

    A bucket's name is free for anybody once the bucket is gone.
    """

    def __init__(self, queue: sqs.Queue) -> None:
        self._queue = queue

    def bind(self, scope: Construct, bucket: IBucketRef) -> s3.BucketNotificationDestinationConfig:
        queue = self._queue
        allowed = queue.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AnnouncePackages",
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                conditions={
                    "ArnLike": {"aws:SourceArn": bucket.bucket_ref.bucket_arn},
                    "StringEquals": {"aws:SourceAccount": queue.stack.account},
                },
            )
        )
        # S3 tries the queue when it takes the notification, so the policy comes first.
        return s3.BucketNotificationDestinationConfig(
            arn=queue.queue_arn,
            type=s3.BucketNotificationDestinationType.QUEUE,
            dependencies=[allowed.policy_dependable] if allowed.policy_dependable else None,
        )


class Ingest(cdk.Stack):
    """Functions that mirror and extract packages, and mirror exchange rates.

    Attributes
    ----------
    transfers, extractions : work queues
    dead_letters : their dead-letter queues
    start_transfer_job, process_transfers, start_extract_job, process_extractions, mirror_rates : the functions
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        storage: Storage,
        bundles: Bundles,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        self._settings = settings
        self._storage = storage
        self._code = asset_code(bundles.code)
        self._layer = layer_of(self, bundles.layer, settings)
        self.dead_letters: list[sqs.Queue] = []
        self.transfers = self._queue("Transfers", "transfers", settings.transfer_seconds)
        self.extractions = self._queue("Extractions", "extractions", settings.extract_seconds)
        self.start_transfer_job = self._start_transfer_job()
        self.process_transfers = self._process_transfers()
        self.start_extract_job = self._start_extract_job()
        self.process_extractions = self._process_extractions()
        self.mirror_rates = self._mirror_rates()
        self._notify_extractions()
        cdk.CfnOutput(self, "TransfersQueueUrl", value=self.transfers.queue_url)
        cdk.CfnOutput(self, "ExtractionsQueueUrl", value=self.extractions.queue_url)

    @property
    def functions(self) -> list[TedFunction]:
        return [
            self.start_transfer_job,
            self.process_transfers,
            self.start_extract_job,
            self.process_extractions,
            self.mirror_rates,
        ]

    def _queue(self, construct_id: str, name: str, seconds: int) -> sqs.Queue:
        full_name = self._settings.names.queue(name)
        dead = sqs.Queue(
            self,
            f"{construct_id}DeadLetters",
            queue_name=f"{full_name}_dlq",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),
        )
        acknowledge(dead, "This queue is where the other one sends its dead letters.", "Serverless-SQSRedrivePolicy")
        self.dead_letters.append(dead)
        return sqs.Queue(
            self,
            construct_id,
            queue_name=full_name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),
            visibility_timeout=cdk.Duration.seconds(seconds * VISIBILITY_FACTOR),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=MAX_RECEIVE_COUNT),
        )

    def _function(
        self,
        construct_id: str,
        handler: str,
        *,
        seconds: int,
        memory_mib: int,
        environment: dict[str, str],
        description: str,
        storage_mib: int | None = None,
    ) -> TedFunction:
        return TedFunction(
            self,
            construct_id,
            settings=self._settings,
            code=self._code,
            layer=self._layer,
            name=handler.rsplit(".", 1)[-1].replace("_", "-"),
            handler=handler,
            seconds=seconds,
            memory_mib=memory_mib,
            environment=environment,
            description=description,
            storage_mib=storage_mib,
        )

    @property
    def _transfer_environment(self) -> dict[str, str]:
        settings = self._settings
        return {
            "RAW_BUCKET": self._storage.raw.bucket_name,
            "TRANSFERS_QUEUE_URL": self.transfers.queue_url,
            "SOURCE_URL": settings.source_url,
            "PACKAGE_PATH": settings.package_path,
            "CALENDAR_PATH": settings.calendar_path,
            "CONTACT": settings.contact,
            "REQUESTS_PER_MINUTE": str(settings.requests_per_minute),
            "START_YEAR": str(settings.start_year),
            "MAX_RECEIVE_COUNT": str(MAX_RECEIVE_COUNT),
            "BUCKET_OWNER": self.account,
        }

    @property
    def _extract_environment(self) -> dict[str, str]:
        return {
            "RAW_BUCKET": self._storage.raw.bucket_name,
            "EXTRACTED_BUCKET": self._storage.extracted.bucket_name,
            "EXTRACTIONS_QUEUE_URL": self.extractions.queue_url,
            "START_YEAR": str(self._settings.start_year),
            "MAX_RECEIVE_COUNT": str(MAX_RECEIVE_COUNT),
            "BUCKET_OWNER": self.account,
        }

    def _start_transfer_job(self) -> TedFunction:
        made = self._function(
            "StartTransferJob",
            "runtime.transfer.handlers.start_transfer_job",
            seconds=JOB_SECONDS,
            memory_mib=512,
            environment=self._transfer_environment,
            description="Plans the due packages of a selection and queues those that the raw bucket lacks",
        )
        raw = self._storage.raw
        allow(made.role, "ListRaw", LISTING, [raw.bucket_arn])
        allow_objects(made.role, "ReadRaw", ["s3:GetObject"], raw, [PACKAGES, f"{CALENDAR_PREFIX}*"])
        allow_objects(made.role, "WritePlans", ["s3:PutObject"], raw, [f"{CALENDAR_PREFIX}*", f"{PLAN_PREFIX}*"])
        allow_objects(made.role, "ForgetFailures", ["s3:DeleteObject"], raw, [f"{FAILURE_PREFIX}*"])
        allow(made.role, "SendTransfers", ["sqs:SendMessage"], [self.transfers.queue_arn])
        self._allow_source(made.role)
        allow_key(made.role, self._storage.key)
        return made

    def _process_transfers(self) -> TedFunction:
        made = self._function(
            "ProcessTransfers",
            "runtime.transfer.handlers.process_transfers",
            seconds=self._settings.transfer_seconds,
            memory_mib=1024,
            storage_mib=1024,  # a package waits on disk until it is proven; a month's has some 400 MB
            environment=self._transfer_environment,
            description="Brings packages from TED into the raw bucket",
        )
        raw = self._storage.raw
        allow(made.role, "ListRaw", LISTING, [raw.bucket_arn])
        allow_objects(made.role, "ReadRaw", ["s3:GetObject"], raw, [PACKAGES, f"{FAILURE_PREFIX}*"])
        allow_objects(
            made.role, "WriteRaw", ["s3:AbortMultipartUpload", "s3:PutObject"], raw, [PACKAGES, f"{FAILURE_PREFIX}*"]
        )
        allow_objects(made.role, "ForgetFailures", ["s3:DeleteObject"], raw, [f"{FAILURE_PREFIX}*"])
        self._allow_source(made.role)
        allow_key(made.role, self._storage.key)
        self._work_on(made, self.transfers, self._settings.transfer_concurrency)
        return made

    def _start_extract_job(self) -> TedFunction:
        made = self._function(
            "StartExtractJob",
            "runtime.extract.handlers.start_extract_job",
            seconds=JOB_SECONDS,
            memory_mib=512,
            environment=self._extract_environment,
            description="Queues the raw packages of a selection that lack a current extraction",
        )
        raw, extracted = self._storage.raw, self._storage.extracted
        allow(made.role, "List", LISTING, [raw.bucket_arn, extracted.bucket_arn])
        allow_objects(made.role, "ReadPlans", ["s3:GetObject"], raw, [f"{PLAN_PREFIX}*"])
        allow(made.role, "SendExtractions", ["sqs:SendMessage"], [self.extractions.queue_arn])
        allow_key(made.role, self._storage.key)
        return made

    def _process_extractions(self) -> TedFunction:
        made = self._function(
            "ProcessExtractions",
            "runtime.extract.handlers.process_extractions",
            seconds=self._settings.extract_seconds,
            memory_mib=1769,  # one whole vCPU
            environment=self._extract_environment,
            description="Turns the notices of raw packages into Parquet rows, a manifest and a quarantine",
        )
        raw, extracted = self._storage.raw, self._storage.extracted
        prefixes = (DAILY_PREFIX, FAILURE_PREFIX, MANIFEST_PREFIX, QUARANTINE_PREFIX, SEAL_PREFIX)
        written = [f"{prefix}*" for prefix in prefixes]
        allow(made.role, "List", LISTING, [raw.bucket_arn, extracted.bucket_arn])
        allow_objects(made.role, "ReadRaw", ["s3:GetObject"], raw, [PACKAGES])
        allow_objects(
            made.role, "ReadNotes", ["s3:GetObject"], extracted, [f"{FAILURE_PREFIX}*", f"{MANIFEST_PREFIX}*"]
        )
        allow_objects(
            made.role,
            "WriteExtracted",
            ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"],
            extracted,
            written,
        )
        allow_key(made.role, self._storage.key)
        self._work_on(made, self.extractions, self._settings.extract_concurrency)
        return made

    def _mirror_rates(self) -> TedFunction:
        settings, raw, extracted = self._settings, self._storage.raw, self._storage.extracted
        made = self._function(
            "MirrorRates",
            "runtime.rates.handlers.mirror_rates",
            seconds=RATES_SECONDS,
            memory_mib=1769,  # one whole vCPU: half a million rows are made each time
            environment={
                "RAW_BUCKET": raw.bucket_name,
                "EXTRACTED_BUCKET": extracted.bucket_name,
                "RATES_URL": settings.rates_url,
                "CONTACT": settings.contact,
                "BUCKET_OWNER": self.account,
            },
            description="Brings the ECB's exchange rates, and makes their table",
        )
        allow(made.role, "List", LISTING, [raw.bucket_arn, extracted.bucket_arn])
        allow_objects(made.role, "KeepRates", ["s3:GetObject", "s3:PutObject"], raw, [f"{RATES_PREFIX}*"])
        table = extracted.arn_for_objects(reference_key(EXCHANGE_RATES.name))
        allow(made.role, "WriteTable", ["s3:GetObject", "s3:PutObject"], [table])
        allow_key(made.role, self._storage.key)
        return made

    def _allow_source(self, role: iam.Role) -> None:
        """Let a role read the packages where the source is a bucket."""
        source = self._settings.source_url
        if source.startswith("s3://"):
            name = source.removeprefix("s3://").split("/", 1)[0]
            bucket = s3.Bucket.from_bucket_name(self, f"Source{role.node.path.split('/')[-2]}", name)
            allow(role, "ListSource", LISTING, [bucket.bucket_arn])
            allow_objects(role, "ReadSource", ["s3:GetObject"], bucket, [PACKAGES, f"{CALENDAR_PREFIX}*"])

    def _work_on(self, worker: TedFunction, queue: sqs.Queue, concurrency: int) -> None:
        """Feed a queue's messages to a function, one at a time."""
        worker.function.add_event_source(
            SqsEventSource(queue, batch_size=1, max_concurrency=concurrency, report_batch_item_failures=True)
        )
        acknowledge(
            worker.function,
            "The Lambda service takes no failure destination for a queue; the queue's redrive policy is in its place.",
            "Serverless-LambdaEventSourceMappingDestination",
        )
        actions: Sequence[str] = (
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        )
        allow(worker.role, "WorkOnQueue", actions, [queue.queue_arn])

    def _notify_extractions(self) -> None:
        """Send a message for every package that arrives in the raw bucket.

        The bucket is taken by its attributes: the notification then belongs to this stack, and the storage stack
        does not come to depend on it.
        """
        settings, raw = self._settings, self._storage.raw
        name = settings.names.of("notify-bucket")
        group = log_group(self, "NotifierLogs", settings, f"/aws/lambda/{name}")
        role = iam.Role(self, "NotifierRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        allow_logging(role, group)
        allow(
            role,
            "SetNotification",
            ["s3:GetBucketNotification", "s3:PutBucketNotification"],
            [raw.bucket_arn],
        )
        bucket = s3.Bucket.from_bucket_attributes(
            self,
            "RawEvents",
            bucket_arn=raw.bucket_arn,
            bucket_name=raw.bucket_name,
            notifications_handler_role=role.without_policy_updates(),
        )
        bucket.add_event_notification(
            s3.EventType.OBJECT_CREATED, _Announced(self.extractions), s3.NotificationKeyFilter(suffix=RAW_SUFFIX)
        )
        handler = self.node.find_child(NOTIFIER_ID).node.find_child("Resource")
        assert isinstance(handler, cdk.CfnResource)  # noqa: S101 narrows the type
        handler.add_property_override("FunctionName", name)
        handler.add_property_override("LoggingConfig", {"LogGroup": group.log_group_name})
