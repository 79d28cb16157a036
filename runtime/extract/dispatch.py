"""From a member's bytes to a notice: a parser that trusts nothing, then the reader that its root element asks for."""

import re
from collections.abc import Callable

from lxml import etree

from runtime.errors import TerminalError
from runtime.extract.eforms import read_eforms
from runtime.extract.notice import Notice
from runtime.extract.ted_export import read_ted_export
from runtime.extract.unread import without_namespaces, without_unread

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


class _Refusal(etree.Resolver):
    """Nothing outside of the document is read, be it a file or an address."""

    def resolve(self, system_url: str, public_id: str, context: object = None) -> object:
        raise ValueError(f"refused to load {system_url}")


def _parser(*, is_fast: bool, keeps_blanks: bool) -> etree.XMLParser:
    # libxml2's own limits (text of 10 MB, depth, entity growth) stay on: no huge_tree. Comments would split text.
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, collect_ids=not is_fast,
        remove_comments=True, remove_pis=True, remove_blank_text=not keeps_blanks,
    )  # fmt: skip
    parser.resolvers.add(_Refusal())
    return parser


# Without a table of ids and without the blanks between elements, a tree takes two thirds of the time. Yet without
# that table libxml2 loads external DTDs, whatever load_dtd says: the resolver refuses, and the careful parser,
# which asks for none, has its turn.
_FAST = _parser(is_fast=True, keeps_blanks=False)
_FAST_WITH_BLANKS = _parser(is_fast=True, keeps_blanks=True)
_CAREFUL = _parser(is_fast=False, keeps_blanks=True)
# A blank after inline markup is text. (Only FT is inline in TED's schemas; eForms has none.)
_BLANK_IN_TEXT = re.compile(rb"</FT>\s+<(?!/)")


def parse(data: bytes) -> etree._Element:
    """Parse a member.

    Raises
    ------
    UnreadableNotice
        The bytes are no well-formed XML (`not-xml`), or declare entities (`not-a-notice`).
    """
    short = without_namespaces(without_unread(data))
    try:
        root = etree.fromstring(short, _FAST_WITH_BLANKS if _BLANK_IN_TEXT.search(short) else _FAST)
    except (etree.XMLSyntaxError, ValueError):
        try:
            root = etree.fromstring(data, _CAREFUL)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise UnreadableNotice(f"expected an XML document, got {data[:30]!r}: {error}", "not-xml") from error
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and list(dtd.iterentities()):  # type: ignore[union-attr]
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
