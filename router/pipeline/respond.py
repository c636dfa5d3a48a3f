"""The stage that puts the answer together."""

from router.executor.execute import ExecutionResult
from router.kit.json import JsonObject
from router.pipeline.authorized import AuthorizedOperation
from router.pipeline.request import Response
from router.policy.options import AuthorizationOptions, ErrorPlace


def write_response(
    result: ExecutionResult, authorized: AuthorizedOperation, options: AuthorizationOptions
) -> Response:
    """The response to an operation that ran. Spec: GraphQL, September 2025, 7.1 Response Format."""
    unauthorized = [error.write() for error in authorized.errors]
    errors = [error.write() for error in result.errors]
    extensions: JsonObject = dict(result.extensions)
    if unauthorized and options.error_place is ErrorPlace.ERRORS:
        errors = unauthorized + errors
    elif unauthorized and options.error_place is ErrorPlace.EXTENSIONS:
        extensions["authorizationErrors"] = unauthorized
    body: JsonObject = {"data": result.data}
    if errors:
        body["errors"] = errors
    if extensions:
        body["extensions"] = extensions
    return Response(body)
