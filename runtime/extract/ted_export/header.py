"""The coded section, which all versions share, the titles in English, and what a form leaves to the coded section."""

from collections.abc import Iterable, Sequence

from lxml.etree import _Element as Element

from runtime.extract.notice import Notice, Row, as_list, notice_id
from runtime.extract.ted_export.award import give_value
from runtime.extract.ted_export.fields import (
    Readers,
    append,
    code_of,
    column,
    count_of,
    day_of,
    every,
    first,
    local_amount,
    nuts_of,
    read,
    unique,
)
from runtime.extract.ted_export.state import State
from runtime.extract.ted_export.xml import NAMES, attribute, child, flat_text, text_of
from runtime.extract.values import amount, day, time_of_day
from runtime.schema.codes.places import COUNTRIES, LANGUAGES
from runtime.schema.codes.ted_export import (
    ACCELERATED_PROCEDURES,
    CODED_LEGAL_TYPES,
    CODED_MAIN_ACTIVITIES,
    CODED_PROCEDURE_TYPES,
    CONTRACT_NATURES,
    LEGAL_BASES,
)

# What of the coded section are columns of notices as they are; the rest is for what the form leaves open.
_COLUMNS = ("ojs_issue", "ojs_number", "publication_date", "dispatch_date", "notice_type_raw", "procedure_type_raw")


_LOWEST_PRICE = "1"  # AC_AWARD_CRIT
_CPV_CODES = every("cpv", code_of)
_TOTALS = {"PROCUREMENT_TOTAL": "total_value", "ESTIMATED_TOTAL": "estimated_value"}  # VALUES/VALUE@TYPE


def ojs_notice_id(text: str | None) -> str | None:
    """The notice_id in a number of the OJ S as published (`2019/S 001-000001`, `2013/S 54-87792`)."""
    year, _, rest = text.partition("/") if text else ("", "", "")
    return notice_id(f"{rest.rpartition('-')[2].strip()}-{year.strip()}")


def read_header(state: State, root: Element, coded: Element | None) -> None:
    """Read the identity of the notice and the codes of the coded section."""
    row, found = state.notice.row, state.coded
    row["format"] = "ted-export"
    if coded is not None:
        for section in coded:
            read(_CODED, state, found, section)
    row.update({name: found[name] for name in _COLUMNS if name in found})
    if row.get("publication_date") is None:
        state.notice.warnings.append("no-publication-date")
    state.language = found.get("language")
    row["notice_id"] = notice_id(root.get("DOC_ID")) or ojs_notice_id(found.get("ojs_number"))


def _language(state: State, found: Row, element: Element) -> None:
    """The first original language; bilingual notices have several elements, or one with `FR NL`."""
    found["language"] = found.get("language") or next(iter((element.text or "").split()), None)


def _cpv(state: State, found: Row, element: Element) -> None:
    """A CPV code of the notice, and the English name that TED writes beside it."""
    _CPV_CODES(state, found, element)
    code, name = code_of(element), flat_text(element)
    if code and name:
        state.notice.add("cpv_names", {"code": code, "name": name})


def _reference(state: State, found: Row, element: Element) -> None:
    for each in element:
        if NAMES[each.tag] == "NO_DOC_OJS":
            append(state.notice.row, "previous_notices", flat_text(each))


def _values(state: State, found: Row, element: Element) -> None:
    """Totals that R2.0.9 repeats as `VALUES/VALUE@TYPE` or `VALUE_RANGE/(LOW, HIGH)`."""
    for each in element:
        name = _TOTALS.get(attribute(each, "TYPE") or "")
        if name is not None:
            texts = [part.text for part in each] or [each.text]
            said = [(amount(text), attribute(each, "CURRENCY")) for text in texts]
            state.coded.setdefault("totals", {})[name] = said


