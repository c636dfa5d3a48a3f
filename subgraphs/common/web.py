"""The HTTP shell of a subgraph: /graphql, /health, /metrics, /internal, and the bounds of what comes in."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

import orjson
from fastapi import APIRouter, FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from subgraphs.common.auth import Principal, TokenVerifier
from subgraphs.common.changes import Change, Watch
from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.deadline import Deadline
from subgraphs.common.errors import AccessError, BadUserInputError, UnavailableError, UnknownEventError
from subgraphs.common.graphql_types import parse_id
from subgraphs.common.json_app import JsonGraphQL
from subgraphs.common.live import LiveFeed, Resume
from subgraphs.common.metrics import Measured, Metrics
from subgraphs.common.schema import SubgraphSchema
from subgraphs.common.socket import Live, SocketApp
from subgraphs.common.telemetry import is_traced, trace_requests

logger = logging.getLogger("subgraphs")

Found = TypeVar("Found")

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
        self.feed: LiveFeed | None = None
        self.event_id: UUID | None = None
        """The change that a subscription is telling."""
        self._reading: asyncio.Lock | asyncio.Semaphore = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """A session for reading. One at a time a request, so that no request takes the pool for itself.

        Subscriptions share a few, so that they leave the rest of the pool to requests.
        """
        async with self._reading, self.database.read() as session:
            yield session

    def forget(self) -> None:
        """Load anew what is asked for from now on; a context that keeps something overrides this."""

    async def follow(
        self, watch: Watch, last_event_id: str | None, since: datetime | None
    ) -> AsyncGenerator[Change, None]:
        """The changes that a subscription is for, from behind an event or a time on, else from now on.

        Raises:
            BadUserInputError: both of these are said.
            AccessError: see `LiveFeed.follow`.
        """
        assert self.feed is not None, "a subgraph with subscriptions has a feed"
        self._reading = self.feed.reading
        async with aclosing(self.feed.follow(watch, self._read_resume(last_event_id, since))) as changes:
            async for change in changes:
                self.forget()
                self.event_id = change.id
                yield change

    async def find_again(self, find: Callable[[], Awaitable[Found]]) -> Found:
        """What `find` finds for a change; asked twice where a connection has just been lost, which should end no stream.

        Raises:
            UnavailableError: the database does not answer.
        """
        try:
            return await find()
        except UnavailableError:
            self.forget()
            return await find()

    def _read_resume(self, last_event_id: str | None, since: datetime | None) -> Resume:
        if last_event_id is not None and since is not None:
            raise BadUserInputError("Resume from lastEventId or since, not from both.")
        event_id = None if last_event_id is None else parse_id(last_event_id)
        if last_event_id is not None and event_id is None:
            raise UnknownEventError
        return Resume(event_id, since, self.principal)

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


def of_token(verifier: TokenVerifier, build: Callable[[Principal | None], RequestContext]) -> BuildContext:
    """Contexts for whoever the tokens of requests name."""

    async def build_context(request: Request) -> RequestContext:
        return build(await verifier.verify(request.headers.get("authorization")))

    return build_context


class _GraphQLApp(JsonGraphQL[RequestContext]):
    """GraphQL over HTTP."""

    def __init__(self, schema: SubgraphSchema, build_context: BuildContext, feed: LiveFeed | None) -> None:
        super().__init__(schema, graphql_ide=None)
        self._build_context = build_context
        self._feed = feed

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002 -- Strawberry passes it
    ) -> RequestContext:
        """What resolvers get."""
        assert isinstance(request, Request), "sockets have an application of their own"
        context = await self._build_context(request)
        context.feed = self._feed
        return context


def _build_routes(
    schema: SubgraphSchema, build_context: BuildContext, live: Live[RequestContext] | None
) -> list[BaseRoute]:
    # Not through FastAPI's routing, which would look for parameters to inject into each of its calls.
    if live is None:
        return [Route("/graphql", _GraphQLApp(schema, build_context, None))]
    requests = Route("/graphql", _GraphQLApp(schema, build_context, live.feed))
    return [requests, WebSocketRoute("/graphql", SocketApp(schema, live))]


def create_app(  # noqa: PLR0913 -- the parts of a subgraph
    *,
    name: str,
    schema: SubgraphSchema,
    database: Database,
    build_context: BuildContext,
    routers: Sequence[APIRouter] = (),
    runners: Sequence[Runner] = (),
    live: Live[RequestContext] | None = None,
    closers: Sequence[Closer] = (),
    queues: Mapping[str, str] = MappingProxyType({}),
) -> FastAPI:
    """The ASGI application of the subgraph `name`.

    `build_context` may raise an `AccessError`, which becomes the answer. `runners` run beside the requests until the
    shutdown, and outlive their own faults; `closers` run then, in order. `live` is there where there are subscriptions.
    `queues` are the statements that count what waits, by name, for `/metrics`.
    """
    if live is not None:
        runners = (*runners, live.feed.run)

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

    app.router.routes += _build_routes(schema, build_context, live)
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(AccessError, _answer_access_error)
    app.add_exception_handler(orjson.JSONDecodeError, _answer_broken_json)
    metrics = Metrics(database, queues)
    app.include_router(metrics.build_router())
    app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(BodyLimit)
    app.add_middleware(Deadline)

    @app.get("/health/live")
    async def alive() -> dict[str, str]:
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
