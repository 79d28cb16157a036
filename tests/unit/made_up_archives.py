"""Archives of every kind, good and bad: what hypothesis draws for the two users of `runtime.archive`."""

import gzip
import tarfile
from collections.abc import Callable
from typing import Literal

from hypothesis import strategies as st

from tests.unit.made_up_packages import DAY, ted_notice

BLOCK = 512
ZEROS = bytes(BLOCK)
GZIP = b"\x1f\x8b"
STYLES: list[Literal[0, 1, 2]] = [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]

contents = st.one_of(
    st.just(b""),
    st.binary(max_size=3 * BLOCK).filter(lambda data: data[:2] != GZIP),
    st.sampled_from([ted_notice(1), ted_notice(2), ted_notice(1, title="Other"), b"<a/>"]),
)
names = st.one_of(
    st.integers(1, 99).map(lambda number: f"{DAY}/{number:06d}_2019.xml"),
    st.sampled_from([f"./{DAY}/x", f"{DAY}/../x", f"{DAY}/é", f"{DAY}/" + "n" * 200, f"{DAY}/" + "d/" * 90 + "x"]),
)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def header(
    name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, style: Literal[0, 1, 2] = tarfile.USTAR_FORMAT
) -> bytes:
    """The header of a member, with whatever extended headers its name needs."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.size, entry.linkname = kind, size, "/etc/passwd" if kind in (b"1", b"2") else ""
    return entry.tobuf(style)


def signed(block: bytes) -> bytes:
    """A header block whose checksum is right again."""
    block = block[:148] + b" " * 8 + block[156:]
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def pax(records: dict[str, str], name: str, data: bytes) -> bytes:
    """A member behind a pax header of these records."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.pax_headers = len(data), records
    return entry.tobuf(tarfile.PAX_FORMAT) + padded(data)


def gnu_sparse(name: str, data: bytes, more_maps: int) -> bytes:
    """A sparse file as GNU tar writes it, its map going on in so many further blocks."""
    block = bytearray(header(name, b"S", len(data), tarfile.GNU_FORMAT)[-BLOCK:])
    block[482] = more_maps > 0
    maps = b"".join(bytes(504) + bytes([number < more_maps]) + bytes(7) for number in range(1, more_maps + 1))
    return signed(bytes(block)) + maps + padded(data)


@st.composite
def entries(draw: st.DrawFn, depth: int) -> bytes:
    """A member with its headers and bytes; below the fourth archive there is none to enter."""
    name, data = draw(names), draw(contents)
    style = draw(st.sampled_from(STYLES))
    kind = draw(st.sampled_from(
        ["file"] * 4 + ["archive", "archive", "tar", "gzip", "other", "sparse", "pax sparse", "pax", "lie", "pax lie"]
    ))  # fmt: skip
    if kind == "archive" and depth < 4:
        data = draw(packages(depth + 1))
    elif kind == "tar" and depth < 4:
        data = draw(tars(depth + 1))
    elif kind == "gzip":
        data = gzip.compress(data, mtime=0)[: draw(st.sampled_from([None, None, 2, 12, -8, -1]))]
    elif kind == "other":
        kinds = [tarfile.DIRTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
        size = draw(st.sampled_from([0, 0, 700]))  # of what is pointed to: no bytes follow
        return header(name, draw(st.sampled_from(kinds)), size, style)
    elif kind == "sparse":
        return gnu_sparse(f"{DAY}/hole", data, draw(st.integers(0, 2)))
    elif kind == "pax sparse":
        return pax({"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}, name, data)
    elif kind == "pax":
        return pax(
            {"path": f"{DAY}/" + draw(st.sampled_from(["x", "p" * 300, "p" * 2000])), "comment": "x"}, name, data
        )
    elif kind == "lie":
        size = draw(st.sampled_from([len(data) + 1, len(data) + 3000, 10**7, 8 << 30, max(0, len(data) - 600)]))
        return header(name, size=size, style=style) + padded(data)
    elif kind == "pax lie":
        return pax({"size": draw(st.sampled_from(["1", "99999", "-1", "x", "9" * 30]))}, name, data)
    return header(name, size=len(data), style=style) + padded(data)


@st.composite
def tars(draw: st.DrawFn, depth: int = 1) -> bytes:
    """A tar: mostly with the end that it should have."""
    members = b"".join(draw(st.lists(entries(depth), max_size=4)))
    end = draw(st.sampled_from(
        [2 * ZEROS] * 5 + [ZEROS, 20 * ZEROS, b"", ZEROS[:100], 2 * ZEROS + b"x" * BLOCK, 2 * ZEROS + b"\0" * 7 + b"x",
         2 * ZEROS + header(f"{DAY}/second") + 2 * ZEROS, b"\1" * BLOCK + 2 * ZEROS]
    ))  # fmt: skip
    data = members + end
    if draw(st.integers(0, 9)) == 0:
        data = data[: BLOCK * draw(st.integers(0, len(data) // BLOCK))]
    return data


@st.composite
def packages(draw: st.DrawFn, depth: int = 1) -> bytes:
    """A tar.gz: as one stream or several, with something behind it, cut, or no gzip at all."""
    data = draw(tars(depth))
    borders = sorted(draw(st.lists(st.integers(0, len(data)), max_size=2)))
    parts = [data[start:end] for start, end in zip([0, *borders], [*borders, len(data)], strict=True)]
    behind = draw(
        st.sampled_from([b""] * 8 + [b"\0" * 7, b"\0" * 3000, b"rest", b"\0rest", b"\x1f", GZIP, b"\x1f\x8b\x08no"])
    )
    packed = b"".join(gzip.compress(part, 1, mtime=0) for part in parts) + behind
    spoil: Callable[[bytes], bytes] = draw(st.sampled_from([
        *[lambda whole: whole] * 9,
        lambda whole: whole[: BLOCK * draw(st.integers(0, len(whole) // BLOCK))],
        lambda whole: whole[: -draw(st.integers(1, 20))],
        lambda whole: whole[:-8] + b"12345678",
        lambda _: draw(st.sampled_from([b"", b"\x1f", b"hello", b"PK\x03\x04", "é".encode(), b"\xff\xfe", data])),
    ]))  # fmt: skip
    return spoil(packed)
