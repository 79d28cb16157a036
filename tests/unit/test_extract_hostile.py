"""Whatever the bytes: rows, quarantine, or an error about the package. Never a crash, a hang, or a loss.

`CCA_TED_MUTATIONS` sets how many mutated notices and packages are tried: 600 by itself, 3000 where CI is set, 20000
before a release.
"""

import datetime as dt
import gzip
import hashlib
import io
import os
import random
import re
import tarfile
import time
from collections import Counter

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.sample.notices import TRAITS, forms_of, make_notice
from runtime.errors import TerminalError
from runtime.extract.service import RawObject, extract_package
from runtime.manifest import Manifest
from tests.unit.made_up_packages import eforms_notice, package, tar, ted_notice
from tests.unit.test_extract_service import PACKAGE, Memory

pytestmark = pytest.mark.long
MUTATIONS = int(os.environ.get("CCA_TED_MUTATIONS", "3000" if os.environ.get("CI") else "600"))
BATCH = 50
SECONDS = 20  # for a batch: a second would do, were the machine ours alone

_TAG = re.compile(rb"<(/?)([\w:]+)")
_VALUE = re.compile(rb'>([^<>\s]+)<|="([^"<>]+)"')
ODD = [b"", b"-1", b"9" * 40, b"NaN", b"1,5", b"2019-02-30", b"0" * 9, b"unpublished", b"\xc3\xa9", b"&lt;", b"1e9"]


def sources() -> list[bytes]:
    """The notices that are mutated: every form of every family of formats."""
    day = dt.date(2019, 1, 2)
    made = [
        make_notice(number=number, date=day, issue=1, form=form, schema=schema, traits=TRAITS)
        for schema in ("R2.0.7.S03", "R2.0.8.S05", "R2.0.9.S01", "R2.0.9.S03", "eforms-sdk-1.10")
        for number, form in enumerate(forms_of(schema), 10)
    ]
    return [ted_notice(1), eforms_notice(2), *(notice.xml for notice in made)]


