"""Rules that every resource of a kind keeps, in every instance: a new resource that breaks one fails here."""

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.schema import CATALOG_TABLES, TABLES
from runtime.schema.views import VIEWS, saved_queries, view_statement
from stacks import dashboard
from stacks.bundling import ROOT
from stacks.functions import NAMESPACE
from tests.infra.conftest import CASES
from tests.infra.synthesis import Resource, Synthesis, as_list, flatten, synthesize, text_of

# Methods of boto3 clients that the runtime calls -> actions that IAM asks for.
CALLS: dict[str, tuple[str, ...]] = {
    "abort_multipart_upload": ("s3:AbortMultipartUpload",),
    "batch_update_partition": ("glue:BatchUpdatePartition",),
    "change_message_visibility": ("sqs:ChangeMessageVisibility",),
    "complete_multipart_upload": ("s3:PutObject",),
    "create_multipart_upload": ("s3:PutObject",),
    "create_partition": ("glue:CreatePartition",),
    "delete_objects": ("s3:DeleteObject",),
    "delete_table": ("glue:DeleteTable",),
    "get_job_runs": ("glue:GetJobRuns",),
    "get_object": ("s3:GetObject",),
    "get_paginator": (),
    "get_partition": ("glue:GetPartition",),
    "get_partitions": (),  # `ted status` asks, with a person's own rights; no role of ours
    "get_queue_attributes": ("sqs:GetQueueAttributes",),
    "get_table": ("glue:GetTable",),
    "get_tables": ("glue:GetTables",),
    "head_object": ("s3:GetObject",),
    "list_objects_v2": ("s3:ListBucket",),
    "put_object": ("s3:PutObject",),
    "send_message_batch": ("sqs:SendMessage",),
    "upload_fileobj": ("s3:AbortMultipartUpload", "s3:PutObject"),
    "upload_part": ("s3:PutObject",),
}
# Actions that a service takes in a role's name -> which.
BY_SERVICES = {
    "sqs:DeleteMessage": "Lambda, for its event source",
    "sqs:ReceiveMessage": "Lambda, for its event source",
    "logs:CreateLogGroup": "Glue",
    "logs:CreateLogStream": "Lambda and Glue",
    "logs:PutLogEvents": "Lambda and Glue",
    "xray:PutTelemetryRecords": "X-Ray's library and Step Functions",
    "xray:PutTraceSegments": "X-Ray's library and Step Functions",
    "xray:GetSamplingRules": "Step Functions",
    "xray:GetSamplingTargets": "Step Functions",
    "s3:GetBucketNotification": "CDK's function for bucket notifications",
    "s3:PutBucketNotification": "CDK's function for bucket notifications",
    "lambda:InvokeFunction": "Step Functions and EventBridge Scheduler",
    "glue:StartJobRun": "Step Functions",
    "glue:GetJobRun": "Step Functions, waiting for a run",
    "glue:BatchStopJobRun": "Step Functions, when an execution is stopped",
    "sns:Publish": "Step Functions",
    "quicksight:CreateIngestion": "Step Functions, where QuickSight keeps answers",
    "kms:Decrypt": "SNS, in the name of Step Functions",
    "kms:GenerateDataKey": "SNS, in the name of Step Functions",
    "states:StartExecution": "EventBridge Scheduler",
    "logs:CreateLogDelivery": "Step Functions",
    "logs:DeleteLogDelivery": "Step Functions",
    "logs:DescribeLogGroups": "Step Functions",
    "logs:DescribeResourcePolicies": "Step Functions",
    "logs:GetLogDelivery": "Step Functions",
    "logs:ListLogDeliveries": "Step Functions",
    "logs:PutResourcePolicy": "Step Functions",
    "logs:UpdateLogDelivery": "Step Functions",
}
HELPERS = ("empty-buckets", "notify-bucket")  # functions that CDK brings


def own_functions(instance: Synthesis) -> list[Resource]:
    functions = instance.resources("AWS::Lambda::Function")
    return [
        made for made in functions if not str(made.properties.get("FunctionName")).split("ted-")[1].startswith(HELPERS)
    ]


def denies_plain_http(document: dict[str, Any]) -> bool:
    return any(
        statement["Effect"] == "Deny"
        and statement["Principal"] in ("*", {"AWS": "*"})
        and statement["Condition"].get("Bool") == {"aws:SecureTransport": "false"}
        for statement in document["Statement"]
        if "Condition" in statement
    )


def policies_of(instance: Synthesis, kind: str, key: str, resource: Resource) -> list[dict[str, Any]]:
    return [
        made.properties["PolicyDocument"]
        for made in instance.resources(kind)
        if made.stack == resource.stack and {"Ref": resource.logical_id} in as_list(made.properties[key])
    ]


