"""What each kind of TED_EXPORT form becomes."""

import pytest

from runtime.extract.notice import Notice
from tests.unit.ted_export_documents import BODY, document, inside, older, read, rows


def contact(name: str, tag: str = "CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME", *, has_url: bool = True) -> str:
    url = "<URL>http://x.example</URL>" if has_url else ""
    return (
        f"<{tag}><ORGANISATION><OFFICIALNAME>{name}</OFFICIALNAME><NATIONALID>77</NATIONALID></ORGANISATION>"
        f'<ADDRESS>Quay 1</ADDRESS><TOWN>Northwick</TOWN><COUNTRY VALUE="IE"/>{url}</{tag}>'
    )


# ---- R2.0.9 -----------------------------------------------------------------------------------------------------


def test_a_prize_is_a_contract_and_the_prize_winner_a_party() -> None:
    body = (
        "<RESULTS><AWARDED_PRIZE><DATE_DECISION_JURY>2019-02-01</DATE_DECISION_JURY>"
        "<PARTICIPANTS><NB_PARTICIPANTS>12</NB_PARTICIPANTS><NB_PARTICIPANTS_SME>9</NB_PARTICIPANTS_SME></PARTICIPANTS>"
        "<WINNERS><WINNER><ADDRESS_WINNER><OFFICIALNAME>Studio</OFFICIALNAME></ADDRESS_WINNER><NO_SME/></WINNER>"
        '</WINNERS><VAL_PRIZE CURRENCY="EUR">15000</VAL_PRIZE></AWARDED_PRIZE></RESULTS>'
    )
    notice = read(document(BODY + body, form="F13"))
    (result,) = rows(notice, "lot_results")
    assert (result["status"], result["tenders_received"], result["tenders_sme"]) == ("selec-w", 12, 9)
    (contract,) = rows(notice, "contracts")
    assert (contract["value"], contract["value_currency"], contract["award_date"]) == ("15000", "EUR", "2019-02-01")
    (winner,) = rows(notice, "parties", role="prize-winner")
    assert (winner["name"], winner["size"]) == ("Studio", "large")
    assert (notice.row["notice_type"], notice.row["form_type"]) == ("can-desg", "result")


@pytest.mark.parametrize(
    ("form", "block"),
    [
        ("F03", "<AWARD_CONTRACT><NO_AWARDED_CONTRACT>{}</NO_AWARDED_CONTRACT></AWARD_CONTRACT>"),
        ("F13", "<RESULTS><NO_AWARDED_PRIZE>{}</NO_AWARDED_PRIZE></RESULTS>"),
    ],
)
@pytest.mark.parametrize(
    ("published", "reason"), [("PROCUREMENT_UNSUCCESSFUL", "all-rej"), ("PROCUREMENT_DISCONTINUED", "other")]
)
def test_an_outcome_without_award_has_no_contract(form: str, block: str, published: str, reason: str) -> None:
    notice = read(document(BODY + block.format(f"<{published}/>"), form=form))
    (result,) = rows(notice, "lot_results")
    assert (result["status"], result["non_award_reason"]) == ("clos-nw", reason)
    assert not rows(notice, "contracts")
    assert not rows(notice, "tenders")


def test_a_concession_is_won_by_a_concessionaire() -> None:
    body = (
        "<OBJECT_CONTRACT><OBJECT_DESCR><AC><AC_CRITERION>Quality of service</AC_CRITERION></AC></OBJECT_DESCR>"
        "</OBJECT_CONTRACT><PROCEDURE><PT_AWARD_CONTRACT_WITH_PRIOR_PUBLICATION/></PROCEDURE>"
        "<AWARD_CONTRACT><AWARDED_CONTRACT><CONTRACTORS><CONTRACTOR><ADDRESS_CONTRACTOR>"
        "<OFFICIALNAME>Baths Ltd</OFFICIALNAME></ADDRESS_CONTRACTOR></CONTRACTOR></CONTRACTORS>"
        '<VALUES><VAL_TOTAL CURRENCY="EUR">8</VAL_TOTAL></VALUES></AWARDED_CONTRACT></AWARD_CONTRACT>'
    )
    notice = read(document(BODY + body, form="F25"))
    assert [row["name"] for row in rows(notice, "parties", role="concessionaire")] == ["Baths Ltd"]
    assert rows(notice, "contracts")[0]["value"] == "8"
    (criterion,) = rows(notice, "criteria")
    assert (criterion.get("kind"), criterion["description"]) == (None, "Quality of service")
    assert notice.row["procedure_type"] == "open"


def test_a_bargain_and_a_range_and_subcontracting_are_kept() -> None:
    body = (
        "<AWARD_CONTRACT><AWARDED_CONTRACT><VALUES><VAL_RANGE_TOTAL CURRENCY='EUR'><LOW>1</LOW><HIGH>2.5</HIGH>"
        "</VAL_RANGE_TOTAL></VALUES><VAL_SUBCONTRACTING CURRENCY='EUR'>10</VAL_SUBCONTRACTING>"
        "<PCT_SUBCONTRACTING>30</PCT_SUBCONTRACTING></AWARDED_CONTRACT></AWARD_CONTRACT>"
        "<AWARD_CONTRACT><AWARDED_CONTRACT><VAL_BARGAIN_PURCHASE CURRENCY='EUR'>7</VAL_BARGAIN_PURCHASE>"
        "</AWARDED_CONTRACT></AWARD_CONTRACT>"
    )
    first, second = rows(read(document(BODY + body, form="F06")), "contracts")
    assert (first["value_low"], first["value_high"], first["value_currency"]) == ("1", "2.5", "EUR")
    assert first.get("value") is None
    assert second["value"] == "7"
    tender = rows(read(document(BODY + body, form="F06")), "tenders")[0]
    assert (tender["subcontracting_value"], tender["subcontracting_percent"]) == ("10", "30")
    assert tender["is_subcontracted"] is True


