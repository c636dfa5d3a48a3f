"""kill -9 of each process and of Postgres at every step of buying, cancelling, paying back and forgetting; a frozen Postgres."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.conftest import open_directory
from tests.support.customer import Customer, audit, settle
from tests.support.nats_server import PROGRAM as NATS
from tests.support.nats_server import NatsServer
from tests.support.ports import free_ports
from tests.support.shop import SERVICES, Shop, open_shop

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("crashes")]

_ORDERS, _PAYMENTS = "subgraphs.orders.repository", "subgraphs.payments"
_GATEWAY = f"{_PAYMENTS}.service.provider:ProviderGateway"
_PAYING = f"{_PAYMENTS}.service.paying"
_REPOSITORY = f"{_PAYMENTS}.repository"
_NEWS = "subgraphs.common"

PHASES = {
    "orders": {
        "create": [
            f"after {_ORDERS}.orders:insert_order",
            f"after {_ORDERS}.orders:claim_key",
            f"after {_ORDERS}.orders:insert_lines",
            f"after {_ORDERS}.orders:insert_event",
            f"committed {_ORDERS}.orders:insert_lines",
        ],
        "pay": [
            f"after {_ORDERS}.orders:pay_order",
            f"after {_ORDERS}.licenses:issue_licenses",
            f"committed {_ORDERS}.licenses:issue_licenses",
            f"after {_ORDERS}.orders:fulfil_orders?",
            f"committed {_ORDERS}.orders:fulfil_orders?",
        ],
        "cancel": [
            f"after {_ORDERS}.orders:move_order",
            f"after {_NEWS}.outbox:Outbox.add",
            f"committed {_ORDERS}.orders:move_order",
            f"after {_NEWS}.outbox:Outbox._take?",
            f"before {_NEWS}.delivery:HttpCourier.deliver",
            f"after {_NEWS}.delivery:HttpCourier.deliver",
        ],
        "refund": [
            f"before {_NEWS}.inbox:Inbox.is_news",
            f"after {_NEWS}.inbox:Inbox.is_news",
            f"after {_ORDERS}.orders:refund_order",
            f"after {_ORDERS}.licenses:revoke_licenses",
            f"committed {_ORDERS}.orders:refund_order",
        ],
        "forget": [
            f"after {_ORDERS}.people:note_erased",
            f"committed {_ORDERS}.people:note_erased",
            f"after {_ORDERS}.people:end_licenses",
            f"committed {_ORDERS}.people:end_licenses",
        ],
    },
    "payments": {
        "pay": [
            f"after {_REPOSITORY}.payments:insert_payment",
            f"after {_REPOSITORY}.payments:claim_key",
            f"committed {_REPOSITORY}.payments:claim_key",
            f"before {_GATEWAY}.create",
            f"after {_GATEWAY}.create",
            f"after {_REPOSITORY}.payments:move_payment",
            f"committed {_REPOSITORY}.payments:move_payment",
        ],
        "pay again": [
            f"before {_GATEWAY}.look_up",
            f"after {_GATEWAY}.look_up",
            f"after {_PAYING}:book_capture",
            f"before {_PAYING}:mark_paid",
            f"after {_PAYING}:mark_paid",
            f"after {_REPOSITORY}.payments:set_order_outcome",
            f"committed {_PAYING}:book_sale",
        ],
        "cancel": [
            f"after {_NEWS}.inbox:Inbox.is_news",
            f"after {_REPOSITORY}.payments:request_cancel?",
            f"committed {_REPOSITORY}.payments:request_cancel?",
            f"before {_GATEWAY}.cancel",
            f"after {_GATEWAY}.cancel",
        ],
        "refund": [
            f"after {_REPOSITORY}.refunds:reserve_refund",
            f"after {_REPOSITORY}.refunds:insert_refund",
            f"committed {_REPOSITORY}.refunds:insert_refund",
            f"before {_GATEWAY}.refund",
            f"after {_GATEWAY}.refund",
            f"after {_REPOSITORY}.refunds:finish_refund",
        ],
        "refund again": [
            f"after {_PAYMENTS}.service.refunds:book_refund",
            f"after {_NEWS}.outbox:Outbox.add",
            f"committed {_NEWS}.outbox:Outbox.add",
            f"before {_NEWS}.delivery:HttpCourier.deliver",
            f"after {_NEWS}.delivery:HttpCourier.deliver",
        ],
        "forget": [
            f"after {_REPOSITORY}.people:scrub_payments",
            f"committed {_REPOSITORY}.people:scrub_payments",
        ],
    },
}
"""The steps of a life in their order, and the points in each at which a service may die."""
LIVES = max(len(points) for phases in PHASES.values() for points in phases.values())
POSTGRES = [
    (f"after {_ORDERS}.orders:insert_lines", f"after {_GATEWAY}.create"),
    (f"committed {_ORDERS}.orders:insert_lines", f"after {_PAYING}:book_capture"),
    (f"after {_ORDERS}.orders:pay_order", f"committed {_PAYMENTS}.service.refunds:book_refund"),
    (f"committed {_ORDERS}.orders:pay_order", f"after {_GATEWAY}.refund"),
    (f"after {_ORDERS}.orders:refund_order", f"committed {_PAYING}:book_capture"),
]
"""At which points of both services Postgres dies, in one life."""
NATS_POINTS = [
    (f"before {_NEWS}.bus:EventBus.deliver", f"after {_NEWS}.bus:EventBus.deliver"),
    (f"after {_NEWS}.bus:EventBus.deliver", f"committed {_REPOSITORY}.payments:request_cancel?"),
    (f"before {_NEWS}.inbox:Inbox.is_news", f"before {_NEWS}.bus:EventBus.deliver"),
    (f"committed {_ORDERS}.orders:refund_order", f"after {_NEWS}.inbox:Inbox.is_news"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Shop]:
    with open_directory() as path:
        async with open_shop(path) as shop:
            yield shop


async def live(shop: Shop) -> None:
    """Buy one thing and get a part of it back, buy another and get all back, call a third one off; be forgotten."""
    customer = Customer(shop)
    kept, returned, dropped = [await customer.order(lines) for lines in (2, 1, 1)]
    payments = {}
    for order_id in (kept, returned):
        payload = await customer.pay(order_id)
        payments[order_id] = payload["payment"]["id"]
        assert payload["errors"] == []
        await customer.verify(payload["payment"]["reference"])
    await customer.pay(dropped, "BANK_TRANSFER")
    assert await customer.cancel(dropped)
    await settle(shop)
    for order_id, amount in ((kept, "5.00"), (returned, None)):
        assert (await customer.refund(payments[order_id], amount))["errors"] == []
    await settle(shop)
    await customer.be_forgotten()
    await settle(shop)
    await audit(shop)
    statuses = dict(
        await shop.rows("orders", "SELECT id::text, status FROM orders WHERE customer_id = $1", customer.id)
    )
    assert statuses == {kept: "COMPLETED", returned: "REFUNDED", dropped: "CANCELLED"}
    counted = await shop.rows(
        "payments",
        """SELECT count(DISTINCT payments.id), count(refunds.id), count(DISTINCT refunds.payment_id)
        FROM payments LEFT JOIN refunds ON refunds.payment_id = payments.id WHERE payer_id = $1""",
        customer.id,
    )
    assert counted == [(3, 2, 2)]


def plan_life(number: int) -> dict[str, list[str]]:
    """A death in every phase: in `LIVES` lives, each service dies at each of its points at least once."""
    return {
        service: [points[number % len(points)] for points in phases.values()]
        for service, phases in PHASES.items()
    }


async def die_and_live(shop: Shop, plan: dict[str, list[str]], *, kill_postgres: bool = False) -> None:
    shop.plan = plan
    for service in SERVICES:
        await shop.start(service, kill_postgres=kill_postgres)
    await live(shop)


@pytest.mark.parametrize("number", range(LIVES))
async def test_processes_that_are_killed_at_every_step_lose_nothing_and_do_nothing_twice(
    shop: Shop, number: int
) -> None:
    await die_and_live(shop, plan_life(number))
    assert not any(shop.plan.values()), "not reached"
    assert not any(shop.aims.values()), "not reached"


@pytest.mark.parametrize("points", POSTGRES)
async def test_a_postgres_that_is_killed_loses_nothing(shop: Shop, points: tuple[str, str]) -> None:
    plan = {service: [point] for service, point in zip(SERVICES, points, strict=True)}
    deaths = shop.postgres_deaths
    await die_and_live(shop, plan, kill_postgres=True)
    assert shop.postgres_deaths == deaths + len(points), "not reached"


async def test_a_postgres_that_freezes_is_told_in_time_and_one_that_restarts_loses_nothing(
    shop: Shop,
) -> None:
    shop.plan = {}
    for service in SERVICES:
        await shop.start(service, REQUEST_S="0.7")
    running, deaths = {**shop.processes}, shop.postgres_deaths
    under_way = asyncio.gather(*(live_twice(shop) for _ in range(3)))
    customer = Customer(shop)
    await customer.order()
    with shop.frozen_postgres():
        # More at once than there are connections: some wait for an answer, some for a connection, some for a place.
        asked = [customer.ask(service) for service in SERVICES for _ in range(20)]
        codes = {
            error["extensions"]["code"]
            for answer in await asyncio.gather(*asked)
            for error in answer["errors"]
        }
    assert codes <= {"GATEWAY_TIMEOUT", "SUBGRAPH_UNAVAILABLE"}
    await customer.order()
    await shop.restart_postgres()
    await under_way
    await settle(shop)
    await audit(shop)
    assert (shop.processes, shop.postgres_deaths) == (running, deaths)


async def test_two_of_everything_at_once(shop: Shop) -> None:
    await asyncio.gather(*(live_twice(shop) for _ in range(4)))
    await settle(shop)
    await audit(shop)


async def live_twice(shop: Shop) -> None:
    """Every request twice at the same moment, with the same keys."""
    customer, twin = Customer(shop), Customer(shop)
    twin.id = customer.id
    key = f"key of {customer.id}"
    order_id, same = await asyncio.gather(customer.order(key=key), twin.order(key=key))
    assert order_id == same
    first, second = await asyncio.gather(customer.pay(order_id), twin.pay(order_id))
    assert first["payment"]["id"] == second["payment"]["id"]
    await asyncio.gather(*(each.verify(first["payment"]["reference"]) for each in (customer, twin)))
    await asyncio.gather(*(each.cancel(order_id) for each in (customer, twin)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nats_shop() -> AsyncIterator[Shop]:
    if NATS is None:
        pytest.skip(
            "THERE IS NO nats-server ON THIS MACHINE: crashes with news over the bus are not tested here"
        )
    (port,) = free_ports(1)
    with open_directory() as path:
        server = NatsServer(path / "nats", port)
        server.start()
        try:
            async with open_shop(path, more={"EVENTS_URL": server.url}) as shop:
                yield shop
        finally:
            server.kill()


@pytest.mark.parametrize("points", NATS_POINTS)
async def test_the_same_with_news_over_nats(nats_shop: Shop, points: tuple[str, str]) -> None:
    await die_and_live(nats_shop, {service: [point] for service, point in zip(SERVICES, points, strict=True)})
    assert not any(nats_shop.aims.values()), "not reached"
