"""Values in euro and doubtful values on Trino: the same answers by hand as tests/unit/test_euros.py asks DuckDB for."""

import pytest

from runtime.schema import TABLES
from tests.trino.conftest import Engines
from tests.trino.lake import Lake, parquet
from tests.unit import test_euros as by_hand


@pytest.fixture(scope="module")
def made(engines: Engines) -> Engines:
    """The lake of the hand-made rows, beside the others."""
    lake = Lake(engines.session, exists=True)
    years = by_hand.YEARS
    lake.add("euros", {t.name: {y: [parquet(t.name, by_hand.made_up(t.name, y))] for y in years} for t in TABLES})
    return engines


@pytest.mark.parametrize("view", by_hand.MONEY)
def test_every_value_is_in_euro_as_worked_out_by_hand_or_says_why_not(made: Engines, view: str) -> None:
    for engine in (made.trino, made.duck):
        assert sorted(engine.run(by_hand.question(view), "euros").rows, key=str) == by_hand.expected(view)


def test_doubtful_values_are_flagged_for_what_is_wrong_and_no_others(made: Engines) -> None:
    for engine in (made.trino, made.duck):
        assert sorted(engine.run(by_hand.FLAGGED, "euros").rows, key=str) == by_hand.flags_by_hand()
