"""Path of each column in TED_EXPORT, in short: first R2.0.9, then after a semicolon what R2.0.7 and R2.0.8 differ in.

C is /TED_EXPORT/CODED_DATA_SECTION, F the form in the original language. Elements that only group (AC, VALUES, TENDERS,
CONTRACTORS, DIRECTIVE_2014_24_EU and the like) are left out of paths: R2.0.9 S01 and S02 lack them.
"""

_LOT = "F/OBJECT_CONTRACT/OBJECT_DESCR"
_OLD_LOT = "*_ANNEX_B, LOT_PRIOR_INFORMATION"
_AWARD = "F/AWARD_CONTRACT"
_AWARDED = "F/AWARD_CONTRACT/AWARDED_CONTRACT"
_OLD_AWARD = "AWARD_OF_CONTRACT*, AWARD_AND_CONTRACT_VALUE"
_OLD_VALUE = "CONTRACT_VALUE_INFORMATION/COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE"
_TERMS = {
    "is_framework": "F/PROCEDURE/FRAMEWORK; *_FRAMEWORK, FRAMEWORK_AGREEMENT/@VALUE, NOTICE_INVOLVES*",
    "is_dps": "F/PROCEDURE/DPS; NOTICE_INVOLVES*/*",
    "is_electronic_auction": "F/PROCEDURE/EAUCTION_USED; *IS_ELECTRONIC_AUCTION_USABLE",
    "is_gpa_covered": "F/PROCEDURE/(CONTRACT_COVERED_GPA or NO_CONTRACT_COVERED_GPA); CONTRACT_COVERED_GPA/@VALUE",
    "submission_deadline_date": "F/PROCEDURE/DATE_RECEIPT_TENDERS, else C/CODIF_DATA/DT_DATE_FOR_SUBMISSION; "
    "RECEIPT_LIMIT_DATE",
    "submission_deadline_time": "F/PROCEDURE/TIME_RECEIPT_TENDERS, else C/CODIF_DATA/DT_DATE_FOR_SUBMISSION; "
    "RECEIPT_LIMIT_DATE/TIME",
}

