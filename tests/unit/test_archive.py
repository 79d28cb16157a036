"""What a good package is: the walk hands over every member or says why not, and both of its users judge alike."""

import gzip
import io
import random
import tarfile
import tempfile
import zlib
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime import archive
from runtime.archive import Archive, BadArchive, Member, Readable, TruncatedArchive
from runtime.errors import CcaTedError, TerminalError, TransientError
from runtime.extract.service import RawObject, extract_package
from runtime.transfer.source import Download
from runtime.transfer.spool import Spool, verify
from tests.unit.made_up_archives import BLOCK, GZIP, gnu_sparse, packages
from tests.unit.made_up_packages import DAY, members, package, tar, ted_notice
from tests.unit.test_extract_service import PACKAGE, Memory

FILES = members([1, 2])


@dataclass(frozen=True)
class Verdict:
    """What is said of a package: how many members, or why it is refused."""

    members: int = 0
    refusal: str = ""


class Trickle:
    """A file that gives a few bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        return self._file.read(min(size, 97))


def by_transfer(data: bytes) -> tuple[Verdict, CcaTedError | None]:
    stream = Trickle(data)
    download = Download(stream.read, len(data), "http://x/1")
    with tempfile.TemporaryFile(buffering=0) as file, Spool(download, file) as spool:
        try:
            return Verdict(verify(spool, PACKAGE)), None
        except CcaTedError as error:
            return Verdict(refusal=error.message), error


def by_extraction(data: bytes) -> tuple[Verdict, CcaTedError | None]:
    try:
        return Verdict(extract_package(io.BytesIO(data), PACKAGE, RawObject(), Memory()).members), None
    except CcaTedError as error:
        return Verdict(refusal=error.message), error


def judge(data: bytes) -> Verdict:
    """The verdict of both users, once it is sure that there is one; a truncated package alone is tried again."""
    (transferred, trouble), (extracted, error) = by_transfer(data), by_extraction(data)
    assert transferred == extracted
    assert error is None or type(error) in (BadArchive, TruncatedArchive)
    assert not isinstance(error, TransientError)
    assert isinstance(trouble, TransientError) == isinstance(error, TruncatedArchive)
    return extracted


def walk(data: bytes) -> list[Member]:
    """The members, after a walk that keeps none of their bytes has said the same of them."""
    with_data, error = attempt(io.BytesIO(data), is_kept=True)
    without, same = attempt(Trickle(data), is_kept=False)
    assert [replace(member, data=b"") for member in with_data] == without
    assert (type(error), str(error)) == (type(same), str(same))
    if error is not None:
        raise error
    return with_data


def attempt(file: Readable, *, is_kept: bool) -> tuple[list[Member], BadArchive | None]:
    found: list[Member] = []
    try:
        found.extend(Archive(file, str(PACKAGE), with_data=is_kept))
    except BadArchive as error:
        return found, error
    return found, None


def nested(depth: int) -> bytes:
    data = package(FILES)
    for level in range(1, depth):
        data = package({f"{DAY}/{level}.tar.gz": data, f"{DAY}/00001{level}_2019.xml": ted_notice(10 + level)})
    return data


TAR_WITHOUT_END = tar(FILES)[: len(tar(FILES).rstrip(b"\0")) // BLOCK * BLOCK + BLOCK]


# The two users

GOOD = {
    "a day": (package(FILES), 2),
    "two deep": (nested(2), 3),
    "a .gz member that holds no archive": (package(FILES | {f"{DAY}/note.gz": gzip.compress(b"hello", mtime=0)}), 3),
    "a member that begins as a gzip does": (package(FILES | {f"{DAY}/x": GZIP + b"no more than that"}), 3),
    "a .tar.gz by its name alone": (package(FILES | {f"{DAY}/x.tar.gz": b"no gzip"}), 3),
    "a plain tar inside": (package(FILES | {f"{DAY}/x.tar": tar(FILES)}), 3),
    "an archive without a file inside": (package(FILES | {f"{DAY}/x.tar.gz": gzip.compress(tar({}), mtime=0)}), 2),
    "one archive over two streams": (
        gzip.compress(tar(FILES)[:700], mtime=0) + gzip.compress(tar(FILES)[700:], mtime=0), 2
    ),
    "one over two streams, inside": (
        package({f"{DAY}/x.gz": gzip.compress(tar(FILES)[:5], mtime=0) + gzip.compress(tar(FILES)[5:], mtime=0)}), 2
    ),
    "zeros behind the gzip": (package(FILES) + b"\0" * 100, 2),
    "zeros behind the tar": (gzip.compress(tar(FILES) + bytes(70_001), mtime=0), 2),
    "one block of zeros as the end": (gzip.compress(TAR_WITHOUT_END + bytes(BLOCK), mtime=0), 2),
    "a sparse file": (gzip.compress(gnu_sparse(f"{DAY}/hole", b"x" * 600, 2) + tar(FILES), mtime=0), 3),
}  # fmt: skip
BAD = {
    "empty": (b"", "expected a gzip archive, got nothing"),
    "one byte": (b"\x1f", "expected a gzip archive, got bytes beginning 1f"),
    "text": (b"hello", "expected a gzip archive, got text beginning 'hello'"),
    "long text": (b"hello\nworld " * 99, r"got text beginning 'hello\nworld hello\nworld hello\nworld hell'"),
    "zip": (b"PK\x03\x04" * 9, "expected a gzip archive, got bytes beginning 50 4b 03 04 50 4b 03 04"),
    "a tar without gzip": (tar(FILES), f"expected a gzip archive, got text beginning '{DAY}/000001_2019.xml'"),
    "gzip of nothing": (gzip.compress(b""), "ends too early: expected a tar header or a block of zeros, got nothing"),
    "gzip of text": (gzip.compress(b"<a/>" * 999), "no tar: expected the header of a member, got text beginning '<a/>"),
    "gzip of zeros": (gzip.compress(bytes(10240)), "expected notices, got an archive without a file"),
    "three deep": (nested(3), f"{DAY}/2.tar.gz/{DAY}/1.tar.gz is an archive at depth 3: expected 2 at most"),
    "four deep": (nested(4), f"{DAY}/3.tar.gz/{DAY}/2.tar.gz is an archive at depth 3: expected 2 at most"),
    "two archives in a gzip": (
        gzip.compress(tar(FILES) + tar(members([3]))),
        f"the archive goes on after its end: expected no more than zeros, got text beginning '{DAY}/000003_2019.xml'",
    ),
    "two archives": (package(FILES) + package(members([3])), "the archive goes on after its end"),
    "two archives inside": (
        package({f"{DAY}/x.tar.gz": package(FILES) + package(members([3]))}), "x.tar.gz goes on after its end"
    ),
    "text behind the gzip": (package(FILES) + b"rest", "expected no more than zeros, got text beginning 'rest'"),
    "bytes behind the tar": (gzip.compress(tar(FILES) + b"\1" * BLOCK), "goes on after its end"),
    "no end": (gzip.compress(TAR_WITHOUT_END), "expected a tar header or a block of zeros, got nothing"),
    "ends in a member": (gzip.compress(tar(FILES)[:1500]), "the archive ends inside a member: expected"),
    "ends in a header": (gzip.compress(tar(FILES)[:300]), "or a block of zeros, got text beginning '20190102_001/0000"),
    "a broken header": (gzip.compress(TAR_WITHOUT_END + b"\1" * BLOCK), "expected the header of a member, got bytes"),
    "cut": (package(FILES)[:-1], "the archive is truncated: expected the end of a gzip, got the end of the bytes"),
    "cut inside": (package({f"{DAY}/x.tar.gz": package(FILES)[:-1]}), f"{DAY}/x.tar.gz is truncated"),
    "a wrong checksum": (package(FILES)[:-8] + b"12345678", "is no intact gzip: Error -6 Incorrect checksum"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "count"), GOOD.values(), ids=GOOD)
def test_both_users_take_a_good_package(data: bytes, count: int) -> None:
    assert judge(data) == Verdict(count)


@pytest.mark.parametrize(("data", "words"), BAD.values(), ids=BAD)
def test_both_users_refuse_a_bad_one_in_the_same_words(data: bytes, words: str) -> None:
    refusal = judge(data).refusal
    assert words in refusal
    is_cut = "is truncated" in refusal or GZIP.startswith(data)
    assert isinstance(by_extraction(data)[1], TruncatedArchive) == is_cut
    assert refusal.startswith("package 20190102_2019001: ")
    assert refusal.endswith("; look at what the source serves, and transfer it again")


@given(packages())
def test_both_users_say_the_same_of_any_archive(data: bytes) -> None:
    judge(data)


def test_both_users_say_the_same_of_an_archive_cut_anywhere() -> None:
    noise = random.Random(1).randbytes(9000)  # noqa: S311 bytes that do not pack
    inside = tar(FILES | {f"{DAY}/noise": noise})
    whole = package({f"{DAY}/day.tar.gz": gzip.compress(inside, 1, mtime=0), **members([3])})
    for length in range(0, len(whole), BLOCK):
        words = "is truncated" if length else "got nothing"
        assert words in judge(whole[:length]).refusal
    for length in range(0, len(inside), BLOCK):
        is_whole = not inside[length - BLOCK : length].strip(b"\0") and length > len(noise)
        assert bool(judge(gzip.compress(inside[:length], 1)).refusal) != is_whole


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("LARGEST_UNPACKED", 10_000, "unpacks to more than 10000 bytes, the limit"),
        ("MOST_MEMBERS", 2, "has more than 2 members, the limit"),
        ("DEEPEST", 1, "is an archive at depth 2: expected 1 at most"),
        ("RATIO_FROM", 10_000, "unpacks to more than 10 times its size: expected a package, got a bomb"),
    ],
)
def test_both_users_refuse_a_package_beyond_a_limit(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, words: str
) -> None:
    monkeypatch.setattr(archive, "LARGEST_RATIO", 10)
    data = package({f"{DAY}/a": b"1", "b": b"2" * 20_000, "c": package({"x": b"1"}), "d": b"1"})
    monkeypatch.setattr(archive, limit, value)
    assert words in judge(data).refusal


def test_a_ratio_is_the_same_however_the_bytes_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "RATIO_FROM", 10_000)
    monkeypatch.setattr(archive, "LARGEST_RATIO", 30)
    noise = random.Random(1).randbytes(1000)  # noqa: S311 bytes that do not pack
    # The first hundred bytes alone are a bomb; the whole is none.
    data = package({f"{DAY}/a": b"1" * 20_000, f"{DAY}/b": noise})
    assert len(walk(data)) == 2
    assert judge(data) == Verdict(2)


def test_a_member_beyond_the_limit_is_quarantined_and_its_siblings_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    data = package(
        {f"{DAY}/big": b"x" * 5000, f"{DAY}/after": b"1", f"{DAY}/big.gz": gzip.compress(bytes(range(256)) * 40)}
    )
    monkeypatch.setattr(archive, "LARGEST_MEMBER", 4999)
    big, after, packed = walk(data)
    assert (big.reason, big.data, big.size) == ("too-large", b"", 5000)
    assert big.message == "expected at most 4999 bytes, got 5000"
    assert after.data == b"1"
    assert packed.reason == "not-an-archive"
    assert judge(data) == Verdict(3)


# The walk


def with_entry(kind: bytes, name: str = "x", link: str = "", size: int = 0) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname, entry.size = kind, link, size
        archive.addfile(entry, io.BytesIO(b"x" * size))
        after = tarfile.TarInfo("after")
        after.size = 1
        archive.addfile(after, io.BytesIO(b"a"))
    return gzip.compress(target.getvalue())


@pytest.mark.parametrize("style", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_yields_members_in_order_with_their_bytes(style: int) -> None:
    files = {"20190102_001/000001_2019.xml": b"one", "empty": b"", "f" * 90 + "/" + "n" * 90: b"x" * 1300, "é/ω": b"y"}

    found = walk(package(files, style))

    assert [(member.name, member.data, member.reason) for member in found] == [
        (name, data, "") for name, data in files.items()
    ]
    assert [member.size for member in found] == [3, 0, 1300, 1]


@settings(max_examples=60, deadline=None)
@given(
    files=st.lists(
        st.tuples(
            st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=250).filter(
                lambda name: not {"/", "\\", ":"} & set(name) and name not in (".", "..")
            ),
            st.binary(max_size=2000).filter(lambda data: data[:2] != b"\x1f\x8b"),
        ),
        min_size=1,
        max_size=8,
    ),
    style=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_reads_what_the_standard_library_writes(files: list[tuple[str, bytes]], style: int) -> None:
    assert [(member.name, member.data) for member in walk(package(files, style))] == files


def test_enters_days_inside_a_month_whether_flat_or_in_a_folder() -> None:
    day = package({"20190102_001/000001_2019.xml": b"<a/>"})
    for name in ("20190102_2019001.tar.gz", "01/20190102_2019001.tar.gz", "no-archive-by-its-name"):
        found = walk(package({name: day, "20190103_002/000002_2019.xml": b"<b/>"}))
        assert [(member.name, member.data) for member in found] == [
            (f"{name}/20190102_001/000001_2019.xml", b"<a/>"),
            ("20190103_002/000002_2019.xml", b"<b/>"),
        ]


def test_a_directory_is_no_member_and_a_leading_dot_no_part_of_a_name() -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        folder = tarfile.TarInfo("20190102_001")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        archive.addfile(tarfile.TarInfo("./20190102_001/x.xml"))
    assert [member.name for member in walk(gzip.compress(target.getvalue()))] == ["20190102_001/x.xml"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../x.xml", "a/../../x.xml", "a\\..\\x.xml", "C:/x.xml", "y" * 2000])
def test_keeps_the_bytes_behind_an_unsafe_path_but_does_not_read_them(name: str) -> None:
    unsafe, after = walk(package({name: b"<a/>", "after": b"1"}, tarfile.PAX_FORMAT))
    assert (unsafe.reason, unsafe.data, unsafe.size) == ("unsafe-path", b"<a/>", 4)
    assert after.name == "after"
    assert len(unsafe.name) <= 1024


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.CHRTYPE, "character device"),
        (tarfile.BLKTYPE, "block device"),
        (tarfile.FIFOTYPE, "named pipe"),
        (b"V", "type b'V'"),
    ],
)
def test_refuses_links_and_devices_and_goes_on(kind: bytes, words: str) -> None:
    refused, after = walk(with_entry(kind, link="/etc/passwd"))
    assert (refused.reason, refused.data) == ("not-a-file", b"")
    assert words in refused.message
    assert after.data == b"a"


def test_refuses_a_sparse_file_and_goes_on() -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("hole")
        entry.pax_headers = {"GNU.sparse.major": "1"}
        archive.addfile(entry)
        archive.addfile(tarfile.TarInfo("after"))
    refused, after = walk(gzip.compress(target.getvalue()))
    assert refused.reason == "not-a-file"
    assert "sparse" in refused.message
    assert after.name == "after"


def test_a_member_stated_longer_than_the_archive_is_an_error() -> None:
    header = tarfile.TarInfo("a")
    header.size = 10**7
    with pytest.raises(TerminalError, match="ends inside a member"):
        walk(gzip.compress(header.tobuf()))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    header = tarfile.TarInfo("bomb.xml")
    header.size = 1 << 33
    data = bomb.compress(header.tobuf(tarfile.GNU_FORMAT)) + bomb.compress(bytes(40 << 20)) + bomb.flush()
    with pytest.raises(TerminalError, match="more than 200 times its size"):
        walk(data)


def test_a_tar_header_that_never_ends_is_refused() -> None:
    entry = tarfile.TarInfo("././@LongLink")
    entry.type, entry.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    with pytest.raises(TerminalError, match="tar header of 1073741824 bytes"):
        walk(gzip.compress(entry.tobuf()))
