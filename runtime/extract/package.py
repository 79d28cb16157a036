"""Walk of a package: the members of a tar.gz, one at a time, from a stream.

The bytes come from outside, so the walk trusts nothing: it never writes a member to disk, keeps every size within
`Limits`, and says of each member that it does not hand over why. Nested tar.gz archives (the months) are entered.
"""

import gzip
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol

from isal import igzip, igzip_lib

from runtime.errors import TerminalError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MIB = 1 << 20
BLOCK = 512
CHUNK = 256 * 1024
HEADER_BYTES = MIB  # of an extended header: a longer one is no name
NAME_LENGTH = 1024
RATIO_FROM = 16 * MIB  # small archives of much alike notices pack well, and do no harm

# isal's stubs take its error class for an instance.
_BROKEN: tuple[type[Exception], ...] = (gzip.BadGzipFile, igzip_lib.IsalError)  # type: ignore[assignment]
_UNREADABLE: tuple[type[Exception], ...] = (EOFError, *_BROKEN)
_GZIP = b"\x1f\x8b"
_ZEROS = bytes(BLOCK)
_FILES = (b"0", b"\0", b"7")
_LINKS_AND_DEVICES = {b"1": "a hard link", b"2": "a symbolic link", b"3": "a character device", b"4": "a block device",
                      b"6": "a named pipe"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may be; beyond, a member is quarantined or the package refused.

    Attributes
    ----------
    member_bytes : of one member; the largest published notice known has 2.8 MB, its tree takes up to 8 times as much
    unpacked_bytes : of the package; a day has 200 MB, the largest month 4.2 GB
    members : files in the package; a day has up to 5,100, a month 79,000
    ratio : unpacked to packed, looked at beyond 16 MiB; packages have 6.6 to 10.7
    depth : archives inside each other; a month of days has 2
    """

    member_bytes: int = 32 * MIB
    unpacked_bytes: int = 8 * 1024 * MIB
    members: int = 200_000
    ratio: int = 200
    depth: int = 2


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the package; `reason` is empty, or says why it is not to be read."""

    name: str
    data: bytes
    size: int
    reason: str = ""
    message: str = ""


class _Fault(Protocol):
    def __call__(self, message: str) -> TerminalError: ...


class _Measured(io.RawIOBase):
    """A stream that counts and digests what is read of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: "WriteableBuffer") -> int:
        data = self._stream.read(min(memoryview(target).nbytes, CHUNK))
        memoryview(target)[: len(data)] = data
        self.digest.update(data)
        self.bytes += len(data)
        return len(data)


class _Section(io.RawIOBase):
    """The next `size` bytes of a stream, as a stream: an archive inside an archive."""

    def __init__(self, stream: "_Unpacked", size: int) -> None:
        self._stream = stream
        self._left = size
        self.bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: "WriteableBuffer") -> int:
        data = self._stream.read(min(memoryview(target).nbytes, self._left, CHUNK))
        memoryview(target)[: len(data)] = data
        self._left -= len(data)
        self.bytes += len(data)
        return len(data)

    def drain(self) -> None:
        """Pass by what the archive inside left unread."""
        self._stream.skip(self._left)
        self._left = 0


class _Unpacked:
    """The unpacked bytes of a gzip stream; errors say what is wrong with the archive."""

    def __init__(self, packed: "_Measured | _Section", archive: "Archive", name: str) -> None:
        self._packed = packed
        self._gzip = igzip.IGzipFile(fileobj=packed, mode="rb")  # type: ignore[no-untyped-call]
        self._archive = archive
        self._name = name
        self._bytes = 0

    def _fail(self, message: str) -> TerminalError:
        return self._archive.fault(f"{self._name} {message}")

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes; less only at the end."""
        try:
            data: bytes = self._gzip.read(size)
        except EOFError as error:
            raise self._fail("is a truncated gzip file: expected its end, got the end of the bytes") from error
        except _BROKEN as error:
            raise self._fail(f"is no intact gzip file: {error}") from error
        self._bytes += len(data)
        self._archive.count_unpacked(len(data))
        limit = self._archive.limits.ratio
        if self._bytes > RATIO_FROM and self._bytes > limit * self._packed.bytes:
            raise self._fail(f"unpacks to more than {limit} times its size: expected a package, got a bomb")
        return data

    def exactly(self, size: int) -> bytes:
        """Read `size` bytes."""
        data = self.read(size) if size else b""
        if len(data) != size:
            raise self._fail(f"ends inside a member: expected {size} bytes, got {len(data)}")
        return data

    def starts_with_gzip(self) -> bool:
        try:
            return bool(self._gzip.peek(2)[:2] == _GZIP)
        except _UNREADABLE:
            return False  # the next read names the fault

    def skip(self, size: int) -> None:
        while size:
            size -= len(self.exactly(min(size, CHUNK)))


@dataclass(slots=True)
class _Header:
    """What is known of the next member."""

    name: str
    kind: bytes
    size: int
    is_sparse: bool = False


class Archive:
    """A package being read: iterate over its members once, then ask for its digest.

    Parameters
    ----------
    file : the bytes of a tar.gz; read from front to end, never sought
    name : of the package, for messages
    limits : see `Limits`

    Raises
    ------
    TerminalError
        While iterating: the package is no gzip, truncated, no tar, empty, or beyond a limit of packages.
    """

    def __init__(self, file: IO[bytes], name: str, limits: Limits | None = None) -> None:
        self.name = name
        self.limits = limits or Limits()
        self._file = _Measured(file)
        self._members = 0
        self._unpacked = 0

    @property
    def sha256(self) -> str:
        """Digest of the bytes read so far: after the iteration, of the package."""
        return self._file.digest.hexdigest()

    @property
    def size_bytes(self) -> int:
        return self._file.bytes

    def fault(self, message: str) -> TerminalError:
        """An error about the package."""
        advice = "transfer it again, and look at what the source serves"
        return TerminalError(f"package {self.name}: {message}; {advice}", package=self.name)

    def count_unpacked(self, size: int) -> None:
        """Add to the total of unpacked bytes, of all archives in the package together."""
        self._unpacked += size
        if self._unpacked > self.limits.unpacked_bytes:
            raise self.fault(f"unpacks to more than {self.limits.unpacked_bytes} bytes, the limit")

    def __iter__(self) -> Iterator[Member]:
        yield from self._walk(_Unpacked(self._file, self, "the archive"), "", 1)
        if not self._members:
            raise self.fault("expected notices, got an archive without a file")

    def _walk(self, stream: _Unpacked, prefix: str, depth: int) -> Iterator[Member]:
        for header in _headers(stream, self.fault):
            name = prefix + header.name
            if header.kind in _FILES and not header.is_sparse and stream.starts_with_gzip() and header.size > 1:
                if depth >= self.limits.depth:
                    raise self.fault(f"{name} is an archive at depth {depth + 1}: expected {self.limits.depth} at most")
                nested = _Section(stream, header.size)
                yield from self._walk(_Unpacked(nested, self, name), f"{name}/", depth + 1)
                nested.drain()
            else:
                self._members += 1
                if self._members > self.limits.members:
                    raise self.fault(f"has more than {self.limits.members} members, the limit")
                yield self._member(stream, header, name)
            stream.skip(-header.size % BLOCK)

    def _member(self, stream: _Unpacked, header: _Header, name: str) -> Member:
        kept, reason, message = name[:NAME_LENGTH], "", ""
        if header.kind not in _FILES or header.is_sparse:
            reason, got = "not-a-file", _LINKS_AND_DEVICES.get(header.kind, f"an entry of type {header.kind!r}")
            message = f"expected a file, got {'a sparse file' if header.is_sparse else got}"
        elif header.size > self.limits.member_bytes:
            reason, message = "too-large", f"expected at most {self.limits.member_bytes} bytes, got {header.size}"
        if reason:
            stream.skip(header.size)
            return Member(kept, b"", header.size, reason, message)
        data = stream.exactly(header.size)
        if len(name) > NAME_LENGTH or _leads_out(header.name):
            reason, message = "unsafe-path", f"expected a path inside the package, got {name[:100]!r}"
        return Member(kept, data, header.size, reason, message)


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return not parts[0] or ".." in parts or parts[0].endswith(":")


def _headers(stream: _Unpacked, fault: _Fault) -> Iterator[_Header]:
    """Read the headers of a tar (ustar, pax or GNU); the caller reads or skips what follows each.

    A block of zeros marks the end, yet the stream is read to its own: archives may be strung together,
    and the checksum of the gzip comes last.
    """
    extended: dict[str, str] = {}
    while block := stream.read(BLOCK):
        if block == _ZEROS:
            continue
        header = _header(block)
        if header is None:
            raise fault(f"expected the header of a tar member, got {block[:16]!r}")
        if header.kind in (b"x", b"g", b"L", b"K"):
            if header.size > HEADER_BYTES:
                raise fault(f"has a tar header of {header.size} bytes: expected {HEADER_BYTES} at most")
            data = stream.exactly(header.size)
            stream.skip(-header.size % BLOCK)
            if header.kind == b"x":
                extended |= _pax(data)
            elif header.kind == b"L":
                extended["path"] = data.split(b"\0", 1)[0].decode(errors="replace")
            continue
        if size := extended.get("size"):
            if not size.isdecimal() or len(size) > 18:
                raise fault(f"has a tar member of size {size[:20]!r}: expected a number")
            header.size = int(size)
        header.name = extended.get("path", header.name).removeprefix("./")
        header.is_sparse = header.kind == b"S" or any(key.startswith("GNU.sparse") for key in extended)
        extended = {}
        if header.kind == b"5":
            stream.skip(header.size + -header.size % BLOCK)
        else:
            if header.kind in _LINKS_AND_DEVICES:
                header.size = 0  # links may state the size of what they point to; no bytes follow
            yield header


def _header(block: bytes) -> _Header | None:
    """Read a header block; None where it is none."""
    if len(block) != BLOCK:
        return None
    stated = _number(block[148:156])
    if stated is None or stated != sum(block) - sum(block[148:156]) + 8 * 32:
        return None
    size = _number(block[124:136])
    if size is None:
        return None
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0" and (folder := block[345:500].split(b"\0", 1)[0]):
        name = folder + b"/" + name
    return _Header(name.decode(errors="replace"), block[156:157], size)


def _number(field: bytes) -> int | None:
    """A number of a header: octal text, or base 256 where it is large (GNU)."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    text = field.split(b"\0", 1)[0].strip()
    if not text:
        return 0
    return int(text, 8) if all(0x30 <= digit <= 0x37 for digit in text) else None


def _pax(data: bytes) -> dict[str, str]:
    """Records of a pax header, `length key=value` a line; what does not fit that form ends the reading."""
    records: dict[str, str] = {}
    at = 0
    while at < len(data):
        digits, blank, _ = data[at : at + 12].partition(b" ")
        if not blank or not digits.isdigit() or not int(digits):
            break
        key, equals, value = data[at + len(digits) + 1 : at + int(digits) - 1].partition(b"=")
        if not equals:
            break
        records[key.decode(errors="replace")] = value.decode(errors="replace")
        at += int(digits)
    return records