_DIRECT = "F/PROCEDURE//(PT_AWARD_CONTRACT_WITHOUT_CALL, PT_AWARD_CONTRACT_WITHOUT_PUBLICATION)"
_NOTICES = {
    **_TERMS,
    "notice_id": "/TED_EXPORT/@DOC_ID, else C/NOTICE_DATA/NO_DOC_OJS",
    "publication_date": "C/REF_OJS/DATE_PUB",
    "ojs_issue": "C/REF_OJS/NO_OJ",
    "ojs_number": "C/NOTICE_DATA/NO_DOC_OJS",
    "format": "root element",
    "schema_version": "/TED_EXPORT/@VERSION; F/@VERSION",
    "form_number": "F/@FORM",
    "form_type": "F/@FORM and F/NOTICE/@TYPE, else C/CODIF_DATA/TD_DOCUMENT_TYPE",
    "notice_type": "F/@FORM and F/NOTICE/@TYPE, else C/CODIF_DATA/TD_DOCUMENT_TYPE",
    "notice_type_raw": "C/CODIF_DATA/TD_DOCUMENT_TYPE/@CODE",
    "notice_uuid": "/TED_EXPORT/FORM_SECTION/NOTICE_UUID",
    "legal_basis": "F/LEGAL_BASIS/@VALUE (S03 on), F/DIRECTIVE/@VALUE, else C/CODIF_DATA/DIRECTIVE/@VALUE",
    "original_language": "F/@LG, else C/NOTICE_DATA/LG_ORIG",
    "language_count": "/TED_EXPORT/FORM_SECTION/*/@LG",
    "dispatch_date": "F/COMPLEMENTARY_INFO/DATE_DISPATCH_NOTICE, else C/CODIF_DATA/DS_DATE_DISPATCH; "
    "NOTICE_DISPATCH_DATE",
    "title": "F/OBJECT_CONTRACT/TITLE; TITLE_CONTRACT",
    "title_en": "title of the English form, else /TED_EXPORT/TRANSLATION_SECTION/ML_TITLES/ML_TI_DOC[@LG='EN']/TI_TEXT",
    "description": "F/OBJECT_CONTRACT/SHORT_DESCR; SHORT_CONTRACT_DESCRIPTION, else TOTAL_QUANTITY_OR_SCOPE",
    "reference_number": "F/OBJECT_CONTRACT/REFERENCE_NUMBER; FILE_REFERENCE_NUMBER",
    "contract_nature": "F/OBJECT_CONTRACT/TYPE_CONTRACT/@CTYPE, else C/CODIF_DATA/NC_CONTRACT_NATURE; "
    "TYPE_CONTRACT/@VALUE",
    "procedure_type": "F/PROCEDURE/PT_*, else C/CODIF_DATA/PR_PROC; PT_*, TYPE_OF_PROCEDURE_DETAIL/@VALUE",
    "procedure_type_raw": "C/CODIF_DATA/PR_PROC/@CODE",
    "is_accelerated": "F/PROCEDURE/ACCELERATED_PROC, C/CODIF_DATA/PR_PROC; PT_ACCELERATED_*",
    "cpv_main": "F/OBJECT_CONTRACT/CPV_MAIN/CPV_CODE/@CODE, else first C/NOTICE_DATA/ORIGINAL_CPV/@CODE; "
    "CPV/CPV_MAIN/CPV_CODE/@CODE",
    "cpv_additional": "C/NOTICE_DATA/ORIGINAL_CPV/@CODE other than cpv_main",
    "nuts_codes": "of the lots, else C/NOTICE_DATA/(PERFORMANCE_NUTS, ORIGINAL_NUTS)/@CODE; LOCATION_NUTS/NUTS/@CODE",
    "buyer_name": "F/CONTRACTING_BODY/ADDRESS_CONTRACTING_BODY/OFFICIALNAME; "
    "CA_CE_CONCESSIONAIRE_PROFILE/ORGANISATION/OFFICIALNAME, R2.0.7: ORGANISATION",
    "buyer_country": "F/CONTRACTING_BODY/ADDRESS_CONTRACTING_BODY/COUNTRY/@VALUE, else "
    "C/NOTICE_DATA/ISO_COUNTRY/@VALUE",
    "lot_count": "rows",
    "contract_count": "rows",
    "estimated_value": "F/OBJECT_CONTRACT/VAL_ESTIMATED_TOTAL; NATURE_QUANTITY_SCOPE/COSTS_RANGE_AND_CURRENCY/"
    "VALUE_COST, else TOTAL_ESTIMATED of a framework agreement, else C//VALUES",
    "estimated_value_currency": "…/@CURRENCY",
    "total_value": "F/OBJECT_CONTRACT/VAL_TOTAL; TOTAL_FINAL_VALUE//VALUE_COST; else C//VALUES",
    "total_value_currency": "…/@CURRENCY",
    "total_value_low": "F/OBJECT_CONTRACT/VAL_RANGE_TOTAL/LOW; TOTAL_FINAL_VALUE//LOW_VALUE",
    "total_value_high": "F/OBJECT_CONTRACT/VAL_RANGE_TOTAL/HIGH; TOTAL_FINAL_VALUE//HIGH_VALUE",
    "is_joint_procurement": "F/CONTRACTING_BODY/JOINT_PROCUREMENT_INVOLVED; PURCHASING_ON_BEHALF_YES",
    "is_central_purchasing": "F/CONTRACTING_BODY/CENTRAL_PURCHASING",
    "is_eu_funded": "any lot's; RELATES_TO_EU_PROJECT_YES",
    "previous_notices": "C/NOTICE_DATA/REF_NOTICE/NO_DOC_OJS, F//NOTICE_NUMBER_OJ",
    "direct_award_codes": f"{_DIRECT}/D_*; annex D: name of each reason",
    "direct_award_text": f"{_DIRECT}/D_JUSTIFICATION; REASON_CONTRACT_LAWFUL",
    "max_lots_submitted": "F/OBJECT_CONTRACT/LOT_DIVISION/(LOT_MAX_NUMBER, LOT_ONE_ONLY); "
    "*_DIV_INTO_LOT_YES = ONE_LOT_ONLY",
    "max_lots_awarded": "F/OBJECT_CONTRACT/LOT_DIVISION/LOT_MAX_ONE_TENDERER",
    "future_notice_date": "F/OBJECT_CONTRACT/DATE_PUBLICATION_NOTICE",
    "estimated_value_low": "R2.0.7, R2.0.8: COSTS_RANGE_AND_CURRENCY/RANGE_VALUE_COST/LOW_VALUE of an estimate",
    "estimated_value_high": "R2.0.7, R2.0.8: COSTS_RANGE_AND_CURRENCY/RANGE_VALUE_COST/HIGH_VALUE of an estimate",
    "cpv_supplementary": "F/OBJECT_CONTRACT/CPV_MAIN/CPV_SUPPLEMENTARY_CODE/@CODE, then those of the lots; CPV//…",
    "warnings": "all of it",
}

