"""One configuration's HTTP side: bytes in, bytes out, GraphQL left to the pipeline."""

import asyncio
import logging
from collections.abc import Callable

from router.errors import RefusedError
from router.kit.content_encoding import encode_body
from router.kit.json import write_json
from router.pipeline.generation import Generation
from router.pipeline.request import Request, Response, write_refusal
from router.pipeline.stages import answer, answer_batch
from router.pipeline.warm_up import warm_up
from router.server.body import read_get, read_post
from router.server.cors import answer_preflight, build_cors_headers, is_preflight
from router.server.csrf import check_csrf
from router.server.deduplicate import Deduplication, is_sharable
from router.server.health import answer_health
from router.server.landing_page import answer_asset, answer_page
from router.server.messages import (
    ClientGoneError,
    Headers,
    HttpRequest,
    HttpResponse,
    Receive,
    Scope,
    Send,
    read_body,
    read_head,
    send_response,
)
from router.server.negotiation import (
    check_content_type,
    choose_encoding,
    choose_refusal_type,
    choose_response_type,
    is_page_wanted,
)
from router.server.options import ServerOptions

logger = logging.getLogger(__name__)

METHODS = "GET, POST, OPTIONS"
NOSNIFF = ("x-content-type-options", "nosniff")
VARY = ("vary", "accept, accept-encoding")

ENCODED_BYTES_MIN = 1_000
"""What is smaller fits into a packet as it is."""

INLINE_BYTES_MAX = 1_000_000
"""A larger response is packed in a thread, beside other requests."""

NOT_FOUND, METHOD_NOT_ALLOWED, TEMPORARY_REDIRECT = 404, 405, 307


class HttpServer:
    """Serves one generation over HTTP.

    Attributes:
        options: what is set about it.
        is_draining: whether the process is about to end; `?ready` says so to load balancers.
    """

    def __init__(
        self,
        generation: Generation,
        options: ServerOptions,
        is_forwarded: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """`is_forwarded` tells of a client's header whether subgraphs may be sent it."""
        self._generation = generation
        self.options = options
        self._in_flight = 0
        self._is_idle: asyncio.Event | None = None
        self.is_draining = False
        self._deduplication = (
            Deduplication(options.dedupe, generation.options.jwt, is_forwarded)
            if options.dedupe.is_enabled
            else None
        )
        health = options.health
        self._health_path = health.path if health.is_enabled and health.listen is None else None
        self._health_port = (
            health.listen.rpartition(":")[2] if health.is_enabled and health.listen is not None else None
        )

    async def warm_up(self, old: "HttpServer") -> int:
        """Make plans for what `old` was asked last; gives how many."""
        return await warm_up(self._generation, old.generation)

    @property
    def generation(self) -> Generation:
        """What it serves."""
        return self._generation

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        self._in_flight += 1
        try:
            request = read_head(scope)
            if self._health_port is not None and self._is_for_health(scope):
                response = self._answer_health(request)
            else:
                response = await self._route(request, receive)
            await send_response(response, send)
        except ClientGoneError:
            logger.debug("the client has gone before its request was complete")
        finally:
            self._in_flight -= 1
            if self._is_idle is not None and not self._in_flight:
                self._is_idle.set()

    async def close(self) -> None:
        """Wait for the requests under way, as long as they may take, then let go of everything."""
        drain_s = self.options.shutdown.drain_s
        self._is_idle = asyncio.Event()
        try:
            async with asyncio.timeout(drain_s):
                while self._in_flight:
                    self._is_idle.clear()
                    await self._is_idle.wait()
        except TimeoutError:
            logger.warning("%d requests were still running after %g s", self._in_flight, drain_s)
        await self._generation.close()

    def _is_for_health(self, scope: Scope) -> bool:
        """Whether the connection came in at the port that tells of health and of nothing else."""
        server = scope.get("server")
        return server is not None and self._health_port == str(server[1])

    def _answer_health(self, request: HttpRequest) -> HttpResponse:
        if request.path != self.options.health.path:
            return HttpResponse(NOT_FOUND)
        return answer_health(request, is_ready=not self.is_draining)

    async def _route(self, request: HttpRequest, receive: Receive) -> HttpResponse:
        options = self.options
        if request.path == options.path:
            return await self._serve_endpoint(request, receive)
        if request.path == self._health_path:
            return self._answer_health(request)
        if options.studio is not None:
            assets = options.path.rstrip("/") + "/assets/"
            if request.method == "GET" and request.path.startswith(assets):
                return answer_asset(options.studio, request.path.removeprefix(assets))
            if request.path in {"/", f"{options.path}/"} and request.method in {"GET", "HEAD"}:
                return HttpResponse(TEMPORARY_REDIRECT, headers=(("location", request.mount + options.path),))
        return HttpResponse(NOT_FOUND, headers=(NOSNIFF,))

    async def _serve_endpoint(self, request: HttpRequest, receive: Receive) -> HttpResponse:
        options = self.options
        if is_preflight(request):
            return answer_preflight(request, options.cors)
        if options.studio is not None and is_page_wanted(request) and "query=" not in request.query_string:
            return answer_page(options.studio)
        if request.method not in {"GET", "POST"}:
            return HttpResponse(METHOD_NOT_ALLOWED, headers=(("allow", METHODS),))
        answered = await self._answer(request, receive)
        # The status and headers of a batch are those of its first request.
        response = answered[0] if isinstance(answered, list) else answered
        response_type = choose_refusal_type(request)
        status = response.status
        body = write_json([each.body for each in answered] if isinstance(answered, list) else response.body)
        if response.is_request_error and response_type.is_status_of_transport:
            status = response_type.choose_status(status, _find_code(response))
        headers: Headers = (("content-type", response_type.name), NOSNIFF, VARY, *response.headers)
        encoding = choose_encoding(request.find_header("accept-encoding"))
        if encoding is not None and len(body) >= ENCODED_BYTES_MIN:
            headers += (("content-encoding", encoding),)
            if len(body) <= INLINE_BYTES_MAX:
                body = encode_body(body, encoding)
            else:
                body = await asyncio.to_thread(encode_body, body, encoding)
        return HttpResponse(status, body, headers + build_cors_headers(request, options.cors))

    async def _answer(self, request: HttpRequest, receive: Receive) -> Response | list[Response]:
        graphql_request: Request | list[Request]
        try:
            check_csrf(request, self.options.csrf)
            check_content_type(request)
            choose_response_type(request)
            if request.method == "GET":
                body, graphql_request = b"", read_get(request)
            else:
                body = await read_body(request, receive, self.options.body_bytes_max)
                graphql_request = read_post(request, body, self.options.batching)
        except RefusedError as refusal:
            return write_refusal(refusal)
        generation = self._generation
        if isinstance(graphql_request, list):
            return await answer_batch(graphql_request, generation)
        if self._deduplication is not None and is_sharable(graphql_request, generation):
            return await self._deduplication.answer(
                request, body, lambda: answer(graphql_request, generation)
            )
        return await answer(graphql_request, generation)


def _find_code(response: Response) -> object:
    return response.body["errors"][0].get("extensions", {}).get("code")
