"""Spell a draft as TED_EXPORT R2.0.7 or R2.0.8: civil forms, defence F16 to F19, corrigenda in prose (OTH_NOT)."""

# ruff: noqa: E501 (an element is easier to check against its schema on one line)

import datetime as dt
from dataclasses import dataclass

from console.sample.draft import Award, Draft, Lot, Money, Organisation, xml
from console.sample.ted_export import (
    XLINK,
    Spelling,
    coded_section,
    doc_id,
    edition,
    nuts_code,
    technical_section,
    translation_section,
)
from console.sample.words import PRICE_WORDS, QUALITY_WORDS

_NAMESPACES = {
    "R2.0.7.S03": "http://publications.europa.eu/TED_schema/Export",
    "R2.0.8.S02": "http://publications.europa.eu/TED_schema/Export",
    "R2.0.8.S03": "ted/R2.0.8.S03/publication",
}
_LAST_NAMESPACE = "http://publications.europa.eu/resource/schema/ted/R2.0.8/publication"


@dataclass(frozen=True, slots=True)
class _Tags:
    """Elements of a form that differ from form to form; each form of these versions has its own."""

    root: str
    td: str
    form_type: str
    authority: str
    contact: str
    kinds: str
    object: str
    description: str
    procedure: str
    procedure_type: str
    criteria: str
    administrative: str
    award: str = ""
    complement: str = "COMPLEMENTARY_INFORMATION_CONTRACT_NOTICE"
    conditions: str = ""
    nature: str = "TYPE_CONTRACT_LOCATION"
    summary: str = "SHORT_CONTRACT_DESCRIPTION"


_BOTH_KINDS = "TYPE_AND_ACTIVITIES_OR_CONTRACTING_ENTITY_AND_PURCHASING_ON_BEHALF"
_AUTHORITY_KINDS = "TYPE_AND_ACTIVITIES_AND_PURCHASING_ON_BEHALF"