_LOTS = {
    **_TERMS,
    "lot_ordinal": f"{_LOT}, position; {_OLD_LOT}",
    "lot_id": f"{_LOT}/LOT_NO; LOT_NUMBER",
    "lot_kind": "always lot",
    "title": f"{_LOT}/TITLE; LOT_TITLE",
    "description": f"{_LOT}/SHORT_DESCR; LOT_DESCRIPTION, else TOTAL_QUANTITY_OR_SCOPE",
    "contract_nature": "F/OBJECT_CONTRACT/TYPE_CONTRACT/@CTYPE; TYPE_CONTRACT/@VALUE",
    "cpv_main": "F/OBJECT_CONTRACT/CPV_MAIN/CPV_CODE/@CODE; CPV/CPV_MAIN/CPV_CODE/@CODE of the lot",
    "cpv_additional": f"{_LOT}/CPV_ADDITIONAL/CPV_CODE/@CODE; CPV/CPV_ADDITIONAL/CPV_CODE/@CODE",
    "nuts_codes": f"{_LOT}/NUTS/@CODE; LOCATION_NUTS/NUTS/@CODE of the notice",
    "estimated_value": f"{_LOT}/VAL_OBJECT; NATURE_QUANTITY_SCOPE/COSTS_RANGE_AND_CURRENCY/VALUE_COST",
    "estimated_value_currency": "…/@CURRENCY",
    "duration_value": f"{_LOT}/DURATION; PERIOD_WORK_DATE_STARTING/(DAYS, MONTHS), DURATION_FRAMEWORK_*",
    "duration_unit": f"{_LOT}/DURATION/@TYPE",
    "duration_code": f"{_LOT}/INDEFINITE_DURATION; DURATION_QUALIFICATION_SYSTEM/DURATION_INDEFINITE",
    "start_date": f"{_LOT}/DATE_START; INTERVAL_DATE/START_DATE",
    "end_date": f"{_LOT}/DATE_END; INTERVAL_DATE/END_DATE",
    "is_renewable": f"{_LOT}/(RENEWAL or NO_RENEWAL); RECURRENT_CONTRACT or NO_RECURRENT_CONTRACT",
    "has_options": f"{_LOT}/(OPTIONS or NO_OPTIONS); OPTIONS or NO_OPTIONS",
    "renewal_maximum": "R2.0.7, R2.0.8: RECURRENT_CONTRACT/(NUMBER_POSSIBLE_RENEWALS, …_RANGE_MAX)",
    "cpv_supplementary": f"{_LOT}/CPV_ADDITIONAL/CPV_SUPPLEMENTARY_CODE/@CODE; CPV//CPV_SUPPLEMENTARY_CODE/@CODE",
    "variants": f"{_LOT}/(ACCEPTED_VARIANTS or NO_ACCEPTED_VARIANTS); ACCEPTED_VARIANTS/@VALUE",
    "electronic_invoicing": "F/COMPLEMENTARY_INFO/EINVOICING",
    "has_electronic_ordering": "F/COMPLEMENTARY_INFO/EORDERING",
    "has_electronic_payment": "F/COMPLEMENTARY_INFO/EPAYMENT",
    "documents_url": "F/CONTRACTING_BODY/URL_DOCUMENT; T01: URL_DOCUMENT",
    "submission_url": "F/CONTRACTING_BODY/URL_PARTICIPATION; URL_PARTICIPATE",
    "submission_languages": "F/PROCEDURE/LANGUAGES/LANGUAGE/@VALUE; LANGUAGE/LANGUAGE_EC/@VALUE",
    "tender_validity_value": "F/PROCEDURE/DURATION_TENDER_VALID; "
    "MINIMUM_TIME_MAINTAINING_TENDER/(PERIOD_DAY, PERIOD_MONTH)",
    "tender_validity_unit": "F/PROCEDURE/DURATION_TENDER_VALID/@TYPE; name of the element",
    "opening_date": "F/PROCEDURE/OPENING_CONDITION/DATE_OPENING_TENDERS; CONDITIONS_FOR_OPENING_TENDERS/DATE_TIME",
    "opening_time": "F/PROCEDURE/OPENING_CONDITION/TIME_OPENING_TENDERS; CONDITIONS_FOR_OPENING_TENDERS/DATE_TIME/TIME",
    "is_recurrent": "F/COMPLEMENTARY_INFO/(RECURRENT_PROCUREMENT or NO_RECURRENT_PROCUREMENT); the same names",
    "dps_type": "F/PROCEDURE/(DPS, DPS_ADDITIONAL_PURCHASERS)",
    "framework_max_participants": "F/PROCEDURE/FRAMEWORK/(NB_PARTICIPANTS, SINGLE_OPERATOR); *_FRAMEWORK/"
    "(NUMBER_PARTICIPANTS, MAX_NUMBER_PARTICIPANTS, SINGLE_OPERATOR)",
    "candidates_min": f"{_LOT}/(NB_ENVISAGED_CANDIDATE, NB_MIN_LIMIT_CANDIDATE); OPE_ENVISAGED_NUMBER, "
    "OPE_MINIMUM_NUMBER; F12: NB_PARTICIPANTS, NB_MIN_PARTICIPANTS; PARTICIPANTS_NUMBER, MIN_PARTICIPANTS_NUMBER",
    "candidates_max": f"{_LOT}/(NB_ENVISAGED_CANDIDATE, NB_MAX_LIMIT_CANDIDATE); OPE_ENVISAGED_NUMBER, "
    "OPE_MAXIMUM_NUMBER; F12: NB_PARTICIPANTS, NB_MAX_PARTICIPANTS; PARTICIPANTS_NUMBER, MAX_PARTICIPANTS_NUMBER",
    "reserved_participation": "F/LEFTI/(RESTRICTED_SHELTERED_WORKSHOP, RESERVED_ORGANISATIONS_SERVICE_MISSION); "
    "RESERVED_CONTRACTS/RESTRICTED_TO_SHELTERED_WORKSHOPS",
    "reserved_execution": "F/LEFTI/RESTRICTED_SHELTERED_PROGRAM; RESERVED_CONTRACTS/RESTRICTED_TO_FRAMEWORK",
    "is_guarantee_required": "F/LEFTI/DEPOSIT_GUARANTEE_REQUIRED, unless it says no; DEPOSITS_GUARANTEES_REQUIRED",
    "eu_project_ids": f"{_LOT}/EU_PROGR_RELATED; RELATES_TO_EU_PROJECT_YES",
    "is_eu_funded": f"{_LOT}/(EU_PROGR_RELATED or NO_EU_PROGR_RELATED); RELATES_TO_EU_PROJECT_*",
}

