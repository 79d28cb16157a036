"""Reading elements of any TED_EXPORT namespace: tables by local name, and text."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, cast

from lxml import etree
from lxml.etree import _Element as Element

from runtime.extract.xml import local_name

V = TypeVar("V")

_string = etree.XPath("string()", smart_strings=False)
# The vocabulary of all forms is some 2,000 names in a dozen namespaces; made-up tags must not grow a table for ever.
_MOST_TAGS = 20_000


class ByName(dict[Any, V | None], Generic[V]):
    """A table by local name that is asked by tag: `table[element.tag]`, None where the name is not in it.

    Namespaces differ by schema version and edition, so only the local name counts. The answer is kept by tag: one
    look-up per element is what makes a notice cheap to read.

    Parameters
    ----------
    by_name : entries by local name
    other : entry of a name that is not in `by_name`
    """

    def __init__(self, by_name: Mapping[str, V], other: Callable[[str], V | None] | None = None) -> None:
        super().__init__()
        self._by_name = dict(by_name)
        self._other = other

    def __missing__(self, tag: object) -> V | None:
        name = local_name(tag)
        entry = self._by_name.get(name)
        if entry is None and name and self._other is not None:
            entry = self._other(name)
        if len(self) >= _MOST_TAGS:
            self.clear()
        self[tag] = entry
        return entry


class _Names(dict[Any, str]):
    def __missing__(self, tag: object) -> str:
        if len(self) >= _MOST_TAGS:
            self.clear()
        name = self[tag] = local_name(tag)
        return name


NAMES = _Names()
"""Local name by tag."""


def child(element: Element | None, name: str) -> Element | None:
    """First child with a local name."""
    if element is not None:
        for each in element:
            if NAMES[each.tag] == name:
                return each
    return None


def attribute(element: Element, name: str) -> str | None:
    """Value of an attribute; None where it is absent or blank."""
    value = element.get(name)
    return value.strip() or None if value else None


def string(element: Element) -> str:
    """All text below an element, inline markup joined with nothing, comments left out."""
    return (element.text or "") if not len(element) else cast(str, _string(element))


def words(text: str | None) -> str | None:
    """Text with each run of white space as one blank and none at its ends; None where nothing is left."""
    if not text:
        return None
    text = text.strip()
    if "\n" in text or "  " in text or "\t" in text or "\r" in text:
        text = " ".join(text.split())
    return text or None


def flat_text(element: Element) -> str | None:
    """Text of an element on one line, as for names and numbers, which have no paragraphs."""
    return words(string(element))


def text_of(element: Element) -> str | None:
    """All text of an element: paragraphs `P` on lines of their own, inline markup (`FT`) joined with nothing."""
    if not len(element):
        return words(element.text)
    lines: list[str | None] = []
    run = element.text
    loose: list[str] = []  # text and inline markup that stand in no paragraph
    for each in element:
        name = NAMES[each.tag]
        if name == "P":
            if run or loose:
                lines.append(words("".join((*loose, run or ""))))
                loose = []
            lines.append(words(each.text if not len(each) else string(each)))
        else:
            loose += (run or "", string(each) if name else "")
        run = each.tail
    if run or loose:
        lines.append(words("".join((*loose, run or ""))))
    if len(lines) == 1:
        return lines[0]
    return "\n".join(filter(None, lines)) or None
