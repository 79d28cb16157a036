"""S3 access: the only place that talks to it. Errors leave sorted into transient and terminal."""

import contextlib
import datetime as dt
import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any
from zlib import crc32

from botocore.exceptions import BotoCoreError, ClientError

from runtime.errors import CcaTedError, TerminalError, TransientError

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

MISSING = frozenset(("404", "NoSuchKey", "NoSuchVersion", "NotFound"))
TRANSIENT = frozenset(
    (
        "429", "500", "502", "503", "504", "InternalError", "OperationAborted", "RequestTimeout",
        "RequestTimeTooSkewed", "ServiceUnavailable", "SlowDown", "Throttling", "ThrottlingException",
        "TooManyRequestsException", "RequestLimitExceeded",
    )
)  # fmt: skip


class MissingObject(TerminalError):
    """No object has this key (or this version of it)."""


class AlreadyStored(TransientError):
    """Somebody else stored the object first; looking again shows it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a listing; another `etag` below the same key means other bytes, or other encryption."""

    key: str
    size: int
    last_modified: dt.datetime
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of an object without its bytes; `version_id` is empty in a bucket without versions."""

    version_id: str
    size: int
    metadata: Mapping[str, str]
    last_modified: dt.datetime
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object being read: close `body`, or read it to its end."""

    body: "StreamingBody"
    version_id: str
    size: int
    metadata: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""


def _etag(answer: Mapping[str, Any]) -> str:
    """The ETag without its quotes."""
    return str(answer.get("ETag", "")).strip('"')


