"""What exists in an account, in every service that the app uses."""

import json
from collections.abc import Mapping

import boto3

LISTINGS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("s3", "list_buckets", {}),
    ("sqs", "list_queues", {}),
    ("lambda", "list_functions", {}),
    ("lambda", "list_layers", {}),
    ("lambda", "list_event_source_mappings", {}),
    ("stepfunctions", "list_state_machines", {}),
    ("glue", "get_databases", {}),
    ("glue", "get_jobs", {}),
    ("athena", "list_work_groups", {}),
    ("sns", "list_topics", {}),
    ("sns", "list_subscriptions", {}),
    ("kms", "list_aliases", {}),
    ("scheduler", "list_schedules", {}),
    ("scheduler", "list_schedule_groups", {}),
    ("events", "list_rules", {}),
    ("cloudwatch", "describe_alarms", {}),
    ("cloudwatch", "list_dashboards", {}),
    ("iam", "list_roles", {}),
    ("iam", "list_policies", {"Scope": "Local"}),
    ("logs", "describe_log_groups", {}),
    ("ssm", "describe_parameters", {}),
)


def names_of_everything(session: boto3.Session) -> str:
    """Names of all that exists in the account, as text to search in."""
    stacks = session.client("cloudformation").describe_stacks()["Stacks"]
    found: list[object] = [stack["StackName"] for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"]
    for service, operation, arguments in LISTINGS:
        answer = getattr(session.client(service), operation)(**arguments)  # type: ignore[call-overload]
        answer.pop("ResponseMetadata", None)
        found.append(answer)
    return json.dumps(found, default=str)


def keys(session: boto3.Session) -> dict[str, str]:
    """State of every customer key, by its id."""
    kms = session.client("kms")
    ids = [entry["KeyId"] for entry in kms.list_keys()["Keys"]]
    found = [kms.describe_key(KeyId=key)["KeyMetadata"] for key in ids]
    return {entry["KeyId"]: entry["KeyState"] for entry in found if entry.get("KeyManager") != "AWS"}
