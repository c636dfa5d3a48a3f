"""One configuration's HTTP side: bytes in, bytes out, GraphQL left to the pipeline."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from msgspec.structs import replace

from router.errors import RefusedError
from router.hooks.context import Context, build_context
from router.pipeline.generation import Generation
from router.pipeline.request import Request, Response, Taken, write_refusal
from router.pipeline.stages import answer, answer_batch
from router.pipeline.warm_up import warm_up
from router.server.admission import Admission
from router.server.body import read_get, read_post, read_upload
from router.server.client_address import FORWARDED_FOR, find_address, tell_address
from router.server.cors import answer_preflight, build_cors_headers, is_preflight
from router.server.csrf import check_csrf
from router.server.deduplicate import Deduplication, is_sharable
from router.server.forms import is_form
from router.server.health import answer_health
from router.server.hooks import run_router_hooks
from router.server.invalidation import Invalidation
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
    choose_encoding,
    choose_response_type,
    is_page_wanted,
)
from router.server.options import ServerOptions
from router.server.paths import find_plain_part, read_path
from router.server.rate_limit import KeyFunction
from router.server.readiness import REFUSED, Readiness
from router.server.respond import NOSNIFF, pack, write_http
from router.server.simultaneous import Shared, Turn, is_for_all
from router.server.streams import ByteStream
from router.server.telemetry import Telemetry

logger = logging.getLogger(__name__)

METHODS = "GET, POST, OPTIONS"
NOT_FOUND, METHOD_NOT_ALLOWED, TEMPORARY_REDIRECT = 404, 405, 307


Page = Callable[[HttpRequest, Receive], Awaitable[HttpResponse]]


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
        key_function: KeyFunction | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        """`is_forwarded` tells of a client's header whether subgraphs may be sent it, `key_function` clients apart."""
        self._generation = generation
        self._telemetry = telemetry
        self._observer = telemetry.build_observer(generation) if telemetry is not None else None
        self._has_router_hooks = generation.hooks is not None and generation.hooks.router is not None
        self._admission = (
            Admission(options.admission, generation, key_function) if not options.admission.is_empty else None
        )
        self.options = options
        self._pattern = read_path(options.path)
        # An editor that cannot read the schema helps only those who look for one.
        self._studio = options.studio if generation.options.is_introspection_enabled else None
        self._plain_path = find_plain_part(options.path)
        # Nothing stands between a request and its answer.
        self._is_plain = self._observer is None and self._admission is None and not self._has_router_hooks
        self._in_flight = 0
        self._is_idle: asyncio.Event | None = None
        self.is_draining = False
        self._deduplication = (
            Deduplication(options.dedupe, generation.options.jwt, is_forwarded)
            if options.dedupe.is_enabled
            else None
        )
        # Who looks at requests sees each of them.
        is_sharing = self._is_plain and generation.is_unwatched and options.dedupe.is_simultaneous
        self._turn = Turn() if is_sharing else None
        self._readiness = Readiness(options.health.readiness)
        # What is answered beside GraphQL, by path: at the same port, and at ports of its own.
        self._pages: dict[str, Page] = {}
        self._ports: dict[str, dict[str, Page]] = {}
        if options.health.is_enabled:
            self._add_page(options.health.listen, options.health.path, self._answer_health)
        if telemetry is not None and telemetry.options.prometheus is not None:
            prometheus = telemetry.options.prometheus
            self._add_page(prometheus.listen, prometheus.path, telemetry.answer_metrics)
        cache = generation.response_cache
        if cache is not None and cache.options.path is not None:
            invalidation = Invalidation(cache.options, cache)
            self._add_page(cache.options.listen, cache.options.path, invalidation.answer)

    def _add_page(self, listen: str | None, path: str, page: Page) -> None:
        if listen is None or listen == self.options.listen:
            self._pages[path] = page
        else:
            self._ports.setdefault(listen.rpartition(":")[2], {})[path] = page

    async def warm_up(self, old: "HttpServer | None" = None) -> int:
        """Make plans for what `old` was asked last, and what is known besides; gives how many."""
        return await warm_up(self._generation, old.generation if old is not None else None)

    @property
    def generation(self) -> Generation:
        """What it serves."""
        return self._generation

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        self._in_flight += 1
        try:
            request = read_head(scope)
            pages = self._find_pages(scope) if self._ports else None
            if pages is None:
                is_usual = request.path == self.options.path
                serve = self._serve_endpoint if is_usual else self._route
                response = await serve(request, receive)
                if response.status in REFUSED:
                    self._readiness.note(asyncio.get_running_loop().time())
            elif request.path in pages:
                response = await pages[request.path](request, receive)
            else:
                response = HttpResponse(NOT_FOUND)
            await send_response(response, scope, receive, send)
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
        if self._admission is not None:
            await self._admission.close()
        if self._telemetry is not None:
            await self._telemetry.close()
        await self._generation.close()

    def _build_context(self, request: HttpRequest) -> Context:
        return build_context(request.headers, self._generation.options.client_headers)

    def _find_pages(self, scope: Scope) -> dict[str, Page] | None:
        """What is answered where the connection came in; None for GraphQL's own port."""
        server = scope.get("server")
        return self._ports.get(str(server[1])) if server is not None else None

    async def _answer_health(self, request: HttpRequest, _receive: Receive) -> HttpResponse:
        now_s = asyncio.get_running_loop().time()
        return answer_health(request, is_ready=not self.is_draining and self._readiness.is_ready(now_s))

    async def _route(self, request: HttpRequest, receive: Receive) -> HttpResponse:
        options = self.options
        if request.path in self._pages:
            return await self._pages[request.path](request, receive)
        if self._studio is not None and request.method == "GET":
            assets = self._plain_path + "/assets/"
            if request.path.startswith(assets):
                return answer_asset(self._studio, request.path.removeprefix(assets))
        if self._pattern is not None:
            if self._pattern.fullmatch(request.path):
                return await self._serve_endpoint(request, receive)
        elif (
            options.studio is not None
            and request.path in {"/", f"{options.path}/"}
            and request.method in {"GET", "HEAD"}
        ):
            return HttpResponse(TEMPORARY_REDIRECT, headers=(("location", request.mount + options.path),))
        return HttpResponse(NOT_FOUND, headers=(NOSNIFF,))

    async def _serve_endpoint(self, request: HttpRequest, receive: Receive) -> HttpResponse:
        options = self.options
        if request.method != "POST":
            if is_preflight(request):
                return answer_preflight(request, options.cors)
            if (
                options.studio is not None
                and is_page_wanted(request)
                and "query=" not in request.query_string
            ):
                return answer_page(self._studio)
            if request.method != "GET":
                return HttpResponse(METHOD_NOT_ALLOWED, headers=(("allow", METHODS),))
        if options.trusted_proxies is not None:
            told = request.find_header(FORWARDED_FOR)
            request = tell_address(request, find_address(request.address, told, options.trusted_proxies))
        if self._is_plain:
            return await self._serve_plain(request, receive)
        if self._observer is None:
            return await self._finish(request, await self._admit(request, receive, None))
        observed = await self._observer.observe(request, partial(self._admit, request, receive))
        return await self._finish(request, observed)

    async def _finish(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The response as the client wants it: for its origin, packed."""
        headers = response.headers + build_cors_headers(request, self.options.cors)
        response = HttpResponse(response.status, response.body, headers)
        encoding = choose_encoding(request.values.get("accept-encoding"))
        return response if encoding is None else await pack(response, encoding)

    def _admit(
        self, request: HttpRequest, receive: Receive, context: Context | None
    ) -> Awaitable[HttpResponse]:
        """The answer to who is let in, and to who is not."""
        if self._admission is None:
            return self._pass_hooks(request, receive, context)
        return self._enter(self._admission, request, receive, context)

    async def _enter(
        self,
        admission: Admission,
        request: HttpRequest,
        receive: Receive,
        context: Context | None,
    ) -> HttpResponse:
        if admission.needs_context and context is None:
            context = self._build_context(request)
        try:
            told = await admission.enter(request, request.address, context)
        except RefusedError as refusal:
            refused = write_refusal(refusal)
            if self._observer is not None:
                self._observer.count_errors(refused.body, context)
            return write_http(request, refused)
        is_left_later = False
        try:
            response = await self._pass_hooks(request, receive, context)
            if isinstance(response.body, ByteStream):
                response.body.on_end.append(lambda _: admission.leave())
                is_left_later = True
            return replace(response, headers=response.headers + told) if told else response
        finally:
            if not is_left_later:
                admission.leave()

    def _pass_hooks(
        self, request: HttpRequest, receive: Receive, context: Context | None
    ) -> Awaitable[HttpResponse]:
        if not self._has_router_hooks:
            return self._exchange(request, receive, context)
        context = context or self._build_context(request)
        return run_router_hooks(request, receive, context, self.options, self._generation, self._exchange)

    async def _exchange(
        self, request: HttpRequest, receive: Receive, context: Context | None
    ) -> HttpResponse:
        """The answer as it is before it is packed."""
        try:
            body = await self._read(request, receive)
        except RefusedError as refusal:
            answered: Response | list[Response] = write_refusal(refusal)
        else:
            answered = await self._answer(request, body, context)
        observer = self._observer
        if observer is not None:
            for response in answered if isinstance(answered, list) else (answered,):
                observer.count_errors(response.body, context)
                if response.later is not None:
                    response.later.on_body.append(lambda body: observer.count_errors(body, context))
        return write_http(request, answered)

    async def _serve_plain(self, request: HttpRequest, receive: Receive) -> HttpResponse:
        """The whole answer where nothing stands between; what is asked twice at once is answered once."""
        try:
            body = await self._read(request, receive)
        except RefusedError as refusal:
            return await self._finish(request, write_http(request, write_refusal(refusal)))
        turn = self._turn
        if turn is None:
            return await self._finish(request, write_http(request, await self._answer(request, body, None)))
        shared = turn.enter(request, body)
        if shared.request is not None:
            response = await shared.wait() if is_sharable(shared.request, self._generation) else None
            if response is not None:
                return response
            shared = Shared(request)
        for_all = None
        try:
            answered = await self._answer(request, body, None, shared)
            response = await self._finish(request, write_http(request, answered))
            if shared.waiting and is_for_all(answered):
                for_all = response
        finally:
            turn.leave(shared, for_all)
        return response

    async def _read(self, request: HttpRequest, receive: Receive) -> bytes:
        """The body of a request whose head is right.

        Raises:
            RefusedError: it is not, or the body is too long.
        """
        options = self.options
        check_csrf(request, options.csrf)
        is_upload = self._is_upload(request)
        if not is_upload:
            check_content_type(request)
        choose_response_type(request)
        if request.method == "GET":
            return b""
        return await read_body(
            request, receive, options.form_bytes_max if is_upload else options.body_bytes_max
        )

    def _is_upload(self, request: HttpRequest) -> bool:
        return self.options.uploads is not None and is_form(request)

    async def _answer(
        self, request: HttpRequest, body: bytes, context: Context | None, shared: Shared | None = None
    ) -> Response | list[Response]:
        """GraphQL's answer; `shared` is told what is asked."""
        graphql_request: Request | list[Request]
        uploads = self.options.uploads
        try:
            if request.method == "GET":
                graphql_request = read_get(request)
            elif uploads is not None and is_form(request):
                context = context or self._build_context(request)
                graphql_request, context.uploads = read_upload(request, body, uploads, self.options)
            else:
                graphql_request = read_post(request, body, self.options.batching)
        except RefusedError as refusal:
            return write_refusal(refusal)
        generation = self._generation
        if isinstance(graphql_request, list):
            if self._observer is not None:
                self._observer.count_batch(len(graphql_request))
            with_context = [
                replace(each, context=context.fork()) if context is not None else each
                for each in graphql_request
            ]
            return await answer_batch(with_context, generation)
        if context is not None:
            graphql_request = replace(graphql_request, context=context)
        if choose_response_type(request).has_parts:
            graphql_request = replace(graphql_request, takes=Taken.PARTS)
        if shared is not None:
            shared.request = graphql_request
        # What a router hook has put into the context may tell apart what looks the same.
        if self._deduplication is not None and not self._has_router_hooks:
            return await self._deduplication.answer(request, body, graphql_request, generation)
        return await answer(graphql_request, generation)
