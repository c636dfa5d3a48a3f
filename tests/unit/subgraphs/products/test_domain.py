"""The rules of the catalogue as plain functions."""

import math
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.common.errors import InvalidInputError
from subgraphs.common.money import Money
from subgraphs.products.domain import (
    ATTRIBUTES_DEPTH_MAX,
    NEXT_STATUSES,
    SLUG_CHARACTERS_MAX,
    Availability,
    Product,
    ProductStatus,
    build_slug,
    check_attributes,
    check_slug,
    check_transition,
    is_visible,
    number_slug,
)


def build_product(status: ProductStatus) -> Product:
    return Product(
        id=UUID(int=1),
        slug="it",
        name="It",
        description=None,
        category_id=UUID(int=2),
        price=Money(1, "USD"),
        unit_cost=None,
        features=(),
        attributes={},
        status=status,
        availability=Availability.AVAILABLE,
        license_limit=None,
        rating_counts=(0, 0, 0, 0, 0),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
        version=1,
    )


@pytest.mark.parametrize(
    ("status", "by_id", "sees_all", "visible"),
    [
        (ProductStatus.PUBLISHED, True, False, True),
        (ProductStatus.PUBLISHED, False, False, True),
        (ProductStatus.ARCHIVED, True, False, True),
        (ProductStatus.ARCHIVED, False, False, False),
        (ProductStatus.DRAFT, True, False, False),
        (ProductStatus.DRAFT, False, False, False),
        (ProductStatus.DRAFT, True, True, True),
        (ProductStatus.ARCHIVED, False, True, True),
    ],
)
def test_who_may_see_which_product(status: ProductStatus, by_id: bool, sees_all: bool, visible: bool) -> None:
    assert is_visible(build_product(status), by_id=by_id, sees_all=sees_all) is visible


def test_every_status_has_its_successors_and_none_leads_back_to_draft() -> None:
    assert {*NEXT_STATUSES} == {*ProductStatus}
    for current, following in NEXT_STATUSES.items():
        assert ProductStatus.DRAFT not in following
        assert current not in following
        assert check_transition(current, current, ()) is current
        for status in ProductStatus:
            if status is not current and status not in following:
                with pytest.raises(InvalidInputError, match="cannot become"):
                    check_transition(current, status, ())


@given(st.text(max_size=300))
def test_a_slug_made_of_any_name_is_a_slug_also_with_a_number_behind_it(name: str) -> None:
    slug = build_slug(name)
    assert check_slug(slug, ()) == slug
    assert check_slug(f"{slug}-999999", ())


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Café Über!", "cafe-uber"), ("  A  B ", "a-b"), ("日本", "item"), ("", "item"), ("C++ & C#", "c-c")],
)
def test_slugs_of_names(name: str, slug: str) -> None:
    assert build_slug(name) == slug


def test_the_longest_slug_is_taken_and_one_longer_is_not() -> None:
    assert check_slug("x" * SLUG_CHARACTERS_MAX, ())
    with pytest.raises(InvalidInputError):
        check_slug("x" * (SLUG_CHARACTERS_MAX + 1), ())


@given(st.sets(st.integers(2, 9)))
def test_a_numbered_slug_is_free(numbers: set[int]) -> None:
    taken = frozenset({"it"} | {f"it-{number}" for number in numbers})
    found = number_slug("it", taken)
    assert found not in taken
    assert number_slug("other", taken) == "other"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_attributes_have_only_numbers_that_json_has(value: float) -> None:
    with pytest.raises(InvalidInputError, match="JSON does not have"):
        check_attributes({"n": value}, ())


def test_attributes_nest_up_to_the_bound() -> None:
    def nest(depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for _ in range(depth - 1):
            value = {"a": value}
        return value

    assert check_attributes(nest(ATTRIBUTES_DEPTH_MAX), ())
    with pytest.raises(InvalidInputError, match="deep"):
        check_attributes(nest(ATTRIBUTES_DEPTH_MAX + 1), ())
    assert check_attributes(None, ()) == {}
