"""Verification: the whole archive, the right name, and nothing else."""

import gzip
import hashlib
import io
import os
import tarfile
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.archive import BadArchive
from runtime.errors import CcaTedError
from runtime.http import RefusedByFirewall, SourceTrouble
from runtime.keys import PackageId
from runtime.transfer.source import Download
from runtime.transfer.spool import Fetched, Spool, SpoolFull, WrongPackage, verify
from tests.unit.transfer_world import FIRST, SECOND, package_bytes, tar_of

CORPUS = Path(os.environ.get("CCA_TED_CORPUS", Path(__file__).parents[2] / "../shared/ted/corpus"))
GOOD = package_bytes(FIRST)


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


MEMBERS = {f"20190301_043/00000{n}_2019.xml": f"<N>{n}</N>".encode() for n in (1, 2)}


def check(
    data: bytes, length: int | None = None, package: PackageId = FIRST, piece: int = 1 << 18, **options: Any
) -> tuple[Fetched, int]:
    stream = io.BytesIO(data)
    download = Download(
        lambda size: stream.read(min(size, piece)), len(data) if length is None else length, "http://x/1"
    )
    with tempfile.TemporaryFile(buffering=0) as file, Spool(download, file) as spool:
        fetched = spool.finish(package)
        assert spool.read_at(0, len(data) + 1) == data
        return fetched, verify(spool, package, **options)


def test_learns_size_checksum_and_members() -> None:
    assert check(GOOD) == (Fetched(len(GOOD), hashlib.sha256(GOOD).hexdigest()), 3)
    assert check(GOOD, piece=1) == check(GOOD)


def test_walks_while_the_bytes_still_come() -> None:
    stream, half = io.BytesIO(GOOD), threading.Event()

    def read(size: int) -> bytes:
        if stream.tell() > len(GOOD) // 2:
            assert half.wait(10)
        return stream.read(7)

    with tempfile.TemporaryFile(buffering=0) as file, Spool(Download(read, None, "http://x/1"), file) as spool:
        assert len(spool.read_at(0, 20)) > 0
        half.set()
        assert verify(spool, FIRST) == 3


def test_leaves_a_download_that_nobody_waits_for() -> None:
    def read(size: int) -> bytes:
        return b"x"

    with tempfile.TemporaryFile(buffering=0) as file, Spool(Download(read, None, "http://x/1"), file) as spool:
        spool.read_at(0, 1)
    assert not spool._thread.is_alive()


TAKEN = {
    "long issue": package_bytes(FIRST, folder="20190301_2019043"),
    "dot": packed(tar_of({f"./{name}": data for name, data in MEMBERS.items()})),
    "nested": packed(tar_of({"20190301_2019043.tar.gz": packed(tar_of(MEMBERS))})),
    "nested in a month": packed(tar_of({"03/20190301_2019043.tar.gz": GOOD, "README.txt": b"hello"})),
    "long name": packed(tar_of({f"20190301_043/{'x' * 200}.xml": b"long name"} | MEMBERS)),
    "two streams": packed(tar_of(MEMBERS)[:2048]) + packed(tar_of(MEMBERS)[2048:]),
    "padding": packed(tar_of(MEMBERS)) + b"\0" * 100,
}


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN)
def test_takes_every_legal_shape(data: bytes) -> None:
    assert check(data)[1] >= 2


