"""Spell a draft as TED_EXPORT R2.0.9: S01 and S02 flat, S03 to S05 nested, forms F01-F08, F12-F15, F20-F25, T01, T02."""

# ruff: noqa: E501 (an element is easier to check against its schema on one line)

import datetime as dt
from dataclasses import dataclass
from functools import cache

from console.sample.draft import DATED, Award, Draft, Lot, Organisation, total, xml
from console.sample.words import (
    ALL_LANGUAGES,
    DEADLINE_LABELS,
    PRICE_WORDS,
    QUALITY_WORDS,
    SUBJECTS,
    Subject,
    title_of,
)

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
NAMESPACES = {
    "S01": "http://formex.publications.europa.eu/ted/schema/export/R2.0.9.S01.E01",
    "S02": "ted/R2.0.9.S02/publication",
}
NESTED_NAMESPACE = "http://publications.europa.eu/resource/schema/ted/R2.0.9/publication"
NUTS_NAMESPACES = {
    "S02": ("n2016", "ted/2016/nuts"),
    "S03": ("n2016", "http://publications.europa.eu/resource/schema/ted/2016/nuts"),
    "S04": ("n2021", "http://publications.europa.eu/resource/schema/ted/2021/nuts"),
    "S05": ("n2021", "http://publications.europa.eu/resource/schema/ted/2021/nuts"),
}

_FLAT = frozenset(("S01", "S02"))
_UTILITIES = frozenset(("F04", "F05", "F06", "F07", "F22"))
_CONCESSIONS = frozenset(("F23", "F24", "F25"))
_ESTIMATING = frozenset(("F01", "F02", "F04", "F05", "F24"))
_AWARDING = frozenset(("F03", "F06", "F15", "F25"))
_SUBMITTING = frozenset(("F02", "F05", "F12", "F21", "F22", "F23", "F24"))
_ITEMISED = frozenset(("F01", "F02", "F03", "F04", "F05", "F06", "F15", "F21", "F22", "F23", "F24", "F25"))
_WITH_ITEM = frozenset(("F01", "F04", "F21", "F22"))

