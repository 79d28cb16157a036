"""What the readers of both families of formats need of an XML element."""

from collections.abc import Callable, Sequence
from operator import itemgetter

from lxml.etree import _Element as Element

# A list made in C: that takes half the time of an element's own iterator.
children: Callable[[Element | Sequence[Element]], Sequence[Element]] = itemgetter(slice(None))


def local_name(tag: object) -> str:
    """Name of a tag without its namespace; comments and processing instructions have none."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
