"""What a good package is: one walk through a tar.gz and the archives inside, for transfer and extraction alike.

The bytes come from outside, so the walk trusts nothing: it never writes a member to disk, keeps every size within the
limits below, demands the archive's end, and says of each member that is not to be read why. It reads forward only, in
chunks whose borders depend on the bytes alone: what it says is the same whoever walks, and however the bytes arrive.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from isal import igzip_lib

from runtime.errors import TerminalError

MIB = 1 << 20

# What a package may be: beyond the first a member is quarantined, beyond the others the package is refused.
LARGEST_MEMBER = 32 * MIB  # the largest published notice known has 2.8 MB; its tree takes up to 8 times as much
LARGEST_UNPACKED = 8192 * MIB  # a day has 200 MB, the largest month 4.2 GB
MOST_MEMBERS = 200_000  # a day has up to 5,100, a month 79,000
LARGEST_RATIO = 200  # unpacked to packed; packages have 6.6 to 10.7
DEEPEST = 2  # archives inside each other: a month of days

RATIO_FROM = 16 * MIB  # small archives of much alike notices pack well, and do no harm
LARGEST_HEADER = MIB  # of an extended header: a longer one is no name
LONGEST_NAME = 1024
BLOCK = 512
CHUNK = 256 * 1024
HEAD = 64 * 1024  # of a packed member: enough to see whether a tar begins in it

_GZIP = b"\x1f\x8b"
_ZEROS = bytes(BLOCK)
_FILES = (b"0", b"\0", b"7")
_DIRECTORY, _SPARSE, _LONG_NAME, _EXTENDED = b"5", b"S", b"L", b"x"
_EXTENSIONS = (_EXTENDED, b"g", _LONG_NAME, b"K")
_LINKS_AND_DEVICES = {b"1": "a hard link", b"2": "a symbolic link", b"3": "a character device", b"4": "a block device",
                      b"6": "a named pipe"}  # fmt: skip

# isal's stubs take its error class for an instance.
_BROKEN: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment]


class BadArchive(TerminalError):
    """The bytes are no archive that can be read whole, or one beyond a limit."""


class TruncatedArchive(BadArchive):
    """They end before the archive does: another copy of it may not."""


class Readable(Protocol):
    """As much of a file as a walk needs: up to `size` bytes, none at the end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the package; `reason` is empty, or says why it is not to be read. `size` is in bytes."""

    name: str
    data: bytes
    size: int
    reason: str = ""
    message: str = ""


@dataclass(slots=True)
class _Header:
    """What is known of the next member."""

    name: str
    kind: bytes
    size: int
    is_sparse: bool = False


class Archive:
    """A package being walked: iterate over its members once.

    Parameters
    ----------
    file : the bytes of a tar.gz; read from front to end, never sought
    package : its name, for messages
    with_data : whether members come with their bytes; what is said of them is the same without

    Raises
    ------
    TruncatedArchive
        While iterating: the bytes end too early.
    BadArchive
        While iterating: they are no gzip, no tar, without an end or a member, or beyond a limit of packages.
    """

    def __init__(self, file: Readable, package: str, *, with_data: bool = True) -> None:
        self.package = package
        self._file = file
        self._with_data = with_data
        self._members = 0
        self._unpacked = 0

    def __iter__(self) -> Iterator[Member]:
        yield from self._walk(_Unpacked(self._file, self, "the archive"), "", 1)
        if not self._members:
            raise self.fault("expected notices, got an archive without a file")

    def fault(self, text: str, kind: type[BadArchive] = BadArchive) -> BadArchive:
        """An error about the package."""
        advice = "look at what the source serves, and transfer it again"
        return kind(f"package {self.package}: {text}; {advice}", package=self.package)

    def count_unpacked(self, size: int) -> None:
        """Add to the total of unpacked bytes, of all archives in the package together."""
        self._unpacked += size
        if self._unpacked > LARGEST_UNPACKED:
            raise self.fault(f"unpacks to more than {LARGEST_UNPACKED} bytes, the limit")

    def _walk(self, stream: "_Unpacked", prefix: str, depth: int) -> Iterator[Member]:
        for header in _headers(stream):
            name = prefix + header.name
            packed = _Packed(stream, header.size) if _is_file(header) and stream.is_at_gzip(header.size) else None
            if packed is not None and packed.is_archive:
                if depth >= DEEPEST:
                    raise self.fault(f"{name} is an archive at depth {depth + 1}: expected {DEEPEST} at most")
                yield from self._walk(_Unpacked(packed, self, name), f"{name}/", depth + 1)
            else:
                self._members += 1
                if self._members > MOST_MEMBERS:
                    raise self.fault(f"has more than {MOST_MEMBERS} members, the limit")
                yield self._member(stream, header, name, packed)
            stream.skip(-header.size % BLOCK)

    def _member(self, stream: "_Unpacked", header: _Header, name: str, packed: "_Packed | None") -> Member:
        """Take a member off the stream, with its bytes where it is a file of a bearable size."""
        reason, message, is_kept = "", "", self._with_data
        if not _is_file(header):
            got = _LINKS_AND_DEVICES.get(header.kind, f"an entry of type {header.kind!r}")
            got = "a sparse file" if header.is_sparse else got
            reason, message, is_kept = "not-a-file", f"expected a file, got {got}", False
        elif header.size > LARGEST_MEMBER:
            message = f"expected at most {LARGEST_MEMBER} bytes, got {header.size}"
            reason, is_kept = "too-large", False
        elif packed is not None:
            reason, message = "not-an-archive", f"expected a notice or an archive, got a gzip of {packed.content}"
        elif len(name) > LONGEST_NAME or _leads_out(header.name) or _leads_out(name):
            reason, message = "unsafe-path", f"expected a path inside the package, got {name[:100]!r}"
        head = b"" if packed is None else packed.head
        rest = header.size - len(head)
        if is_kept:
            data = head + stream.exactly(rest) if head else stream.exactly(rest)
        else:
            data = b""
            stream.skip(rest)
        return Member(name[:LONGEST_NAME], data, header.size, reason, message)


class _Unpacked:
    """The bytes of a gzip file, of one stream or of several strung together; errors say what is wrong with it."""

    def __init__(self, packed: Readable, archive: Archive, name: str) -> None:
        self._packed = packed
        self._archive = archive
        self._name = name
        self._gunzip: igzip_lib.IgzipDecompressor | None = None
        self._waiting = b""  # packed bytes that no stream has taken yet
        self._block, self._at = b"", 0
        self._streams = self._packed_bytes = self._unpacked_bytes = 0

    def read(self, size: int) -> bytes:
        """Read `size` bytes; fewer only at the end."""
        end = self._at + size
        if end <= len(self._block):
            data = self._block[self._at : end]
            self._at = end
            return data
        parts = []
        while size and self._fill():
            parts.append(self._block[self._at : self._at + size])
            self._at += len(parts[-1])
            size -= len(parts[-1])
        return b"".join(parts)

    def exactly(self, size: int) -> bytes:
        """Read `size` bytes."""
        data = self.read(size)
        if len(data) != size:
            raise self._ends_inside(size, len(data))
        return data

    def skip(self, size: int) -> None:
        """Pass by `size` bytes."""
        missing = size
        while missing:
            if not self._fill():
                raise self._ends_inside(size, size - missing)
            step = min(missing, len(self._block) - self._at)
            self._at += step
            missing -= step

    def end(self) -> None:
        """Pass by the rest, which has to be zeros."""
        while self._fill():
            if rest := self._block[self._at :].lstrip(b"\0"):
                raise self._goes_on(rest)
            self._at = len(self._block)

    def is_at_gzip(self, size: int) -> bool:
        """Whether the next `size` bytes begin as a gzip does."""
        if size < len(_GZIP) or not self._fill():
            return False
        if len(self._block) - self._at < len(_GZIP):
            rest, self._at = self._block[self._at :], len(self._block)
            if self._fill():
                rest += self._block
            self._block, self._at = rest, 0
        return self._block.startswith(_GZIP, self._at)

    def fault(self, text: str, kind: type[BadArchive] = BadArchive) -> BadArchive:
        """An error about this file."""
        return self._archive.fault(f"{self._name} {text}", kind)

    def _ends_inside(self, expected: int, got: int) -> BadArchive:
        return self.fault(f"ends inside a member: expected {expected} bytes, got {got}")

    def _goes_on(self, rest: bytes) -> BadArchive:
        return self.fault(f"goes on after its end: expected no more than zeros, got {_shown(rest)}")

    def _fill(self) -> bool:
        """Have a byte at hand; False at the end."""
        while self._at == len(self._block):
            gunzip = self._gunzip or self._begin()
            if gunzip is None:
                return False
            self._block, self._at = self._unpack(gunzip), 0
        return True

    def _begin(self) -> igzip_lib.IgzipDecompressor | None:
        """Begin the next stream; None at the end of the bytes. Zeros may follow a stream."""
        padding = b"\0" if self._streams else b""
        head = self._waiting.lstrip(padding)
        while len(head) < len(_GZIP) and (more := self._pull()):
            head = (head + more).lstrip(padding)
        self._waiting = head
        if not head and self._streams:
            return None
        if not head.startswith(_GZIP):
            if self._streams and head != _GZIP[:1]:
                raise self._goes_on(head)
            kind = TruncatedArchive if _GZIP.startswith(head) else BadArchive
            raise self._archive.fault(f"expected a gzip archive, got {_shown(head)}", kind)
        self._gunzip = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        self._streams += 1
        return self._gunzip

    def _unpack(self, gunzip: igzip_lib.IgzipDecompressor) -> bytes:
        """Unpack the next block of the stream; it may be empty."""
        data = b""
        if gunzip.needs_input:
            data, self._waiting = self._waiting or self._pull(), b""
            if not data:
                raise self.fault("is truncated: expected the end of a gzip, got the end of the bytes", TruncatedArchive)
        try:
            block = gunzip.decompress(data, CHUNK)
        except _BROKEN as error:
            raise self.fault(f"is no intact gzip: {error}") from error
        if gunzip.eof:
            self._waiting, self._gunzip = gunzip.unused_data, None
        self._unpacked_bytes += len(block)
        self._archive.count_unpacked(len(block))
        if self._unpacked_bytes > max(RATIO_FROM, LARGEST_RATIO * self._packed_bytes):
            raise self.fault(f"unpacks to more than {LARGEST_RATIO} times its size: expected a package, got a bomb")
        return block

    def _pull(self) -> bytes:
        """Read a whole chunk of packed bytes, in however many pieces it comes."""
        parts, missing = [], CHUNK
        while missing and (part := self._packed.read(missing)):
            parts.append(part)
            missing -= len(part)
        self._packed_bytes += CHUNK - missing
        return parts[0] if len(parts) == 1 else b"".join(parts)


class _Packed:
    """A member that begins as a gzip does: to be read as an archive, or to be kept as it is."""

    def __init__(self, stream: _Unpacked, size: int) -> None:
        self._stream = stream
        self.head = stream.exactly(min(size, HEAD))
        self._left = size - len(self.head)
        self._start = _first_block(self.head)

    @property
    def is_archive(self) -> bool:
        return self._start == _ZEROS or _header(self._start) is not None

    @property
    def content(self) -> str:
        """What it holds in place of an archive."""
        return _shown(self._start)

    def read(self, size: int) -> bytes:
        """Read on, from the beginning, up to `size` bytes."""
        data, self.head = self.head[:size], self.head[size:]
        if not data:
            data = self._stream.exactly(min(size, self._left))
            self._left -= len(data)
        return data


def _first_block(packed: bytes) -> bytes:
    """The first block of what the beginning of a gzip file holds; less where there is not as much."""
    block = b""
    while packed and len(block) < BLOCK:
        gunzip = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        try:
            block += gunzip.decompress(packed, BLOCK - len(block))
        except _BROKEN:
            break
        packed = gunzip.unused_data.lstrip(b"\0")
    return block


def _is_file(header: _Header) -> bool:
    return header.kind in _FILES and not header.is_sparse


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return not parts[0] or ".." in parts or parts[0].endswith(":")


def _shown(data: bytes) -> str:
    """How bytes begin, for a message."""
    if not data:
        return "nothing"
    text = data[:40].partition(b"\0")[0].decode("utf-8-sig", errors="replace").rstrip("\ufffd")
    if text and "\ufffd" not in text and text.replace("\r", "").replace("\n", "").replace("\t", "").isprintable():
        return f"text beginning {text!r}"
    return f"bytes beginning {data[:8].hex(' ')}"


def _headers(stream: _Unpacked) -> Iterator[_Header]:
    """Read the headers of a tar (ustar, pax or GNU) to its end; the caller reads or skips what follows each."""
    extended: dict[str, str] = {}
    while (block := stream.read(BLOCK)) != _ZEROS:
        if len(block) != BLOCK:
            raise stream.fault(f"ends too early: expected a tar header or a block of zeros, got {_shown(block)}")
        header = _header(block)
        if header is None:
            raise stream.fault(f"is no tar: expected the header of a member, got {_shown(block)}")
        if header.kind in _EXTENSIONS:
            extended |= _extension(stream, header)
            continue
        if size := extended.get("size"):
            if not (size.isascii() and size.isdecimal()) or len(size) > 18:
                raise stream.fault(f"has a tar member of size {size[:20]!r}: expected a number")
            header.size = int(size)
        header.name = extended.get("path", header.name).removeprefix("./")
        header.is_sparse = header.kind == _SPARSE or "sparse" in extended
        extended = {}
        if header.kind == _SPARSE:
            _skip_map(stream, block)
        if header.kind == _DIRECTORY or header.kind in _LINKS_AND_DEVICES:
            header.size = 0  # links may state the size of what they point to; no bytes follow
        if header.kind != _DIRECTORY:
            yield header
    stream.end()


def _extension(stream: _Unpacked, header: _Header) -> dict[str, str]:
    """Read what an extended header says of the next member's path, size and kind."""
    if header.size > LARGEST_HEADER:
        raise stream.fault(f"has a tar header of {header.size} bytes: expected {LARGEST_HEADER} at most")
    data = stream.exactly(header.size)
    stream.skip(-header.size % BLOCK)
    if header.kind == _LONG_NAME:
        return {"path": data.split(b"\0", 1)[0].decode(errors="replace")}
    return _pax(data) if header.kind == _EXTENDED else {}


def _skip_map(stream: _Unpacked, block: bytes) -> None:
    """Pass by the blocks in which GNU tar goes on with the map of a sparse file."""
    goes_on = block[482]
    while goes_on:
        goes_on = stream.exactly(BLOCK)[504]


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
    """Path, size and "sparse" of a pax header, `length key=value` a line; what is no such line ends the reading."""
    records: dict[str, str] = {}
    at = 0
    while at < len(data):
        digits, blank, _ = data[at : at + 12].partition(b" ")
        if not blank or not digits.isdigit() or not int(digits):
            break
        key, equals, value = data[at + len(digits) + 1 : at + int(digits) - 1].partition(b"=")
        if not equals:
            break
        if key in (b"path", b"size"):
            records[key.decode()] = value.decode(errors="replace")
        elif key.startswith(b"GNU.sparse"):
            records["sparse"] = ""
        at += int(digits)
    return records