NATURE_CODES = {"works": "1", "supplies": "2", "services": "4"}
NATURE_WORDS = {"works": "Works", "supplies": "Supplies", "services": "Services"}
PROCEDURE_CODES = {"open": "1", "restricted": "2", "neg-w-call": "4"}
TYPES = {
    "F01": ("0", "planning", "PRI_ONLY"),
    "F02": ("3", "competition", ""),
    "F03": ("7", "result", ""),
    "F04": ("P", "planning", "PER_ONLY"),
    "F05": ("3", "competition", ""),
    "F06": ("7", "result", ""),
    "F07": ("O", "competition", "QSU_CALL_COMPETITION"),
    "F08": ("B", "planning", ""),
    "F12": ("D", "competition", ""),
    "F13": ("R", "result", ""),
    "F14": ("2", "change", ""),
    "F15": ("V", "dir-awa-pre", ""),
    "F20": ("K", "cont-modif", ""),
    "F21": ("3", "competition", "CONTRACT"),
    "F22": ("3", "competition", "CONTRACT"),
    "F23": ("H", "competition", "PRI"),
    "F24": ("H", "competition", ""),
    "F25": ("J", "result", ""),
    "T01": ("0", "planning", ""),
    "T02": ("7", "result", ""),
}
# Forms that are one of several kinds of notice: what they are when they award.
AWARD_TYPES = {"F21": ("7", "result", "AWARD_CONTRACT"), "F22": ("7", "result", "AWARD_CONTRACT")}
FORMS = tuple(TYPES)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a version of the schema spells what differs between versions.

    Attributes
    ----------
    version : S01 to S05
    nuts : prefix of NUTS elements with its colon, empty in S01
    is_flat : winners, values and criteria stand without a wrapping element
    """

    version: str
    nuts: str
    is_flat: bool


def ted_export(made: Draft, *, form: str, version: str) -> str:
    """Spell a draft as a TED_EXPORT R2.0.9 notice.

    Parameters
    ----------
    made : the content; its facts are completed
    form : one of FORMS
    version : S01 to S05
    """
    spelling = Spelling(
        version, f"{NUTS_NAMESPACES[version][0]}:" if version in NUTS_NAMESPACES else "", version in _FLAT
    )
    kind = AWARD_TYPES[form] if form in AWARD_TYPES and made.awards else TYPES[form]
    multilingual = "multilingual" in made.traits
    original = "EN" if multilingual else made.language
    made.facts |= {
        "format": "ted-export",
        "form_number": form,
        "schema_version": f"R2.0.9.{version}",
        "form_type": kind[1],
    }
    if form not in ("F12", "F13"):
        made.facts["contract_nature"] = made.subject.nature
    languages = ALL_LANGUAGES if multilingual else (original,)
    forms = [
        _form(made, form, kind[2], spelling, language, "ORIGINAL" if language == original else "TRANSLATION")
        for language in languages
    ]
    made.facts["language_count"] = len(languages)
    prefix, nuts_uri = NUTS_NAMESPACES.get(version, ("", ""))
    nuts_declaration = f' xmlns:{prefix}="{nuts_uri}"' if prefix else ""
    uri = NAMESPACES.get(version, NESTED_NAMESPACE)
    uuid = f"<NOTICE_UUID>{_uuid(made)}</NOTICE_UUID>" if version in ("S04", "S05") else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><TED_EXPORT xmlns="{uri}" {XLINK}{nuts_declaration}'
        f' VERSION="R2.0.9.{version}.E01" DOC_ID="{doc_id(made)}" EDITION="{edition(made)}">'
        f"{technical_section(made, languages)}"
        f"{coded_section(made, td=kind[0], original=original, spelling=spelling, languages=languages)}"
        f"{translation_section(made.subject, made.country.code, made.buyers[0])}"
        f"<FORM_SECTION>{uuid}{''.join(forms)}</FORM_SECTION></TED_EXPORT>"
    )


def doc_id(made: Draft) -> str:
    """The publication number with leading zeros."""
    return f"{made.number:06d}-{made.date.year}"


def edition(made: Draft) -> str:
    """Year and issue, as in 2019043."""
    return f"{made.date.year}{made.issue:03d}"


def _uuid(made: Draft) -> str:
    bits = f"{made.rng.getrandbits(128):032x}"
    return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"


def technical_section(made: Draft, languages: tuple[str, ...]) -> str:
    """Reception number, deletion date and languages."""
    return (
        f"<TECHNICAL_SECTION><RECEPTION_ID>{made.date:%y}-{made.number:06d}-001</RECEPTION_ID>"
        f"<DELETION_DATE>{made.deadline:%Y%m%d}</DELETION_DATE>"
        f"<FORM_LG_LIST>{' '.join(languages)} </FORM_LG_LIST><COMMENTS>From Convertor</COMMENTS></TECHNICAL_SECTION>"
        '<LINKS_SECTION><XML_SCHEMA_DEFINITION_LINK xlink:type="simple" xlink:href="http://ted.europa.eu" '
        'xlink:title="TED WEBSITE"/></LINKS_SECTION>'
    )


def coded_section(
    made: Draft, *, td: str, original: str, spelling: Spelling, languages: tuple[str, ...], values: str = ""
) -> str:
    """Codes of the notice; R2.0.7 and R2.0.8 have `ORIGINAL_NUTS` and a list of values."""
    subject, country = made.subject, made.country
    year = made.date.year
    issue = f"{made.issue:03d}" if year >= 2018 else str(made.issue)
    number, _, other_year = made.previous.partition("-")
    cpvs = "".join(
        f'<ORIGINAL_CPV CODE="{code}">{xml(subject.english)}</ORIGINAL_CPV>' for code in (subject.cpv, *subject.more)
    )
    is_old = spelling.version in ("R2.0.7", "R2.0.8")
    places = ("ORIGINAL_NUTS",) if is_old else ("PERFORMANCE_NUTS", "CA_CE_NUTS")
    nuts = "".join(f'<{spelling.nuts}{place} CODE="{country.nuts}">-</{spelling.nuts}{place}>' for place in places)
    uris = "".join(
        f'<URI_DOC LG="{code}">http://ted.europa.eu/udl?uri=TED:NOTICE:{doc_id(made)}:TEXT:{code}:HTML</URI_DOC>'
        for code in languages
    )
    # A voluntary notice is about a direct award; planning notices have no procedure yet.
    procedure = {"V": "V", "0": "9", "P": "9", "B": "9"}.get(td, PROCEDURE_CODES[made.procedure])
    authority = "5" if "multilingual" in made.traits else "3"
    has_previous = td in ("7", "2", "K", "J", "R")
    reference = (
        f"<REF_NOTICE><NO_DOC_OJS>{other_year}/S 101-{int(number):06d}</NO_DOC_OJS></REF_NOTICE>"
        if has_previous
        else ""
    )
    if has_previous:
        made.facts["previous_notices"] = [f"{other_year}/S 101-{int(number):06d}"]
    submission = (
        f"<DT_DATE_FOR_SUBMISSION>{made.deadline:%Y%m%d} {made.deadline_time}</DT_DATE_FOR_SUBMISSION>"
        if td == "3"
        else ""
    )
    made.facts |= {"ojs_number": f"{year}/S {issue}-{made.number:06d}", "original_language": original}
    return (
        f"<CODED_DATA_SECTION><REF_OJS><COLL_OJ>S</COLL_OJ><NO_OJ>{made.issue}</NO_OJ>"
        f"<DATE_PUB>{made.date:%Y%m%d}</DATE_PUB></REF_OJS><NOTICE_DATA>"
        f"<NO_DOC_OJS>{year}/S {issue}-{made.number:06d}</NO_DOC_OJS><URI_LIST>{uris}</URI_LIST>"
        f'<LG_ORIG>{original}</LG_ORIG><ISO_COUNTRY VALUE="{country.code}"/>{cpvs}{nuts}{values}{reference}'
        f"</NOTICE_DATA><CODIF_DATA><DS_DATE_DISPATCH>{made.dispatched:%Y%m%d}</DS_DATE_DISPATCH>{submission}"
        f'<AA_AUTHORITY_TYPE CODE="{authority}">-</AA_AUTHORITY_TYPE><TD_DOCUMENT_TYPE CODE="{td}">-</TD_DOCUMENT_TYPE>'
        f'<NC_CONTRACT_NATURE CODE="{NATURE_CODES[subject.nature]}">{NATURE_WORDS[subject.nature]}</NC_CONTRACT_NATURE>'
        f'<PR_PROC CODE="{procedure}">-</PR_PROC><RP_REGULATION CODE="4">European Union</RP_REGULATION>'
        f'<TY_TYPE_BID CODE="{1 if len(made.lots) == 1 else 3}">-</TY_TYPE_BID><AC_AWARD_CRIT CODE="2">-</AC_AWARD_CRIT>'
        '<MA_MAIN_ACTIVITIES CODE="S">General public services</MA_MAIN_ACTIVITIES><HEADING>01001</HEADING>'
        "</CODIF_DATA></CODED_DATA_SECTION>"
    )


def translation_section(subject: Subject, code: str, buyer: Organisation) -> str:
    """Titles in 24 languages and the buyer's name."""
    return (
        _titles(subject, code).replace("@TOWN@", xml(buyer.town))
        + f'<ML_AA_NAMES><AA_NAME LG="EN">{xml(buyer.name)}</AA_NAME></ML_AA_NAMES></TRANSLATION_SECTION>'
    )


