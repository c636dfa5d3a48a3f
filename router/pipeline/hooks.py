"""Where the pipeline's stages run hooks: around a whole GraphQL request, and around the running of its plan."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from router.errors import RefusedError
from router.hooks.chain import Stage
from router.hooks.context import JWT_CLAIMS, OPERATION_KIND, OPERATION_NAME, Context, build_context
from router.hooks.messages import (
    ExecutionRequest,
    ExecutionResponse,
    HeaderLists,
    SupergraphRequest,
    SupergraphResponse,
    check_object,
    check_status,
    read_headers,
    write_body,
    write_headers,
)
from router.kit.json import JsonObject, JsonValue, read_json
from router.pipeline.generation import Generation
from router.pipeline.override import note_unresolved
from router.pipeline.request import Request, RequestContext, Response, write_refusal, write_request
from router.pipeline.validate import ValidOperation
from router.query_plan.nodes import OperationKind, QueryPlan

_Given = TypeVar("_Given", SupergraphRequest, ExecutionRequest)
_Shown = TypeVar("_Shown", SupergraphResponse, ExecutionResponse)


def get_context(request: Request) -> Context:
    """The request's context, which it has where hooks run."""
    assert request.context is not None, "generations that need a context give each request one"
    return request.context


def add_context(request: Request, generation: Generation) -> Request:
    """The request with a context, the one that it has or a new one."""
    if request.context is not None:
        return request
    return replace(request, context=build_context(request.headers, generation.options.client_headers))


def note_operation(operation: ValidOperation, request: Request) -> None:
    """Tell the context what the request asks for."""
    context = request.context
    if context is not None:
        context.entries[OPERATION_NAME] = operation.name
        context.entries[OPERATION_KIND] = operation.kind.value
        context.document, context.operation_name = request.query, operation.name
        context.variables = request.variables


async def run_supergraph_hooks(
    context: RequestContext, generation: Generation, proceed: Callable[[RequestContext], Awaitable[Response]]
) -> Response:
    """What `proceed` answers, with the supergraph hooks around it; refusals are responses that hooks see.

    Raises:
        HookError: a hook has failed, taken too long, or left what is no request or response.
        RefusedError: the request is not served, where no hook looks at responses.
    """
    stage = generation.hooks.supergraph if generation.hooks is not None else None
    if stage is None:
        return await proceed(context)
    request, shared = context.request, get_context(context.request)
    note_unresolved(generation.planner.override_labels, shared.entries)

    async def go_on(message: SupergraphRequest) -> Response:
        changed = _read_request(message, request)
        if changed.extensions == request.extensions and changed.query == shown.get("query"):
            # One that is known by its id goes on being asked for by that.
            changed = replace(changed, query=request.query)
        claims = shared.entries.get(JWT_CLAIMS)
        try:
            return await proceed(
                replace(context, request=changed, claims=claims if isinstance(claims, dict) else None)
            )
        except RefusedError as refusal:
            return write_refusal(refusal)

    shown = _show_request(request, shared)
    message = SupergraphRequest(shared, read_headers(request.headers), {**shown}, _find_method(request))
    return await _run(stage, message, SupergraphResponse, go_on)


async def run_execution_hooks(
    plan: QueryPlan | None,
    context: RequestContext,
    variables: JsonObject,
    generation: Generation,
    proceed: Callable[[RequestContext, JsonObject], Awaitable[Response]],
) -> Response:
    """What `proceed` answers for a request and its variables, with the execution hooks around it.

    Raises:
        HookError: a hook has failed, taken too long, or left what is no request or response.
    """
    stage = generation.hooks.execution if generation.hooks is not None else None
    if stage is None:
        return await proceed(context, variables)
    request, shared = context.request, get_context(context.request)

    async def go_on(message: ExecutionRequest) -> Response:
        changed = replace(request, headers=write_headers(message.headers))
        given = check_object(message.body).get("variables")
        return await proceed(replace(context, request=changed), given if isinstance(given, dict) else {})

    planned = (plan or QueryPlan(OperationKind.QUERY, None)).to_json()
    body = {**_show_request(request, shared), "variables": dict(variables)}
    message = ExecutionRequest(shared, read_headers(request.headers), body, planned, _find_method(request))
    return await _run(stage, message, ExecutionResponse, go_on)


def _show_request(request: Request, shared: Context) -> JsonObject:
    """The request's members, with the document where it is named by a hash or an id and known."""
    body = write_request(request)
    if request.query is None and shared.document is not None:
        body = {"query": shared.document, **body}
    return body


def _find_method(request: Request) -> str:
    return "GET" if request.is_read_only else "POST"


async def _run(
    stage: Stage[_Given, _Shown],
    message: _Given,
    build: type[_Shown],
    proceed: Callable[[_Given], Awaitable[Response]],
) -> Response:
    """What `proceed` answers to what request hooks leave of `message`, as response hooks leave it."""
    original: Response | None = None

    async def go_on(message: _Given) -> _Shown:
        nonlocal original
        original = await proceed(message)
        body = _open(original.body, is_looked_at=stage.has_response_hooks)
        return build(message.context, body, original.status, read_headers(original.headers))

    async def show_later(body: JsonObject) -> JsonObject:
        # A copy: what parts have told is still looked at to count costs, and may be told again.
        shown = build(message.context, _open(body, is_looked_at=True), is_primary=False)
        await stage.run_later(shown)
        write_body(check_object(shown.body))
        return shown.body

    try:
        response = await stage.run(message, go_on)
        if original is None or stage.has_response_hooks:
            write_body(response.body)
        closed = await _close(response.body, response.status, response.headers, original)
    except BaseException:
        if original is not None and original.later is not None:
            await original.later.aclose()
        raise
    if closed.later is not None and stage.has_response_hooks:
        closed.later.changes.append(show_later)
    return closed


def _read_request(message: SupergraphRequest, request: Request) -> Request:
    body = check_object(message.body)

    def find(name: str, kind: type) -> JsonValue:
        value = body.get(name)
        return value if isinstance(value, kind) else None

    return replace(
        request,
        query=find("query", str),
        operation_name=find("operationName", str) or None,
        variables=find("variables", dict) or {},
        extensions=find("extensions", dict) or {},
        headers=write_headers(message.headers),
    )


def _open(body: JsonObject, *, is_looked_at: bool) -> JsonObject:
    """A body as hooks may read it: what the compiled executor has written already is read again."""
    return read_json(write_body(body)) if is_looked_at else body


async def _close(body: JsonObject, status: int, headers: HeaderLists, original: Response | None) -> Response:
    check_object(body)
    later = original.later if original is not None else None
    if later is not None and body.get("hasNext") is not later.has_next:
        # A hook has made the first part the last one.
        await later.aclose()
        later = None
    is_request_error = original.is_request_error if original is not None else "data" not in body
    return Response(body, check_status(status), write_headers(headers), is_request_error, later)
