"""Codes of TED_EXPORT, turned into the EU code lists' codes that eForms use.

Sources: TED_EXPORT XML schemas R2.0.7 to R2.0.9 (enumerations and element names); Publications Office, general
description of the TED XML and mapping of the standard forms to eForms; eForms Regulation (EU) 2019/1780, annex.
Where several EU codes could stand for one published code, docs/mapping.md names the choice.
"""

CONTRACT_NATURES: dict[str, str] = {
    "WORKS": "works",
    "SUPPLIES": "supplies",
    "SERVICES": "services",
    # Coded section (NC_CONTRACT_NATURE); 3 is "works and supplies together", Z and 9 are "not said".
    "1": "works",
    "2": "supplies",
    "3": "combined",
    "4": "services",
}
"""BT-23 by `TYPE_CONTRACT` of the form or code of the coded section."""

PROCEDURE_TYPES: dict[str, str] = {
    "PT_OPEN": "open",
    "PT_RESTRICTED": "restricted",
    "PT_ACCELERATED_RESTRICTED": "restricted",
    "PT_ACCELERATED_RESTRICTED_CHOICE": "restricted",
    "PT_COMPETITIVE_NEGOTIATION": "neg-w-call",
    "PT_NEGOTIATED_WITH_PRIOR_CALL": "neg-w-call",
    "PT_INVOLVING_NEGOTIATION": "neg-w-call",
    "PT_NEGOTIATED_CHOICE": "neg-w-call",
    "PT_NEGOTIATED_WITH_COMPETITION": "neg-w-call",
    "PT_NEGOTIATED_WITH_PUBLICATION_CONTRACT_NOTICE": "neg-w-call",
    "PT_ACCELERATED_NEGOTIATED": "neg-w-call",
    "PT_ACCELERATED_NEGOTIATED_CHOICE": "neg-w-call",
    "PT_COMPETITIVE_DIALOGUE": "comp-dial",
    "PT_INNOVATION_PARTNERSHIP": "innovation",
    "PT_NEGOTIATED_WITHOUT_COMPETITION": "neg-wo-call",
    "PT_NEGOTIATED_WITHOUT_PUBLICATION": "neg-wo-call",
    "PT_NEGOTIATED_WITHOUT_PUBLICATION_CONTRACT_NOTICE": "neg-wo-call",
    "PT_AWARD_CONTRACT_WITHOUT_CALL": "neg-wo-call",
    "PT_AWARD_CONTRACT_WITHOUT_PUBLICATION": "neg-wo-call",
    "AWARD_WITHOUT_PRIOR_PUBLICATION": "neg-wo-call",
    "PT_AWARD_CONTRACT_WITH_PRIOR_PUBLICATION": "open",
    "PT_COMPETITIVE_TENDERING": "comp-tend",
    "PT_DA_INTERNAL_OPERATOR": "neg-wo-call",
    "PT_DA_MEDIUM_ENTERPRISE": "neg-wo-call",
    "PT_DA_SMALL_CONTRACT": "neg-wo-call",
    "PT_DA_RAILWAY_TRANSPORT": "neg-wo-call",
    "PT_DA_EMERGENCY": "neg-wo-call",
    "PT_DA_EMERGENCY_MEASURE": "neg-wo-call",
    "PT_DA_EXCEPTIONAL_CIRCUMSTANCE_RAIL": "neg-wo-call",
    "PT_DA_MARKET_NETWORK_RAIL": "neg-wo-call",
    "PT_DA_OPERATOR_MANAGER_RAIL": "neg-wo-call",
    "PT_REQUEST_EXPRESSION_INTEREST": "exp-int-rail",
    # VALUE of TYPE_OF_PROCEDURE_DETAIL (R2.0.8)
    "OPEN": "open",
    "RESTRICTED": "restricted",
    "ACCELERATED_RESTRICTED": "restricted",
    "NEGOTIATED": "neg-w-call",
    "ACCELERATED_NEGOTIATED": "neg-w-call",
    "NEGOTIATED_WITHOUT_COMPETITION": "neg-wo-call",
    "NEGOTIATED_WITHOUT_PUBLICATION": "neg-wo-call",
    "COMPETITIVE_DIALOGUE": "comp-dial",
    # VALUE of TYPE_OF_PROCEDURE_DETAIL_FOR_ICAR (F14)
    "NEGOTIATED_WITH_COMPETITION": "neg-w-call",
    "NEGOTIATED_WITH_CONTRACT_PUBLICATION": "neg-w-call",
    "NEGOTIATED_WITHOUT_CONTRACT_PUBLICATION": "neg-wo-call",
    # Names of F09 and F12
    "TYPE_PROCEDURE_OPEN": "open",
    "OPEN_CONTEST": "open",
    "RESTRICTED_CONTEST": "restricted",
}
"""BT-105 by element name or attribute of the form."""