_TAGS = {
    "F01": _Tags(
        "PRIOR_INFORMATION", "0", "planning", "AUTHORITY_PRIOR_INFORMATION",
        "NAME_ADDRESSES_CONTACT_PRIOR_INFORMATION", _AUTHORITY_KINDS, "OBJECT_WORKS_PRIOR_INFORMATION", "", "", "", "", "",
        complement="OTH_INFO_PRIOR_INFORMATION", conditions="LEFTI_PRIOR_INFORMATION",
    ),
    "F02": _Tags(
        "CONTRACT", "3", "competition", "CONTRACTING_AUTHORITY_INFORMATION", "NAME_ADDRESSES_CONTACT_CONTRACT",
        _AUTHORITY_KINDS, "OBJECT_CONTRACT_INFORMATION", "DESCRIPTION_CONTRACT_INFORMATION",
        "PROCEDURE_DEFINITION_CONTRACT_NOTICE", "TYPE_OF_PROCEDURE", "AWARD_CRITERIA_CONTRACT_NOTICE_INFORMATION",
        "ADMINISTRATIVE_INFORMATION_CONTRACT_NOTICE", conditions="LEFTI_CONTRACT",
    ),
    "F03": _Tags(
        "CONTRACT_AWARD", "7", "result", "CONTRACTING_AUTHORITY_INFORMATION_CONTRACT_AWARD",
        "NAME_ADDRESSES_CONTACT_CONTRACT_AWARD", _AUTHORITY_KINDS, "OBJECT_CONTRACT_INFORMATION_CONTRACT_AWARD_NOTICE",
        "DESCRIPTION_AWARD_NOTICE_INFORMATION", "PROCEDURE_DEFINITION_CONTRACT_AWARD_NOTICE", "TYPE_OF_PROCEDURE_DEF",
        "AWARD_CRITERIA_CONTRACT_AWARD_NOTICE_INFORMATION", "ADMINISTRATIVE_INFORMATION_CONTRACT_AWARD",
        "AWARD_OF_CONTRACT", "COMPLEMENTARY_INFORMATION_CONTRACT_AWARD", nature="TYPE_CONTRACT_LOCATION_W_PUB",
    ),
    "F05": _Tags(
        "CONTRACT_UTILITIES", "3", "competition", "CONTRACTING_AUTHORITY_INFO", "NAME_ADDRESSES_CONTACT_CONTRACT_UTILITIES",
        "", "OBJECT_CONTRACT_INFORMATION_CONTRACT_UTILITIES", "CONTRACT_OBJECT_DESCRIPTION",
        "PROCEDURE_DEFINITION_CONTRACT_NOTICE_UTILITIES", "TYPE_OF_PROCEDURE_FOR_CONTRACT",
        "F05_AWARD_CRITERIA_CONTRACT_UTILITIES_INFORMATION", "ADMINISTRATIVE_INFORMATION_CONTRACT_UTILITIES",
        complement="COMPLEMENTARY_INFORMATION_CONTRACT_UTILITIES", conditions="LEFTI_CONTRACT_NOTICE_UTILITIES",
    ),
    "F15": _Tags(
        "VOLUNTARY_EX_ANTE_TRANSPARENCY_NOTICE", "V", "dir-awa-pre", "CONTRACTING_AUTHORITY_VEAT",
        "NAME_ADDRESSES_CONTACT_VEAT", _BOTH_KINDS, "OBJECT_VEAT", "DESCRIPTION_VEAT", "PROCEDURE_DEFINITION_VEAT",
        "TYPE_OF_PROCEDURE_DEF_F15", "AWARD_CRITERIA_VEAT_INFORMATION", "ADMINISTRATIVE_INFORMATION_VEAT",
        "AWARD_OF_CONTRACT_DEFENCE", "COMPLEMENTARY_INFORMATION_VEAT",
    ),
    "F16": _Tags(
        "PRIOR_INFORMATION_DEFENCE", "0", "planning", "AUTHORITY_PRIOR_INFORMATION_DEFENCE",
        "NAME_ADDRESSES_CONTACT_PRIOR_INFORMATION", _BOTH_KINDS, "OBJECT_WORKS_SUPPLIES_SERVICES_PRIOR_INFORMATION",
        "", "", "", "", "", complement="OTH_INFO_PRIOR_INFORMATION", conditions="LEFTI_PRIOR_INFORMATION",
    ),
    "F17": _Tags(
        "CONTRACT_DEFENCE", "3", "competition", "CONTRACTING_AUTHORITY_INFORMATION_DEFENCE",
        "NAME_ADDRESSES_CONTACT_CONTRACT", _BOTH_KINDS, "OBJECT_CONTRACT_INFORMATION_DEFENCE",
        "DESCRIPTION_CONTRACT_INFORMATION_DEFENCE", "PROCEDURE_DEFINITION_CONTRACT_NOTICE_DEFENCE",
        "TYPE_OF_PROCEDURE_DEFENCE", "AWARD_CRITERIA_CONTRACT_NOTICE_INFORMATION",
        "ADMINISTRATIVE_INFORMATION_CONTRACT_NOTICE_DEFENCE", conditions="LEFTI_CONTRACT_DEFENCE",
        nature="TYPE_CONTRACT_DEFENCE",
    ),
    "F18": _Tags(
        "CONTRACT_AWARD_DEFENCE", "7", "result", "CONTRACTING_AUTHORITY_INFORMATION_CONTRACT_AWARD_DEFENCE",
        "NAME_ADDRESSES_CONTACT_CONTRACT_AWARD", _BOTH_KINDS, "OBJECT_CONTRACT_INFORMATION_CONTRACT_AWARD_NOTICE_DEFENCE",
        "DESCRIPTION_AWARD_NOTICE_INFORMATION_DEFENCE", "PROCEDURE_DEFINITION_CONTRACT_AWARD_NOTICE_DEFENCE",
        "TYPE_OF_PROCEDURE_CONTRACT_AWARD_DEFENCE", "AWARD_CRITERIA_CONTRACT_AWARD_NOTICE_INFORMATION_DEFENCE",
        "ADMINISTRATIVE_INFORMATION_CONTRACT_AWARD_DEFENCE", "AWARD_OF_CONTRACT_DEFENCE",
        "COMPLEMENTARY_INFORMATION_CONTRACT_AWARD", nature="TYPE_CONTRACT_W_PUB_DEFENCE",
    ),
    "F19": _Tags(
        "CONTRACT_CONCESSIONAIRE_DEFENCE", "3", "competition", "CONTRACTING_AUTHORITY_INFORMATION_CONTRACT_SUB_DEFENCE",
        "NAME_ADDRESSES_CONTACT_CONTRACT", "", "OBJECT_CONTRACT_SUB_DEFENCE", "DESCRIPTION_CONTRACT_SUB_DEFENCE",
        "PROCEDURE_DEFINITION_CONTRACT_SUB_DEFENCE", "", "AWARD_CRITERIA_CONTRACT_NOTICE_INFORMATION_DEFENCE",
        "ADMINISTRATIVE_INFORMATION_CONTRACT_SUB_NOTICE_DEFENCE",
        complement="COMPLEMENTARY_INFORMATION_CONTRACT_NOTICE_DEFENCE", conditions="LEFTI_CONTRACT_SUB_DEFENCE",
        nature="TYPE_CONTRACT_DEFENCE", summary="SHORT_DESCRIPTION_CONTRACT",
    ),
}  # fmt: skip
CIVIL_FORMS = ("F01", "F02", "F03", "F05", "F15")
DEFENCE_FORMS = ("F16", "F17", "F18", "F19")
PROSE_FORM = "OTH_NOT"


