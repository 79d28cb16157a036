"""What users did with the TED CSV, on both engines over three kinds of years."""

import pytest

from tests.trino.conftest import Answers, Question
from tests.unit.test_ted_csv import analyses

ASKED = {
    f"{database}-{title}": Question(sql, database)
    for database in ("hand", "demo", "real")
    for title, sql in sorted(analyses().items())
}


@pytest.mark.parametrize("question", ASKED.values(), ids=ASKED)
def test_an_analysis_of_the_csv_is_the_same_on_both(answers: Answers, question: Question) -> None:
    one, other = answers(question)
    assert (one.columns, one.rows) == (other.columns, other.rows)
    assert bool(one.rows) == (question.database != "hand"), "the year of the saved queries has no values above 1,000"
