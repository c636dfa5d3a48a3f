"""The stage that puts the answer together."""

from msgspec.structs import replace

from router.executor.execute import ExecutionResult
from router.kit.json import JsonObject, JsonValue
from router.pipeline.authorized import AuthorizedOperation
from router.pipeline.generation import Generation
from router.pipeline.later import LaterBodies
from router.pipeline.request import RequestContext, Response
from router.policy.options import AuthorizationOptions, ErrorPlace


def write_response(
    result: ExecutionResult,
    authorized: AuthorizedOperation,
    context: RequestContext,
    options: AuthorizationOptions,
) -> Response:
    """The response to an operation that ran. Spec: GraphQL, September 2025, 7.1 Response Format."""
    body: JsonObject = {"data": result.data}
    unauthorized = [error.write() for error in authorized.errors] if authorized.errors else []
    errors = [error.write() for error in result.errors] if result.errors else []
    extensions = result.extensions
    if unauthorized and options.error_place is ErrorPlace.ERRORS:
        errors = unauthorized + errors
    elif unauthorized and options.error_place is ErrorPlace.EXTENSIONS:
        extensions = {**extensions, "authorizationErrors": unauthorized}
    if errors:
        body["errors"] = errors
    if extensions:
        body["extensions"] = extensions
    if result.later is None:
        return Response(body)
    later = LaterBodies(result.later, context.claims)
    body["hasNext"] = later.has_next
    return Response(body, later=later)


def list_errors(body: JsonObject) -> list[JsonValue]:
    """The errors of a response or of one of its parts; hooks may have left anything there."""
    return [error for each in (body, *list_parts(body)) for error in _read_list(each, "errors")]


def list_parts(body: JsonObject) -> list[JsonObject]:
    """The parts in a body that follows the first one."""
    return [part for part in _read_list(body, "incremental") if isinstance(part, dict)]


def _read_list(body: JsonObject, name: str) -> list[JsonValue]:
    value = body.get(name)
    return value if isinstance(value, list) else []


def add_subgraph_headers(response: Response, context: RequestContext, generation: Generation) -> Response:
    """The response with what rules pass on of the headers of subgraphs' answers, which came before the first part."""
    collector, shared = generation.response_headers, context.request.context
    if collector is None or shared is None:
        return response
    is_whole = "errors" not in response.body and (response.later is None or not response.later.has_next)
    headers = collector.build_headers(shared.answered, is_whole=is_whole)
    return replace(response, headers=response.headers + headers)