class TestBuckets:
    def test_are_private_encrypted_and_bounded(self, instance: Synthesis) -> None:
        buckets = instance.resources("AWS::S3::Bucket")
        assert len(buckets) == 4
        for bucket in buckets:
            found = bucket.properties
            assert set(found["PublicAccessBlockConfiguration"].values()) == {True}, bucket
            rules = found["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            assert rules[0]["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("AES256", "aws:kms"), bucket
            assert found["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}], bucket
            lifecycle = found["LifecycleConfiguration"]["Rules"]
            assert any("AbortIncompleteMultipartUpload" in rule for rule in lifecycle), bucket
            if found.get("VersioningConfiguration", {}).get("Status") == "Enabled":
                assert any("NoncurrentVersionExpiration" in rule for rule in lifecycle), bucket

    def test_refuse_plain_http_and_old_tls(self, instance: Synthesis) -> None:
        for bucket in instance.resources("AWS::S3::Bucket"):
            (document,) = policies_of(instance, "AWS::S3::BucketPolicy", "Bucket", bucket)
            assert denies_plain_http(document), bucket
            conditions = [statement.get("Condition", {}) for statement in document["Statement"]]
            assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in conditions, bucket

    def test_log_access(self, instance: Synthesis) -> None:
        logs = instance.get("AWS::S3::Bucket", "AccessLogs")
        for bucket in instance.resources("AWS::S3::Bucket"):
            if bucket != logs:
                target = bucket.properties["LoggingConfiguration"]["DestinationBucketName"]
                assert target == {"Ref": logs.logical_id}, bucket

    def test_results_quarantine_and_plans_expire(self, instance: Synthesis) -> None:
        def expiring(name: str) -> set[str]:
            rules = instance.get("AWS::S3::Bucket", name).properties["LifecycleConfiguration"]["Rules"]
            return {rule.get("Prefix", "") for rule in rules if "ExpirationInDays" in rule}

        assert expiring("AthenaResults") == {"results/", "sandbox/"}
        assert expiring("Extracted") == {"quarantine/"}
        assert expiring("Raw") == {"plans/"}

    def test_raw_packages_have_versions(self, instance: Synthesis) -> None:
        raw = instance.get("AWS::S3::Bucket", "Raw")
        assert raw.properties["VersioningConfiguration"] == {"Status": "Enabled"}

    def test_customer_key_is_used_where_one_is_set(self, options: Synthesis) -> None:
        for name in ("Raw", "Extracted", "AthenaResults"):
            rule = options.get("AWS::S3::Bucket", name).properties["BucketEncryption"]
            default = rule["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"]
            assert default["KMSMasterKeyID"].endswith("key/0a1b2c3d-0000-4000-8000-000000000000")
        using = {made.logical_id for made, found in options.statements() if found.get("Sid") == "UseKey"}
        assert len(using) == 11  # seven functions, the job, the state machine, those who ask, QuickSight


class TestQueues:
    def test_are_encrypted_and_reached_over_tls_only(self, instance: Synthesis) -> None:
        queues = instance.resources("AWS::SQS::Queue")
        assert len(queues) == 4
        for queue in queues:
            assert queue.properties["SqsManagedSseEnabled"] is True, queue
            documents = policies_of(instance, "AWS::SQS::QueuePolicy", "Queues", queue)
            assert any(denies_plain_http(document) for document in documents), queue

    def test_have_a_dead_letter_queue_that_keeps_for_14_days(self, instance: Synthesis) -> None:
        queues = {queue.logical_id: queue for queue in instance.resources("AWS::SQS::Queue")}
        dead = [queue for queue in queues.values() if queue.properties["QueueName"].endswith("_dlq")]
        work = [queue for queue in queues.values() if queue not in dead]
        assert {queue.properties["MessageRetentionPeriod"] for queue in dead} == {14 * 86400}
        for queue in work:
            redrive = queue.properties["RedrivePolicy"]
            target = queues[redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]]
            assert redrive["maxReceiveCount"] == 5, queue
            assert target.properties["QueueName"] == queue.properties["QueueName"] + "_dlq"

    def test_hide_a_message_six_times_as_long_as_the_function_may_take(self, instance: Synthesis) -> None:
        functions = {made.logical_id: made for made in instance.resources("AWS::Lambda::Function")}
        queues = {made.logical_id: made for made in instance.resources("AWS::SQS::Queue")}
        mappings = instance.resources("AWS::Lambda::EventSourceMapping")
        assert len(mappings) == 2
        for mapping in mappings:
            function = functions[mapping.properties["FunctionName"]["Ref"]]
            queue = queues[mapping.properties["EventSourceArn"]["Fn::GetAtt"][0]]
            assert queue.properties["VisibilityTimeout"] >= 6 * function.properties["Timeout"], queue

    def test_are_worked_on_with_partial_answers_and_a_cap(self, instance: Synthesis) -> None:
        for mapping in instance.resources("AWS::Lambda::EventSourceMapping"):
            assert mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"], mapping
            assert 2 <= mapping.properties["ScalingConfig"]["MaximumConcurrency"] <= 100, mapping

    def test_packages_that_arrive_are_announced(self, instance: Synthesis) -> None:
        (made,) = instance.resources("Custom::S3BucketNotifications")
        (rule,) = made.properties["NotificationConfiguration"]["QueueConfigurations"]
        assert rule["Events"] == ["s3:ObjectCreated:*"]
        assert rule["Filter"]["Key"]["FilterRules"] == [{"Name": "suffix", "Value": ".tar.gz"}]
        assert made.stack == "Ingest"

    def test_take_announcements_of_our_own_bucket_only(self, instance: Synthesis) -> None:
        """The name of a bucket that is gone is free for any account."""
        queue = instance.get("AWS::SQS::Queue", "Extractions")
        (document,) = policies_of(instance, "AWS::SQS::QueuePolicy", "Queues", queue)
        granted = [statement for statement in document["Statement"] if statement["Effect"] == "Allow"]
        account = {"Ref": "AWS::AccountId"} if "options" not in instance.folder.parts else "123456789012"
        (statement,) = granted
        assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
        assert statement["Action"] == "sqs:SendMessage"
        assert "GetAttRaw" in json.dumps(statement["Condition"]["ArnLike"]["aws:SourceArn"])
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": account}
        (made,) = instance.resources("Custom::S3BucketNotifications")
        (policy,) = [
            p
            for p in instance.resources("AWS::SQS::QueuePolicy")
            if {"Ref": queue.logical_id} in p.properties["Queues"]
        ]
        assert policy.logical_id in made.body["DependsOn"]  # S3 tries the queue when it takes the notification

    def test_dead_letters_and_old_messages_raise_alarms(self, instance: Synthesis) -> None:
        watched = json.dumps([alarm.properties for alarm in instance.resources("AWS::CloudWatch::Alarm")])
        for queue in instance.resources("AWS::SQS::Queue"):
            is_dead = queue.properties["QueueName"].endswith("_dlq")
            metric = "ApproximateNumberOfMessagesVisible" if is_dead else "ApproximateAgeOfOldestMessage"
            alarms = [
                alarm.properties
                for alarm in instance.resources("AWS::CloudWatch::Alarm")
                if alarm.properties.get("MetricName") == metric and queue.logical_id in json.dumps(alarm.properties)
            ]
            assert len(alarms) == 1, (queue, watched)
            if is_dead:
                assert (alarms[0]["Threshold"], alarms[0]["ComparisonOperator"]) == (0, "GreaterThanThreshold")


class TestFunctions:
    def test_are_limited_traced_and_log_to_a_group_of_their_own(self, instance: Synthesis) -> None:
        groups = {group.logical_id: group for group in instance.resources("AWS::Logs::LogGroup")}
        used = []
        for function in own_functions(instance):
            found = function.properties
            assert found["TracingConfig"] == {"Mode": "Active"}, function
            assert 0 < found["Timeout"] <= 900, function
            assert 128 <= found["MemorySize"] <= 3008, function
            used.append(found["LoggingConfig"]["LogGroup"]["Ref"])
            assert groups[used[-1]].properties["LogGroupName"] == f"/aws/lambda/{found['FunctionName']}"
        assert len(used) == len(set(used)) == (8 if has_sandbox(instance) else 7)

    def test_helpers_of_the_state_machine_have_a_whole_vcpu(self, instance: Synthesis) -> None:
        """They read every manifest of the planned years: 11 s of a vCPU for all since 2011 (bench.helpers)."""
        helpers = [f for f in own_functions(instance) if "runtime.pipeline" in f.properties["Handler"]]
        assert len(helpers) == 2
        for helper in helpers:
            assert helper.properties["MemorySize"] >= 1769, helper
            assert helper.properties["Timeout"] >= 20 * 11, helper

    def test_helpers_of_cdk_log_to_groups_that_go_with_their_stack(self, dev: Synthesis) -> None:
        groups = {group.logical_id: group for group in dev.resources("AWS::Logs::LogGroup")}
        helpers = [made for made in dev.resources("AWS::Lambda::Function") if made not in own_functions(dev)]
        assert len(helpers) == 2
        for helper in helpers:
            group = groups[helper.properties["LoggingConfig"]["LogGroup"]["Ref"]]
            assert group.properties["LogGroupName"] == f"/aws/lambda/{helper.properties['FunctionName']}"

    def test_run_on_one_python_and_machine_with_the_layer(self, dev: Synthesis, options: Synthesis) -> None:
        for instance, python, machine in ((dev, "python3.14", "arm64"), (options, "python3.13", "x86_64")):
            for function in own_functions(instance):
                assert function.properties["Runtime"] == python
                assert function.properties["Architectures"] == [machine]
                assert len(function.properties["Layers"]) == 1
            for layer in instance.resources("AWS::Lambda::LayerVersion"):
                assert layer.properties["CompatibleRuntimes"] == [python]
                assert layer.properties["CompatibleArchitectures"] == [machine]

    def test_no_stack_imports_a_layer_of_another(self, instance: Synthesis) -> None:
        for function in own_functions(instance):
            assert "Fn::ImportValue" not in json.dumps(function.properties["Layers"])

    def test_are_told_all_that_their_settings_read(self, instance: Synthesis) -> None:
        from runtime.settings import (
            ExtractSettings,
            PipelineSettings,
            RatesSettings,
            SandboxSettings,
            TransferSettings,
            load,
        )

        kinds: dict[str, Any] = {
            "runtime.transfer.handlers": TransferSettings,
            "runtime.extract.handlers": ExtractSettings,
            "runtime.pipeline.handlers": PipelineSettings,
            "runtime.sandbox.handlers": SandboxSettings,
            "runtime.rates.handlers": RatesSettings,
        }
        for function in own_functions(instance):
            variables = function.properties["Environment"]["Variables"]
            environment = {key: value if isinstance(value, str) else "a-reference" for key, value in variables.items()}
            kind = kinds[function.properties["Handler"].rsplit(".", 1)[0]]
            load(kind, environment)
            own = {key for key in environment if not key.startswith(("POWERTOOLS_", "LOG_LEVEL"))}
            assert own <= {name.upper() for name in kind.__dataclass_fields__}, function
            assert environment["POWERTOOLS_METRICS_NAMESPACE"] == "CcaTed"
            assert environment["POWERTOOLS_SERVICE_NAME"] == function.properties["FunctionName"]

    def test_their_handlers_exist(self, dev: Synthesis) -> None:
        for function in own_functions(dev):
            module, name = function.properties["Handler"].rsplit(".", 1)
            source = (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
            assert f"def {name}(" in source


class TestLogs:
    def test_every_group_has_a_retention_and_a_name_of_the_instance(self, instance: Synthesis) -> None:
        for group in instance.resources("AWS::Logs::LogGroup"):
            assert group.properties["RetentionInDays"] in (30, 180), group
            assert "/nfr-cca-ted-" in group.properties["LogGroupName"], group


class TestRoles:
    def test_belong_to_one_user_each(self, instance: Synthesis) -> None:
        users: dict[str, list[str]] = {}
        for made in instance.resources("AWS::Lambda::Function", "AWS::Glue::Job", "AWS::StepFunctions::StateMachine",
                                       "AWS::QuickSight::DataSource"):  # fmt: skip
            athena = made.properties.get("DataSourceParameters", {}).get("AthenaParameters", {})
            role = made.properties.get("Role") or {**made.properties, **athena}["RoleArn"]
            users.setdefault(f"{made.stack}/{role['Fn::GetAtt'][0]}", []).append(str(made))
        assert all(len(made) == 1 for made in users.values()), users
        schedules = len(instance.resources("AWS::Scheduler::Schedule"))
        assert len(instance.resources("AWS::IAM::Role")) == len(users) + schedules

    def test_take_no_managed_policies(self, instance: Synthesis) -> None:
        for role in instance.resources("AWS::IAM::Role"):
            assert not role.properties.get("ManagedPolicyArns"), role

    def test_name_every_action(self, instance: Synthesis) -> None:
        for policy, statement in instance.statements():
            assert statement["Effect"] == "Allow", policy
            assert "NotAction" not in statement, policy
            for action in as_list(statement["Action"]):
                assert "*" not in action, (policy, action)

    def test_reach_everything_only_where_aws_knows_no_resources(self, instance: Synthesis) -> None:
        for policy, statement in instance.statements():
            if "*" in as_list(statement["Resource"]):
                services = {action.split(":")[0] for action in as_list(statement["Action"])}
                assert statement["Sid"] in ("Trace", "DeliverLogs", "List"), (policy, statement)
                assert services <= ({"athena"} if statement["Sid"] == "List" else {"xray", "logs"}), (policy, statement)

    def test_reach_objects_below_a_prefix_only(self, instance: Synthesis) -> None:
        prefixes = set()
        for policy, statement in instance.statements():
            for resource in as_list(statement["Resource"]):
                end = list(flatten(resource))[-1]
                if ":table/" in end:  # of one database
                    assert re.fullmatch(r":table/nfr_cca_ted_\w+/(\w+|\*)", ":table/" + end.partition(":table/")[2])
                elif ":dataset/" in end:  # refreshes of one data set
                    assert re.search(r":dataset/nfr-cca-ted-[\w-]+-dev/ingestion/\*$", end)
                    assert statement["Action"] == "quicksight:CreateIngestion"
                elif "*" in end and resource != "*":
                    assert all(action.startswith("s3:") for action in as_list(statement["Action"])), policy
                    prefixes.add("/" + end.partition("other-ted-mirror")[2].lstrip("/") if ":::" in end else end)
        prefixes.discard(":*")  # CDK writes a log group's ARN so: the streams of one group
        assert prefixes <= {
            "/????/??/*", "/calendar/*", "/daily/*", "/failures/*", "/manifests/*", "/merged/*", "/merged/_runs/*",
            "/plans/*", "/quarantine/*", "/rates/*", "/results/*", "/sandbox/*", "/seals/*",
        }  # fmt: skip

    def test_are_bounded_where_a_boundary_is_set(self, options: Synthesis, dev: Synthesis) -> None:
        for role in options.resources("AWS::IAM::Role"):
            assert "developer-boundary" in json.dumps(role.properties["PermissionsBoundary"]), role
        for role in dev.resources("AWS::IAM::Role"):
            assert "PermissionsBoundary" not in role.properties

    def test_a_bucket_as_source_can_be_read_by_transfer_alone(self, options: Synthesis, dev: Synthesis) -> None:
        readers = {p.logical_id[:14] for p, s in options.statements() if "other-ted-mirror" in json.dumps(s)}
        assert readers == {"StartTransferJ", "ProcessTransfe"}
        assert not [s for _, s in dev.statements() if s.get("Sid") == "ReadSource"]

    def test_may_do_what_the_code_calls_and_nothing_else(self, options: Synthesis) -> None:
        """Compares calls of boto3 clients, as the code spells them, with the actions of all roles of our own."""
        sources = [path.read_text("utf-8") for path in (ROOT / "runtime").rglob("*.py")]
        called = {call for text in sources for call in re.findall(r"client\.([a-z_0-9]+)\(", text)}
        called |= {call for text in sources for call in re.findall(r"get_paginator\(\"([a-z_0-9]+)\"\)", text)}
        assert called <= CALLS.keys(), "name the actions of a new call in CALLS, and allow them where it is made"
        needed = {action for call in called for action in CALLS[call]}
        allowed = {
            action
            for policy, found in options.statements()
            if policy.type != "AWS::IAM::ManagedPolicy"  # which people attach to roles of their own
            and policy.stack != "Dashboards"  # QuickSight asks as those people do
            for action in as_list(found["Action"])
        }
        assert needed <= allowed
        assert allowed - needed == set(BY_SERVICES)


def granted(instance: Synthesis, logical_id: str) -> list[tuple[str, str]]:
    """Each action of a managed policy with each of its resources, as text in which references are filled in."""
    made = instance.get("AWS::IAM::ManagedPolicy", logical_id)
    assert not {"Roles", "Users", "Groups"} & made.properties.keys()  # attached to nobody
    return [
        (action, "".join(text for text in flatten(resource) if text not in ("Fn::Join", "Ref", "Fn::ImportValue")))
        for statement in made.properties["PolicyDocument"]["Statement"]
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]


def has_sandbox(instance: Synthesis) -> bool:
    return any(
        made.properties["DatabaseName"].endswith("_sandbox") for made in instance.resources("AWS::Glue::Database")
    )


class TestPoliciesForPeople:
    def test_the_analyst_asks_and_nothing_else(self, instance: Synthesis) -> None:
        stage = "prod" if "prod" in instance.folder.parts else "dev"
        reached: dict[str, set[str]] = {}
        for action, resource in granted(instance, "Analyst"):
            reached.setdefault(action, set()).add(resource)

        def ends(action: str) -> set[str]:
            return {re.split(r"AccountId:|\d{12}:|Arn[0-9A-F]{8}", resource)[-1] for resource in reached[action]}

        for action in ("StartQueryExecution", "StopQueryExecution", "GetQueryResults", "GetQueryResultsStream",
                       "BatchGetQueryExecution", "ListQueryExecutions", "GetWorkGroup"):  # fmt: skip
            assert ends(f"athena:{action}") == {f"workgroup/nfr-cca-ted-{stage}"}
        for action in ("GetDataCatalog", "ListDatabases", "GetTableMetadata"):
            assert ends(f"athena:{action}") == {"datacatalog/AwsDataCatalog", "datacatalog/awsdatacatalog"}
        database = f"nfr_cca_ted_{stage}"
        assert ends("glue:GetDatabases") == {"catalog", "database/default", f"database/{database}"}
        assert ends("glue:BatchGetPartition") == {"catalog", f"database/{database}", f"table/{database}/*"}
        of_glue = {action.split(":")[1] for action in reached if action.startswith("glue:")}
        assert all(re.match("(Batch)?Get", action) for action in of_glue)
        assert ends("s3:GetObject") == {"/merged/*", "/results/*"}
        for action in ("PutObject", "DeleteObject", "AbortMultipartUpload", "ListMultipartUploadParts"):
            assert ends(f"s3:{action}") == {"/results/*"}
        assert len(reached["s3:ListBucket"]) == len(reached["s3:GetBucketLocation"]) == 2
        assert "Raw" not in json.dumps([*map(sorted, reached.values())])
        services = {action.split(":")[0] for action in reached}
        assert services == {"athena", "glue", "s3"} | ({"kms"} if "options" in instance.folder.parts else set())

    def test_there_is_no_sandbox_unless_it_is_asked_for(self, dev: Synthesis, prod: Synthesis) -> None:
        for instance in (dev, prod):
            assert not has_sandbox(instance)
            (found,) = [text for text in flatten(instance.templates) if "sandbox" in text.lower() and "/" not in text]
            assert found == "sandbox"  # the rule that ends the files of one that was switched off

    def test_whoever_makes_tables_makes_them_in_the_sandbox(self, options: Synthesis) -> None:
        reached = granted(options, "Sandbox")
        own = re.compile(
            r".*(:catalog|[:/]nfr_cca_ted_dev_sandbox(/\*)?|workgroup/nfr-cca-ted-sandbox-dev|Arn[0-9A-F]{8}/sandbox/\*)"
        )
        assert [grant for grant in reached if not own.fullmatch(grant[1])] == []
        actions = {action for action, _ in reached}
        assert {
            "athena:StartQueryExecution", "glue:CreateTable", "glue:DeleteTable", "glue:GetTableVersions",
            "glue:DeleteTableVersion", "glue:BatchCreatePartition", "glue:BatchDeletePartition", "s3:PutObject",
            "s3:DeleteObject",
        } <= actions  # fmt: skip

    def test_the_sandbox_keeps_everything_below_its_prefix(self, options: Synthesis) -> None:
        workgroup = options.get("AWS::Athena::WorkGroup", "SandboxWorkgroup").properties
        database = options.get("AWS::Glue::Database", "SandboxDatabase").properties["DatabaseInput"]
        location = workgroup["WorkGroupConfiguration"]["ResultConfiguration"]["OutputLocation"]
        assert location == database["LocationUri"]
        assert [*flatten(location)][-1] == "/sandbox/"

    def test_a_table_of_the_sandbox_goes_before_its_files(self, options: Synthesis) -> None:
        expire = options.get("AWS::Lambda::Function", "ExpireSandboxFunction")
        days = int(expire.properties["Environment"]["Variables"]["DAYS"])
        rules = options.get("AWS::S3::Bucket", "AthenaResults").properties["LifecycleConfiguration"]["Rules"]
        (files,) = [rule["ExpirationInDays"] for rule in rules if rule.get("Prefix") == "sandbox/"]
        assert (days, files) == (14, 16)
        schedule = options.get("AWS::Scheduler::Schedule", "ExpireSandboxSchedule").properties
        assert (schedule.get("State", "ENABLED"), schedule["ScheduleExpression"]) == (
            "ENABLED", "rate(1 day)",
        )  # fmt: skip
        assert expire.logical_id in json.dumps(schedule["Target"])


class TestJob:
    def test_sets_every_default_that_moves(self, dev: Synthesis, prod: Synthesis, options: Synthesis) -> None:
        for instance, version, workers in ((dev, "5.1", 2), (prod, "5.1", 4), (options, "5.0", 5)):
            (job,) = instance.resources("AWS::Glue::Job")
            found = job.properties
            assert (found["GlueVersion"], found["WorkerType"], found["NumberOfWorkers"]) == (version, "G.1X", workers)
            assert found["Timeout"] == 120
            assert found["MaxRetries"] == 0
            assert found["ExecutionProperty"] == {"MaxConcurrentRuns": 3}
            assert found["NotificationProperty"]["NotifyDelayAfter"] < found["Timeout"]

    def test_may_make_exactly_its_two_log_groups(self, instance: Synthesis) -> None:
        """Glue makes a group before it writes to it, also one that is there; without the right nothing is logged."""
        own = {g.logical_id for g in instance.resources("AWS::Logs::LogGroup") if g.logical_id.startswith("Merge")}
        makers = [(p, s) for p, s in instance.statements() if "logs:CreateLogGroup" in as_list(s["Action"])]
        assert len(own) == 2
        ((policy, statement),) = makers
        assert policy.logical_id.startswith("MergeRole")
        assert statement["Action"] == "logs:CreateLogGroup"
        named = [json.dumps(resource) for resource in statement["Resource"]]
        assert all(sum(group in arn for group in own) == 1 and "*" not in arn for arn in named), named
        assert {group for group in own for arn in named if f'"Ref": "{group}"' in arn} == own  # without :*, as IAM asks

    def test_reads_assets_under_the_key_of_the_bootstrap(self, options: Synthesis, dev: Synthesis) -> None:
        """Every role that reads from the assets bucket may decrypt with the one key, and no other role."""
        key = CASES["options"]["ted:bootstrap_kms"]
        readers = {p.logical_id for p, s in options.statements() if "-assets-" in json.dumps(s["Resource"])}
        using = [(p.logical_id, s) for p, s in options.statements() if s["Resource"] == key]
        assert {policy for policy, _ in using} == readers != set()
        assert all(statement["Action"] == "kms:Decrypt" for _, statement in using)
        assert not [s for _, s in dev.statements() if "kms:Decrypt" in as_list(s["Action"]) and ":key/" in str(s)]

    def test_is_told_where_to_read_log_and_publish(self, instance: Synthesis) -> None:
        (job,) = instance.resources("AWS::Glue::Job")
        arguments = job.properties["DefaultArguments"]
        groups = {group.properties["LogGroupName"] for group in instance.resources("AWS::Logs::LogGroup")}
        assert {f"{arguments['--custom-logGroup-prefix']}/{end}" for end in ("error", "output")} <= groups
        assert "Fn::ImportValue" in arguments["--EXTRACTED_BUCKET"]
        assert arguments["--GLUE_DATABASE"].startswith("nfr_cca_ted_")
        assert arguments["--BUCKET_OWNER"] in ({"Ref": "AWS::AccountId"}, "123456789012")
        assert json.dumps(arguments["--extra-py-files"]).count(".zip") == 1
        assert job.properties["Command"]["Name"] == "glueetl"
        assert "--YEAR" not in arguments  # every run names its own


class TestCatalog:
    def test_has_every_table_with_every_column(self, instance: Synthesis) -> None:
        made = {table.properties["TableInput"]["Name"]: table for table in instance.resources("AWS::Glue::Table")}
        assert set(made) == {table.name for table in (*CATALOG_TABLES, *VIEWS)}
        for table in CATALOG_TABLES:
            entry = made[table.name].properties["TableInput"]
            columns = [(column["Name"], column["Type"]) for column in entry["StorageDescriptor"]["Columns"]]
            assert columns == [(column.name, column.glue_type) for column in table]
            assert [(key["Name"], key["Type"]) for key in entry["PartitionKeys"]] == (
                [("year", "int")] if table in TABLES else []
            )
            assert f"/merged/{table.name}/" in json.dumps(entry["StorageDescriptor"]["Location"])
            assert "ParquetHiveSerDe" in entry["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]

    def test_has_the_views(self, instance: Synthesis) -> None:
        made = {table.properties["TableInput"]["Name"]: table for table in instance.resources("AWS::Glue::Table")}
        for view in VIEWS:
            entry = made[view.name].properties["TableInput"]
            assert entry["TableType"] == "VIRTUAL_VIEW"
            assert entry["ViewOriginalText"].startswith("/* Presto View: ")

    def test_views_are_views_to_trino_too(self, instance: Synthesis) -> None:
        """A table's Description hides the comment by which Trino knows a view."""
        made = {table.properties["TableInput"]["Name"]: table for table in instance.resources("AWS::Glue::Table")}
        for view in VIEWS:
            entry = made[view.name].properties["TableInput"]
            assert "Description" not in entry
            assert entry["Parameters"] == {"presto_view": "true", "comment": "Presto View"}
            definition = json.loads(base64.b64decode(entry["ViewOriginalText"][len("/* Presto View: ") : -len(" */")]))
            assert definition["comment"] == view_statement(view).description
            assert [each["comment"] for each in definition["columns"]] == [column.meaning for column in view]


class TestWorkgroup:
    def test_is_enforced_encrypted_and_limited(self, instance: Synthesis) -> None:
        for workgroup in instance.resources("AWS::Athena::WorkGroup"):
            found = workgroup.properties["WorkGroupConfiguration"]
            assert found["EnforceWorkGroupConfiguration"] is True
            assert found["BytesScannedCutoffPerQuery"] == 100 * 1024**3
            assert found["PublishCloudWatchMetricsEnabled"] is True
            assert found["ResultConfiguration"]["EncryptionConfiguration"]["EncryptionOption"] in ("SSE_S3", "SSE_KMS")

    def test_keeps_the_saved_queries(self, instance: Synthesis) -> None:
        kept = {query.properties["Name"]: query.properties for query in instance.resources("AWS::Athena::NamedQuery")}
        assert set(kept) == {query.title for query in saved_queries()}
        assert {query["WorkGroup"] for query in kept.values()} == {
            instance.get("AWS::Athena::WorkGroup", "Workgroup").properties["Name"]
        }


class TestTopicAndAlarms:
    def test_topic_is_encrypted_with_a_key_that_alarms_can_use(self, instance: Synthesis) -> None:
        (topic,) = instance.resources("AWS::SNS::Topic")
        assert topic.properties["KmsMasterKeyId"]
        (policy,) = instance.resources("AWS::SNS::TopicPolicy")
        text = json.dumps(policy.properties)
        assert denies_plain_http(policy.properties["PolicyDocument"])
        for service in ("cloudwatch", "events", "budgets"):
            assert f"{service}.amazonaws.com" in text
        for key in instance.resources("AWS::KMS::Key"):
            assert key.properties["EnableKeyRotation"] is True
            assert "cloudwatch.amazonaws.com" in json.dumps(key.properties["KeyPolicy"])

    def test_key_serves_no_other_account_but_eventbridge_which_names_none(
        self, dev: Synthesis, prod: Synthesis
    ) -> None:
        """A condition that EventBridge does not fulfil would make its messages vanish without a trace."""
        for instance in (dev, prod):
            (key,) = instance.resources("AWS::KMS::Key")
            granted = [
                (service, statement.get("Condition"))
                for statement in key.properties["KeyPolicy"]["Statement"]
                for service in as_list(statement["Principal"].get("Service", []))
            ]
            ours = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
            assert granted == [
                ("budgets.amazonaws.com", ours), ("cloudwatch.amazonaws.com", ours), ("events.amazonaws.com", None),
            ]  # fmt: skip

    def test_every_alarm_tells_the_topic_what_to_do(self, instance: Synthesis) -> None:
        alarms = instance.resources("AWS::CloudWatch::Alarm")
        assert len(alarms) >= 12
        for alarm in alarms:
            assert len(alarm.properties["AlarmActions"]) == 1, alarm
            assert len(alarm.properties["AlarmDescription"]) > 20, alarm
            assert alarm.properties["TreatMissingData"] == "notBreaching", alarm
            assert alarm.properties["AlarmName"].startswith("nfr-cca-ted-"), alarm

    def test_what_can_go_wrong_is_watched(self, instance: Synthesis) -> None:
        names = {
            alarm.properties["AlarmName"].split("-", 4)[4] for alarm in instance.resources("AWS::CloudWatch::Alarm")
        }
        assert {
            "transfers-dead-letters", "extractions-dead-letters", "transfers-oldest-message",
            "extractions-oldest-message", "process-transfers-errors", "process-extractions-throttles",
            "runs-failed", "runs-timed-out", "packages-missing", "quarantine-rate", "firewall-refusals",
        } <= names  # fmt: skip
        (rule,) = instance.resources("AWS::Events::Rule")
        assert {"FAILED", "TIMEOUT", "RUNNING"} <= set(rule.properties["EventPattern"]["detail"]["state"])

    def test_own_metrics_are_those_of_this_instance(self, instance: Synthesis) -> None:
        for alarm in instance.resources("AWS::CloudWatch::Alarm"):
            for metric in [
                alarm.properties,
                *(m.get("MetricStat", {}).get("Metric", {}) for m in alarm.properties.get("Metrics", ())),
            ]:
                if metric.get("Namespace") == "CcaTed":
                    (dimension,) = metric["Dimensions"]
                    functions = {made.properties["FunctionName"] for made in own_functions(instance)}
                    assert dimension["Value"] in functions

    def test_mail_goes_to_the_address_that_is_set(self, options: Synthesis, dev: Synthesis) -> None:
        (subscription,) = options.resources("AWS::SNS::Subscription")
        assert (subscription.properties["Protocol"], subscription.properties["Endpoint"]) == (
            "email",
            "ops@example.org",
        )
        assert not dev.resources("AWS::SNS::Subscription")

    def test_budget_is_there_unless_it_is_zero(self, dev: Synthesis, options: Synthesis) -> None:
        (budget,) = dev.resources("AWS::Budgets::Budget")
        assert budget.properties["Budget"]["BudgetLimit"] == {"Amount": 25, "Unit": "USD"}
        assert budget.properties["Budget"]["CostFilters"] == {"TagKeyValue": ["user:instance$nfr-cca-ted-dev"]}
        assert not options.resources("AWS::Budgets::Budget")

    def test_athenas_metrics_are_asked_for_by_all_their_dimensions(self, dev: Synthesis) -> None:
        """By all three, which are there in every account, and by no fewer, which would count bytes twice in some."""
        (board,) = dev.resources("AWS::CloudWatch::Dashboard")
        shown = [
            metric
            for widget in json.loads(text_of(board.properties["DashboardBody"]))["widgets"]
            for metric in widget["properties"].get("metrics", ())
            if "Athena" in json.dumps(metric)
        ]
        schema = "{AWS/Athena,QueryState,QueryType,WorkGroup}"
        search = f"""SUM(SEARCH('{schema} MetricName="ProcessedBytes" WorkGroup="nfr-cca-ted-dev"', 'Sum'))"""
        expressions = {metric[0]["expression"] for metric in shown}
        assert expressions == {search, f"{search} / 1000000000000 * {dashboard.TB_READ}"}

    def test_the_dashboard_answers_in_the_order_in_which_it_is_asked(self, dev: Synthesis) -> None:
        (board,) = dev.resources("AWS::CloudWatch::Dashboard")
        widgets = json.loads(text_of(board.properties["DashboardBody"]))["widgets"]
        placed = sorted(widgets, key=lambda each: (each["y"], each["x"]))
        titles = [
            each["properties"].get("title") or each["properties"]["markdown"].splitlines()[0].removeprefix("## ")
            for each in placed
        ]
        page = (ROOT / "docs" / "dashboard.md").read_text()
        picture = re.findall(r"```text\n(.*?)```", page, re.DOTALL)[0]
        found = [picture.find(title) for title in titles]
        assert -1 not in found, [title for title in titles if title not in picture]
        assert found == sorted(found)
        questions = [each["properties"]["markdown"] for each in placed if each["type"] == "text"]
        assert [text.splitlines()[0] for text in questions] == [
            "## Are we complete?", "## Is something stuck?", "## What did it cost?",
        ]  # fmt: skip

    def test_the_prices_of_the_estimate_are_those_of_the_page(self) -> None:
        page = (ROOT / "docs" / "cost.md").read_text()
        prices = dict(re.findall(r"^\| (.+?) \| .+? \| ([\d.]+)", page, re.MULTILINE))
        rows = {
            "Glue, Spark job, G.1X = 1 DPU": dashboard.DPU_HOUR,
            "Lambda, arm64": dashboard.GB_SECOND["arm64"],
            "Lambda": dashboard.REQUEST,
            "S3 Standard": dashboard.GB_MONTH,
            "Athena": dashboard.TB_READ,
            "KMS customer key": dashboard.KEY,
            "CloudWatch alarm": dashboard.ALARM_METRIC,
            "CloudWatch dashboard": dashboard.DASHBOARD,
            "SQS": dashboard.MILLION_MESSAGES,
        }
        assert {row: float(prices[row]) for row in rows} == rows

    def test_the_estimate_prices_what_the_functions_take(self, dev: Synthesis) -> None:
        """A day on which each works for a second, once, costs a second of its memory and a request."""
        (board,) = dev.resources("AWS::CloudWatch::Dashboard")
        (expression,) = set(re.findall(r'"expression":"(FILL\(ms0[^"]+)"', text_of(board.properties["DashboardBody"])))
        asked = {name: 1000 if name.startswith("ms") else 1 for name in re.findall(r"(?:ms|calls)\d+", expression)}
        total = eval(expression, {"FILL": lambda value, _: value, **asked})  # noqa: S307 the template's own sum
        names = (
            "start-transfer-job", "process-transfers", "start-extract-job", "process-extractions", "mirror-rates",
            "check-progress", "reconcile",
        )  # fmt: skip
        made = [each.properties for each in dev.resources("AWS::Lambda::Function")]
        memory = {each.get("FunctionName"): each.get("MemorySize", 128) for each in made}
        gib = sum(memory[f"nfr-cca-ted-{name}-dev"] for name in names) / 1024
        assert len(asked) == 2 * len(names)
        assert total == pytest.approx(gib * dashboard.GB_SECOND["arm64"] + len(names) * dashboard.REQUEST, rel=1e-3)


class TestEndOfLife:
    def test_dev_is_destroyed_without_leftovers(self, dev: Synthesis) -> None:
        for made in dev.resources():
            assert made.body.get("DeletionPolicy", "Delete") == "Delete", made
        buckets = {made.logical_id for made in dev.resources("AWS::S3::Bucket")}
        emptied = {made.properties["BucketName"]["Ref"] for made in dev.resources("Custom::S3AutoDeleteObjects")}
        assert emptied == buckets

    def test_the_workgroup_goes_with_its_queries_in_every_stage(self, instance: Synthesis) -> None:
        for workgroup in instance.resources("AWS::Athena::WorkGroup"):
            assert workgroup.properties["RecursiveDeleteOption"] is True
            assert workgroup.body.get("DeletionPolicy", "Delete") == "Delete"

    def test_prod_keeps_its_data(self, prod: Synthesis) -> None:
        """What holds data or history is kept, but not by a first deployment that fails: the next would find it."""
        kept = {made.logical_id: made for made in prod.resources() if "Retain" in made.body.get("DeletionPolicy", "")}
        stateful = prod.resources("AWS::S3::Bucket", "AWS::Glue::Database", "AWS::Glue::Table", "AWS::Logs::LogGroup")
        views = [made for made in stateful if made.properties.get("TableInput", {}).get("TableType") == "VIRTUAL_VIEW"]
        assert kept.keys() == {made.logical_id for made in stateful if made not in views}
        assert len(views) == len(VIEWS)
        for made in kept.values():
            assert made.body["DeletionPolicy"] == "RetainExceptOnCreate", made
            assert made.body["UpdateReplacePolicy"] == "Retain", made
        assert not prod.resources("Custom::S3AutoDeleteObjects")
        assert prod.get("AWS::S3::Bucket", "Extracted").properties["VersioningConfiguration"] == {"Status": "Enabled"}

    def test_prod_is_protected_from_termination(self, prod: Synthesis, dev: Synthesis) -> None:
        def protected(instance: Synthesis) -> set[bool]:
            stacks = [a for a in instance.manifest["artifacts"].values() if a["type"] == "aws:cloudformation:stack"]
            assert len(stacks) == len(instance.templates)
            return {stack["properties"].get("terminationProtection", False) for stack in stacks}

        assert protected(prod) == {True}
        assert protected(dev) == {False}


Place = tuple[str, str]  # account, region


def in_place(value: Any, place: Place) -> str:
    """A value of a template as CloudFormation would make it in an account and region."""
    if isinstance(value, dict) and "Fn::Join" in value:
        between, parts = value["Fn::Join"]
        return str(between).join(in_place(part, place) for part in parts)
    if isinstance(value, dict):
        return dict(zip(("AWS::AccountId", "AWS::Region"), place, strict=True))[value["Ref"]]
    return str(value)


def names_in(instance: Synthesis, place: Place) -> set[str]:
    """Names of buckets, which the whole world shares, of budget and policies, which an account's regions share."""
    names = {f"budget {in_place(made.properties['Budget']['BudgetName'], place)} of {place[0]}"
             for made in instance.resources("AWS::Budgets::Budget")}  # fmt: skip
    names |= {f"policy {in_place(made.properties['ManagedPolicyName'], place)} of {place[0]}"
              for made in instance.resources("AWS::IAM::ManagedPolicy")}  # fmt: skip
    for made in instance.resources("AWS::S3::Bucket"):
        if made.properties.get("BucketNamespace") == "account-regional":
            assert "BucketName" not in made.properties
            # Source: Amazon S3 User Guide, "Namespaces for general purpose buckets".
            names.add("-".join((made.properties["BucketNamePrefix"], *place, "an")))
        else:
            names.add(made.properties["BucketName"])
    return names


class TestNamesInTheWorld:
    HERE: Place = ("111122223333", "eu-west-1")
    OTHER_REGION: Place = ("111122223333", "eu-central-1")
    OTHER_ACCOUNT: Place = ("444455556666", "eu-west-1")

    def test_same_initials_elsewhere_share_no_bucket_and_no_budget(
        self, synthesis: Callable[[str], Synthesis], tmp_path: Path
    ) -> None:
        one_for_all = synthesis("regional")
        assert "nfr-cca-ted-raw-dev-111122223333-eu-west-1-an" in names_in(one_for_all, self.HERE)
        account, region = self.OTHER_REGION
        fixed = {**CASES["regional"], "ted:account": account, "ted:region": region}
        others = (
            names_in(one_for_all, self.OTHER_REGION),
            names_in(one_for_all, self.OTHER_ACCOUNT),
            names_in(synthesize(tmp_path / "fixed", fixed), self.OTHER_REGION),
        )
        for other in others:
            assert len(other) == 6
            assert not names_in(one_for_all, self.HERE) & other
        assert others[0] == others[2]

    def test_short_names_are_taken_once_for_the_whole_world(self, dev: Synthesis) -> None:
        shared = names_in(dev, self.HERE) & names_in(dev, self.OTHER_ACCOUNT)
        assert shared == {f"nfr-cca-ted-{name}-dev" for name in ("raw", "extracted", "athena", "logs")}
        policy = f"policy nfr-cca-ted-analyst-dev of {self.HERE[0]}"
        assert names_in(dev, self.HERE) & names_in(dev, self.OTHER_REGION) == {*shared, policy}

    def test_other_bucket_names_than_deployed_are_refused(
        self, dev: Synthesis, synthesis: Callable[[str], Synthesis]
    ) -> None:
        for instance, chosen in ((dev, "short"), (synthesis("regional"), "account-regional")):
            template = instance.templates["Storage"]
            assert template["Parameters"]["BucketNames"]["Default"] == chosen
            (assertion,) = template["Rules"]["KeepBucketNames"]["Assertions"]
            assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "BucketNames"}, chosen]}
            assert "docs/bucket-names.md" in assertion["AssertDescription"]


