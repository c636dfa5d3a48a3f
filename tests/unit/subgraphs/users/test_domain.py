"""The rules of a profile, as tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.users.domain import (
    Address,
    Interval,
    ProfileChange,
    clean_change,
    count_points_at_most,
    default_display_name,
)

HOME = Address("1 Main Street", None, "London", None, "sw1a 1aa", "gb")


@pytest.mark.parametrize(
    ("full_name", "shown"),
    [
        ("Ada Lovelace", "Ada L."),
        ("Ada", "Ada"),
        ("Ada King of Lovelace", "Ada L."),
        ("", "Deleted user"),
        ("x" * 100, "x" * 50),
    ],
)
def test_the_name_shown_to_all_does_not_give_the_full_name_away(full_name: str, shown: str) -> None:
    assert default_display_name(full_name) == shown


def test_a_change_is_trimmed_and_normalised() -> None:
    change, faults = clean_change(
        ProfileChange(
            {
                "full_name": "  Ada   Lovelace",
                "locale": "DE_at",
                "phone": " +44 20 7946 0000 ",
                "address": HOME,
            },
        ),
    )
    assert faults == []
    assert change.values == {
        "full_name": "Ada Lovelace",
        "locale": "de-AT",
        "phone": "+44 20 7946 0000",
        "address": Address("1 Main Street", None, "London", None, "SW1A 1AA", "GB"),
    }


def test_phone_and_address_can_be_taken_away() -> None:
    change, faults = clean_change(ProfileChange({"phone": None, "address": None}))
    assert faults == []
    assert change.values == {"phone": None, "address": None}


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"full_name": "  "}, ("fullName",)),
        ({"full_name": None}, ("fullName",)),
        ({"full_name": "x" * 101}, ("fullName",)),
        ({"full_name": "a\x00b"}, ("fullName",)),
        ({"display_name": "x" * 51}, ("displayName",)),
        ({"display_name": "\ud800"}, ("displayName",)),
        ({"phone": "call me"}, ("phone",)),
        ({"phone": "+1 (2"}, ("phone",)),
        ({"phone": "1" * 1000}, ("phone",)),
        ({"locale": "english"}, ("locale",)),
        ({"locale": None}, ("locale",)),
        ({"address": Address("", None, "London", None, "1", "GB")}, ("address", "line1")),
        ({"address": Address("1", None, "London", None, "1", "XX")}, ("address", "countryCode")),
        ({"address": Address("1", "x" * 101, "London", None, "1", "GB")}, ("address", "line2")),
        ({"address": Address("1", None, "London", None, "1" * 21, "GB")}, ("address", "postalCode")),
    ],
)
def test_a_bad_value_is_refused_with_its_place(
    values: dict[str, str | Address | None],
    path: tuple[str, ...],
) -> None:
    _, faults = clean_change(ProfileChange(values))
    assert [fault.path for fault in faults] == [path]


def test_all_faults_are_found_at_once() -> None:
    _, faults = clean_change(ProfileChange({"full_name": "", "phone": "x", "locale": "?"}))
    assert {fault.path for fault in faults} == {("fullName",), ("phone",), ("locale",)}


@given(text=st.text(max_size=120))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once, _ = clean_change(ProfileChange({"full_name": text, "locale": text}))
    twice, _ = clean_change(once)
    assert once == twice


@pytest.mark.parametrize("interval", [*Interval])
def test_the_bound_of_points_is_never_too_low(interval: Interval) -> None:
    start = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    end = start + timedelta(days=59)
    hours = {Interval.HOUR: 1, Interval.DAY: 24, Interval.WEEK: 168, Interval.MONTH: 672}[interval]
    assert count_points_at_most(interval, start, end) >= 59 * 24 / hours
