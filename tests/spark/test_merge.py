"""A year on real Spark: what goes in, what comes out."""

import datetime as dt

from tests.spark.conftest import World
from tests.spark.folder import notice

MARCH, APRIL = "20190301_2019043", "20190402_2019065"


def test_publishes_every_row_of_every_table(world: World) -> None:
    world.year.add(MARCH, notice(1), notice(2))
    world.year.add(APRIL, notice(3))

    published = world.merge()

    assert published.tables == {
        "notices": 3, "lots": 6, "lot_results": 3, "tenders": 3, "contracts": 3, "parties": 6, "criteria": 3, "changes": 0,
        "packages": 2, "rejects": 0,
    }  # fmt: skip
    assert [row["notice_id"] for row in world.rows("notices")] == ["1-2019", "2-2019", "3-2019"]
    assert world.rows("notices")[2]["publication_date"] == dt.date(2019, 4, 2)
    assert len(world.rows("lots")) == 6
