"""Mend: a call that expects another owner of the bucket is refused.

Unmended, `ExpectedBucketOwner` is ignored: whoever may write to a stranger's bucket of the same name does so.
"""

from typing import Any

from console.aws.mends.guard import hook


def apply() -> None:
    """Put the mend in place."""
    from ministack.services import s3

    dispatch = hook(s3, "_dispatch", "method bucket key headers body query_params")
    owner_of = hook(s3, "_bucket_owner_account", "name")
    refuse = hook(s3, "_error", "code message status resource extra headers")

    def mended(method: str, bucket: str, key: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
        expected, owner = headers.get("x-amz-expected-bucket-owner"), owner_of(bucket)
        if expected and owner and expected != owner:
            return refuse("AccessDenied", "Access Denied", 403, f"/{bucket}/{key}")
        return dispatch(method, bucket, key, headers, body, query)

    s3._dispatch = mended
