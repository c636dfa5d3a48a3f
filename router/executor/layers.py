"""What stands between a plan's fetches and the transport, where something is configured to stand there.

A layer is given a call and what sends it on; it may change the call, answer by itself, or send more than once. Layers know
the operation that a request belongs to; transports do not.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct

from router.executor.transport import SubgraphAnswer, SubgraphRequest, SubgraphTransport
from router.hooks.context import Context
from router.query_plan.nodes import Fetch


class FetchCall(Struct, frozen=True):
    """One fetch on its way to its subgraph; `context` is that of the client's request."""

    fetch: Fetch
    request: SubgraphRequest
    context: Context


Send: TypeAlias = Callable[[FetchCall], Awaitable[SubgraphAnswer]]


class Layer(Protocol):
    """One thing that stands between."""

    def __call__(self, call: FetchCall, send: Send) -> Awaitable[SubgraphAnswer]:
        """Answer `call`, mostly by sending it on.

        Raises:
            TransportError: no usable answer.
        """
        ...


def stack_layers(layers: Sequence[Layer], transport: SubgraphTransport) -> Send | None:
    """What sends a call through all `layers`, the first one outermost; None if there are none."""
    if not layers:
        return None

    # Plain functions: a coroutine that only waits for another would cost every fetch as much as a layer.
    def leave(call: FetchCall) -> Awaitable[SubgraphAnswer]:
        return transport.send(call.request)

    send: Send = leave
    for layer in reversed(layers):
        send = _wrap(layer, send)
    return send


def _wrap(layer: Layer, send: Send) -> Send:
    def run(call: FetchCall) -> Awaitable[SubgraphAnswer]:
        return layer(call, send)

    return run