class TestNames:
    def test_are_those_that_people_type(self, dev: Synthesis) -> None:
        def names(kind: str, key: str) -> set[str]:
            return {made.properties[key] for made in dev.resources(kind)}

        assert names("AWS::S3::Bucket", "BucketName") == {
            f"nfr-cca-ted-{name}-dev" for name in ("raw", "extracted", "athena", "logs")
        }
        assert names("AWS::SQS::Queue", "QueueName") == {
            f"nfr_cca_ted_{name}_dev{end}" for name in ("transfers", "extractions") for end in ("", "_dlq")
        }
        assert names("AWS::StepFunctions::StateMachine", "StateMachineName") == {"nfr-cca-ted-pipeline-dev"}
        assert names("AWS::Glue::Job", "Name") == {"nfr-cca-ted-merge-dev"}
        assert names("AWS::Glue::Database", "DatabaseName") == {"nfr_cca_ted_dev"}
        assert names("AWS::Athena::WorkGroup", "Name") == {"nfr-cca-ted-dev"}
        assert {
            f"nfr-cca-ted-{name}-dev"
            for name in ("start-transfer-job", "process-transfers", "start-extract-job", "process-extractions")
        } <= names("AWS::Lambda::Function", "FunctionName")
        stacks = {
            a["properties"]["stackName"]
            for a in dev.manifest["artifacts"].values()
            if "stackName" in a.get("properties", {})
        }
        assert stacks == {f"nfr-cca-ted-{name}-dev" for name in ("storage", "ingest", "lake", "pipeline", "watch")}


