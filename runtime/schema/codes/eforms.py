"""Codes that eForms notices use, by column. A code that is not here is kept, counted and warned about.

Source: code lists of the eForms SDK 1.3 to 1.16, with those of SDK 2.0 for the voluntary forms E1 to E6.
"""

from collections.abc import Mapping


def _known(text: str) -> Mapping[str, str]:
    return {code: code for code in text.split()}


FORM_TYPES = _known("planning competition result dir-awa-pre cont-modif change bri consultation completion")
NOTICE_TYPES = _known(
    "pin-buyer pin-only pin-rtl pin-tran pin-cfc-standard pin-cfc-social qu-sy cn-standard cn-social subco cn-desg "
    "veat can-standard can-social can-desg can-tran can-modif corr brin-eeig brin-ecs pmc compl"
)
SUBTYPES = _known(" ".join(str(number) for number in range(1, 41)) + " CEI E1 E2 E3 E4 E5 E6 T01 T02 X01 X02")
# Form types, for notices that do not name theirs. Source: Regulation (EU) 2019/1780, annex, table 1.
FORM_TYPES_BY_SUBTYPE: Mapping[str, str] = {
    **{str(subtype): "planning" for subtype in range(1, 10)},
    **{str(subtype): "competition" for subtype in range(10, 25)},
    **{str(subtype): "dir-awa-pre" for subtype in range(25, 29)},
    **{str(subtype): "result" for subtype in range(29, 38)},
    **{str(subtype): "cont-modif" for subtype in range(38, 41)},
    "CEI": "competition",
    "E1": "consultation",
    "E2": "planning",
    "E3": "competition",
    "E4": "result",
    "E5": "completion",
    "E6": "cont-modif",
    "T01": "planning",
    "T02": "result",
    "X01": "bri",
    "X02": "bri",
}
# Who won, by subtype: design contests have prizes, concessions have concessionaires, the others have winners.
WINNERS: Mapping[str, str] = {
    **dict.fromkeys(("36", "37"), "prize-winner"),
    **dict.fromkeys(("28", "32", "35", "40"), "concessionaire"),
}
LEGAL_BASES = _known(
    "32014L0023 32014L0024 32014L0025 32009L0081 32007R1370 32018R1046 32024R2509 31985R2137 32001R2157 32003R1435 "
    "other"
)
PROCEDURE_TYPES = _known(
    "open restricted neg-w-call neg-wo-call comp-dial comp-tend innovation oth-single oth-mult exp-int-rail"
)
CONTRACT_NATURES = _known("works supplies services combined")
LEGAL_TYPES = _known(
    "body-pl body-pl-cga body-pl-la body-pl-ra cga def-cont eu-ins-bod-ag eu-int-org grp-p-aut int-org la org-sub "
    "org-sub-cga org-sub-la org-sub-ra pub-undert pub-undert-cga pub-undert-la pub-undert-ra ra rl-aut "
    "spec-rights-entity"
)
MAIN_ACTIVITIES = _known(
    "defence econ-aff education env-pro gen-pub hc-am health pub-os rcr soc-pro "
    "airport electricity extraction gas-heat gas-oil port post rail solid-fuel urttb water"
)
SIZES = _known("micro small medium sme large")
RESULT_STATUSES = _known("selec-w clos-nw open-nw")
NON_AWARD_REASONS = _known(
    "all-rej chan-need ins-fund no-rece no-signed one-admis other rev-body rev-buyer tch-pr-error"
)
CRITERION_KINDS = _known("price cost quality")
WEIGHT_UNITS = _known("per-exa per-mid poi-exa poi-mid dec-exa dec-mid ord-imp")
CHANGE_REASONS = _known(
    "cancel cancel-intent cor-buy cor-esen cor-pub info-release susp-review update-add "
    "add-wss mod-cir mod-minv mod-nons mod-repl mod-rev other"
)

_PERMISSIONS = _known("required allowed not-allowed")
# Columns of lots whose codes are checked, beside those above.
LOT_CODES: Mapping[str, Mapping[str, str]] = {
    "variants": _PERMISSIONS,
    "electronic_submission": _PERMISSIONS,
    "electronic_invoicing": _PERMISSIONS,
    "duration_code": _known("UNLIMITED UNKNOWN"),
    "framework_type": _known("fa-wo-rc fa-w-rc fa-mix"),
    "dps_type": _known("dps-list dps-nlist"),
    "reserved_participation": _known("none res-pub-ser res-ws"),
    "reserved_execution": _known("yes no not-known"),
    "strategic_procurement": _known("env-imp inn-pur none soc-obj"),
    "environmental_impacts": _known("biodiv-eco circ-econ clim-adapt clim-mitig other pollu-prev water-mar"),
    "social_objectives": _known("acc-all et-eq gen-eq hum-right opp other work-cond"),
    "innovations": _known("mar-nov other proc-innov prod-innov rd-act"),
    "gpp_criteria": _known("eu national none other"),
    "accessibility": _known("inc n-inc n-inc-just"),
    "place_regions": _known("anyw anyw-cou anyw-eea"),
}

NOTICE_CODES: Mapping[str, Mapping[str, str]] = {"place_regions": LOT_CODES["place_regions"]}

# Two-letter and plural spellings occur; the code list has DAY, WEEK, MONTH, YEAR.
DURATION_UNITS: Mapping[str, str] = {
    **_known("DAY WEEK MONTH YEAR"),
    "CALENDAR_DAY": "DAY",
    "DAYS": "DAY",
    "WEEKS": "WEEK",
    "MONTHS": "MONTH",
    "YEARS": "YEAR",
    "ANN": "YEAR",
    "MON": "MONTH",
}
