"""The HTTP shell of a subgraph: /graphql, /health, /internal, and the bounds of what comes in."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import orjson
from fastapi import APIRouter, FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.asgi import GraphQL

from subgraphs.common.auth import Principal
from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.errors import AccessError, UnavailableError
from subgraphs.common.schema import SubgraphSchema
from subgraphs.common.telemetry import is_traced, trace_requests

logger = logging.getLogger("subgraphs")

BODY_BYTES_MAX = 2_000_000
DRAINED_BYTES_MAX = 64_000_000
"""How much of a body past its bound is read before the connection is cut."""
STATUS_OF = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403, "SUBGRAPH_UNAVAILABLE": 503}

Closer = Callable[[], Awaitable[None]]
Runner = Callable[[], Awaitable[None]]


class RequestContext:
    """What resolvers get: the caller, and sessions that resolvers running at once can share."""

    def __init__(self, database: Database, principal: Principal | None) -> None:
        self.database = database
        self.principal = principal
        self._reading = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """A session for reading. One at a time a request, so that no request takes the pool for itself."""
        async with self._reading, self.database.read() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """The one transaction of a mutation field."""
        async with self.database.write() as session:
            yield session


class BodyLimit:
    """Refuses requests whose body is larger than `bytes_max` with 413, before it is all in memory."""

    def __init__(self, app: ASGIApp, bytes_max: int = BODY_BYTES_MAX) -> None:
        self._app = app
        self._bytes_max = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body up to the bound, then pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        chunks: list[bytes] = []
        size, more = 0, True
        # What is past the bound is read and dropped, since a client that is still sending does not read an answer.
        while more and size <= self._bytes_max + DRAINED_BYTES_MAX:
            message = await receive()
            if message["type"] != "http.request":
                return
            chunk, more = message.get("body", b""), message.get("more_body", False)
            size += len(chunk)
            if size <= self._bytes_max:
                chunks.append(chunk)
        if size > self._bytes_max:
            await _too_large(self._bytes_max)(scope, receive, send)
            return
        body: Message = {"type": "http.request", "body": b"".join(chunks), "more_body": False}
        pending = [body]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, replay, send)


def _too_large(bytes_max: int) -> JSONResponse:
    return _error(413, "PAYLOAD_TOO_LARGE", f"The body of a request has at most {bytes_max} bytes.")


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"errors": [{"message": message, "extensions": {"code": code}}]}, status_code=status)


async def _answer_access_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AccessError)
    return _error(STATUS_OF.get(error.code, 400), error.code, error.message)


async def _answer_broken_json(_request: Request, _fault: Exception) -> JSONResponse:
    return _error(400, "BAD_USER_INPUT", "The body is no JSON.")


BuildContext = Callable[[Request], Awaitable[RequestContext]]


class _GraphQLApp(GraphQL[RequestContext, None]):
    """Strawberry's application with a faster JSON, and 400 for every body that is no JSON object, however odd."""

    def __init__(self, schema: SubgraphSchema, build_context: BuildContext) -> None:
        super().__init__(schema, graphql_ide=None)
        self._build_context = build_context

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002 -- Strawberry passes it
    ) -> RequestContext:
        """What resolvers get."""
        assert isinstance(request, Request), "there are no subscriptions"
        return await self._build_context(request)

    def encode_json(self, data: object) -> str | bytes:
        """An answer as JSON."""
        try:
            return orjson.dumps(data).decode()
        except TypeError:
            # An integer of more than 64 bits, which a JSON column may hold.
            return super().encode_json(data)

    def decode_json(self, data: str | bytes) -> object:
        """The JSON in a body, or in the variables of a GET request; a list is refused later, as a batch."""
        # orjson has a bound on depth, and refuses text that is no UTF-8.
        value = orjson.loads(data)
        if not isinstance(value, dict | list):
            raise orjson.JSONDecodeError("no JSON object", "", 0)
        return value


def create_app(  # noqa: PLR0913 -- the parts of a subgraph
    *,
    name: str,
    schema: SubgraphSchema,
    database: Database,
    build_context: BuildContext,
    routers: Sequence[APIRouter] = (),
    runners: Sequence[Runner] = (),
    closers: Sequence[Closer] = (),
) -> FastAPI:
    """The ASGI application of the subgraph `name`.

    `build_context` may raise an `AccessError`, which becomes the answer. `runners` run beside the requests until the
    shutdown, and outlive their own faults; `closers` run then, in order.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        running = [asyncio.ensure_future(run()) for run in runners]
        yield
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for close in (*closers, database.close):
            await close()

    app = FastAPI(title=name, lifespan=lifespan, openapi_url=None)
    if is_traced(os.environ):
        closers = (*closers, trace_requests(app, name, database))

    # Not through FastAPI's routing, which would look for parameters to inject into each of its calls.
    app.router.routes.append(Route("/graphql", _GraphQLApp(schema, build_context)))
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(AccessError, _answer_access_error)
    app.add_exception_handler(orjson.JSONDecodeError, _answer_broken_json)
    app.add_middleware(BodyLimit)

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "UP"}

    @app.get("/health")
    @app.get("/health/ready")
    async def ready() -> JSONResponse:
        try:
            await database.ping()
        except (UnavailableError, SQLAlchemyError, OSError):
            logger.warning("%s is not ready: its database does not answer", name)
            return JSONResponse({"status": "DOWN"}, status_code=503)
        return JSONResponse({"status": "UP"})

    return app
