"""A notice in the making, and what the forms of all versions have in common: parties, criteria, lots, numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from lxml import etree

from runtime.extract.notice import Notice, Row
from runtime.extract.ted_export.xml import NAMES, ByName, attribute, children, flat_text, string, text_of, words
from runtime.extract.values import amount
from runtime.schema.codes.places import COUNTRIES

T = TypeVar("T")

Reader = Callable[["Draft", T, etree._Element], None]


class Readers(ByName[Reader[T]]):
    """Which function reads an element, by its local name: into a row, or into an award block."""


_ADDRESS_LINES = ByName(
    {
        "OFFICIALNAME": "name",
        "ADDRESS": "street",
        "TOWN": "town",
        "POSTAL_CODE": "postcode",
        "URL_GENERAL": "website",
        "URL": "website",
    }
)


@dataclass(slots=True)
class Draft:
    """What is known of a notice while its form is read.

    Attributes
    ----------
    notice : the rows so far
    form : form number with two digits (F03)
    form_type : BT-03, as planning or result
    lot_ids : lots that the form has described so far, as published
    buyer : row of the first buyer, which the form's type and activity describe; empty before
    changed : first earlier notice that the form names, which is the one that a correction or modification changes
    """

    notice: Notice
    form: str
    form_type: str | None
    lot_ids: set[str] = field(default_factory=set)
    changed: str | None = None
    buyer: Row = field(default_factory=dict)

    def add(self, table: str, ordinal: str, row: Row) -> int:
        """Append a row under the next ordinal, which is returned."""
        rows = self.notice.children.setdefault(table, [])
        rows.append(row)
        number = row[ordinal] = len(rows)
        return number

    def previous(self, reference: str | None) -> None:
        """Remember an earlier notice that the form names."""
        if reference:
            self.changed = self.changed or reference
            append(self.notice.row, "previous_notices", reference)

    def lots_named(self, reference: str | None) -> list[str] | None:
        """Lots that a text names: as published, but split where each part is the id of a described lot."""
        if not reference:
            return None
        if self.lot_ids and reference not in self.lot_ids:
            names = [name.strip() for name in reference.replace(";", ",").split(",")]
            if len(names) > 1 and self.lot_ids.issuperset(names):
                return names
        return [reference]

    def country(self, published: str | None) -> str | None:
        """ISO 3166-1 alpha-3 of a published country code."""
        if not published:
            return None
        return COUNTRIES.get(published) or self.notice.code("country", published, COUNTRIES)

    def money(self, text: str | None, column: str) -> str | None:
        """A published amount; one that cannot be read is named in the warnings."""
        value = amount(text)
        if value is None and text and text.strip():
            self.notice.warnings.append(f"unreadable-amount {column}={words(text)}")
        return value

    def number(self, text: str | None, column: str) -> str | None:
        """A published duration or percentage, which columns of numbers hold with 12 digits before the point."""
        value = self.money(text, column)
        if value is not None and len(value.lstrip("-").partition(".")[0]) > 12:
            self.notice.warnings.append(f"unreadable-amount {column}={value}")
            return None
        return value

    def address(self, element: etree._Element, role: str) -> Row:
        """An address block (R2.0.9) as a row of `parties`, which is not added yet."""
        row: Row = {"role": role}
        for child in children(element):
            column = _ADDRESS_LINES[child.tag]
            if column is not None:
                if column not in row:
                    row[column] = words(child.text if not len(child) else string(child))
                continue
            name = NAMES[child.tag]
            if name == "COUNTRY":
                row["country"] = self.country(attribute(child, "VALUE"))
            elif name == "NUTS":
                row.setdefault("nuts_code", attribute(child, "CODE"))
            elif name == "NATIONALID":
                self.national_id(row, flat_text(child))
        return row

    def national_id(self, row: Row, published: str | None) -> None:
        """Keep a registration number as published; one without a digit (`n/a`, `PL`) is named in the warnings."""
        if not published:
            return
        if published.isalpha() or not any(map(str.isdigit, published)):
            self.notice.warnings.append(f"odd-national-id {published}")
        if row.get("national_id"):
            append(row, "other_national_ids", published)
        else:
            row["national_id"] = published

    def party(self, row: Row) -> int:
        """Add a row of `parties`; the first buyer is also named in the notice's row."""
        notice_row = self.notice.row
        if row["role"] == "buyer" and not self.buyer:
            self.buyer = row
            notice_row["buyer_name"] = row.get("name")
            notice_row["buyer_country"] = row.get("country")
        return self.add("parties", "party_ordinal", row)

    def criterion(self, lot: Row | None, kind: str | None, element: etree._Element) -> None:
        """Add an award criterion with its `AC_CRITERION` and `AC_WEIGHTING`."""
        row: Row = {"kind": kind}
        if lot is not None:
            row["lot_ordinal"] = lot.get("lot_ordinal")
            row["lot_id"] = lot.get("lot_id")
        for child in element:
            column = _CRITERION[child.tag]
            if column == "name":
                row["name"] = text_of(child)
            elif column == "weight":
                weigh(row, flat_text(child))
        self.add("criteria", "criterion_ordinal", row)


_CRITERION = ByName({"AC_CRITERION": "name", "AC_WEIGHTING": "weight"})


def read(readers: Readers[T], draft: Draft, target: T, parent: etree._Element | Sequence[etree._Element]) -> None:
    """Let each child be read by the reader of its name, in order; children without one are left."""
    for element in children(parent):
        reader = readers[element.tag]
        if reader is not None:
            reader(draft, target, element)


def append(row: Row, column: str, value: str | None) -> None:
    """Append to a list column; `unique` takes repeats out when all is read."""
    if value:
        values = row.get(column)
        if isinstance(values, list):
            values.append(value)
        else:
            row[column] = [value]


def unique(row: Row, *columns: str) -> None:
    """Take repeats out of list columns."""
    for column in columns:
        values = row.get(column)
        if isinstance(values, list) and len(values) > 1:
            row[column] = list(dict.fromkeys(values))


def weigh(row: Row, text: str | None) -> None:
    """Set the weight of a criterion: as published, and as a number where it is one (`30`, `30 %`, `30,5`)."""
    if not text:
        return
    row["weight_text"] = text
    number = amount(text.removesuffix("%").replace(",", "."))
    if number is not None and len(number) <= 12:
        row["weight_number"] = number
        if text.endswith("%"):
            row["weight_unit"] = "per-exa"


def local_amount(text: str | None) -> str | None:
    """An amount in a local way of writing (`878 000,00`, `1.234.567,8`, `3407173370.00`) as plain decimal text.

    A last comma or point is decimal unless it occurs twice. `1,234` alone could be either and is None.
    """
    digits = "".join(text.split()).replace("'", "").replace("’", "") if text else ""
    comma, point = digits.count(","), digits.count(".")
    if comma and point:
        decimal, thousands = (",", ".") if digits.rfind(",") > digits.rfind(".") else (".", ",")
        if digits.count(decimal) > 1:
            return None
        digits = digits.replace(thousands, "").replace(decimal, ".")
    elif comma > 1 or point > 1:
        digits = digits.replace(",", "").replace(".", "")
    elif comma:
        whole, _, fraction = digits.partition(",")
        if len(fraction) == 3 and whole.lstrip("-0"):
            return None
        digits = f"{whole}.{fraction}"
    return amount(digits)
