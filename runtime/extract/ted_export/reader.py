"""A TED_EXPORT document turned into rows."""

from lxml import etree

from runtime.errors import TerminalError
from runtime.extract.notice import Notice
from runtime.extract.ted_export.current import read_current
from runtime.extract.ted_export.draft import Draft
from runtime.extract.ted_export.header import Header, add_titles, finish, read_header
from runtime.extract.ted_export.older import read_older
from runtime.extract.ted_export.prose import read_prose
from runtime.extract.ted_export.xml import NAMES, attribute, child
from runtime.schema.codes.ted_export import CODED_NOTICE_TYPES, NOTICE_TYPES, UNTYPED_NOTICES

_KNOWN_VERSIONS = frozenset(
    f"R2.0.{release}.S{edition:02d}"
    for release, editions in ((7, 4), (8, 5), (9, 5))
    for edition in range(1, editions + 1)
)
_PROSE_FORMS = frozenset(("OTH_NOT", "EEIG"))
# Forms whose FORM attribute is no number of a form, or is missing.
_FORM_NUMBERS = {"OTH_NOT": "OTH_NOT", "EEIG": "EEIG", "PRIOR_INFORMATION_MOVE": "T01", "CONTRACT_MOVE": "T02"}


def read_ted_export(root: etree._Element) -> Notice:
    """Read a notice.

    Parameters
    ----------
    root : element TED_EXPORT, of any namespace

    Returns
    -------
    The notice with its rows. A schema newer than those known is read by the same rules and named in the warnings.

    Raises
    ------
    TerminalError
        The document has no usable publication number; attribute `reason` is `no-notice-id`.
    """
    sections = {NAMES[section.tag]: section for section in root}
    notice = Notice()
    header = read_header(notice, root, sections.get("CODED_DATA_SECTION"))
    if "notice_id" not in notice.row:
        published = root.get("DOC_ID") or notice.row.get("ojs_number")
        error = TerminalError(
            f"expected a publication number as DOC_ID (000001-2019) or NO_DOC_OJS, got {published!r}: "
            "look at the quarantined file",
            reason="no-notice-id",
            got=published,
        )
        error.reason = "no-notice-id"  # type: ignore[attr-defined]
        raise error
    form, language, english = _original_form(notice, sections.get("FORM_SECTION"))
    header.language = language or header.language
    draft = _draft(notice, root, form, header)
    if form is not None:
        profile = _profile(form)
        if profile == "current":
            read_current(draft, form)
        elif profile == "older":
            read_older(draft, form)
        else:
            read_prose(draft, form)
    add_titles(notice, sections.get("TRANSLATION_SECTION"), english if english is not form else None, header)
    finish(draft, header)
    return notice


def _original_form(
    notice: Notice, section: etree._Element | None
) -> tuple[etree._Element | None, str | None, etree._Element | None]:
    """The one form to read, its language where it is the original, and the English form.

    A notice is published in up to 24 languages; reading more than one would multiply its awards. Bilingual buyers
    send two or three originals: the first is taken, and its language is the notice's.
    """
    originals: list[etree._Element] = []
    english = None
    languages: dict[str | None, None] = {}
    first = None
    if section is not None:
        for form in section:
            name = NAMES[form.tag]
            if name == "NOTICE_UUID":
                notice.row["notice_uuid"] = (form.text or "").strip() or None
                continue
            if not name:
                continue
            if first is None:
                first = form
            language = form.get("LG")
            languages[language] = None
            if language == "EN" and english is None:
                english = form
            if form.get("CATEGORY") == "ORIGINAL":
                originals.append(form)
    notice.row["language_count"] = len(languages) or None
    if not originals:
        if first is None:
            notice.warnings.append("no-form")
            return None, None, None
        notice.warnings.append("no-original-form")
        return first, None, english
    return originals[0], attribute(originals[0], "LG"), english


def _profile(form: etree._Element) -> str:
    if NAMES[form.tag] not in _PROSE_FORMS:
        for element in form:
            name = NAMES[element.tag]
            if name in ("CONTRACTING_BODY", "OBJECT_CONTRACT"):
                return "current"
            if name.startswith("FD_"):
                return "older"
    return "prose"


def _draft(notice: Notice, root: etree._Element, form: etree._Element | None, header: Header) -> Draft:
    number = ""
    version = root.get("VERSION")
    if form is not None:
        name = NAMES[form.tag]
        number = _FORM_NUMBERS.get(name) or form.get("FORM") or name.partition("_")[0]
        if number.isdecimal():
            number = f"F{int(number):02d}"
        version = version or form.get("VERSION")
    row = notice.row
    row["form_number"] = number or None
    # R2.0.9.S03.E01: the edition E01 was always the first
    version = ".".join(version.split(".")[:4]) if version else None
    row["schema_version"] = version
    if version not in _KNOWN_VERSIONS:
        notice.warnings.append(f"newer-schema {version}" if version else "no-schema-version")
    kind = child(form, "NOTICE")
    types = None
    if kind is not None:
        types = NOTICE_TYPES.get(f"{number} {kind.get('TYPE')}")
    types = types or NOTICE_TYPES.get(number) or CODED_NOTICE_TYPES.get(header.document_type or "")
    if types is not None:
        row["notice_type"], row["form_type"] = types
    elif header.document_type not in UNTYPED_NOTICES:
        row["notice_type"] = notice.code("notice_type", header.document_type, {})
    return Draft(notice, number, types[1] if types is not None else None)