def test_a_correction_has_old_and_new_values() -> None:
    def change(old: str, new: str, where: str = "<SECTION>IV.2.2</SECTION><LABEL>Deadline</LABEL>") -> str:
        return (
            f"<CHANGE PUBLICATION='YES'><WHERE>{where}</WHERE><OLD_VALUE>{old}</OLD_VALUE>"
            f"<NEW_VALUE>{new}</NEW_VALUE></CHANGE>"
        )

    body = (
        "<COMPLEMENTARY_INFO><NOTICE_NUMBER_OJ>2019/S 001-000777</NOTICE_NUMBER_OJ></COMPLEMENTARY_INFO><CHANGES>"
        + change("<DATE>2019-03-01</DATE><TIME>9:00</TIME>", "<DATE>2019-03-08</DATE><TIME>09:00</TIME>")
        + change("<NOTHING/>", "<TEXT><P>one</P><P>two</P></TEXT>", "<SECTION>II.2.4</SECTION><LOT_NO>2</LOT_NO>")
        + change("<TIME>10:00</TIME>", "<TIME>11:00</TIME>")
        + change("<CPV_MAIN><CPV_CODE CODE='45000000'/></CPV_MAIN>", "<CPV_MAIN><CPV_CODE CODE='71000000'/></CPV_MAIN>")
        + change("<CPV_ADDITIONAL><CPV_CODE CODE='45000000'/></CPV_ADDITIONAL>", "<NOTHING/>")
        + "<CHANGE PUBLICATION='NO'/><INFO_ADD><P>Please note.</P></INFO_ADD></CHANGES>"
    )
    notice = read(document(BODY + body, form="F14"))
    date, text, time, main, additional, info = rows(notice, "changes")
    assert {row["kind"] for row in rows(notice, "changes")} == {"corrigendum"}
    assert (date["value_type"], date["old_value"], date["new_value"]) == (
        "date",
        "2019-03-01 09:00",
        "2019-03-08 09:00",
    )
    assert (date["section"], date["field_label"]) == ("IV.2.2", "Deadline")
    assert (text["value_type"], text["old_value"], text["new_value"]) == ("text", None, "one\ntwo")
    assert text["lot_ids"] == ["2"]
    assert (time["value_type"], time["new_value"]) == ("time", "11:00")
    assert (main["value_type"], main["old_value"], main["new_value"]) == ("cpv_main", "45000000", "71000000")
    assert (additional["value_type"], additional["new_value"]) == ("cpv_additional", None)
    assert info["description"] == "Please note."
    assert {row["changed_notice_ref"] for row in rows(notice, "changes")} == {"2019/S 001-000777"}
    assert {row["changed_notice_id"] for row in rows(notice, "changes")} == {"777-2019"}
    assert (notice.row["notice_type"], notice.row["form_type"]) == ("corr", "change")
    assert [row["change_ordinal"] for row in rows(notice, "changes")] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("version", "contractors", "group"),
    [("R2.0.9.S02.E01", "{}", "{}"), ("R2.0.9.S03.E01", "<CONTRACTORS>{}</CONTRACTORS>", "<VALUES>{}</VALUES>")],
)
def test_a_modification_has_values_before_and_after(version: str, contractors: str, group: str) -> None:
    values = (
        '<VAL_TOTAL_BEFORE CURRENCY="EUR">10</VAL_TOTAL_BEFORE><VAL_TOTAL_AFTER CURRENCY="EUR">12.5</VAL_TOTAL_AFTER>'
    )
    contractor = contractors.format(
        "<CONTRACTOR><ADDRESS_CONTRACTOR><OFFICIALNAME>{}</OFFICIALNAME></ADDRESS_CONTRACTOR></CONTRACTOR>"
    )
    total = group.format('<VAL_TOTAL CURRENCY="EUR">10</VAL_TOTAL>')
    body = (
        "<PROCEDURE><NOTICE_NUMBER_OJ>2018/S 100-000009</NOTICE_NUMBER_OJ></PROCEDURE>"
        "<AWARD_CONTRACT><CONTRACT_NO>A7</CONTRACT_NO><LOT_NO>3</LOT_NO><AWARDED_CONTRACT>"
        + contractor.format("First Ltd")
        + f"{total}</AWARDED_CONTRACT></AWARD_CONTRACT>"
        "<MODIFICATIONS_CONTRACT><DESCRIPTION_PROCUREMENT><SHORT_DESCR><P>Old text</P></SHORT_DESCR>"
        + contractor.format("Second Ltd")
        + "</DESCRIPTION_PROCUREMENT><INFO_MODIFICATIONS><SHORT_DESCR><P>More work</P></SHORT_DESCR>"
        "<UNFORESEEN_CIRCUMSTANCE><P>Flood</P></UNFORESEEN_CIRCUMSTANCE>"
        f"{group.format(values)}</INFO_MODIFICATIONS></MODIFICATIONS_CONTRACT>"
    )
    notice = read(document(BODY + body, form="F20", version=version))
    (change,) = rows(notice, "changes")
    assert (change["kind"], change["changed_notice_id"], change["lot_ids"]) == ("modification", "9-2018", ["3"])
    assert (change["value_before"], change["value_after"], change["value_currency"]) == ("10", "12.5", "EUR")
    assert (change["reason_code"], change["reason_text"], change["description"]) == ("mod-cir", "Flood", "More work")
    assert rows(notice, "contracts")[0]["contract_number"] == "A7"
    assert [row["name"] for row in rows(notice, "parties", role="winner")] == ["First Ltd"]
    assert [row["name"] for row in rows(notice, "parties", role="contractor-after-modification")] == ["Second Ltd"]