@pytest.mark.parametrize("case", ["dev", "test", "prod", "direct", "options"])
def test_nag_finds_nothing(case: str, synthesis: Any) -> None:
    assert synthesis(case).findings == ()


def test_two_people_share_no_name_and_reach_nothing_of_each_other(dev: Synthesis, synthesis: Any) -> None:
    other: Synthesis = synthesis("other")
    assert not [text for text in flatten(other.templates) if "nfr" in text]
    assert not [text for text in flatten(dev.templates) if "abc-cca" in text or "abc_cca" in text]
    kinds = ("Name", "BucketName", "QueueName", "FunctionName", "StateMachineName", "TopicName", "LogGroupName",
             "DatabaseName", "AlarmName", "DashboardName", "LayerName")  # fmt: skip

    def named(instance: Synthesis) -> set[tuple[str, str]]:
        return {
            (made.type, made.properties[key])
            for made in instance.resources()
            for key in kinds
            if isinstance(made.properties.get(key), str) and made.type != "AWS::Athena::NamedQuery"
        }

    assert named(dev) & named(other) == set()
    assert len(named(dev)) > 30


def test_two_synths_are_identical(dev: Synthesis, tmp_path: Any) -> None:
    from tests.infra.synthesis import synthesize

    again = synthesize(tmp_path / "again", CASES["dev"])
    assert again.templates == dev.templates
    for path in sorted(dev.folder.glob("*.template.json")):
        assert (again.folder / path.name).read_bytes() == path.read_bytes(), path.name