def _values_list(state: State, found: Row, element: Element) -> None:
    """Values that R2.0.7 and R2.0.8 repeat as `VALUES_LIST/VALUES@TYPE`, one or the lowest and the highest."""
    for values in element:
        said = [(local_amount(each.text), attribute(each, "CURRENCY")) for each in values.iter("{*}VALUE")]
        state.coded.setdefault("values", {}).setdefault(attribute(values, "TYPE"), []).append(said)


_CODED = Readers(
    {
        "NO_OJ": column("ojs_issue", count_of),
        "DATE_PUB": column("publication_date", day_of),
        "NO_DOC_OJS": first("ojs_number", flat_text),
        "LG_ORIG": _language,
        "ISO_COUNTRY": column("country", code_of),
        "ORIGINAL_CPV": _cpv,
        "ORIGINAL_NUTS": every("nuts", nuts_of),
        "PERFORMANCE_NUTS": every("nuts", nuts_of),
        "REF_NOTICE": _reference,
        "DS_DATE_DISPATCH": column("dispatch_date", day_of),
        "DT_DATE_FOR_SUBMISSION": column("deadline", flat_text),
        "TD_DOCUMENT_TYPE": column("notice_type_raw", code_of),
        "NC_CONTRACT_NATURE": column("nature", code_of),
        "PR_PROC": column("procedure_type_raw", code_of),
        "AA_AUTHORITY_TYPE": column("authority", code_of),
        "DIRECTIVE": column("directive", code_of),
        "MA_MAIN_ACTIVITIES": first("activity", code_of),
        "AC_AWARD_CRIT": column("criterion", code_of),
        "CA_CE_NUTS": every("buyer_nuts", nuts_of),
        "TENDERER_NUTS": every("winner_nuts", nuts_of),
        "IA_URL_GENERAL": first("website", flat_text),
        "VALUES": _values,
        "VALUES_LIST": _values_list,
    }
)


def add_titles(state: State, translations: Element | None, english: Element | None) -> None:
    """Set the English title: of the English form where there is one, else the heading that TED gives the notice."""
    row = state.notice.row
    if english is not None:
        row["title_en"] = form_title(english)
    elif state.language == "EN":
        row["title_en"] = row.get("title")
    if row.get("title_en") and row.get("title"):
        return
    titles = child(translations, "ML_TITLES")
    if titles is None:
        return
    for title in titles:
        language = title.get("LG")
        if language == "EN" and not row.get("title_en"):
            row["title_en"] = _heading(title)
        if language == state.language and not row.get("title"):
            row["title"] = _heading(title)
        if row.get("title_en") and row.get("title"):
            break


def form_title(form: Element) -> str | None:
    """Title of a form that is not read otherwise, by a search that stops at the first title."""
    for element in form.iter("{*}TITLE", "{*}TITLE_CONTRACT", "{*}TITLE_QUALIFICATION_SYSTEM"):
        return text_of(element)
    return None


def _heading(title: Element) -> str | None:
    text = child(title, "TI_TEXT")
    return text_of(text) if text is not None else None


def finish(state: State) -> None:
    """Fill what the form left open from the coded section, and the columns that sum up lots and buyers."""
    notice, row, coded = state.notice, state.notice.row, state.coded
    row["original_language"] = notice.code("original_language", state.language, LANGUAGES)
    if row.get("legal_basis") is None:
        directive = coded.get("directive") or coded.get("directive_of_form")
        row["legal_basis"] = notice.code("legal_basis", directive, LEGAL_BASES)
    if row.get("contract_nature") is None:
        row["contract_nature"] = CONTRACT_NATURES.get(coded.get("nature", ""))
    procedure = coded.get("procedure_type_raw") or ""
    if row.get("procedure_type") is None:
        row["procedure_type"] = CODED_PROCEDURE_TYPES.get(procedure)
    if procedure in ACCELERATED_PROCEDURES:
        row["is_accelerated"] = True
    deadline = coded.get("deadline")
    if row.get("submission_deadline_date") is None and deadline:
        row["submission_deadline_date"] = day(deadline)
        row["submission_deadline_time"] = time_of_day(deadline[8:])
    _finish_codes(notice, coded.get("cpv", ()), coded.get("nuts", ()))
    _finish_buyer(state)
    _finish_values(state)
    if coded.get("criterion") == _LOWEST_PRICE and not notice.rows("criteria"):
        notice.add("criteria", {"kind": "price"})
    unique(row, "previous_notices")
    references = row.get("previous_notices")
    reference = state.changed or (references[0] if isinstance(references, list) and references else None)
    for change in notice.rows("changes"):
        change["changed_notice_ref"] = reference
        change["changed_notice_id"] = ojs_notice_id(reference)


