"""One pass over an element's children: which local names lead where, and what is read of each into which column.

This is the hot path: a day has some 1.7 million elements. So a shape is looked up by the full tag, in one dict
lookup, texts go straight into the row, and whatever no shape names is passed over unread.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from lxml.etree import _Element as Element

from runtime.extract.values import amount as _amount
from runtime.extract.values import day
from runtime.extract.values import number as _number
from runtime.extract.xml import children, local_name

# Columns of a row, beside keys that start with an underscore and never reach a table.
Found = dict[str, Any]
Convert = Callable[[str], Any]
# How an element is read, where its plain text is not enough: (element, key, convert, found, language)
Reader = Callable[[Element, str, Any, Found, "str | None"], None]
Step = tuple[str, Any, "Reader | None"]
Outline = Mapping[str, "Step | Outline"]

# An indicator; senders write `true` and `1`.
flag: Convert = {"true": True, "1": True, "false": False, "0": False}.get
_UNPUBLISHED = "unpublished"
# Withheld text, what some senders' templates leave behind, and the EU code lists' entry for data to come.
MASKED = frozenset((_UNPUBLISHED, "_DEFAULT_VALUE_CHANGE_ME_", "OP_DATPRO"))
PLACEHOLDER_DAY = "2000-01-01"
ROLES = "_roles"  # Key of the references to organisations: (role, identifier) each
_CACHED_TAGS = 1024
_FEW = 32  # up to here, looking through a list beats a set
amount = lru_cache(maxsize=4096)(_amount)  # weights and round sums come again and again


class _Distinct(list[Any]):
    """A long list without repeats: a notice with a hundred thousand codes is still read in linear time."""

    def __init__(self, values: list[Any]) -> None:
        super().__init__(values)
        self._seen = set(values)

    def add(self, value: Any) -> None:
        if value not in self._seen:
            self._seen.add(value)
            self.append(value)


class Shape(dict[Any, "Step | Shape | None"]):
    """An outline, looked up by full tag.

    Namespaces are left aside: senders use prefixes and extensions of their own. Each tag is taken apart once and
    remembered; `None` stands for 'nothing below here is read'.
    """

    def __init__(self, outline: Outline) -> None:
        super().__init__()
        self._steps: dict[str, Step | Shape] = {
            name: step if isinstance(step, tuple) else Shape(step) for name, step in outline.items()
        }

    def __missing__(self, tag: Any) -> "Step | Shape | None":
        step = self._steps.get(local_name(tag))
        if len(self) < _CACHED_TAGS:  # A hostile file may bring names without end.
            self[tag] = step
        return step


def gather(element: Element, shape: Shape, language: str | None = None) -> Found:
    """Read what the shape names of an element, each child looked at once."""
    found: Found = {}
    gather_into(element, shape, found, language)
    return found


def gather_into(element: Element, shape: Shape, found: Found, language: str | None) -> None:
    """Read what the shape names of an element into a row; the first value of a column stays."""
    for child in element[:]:  # type: ignore[index]  # as children, without the call; the stubs know no slices
        step = shape[child.tag]
        if step is None:
            continue
        if step.__class__ is Shape:
            gather_into(child, step, found, language)
            continue
        key, convert, read = step
        if read is not None:
            read(child, key, convert, found, language)
        elif key not in found:
            value = child.text
            if value:
                value = value.strip()
                if value and value not in MASKED:
                    found[key] = value if convert is None else convert(value)


def content(element: Element) -> str | None:
    """Text of an element; NULL where it is empty or masked."""
    value = element.text
    if len(element):  # A comment splits the text.
        value = "".join([value or "", *(child.tail or "" for child in element)])
    if value:
        value = value.strip()
        if value and value not in MASKED:
            return value
    return None


@lru_cache(maxsize=4096)
def date(text: str) -> str | None:
    """The published day; the placeholder that UBL makes senders fill in is NULL."""
    value = day(text)
    return None if value == PLACEHOLDER_DAY else value


@lru_cache(maxsize=4096)
def number(text: str) -> str | None:
    """A number; the mask -1 is NULL."""
    value = _number(text)
    return None if value == "-1" else value


def text(key: str, convert: Convert | None = None) -> Step:
    """Step: the text, in the first element that has any."""
    return key, convert, None


def words(key: str) -> Step:
    """Step: text that comes once per language; the notice's own, else the first."""
    return key, None, _read_words


def line(key: str) -> Step:
    """Step: as `words`, for names and titles: breaks inside are a matter of layout."""
    return key, _one_line, _read_words


def wrapped_line(key: str) -> Step:
    """Step: as `line`, one level down, where a wrapper has children of one name only."""
    return key, _one_line, _read_wrapped_words


def wrapped(key: str, convert: Convert | None = None) -> Step:
    """Step: as `text`, one level down, where a wrapper has children of one name only."""
    return key, convert, _read_wrapped


