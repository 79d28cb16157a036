"""The state machine: plan, wait, merge each year, reconcile, notify; and what starts it every day."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from runtime.keys import CALENDAR_PREFIX, FAILURE_PREFIX, MANIFEST_PREFIX, PLAN_PREFIX, RUNS_PREFIX
from stacks.dashboards import data_set_ids
from stacks.functions import Bundles, TedFunction, asset_code, layer_of
from stacks.ingest import Ingest
from stacks.lake import Lake
from stacks.permissions import (
    LISTING,
    acknowledge,
    allow,
    allow_key,
    allow_objects,
    arn_as_nag_writes_it,
    log_group,
)
from stacks.schedules import schedule
from stacks.settings import Settings
from stacks.storage import Storage

SECONDS = cdk.Duration.seconds
# A backfill takes hours, not days; a day of checks fits into the history of an execution (stacks.settings).
TIME_LIMIT = cdk.Duration.hours(24)
# Over all 4,132 packages since 2011 reconcile needs 11 s of one vCPU (`python -m bench.helpers`); 1,769 MiB bring one.
HELPER_MIB = 1769
HELPER_SECONDS = 300
PUBLISHERS = ("budgets", "cloudwatch")  # the rule on merges adds its own rights
# TED publishes at 9:00 in Luxembourg, Monday to Friday; late issues are brought by the next run.
SCHEDULE = "cron(30 10 ? * MON-FRI *)"
TIME_ZONE = "Europe/Luxembourg"
LAMBDA_FAULTS = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "TransientError",
]
# A new account runs ten functions at once, and the workers take them all.
LAMBDA_THROTTLED = ["Lambda.TooManyRequestsException"]
# What StartJobRun may answer though another try helps; Glue.AWSGlueException is how Step Functions spells those that
# the operation does not declare. Source: AWS Glue web API reference, StartJobRun and Common Errors.
GLUE_FAULTS = [
    "Glue.ThrottlingException",
    "Glue.InternalServiceException",
    "Glue.OperationTimeoutException",
    "Glue.SdkClientException",
    "Glue.AWSGlueException",
]
# What CreateIngestion may answer though another try helps. Source: QuickSight API reference, CreateIngestion.
QUICKSIGHT_FAULTS = [
    "QuickSight.ThrottlingException",
    "QuickSight.InternalFailureException",
    "QuickSight.SdkClientException",
]
GLUE_FULL = ["Glue.ConcurrentRunsExceededException", "Glue.ResourceNumberLimitExceededException"]


class Pipeline(cdk.Stack):
    """One run of everything, from TED's calendar to the published year.

    Attributes
    ----------
    state_machine : takes {"year": 2019, "month": 3}, {"year": 2019}, {} and what start_transfer_job takes besides
    topic : told of every run and every alarm
    check_progress, reconcile : the state machine's helpers
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        storage: Storage,
        ingest: Ingest,
        lake: Lake,
        bundles: Bundles,
        **stack: Any,
    ) -> None:
        super().__init__(scope, construct_id, **stack)
        self._settings = settings
        self._storage = storage
        self._ingest = ingest
        self._lake = lake
        self._code = asset_code(bundles.code)
        self._layer = layer_of(self, bundles.layer, settings)
        self.topic, self._topic_key = self._topic()
        self.check_progress = self._helper("CheckProgress", "check_progress", "Tells how far a plan has come")
        self.reconcile = self._helper("Reconcile", "reconcile", "Compares planned, kept, extracted and published")
        self._allow_helpers()
        self._states = Construct(self, "States")
        self.state_machine = self._state_machine()
        self._schedule()
        cdk.CfnOutput(self, "StateMachineArn", value=self.state_machine.state_machine_arn)
        cdk.CfnOutput(self, "TopicArn", value=self.topic.topic_arn)

    def _topic(self) -> tuple[sns.Topic, kms.IKey]:
        """Make the topic and its key: alarms cannot be sent through SNS's own key."""
        settings = self._settings
        if settings.kms_key:
            key: kms.IKey = kms.Key.from_key_arn(self, "Key", settings.kms_key)
        else:
            key = kms.Key(
                self,
                "TopicKey",
                description=f"Messages of {settings.names.instance}",
                enable_key_rotation=True,
                pending_window=cdk.Duration.days(7),
                removal_policy=cdk.RemovalPolicy.DESTROY,  # it protects no stored data
            )
            # The rule on merges adds a statement of its own, without the condition: EventBridge does not say for whom
            # it encrypts, and its messages would vanish.
            # Source: Amazon SNS developer guide, "Enable compatibility between event sources and encrypted topics".
            key.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="EncryptMessages",
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com") for service in PUBLISHERS],
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=["*"],  # in a key's policy: this key
                    conditions={"StringEquals": {"aws:SourceAccount": self.account}},
                )
            )
        topic = sns.Topic(self, "Topic", topic_name=settings.names.of("alarms"), master_key=key, enforce_ssl=True)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="PublishAlarms",
                principals=[iam.ServicePrincipal(f"{service}.amazonaws.com") for service in PUBLISHERS],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        return topic, key

    def _helper(self, construct_id: str, name: str, description: str) -> TedFunction:
        storage, ingest = self._storage, self._ingest
        return TedFunction(
            self,
            construct_id,
            settings=self._settings,
            code=self._code,
            layer=self._layer,
            name=name.replace("_", "-"),
            handler=f"runtime.pipeline.handlers.{name}",
            seconds=HELPER_SECONDS,
            memory_mib=HELPER_MIB,
            environment={
                "RAW_BUCKET": storage.raw.bucket_name,
                "EXTRACTED_BUCKET": storage.extracted.bucket_name,
                "TRANSFERS_QUEUE_URL": ingest.transfers.queue_url,
                "EXTRACTIONS_QUEUE_URL": ingest.extractions.queue_url,
                "GLUE_DATABASE": self._settings.names.database,
                "BUCKET_OWNER": self.account,
            },
            description=description,
        )

    def _allow_helpers(self) -> None:
        raw, extracted = self._storage.raw, self._storage.extracted
        for helper in (self.check_progress, self.reconcile):
            allow(helper.role, "List", LISTING, [raw.bucket_arn, extracted.bucket_arn])
            allow_key(helper.role, self._storage.key)
        role = self.check_progress.role
        allow_objects(role, "ReadPlans", ["s3:GetObject"], raw, [f"{FAILURE_PREFIX}*", f"{PLAN_PREFIX}*"])
        allow_objects(role, "ReadNotes", ["s3:GetObject"], extracted, [f"{FAILURE_PREFIX}*"])
        queues = [self._ingest.transfers.queue_arn, self._ingest.extractions.queue_arn]
        allow(role, "SeeQueues", ["sqs:GetQueueAttributes"], queues)
        role = self.reconcile.role
        allow_objects(role, "ReadPlans", ["s3:GetObject"], raw, [f"{CALENDAR_PREFIX}*", f"{PLAN_PREFIX}*"])
        allow_objects(role, "ReadNotes", ["s3:GetObject"], extracted, [f"{MANIFEST_PREFIX}*", f"{RUNS_PREFIX}*"])
        allow(role, "SeePartitions", ["glue:GetPartition"], self._lake.catalog_arns)

    def _definition(self) -> sfn.IChainable:
        broken = self._publish(
            "Tell of a broken run",
            "broke off",
            sfn.JsonPath.json_to_string(sfn.JsonPath.object_at("$.broken")),
            sfn.Fail(self._states, "Broken off", error_path="$.broken.Error", cause_path="$.broken.Cause"),
        )

        def step(state: tasks.LambdaInvoke) -> tasks.LambdaInvoke:
            state.add_retry(
                errors=LAMBDA_FAULTS,
                interval=SECONDS(10),
                max_attempts=4,
                backoff_rate=2,
                jitter_strategy=sfn.JitterType.FULL,
            )
            state.add_retry(errors=LAMBDA_THROTTLED, interval=SECONDS(60), max_attempts=60, backoff_rate=1)
            state.add_catch(broken, errors=["States.ALL"], result_path="$.broken")
            return state

        name_run = sfn.Pass(self._states, "Name the run", input_path="$$.Execution.Name", result_path="$.run")
        plan = step(self._invoke("Plan and queue transfers", self._ingest.start_transfer_job, result_path="$.plan"))
        # While the first packages are on their way. A run goes on without newer rates; another brings them.
        rates = self._invoke("Mirror the rates", self._ingest.mirror_rates, payload={}, result_path="$.rates")
        queue_extractions = step(
            self._invoke(
                "Queue extractions",
                self._ingest.start_extract_job,
                payload={"plan_key": sfn.JsonPath.string_at("$.plan.plan_key")},
                result_path="$.extract",
            )
        )
        begin = sfn.Pass(
            self._states, "Begin to wait", result=sfn.Result.from_object({"idle": 0}), result_path="$.progress"
        )
        check = step(
            self._invoke(
                "Check progress",
                self.check_progress,
                payload={
                    "plan_key": sfn.JsonPath.string_at("$.plan.plan_key"),
                    "idle": sfn.JsonPath.number_at("$.progress.idle"),
                },
                result_path="$.progress",
            )
        )
        wait = sfn.Wait(self._states, "Wait", time=sfn.WaitTime.duration(SECONDS(self._settings.poll_seconds))).next(
            check
        )
        reconcile = step(
            self._invoke(
                "Reconcile",
                self.reconcile,
                payload={
                    "plan_key": sfn.JsonPath.string_at("$.plan.plan_key"),
                    "dead": sfn.JsonPath.object_at("$.progress.dead"),
                    "merges": sfn.JsonPath.object_at("$.merges"),
                    "rates": sfn.JsonPath.object_at("$.rates"),
                    **({"data_sets": sfn.JsonPath.object_at("$.data_sets")} if self._settings.has_spice else {}),
                },
                result_path="$.report",
            )
        )
        verdict = (
            sfn.Choice(self._states, "Nothing lost?")
            .when(sfn.Condition.boolean_equals("$.report.ok", True), sfn.Succeed(self._states, "Complete"))
            .otherwise(sfn.Fail(self._states, "Incomplete", error="Incomplete", cause_path="$.report.summary"))
        )
        report = sfn.JsonPath.json_to_string(sfn.JsonPath.object_at("$.report"))
        merge = self._merge_years(broken)
        published = self._refresh_data_sets(merge, broken) if self._settings.has_spice else merge
        published.next(reconcile).next(self._publish("Tell of the run", "ended", report, verdict))
        done = (
            sfn.Choice(self._states, "All extracted or dead?")
            .when(sfn.Condition.boolean_equals("$.progress.done", True), merge)
            .otherwise(wait)
        )
        check.next(done)
        rates.add_catch(queue_extractions, errors=["States.ALL"], result_path="$.rates")
        return name_run.next(plan).next(rates).next(queue_extractions).next(begin).next(check)

    def _invoke(
        self, name: str, helper: TedFunction, *, result_path: str, payload: dict[str, Any] | None = None
    ) -> tasks.LambdaInvoke:
        return tasks.LambdaInvoke(
            self._states,
            name,
            lambda_function=helper.function,
            payload=None if payload is None else sfn.TaskInput.from_object(payload),
            payload_response_only=True,
            retry_on_service_exceptions=False,
            result_path=result_path,
        )

    def _publish(self, name: str, how: str, message: str, then: sfn.IChainable) -> sfn.Chain:
        """Send a message, then go on; one that cannot be sent changes nothing about how the run ends."""
        said = tasks.SnsPublish(
            self._states,
            name,
            topic=self.topic,
            subject=f"{self._settings.names.state_machine} {how}",
            message=sfn.TaskInput.from_text(message),
            result_path=sfn.JsonPath.DISCARD,
        )
        said.add_retry(
            errors=["States.ALL"],
            interval=SECONDS(5),
            max_attempts=4,
            backoff_rate=2,
            jitter_strategy=sfn.JitterType.FULL,
        )
        said.add_catch(then, errors=["States.ALL"], result_path="$.unsaid")
        return said.next(then)

    def _note(self, name: str, **what: Any) -> sfn.Pass:
        """Stand in for the result of what failed: what it was of, and why it failed."""
        fault = (sfn.JsonPath.string_at("$.fault.Error"), sfn.JsonPath.string_at("$.fault.Cause"))
        return sfn.Pass(self._states, name, parameters={**what, "error": sfn.JsonPath.format("{}: {}", *fault)})

    def _merge_years(self, broken: sfn.IChainable) -> sfn.Map:
        """Merge each year; one that fails is noted, and the others go on."""
        failed = self._note("Note the fault", year=sfn.JsonPath.number_at("$.year"))
        merge = tasks.GlueStartJobRun(
            self._states,
            "Merge a year",
            glue_job_name=self._settings.names.merge_job,
            integration_pattern=sfn.IntegrationPattern.RUN_JOB,
            arguments=sfn.TaskInput.from_object(
                {
                    "--YEAR": sfn.JsonPath.format("{}", sfn.JsonPath.string_at("$.year")),
                    # By it a run knows another that the same execution started before, and whose answer was lost.
                    "--STARTED_BY": sfn.JsonPath.string_at("$$.Execution.Name"),
                }
            ),
            task_timeout=sfn.Timeout.duration(cdk.Duration.minutes(self._settings.glue_minutes)),
            result_path=sfn.JsonPath.DISCARD,
        )
        merge.add_retry(
            errors=GLUE_FULL,
            interval=SECONDS(60),
            max_attempts=30,
            backoff_rate=1.2,
            max_delay=cdk.Duration.minutes(10),
            jitter_strategy=sfn.JitterType.FULL,
        )
        merge.add_retry(
            errors=GLUE_FAULTS,
            interval=SECONDS(10),
            max_attempts=6,
            backoff_rate=2,
            jitter_strategy=sfn.JitterType.FULL,
        )
        merge.add_catch(failed, errors=["States.ALL"], result_path="$.fault")
        years = sfn.Map(
            self._states,
            "Merge the years",
            items_path="$.progress.years",
            item_selector={"year": sfn.JsonPath.number_at("$$.Map.Item.Value")},
            max_concurrency=self._settings.glue_concurrency,
            result_path="$.merges",
        )
        years.add_catch(broken, errors=["States.ALL"], result_path="$.broken")
        years.item_processor(merge)
        return years

    def _refresh_data_sets(self, merge: sfn.Map, broken: sfn.IChainable) -> sfn.Map:
        """Have QuickSight read again what it keeps of the merged years; what it refuses is noted."""
        failed = self._note("Note the refusal", data_set=sfn.JsonPath.string_at("$.data_set"))
        refresh = tasks.CallAwsService(
            self._states,
            "Refresh a data set",
            service="quicksight",
            action="createIngestion",
            parameters={
                "AwsAccountId": self.account,
                "DataSetId": sfn.JsonPath.string_at("$.data_set"),
                "IngestionId": sfn.JsonPath.uuid(),
            },
            iam_resources=self._ingestion_arns,
            result_path=sfn.JsonPath.DISCARD,
        )
        refresh.add_retry(
            errors=QUICKSIGHT_FAULTS,
            interval=SECONDS(10),
            max_attempts=4,
            backoff_rate=2,
            jitter_strategy=sfn.JitterType.FULL,
        )
        refresh.add_catch(failed, errors=["States.ALL"], result_path="$.fault")
        name = sfn.Pass(
            self._states,
            "Name the data sets",
            result=sfn.Result.from_array([*data_set_ids(self._settings.names).values()]),
            result_path="$.data_sets",
        )
        data_sets = sfn.Map(
            self._states,
            "Refresh the data sets",
            items_path="$.data_sets",
            item_selector={"data_set": sfn.JsonPath.string_at("$$.Map.Item.Value")},
            max_concurrency=2,
            result_path="$.data_sets",
        )
        data_sets.add_catch(broken, errors=["States.ALL"], result_path="$.broken")
        data_sets.item_processor(refresh)
        merge.next(name).next(data_sets)
        return data_sets

    @property
    def _ingestion_arns(self) -> list[str]:
        """Refreshes of the data sets, whose ids the state machine makes up.

        Source: Service Authorization Reference, Amazon QuickSight: CreateIngestion, resource type `ingestion`.
        """
        return [
            self.format_arn(service="quicksight", resource="dataset", resource_name=f"{data_set}/ingestion/*")
            for data_set in data_set_ids(self._settings.names).values()
        ]

    def _state_machine(self) -> sfn.StateMachine:
        names = self._settings.names
        # Groups below this prefix do not each count against the limit of the account's log policy.
        group = log_group(self, "Logs", self._settings, f"/aws/vendedlogs/states/{names.state_machine}")
        role = iam.Role(self, "StateMachineRole", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        ingest = self._ingest
        functions = [
            ingest.mirror_rates, ingest.start_transfer_job, ingest.start_extract_job, self.check_progress,
            self.reconcile,
        ]  # fmt: skip
        allow(role, "Invoke", ["lambda:InvokeFunction"], [made.function.function_arn for made in functions])
        allow(
            role,
            "Merge",
            ["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"],
            [self._lake.job_arn],
        )
        if self._settings.has_spice:
            allow(role, "Refresh", ["quicksight:CreateIngestion"], self._ingestion_arns)
            acknowledge(
                role,
                "The star stands for the refreshes of one data set, whose ids are made up when they begin.",
                *(f"AwsSolutions-IAM5[Resource::{arn_as_nag_writes_it(self, arn)}]" for arn in self._ingestion_arns),
            )
        allow(role, "Tell", ["sns:Publish"], [self.topic.topic_arn])
        allow_key(role, self._topic_key)
        allow(
            role,
            "Trace",
            [
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ],
            ["*"],
        )
        allow(
            role,
            "DeliverLogs",
            [
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ],
            ["*"],
        )
        acknowledge(
            role,
            "X-Ray and the delivery of logs have no resources to name for these actions "
            "(Service Authorization Reference, AWS X-Ray and Amazon CloudWatch Logs).",
            "AwsSolutions-IAM5[Resource::*]",
        )
        return sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=names.state_machine,
            comment="Mirror, extract and merge TED's daily packages",
            definition_body=sfn.DefinitionBody.from_chainable(self._definition()),
            role=role.without_policy_updates(),
            timeout=TIME_LIMIT,
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=group, level=sfn.LogLevel.ALL, include_execution_data=False),
        )

    def _schedule(self) -> None:
        """Start the pipeline on the days TED publishes; the schedule exists in every stage, switched on or off."""
        names = self._settings.names
        schedule(
            self,
            "Schedule",
            action="states:StartExecution",
            arn=self.state_machine.state_machine_arn,
            window_minutes=15,
            given='{"scope": "current"}',
            name=names.of("daily"),
            description="Brings what is due of this year, and of the last one in its first week",
            state="ENABLED" if self._settings.has_schedule else "DISABLED",
            schedule_expression=SCHEDULE,
            schedule_expression_timezone=TIME_ZONE,
        )
