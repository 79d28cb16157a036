"""The lake: Glue catalog, merge job, and the Athena workgroup that people ask."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from runtime.keys import DAILY_PREFIX, MANIFEST_PREFIX, MERGED_PREFIX
from runtime.schema import CATALOG_TABLES, TABLES, Column, Table
from runtime.schema.views import VIEWS, Statement, presto_view, saved_queries
from stacks.asking import allow_asking, policy, workgroup
from stacks.bundling import ROOT
from stacks.functions import Bundles, asset, file_asset
from stacks.permissions import LISTING, acknowledge, allow, allow_key, allow_logging, allow_objects, log_group, removal
from stacks.sandbox import add_sandbox
from stacks.settings import Settings
from stacks.storage import RESULTS_PREFIX, Storage

WORKER_TYPE = "G.1X"
SCRIPT = ROOT / "glue_scripts" / "merge_year.py"
SLOW_MINUTES = 45


class Lake(cdk.Stack):
    """Tables over the merged years, and the job that makes them.

    Attributes
    ----------
    database : the Glue database
    job : the merge job, one run per year
    workgroup : the Athena workgroup
    expire_sandbox : the function that clears the sandbox, None where there is none
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
        self.database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=self.account,
            database_name=settings.names.database,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=settings.names.database, description="Notices of Tenders Electronic Daily, merged by year"
            ),
        )
        self.database.apply_removal_policy(removal(settings))
        merged = storage.extracted.s3_url_for_object(MERGED_PREFIX)
        for table in CATALOG_TABLES:
            self._table(table, f"{merged}{table.name}/")
        for view in VIEWS:
            self._view(view)
        self.job = self._job(bundles)
        self.workgroup = workgroup(
            self,
            "Workgroup",
            settings=settings,
            name=settings.names.workgroup,
            about=f"Queries of {settings.names.database}",
            location=storage.athena.s3_url_for_object(RESULTS_PREFIX),
        )
        analyst = policy(
            self, "Analyst", settings=settings, about=f"Ask {settings.names.database} in Athena, and nothing else"
        )
        allow_asking(analyst, settings=settings, storage=storage)
        self.expire_sandbox = (
            add_sandbox(self, settings=settings, storage=storage, bundles=bundles) if settings.has_sandbox else None
        )
        for query in saved_queries():
            self._saved_query(query)
        cdk.CfnOutput(self, "DatabaseName", value=settings.names.database)
        cdk.CfnOutput(self, "WorkgroupName", value=settings.names.workgroup)
        cdk.CfnOutput(self, "MergeJobName", value=settings.names.merge_job)

    @property
    def catalog_arns(self) -> list[str]:
        """What a role must be allowed to touch for the database's tables and partitions."""
        name = self._settings.names.database
        tables = self.format_arn(service="glue", resource="table", resource_name=name)
        return [
            self.format_arn(service="glue", resource="catalog"),
            self.format_arn(service="glue", resource="database", resource_name=name),
            *(f"{tables}/{table.name}" for table in TABLES),
        ]

    @property
    def job_arn(self) -> str:
        return self.format_arn(service="glue", resource="job", resource_name=self._settings.names.merge_job)

    def _table(self, table: Table, location: str) -> None:
        made = glue.CfnTable(
            self,
            f"{_pascal(table.name)}Table",
            catalog_id=self.account,
            database_name=self._settings.names.database,
            table_input=glue.CfnTable.TableInputProperty(
                name=table.name,
                description=f"One row per {table.rows_per}",
                table_type="EXTERNAL_TABLE",
                parameters={"EXTERNAL": "TRUE", "classification": "parquet", "typeOfData": "file"},
                partition_keys=[_column(column) for column in table.partitions],
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=[_column(column) for column in table],
                    location=location,
                    input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                    output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                    serde_info=glue.CfnTable.SerdeInfoProperty(
                        serialization_library="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                        parameters={"serialization.format": "1"},
                    ),
                    stored_as_sub_directories=False,
                ),
            ),
        )
        made.apply_removal_policy(removal(self._settings))
        made.add_resource_dependency(self.database)

    def _job(self, bundles: Bundles) -> glue.CfnJob:
        settings, extracted = self._settings, self._storage.extracted
        name = settings.names.merge_job
        prefix = f"/aws-glue/jobs/{name}"
        groups: list[logs.ILogGroup] = [
            log_group(self, f"Merge{stream.title()}Logs", settings, f"{prefix}/{stream}")
            for stream in ("error", "output")
        ]
        script, code = file_asset(self, "MergeScript", SCRIPT), asset(self, "RuntimeCode", bundles.code)
        role = iam.Role(self, "MergeRole", assumed_by=iam.ServicePrincipal("glue.amazonaws.com"))
        allow_logging(role, *groups)
        # Glue makes a group before it writes to it, though it is there.
        allow(role, "MakeLogs", ["logs:CreateLogGroup"], [arn for group in groups for arn in _both_arns(group)])
        allow(
            role,
            "ReadCode",
            ["s3:GetObject"],
            [made.bucket.arn_for_objects(made.s3_object_key) for made in (script, code)],
        )
        if settings.bootstrap_kms_key:
            allow(role, "UseAssetsKey", ["kms:Decrypt"], [settings.bootstrap_kms_key])
        allow(role, "ListExtracted", LISTING, [extracted.bucket_arn])
        allow_objects(role, "ReadExtracted", ["s3:GetObject"], extracted, [f"{DAILY_PREFIX}*", f"{MANIFEST_PREFIX}*"])
        # Glue's file system marks folders that it makes with an object beside them.
        marker = f"{MERGED_PREFIX.rstrip('/')}_$folder$"
        allow_objects(
            role,
            "WriteMerged",
            ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            extracted,
            [f"{MERGED_PREFIX}*", marker],
        )
        # Before it writes, Spark's file system S3A looks whether a file is in the place of the folder.
        allow(role, "SeeFolder", ["s3:GetObject"], [extracted.arn_for_objects(MERGED_PREFIX.rstrip("/"))])
        allow(
            role,
            "Publish",
            ["glue:BatchUpdatePartition", "glue:CreatePartition", "glue:GetPartition", "glue:GetTable"],
            self.catalog_arns,
        )
        allow(role, "SeeOwnRuns", ["glue:GetJobRuns"], [self.job_arn])
        allow_key(role, self._storage.key)
        made = glue.CfnJob(
            self,
            "MergeJob",
            name=name,
            description="Merges the extracted packages of one year and publishes them in one step",
            role=role.role_arn,
            command=glue.CfnJob.JobCommandProperty(
                name="glueetl", python_version="3", script_location=script.s3_object_url
            ),
            glue_version=settings.glue_version,
            worker_type=WORKER_TYPE,
            number_of_workers=settings.glue_workers,
            timeout=settings.glue_minutes,
            max_retries=0,
            execution_property=glue.CfnJob.ExecutionPropertyProperty(max_concurrent_runs=settings.glue_concurrency),
            notification_property=glue.CfnJob.NotificationPropertyProperty(
                notify_delay_after=min(SLOW_MINUTES, settings.glue_minutes - 1)
            ),
            default_arguments={
                "--EXTRACTED_BUCKET": extracted.bucket_name,
                "--BUCKET_OWNER": self.account,
                "--GLUE_DATABASE": settings.names.database,
                "--extra-py-files": code.s3_object_url,
                "--job-language": "python",
                "--job-bookmark-option": "job-bookmark-disable",
                "--custom-logGroup-prefix": prefix,
            },
        )
        made.node.add_dependency(role)
        acknowledge(
            made,
            "CloudWatch encrypts every log group at rest with its own key; the job's logs hold counts and package ids.",
            "AwsSolutions-GL1",
        )
        acknowledge(
            made, "The job keeps no bookmarks: job-bookmark-disable is among its arguments.", "AwsSolutions-GL3"
        )
        return made

    def _view(self, view: Table) -> None:
        made = cdk.CfnResource(
            self,
            f"{_pascal(view.name)}View",
            type="AWS::Glue::Table",
            properties={
                "CatalogId": self.account,
                "DatabaseName": self._settings.names.database,
                "TableInput": presto_view(view, self._settings.names.database),
            },
        )
        made.apply_removal_policy(cdk.RemovalPolicy.DESTROY)  # it holds nothing, and can be written again
        made.add_resource_dependency(self.database)

    def _saved_query(self, query: Statement) -> None:
        made = athena.CfnNamedQuery(
            self,
            f"{_pascal(query.name)}Query",
            name=query.title,
            description=query.description[:1024],
            database=self._settings.names.database,
            work_group=self._settings.names.workgroup,
            query_string=query.sql,
        )
        made.add_resource_dependency(self.workgroup)


def _column(column: Column) -> glue.CfnTable.ColumnProperty:
    comment = column.meaning + (f" ({column.term})" if column.term else "")
    return glue.CfnTable.ColumnProperty(name=column.name, type=column.glue_type, comment=comment[:255])


def _both_arns(group: logs.ILogGroup) -> list[str]:
    """A log group's ARN as CloudFormation gives it, which ends with a star for its streams, and without."""
    stack = cdk.Stack.of(group)
    plain = stack.format_arn(
        service="logs",
        resource="log-group",
        resource_name=group.log_group_name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    return [plain, group.log_group_arn]


def _pascal(name: str) -> str:
    return "".join(part.title() for part in name.replace("-", "_").split("_"))
