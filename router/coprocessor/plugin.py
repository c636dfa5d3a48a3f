"""The coprocessor as a plugin: a hook for each stage that the configuration selects."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from router.coprocessor.client import CoprocessorClient, Note, Poster
from router.coprocessor.options import CoprocessorOptions, StageOptions
from router.coprocessor.protocol import Question, Reply, read_reply
from router.hooks.context import Context
from router.hooks.errors import HookError
from router.hooks.known import Known, SubgraphFacts
from router.hooks.messages import (
    ExecutionRequest,
    ExecutionResponse,
    HeaderLists,
    RouterRequest,
    RouterResponse,
    SubgraphRequest,
    SubgraphResponse,
    SupergraphRequest,
    SupergraphResponse,
    check_object,
    check_url,
    read_headers,
    read_object,
)
from router.hooks.plugin import Plugin
from router.kit.json import JsonObject, JsonValue, read_json, write_json

MARGIN_S = 1.0
"""The client's own timeout says more than the hook's, so it comes first."""

_Request: TypeAlias = RouterRequest | SupergraphRequest | ExecutionRequest | SubgraphRequest
_Response: TypeAlias = RouterResponse | SupergraphResponse | ExecutionResponse | SubgraphResponse

_STAGES = ("router", "supergraph", "execution", "subgraph")


def build_plugin(
    options: CoprocessorOptions,
    connect: Callable[[str], Poster],
    sdl: str,
    urls: Mapping[str, str],
    note: Note | None = None,
) -> Plugin:
    """The plugin that asks a coprocessor; `sdl` is the supergraph's, `urls` are those of the subgraphs.

    `connect` gives what sends to a URL; `note` is told how each message went.
    """
    addresses = dict.fromkeys(each.url or options.url for each in options.stages.values())
    client = CoprocessorClient({url: connect(url) for url in addresses}, note)
    hooks: dict[str, Any] = {}
    for name in _STAGES:
        request, response = options.stages.get(f"{name}_request"), options.stages.get(f"{name}_response")
        if request is not None:
            hooks[f"{name}_request"] = _build_request_hook(client, options, request, sdl, urls)
        if response is not None:
            hooks[f"{name}_response"] = _build_response_hook(client, options, response, sdl)
    return Plugin(**hooks, close=client.close, timeout_s=options.timeout_s + MARGIN_S)


def _build_request_hook(
    client: CoprocessorClient,
    options: CoprocessorOptions,
    stage: StageOptions,
    sdl: str,
    urls: Mapping[str, str],
) -> Callable[[_Request], Awaitable[_Response | None]]:
    async def hook(request: _Request) -> _Response | None:
        if stage.condition is not None and not stage.condition(_know_request(request)):
            return None
        question = Question(type(request).__name__, request.context, stage, _describe(request, sdl, urls))
        reply = await client.ask(stage.url or options.url, question.write(), partial(read_reply, question))
        if reply.break_status is not None:
            return _break(request, reply, options)
        if reply.headers is not None:
            request.headers = reply.headers
        if reply.body is not None:
            _replace_body(request, reply.body)
        if isinstance(request, SubgraphRequest) and reply.uri is not None:
            request.url = check_url(reply.uri)
        return None

    return hook


def _build_response_hook(
    client: CoprocessorClient, options: CoprocessorOptions, stage: StageOptions, sdl: str
) -> Callable[[_Response], Awaitable[None]]:
    async def hook(response: _Response) -> None:
        is_whole = isinstance(response, SubgraphResponse) or response.is_primary
        if stage.condition is not None and not stage.condition(_know_response(response, is_whole=is_whole)):
            return
        facts: JsonObject = {"body": _show_body(response.body), "sdl": sdl}
        if is_whole:
            facts = {"headers": response.headers, **facts, "status_code": response.status}
        if isinstance(response, SubgraphResponse):
            facts |= {"service_name": response.subgraph, "subgraph_request_id": response.id}
        question = Question(type(response).__name__, response.context, stage, facts)
        reply = await client.ask(stage.url or options.url, question.write(), partial(read_reply, question))
        if reply.headers is not None:
            response.headers = reply.headers
        if reply.status is not None:
            response.status = reply.status
        if reply.body is not None:
            if options.is_response_validated:
                _check_response(reply.body)
            _replace_body(response, reply.body)

    return hook


def _know_request(request: _Request) -> Known:
    """What conditions can look at before there is an answer."""
    context = request.context
    body = request.body if isinstance(request, SupergraphRequest | ExecutionRequest) else {}
    return Known(
        context.entries,
        request_headers=request.headers
        if not isinstance(request, SubgraphRequest)
        else _read_client(context),
        method=_find_method(request),
        context_id=context.id,
        document=body.get("query") or context.document,
        variables=body.get("variables") or context.variables,
        subgraph=_describe_fetch(request) if isinstance(request, SubgraphRequest) else None,
    )


def _know_response(response: _Response, *, is_whole: bool) -> Known:
    """What conditions can look at when there is one; `is_whole` False for a later part."""
    context, body = response.context, response.body
    shown = read_object(body) if isinstance(body, bytes) else body
    return Known(
        context.entries,
        request_headers=_read_client(context),
        response_headers=response.headers,
        status=response.status if is_whole else None,
        context_id=context.id,
        document=context.document,
        variables=context.variables,
        has_errors=bool(shown.get("errors")),
        is_primary=is_whole,
        read_data=lambda: shown.get("data"),
        errors=shown.get("errors") or (),
        subgraph=_describe_answer(response) if isinstance(response, SubgraphResponse) else None,
    )


def _read_client(context: Context) -> HeaderLists:
    return read_headers(context.headers)


def _find_method(request: _Request) -> str:
    return "POST" if isinstance(request, SubgraphRequest) else request.method


def _describe_fetch(request: SubgraphRequest) -> SubgraphFacts:
    body = request.body
    return SubgraphFacts(
        request.subgraph,
        body.get("operationName"),
        # Of one that is no query, the document says so.
        next(
            (kind for kind in ("mutation", "subscription") if str(body.get("query")).startswith(kind)),
            "query",
        ),
        str(body.get("query")),
        request.headers,
        lambda: body.get("variables") or {},
    )


def _describe_answer(response: SubgraphResponse) -> SubgraphFacts:
    request = response.request or SubgraphRequest(response.context, response.subgraph, {}, {})
    return replace(
        _describe_fetch(request),
        response_headers=response.headers,
        status=response.status,
        has_errors=lambda: bool(response.body.get("errors")),
        read_answer=lambda: response.body,
    )


def _describe(request: _Request, sdl: str, urls: Mapping[str, str]) -> JsonObject:
    facts: JsonObject = {"headers": request.headers, "body": _show_body(request.body), "sdl": sdl}
    match request:
        case RouterRequest():
            query = f"?{request.query_string}" if request.query_string else ""
            facts |= {"path": f"{request.path}{query}", "method": request.method}
        case SubgraphRequest():
            facts |= {
                "uri": request.url or urls.get(request.subgraph, ""),
                "method": "POST",
                "service_name": request.subgraph,
                "subgraph_request_id": request.id,
            }
        case ExecutionRequest():
            facts |= {"method": request.method, "query_plan": request.plan}
        case SupergraphRequest():
            facts |= {"method": request.method}
    return facts


def _show_body(body: bytes | JsonObject) -> JsonValue:
    """A body as messages have it: at the router stage a string."""
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else body


def _replace_body(message: _Request | _Response, body: JsonValue) -> None:
    if isinstance(message, RouterRequest | RouterResponse):
        message.body = body.encode() if isinstance(body, str) else write_json(body)
    elif isinstance(body, dict):
        message.body = body
    else:
        raise HookError("the coprocessor's body is no JSON object")


def _break(request: _Request, reply: Reply, options: CoprocessorOptions) -> _Response:
    """The coprocessor's own answer. What is no GraphQL response becomes the error that says so, as in Apollo Router."""
    status, headers, context = reply.break_status or 0, reply.headers or {}, request.context
    body = reply.body
    if isinstance(request, RouterRequest):
        headers.setdefault("content-type", ["application/json"])
        raw = write_json(_read_response(_read_text(body), options))
        return RouterResponse(context, status, headers, raw)
    shown = _read_response(body, options)
    match request:
        case SupergraphRequest():
            return SupergraphResponse(context, shown, status, headers)
        case ExecutionRequest():
            return ExecutionResponse(context, shown, status, headers)
        case SubgraphRequest():
            return SubgraphResponse(context, request.subgraph, shown, status, headers, request.id)