@cache
def _titles(subject: Subject, code: str) -> str:
    titles = "".join(
        f'<ML_TI_DOC LG="{language}"><TI_CY>{code}</TI_CY><TI_TOWN>@TOWN@</TI_TOWN>'
        f"<TI_TEXT><P>{xml(title_of(subject, language))}</P></TI_TEXT></ML_TI_DOC>"
        for language in ALL_LANGUAGES
    )
    return f"<TRANSLATION_SECTION><ML_TITLES>{titles}</ML_TITLES>"


def _address(tag: str, body: Organisation, nuts: str) -> str:
    return (
        f"<{tag}><OFFICIALNAME>{xml(body.name)}</OFFICIALNAME><NATIONALID>{body.national_id}</NATIONALID>"
        f"<ADDRESS>{xml(body.street)}</ADDRESS><TOWN>{xml(body.town)}</TOWN><POSTAL_CODE>{body.postcode}</POSTAL_CODE>"
        f'<COUNTRY VALUE="{body.country.code}"/><{nuts}NUTS CODE="{body.country.nuts}"/>'
        f"<URL_GENERAL>https://www.example.org</URL_GENERAL></{tag}>"
    )


def _paragraphs(tag: str, text: str) -> str:
    return f"<{tag}><P>{text}</P></{tag}>"


