"""The views that continue DG GROW's TED CSV: its columns by name and in its order, and what is in them here.

Source: the headers of export_CAN and export_CFC as public readers of the files list them; docs/ted-csv.md has what is
known of each column in the CSV.
"""

from runtime.schema.columns import Column, Kind, Table

_NOT_IN_NOTICES = "NULL: no notice says it, the CSV's makers had it from elsewhere"
_NULL_LIST = "NULL: read off the annexes of the Government Procurement Agreement, not off notices"


def _columns(kind: Kind, *lines: tuple[str, str]) -> dict[str, Column]:
    return {name: Column(name, kind, meaning) for name, meaning in lines}


_COLUMNS: dict[str, Column] = {
    **_columns(
        "string",
        ("id_notice_can", "Year and number of the award notice run together, without zeros between: 202243 is 43-2022"),
        ("id_notice_cn", "Year and number of the call run together, without zeros between: 202243 is 43-2022"),
        ("ted_notice_url", "Today's address of the notice, without scheme: ted.europa.eu/en/notice/-/detail/43-2022"),
        ("id_type", "Number of the standard form, as in 3; an eForms subtype has the form that it replaces"),
        ("xsd_version", "Version of the notice's schema: 2.0.8, 2.0.9, or eForms whatever the SDK"),
        ("future_can_id", "Award notices that name the call or share its procedure, as id_notice_can, --- between"),
        ("future_can_id_estimated", "N: each link is one that a notice states, none is guessed"),
        ("b_multiple_cae", "Y where the notice has several buyers, else N"),
        ("cae_name", "Names of the buyers, --- between"),
        ("cae_nationalid", "National registration numbers, one place per buyer as in cae_name"),
        ("cae_address", "Streets, one place per buyer as in cae_name"),
        ("cae_town", "Towns, one place per buyer as in cae_name"),
        ("cae_postal_code", "Postcodes, one place per buyer as in cae_name"),
        ("cae_gpa_annex", _NULL_LIST),
        ("iso_country_code", "Country of the first buyer, two letters: UK, GR, else ISO 3166-1 alpha-2"),
        ("iso_country_code_gpa", _NULL_LIST),
        ("b_multiple_country", "Y where the buyers are of several countries, else N"),
        ("iso_country_code_all", "Countries of the buyers, one place each as in cae_name, where they are several"),
        (
            "cae_type",
            (
                "Type of the first buyer that has one: 1 national, 3 regional or local, 4 utility, 5 EU, 5A "
                "international, 6 body under public law, 8 other, Z not said. Agencies (N, R) are in 6"
            ),
        ),
        ("eu_inst_code", _NOT_IN_NOTICES),
        ("main_activity", "Main activity of the first buyer that has one, in the CSV's own words and spelling"),
        ("b_on_behalf", "Y or N: others buy too, as forms before R2.0.9 ask; NULL since"),
        ("b_involves_joint_procurement", "Y or N: several buyers procure together; NULL before R2.0.9"),
        ("b_awarded_by_central_body", "Y or N: a central purchasing body buys"),
        ("type_of_contract", "W works, U supplies, S services; NULL where they are combined"),
        ("tal_location_nuts", "NUTS codes of the place of the lot, else of the notice, --- between"),
        ("b_fra_agreement", "Y where a framework agreement is concerned, else N"),
        ("fra_estimated", "NULL: frameworks that the buyer did not mark are not guessed here"),
        ("b_fra_contract", "Y or N: the contract is under a framework agreement; NULL before eForms, which alone ask"),
        ("b_fra_single_operator", "Y where the framework agreement is with one operator, N with several"),
        ("b_dyn_purch_syst", "Y or N: a dynamic purchasing system is concerned"),
        ("cpv", "Main CPV code of the notice, 8 digits"),
        ("main_cpv_code_gpa", _NULL_LIST),
        ("id_lot", "Identifier of the lot as the notice describes it; NULL where it has no number"),
        ("additional_cpvs", "Further CPV codes of the lot, else of the notice, --- between"),
        ("b_gpa", "Y or N: covered by the Government Procurement Agreement"),
        ("gpa_coverage", _NULL_LIST),
        (
            "lots_submission",
            "Lots one may tender for: A all, O one, M several; NULL where not divided or not said",
        ),
        ("b_variants", "Y where variants are allowed or required, N where not"),
        ("b_options", "Y or N: options are described"),
        ("b_eu_funds", "Y or N: EU funds pay a part, of the lot where it says so, else of the notice"),
        ("b_renewals", "Y or N: the contract can be renewed"),
        (
            "top_type",
            (
                "OPE open, RES restricted, NIC (calls: NEC) negotiated with a call, COD dialogue, INP innovation, "
                "NOC negotiated without a call, AWP award without publication; NULL where the CSV has no code"
            ),
        ),
        ("b_accelerated", "Y or N: the procedure is accelerated"),
        ("crit_code", "L lowest price alone, M also other criteria; of the lot, else of the whole procedure"),
        ("crit_price_weight", "Weight of the price, as published"),
        ("crit_criteria", "Criteria other than the price, --- between"),
        ("crit_weights", "Weights, one place per criterion as in crit_criteria; an empty place where none is given"),
        ("b_electronic_auction", "Y or N: an electronic auction is used"),
        ("b_language_any_ec", "Y where tenders may be in any official language of the EU, else N"),
        ("admin_languages_tender", "Official languages of the EU that tenders may be in, two letters, --- between"),
        ("admin_other_languages_tender", "Other languages that tenders may be in, ISO 639-3, --- between"),
        ("b_recurrent_procurement", "Y or N: the procurement is likely to come again"),
        (
            "id_award",
            "Identifier of the award: id_notice_can and its position, or R and that of an outcome without contract",
        ),
        ("id_lot_awarded", "Lot as the award names it; of an outcome without contract all its lots, --- between"),
        (
            "info_on_non_award",
            (
                "NULL where a contract was awarded; PROCUREMENT_UNSUCCESSFUL, PROCUREMENT_DISCONTINUED, in "
                "eForms also PROCUREMENT_NOT_ENDED"
            ),
        ),
        ("info_unpublished", "Y where something is withheld from publication, else N"),
        ("b_awarded_to_a_group", "Y or N: the winner is a group"),
        ("win_name", "Names of the winners, --- between"),
        ("win_nationalid", "National registration numbers, one place per winner as in win_name"),
        ("win_address", "Streets, one place per winner as in win_name"),
        ("win_town", "Towns, one place per winner as in win_name"),
        ("win_postal_code", "Postcodes, one place per winner as in win_name"),
        ("win_country_code", "Countries, one place per winner as in win_name, two letters as in iso_country_code"),
        ("b_contractor_sme", "Y or N: a small or medium enterprise, one place per winner as in win_name"),
        ("contract_number", "The buyer's number of the contract"),
        ("title", "Title of the contract, else of its lot, else of the notice"),
        ("b_subcontracted", "Y or N: a part will be subcontracted"),
    ),
    **_columns(
        "int",
        ("year", "Year of publication; the partition, so a query should name it"),
        ("cancelled", "1 where an eForms change notice cancels the notice, else 0; older forms have no code for it"),
        ("fra_number_operators", "NULL: the tables keep one number, which is in fra_number_max_operators"),
        ("fra_number_max_operators", "Operators in the framework agreement at most"),
        ("out_of_directives", "1 where the legal basis is none of the directives (eForms: other), else 0"),
        ("env_operators", "Candidates to be invited, where it is one number"),
        ("env_min_operators", "Candidates to be invited at least, where it is a range"),
        ("env_max_operators", "Candidates to be invited at most, where it is a range"),
        ("number_offers", "Tenders received for the outcome"),
        ("number_tenders_sme", "Tenders from small and medium enterprises"),
        ("number_tenders_other_eu", "Tenders from other EU or EEA countries"),
        ("number_tenders_non_eu", "Tenders from outside the EU and EEA"),
        ("number_offers_electr", "Tenders received electronically"),
    ),
    **_columns(
        "long",
        ("corrections", "Corrigenda and change notices that name the notice"),
        ("number_awards", "Awards of the notice: contracts, and outcomes without contract"),
    ),
    **_columns(
        "euro",
        ("value_euro_fin_2", "NULL: nothing is corrected by hand here"),
        ("award_est_value_euro", "Estimate of the contract, on its first row, else of the lot, in euro"),
        ("award_value_euro", "Value of the contract in euro, on its first row only"),
        (
            "award_value_euro_fin_1",
            (
                "The first there is of value, lowest offer, highest offer and estimate of the contract, in euro, "
                "on its first row only; 0 where nothing was awarded"
            ),
        ),
    ),
    **_columns(
        "date",
        ("dt_dispatch", "Day on which the notice was sent; ted export writes dd/mm/yy"),
        ("dt_award", "Day of the decision, else of the contract's conclusion; ted export writes dd/mm/yy"),
        ("contract_start", "Planned first day of the lot"),
        ("contract_completion", "Planned last day of the lot"),
        ("dt_applications", "Last day for tenders or requests to participate, of the lot, else of the notice"),
    ),
    **_columns("number", ("duration", "Months; a day counts a thirtieth, a week seven; else from first to last day")),
}