CODED_PROCEDURE_TYPES: dict[str, str] = {
    "1": "open",
    "2": "restricted",
    "3": "restricted",
    "4": "neg-w-call",
    "6": "neg-w-call",
    "A": "neg-wo-call",
    "B": "neg-w-call",
    "C": "comp-dial",
    "E": "open",
    "F": "neg-wo-call",
    "G": "innovation",
    "T": "neg-wo-call",
    "V": "neg-wo-call",
}
"""BT-105 by PR_PROC of the coded section, for forms that do not say; `N`, `Z` and `9` are 'not said'."""

ACCELERATED_PROCEDURES = frozenset("36")
"""PR_PROC of accelerated procedures."""

LEGAL_TYPES: dict[str, str] = {
    "MINISTRY": "cga",
    "NATIONAL_AGENCY": "body-pl",
    "REGIONAL_AUTHORITY": "rl-aut",
    "REGIONAL_AGENCY": "body-pl",
    "BODY_PUBLIC": "body-pl",
    "EU_INSTITUTION": "eu-int-org",
}
"""BT-11 by CA_TYPE (R2.0.9) and TYPE_OF_CONTRACTING_AUTHORITY (R2.0.8)."""

CODED_LEGAL_TYPES: dict[str, str] = {
    "1": "cga",
    "3": "rl-aut",
    "5": "eu-int-org",
    "6": "body-pl",
    "N": "body-pl",
    "R": "body-pl",
}
"""BT-11 by AA_AUTHORITY_TYPE; 4 (utilities), 8 (other), Z and 9 say nothing of the legal type."""

MAIN_ACTIVITIES: dict[str, str] = {
    "GENERAL_PUBLIC_SERVICES": "gen-pub",
    "DEFENCE": "defence",
    "PUBLIC_ORDER_AND_SAFETY": "pub-os",
    "ECONOMIC_AND_FINANCIAL_AFFAIRS": "econ-aff",
    "ENVIRONMENT": "env-pro",
    "HEALTH": "health",
    "HOUSING_AND_COMMUNITY_AMENITIES": "hc-am",
    "RECREATION_CULTURE_AND_RELIGION": "rcr",
    "EDUCATION": "education",
    "SOCIAL_PROTECTION": "soc-pro",
    "AIRPORT_RELATED_ACTIVITIES": "airport",
    "ELECTRICITY": "electricity",
    "EXPLORATION_EXTRACTION_COAL_OTHER_SOLID_FUEL": "solid-fuel",
    "EXPLORATION_EXTRACTION_COAL_AND_OTHER_SOLID_FUEL": "solid-fuel",
    "EXPLORATION_AND_EXTRACTION_COAL_OTHER_SOLID_FUELS": "solid-fuel",
    "EXPLORATION_EXTRACTION_GAS_OIL": "gas-oil",
    "EXPLORATION_AND_EXTRACTION_GAS_AND_OIL": "gas-oil",
    "PORT_RELATED_ACTIVITIES": "port",
    "POSTAL_SERVICES": "post",
    "PRODUCTION_TRANSPORT_DISTRIBUTION_GAS_HEAT": "gas-heat",
    "PRODUCTION_TRANSPORT_AND_DISTRIBUTION_OF_GAS_AND_HEAT": "gas-heat",
    "RAILWAY_SERVICES": "rail",
    "URBAN_RAILWAY_TRAMWAY_TROLLEYBUS_BUS_SERVICES": "urttb",
    "URBAN_RAILWAY_TRAMWAY_TROLLEYBUS_OR_BUS_SERVICES": "urttb",
    "WATER": "water",
    # TYPE_OF_ACTIVITY_MOVE of T01 and T02
    "MARITIME_OR_INLAND_WATERWAY": "port",
    "URBAN_RAILWAY_OR_BUS_SERVICES": "urttb",
}
"""BT-10 by CA_ACTIVITY, CE_ACTIVITY (R2.0.9), TYPE_OF_ACTIVITY and ACTIVITY_OF_CONTRACTING_ENTITY (R2.0.8)."""

