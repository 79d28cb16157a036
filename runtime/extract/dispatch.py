"""From a member's bytes to a notice: a parser that trusts nothing, then the reader that its root element asks for."""

import re
from collections.abc import Callable

from lxml import etree

from runtime.errors import TerminalError
from runtime.extract.eforms import read_eforms
from runtime.extract.notice import Notice
from runtime.extract.ted_export import read_ted_export
from runtime.extract.unread import without_unread

Reader = Callable[[etree._Element], Notice]

# By local name, never by namespace or date: one package mixes formats, and namespaces change with every schema.
READERS: dict[str, Reader] = {
    "TED_EXPORT": read_ted_export,
    "ContractNotice": read_eforms,
    "ContractAwardNotice": read_eforms,
    "PriorInformationNotice": read_eforms,
    "BusinessRegistrationInformationNotice": read_eforms,
}


class UnreadableNotice(TerminalError):
    """A member is no notice that can be read; `reason` is the code of the quarantine."""

    def __init__(self, message: str, reason: str = "read-error", **attributes: object) -> None:
        super().__init__(message, reason=reason, **attributes)
        self.reason = reason


def _parser(*, blanks: bool) -> etree.XMLParser:
    # Without a table of ids and without the blanks between elements the tree takes two thirds of the time. Comments
    # would split text in two. libxml2's own limits (text of 10 MB, depth, entity growth) stay on: no huge_tree.
    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, collect_ids=False,
        remove_comments=True, remove_pis=True, remove_blank_text=not blanks,
    )  # fmt: skip


_PARSER = _parser(blanks=False)
_PARSER_WITH_BLANKS = _parser(blanks=True)
# A blank after inline markup is text. (Only FT is inline in TED's schemas; eForms has none.)
_BLANK_IN_TEXT = re.compile(rb"</FT>\s+<(?!/)")


def _parse(data: bytes) -> etree._Element:
    return etree.fromstring(data, _PARSER_WITH_BLANKS if _BLANK_IN_TEXT.search(data) else _PARSER)


def parse(data: bytes) -> etree._Element:
    """Parse a member.

    Raises
    ------
    UnreadableNotice
        The bytes are no well-formed XML (`not-xml`), or declare entities (`not-a-notice`).
    """
    try:
        try:
            root = _parse(without_unread(data))
        except etree.XMLSyntaxError:
            root = _parse(data)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableNotice(f"expected an XML document, got {data[:30]!r}: {error}", "not-xml") from error
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and list(dtd.iterentities()):  # type: ignore[attr-defined]
        raise UnreadableNotice("expected XML without entities of its own, got a DTD that declares some", "not-a-notice")
    return root


def read_notice(data: bytes) -> Notice:
    """Read the notice in a member's bytes.

    Raises
    ------
    UnreadableNotice
        No XML, no notice, or a reader that failed on it.
    """
    root = parse(data)
    name = etree.QName(root).localname
    reader = READERS.get(name)
    if reader is None:
        raise UnreadableNotice(f"expected a notice ({', '.join(READERS)}), got the root element {name}", "not-a-notice")
    try:
        return reader(root)
    except TerminalError as error:
        raise UnreadableNotice(error.message, error.attributes.get("reason", "read-error")) from error
    except Exception as error:  # whatever a reader trips over costs its notice, never the package
        raise UnreadableNotice(f"{type(error).__name__} while reading {name}: {error}") from error
