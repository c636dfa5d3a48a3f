"""One configuration's HTTP side: bytes in, bytes out, GraphQL left to the pipeline."""

import asyncio
import logging

from router.errors import RefusedError
from router.kit.json import write_json
from router.pipeline.generation import Generation
from router.pipeline.request import Response, write_refusal
from router.pipeline.stages import answer
from router.server.body import read_get, read_post
from router.server.cors import answer_preflight, build_cors_headers, is_preflight
from router.server.csrf import check_csrf
from router.server.health import answer_health
from router.server.landing_page import answer_asset, answer_page
from router.server.messages import (
    ClientGoneError,
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
    choose_media_type,
    choose_refusal_media_type,
    is_page_wanted,
)
from router.server.options import ServerOptions

logger = logging.getLogger(__name__)

METHODS = "GET, POST, OPTIONS"
NOT_FOUND, METHOD_NOT_ALLOWED, TEMPORARY_REDIRECT = 404, 405, 307


class HttpServer:
    """Serves one generation over HTTP.

    Attributes:
        is_draining: whether the process is about to end; `?ready` says so to load balancers.
    """

    def __init__(self, generation: Generation, options: ServerOptions) -> None:
        self._generation = generation
        self._options = options
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.is_draining = False

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        self._in_flight += 1
        self._idle.clear()
        try:
            request = read_head(scope)
            if self._is_for_health(scope):
                response = self._answer_health(request)
            else:
                response = await self._route(request, receive)
            await send_response(response, send)
        except ClientGoneError:
            logger.debug("the client has gone before its request was complete")
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    async def close(self, drain_s: float) -> None:
        """Wait for the requests under way, `drain_s` seconds at most, then let go of everything."""
        try:
            async with asyncio.timeout(drain_s):
                await self._idle.wait()
        except TimeoutError:
            logger.warning("%d requests were still running after %g s", self._in_flight, drain_s)
        await self._generation.close()

    def _is_for_health(self, scope: Scope) -> bool:
        """Whether the connection came in at the port that tells of health and of nothing else."""
        health, server = self._options.health, scope.get("server")
        if health.listen is None or not health.is_enabled or server is None:
            return False
        return health.listen.rpartition(":")[2] == str(server[1])

    def _answer_health(self, request: HttpRequest) -> HttpResponse:
        if request.path != self._options.health.path:
            return HttpResponse(NOT_FOUND)
        return answer_health(request, is_ready=not self.is_draining)

    async def _route(self, request: HttpRequest, receive: Receive) -> HttpResponse:
        options = self._options
        if (
            options.health.listen is None
            and options.health.is_enabled
            and request.path == options.health.path
        ):
            return self._answer_health(request)
        if request.path == options.path:
            return await self._serve_endpoint(request, receive)
        if options.studio is not None:
            assets = options.path.rstrip("/") + "/assets/"
            if request.method == "GET" and request.path.startswith(assets):
                return answer_asset(options.studio, request.path.removeprefix(assets))
            if request.path in {"/", f"{options.path}/"} and request.method in {"GET", "HEAD"}:
                return HttpResponse(TEMPORARY_REDIRECT, headers=(("location", request.mount + options.path),))
        return HttpResponse(NOT_FOUND, headers=(("x-content-type-options", "nosniff"),))

    async def _serve_endpoint(self, request: HttpRequest, receive: Receive) -> HttpResponse:
        options = self._options
        if is_preflight(request):
            return answer_preflight(request, options.cors)
        if options.studio is not None and is_page_wanted(request) and "query=" not in request.query_string:
            return answer_page(options.studio)
        if request.method not in {"GET", "POST"}:
            return HttpResponse(METHOD_NOT_ALLOWED, headers=(("allow", METHODS),))
        response = await self._answer(request, receive)
        media_type = choose_refusal_media_type(request)
        headers = (
            ("content-type", media_type),
            ("x-content-type-options", "nosniff"),
            *response.headers,
            *build_cors_headers(request, options.cors),
        )
        return HttpResponse(response.status, write_json(response.body), headers)

    async def _answer(self, request: HttpRequest, receive: Receive) -> Response:
        try:
            check_csrf(request, self._options.csrf)
            check_content_type(request)
            choose_media_type(request)
            if request.method == "GET":
                graphql_request = read_get(request)
            else:
                body = await read_body(request, receive, self._options.body_bytes_max)
                graphql_request = read_post(request, body)
        except RefusedError as refusal:
            return write_refusal(refusal)
        return await answer(graphql_request, self._generation)
