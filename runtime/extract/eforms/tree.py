"""One pass over an element's children: which local names lead where, and what is kept under which key."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from runtime.extract.values import amount, day

# What a shape keeps: elements by key, in published order.
Found = dict[str, list[etree._Element]]
# Written as nested mappings: local name -> key under which the element is kept, or what to keep of its children.
Outline = Mapping[str, "str | Outline"]

# Withheld text, and what some senders' templates leave behind.
MASKED = frozenset(("unpublished", "_DEFAULT_VALUE_CHANGE_ME_"))
PLACEHOLDER_DAY = "2000-01-01"
_CACHED_TAGS = 1024
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class Shape(dict[Any, "str | Shape | None"]):
    """An outline, looked up by full tag.

    Namespaces are left aside: senders use prefixes and extensions of their own. Each tag is taken apart once and
    remembered; `None` stands for 'nothing below here is kept'.
    """

    def __init__(self, outline: Outline) -> None:
        super().__init__()
        self._steps: dict[str, str | Shape] = {
            name: step if isinstance(step, str) else Shape(step) for name, step in outline.items()
        }

    def __missing__(self, tag: Any) -> "str | Shape | None":
        step = self._steps.get(tag.rpartition("}")[2]) if isinstance(tag, str) else None
        if len(self) < _CACHED_TAGS:  # A hostile file may bring names without end.
            self[tag] = step
        return step


def gather(element: etree._Element, shape: Shape) -> Found:
    """Collect what the shape keeps of an element, each child looked at once."""
    found: Found = {}
    _gather(element, shape, found)
    return found


def _gather(element: etree._Element, shape: Shape, found: Found) -> None:
    for child in element:
        step = shape[child.tag]
        if step is None:
            continue
        if step.__class__ is str:
            if step in found:
                found[step].append(child)
            else:
                found[step] = [child]
        else:
            _gather(child, step, found)  # type: ignore[arg-type]  # a step is a key or a shape


def extension(outline: Outline) -> Outline:
    """The outline, inside the wrappers of a UBL extension."""
    return {"UBLExtension": {"ExtensionContent": {"EformsExtension": outline}}}


def content(element: etree._Element) -> str | None:
    """Text of an element; NULL where it is empty or masked."""
    value = element.text
    if len(element):  # A comment or stray markup splits the text.
        value = "".join(str(part) for part in element.itertext(with_tail=True, tag=None) if part)
    value = value.strip() if value else None
    return None if not value or value in MASKED else value


def first(elements: list[etree._Element] | None) -> str | None:
    """Text of the first of the elements that has any."""
    if elements:
        for element in elements:
            value = content(element)
            if value is not None:
                return value
    return None


def texts(elements: list[etree._Element] | None) -> list[str]:
    """Texts of all elements that have any, without repeats."""
    if not elements:
        return []
    return list(dict.fromkeys(value for value in map(content, elements) if value is not None))


def original(elements: list[etree._Element] | None, language: str | None) -> str | None:
    """Text in the notice's language, else in the first language that has any."""
    if not elements:
        return None
    if len(elements) > 1:
        for element in elements:
            if element.get("languageID") == language:
                value = content(element)
                if value is not None:
                    return value
    return first(elements)


def flag(elements: list[etree._Element] | None) -> bool | None:
    """An indicator; senders write `true` and `1`."""
    return _FLAGS.get(first(elements) or "")


def date(elements: list[etree._Element] | None) -> str | None:
    """The published day; the placeholder that UBL makes senders fill in is NULL."""
    value = day(first(elements))
    return None if value == PLACEHOLDER_DAY else value


def money(elements: list[etree._Element] | None) -> tuple[str | None, str | None, bool]:
    """Amount, its currency, and whether both are withheld (`-1`, currency `unpublished`)."""
    if not elements:
        return None, None, False
    element = elements[0]
    currency = element.get("currencyID")
    value = amount(element.text)
    if value == "-1" or currency in MASKED or (value is None and (element.text or "").strip() in MASKED):
        return None, None, True
    return (None, None, False) if value is None else (value, currency, False)