def flip(noise: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(noise.choice((1, 1, 1, 2, 8, 64))):
        changed[noise.randrange(len(changed))] ^= 1 << noise.randrange(8)
    return bytes(changed)


def truncate(noise: random.Random, data: bytes) -> bytes:
    return data[: noise.randrange(len(data))]


def splice(noise: random.Random, data: bytes) -> bytes:
    """Some bytes lost, repeated or moved."""
    start, end, at = (noise.randrange(len(data)) for _ in range(3))
    start, end = min(start, end), max(start, end)
    return data[:at] + data[start : min(end, start + 4000)] + data[at + noise.choice((0, 0, 40)) :]


def swap_tags(noise: random.Random, data: bytes) -> bytes:
    """One element takes another's name throughout, one in five the root: well-formed, and of no schema."""
    tags = [found[2] for found in _TAG.finditer(data)]
    names = sorted(set(tags))
    one, other = tags[0] if noise.random() < 0.2 else noise.choice(names), noise.choice(names)
    return re.sub(rb"(</?)%b(?=[\s/>])" % re.escape(one), lambda found: found[1] + other, data)


def cut_element(noise: random.Random, data: bytes) -> bytes:
    """An element is lost, or stands twice."""
    found = noise.choice(list(_TAG.finditer(data)))
    closing = b"</%b>" % found[2]
    end = data.find(closing, found.start())
    if found[1] or end < 0:
        return truncate(noise, data)
    end += len(closing)
    element = data[found.start() : end]
    return data[: found.start()] + element * noise.choice((0, 0, 2, 30)) + data[end:]


def odd_value(noise: random.Random, data: bytes) -> bytes:
    """Texts and attributes become what no schema allows."""
    changed = data
    for _ in range(noise.choice((1, 3))):
        values = [found.span(1 if found[1] else 2) for found in _VALUE.finditer(changed)]
        if not values:
            break
        start, end = noise.choice(values)
        changed = changed[:start] + noise.choice(ODD) + changed[end:]
    return changed


def nest(noise: random.Random, data: bytes) -> bytes:
    """An element gets very deep."""
    found = noise.choice([found for found in _TAG.finditer(data) if not found[1]])
    depth = noise.choice((10, 200, 3000))
    name = found[2]
    return data[: found.start()] + b"<%b>" % name * depth + b"</%b>" % name * depth + data[found.start() :]


MUTATORS = (flip, truncate, splice, swap_tags, cut_element, odd_value, odd_value, nest)


def extract(data: bytes) -> tuple[Manifest, Memory]:
    place = Memory()
    return extract_package(io.BytesIO(data), PACKAGE, RawObject(), place), place


def is_read(data: bytes) -> bool:
    """Whether a package is read, all of it accounted for; else its name is in the error."""
    refusal = ""
    try:
        manifest, place = extract(data)
    except TerminalError as error:
        refusal = error.message
    else:
        check(manifest, place)
    assert not refusal or str(PACKAGE) in refusal
    return not refusal


def check(manifest: Manifest, place: Memory, files: dict[str, bytes] | None = None) -> None:
    """Nothing is lost: counts add up, rows are in the files, and what was quarantined is kept byte by byte."""
    assert manifest.members == manifest.notices + manifest.quarantined + manifest.skipped
    assert manifest.rows["notices"] == manifest.notices
    for name, file in manifest.files.items():
        assert pq.read_metadata(io.BytesIO(place.objects[file.key])).num_rows == file.rows == manifest.rows[name]
    for reject in manifest.rejects:
        if reject.quarantine_key:
            assert hashlib.sha256(place.objects[reject.quarantine_key]).hexdigest() == reject.sha256
    if files is not None:
        assert manifest.members == len(files)
        read = {row["member_name"] for row in place.rows("notices")}
        refused = {reject.member_name: reject for reject in manifest.rejects}
        assert not read & refused.keys()
        digests = {row["xml_sha256"] for row in place.rows("notices")}
        for name, data in files.items():
            if name in refused:
                assert not data or place.objects[refused[name].quarantine_key] == data
            else:
                assert hashlib.sha256(data).hexdigest() in digests, f"{name} is neither read, skipped nor refused"


def test_mutated_notices_end_as_rows_or_in_quarantine() -> None:
    noise = random.Random(20261123)  # noqa: S311
    originals = sources()
    outcomes: Counter[str] = Counter()
    for _ in range(max(1, MUTATIONS * 2 // 3 // BATCH)):
        files = {}
        for number in range(BATCH):
            mutate = noise.choice(MUTATORS)
            files[f"{mutate.__name__}-{number}.xml"] = mutate(noise, noise.choice(originals))
        started = time.process_time()
        manifest, place = extract(package(files.items()))
        assert time.process_time() - started < SECONDS
        check(manifest, place, files)
        outcomes["notices"] += manifest.notices
        outcomes.update(reject.reason for reject in manifest.rejects)
    assert {"notices", "not-xml", "not-a-notice", "no-notice-id", "duplicate-notice"} <= outcomes.keys()


def test_mutated_packages_end_as_rows_quarantine_or_an_error_about_the_package() -> None:
    noise = random.Random(20261124)  # noqa: S311
    files = {f"20190102_001/{n:06d}_2019.xml": ted_notice(n) for n in (1, 2, 3)}
    whole = tar({**files, "day.tar.gz": package({"20190103_002/000004_2019.xml": ted_notice(4)})})
    outcomes: Counter[bool] = Counter()
    for number in range(MUTATIONS // 3):
        mutate = noise.choice((flip, flip, truncate, splice))
        inside = number % 3  # the tar is damaged inside an intact gzip, else the gzip itself
        data = gzip.compress(mutate(noise, whole), 1) if inside else mutate(noise, gzip.compress(whole, 1))
        started = time.process_time()
        outcomes[is_read(data)] += 1
        assert time.process_time() - started < SECONDS
    assert outcomes[True]
    assert outcomes[False]


@given(st.binary(max_size=3000))
def test_any_bytes_as_a_package_are_refused_with_its_name(data: bytes) -> None:
    is_read(data)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60),
        st.one_of(
            st.binary(max_size=300).filter(lambda data: data[:2] != b"\x1f\x8b"),
            st.sampled_from([ted_notice(1), ted_notice(2), eforms_notice(3), b"<a/>", b"<TED_EXPORT/>"]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_members_by_any_name_are_accounted_for(files: list[tuple[str, bytes]]) -> None:
    manifest, place = extract(package(files, tarfile.PAX_FORMAT))
    assert manifest.members == len(files)
    check(manifest, place)