REFUSED = {
    "empty": (b"", RefusedByFirewall, "empty body"),
    "web page": (b"<html>sorry</html>", SourceTrouble, "text beginning '<html>sorry</html>'"),
    "web page with a mark": (b"\xef\xbb\xbf\r\n <!DOCTYPE html>", SourceTrouble, "<!DOCTYPE html>"),
    "text": (b"hello", BadArchive, "expected a gzip archive, got text beginning 'hello'"),
    "zip": (b"PK\x03\x04", BadArchive, "50 4b 03 04"),
    "one byte": (b"\x1f", SourceTrouble, "expected a gzip archive, got bytes beginning 1f"),
    "half": (GOOD[: len(GOOD) // 2], SourceTrouble, "is truncated"),
    "all but a byte": (GOOD[:-1], SourceTrouble, "is truncated"),
    "text behind": (GOOD + b"rest", BadArchive, "goes on after its end"),
    "no tar": (packed(b"no tar" * 1000), BadArchive, "is no tar"),
    "nothing in it": (packed(b""), BadArchive, "ends too early"),
    "zeros": (packed(b"\0" * 10240), BadArchive, "without a file"),
    "no member": (packed(tar_of({})), BadArchive, "without a file"),
    "half a header": (packed(tar_of(MEMBERS)[:700]), BadArchive, "ends inside a member"),
    "no end": (packed(tar_of(MEMBERS)[:2048]), BadArchive, "ends too early"),
    "no header": (packed(tar_of(MEMBERS)[:1024] + b"\1" * 512 + tar_of(MEMBERS)[1536:]), BadArchive, "is no tar"),
    "bytes behind the tar": (packed(tar_of(MEMBERS) + b"\1" * 512), BadArchive, "after its end"),
    "another day": (package_bytes(SECOND), WrongPackage, "expected the folder 20190301_043, got 20190304_044"),
    "another issue": (package_bytes(FIRST, folder="20190301_044"), WrongPackage, "20190301_044"),
    "another year": (package_bytes(FIRST, folder="20190301_2018043"), WrongPackage, "20190301_2018043"),
    "no folder": (package_bytes(FIRST, folder="notices"), WrongPackage, "no folder with a date"),
    "two days": (packed(tar_of(MEMBERS | {"20190304_044/1_2019.xml": b"x"})), WrongPackage, "20190304_044"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "error", "text"), REFUSED.values(), ids=REFUSED)
def test_refuses_everything_else_by_name(data: bytes, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match="20190301_2019043") as raised:
        check(data)
    assert text in str(raised.value)


@pytest.mark.parametrize("length", [len(GOOD) - 1, len(GOOD) + 1])
def test_refuses_another_length_than_announced(length: int) -> None:
    with pytest.raises(SourceTrouble, match="expected"):
        check(GOOD, length)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_broken_byte_gets_through_unless_the_notices_are_the_same(at: int, change: int) -> None:
    """What gzip does not check (its time stamp; a repetition that is found elsewhere) does not change a notice."""
    broken = GOOD[:at] + bytes([GOOD[at] ^ change]) + GOOD[at + 1 :]
    try:
        check(broken)
    except CcaTedError:
        return
    assert gzip.decompress(broken) == gzip.decompress(GOOD)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD) - 1))
def test_no_shortened_package_gets_through(length: int) -> None:
    with pytest.raises(CcaTedError):
        check(GOOD[:length])


def test_refuses_an_archive_that_unpacks_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.archive.LARGEST_UNPACKED", 1 << 20)
    with pytest.raises(BadArchive, match="unpacks to more"):
        check(packed(tar_of({"20190301_043/1_2019.xml": b"0" * (2 << 20)})))


def test_refuses_a_header_that_would_not_fit_into_memory() -> None:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 1 << 30
    with pytest.raises(BadArchive, match="tar header of 1073741824 bytes"):
        check(packed(info.tobuf() + b"\0" * 10240))


def test_gives_up_when_unpacking_takes_too_long() -> None:
    ticks = iter(range(1000))
    with pytest.raises(SourceTrouble, match="not read within 1 s"):
        check(GOOD, seconds=1.0, clock=lambda: next(ticks))


def test_says_that_the_temporary_storage_is_too_small() -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    stream = io.BytesIO(GOOD)
    spool = Spool(Download(stream.read, len(GOOD), "http://x/1"), Full())
    with pytest.raises(SpoolFull, match="No space left"), spool:
        spool.finish(FIRST)


def test_real_packages_pass() -> None:
    if not (CORPUS / "packages").is_dir():
        pytest.skip(f"no corpus of real packages at {CORPUS}")
    from runtime.transfer.calendar import read_releases

    checked = 0
    for calendar in sorted(CORPUS.glob("release-calendar/*.csv")):
        year = int(calendar.stem)
        for package in read_releases(calendar.read_bytes(), year)[::10]:
            check((CORPUS / f"packages/daily/{year}{package.issue:05d}.tar.gz").read_bytes(), package=package)
            checked += 1
    assert checked > 100
