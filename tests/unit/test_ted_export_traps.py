"""What TED_EXPORT does that a parser gets wrong, each in a document that shows nothing else."""

import pytest
from lxml import etree

from runtime.errors import TerminalError
from runtime.extract.ted_export import read_ted_export
from runtime.extract.ted_export.fields import local_amount
from runtime.extract.ted_export.xml import ByName, text_of
from tests.unit.ted_export_documents import BODY, NEW, document, inside, older, read, rows

WINNER = "<ADDRESS_CONTRACTOR><OFFICIALNAME>Best Ltd</OFFICIALNAME><COUNTRY VALUE='UK'/></ADDRESS_CONTRACTOR><SME/>"
FLAT = (
    f"<NB_TENDERS_RECEIVED>4</NB_TENDERS_RECEIVED><CONTRACTOR>{WINNER}</CONTRACTOR>"
    '<VAL_TOTAL CURRENCY="EUR">1250.50</VAL_TOTAL>'
)
NESTED = (
    "<TENDERS><NB_TENDERS_RECEIVED>4</NB_TENDERS_RECEIVED></TENDERS>"
    f"<CONTRACTORS><CONTRACTOR>{WINNER}</CONTRACTOR></CONTRACTORS>"
    '<VALUES><VAL_TOTAL CURRENCY="EUR">1250.50</VAL_TOTAL></VALUES>'
)
SINGULAR = NESTED.replace("VALUES>", "VALUE>")


def award(inside: str, before: str = "") -> str:
    return f"<AWARD_CONTRACT>{before}<AWARDED_CONTRACT>{inside}</AWARDED_CONTRACT></AWARD_CONTRACT>"


@pytest.mark.parametrize(
    ("version", "form", "inside"),
    [
        ("R2.0.9.S01.E01", "F03", FLAT),
        ("R2.0.9.S02.E01", "F21", FLAT),
        ("R2.0.9.S02.E01", "F06", SINGULAR),
        ("R2.0.9.S03.E01", "F03", NESTED),
        ("R2.0.9.S05.E01", "F06", NESTED),
    ],
)
def test_reads_flat_and_nested_awards_alike(version: str, form: str, inside: str) -> None:
    notice = read(document(BODY + award(inside), form=form, version=version))
    (contract,) = rows(notice, "contracts")
    assert (contract["value"], contract["value_currency"]) == ("1250.5", "EUR")
    assert rows(notice, "lot_results")[0]["tenders_received"] == 4
    (winner,) = rows(notice, "parties", role="winner")
    assert (winner["name"], winner["country"], winner["size"]) == ("Best Ltd", "GBR", "sme")
    assert (winner["contract_ordinal"], winner["tender_ordinal"]) == (1, 1)


@pytest.mark.parametrize(
    ("version", "form", "group"),
    [
        ("R2.0.9.S02.E01", "F03", ""),
        ("R2.0.9.S03.E01", "F03", "AC"),
        ("R2.0.9.S03.E01", "F15", "DIRECTIVE_2014_24_EU/AC"),
    ],
)
def test_reads_flat_and_nested_criteria_alike(version: str, form: str, group: str) -> None:
    criteria = "<AC_QUALITY><AC_CRITERION>Speed</AC_CRITERION><AC_WEIGHTING>40</AC_WEIGHTING></AC_QUALITY>"
    criteria += "<AC_PRICE><AC_WEIGHTING>60 %</AC_WEIGHTING></AC_PRICE>"
    lot = "<LOT_NO>7</LOT_NO>" + (inside(group, criteria) if group else criteria)
    body = BODY + inside("OBJECT_CONTRACT/OBJECT_DESCR", lot)
    quality, price = rows(read(document(body, form=form, version=version)), "criteria")
    assert (quality["kind"], quality["name"], quality["lot_id"], quality["lot_ordinal"]) == ("quality", "Speed", "7", 1)
    assert (price["kind"], price["weight_text"], price["weight_number"]) == ("price", "60 %", "60")
    assert price["weight_unit"] == "per-exa"