_CAN = """
    id_notice_can ted_notice_url year id_type dt_dispatch xsd_version cancelled corrections b_multiple_cae cae_name
    cae_nationalid cae_address cae_town cae_postal_code cae_gpa_annex iso_country_code iso_country_code_gpa
    b_multiple_country iso_country_code_all cae_type eu_inst_code main_activity b_on_behalf
    b_involves_joint_procurement b_awarded_by_central_body type_of_contract tal_location_nuts b_fra_agreement
    fra_estimated b_fra_contract b_dyn_purch_syst cpv main_cpv_code_gpa id_lot additional_cpvs b_gpa gpa_coverage
    lots_number value_euro value_euro_fin_1 value_euro_fin_2 b_eu_funds top_type b_accelerated out_of_directives
    crit_code crit_price_weight crit_criteria crit_weights b_electronic_auction number_awards id_award id_lot_awarded
    info_on_non_award info_unpublished b_awarded_to_a_group win_name win_nationalid win_address win_town
    win_postal_code win_country_code b_contractor_sme contract_number title number_offers number_tenders_sme
    number_tenders_other_eu number_tenders_non_eu number_offers_electr award_est_value_euro award_value_euro
    award_value_euro_fin_1 b_subcontracted dt_award
"""
_CN = """
    id_notice_cn ted_notice_url year id_type dt_dispatch xsd_version cancelled corrections future_can_id
    future_can_id_estimated b_multiple_cae cae_name cae_nationalid cae_address cae_town cae_postal_code
    iso_country_code b_multiple_country iso_country_code_all cae_type eu_inst_code main_activity b_on_behalf
    b_involves_joint_procurement b_awarded_by_central_body type_of_contract tal_location_nuts b_fra_agreement
    fra_estimated b_fra_single_operator fra_number_operators fra_number_max_operators b_dyn_purch_syst cpv id_lot
    additional_cpvs b_gpa lots_number lots_submission b_variants value_euro value_euro_fin_1 value_euro_fin_2
    b_options b_eu_funds b_renewals duration contract_start contract_completion top_type b_accelerated env_operators
    env_min_operators env_max_operators crit_code crit_price_weight crit_criteria crit_weights b_electronic_auction
    dt_applications b_language_any_ec admin_languages_tender admin_other_languages_tender b_recurrent_procurement
"""


