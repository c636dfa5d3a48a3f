"""The end of a request's time: who asked is told so, whatever it is that does not come.

The answer does not wait for what is cut off: its transaction is rolled back meanwhile, and where Postgres is frozen that
takes until it goes on, or until the driver gives it up.
"""

import asyncio
import logging

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
            await _build_late_answer()(scope, receive, send)

    def _cut_off(self, work: "asyncio.Future[None]") -> None:
        # Kept until it has ended: the event loop itself holds tasks weakly.
        self._unwinding.add(work)
        work.add_done_callback(self._forget)
        work.cancel()

    def _forget(self, work: "asyncio.Future[None]") -> None:
        self._unwinding.discard(work)
        if not work.cancelled() and (fault := work.exception()) is not None:
            logger.warning("a request that was cut off ended with %r", fault)


def _build_late_answer() -> JSONResponse:
    body = {"errors": [{"message": LATE, "extensions": {"code": LATE_CODE}}]}
    # The connection may be in the middle of a body that never ends.
    return JSONResponse(body, status_code=504, headers={"connection": "close"})
