"""A Lambda function with a role, a log group and time limits of its own."""

from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from stacks.bundling import Bundle
from stacks.permissions import acknowledge, allow, allow_logging, log_group
from stacks.settings import PYTHONS, Settings

NAMESPACE = "CcaTed"


@dataclass(frozen=True, slots=True)
class Bundles:
    """What the stacks upload."""

    code: Bundle
    layer: Bundle


def asset_code(bundle: Bundle) -> lambda_.AssetCode:
    """A bundle as Lambda code; its key stands for its content on every machine."""
    return lambda_.Code.from_asset(str(bundle.path), asset_hash=bundle.key, asset_hash_type=cdk.AssetHashType.CUSTOM)


def asset(scope: Construct, construct_id: str, bundle: Bundle) -> assets.Asset:
    """A bundle as a file in the assets bucket."""
    return assets.Asset(
        scope,
        construct_id,
        path=str(bundle.path),
        asset_hash=bundle.key,
        asset_hash_type=cdk.AssetHashType.CUSTOM,
    )


def file_asset(scope: Construct, construct_id: str, path: Path) -> assets.Asset:
    """A file of the project in the assets bucket."""
    return assets.Asset(scope, construct_id, path=str(path))


def runtime_of(settings: Settings) -> lambda_.Runtime:
    """The Python that functions and layer are made for."""
    return lambda_.Runtime(f"python{settings.lambda_python}", lambda_.RuntimeFamily.PYTHON)


def architecture_of(settings: Settings) -> lambda_.Architecture:
    """The machine that functions and layer are made for."""
    return lambda_.Architecture.ARM_64 if settings.lambda_architecture == "arm64" else lambda_.Architecture.X86_64


def layer_of(scope: Construct, bundle: Bundle, settings: Settings) -> lambda_.LayerVersion:
    """The dependencies as a layer of this stack.

    Each stack has its own: a layer's address changes with its content, and CloudFormation refuses to change what
    another stack imports.
    """
    return lambda_.LayerVersion(
        scope,
        "Dependencies",
        layer_version_name=settings.names.of(f"{scope.node.id.lower()}-dependencies"),
        description="Locked dependencies of the functions",
        code=asset_code(bundle),
        compatible_runtimes=[runtime_of(settings)],
        compatible_architectures=[architecture_of(settings)],
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )


class TedFunction(Construct):
    """One function of the project.

    Attributes
    ----------
    function : the function; it adds nothing to its role by itself
    role : what it may do; add to it with `stacks.permissions.allow`
    service : its name in AWS; what it logs and counts bears it
    memory_mib : what its seconds are paid by
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        code: lambda_.Code,
        layer: lambda_.ILayerVersion,
        name: str,
        handler: str,
        seconds: int,
        memory_mib: int,
        environment: dict[str, str],
        description: str,
        storage_mib: int | None = None,
        without_dead_letters: str = (
            "Nothing calls this function asynchronously, so a dead-letter target of its own would never be used: "
            "the state machine waits for its answer, or a queue with a redrive policy feeds it."
        ),
    ) -> None:
        super().__init__(scope, construct_id)
        self.service = settings.names.of(name)
        self.memory_mib = memory_mib
        group = log_group(self, "Logs", settings, f"/aws/lambda/{self.service}")
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        allow_logging(self.role, group)
        allow(self.role, "Trace", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"])
        acknowledge(
            self.role, "X-Ray has no resources to name for these two actions.", "AwsSolutions-IAM5[Resource::*]"
        )
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=self.service,
            description=description,
            runtime=runtime_of(settings),
            architecture=architecture_of(settings),
            code=code,
            handler=handler,
            layers=[layer],
            role=self.role.without_policy_updates(),
            timeout=cdk.Duration.seconds(seconds),
            memory_size=memory_mib,
            ephemeral_storage_size=cdk.Size.mebibytes(storage_mib) if storage_mib else None,
            log_group=group,
            tracing=lambda_.Tracing.ACTIVE,
            environment={
                **environment,
                "POWERTOOLS_SERVICE_NAME": self.service,
                "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
                "LOG_LEVEL": "INFO",
            },
        )
        acknowledge(self.function, without_dead_letters, "Serverless-LambdaDLQ")
        if settings.lambda_python != PYTHONS[-1]:
            acknowledge(
                self.function,
                "ted:lambda_python asks for this version; the default is the newest with wheels for all.",
                "AwsSolutions-L1",
                "Serverless-LambdaLatestVersion",
            )
