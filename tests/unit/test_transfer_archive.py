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

from runtime.errors import CcaTedError
from runtime.http import RefusedByFirewall, SourceTrouble
from runtime.keys import PackageId
from runtime.transfer import archive
from runtime.transfer.archive import CorruptPackage, Fetched, Spool, SpoolFull, WrongPackage, verify
from runtime.transfer.source import Download
from tests.unit.transfer_world import FIRST, SECOND, package_bytes, tar_of

CORPUS = Path(os.environ.get("CCA_TED_CORPUS", Path(__file__).parents[2] / "../shared/ted/corpus"))
GOOD = package_bytes(FIRST)
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


@pytest.mark.parametrize(
    "data",
    [
        package_bytes(FIRST, folder="20190301_2019043"),
        gzip.compress(tar_of({f"./{name}": data for name, data in MEMBERS.items()})),
        gzip.compress(tar_of({"20190301_2019043.tar.gz": gzip.compress(tar_of(MEMBERS))})),
        gzip.compress(tar_of({"03/20190301_2019043.tar.gz": GOOD, "README.txt": b"hello"})),
        gzip.compress(tar_of({f"20190301_043/{'x' * 200}.xml": b"long name"} | MEMBERS)),
        gzip.compress(tar_of(MEMBERS)[:2048]) + gzip.compress(tar_of(MEMBERS)[2048:]),  # two gzip members
        gzip.compress(tar_of(MEMBERS)) + b"\0" * 100,
    ],
    ids=["long issue", "dot", "nested", "nested in a month", "long name", "two gzip members", "padding"],
)
def test_takes_every_legal_shape(data: bytes) -> None:
    assert check(data)[1] >= 2


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (b"", RefusedByFirewall, "empty body"),
        (b"<html>sorry</html>", SourceTrouble, "web page"),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE html>", SourceTrouble, "web page"),
        (b"PK\x03\x04", CorruptPackage, "50 4b 03 04"),
        (b"\x1f", CorruptPackage, "gzip"),
        (GOOD[: len(GOOD) // 2], SourceTrouble, "ended inside the archive"),
        (GOOD[:-1], SourceTrouble, "ended inside the archive"),
        (GOOD + b"rest", SourceTrouble, "ended inside the archive"),
        (gzip.compress(b"no tar" * 1000), CorruptPackage, "walked to its end"),
        (gzip.compress(b""), CorruptPackage, "walked to its end"),
        (gzip.compress(b"\0" * 10240), CorruptPackage, "without files"),
        (gzip.compress(tar_of({})), CorruptPackage, "without files"),
        (gzip.compress(tar_of(MEMBERS)[:700]), CorruptPackage, "walked to its end"),
        (gzip.compress(tar_of(MEMBERS)[:2048]), CorruptPackage, "no end of archive"),
        (gzip.compress(tar_of(MEMBERS)[:1024] + b"\1" * 512 + tar_of(MEMBERS)[1536:]), CorruptPackage, "no end"),
        (gzip.compress(tar_of(MEMBERS) + b"\1" * 512), CorruptPackage, "after the end"),
        (gzip.compress(tar_of({"20190301_043/a.tar.gz": b"no gzip"})), SourceTrouble, "ended inside"),
        (package_bytes(SECOND), WrongPackage, "expected the folder 20190301_043, got 20190304_044"),
        (package_bytes(FIRST, folder="20190301_044"), WrongPackage, "20190301_044"),
        (package_bytes(FIRST, folder="20190301_2018043"), WrongPackage, "20190301_2018043"),
        (package_bytes(FIRST, folder="notices"), WrongPackage, "no folder with a date"),
        (gzip.compress(tar_of(MEMBERS | {"20190304_044/1_2019.xml": b"x"})), WrongPackage, "20190304_044"),
    ],
)  # fmt: skip
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
    monkeypatch.setattr(archive, "LARGEST_UNPACKED", 1 << 20)
    with pytest.raises(CorruptPackage, match="unpacks to more"):
        check(gzip.compress(tar_of({"20190301_043/1_2019.xml": b"0" * (2 << 20)})))


def test_refuses_a_header_that_would_not_fit_into_memory() -> None:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 1 << 30
    with pytest.raises(CorruptPackage, match="header announces"):
        check(gzip.compress(info.tobuf() + b"\0" * 10240))


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