CODED_MAIN_ACTIVITIES: dict[str, str] = {
    "A": "hc-am",
    "B": "soc-pro",
    "C": "rcr",
    "D": "defence",
    "E": "env-pro",
    "F": "econ-aff",
    "G": "gas-heat",
    "H": "health",
    "I": "airport",
    "J": "gas-oil",
    "K": "port",
    "L": "education",
    "M": "solid-fuel",
    "N": "electricity",
    "P": "post",
    "R": "rail",
    "S": "gen-pub",
    "T": "urttb",
    "U": "pub-os",
    "W": "water",
}
"""BT-10 by MA_MAIN_ACTIVITIES, for forms that do not say; 8, 9 and Z say nothing of it.

Source: the form's own activity beside the code in 1,632 notices, where each letter always meant the same.
"""

_CELEX = (
    "32004L0017 32004L0018 32007R1370 32009L0081 32012R0966 32014L0023 32014L0024 32014L0025 32015R0323 32018R1046 "
    "32024R2509 22014A0529_01 31958D1006_01 31958R0001 31985R2137 31992L0013 31994D0001 31994D0800 32001R2157 "
    "32002D0309 32002R2195 32003R1435 32005D0015 32007D0005_01 32007L0066 02007R0718-20130526 32008R1008 32009D0496 "
    "32011R1251 32012R1268 32013L0016 32014D0115 32014D0691 32015R1986 32016D0002"
)
LEGAL_BASES: dict[str, str] = {
    "2004/17/EC": "32004L0017",
    "2004/18/EC": "32004L0018",
    "2009/81/EC": "32009L0081",
    "2014/23/EU": "32014L0023",
    "2014/24/EU": "32014L0024",
    "2014/25/EU": "32014L0025",
    "DIRECTIVE_2004_17": "32004L0017",
    "DIRECTIVE_2004_18": "32004L0018",
    "DIRECTIVE_2009_81_EC": "32009L0081",
    "DIRECTIVE_2014_23_EU": "32014L0023",
    "DIRECTIVE_2014_24_EU": "32014L0024",
    "DIRECTIVE_2014_25_EU": "32014L0025",
    "(EC) No 1370/2007": "32007R1370",
    "1370/2007": "32007R1370",
    "2007/1370/EC": "32007R1370",
    # NOTICE_PUBLISHED/@NOTICE of F15 (R2.0.8)
    "CONTRACTING_AUTHORITY": "32004L0018",
    "CONTRACTING_ENTITY": "32004L0017",
    "CONTRACTING_DEFENCE": "32009L0081",
    **{celex: celex for celex in _CELEX.split()},
}
"""BT-01 as CELEX number by directive or CELEX number as published."""

