"""One instance: the stacks of one person at one stage."""

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from stacks.bundling import code_bundle, layer_bundle
from stacks.dashboards import Dashboards
from stacks.functions import Bundles
from stacks.ingest import Ingest
from stacks.lake import Lake
from stacks.names import PROJECT
from stacks.pipeline import Pipeline
from stacks.settings import Settings
from stacks.storage import Storage
from stacks.watch import Watch


@dataclass(frozen=True, slots=True)
class Instance:
    """The stacks, in the order in which they are deployed."""

    storage: Storage
    ingest: Ingest
    lake: Lake
    pipeline: Pipeline
    watch: Watch
    dashboards: Dashboards | None


def bundles_of(settings: Settings) -> Bundles:
    """Make what the stacks upload, or take it from the cache."""
    layer = layer_bundle(python=settings.lambda_python, architecture=settings.lambda_architecture)
    return Bundles(code_bundle(), layer)


def build(app: cdk.App, settings: Settings, bundles: Bundles) -> Instance:
    """Define the stacks of an instance."""

    def of(part: str, description: str) -> dict[str, Any]:
        return {
            "construct_id": part.title(),
            "stack_name": settings.names.of(part),
            "description": f"{settings.names.instance}: {description}",
            "env": cdk.Environment(account=settings.account, region=settings.region),
            "termination_protection": settings.is_prod and settings.keeps_data,
            "tags": {
                "project": PROJECT,
                "initials": settings.initials,
                "stage": settings.stage,
                "instance": settings.names.instance,
            },
        }

    storage = Storage(app, settings=settings, **of("storage", "buckets"))
    ingest = Ingest(app, settings=settings, storage=storage, bundles=bundles, **of("ingest", "transfer and extraction"))
    lake = Lake(app, settings=settings, storage=storage, bundles=bundles, **of("lake", "catalog, merge and queries"))
    pipeline = Pipeline(
        app,
        settings=settings,
        storage=storage,
        ingest=ingest,
        lake=lake,
        bundles=bundles,
        **of("pipeline", "the state machine and its schedule"),
    )
    watch = Watch(
        app,
        settings=settings,
        storage=storage,
        ingest=ingest,
        lake=lake,
        pipeline=pipeline,
        **of("watch", "alarms, dashboard, budget"),
    )
    dashboards = None
    if settings.quicksight_principal:
        dashboards = Dashboards(
            app,
            settings=settings,
            principal=settings.quicksight_principal,
            storage=storage,
            **of("dashboards", "charts in QuickSight"),
        )
        dashboards.add_stack_dependency(lake, "its tables and its workgroup are asked")
    if settings.permissions_boundary:
        _bound(app, settings.permissions_boundary)
    return Instance(storage, ingest, lake, pipeline, watch, dashboards)


def _bound(app: cdk.App, boundary: str) -> None:
    """Put a permissions boundary on every role, also on those of CDK's helper functions."""
    for stack in app.node.children:
        if isinstance(stack, cdk.Stack):
            policy = (
                iam.ManagedPolicy.from_managed_policy_arn(stack, "Boundary", boundary)
                if boundary.startswith("arn:")
                else iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", boundary)
            )
            iam.PermissionsBoundary.of(stack).apply(policy)
