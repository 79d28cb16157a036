"""Bytes become a notice of the right reader, whatever the bytes try."""

import os
import pickle
import tarfile
from pathlib import Path

import pytest
from lxml import etree

from runtime.errors import TerminalError
from runtime.extract import dispatch
from runtime.extract.dispatch import UnreadableNotice, parse, read_notice
from runtime.extract.unread import without_namespaces, without_unread
from tests.unit.made_up_packages import eforms_notice, ted_notice

CORPUS = Path(os.environ.get("CCA_TED_CORPUS", Path(__file__).parents[3] / "shared/ted/corpus"))


def reason_of(data: bytes) -> str:
    with pytest.raises(UnreadableNotice) as caught:
        read_notice(data)
    return caught.value.reason


def test_dispatches_on_the_root_element() -> None:
    ted, eforms = read_notice(ted_notice(7)), read_notice(eforms_notice(8))
    assert (ted.row["format"], ted.row["notice_id"]) == ("ted-export", "7-2019")
    assert (eforms.row["format"], eforms.row["notice_id"]) == ("eforms", "8-2024")


def test_reads_an_unknown_namespace_by_the_same_rules() -> None:
    newer = ted_notice(7).replace(b"ted/R2.0.9/publication", b"ted/R3.1.0/publication")
    assert read_notice(newer).row["buyer_name"] == "Ville de Mons"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        b"no xml",
        b"<a",
        b"<a></b>",
        b'<?xml version="1.0" encoding="none-such"?><a/>',
        b"<a>\xff\xfe\x80</a>",
        ted_notice(1)[:-30],
        b"<a>" * 100_000,
        b"<TED_EXPORT>&nbsp;</TED_EXPORT>",
    ],
)
def test_bytes_that_are_no_xml_are_not_xml(data: bytes) -> None:
    assert reason_of(data) == "not-xml"


@pytest.mark.parametrize("data", [b"<html/>", b"<INTERNAL_OJS/>", b'<x:Notice xmlns:x="urn:x"/>', b"<OTHER/>"])
def test_xml_of_another_kind_is_not_a_notice(data: bytes) -> None:
    assert reason_of(data) == "not-a-notice"


@pytest.mark.parametrize("data", [b"<TED_EXPORT/>", ted_notice(0), b"<ContractNotice/>"])
def test_a_notice_without_a_number_has_no_notice_id(data: bytes) -> None:
    assert reason_of(data) == "no-notice-id"


def test_entities_are_not_expanded() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    assert reason_of(f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs}]><a>&l11;</a>'.encode()) == "not-xml"
    assert reason_of(b'<!DOCTYPE a [<!ENTITY x "ha">]><TED_EXPORT>&x;</TED_EXPORT>') == "not-a-notice"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-7"])
def test_files_and_addresses_are_not_loaded(tmp_path: Path, encoding: str) -> None:
    dtd = tmp_path / "x.dtd"
    dtd.write_text('<!ENTITY x "secret"><!ATTLIST TED_EXPORT DOC_ID CDATA "5-2019">')
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    for where in (dtd, f"file://{dtd}", "http://127.0.0.1:9/x.dtd"):
        for doctype in (
            f'<!DOCTYPE TED_EXPORT SYSTEM "{where}">',
            f'<!DOCTYPE TED_EXPORT PUBLIC "-//x" "{where}">',
            f'<!DOCTYPE TED_EXPORT [<!ENTITY % p SYSTEM "{where}">%p;]>',
            f'<!DOCTYPE TED_EXPORT [<!ENTITY x SYSTEM "{where}">]>',
        ):
            for body in ("t", "&x;"):
                document = f"{doctype}<TED_EXPORT>{body}</TED_EXPORT>"
                data = (head + document).encode(encoding)
                if encoding == "utf-7":  # its declaration reads as ASCII, the document hides in it
                    data = head.encode() + document.encode(encoding)
                with pytest.raises(UnreadableNotice) as caught:
                    read_notice(data)
                assert "secret" not in caught.value.message


def test_a_notice_that_names_a_dtd_is_read_without_it() -> None:
    doctype = b'<!DOCTYPE TED_EXPORT SYSTEM "http://127.0.0.1:9/x.dtd">'
    data = ted_notice(7).replace(b"<TED_EXPORT", doctype + b"<TED_EXPORT", 1)
    assert read_notice(data).row["notice_id"] == "7-2019"


