"""Leave out, before parsing, what no reader reads of a TED_EXPORT notice: a quarter of its bytes, at times nine tenths.

These are the links, the headings in other languages than English and the notice's own, and the insides of
translated forms other than the English one. The empty form stays, so that languages can be counted.

Of any notice the namespaces go: readers match local names, and lxml spells out the namespace with each tag.
"""

import re

_TRANSLATED = b'CATEGORY="TRANSLATION"'
_TAG = re.compile(rb"<(\w+) [^<>]*(?<!/)>")
_ORIGINAL_LANGUAGES = re.compile(rb"<LG_ORIG>([A-Z ]+)</LG_ORIG>")
_LINKS = b"<LINKS_SECTION", b"</LINKS_SECTION>"
_HEADINGS = b"<ML_TITLES>", b"</ML_TITLES>"
_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml [^<>]*\?>\s*)?<[^\W\d][^<>]*>")
_NAMESPACE = re.compile(rb'(\sxmlns(?::([\w.-]+))?=)"[^"<>]*"')


def without_unread(data: bytes) -> bytes:
    """Shorten a notice; one that is no TED_EXPORT, or holds comments, CDATA or a DTD, comes back as it is.

    What is left out is not checked: a fault in it no longer costs the notice. Should the rest not be well-formed
    (a ">" in an attribute misleads), the whole is to be parsed.
    """
    # Inside comments and CDATA a "<" begins no element. To look for "!" alone is many times faster.
    if b"<TED_EXPORT" not in data[:1000] or (b"!" in data and b"<!" in data):
        return data
    pieces: list[bytes] = []
    at = 0
    start, end = _between(data, *_LINKS, 0)
    if start >= 0:
        pieces.append(data[:start])
        at = end + len(_LINKS[1])
    start, end = _between(data, *_HEADINGS, at)
    if start >= 0:
        pieces += (data[at : start + len(_HEADINGS[0])], _headings(data, start, end))
        at = end
    found = data.find(_TRANSLATED, at) if b'CATEGORY="ORIGINAL"' in data else -1
    while found >= 0:
        form = _TAG.match(data, data.rfind(b"<", at, found))
        if form is not None and b' LG="EN"' not in form[0]:
            end = data.find(b"</%b>" % form[1], form.end())
            if end < 0:
                break
            pieces.append(data[at : form.end()])
            at = end
        found = data.find(_TRANSLATED, max(at, found + 1))
    pieces.append(data[at:])
    return b"".join(pieces)


def without_namespaces(data: bytes) -> bytes:
    """Shorten the namespaces that the root declares: none by default, a prefix's own name in place of its URI.

    Prefixes stay apart, so that attributes stay apart. Anything but a declaration before the root leaves the notice
    as it is.
    """
    root = _ROOT.match(data)
    return _NAMESPACE.sub(_short, root[0]) + data[root.end() :] if root is not None else data


def _short(declared: re.Match[bytes]) -> bytes:
    return b'%b"%b:"' % (declared[1], declared[2]) if declared[2] else declared[1] + b'""'


def _between(data: bytes, opening: bytes, closing: bytes, at: int) -> tuple[int, int]:
    start = data.find(opening, at)
    end = data.find(closing, start) if start >= 0 else -1
    return (start, end) if end >= 0 else (-1, -1)


def _headings(data: bytes, start: int, end: int) -> bytes:
    """The headings in English and the languages of the notice."""
    stated = _ORIGINAL_LANGUAGES.findall(data, 0, start)
    languages = dict.fromkeys([b"EN", *b" ".join(stated).split()])
    kept = []
    for language in languages:
        at = data.find(b'<ML_TI_DOC LG="%b">' % language, start, end)
        if at >= 0:
            kept.append(data[at : data.find(b"</ML_TI_DOC>", at) + len(b"</ML_TI_DOC>")])
    return b"".join(kept)
