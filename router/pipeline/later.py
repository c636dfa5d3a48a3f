"""Responses in parts: when a client gets one, and the bodies of the parts after the first."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Self

from router.errors import ErrorCode, ResponseError, refuse
from router.executor.parts import Parts, PartStream, ResultPart
from router.executor.size import ResponseTooLargeError
from router.hooks.errors import HookError
from router.kit.json import JsonObject, JsonValue
from router.operation.defer import DeferUse
from router.pipeline.request import Change, Request, Taken, refuse_internal
from router.pipeline.validate import ValidOperation

NOT_ACCEPTABLE = 406

BAD_HEADER_MESSAGE = (
    "the router received a query with the @defer directive but the client does not accept multipart/mixed HTTP "
    "responses. To enable @defer support, add the HTTP header 'Accept: multipart/mixed;deferSpec=20220824'"
)
BATCH_MESSAGE = "Deferred responses and subscriptions aren't supported in batches"


def choose_deferring(
    defers: DeferUse | None, variables: JsonObject, request: Request
) -> frozenset[str] | None:
    """Which variables defer something; None for operations that never do.

    Raises:
        RefusedError: DEFER_BAD_HEADER, BATCHING_DEFER_UNSUPPORTED; the client takes no answer in parts.
    """
    if defers is None:
        return None
    chosen = defers.select(variables)
    if not defers.is_always and not chosen:
        return chosen
    if request.takes is Taken.BATCHED:
        raise refuse(BATCH_MESSAGE, ErrorCode.BATCHING_DEFER_UNSUPPORTED, status=NOT_ACCEPTABLE)
    if request.takes is not Taken.PARTS:
        raise refuse(BAD_HEADER_MESSAGE, ErrorCode.DEFER_BAD_HEADER, status=NOT_ACCEPTABLE)
    return chosen


def settle(operation: ValidOperation, variables: JsonObject, deferring: frozenset[str] | None) -> JsonObject:
    """The variables, those that defer as the plan has been made for: hooks may have changed any."""
    if deferring is None or operation.defers is None:
        return variables
    return variables | {name: name in deferring for name in operation.defers.variables}


class LaterBodies:
    """The bodies of later parts, as they come. Whoever has it closes it.

    The last one has `"hasNext": false`. What fails on the way is told in a last one of its own.
    """

    def __init__(self, stream: PartStream, claims: Mapping[str, JsonValue] | None) -> None:
        """The caller's token, which has `claims`, must not expire meanwhile."""
        self._stream = stream
        self._is_over = not stream.has_next
        expiry = claims.get("exp") if claims is not None else None
        self._expires_at: float | None = None
        if isinstance(expiry, int | float) and not isinstance(expiry, bool):
            self._expires_at = asyncio.get_running_loop().time() + expiry - time.time()
        self.ends_at: float | None = None
        self.changes: list[Change] = []
        self.on_body: list[Callable[[JsonObject], None]] = []
        self.on_end: list[Callable[[], None]] = []

    @property
    def has_next(self) -> bool:
        """Whether there are more."""
        return not self._is_over

    def __aiter__(self) -> Self:
        """Itself."""
        return self

    async def __anext__(self) -> JsonObject:
        """The next body."""
        if self._is_over:
            raise StopAsyncIteration
        body = await self._find_next()
        self._is_over = not self._stream.has_next or body.get("hasNext") is not True
        body["hasNext"] = not self._is_over
        if self._is_over:
            await self._stream.aclose()
        for note in self.on_body:
            note(body)
        if self._is_over:
            self._end()
        return body

    async def aclose(self) -> None:
        """Stop whatever still runs."""
        self._is_over = True
        self._end()
        await self._stream.aclose()

    def _end(self) -> None:
        told, self.on_end = self.on_end, []
        for note in told:
            note()

    async def _find_next(self) -> JsonObject:
        limits = [limit for limit in (self.ends_at, self._expires_at) if limit is not None]
        try:
            async with asyncio.timeout_at(min(limits, default=None)):
                return await self._read_next()
        except TimeoutError:
            if self._expires_at is not None and self._expires_at == min(limits):
                message = "deferred response closed because the JWT has expired"
                return _write_last(message, ErrorCode.DEFERRED_RESPONSE_JWT_EXPIRED)
            return _write_last("Your request has been timed out", ErrorCode.GATEWAY_TIMEOUT)
        except ResponseTooLargeError as error:
            return _write_last(str(error), ErrorCode.DEFERRED_RESPONSE_TOO_LARGE)
        except HookError as error:
            return write_failed(str(error))
        except Exception as error:  # noqa: BLE001 -- it is logged, and the client is told
            return write_failed("a deferred part failed", error)

    async def _read_next(self) -> JsonObject:
        try:
            body = write_parts(await anext(self._stream))
        except StopAsyncIteration:
            body = {"hasNext": False}
        for change in self.changes:
            body = await change(body)
        return body


def write_failed(reason: str, fault: Exception | None = None) -> JsonObject:
    """The last body where something of ours has failed."""
    return {**refuse_internal(reason, fault).body, "hasNext": False}


def write_parts(parts: Parts) -> JsonObject:
    """A body, as Apollo Router writes it."""
    return {"hasNext": parts.has_next, "incremental": [_write_part(part) for part in parts.parts]}


def _write_part(part: ResultPart) -> JsonObject:
    written: JsonObject = {} if part.label is None else {"label": part.label}
    written |= {"data": part.data, "path": list(part.path)}
    if part.errors:
        written["errors"] = [error.write() for error in part.errors]
    if part.extensions:
        written["extensions"] = part.extensions
    return written


def _write_last(message: str, code: str) -> JsonObject:
    error = ResponseError(message, extensions={"code": code})
    return {"errors": [error.write()], "hasNext": False}
