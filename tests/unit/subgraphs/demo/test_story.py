"""The demo story: the same everywhere, told in time, and possible by the rules of each service."""

import hashlib
import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from subgraphs.common.demo.catalogue import read_catalogue
from subgraphs.common.demo.dice import Dice, build_id
from subgraphs.common.demo.events import Purchase
from subgraphs.common.demo.opinions import tell_opinions, tell_wishes
from subgraphs.common.demo.people import ACCOUNTS, read_people
from subgraphs.common.demo.purchases import tell_purchases
from subgraphs.common.demo.scope import BULK_ORDERS_MAX, Scope, build_bulk_scope, read_demo_scope
from subgraphs.common.errors import DomainError
from subgraphs.common.settings import SettingsError
from subgraphs.orders import seed as orders_seed
from subgraphs.orders.domain import TRANSITIONS, OrderStatus
from subgraphs.orders.service.history import PastOrder, check_past
from subgraphs.payments import seed as payments_seed
from subgraphs.payments.domain import OPEN, PaymentStatus
from subgraphs.payments.service.history import PastPayment, replay_past
from subgraphs.products.domain.reviews import check_review
from subgraphs.users.seed import build_profile

DEMO = read_demo_scope({})
BULK = build_bulk_scope(1_000, {})
DIGEST = "52d46ad8cab715cc4e0b41601b193689786e64c398a6e118fd6d312bcd550f54"
"""Of the whole demo story: if it changes on one machine alone, that machine tells another story."""


@cache
def purchases() -> tuple[Purchase, ...]:
    return tuple(tell_purchases(DEMO))


@cache
def pasts() -> list[PastOrder]:
    return [orders_seed.build_past(purchase) for purchase in purchases()]


@cache
def payments() -> list[PastPayment]:
    return [payment for purchase in purchases() for payment in payments_seed.build_past(purchase)]


def test_every_machine_tells_the_same_story() -> None:
    told = hashlib.sha256()
    for part in (
        read_people(DEMO),
        read_catalogue(DEMO),
        purchases(),
        tell_opinions(DEMO),
        tell_wishes(DEMO),
    ):
        for one in part:
            told.update(repr(one).encode())
    assert told.hexdigest() == DIGEST


def test_the_story_has_everything_that_can_become_of_an_order() -> None:
    statuses = Counter(purchase.final_status for purchase in purchases())
    assert {*statuses} == {"PAID", "PROCESSING", "COMPLETED", "CANCELLED", "REFUNDED"}
    charges = [charge for purchase in purchases() for charge in purchase.charges]
    assert {charge.method for charge in charges} == {
        "CREDIT_CARD",
        "E_WALLET",
        "BANK_TRANSFER",
        "VIRTUAL_ACCOUNT",
    }
    ends = {replay_past(payment)[-1].status for payment in payments()}
    assert ends == {*PaymentStatus} - {*OPEN}
    assert {charge.told[1] for charge in charges if charge.told is not None} == {"ACCEPTED", "REJECTED"}
    assert {opinion.rating for opinion in tell_opinions(DEMO)} == {1, 2, 3, 4, 5}
    assert {opinion.status for opinion in tell_opinions(DEMO)} == {"PENDING", "PUBLISHED", "REJECTED"}
    reasons = {one.cancel_reason for purchase in purchases() for one in purchase.happenings}
    assert reasons == {None, "CUSTOMER", "ADMIN", "FRAUD", "EXPIRED"}


def test_there_are_500_people_from_33_countries_beside_the_three_accounts() -> None:
    people = read_people(DEMO)
    assert people[:3] == ACCOUNTS
    assert len({person.email for person in people}) == len({person.id for person in people}) == 503
    assert len({(person.address or {})["country_code"] for person in people[3:]}) == 33
    assert any(not person.full_name.isascii() for person in people)
    for person in (*people, *read_people(BULK)):
        assert build_profile(person)["full_name"] == person.full_name
        assert person.email.isascii()
        assert person.email == person.email.lower()


@pytest.mark.parametrize("told", [DEMO, BULK])
def test_everything_happens_in_its_time_to_those_who_are_there(told: Scope) -> None:
    people = {person.id: person for person in read_people(told)}
    apps = {app.id: app for app in read_catalogue(told)}
    before = told.begin
    all_purchases = [*tell_purchases(told)]
    assert len(all_purchases) == told.orders
    for purchase in all_purchases:
        assert before <= purchase.placed_at < told.end
        before = purchase.placed_at
        assert people[purchase.customer_id].registered_at < purchase.placed_at
        assert purchase.happenings
        times = [purchase.placed_at, *(one.at for one in purchase.happenings)]
        assert times == sorted(times)
        assert times[-1] < told.end
        for line in purchase.lines:
            assert line.unit_minor == apps[line.product_id].price_at(purchase.placed_at)
        for charge in purchase.charges:
            assert purchase.placed_at < charge.begun_at < purchase.pay_until
            assert charge.steps[-1][0] < told.end
    assert len({purchase.id for purchase in all_purchases}) == told.orders


def test_any_part_of_the_story_can_be_told_by_itself() -> None:
    assert tuple(tell_purchases(DEMO, 700, 720)) == purchases()[700:720]
    assert [*tell_purchases(DEMO, DEMO.orders)] == []