@pytest.mark.parametrize(
    ("form", "kind", "types"),
    [
        ("F01", "PRI_ONLY", ("pin-only", "planning")),
        ("F01", "PRI_CALL_COMPETITION", ("pin-cfc-standard", "competition")),
        ("F04", "PER_REDUCING_TIME_LIMITS", ("pin-rtl", "planning")),
        ("F07", "QSU_CALL_COMPETITION", ("qu-sy", "competition")),
        ("F21", "CONTRACT", ("cn-social", "competition")),
        ("F22", "AWARD_CONTRACT", ("can-social", "result")),
        ("F23", "CONCESSION_AWARD_CONTRACT", ("can-social", "result")),
        ("F15", "", ("veat", "dir-awa-pre")),
    ],
)
def test_tells_the_kind_of_notice(form: str, kind: str, types: tuple[str, str]) -> None:
    row = read(document((f"<NOTICE TYPE='{kind}'/>" if kind else "") + BODY, form=form)).row
    assert (row["notice_type"], row["form_type"]) == types


def test_tells_the_kind_of_a_notice_of_an_unknown_form_by_its_code() -> None:
    row = read(document(form="F99", codes='<TD_DOCUMENT_TYPE CODE="7"/>'), "F99_2014").row
    assert (row["notice_type"], row["form_type"], row["notice_type_raw"]) == ("can-standard", "result", "7")
    unknown = read(document(form="F99", codes='<TD_DOCUMENT_TYPE CODE="W"/>'), "F99_2014", "'W'")
    assert unknown.row["notice_type"] == "W"
    assert unknown.unknown_codes == [("notice_type", "W")]
    other = read(document(form="F99", codes='<TD_DOCUMENT_TYPE CODE="8"/>'), "F99_2014")
    assert other.row.get("notice_type") is None
    assert not other.unknown_codes


def test_fills_from_the_coded_section_what_the_form_does_not_say() -> None:
    codes = (
        '<DT_DATE_FOR_SUBMISSION>20190401 12:00</DT_DATE_FOR_SUBMISSION><AA_AUTHORITY_TYPE CODE="3"/>'
        '<NC_CONTRACT_NATURE CODE="2"/><PR_PROC CODE="3"/><DIRECTIVE VALUE="2014/24/EU"/>'
    )
    notice = read(document(codes=codes, version="R2.0.9.S02.E01"))
    row = notice.row
    assert (row["legal_basis"], row["contract_nature"]) == ("32014L0024", "supplies")
    assert (row["procedure_type"], row["procedure_type_raw"], row["is_accelerated"]) == ("restricted", "3", True)
    assert (row["submission_deadline_date"], row["submission_deadline_time"]) == ("2019-04-01", "12:00")
    assert rows(notice, "parties")[0]["legal_type"] == "rl-aut"


def test_another_legal_basis_is_other() -> None:
    assert read(document("<LEGAL_BASIS_OTHER><P>Act</P></LEGAL_BASIS_OTHER>" + BODY)).row["legal_basis"] == "other"


def test_a_lot_of_several_objects_has_its_own_nature() -> None:
    def contract(nature: str, title: str) -> str:
        return (
            f"<OBJECT_CONTRACT><TITLE><P>{title}</P></TITLE><TYPE_CONTRACT CTYPE='{nature}'/><OBJECT_DESCR>"
            "<DURATION TYPE='MONTH'>24</DURATION><RENEWAL/><OPTIONS/><EU_PROGR_RELATED/></OBJECT_DESCR>"
            "</OBJECT_CONTRACT>"
        )

    notice = read(document(BODY + contract("WORKS", "Bridge") + contract("SERVICES", "Survey"), form="F01"))
    first, second = rows(notice, "lots")
    assert (first["contract_nature"], second["contract_nature"]) == ("works", "services")
    assert (first.get("title"), second["title"]) == (None, "Survey")
    assert (first["duration_value"], first["duration_unit"]) == ("24", "MONTH")
    assert (first["has_options"], first["is_renewable"], first["is_eu_funded"]) == (True, True, True)
    assert (notice.row["title"], notice.row["contract_nature"], notice.row["is_eu_funded"]) == ("Bridge", "works", True)


def test_takes_the_english_heading_where_there_is_no_english_form() -> None:
    titles = (
        "<TRANSLATION_SECTION><ML_TITLES><ML_TI_DOC LG='FR'><TI_TEXT><P>Ponts</P></TI_TEXT></ML_TI_DOC>"
        "<ML_TI_DOC LG='EN'><TI_CY>Ireland</TI_CY><TI_TEXT><P>Bridges</P></TI_TEXT></ML_TI_DOC></ML_TITLES>"
        "</TRANSLATION_SECTION>"
    )
    forms = f'<F03_2014 CATEGORY="ORIGINAL" LG="FR" FORM="F03">{BODY}</F03_2014>'
    row = read(document(forms=forms, extra=titles)).row
    assert (row["title"], row["title_en"]) == ("Ponts", "Bridges")


