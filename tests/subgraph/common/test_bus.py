"""News over a real NATS JetStream: at least once, whoever is away meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import nats
import orjson
import pytest

from subgraphs.common import bus as bus_module
from subgraphs.common.bus import STREAM, SUBJECT, EventBus
from subgraphs.common.events import Event, EventBody, UnusableEventError
from subgraphs.common.internal import PeerError
from tests.support.nats_server import NatsServer
from tests.support.nats_server import nats_server as nats_server  # noqa: PLC0414 -- a fixture

SECRET = "a secret of the tests, long enough"
ENOUGH_S = 30.0


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not heard comes again soon."""
    monkeypatch.setattr(bus_module, "RETRY_S_FIRST", 0.05)


def event(version: int = 1, **data: Any) -> Event:
    return Event(
        uuid4(), "payments", "com.marketplace.test.v1", UUID(int=7), datetime.now(UTC), data, version
    )


class Ear:
    """Hears, and refuses as often as it is told to."""

    def __init__(self, fails: int = 0, fault: Exception | None = None) -> None:
        self.heard: list[EventBody] = []
        self.tries = 0
        self._fails, self._fault = fails, fault or RuntimeError("not now")

    async def __call__(self, body: EventBody) -> None:
        self.tries += 1
        if self.tries <= self._fails:
            raise self._fault
        self.heard.append(body)

    @property
    def ids(self) -> set[str]:
        return {body.id for body in self.heard}


@asynccontextmanager
async def on_the_bus(server: NatsServer, service: str, ear: Ear) -> AsyncIterator[EventBus]:
    bus = EventBus(server.url, service, SECRET)
    running = asyncio.ensure_future(bus.run(ear))
    try:
        yield bus
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await bus.close()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(ENOUGH_S):
        while not is_so():  # noqa: ASYNC110  many of them: what ears have heard, and tasks
            await asyncio.sleep(0.01)


async def deliver(bus: EventBus, peer: str, *events: Event) -> None:
    """As the outbox does: again and again until it is taken."""
    async with asyncio.timeout(ENOUGH_S):
        for each in events:
            while True:
                try:
                    await bus.deliver(peer, each)
                except PeerError:
                    await asyncio.sleep(0.01)
                else:
                    break


async def waiting(server: NatsServer) -> int:
    """How many events the server keeps."""
    connection = await nats.connect(server.url)
    info = await connection.jetstream().stream_info(STREAM)
    await connection.close()
    return info.state.messages


async def until_none_waits(server: NatsServer, left: int = 0) -> None:
    async with asyncio.timeout(ENOUGH_S):
        while await waiting(server) > left:  # noqa: ASYNC110  the server tells nobody
            await asyncio.sleep(0.02)


async def test_what_is_told_is_heard_by_whom_it_is_for(nats_server: NatsServer) -> None:
    orders, payments = Ear(), Ear()
    async with (
        on_the_bus(nats_server, "orders", orders),
        on_the_bus(nats_server, "payments", payments) as bus,
    ):
        told = event(5, status="CANCELLED")
        await deliver(bus, "orders", told)
        await until(lambda: bool(orders.heard))
        (heard,) = orders.heard
        assert heard.model_dump() == EventBody.model_validate(told.write()).model_dump()
        assert (heard.version, payments.heard) == (5, [])
        await until_none_waits(nats_server)


async def test_what_was_not_heard_comes_again(nats_server: NatsServer) -> None:
    ear = Ear(fails=3)
    async with on_the_bus(nats_server, "orders", ear) as bus:
        await deliver(bus, "orders", event())
        await until(lambda: bool(ear.heard))
        assert ear.tries == 4
        await until_none_waits(nats_server)


async def test_what_cannot_be_read_is_kept_for_a_newer_release(nats_server: NatsServer) -> None:
    old = Ear(fails=2, fault=UnusableEventError("what is that"))
    async with on_the_bus(nats_server, "orders", old) as bus:
        await deliver(bus, "orders", event())
        await until(lambda: bool(old.heard))
        assert old.tries == 3


async def test_news_for_a_service_that_is_away_waits_for_it(nats_server: NatsServer) -> None:
    told = [event(number) for number in range(20)]
    async with on_the_bus(nats_server, "payments", Ear()) as bus:
        await deliver(bus, "orders", *told)
    assert await waiting(nats_server) == 20
    ear = Ear()
    async with on_the_bus(nats_server, "orders", ear):
        await until(lambda: len(ear.ids) == 20)


