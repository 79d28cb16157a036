"""A TED_EXPORT document turned into rows."""

from collections.abc import Callable

from lxml.etree import _Element as Element

from runtime.errors import TerminalError
from runtime.extract.notice import Notice
from runtime.extract.ted_export.current import read_current
from runtime.extract.ted_export.header import add_titles, finish, read_header
from runtime.extract.ted_export.older import read_older
from runtime.extract.ted_export.prose import read_prose
from runtime.extract.ted_export.state import State
from runtime.extract.ted_export.xml import NAMES, attribute, child
from runtime.schema.codes.ted_export import CODED_NOTICE_TYPES, NOTICE_TYPES, UNTYPED_NOTICES

_KNOWN_VERSIONS = frozenset(
    f"R2.0.{release}.S{edition:02d}"
    for release, editions in ((7, 4), (8, 5), (9, 5))
    for edition in range(1, editions + 1)
)
# TD_DOCUMENT_TYPE of prior information and periodic indicative notices that call for competition.
_CALLS = frozenset("AM")
_PROSE_FORMS = frozenset(("OTH_NOT", "EEIG"))
# Forms whose FORM attribute is no number of a form, or is missing.
_FORM_NUMBERS = {"OTH_NOT": "OTH_NOT", "EEIG": "EEIG", "PRIOR_INFORMATION_MOVE": "T01", "CONTRACT_MOVE": "T02"}


def read_ted_export(root: Element) -> Notice:
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
    state = State(notice)
    read_header(state, root, sections.get("CODED_DATA_SECTION"))
    if notice.row["notice_id"] is None:
        published = root.get("DOC_ID") or notice.row.get("ojs_number")
        raise TerminalError(
            f"expected a publication number as DOC_ID (000001-2019) or NO_DOC_OJS, got {published!r}: "
            "look at the quarantined file",
            reason="no-notice-id",
            got=published,
        )
    form, language, english = _original_form(notice, sections.get("FORM_SECTION"))
    state.language = language or state.language
    _classify(state, root, form)
    if form is not None:
        _reader_of(form)(state, form)
    add_titles(state, sections.get("TRANSLATION_SECTION"), english if english is not form else None)
    finish(state)
    return notice


def _original_form(notice: Notice, section: Element | None) -> tuple[Element | None, str | None, Element | None]:
    """The one form to read, its language where it is the original, and the English form.

    A notice is published in up to 24 languages; reading more than one would multiply its awards. Bilingual buyers
    send two or three originals: the first is taken, and its language is the notice's.
    """
    originals: list[Element] = []
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


def _reader_of(form: Element) -> Callable[[State, Element], None]:
    if NAMES[form.tag] not in _PROSE_FORMS:
        for element in form:
            name = NAMES[element.tag]
            if name in ("CONTRACTING_BODY", "OBJECT_CONTRACT"):
                return read_current
            if name.startswith("FD_"):
                return read_older
    return read_prose


def _classify(state: State, root: Element, form: Element | None) -> None:
    """Say which form it is, of which schema, and what kind of notice that makes."""
    notice, number, document_type = state.notice, "", state.coded.get("notice_type_raw")
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
    elif document_type in _CALLS:  # R2.0.8 has no such element
        types = CODED_NOTICE_TYPES[document_type]
    types = types or NOTICE_TYPES.get(number) or CODED_NOTICE_TYPES.get(document_type or "")
    if types is not None:
        row["notice_type"], row["form_type"] = types
    elif document_type not in UNTYPED_NOTICES:
        row["notice_type"] = notice.code("notice_type", document_type, {})
    state.form, state.form_type = number, types[1] if types is not None else None