def test_names_who_owns_the_operator_of_a_transport_contract() -> None:
    address = "<OFFICIALNAME>{}</OFFICIALNAME>"
    body = (
        "<OBJECT_CONTRACT><TITLE><P>Ferries</P></TITLE></OBJECT_CONTRACT><AWARD_CONTRACT><AWARDED_CONTRACT><CONTRACTORS>"
        f"<CONTRACTOR><ADDRESS_CONTRACTOR>{address.format('Ferries Ltd')}</ADDRESS_CONTRACTOR>"
        f"<ADDRESS_PARTY>{address.format('Holding')}</ADDRESS_PARTY></CONTRACTOR></CONTRACTORS>"
        "</AWARDED_CONTRACT></AWARD_CONTRACT>"
    )
    forms = f'<MOVE CATEGORY="ORIGINAL" LG="EN" FORM="T02">{BODY}{body}</MOVE>'
    notice = read(document(forms=forms))
    assert (notice.row["form_number"], notice.row["notice_type"]) == ("T02", "can-tran")
    assert [row["name"] for row in rows(notice, "parties", role="winner")] == ["Ferries Ltd"]
    assert [row["name"] for row in rows(notice, "parties", role="owner")] == ["Holding"]


# ---- R2.0.7 and R2.0.8 ------------------------------------------------------------------------------------------

OLD_BUYER = inside(
    "CONTRACTING_AUTHORITY_INFORMATION_DEFENCE",
    inside(
        "NAME_ADDRESSES_CONTACT_CONTRACT",
        contact("Port of Northwick", "CA_CE_CONCESSIONAIRE_PROFILE", has_url=False),
        inside("INTERNET_ADDRESSES_CONTRACT/URL_GENERAL", "http://port.example"),
        inside("FURTHER_INFORMATION", "<IDEM/>"),
        inside("TENDERS_REQUESTS_APPLICATIONS_MUST_BE_SENT_TO", contact("Post room", "CONTACT_DATA")),
    ),
    inside(
        "TYPE_AND_ACTIVITIES_OR_CONTRACTING_ENTITY_AND_PURCHASING_ON_BEHALF",
        '<TYPE_AND_ACTIVITIES><TYPE_OF_CONTRACTING_AUTHORITY VALUE="MINISTRY"/><TYPE_OF_ACTIVITY VALUE="DEFENCE"/>'
        '<TYPE_OF_ACTIVITY_OTHER VALUE="OTHER">fishing</TYPE_OF_ACTIVITY_OTHER></TYPE_AND_ACTIVITIES>',
        inside(
            "PURCHASING_ON_BEHALF/PURCHASING_ON_BEHALF_YES",
            contact("Harbour police", "CONTACT_DATA_OTHER_BEHALF_CONTRACTING_AUTORITHY", has_url=False),
        ),
    ),
)


def old_notice(*, divided: bool) -> Notice:
    lot = (
        '<F17_ANNEX_B ITEM="1"><LOT_NUMBER>1</LOT_NUMBER><LOT_TITLE>Ropes</LOT_TITLE>'
        "<LOT_DESCRIPTION><P>Ropes of hemp</P></LOT_DESCRIPTION><CPV><CPV_MAIN><CPV_CODE CODE='39541100'/></CPV_MAIN>"
        "</CPV><NATURE_QUANTITY_SCOPE><COSTS_RANGE_AND_CURRENCY CURRENCY='EUR'>"
        "<VALUE_COST FMTVAL='500'>500</VALUE_COST>"
        "</COSTS_RANGE_AND_CURRENCY></NATURE_QUANTITY_SCOPE></F17_ANNEX_B>"
    )
    division = (
        f"<F17_DIV_INTO_LOT_YES VALUE='ALL_LOTS'>{lot}</F17_DIV_INTO_LOT_YES>" if divided else "<DIV_INTO_LOT_NO/>"
    )
    description = (
        "<TITLE_CONTRACT><P>Ropes and nets</P></TITLE_CONTRACT>"
        "<TYPE_CONTRACT_DEFENCE><TYPE_CONTRACT VALUE='SUPPLIES'/></TYPE_CONTRACT_DEFENCE>"
        "<LOCATION_NUTS><n:NUTS CODE='IE06'/></LOCATION_NUTS>"
        "<F17_FRAMEWORK><DURATION_FRAMEWORK_YEAR>3</DURATION_FRAMEWORK_YEAR><TOTAL_ESTIMATED>"
        "<COSTS_RANGE_AND_CURRENCY CURRENCY='EUR'><VALUE_COST FMTVAL='900'>900</VALUE_COST></COSTS_RANGE_AND_CURRENCY>"
        "</TOTAL_ESTIMATED></F17_FRAMEWORK><SHORT_CONTRACT_DESCRIPTION><P>For the port</P></SHORT_CONTRACT_DESCRIPTION>"
        "<CPV><CPV_MAIN><CPV_CODE CODE='39541000'/></CPV_MAIN>"
        "<CPV_ADDITIONAL><CPV_CODE CODE='39541130'/></CPV_ADDITIONAL></CPV>"
        f"<F17_DIVISION_INTO_LOTS>{division}</F17_DIVISION_INTO_LOTS>"
    )
    criteria = (
        "<CRITERIA_DEFINITION><ORDER_C>1</ORDER_C><CRITERIA>Strength</CRITERIA><WEIGHTING>70</WEIGHTING>"
        "</CRITERIA_DEFINITION><CRITERIA_DEFINITION><ORDER_C>2</ORDER_C><CRITERIA/><WEIGHTING/></CRITERIA_DEFINITION>"
    )
    body = (
        OLD_BUYER
        + inside(
            "OBJECT_CONTRACT_INFORMATION_DEFENCE",
            inside("DESCRIPTION_CONTRACT_INFORMATION_DEFENCE", description),
            "<QUANTITY_SCOPE><NATURE_QUANTITY_SCOPE><TOTAL_QUANTITY_OR_SCOPE><P>9 km</P></TOTAL_QUANTITY_OR_SCOPE>"
            "</NATURE_QUANTITY_SCOPE><OPTIONS/><NO_RECURRENT_CONTRACT/></QUANTITY_SCOPE>",
            inside("PERIOD_WORK_DATE_STARTING/MONTHS", "36"),
        )
        + inside(
            "PROCEDURE_DEFINITION_CONTRACT_NOTICE_DEFENCE",
            inside(
                "TYPE_OF_PROCEDURE_DEFENCE/TYPE_OF_PROCEDURE_DETAIL_FOR_CONTRACT_NOTICE_DEFENCE",
                "<PT_ACCELERATED_RESTRICTED_CHOICE/>",
            ),
            inside(
                "AWARD_CRITERIA_CONTRACT_NOTICE_INFORMATION",
                inside("AWARD_CRITERIA_DETAIL/MOST_ECONOMICALLY_ADVANTAGEOUS_TENDER/CRITERIA_STATED_BELOW", criteria),
                inside("IS_ELECTRONIC_AUCTION_USABLE", "<USE_ELECTRONIC_AUCTION/>"),
            ),
            inside("ADMINISTRATIVE_INFORMATION_CONTRACT_NOTICE_DEFENCE/FILE_REFERENCE_NUMBER/P", "R 9"),
        )
        + inside(
            "COMPLEMENTARY_INFORMATION_CONTRACT_NOTICE",
            "<RELATES_TO_EU_PROJECT_NO/>",
            inside("PROCEDURES_FOR_APPEAL/APPEAL_PROCEDURE_BODY_RESPONSIBLE", contact("Court")),
            "<NOTICE_DISPATCH_DATE><DAY>5</DAY><MONTH>2</MONTH><YEAR>2019</YEAR></NOTICE_DISPATCH_DATE>",
        )
    )
    return read(older(body, form="17", name="CONTRACT_DEFENCE", version="R2.0.8.S05.E01"))