async def test_the_processes_of_a_service_share_its_news(nats_server: NatsServer) -> None:
    first, second = Ear(), Ear()
    told = [event(number) for number in range(40)]
    async with (
        on_the_bus(nats_server, "orders", first) as bus,
        on_the_bus(nats_server, "orders", second),
    ):
        await deliver(bus, "orders", *told)
        await until(lambda: len(first.ids | second.ids) == 40)
        await until_none_waits(nats_server)
    assert len(first.heard) + len(second.heard) == 40


async def test_told_twice_in_a_row_it_is_heard_once(nats_server: NatsServer) -> None:
    ear, told = Ear(), event()
    async with on_the_bus(nats_server, "orders", ear) as bus:
        await deliver(bus, "orders", told, told, told)
        await deliver(bus, "orders", event(2))
        await until(lambda: len(ear.ids) == 2)
        assert len(ear.heard) == 2


async def test_killed_and_started_again_the_server_has_lost_nothing(nats_server: NatsServer) -> None:
    ear, told = Ear(), [event(number) for number in range(30)]
    async with on_the_bus(nats_server, "payments", Ear()) as bus:
        await deliver(bus, "orders", *told[:10])
        nats_server.kill()
        with pytest.raises(PeerError):
            await bus.deliver("orders", told[10])
        nats_server.start()
        await deliver(bus, "orders", *told[10:20])
        async with on_the_bus(nats_server, "orders", ear):
            await until(lambda: len(ear.ids) == 20)
            nats_server.kill()
            nats_server.start()
            await deliver(bus, "orders", *told[20:])
            await until(lambda: len(ear.ids) == 30)


async def test_a_server_that_comes_later_is_waited_for(nats_server: NatsServer) -> None:
    nats_server.kill()
    ear = Ear()
    async with on_the_bus(nats_server, "orders", ear) as bus:
        with pytest.raises(PeerError):
            await bus.deliver("orders", event())
        nats_server.start()
        await deliver(bus, "orders", event())
        await until(lambda: bool(ear.heard))


@pytest.mark.parametrize("signature", [None, "", "t=1,v1=00", "nonsense", "é"])
async def test_what_is_not_signed_is_dropped(nats_server: NatsServer, signature: str | None) -> None:
    ear = Ear()
    async with on_the_bus(nats_server, "orders", ear) as bus:
        await deliver(bus, "orders", event(1))
        await until(lambda: bool(ear.heard))
        connection = await nats.connect(nats_server.url)
        headers = {} if signature is None else {"x-internal-signature": signature}
        body = orjson.dumps(event(2).write())
        await connection.jetstream().publish(f"{SUBJECT}.orders", body, headers=headers)
        await connection.close()
        await until_none_waits(nats_server)
    assert len(ear.heard) == 1


async def test_what_is_signed_for_one_service_is_not_for_another(nats_server: NatsServer) -> None:
    ear = Ear()
    async with on_the_bus(nats_server, "payments", Ear(fails=10**9)) as bus:
        await deliver(bus, "products", event())
        connection = await nats.connect(nats_server.url)
        message = await connection.jetstream().get_last_msg(STREAM, f"{SUBJECT}.products")
        assert message.data is not None
        async with on_the_bus(nats_server, "orders", ear):
            headers = {"x-internal-signature": (message.headers or {})["x-internal-signature"]}
            await connection.jetstream().publish(f"{SUBJECT}.orders", message.data, headers=headers)
            await until_none_waits(nats_server, left=1)
        await connection.close()
    assert ear.heard == []


async def test_a_full_stream_takes_nothing_more_and_loses_nothing(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "BYTES_MAX", 4_000)
    ear = Ear()
    async with on_the_bus(nats_server, "payments", Ear()) as bus:
        await deliver(bus, "orders", event())
        taken = 1 + await _deliver_until_refused(bus)
        async with on_the_bus(nats_server, "orders", ear):
            await until(lambda: len(ear.ids) == taken)
            await deliver(bus, "orders", event())
            await until(lambda: len(ear.ids) == taken + 1)


async def _deliver_until_refused(bus: EventBus) -> int:
    for taken in range(100):
        try:
            await bus.deliver("orders", event())
        except PeerError:
            return taken
    raise AssertionError("it takes everything")