def texts(key: str, convert: Convert | None = None) -> Step:
    """Step: all texts, in published order, without repeats."""
    return key, convert, _read_texts


def wrapped_texts(key: str, convert: Convert | None = None) -> Step:
    """Step: as `texts`, one level down, where a wrapper has children of one name only."""
    return key, convert, _read_wrapped_texts


def elements(key: str) -> Step:
    """Step: the elements themselves, for a shape of their own."""
    return key, None, _read_elements


def money(key: str, *, withheld: str | None = None) -> Step:
    """Step: an amount, with its currency in the column beside; `withheld` is the key that tells of a mask."""
    return key, withheld, _read_money


def party(role: str) -> Outline:
    """Outline: references to organisations in a role."""
    return {"PartyIdentification": (role, None, _read_party)}


def by_list(steps: Mapping[str, Step]) -> Step:
    """Step: a code whose @listName says what it is about; codes of other lists are passed over."""
    return "", steps, _read_by_list


def measure(key: str, unit: str, convert: Convert) -> Step:
    """Step: a quantity, with its @unitCode in the column `unit`."""
    return key, (unit, convert), _read_measure


def extension(outline: Outline) -> Step:
    """Step: what is inside the wrappers of a UBL extension."""
    return "", Shape(outline), _read_extension


def _one_line(value: str) -> str:
    return " ".join(value.split()) if "\n" in value else value


def _read_words(element: Element, key: str, convert: Any, found: Found, language: str | None) -> None:
    if key in found and element.get("languageID") != language:
        return
    value = content(element)
    if value is not None and not (key in found and _is_repeated(element, language)):
        found[key] = value if convert is None else convert(value)


def _is_repeated(element: Element, language: str | None) -> bool:
    """Whether a text in the language stands before; the first of them stays."""
    before = element.itersiblings(element.tag, preceding=True)
    return any(each.get("languageID") == language and content(each) is not None for each in before)


def _read_text(element: Element, key: str, convert: Any, found: Found, _: str | None) -> None:
    if key not in found:
        value = content(element)
        if value is not None:
            found[key] = value if convert is None else convert(value)


def _read_by_list(element: Element, _key: str, steps: Any, found: Found, language: str | None) -> None:
    step = steps.get(element.get("listName"))
    if step is not None:
        key, convert, read = step
        (read or _read_text)(element, key, convert, found, language)


def _read_measure(element: Element, key: str, how: Any, found: Found, _: str | None) -> None:
    unit, convert = how
    value = convert(element.text or "")
    if value is not None and key not in found:
        found[key] = value
        found[unit] = (element.get("unitCode") or "").upper() or None


def _read_wrapped_words(element: Element, key: str, convert: Any, found: Found, language: str | None) -> None:
    for child in children(element):
        if child.__class__ is Element:  # no comment
            _read_words(child, key, convert, found, language)


def _read_wrapped(element: Element, key: str, convert: Any, found: Found, _: str | None) -> None:
    if key not in found:
        for child in children(element):
            value = content(child) if child.__class__ is Element else None
            if value is not None:
                found[key] = value if convert is None else convert(value)
                return


def _read_texts(element: Element, key: str, convert: Any, found: Found, _: str | None) -> None:
    value = content(element)
    if value is not None:
        if convert is not None:
            value = convert(value)
        values = found.get(key)
        if values is None:
            found[key] = [value]
        elif len(values) < _FEW:
            if value not in values:
                values.append(value)
        else:
            if values.__class__ is list:
                values = found[key] = _Distinct(values)
            values.add(value)


def _read_wrapped_texts(element: Element, key: str, convert: Any, found: Found, _: str | None) -> None:
    for child in children(element):
        if child.__class__ is Element:
            _read_texts(child, key, convert, found, None)


def _read_elements(element: Element, key: str, _convert: Any, found: Found, _: str | None) -> None:
    if key in found:
        found[key].append(element)
    else:
        found[key] = [element]


def _read_money(element: Element, key: str, withheld: str | None, found: Found, _: str | None) -> None:
    if key in found:
        return
    currency = element.get("currencyID")
    value = amount(element.text)
    if value == "-1" or currency == _UNPUBLISHED or (value is None and (element.text or "").strip() == _UNPUBLISHED):
        if withheld is not None:
            found[withheld] = True
    elif value is not None:
        found[key] = value
        found[key + "_currency"] = None if currency in MASKED else (currency or "").strip() or None


def _read_party(element: Element, role: str, _convert: Any, found: Found, _: str | None) -> None:
    for child in children(element):
        value = content(child) if child.__class__ is Element else None
        if value is not None:
            roles = found.get(ROLES)
            if roles is None:
                found[ROLES] = [(role, value)]
            else:
                roles.append((role, value))


def _read_extension(element: Element, _key: str, shape: Any, found: Found, language: str | None) -> None:
    for wrapper in children(element):
        for inner in children(wrapper):
            for innermost in children(inner):
                gather_into(innermost, shape, found, language)
