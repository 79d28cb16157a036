"""The tables of the lake, as data. The pyarrow, Spark and Glue schemas and the data dictionary come from here.

Source: eForms Regulation (EU) 2019/1780, annex, for the Business Terms.
"""

from runtime.schema.columns import Column, Kind, Table


def _columns(kind: Kind, *lines: tuple[str, str] | tuple[str, str, str]) -> list[Column]:
    return [Column(line[0], kind, line[1], line[2] if len(line) == 3 else "") for line in lines]


def _one(kind: Kind, name: str, meaning: str, term: str = "") -> Column:
    return Column(name, kind, meaning, term)


def _money(name: str, meaning: str, term: str = "") -> list[Column]:
    return [
        Column(name, "money", meaning, term),
        Column(f"{name}_currency", "string", f"ISO 4217 currency of {name}"),
    ]


PARTITION = Column("year", "int", "Year of the package's publication date; the partition")
_BY_YEAR = (PARTITION,)

KEY = (
    _one(
        "string", "notice_id", "Publication number: number without leading zeros and year, as in 566194-2026", "OPP-010"
    ),
    _one("date", "publication_date", "Day of publication in the OJ S", "OPP-012"),
    _one("string", "package_id", "Daily package that the row was read from"),
)

NOTICES = Table(
    "notices",
    "notice",
    (
        *KEY,
        _one("int", "ojs_issue", "Number of the OJ S issue in its year", "OPP-011"),
        _one("string", "ojs_number", "Number of the notice in the OJ S as published, as in 2019/S 001-000001"),
        *_columns(
            "string",
            ("format", "Family of the source format: ted-export or eforms"),
            ("schema_version", "Version of the source schema, as in R2.0.9.S03 or eforms-sdk-1.10"),
            ("form_number", "Standard form (F03) or eForms notice subtype (29)", "OPP-070"),
            ("form_type", "Kind of form: planning, competition, result, dir-awa-pre, cont-modif, change, bri", "BT-03"),
            ("notice_type", "EU code of the notice type; corr for a corrigendum", "BT-02"),
            ("notice_type_raw", "Notice type as published where it differs: TD_DOCUMENT_TYPE code"),
            ("notice_uuid", "Identifier of the notice given by the sender", "BT-701"),
            ("notice_version", "Version of the notice given by the sender", "BT-757"),
            ("procedure_id", "Identifier shared by the notices of one procedure", "BT-04"),
            ("legal_basis", "Legal basis as CELEX code, as in 32014L0024", "BT-01"),
            ("original_language", "ISO 639-3 code of the language that is authentic", "BT-702"),
        ),
        _one("int", "language_count", "Number of languages that the notice's form is published in"),
        _one("date", "dispatch_date", "Day on which the notice was sent for publication", "BT-05"),
        *_columns(
            "string",
            ("title", "Title of the procedure in the original language", "BT-21"),
            ("title_en", "Title of the procedure in English where published"),
            ("description", "Description of the procedure in the original language", "BT-24"),
            ("reference_number", "The buyer's own reference of the procedure", "BT-22"),
            ("contract_nature", "Main nature: works, supplies, services, combined", "BT-23"),
            ("procedure_type", "EU code of the procedure type", "BT-105"),
            ("procedure_type_raw", "Procedure type as published where it differs"),
        ),
        _one("boolean", "is_accelerated", "The procedure is accelerated", "BT-106"),
        _one("string", "cpv_main", "Main CPV code, 8 digits without check digit", "BT-262"),
        _one("list", "cpv_additional", "Further CPV codes of the procedure", "BT-263"),
        _one("list", "nuts_codes", "NUTS codes of the places of performance of the procedure", "BT-5071"),
        _one("string", "buyer_name", "Official name of the first buyer", "BT-500"),
        _one("string", "buyer_country", "ISO 3166-1 alpha-3 country of the first buyer", "BT-514"),
        _one("int", "lot_count", "Number of rows with lot_kind = lot in the table lots"),
        _one("int", "contract_count", "Number of rows in the table contracts"),
        *_money("estimated_value", "Estimated value of the procedure without VAT", "BT-27"),
        *_money("total_value", "Value of all contracts awarded by the notice", "BT-161"),
        _one("money", "total_value_low", "Lowest offer taken into account, where a range is published"),
        _one("money", "total_value_high", "Highest offer taken into account, where a range is published"),
        *_money("framework_max_value", "Maximum value of the framework agreements of the notice", "BT-118"),
        *_columns(
            "boolean",
            ("is_framework", "A framework agreement is concerned", "BT-765"),
            ("is_dps", "A dynamic purchasing system is concerned", "BT-766"),
            ("is_electronic_auction", "An electronic auction is used", "BT-767"),
            ("is_gpa_covered", "Covered by the Government Procurement Agreement", "BT-115"),
            ("is_joint_procurement", "Several buyers procure together"),
            ("is_central_purchasing", "Awarded by a central purchasing body"),
            ("is_eu_funded", "Related to a project financed by EU funds", "BT-60"),
        ),
        _one("date", "submission_deadline_date", "Last day for tenders or requests to participate", "BT-131"),
        _one(
            "string",
            "submission_deadline_time",
            "Time of day of the deadline as published, HH:MM with offset where given",
            "BT-131",
        ),
        _one("list", "previous_notices", "Earlier notices of the procedure, as published"),
        _one("list", "direct_award_codes", "EU codes of the justification of an award without a call", "BT-136"),
        _one("string", "direct_award_text", "Justification of an award without a call, in words", "BT-135"),
        _one("boolean", "is_relaunched", "The procedure will be launched again", "BT-634"),
        _one("int", "max_lots_submitted", "Number of lots that one tenderer can tender for", "BT-31"),
        _one("int", "max_lots_awarded", "Number of lots that one tenderer can win", "BT-33"),
        _one("date", "future_notice_date", "Day on which the notice of competition is expected", "BT-127"),
        _one("money", "estimated_value_low", "Lower end of an estimate given as a range, in estimated_value_currency"),
        _one("money", "estimated_value_high", "Upper end of an estimate given as a range, in estimated_value_currency"),
        _one("list", "cpv_supplementary", "Codes of the CPV's supplementary vocabulary"),
        _one("list", "place_countries", "ISO 3166-1 alpha-3 countries of the places of performance", "BT-5141"),
        _one("list", "place_regions", "Places without a region: anyw, anyw-cou, anyw-eea", "BT-727"),
        _one(
            "list",
            "withheld_fields",
            "Codes of what is withheld from publication: fields, from SDK 1.16 on groups of fields",
            "BT-195",
        ),
        _one("date", "withheld_until", "Earliest day on which something withheld will be published", "BT-198"),
        _one("string", "member_name", "Path of the XML file inside the package"),
        _one("string", "xml_sha256", "SHA-256 of the XML file, hexadecimal"),
        _one("int", "xml_bytes", "Size of the XML file in bytes"),
        _one("int", "extractor_version", "Version of the extraction that read the notice"),
        _one("list", "warnings", "What was odd about the notice, each a code and its detail"),
    ),
    ("notice_id",),
    _BY_YEAR,
)

