"""What stands between a plan's fetches and the transport, where something is configured to stand there.

A layer is given what sends a call on, and gives what sends it through the layer: that may change the call, answer by itself,
or send more than once. Layers know the operation that a request belongs to; transports do not.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

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
"""Answers a call, mostly by sending it on. Raises `TransportError` where there is no usable answer."""


Layer: TypeAlias = Callable[[Send], Send]
"""One thing that stands between."""


def stack_layers(layers: Sequence[Layer], transport: SubgraphTransport) -> Send | None:
    """What sends a call through all `layers`, the first one outermost; None if there are none."""
    if not layers:
        return None

    # Plain functions: a coroutine that only waits for another would cost every fetch as much as a layer.
    def leave(call: FetchCall) -> Awaitable[SubgraphAnswer]:
        return transport.send(call.request)

    send: Send = leave
    for layer in reversed(layers):
        send = layer(send)
    return send
