"""Business registration notices (X01, X02): a company, no procurement."""

from lxml import etree

from runtime.extract.eforms.organisations import address
from runtime.extract.eforms.shapes import ADDRESS, BUSINESS
from runtime.extract.eforms.tree import Found, first, gather, original, texts
from runtime.extract.notice import Notice

ROLE = "registered-company"


def read_registration(root: Found, elements: list[etree._Element], notice: Notice, language: str | None) -> None:
    """Append the registered companies; the announcement is title and description of the notice."""
    notice.row["title"] = original(root.get("announcement"), language)
    notice.row["description"] = original(root.get("Note"), language)
    for element in elements:
        found = gather(element, BUSINESS)
        numbers = texts(found.get("national_id"))
        row = address(found)
        if row["country"] is None and "jurisdiction" in found:
            row = address(gather(found["jurisdiction"][0], ADDRESS))
        notice.add(
            "parties",
            {
                "role": ROLE,
                "name": original(found.get("name"), language),
                "national_id": numbers[0] if numbers else None,
                "other_national_ids": numbers[1:] or None,
                **row,
                "main_activity": first(root.get("capability")),
                "website": first(found.get("website")),
            },
        )