def test_reads_an_older_contract_notice() -> None:
    notice = old_notice(divided=True)
    row = notice.row
    assert (row["form_number"], row["schema_version"], row["notice_type"]) == ("F17", "R2.0.8.S05", "cn-standard")
    assert (row["title"], row["description"], row["reference_number"]) == ("Ropes and nets", "For the port", "R 9")
    assert (row["contract_nature"], row["cpv_main"], row["nuts_codes"]) == ("supplies", "39541000", ["IE06"])
    assert (row["procedure_type"], row["is_accelerated"], row["is_electronic_auction"]) == ("restricted", True, True)
    assert (row["is_framework"], row["estimated_value"], row["is_eu_funded"]) == (True, "900", False)
    assert (row["dispatch_date"], row["is_joint_procurement"]) == ("2019-02-05", True)
    roles = [(party["role"], party["name"]) for party in rows(notice, "parties")]
    assert roles == [
        ("buyer", "Port of Northwick"),
        ("tender-recipient", "Post room"),
        ("buyer", "Harbour police"),
        ("review-body", "Court"),
    ]
    buyer = rows(notice, "parties")[0]
    assert (buyer["national_id"], buyer["legal_type"], buyer["main_activity"]) == ("77", "cga", "defence")
    (criterion,) = rows(notice, "criteria")
    assert (criterion["name"], criterion["weight_number"], criterion.get("kind")) == ("Strength", "70", None)


def test_older_lots_inherit_what_is_said_of_the_whole() -> None:
    (lot,) = rows(old_notice(divided=True), "lots")
    assert (lot["lot_id"], lot["title"], lot["description"]) == ("1", "Ropes", "Ropes of hemp")
    assert (lot["cpv_main"], lot["estimated_value"]) == ("39541100", "500")
    assert (lot["nuts_codes"], lot["has_options"], lot["is_renewable"]) == (["IE06"], True, False)
    assert (lot["duration_value"], lot["duration_unit"]) == ("3", "YEAR")  # of the framework agreement
    assert lot["contract_nature"] == "supplies"


def test_an_older_form_without_division_is_one_lot() -> None:
    (lot,) = rows(old_notice(divided=False), "lots")
    assert (lot.get("lot_id"), lot["description"], lot["cpv_main"]) == (None, "9 km", "39541000")
    assert lot["cpv_additional"] == ["39541130"]


