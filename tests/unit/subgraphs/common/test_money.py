"""Money: exact, with the digits of its currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.common.money import EXPONENTS, MINOR_MAX, Money, MoneyError

CURRENCIES = st.sampled_from(sorted(EXPONENTS))


@given(st.integers(-(10**17), 10**17), CURRENCIES)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    value = Money(minor, currency)
    assert Money.parse(value.amount, currency) == value


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("19.99", "USD", 1999),
        ("19.9", "USD", 1990),
        ("19", "USD", 1900),
        ("19.9900", "USD", 1999),
        ("1500", "JPY", 1500),
        ("1500.00", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("-0.01", "EUR", -1),
        ("0", "EUR", 0),
    ],
)
def test_amounts(amount: str, currency: str, minor: int) -> None:
    assert Money.parse(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("", "USD"),
        ("1,5", "USD"),
        ("1e3", "USD"),
        ("+1", "USD"),
        (" 1", "USD"),
        ("1\n", "USD"),
        (".5", "USD"),
        ("1.", "USD"),
        ("NaN", "USD"),
        ("٣", "USD"),
        ("0x1", "USD"),
        ("1.001", "USD"),
        ("1.5", "JPY"),
        ("1.2345", "KWD"),
        ("1", "XXX"),
        ("1", "usd"),
        ("1", ""),
        ("9" * 19, "JPY"),
        ("9" * 18, "USD"),
        ("9" * 10_000, "USD"),
    ],
)
def test_what_is_no_amount_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(MoneyError) as refusal:
        Money.parse(amount, currency)
    assert len(str(refusal.value)) < 100


def test_the_largest_amount_fits_and_one_more_does_not() -> None:
    assert Money(MINOR_MAX, "USD") + Money(0, "USD") == Money(MINOR_MAX, "USD")
    with pytest.raises(MoneyError):
        Money(MINOR_MAX, "USD") + Money(1, "USD")
    with pytest.raises(MoneyError):
        Money(MINOR_MAX, "USD") * 2


def test_currencies_do_not_mix() -> None:
    with pytest.raises(MoneyError, match="do not add up"):
        Money(1, "USD") + Money(1, "EUR")
    assert Money(5, "USD") - Money(7, "USD") == Money(-2, "USD")