def ted_legacy(made: Draft, *, form: str, version: str) -> str:
    """Spell a draft as a TED_EXPORT R2.0.7 or R2.0.8 notice.

    Parameters
    ----------
    made : the content; its facts are completed
    form : one of CIVIL_FORMS, DEFENCE_FORMS, or OTH_NOT
    version : R2.0.7.S03, R2.0.8.S02 to S05
    """
    made.facts |= {"format": "ted-export", "schema_version": version, "language_count": 1}
    nuts, declaration = "", ""
    if version in ("R2.0.8.S04", "R2.0.8.S05"):
        year = "2016" if version == "R2.0.8.S04" else "2021"
        nuts = f"n{year}:"
        declaration = f' xmlns:n{year}="http://publications.europa.eu/resource/schema/ted/{year}/nuts"'
    td = "2" if form == PROSE_FORM else _TAGS[form].td
    coded = coded_section(
        made,
        td=td,
        original=made.language,
        spelling=Spelling(version, nuts, is_flat=True),
        languages=(made.language,),
        values=_values_list(made),
    )
    body = _prose(made, version) if form == PROSE_FORM else _form(made, form, version, nuts)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><TED_EXPORT xmlns="{_NAMESPACES.get(version, _LAST_NAMESPACE)}" '
        f'{XLINK}{declaration} DOC_ID="{doc_id(made)}" EDITION="{edition(made)}">'
        f"{technical_section(made, (made.language,))}{coded}"
        f"{translation_section(made.subject, made.country.code, made.buyers[0])}"
        f"<FORM_SECTION>{body}</FORM_SECTION></TED_EXPORT>"
    )


def _local(value: Money) -> str:
    """An amount as people of the continent write it: `878 000,00`."""
    whole, _, cents = value.partition(".")
    return f"{int(whole):,}".replace(",", " ") + f",{cents or '00'}"


def _cost(made: Draft, tag: str, value: Money, currency: str, vat: str = "") -> str:
    """An amount with its machine value; every seventh notice has none, and plain text instead."""
    text = value if made.number % 7 == 0 else _local(value)
    machine = "" if made.number % 7 == 0 else f' FMTVAL="{value}"'
    return f'<{tag} CURRENCY="{currency}"><VALUE_COST{machine}>{text}</VALUE_COST>{vat}</{tag}>'


def _values_list(made: Draft) -> str:
    if not made.awards or not made.awards[0].winners:
        return "<VALUES_LIST/>"
    currency = made.country.currency
    return (
        '<VALUES_LIST><VALUES TYPE="GLOBAL"><SINGLE_VALUE>'
        f'<VALUE CURRENCY="{currency}">{_local(made.award_total)}</VALUE></SINGLE_VALUE></VALUES></VALUES_LIST>'
    )


def _date(tag: str, day: dt.date, time: str = "") -> str:
    clock = f"<TIME>{time}</TIME>" if time else ""
    return f"<{tag}><DAY>{day:%d}</DAY><MONTH>{day:%m}</MONTH><YEAR>{day:%Y}</YEAR>{clock}</{tag}>"