def _form(made: Draft, form: str, notice_type: str, spelling: Spelling, language: str, category: str) -> str:
    tag = "MOVE" if form.startswith("T") else f"{form}_2014"
    if language != made.language and category == "TRANSLATION":
        title = xml(title_of(made.subject, language))
    else:
        title = made.title.markup
    parts = [
        f'<{tag} CATEGORY="{category}" FORM="{form}" LG="{language}">',
        _legal_basis(made, form, spelling),
        f'<NOTICE TYPE="{notice_type}"/>' if notice_type else "",
        _body(made, form, spelling),
        _object(made, form, spelling, title, language),
        _procedure(made, form),
        *(_award(award, position, form, spelling) for position, award in enumerate(_blocks(made, form), 1)),
        _results(made, spelling) if form == "F13" else "",
        _complement(made, form),
        _changes(made, language, spelling) if form == "F14" else "",
        _modification(made, spelling) if form == "F20" else "",
        f"</{tag}>",
    ]
    return "".join(parts)


def _legal_basis(made: Draft, form: str, spelling: Spelling) -> str:
    if form.startswith("T"):
        basis = "32007R1370"
    else:
        basis = "32014L0025" if form in _UTILITIES else "32014L0023" if form in _CONCESSIONS else "32014L0024"
    if spelling.is_flat:
        return "" if basis == "32007R1370" else f'<DIRECTIVE VALUE="2014/{basis[-2:]}/EU"/>'
    made.facts["legal_basis"] = basis
    return f'<LEGAL_BASIS VALUE="{basis}"/>'


def _body(made: Draft, form: str, spelling: Spelling) -> str:
    first, *more = made.buyers
    if form in _UTILITIES:
        kind = '<CE_ACTIVITY VALUE="ELECTRICITY"/>'
    elif form.startswith("T"):
        kind = '<CA_TYPE VALUE="REGIONAL_AUTHORITY"/>'
    else:
        level = "EU_INSTITUTION" if "multilingual" in made.traits else "REGIONAL_AUTHORITY"
        kind = f'<CA_TYPE VALUE="{level}"/><CA_ACTIVITY VALUE="GENERAL_PUBLIC_SERVICES"/>'
    documents = "<DOCUMENT_FULL/><ADDRESS_FURTHER_INFO_IDEM/>" if form in _SUBMITTING else ""
    made.facts["buyers"] = [buyer.name for buyer in made.buyers]
    return (
        f"<CONTRACTING_BODY>{_address('ADDRESS_CONTRACTING_BODY', first, spelling.nuts)}"
        f"{''.join(_address('ADDRESS_CONTRACTING_BODY_ADDITIONAL', buyer, spelling.nuts) for buyer in more)}"
        f"{'<JOINT_PROCUREMENT_INVOLVED/>' if more else ''}{documents}{'' if form in ('F14', 'F20') else kind}"
        "</CONTRACTING_BODY>"
    )


