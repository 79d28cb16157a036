"""Made-up notices: well-formed, the same every time, and saying what their facts say."""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from lxml import etree

from console.sample.notices import (
    BAD_MEMBERS,
    TRAITS,
    SampleNotice,
    entity_bomb,
    forms_of,
    make_notice,
    unnumbered_notice,
)
from console.sample.words import COUNTRIES, TITLES, prose
from runtime.extract import dispatch
from runtime.schema.tables import NOTICES

DAY = dt.date(2019, 3, 1)
SCHEMAS = (
    "R2.0.7.S03",
    *(f"R2.0.8.S0{n}" for n in range(2, 6)),
    *(f"R2.0.9.S0{n}" for n in range(1, 6)),
    *(f"eforms-sdk-1.{n}" for n in (3, 10, 13, 15, 16)),
)
EVERY_FORM = [(schema, form) for schema in SCHEMAS for form in forms_of(schema)]
ROLES_OF_WINNERS = ("winner", "prize-winner", "concessionaire")


def sample(form: str = "F03", schema: str = "R2.0.9.S03", *, number: int = 98765, **more: Any) -> SampleNotice:
    return make_notice(number=number, date=DAY, issue=43, form=form, schema=schema, **more)


def variants(schema: str, form: str) -> Iterator[SampleNotice]:
    """A form plain, in several contents, and with each oddity."""
    for number in range(1000, 1004):
        yield sample(form, schema, number=number)
    for offset, trait in enumerate(sorted(TRAITS)):
        yield sample(form, schema, number=2000 + offset, traits=[trait])
    yield sample(form, schema, number=3000, traits=["several-buyers", "consortium", "losers", "change"])


def root(notice: SampleNotice) -> etree._Element:
    return etree.fromstring(notice.xml)


def texts(notice: SampleNotice, name: str) -> list[str]:
    return ["".join(map(str, element.itertext())) for element in root(notice).iter(f"{{*}}{name}")]


@pytest.mark.parametrize(("schema", "form"), EVERY_FORM)
def test_every_form_is_well_formed_and_holds_its_facts(schema: str, form: str) -> None:
    for notice in variants(schema, form):
        tree = root(notice)
        everything = {"".join(map(str, element.itertext())) for element in tree.iter("{*}*")}
        everything |= {value for element in tree.iter("{*}*") for value in map(str, element.attrib.values())}
        names = [notice.facts.get("buyer_name"), *notice.facts.get("buyers", []), *notice.facts.get("winners", [])]  # type: ignore[misc]
        for fact in (notice.facts.get("title"), notice.facts.get("cpv_main"), *names):
            assert fact is None or fact in everything, (notice.member_name, fact)
        amounts = {text for text in everything if text.replace(".", "").isdigit()}
        if notice.facts.get("total_value") and schema[:6] not in ("R2.0.7", "R2.0.8"):
            assert notice.facts["total_value"] in amounts


@pytest.mark.parametrize(("schema", "form"), EVERY_FORM)
def test_a_reader_finds_the_facts(schema: str, form: str) -> None:
    for notice in variants(schema, form):
        assert_read(notice)


