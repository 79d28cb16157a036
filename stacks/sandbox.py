"""The sandbox: a database, a workgroup and a prefix for what analysts make, and the end of it all after some days."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_glue as glue

from stacks.asking import (
    OBJECTS,
    READ_TABLES,
    SEE_DATABASES,
    allow_queries,
    allow_tables,
    database_arns,
    policy,
    workgroup,
)
from stacks.functions import Bundles, TedFunction, asset_code, layer_of
from stacks.permissions import allow, allow_objects
from stacks.schedules import schedule
from stacks.settings import Settings
from stacks.storage import SANDBOX_PREFIX, Storage

_WRITE_TABLES = (
    "glue:BatchCreatePartition",
    "glue:BatchDeletePartition",
    "glue:BatchDeleteTable",
    "glue:BatchDeleteTableVersion",
    "glue:BatchUpdatePartition",
    "glue:CreatePartition",
    "glue:CreateTable",
    "glue:DeletePartition",
    "glue:DeleteTable",
    "glue:DeleteTableVersion",
    "glue:GetTableVersion",
    "glue:GetTableVersions",
    "glue:UpdatePartition",
    "glue:UpdateTable",
)
_CLEARING_SECONDS = 300
_CLEARING_MIB = 256


def add_sandbox(stack: Stack, *, settings: Settings, storage: Storage, bundles: Bundles) -> TedFunction:
    """Add the sandbox to a stack; docs/adr/0007-sandbox.md says why it is as it is.

    Returns
    -------
    The function that drops what has had its days.
    """
    names = settings.names
    location = storage.athena.s3_url_for_object(SANDBOX_PREFIX)
    glue.CfnDatabase(
        stack,
        "SandboxDatabase",
        catalog_id=stack.account,
        database_name=names.sandbox_database,
        database_input=glue.CfnDatabase.DatabaseInputProperty(
            name=names.sandbox_database,
            description=f"Made by analysts, dropped after {settings.sandbox_days} days",
            location_uri=location,
        ),
    )
    workgroup(
        stack,
        "SandboxWorkgroup",
        settings=settings,
        name=names.sandbox_workgroup,
        about=f"Queries that keep what they make in {names.sandbox_database}",
        location=location,
    )
    making = policy(
        stack,
        "Sandbox",
        settings=settings,
        about=f"Beside {names.of('analyst')}: make and drop tables in {names.sandbox_database}",
    )
    allow_queries(making, "AskInSandbox", names.sandbox_workgroup)
    allow(making, "SeeSandbox", SEE_DATABASES, database_arns(stack, names.sandbox_database))
    allow_tables(making, "MakeTables", [*READ_TABLES, *_WRITE_TABLES], names.sandbox_database)
    allow_objects(making, "MakeFiles", OBJECTS, storage.athena, [f"{SANDBOX_PREFIX}*"])
    CfnOutput(stack, "SandboxDatabaseName", value=names.sandbox_database)
    CfnOutput(stack, "SandboxWorkgroupName", value=names.sandbox_workgroup)
    return _clearing(stack, settings, bundles)


def _clearing(stack: Stack, settings: Settings, bundles: Bundles) -> TedFunction:
    made = TedFunction(
        stack,
        "ExpireSandbox",
        settings=settings,
        code=asset_code(bundles.code),
        layer=layer_of(stack, bundles.layer, settings),
        name="expire-sandbox",
        handler="runtime.sandbox.handlers.expire",
        seconds=_CLEARING_SECONDS,
        memory_mib=_CLEARING_MIB,
        environment={"GLUE_DATABASE": settings.names.sandbox_database, "DAYS": str(settings.sandbox_days)},
        description="Drops tables and views of the sandbox that have had their days",
        without_dead_letters="The schedule starts it once a day, and what it left one day it drops the next.",
    )
    allow_tables(made.role, "Clear", ["glue:DeleteTable", "glue:GetTables"], settings.names.sandbox_database)
    schedule(
        stack,
        "ExpireSandboxSchedule",
        action="lambda:InvokeFunction",
        arn=made.function.function_arn,
        name=settings.names.of("expire-sandbox"),
        description="Clears the sandbox once a day",
        schedule_expression="rate(1 day)",
    )
    return made
