"""The circuit breaker: a subgraph that mostly fails is left alone for a while, and then tried with a few requests.

    closed     everything is sent. Outcomes are counted in windows of `WINDOW_S`; a window in which at least
               `volume_threshold` requests ended, and at least `error_threshold` of them badly, opens the circuit.
    open       nothing is sent for `reset_timeout_s`.
    half open  `half_open_attempts` requests at most are sent. One that fails opens the circuit again; as many that
               succeed close it.

Hive Router's keys and defaults.
"""

import asyncio
from dataclasses import dataclass

from router.executor.traffic.errors import CircuitOpenError, NotSentError
from router.executor.transport import SubgraphAnswer, SubgraphRequest, SubgraphTransport, TransportError

WINDOW_S = 10.0


@dataclass(frozen=True, slots=True)
class BreakerOptions:
    """When a circuit opens and closes; `error_threshold` is a share from 0 to 1."""

    error_threshold: float = 0.5
    volume_threshold: int = 5
    reset_timeout_s: float = 30.0
    half_open_attempts: int = 10
    error_status_codes: frozenset[int] = frozenset({500, 502, 503, 504})
    is_enabled: bool = True


class Circuit:
    """One subgraph's circuit. Times are seconds on the event loop's clock."""

    def __init__(self, options: BreakerOptions) -> None:
        self._options = options
        self._window_ends_s = 0.0
        self._ended = self._failed = 0
        self._opened_until_s: float | None = None
        self._tries = self._successes = 0
        # Outcomes of requests that began before the circuit last changed say nothing of what is now.
        self.epoch = 0

    def is_passable(self, now_s: float) -> bool:
        """Whether one more request may be sent; it is then counted as sent."""
        if self._opened_until_s is None:
            return True
        if now_s < self._opened_until_s or self._tries >= self._options.half_open_attempts:
            return False
        self._tries += 1
        return True

    def note(self, *, is_failed: bool, epoch: int, now_s: float) -> None:
        """A request that was sent in `epoch` has ended."""
        if epoch != self.epoch:
            return
        if self._opened_until_s is not None:
            self._note_try(is_failed=is_failed, now_s=now_s)
            return
        if now_s >= self._window_ends_s:
            self._window_ends_s = now_s + WINDOW_S
            self._ended = self._failed = 0
        self._ended += 1
        self._failed += is_failed
        options = self._options
        is_known = self._ended >= options.volume_threshold
        if is_failed and is_known and self._failed >= options.error_threshold * self._ended:
            self._open(now_s)

    def give_back(self, epoch: int) -> None:
        """A request that was to be sent has told nothing: its client has gone."""
        if epoch == self.epoch and self._opened_until_s is not None:
            self._tries -= 1

    def _note_try(self, *, is_failed: bool, now_s: float) -> None:
        if is_failed:
            self._open(now_s)
            return
        self._successes += 1
        if self._successes >= self._options.half_open_attempts:
            self._opened_until_s = None
            self._window_ends_s = 0.0
            self.epoch += 1

    def _open(self, now_s: float) -> None:
        self._opened_until_s = now_s + self._options.reset_timeout_s
        self._tries = self._successes = 0
        self.epoch += 1


class BreakingTransport:
    """Sends by another transport, as long as each subgraph's circuit lets requests pass."""

    def __init__(self, transport: SubgraphTransport, options: BreakerOptions) -> None:
        self.transport = transport
        self._options = options
        self._circuits: dict[str, Circuit] = {}

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Send and wait for the whole answer.

        Raises:
            CircuitOpenError: not sent.
            TransportError: no usable answer.
        """
        circuit = self._circuits.get(request.subgraph)
        if circuit is None:
            circuit = self._circuits[request.subgraph] = Circuit(self._options)
        loop = asyncio.get_running_loop()
        if not circuit.is_passable(loop.time()):
            raise CircuitOpenError
        epoch = circuit.epoch
        try:
            answer = await self.transport.send(request)
        except (NotSentError, asyncio.CancelledError):
            circuit.give_back(epoch)
            raise
        except TransportError:
            circuit.note(is_failed=True, epoch=epoch, now_s=loop.time())
            raise
        is_failed = answer.status in self._options.error_status_codes
        circuit.note(is_failed=is_failed, epoch=epoch, now_s=loop.time())
        return answer

    async def close(self) -> None:
        """Close the other transport."""
        await self.transport.close()
