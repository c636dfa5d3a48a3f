"""A plugin: the hooks that one piece of configuration stands for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from router.hooks.messages import (
    ExecutionRequest,
    ExecutionResponse,
    RouterRequest,
    RouterResponse,
    SubgraphRequest,
    SubgraphResponse,
    SupergraphRequest,
    SupergraphResponse,
)

HOOK_TIMEOUT_S = 5.0

Request = TypeVar("Request")
Response = TypeVar("Response")

RequestHook: TypeAlias = Callable[[Request], Awaitable[Response | None]]
"""Changes a request in place. A response ends the request: nothing after this stage runs."""

ResponseHook: TypeAlias = Callable[[Response], Awaitable[None]]
"""Changes a response in place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """The hooks of one plugin, each an `async def`; None for the places that it does not look at.

    Requests pass plugins in the order of the configuration, responses in reverse. An exception, and a hook that
    takes longer than `timeout_s`, fail the request: with an error of the one fetch at the subgraph stage, with 500
    before it.

    Attributes:
        close: called once, when no request will come any more.
        timeout_s: seconds for one call of one hook.
    """

    router_request: RequestHook[RouterRequest, RouterResponse] | None = None
    router_response: ResponseHook[RouterResponse] | None = None
    supergraph_request: RequestHook[SupergraphRequest, SupergraphResponse] | None = None
    supergraph_response: ResponseHook[SupergraphResponse] | None = None
    execution_request: RequestHook[ExecutionRequest, ExecutionResponse] | None = None
    execution_response: ResponseHook[ExecutionResponse] | None = None
    subgraph_request: RequestHook[SubgraphRequest, SubgraphResponse] | None = None
    subgraph_response: ResponseHook[SubgraphResponse] | None = None
    close: Callable[[], Awaitable[None]] | None = None
    timeout_s: float = HOOK_TIMEOUT_S
