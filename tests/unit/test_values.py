from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.extract.values import amount, day, is_token, time_of_day, whole


@pytest.mark.parametrize(
    ("published", "read"),
    [
        ("2019-03-01", "2019-03-01"),
        ("2019-03-01+01:00", "2019-03-01"),
        ("2019-03-01Z", "2019-03-01"),
        ("20190301", "2019-03-01"),
        (" 20190301 ", "2019-03-01"),
        ("2019-02-29", None),
        ("2019-13-01", None),
        ("0000-01-01", None),
        ("0016-06-09", None),
        ("1899-12-31", None),
        ("1900-01-01", "1900-01-01"),
        ("1.3.2019", None),
        ("", None),
        (None, None),
    ],
)
def test_reads_the_published_calendar_day_and_never_shifts_it(published: str | None, read: str | None) -> None:
    assert day(published) == read


@pytest.mark.parametrize(
    ("published", "read"),
    [
        ("9:00", "09:00"),
        ("12:00:00+02:00", "12:00+02:00"),
        ("23:59:59.000Z", "23:59Z"),
        ("25:00", None),
        ("noon", None),
    ],
)
def test_reads_a_time_of_day_with_its_offset(published: str, read: str | None) -> None:
    assert time_of_day(published) == read


@given(st.decimals(-(10**15), 10**15, allow_nan=False, places=4))
def test_an_amount_keeps_its_value(value: Decimal) -> None:
    assert Decimal(amount(format(value, "f")) or "NaN") == value


@given(st.decimals(0, 10**12, allow_nan=False, places=7))
def test_an_amount_of_more_than_four_decimals_is_rounded_half_up(value: Decimal) -> None:
    assert Decimal(amount(format(value, "f")) or "NaN") == value.quantize(Decimal("0.0001"), ROUND_HALF_UP)


@pytest.mark.parametrize("text", ["", None, "n/a", "12,5", "1 000", "1e5", "unpublished", "9" * 21, "--1", "."])
def test_what_is_no_plain_amount_is_not_guessed(text: str | None) -> None:
    assert amount(text) is None


def test_counts_are_whole_and_fit() -> None:
    assert [whole(text) for text in ("3", " 12 ", "-1", "2147483648", "3.0", "", None)] == [3, 12] + [None] * 5


def test_tokens_are_told_from_values() -> None:
    assert [is_token(value) for value in ("0", "0.01", "1", "1.5", None)] == [True, True, True, False, None]
