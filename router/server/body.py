"""From what came over HTTP to a GraphQL request.

Spec: GraphQL over HTTP, 2025 draft, 5.1 Request Parameters, 5.3 GET, 5.4 POST.
"""

from router.errors import ErrorCode, refuse
from router.hooks.uploads import UploadedFile
from router.kit.json import JsonObject, JsonValue, read_json
from router.pipeline.request import Request, Taken
from router.server.forms import read_form
from router.server.messages import HttpRequest
from router.server.options import BatchingOptions, ServerOptions, UploadOptions

INVALID = "Invalid GraphQL request"
UNPROCESSABLE = 422


def read_post(request: HttpRequest, body: bytes, batching: BatchingOptions) -> Request | list[Request]:
    """The GraphQL request in the body of a POST, or all of a batch.

    Raises:
        RefusedError: the body is no JSON object of the right members, or a batch that is not taken.
    """
    try:
        members = read_json(body)
    except ValueError as error:
        raise _invalid(f"failed to deserialize the request body into JSON: {error}") from error
    if isinstance(members, list):
        return _read_batch(members, request, batching)
    if not isinstance(members, dict):
        raise _invalid("the request body must be a JSON object")
    return _build(members, request)


def read_upload(
    request: HttpRequest, body: bytes, uploads: UploadOptions, options: ServerOptions
) -> tuple[Request, dict[str, UploadedFile]]:
    """The GraphQL request in a form, and the files that came with it.

    Raises:
        RefusedError: the form is not of the specification's form, or has too much.
    """
    members, files = read_form(request, body, uploads, options.body_bytes_max)
    return _build(members, request), files


def _read_batch(entries: list[JsonValue], request: HttpRequest, batching: BatchingOptions) -> list[Request]:
    if not batching.is_enabled:
        raise refuse(INVALID, ErrorCode.BATCHING_NOT_ENABLED, details="batching not enabled")
    if batching.size_max is not None and len(entries) > batching.size_max:
        details = (
            f"Batch limits exceeded: you provided a batch with {len(entries)} entries, "
            f"but the configured maximum router batch size is {batching.size_max}"
        )
        raise refuse(INVALID, ErrorCode.BATCH_LIMIT_EXCEEDED, status=UNPROCESSABLE, details=details)
    if not entries:
        raise _invalid("a batch must have one request at least")
    for entry in entries:
        if not isinstance(entry, dict):
            raise _invalid("each request of a batch must be a JSON object")
    return [_build(entry, request, takes=Taken.BATCHED) for entry in entries]


def read_get(request: HttpRequest) -> Request:
    """The GraphQL request in the query string of a GET; it may only read.

    Raises:
        RefusedError: a parameter is no JSON of the right kind.
    """
    try:
        parameters = request.read_parameters()
    except ValueError as error:
        raise _invalid(f"failed to decode the query string: {error}") from error
    members: JsonObject = {}
    for name in ("query", "operationName"):
        if name in parameters:
            members[name] = parameters[name]
    for name in ("variables", "extensions"):
        if parameters.get(name):
            try:
                members[name] = read_json(parameters[name])
            except ValueError as error:
                raise _invalid(f"failed to deserialize `{name}` into JSON: {error}") from error
    return _build(members, request, is_read_only=True)


def _build(
    members: JsonObject, request: HttpRequest, *, is_read_only: bool = False, takes: Taken = Taken.WHOLE
) -> Request:
    find = members.get
    query, name = find("query"), find("operationName")
    variables, extensions = find("variables"), find("extensions")
    if query is not None and not isinstance(query, str):
        raise _invalid("`query` must be a string")
    if name is not None and not isinstance(name, str):
        raise _invalid("`operationName` must be a string")
    if variables is not None and not isinstance(variables, dict):
        raise _invalid("`variables` must be an object")
    if extensions is not None and not isinstance(extensions, dict):
        raise _invalid("`extensions` must be an object")
    return Request(
        query=query,
        operation_name=name or None,
        variables=variables or {},
        extensions=extensions or {},
        headers=request.headers,
        is_read_only=is_read_only,
        takes=takes,
    )


def _invalid(details: JsonValue) -> Exception:
    return refuse(INVALID, ErrorCode.INVALID_GRAPHQL_REQUEST, details=details)