def test_matches_names_in_any_namespace() -> None:
    for namespace in (NEW, "ted/R2.0.9.S02/publication", "urn:of-tomorrow"):
        faults = [] if namespace == NEW else [namespace]
        assert read(document(namespace=namespace), *faults).row["buyer_name"] == "Town of Northwick"


def test_reads_a_newer_schema_by_the_same_rules_and_says_so() -> None:
    notice = read(document(version="R2.0.10.S01.E01"))
    assert notice.row["buyer_name"] == "Town of Northwick"
    assert notice.row["schema_version"] == "R2.0.10.S01"
    assert "newer-schema R2.0.10.S01" in notice.warnings
    assert not read(document()).warnings


def test_reads_only_the_original_language() -> None:
    def form(language: str, category: str, title: str) -> str:
        blocks = f"<OBJECT_CONTRACT><TITLE><P>{title}</P></TITLE></OBJECT_CONTRACT>" + award(NESTED)
        return f'<F03_2014 CATEGORY="{category}" LG="{language}" FORM="F03">{BODY}{blocks}</F03_2014>'

    forms = form("EN", "TRANSLATION", "Bridge") + form("FR", "ORIGINAL", "Pont") + form("DE", "TRANSLATION", "Brücke")
    notice = read(document(forms=forms))
    assert len(rows(notice, "contracts")) == 1
    assert (notice.row["title"], notice.row["title_en"]) == ("Pont", "Bridge")
    assert (notice.row["original_language"], notice.row["language_count"]) == ("FRA", 3)


def test_reads_the_first_of_two_originals() -> None:
    def form(language: str) -> str:
        return f'<F03_2014 CATEGORY="ORIGINAL" LG="{language}" FORM="F03">{BODY}{award(NESTED)}</F03_2014>'

    data = document(forms=form("NL") + form("FR")).replace(b"<LG_ORIG>EN<", b"<LG_ORIG>FR NL<")
    notice = read(data)
    assert len(rows(notice, "contracts")) == 1
    assert notice.row["original_language"] == "NLD"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("878 000,00", "878000"),
        ("885,72", "885.72"),
        ("72,8", "72.8"),
        ("40,0000", "40"),
        ("1 234,56", "1234.56"),
        ("1\u00a0420\u00a0000", "1420000"),
        ("1.234.567,80", "1234567.8"),
        ("1,234,567.80", "1234567.8"),
        ("1.234.567", "1234567"),
        ("3407173370.00", "3407173370"),
        ("1,234", None),  # either 1.234 or 1234
        ("12.500", None),  # either 12.5 or 12500
        ("12.500,-", "12500"),
        ("12 500.-", "12500"),
        ("12 500 EUR", "12500"),
        ("EUR 12.500,50", "12500.5"),
        ("12500,00 €", "12500"),
        ("-5", "-5"),
        ("40.0000", "40"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("ca. 5", None),
        ("1.2.3,4,5", None),
        ("", None),
    ],
)
def test_reads_local_amounts(text: str, value: str | None) -> None:
    assert local_amount(text) == value


def test_prefers_the_machine_value_of_older_amounts() -> None:
    body = inside(
        "OBJECT_CONTRACT_INFORMATION_CONTRACT_AWARD_NOTICE/TOTAL_FINAL_VALUE",
        '<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="PLN"><VALUE_COST FMTVAL="878000.00">878.000</VALUE_COST>'
        "</COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE>",
    )
    row = read(older(body)).row
    assert (row["total_value"], row["total_value_currency"]) == ("878000", "PLN")