NOTICE_TYPES: dict[str, tuple[str, str]] = {
    "F01": ("pin-only", "planning"),
    "F01 PRI_ONLY": ("pin-only", "planning"),
    "F01 PRI_REDUCING_TIME_LIMITS": ("pin-rtl", "planning"),
    "F01 PRI_CALL_COMPETITION": ("pin-cfc-standard", "competition"),
    "F02": ("cn-standard", "competition"),
    "F03": ("can-standard", "result"),
    "F04": ("pin-only", "planning"),
    "F04 PER_ONLY": ("pin-only", "planning"),
    "F04 PER_REDUCING_TIME_LIMITS": ("pin-rtl", "planning"),
    "F04 PER_CALL_COMPETITION": ("pin-cfc-standard", "competition"),
    "F05": ("cn-standard", "competition"),
    "F06": ("can-standard", "result"),
    "F07": ("qu-sy", "competition"),
    "F08": ("pin-buyer", "planning"),
    "F09": ("cn-standard", "competition"),
    "F10": ("cn-standard", "competition"),
    "F11": ("subco", "competition"),
    "F12": ("cn-desg", "competition"),
    "F13": ("can-desg", "result"),
    "F14": ("corr", "change"),
    "F15": ("veat", "dir-awa-pre"),
    "F16": ("pin-only", "planning"),
    "F17": ("cn-standard", "competition"),
    "F18": ("can-standard", "result"),
    "F19": ("subco", "competition"),
    "F20": ("can-modif", "cont-modif"),
    "F21 PRI_ONLY": ("pin-only", "planning"),
    "F21 PRI_CALL_COMPETITION": ("pin-cfc-social", "competition"),
    "F21 CONTRACT": ("cn-social", "competition"),
    "F21 AWARD_CONTRACT": ("can-social", "result"),
    "F22 PER_ONLY": ("pin-only", "planning"),
    "F22 PER_CALL_COMPETITION": ("pin-cfc-social", "competition"),
    "F22 QSU_ONLY": ("qu-sy", "competition"),
    "F22 QSU_CALL_COMPETITION": ("qu-sy", "competition"),
    "F22 CONTRACT": ("cn-social", "competition"),
    "F22 AWARD_CONTRACT": ("can-social", "result"),
    "F23 PRI": ("pin-cfc-social", "competition"),
    "F23 CONCESSION_AWARD_CONTRACT": ("can-social", "result"),
    "F24": ("cn-standard", "competition"),
    "F25": ("can-standard", "result"),
    "T01": ("pin-tran", "planning"),
    "T02": ("can-tran", "result"),
}
"""BT-02 and BT-03 by form, and kind of notice where one form serves several."""

CODED_NOTICE_TYPES: dict[str, tuple[str, str]] = {
    "0": ("pin-only", "planning"),
    "1": ("corr", "change"),
    "2": ("corr", "change"),
    "3": ("cn-standard", "competition"),
    "7": ("can-standard", "result"),
    "A": ("pin-cfc-standard", "competition"),
    "B": ("pin-buyer", "planning"),
    "C": ("cn-standard", "competition"),
    "D": ("cn-desg", "competition"),
    "H": ("cn-standard", "competition"),
    "J": ("can-standard", "result"),
    "K": ("can-modif", "cont-modif"),
    "M": ("pin-cfc-standard", "competition"),
    "O": ("qu-sy", "competition"),
    "P": ("pin-only", "planning"),
    "Q": ("qu-sy", "competition"),
    "R": ("can-desg", "result"),
    "S": ("brin-eeig", "bri"),
    "V": ("veat", "dir-awa-pre"),
    "Y": ("cn-standard", "competition"),
}
"""BT-02 and BT-03 by TD_DOCUMENT_TYPE, for notices without a standard form."""

UNTYPED_NOTICES = frozenset("89Z")
"""TD_DOCUMENT_TYPE of 'other', 'not applicable' and 'not specified', which are no type."""

