"""Verification of a package while it streams past: bytes are adopted only when the whole archive can be walked.

A download runs into a temporary file, and is hashed and counted on the way; its reader follows through the archive,
remembering next to nothing. So memory is bounded whatever the size; fetching, walking and storing overlap; and the
object in S3 is created once, whole, with its metadata known.
"""

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Self

from runtime.archive import Archive, BadArchive, TruncatedArchive
from runtime.errors import TerminalError
from runtime.http import RefusedByFirewall, SourceTrouble
from runtime.keys import PackageId

if TYPE_CHECKING:
    from runtime.transfer.source import Download

READ_BYTES = 1 << 18

_FOLDER = re.compile(r"(\d{8})_(\d{4})?(\d{3})")


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
                f"{package}: expected {length:,} bytes from {url}, got {self._count:,}",
                package=package, expected=length, got=self._count,
            )  # fmt: skip
        if self.download.sha256 not in (None, sha256):
            raise ChecksumMismatch(
                f"{package}: expected SHA-256 {self.download.sha256} from {self.download.copied_from}, got {sha256}",
                package=package, expected=self.download.sha256, got=sha256,
            )  # fmt: skip
        return Fetched(self._count, sha256)


class _Reader:
    """Reads a spool from its start to its end, as long as there is time."""

    def __init__(self, spool: Spool, check: Callable[[], None]) -> None:
        self.spool, self.check, self.at = spool, check, 0

    def read(self, size: int) -> bytes:
        self.check()
        data = self.spool.read_at(self.at, size)
        self.at += len(data)
        return data


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
        It is a web page, or truncated, so that another copy may be good; or it took too long.
    BadArchive, WrongPackage
        It is no archive, or another package.
    """
    deadline, url, members = clock() + seconds, spool.download.url, 0
    folders: set[str] = set()

    def check() -> None:
        if clock() > deadline:
            raise SourceTrouble(f"{package}: not read within {seconds:.0f} s", package=package)

    try:
        for member in Archive(_Reader(spool, check), str(package), with_data=False):
            members += 1
            folders.update(part for part in member.name.split("/")[:-1] if _FOLDER.fullmatch(part))
    except BadArchive as error:
        is_web_page = spool.read_at(0, 512).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        if is_web_page or isinstance(error, TruncatedArchive):
            raise SourceTrouble(error.message, package=package, url=url) from error
        raise
    _check_name(folders, package)
    return members


def _check_name(folders: set[str], package: PackageId) -> None:
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
