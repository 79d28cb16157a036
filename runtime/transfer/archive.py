"""Verification of a package while it streams past: bytes are adopted only when the whole archive can be walked.

A download is pulled through three layers, each of which remembers next to nothing: the spool (which also hashes and
counts), gzip, tar. The spool keeps small packages in memory and large ones in a temporary file, so that memory
is bounded and the object in S3 is created once, whole, with its metadata known.
"""

import hashlib
import io
import re
import tarfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

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
class Verified:
    """What was learned from a package that may be adopted."""

    size_bytes: int
    sha256: str
    members: int


class _Spool(io.RawIOBase):
    """Reads a download; writes what it read to a file, hashes and counts it."""

    def __init__(self, download: "Download", file: IO[bytes]) -> None:
        self.download, self.file = download, file
        self.digest, self.count = hashlib.sha256(), 0
        self.head = b""
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        data = self._rest or self._pull()
        taken = min(len(view), len(data))
        view[:taken] = data[:taken]
        self._rest = data[taken:]
        return taken

    def _pull(self) -> bytes:
        data = self.download.read(READ_BYTES)
        if len(self.head) < 512:
            self.head = (self.head + data)[:512]
        self.count += len(data)
        self.digest.update(data)
        try:
            self.file.write(data)
        except OSError as error:
            raise SpoolFull(
                f"no room for a package after {self.count:,} bytes ({error}): give the function more"
            ) from error
        return data

    def start(self) -> bytes:
        """The first bytes, without taking them from the reader."""
        while len(self.head) < 2 and (data := self._pull()):
            self._rest += data
        return self.head

    def drain(self) -> None:
        """Read to the end."""
        self._rest = b""
        while self._pull():
            pass


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
    download: "Download", package: PackageId, file: IO[bytes], *, seconds: float = 600.0,
    clock: Callable[[], float] = time.monotonic,
) -> Verified:  # fmt: skip
    """Read a download to its end into `file`, and prove that it is the whole package that was asked for.

    Parameters
    ----------
    package : the folder inside must bear its date and issue
    file : gets the bytes; worth nothing when this raises
    seconds : time for the whole of it

    Raises
    ------
    SourceTrouble
        The bytes broke off, were fewer or more than announced, a web page, or other than the checksum says.
    RefusedByFirewall
        Nothing came at all.
    CorruptPackage, WrongPackage
        All bytes came, but not those of this package.
    """
    deadline = clock() + seconds

    def check() -> None:
        if clock() > deadline:
            raise SourceTrouble(f"{package}: not read within {seconds:.0f} s; it is tried again", package=package)

    spool = _Spool(download, file)
    start = spool.start()
    if not start:
        raise RefusedByFirewall(
            f"{package}: expected a package from {download.url}, got an empty body", package=package
        )
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise SourceTrouble(
            f"{package}: expected gzip from {download.url}, got a web page: {start[:60]!r}", package=package
        )
    if start[:2] != GZIP_MAGIC:
        raise CorruptPackage(
            f"{package}: expected gzip (1f 8b) from {download.url}, got {start[:8].hex(' ')}", package=package
        )
    folders: set[str] = set()
    fault: Exception | None = None
    try:
        members = _walk(spool, folders, check, depth=0)
    except EOFError as error:
        members, fault = 0, error
    except BROKEN as error:
        members, fault = 0, error
    spool.drain()
    _check_bytes(spool, package)
    if isinstance(fault, EOFError):
        raise SourceTrouble(
            f"{package}: {download.url} ended inside the archive after {spool.count:,} bytes; it is tried again",
            package=package,
        ) from fault
    if fault is not None:
        raise CorruptPackage(
            f"{package}: {download.url} has {spool.count:,} bytes, but no archive to be walked to its end: {fault}",
            package=package,
        ) from fault
    _check_name(folders, members, package)
    return Verified(spool.count, spool.digest.hexdigest(), members)


def _walk(stream: IO[bytes] | _Spool, folders: set[str], check: Callable[[], None], depth: int) -> int:
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


def _check_bytes(spool: _Spool, package: PackageId) -> None:
    length, sha256 = spool.download.length, spool.digest.hexdigest()
    if length is not None and spool.count != length:
        raise SourceTrouble(
            f"{package}: expected {length:,} bytes from {spool.download.url}, got {spool.count:,}; it is tried again",
            package=package, expected=length, got=spool.count,
        )  # fmt: skip
    if spool.download.sha256 not in (None, sha256):
        raise ChecksumMismatch(
            f"{package}: expected SHA-256 {spool.download.sha256} from {spool.download.copied_from}, got {sha256}",
            package=package, expected=spool.download.sha256, got=sha256,
        )  # fmt: skip


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