def test_names_an_amount_that_cannot_be_read() -> None:
    body = '<OBJECT_CONTRACT><VAL_TOTAL CURRENCY="EUR">about 5</VAL_TOTAL></OBJECT_CONTRACT>'
    notice = read(document(BODY + body), "VAL_TOTAL")
    assert notice.row["total_value"] is None
    assert notice.warnings == ["unreadable-amount total_value=about 5"]


@pytest.mark.parametrize(
    ("vat", "is_included"),
    [("<EXCLUDING_VAT/>", False), ("<INCLUDING_VAT><VAT_PRCT>23</VAT_PRCT></INCLUDING_VAT>", True), ("", None)],
)
def test_says_whether_vat_is_included(vat: str, is_included: bool | None) -> None:
    body = (
        "<AWARD_OF_CONTRACT><CONTRACT_VALUE_INFORMATION>"
        '<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="EUR"><VALUE_COST>100.00</VALUE_COST>'
        f"{vat}</COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE></CONTRACT_VALUE_INFORMATION></AWARD_OF_CONTRACT>"
    )
    (contract,) = rows(read(older(body)), "contracts")
    assert contract.get("is_vat_included") is is_included
    assert contract["value"] == "100"


def test_keeps_each_amount_with_its_own_currency() -> None:
    inside = (
        '<VALUES><VAL_ESTIMATED_TOTAL CURRENCY="EUR">10</VAL_ESTIMATED_TOTAL>'
        '<VAL_TOTAL CURRENCY="RON">50</VAL_TOTAL></VALUES>'
    )
    body = '<OBJECT_CONTRACT><VAL_TOTAL CURRENCY="DKK">75</VAL_TOTAL></OBJECT_CONTRACT>' + award(inside)
    notice = read(document(BODY + body))
    (contract,) = rows(notice, "contracts")
    assert (contract["value_currency"], contract["estimated_value_currency"]) == ("RON", "EUR")
    assert notice.row["total_value_currency"] == "DKK"


@pytest.mark.parametrize(("amount", "is_token"), [("0", True), ("0.01", True), ("1", True), ("1.5", False)])
def test_keeps_and_flags_token_amounts(amount: str, is_token: bool) -> None:
    faults = ["VAL_TOTAL"] if amount == "0" else []
    data = document(BODY + award(f'<VALUES><VAL_TOTAL CURRENCY="EUR">{amount}</VAL_TOTAL></VALUES>'))
    notice = read(data, *faults)
    for table in ("contracts", "tenders"):
        (row,) = rows(notice, table)
        assert (row["value"], row["is_value_token"]) == (amount, is_token)


def test_leaves_out_and_flags_what_is_not_for_publication() -> None:
    inside = NESTED.replace("<TENDERS>", '<TENDERS PUBLICATION="NO">').replace("<VALUES>", '<VALUES PUBLICATION="NO">')
    notice = read(document(BODY + award(inside), form="F06"))
    (contract,) = rows(notice, "contracts")
    (result,) = rows(notice, "lot_results")
    assert (contract.get("value"), contract["is_value_withheld"]) == (None, True)
    assert (result.get("tenders_received"), result["are_tender_counts_withheld"]) == (None, True)
    assert rows(notice, "tenders")[0]["is_value_withheld"] is True


def test_keeps_lot_numbers_as_text_and_splits_only_known_ones() -> None:
    lots = "".join(
        f"<OBJECT_DESCR ITEM='{item}'><LOT_NO>{lot}</LOT_NO></OBJECT_DESCR>"
        for item, lot in enumerate(("1.01", "2.10 B", "11. rész"), start=1)
    )
    awards = "".join(
        award(NESTED, f"<LOT_NO>{lot}</LOT_NO>") for lot in ("2.10 B", "1.01, 11. rész", "1.01, 12", "AME06")
    )
    notice = read(document(BODY + f"<OBJECT_CONTRACT>{lots}</OBJECT_CONTRACT>" + awards))
    assert [lot["lot_id"] for lot in rows(notice, "lots")] == ["1.01", "2.10 B", "11. rész"]
    expected = [["2.10 B"], ["1.01", "11. rész"], ["1.01, 12"], ["AME06"]]
    for table in ("lot_results", "tenders", "contracts"):
        assert [row["lot_ids"] for row in rows(notice, table)] == expected