def _object(made: Draft, form: str, spelling: Spelling, title: str, language: str) -> str:
    subject = made.subject
    values = ""
    currency = made.country.currency
    if form in _ESTIMATING or (form in AWARD_TYPES and not made.awards):
        values = f'<VAL_ESTIMATED_TOTAL CURRENCY="{currency}">{made.estimate}</VAL_ESTIMATED_TOTAL>'
        made.facts |= {"estimated_value": made.estimate, "estimated_value_currency": currency}
    elif _blocks(made, form) and form in {*_AWARDING, *AWARD_TYPES} and "no-award" not in made.traits:
        values = f'<VAL_TOTAL CURRENCY="{currency}">{made.award_total}</VAL_TOTAL>'
        made.facts |= {"total_value": made.award_total, "total_value_currency": currency}
    nature = "" if form in ("F12", "F13") else f'<TYPE_CONTRACT CTYPE="{subject.nature.upper()}"/>'
    if form.startswith("T"):
        nature += '<CATEGORY CTYPE="SERVICES">01</CATEGORY>'
    division = ""
    if form in _ITEMISED:
        division = "<NO_LOT_DIVISION/>" if len(made.lots) == 1 else "<LOT_DIVISION><LOT_ALL/></LOT_DIVISION>"
        lots = "".join(_lot(made, lot, item, form, spelling, language) for item, lot in enumerate(made.lots, 1))
        made.facts["lot_count"] = len(made.lots)
    else:
        lots = "" if form == "F14" else _lot(made, made.lots[0], 0, form, spelling, language)
    summary = (
        ""
        if form in ("F12", "F13", "F20", "F07", "F08", "T01", "T02")
        else _paragraphs("SHORT_DESCR", made.description)
    )
    item = ' ITEM="1"' if form in _WITH_ITEM else ""
    made.facts["reference_number"] = made.reference
    return (
        f"<OBJECT_CONTRACT{item}><TITLE><P>{title}</P></TITLE><REFERENCE_NUMBER>{made.reference}</REFERENCE_NUMBER>"
        f'<CPV_MAIN><CPV_CODE CODE="{subject.cpv}"/></CPV_MAIN>{nature}{summary}{values}{division}{lots}'
        f"{_announced(made) if form in ('F01', 'F04') else ''}</OBJECT_CONTRACT>"
    )


def _announced(made: Draft) -> str:
    return f"<DATE_PUBLICATION_NOTICE>{made.deadline.strftime(DATED)}</DATE_PUBLICATION_NOTICE>"


def _lot(made: Draft, lot: Lot, item: int, form: str, spelling: Spelling, language: str) -> str:
    cpvs = "".join(f'<CPV_ADDITIONAL><CPV_CODE CODE="{code}"/></CPV_ADDITIONAL>' for code in made.subject.more)
    start = made.deadline + dt.timedelta(days=60)
    title = f"<TITLE><P>{xml(lot.title)}</P></TITLE><LOT_NO>{lot.number}</LOT_NO>" if lot.number else ""
    estimate = f'<VAL_OBJECT CURRENCY="{made.country.currency}">{lot.value}</VAL_OBJECT>'
    term = f'<DURATION TYPE="MONTH">{lot.months}</DURATION>' if lot.months != 36 else (
        f"<DATE_START>{start.strftime(DATED)}</DATE_START>"
        f"<DATE_END>{(start + dt.timedelta(days=1095)).strftime(DATED)}</DATE_END>"
    )  # fmt: skip
    has_criteria = form in ("F02", "F03", "F05", "F06", "F15", "F24", "F25")
    is_tender = form in ("F02", "F05")
    place = "" if form in ("F12", "F13") else (
        f'<{spelling.nuts}NUTS CODE="{made.country.nuts}"/><MAIN_SITE><P>{xml(made.buyers[0].town)}</P></MAIN_SITE>'
    )  # fmt: skip
    return "".join(
        (
            f'<OBJECT_DESCR ITEM="{item}">' if item else "<OBJECT_DESCR>",
            title,
            cpvs,
            place,
            f'<SHORT_DESCR><P>{lot.description} 12 m<FT TYPE="SUP">2</FT></P><P>— 30 %,</P></SHORT_DESCR>',
            _criteria(made, lot, form, spelling, language) if has_criteria else "",
            estimate if is_tender or form == "F24" else "",
            term if form in ("F02", "F05", "F20", "F21", "F22", "F24", "F25", "T01", "T02") else "",
            "<NO_RENEWAL/><NO_ACCEPTED_VARIANTS/>" if is_tender else "",
            "<NO_OPTIONS/>" if is_tender or form in ("F03", "F06", "F15") else "",
            "" if form.startswith("T") else "<NO_EU_PROGR_RELATED/>",
            "</OBJECT_DESCR>",
        )
    )


