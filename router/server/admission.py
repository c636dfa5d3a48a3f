"""Who is let in: limits on all requests together and on each client's, looked at before a body is read.

From the cheapest to look at: is the process keeping up, are too many under way, have there been too many, has this client
sent too many. Refusing costs little, so a router with more work than it can do goes on doing as much as it can.
"""

import asyncio
import logging
from collections.abc import Mapping

from router.errors import ErrorCode, RefusedError, ResponseError
from router.hooks.context import Context
from router.hooks.guests import wait_for_guest
from router.kit.gcra import decide
from router.kit.json import JsonValue
from router.pipeline.authenticate import identify
from router.pipeline.generation import Generation
from router.pipeline.request import Request
from router.server.client_address import FORWARDED_FOR, find_address, name_network
from router.server.messages import Headers, HttpRequest
from router.server.options import AdmissionOptions, ClientRateOptions, KeyKind
from router.server.rate_limit import (
    KeyFunction,
    MemoryStore,
    Store,
    bound_key,
    write_headers,
)

logger = logging.getLogger(__name__)

SERVICE_UNAVAILABLE, TOO_MANY_REQUESTS = 503, 429
RATE_MESSAGE = "Your request has been rate limited"
CONCURRENCY_MESSAGE = "Your request has been concurrency limited"
LAG_TICK_S = 0.05
FUNCTION_TIMEOUT_S = 1.0
RETRY_SOON: Headers = (("retry-after", "1"),)


class Admission:
    """The limits of one generation."""

    def __init__(
        self, options: AdmissionOptions, generation: Generation, function: KeyFunction | None = None
    ) -> None:
        """`function` is the one that `options.client_rate` names."""
        self._options = options
        self._generation = generation
        self._function = function
        self._under_way = 0
        self._arrival_s: float | None = None
        self._store = _build_store(options.client_rate) if options.client_rate is not None else None
        self._lag_s = 0.0
        self._tick: asyncio.TimerHandle | None = None

    @property
    def needs_context(self) -> bool:
        """Whether it has to be known who calls."""
        limit = self._options.client_rate
        return limit is not None and limit.kind in {KeyKind.CLAIM, KeyKind.FUNCTION}

    async def enter(self, request: HttpRequest, peer: str | None, context: Context | None) -> Headers:
        """Let a request in, which has to `leave` then; gives what its client is told of its allowance.

        Raises:
            RefusedError: it is not let in, and does not leave; or its token cannot be trusted.
        """
        options = self._options
        if options.lag_s_max is not None and self._measure_lag() > options.lag_s_max:
            raise _refuse(CONCURRENCY_MESSAGE, ErrorCode.REQUEST_CONCURRENCY_LIMITED, RETRY_SOON)
        if options.concurrency_limit is not None and self._under_way >= options.concurrency_limit:
            raise _refuse(CONCURRENCY_MESSAGE, ErrorCode.REQUEST_CONCURRENCY_LIMITED)
        if options.rate is not None:
            verdict = decide(options.rate, self._arrival_s, asyncio.get_running_loop().time())
            if not verdict.is_allowed:
                raise _refuse(RATE_MESSAGE, ErrorCode.REQUEST_RATE_LIMITED)
            self._arrival_s = verdict.arrival_s
        self._under_way += 1
        try:
            return await self._admit_client(request, peer, context)
        except BaseException:
            self._under_way -= 1
            raise

    def leave(self) -> None:
        """A request that was let in has been answered."""
        self._under_way -= 1

    async def close(self) -> None:
        """Let go of timers and connections."""
        if self._tick is not None:
            self._tick.cancel()
        if self._store is not None:
            await self._store.close()

    async def _admit_client(self, request: HttpRequest, peer: str | None, context: Context | None) -> Headers:
        limit = self._options.client_rate
        if limit is None or self._store is None:
            return ()
        key = await self._find_key(limit, request, peer, context)
        if key is None:
            return ()
        verdict = await self._store.decide(bound_key(key))
        headers = write_headers(limit.rate, verdict)
        if not verdict.is_allowed:
            raise _refuse(RATE_MESSAGE, ErrorCode.REQUEST_RATE_LIMITED, headers, TOO_MANY_REQUESTS)
        return headers

    async def _find_key(
        self, limit: ClientRateOptions, request: HttpRequest, peer: str | None, context: Context | None
    ) -> str | None:
        key: str | None = None
        if limit.kind is KeyKind.HEADER:
            key = request.find_header(limit.name)
        elif limit.kind is not KeyKind.IP:
            claims = await identify(Request(None, headers=request.headers, context=context), self._generation)
            if limit.kind is KeyKind.FUNCTION:
                name = await self._ask_function(request, claims)
                return None if name is None else f"function:{name}"
            key = _write_claim((claims or {}).get(limit.name))
        if key is not None:
            return f"{limit.kind}:{key}"
        # Who leaves out the header or the token must not be without a limit.
        address = find_address(peer, request.find_header(FORWARDED_FOR), limit.trusted_proxies)
        return f"{KeyKind.IP}:{name_network(address)}"

    async def _ask_function(self, request: HttpRequest, claims: Mapping[str, JsonValue] | None) -> str | None:
        assert self._function is not None, "it is loaded where it is named"
        try:
            async with asyncio.timeout(FUNCTION_TIMEOUT_S):
                return await wait_for_guest(self._function(request.values, claims))
        except Exception as error:
            # Whoever makes it fail must not be without a limit.
            logger.exception("the function that tells clients apart has failed")
            raise _refuse(RATE_MESSAGE, ErrorCode.REQUEST_RATE_LIMITED) from error

    def _measure_lag(self) -> float:
        if self._tick is None:
            self._set_tick(asyncio.get_running_loop())
        return self._lag_s

    def _set_tick(self, loop: asyncio.AbstractEventLoop) -> None:
        due_s = loop.time() + LAG_TICK_S

        def look() -> None:
            self._lag_s = loop.time() - due_s
            if self._under_way:
                self._set_tick(loop)
            else:
                # Nobody is waiting; the next request begins anew.
                self._tick, self._lag_s = None, 0.0

        self._tick = loop.call_at(due_s, look)


def _write_claim(value: JsonValue) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _refuse(
    message: str, code: ErrorCode, headers: Headers = (), status: int = SERVICE_UNAVAILABLE
) -> RefusedError:
    return RefusedError([ResponseError(message, extensions={"code": code})], status=status, headers=headers)


def _build_store(options: ClientRateOptions) -> Store:
    """Where the counts of a limit are kept."""
    if options.redis is not None:
        # Its library takes long to import.
        from router.server.rate_limit_redis import RedisStore  # noqa: PLC0415

        return RedisStore(options.rate, options.redis, options.clients_max)
    return MemoryStore(options.rate, options.clients_max)