def test_has_no_lot_number_where_none_is_published() -> None:
    body = (
        "<OBJECT_CONTRACT><OBJECT_DESCR ITEM='1'><SHORT_DESCR><P>All</P></SHORT_DESCR></OBJECT_DESCR></OBJECT_CONTRACT>"
    )
    notice = read(document(BODY + body + award(NESTED)))
    assert rows(notice, "lots")[0].get("lot_id") is None
    assert rows(notice, "contracts")[0]["lot_ids"] is None


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [("30", "30", None), ("30%", "30", "per-exa"), ("30 %", "30", "per-exa"), ("12,5", "12.5", None),
     ("30/100", None, None), ("see documents", None, None)],
)  # fmt: skip
def test_keeps_weights_as_text_and_reads_those_that_are_numbers(
    text: str, number: str | None, unit: str | None
) -> None:
    body = (
        "<OBJECT_CONTRACT><OBJECT_DESCR><AC><AC_COST><AC_CRITERION>Upkeep</AC_CRITERION>"
        f"<AC_WEIGHTING>{text}</AC_WEIGHTING></AC_COST></AC></OBJECT_DESCR></OBJECT_CONTRACT>"
    )
    (row,) = rows(read(document(BODY + body)), "criteria")
    assert row["weight_text"] == text
    assert (row.get("weight_number"), row.get("weight_unit")) == (number, unit)


def test_keeps_and_names_a_national_id_without_a_digit() -> None:
    body = BODY.replace("<TOWN>", "<NATIONALID>n/a</NATIONALID><NATIONALID>IE 55</NATIONALID><TOWN>", 1)
    notice = read(document(body), "NATIONALID has no place")
    (buyer,) = rows(notice, "parties")
    assert (buyer["national_id"], buyer["other_national_ids"]) == ("n/a", ["IE 55"])
    assert notice.warnings == ["odd-national-id n/a"]


def test_joins_paragraphs_with_a_newline_and_superscripts_with_nothing() -> None:
    text = "<P>The 1<FT TYPE='SUP'>re</FT> phase, 10 m<FT TYPE='SUP'>2</FT>.</P><P> </P><P>The\n  second.</P>"
    notice = read(document(BODY + f"<OBJECT_CONTRACT><SHORT_DESCR>{text}</SHORT_DESCR></OBJECT_CONTRACT>"))
    assert notice.row["description"] == "The 1re phase, 10 m2.\nThe second."


def test_leaves_comments_out_of_text() -> None:
    element = etree.fromstring("<T>a<!-- no --><FT>b</FT>c<P>d<!-- no -->e</P>f<?x no?>g</T>")
    assert text_of(element) == "abc\nde\nfg"
    assert text_of(etree.fromstring("<T> <!-- no --> </T>")) is None


def test_reads_days_of_all_shapes_without_moving_them() -> None:
    deadline = (
        "<DATE_RECEIPT_TENDERS>2019-04-01</DATE_RECEIPT_TENDERS><TIME_RECEIPT_TENDERS>9:00</TIME_RECEIPT_TENDERS>"
    )
    row = read(document(BODY + f"<PROCEDURE>{deadline}</PROCEDURE>", form="F02")).row
    assert row["publication_date"] == "2019-03-01"
    assert row["dispatch_date"] == "2019-02-27"
    assert (row["submission_deadline_date"], row["submission_deadline_time"]) == ("2019-04-01", "09:00")
    old = inside(
        "PROCEDURE_DEFINITION_CONTRACT_NOTICE/ADMINISTRATIVE_INFORMATION_CONTRACT_NOTICE/RECEIPT_LIMIT_DATE",
        "<DAY>1</DAY><MONTH>4</MONTH><YEAR>2019</YEAR><TIME>9:00</TIME>",
    )
    row = read(older(old, form="2", name="CONTRACT")).row
    assert (row["submission_deadline_date"], row["submission_deadline_time"]) == ("2019-04-01", "09:00")