def _organisation(body: Organisation, version: str) -> str:
    if version.startswith("R2.0.7"):
        name = xml(body.name)
    else:
        name = f"<OFFICIALNAME>{xml(body.name)}</OFFICIALNAME><NATIONALID>{body.national_id}</NATIONALID>"
    return (
        f"<ORGANISATION>{name}</ORGANISATION><ADDRESS>{xml(body.street)}</ADDRESS><TOWN>{xml(body.town)}</TOWN>"
        f'<POSTAL_CODE>{body.postcode}</POSTAL_CODE><COUNTRY VALUE="{body.country.code}"/>'
    )


def _cpv(made: Draft) -> str:
    more = "".join(f'<CPV_ADDITIONAL><CPV_CODE CODE="{code}"/></CPV_ADDITIONAL>' for code in made.subject.more)
    return f'<CPV><CPV_MAIN><CPV_CODE CODE="{made.subject.cpv}"/></CPV_MAIN>{more}</CPV>'


def _form(made: Draft, form: str, version: str, nuts: str) -> str:
    tags = _TAGS[form]
    made.facts |= {
        "form_number": form,
        "form_type": tags.form_type,
        "contract_nature": made.subject.nature,
        "buyers": [made.buyers[0].name],
    }
    is_planning = tags.form_type == "planning"
    body = _planning_object(made, form, nuts) if is_planning else _contract_object(made, tags, nuts)
    awards = "".join(
        _award(made, award, tags.award, position, version) for position, award in enumerate(made.awards, 1)
    )
    procedure = "" if is_planning else _procedure(made, form, tags)
    published = '<NOTICE_PUBLISHED NOTICE="CONTRACTING_AUTHORITY"/>' if form == "F15" else ""
    return (
        f'<{tags.root} CATEGORY="ORIGINAL" FORM="{int(form[1:])}" LG="{made.language}" VERSION="{version}.E01">'
        f'<FD_{tags.root} CTYPE="{made.subject.nature.upper()}">'
        f"{published}<{tags.authority}><{tags.contact}><CA_CE_CONCESSIONAIRE_PROFILE>{_organisation(made.buyers[0], version)}"
        f"</CA_CE_CONCESSIONAIRE_PROFILE></{tags.contact}>{_kinds(tags)}</{tags.authority}>"
        f"<{tags.object}>{body}</{tags.object}>{f'<{tags.conditions}/>' if tags.conditions else ''}{procedure}{awards}"
        f"<{tags.complement}><RELATES_TO_EU_PROJECT_NO/>{_date('NOTICE_DISPATCH_DATE', made.dispatched)}</{tags.complement}>"
        f"</FD_{tags.root}></{tags.root}>"
    )


def _kinds(tags: _Tags) -> str:
    if not tags.kinds:
        return ""
    return (
        f'<{tags.kinds}><TYPE_AND_ACTIVITIES><TYPE_OF_CONTRACTING_AUTHORITY VALUE="REGIONAL_AUTHORITY"/>'
        '<TYPE_OF_ACTIVITY VALUE="GENERAL_PUBLIC_SERVICES"/></TYPE_AND_ACTIVITIES>'
        f"<PURCHASING_ON_BEHALF><PURCHASING_ON_BEHALF_NO/></PURCHASING_ON_BEHALF></{tags.kinds}>"
    )


def _planning_object(made: Draft, form: str, nuts: str) -> str:
    currency = made.country.currency
    scope = "QUANTITY_SCOPE_WORKS" if form == "F01" else "QUANTITY_SCOPE_WORKS_DEFENCE"
    place = f'<SITE_OR_LOCATION><LABEL><P>{xml(made.buyers[0].town)}</P></LABEL><{nuts}NUTS CODE="{nuts_code(made.country, nuts)}"/></SITE_OR_LOCATION>'
    if form == "F16":
        place = (
            "<TYPE_CONTRACT_PLACE_DELIVERY_DEFENCE><TYPE_CONTRACT_PI_DEFENCE>"
            f'<TYPE_CONTRACT VALUE="{made.subject.nature.upper()}"/></TYPE_CONTRACT_PI_DEFENCE>{place}'
            "</TYPE_CONTRACT_PLACE_DELIVERY_DEFENCE>"
        )
    made.facts |= {"estimated_value": made.estimate, "estimated_value_currency": currency}
    return (
        f'<TITLE_CONTRACT><P>{made.title.markup}</P></TITLE_CONTRACT>{place}<FRAMEWORK_AGREEMENT VALUE="NO"/>'
        f"<{scope}><TOTAL_QUANTITY_OR_SCOPE><P>{made.description}</P></TOTAL_QUANTITY_OR_SCOPE>"
        f"{_cost(made, 'COSTS_RANGE_AND_CURRENCY', made.estimate, currency)}{_planned_lots(made, form)}</{scope}>{_cpv(made)}"
        f"<SCHEDULED_DATE_PERIOD>{_date('PROCEDURE_DATE_STARTING', made.deadline)}</SCHEDULED_DATE_PERIOD>"
    )


