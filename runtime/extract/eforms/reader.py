"""One eForms notice as rows."""

import re
from typing import cast

from lxml import etree

from runtime.errors import TerminalError
from runtime.extract.eforms.changes import notice_id, read_changes, read_payments
from runtime.extract.eforms.lots import project, read_criteria, read_lots, terms
from runtime.extract.eforms.organisations import Organisations
from runtime.extract.eforms.registrations import read_registration
from runtime.extract.eforms.results import Result
from runtime.extract.eforms.shapes import RESULT, ROOT
from runtime.extract.eforms.tree import Found, content, first, gather, money, texts
from runtime.extract.notice import Notice, Row
from runtime.extract.values import day
from runtime.schema.codes import eforms as codes

_SDK = re.compile(r"eforms-sdk-(\d+)\.(\d+).*")
_KNOWN_SDK = (1, 14)
_ISSUE = re.compile(r"(\d+)/\d{4}")
# A notice says these of itself, or its lots do.
_LOT_FLAGS = ("is_framework", "is_dps", "is_electronic_auction", "is_gpa_covered", "is_eu_funded")


def read_eforms(root: etree._Element) -> Notice:
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
    published = first(found.get("NoticePublicationID"))
    identifier = notice_id(published)
    if identifier is None:
        raise TerminalError(
            f"expected a publication number such as 00566194-2026 in efac:Publication/efbc:NoticePublicationID, "
            f"got {published!r}; the notice cannot be named and goes to quarantine",
            reason="no-notice-id",
        )
    notice = Notice()
    language = first(found.get("NoticeLanguageCode"))
    language = language.upper() if language else None
    notice.row = _header(found, notice, identifier, language)
    organisations = Organisations(notice, language)
    organisations.index(found.get("organisation", []))
    buyers = organisations.add_buyers(found.get("buyer", []))
    lots = read_lots(found.get("lot", ()), notice, organisations)
    _procedure(found, notice, organisations, lots)
    if buyers:
        notice.row["buyer_name"] = buyers[0].get("name")
        notice.row["buyer_country"] = buyers[0].get("country")
        notice.row["is_joint_procurement"] = len(buyers) > 1
        notice.row["is_central_purchasing"] = organisations.is_central(buyers)
    previous = texts(found.get("previous"))
    for _, inner in lots:
        previous += texts(inner.get("previous"))
    for element in found.get("result", ()):
        previous += _result(element, notice, organisations, lots)
    notice.row["previous_notices"] = list(dict.fromkeys(previous)) or None
    for element in found.get("changes", ()):
        read_changes(element, "corrigendum", notice, language)
    for element in found.get("modification", ()):
        read_changes(element, "modification", notice, language)
    if "business" in found:
        read_registration(found, found["business"], notice, language)
    for ordinals, table in (("party_ordinal", "parties"), ("criterion_ordinal", "criteria"), ("change_ordinal", "changes")):
        for ordinal, row in enumerate(notice.children.get(table, ()), 1):
            row[ordinals] = ordinal
    return notice


def _header(found: Found, notice: Notice, identifier: str, language: str | None) -> Row:
    types = found.get("NoticeTypeCode")
    version = first(found.get("CustomizationID"))
    sdk = _SDK.fullmatch(version or "")
    if sdk is None or (int(sdk[1]), int(sdk[2])) > _KNOWN_SDK:
        notice.warnings.append(f"newer-schema {version}")
    gazette = _ISSUE.fullmatch(first(found.get("GazetteID")) or "")
    languages = texts(found.get("languages"))
    return {
        "notice_id": identifier,
        "publication_date": day(first(found.get("PublicationDate"))),
        "ojs_issue": int(gazette[1]) if gazette else None,
        "format": "eforms",
        "schema_version": version,
        "form_number": notice.code("form_number", first(found.get("subtype")), codes.SUBTYPES),
        "form_type": notice.code("form_type", types[0].get("listName") if types else None, codes.FORM_TYPES),
        "notice_type": notice.code("notice_type", first(types), codes.NOTICE_TYPES),
        "notice_uuid": first(found.get("notice_uuid")),
        "notice_version": first(found.get("VersionID")),
        "procedure_id": first(found.get("ContractFolderID")),
        "legal_basis": notice.code("legal_basis", first(found.get("RegulatoryDomain")), codes.LEGAL_BASES),
        "original_language": language,
        "language_count": len({language, *languages}) if language else len(languages) or None,
        "dispatch_date": day(first(found.get("IssueDate"))),
    }


def _procedure(found: Found, notice: Notice, organisations: Organisations, lots: list[tuple[Row, Found]]) -> None:
    row = notice.row
    row.update(project(found, notice, organisations.language))
    row.update(terms(found))
    row["title_en"] = _english(found, organisations.language)
    row["reference_number"] = first(found.get("project_id"))
    row["procedure_type"] = notice.code("procedure_type", first(found.get("procedure")), codes.PROCEDURE_TYPES)
    row["is_accelerated"] = _accelerated(found)
    read_criteria(found, notice, organisations.language, None, None)
    organisations.add_roles(found)
    rows = [lot for lot, _ in lots]
    for column in _LOT_FLAGS:
        said = [lot[column] for lot in rows if lot[column] is not None]
        if row[column] is None and said:
            row[column] = any(said)
    row["nuts_codes"] = _union(row, rows, "nuts_codes")
    if row.get("submission_deadline_date") is None:
        deadlines = [
            (str(lot["submission_deadline_date"]), cast(str | None, lot["submission_deadline_time"]))
            for lot in rows
            if lot.get("submission_deadline_date")
        ]
        if deadlines:
            first_day, time = min(deadlines, key=lambda deadline: (deadline[0], deadline[1] or ""))
            row["submission_deadline_date"] = first_day
            row["submission_deadline_time"] = time


def _union(row: Row, lots: list[Row], column: str) -> list[str] | None:
    """Codes of the procedure, then those of its lots, without repeats."""
    codes_of = (cast(list[str], each[column]) for each in (row, *lots) if each[column])
    return list(dict.fromkeys(code for codes_ in codes_of for code in codes_)) or None


def _english(found: Found, language: str | None) -> str | None:
    names = found.get("Name", [])
    for element in names:
        if (element.get("languageID") or (language if len(names) == 1 else None)) == "ENG":
            return content(element)
    return None


def _accelerated(found: Found) -> bool | None:
    for element in found.get("reason", ()):
        if element.get("listName") == "accelerated-procedure":
            return {"true": True, "1": True, "false": False, "0": False}.get(content(element) or "")
    return None


def _result(
    element: etree._Element, notice: Notice, organisations: Organisations, lots: list[tuple[Row, Found]]
) -> list[str]:
    """Append the rows of a notice result; the earlier notices that its contracts cite."""
    found = gather(element, RESULT)
    result = Result(notice, organisations)
    result.read(found)
    row = notice.row
    row["total_value"], row["total_value_currency"], _ = money(found.get("TotalAmount"))
    value, currency, _ = money(found.get("OverallMaximumFrameworkContractsAmount"))
    if value is not None:
        row["framework_max_value"], row["framework_max_value_currency"] = value, currency
    for lot, _found in lots:
        maximum = result.maxima.get(str(lot["lot_id"]))
        if maximum and lot["framework_max_value"] is None:
            lot["framework_max_value"], lot["framework_max_value_currency"] = maximum
    read_payments(result.paid, notice, organisations.language)
    return result.previous
