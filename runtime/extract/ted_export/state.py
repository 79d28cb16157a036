"""What is known of a TED_EXPORT notice while it is read, in forms of all versions."""

import re
from dataclasses import dataclass, field
from typing import Any

from lxml.etree import _Element as Element

from runtime.extract.notice import Notice, Row
from runtime.extract.ted_export.xml import words
from runtime.extract.values import amount, number

_DASH = re.compile(r"\s*[-–—]\s*")
_BETWEEN_LOTS = re.compile(r"[\s,;.:/+&]+")
# Between the numbers of lots, in the languages of the Union.
_AND = frozenset(
    (
        "and", "et", "und", "e", "y", "i", "a", "en", "og", "och", "ja", "și", "si", "in", "és", "ir", "un", "ve",
        "και", "и", "u",
    )
)  # fmt: skip


@dataclass(slots=True)
class Award:
    """The rows of an award block while it is read.

    Attributes
    ----------
    others : parties that are not winners, such as those who own one
    is_awarded : None where the block does not say
    is_withheld : the part that is being read is not for publication
    """

    result: Row = field(default_factory=dict)
    contract: Row = field(default_factory=dict)
    tender: Row = field(default_factory=dict)
    winners: list[Row] = field(default_factory=list)
    others: list[Row] = field(default_factory=list)
    is_awarded: bool | None = None
    is_withheld: bool = False


@dataclass(slots=True)
class State:
    """A notice in the making.

    Attributes
    ----------
    notice : the rows so far
    coded : what the coded section says, as published
    language : of the form that is read, as published
    form : form number with two digits (F03)
    form_type : BT-03, as planning or result
    lot_ids : lots that the form has described so far, as published
    buyer : row of the first buyer, which the form's type and activity describe; empty before
    changed : first earlier notice that the form names, which is the one that a correction or modification changes
    lot, award : row or award block that is being read
    whole : what an older form says of the contract as a whole, in columns of `lots`
    framework : estimated total of a framework agreement, in an older form
    quantity : quantity or scope of the whole, in an older form
    reason : why an older form corrects the original notice
    value_of_award : costs that a form says before the award that they belong to
    """

    notice: Notice
    coded: dict[str, Any] = field(default_factory=dict)
    language: str | None = None
    form: str = ""
    form_type: str | None = None
    lot_ids: set[str] = field(default_factory=set)
    buyer: Row = field(default_factory=dict)
    changed: str | None = None
    lot: Row | None = None
    award: Award | None = None
    whole: Row = field(default_factory=dict)
    framework: Row | None = None
    quantity: str | None = None
    reason: str | None = None
    value_of_award: Element | None = None

    @property
    def object(self) -> Row:
        """Row that describes what is bought: the lot's, else the whole's."""
        return self.whole if self.lot is None else self.lot

    def lots_named(self, reference: str | None) -> list[str] | None:
        """Lots that a text names: as published, but taken apart (`1, 2`, `1-3 and 5`) where it names described lots."""
        if not reference:
            return None
        if self.lot_ids and reference not in self.lot_ids:
            names = [name.strip() for name in reference.replace(";", ",").split(",")]
            if len(names) > 1 and self.lot_ids.issuperset(names):
                return [*dict.fromkeys(names)]
            words = [word for word in _BETWEEN_LOTS.split(_DASH.sub("-", reference)) if word and word not in _AND]
            lots = [lot for word in words for lot in self._lots_from(word)]
            if len(lots) > 1 and self.lot_ids.issuperset(lots):
                return [*dict.fromkeys(lots)]
        return [reference]

    def _lots_from(self, word: str) -> list[str]:
        """The word, or where it is a range of numbers such as `1-3` these."""
        first, dash, last = word.partition("-")
        if word in self.lot_ids or not (dash and first.isdecimal() and last.isdecimal()):
            return [word]
        numbers = range(int(first), int(last) + 1) if len(first) < 6 and len(last) < 6 else ()
        return [str(number) for number in numbers] if 1 < len(numbers) <= len(self.lot_ids) else [word]

    def money(self, text: str | None, column: str) -> str | None:
        """A published amount; one that cannot be read is named in the warnings."""
        value = amount(text)
        if value is None and text and text.strip():
            self.notice.warnings.append(f"unreadable-amount {column}={words(text)}")
        return value

    def number(self, text: str | None, column: str) -> str | None:
        """A published duration or percentage; one that no column of numbers holds is named in the warnings."""
        value = self.money(text, column)
        if value is not None and number(value) is None:
            self.notice.warnings.append(f"unreadable-amount {column}={value}")
            return None
        return value

    def party(self, row: Row) -> None:
        """Add a row of `parties`; the first buyer is also named in the notice's row."""
        if row["role"] == "buyer" and not self.buyer:
            self.buyer = row
            self.notice.row["buyer_name"] = row.get("name")
            self.notice.row["buyer_country"] = row.get("country")
        self.notice.add("parties", row)