def assert_read(notice: SampleNotice) -> None:
    read = dispatch.read_notice(notice.xml)
    found: dict[str, object] = dict(read.row)
    for table in ("lots", "lot_results", "contracts", "tenders", "criteria", "changes"):
        found[table] = len(read.children.get(table, []))
    found["lot_count"] = sum(lot.get("lot_kind") == "lot" for lot in read.children.get("lots", []))
    parties = read.children.get("parties", [])
    found["buyers"] = [party.get("name") for party in parties if party["role"] == "buyer"]
    found["winners"] = [party.get("name") for party in parties if party["role"] in ROLES_OF_WINNERS]
    contracts = read.children.get("contracts", [])
    found["contract_titles"] = [contract.get("contract_title") for contract in contracts]
    found["contract_values"] = [Decimal(str(contract["value"])) for contract in contracts if contract.get("value")]
    found["contract_currencies"] = [contract["value_currency"] for contract in contracts if contract.get("value")]
    expected: dict[str, Any] = dict(notice.facts)
    if "contract_values" in expected:
        expected["contract_values"] = [Decimal(value) for value in expected["contract_values"]]
    changed = expected.pop("changed_notice_ref", None)
    if changed is not None:
        assert read.children["changes"][0]["changed_notice_ref"] == changed
    for name in ("value_before", "value_after"):
        value = expected.pop(name, None)
        if value is not None:
            assert Decimal(str(read.children["changes"][0][name])) == Decimal(str(value))
    money = {column.name for column in NOTICES if column.kind == "money"}
    for name, value in expected.items():
        if name in money and value is not None:
            assert Decimal(str(found.get(name))) == Decimal(str(value)), (notice.member_name, name)
        else:
            assert found.get(name) == value, (notice.member_name, name)
    assert not read.unknown_codes, notice.member_name


def test_the_same_arguments_give_the_same_bytes_and_another_seed_gives_others() -> None:
    assert sample() == sample()
    assert sample().xml != sample(seed=1).xml


def test_members_are_named_with_six_digits_and_eforms_with_eight() -> None:
    assert sample(number=7).member_name == "20190301_043/000007_2019.xml"
    assert sample("29", "eforms-sdk-1.10", number=7).member_name == "20190301_043/00000007_2019.xml"


def test_winners_stand_flat_until_s02_and_nested_from_s03() -> None:
    flat, nested = root(sample(schema="R2.0.9.S02")), root(sample(schema="R2.0.9.S03"))
    assert flat.find(".//{*}AWARDED_CONTRACT/{*}CONTRACTOR") is not None
    assert nested.find(".//{*}AWARDED_CONTRACT/{*}CONTRACTORS/{*}CONTRACTOR") is not None
    assert flat.find(".//{*}AWARDED_CONTRACT/{*}VAL_TOTAL") is not None
    assert nested.find(".//{*}AWARDED_CONTRACT/{*}VALUES/{*}VAL_TOTAL") is not None


def test_an_institution_publishes_one_original_and_23_translations() -> None:
    notice = sample(traits=["multilingual"])
    categories = [form.get("CATEGORY") for form in root(notice).iterfind(".//{*}F03_2014")]
    assert categories.count("ORIGINAL") == 1
    assert categories.count("TRANSLATION") == 23
    assert notice.facts["language_count"] == 24
    names = sample("16", "eforms-sdk-1.10", traits=["multilingual"])
    project = root(names).find("{*}ProcurementProject")
    assert project is not None
    assert len(project.findall("{*}Name")) == 24


def test_withheld_amounts_are_masked_and_are_no_fact() -> None:
    notice = sample("29", "eforms-sdk-1.10", traits=["withheld"])
    amount = root(notice).find(".//{*}TotalAmount")
    assert amount is not None
    assert (amount.text, amount.get("currencyID")) == ("-1", "unpublished")
    assert notice.facts["total_value"] is None
    assert texts(notice, "FieldsPrivacy")


def test_both_ways_of_withholding_give_the_same_rows() -> None:
    columns = ("value", "is_value_withheld", "are_tender_counts_withheld")
    told = []
    for sdk in ("eforms-sdk-1.15", "eforms-sdk-1.16"):
        tables = dispatch.read_notice(sample("29", sdk, traits=["withheld", "losers"], lots=1).xml).children
        told.append(
            {
                name: [[row.get(each) for each in columns] for row in tables[name]]
                for name in ("tenders", "contracts", "lot_results")
            }
        )
    assert told[0] == told[1]
    assert told[1]["tenders"][0] == told[1]["contracts"][0] == [None, True, None]
    assert told[1]["lot_results"][0] == [None, None, True]


