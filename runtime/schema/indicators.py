"""The views that count awards: what each award shows, indicators over them, and what others have published."""

from runtime.schema.columns import Column, Table
from runtime.schema.tables import KEY, LOT_RESULTS, NOTICES, PARTITION

AWARD_FACTS = Table(
    "award_facts",
    "outcome of an award notice that ended in a contract",
    (
        *KEY,
        *LOT_RESULTS.take("result_ordinal"),
        *NOTICES.take("format", "buyer_country", "contract_nature"),
        Column("cpv_division", "string", "First two digits of the main CPV code"),
        *NOTICES.take("procedure_type"),
        *LOT_RESULTS.take("tenders_received", "tenders_sme"),
        Column("is_single_bid", "boolean", "One tender was received; NULL where the number is not published"),
        Column(
            "is_no_call", "boolean", "Awarded without a call for competition; NULL where no procedure type is given"
        ),
        Column("is_lowest_price", "boolean", "All award criteria are the price; NULL where none is published"),
        Column("is_sme", "boolean", "A winner is a micro, small or medium enterprise; NULL where no size is published"),
        Column("is_cross_border", "boolean", "A winner is of another country than the buyer; NULL where none is known"),
        Column("is_in_lots", "boolean", "The notice has more than one lot"),
        Column("is_joint", "boolean", "Several buyers procure together, or a central purchasing body does"),
        *NOTICES.take("is_eu_funded", "is_framework"),
        Column("has_buyer_id", "boolean", "A buyer has a registration number"),
        Column("has_winner_id", "boolean", "Every winner has a registration number"),
        Column("has_tender_count", "boolean", "The number of tenders is published"),
        Column("has_value", "boolean", "A contract has a value that could be converted to euro"),
        Column("value_eur", "euro", "Sum of the contracts of the outcome that have a value, in euro"),
        Column("estimated_value_eur", "euro", "Sum of what was first estimated for these contracts, in euro"),
        Column("decision_date", "date", "Earliest day of decision, or conclusion, of the contracts", "BT-1451"),
        PARTITION,
    ),
    ("notice_id", "result_ordinal"),
)

INDICATORS = Table(
    "indicators",
    "indicator × year × country × nature",
    (
        Column("indicator", "string", "Name of the indicator, as in single_bid; docs/indicators.md defines each"),
        PARTITION,
        Column(
            "scope", "string", "country; pooled: all countries together; median: of the countries that have a value"
        ),
        Column("country", "string", "ISO 3166-1 alpha-3 country of the buyer, unknown, all, or median"),
        Column("nature", "string", "Main nature of the contract: works, supplies, services, combined, unknown, or all"),
        Column("value", "number", "Per cent of the denominator; NULL below 30 awards"),
        Column("numerator", "long", "Awards that show it"),
        Column("denominator", "long", "Awards that say whether they do; of scope median the number of countries"),
        Column(
            "coverage", "number", "Per cent of the awards that the indicator is about which say whether they show it"
        ),
    ),
    ("indicator", "year", "scope", "country", "nature"),
)

SCOREBOARD_REFERENCE = Table(
    "scoreboard_reference",
    "published value or threshold",
    (
        Column("indicator", "string", "Name of the indicator, as in the view indicators"),
        Column("scope", "string", "median: of countries; pooled: of all awards or procedures; threshold"),
        Column("year", "int", "Year that the value is of; of thresholds that of the edition"),
        Column("value", "number", "Published value, per cent"),
        Column("green", "number", "Value up to which, or from which on, a country is green"),
        Column("red", "number", "Value from which on, or below which, a country is red"),
        Column("edition", "string", "Publication that it is from"),
        Column("source", "string", "Address of the publication"),
    ),
    ("indicator", "scope", "year", "edition"),
)