def _planned_lots(made: Draft, form: str) -> str:
    tag = f"{form}_DIVISION_INTO_LOTS"
    if form == "F16":
        return f"<{tag}><DIV_INTO_LOT_NO/></{tag}>"
    if len(made.lots) == 1:
        return ""
    made.facts["lot_count"] = len(made.lots)
    items = "".join(
        f'<LOT_PRIOR_INFORMATION ITEM="{item}"><LOT_NUMBER>{lot.number}</LOT_NUMBER><LOT_TITLE>{xml(lot.title)}</LOT_TITLE>'
        f"<LOT_DESCRIPTION><P>{lot.description}</P></LOT_DESCRIPTION>{_cpv(made)}</LOT_PRIOR_INFORMATION>"
        for item, lot in enumerate(made.lots, 1)
    )
    return f"<{tag}><F01_DIV_INTO_LOT_YES>{items}</F01_DIV_INTO_LOT_YES></{tag}>"


def _contract_object(made: Draft, tags: _Tags, nuts: str) -> str:
    currency = made.country.currency
    value, lots = "", ""
    if tags.award:
        if made.awards and made.awards[0].winners:
            cost = _cost(made, "COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE", made.award_total, currency, _vat(made))
            value = f"<TOTAL_FINAL_VALUE>{cost}</TOTAL_FINAL_VALUE>"
            made.facts |= {"total_value": made.award_total, "total_value_currency": currency}
    else:
        cost = _cost(made, "COSTS_RANGE_AND_CURRENCY", made.estimate, currency)
        value = (
            f"<QUANTITY_SCOPE><NATURE_QUANTITY_SCOPE><TOTAL_QUANTITY_OR_SCOPE><P>{made.description}</P>"
            f"</TOTAL_QUANTITY_OR_SCOPE>{cost}</NATURE_QUANTITY_SCOPE></QUANTITY_SCOPE>"
        )
        made.facts |= {"estimated_value": made.estimate, "estimated_value_currency": currency}
        lots = _lots(made, tags)
    return (
        f"<{tags.description}><TITLE_CONTRACT><P>{made.title.markup}</P></TITLE_CONTRACT>"
        f'<{tags.nature}><TYPE_CONTRACT VALUE="{made.subject.nature.upper()}"/></{tags.nature}>'
        f'<LOCATION_NUTS><LOCATION><P>{xml(made.buyers[0].town)}</P></LOCATION><{nuts}NUTS CODE="{nuts_code(made.country, nuts)}"/>'
        f"</LOCATION_NUTS><{tags.summary}><P>{made.description}</P></{tags.summary}>"
        f"{_cpv(made)}{lots}</{tags.description}>{value}"
    )


def _lots(made: Draft, tags: _Tags) -> str:
    prefix = {"CONTRACT": "F02", "CONTRACT_UTILITIES": "F05", "CONTRACT_DEFENCE": "F17"}.get(tags.root)
    if prefix is None:
        return ""
    if len(made.lots) == 1:
        return f"<{prefix}_DIVISION_INTO_LOTS><DIV_INTO_LOT_NO/></{prefix}_DIVISION_INTO_LOTS>"
    made.facts["lot_count"] = len(made.lots)
    items = "".join(_lot(made, lot, prefix, item) for item, lot in enumerate(made.lots, 1))
    return (
        f'<{prefix}_DIVISION_INTO_LOTS><{prefix}_DIV_INTO_LOT_YES VALUE="ALL_LOTS">{items}'
        f"</{prefix}_DIV_INTO_LOT_YES></{prefix}_DIVISION_INTO_LOTS>"
    )


