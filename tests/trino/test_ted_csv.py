"""What users did with the TED CSV, on both engines over three kinds of years."""

import pytest

from tests.trino.conftest import Engines
from tests.unit.test_ted_csv import analyses


@pytest.mark.parametrize("title", sorted(analyses()))
@pytest.mark.parametrize("database", ["hand", "demo", "real"])
def test_an_analysis_of_the_csv_is_the_same_on_both(engines: Engines, database: str, title: str) -> None:
    if database not in engines.databases:
        pytest.skip("../shared/ted/corpus is absent")
    one, other = (engine.run(analyses()[title], database) for engine in (engines.trino, engines.duck))
    assert (one.columns, one.rows) == (other.columns, other.rows)
    assert bool(one.rows) == (database != "hand"), "the year of the saved queries has no values above 1,000"
