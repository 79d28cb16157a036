"""Verification of a package while it streams past: bytes are adopted only when the whole archive can be walked.

A download runs into a temporary file, and is hashed and counted on the way; its reader follows through gzip and tar,
which remember next to nothing. So memory is bounded whatever the size; fetching, walking and storing overlap; and the
object in S3 is created once, whole, with its metadata known.
"""

import hashlib
import io
import os
import re
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Self, cast

from isal import igzip
from isal.igzip_lib import IsalError

from runtime.errors import TerminalError
from runtime.http import RefusedByFirewall, SourceTrouble
from runtime.keys import PackageId

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from runtime.transfer.source import Download

READ_BYTES = 1 << 18
LARGEST_UNPACKED = 64 << 30
LARGEST_HEADER = 16 << 20  # tarfile reads an extended header in one piece
DEEPEST = 2
GZIP_MAGIC = b"\x1f\x8b"
BROKEN: tuple[type[Exception], ...] = (
    OSError,
    tarfile.TarError,
    cast(type[Exception], IsalError),
    ValueError,
    OverflowError,
)

_FOLDER = re.compile(r"(\d{8})_(\d{4})?(\d{3})")
_NESTED = (".tar.gz", ".tgz")


class CorruptPackage(TerminalError):
    """All announced bytes came, but they are no gzip of a tar that can be walked to its end."""


class WrongPackage(TerminalError):
    """A good archive, but of another date or issue."""


class SpoolFull(TerminalError):
    """The function's temporary storage is smaller than the package."""


class ChecksumMismatch(SourceTrouble):
    """The bytes are not those that the other instance stored."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is known of bytes that all came."""

    size_bytes: int
    sha256: str