LOTS = Table(
    "lots",
    "notice × lot, part or group of lots",
    (
        *KEY,
        _one("int", "lot_ordinal", "Position of the lot in the notice, from 1"),
        *_columns(
            "string",
            ("lot_id", "Identifier of the lot as published", "BT-137"),
            ("lot_kind", "lot, part or group"),
            ("title", "Title of the lot in the original language", "BT-21"),
            ("description", "Description of the lot in the original language", "BT-24"),
            ("contract_nature", "Main nature: works, supplies, services", "BT-23"),
            ("cpv_main", "Main CPV code, 8 digits", "BT-262"),
        ),
        _one("list", "cpv_additional", "Further CPV codes of the lot", "BT-263"),
        _one("list", "nuts_codes", "NUTS codes of the places of performance", "BT-5071"),
        *_money("estimated_value", "Estimated value of the lot without VAT", "BT-27"),
        *_money("framework_max_value", "Maximum value of the framework agreement", "BT-271"),
        _one("number", "duration_value", "Duration, in duration_unit", "BT-36"),
        _one("string", "duration_unit", "DAY, WEEK, MONTH or YEAR", "BT-36"),
        _one("date", "start_date", "Planned first day", "BT-536"),
        _one("date", "end_date", "Planned last day", "BT-537"),
        *_columns(
            "boolean",
            ("is_renewable", "The contract can be renewed", "BT-58"),
            ("has_options", "Options are described", "BT-54"),
            ("is_eu_funded", "Related to a project financed by EU funds", "BT-60"),
            ("is_framework", "A framework agreement is concerned", "BT-765"),
            ("is_dps", "A dynamic purchasing system is concerned", "BT-766"),
            ("is_electronic_auction", "An electronic auction is used", "BT-767"),
            ("is_gpa_covered", "Covered by the Government Procurement Agreement", "BT-115"),
        ),
        _one("date", "submission_deadline_date", "Last day for tenders or requests to participate", "BT-131"),
        _one(
            "string",
            "submission_deadline_time",
            "Time of day of the deadline as published, HH:MM with offset where given",
            "BT-131",
        ),
        _one("string", "internal_id", "The buyer's own identifier of the lot", "BT-22"),
        _one("number", "quantity", "Quantity needed, in quantity_unit", "BT-25"),
        _one("string", "quantity_unit", "Unit of the quantity as published", "BT-625"),
        _one("string", "duration_code", "Duration where it is no number: UNLIMITED, UNKNOWN", "BT-538"),
        _one("int", "renewal_maximum", "How often the contract can be renewed", "BT-58"),
        _one("list", "cpv_supplementary", "Codes of the CPV's supplementary vocabulary"),
        _one("list", "place_countries", "ISO 3166-1 alpha-3 countries of the places of performance", "BT-5141"),
        _one("list", "place_regions", "Places without a region: anyw, anyw-cou, anyw-eea", "BT-727"),
        *_columns(
            "string",
            ("variants", "Whether variants are required, allowed, not-allowed", "BT-63"),
            ("electronic_submission", "Whether electronic tenders are required, allowed, not-allowed", "BT-17"),
            ("electronic_invoicing", "Whether electronic invoices are required, allowed, not-allowed", "BT-743"),
        ),
        _one("boolean", "has_electronic_ordering", "Orders are placed electronically", "BT-92"),
        _one("boolean", "has_electronic_payment", "Payments are made electronically", "BT-93"),
        _one("string", "documents_url", "Address of the procurement documents", "BT-15"),
        _one("string", "submission_url", "Address for tenders or requests to participate", "BT-18"),
        _one("list", "submission_languages", "ISO 639-3 languages that tenders may be written in", "BT-97"),
        _one(
            "number", "tender_validity_value", "How long a tender has to stay valid, in tender_validity_unit", "BT-98"
        ),
        _one("string", "tender_validity_unit", "DAY, WEEK, MONTH or YEAR", "BT-98"),
        _one("date", "opening_date", "Day on which the tenders are opened", "BT-132"),
        _one(
            "string", "opening_time", "Time of day of the opening as published, HH:MM with offset where given", "BT-132"
        ),
        _one("boolean", "is_recurrent", "The procurement is likely to come again", "BT-94"),
        _one("string", "framework_type", "EU code of the framework agreement: fa-wo-rc, fa-w-rc, fa-mix", "BT-765"),
        _one(
            "int", "framework_max_participants", "Number of participants in the framework agreement at most", "BT-113"
        ),
        _one("string", "dps_type", "EU code of the dynamic purchasing system: dps-list, dps-nlist", "BT-766"),
        _one("int", "candidates_min", "Number of candidates to be invited at least", "BT-50"),
        _one("int", "candidates_max", "Number of candidates to be invited at most", "BT-51"),
        _one("list", "reserved_participation", "EU codes of who may take part only: res-ws, res-pub-ser", "BT-71"),
        _one(
            "string",
            "reserved_execution",
            "Whether sheltered employment has to perform the contract: yes, no",
            "BT-736",
        ),
        _one("boolean", "is_sme_suitable", "Said to be suitable for small and medium enterprises", "BT-726"),
        _one("boolean", "is_guarantee_required", "A guarantee is required for a tender", "BT-751"),
        *_columns(
            "list",
            ("strategic_procurement", "EU codes of strategic aims: env-imp, inn-pur, soc-obj", "BT-06"),
            ("environmental_impacts", "EU codes of the impacts on the environment to be reduced", "BT-774"),
            ("social_objectives", "EU codes of the social objectives", "BT-775"),
            ("innovations", "EU codes of the innovative aims", "BT-776"),
            ("gpp_criteria", "EU codes of the criteria of green public procurement", "BT-805"),
        ),
        _one(
            "string",
            "accessibility",
            "EU code of accessibility for people with disabilities: inc, n-inc, n-inc-just",
            "BT-754",
        ),
        _one("boolean", "is_clean_vehicles", "Falls under the Clean Vehicles Directive", "BT-717"),
        _one("list", "eu_programmes", "EU codes of the programmes that fund the procurement", "BT-7220"),
        _one("list", "eu_project_ids", "Identifiers of the EU-funded projects", "BT-5010"),
    ),
    ("notice_id", "lot_ordinal"),
    _BY_YEAR,
)