_LOT_IDS = f"{_AWARD}/LOT_NO; LOT_NUMBER"

_LOT_RESULTS = {
    "result_ordinal": f"{_AWARD}, F/RESULTS/(AWARDED_PRIZE, NO_AWARDED_PRIZE), position; {_OLD_AWARD}, RESULT_CONTEST",
    "lot_ids": _LOT_IDS,
    "status": f"{_AWARDED} or F/AWARD_CONTRACT/NO_AWARDED_CONTRACT; a winner, value or contract number; clos-nw where "
    "the winner's name says that there is none, or F14 (R2.0.8) says so",
    "non_award_reason": f"{_AWARD}/NO_AWARDED_CONTRACT/(PROCUREMENT_UNSUCCESSFUL, PROCUREMENT_DISCONTINUED); "
    "F14: INCOMPLETE_REASON/@VALUE",
    "tenders_received": f"{_AWARDED}/NB_TENDERS_RECEIVED, F13: NB_PARTICIPANTS; OFFERS_RECEIVED_NUMBER, "
    "NUMBER_OF_OFFERS_RECEIVED, F13: PARTICIPANTS_NUMBER",
    "tenders_electronic": f"{_AWARDED}/NB_TENDERS_RECEIVED_EMEANS; OFFERS_RECEIVED_NUMBER_MEANING",
    "tenders_sme": f"{_AWARDED}/NB_TENDERS_RECEIVED_SME, F13: NB_PARTICIPANTS_SME",
    "tenders_other_eu": f"{_AWARDED}/NB_TENDERS_RECEIVED_OTHER_EU, F13: NB_PARTICIPANTS_OTHER_EU; "
    "F13: FOREIGN_PARTICIPANTS_NUMBER",
    "tenders_non_eu": f"{_AWARDED}/NB_TENDERS_RECEIVED_NON_EU",
    "is_dps_terminated": "F/PROCEDURE/TERMINATION_DPS",
    "are_tender_counts_withheld": f"{_AWARDED}/TENDERS/@PUBLICATION = NO",
}