def test_several_objects_of_an_older_prior_information_notice_are_lots() -> None:
    def planned(title: str, cpv: str, lots: str = "") -> str:
        return (
            f"<OBJECT_CONTRACT_PERIODIC_INDICATIVE><TITLE_CONTRACT><P>{title}</P></TITLE_CONTRACT>"
            f"<DESCRIPTION_OF_CONTRACT><P>{title} of all kinds</P></DESCRIPTION_OF_CONTRACT>"
            f"{lots}<CPV><CPV_MAIN><CPV_CODE CODE='{cpv}'/></CPV_MAIN></CPV></OBJECT_CONTRACT_PERIODIC_INDICATIVE>"
        )

    annex = "".join(
        "<ANNEX_B_INFORMATION_LOTS_PERIODIC_INDICATIVE>"
        f"<LOT_NUMBER>{number}</LOT_NUMBER></ANNEX_B_INFORMATION_LOTS_PERIODIC_INDICATIVE>"
        for number in (1, 2)
    )
    body = planned("Pipes", "44160000") + planned("Pumps", "42122000", annex)
    notice = read(older(body, form="4", name="PERIODIC_INDICATIVE_UTILITIES"))
    assert [lot.get("title") for lot in rows(notice, "lots")] == ["Pipes", None, None]
    assert [lot.get("lot_id") for lot in rows(notice, "lots")] == [None, "1", "2"]
    first = rows(notice, "lots")[0]
    assert (first["cpv_main"], first["description"]) == ("44160000", "Pipes of all kinds")
    assert (notice.row["title"], notice.row["description"]) == ("Pipes", "Pipes of all kinds")
    single = read(older(planned("Pipes", "44160000"), form="4", name="PERIODIC_INDICATIVE_UTILITIES"))
    assert len(rows(single, "lots")) == 1
    assert single.row["cpv_main"] == "44160000"


def test_reads_an_older_buyer_profile_and_qualification_system() -> None:
    profile = inside("OBJECT_NOTICE_BUYER_PROFILE/TITLE_NOTICE_BUYER_PROFILE/P", "Year plan")
    assert read(older(profile, form="8", name="BUYER_PROFILE")).row["title"] == "Year plan"
    system = inside(
        "OBJECT_QUALIFICATION_SYSTEM",
        "<TITLE_QUALIFICATION_SYSTEM><P>Welders</P></TITLE_QUALIFICATION_SYSTEM><DESCRIPTION><P>All</P></DESCRIPTION>",
    )
    row = read(older(system, form="7", name="QUALIFICATION_SYSTEM_UTILITIES")).row
    assert (row["title"], row["description"], row["notice_type"]) == ("Welders", "All", "qu-sy")


def old_award(content: str) -> str:
    return f"<AWARD_OF_CONTRACT ITEM='1'>{content}</AWARD_OF_CONTRACT>"


def test_reads_older_awards() -> None:
    body = (
        inside(
            "CONTRACTING_AUTHORITY_INFORMATION_CONTRACT_AWARD/NAME_ADDRESSES_CONTACT_CONTRACT_AWARD",
            inside("CA_CE_CONCESSIONAIRE_PROFILE/ORGANISATION/OFFICIALNAME", "County"),
        )
        + inside(
            "OBJECT_CONTRACT_INFORMATION_CONTRACT_AWARD_NOTICE/DESCRIPTION_AWARD_NOTICE_INFORMATION",
            inside("NOTICE_INVOLVES_DESC", "<CONCLUSION_FRAMEWORK_AGREEMENT/>"),
        )
        + inside(
            "PROCEDURE_DEFINITION_CONTRACT_AWARD_NOTICE/TYPE_OF_PROCEDURE_DEF/F03_AWARD_WITHOUT_PRIOR_PUBLICATION",
            inside("ANNEX_D/JUSTIFICATION_CHOICE_NEGOCIATED_PROCEDURE", "<EXTREME_URGENCY_EVENTS_UNFORESEEABLE/>"),
        )
        + old_award(
            "<CONTRACT_NUMBER>C1</CONTRACT_NUMBER><LOT_NUMBER>2</LOT_NUMBER><CONTRACT_TITLE><P>Nets</P></CONTRACT_TITLE>"
            "<CONTRACT_AWARD_DATE><DAY>22</DAY><MONTH>12</MONTH><YEAR>2018</YEAR></CONTRACT_AWARD_DATE>"
            "<OFFERS_RECEIVED_NUMBER>4</OFFERS_RECEIVED_NUMBER><OFFERS_RECEIVED_NUMBER_MEANING>3"
            "</OFFERS_RECEIVED_NUMBER_MEANING><ECONOMIC_OPERATOR_NAME_ADDRESS>"
            + contact("Nets Ltd")
            + "</ECONOMIC_OPERATOR_NAME_ADDRESS><CONTRACT_VALUE_INFORMATION>"
            "<INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT CURRENCY='EUR'><VALUE_COST FMTVAL='50'>50</VALUE_COST>"
            "</INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT><COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY='EUR'>"
            "<RANGE_VALUE_COST><LOW_VALUE FMTVAL='40'>40</LOW_VALUE><HIGH_VALUE FMTVAL='60'>60</HIGH_VALUE>"
            "</RANGE_VALUE_COST></COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE></CONTRACT_VALUE_INFORMATION>"
            "<MORE_INFORMATION_TO_SUB_CONTRACTED><CONTRACT_LIKELY_SUB_CONTRACTED>"
            "<EXCLUDING_VAT_VALUE CURRENCY='EUR' FMTVAL='5'>5</EXCLUDING_VAT_VALUE>"
            "</CONTRACT_LIKELY_SUB_CONTRACTED></MORE_INFORMATION_TO_SUB_CONTRACTED>"
        )
        + old_award("")
    )
    notice = read(older(body))
    assert (notice.row["buyer_name"], notice.row["is_framework"]) == ("County", True)
    assert notice.row["procedure_type"] == "neg-wo-call"
    first, second = rows(notice, "lot_results")
    assert (first["status"], first["lot_ids"], first["tenders_received"]) == ("selec-w", ["2"], 4)
    assert first["tenders_electronic"] == 3
    assert second.get("status") is None
    (contract,) = rows(notice, "contracts")
    assert (contract["contract_number"], contract["contract_title"], contract["award_date"]) == (
        "C1",
        "Nets",
        "2018-12-22",
    )
    assert (contract["value_low"], contract["value_high"], contract["estimated_value"]) == ("40", "60", "50")
    assert contract["is_framework"] is True
    (tender,) = rows(notice, "tenders")
    assert (tender["is_subcontracted"], tender["subcontracting_value"]) == (True, "5")
    (winner,) = rows(notice, "parties", role="winner")
    assert (winner["name"], winner["town"], winner["contract_ordinal"]) == ("Nets Ltd", "Northwick", 1)
    assert "lots" not in notice.children