def _criteria(made: Draft, lot: Lot, form: str, spelling: Spelling, language: str) -> str:
    quality, price = QUALITY_WORDS.get(language, "Quality"), PRICE_WORDS.get(language, "Price")
    if form in _CONCESSIONS:
        text = f"<AC_CRITERION>{quality}</AC_CRITERION><AC_CRITERION>{price}</AC_CRITERION>"
    elif lot.quality == "0":
        text = "<AC_PRICE/>"
    else:
        # Weights are text: half of the buyers write a per cent sign.
        sign = " %" if made.number % 2 else ""
        text = (
            f"<AC_QUALITY><AC_CRITERION>{quality}</AC_CRITERION><AC_WEIGHTING>{lot.quality}{sign}</AC_WEIGHTING></AC_QUALITY>"
            f"<AC_PRICE><AC_WEIGHTING>{100 - int(lot.quality)}{sign}</AC_WEIGHTING></AC_PRICE>"
        )
    if form == "F15":
        return f"<DIRECTIVE_2014_24_EU><AC>{text}</AC></DIRECTIVE_2014_24_EU>"
    return text if spelling.is_flat and form in ("F03", "F25") else f"<AC>{text}</AC>"


def _procedure(made: Draft, form: str) -> str:
    if form in ("F08", "F14", "T02"):
        return ""
    number, _, year = made.previous.partition("-")
    earlier = f"<NOTICE_NUMBER_OJ>{year}/S 101-{int(number):06d}</NOTICE_NUMBER_OJ>"
    if form == "T01":
        return "<PROCEDURE><PT_COMPETITIVE_TENDERING/></PROCEDURE>"
    if form == "F15":
        direct = (
            "<PT_AWARD_CONTRACT_WITHOUT_CALL><D_ACCORDANCE_ARTICLE><D_TECHNICAL/></D_ACCORDANCE_ARTICLE>"
            f"<D_JUSTIFICATION><P>{made.description}</P></D_JUSTIFICATION></PT_AWARD_CONTRACT_WITHOUT_CALL>"
        )
        return f"<PROCEDURE><DIRECTIVE_2014_24_EU>{direct}</DIRECTIVE_2014_24_EU><CONTRACT_COVERED_GPA/></PROCEDURE>"
    if form == "F20":
        return f"<PROCEDURE>{earlier}</PROCEDURE>"
    if form == "F25":
        return f"<PROCEDURE><PT_AWARD_CONTRACT_WITH_PRIOR_PUBLICATION/>{earlier}</PROCEDURE>"
    names = {"open": "PT_OPEN", "restricted": "PT_RESTRICTED", "neg-w-call": "PT_COMPETITIVE_NEGOTIATION"}
    kind = (
        "PT_NEGOTIATED_WITH_PRIOR_CALL"
        if form in _UTILITIES and made.procedure == "neg-w-call"
        else names[made.procedure]
    )
    if form in ("F01", "F04", "F07", "F23", "F24"):
        kind = ""
    elif form in ("F02", "F03", "F05", "F06"):
        made.facts["procedure_type"] = made.procedure
    deadline = ""
    if form in _SUBMITTING and not made.awards:
        deadline = (
            f"<DATE_RECEIPT_TENDERS>{made.deadline.strftime(DATED)}</DATE_RECEIPT_TENDERS>"
            f"<TIME_RECEIPT_TENDERS>{made.deadline_time}</TIME_RECEIPT_TENDERS>"
            f'<LANGUAGES><LANGUAGE VALUE="{made.language}"/></LANGUAGES>'
        )
        made.facts["submission_deadline_date"] = made.deadline.strftime(DATED)
    is_framework = made.is_framework and form in ("F02", "F03", "F05", "F06")
    framework = "<FRAMEWORK><SINGLE_OPERATOR/></FRAMEWORK>" if is_framework and form in ("F02", "F05") else (
        "<FRAMEWORK/>" if is_framework else ""
    )  # fmt: skip
    jury = f"<CRITERIA_EVALUATION><P>{made.description}</P></CRITERIA_EVALUATION>" if form in ("F12", "F13") else ""
    gpa = "<CONTRACT_COVERED_GPA/>" if form in ("F01", "F02", "F03", "F04", "F05", "F06") else ""
    award = earlier if form in ("F03", "F06", "F13") or (form in AWARD_TYPES and made.awards) else ""
    return f"<PROCEDURE>{f'<{kind}/>' if kind else ''}{framework}{gpa}{jury}{award}{deadline}</PROCEDURE>"


