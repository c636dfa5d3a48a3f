"""How news gets from the outbox of one service to another: a courier.

`HttpCourier` posts it to the other service, signed. `bus.EventBus` hands it to NATS JetStream. Either way it has been
told once `deliver` returns, and is told again otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from subgraphs.common.events import PATH, Event, Hear
from subgraphs.common.internal import InternalPeer, PeerError
from subgraphs.common.settings import CommonSettings


class Courier(Protocol):
    """Brings news to the other services."""

    async def deliver(self, peer: str, event: Event) -> None:
        """Bring an event to the service `peer`, at least once.

        Raises:
            PeerError: nobody knows whether it got there; try again.
        """


class Bus(Courier, Protocol):
    """A courier that also brings what others have for this service."""

    async def run(self, hear: Hear) -> None:
        """Hear what comes, until cancelled."""

    async def close(self) -> None:
        """Leave it."""


@dataclass(frozen=True, slots=True)
class HttpCourier:
    """Asks the other service itself."""

    peers: Mapping[str, InternalPeer]

    async def deliver(self, peer: str, event: Event) -> None:
        """See `Courier.deliver`.

        Raises:
            PeerError: the service did not answer, or did not take it.
        """
        if await self.peers[peer].post(PATH, event.write()) is None:
            raise PeerError(f"{peer} takes no news at {PATH}: is it an older release?")


def open_bus(settings: CommonSettings) -> Bus | None:
    """The bus that the settings name; None where news goes over HTTP."""
    if not settings.events_url:
        return None
    # Who has no bus imports none of it.
    from subgraphs.common.bus import EventBus  # noqa: PLC0415

    return EventBus(settings.events_url, settings.name, settings.internal_secret)
