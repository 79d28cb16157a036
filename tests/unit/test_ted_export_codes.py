"""Code tables of TED_EXPORT."""

from runtime.schema.codes import eforms, ted_export
from runtime.schema.codes.places import COUNTRIES, LANGUAGES


def test_codes_are_those_of_the_eu_lists() -> None:
    assert set(ted_export.PROCEDURE_TYPES.values()) <= set(eforms.PROCEDURE_TYPES)
    assert set(ted_export.CODED_PROCEDURE_TYPES.values()) <= set(eforms.PROCEDURE_TYPES)
    assert set(ted_export.CONTRACT_NATURES.values()) <= set(eforms.CONTRACT_NATURES)
    types = [*ted_export.NOTICE_TYPES.values(), *ted_export.CODED_NOTICE_TYPES.values()]
    assert {notice_type for notice_type, _ in types} <= set(eforms.NOTICE_TYPES)
    assert {form_type for _, form_type in types} <= set(eforms.FORM_TYPES)


def test_countries_are_three_letters() -> None:
    assert len(COUNTRIES) == 249 + 7  # ISO 3166-1, and UK, EL, 1A, XK, AN, CS, YU
    assert all(len(code) == 2 and len(country) == 3 for code, country in COUNTRIES.items())
    assert COUNTRIES["UK"] == COUNTRIES["GB"] == "GBR"
    assert COUNTRIES["EL"] == COUNTRIES["GR"] == "GRC"
    assert COUNTRIES["1A"] == "XKX"


def test_languages_are_three_letters() -> None:
    official = "BG CS DA DE EL EN ES ET FI FR GA HR HU IT LT LV MT NL PL PT RO SK SL SV"
    assert set(official.split()) <= set(LANGUAGES)
    assert all(len(language) == 3 and language.isupper() for language in LANGUAGES.values())
