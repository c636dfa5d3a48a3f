"""Whoever dies at whichever boundary of an operation: nothing is lost, nothing done twice. And a frozen Postgres.

Here each operation suffers at a few boundaries that are drawn; `python -m bench.crashes` tries all of them.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from tests.e2e.conftest import open_directory
from tests.support.boundaries import DRIVEN, FREQUENT, SILENT, Fault, Story, Striker, applies, suffer
from tests.support.customer import Customer, audit, settle
from tests.support.nats_server import PROGRAM as NATS
from tests.support.nats_server import NatsServer
from tests.support.operations import OPERATIONS
from tests.support.ports import free_ports
from tests.support.shop import Shop, open_shop
from tests.support.wire import Boundary, Protocol

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAULTS_AT_ONCE = 3
PARTS = {"create", "refund a part", *(name for name in OPERATIONS if name.startswith(("initiate", "verify")))}
"""Those that are done in the course of others."""
DRAWN = ["verify E_WALLET", *(name for name in OPERATIONS if name not in PARTS)]
OF_POSTGRES = [
    ("create with a coupon", Fault.KILL_POSTMASTER),
    ("cancel when money came", Fault.KILL_BACKEND),
    ("refund all", Fault.KILL_POSTMASTER),
]
OVER_NATS = ["cancel", "refund all"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Shop]:
    """Two processes of each service: whoever dies, another one may go on."""
    with open_directory() as path:
        async with open_shop(path, manners=SILENT, copies=2, is_wired=True, more=DRIVEN) as shop:
            yield shop


def draw_of(name: str) -> random.Random:
    """What is drawn for an operation: the same on every day."""
    return random.Random(name)  # noqa: S311  nothing secret


async def do_in_peace(shop: Shop, name: str) -> tuple[Story, Sequence[Boundary]]:
    """What comes of an operation, and its boundaries."""
    striker = Striker(shop, {})
    return await suffer(OPERATIONS[name], striker), striker.seen


@pytest.mark.parametrize("name", DRAWN)
async def test_whoever_dies_and_whatever_is_lost_an_operation_is_done_once(shop: Shop, name: str) -> None:
    expected, boundaries = await do_in_peace(shop, name)
    draw = draw_of(name)
    drawn = draw.sample([one for one in boundaries if one.has_effect], FAULTS_AT_ONCE)
    faults = {
        one.number: draw.choice([fault for fault in FREQUENT if applies(fault, one, shop)]) for one in drawn
    }
    striker = Striker(shop, faults)
    assert await suffer(OPERATIONS[name], striker) == expected, faults
    assert striker.done, "not reached"


@pytest.mark.parametrize(("name", "fault"), OF_POSTGRES)
async def test_a_postgres_that_is_killed_loses_nothing(shop: Shop, name: str, fault: Fault) -> None:
    expected, boundaries = await do_in_peace(shop, name)
    places = [one.number for one in boundaries if applies(fault, one, shop)]
    # The last ones are not passed each time: in peace, somebody may have looked once more than needed.
    striker = Striker(shop, {draw_of(name).choice(places[: len(places) * 3 // 4]): fault})
    assert await suffer(OPERATIONS[name], striker) == expected
    assert striker.done[fault] == 1, "not reached"


async def test_refunds_of_which_the_second_is_heard_of_first_are_an_event_each(shop: Shop) -> None:
    name = "refund in parts"
    expected, boundaries = await do_in_peace(shop, name)
    news = next(
        one.number for one in boundaries if one.near.startswith("payments") and one.far.startswith("orders")
    )
    striker = Striker(shop, {news: Fault.LOSE})
    assert await suffer(OPERATIONS[name], striker) == expected
    assert striker.done, "not reached"


async def test_a_postgres_that_freezes_is_told_in_time_and_one_that_restarts_loses_nothing(
    shop: Shop,
) -> None:
    for instance in shop.ports:
        await shop.start(instance, REQUEST_S="0.7")
    running, deaths = {**shop.processes}, shop.postgres_deaths
    under_way = asyncio.gather(*(live_twice(shop) for _ in range(3)))
    customer = Customer(shop)
    await customer.order()
    with shop.frozen_postgres():
        # More at once than there are connections: some wait for an answer, some for a connection, some for a place.
        asked = [customer.ask(service) for service in shop.services for _ in range(40)]
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
            more = DRIVEN | {"EVENTS_URL": server.url}
            async with open_shop(path, manners=SILENT, is_wired=True, more=more) as shop:
                yield shop
        finally:
            server.kill()


@pytest.mark.parametrize("name", OVER_NATS)
async def test_the_same_with_news_over_nats(nats_shop: Shop, name: str) -> None:
    """Who brings news dies before and after the server has it, who hears it before and after saying so; or it is lost."""
    expected, boundaries = await do_in_peace(nats_shop, name)
    places = [one.number for one in boundaries if one.protocol is Protocol.NATS]
    assert len(places) >= len(("told", "heard", "acknowledged"))
    draw = draw_of(name)
    striker = Striker(nats_shop, {place: draw.choice([Fault.KILL_NEAR, Fault.LOSE]) for place in places})
    assert await suffer(OPERATIONS[name], striker) == expected
    assert striker.done, "not reached"
