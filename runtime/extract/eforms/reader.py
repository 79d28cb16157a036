"""One eForms notice as rows."""

import re
from typing import Any

from lxml.etree import _Element as Element

from runtime.errors import TerminalError
from runtime.extract.eforms.changes import read_changes, read_payments
from runtime.extract.eforms.lots import give_period, read_criteria, read_lots, settle
from runtime.extract.eforms.organisations import Organisations
from runtime.extract.eforms.registrations import read_registrations
from runtime.extract.eforms.results import Result
from runtime.extract.eforms.shapes import PERIOD, PRIVACY, PROCESS, PROJECT, RESULT, ROOT, TERMS, UNDISCLOSED
from runtime.extract.eforms.tree import Found, content, gather, gather_into
from runtime.extract.notice import Notice, Row, notice_id
from runtime.schema.codes import eforms as codes

_SDK = re.compile(r"eforms-sdk-(\d+)\.(\d+).*")
_KNOWN_SDK = (1, 16)
_ISSUE = re.compile(r"(\d{1,5})/\d{4}")
# A notice says these of itself, or its lots do.
_LOT_FLAGS = ("is_framework", "is_dps", "is_electronic_auction", "is_gpa_covered", "is_eu_funded", "is_relaunched")
_WITH_CALL = ("open", "restricted", "neg-w-call", "comp-dial", "innovation")
_PLACES = ("nuts_codes", "place_countries", "place_regions")
# Groups of withheld fields that have a flag. Source: eForms SDK 1.16, code list undisclosed-data-group.
_VALUES, _STATISTICS = "ten-valu", "sub-stat"
_EXPECTED = (
    ("form_number", codes.SUBTYPES),
    ("form_type", codes.FORM_TYPES),
    ("notice_type", codes.NOTICE_TYPES),
    ("legal_basis", codes.LEGAL_BASES),
)


def read_eforms(root: Element) -> Notice:
    """Read one notice of any eForms subtype and SDK version.

    Parameters
    ----------
    root : root element of the notice, parsed without DTD and entities

    Returns
    -------
    The rows, without package_id and what is known of the member

    Raises
    ------
    TerminalError
        The notice has no usable publication number (attribute reason = no-notice-id).

    Source: eForms SDK, fields.json and codelists; Regulation (EU) 2019/1780, annex.
    """
    found = gather(root, ROOT)
    parts = {key: found.pop(key) for key in [*found] if key[0] == "_" and key != "_roles"}
    published = found.get("notice_id")
    identifier = notice_id(published)
    if identifier is None:
        raise TerminalError(
            "expected a publication number such as 00566194-2026 in efac:Publication/efbc:NoticePublicationID, "
            f"got {published!r}; the notice cannot be named and goes to quarantine",
            reason="no-notice-id",
        )
    notice = Notice(row=found)
    found["notice_id"] = identifier
    _finish_header(notice, parts)
    language = found.get("original_language")
    organisations = Organisations(notice, language)
    organisations.index(parts.get("_organisations", ()), parts.get("_owners", ()))
    buyers = organisations.add_buyers(parts.get("_buyers", ()))
    if buyers:
        found["buyer_name"] = buyers[0].get("name")
        found["buyer_country"] = buyers[0].get("country")
        # Departments of one organisation are one buyer.
        found["is_joint_procurement"] = len({row.get("organisation_id") or row["party_ordinal"] for row in buyers}) > 1
        found["is_central_purchasing"] = organisations.is_central(buyers)
    lots, lots_previous = read_lots(parts.get("_lots", ()), notice, organisations)
    _read_procedure(parts, notice, organisations, lots)
    found["previous_notices"] = [*dict.fromkeys([*found.pop("_previous", ()), *lots_previous])] or None
    _sum_up(found, lots)
    for element in parts.get("_results", ()):
        _read_result(element, notice, organisations, lots)
    _read_withheld(root, parts.get("_undisclosed", ()), notice)
    read_changes(parts.get("_changes", ()), "corrigendum", notice, language)
    read_changes(parts.get("_modifications", ()), "modification", notice, language)
    read_registrations(parts.get("_business", ()), parts.get("_capability"), notice, language)
    return notice


def _finish_header(notice: Notice, parts: Found) -> None:
    row: Found = notice.row
    row["format"] = "eforms"
    version = row.get("schema_version")
    sdk = _SDK.fullmatch(version or "")
    if sdk is None or (int(sdk[1]), int(sdk[2])) > _KNOWN_SDK:
        notice.warnings.append(f"newer-schema {version}")
    gazette = _ISSUE.fullmatch(parts.get("_gazette", ""))
    row["ojs_issue"] = int(gazette[1]) if gazette else None
    for element in parts.get("_type", ())[:1]:
        row["notice_type"] = content(element)
        form_type = element.get("listName")
        row["form_type"] = form_type or codes.FORM_TYPES_BY_SUBTYPE.get(row.get("form_number", ""))
    for column, known in _EXPECTED:
        code = row.get(column)
        if code is not None and code not in known:
            notice.code(column, code, known)
    languages = {*parts.get("_languages", ()), row.get("original_language")} - {None}
    row["language_count"] = len(languages) or None