def test_a_winner_is_reached_along_the_chain_of_references() -> None:
    notice = sample("29", "eforms-sdk-1.10", traits=["consortium", "losers"], lots=3)
    tree = root(notice)
    organisations = {
        company.findtext("{*}PartyIdentification/{*}ID"): company.findtext("{*}PartyName/{*}Name")
        for company in tree.iter("{*}Company")
    }
    parties = {
        party.findtext("{*}ID"): [tenderer.findtext("{*}ID") for tenderer in party.iterfind("{*}Tenderer")]
        for party in tree.iterfind(".//{*}NoticeResult/{*}TenderingParty")
    }
    tenders = {
        tender.findtext("{*}ID"): tender.findtext("{*}TenderingParty/{*}ID")
        for tender in tree.iterfind(".//{*}NoticeResult/{*}LotTender")
    }
    signed = [
        contract.findtext("{*}LotTender/{*}ID") for contract in tree.iterfind(".//{*}NoticeResult/{*}SettledContract")
    ]
    winners = [organisations[body] for tender in signed for body in parties[tenders[tender]]]
    assert winners == notice.facts["winners"]
    assert len(tenders) == len(signed) + 1


def test_several_currencies_stand_in_one_notice() -> None:
    for form, schema, path in (
        ("F03", "R2.0.9.S03", ".//{*}AWARDED_CONTRACT//{*}VAL_TOTAL"),
        ("29", "eforms-sdk-1.10", ".//{*}PayableAmount"),
    ):
        amounts = [
            amount
            for number in range(20)
            for amount in root(sample(form, schema, number=number + 1, traits=["currencies"])).iterfind(path)
        ]
        assert len({amount.get("CURRENCY") or amount.get("currencyID") for amount in amounts}) > 2


def test_texts_are_of_many_scripts_with_superscripts() -> None:
    notices = b"".join(sample(number=number).xml for number in range(1, 120)).decode()
    assert "Παράδειγμα" in notices
    assert "Пример" in notices
    assert 'FT TYPE="SUP"' in notices
    assert " %</AC_WEIGHTING>" in notices


def test_nobody_can_be_called_or_written_to() -> None:
    for schema, form in EVERY_FORM:
        content = sample(form, schema).xml
        for tag in (b"PHONE", b"Telephone", b"ElectronicMail"):
            assert tag not in content, (schema, form)
        # R2.0.9 demands an address of every buyer: no server of that name can be.
        assert content.count(b"@") == content.count(b"<E_MAIL>tenders@example.invalid</E_MAIL>"), (schema, form)


def test_every_country_speaks_a_language_that_titles_are_known_in() -> None:
    assert {country.language for country in COUNTRIES.values()} == set(TITLES)
    assert len({len(titles) for titles in TITLES.values()}) == 1


def test_prose_has_the_size_asked_for() -> None:
    for size in (10, 300, 50_000):
        assert size * 0.9 <= len(prose(Random(1), "EL", size)) <= max(20, size * 1.1)  # noqa: S311 made-up text


@pytest.mark.parametrize("make", BAD_MEMBERS)
def test_a_bad_member_is_refused_for_its_reason(make: Callable[..., SampleNotice]) -> None:
    member = make(number=5, date=DAY, issue=43)
    with pytest.raises(dispatch.UnreadableNotice) as caught:
        dispatch.read_notice(member.xml)
    # Whether a bomb is bad XML or none of ours depends on where the parser stops.
    reasons = {member.facts["reason"], "not-a-notice"} if make is entity_bomb else {member.facts["reason"]}
    assert caught.value.reason in reasons
    assert member.notice_id == ""


def test_a_notice_without_a_number_has_none_in_its_text_either() -> None:
    nameless = unnumbered_notice(number=5, date=DAY, issue=43)
    assert b"DOC_ID" not in nameless.xml
    assert b"<NO_DOC_OJS>2019/S 043" not in nameless.xml


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"form": "F99"}, "no form 'F99'"),
        ({"traits": ["loud"]}, "no such traits: loud"),
        ({"year": 2020}, "not published on"),
    ],
)
def test_what_cannot_be_made_is_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sample(**more)