def _view(name: str, rows_per: str, order: str, own: dict[str, Column], *key: str) -> Table:
    return Table(name, rows_per, tuple((own | _COLUMNS)[each] for each in order.split()), key)


TED_CAN = _view(
    "ted_can",
    "contract × lot that it names, and outcome without contract",
    _CAN,
    {
        **_columns("long", ("lots_number", "Lots that the awards of the notice name; 0 where they name none")),
        **_columns(
            "euro",
            (
                "value_euro",
                "Value of all contracts of the notice in euro, as the notice states it, on each of its rows",
            ),
            (
                "value_euro_fin_1",
                (
                    "The first there is of total, lowest offer, highest offer, sum of award_value_euro_fin_1 and "
                    "estimate of the notice, in euro"
                ),
            ),
        ),
    },
    "id_award",
    "id_lot_awarded",
)
TED_CN = _view(
    "ted_cn",
    "call for competition × lot",
    _CN,
    {
        **_columns("int", ("lots_number", "Lots of the notice; 0 where it is not divided, also where it has one lot")),
        **_columns(
            "euro",
            ("value_euro", "Estimated value of the notice in euro, on each of its rows"),
            (
                "value_euro_fin_1",
                "The first there is of estimate, its lower and upper end, and the sum of the lots' estimates, in euro",
            ),
        ),
    },
    "id_notice_cn",
    "id_lot",
)
TED_CSV_CODES = Table(
    "ted_csv_codes",
    "code of a list",
    tuple(
        _columns(
            "string",
            ("list", "activity, buyer, country, form or language"),
            ("code", "Code in the tables of the lake"),
            ("csv_code", "Code or word in the TED CSV"),
        ).values()
    ),
    ("list", "code"),
)