def test_cfn_lint_finds_nothing(dev: Synthesis, direct: Synthesis, options: Synthesis) -> None:
    """W3005 is CDK's own: it writes a dependency beside each reference that implies it."""
    tool = str(Path(sys.executable).with_name("cfn-lint"))
    templates = sorted(str(path) for path in dev.folder.glob("*.template.json"))
    templates += [str(made.folder / "Dashboards.template.json") for made in (direct, options)]
    lint = [tool, "--regions", "eu-west-1", "--ignore-checks", "W3005", "--", *templates]
    run = subprocess.run(lint, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_every_metric_that_is_watched_or_shown_is_counted_by_the_code(dev: Synthesis) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "runtime").glob("*/handlers.py"))
    counted = set(re.findall(r'add_metric\(name="(\w+)"', code))
    # Of packages: what a plan counts, and what a transfer ends with.
    counted |= {f"Packages{word}" for word in ("Planned", "Held", "Sent", "Stored")}
    texts = [text for made in dev.resources("AWS::CloudWatch::Dashboard") for text in flatten(made.properties)]
    asked = set(re.findall(rf'"{NAMESPACE}","(\w+)"', "".join(texts)))
    for made in dev.resources("AWS::CloudWatch::Alarm"):
        parts = [part.get("MetricStat", {}).get("Metric", {}) for part in made.properties.get("Metrics", ())]
        asked |= {part["MetricName"] for part in [made.properties, *parts] if part.get("Namespace") == NAMESPACE}
    assert {"PackagesMissing", "MembersQuarantined", "FirewallRefusals", "TransferFailures"} <= asked
    assert asked - counted == set()