def test_a_reader_that_fails_costs_its_notice_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(root: etree._Element) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setitem(dispatch.READERS, "TED_EXPORT", broken)
    with pytest.raises(UnreadableNotice, match="IndexError while reading TED_EXPORT") as caught:
        read_notice(ted_notice(7))
    assert caught.value.reason == "read-error"
    assert isinstance(caught.value.__cause__, IndexError)


def test_an_unreadable_notice_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(UnreadableNotice("m", "not-xml", member="a")))  # noqa: S301
    assert (error.message, error.reason, error.attributes["member"]) == ("m", "not-xml", "a")


def test_a_comment_does_not_split_text() -> None:
    data = ted_notice(7).replace(b"Ville de Mons", b"Ville <!-- of -->de<?x y?> Mons")
    assert read_notice(data).row["buyer_name"] == "Ville de Mons"


def test_a_blank_between_inline_markup_is_text() -> None:
    assert "".join(map(str, parse(b"<P><FT>a</FT> <FT>b</FT>\n</P>").itertext())).strip() == "a b"
    assert "".join(map(str, parse(b"<P><FT>a</FT><FT>b</FT></P>").itertext())) == "ab"


def test_what_no_reader_reads_is_left_out_before_parsing() -> None:
    short = without_unread(ted_notice(7))
    for text in ("nowhere", "Arbeiten", "Straßenarbeiten"):
        assert text.encode() not in short
    for text in ("Travaux", "Works", "Road works in English", 'CATEGORY="TRANSLATION" FORM="F03" LG="DE"></F03_2014>'):
        assert text.encode() in short


def test_nothing_is_left_out_where_bytes_cannot_be_told_from_markup() -> None:
    for data in (
        eforms_notice(1),
        ted_notice(1).replace(b"Road", b"<!-- Road -->"),
        ted_notice(1).replace(b"Road", b"<![CDATA[<LINKS_SECTION>]]>"),
    ):
        assert without_unread(data) == data
    only_translations = ted_notice(1).replace(b'CATEGORY="ORIGINAL"', b'CATEGORY="TRANSLATION"')
    assert "Straßenarbeiten".encode() in without_unread(only_translations)


def test_namespaces_are_not_spelled_out_with_each_tag() -> None:
    data = b'<?xml version="1.0"?>\n<n:a xmlns="urn:long" xmlns:n="urn:n" xmlns:m="urn:m"><b n:c="1" m:c="2"/></n:a>'
    root = parse(data)
    assert [root.tag, root[0].tag] == ["{n:}a", "b"]
    assert dict(root[0].items()) == {"{n:}c": "1", "{m:}c": "2"}


def test_namespaces_stay_where_the_root_does_not_come_first() -> None:
    for data in (
        b'<!-- <a xmlns="urn:a"> --><a xmlns="urn:b"/>',
        b'<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a xmlns="d"/>',
    ):
        assert without_namespaces(data) == data


def test_an_attribute_that_misleads_the_shortening_costs_nothing() -> None:
    data = ted_notice(7).replace(b'LG="DE">', b'LG="DE" NOTE="1 > 0 </F03_2014">', 1)
    data = data.replace(b'</F03_2014">', b'&lt;/F03_2014>">')
    assert read_notice(data).row["title"] == "Road works"


def test_shortening_changes_no_row_of_a_real_notice() -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"no real notices at {CORPUS}; CCA_TED_CORPUS names another folder")
    whole_parser = etree.XMLParser(resolve_entities=False, remove_comments=True, remove_pis=True)
    compared = 0
    for path in sorted((CORPUS / "packages").rglob("*.tar.gz"))[::6]:
        with tarfile.open(path) as archive:
            for entry in archive:
                data = archive.extractfile(entry).read()
                root = etree.fromstring(data, whole_parser)
                whole = dispatch.READERS[etree.QName(root).localname](root)
                assert read_notice(data) == whole, entry.name
                compared += 1
    assert compared > 100


def test_errors_are_terminal() -> None:
    assert issubclass(UnreadableNotice, TerminalError)