@pytest.mark.parametrize(("published", "country"), [("UK", "GBR"), ("GR", "GRC"), ("EL", "GRC"), ("1A", "XKX")])
def test_turns_country_codes_into_three_letters(published: str, country: str) -> None:
    faults = ["'EL'"] if published == "EL" else []  # which only later notices have
    notice = read(document(BODY.replace('"IE"', f'"{published}"')), *faults)
    assert notice.row["buyer_country"] == country
    assert rows(notice, "parties")[0]["country"] == country


def test_keeps_and_counts_an_unknown_code() -> None:
    notice = read(document(BODY.replace('"IE"', '"Q9"')), "'Q9'")
    assert notice.row["buyer_country"] == "Q9"
    assert notice.unknown_codes == [("country", "Q9")]
    assert notice.warnings == ["unknown-code country=Q9"]


def test_reads_nuts_codes_of_any_version() -> None:
    body = '<OBJECT_CONTRACT><OBJECT_DESCR><n:NUTS CODE="IE061"/><NUTS CODE="IE0"/></OBJECT_DESCR></OBJECT_CONTRACT>'
    notice = read(document(BODY + body), "NUTS")
    assert notice.row["nuts_codes"] == rows(notice, "lots")[0]["nuts_codes"] == ["IE061", "IE0"]
    coded = read(document(coded='<ORIGINAL_NUTS CODE="IE02"/>'), "ORIGINAL_NUTS has no place")
    assert coded.row["nuts_codes"] == ["IE02"]


def test_takes_the_main_cpv_from_the_form_and_else_the_first_coded_one() -> None:
    coded = '<ORIGINAL_CPV CODE="45000000"/><ORIGINAL_CPV CODE="71000000"/>'
    body = '<OBJECT_CONTRACT><CPV_MAIN><CPV_CODE CODE="71000000"/></CPV_MAIN></OBJECT_CONTRACT>'
    row = read(document(BODY + body, coded=coded)).row
    assert (row["cpv_main"], row["cpv_additional"]) == ("71000000", ["45000000"])
    row = read(document(coded=coded)).row
    assert (row["cpv_main"], row["cpv_additional"]) == ("45000000", ["71000000"])


def test_gathers_earlier_notices_as_published() -> None:
    coded = "<REF_NOTICE><NO_DOC_OJS>2018/S 012-000345</NO_DOC_OJS></REF_NOTICE>"
    body = "<PROCEDURE><NOTICE_NUMBER_OJ>2018/S 012-000345</NOTICE_NUMBER_OJ></PROCEDURE>"
    assert read(document(BODY + body, coded=coded)).row["previous_notices"] == ["2018/S 012-000345"]


@pytest.mark.parametrize(
    ("doc_id", "notice_id"),
    [("001234-2019", "1234-2019"), ("00001234-2019", "1234-2019"), ("junk", "1234-2019"), ("", "1234-2019")],
)
def test_normalises_the_publication_number(doc_id: str, notice_id: str) -> None:
    faults = [] if doc_id == "001234-2019" else ["DOC_ID"]
    row = read(document(doc_id=doc_id), *faults).row
    assert row["notice_id"] == notice_id
    assert (row["ojs_number"], row["ojs_issue"]) == ("2019/S 043-001234", 43)


@pytest.mark.parametrize("doc_id", ["", "x-2019", "000000-2019", "12-19", "١٢-2019", "12345678901-2019"])
def test_refuses_a_notice_without_number(doc_id: str) -> None:
    data = document(doc_id=doc_id).replace(b"2019/S 043-001234", b"2019/S")
    with pytest.raises(TerminalError) as raised:
        read_ted_export(etree.fromstring(data))
    assert raised.value.attributes["reason"] == "no-notice-id"