LOT_RESULTS = Table(
    "lot_results",
    "notice × outcome (eForms LotResult, TED_EXPORT award block)",
    (
        *KEY,
        _one("int", "result_ordinal", "Position of the outcome in the notice, from 1"),
        _one("string", "result_id", "Identifier of the outcome as published", "OPT-322"),
        _one("list", "lot_ids", "Lots that the outcome is about, as published", "BT-13713"),
        _one("string", "status", "selec-w, clos-nw or open-nw", "BT-142"),
        _one("string", "non_award_reason", "EU code of the reason why no winner was chosen", "BT-144"),
        *_columns(
            "int",
            ("tenders_received", "Number of tenders received", "BT-759"),
            ("tenders_electronic", "Tenders received electronically", "BT-759"),
            ("tenders_sme", "Tenders from micro, small and medium enterprises", "BT-759"),
            ("tenders_other_eu", "Tenders from other EU or EEA countries", "BT-759"),
            ("tenders_non_eu", "Tenders from outside the EU and EEA", "BT-759"),
        ),
        _one("money", "lowest_tender_value", "Lowest admissible tender", "BT-710"),
        _one("money", "highest_tender_value", "Highest admissible tender", "BT-711"),
        _one("string", "tender_value_currency", "ISO 4217 currency of the lowest and highest tender"),
        _one("boolean", "are_tender_counts_withheld", "The numbers of tenders are withheld from publication", "BT-195"),
        *_columns(
            "int",
            ("tenders_micro", "Tenders from micro enterprises", "BT-759"),
            ("tenders_small", "Tenders from small enterprises", "BT-759"),
            ("tenders_medium", "Tenders from medium enterprises", "BT-759"),
            ("tenders_large", "Tenders from large enterprises", "BT-759"),
            ("tenders_inadmissible", "Tenders found inadmissible", "BT-759"),
            ("tenders_abnormally_low", "Tenders found inadmissible as abnormally low", "BT-759"),
            ("tenders_unverified", "Tenders whose admissibility was not verified", "BT-759"),
            ("participation_requests", "Requests to participate received", "BT-759"),
            ("review_requests", "Requests for review received", "BT-712"),
        ),
        *_money("framework_reestimated_value", "Value of the framework agreement estimated again", "BT-660"),
        _one("boolean", "is_dps_terminated", "The dynamic purchasing system ends", "BT-119"),
    ),
    ("notice_id", "result_ordinal"),
    _BY_YEAR,
)