def test_prices_change_and_end_at_what_the_catalogue_says() -> None:
    counts = Counter(len(app.prices) for app in read_catalogue(DEMO))
    assert {*counts} == {1, 2, 3, 4}
    for app in read_catalogue(DEMO):
        minors = [minor for _, minor in app.prices]
        assert minors[-1] == app.facts["priceMinor"]
        assert all(one != other for one, other in itertools.pairwise(minors))
        times = [since for since, _ in app.prices]
        assert times == sorted(set(times))
        assert times[0] == app.added_at
        assert times[-1] < DEMO.end


def test_who_reviews_has_bought_and_kept_it_and_says_it_once() -> None:
    kept = {
        (purchase.customer_id, line.product_id): purchase.happenings[-1].at
        for purchase in reversed(purchases())
        if purchase.final_status == "COMPLETED"
        for line in purchase.lines
    }
    opinions = [*tell_opinions(DEMO)]
    pairs = [(one.author_id, one.product_id) for one in opinions]
    assert len(set(pairs)) == len(pairs) > 500
    for one, pair in zip(opinions, pairs, strict=True):
        assert kept[pair] < one.at < DEMO.end
        assert check_review(one.rating, one.title, one.body) == (one.rating, one.title, one.body)


def test_every_past_of_the_story_is_possible() -> None:
    for order, purchase in zip(pasts(), purchases(), strict=True):
        assert check_past(order).minor == purchase.total_minor
    for payment in payments():
        replay_past(payment)


@given(st.data())
def test_a_past_with_its_moves_in_another_order_is_refused(data: st.DataObject) -> None:
    order = data.draw(st.sampled_from([order for order in pasts() if len(order.moves) > 1]))
    moves = data.draw(st.permutations(order.moves).filter(lambda moves: moves != [*order.moves]))
    times = [move.at for move in order.moves]
    in_time = tuple(replace(move, at=at) for move, at in zip(moves, times, strict=True))
    for spoilt in (tuple(moves), in_time):
        with pytest.raises(DomainError):
            check_past(replace(order, moves=spoilt))


@given(st.data())
def test_a_past_that_leaves_something_out_is_refused(data: st.DataObject) -> None:
    order = data.draw(st.sampled_from([order for order in pasts() if len(order.moves) > 1]))
    left_out = data.draw(st.integers(0, len(order.moves) - 2))
    before = order.moves[left_out - 1].status if left_out else OrderStatus.PENDING
    after = order.moves[left_out + 1]
    # A refund may follow whatever comes after the payment.
    assume(after.status not in TRANSITIONS[before] and (after.refunded is None or not left_out))
    with pytest.raises(DomainError):
        check_past(replace(order, moves=order.moves[:left_out] + order.moves[left_out + 1 :]))


@given(st.data())
def test_money_that_did_not_come_does_not_go_back(data: st.DataObject) -> None:
    payment = data.draw(st.sampled_from([payment for payment in payments() if payment.refunds]))
    for spoilt in (
        replace(payment, told=None),
        replace(payment, steps=payment.steps[:-1]),
        replace(payment, refunds=(*payment.refunds, replace(payment.refunds[-1], amount=payment.amount))),
        replace(payment, refunds=(replace(payment.refunds[0], completed_at=payment.created_at),)),
        replace(payment, amount=replace(payment.amount, minor=payment.refunds[0].amount.minor - 1)),
    ):
        with pytest.raises(DomainError):
            replay_past(spoilt)


def test_an_order_with_a_product_twice_or_refunded_by_a_stranger_is_refused() -> None:
    refunded = next(order for order in pasts() if order.moves[-1].refunded is not None)
    stranger = replace(refunded.moves[-1], payment_id=refunded.id)
    for spoilt in (
        replace(refunded, lines=refunded.lines * 2),
        replace(refunded, lines=()),
        replace(refunded, moves=(*refunded.moves[:-1], stranger)),
    ):
        with pytest.raises(DomainError):
            check_past(spoilt)


@given(st.text(), st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year >= 1970))
def test_ids_are_stable_uuids_of_version_7_with_the_time_in_them(name: str, at: datetime) -> None:
    made = build_id("product", name, at)
    assert made == build_id("product", name, at)
    assert made != build_id("category", name, at)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(at.timestamp() * 1000)


@given(st.integers(0, 50), st.integers(0, 50), st.text())
def test_dice_stay_in_bounds_and_fall_the_same_way(low: int, more: int, name: str) -> None:
    dice, again = Dice(name), Dice(name)
    choices = range(low, low + more + 1)
    for _ in range(20):
        throws = (dice.number(low, low + more), dice.pick(choices), dice.pick_early(choices))
        assert all(throw in choices for throw in throws)
        assert throws == (again.number(low, low + more), again.pick(choices), again.pick_early(choices))


def test_the_day_can_be_chosen_and_must_be_one() -> None:
    other = read_demo_scope({"MARKETPLACE_DEMO_DAY": "2031-02-28"})
    assert other.end - timedelta(days=other.days) == other.begin
    assert next(tell_purchases(other)).placed_at >= other.begin
    with pytest.raises(SettingsError):
        read_demo_scope({"MARKETPLACE_DEMO_DAY": "yesterday"})
    for orders in (0, -1, BULK_ORDERS_MAX + 1):
        with pytest.raises(SettingsError):
            build_bulk_scope(orders, {})
    assert len([*tell_purchases(build_bulk_scope(1, {}))]) == 1
