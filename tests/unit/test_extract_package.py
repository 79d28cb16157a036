"""The walk hands over every member, or says why not; what is wrong with a package as a whole is an error."""

import gzip
import io
import tarfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.errors import TerminalError
from runtime.extract.package import Archive, Limits, Member
from tests.unit.made_up_packages import package, tar


def walk(data: bytes, limits: Limits | None = None) -> list[Member]:
    return list(Archive(io.BytesIO(data), "20190102_2019001", limits))


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


def test_digest_and_size_are_of_the_package() -> None:
    import hashlib

    data = package({"a": b"1"})
    archive = Archive(io.BytesIO(data), "x")
    list(archive)
    assert (archive.sha256, archive.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))


def test_enters_days_inside_a_month_whether_flat_or_in_a_folder() -> None:
    day = package({"20190102_001/000001_2019.xml": b"<a/>"})
    for name in ("20190102_2019001.tar.gz", "01/20190102_2019001.tar.gz", "no-archive-by-its-name"):
        found = walk(package({name: day, "20190103_002/000002_2019.xml": b"<b/>"}))
        assert [(member.name, member.data) for member in found] == [
            (f"{name}/20190102_001/000001_2019.xml", b"<a/>"),
            ("20190103_002/000002_2019.xml", b"<b/>"),
        ]


def test_takes_strung_archives_and_gzip_members_as_one() -> None:
    two = tar({"a": b"1"}) + tar({"b": b"2"})
    assert [member.name for member in walk(gzip.compress(two))] == ["a", "b"]
    half = len(two) // 2
    assert [member.name for member in walk(gzip.compress(two[:half]) + gzip.compress(two[half:]))] == ["a", "b"]


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


def test_passes_by_a_member_beyond_the_limit_without_keeping_it() -> None:
    big, after = walk(package({"big": b"x" * 5000, "after": b"1"}), Limits(member_bytes=4999))
    assert (big.reason, big.data, big.size) == ("too-large", b"", 5000)
    assert "at most 4999 bytes, got 5000" in big.message
    assert after.data == b"1"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "without a file"),
        (b"PK\x03\x04" * 9, "no intact gzip"),
        (b"<html>not here</html>", "no intact gzip"),
        (gzip.compress(b""), "without a file"),
        (gzip.compress(bytes(10240)), "without a file"),
        (gzip.compress(b"<a/>" * 1000), "header of a tar member"),
        (gzip.compress(tar({"a": b"1"})[:700]), "ends inside a member|header of a tar member"),
        (package({"a": b"1"})[:-9], "truncated"),
        (package({"a": b"1" * 9000})[:60], "truncated"),
        (package({"a": b"1"})[:-8] + b"12345678", "no intact gzip"),
        (package({"a": b"1"}) + b"trailing bytes of any kind", "no intact gzip"),
    ],
)
def test_a_damaged_package_is_an_error_that_names_it(data: bytes, words: str) -> None:
    with pytest.raises(TerminalError, match=words) as caught:
        walk(data)
    assert "20190102_2019001" in caught.value.message
    assert "transfer it again" in caught.value.message


def test_a_truncated_archive_inside_fails_the_package() -> None:
    day = package({"a": b"1" * 3000})
    with pytest.raises(TerminalError, match=r"day\.tar\.gz is a truncated gzip"):
        walk(package({"day.tar.gz": day[:-5]}))


def test_a_member_stated_longer_than_the_archive_is_an_error() -> None:
    header = tarfile.TarInfo("a")
    header.size = 10**7
    with pytest.raises(TerminalError, match="ends inside a member"):
        walk(gzip.compress(header.tobuf()))


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(unpacked_bytes=10_000), "more than 10000 bytes"),
        (Limits(members=2), "more than 2 members"),
        (Limits(depth=1), "depth 2: expected 1"),
    ],
)
def test_a_package_beyond_a_limit_is_refused(limits: Limits, words: str) -> None:
    data = package({"a": b"1", "b": b"2" * 20_000, "c": package({"x": b"1"}), "d": b"1"})
    with pytest.raises(TerminalError, match=words):
        walk(data, limits)


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
