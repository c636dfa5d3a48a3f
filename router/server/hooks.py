"""The router stage's hooks: around everything that is done with a request, in bytes."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from msgspec.structs import replace

from router.errors import RefusedError
from router.hooks.context import Context
from router.hooks.errors import HookError
from router.hooks.messages import (
    RouterRequest,
    RouterResponse,
    check_bytes,
    check_status,
    read_headers,
    write_headers,
)
from router.kit.json import write_json
from router.pipeline.authenticate import identify
from router.pipeline.generation import Generation
from router.pipeline.later import write_failed
from router.pipeline.override import note_unresolved
from router.pipeline.request import Request, Response, refuse_internal, write_refusal
from router.server.csrf import check_csrf
from router.server.forms import is_form
from router.server.messages import HttpRequest, HttpResponse, Receive, index_headers, read_body
from router.server.multipart import write_last
from router.server.options import ServerOptions
from router.server.streams import ByteStream

JSON = ("content-type", "application/json")

Exchange = Callable[[HttpRequest, Receive, Context | None], Awaitable[HttpResponse]]


async def run_router_hooks(
    request: HttpRequest,
    receive: Receive,
    context: Context,
    options: ServerOptions,
    generation: Generation,
    exchange: Exchange,
) -> HttpResponse:
    """What `exchange` answers, with the router hooks around it. The caller's token is looked at before them."""
    assert generation.hooks is not None, "there are hooks"
    stage = generation.hooks.router
    assert stage is not None, "at the router stage"
    try:
        check_csrf(request, options.csrf)
        bytes_max = options.form_bytes_max if is_form(request) else options.body_bytes_max
        body = await read_body(request, receive, bytes_max) if request.method == "POST" else b""
        await identify(Request(None, headers=request.headers, context=context), generation)
    except RefusedError as refusal:
        return _write(write_refusal(refusal))

    note_unresolved(generation.planner.override_labels, context.entries)
    stream: ByteStream | None = None

    async def go_on(message: RouterRequest) -> RouterResponse:
        sent = write_headers(message.headers)
        changed = replace(
            request, query_string=message.query_string, headers=sent, values=index_headers(sent)
        )
        nonlocal stream
        answered = await exchange(changed, _replay(check_bytes(message.body)), context)
        first, stream = await _begin(answered.body)
        return RouterResponse(context, answered.status, read_headers(answered.headers), first)

    try:
        response = await stage.run(
            RouterRequest(
                context,
                request.method,
                request.path,
                request.query_string,
                read_headers(request.headers),
                body,
            ),
            go_on,
        )
        status, headers = check_status(response.status), write_headers(response.headers)
        body = check_bytes(response.body)
    except HookError as error:
        if stream is not None:
            await stream.aclose()
        return _write(refuse_internal(str(error)))
    except BaseException:
        if stream is not None:
            await stream.aclose()
        raise
    if stream is None:
        return HttpResponse(status, body, headers)

    async def show_later(piece: bytes) -> bytes:
        shown = RouterResponse(context, body=piece, is_primary=False)
        await stage.run_later(shown)
        return check_bytes(shown.body)

    return HttpResponse(status, _show_pieces(body, stream, show_later), headers)


async def _begin(body: bytes | ByteStream) -> tuple[bytes, ByteStream | None]:
    """The first piece of a body, which is there already, and where the rest comes from if there is more."""
    return (await body.next_piece() or b"", body) if isinstance(body, ByteStream) else (body, None)


def _show_pieces(first: bytes, rest: ByteStream, show: Callable[[bytes], Awaitable[bytes]]) -> ByteStream:
    """`first`, then what `show` makes of each of the rest; where it fails the answer ends with a part that says so."""

    async def write() -> AsyncGenerator[bytes, None]:
        yield first
        while (piece := await rest.next_piece()) is not None:
            try:
                shown = await show(piece)
            except HookError as error:
                yield write_last(write_failed(str(error)))
                return
            yield shown

    pieces = write()

    async def close() -> None:
        await pieces.aclose()
        await rest.aclose()

    return ByteStream(pieces, close)


def _write(response: Response) -> HttpResponse:
    return HttpResponse(response.status, write_json(response.body), (JSON, *response.headers))


def _replay(body: bytes) -> Receive:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