def _lot(made: Draft, lot: Lot, prefix: str, item: int) -> str:
    scope = _cost(made, "COSTS_RANGE_AND_CURRENCY", lot.value, made.country.currency)
    tag = f"{prefix}_ANNEX_B"
    return (
        f'<{tag} ITEM="{item}"><LOT_NUMBER>{lot.number}</LOT_NUMBER><LOT_TITLE>{xml(lot.title)}</LOT_TITLE>'
        f"<LOT_DESCRIPTION><P>{lot.description}</P></LOT_DESCRIPTION>{_cpv(made)}"
        f"<NATURE_QUANTITY_SCOPE>{scope}</NATURE_QUANTITY_SCOPE></{tag}>"
    )


def _procedure(made: Draft, form: str, tags: _Tags) -> str:
    names = {"open": "PT_OPEN", "restricted": "PT_RESTRICTED", "neg-w-call": "PT_NEGOTIATED_WITH_COMPETITION"}
    if form in ("F02", "F17"):
        names |= {"neg-w-call": "PT_NEGOTIATED_CHOICE"}
    elif form == "F18":
        names |= {"neg-w-call": "PT_NEGOTIATED_WITH_PUBLICATION_CONTRACT_NOTICE"}
    kind = f"<{names[made.procedure]}/>"
    if form == "F15":
        kind = "<F15_PT_NEGOTIATED_WITHOUT_COMPETITION/>"
    details = {
        "F02": "TYPE_OF_PROCEDURE_DETAIL_FOR_CONTRACT_NOTICE",
        "F17": "TYPE_OF_PROCEDURE_DETAIL_FOR_CONTRACT_NOTICE_DEFENCE",
    }
    if form == "F05":
        value = {"open": "OPEN", "restricted": "RESTRICTED", "neg-w-call": "NEGOTIATED"}[made.procedure]
        kind = f'<TYPE_OF_PROCEDURE_DETAIL VALUE="{value}"/>'
    if form in details:
        kind = f"<{details[form]}>{kind}</{details[form]}>"
    kind = f"<{tags.procedure_type}>{kind}</{tags.procedure_type}>" if tags.procedure_type else ""
    detail = f"AWARD_CRITERIA_DETAIL{f'_{form}' if tags.award else ''}"
    lot = made.lots[0]
    if form == "F19":
        criteria = f"<P>{PRICE_WORDS[made.language]}</P>"
    elif lot.quality == "0":
        criteria = "<LOWEST_PRICE/>"
    else:
        pairs = ((QUALITY_WORDS[made.language], lot.quality), (PRICE_WORDS[made.language], str(100 - int(lot.quality))))
        items = "".join(
            f"<CRITERIA_DEFINITION><ORDER_C>{order}</ORDER_C><CRITERIA>{name}</CRITERIA><WEIGHTING>{weight}</WEIGHTING>"
            "</CRITERIA_DEFINITION>"
            for order, (name, weight) in enumerate(pairs, 1)
        )
        wrap = "MOST_ECONOMICALLY_ADVANTAGEOUS_TENDER" + ("_SHORT" if tags.award else "")
        if form in ("F02", "F05", "F17"):
            items = f"<CRITERIA_STATED_BELOW>{items}</CRITERIA_STATED_BELOW>"
        criteria = f"<{wrap}>{items}</{wrap}>"
    limit = ""
    if tags.form_type == "competition":
        limit = _date("RECEIPT_LIMIT_DATE", made.deadline, made.deadline_time)
        made.facts["submission_deadline_date"] = f"{made.deadline:%Y-%m-%d}"
    made.facts["reference_number"] = made.reference
    return (
        f"<{tags.procedure}>{kind}"
        f"<{tags.criteria}><{detail}>{criteria}</{detail}></{tags.criteria}>"
        f"<{tags.administrative}><FILE_REFERENCE_NUMBER><P>{made.reference}</P></FILE_REFERENCE_NUMBER>{limit}"
        f"</{tags.administrative}></{tags.procedure}>"
    )


def _vat(made: Draft) -> str:
    if made.number % 4:
        return "<EXCLUDING_VAT/>"
    return "<INCLUDING_VAT><VAT_PRCT>20</VAT_PRCT></INCLUDING_VAT>"