TENDERS = Table(
    "tenders",
    "notice × tender that the notice describes, winning or not",
    (
        *KEY,
        _one("int", "tender_ordinal", "Position of the tender in the notice, from 1"),
        _one("int", "result_ordinal", "Outcome that the tender belongs to"),
        _one("string", "tender_id", "Identifier of the tender in the notice, as in TEN-0001", "OPT-321"),
        _one("string", "tender_reference", "The buyer's identifier of the tender", "BT-3201"),
        _one("list", "lot_ids", "Lots that the tender is for, as published", "BT-13714"),
        _one("int", "tender_rank", "Rank of the tender", "BT-171"),
        *_money("value", "Value of the tender", "BT-720"),
        *_columns(
            "boolean",
            ("is_winner", "The tender won"),
            ("is_variant", "The tender is a variant", "BT-193"),
            ("is_value_withheld", "The value is withheld from publication", "BT-195"),
            ("is_value_token", "The value is a token: 0, 0.01 or 1"),
            ("is_subcontracted", "A part will be subcontracted", "BT-773"),
        ),
        *_money("subcontracting_value", "Value of the part to be subcontracted", "BT-553"),
        _one("number", "subcontracting_percent", "Share to be subcontracted, per cent", "BT-555"),
        _one("boolean", "is_ranked", "The tender was ranked", "BT-1711"),
        _one("list", "origin_countries", "ISO 3166-1 alpha-3 countries that the goods or services come from", "BT-191"),
        _one("string", "tendering_party_name", "Name of the tendering party", "OPT-211"),
    ),
    ("notice_id", "tender_ordinal"),
    _BY_YEAR,
)

