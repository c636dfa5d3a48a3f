"""What can go wrong with one fetch, in Apollo Router's codes and words."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from uuid import uuid4

from msgspec.structs import replace

from router.errors import ErrorCode, ResponseError
from router.executor.options import ErrorExposureOptions
from router.executor.traffic.errors import NotSentError
from router.executor.transport import (
    BatchAnswerError,
    MalformedAnswerError,
    SubgraphTimeoutError,
    TransportError,
)
from router.kit.json import JsonObject, JsonValue, write_json

logger = logging.getLogger(__name__)

REDACTED_MESSAGE = "Subgraph errors redacted"
LOGGED_MAX = 20
"""Hidden errors of one operation that are logged; a subgraph may send thousands."""


def describe_transport_failure(subgraph: str, error: TransportError) -> ResponseError:
    """The error for a fetch that brought no HTTP answer."""
    if isinstance(error, SubgraphTimeoutError):
        extensions = {"code": ErrorCode.GATEWAY_TIMEOUT, "service": subgraph}
        return ResponseError("Your request has been timed out", extensions=extensions, subgraph=subgraph)
    if isinstance(error, NotSentError):
        return ResponseError(
            error.message, extensions={"code": error.code, "service": subgraph}, subgraph=subgraph
        )
    if isinstance(error, MalformedAnswerError):
        return describe_malformed(subgraph, str(error))
    if isinstance(error, BatchAnswerError):
        extensions = {"code": ErrorCode.SUBREQUEST_BATCHING_ERROR, "service": subgraph, "reason": str(error)}
        return ResponseError(
            f"Batching error for '{subgraph}': {error}", extensions=extensions, subgraph=subgraph
        )
    return describe_http_failure(subgraph, str(error))


def describe_status(status: int) -> str:
    """`503: Service Unavailable`."""
    try:
        return f"{status}: {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def describe_http_failure(subgraph: str, reason: str, status: int | None = None) -> ResponseError:
    """The error for an HTTP exchange that failed; `status` if there was an answer."""
    extensions: JsonObject = {"code": ErrorCode.SUBREQUEST_HTTP_ERROR, "service": subgraph, "reason": reason}
    if status is not None:
        extensions["http"] = {"status": status}
    message = f"HTTP fetch failed from '{subgraph}': {reason}"
    return ResponseError(message, extensions=extensions, subgraph=subgraph)


def describe_malformed(subgraph: str, reason: str) -> ResponseError:
    """The error for an answer that is no GraphQL response."""
    extensions = {
        "code": ErrorCode.SUBREQUEST_MALFORMED_RESPONSE,
        "service": subgraph,
        "reason": reason,
    }
    message = f"service '{subgraph}' response was malformed: {reason}"
    return ResponseError(message, extensions=extensions, subgraph=subgraph)


def expose_all(errors: Sequence[ResponseError], options: ErrorExposureOptions) -> list[ResponseError]:
    """The errors of one operation as the client may see them; what is hidden goes to the logs if it is asked for."""
    exposed = [expose(error, options) for error in errors]
    if not options.has_error_id:
        return exposed
    error_id = str(uuid4())
    hidden = [error for error, shown in zip(errors, exposed, strict=True) if shown.message != error.message]
    for error in hidden[:LOGGED_MAX]:
        described = write_json(error.write()).decode()
        logger.warning("hidden error of subgraph %s, error_id %s: %s", error.subgraph, error_id, described)
    if len(hidden) > LOGGED_MAX:
        logger.warning("%d more hidden errors, error_id %s", len(hidden) - LOGGED_MAX, error_id)
    return [
        replace(shown, extensions={**shown.extensions, "error_id": error_id})
        if shown.message != error.message
        else shown
        for error, shown in zip(errors, exposed, strict=True)
    ]


def expose(error: ResponseError, options: ErrorExposureOptions) -> ResponseError:
    """The error as the client may see it. The router's own errors pass unchanged."""
    if error.subgraph is None:
        return error
    exposure = options.of_subgraph(error.subgraph)
    if not exposure.is_included:
        return ResponseError(REDACTED_MESSAGE, path=error.path)
    extensions: dict[str, JsonValue] = {"service": error.subgraph, **error.extensions}
    if exposure.allowed_keys is not None:
        extensions = {key: value for key, value in extensions.items() if key in exposure.allowed_keys}
    for key in exposure.denied_keys:
        extensions.pop(key, None)
    message = REDACTED_MESSAGE if exposure.is_message_redacted else error.message
    return ResponseError(message, path=error.path, extensions=extensions, subgraph=error.subgraph)