def test_reads_a_bare_document() -> None:
    notice = read(f'<TED_EXPORT xmlns="{NEW}" DOC_ID="7-2019"/>'.encode())
    assert notice.row["notice_id"] == "7-2019"
    assert notice.warnings == ["no-publication-date", "no-form", "no-schema-version"]


def test_takes_the_first_form_where_none_is_original() -> None:
    forms = f'<F03_2014 CATEGORY="TRANSLATION" LG="FR" FORM="F03">{BODY}</F03_2014>'
    notice = read(document(forms=forms))
    assert notice.row["buyer_name"] == "Town of Northwick"
    assert notice.warnings == ["no-original-form"]


def test_every_buyer_and_every_member_of_a_group_is_a_party() -> None:
    second = BODY.replace("ADDRESS_CONTRACTING_BODY>", "ADDRESS_CONTRACTING_BODY_ADDITIONAL>").replace(
        "Northwick", "Southwick"
    )
    both = BODY.replace("</CONTRACTING_BODY>", "") + second.replace("<CONTRACTING_BODY>", "").replace(
        "</CONTRACTING_BODY>", "<JOINT_PROCUREMENT_INVOLVED/></CONTRACTING_BODY>"
    )
    group = NESTED.replace(
        "<CONTRACTORS>", f"<CONTRACTORS><AWARDED_TO_GROUP/><CONTRACTOR>{WINNER}</CONTRACTOR>"
    ).replace("Best Ltd", "Other Ltd", 1)
    notice = read(document(both + award(group)))
    assert [row["name"] for row in rows(notice, "parties", role="buyer")] == ["Town of Northwick", "Town of Southwick"]
    assert [row["name"] for row in rows(notice, "parties", role="winner")] == ["Other Ltd", "Best Ltd"]
    assert {row["contract_ordinal"] for row in rows(notice, "parties", role="winner")} == {1}
    assert rows(notice, "contracts")[0]["is_awarded_to_group"] is True
    assert notice.row["is_joint_procurement"] is True


def test_an_unticked_box_says_no_and_a_form_without_it_says_nothing() -> None:
    body = BODY + "<PROCEDURE><FRAMEWORK/></PROCEDURE>"
    award_notice = read(document(body)).row
    assert (award_notice["is_framework"], award_notice["is_dps"]) == (True, False)
    concession = read(document(BODY + "<PROCEDURE/>", form="F24")).row
    assert concession.get("is_dps") is None


def test_blank_values_are_null() -> None:
    body = BODY.replace("<TOWN>Northwick</TOWN>", "<TOWN> </TOWN>").replace('"IE"', '" "')
    lot = '<n:NUTS CODE=""/><VAL_OBJECT CURRENCY=" ">5</VAL_OBJECT>'
    data = document(body + inside("OBJECT_CONTRACT/OBJECT_DESCR", lot), form="F02")
    notice = read(data, "}TOWN'", "}COUNTRY'", "}VAL_OBJECT'", "}NUTS'")
    (buyer,) = rows(notice, "parties")
    assert buyer["town"] is None
    assert buyer["country"] == "IRL"  # of the coded section
    assert rows(notice, "lots")[0]["estimated_value_currency"] is None
    assert "nuts_codes" not in rows(notice, "lots")[0]


def test_a_number_too_large_for_its_column_is_named() -> None:
    lot = "<OBJECT_DESCR><DURATION TYPE='MONTH'>9999999999999</DURATION></OBJECT_DESCR>"
    body = f"<OBJECT_CONTRACT>{lot}</OBJECT_CONTRACT>"
    notice = read(document(BODY + body, form="F02"), "DURATION")
    assert rows(notice, "lots")[0]["duration_value"] is None
    assert notice.warnings == ["unreadable-amount duration=9999999999999"]