_VALUE = {
    "value": f"{_AWARDED}/VAL_TOTAL, else VAL_BARGAIN_PURCHASE, F13: VAL_PRIZE; {_OLD_VALUE}/VALUE_COST/@FMTVAL "
    "or text, PRICE_PAID, PRIZE_VALUE",
    "value_currency": "…/@CURRENCY",
    "is_value_withheld": f"{_AWARDED}/(VALUE, VALUES)/@PUBLICATION = NO",
    "is_value_token": "value is 0, 0.01 or 1",
}

_TENDERS = {
    **_VALUE,
    "tender_ordinal": f"{_AWARDED}, position",
    "result_ordinal": f"{_AWARD}, position",
    "lot_ids": _LOT_IDS,
    "is_winner": "always true",
    "is_subcontracted": f"{_AWARDED}/LIKELY_SUBCONTRACTED; CONTRACT_LIKELY_SUB_CONTRACTED*, NO_CONTRACT_LIKELY_…",
    "subcontracting_value": f"{_AWARDED}/VAL_SUBCONTRACTING; EXCLUDING_VAT_VALUE",
    "subcontracting_value_currency": "…/@CURRENCY",
    "subcontracting_percent": f"{_AWARDED}/PCT_SUBCONTRACTING; EXCLUDING_VAT_PRCT",
}