def _blocks(made: Draft, form: str) -> list[Award]:
    """The award blocks of a form; a modification and a transport award have one."""
    if form in ("F20", "T02"):
        return made.awards[:1]
    return [] if form == "F13" else made.awards


def _contractors(award: Award, form: str, spelling: Spelling, *, is_nested: bool) -> str:
    group = "<AWARDED_TO_GROUP/>" if len(award.winners) > 1 else "<NO_AWARDED_TO_GROUP/>"
    if form == "T02":
        group = ""
    firms = "".join(
        f"<CONTRACTOR>{_address('ADDRESS_CONTRACTOR', winner, spelling.nuts)}<SME/></CONTRACTOR>"
        for winner in award.winners
    )
    return f"<CONTRACTORS>{group}{firms}</CONTRACTORS>" if is_nested else f"{group}{firms}"


def _award(award: Award, position: int, form: str, spelling: Spelling) -> str:
    is_nested = not spelling.is_flat or form == "F06"
    item = "" if form in ("F20", "T02") else f' ITEM="{position}"'
    lot = f"<LOT_NO>{award.lot.number}</LOT_NO>" if award.lot.number and form not in ("F20", "T02") else ""
    head = (
        f"<AWARD_CONTRACT{item}><CONTRACT_NO>{award.contract_number}</CONTRACT_NO>{lot}"
        f"<TITLE><P>{xml(award.lot.title)}</P></TITLE>"
    )
    if not award.winners:
        return f"{head}<NO_AWARDED_CONTRACT><PROCUREMENT_UNSUCCESSFUL/></NO_AWARDED_CONTRACT></AWARD_CONTRACT>"
    received = f"<NB_TENDERS_RECEIVED>{award.tenders}</NB_TENDERS_RECEIVED>"
    if is_nested:
        received = f"<TENDERS>{received}</TENDERS>"
    if form in ("F20", "T02"):
        received = ""
    value = f'<VAL_TOTAL CURRENCY="{award.currency}">{award.value}</VAL_TOTAL>'
    if form == "F06" and spelling.is_flat:
        value = f'<VALUE PUBLICATION="YES">{value}</VALUE>'
    elif is_nested:
        value = f"<VALUES>{value}</VALUES>"
    return (
        f"{head}<AWARDED_CONTRACT><DATE_CONCLUSION_CONTRACT>{award.decided.strftime(DATED)}</DATE_CONCLUSION_CONTRACT>"
        f"{received}{_contractors(award, form, spelling, is_nested=is_nested)}{value}</AWARDED_CONTRACT></AWARD_CONTRACT>"
    )


def _results(made: Draft, spelling: Spelling) -> str:
    award = made.awards[0]
    if not award.winners:
        return "<RESULTS><NO_AWARDED_PRIZE><PROCUREMENT_UNSUCCESSFUL/></NO_AWARDED_PRIZE></RESULTS>"
    winners = "".join(
        f"<WINNER>{_address('ADDRESS_WINNER', winner, spelling.nuts)}<NO_SME/></WINNER>" for winner in award.winners
    )
    entries = f"<NB_PARTICIPANTS>{award.tenders}</NB_PARTICIPANTS>"
    if not spelling.is_flat:
        winners, entries = f"<WINNERS>{winners}</WINNERS>", f"<PARTICIPANTS>{entries}</PARTICIPANTS>"
    return (
        f"<RESULTS><AWARDED_PRIZE><DATE_DECISION_JURY>{award.decided.strftime(DATED)}</DATE_DECISION_JURY>{entries}{winners}"
        f'<VAL_PRIZE CURRENCY="{award.currency}">{award.value}</VAL_PRIZE></AWARDED_PRIZE></RESULTS>'
    )