CONTRACTS = Table(
    "contracts",
    "outcome × winning tender × contract",
    (
        *KEY,
        _one("int", "contract_ordinal", "Position of the contract row in the notice, from 1"),
        _one("int", "result_ordinal", "Outcome that led to the contract"),
        _one("int", "tender_ordinal", "Winning tender"),
        _one("list", "lot_ids", "Lots that the contract is about, as published", "BT-13713"),
        _one("string", "contract_id", "Identifier of the contract in the notice, as in CON-0001", "OPT-316"),
        _one("string", "contract_number", "The buyer's identifier of the contract", "BT-150"),
        _one("string", "contract_title", "Title of the contract", "BT-721"),
        *_money("value", "Value of the contract", "BT-720"),
        _one("money", "value_low", "Lowest offer, where a range is published, in value_currency"),
        _one("money", "value_high", "Highest offer, where a range is published, in value_currency"),
        *_money("estimated_value", "Value first estimated for the contract"),
        *_columns(
            "boolean",
            ("is_value_withheld", "The value is withheld from publication", "BT-195"),
            ("is_value_token", "The value is a token: 0, 0.01 or 1"),
            ("is_vat_included", "The value includes VAT; NULL where the form does not say"),
        ),
        _one("date", "award_date", "Day of the decision", "BT-1451"),
        _one("date", "conclusion_date", "Day of the contract's conclusion", "BT-145"),
        _one("boolean", "is_framework", "The contract is under a framework agreement", "BT-768"),
        _one("boolean", "is_awarded_to_group", "The winner is a group of economic operators"),
        _one(
            "string", "framework_notice_ref", "Notice of the framework agreement that the contract is under", "OPT-100"
        ),
        _one("list", "eu_programmes", "EU codes of the programmes that fund the contract", "BT-722"),
        _one("string", "value_per", "What the value is for: year or month; NULL for the whole"),
        _one("int", "value_periods", "Number of years or months, where the value is for one"),
    ),
    ("notice_id", "contract_ordinal"),
    _BY_YEAR,
)

