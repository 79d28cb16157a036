import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.extract.notice import Notice, notice_id, notice_order
from runtime.schema.columns import Table
from runtime.schema.tables import NOTICE_TABLES


@pytest.mark.parametrize("table", [table for table in NOTICE_TABLES if table.name != "notices"], ids=lambda t: t.name)
def test_a_row_is_numbered_by_the_key_of_its_table_whatever_it_says_itself(table: Table) -> None:
    notice = Notice()
    ordinal = table.key[-1]
    assert [notice.add(table.name, {ordinal: 7}) for _ in range(3)] == [1, 2, 3]
    assert [row[ordinal] for row in notice.rows(table.name)] == [1, 2, 3]
    assert ordinal in table.column_names


def test_a_row_for_no_table_is_refused() -> None:
    with pytest.raises(KeyError, match="lotz"):
        Notice().add("lotz", {})


@pytest.mark.parametrize(
    ("published", "read"),
    [
        ("000001-2019", "1-2019"),
        ("00566194-2026", "566194-2026"),
        (" 7-1999 ", "7-1999"),
        ("000000000123456789-2024", "123456789-2024"),
        *(
            (text, None)
            for text in ("0-2024", "1234567890-2019", "7-19", "7-2119", "7/2019", "7-2019-01", "٧-2019", "")
        ),
        (None, None),
    ],
)
def test_one_rule_says_what_a_publication_number_is(published: str | None, read: str | None) -> None:
    assert notice_id(published) == read


@given(st.integers(1, 999_999_999), st.integers(1900, 2099))
def test_an_id_is_a_publication_number_of_itself_and_in_order(number: int, year: int) -> None:
    identifier = notice_id(f"{number:09d}-{year}")
    assert identifier is not None
    assert notice_id(identifier) == identifier == f"{number}-{year}"
    assert notice_order(identifier) == year * 10**9 + number