_CONTRACTS = {
    **_VALUE,
    "contract_ordinal": f"{_AWARDED}, position",
    "result_ordinal": f"{_AWARD}, position",
    "tender_ordinal": f"{_AWARDED}, position",
    "lot_ids": _LOT_IDS,
    "contract_number": f"{_AWARD}/CONTRACT_NO; CONTRACT_NUMBER, CONTRACT_NO, CONTEST_NUMBER",
    "contract_title": f"{_AWARD}/TITLE; CONTRACT_TITLE, CONTEST_TITLE, F06: TITLE_CONTRACT",
    "value_per": "R2.0.7, R2.0.8: name of NUMBER_OF_YEARS, NUMBER_OF_MONTHS, F06: NUMBER_YEARS, NUMBER_MONTHS",
    "value_periods": "R2.0.7, R2.0.8: NUMBER_OF_YEARS, NUMBER_OF_MONTHS, F06: NUMBER_YEARS, NUMBER_MONTHS",
    "value_low": f"{_AWARDED}/VAL_RANGE_TOTAL/LOW; {_OLD_VALUE}//LOW_VALUE",
    "value_high": f"{_AWARDED}/VAL_RANGE_TOTAL/HIGH; {_OLD_VALUE}//HIGH_VALUE",
    "estimated_value": f"{_AWARDED}/VAL_ESTIMATED_TOTAL; INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT/VALUE_COST",
    "estimated_value_currency": "…/@CURRENCY",
    "is_vat_included": f"R2.0.7, R2.0.8: {_OLD_VALUE}/(INCLUDING_VAT or EXCLUDING_VAT)",
    "award_date": "F13: F/RESULTS/AWARDED_PRIZE/DATE_DECISION_JURY; CONTRACT_AWARD_DATE, DATE_OF_CONTRACT_AWARD",
    "conclusion_date": f"{_AWARDED}/DATE_CONCLUSION_CONTRACT",
    "is_framework": "as the notice",
    "is_awarded_to_group": f"{_AWARDED}/(AWARDED_TO_GROUP or NO_AWARDED_TO_GROUP); several winners",
}

_ADDRESS = "F/CONTRACTING_BODY/ADDRESS_*, F//ADDRESS_CONTRACTOR, F//ADDRESS_WINNER, F/COMPLEMENTARY_INFO/ADDRESS_*"

_PARTIES = {
    "party_ordinal": f"{_ADDRESS}, position",
    "role": "name of the address block",
    "contract_ordinal": f"{_AWARDED}, position",
    "tender_ordinal": f"{_AWARDED}, position",
    "name": "address/OFFICIALNAME; ORGANISATION/OFFICIALNAME, R2.0.7: ORGANISATION",
    "national_id": "first address/NATIONALID; ORGANISATION/NATIONALID",
    "other_national_ids": "further address/NATIONALID",
    "street": "address/ADDRESS",
    "town": "address/TOWN",
    "postcode": "address/POSTAL_CODE",
    "nuts_code": "address/NUTS/@CODE, else of the first buyer C/NOTICE_DATA/CA_CE_NUTS/@CODE, of an only winner "
    "TENDERER_NUTS/@CODE",
    "country": "address/COUNTRY/@VALUE",
    "size": "CONTRACTOR/(SME or NO_SME), WINNER/(SME or NO_SME)",
    "legal_type": "F/CONTRACTING_BODY/CA_TYPE/@VALUE, else C/CODIF_DATA/AA_AUTHORITY_TYPE; "
    "TYPE_OF_CONTRACTING_AUTHORITY/@VALUE",
    "main_activity": "F/CONTRACTING_BODY/(CA_ACTIVITY, CE_ACTIVITY)/@VALUE; "
    "(TYPE_OF_ACTIVITY, ACTIVITY_OF_CONTRACTING_ENTITY)/@VALUE; else C/CODIF_DATA/MA_MAIN_ACTIVITIES/@CODE",
    "website": "address/(URL_GENERAL, URL), else of the first buyer C/NOTICE_DATA/IA_URL_GENERAL",
    "buyer_profile_url": "address/URL_BUYER",
}