def _finish_codes(notice: Notice, cpv: Sequence[str], nuts: Iterable[str]) -> None:
    row = notice.row
    if row.get("cpv_main") is None and cpv:
        row["cpv_main"] = cpv[0]  # the main code comes first, by convention
    additional = dict.fromkeys(
        code for code in cpv or as_list(row.get("cpv_additional")) if code != row.get("cpv_main")
    )
    if additional:
        row["cpv_additional"] = list(additional)
    if not row.get("nuts_codes"):
        places: dict[str, None] = {}
        for lot in notice.rows("lots"):
            codes = lot.get("nuts_codes")
            if isinstance(codes, list):
                places.update(dict.fromkeys(codes))
        row["nuts_codes"] = list(places or dict.fromkeys(nuts)) or None


def _finish_buyer(state: State) -> None:
    row, buyer, coded = state.notice.row, state.buyer, state.coded
    if row.get("buyer_country") is None:
        row["buyer_country"] = state.notice.code("country", coded.get("country"), COUNTRIES)
    if buyer:
        if buyer.get("country") is None:
            buyer["country"] = row["buyer_country"]
        if buyer.get("legal_type") is None:
            buyer["legal_type"] = CODED_LEGAL_TYPES.get(coded.get("authority", ""))
        if buyer.get("main_activity") is None:
            buyer["main_activity"] = CODED_MAIN_ACTIVITIES.get(coded.get("activity", ""))
        if buyer.get("nuts_code") is None:
            buyer["nuts_code"] = next(iter(coded.get("buyer_nuts", ())), None)
        if buyer.get("website") is None:
            buyer["website"] = coded.get("website")
    places, winners = coded.get("winner_nuts", ()), [each for each in state.notice.rows("parties") if _won(each)]
    if len(places) == len(winners) == 1 and winners[0].get("nuts_code") is None:  # of several it is not said whose
        winners[0]["nuts_code"] = places[0]


def _finish_values(state: State) -> None:
    """Values that the form does not say: of the whole (GLOBAL), and of a contract where there is one."""
    row, coded = state.notice.row, state.coded
    for name, said in coded.get("totals", {}).items():
        _fill(row, name, said)
    values = coded.get("values", {})
    is_ahead = state.form_type in ("planning", "competition")
    for said in values.get("GLOBAL", ())[:1]:
        _fill(row, "estimated_value" if is_ahead else "total_value", said)
    contracts = state.notice.rows("contracts")
    if len(contracts) == len(values.get("CONTRACT", ())) == 1:
        _fill(contracts[0], "value", values["CONTRACT"][0])
        if contracts[0].get("value") is not None:
            give_value(contracts[0], state.notice.rows("tenders")[0])


def _fill(row: Row, name: str, said: Sequence[tuple[str | None, str | None]]) -> None:
    """Fill a value, or its low and high, where the row says nothing of it, not even that it is withheld."""
    names = {1: (name,), 2: (f"{name}_low", f"{name}_high")}.get(len(said), ())
    if name not in row and f"{name}_low" not in row and all(value for value, _ in said):
        for each, (value, currency) in zip(names, said, strict=False):
            row[each], row[f"{name}_currency"] = value, currency


def _won(party: Row) -> bool:
    return party.get("contract_ordinal") is not None