DIRECT_AWARD_REASONS: dict[str, str] = {
    # R2.0.9
    "D_PROC_OPEN": "unsuitable",
    "D_PROC_RESTRICTED": "unsuitable",
    "D_PROC_NEGOTIATED_PRIOR_CALL_COMPETITION": "unsuitable",
    "D_PROC_COMPETITIVE_DIALOGUE": "unsuitable",
    "D_NO_TENDERS_REQUESTS": "unsuitable",
    "D_ALL_TENDERS": "irregular",
    "D_MANUF_FOR_RESEARCH": "rd",
    "D_OTHER_SERVICES": "rd",
    "D_PURE_RESEARCH": "resd",
    "D_TECHNICAL": "technical",
    "D_ARTISTIC": "artistic",
    "D_PROTECT_RIGHTS": "exclusive",
    "D_EXCLUSIVE_RIGHT": "exclusive",
    "D_EXTREME_URGENCY": "urgency",
    "D_PERIODS_INCOMPATIBLE": "crisis",
    "D_ADD_DELIVERIES_ORDERED": "additional",
    "D_REPETITION_EXISTING": "repetition",
    "D_CONTRACT_AWARDED_DESIGN_CONTEST": "contest",
    "D_COMMODITY_MARKET": "commodity",
    "D_FROM_WINDING_PROVIDER": "closure",
    "D_FROM_LIQUIDATOR_CREDITOR": "liquidator",
    "D_BARGAIN_PURCHASE": "bargain",
    "D_MARITIME_SERVICES": "dir81-transport",
    "D_SERVICES_LISTED": "dir81-annexii",
    # R2.0.8: annexes D, D1, D2, D3
    "NO_OPEN_RESTRICTED": "unsuitable",
    "NO_TENDERS_RESPONSE": "unsuitable",
    "ONLY_IRREGULAR_INACCEPTABLE_TENDERERS": "irregular",
    "MANUFACTURED_BY_DIRECTIVE": "rd",
    "CONTRACT_RESEARCH_DIRECTIVE": "resd",
    "REASONS_PROVIDED_PARTICULAR_TENDERER_TECHNICAL": "technical",
    "REASONS_PROVIDED_PARTICULAR_TENDERER_ARTISTIC": "artistic",
    "REASONS_PROVIDED_PARTICULAR_TENDERER_EXCLUSIVE_RIGHTS": "exclusive",
    "EXTREME_URGENCY_EVENTS_UNFORESEEABLE": "urgency",
    "ADDITIONAL_WORKS": "additional",
    "WORKS_REPETITION_EXISTING_WORKS": "repetition",
    "SERVICE_CONTRACT_AWARDED_SUCCESSFUL_CANDIDATE": "contest",
    "SUPPLIES_QUOTED_PURCHASED_COMMODITY_MARKET": "commodity",
    "SUPPLIER_WINDING_UP_BUSINESS": "closure",
    "RECEIVERS_ARRANGEMENT_CREDITORS": "liquidator",
    "AIR_MARITIME_TRANSPORT_FOR_ARMED_FORCES_DEPLOYMENT": "dir81-transport",
    "CONTRACT_SERVICES_LISTED_IN_DIRECTIVE": "dir81-annexii",
}
"""BT-136 by element name. A procurement outside the directives (D_OUTSIDE_SCOPE) has no code, only its text.

Source: labels of the EU code list direct-award-justification beside the wording of the standard forms.
"""

NON_AWARD_REASONS: dict[str, str] = {
    # "No tenders were received or all were rejected" is two codes in eForms; this is the converter's choice.
    "PROCUREMENT_UNSUCCESSFUL": "all-rej",
    "PROCUREMENT_DISCONTINUED": "other",
}
"""BT-144 by element name below NO_AWARDED_CONTRACT and NO_AWARDED_PRIZE."""

INCOMPLETE_REASONS: dict[str, str] = {
    "PROCEDURE_UNSUCCESSFUL": "all-rej",
    "PROCEDURE_DISCONTINUED": "other",
    "CONTRACT_NOT_AWARDED": "other",
}
"""BT-144 by INCOMPLETE_REASON/@VALUE, with which a corrigendum says that nothing was awarded (R2.0.8, F14)."""

MODIFICATION_REASONS: dict[str, str] = {
    "ADDITIONAL_NEED": "add-wss",
    "UNFORESEEN_CIRCUMSTANCE": "mod-cir",
}
"""BT-200 by element name below INFO_MODIFICATIONS."""

CORRECTION_REASONS: dict[str, str] = {
    "MODIFICATION_ORIGINAL": "cor-buy",
    "PUBLICATION_TED": "cor-pub",
    "BOTH": "cor-buy",
}
"""BT-140 by element name below MODIFICATION_ORIGINAL_PUBLICATION_TED."""

DURATION_UNITS: dict[str, str] = {
    "DAY": "DAY",
    "DAYS": "DAY",
    "WEEK": "WEEK",
    "MONTH": "MONTH",
    "MONTHS": "MONTH",
    "YEAR": "YEAR",
    "YEARS": "YEAR",
}
"""BT-36 unit by @TYPE."""
