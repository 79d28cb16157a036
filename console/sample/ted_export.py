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
    Country,
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
_ALONE = frozenset(("F15", "F20", "F23", "F24", "F25"))  # with one buyer
_WITH_DIRECTIVE = frozenset(("F08", "F12", "F13", "F15", "F20"))  # in the flat versions; others have it coded
_PUBLISHING = frozenset(("F06", "F20", "F22"))  # that say of each value whether it may be published
_WITH_ITEM = frozenset(("F01", "F04", "F21", "F22"))

NATURE_CODES = {"works": "1", "supplies": "2", "services": "4"}
NATURE_WORDS = {"works": "Works", "supplies": "Supplies", "services": "Services"}
# Natures of contract that a form of the younger directives has; others have all three.
NATURES = dict.fromkeys(("F21", "F22", "F23", "T01", "T02"), ("services",)) | dict.fromkeys(
    ("F24", "F25"), ("services", "works")
)
PROCEDURE_CODES = {"open": "1", "restricted": "2", "neg-w-call": "4"}
PROCEDURE_WORDS = {
    "1": "Open procedure", "2": "Restricted procedure", "4": "Negotiated procedure", "9": "Not applicable",
    "V": "Contract award without prior publication",
}  # fmt: skip
KIND_WORDS = {
    "0": "Prior information notice without call for competition", "2": "Additional information", "3": "Contract notice",
    "7": "Contract award notice", "B": "Buyer profile", "D": "Design contest", "H": "Services concession",
    "J": "Concession award notice", "K": "Modification of a contract/concession during its term",
    "O": "Qualification system with call for competition", "P": "Periodic indicative notice without call for competition",
    "R": "Results of design contests", "V": "Voluntary ex ante transparency notice",
}  # fmt: skip
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
        made.facts["contract_nature"] = _nature(made, form)
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
        f"{coded_section(made, td=kind[0], original=original, spelling=spelling, languages=languages, directive=_directive(form, spelling), nature=_nature(made, form))}"
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
    made: Draft, *, td: str, original: str, spelling: Spelling, languages: tuple[str, ...], values: str = "",
    directive: str = "", nature: str = "",
) -> str:  # fmt: skip
    """Codes of the notice; R2.0.7 and R2.0.8 have `ORIGINAL_NUTS` and a list of values, R2.0.9.S01 and S02 a directive."""
    subject, country, nature = made.subject, made.country, nature or made.subject.nature
    year = made.date.year
    issue = f"{made.issue:03d}" if year >= 2018 else str(made.issue)
    cpvs = "".join(
        f'<ORIGINAL_CPV CODE="{code}">{xml(subject.english)}</ORIGINAL_CPV>' for code in (subject.cpv, *subject.more)
    )
    is_old = spelling.version.startswith(("R2.0.7", "R2.0.8"))
    place = "ORIGINAL_NUTS" if spelling.version in ("R2.0.7.S03", "R2.0.8.S02", "S01") else "PERFORMANCE_NUTS"
    places = (place,) if is_old else (place, "CA_CE_NUTS")
    town = xml(made.buyers[0].town)
    nuts = "".join(
        f'<{spelling.nuts}{place} CODE="{nuts_code(country, spelling.nuts)}">{town}</{spelling.nuts}{place}>'
        for place in places
    )
    uris = "".join(
        f'<URI_DOC LG="{code}">http://ted.europa.eu/udl?uri=TED:NOTICE:{doc_id(made)}:TEXT:{code}:HTML</URI_DOC>'
        for code in languages
    )
    # A voluntary notice is about a direct award; planning notices have no procedure yet.
    procedure = {"V": "V", "0": "9", "P": "9", "B": "9"}.get(td, PROCEDURE_CODES[made.procedure])
    authority, authority_words = "3", "Regional or local authority"
    if "multilingual" in made.traits:
        authority, authority_words = "5", "European Institution/Agency or International Organisation"
    bids = "all lots" if len(made.lots) == 1 else "one or more lots"
    has_previous = td in ("7", "2", "K", "J", "R")
    reference = f"<REF_NOTICE><NO_DOC_OJS>{made.previous_ojs}</NO_DOC_OJS></REF_NOTICE>" if has_previous else ""
    if has_previous:
        made.facts["previous_notices"] = [made.previous_ojs]
    submission = (
        f"<DT_DATE_FOR_SUBMISSION>{made.deadline:%Y%m%d} {made.deadline_time:0>5}</DT_DATE_FOR_SUBMISSION>"
        if td == "3"
        else ""
    )
    initiator = "" if is_old else "<INITIATOR>01</INITIATOR>"
    if directive:
        initiator += f'<DIRECTIVE VALUE="{directive}"/>'
    made.facts |= {"ojs_number": f"{year}/S {issue}-{made.number:06d}", "original_language": original}
    return (
        f"<CODED_DATA_SECTION><REF_OJS><COLL_OJ>S</COLL_OJ><NO_OJ>{made.issue}</NO_OJ>"
        f"<DATE_PUB>{made.date:%Y%m%d}</DATE_PUB></REF_OJS><NOTICE_DATA>"
        f"<NO_DOC_OJS>{year}/S {issue}-{made.number:06d}</NO_DOC_OJS><URI_LIST>{uris}</URI_LIST>"
        f'<LG_ORIG>{original}</LG_ORIG><ISO_COUNTRY VALUE="{country.code}"/>'
        f"<IA_URL_GENERAL>https://www.example.org</IA_URL_GENERAL>{cpvs}{nuts}{values}{reference}"
        f"</NOTICE_DATA><CODIF_DATA><DS_DATE_DISPATCH>{made.dispatched:%Y%m%d}</DS_DATE_DISPATCH>{submission}"
        f'<AA_AUTHORITY_TYPE CODE="{authority}">{authority_words}</AA_AUTHORITY_TYPE>'
        f'<TD_DOCUMENT_TYPE CODE="{td}">{KIND_WORDS[td]}</TD_DOCUMENT_TYPE>'
        f'<NC_CONTRACT_NATURE CODE="{NATURE_CODES[nature]}">{NATURE_WORDS[nature]}</NC_CONTRACT_NATURE>'
        f'<PR_PROC CODE="{procedure}">{PROCEDURE_WORDS[procedure]}</PR_PROC><RP_REGULATION CODE="4">European Union</RP_REGULATION>'
        f'<TY_TYPE_BID CODE="{1 if len(made.lots) == 1 else 3}">Submission for {bids}</TY_TYPE_BID>'
        '<AC_AWARD_CRIT CODE="2">The most economic tender</AC_AWARD_CRIT>'
        '<MA_MAIN_ACTIVITIES CODE="S">General public services</MA_MAIN_ACTIVITIES><HEADING>01001</HEADING>'
        f"{initiator}</CODIF_DATA></CODED_DATA_SECTION>"
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


def nuts_code(country: Country, prefix: str) -> str:
    """The code of a country's region; lists before 2016, whose elements have no prefix, call Greece GR."""
    return "GR3" if country.code == "GR" and not prefix else country.nuts


def _address(tag: str, body: Organisation, nuts: str) -> str:
    is_buyer = tag.startswith("ADDRESS_CONTRACTING_BODY")
    mail = "<E_MAIL>tenders@example.invalid</E_MAIL>" if is_buyer else ""
    profile = "<URL_BUYER>https://www.example.org/tenders</URL_BUYER>" if is_buyer else ""
    url = "URL_GENERAL" if is_buyer else "URL"
    return (
        f"<{tag}><OFFICIALNAME>{xml(body.name)}</OFFICIALNAME><NATIONALID>{body.national_id}</NATIONALID>"
        f"<ADDRESS>{xml(body.street)}</ADDRESS><TOWN>{xml(body.town)}</TOWN><POSTAL_CODE>{body.postcode}</POSTAL_CODE>"
        f'<COUNTRY VALUE="{body.country.code}"/>{mail}<{nuts}NUTS CODE="{nuts_code(body.country, nuts)}"/>'
        f"<{url}>https://www.example.org</{url}>{profile}</{tag}>"
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
        _selection(made) if form == "F12" else "",
        _procedure(made, form),
        *(_award(award, position, form, spelling) for position, award in enumerate(_blocks(made, form), 1)),
        _results(made, spelling) if form == "F13" else "",
        _complement(made, form),
        _changes(made, language, spelling) if form == "F14" else "",
        _modification(made, spelling) if form == "F20" else "",
        f"</{tag}>",
    ]
    return "".join(parts)


def _nature(made: Draft, form: str) -> str:
    allowed = NATURES.get(form, (made.subject.nature,))
    return made.subject.nature if made.subject.nature in allowed else allowed[0]


def _basis(form: str) -> str:
    if form.startswith("T"):
        return "32007R1370"
    return "32014L0025" if form in _UTILITIES else "32014L0023" if form in _CONCESSIONS else "32014L0024"


def _directive(form: str, spelling: Spelling) -> str:
    """The directive as the flat versions code it."""
    return f"2014/{_basis(form)[-2:]}/EU" if spelling.is_flat else ""


def _legal_basis(made: Draft, form: str, spelling: Spelling) -> str:
    if spelling.is_flat:
        return f'<DIRECTIVE VALUE="{_directive(form, spelling)}"/>' if form in _WITH_DIRECTIVE else ""
    made.facts["legal_basis"] = _basis(form)
    return f'<LEGAL_BASIS VALUE="{_basis(form)}"/>'


def _body(made: Draft, form: str, spelling: Spelling) -> str:
    if form in _UTILITIES:
        kind = '<CE_ACTIVITY VALUE="ELECTRICITY"/>'
    elif form.startswith("T"):
        kind = '<CA_TYPE VALUE="REGIONAL_AUTHORITY"/>'
    else:
        level = "EU_INSTITUTION" if "multilingual" in made.traits else "REGIONAL_AUTHORITY"
        kind = f'<CA_TYPE VALUE="{level}"/><CA_ACTIVITY VALUE="GENERAL_PUBLIC_SERVICES"/>'
    first, *more = made.buyers[:1] if form in _ALONE else made.buyers
    made.facts["buyers"] = [buyer.name for buyer in (first, *more)]
    joint = ""
    if more:
        joint = (
            ""
            if form == "F14"
            else "<CENTRAL_PURCHASING/>"
            if form.startswith("T")
            else "<JOINT_PROCUREMENT_INVOLVED/>"
        )
    further = "<ADDRESS_FURTHER_INFO_IDEM/>"
    if form in _SUBMITTING:
        url = "<URL_DOCUMENT>https://www.example.org/documents</URL_DOCUMENT>"
        documents = f"<DOCUMENT_FULL/>{url}{further}<ADDRESS_PARTICIPATION_IDEM/>"
    elif form == "F07":
        documents = "<ADDRESS_PARTICIPATION_IDEM/>"
    else:
        documents = further if form in ("F01", "F04", "T01", "T02") else ""
    return (
        f"<CONTRACTING_BODY>{_address('ADDRESS_CONTRACTING_BODY', first, spelling.nuts)}"
        f"{''.join(_address('ADDRESS_CONTRACTING_BODY_ADDITIONAL', buyer, spelling.nuts) for buyer in more)}"
        f"{joint}{documents}{'' if form in ('F14', 'F20') else kind}"
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
        is_asked = form == "F06" or (form in ("F15", "F22") and not spelling.is_flat)
        publication = ' PUBLICATION="YES"' if is_asked else ""
        values = f'<VAL_TOTAL CURRENCY="{currency}"{publication}>{made.award_total}</VAL_TOTAL>'
        made.facts |= {"total_value": made.award_total, "total_value_currency": currency}
    nature = (
        ""
        if form in ("F12", "F13") or (spelling.is_flat and form in ("F21", "F22", "F23"))
        else f'<TYPE_CONTRACT CTYPE="{_nature(made, form).upper()}"/>'
    )
    if form.startswith("T"):
        nature += '<CATEGORY CTYPE="SERVICES">01</CATEGORY>'
    division = ""
    if form in _ITEMISED:
        division = "<LOT_DIVISION/>" if form in _AWARDING else "<LOT_DIVISION><LOT_ALL/></LOT_DIVISION>"
        if len(made.lots) == 1:
            division = "" if form == "F22" else "<NO_LOT_DIVISION/>"
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
    title = (
        f"<TITLE><P>{xml(lot.title)}</P></TITLE><LOT_NO>{lot.number}</LOT_NO>"
        if lot.number and (item or form == "F20")
        else ""
    )
    estimate = f'<VAL_OBJECT CURRENCY="{made.country.currency}">{lot.value}</VAL_OBJECT>'
    term = f'<DURATION TYPE="MONTH">{lot.months}</DURATION>' if lot.months != 36 else (
        f"<DATE_START>{start.strftime(DATED)}</DATE_START>"
        f"<DATE_END>{(start + dt.timedelta(days=1095)).strftime(DATED)}</DATE_END>"
    )  # fmt: skip
    if form.startswith("T"):
        term = f'<DATE_START>{start.strftime(DATED)}</DATE_START><DURATION TYPE="MONTH">{lot.months}</DURATION>'
    elif form == "F07":
        term = "<INDEFINITE_DURATION/>"
    has_criteria = form in ("F02", "F03", "F05", "F06", "F15", "F24", "F25")
    is_tender = form in ("F02", "F05")
    place = "" if form in ("F12", "F13") else (
        f'<{spelling.nuts}NUTS CODE="{nuts_code(made.country, spelling.nuts)}"/><MAIN_SITE><P>{xml(made.buyers[0].town)}</P></MAIN_SITE>'
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
            term if form in ("F02", "F05", "F07", "F20", "F21", "F22", "F24", "F25", "T01", "T02") else "",
            "<NO_RENEWAL/><NO_ACCEPTED_VARIANTS/>" if is_tender else "",
            "<NO_OPTIONS/>" if is_tender or form in ("F03", "F06", "F15") else "",
            "" if form in ("F08", "T01", "T02") else "<NO_EU_PROGR_RELATED/>",
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
        text = text if spelling.is_flat else f"<AC>{text}</AC>"
        return f"<DIRECTIVE_2014_24_EU>{text}</DIRECTIVE_2014_24_EU>"
    publication = ' PUBLICATION="YES"' if form == "F06" else ""
    return text if spelling.is_flat and form != "F06" else f"<AC{publication}>{text}</AC>"


def _selection(made: Draft) -> str:
    return (
        f"<LEFTI><CRITERIA_SELECTION><P>{made.description}</P></CRITERIA_SELECTION><NO_PARTICULAR_PROFESSION/></LEFTI>"
    )


def _procedure(made: Draft, form: str) -> str:
    if form in ("F08", "F14", "T02"):
        return ""
    earlier = f"<NOTICE_NUMBER_OJ>{made.previous_ojs}</NOTICE_NUMBER_OJ>"
    if form == "T01":
        return "<PROCEDURE><PT_COMPETITIVE_TENDERING/></PROCEDURE>"
    if form == "F15":
        direct = (
            "<PT_NEGOTIATED_WITHOUT_PUBLICATION><D_ACCORDANCE_ARTICLE><D_TECHNICAL/></D_ACCORDANCE_ARTICLE>"
            f"<D_JUSTIFICATION><P>{made.description}</P></D_JUSTIFICATION></PT_NEGOTIATED_WITHOUT_PUBLICATION>"
        )
        return f"<PROCEDURE><DIRECTIVE_2014_24_EU>{direct}</DIRECTIVE_2014_24_EU><CONTRACT_COVERED_GPA/></PROCEDURE>"
    if form == "F20":
        return f"<PROCEDURE>{earlier}</PROCEDURE>"
    if form == "F25":
        return f"<PROCEDURE><PT_AWARD_CONTRACT_WITH_PRIOR_PUBLICATION/>{earlier}</PROCEDURE>"
    if form == "F07":
        return f"<PROCEDURE>{_languages(made)}</PROCEDURE>"
    negotiated = {
        "F05": "PT_NEGOTIATED_WITH_PRIOR_CALL", "F06": "PT_NEGOTIATED_WITH_PRIOR_CALL",
        "F21": "PT_INVOLVING_NEGOTIATION", "F22": "PT_INVOLVING_NEGOTIATION",
        "F12": "PT_RESTRICTED", "F13": "PT_RESTRICTED",
    }.get(form, "PT_COMPETITIVE_NEGOTIATION")  # fmt: skip
    kind = {"open": "PT_OPEN", "restricted": "PT_RESTRICTED", "neg-w-call": negotiated}[made.procedure]
    if form in ("F01", "F04", "F23", "F24"):
        kind = ""
    elif form in ("F02", "F03", "F05", "F06"):
        made.facts["procedure_type"] = made.procedure
    deadline = ""
    if form in _SUBMITTING and not made.awards:
        deadline = (
            f"<DATE_RECEIPT_TENDERS>{made.deadline.strftime(DATED)}</DATE_RECEIPT_TENDERS>"
            f"<TIME_RECEIPT_TENDERS>{made.deadline_time}</TIME_RECEIPT_TENDERS>{_languages(made)}"
        )
        made.facts["submission_deadline_date"] = made.deadline.strftime(DATED)
    is_framework = made.is_framework and form in ("F02", "F03", "F05", "F06")
    framework = "<FRAMEWORK><SINGLE_OPERATOR/></FRAMEWORK>" if is_framework and form in ("F02", "F05") else (
        "<FRAMEWORK/>" if is_framework else ""
    )  # fmt: skip
    jury = f"<CRITERIA_EVALUATION><P>{made.description}</P></CRITERIA_EVALUATION>" if form in ("F12", "F13") else ""
    gpa = "<CONTRACT_COVERED_GPA/>" if form in ("F01", "F02", "F03", "F04", "F05", "F06") else ""
    invited, prizes = "", ""
    if form == "F12":
        invited = "<NB_PARTICIPANTS>5</NB_PARTICIPANTS>" if kind == "PT_RESTRICTED" else ""
        prizes = "<NO_PRIZE_AWARDED/><NO_FOLLOW_UP_CONTRACTS/><NO_DECISION_BINDING_CONTRACTING/>"
    award = earlier if form in ("F03", "F06", "F13") or (form in AWARD_TYPES and made.awards) else ""
    return (
        f"<PROCEDURE>{f'<{kind}/>' if kind else ''}{invited}{framework}{gpa}{jury}{award}{deadline}{prizes}</PROCEDURE>"
    )


def _languages(made: Draft) -> str:
    return f'<LANGUAGES><LANGUAGE VALUE="{made.language}"/></LANGUAGES>'


def _blocks(made: Draft, form: str) -> list[Award]:
    """The award blocks of a form; a modification and a transport award have one."""
    if form in ("F20", "T02"):
        return made.awards[:1]
    return [] if form == "F13" else made.awards


def _contractors(award: Award, form: str, spelling: Spelling) -> str:
    alone = "" if form in ("F21", "F22", "T02") else "<NO_AWARDED_TO_GROUP/>"
    group = alone if len(award.winners) == 1 or form == "T02" else "<AWARDED_TO_GROUP/>"
    size = "" if form == "T02" else "<SME/>"
    firms = "".join(
        f"<CONTRACTOR>{_address('ADDRESS_CONTRACTOR', winner, spelling.nuts)}{size}</CONTRACTOR>"
        for winner in award.winners
    )
    return _nested("CONTRACTORS", f"{group}{firms}", form, spelling)


def _nested(tag: str, content: str, form: str, spelling: Spelling) -> str:
    """Wrap what the nested versions wrap, with leave to publish it where the form asks for that."""
    if spelling.is_flat and form != "F06":
        return content
    leave = ' PUBLICATION="YES"' if form in _PUBLISHING else ""
    return f"<{tag}{leave}>{content}</{tag}>"


def _award(award: Award, position: int, form: str, spelling: Spelling) -> str:
    item = "" if form in ("F20", "T02") else f' ITEM="{position}"'
    lot = f"<LOT_NO>{award.lot.number}</LOT_NO>" if award.lot.number and form != "F20" else ""
    number = "" if form == "F25" else f"<CONTRACT_NO>{award.contract_number}</CONTRACT_NO>"
    head = "" if form == "T02" else f"{number}{lot}<TITLE><P>{xml(award.lot.title)}</P></TITLE>"
    if not award.winners:
        outcome = "<NO_AWARDED_CONTRACT><PROCUREMENT_UNSUCCESSFUL/></NO_AWARDED_CONTRACT>"
        return f"<AWARD_CONTRACT{item}>{head}{outcome}</AWARD_CONTRACT>"
    received = ""
    if form not in ("F15", "F20", "T02"):
        received = _nested("TENDERS", f"<NB_TENDERS_RECEIVED>{award.tenders}</NB_TENDERS_RECEIVED>", form, spelling)
    value = f'<VAL_TOTAL CURRENCY="{award.currency}">{award.value}</VAL_TOTAL>'
    value = _nested("VALUE" if form == "F06" and spelling.is_flat else "VALUES", value, form, spelling)
    return (
        f"<AWARD_CONTRACT{item}>{head}<AWARDED_CONTRACT>"
        f"<DATE_CONCLUSION_CONTRACT>{award.decided.strftime(DATED)}</DATE_CONCLUSION_CONTRACT>"
        f"{received}{_contractors(award, form, spelling)}{value}</AWARDED_CONTRACT></AWARD_CONTRACT>"
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
    reference = f"<NOTICE_NUMBER_OJ>{made.previous_ojs}</NOTICE_NUMBER_OJ>" if form == "F14" else ""
    body = "" if form in ("F08", "F14", "T01", "T02") else (
        f"<ADDRESS_REVIEW_BODY><OFFICIALNAME>Review body, {xml(review.town)}</OFFICIALNAME><TOWN>{xml(review.town)}</TOWN>"
        f'<COUNTRY VALUE="{review.country.code}"/></ADDRESS_REVIEW_BODY>'
    )  # fmt: skip
    recurrent = "<NO_RECURRENT_PROCUREMENT/>" if form in ("F02", "F05", "F24") else ""
    return (
        f"<COMPLEMENTARY_INFO>{recurrent}{body}<DATE_DISPATCH_NOTICE>{made.dispatched.strftime(DATED)}</DATE_DISPATCH_NOTICE>"
        f"{reference}</COMPLEMENTARY_INFO>"
    )


def _changes(made: Draft, language: str, spelling: Spelling) -> str:
    label = DEADLINE_LABELS.get(language, "Time limit for receipt of tenders")
    later = made.deadline + dt.timedelta(days=14)
    new_cpv = SUBJECTS[made.number % len(SUBJECTS)].cpv
    made.facts["changes"] = 3
    return (
        f'<CHANGES><CHANGE PUBLICATION="YES"><WHERE><SECTION>IV.2.2)</SECTION><LABEL>{label}</LABEL></WHERE>'
        f"<OLD_VALUE><DATE>{made.deadline.strftime(DATED)}</DATE><TIME>{made.deadline_time}</TIME></OLD_VALUE>"
        f"<NEW_VALUE><DATE>{later.strftime(DATED)}</DATE><TIME>{made.deadline_time}</TIME></NEW_VALUE></CHANGE>"
        '<CHANGE PUBLICATION="YES"><WHERE><SECTION>II.1.2)</SECTION><LOT_NO>1</LOT_NO></WHERE>'
        f'<OLD_VALUE><CPV_MAIN><CPV_CODE CODE="{made.subject.cpv}"/></CPV_MAIN></OLD_VALUE>'
        f'<NEW_VALUE><CPV_MAIN><CPV_CODE CODE="{new_cpv}"/></CPV_MAIN></NEW_VALUE></CHANGE>'
        '<CHANGE PUBLICATION="YES"><WHERE><SECTION>II.1.4)</SECTION></WHERE><OLD_VALUE><NOTHING/></OLD_VALUE>'
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
    money, change = (_nested("VALUES", content, "F20", spelling) for content in (money, change))
    contractors = _contractors(award, "F20", spelling)
    made.facts |= {"changes": 1, "value_before": before, "value_after": after}
    return (
        f'<MODIFICATIONS_CONTRACT><DESCRIPTION_PROCUREMENT><CPV_MAIN><CPV_CODE CODE="{made.subject.cpv}"/></CPV_MAIN>'
        f'<{spelling.nuts}NUTS CODE="{nuts_code(made.country, spelling.nuts)}"/><SHORT_DESCR><P>{made.description}</P></SHORT_DESCR>'
        f'<DURATION TYPE="MONTH">{made.lots[0].months}</DURATION>{money}{contractors}</DESCRIPTION_PROCUREMENT>'
        f"<INFO_MODIFICATIONS><SHORT_DESCR><P>{made.description}</P></SHORT_DESCR>"
        f"<ADDITIONAL_NEED><P>{made.lots[0].description}</P></ADDITIONAL_NEED>{change}</INFO_MODIFICATIONS>"
        "</MODIFICATIONS_CONTRACT>"
    )
