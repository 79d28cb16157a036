"""The buckets of an instance, as its storage stack names them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from runtime.buckets import Bucket, aws_errors
from runtime.errors import TerminalError

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

    from stacks.names import Names


@dataclass(frozen=True, slots=True)
class Deployed:
    """The storage stack as it is deployed.

    Parameters
    ----------
    account : that it is in, and its buckets with it
    bucket_names : ted:bucket_names of the first deployment
    outputs : value by name
    """

    account: str
    bucket_names: str
    outputs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Buckets:
    """The two buckets with the instance's data; every call names their owner."""

    raw: Bucket
    extracted: Bucket


def find_storage(session: "boto3.Session", names: "Names") -> Deployed | None:
    """Look at the storage stack of an instance; None where there is none."""
    name = names.of("storage")
    with aws_errors(f"describe stack {name}"):
        try:
            (stack,) = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    return Deployed(stack["StackId"].split(":")[4], parameters.get("BucketNames", "short"), outputs)


def find_buckets(session: "boto3.Session", names: "Names", config: "Config | None" = None) -> Buckets:
    """Find the buckets of an instance.

    Parameters
    ----------
    config : of the client that reaches them

    Raises
    ------
    TerminalError
        The instance is not deployed, or not whole.
    """
    storage = find_storage(session, names)
    wanted = ("RawBucketName", "ExtractedBucketName")
    if storage is None or not storage.outputs.keys() >= set(wanted):
        raise TerminalError(
            f"there is no whole stack {names.of('storage')}: deploy the stacks first", code="StackDoesNotExist"
        )
    client: Any = session.client("s3", config=config) if config else session.client("s3")
    raw, extracted = (Bucket(client, storage.outputs[output], storage.account) for output in wanted)
    return Buckets(raw, extracted)