def _award(made: Draft, award: Award, tag: str, position: int, version: str) -> str:
    lot = f"<LOT_NUMBER>{award.lot.number}</LOT_NUMBER>" if award.lot.number else ""
    # These versions cannot say that nobody won: such a block names lot and title at most.
    number = f"<CONTRACT_NUMBER>{award.contract_number}</CONTRACT_NUMBER>" if award.winners else ""
    head = f'<{tag} ITEM="{position}">{number}{lot}<CONTRACT_TITLE><P>{xml(award.lot.title)}</P></CONTRACT_TITLE>'
    if not award.winners:
        return f"{head}</{tag}>"
    money = _cost(made, "COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE", award.value, award.currency, _vat(made))
    estimate = _cost(
        made, "INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT", award.lot.value, award.currency, "<EXCLUDING_VAT/>"
    )
    return (
        f"{head}{_date('CONTRACT_AWARD_DATE', award.decided)}"
        f"<OFFERS_RECEIVED_NUMBER>{award.tenders}</OFFERS_RECEIVED_NUMBER>"
        "<ECONOMIC_OPERATOR_NAME_ADDRESS><CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME>"
        f"{_organisation(award.winners[0], version)}"
        "</CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME></ECONOMIC_OPERATOR_NAME_ADDRESS>"
        f"<CONTRACT_VALUE_INFORMATION>{estimate}{money}</CONTRACT_VALUE_INFORMATION>"
        "<MORE_INFORMATION_TO_SUB_CONTRACTED><NO_CONTRACT_LIKELY_SUB_CONTRACTED/></MORE_INFORMATION_TO_SUB_CONTRACTED>"
        f"</{tag}>"
    )


def _prose(made: Draft, version: str) -> str:
    """Paragraphs under marked headings; only the buyer's address and the CPV code are tagged."""
    buyer = made.buyers[0]
    made.facts |= {"form_type": "change", "changes": 1, "buyers": [buyer.name]}
    # The heading is country, town and subject, as every notice has it in 24 languages: no title of its own.
    made.facts.pop("title", None)
    heading = f"{buyer.country.code}-{xml(buyer.town)}: {made.title.markup}"
    address = (
        f"<ADDRESS_NOT_STRUCT><ORGANISATION>{xml(buyer.name)}</ORGANISATION><BLK_BTX>, </BLK_BTX>"
        f"<ADDRESS>{xml(buyer.street)}</ADDRESS><BLK_BTX>, </BLK_BTX><POSTAL_CODE>{buyer.postcode}</POSTAL_CODE>"
        f'<TOWN>{xml(buyer.town)}</TOWN><COUNTRY VALUE="{buyer.country.code}"/></ADDRESS_NOT_STRUCT>'
    )
    later = made.deadline + dt.timedelta(days=14)
    return (
        f'<OTH_NOT CATEGORY="ORIGINAL" LG="{made.language}" VERSION="{version}.E01"><FD_OTH_NOT>'
        f"<TI_DOC><P>{heading}</P></TI_DOC><STI_DOC><P>{address}</P></STI_DOC>"
        f"<STI_DOC><P>({made.previous_ojs})</P></STI_DOC>"
        f"<OBJ_NOT><INT_OBJ_NOT>Re:</INT_OBJ_NOT>{_cpv(made)}<BLK_BTX><P>{made.description}</P></BLK_BTX></OBJ_NOT>"
        '<CONTENTS><MARK_LIST><MLI_OCCUR NO_SEQ="001"><NO_MARK>II.2.1)</NO_MARK><TI_MARK/><TXT_MARK>'
        f"<P>{made.lots[0].description}</P></TXT_MARK></MLI_OCCUR>"
        '<MLI_OCCUR NO_SEQ="002"><NO_MARK>IV.3.4)</NO_MARK><TI_MARK/><TXT_MARK><CORREC><FOR_READ>'
        f"<FOR><INT_FOR>for:</INT_FOR><OLD>{made.deadline:%d.%m.%Y} ({made.deadline_time})</OLD></FOR>"
        f"<READ><INT_READ>read:</INT_READ><NEW>{later:%d.%m.%Y} ({made.deadline_time})</NEW></READ>"
        "</FOR_READ></CORREC></TXT_MARK></MLI_OCCUR></MARK_LIST></CONTENTS></FD_OTH_NOT></OTH_NOT>"
    )