def _read_procedure(parts: Found, notice: Notice, organisations: Organisations, lots: list[Row]) -> None:
    """Read what the notice says of the procedure as a whole."""
    row: Found = notice.row
    language = organisations.language
    for key, shape in (("_project", PROJECT), ("_process", PROCESS), ("_terms", TERMS)):
        for element in parts.get(key, ()):
            gather_into(element, shape, row, language)
    for period in row.pop("_period", ())[:1]:
        give_period(lots, gather(period, PERIOD), notice)
    for key in ("_maximum_in_extension", "_maximum_in_extension_currency"):
        if key in parts:
            row[key] = parts[key]
    justified, uncoded = row.pop("_direct_award", ()), row.pop("_uncoded", ())
    if row.get("procedure_type") not in _WITH_CALL:  # else a reason without code is one for haste
        justified = [*dict.fromkeys([*justified, *uncoded])]
    row["direct_award_text"] = "\n".join(justified) or None
    if "_business" in parts:
        for key, column in (("_announcements", "title"), ("_notes", "description")):
            row[column] = _original(parts.get(key, ()), language)
    row["title_en"] = row.get("title") if language == "ENG" else _english(parts)
    criteria = row.pop("_criteria", ())
    if "criteria" not in notice.children:  # The forms ask for criteria by lot; some senders repeat them here.
        read_criteria(criteria, notice, language, None, None)
    settle(row, notice, organisations)
    notice.check(row, codes.NOTICE_CODES)
    row["procedure_type"] = notice.code("procedure_type", row.get("procedure_type"), codes.PROCEDURE_TYPES)


def _original(elements: Any, language: str | None) -> str | None:
    ordered = sorted(elements, key=lambda element: element.get("languageID") != language)
    return next((value for value in map(content, ordered) if value is not None), None)


def _english(parts: Found) -> str | None:
    for project in parts.get("_project", ()):
        for element in project.iterchildren("{*}Name"):
            if element.get("languageID") == "ENG":
                return content(element)
    return None


def _sum_up(row: Row, lots: list[Row]) -> None:
    """Say of the notice what its lots say: techniques, places, the earliest deadline."""
    for column in _LOT_FLAGS:
        if row.get(column) is None:
            said = [lot[column] for lot in lots if lot.get(column) is not None]
            if said:
                row[column] = any(said)
    for column in _PLACES:
        places: dict[str, None] = {}
        for each in (row, *lots):
            said_here: Any = each.get(column)
            if said_here:
                places.update(dict.fromkeys(said_here))
        row[column] = [*places] or None
    if row.get("submission_deadline_date") is None:
        deadlines: list[Any] = [
            (lot["submission_deadline_date"], lot.get("submission_deadline_time") or "")
            for lot in lots
            if lot.get("submission_deadline_date")
        ]
        if deadlines:
            date, time = min(deadlines)
            row["submission_deadline_date"], row["submission_deadline_time"] = date, time or None


def _read_withheld(root: Element, undisclosed: Any, notice: Notice) -> None:
    """Name what is withheld: field by field beside the fields, from SDK 1.16 on by group, once for the notice."""
    withheld = [gather(element, PRIVACY) for element in root.iter("{*}FieldsPrivacy")]
    groups = [gather(element, UNDISCLOSED) for element in undisclosed]
    named = [each["code"] for each in withheld if "code" in each]
    in_groups = [code for each in groups for code in each.get("codes", ())]
    if not (named or in_groups):
        return
    row = notice.row
    row["withheld_fields"] = [*dict.fromkeys([*named, *in_groups])]
    days = [each["until"] for each in (*withheld, *groups) if each.get("until")]
    row["withheld_until"] = min(days) if days else None
    if _VALUES in in_groups:
        for table in ("tenders", "contracts"):
            for each in notice.rows(table):
                if each.get("tender_ordinal") is not None and each.get("value") is None:
                    each["is_value_withheld"] = True
    if _STATISTICS in in_groups:
        for each in notice.rows("lot_results"):
            each["are_tender_counts_withheld"] = True


def _read_result(element: Element, notice: Notice, organisations: Organisations, lots: list[Row]) -> None:
    """Append the rows of a notice result, and give notice and lots their values."""
    found = gather(element, RESULT)
    result = Result(notice, organisations, codes.WINNERS.get(str(notice.row.get("form_number")), "winner"))
    result.read(found)
    for column in ("total_value", "framework_max_value"):
        if column in found:
            notice.row[column], notice.row[f"{column}_currency"] = found[column], found[f"{column}_currency"]
    for lot in lots:
        maximum = result.maxima.get(str(lot.get("lot_id")))
        if maximum and lot.get("framework_max_value") is None:
            lot["framework_max_value"], lot["framework_max_value_currency"] = maximum
    read_payments(result.paid, notice)