class Spool:
    """A download on its way into a temporary file, in a thread of its own, and what is known of its bytes.

    The file can be read while it grows, at the reader's pace. What goes wrong in the thread is raised by `finish`.
    """

    def __init__(self, download: "Download", file: IO[bytes]) -> None:
        self.download, self.file = download, file
        self._digest, self._count = hashlib.sha256(), 0
        self._is_over, self._is_left = False, False
        self._error: Exception | None = None
        self._grown = threading.Condition()
        self._thread = threading.Thread(target=self._fetch, name="spool", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._is_left = True
        self._thread.join()

    def _fetch(self) -> None:
        try:
            while not self._is_left and (data := self.download.read(READ_BYTES)):
                self._digest.update(data)
                self._keep(data)
                with self._grown:
                    self._count += len(data)
                    self._grown.notify_all()
        except Exception as error:  # raised again by `finish`
            self._error = error
        finally:
            with self._grown:
                self._is_over = True
                self._grown.notify_all()

    def _keep(self, data: bytes) -> None:
        try:
            self.file.write(data)
            self.file.flush()
        except OSError as error:
            raise SpoolFull(
                f"no room for a package after {self._count:,} bytes ({error}): give the function more",
                url=self.download.url,
            ) from error

    def read_at(self, offset: int, size: int) -> bytes:
        """Read from the file, waiting for bytes to come; empty at the end."""
        with self._grown:
            while self._count <= offset and not self._is_over:
                self._grown.wait()
            size = min(size, self._count - offset)
        return os.pread(self.file.fileno(), size, offset) if size > 0 else b""

    def finish(self, package: PackageId) -> Fetched:
        """Wait for the end, and check what can be checked without looking inside.

        Raises
        ------
        SourceTrouble
            The bytes broke off, or are fewer or more than announced.
        ChecksumMismatch
            They are other than the other instance's.
        RefusedByFirewall
            There are none.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        url, length, sha256 = self.download.url, self.download.length, self._digest.hexdigest()
        if not self._count:
            raise RefusedByFirewall(f"{package}: expected a package from {url}, got an empty body", package=package)
        if length is not None and self._count != length:
            raise SourceTrouble(
                f"{package}: expected {length:,} bytes from {url}, got {self._count:,}; it is tried again",
                package=package, expected=length, got=self._count,
            )  # fmt: skip
        if self.download.sha256 not in (None, sha256):
            raise ChecksumMismatch(
                f"{package}: expected SHA-256 {self.download.sha256} from {self.download.copied_from}, got {sha256}",
                package=package, expected=self.download.sha256, got=sha256,
            )  # fmt: skip
        return Fetched(self._count, sha256)


class _Reader(io.RawIOBase):
    """Reads a spool from its start to its end."""

    def __init__(self, spool: Spool) -> None:
        self.spool, self.at = spool, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        data = self.spool.read_at(self.at, len(view))
        view[: len(data)] = data
        self.at += len(data)
        return len(data)


class _Forward(io.RawIOBase):
    """An unpacked stream that tarfile may walk: it only moves forward, and knows what it read last."""

    name = ""

    def __init__(self, stream: IO[bytes], check: Callable[[], None]) -> None:
        self.stream, self.check, self.at, self.last = stream, check, 0, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence != 0 or offset < self.at:
            raise io.UnsupportedOperation("backwards in a stream")
        while self.at < offset and self.read(min(offset - self.at, READ_BYTES)):
            self.check()
        return self.at

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0 or size > LARGEST_HEADER:
            raise tarfile.ReadError(f"a header announces {size} bytes")
        parts, missing = [], size
        while missing and (part := self.stream.read(missing)):
            parts.append(part)
            missing -= len(part)
        self.last = parts[0] if len(parts) == 1 else b"".join(parts)
        self.at += len(self.last)
        if self.at > LARGEST_UNPACKED:
            raise tarfile.ReadError(f"it unpacks to more than {LARGEST_UNPACKED >> 30} GiB")
        return self.last


def verify(
    spool: Spool, package: PackageId, *, seconds: float = 600.0, clock: Callable[[], float] = time.monotonic
) -> int:
    """Walk a package to its end, while it is fetched or after, and prove that it is the one that was asked for.

    Parameters
    ----------
    package : the folder inside must bear its date and issue
    seconds : time for the whole of it

    Returns
    -------
    how many files are in it

    Raises
    ------
    SourceTrouble
        It is a web page, or ends inside the archive, or took too long.
    CorruptPackage, WrongPackage
        It is no archive, or another package.
    """
    deadline, url, start = clock() + seconds, spool.download.url, spool.read_at(0, 512)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise SourceTrouble(f"{package}: expected gzip from {url}, got a web page: {start[:60]!r}", package=package)
    if start[:2] != GZIP_MAGIC:
        raise CorruptPackage(f"{package}: expected gzip (1f 8b) from {url}, got {start[:8].hex(' ')}", package=package)

    def check() -> None:
        if clock() > deadline:
            raise SourceTrouble(f"{package}: not read within {seconds:.0f} s; it is tried again", package=package)

    folders: set[str] = set()
    try:
        members = _walk(_Reader(spool), folders, check, depth=0)
    except EOFError as error:
        message = f"{package}: {url} ended inside the archive; it is tried again"
        raise SourceTrouble(message, package=package) from error
    except BROKEN as error:
        message = f"{package}: {url} is no archive that can be walked to its end: {error}"
        raise CorruptPackage(message, package=package) from error
    _check_name(folders, members, package)
    return members


def _walk(stream: IO[bytes] | _Reader, folders: set[str], check: Callable[[], None], depth: int) -> int:
    """Walk a gzip of a tar to its end, and the archives inside; count files, collect the names of their folders."""
    members = 0
    with closing(igzip.IGzipFile(fileobj=stream, mode="rb")) as unpacked:  # type: ignore[no-untyped-call]
        forward = _Forward(cast(IO[bytes], unpacked), check)
        with tarfile.open(fileobj=forward, mode="r:") as tar:
            for member in tar:
                check()
                if not member.isreg():
                    continue
                if member.name.lower().endswith(_NESTED) and depth < DEEPEST:
                    nested = tar.extractfile(member)
                    assert nested is not None  # noqa: S101 it is a regular file
                    members += _walk(nested, folders, check, depth + 1)
                    continue
                members += 1
                folders.update(part for part in member.name.split("/")[:-1] if _FOLDER.fullmatch(part))
                tar.members.clear()  # type: ignore[attr-defined]  # tarfile remembers each; a walk does not need them
        # tarfile takes a broken header after the first for the end: the true end is nothing but zeros.
        if not forward.last or any(forward.last):
            raise tarfile.ReadError(f"no end of archive at byte {forward.at:,}")
        while rest := forward.read(READ_BYTES):
            check()
            if any(rest):
                raise tarfile.ReadError(f"bytes after the end of the archive, before byte {forward.at:,}")
    return members


def _check_name(folders: set[str], members: int, package: PackageId) -> None:
    if not members:
        raise CorruptPackage(f"{package}: expected notices, got an archive without files", package=package)
    expected = f"{package.date:%Y%m%d}_{package.issue:03d}"
    others = sorted(name for name in folders if not _is_folder_of(name, package))
    if others or not folders:
        got = ", ".join(others[:5]) or "no folder with a date and an issue"
        raise WrongPackage(
            f"{package}: expected the folder {expected}, got {got}; is the release calendar right about this issue?",
            package=package, expected=expected, got=got,
        )  # fmt: skip


def _is_folder_of(name: str, package: PackageId) -> bool:
    match = _FOLDER.fullmatch(name)
    return (
        match is not None
        and match[1] == f"{package.date:%Y%m%d}"
        and match[2] in (None, str(package.year))
        and int(match[3]) == package.issue
    )
