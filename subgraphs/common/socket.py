"""Subscriptions over WebSocket: the protocol graphql-transport-ws, its bounds, and who is on the other side.

The caller's token comes with the handshake (`Authorization`), or in the payload of connection_init (`authorization`, in
any case of letters), which counts when both are there. It holds for the whole connection, and every subscription ends
when it expires. Pings of the socket itself are uvicorn's: a peer that does not answer them is gone.

Spec: GraphQL over WebSocket Protocol (graphql-transport-ws).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.types import ExecutionResult
from strawberry.types.unset import UNSET

from subgraphs.common.auth import Principal, TokenVerifier
from subgraphs.common.errors import UnauthenticatedError, UnavailableError
from subgraphs.common.json_app import JsonGraphQL
from subgraphs.common.live import LiveFeed
from subgraphs.common.schema import ContextSource, SubgraphSchema

CONNECTIONS_MAX = 2_000
OPERATIONS_MAX = 50
"""How many operations a connection may have under way."""
INIT_TIMEOUT = timedelta(seconds=10)
ID_CHARACTERS_MAX = 128
_TRY_AGAIN_LATER = 1013

Context = TypeVar("Context")


@dataclass(frozen=True, slots=True)
class Live(Generic[Context]):
    """What a subgraph with subscriptions has: its feed, and how a context is made for a caller."""

    feed: LiveFeed
    verifier: TokenVerifier
    build_context: Callable[[Principal | None], Context]


class Connection(ContextSource, Generic[Context]):
    """One socket: who is on the other side, as long as the token holds."""

    def __init__(self, live: Live[Context], authorization: str | None) -> None:
        self._live = live
        self._authorization = authorization
        self._principal: Principal | None = None
        self.connection_params: Mapping[str, Any] | None = None
        """The payload of connection_init; Strawberry puts it here."""

    async def verify(self) -> None:
        """Find out who it is.

        Raises:
            UnauthenticatedError: there is a token and it does not hold.
            UnavailableError: the token cannot be checked now.
        """
        for name, value in (self.connection_params or {}).items():
            if isinstance(name, str) and name.lower() == "authorization" and isinstance(value, str):
                self._authorization = value
        self._principal = await self._live.verifier.verify(self._authorization)

    def open_context(self) -> Context:
        """The context of one operation.

        Raises:
            UnauthenticatedError: the token has expired since, or was called back.
        """
        if self._principal is not None:
            self._principal.check()
        context: Any = self._live.build_context(self._principal)
        context.feed = self._live.feed
        return context  # type: ignore[no-any-return]


class _Handler(BaseGraphQLTransportWSHandler[Any, None]):
    """Strawberry's, for messages that have the form that it relies on."""

    async def handle_message(self, message: Any) -> None:
        """Take a message, or close the connection with 4400 because it is none."""
        fault = _find_fault(message)
        if fault is not None:
            await self.handle_invalid_message(fault)
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: Any) -> None:
        """Let the caller in, or close the connection: 4403 for a token that does not hold, 1013 if nobody can tell."""
        if message.get("payload", {}) is None:
            # The specification lets a payload be left out; clients send null for it too.
            message = {key: value for key, value in message.items() if key != "payload"}
        try:
            await super().handle_connection_init(message)
        except UnavailableError as error:
            await self.websocket.close(_TRY_AGAIN_LATER, error.message)

    async def _send_result_stream(self, operation: Operation[Any, None], result_source: Any) -> None:
        async for result in result_source:
            if not isinstance(result, ExecutionResult):
                await self._reject_incremental_delivery(operation)
                return
            if _is_end(result):
                await operation.send_initial_errors(result.errors or [])
                return
            await operation.send_next(result)


def _is_end(result: ExecutionResult) -> bool:
    """Whether the errors are of the operation or its source as a whole, and not of a field in an answer."""
    return (
        bool(result.errors) and result.data is None and all(not error.path for error in result.errors or ())
    )


def _find_fault(message: object) -> str | None:
    """Why a message is none of the protocol; None when it is one."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message is an object with a type"
    if message["type"] in {"subscribe", "complete"}:
        operation_id = message.get("id")
        if not isinstance(operation_id, str) or not 0 < len(operation_id) <= ID_CHARACTERS_MAX:
            return f"An id is 1 to {ID_CHARACTERS_MAX} characters"
    return _find_request_fault(message.get("payload")) if message["type"] == "subscribe" else None


def _find_request_fault(payload: object) -> str | None:
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        return "A payload of subscribe has a query"
    if not isinstance(payload.get("variables"), dict | None):
        return "Variables are an object"
    return None if isinstance(payload.get("operationName"), str | None) else "An operationName is text"


class SocketApp(JsonGraphQL[Any]):
    """GraphQL over WebSocket."""

    graphql_transport_ws_handler_class = _Handler

    def __init__(self, schema: SubgraphSchema, live: Live[Any]) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_TIMEOUT,
            max_subscriptions_per_connection=OPERATIONS_MAX,
        )
        self._live = live
        self._connections = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a socket, or refuse the handshake when there are too many."""
        if self._connections >= CONNECTIONS_MAX:
            await WebSocket(scope, receive=receive, send=send).close(_TRY_AGAIN_LATER)
            return
        self._connections += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._connections -= 1

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002 -- Strawberry passes it
    ) -> Connection[Any]:
        """What stands for the socket until an operation opens a context of its own."""
        return Connection(self._live, request.headers.get("authorization"))

    async def on_ws_connect(self, context: Any) -> Any:
        """Let the caller in whose token holds, and everybody without one.

        Raises:
            ConnectionRejectionError: the token does not hold.
            UnavailableError: the token cannot be checked now.
        """
        try:
            await context.verify()
        except UnauthenticatedError as error:
            raise ConnectionRejectionError from error
        return UNSET
