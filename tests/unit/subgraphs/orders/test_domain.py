"""The rules of an order as plain functions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.common.errors import InvalidInputError
from subgraphs.common.money import MINOR_MAX, Money
from subgraphs.orders.domain import (
    ADMIN_TRANSITIONS,
    LINES_MAX,
    QUANTITY_MAX,
    SOLD,
    TRANSITIONS,
    Item,
    License,
    LicenseStatus,
    Order,
    OrderAction,
    OrderStatus,
    PricedItem,
    RefundStatus,
    check_items,
    list_actions,
    sum_up,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def build_order(status: OrderStatus = OrderStatus.PENDING) -> Order:
    nothing = Money(0, "USD")
    return Order(
        id=UUID(int=1),
        number="PAM-2026-000001",
        customer_id=UUID(int=2),
        status=status,
        cancel_reason=None,
        subtotal=Money(100, "USD"),
        discount_total=nothing,
        tax_total=nothing,
        total=Money(100, "USD"),
        refunded_total=nothing,
        payment_deadline=NOON,
        created_at=NOON - timedelta(days=1),
        updated_at=NOON - timedelta(days=1),
    )


def items_of(*pairs: tuple[int, int]) -> list[Item]:
    return [Item(UUID(int=product), quantity, i) for i, (product, quantity) in enumerate(pairs)]


def priced(*prices: Money) -> list[PricedItem]:
    return [PricedItem(UUID(int=i), 1, "It", price) for i, price in enumerate(prices)]


def test_the_machine_knows_every_status_and_two_ends() -> None:
    assert {*TRANSITIONS} == {*OrderStatus}
    assert {status for status, after in TRANSITIONS.items() if not after} == {
        OrderStatus.CANCELLED,
        OrderStatus.REFUNDED,
    }


def test_people_make_only_moves_of_the_machine_and_none_that_belongs_to_payments() -> None:
    for wanted, before in ADMIN_TRANSITIONS.items():
        assert wanted in TRANSITIONS[before]
    assert not {OrderStatus.PAID, OrderStatus.REFUNDED, OrderStatus.PENDING} & {*ADMIN_TRANSITIONS}


@pytest.mark.parametrize("quantity", [1, QUANTITY_MAX])
def test_a_quantity_at_its_bounds_is_taken(quantity: int) -> None:
    assert check_items(items_of((1, quantity)))[0].quantity == quantity


@pytest.mark.parametrize("quantity", [0, -1, QUANTITY_MAX + 1, 2**31 - 1, -(2**31)])
def test_a_quantity_out_of_bounds_is_refused_where_it_stands(quantity: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_items(items_of((1, 1), (2, quantity)))
    assert caught.value.path == ("input", "items", "1", "quantity")


def test_a_product_named_twice_is_one_item_at_its_first_place() -> None:
    assert check_items(items_of((1, 60), (2, 1), (1, 40))) == (
        Item(UUID(int=1), 100, 0),
        Item(UUID(int=2), 1, 1),
    )
    with pytest.raises(InvalidInputError) as caught:
        check_items(items_of((1, 60), (2, 1), (1, 41)))
    assert caught.value.path == ("input", "items", "2", "quantity")


@pytest.mark.parametrize("count", [0, LINES_MAX + 1])
def test_no_items_and_too_many_are_refused(count: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_items(items_of(*((n, 1) for n in range(count))))
    assert caught.value.path == ("input", "items")
    assert len(check_items(items_of(*((n, 1) for n in range(LINES_MAX))))) == LINES_MAX


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 10)), min_size=1, max_size=10))
def test_merging_items_keeps_how_many_of_each(pairs: Sequence[tuple[int, int]]) -> None:
    merged = check_items(items_of(*pairs))
    assert len({item.product_id for item in merged}) == len(merged)
    for product in {product for product, _ in pairs}:
        wanted = sum(quantity for other, quantity in pairs if other == product)
        assert [item.quantity for item in merged if item.product_id.int == product] == [wanted]


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 100)), min_size=1, max_size=50))
def test_the_total_is_the_sum_of_prices_times_quantities(lines: Sequence[tuple[int, int]]) -> None:
    items = [PricedItem(UUID(int=1), quantity, "It", Money(minor, "JPY")) for minor, quantity in lines]
    assert sum_up(items) == Money(sum(minor * quantity for minor, quantity in lines), "JPY")


def test_two_currencies_do_not_make_an_order() -> None:
    with pytest.raises(InvalidInputError) as caught:
        sum_up(priced(Money(1, "USD"), Money(1, "EUR")))
    assert caught.value.path == ("input", "items")


def test_a_sum_past_what_a_database_holds_is_refused() -> None:
    assert sum_up(priced(Money(MINOR_MAX - 1, "USD"), Money(1, "USD"))).minor == MINOR_MAX
    with pytest.raises(InvalidInputError):
        sum_up(priced(Money(MINOR_MAX, "USD"), Money(1, "USD")))
    with pytest.raises(InvalidInputError):
        sum_up([PricedItem(UUID(int=1), 2, "It", Money(MINOR_MAX, "USD"))])


def test_an_order_is_payable_until_its_deadline() -> None:
    order = build_order()
    assert order.is_payable(NOON - timedelta(microseconds=1))
    assert not order.is_payable(NOON)
    assert replace(order, payment_deadline=None).is_payable(NOON + timedelta(days=999))
    assert not build_order(OrderStatus.PAID).is_payable(NOON - timedelta(days=1))


@pytest.mark.parametrize(
    ("refunded", "expected"), [(0, RefundStatus.NONE), (1, RefundStatus.PARTIAL), (100, RefundStatus.FULL)]
)
def test_how_much_was_paid_back(refunded: int, expected: RefundStatus) -> None:
    assert replace(build_order(), refunded_total=Money(refunded, "USD")).refund_status is expected


@pytest.mark.parametrize("status", [*OrderStatus])
@pytest.mark.parametrize("is_owner", [True, False])
@pytest.mark.parametrize("may_write", [True, False])
@pytest.mark.parametrize("is_late", [True, False])
@pytest.mark.parametrize("license_status", [None, *LicenseStatus])
def test_who_may_do_what(
    status: OrderStatus,
    *,
    is_owner: bool,
    may_write: bool,
    is_late: bool,
    license_status: LicenseStatus | None,
) -> None:
    now = NOON if is_late else NOON - timedelta(hours=1)
    licenses = [] if license_status is None else [build_license(license_status)]
    actions = list_actions(build_order(status), licenses, now, is_owner=is_owner, may_write=may_write)
    pending, sold = status is OrderStatus.PENDING, status in SOLD
    assert (OrderAction.PAY in actions) == (pending and is_owner and not is_late)
    assert (OrderAction.CANCEL in actions) == (pending and (is_owner or may_write))
    assert (OrderAction.REQUEST_REFUND in actions) == (sold and is_owner)
    is_used = sold and is_owner and license_status is LicenseStatus.ACTIVE
    assert (OrderAction.DOWNLOAD in actions, OrderAction.REVIEW in actions) == (is_used, is_used)


def test_a_licence_is_used_until_it_expires() -> None:
    licence = replace(build_license(LicenseStatus.ACTIVE), expires_at=NOON)
    assert licence.is_usable(NOON - timedelta(microseconds=1))
    assert not licence.is_usable(NOON)


def build_license(status: LicenseStatus) -> License:
    return License(UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4), "KEY", status, 1, None, NOON)