def test_an_organisation_of_r207_is_a_text() -> None:
    body = inside("CONTRACTING_AUTHORITY_INFORMATION/CA_CE_CONCESSIONAIRE_PROFILE/ORGANISATION", "County")
    assert read(older(body, version="R2.0.7.S03.E01")).row["buyer_name"] == "County"


def test_reads_older_utilities_awards_and_design_contests() -> None:
    utilities = inside(
        "AWARD_CONTRACT_CONTRACT_AWARD_UTILITIES/AWARD_AND_CONTRACT_VALUE",
        "<LOT_NUMBER>1</LOT_NUMBER><TITLE_CONTRACT><P>Pipes</P></TITLE_CONTRACT>"
        "<DATE_OF_CONTRACT_AWARD><DAY>2</DAY><MONTH>1</MONTH><YEAR>2019</YEAR></DATE_OF_CONTRACT_AWARD>",
        contact("Pipes Ltd", "CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME_CHP"),
    )
    notice = read(older(utilities, form="6", name="CONTRACT_AWARD_UTILITIES"))
    (contract,) = rows(notice, "contracts")
    assert (contract["contract_title"], contract["award_date"]) == ("Pipes", "2019-01-02")
    assert rows(notice, "parties", role="winner")[0]["name"] == "Pipes Ltd"
    contest = inside(
        "RESULTS_CONTEST_RESULT_DESIGN_CONTEST/RESULT_CONTEST/AWARD_PRIZES",
        "<PARTICIPANTS_NUMBER>8</PARTICIPANTS_NUMBER>",
        inside("NAME_ADDRESS_WINNER", contact("Studio")),
    )
    notice = read(older(contest, form="13", name="RESULT_DESIGN_CONTEST"))
    assert rows(notice, "lot_results")[0]["tenders_received"] == 8
    assert rows(notice, "parties", role="prize-winner")[0]["name"] == "Studio"


@pytest.mark.parametrize(
    ("form", "name", "place", "body", "flags"),
    [
        (
            "3",
            "CONTRACT_AWARD",
            "PROCEDURE_DEFINITION_CONTRACT_AWARD_NOTICE/TYPE_OF_PROCEDURE_DEF",
            "<PT_ACCELERATED_NEGOTIATED/>",
            {"procedure_type": "neg-w-call", "is_accelerated": True},
        ),
        (
            "3",
            "CONTRACT_AWARD",
            "PROCEDURE_DEFINITION_CONTRACT_AWARD_NOTICE/AWARD_CRITERIA_CONTRACT_AWARD_NOTICE_INFORMATION",
            "<F03_IS_ELECTRONIC_AUCTION_USABLE VALUE='NO'/>",
            {"is_electronic_auction": False},
        ),
        (
            "3",
            "CONTRACT_AWARD",
            "OBJECT_CONTRACT_INFORMATION_CONTRACT_AWARD_NOTICE/DESCRIPTION_AWARD_NOTICE_INFORMATION",
            "<CONTRACT_COVERED_GPA VALUE='NO'/>",
            {"is_gpa_covered": False},
        ),
        (
            "3",
            "CONTRACT_AWARD",
            "CONTRACTING_AUTHORITY_INFORMATION_CONTRACT_AWARD/TYPE_AND_ACTIVITIES_AND_PURCHASING_ON_BEHALF",
            "<PURCHASING_ON_BEHALF><PURCHASING_ON_BEHALF_NO/></PURCHASING_ON_BEHALF>",
            {"is_joint_procurement": False},
        ),
        (
            "5",
            "CONTRACT_UTILITIES",
            "PROCEDURE_DEFINITION_CONTRACT_NOTICE_UTILITIES/TYPE_OF_PROCEDURE_FOR_CONTRACT",
            "<TYPE_OF_PROCEDURE_DETAIL VALUE='NEGOTIATED'/>",
            {"procedure_type": "neg-w-call"},
        ),
        (
            "1",
            "PRIOR_INFORMATION",
            "OBJECT_WORKS_PRIOR_INFORMATION",
            "<FRAMEWORK_AGREEMENT VALUE='NO'/>",
            {"is_framework": False},
        ),
        (
            "2",
            "CONTRACT",
            "OBJECT_CONTRACT_INFORMATION/DESCRIPTION_CONTRACT_INFORMATION/NOTICE_INVOLVES",
            "<SETTING_UP_DPS/>",
            {"is_dps": True, "is_framework": False},
        ),
    ],
)
def test_reads_the_terms_of_older_procedures(
    form: str, name: str, place: str, body: str, flags: dict[str, object]
) -> None:
    row = read(older(inside(place, body), form=form, name=name)).row
    assert {column: row.get(column) for column in flags} == flags