_CRITERIA = {
    "lot_ordinal": f"{_LOT}, position",
    "lot_id": f"{_LOT}/LOT_NO",
    "criterion_ordinal": f"{_LOT}/AC_*, F/PROCEDURE/CRITERIA_EVALUATION, position; LOWEST_PRICE, CRITERIA_DEFINITION",
    "kind": f"{_LOT}/(AC_PRICE, AC_COST, AC_QUALITY); LOWEST_PRICE, PRICE_AWARD_CRITERIA; else "
    "C/CODIF_DATA/AC_AWARD_CRIT/@CODE = 1",
    "name": f"{_LOT}/AC_*/AC_CRITERION; CRITERIA_DEFINITION/CRITERIA",
    "description": f"{_LOT}/AC_CRITERION of concessions, F/PROCEDURE/CRITERIA_EVALUATION; "
    "CRITERIA_EVALUATION_PROJECTS, AWARD_CRITERIA_* in prose",
    "weight_text": f"{_LOT}/AC_*/AC_WEIGHTING; CRITERIA_DEFINITION/WEIGHTING",
    "weight_number": "weight_text where it is a number",
    "weight_unit": "per-exa where weight_text ends in %",
}

_CHANGES = {
    "change_ordinal": "F14: F/CHANGES/(CHANGE, INFO_ADD), F20: F/MODIFICATIONS_CONTRACT, position; "
    "ADD, DELETE, REPLACE",
    "kind": "F14, prose: corrigendum; F20: modification",
    "changed_notice_id": "changed_notice_ref",
    "changed_notice_ref": "first F//NOTICE_NUMBER_OJ, else C/NOTICE_DATA/REF_NOTICE/NO_DOC_OJS",
    "section": "F14: F/CHANGES/CHANGE/WHERE/SECTION; WHERE, prose: NO_MARK",
    "lot_ids": "F14: F/CHANGES/CHANGE/WHERE/LOT_NO, F20: F/AWARD_CONTRACT/LOT_NO",
    "field_label": "F14: F/CHANGES/CHANGE/WHERE/LABEL",
    "value_type": "F14: name of the element in OLD_VALUE and NEW_VALUE",
    "old_value": "F14: F/CHANGES/CHANGE/OLD_VALUE/*; OLD_VALUE/*, prose: FOR_READ/FOR",
    "new_value": "F14: F/CHANGES/CHANGE/NEW_VALUE/*; NEW_VALUE/*, prose: FOR_READ/READ",
    "reason_code": "F20: F/MODIFICATIONS_CONTRACT/INFO_MODIFICATIONS/(ADDITIONAL_NEED, UNFORESEEN_CIRCUMSTANCE); "
    "MODIFICATION_ORIGINAL, PUBLICATION_TED",
    "reason_text": "F20: text of the reason",
    "description": "F14: F/CHANGES/INFO_ADD, F20: F/MODIFICATIONS_CONTRACT/INFO_MODIFICATIONS/SHORT_DESCR; "
    "OTHER_ADDITIONAL_INFO, prose: the text",
    "value_before": "F20: F/MODIFICATIONS_CONTRACT/INFO_MODIFICATIONS/VAL_TOTAL_BEFORE",
    "value_after": "F20: F/MODIFICATIONS_CONTRACT/INFO_MODIFICATIONS/VAL_TOTAL_AFTER",
    "value_currency": "…/@CURRENCY",
}

_CPV_NAMES = {
    "name_ordinal": "C/NOTICE_DATA/ORIGINAL_CPV, position",
    "code": "C/NOTICE_DATA/ORIGINAL_CPV/@CODE",
    "name": "C/NOTICE_DATA/ORIGINAL_CPV",
}

SOURCES: dict[tuple[str, str], str] = {
    (table, column): path
    for table, columns in (
        ("notices", _NOTICES),
        ("lots", _LOTS),
        ("lot_results", _LOT_RESULTS),
        ("tenders", _TENDERS),
        ("contracts", _CONTRACTS),
        ("parties", _PARTIES),
        ("criteria", _CRITERIA),
        ("changes", _CHANGES),
        ("cpv_names", _CPV_NAMES),
    )
    for column, path in columns.items()
}
"""Path text by table and column; columns that are missing have no source in TED_EXPORT."""
