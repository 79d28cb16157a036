"""Mend: tags of a bucket in a template reach the bucket.

Unmended, they are dropped. CDK's helper that empties a bucket before it is deleted looks for one of them, finds none,
and the destroy of the stack fails.
"""

from typing import Any

from console.aws.mends.guard import check, hook


def apply() -> None:
    """Put the mend in place."""
    from ministack.services import s3
    from ministack.services.cloudformation import provisioners

    configure = hook(provisioners, "_s3_apply_configurations", "name props old_props")
    check(hasattr(s3, "_bucket_tags"), "a store of bucket tags ministack.services.s3._bucket_tags")

    def mended(name: str, props: dict[str, Any], old_props: dict[str, Any] | None = None) -> None:
        configure(name, props, old_props)
        tags = {tag["Key"]: tag["Value"] for tag in props.get("Tags") or []}
        if tags:
            s3._bucket_tags[name] = tags
        elif old_props and old_props.get("Tags"):
            s3._bucket_tags.pop(name, None)

    provisioners._s3_apply_configurations = mended