def _complement(made: Draft, form: str) -> str:
    review = made.buyers[0]
    number, _, year = made.previous.partition("-")
    reference = f"<NOTICE_NUMBER_OJ>{year}/S 101-{int(number):06d}</NOTICE_NUMBER_OJ>" if form == "F14" else ""
    body = "" if form == "F14" else (
        f"<ADDRESS_REVIEW_BODY><OFFICIALNAME>Review body, {xml(review.town)}</OFFICIALNAME><TOWN>{xml(review.town)}</TOWN>"
        f'<COUNTRY VALUE="{review.country.code}"/></ADDRESS_REVIEW_BODY>'
    )  # fmt: skip
    return (
        f"<COMPLEMENTARY_INFO>{body}<DATE_DISPATCH_NOTICE>{made.dispatched.strftime(DATED)}</DATE_DISPATCH_NOTICE>"
        f"{reference}</COMPLEMENTARY_INFO>"
    )


def _changes(made: Draft, language: str, spelling: Spelling) -> str:
    label = DEADLINE_LABELS.get(language, "Time limit for receipt of tenders")
    later = made.deadline + dt.timedelta(days=14)
    publication = "" if spelling.is_flat else ' PUBLICATION="YES"'
    new_cpv = SUBJECTS[made.number % len(SUBJECTS)].cpv
    made.facts["changes"] = 3
    return (
        f"<CHANGES><CHANGE{publication}><WHERE><SECTION>IV.2.2)</SECTION><LABEL>{label}</LABEL></WHERE>"
        f"<OLD_VALUE><DATE>{made.deadline.strftime(DATED)}</DATE><TIME>{made.deadline_time}</TIME></OLD_VALUE>"
        f"<NEW_VALUE><DATE>{later.strftime(DATED)}</DATE><TIME>{made.deadline_time}</TIME></NEW_VALUE></CHANGE>"
        f"<CHANGE{publication}><WHERE><SECTION>II.1.2)</SECTION><LOT_NO>1</LOT_NO></WHERE>"
        f'<OLD_VALUE><CPV_MAIN><CPV_CODE CODE="{made.subject.cpv}"/></CPV_MAIN></OLD_VALUE>'
        f'<NEW_VALUE><CPV_MAIN><CPV_CODE CODE="{new_cpv}"/></CPV_MAIN></NEW_VALUE></CHANGE>'
        f"<CHANGE{publication}><WHERE><SECTION>II.1.4)</SECTION></WHERE><OLD_VALUE><NOTHING/></OLD_VALUE>"
        f"<NEW_VALUE><TEXT><P>{made.description}</P></TEXT></NEW_VALUE></CHANGE></CHANGES>"
    )


def _modification(made: Draft, spelling: Spelling) -> str:
    award = made.awards[0]
    before, after = award.value, total([award.value, made.lots[0].value])
    money = f'<VAL_TOTAL CURRENCY="{award.currency}">{made.lots[0].value}</VAL_TOTAL>'
    change = (
        f'<VAL_TOTAL_BEFORE CURRENCY="{award.currency}">{before}</VAL_TOTAL_BEFORE>'
        f'<VAL_TOTAL_AFTER CURRENCY="{award.currency}">{after}</VAL_TOTAL_AFTER>'
    )
    if not spelling.is_flat:
        money, change = f"<VALUES>{money}</VALUES>", f"<VALUES>{change}</VALUES>"
    contractors = _contractors(award, "F20", spelling, is_nested=not spelling.is_flat)
    made.facts |= {"changes": 1, "value_before": before, "value_after": after}
    return (
        f'<MODIFICATIONS_CONTRACT><DESCRIPTION_PROCUREMENT><CPV_MAIN><CPV_CODE CODE="{made.subject.cpv}"/></CPV_MAIN>'
        f'<{spelling.nuts}NUTS CODE="{made.country.nuts}"/><SHORT_DESCR><P>{made.description}</P></SHORT_DESCR>'
        f'<DURATION TYPE="MONTH">{made.lots[0].months}</DURATION>{money}{contractors}</DESCRIPTION_PROCUREMENT>'
        f"<INFO_MODIFICATIONS><SHORT_DESCR><P>{made.description}</P></SHORT_DESCR>"
        f"<ADDITIONAL_NEED><P>{made.lots[0].description}</P></ADDITIONAL_NEED>{change}</INFO_MODIFICATIONS>"
        "</MODIFICATIONS_CONTRACT>"
    )
