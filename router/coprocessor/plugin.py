"""The coprocessor as a plugin: a hook for each stage that the configuration selects."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from router.coprocessor.client import CoprocessorClient, Poster
from router.coprocessor.options import CoprocessorOptions, StageOptions
from router.coprocessor.protocol import Question, Reply, read_reply
from router.hooks.errors import HookError
from router.hooks.messages import (
    ExecutionRequest,
    ExecutionResponse,
    RouterRequest,
    RouterResponse,
    SubgraphRequest,
    SubgraphResponse,
    SupergraphRequest,
    SupergraphResponse,
)
from router.hooks.plugin import Plugin
from router.hooks.selectors import Known, SubgraphFacts
from router.kit.json import JsonObject, JsonValue, write_json

MARGIN_S = 1.0
"""The client's own timeout says more than the hook's, so it comes first."""

_Request: TypeAlias = RouterRequest | SupergraphRequest | ExecutionRequest | SubgraphRequest
_Response: TypeAlias = RouterResponse | SupergraphResponse | ExecutionResponse | SubgraphResponse

_STAGES = ("router", "supergraph", "execution", "subgraph")


def build_plugin(
    options: CoprocessorOptions, connect: Callable[[str], Poster], sdl: str, urls: Mapping[str, str]
) -> Plugin:
    """The plugin that asks a coprocessor; `sdl` is the supergraph's, `urls` are those of the subgraphs.

    `connect` gives what sends to a URL.
    """
    addresses = dict.fromkeys(each.url or options.url for each in options.stages.values())
    client = CoprocessorClient({url: connect(url) for url in addresses})
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
        known = Known(
            request.context.entries,
            request_headers=request.headers,
            method=request.method if isinstance(request, RouterRequest) else "POST",
            document=request.body.get("query") if isinstance(request, SupergraphRequest) else None,
            subgraph=_describe_fetch(request) if isinstance(request, SubgraphRequest) else None,
        )
        if stage.condition is not None and not stage.condition(known):
            return None
        question = Question(type(request).__name__, request.context, stage, _describe(request, sdl, urls))
        reply = read_reply(await client.ask(stage.url or options.url, question.write()), question)
        if reply.break_status is not None:
            return _break(request, reply, options)
        if reply.headers is not None:
            request.headers = reply.headers
        if reply.body is not None:
            _replace_body(request, reply.body)
        return None

    return hook


def _build_response_hook(
    client: CoprocessorClient, options: CoprocessorOptions, stage: StageOptions, sdl: str
) -> Callable[[_Response], Awaitable[None]]:
    async def hook(response: _Response) -> None:
        subgraph = response.subgraph if isinstance(response, SubgraphResponse) else None
        is_whole = isinstance(response, SubgraphResponse) or response.is_primary
        known = Known(
            response.context.entries,
            response_headers=response.headers,
            status=response.status if is_whole else None,
            subgraph=_describe_answer(response) if isinstance(response, SubgraphResponse) else None,
        )
        if stage.condition is not None and not stage.condition(known):
            return
        facts: JsonObject = {"body": _show_body(response.body), "sdl": sdl}
        if is_whole:
            facts = {"headers": response.headers, **facts, "status_code": response.status}
        if isinstance(response, SubgraphResponse):
            facts |= {"service_name": subgraph, "subgraph_request_id": response.id}
        question = Question(type(response).__name__, response.context, stage, facts)
        reply = read_reply(await client.ask(stage.url or options.url, question.write()), question)
        if reply.headers is not None:
            response.headers = reply.headers
        if reply.status is not None:
            response.status = reply.status
        if reply.body is not None:
            if options.is_response_validated:
                _check_response(reply.body)
            _replace_body(response, reply.body)

    return hook


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
    return SubgraphFacts(
        response.subgraph,
        None,
        "",
        "",
        {},
        dict,
        response.headers,
        response.status,
        lambda: bool(response.body.get("errors")),
    )


def _describe(request: _Request, sdl: str, urls: Mapping[str, str]) -> JsonObject:
    facts: JsonObject = {"headers": request.headers, "body": _show_body(request.body), "sdl": sdl}
    match request:
        case RouterRequest():
            facts |= {"path": request.path, "method": request.method}
        case SubgraphRequest():
            facts |= {
                "uri": urls.get(request.subgraph, ""),
                "method": "POST",
                "service_name": request.subgraph,
                "subgraph_request_id": request.id,
            }
        case ExecutionRequest():
            facts |= {"method": "POST", "query_plan": request.plan}
        case SupergraphRequest():
            facts |= {"method": "POST"}
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
    status, headers, context = reply.break_status or 0, reply.headers or {}, request.context
    body: JsonValue = reply.body if reply.body is not None else {}
    if isinstance(request, RouterRequest):
        raw = body.encode() if isinstance(body, str) else write_json(body)
        headers.setdefault("content-type", ["application/json"])
        return RouterResponse(context, status, headers, raw)
    if isinstance(body, str):
        # Apollo's short form: the message of the one error.
        body = {"errors": [{"message": body, "extensions": {"code": "ERROR"}}]}
    if options.is_response_validated and body:
        _check_response(body)
    if not isinstance(body, dict):
        raise HookError("the coprocessor's body is no JSON object")
    match request:
        case SupergraphRequest():
            return SupergraphResponse(context, body, status, headers)
        case ExecutionRequest():
            return ExecutionResponse(context, body, status, headers)
        case SubgraphRequest():
            return SubgraphResponse(context, request.subgraph, body, status, headers, request.id)


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
