"""Asking in Athena: the workgroups, and what those may do who ask in them and nothing else."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from aws_cdk import aws_iam as iam
from constructs import Construct

from runtime.keys import MERGED_PREFIX
from stacks.permissions import Grantee, acknowledge, allow, allow_key, allow_objects, arn_as_nag_writes_it
from stacks.settings import Settings
from stacks.storage import RESULTS_PREFIX, Storage

# What a workgroup lets its members do: ask, stop, look up their queries and the saved ones, and fetch answers.
# Source of the actions here and of their resources: Service Authorization Reference, Amazon Athena and AWS Glue.
_QUERIES = (
    "athena:BatchGetNamedQuery",
    "athena:BatchGetQueryExecution",
    "athena:GetNamedQuery",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetQueryResultsStream",
    "athena:GetWorkGroup",
    "athena:ListNamedQueries",
    "athena:ListQueryExecutions",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)
_CATALOG = (
    "athena:GetDataCatalog",
    "athena:GetDatabase",
    "athena:GetTableMetadata",
    "athena:ListDatabases",
    "athena:ListTableMetadata",
)
# Athena minds no case in the name of its catalog, IAM does; clients write it both ways.
_CATALOG_NAMES = ("AwsDataCatalog", "awsdatacatalog")
_LISTS = ("athena:ListDataCatalogs", "athena:ListEngineVersions", "athena:ListWorkGroups")
SEE_DATABASES = ("glue:GetDatabase", "glue:GetDatabases")
READ_TABLES = (
    "glue:BatchGetPartition",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
)
# Athena looks at the database `default` whatever a query is about.
# Source: Amazon Athena user guide, "Configure access to databases and tables in the AWS Glue Data Catalog".
_DEFAULT = "default"
OBJECTS = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject")


def workgroup(
    scope: Construct, construct_id: str, *, settings: Settings, name: str, about: str, location: str
) -> athena.CfnWorkGroup:
    """Make a workgroup whose settings hold whatever a client asks for.

    Parameters
    ----------
    about : description
    location : s3:// address below which it keeps results
    """
    encryption = athena.CfnWorkGroup.EncryptionConfigurationProperty(encryption_option="SSE_S3")
    if settings.kms_key:
        encryption = athena.CfnWorkGroup.EncryptionConfigurationProperty(
            encryption_option="SSE_KMS", kms_key=settings.kms_key
        )
    return athena.CfnWorkGroup(
        scope,
        construct_id,
        name=name,
        description=about,
        state="ENABLED",
        recursive_delete_option=True,
        work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
            enforce_work_group_configuration=True,
            publish_cloud_watch_metrics_enabled=True,
            bytes_scanned_cutoff_per_query=settings.athena_scan_limit_gib * 1024**3,
            requester_pays_enabled=False,
            engine_version=athena.CfnWorkGroup.EngineVersionProperty(selected_engine_version="Athena engine version 3"),
            result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                output_location=location, encryption_configuration=encryption
            ),
        ),
    )


def policy(scope: cdk.Stack, construct_id: str, *, settings: Settings, about: str) -> iam.ManagedPolicy:
    """Make a managed policy that is attached to nobody, named as the construct is; its ARN is an output."""
    name = settings.names.of(construct_id.lower())
    if settings.bucket_names == "account-regional":
        name = f"{name}-{scope.region}"  # an account has it once, and may have the instance in several regions
    made = iam.ManagedPolicy(scope, construct_id, managed_policy_name=name, description=about)
    cdk.CfnOutput(scope, f"{construct_id}PolicyArn", value=made.managed_policy_arn)
    return made


def allow_asking(grantee: Grantee, *, settings: Settings, storage: Storage) -> None:
    """Let a grantee ask the lake, and nothing else: SELECT, UNLOAD to the results, what catalogs and lists tell."""
    names = settings.names
    allow_queries(grantee, "Ask", names.workgroup)
    stack = cdk.Stack.of(grantee)
    catalogs = [
        stack.format_arn(service="athena", resource="datacatalog", resource_name=name) for name in _CATALOG_NAMES
    ]
    allow(grantee, "SeeCatalog", _CATALOG, catalogs)
    allow(grantee, "List", _LISTS, ["*"])
    acknowledge(grantee, "Athena knows no resources for these three lists.", "AwsSolutions-IAM5[Resource::*]")
    allow(grantee, "SeeDatabases", SEE_DATABASES, database_arns(stack, _DEFAULT, names.database))
    allow_tables(grantee, "SeeTables", READ_TABLES, names.database)
    buckets = [storage.extracted.bucket_arn, storage.athena.bucket_arn]
    allow(grantee, "FindObjects", ["s3:GetBucketLocation", "s3:ListBucket"], buckets)
    allow(grantee, "FindUploads", ["s3:ListBucketMultipartUploads"], [storage.athena.bucket_arn])
    allow_objects(grantee, "ReadMerged", ["s3:GetObject"], storage.extracted, [f"{MERGED_PREFIX}*"])
    # By a query's number: Athena keeps the results of all members below one prefix.
    allow_objects(grantee, "KeepResults", OBJECTS, storage.athena, [f"{RESULTS_PREFIX}*"])
    allow_key(grantee, storage.key)


def allow_queries(grantee: Grantee, sid: str, workgroup_name: str) -> None:
    """Let a grantee ask in a workgroup."""
    arn = cdk.Stack.of(grantee).format_arn(service="athena", resource="workgroup", resource_name=workgroup_name)
    allow(grantee, sid, _QUERIES, [arn])


def database_arns(stack: cdk.Stack, *databases: str) -> list[str]:
    """ARNs that Glue asks for where a database is concerned: its own and the catalog's."""
    return [
        stack.format_arn(service="glue", resource="catalog"),
        *(stack.format_arn(service="glue", resource="database", resource_name=name) for name in databases),
    ]


def allow_tables(grantee: Grantee, sid: str, actions: Sequence[str], database: str) -> None:
    """Add one statement with named actions on all tables of a database."""
    stack = cdk.Stack.of(grantee)
    tables = stack.format_arn(service="glue", resource="table", resource_name=f"{database}/*")
    allow(grantee, sid, actions, [*database_arns(stack, database), tables])
    acknowledge(
        grantee,
        "The star stands for the tables of one database, which GetTables lists at once.",
        f"AwsSolutions-IAM5[Resource::{arn_as_nag_writes_it(stack, tables)}]",
    )