def test_a_table_by_name_forgets_made_up_tags() -> None:
    table = ByName({"A": 1})
    assert [table["{x}A"], table["A"], table["B"], table[etree.Comment]] == [1, 1, None, None]
    for number in range(20_100):
        assert table[f"T{number}"] is None
    assert len(table) <= 20_000


def test_takes_time_in_proportion_to_a_hostile_document() -> None:
    nuts = "".join(f'<n:NUTS CODE="X{number}"/>' for number in range(60_000))
    breaks = "<B>x</B>y" * 60_000
    lot = f"<OBJECT_DESCR>{nuts}<SHORT_DESCR>{breaks}</SHORT_DESCR></OBJECT_DESCR>"
    notice = read(document(BODY + f"<OBJECT_CONTRACT>{lot}</OBJECT_CONTRACT>"))
    (row,) = rows(notice, "lots")
    assert len(row["nuts_codes"]) == 60_000  # type: ignore[arg-type]
    assert row["description"] == "xy" * 60_000


@pytest.mark.parametrize(("machine", "text", "value"), [("0", "12 500", "12500"), ("0.00", "0", "0"), ("7", "", "7")])
def test_a_machine_value_of_nothing_yields_to_the_text(machine: str, text: str, value: str) -> None:
    costs = (
        '<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="EUR">'
        f'<VALUE_COST FMTVAL="{machine}">{text}</VALUE_COST></COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE>'
    )
    body = f"<AWARD_OF_CONTRACT><CONTRACT_VALUE_INFORMATION>{costs}</CONTRACT_VALUE_INFORMATION></AWARD_OF_CONTRACT>"
    assert [row["value"] for row in rows(read(older(body)), "contracts")] == [value]


def test_a_place_that_is_not_specified_is_none() -> None:
    place = '<n:NUTS CODE="00"/><n:NUTS CODE="IE061"/>'
    body = BODY.replace("</ADDRESS_CONTRACTING_BODY>", '<n:NUTS CODE="00"/></ADDRESS_CONTRACTING_BODY>')
    notice = read(document(f"{body}<OBJECT_CONTRACT><OBJECT_DESCR>{place}</OBJECT_DESCR></OBJECT_CONTRACT>"))
    assert notice.row["nuts_codes"] == ["IE061"]
    assert rows(notice, "lots")[0]["nuts_codes"] == ["IE061"]
    assert rows(notice, "parties")[0].get("nuts_code") is None
    coded = read(document(BODY, coded='<n:PERFORMANCE_NUTS CODE="00"/><n:CA_CE_NUTS CODE="00"/>'))
    assert coded.row["nuts_codes"] is None
    assert rows(coded, "parties")[0].get("nuts_code") is None


@pytest.mark.parametrize(
    ("reference", "lots"),
    [
        ("1, 2", ["1", "2"]),
        ("1-3", ["1", "2", "3"]),
        ("1 – 3", ["1", "2", "3"]),
        ("1-2 und 4", ["1", "2", "4"]),
        ("1.2.4", ["1", "2", "4"]),
        ("2 and 2", ["2"]),
        ("7-8", ["7-8"]),  # that is a lot
        ("1, 9", ["1, 9"]),
        ("3-5", ["3-5"]),
        ("2-1", ["2-1"]),
        ("1-99999", ["1-99999"]),
        ("Lot 1", ["Lot 1"]),
    ],
)
def test_lots_that_an_award_names_together_are_told_apart_where_all_are_described(
    reference: str, lots: list[str]
) -> None:
    described = "".join(f"<OBJECT_DESCR><LOT_NO>{each}</LOT_NO></OBJECT_DESCR>" for each in ("1", "2", "3", "4", "7-8"))
    body = (
        f"<OBJECT_CONTRACT>{described}</OBJECT_CONTRACT><AWARD_CONTRACT><LOT_NO>{reference}</LOT_NO></AWARD_CONTRACT>"
    )
    assert rows(read(document(BODY + body)), "lot_results")[0]["lot_ids"] == lots


