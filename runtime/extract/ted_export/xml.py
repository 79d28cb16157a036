"""Reading elements of any TED_EXPORT namespace: local names, text, attributes."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

_flat = etree.XPath("string()", smart_strings=False)
# Vocabulary of all forms is some 2,000 names in a dozen namespaces; made-up tags must not grow the cache for ever.
_MOST_NAMES = 50_000


class _Names(dict[Any, str]):
    """Local name by qualified tag; comments and processing instructions have the empty name."""

    def __missing__(self, tag: Any) -> str:
        if not isinstance(tag, str):
            return ""
        if len(self) >= _MOST_NAMES:
            self.clear()
        name = tag.rpartition("}")[2]
        self[tag] = name
        return name


NAMES = _Names()


def children(element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Local name and element of each child, in order; comments have an empty name."""
    for child in element:
        yield NAMES[child.tag], child


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """First child with a local name."""
    if element is not None:
        for each in element:
            if NAMES[each.tag] == name:
                return each
    return None


def words(text: str | None) -> str | None:
    """Text with each run of white space as one blank; None where nothing is left."""
    return " ".join(text.split()) or None if text else None


def text_of(element: etree._Element) -> str | None:
    """All text of an element: paragraphs `P` on lines of their own, inline markup (`FT`) joined with nothing."""
    if not len(element):
        return words(element.text)
    lines = []
    run = element.text or ""
    for each in element:
        name = NAMES[each.tag]
        if name == "P":
            lines.append(words(run))
            lines.append(words(each.text if not len(each) else _flat(each)))
            run = each.tail or ""
        else:
            if name:
                run += _flat(each)
            run += each.tail or ""
    lines.append(words(run))
    return "\n".join(filter(None, lines)) or None


def flat_text(element: etree._Element) -> str | None:
    """Text of an element on one line, as for names and numbers, which have no paragraphs."""
    return words(element.text if not len(element) else _flat(element))
