"""Business registration notices (X01, X02): a company, no procurement."""

from collections.abc import Iterable

from lxml.etree import _Element as Element

from runtime.extract.eforms.organisations import finish
from runtime.extract.eforms.shapes import ADDRESS, BUSINESS
from runtime.extract.eforms.tree import gather, gather_into
from runtime.extract.notice import Notice

ROLE = "registered-company"


def read_registrations(elements: Iterable[Element], activity: str | None, notice: Notice, language: str | None) -> None:
    """Append the registered companies; one without address has the place of its register."""
    for element in elements:
        row = gather(element, BUSINESS, language)
        places = row.pop("_jurisdictions", ())
        if "country" not in row:
            for place in places:
                gather_into(place, ADDRESS, row, language)
        finish(row)
        row["role"] = ROLE
        row["main_activity"] = activity
        notice.add("parties", row)