def _read_text(body: JsonValue) -> JsonValue:
    """The router stage's body: JSON in a text, or a text that is a message."""
    if body is None:
        return ""
    try:
        return read_json(body.encode()) if isinstance(body, str) else body
    except ValueError:
        return body


def _read_response(body: JsonValue, options: CoprocessorOptions) -> JsonObject:
    if isinstance(body, str):
        return _write_error(body)
    try:
        if options.is_response_validated:
            _check_response(body)
        return check_object(body)
    except HookError:
        return _write_error("couldn't deserialize coprocessor output body: it is no GraphQL response")


def _write_error(message: str) -> JsonObject:
    return {"errors": [{"message": message, "extensions": {"code": "ERROR"}}]}


def _check_response(body: JsonValue) -> None:
    """Find out whether a changed body is a GraphQL response. Spec: GraphQL, September 2025, 7.1.

    Raises:
        HookError: it is none.
    """
    if isinstance(body, str):
        # The router stage's text is HTTP's affair.
        return
    errors = body.get("errors") if isinstance(body, dict) else None
    # A later part may have nothing but `hasNext`.
    is_response = isinstance(body, dict) and ("data" in body or "hasNext" in body or errors)
    are_errors = errors is None or (
        isinstance(errors, list)
        and all(isinstance(error, dict) and isinstance(error.get("message"), str) for error in errors)
    )
    if not is_response or not are_errors:
        raise HookError("the coprocessor's body is no GraphQL response")
