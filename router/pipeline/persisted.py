"""The stages that know operations by their ids, and those that refuse what is not known."""

import logging

from msgspec.structs import replace

from router.errors import ErrorCode, RefusedError, ResponseError, refuse
from router.hooks.context import CLIENT_NAME as NAME_OF_CLIENT
from router.kit.json import JsonObject
from router.pipeline.automatic_queries import find_known_text, find_text, read_hash
from router.pipeline.generation import Generation
from router.pipeline.request import Request, RequestContext
from router.pipeline.shared_plans import KEPT_WEIGHT_MAX
from router.pipeline.validate import ValidDocument
from router.policy.persisted_operations import PersistedOperations, is_introspection_only
from router.telemetry.operations import LOGGED, MISSING_ID, PERSISTED, UNKNOWN
from router.telemetry.operations import NOT_FOUND as NOT_IN_LIST

logger = logging.getLogger(__name__)

EXTENSION = "persistedQuery"
CLIENT_NAME = "apollo_persisted_queries::client_name"
SKIP_ENFORCEMENT = "apollo_persisted_queries::safelist::skip_enforcement"
USED_ID = "apollo_persisted_queries::used_id"
"""Context keys: the first two are Apollo Router's and may be set by whoever comes before."""

CACHE_HIT, REGISTERED = "apollo::apq::cache_hit", "apollo::apq::registered"
"""Apollo Router's: whether a hash was known, and whether one was kept with its text."""

NOT_FOUND, FORBIDDEN = 404, 403
LOGGED_TEXT_MAX = 2_000


async def find_operation_text(request: Request, context: RequestContext, generation: Generation) -> Request:
    """The request with its document, where it names one by an id.

    Raises:
        RefusedError: nobody knows the id, or it does not go with the document that is sent beside it.
    """
    if EXTENSION not in request.extensions:
        return request
    operation_id = read_hash(request.extensions[EXTENSION])
    if operation_id is None:
        return request
    operations, options = generation.persisted, generation.options.persisted
    if operations is not None:
        if request.query is not None and options.is_id_required:
            msg = "Sending a persisted query ID and a body in the same request is not allowed"
            raise refuse(msg, ErrorCode.CANNOT_SEND_PQ_ID_AND_BODY)
        if request.query is None:
            body = operations.find_body(operation_id, _find_client(request, context, generation))
            if body is not None:
                context.entries[USED_ID] = operation_id
                _count(generation)
                return replace(request, query=body)
            _count(generation, NOT_IN_LIST)
            if generation.queries is None or options.is_safelist:
                raise _not_in_list(operation_id, request.operation_name)
    noted = CACHE_HIT if request.query is None else REGISTERED
    # Hooks that look at the refusal of an unknown hash see this too.
    context.entries[noted] = False
    text = await find_text(operation_id, request.query, generation.queries)
    context.entries[noted] = True
    return replace(request, query=text)


async def foresee_text(context: RequestContext, generation: Generation) -> str | None:
    """The text of the operation that is asked for, as far as it is known; nothing is kept, counted or refused."""
    request, operations = context.request, generation.persisted
    operation_id = read_hash(request.extensions.get(EXTENSION))
    if request.query is not None or operation_id is None:
        return request.query
    text = None
    if operations is not None:
        text = operations.find_body(operation_id, _find_client(request, context, generation))
    return text if text is not None else await find_known_text(operation_id, generation.queries)


def check_safelist(
    document: ValidDocument, context: RequestContext, generation: Generation, operations: PersistedOperations
) -> None:
    """Refuse a document that was sent as such and may not be.

    Raises:
        RefusedError: QUERY_NOT_IN_SAFELIST, or PERSISTED_QUERY_ID_REQUIRED where only ids are taken.
    """
    options = generation.options.persisted
    if USED_ID in context.entries or not (options.is_safelist or options.is_unknown_logged):
        return
    if generation.options.is_introspection_enabled and is_introspection_only(document.document):
        return
    is_known = _is_known(document, operations, generation)
    is_logged = not is_known and options.is_unknown_logged
    if is_logged:
        logger.warning("unknown operation: %s", document.text[:LOGGED_TEXT_MAX])
    is_enforced = options.is_safelist and context.entries.get(SKIP_ENFORCEMENT) is not True
    if is_enforced or is_logged:
        labels = {LOGGED: is_logged, MISSING_ID: is_enforced and options.is_id_required}
        labels[UNKNOWN] = is_enforced and not options.is_id_required and not is_known
        _count(generation, *(name for name, is_so in labels.items() if is_so))
    if not is_enforced:
        return
    if options.is_id_required:
        msg = (
            "This endpoint does not allow freeform GraphQL requests; "
            "operations must be sent by ID in the persisted queries GraphQL extension."
        )
        raise refuse(msg, ErrorCode.PERSISTED_QUERY_ID_REQUIRED)
    if not is_known:
        msg = "The operation body was not found in the persisted query safelist"
        raise refuse(msg, ErrorCode.QUERY_NOT_IN_SAFELIST, status=FORBIDDEN)


def _count(generation: Generation, *wrong: str) -> None:
    generation.counted(PERSISTED, tuple(name in wrong or None for name in PERSISTED.labels))


def _is_known(document: ValidDocument, operations: PersistedOperations, generation: Generation) -> bool:
    known = generation.caches.safelisted.find(document.text)
    if known is None:
        known = operations.has_document(document.text, document.document)
        if len(document.text) <= KEPT_WEIGHT_MAX:
            generation.caches.safelisted.put(document.text, known)
    return known


def _find_client(request: Request, context: RequestContext, generation: Generation) -> str | None:
    given = context.entries.get(CLIENT_NAME)
    if isinstance(given, str):
        return given
    headers = generation.options.client_headers
    return next((value for name, value in request.headers if headers.get(name) == NAME_OF_CLIENT), None)


def _not_in_list(operation_id: str, operation_name: str | None) -> RefusedError:
    extensions: JsonObject = {"code": ErrorCode.PERSISTED_QUERY_NOT_IN_LIST}
    if operation_name is not None:
        extensions["operation_name"] = operation_name
    message = f"Persisted query '{operation_id}' not found in the persisted query list"
    return RefusedError([ResponseError(message, extensions=extensions)], status=NOT_FOUND)
