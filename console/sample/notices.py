"""Make one made-up notice, or one member that no reader can take."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from console.sample.draft import Draft, Facts, Story, add_awards, draft
from console.sample.eforms import SUBTYPES, VERSIONS, eforms
from console.sample.ted_export import FORMS, ted_export
from console.sample.ted_legacy import CIVIL_FORMS, DEFENCE_FORMS, PROSE_FORM, ted_legacy
from console.sample.words import ALPHA3_LANGUAGES

TRAITS = frozenset(
    (
        "change",
        "consortium",
        "currencies",
        "losers",
        "multilingual",
        "no-award",
        "several-buyers",
        "touchpoint",
        "withheld",
    )
)
"""Oddities that a notice can be asked to have; a form without room for one ignores it."""

_AWARDING = frozenset(("F03", "F06", "F13", "F15", "F18", "F20", "F25", "T02"))
_EFORMS_ONLY = frozenset(("change", "losers", "touchpoint", "withheld"))
_LEGACY_LACKS = frozenset(("consortium", "multilingual", "several-buyers", "currencies"))
_CHANGEABLE = frozenset(("planning", "competition"))


@dataclass(frozen=True, slots=True)
class SampleNotice:
    """A member of a package and what a reader must find in it.

    Attributes
    ----------
    member_name : path in the package, as in 20190301_043/098765_2019.xml
    notice_id : number without leading zeros and year, empty where the member is no notice
    xml : bytes of the member
    facts : values that extraction must find; a fact that is absent says nothing. Names of columns of the table
        `notices`; the numbers of rows `lots`, `lot_results`, `contracts`, `tenders`, `criteria`, `changes`; in
        published order `buyers`, `winners`, `contract_titles` and, where nothing is withheld, `contract_values` and
        `contract_currencies`. A bad member has one fact, the `reason` for its quarantine
    story : what a later notice of the same procedure follows, None of a bad member
    """

    member_name: str
    notice_id: str
    xml: bytes
    facts: Facts
    story: Story | None = None


def forms_of(schema: str) -> tuple[str, ...]:
    """The forms of a schema version, as `make_notice` takes them."""
    if schema.startswith("eforms"):
        return tuple(SUBTYPES) if schema in VERSIONS else ()
    if schema.startswith("R2.0.9"):
        is_young = schema >= "R2.0.9.S03"
        return tuple(form for form in FORMS if is_young or form not in ("T01", "T02"))
    if schema.startswith("R2.0.7"):
        return ("F02", "F03", PROSE_FORM)
    if schema < "R2.0.8.S04":
        return (*CIVIL_FORMS, PROSE_FORM)
    return (*DEFENCE_FORMS, "F01", "F15") if schema < "R2.0.8.S05" else DEFENCE_FORMS


def member_name(number: int, date: dt.date, issue: int, *, is_eforms: bool) -> str:
    """Path of a notice in its package: six digits for TED_EXPORT, eight for eForms."""
    return f"{date:%Y%m%d}_{issue:03d}/{number:0{8 if is_eforms else 6}d}_{date.year}.xml"


def make_notice(
    *,
    number: int,
    date: dt.date,
    issue: int,
    form: str,
    schema: str,
    year: int | None = None,
    seed: int = 0,
    traits: Collection[str] = (),
    lots: int | None = None,
    description_size: int = 300,
    follows: Story | None = None,
) -> SampleNotice:
    """Make up a notice. The same arguments give the same bytes.

    Parameters
    ----------
    number, date, issue : publication number in its year, day of publication, OJ S issue
    form : standard form (F03) or eForms subtype (29), one of `forms_of(schema)`
    schema : R2.0.7.S03, R2.0.8.S02 to S05, R2.0.9.S01 to S05, eforms-sdk-1.3 to 1.16
    year : year of the publication number where it is not the date's
    seed : another seed, another content
    traits : some of TRAITS
    lots : number of lots; None is realistic
    description_size : characters of each description
    follows : earlier notice of the same procedure, which the notice then names where its form has room for that

    Raises
    ------
    ValueError
        The schema has no such form, the trait is unknown, or the year is not the date's.
    """
    if form not in forms_of(schema):
        raise ValueError(f"no form {form!r} in {schema}: expected one of {', '.join(forms_of(schema))}")
    if unknown := set(traits) - TRAITS:
        raise ValueError(f"no such traits: {', '.join(sorted(unknown))}; known are {', '.join(sorted(TRAITS))}")
    if year not in (None, date.year):
        raise ValueError(f"a notice of {year} is not published on {date}")
    is_eforms = schema.startswith("eforms")
    is_defence = form in DEFENCE_FORMS or (is_eforms and SUBTYPES[form].basis == "32009L0081")
    made = draft(
        number=number,
        date=date,
        issue=issue,
        seed=seed,
        label=f"{schema}/{form}",
        traits=_fitting(frozenset(traits), schema, form),
        lots=lots,
        description_size=description_size,
        is_defence=is_defence,
        follows=follows,
    )
    if _awards(made, form, is_eforms=is_eforms):
        # A voluntary notice is about contracts that somebody is to get.
        add_awards(made, is_awarded=(lambda _: True) if form == "F15" and schema >= "R2.0.9" else None)
    if is_eforms:
        text = eforms(made, form=form, version=schema)
    elif schema.startswith("R2.0.9"):
        text = ted_export(made, form=form, version=schema[-3:])
    else:
        text = ted_legacy(made, form=form, version=schema)
    _count(made, form)
    return SampleNotice(
        member_name(number, date, issue, is_eforms=is_eforms),
        made.notice_id,
        text.encode(),
        dict(made.facts),
        made.story,
    )


def _fitting(traits: frozenset[str], schema: str, form: str) -> frozenset[str]:
    """The traits that a form has room for."""
    if schema.startswith("eforms"):
        if SUBTYPES[form].form_type not in _CHANGEABLE:
            traits -= {"change"}
        return traits - {"multilingual"} if form.startswith("X") else traits
    traits -= _EFORMS_ONLY
    if not schema.startswith("R2.0.9"):
        return traits - _LEGACY_LACKS
    return traits - {"no-award"} if form in ("F15", "F20", "T02") else traits


def _awards(made: Draft, form: str, *, is_eforms: bool) -> bool:
    if is_eforms:
        return SUBTYPES[form].form_type in ("result", "dir-awa-pre", "cont-modif")
    # Forms 21 and 22 are contract notices and award notices in one.
    return form in _AWARDING or (form in ("F21", "F22") and made.number % 2 == 1)


def _count(made: Draft, form: str) -> None:
    """Complete the facts with what the awards come to."""
    facts = made.facts
    facts["original_language"] = ALPHA3_LANGUAGES.get(str(facts["original_language"]), facts["original_language"])
    if not made.awards:
        return
    blocks = (
        made.awards[:1]
        if form in ("F13", "F20") or (form == "T02" and facts["format"] == "ted-export")
        else made.awards
    )
    facts["lot_results"] = len(blocks)
    facts["contracts"] = sum(bool(award.winners) for award in blocks)
    facts["winners"] = [winner.name for award in blocks for winner in award.winners]
    won = [award for award in blocks if award.winners]
    if form == "F13":
        del facts["contracts"]
        return
    if form != "T02" or facts["format"] == "eforms":  # a transport award has no title
        facts["contract_titles"] = [award.lot.title for award in won]
    facts["contract_currencies"] = [] if "withheld" in made.traits else [award.currency for award in won]
    facts["contract_values"] = [] if "withheld" in made.traits else [award.value for award in won]


# Members that no reader can take


def corrupt_notice(*, number: int, date: dt.date, issue: int) -> SampleNotice:
    """A member that is not XML at all."""
    return _bad(number, date, issue, b"%PDF-1.4 made up\x00\xff\xfe not a notice", "not-xml")


def truncated_notice(*, number: int, date: dt.date, issue: int) -> SampleNotice:
    """A notice whose second half is missing."""
    whole = make_notice(number=number, date=date, issue=issue, form="F03", schema="R2.0.9.S03").xml
    return _bad(number, date, issue, whole[: len(whole) // 2], "not-xml")


def foreign_xml(*, number: int, date: dt.date, issue: int) -> SampleNotice:
    """XML that is no notice."""
    text = '<?xml version="1.0" encoding="UTF-8"?><recipe><title>Soup</title></recipe>'
    return _bad(number, date, issue, text.encode(), "not-a-notice")


def unnumbered_notice(*, number: int, date: dt.date, issue: int) -> SampleNotice:
    """A notice without a publication number; the member's name is no help."""
    whole = make_notice(number=number, date=date, issue=issue, form="F02", schema="R2.0.9.S03").xml
    padded = f"{number:06d}".encode()
    nameless = whole.replace(b' DOC_ID="' + padded + f"-{date.year}".encode() + b'"', b"").replace(
        f"<NO_DOC_OJS>{date.year}/S {issue:03d}-".encode() + padded + b"</NO_DOC_OJS>", b""
    )
    folder = f"{date:%Y%m%d}_{issue:03d}"
    return SampleNotice(f"{folder}/unnumbered.xml", "", nameless, {"reason": "no-notice-id"})


def entity_bomb(*, number: int, date: dt.date, issue: int) -> SampleNotice:
    """XML whose entities would fill gigabytes if they were resolved."""
    entities = '<!ENTITY a0 "made up">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE TED_EXPORT [{entities}]><TED_EXPORT>&a9;</TED_EXPORT>'
    return _bad(number, date, issue, text.encode(), "not-xml")


BAD_MEMBERS = (corrupt_notice, truncated_notice, foreign_xml, unnumbered_notice, entity_bomb)


def _bad(number: int, date: dt.date, issue: int, content: bytes, reason: str) -> SampleNotice:
    return SampleNotice(member_name(number, date, issue, is_eforms=False), "", content, {"reason": reason})
