"""The end of a request's time: who asked is told so, whatever it is that does not come.

The answer does not wait for what is cut off: its transaction is rolled back meanwhile, and where Postgres is frozen that
takes until it goes on, or until the driver gives it up.
"""

import asyncio
import logging
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLFieldResolver, GraphQLObjectType, GraphQLResolveInfo
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("subgraphs")

REQUEST_S = 8.0
"""From the head of a request to its answer. The marketplace's router waits ten seconds: it hears from us what happened."""
LATE_CODE = "GATEWAY_TIMEOUT"
"""The router's own code for it, so that clients know one."""
LATE = (
    "This took too long and was stopped. What was to be changed may have been: look, or try again with the same "
    "idempotencyKey."
)

LATE_FIELD = "The fields before this one are done, those after it were not begun."
"""Of a mutation, whose fields run one after the other. Data cannot tell it: a payload is never null, so all of it would be."""


@dataclass
class Progress:
    """How far a request has come.

    Attributes:
        operation: its first root field with the type, `Query.me` say; empty before any has begun.
        path: the field of a mutation that it has come to.
    """

    operation: str = ""
    path: list[str | int] | None = None


_progress: ContextVar[Progress] = ContextVar("progress")


def get_progress() -> Progress:
    """How far the request has come that this is a part of."""
    return _progress.get()


def note_progress(root: GraphQLObjectType, *, is_serial: bool) -> None:
    """Have the fields of a root type noted as they begin; those of a mutation, which are serial, each."""
    for name, field in root.fields.items():
        if field.resolve is not None:
            field.resolve = _noting(field.resolve, f"{root.name}.{name}", is_serial=is_serial)


def _noting(resolve: GraphQLFieldResolver, operation: str, *, is_serial: bool) -> GraphQLFieldResolver:
    def resolve_and_note(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if (progress := _progress.get(None)) is not None:
            progress.operation = progress.operation or operation
            if is_serial:
                progress.path = info.path.as_list()
        return resolve(source, info, **arguments)

    return resolve_and_note


class Deadline:
    """Cuts off HTTP requests that take longer than `REQUEST_S`, with 504."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._unwinding: set[asyncio.Future[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and wait for its end or for the end of its time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_begun = is_over = False

        async def send_in_time(message: Message) -> None:
            nonlocal is_begun
            if not is_over:
                is_begun = True
                await send(message)

        progress = Progress()
        _progress.set(progress)
        work = asyncio.ensure_future(self._app(scope, receive, send_in_time))
        try:
            await asyncio.wait({work}, timeout=REQUEST_S)
        finally:
            is_over = True
            if not work.done():
                self._cut_off(work)
        if work.done():
            work.result()
        elif not is_begun:
            logger.warning("%s %s was not answered in time", scope["method"], scope["path"])
            await _build_late_answer(progress)(scope, receive, send)

    def _cut_off(self, work: "asyncio.Future[None]") -> None:
        # Kept until it has ended: the event loop itself holds tasks weakly.
        self._unwinding.add(work)
        work.add_done_callback(self._forget)
        work.cancel()

    def _forget(self, work: "asyncio.Future[None]") -> None:
        self._unwinding.discard(work)
        if not work.cancelled() and (fault := work.exception()) is not None:
            logger.warning("a request that was cut off ended with %r", fault)


def _build_late_answer(progress: Progress) -> JSONResponse:
    error: dict[str, Any] = {"message": LATE, "extensions": {"code": LATE_CODE}}
    if progress.path is not None:
        error |= {"message": f"{LATE} {LATE_FIELD}", "path": progress.path}
    body = {"errors": [error]}
    # The connection may be in the middle of a body that never ends.
    return JSONResponse(body, status_code=504, headers={"connection": "close"})
