"""Mend: a bucket in a template may be in the namespace of one account and region.

Unmended, `BucketNamespace` and `BucketNamePrefix` are dropped, and the bucket gets a made-up name.
"""

from typing import Any

from console.aws.mends.guard import check, hook
from stacks.names import BUCKET_LENGTH, account_regional


def apply() -> None:
    """Put the mend in place."""
    from ministack.core import responses
    from ministack.services.cloudformation import provisioners

    account, region = hook(responses, "get_account_id", ""), hook(responses, "get_region", "")
    create = hook(provisioners, "_s3_create", "logical_id props stack_name")
    update = hook(provisioners, "_s3_update", "physical_id old_props new_props stack_name")
    handlers = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    check(handlers["create"] is create and handlers["update"] is update, "handlers of AWS::S3::Bucket")

    def named(props: dict[str, Any]) -> dict[str, Any]:
        prefix = props.get("BucketNamePrefix")
        is_regional = props.get("BucketNamespace") == "account-regional"
        if not prefix and not is_regional:
            return props
        if not (prefix and is_regional) or props.get("BucketName"):
            raise ValueError("BucketNamePrefix goes with BucketNamespace account-regional, and without BucketName")
        name = account_regional(prefix, account(), region())
        if len(name) > BUCKET_LENGTH:
            raise ValueError(f"Bucket name {name} should not be longer than {BUCKET_LENGTH} characters")
        return {**props, "BucketName": name}

    handlers["create"] = lambda logical_id, props, stack: create(logical_id, named(props), stack)
    handlers["update"] = lambda name, old, new, stack: update(name, old, named(new), stack)