def test_reads_older_corrections() -> None:
    corrections = (
        "<CORR><REPLACE OBJECT='DATE'><WHERE>IV.3.4</WHERE><OLD_VALUE><DATE_TIME><DAY>1</DAY><MONTH>3</MONTH>"
        "<YEAR>2019</YEAR><TIME>10:00</TIME></DATE_TIME></OLD_VALUE><NEW_VALUE><DATE_TIME><DAY>9</DAY><MONTH>3</MONTH>"
        "<YEAR>2019</YEAR></DATE_TIME></NEW_VALUE></REPLACE></CORR>"
        "<CORR><ADD OBJECT='TEXT'><WHERE>II.1</WHERE><NEW_VALUE><TEXT><P>more</P></TEXT></NEW_VALUE></ADD></CORR>"
        "<CORR><DELETE OBJECT='CPV'><OLD_VALUE><CPV_MAIN><CPV_CODE CODE='45000000'/></CPV_MAIN></OLD_VALUE></DELETE>"
        "</CORR>"
        "<ADDR_CORR><WHERE>I.1</WHERE></ADDR_CORR>"
    )
    body = inside(
        "PROCEDURES_ICAR/ADMINISTRATIVE_INFORMATION/NOTICE_PUBLICATION/NOTICE_NUMBER_OJ", "2018/S 9-000008"
    ) + inside(
        "COMPLEMENTARY_ICAR",
        inside(
            "NOTICE_INVOLVES_ICAR/CORRECTION_ADDITIONAL_INFO/INFORMATION_CORRECTED_ADDED",
            "<MODIFICATION_ORIGINAL_PUBLICATION_TED><MODIFICATION_ORIGINAL/></MODIFICATION_ORIGINAL_PUBLICATION_TED>",
            inside("ORIGINAL_NOTICE_CORRESPONDING_TENDER/ORIGINAL_NOTICE", corrections),
        ),
        "<OTHER_ADDITIONAL_INFO><P>Sorry.</P></OTHER_ADDITIONAL_INFO>",
    )
    notice = read(older(body, form="14", name="ADDITIONAL_INFORMATION_CORRIGENDUM"))
    date, text, cpv, info = rows(notice, "changes")
    assert (date["section"], date["old_value"], date["new_value"]) == ("IV.3.4", "2019-03-01 10:00", "2019-03-09")
    assert (text["value_type"], text["new_value"]) == ("text", "more")
    assert (cpv["value_type"], cpv["old_value"]) == ("cpv_main", "45000000")
    assert info["description"] == "Sorry."
    assert {row["reason_code"] for row in rows(notice, "changes")} == {"cor-buy"}
    assert {row["changed_notice_id"] for row in rows(notice, "changes")} == {"8-2018"}


# ---- prose ------------------------------------------------------------------------------------------------------


def prose(contents: str, codes: str = "") -> Notice:
    forms = (
        '<OTH_NOT CATEGORY="ORIGINAL" LG="EN" VERSION="R2.0.8.S02.E01"><FD_OTH_NOT><TI_DOC><P>IE-Northwick: nets</P>'
        "</TI_DOC><STI_DOC><P><ADDRESS_NOT_STRUCT><ORGANISATION>Port</ORGANISATION><BLK_BTX>, </BLK_BTX>"
        '<TOWN>Northwick</TOWN><COUNTRY VALUE="IE"/></ADDRESS_NOT_STRUCT></P></STI_DOC>'
        f"<CONTENTS>{contents}</CONTENTS></FD_OTH_NOT></OTH_NOT>"
    )
    return read(document(forms=forms, version="R2.0.8.S02.E01", codes=codes))


def test_keeps_prose_as_text() -> None:
    notice = prose(
        "<P>First.</P><MARK_LIST><MLI_OCCUR><NO_MARK>1.</NO_MARK><TI_MARK>Object:</TI_MARK><TXT_MARK><P>Nets</P>"
        "<P>of m<FT TYPE='SUP'>2</FT></P></TXT_MARK></MLI_OCCUR></MARK_LIST>"
    )
    assert (notice.row["form_number"], notice.row["title"]) == ("OTH_NOT", "IE-Northwick: nets")
    assert notice.row["description"] == "Port, Northwick\nFirst.\n1. Object:\nNets\nof m2"
    (buyer,) = rows(notice, "parties")
    assert (buyer["name"], buyer["town"], buyer["country"]) == ("Port", "Northwick", "IRL")


def test_reads_for_and_read_of_a_correction_in_prose() -> None:
    corrigendum = '<TD_DOCUMENT_TYPE CODE="2"/>'
    notice = prose(
        "<MARK_LIST><MLI_OCCUR><NO_MARK>IV.3.4)</NO_MARK><TI_MARK/><TXT_MARK><CORREC><FOR_READ><FOR><INT_FOR>for:</INT_FOR>"
        "<OLD>1.3.2019</OLD></FOR><READ><INT_READ>read:</INT_READ><NEW>8.3.2019</NEW></READ></FOR_READ></CORREC></TXT_MARK></MLI_OCCUR>"
        "</MARK_LIST>",
        corrigendum,
    )
    (change,) = rows(notice, "changes")
    assert (change["section"], change["old_value"], change["new_value"]) == ("IV.3.4)", "1.3.2019", "8.3.2019")
    (change,) = rows(prose("<P>The procedure has been stopped.</P>", corrigendum), "changes")
    assert change["description"] == "Port, Northwick\nThe procedure has been stopped."