@contextmanager
def aws_errors(action: str, **attributes: Any) -> Iterator[None]:
    """Translate the errors of boto3 into the project's, naming the action.

    Raises
    ------
    TransientError
        Throttled, timed out, not reachable, or an error of the service's own.
    TerminalError
        Everything else: refused, missing, wrong request.
    """
    try:
        yield
    except ClientError as error:
        detail = error.response.get("Error", {})
        code = str(detail.get("Code", "unknown"))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
        message = f"{action}: {code}: {detail.get('Message', error)}"
        kind: type[CcaTedError] = TerminalError
        if code in MISSING:
            kind = MissingObject
        elif code in ("PreconditionFailed", "ConditionalRequestConflict"):
            kind = AlreadyStored
        elif code in TRANSIENT or status >= 500 or status == 429:
            kind = TransientError
        raise kind(message, code=code, **attributes) from error
    except BotoCoreError as error:
        raise TransientError(f"{action}: {error}", code=type(error).__name__, **attributes) from error


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket, reached with a client that was made at the edge.

    With `owner`, an account, S3 refuses every call where the bucket belongs to another: a bucket's name is free again
    once it is deleted, and whoever takes it must neither be read nor written to.
    """

    client: "S3Client"
    name: str
    owner: str = ""

    def _doing(self, verb: str, key: str) -> Any:
        whose = f", expected of account {self.owner}" if self.owner else ""
        return aws_errors(f"{verb} s3://{self.name}/{key}{whose}", bucket=self.name, key=key)

    @property
    def _place(self) -> Any:
        return {"Bucket": self.name, **self._owned}

    @property
    def _owned(self) -> dict[str, str]:
        return {"ExpectedBucketOwner": self.owner} if self.owner else {}

    def keys(self, prefix: str = "") -> Iterator[Listed]:
        """List the objects below a prefix, keys ascending."""
        with self._doing("list", prefix):
            for page in self.client.get_paginator("list_objects_v2").paginate(**self._place, Prefix=prefix):
                for entry in page.get("Contents", ()):
                    yield Listed(entry["Key"], entry["Size"], entry["LastModified"], _etag(entry))

    def folders(self, prefix: str = "") -> list[str]:
        """List what stands between a prefix and the next slash, slash included, ascending."""
        with self._doing("list", prefix):
            paginator = self.client.get_paginator("list_objects_v2")
            pages = paginator.paginate(**self._place, Prefix=prefix, Delimiter="/")
            return [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", ())]

    def head(self, key: str) -> Head | None:
        """Look at the current version of an object; None where there is none."""
        try:
            with self._doing("head", key):
                answer = self.client.head_object(**self._place, Key=key)
        except MissingObject:
            return None
        metadata, version = answer.get("Metadata", {}), answer.get("VersionId", "")
        return Head(version, answer["ContentLength"], metadata, answer["LastModified"], _etag(answer))

    def open(self, key: str) -> Stored:
        """Open the current version of an object for reading.

        Raises
        ------
        MissingObject
            There is no such object.
        """
        with self._doing("get", key):
            answer = self.client.get_object(**self._place, Key=key)
        metadata, version = answer.get("Metadata", {}), answer.get("VersionId", "")
        return Stored(answer["Body"], version, answer["ContentLength"], metadata, _etag(answer))

    def get(self, key: str) -> bytes:
        """Read a whole object.

        Raises
        ------
        MissingObject
            There is no such object.
        """
        stored = self.open(key)
        with self._doing("read", key), stored.body as body:
            return body.read()

    def get_json(self, key: str) -> Any:
        """Read an object as JSON.

        Raises
        ------
        TerminalError
            The object is no JSON, or is missing.
        """
        data = self.get(key)
        try:
            return json.loads(data)
        except ValueError as error:
            raise TerminalError(f"s3://{self.name}/{key} is no JSON: {error}", bucket=self.name, key=key) from error

    def put(
        self,
        key: str,
        data: bytes,
        *,
        metadata: Mapping[str, str] | None = None,
        content_type: str = "application/octet-stream",
        if_absent: bool = False,
    ) -> str:
        """Write a small object in one go, checked by SHA-256 on arrival.

        Returns
        -------
        its version, empty in a bucket without versions

        Raises
        ------
        AlreadyStored
            There is one, though `if_absent` was wished.
        """
        digest = b64encode(hashlib.sha256(data).digest()).decode()
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if if_absent else {}
        with self._doing("put", key):
            answer = self.client.put_object(
                **self._place, Key=key, Body=data, Metadata=dict(metadata or {}), ContentType=content_type,
                ChecksumSHA256=digest, **condition,
            )  # fmt: skip
        return answer.get("VersionId", "")

    def put_json(self, key: str, value: Any) -> str:
        """Write a value as JSON, keys in the given order."""
        return self.put(key, json.dumps(value, ensure_ascii=False, indent=1).encode(), content_type="application/json")

    def upload(
        self, key: str, file: IO[bytes], *, metadata: Mapping[str, str] | None = None, part_bytes: int = 8 << 20
    ) -> None:
        """Write a file of any size with bounded memory, in parts of `part_bytes`, one at a time.

        The object appears when the last part has arrived; a failed upload leaves none.
        """
        from boto3.s3.transfer import TransferConfig

        config = TransferConfig(multipart_threshold=part_bytes, multipart_chunksize=part_bytes, use_threads=False)
        with self._doing("upload", key):
            more = {"Metadata": dict(metadata or {}), **self._owned}
            self.client.upload_fileobj(file, self.name, key, ExtraArgs=more, Config=config)

    @contextmanager
    def in_parts(
        self, key: str, *, metadata: Mapping[str, str] | None = None, if_absent: bool = False
    ) -> Iterator[Callable[[bytes], None]]:
        """Write an object of any size while its last part is not yet trusted.

        Call what this yields with one part at a time, of 5 MiB or more except the last. The object appears, whole,
        when the block ends; a block that raises leaves none.

        Raises
        ------
        AlreadyStored
            There is one by the time the last part has arrived, though `if_absent` was wished.
        """
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if if_absent else {}
        with self._doing("upload", key):
            upload = self.client.create_multipart_upload(
                **self._place, Key=key, Metadata=dict(metadata or {}), ChecksumAlgorithm="CRC32"
            )
        place: Any = {**self._place, "Key": key, "UploadId": upload["UploadId"]}
        parts: list[CompletedPartTypeDef] = []

        def send(data: bytes) -> None:
            number = len(parts) + 1
            digest = b64encode(crc32(data).to_bytes(4, "big")).decode()
            with self._doing(f"upload part {number} of", key):
                answer = self.client.upload_part(**place, PartNumber=number, Body=data, ChecksumCRC32=digest)
            parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumCRC32": digest})

        try:
            yield send
            with self._doing("complete", key):
                self.client.complete_multipart_upload(**place, MultipartUpload={"Parts": parts}, **condition)
        except BaseException:
            # What ended the upload is the news. The bucket's lifecycle removes parts that cannot be removed here.
            with contextlib.suppress(ClientError, BotoCoreError):
                self.client.abort_multipart_upload(**place)
            raise

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; missing ones are no fault.

        Raises
        ------
        TerminalError
            Some could not be deleted; they are named.
        """
        batch = list(keys)
        for start in range(0, len(batch), 1000):
            chunk = batch[start : start + 1000]
            with self._doing("delete", chunk[0]):
                answer = self.client.delete_objects(
                    **self._place, Delete={"Objects": [{"Key": key} for key in chunk], "Quiet": True}
                )
            if failed := answer.get("Errors"):
                faults = [f"{fault.get('Key')}: {fault.get('Code')}" for fault in failed]
                raise TerminalError(
                    f"{self.name} kept {len(failed)} objects: {', '.join(faults[:10])}", bucket=self.name
                )