@pytest.mark.parametrize(("text", "value"), [("30", "30"), ("30 %", "30"), ("33,333", "33.333"), ("33.333", "33.333")])
def test_a_share_that_is_subcontracted_is_a_number(text: str, value: str) -> None:
    share = f"<PCT_SUBCONTRACTING>{text}</PCT_SUBCONTRACTING>"
    awarded = f"<AWARD_CONTRACT><AWARDED_CONTRACT>{share}</AWARDED_CONTRACT></AWARD_CONTRACT>"
    faults = [] if text == "30" else ["PCT_SUBCONTRACTING"]
    assert rows(read(document(BODY + awarded), *faults), "tenders")[0]["subcontracting_percent"] == value
    body = (
        "<AWARD_OF_CONTRACT><CONTRACT_NUMBER>1</CONTRACT_NUMBER><MORE_INFORMATION_TO_SUB_CONTRACTED>"
        f"<CONTRACT_LIKELY_SUB_CONTRACTED><EXCLUDING_VAT_PRCT>{text}</EXCLUDING_VAT_PRCT>"
        "</CONTRACT_LIKELY_SUB_CONTRACTED></MORE_INFORMATION_TO_SUB_CONTRACTED></AWARD_OF_CONTRACT>"
    )
    assert rows(read(older(body)), "tenders")[0]["subcontracting_percent"] == value


@pytest.mark.parametrize(("currency", "before", "warned"), [("EUR", "500", 0), ("LTL", None, 1)])
def test_a_value_before_in_another_currency_does_not_stand_beside_the_value_after(
    currency: str, before: str | None, warned: int
) -> None:
    values = (
        f'<VALUES><VAL_TOTAL_BEFORE CURRENCY="{currency}">500</VAL_TOTAL_BEFORE>'
        '<VAL_TOTAL_AFTER CURRENCY="EUR">900</VAL_TOTAL_AFTER></VALUES>'
    )
    body = f"<MODIFICATIONS_CONTRACT><INFO_MODIFICATIONS>{values}</INFO_MODIFICATIONS></MODIFICATIONS_CONTRACT>"
    notice = read(document(BODY + body, form="F20"))
    (row,) = rows(notice, "changes")
    assert (row["value_before"], row["value_after"], row["value_currency"]) == (before, "900", "EUR")
    assert notice.warnings == ["two-currencies value_before=500 LTL"][:warned]


@pytest.mark.parametrize(("own", "first"), [("", "100"), ('<VAL_OBJECT CURRENCY="EUR">60</VAL_OBJECT>', "60")])
def test_of_several_objects_each_has_its_own_estimate(own: str, first: str) -> None:
    def planned(value: str, lots: str) -> str:
        total = f'<VAL_ESTIMATED_TOTAL CURRENCY="EUR">{value}</VAL_ESTIMATED_TOTAL>'
        return f"<OBJECT_CONTRACT>{total}{lots}</OBJECT_CONTRACT>"

    one = planned("100", f"<OBJECT_DESCR>{own}</OBJECT_DESCR>")
    both = read(document(BODY + one + planned("200", "<OBJECT_DESCR/>"), form="F01"))
    assert [row.get("estimated_value") for row in rows(both, "lots")] == [first, "200"]
    alone = read(document(BODY + one, form="F01"))
    assert alone.row["estimated_value"] == "100"
    assert [row.get("estimated_value") for row in rows(alone, "lots")] == (["60"] if own else [None])
    divided = read(document(BODY + one + planned("200", "<OBJECT_DESCR/><OBJECT_DESCR/>"), form="F01"))
    assert [row.get("estimated_value") for row in rows(divided, "lots")[1:]] == [None, None]