PARTIES = Table(
    "parties",
    "notice × organisation × role",
    (
        *KEY,
        _one("int", "party_ordinal", "Position of the party row in the notice, from 1"),
        _one("string", "role", "buyer, winner, tenderer, subcontractor, review-body, mediator, service-provider, …"),
        _one("int", "contract_ordinal", "First contract that a winner won"),
        _one("int", "tender_ordinal", "Tender that a tenderer or winner submitted"),
        *_columns(
            "string",
            ("organisation_id", "Identifier of the organisation in the notice, as in ORG-0001", "OPT-200"),
            ("name", "Official name in the original language", "BT-500"),
            ("national_id", "First national registration number", "BT-501"),
        ),
        _one("list", "other_national_ids", "Further national registration numbers", "BT-501"),
        *_columns(
            "string",
            ("street", "Street address", "BT-510"),
            ("town", "Town", "BT-513"),
            ("postcode", "Postcode", "BT-512"),
            ("nuts_code", "NUTS code of the address", "BT-507"),
            ("country", "ISO 3166-1 alpha-3 country", "BT-514"),
            ("size", "Size of the economic operator: micro, small, medium, sme, large", "BT-165"),
        ),
        _one("boolean", "is_natural_person", "The winner is a natural person", "BT-160"),
        _one("boolean", "is_group_leader", "Leads the group of tenderers or buyers", "OPT-170"),
        *_columns(
            "string",
            ("legal_type", "EU code of the buyer's legal type", "BT-11"),
            ("main_activity", "EU code of the buyer's main activity", "BT-10"),
            ("website", "Address of the website", "BT-505"),
        ),
        _one("string", "entity_activity", "EU code of the contracting entity's activity", "BT-610"),
        _one("string", "buyer_profile_url", "Address of the buyer profile", "BT-508"),
        _one("boolean", "is_listed", "The winner is listed on a regulated market", "BT-746"),
        _one("list", "owner_nationalities", "ISO 3166-1 alpha-3 nationalities of the beneficial owners", "BT-706"),
    ),
    ("notice_id", "party_ordinal"),
    _BY_YEAR,
)

CRITERIA = Table(
    "criteria",
    "notice × lot × award criterion",
    (
        *KEY,
        _one("int", "lot_ordinal", "Lot that the criterion is for"),
        _one("string", "lot_id", "Identifier of the lot as published", "BT-137"),
        _one("int", "criterion_ordinal", "Position of the criterion in the notice, from 1"),
        _one("string", "kind", "price, cost or quality", "BT-539"),
        _one("string", "name", "Name of the criterion", "BT-734"),
        _one("string", "description", "Description of the criterion", "BT-540"),
        _one("string", "weight_text", "Weight as published where it is text", "BT-541"),
        _one("number", "weight_number", "Weight where it is a number", "BT-541"),
        _one("string", "weight_unit", "EU code of what the number is: per-exa, poi-exa, ord-imp, …", "BT-5421"),
    ),
    ("notice_id", "criterion_ordinal"),
    _BY_YEAR,
)

CHANGES = Table(
    "changes",
    "notice × change to an earlier notice or contract",
    (
        *KEY,
        _one("int", "change_ordinal", "Position of the change in the notice, from 1"),
        *_columns(
            "string",
            ("kind", "corrigendum or modification"),
            ("changed_notice_id", "Publication number of the changed notice, as a notice_id", "BT-758"),
            ("changed_notice_ref", "Changed notice as published", "BT-758"),
            ("section", "Section of the changed notice", "BT-13716"),
        ),
        _one("list", "lot_ids", "Lots that the change is about, as published"),
        *_columns(
            "string",
            ("field_label", "Label of the changed field, in the notice's language"),
            ("value_type", "What the values are: text, date, time, cpv_main, cpv_additional"),
            ("old_value", "Value before the correction"),
            ("new_value", "Value after the correction"),
            ("reason_code", "EU code of the reason", "BT-140"),
            ("reason_text", "Reason in words", "BT-762"),
            ("description", "What was changed", "BT-141"),
        ),
        _one("money", "value_before", "Contract value before a modification"),
        _one("money", "value_after", "Contract value after a modification"),
        _one("string", "value_currency", "ISO 4217 currency of both values"),
    ),
    ("notice_id", "change_ordinal"),
    _BY_YEAR,
)

