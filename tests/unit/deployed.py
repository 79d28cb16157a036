"""A storage stack beside moto, whose CloudFormation wants packages that nothing else does."""

from typing import Any

import boto3
from botocore.exceptions import ClientError

from runtime.buckets import Bucket
from stacks.names import Names, account_regional

ACCOUNT = "123456789012"  # moto's


class Stacks:
    """CloudFormation, as far as the console asks it: one stack, or none yet."""

    def __init__(self) -> None:
        self.stack: dict[str, Any] = {}

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 boto3's name
        """As the service does."""
        if self.stack.get("StackName") != StackName:
            detail = {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}
            raise ClientError({"Error": detail}, "DescribeStacks")
        return {"Stacks": [self.stack]}


def with_stacks(session: boto3.Session) -> boto3.Session:
    """A session whose CloudFormation has no stack until `deploy_storage` makes one."""
    stacks, client = Stacks(), session.client

    def chosen(name: str, **options: Any) -> Any:
        return stacks if name == "cloudformation" else client(name, **options)  # type: ignore[call-overload]

    session.client = chosen  # type: ignore[assignment, method-assign]
    return session


def deploy_storage(session: boto3.Session, names: Names, bucket_names: str = "short") -> tuple[Bucket, Bucket]:
    """Make the buckets and the storage stack of an instance; returns raw and extracted."""
    region = session.region_name
    whole = [name if bucket_names == "short" else account_regional(name, ACCOUNT, region) for name in names.buckets]
    s3 = session.client("s3")
    for name in whole:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    stack = names.of("storage")
    labels = ("Raw", "Extracted", "Athena")
    made: Any = session.client("cloudformation")
    made.stack = {
        "StackName": stack,
        "StackId": f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{stack}/1",
        "Parameters": [{"ParameterKey": "BucketNames", "ParameterValue": bucket_names}],
        "Outputs": [
            {"OutputKey": f"{label}BucketName", "OutputValue": name} for label, name in zip(labels, whole, strict=False)
        ],
    }
    raw, extracted = (Bucket(s3, name, ACCOUNT) for name in whole[:2])
    return raw, extracted