CPV_NAMES = Table(
    "cpv_names",
    "name of a CPV code × package, at the package's first notice that gives it",
    (
        *KEY,
        _one("int", "name_ordinal", "Position of the code among those of the notice, from 1"),
        _one("string", "code", "CPV code, 8 digits without the check digit"),
        _one("string", "name", "Name in English that TED writes beside the code"),
    ),
    ("notice_id", "name_ordinal"),
    _BY_YEAR,
)

PACKAGES = Table(
    "packages",
    "daily package",
    (
        _one("string", "package_id", "Date and OJ S issue, as in 20190301_2019043"),
        _one("date", "publication_date", "Day of publication"),
        _one("int", "ojs_issue", "Number of the OJ S issue in its year"),
        *_columns(
            "string",
            ("source_url", "Where the package was fetched from"),
            ("raw_version_id", "S3 version of the raw object that was extracted"),
            ("sha256", "SHA-256 of the package, hexadecimal"),
        ),
        _one("long", "size_bytes", "Size of the package"),
        _one("timestamp", "fetched_at", "When the package was stored"),
        _one("timestamp", "extracted_at", "When the package was extracted"),
        *_columns(
            "int",
            ("extractor_version", "Version of the extraction that read the package"),
            ("member_count", "Files in the package: notices + quarantined + skipped"),
            ("notice_count", "Notices read"),
            ("quarantined_count", "Members that could not be read, kept in quarantine"),
            ("skipped_count", "Members that repeat a notice of the package byte by byte"),
            ("duplicate_count", "Notices of the package that a newer package replaces"),
        ),
        _one("string", "first_notice_id", "Lowest publication number in the package"),
        _one("string", "last_notice_id", "Highest publication number in the package"),
    ),
    ("package_id",),
    _BY_YEAR,
)

REJECTS = Table(
    "rejects",
    "quarantined member",
    (
        _one("string", "package_id", "Package that holds the member"),
        _one("date", "publication_date", "Day of publication of the package"),
        *_columns(
            "string",
            ("member_name", "Path of the member inside the package"),
            ("reason", "Code of the reason, as in not-xml"),
            ("message", "What was expected and what came"),
            ("quarantine_key", "Key of the member's bytes in the extracted bucket; NULL where there are none"),
            ("sha256", "SHA-256 of the member, hexadecimal"),
        ),
        _one("long", "size_bytes", "Size of the member"),
    ),
    ("package_id", "member_name"),
    _BY_YEAR,
)

EXCHANGE_RATES = Table(
    "exchange_rates",
    "currency × calendar day",
    (
        _one("string", "currency", "ISO 4217 code of the currency"),
        _one("date", "rate_date", "Calendar day that the rate holds for; join it with publication_date"),
        _one("rate", "units_per_eur", "Units of the currency for one euro: a value divided by it is in euro"),
        _one("string", "source", "ecb: reference rate of the European Central Bank; fixed: set by law"),
        _one(
            "string",
            "method",
            "daily: of this very day; carried: of the last day with one, at most 7 days before; irrevocable: from the day "
            "on which the euro replaced the currency; identity: the euro itself",
        ),
    ),
    ("currency", "rate_date"),
)

# Tables of notices, which extraction writes; the two others come from the manifests. All of them are merged by year.
NOTICE_TABLES = (NOTICES, LOTS, LOT_RESULTS, TENDERS, CONTRACTS, PARTIES, CRITERIA, CHANGES, CPV_NAMES)
LEDGER_TABLES = (PACKAGES, REJECTS)
TABLES = NOTICE_TABLES + LEDGER_TABLES
# Tables that are of no year and no package: one file each, replaced as a whole (docs/adr/0008-reference-tables.md).
REFERENCE_TABLES = (EXCHANGE_RATES,)
CATALOG_TABLES = TABLES + REFERENCE_TABLES


def table(name: str) -> Table:
    """Find a table by name.

    Raises
    ------
    KeyError
        No table has this name.
    """
    return {each.name: each for each in CATALOG_TABLES}[name]
