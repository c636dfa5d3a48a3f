"""The runtime's errors, and how a failure becomes an entry of the response's `errors`.

    RouterError
    ├── RefusedError        the request cannot be served as it is: answered with its status, code and message
    └── (each room's own)   `executor.transport.TransportError`, `config.problems.ConfigurationError`, ...

Codes and messages are Apollo Router's, so that clients and dashboards need not be changed.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct, field

from router.kit.json import JsonObject, JsonValue

ResponsePath = tuple[str | int, ...]
"""Where in the response: response keys and list indexes. `@` stands for every item where no one item is meant."""


class ErrorCode(StrEnum):
    """Values of `extensions.code` that the router itself gives."""

    AUTH_ERROR = "AUTH_ERROR"
    COST_ACTUAL_TOO_EXPENSIVE = "COST_ACTUAL_TOO_EXPENSIVE"
    COST_ESTIMATED_TOO_EXPENSIVE = "COST_ESTIMATED_TOO_EXPENSIVE"
    COST_QUERY_PARSE_FAILURE = "COST_QUERY_PARSE_FAILURE"
    CANNOT_SEND_PQ_ID_AND_BODY = "CANNOT_SEND_PQ_ID_AND_BODY"
    CSRF_ERROR = "CSRF_ERROR"
    DEFER_BAD_HEADER = "DEFER_BAD_HEADER"
    DEFERRED_RESPONSE_JWT_EXPIRED = "DEFERRED_RESPONSE_JWT_EXPIRED"
    DEFERRED_RESPONSE_TOO_LARGE = "DEFERRED_RESPONSE_TOO_LARGE"
    DOWNSTREAM_SERVICE_ERROR = "DOWNSTREAM_SERVICE_ERROR"
    GATEWAY_TIMEOUT = "GATEWAY_TIMEOUT"
    GRAPHQL_UNKNOWN_OPERATION_NAME = "GRAPHQL_UNKNOWN_OPERATION_NAME"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"
    INTROSPECTION_DISABLED = "INTROSPECTION_DISABLED"
    INVALID_ACCEPT_HEADER = "INVALID_ACCEPT_HEADER"
    INVALID_CONTENT_TYPE_HEADER = "INVALID_CONTENT_TYPE_HEADER"
    INVALID_GRAPHQL_REQUEST = "INVALID_GRAPHQL_REQUEST"
    BATCH_LIMIT_EXCEEDED = "BATCH_LIMIT_EXCEEDED"
    BATCHING_DEFER_UNSUPPORTED = "BATCHING_DEFER_UNSUPPORTED"
    BATCHING_NOT_ENABLED = "BATCHING_NOT_ENABLED"
    MISSING_QUERY_STRING = "MISSING_QUERY_STRING"
    MUTATION_FORBIDDEN = "MUTATION_FORBIDDEN"
    PARSING_ERROR = "PARSING_ERROR"
    PERSISTED_QUERY_HASH_MISMATCH = "PERSISTED_QUERY_HASH_MISMATCH"
    PERSISTED_QUERY_ID_REQUIRED = "PERSISTED_QUERY_ID_REQUIRED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_IN_LIST = "PERSISTED_QUERY_NOT_IN_LIST"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    QUERY_NOT_IN_SAFELIST = "QUERY_NOT_IN_SAFELIST"
    QUERY_PLANNING_FAILED = "QUERY_PLANNING_FAILED"
    REQUEST_CONCURRENCY_LIMITED = "REQUEST_CONCURRENCY_LIMITED"
    REQUEST_RATE_LIMITED = "REQUEST_RATE_LIMITED"
    RESPONSE_TOO_LARGE = "RESPONSE_TOO_LARGE"
    SUBGRAPH_CIRCUIT_BREAKER_REJECTED = "SUBGRAPH_CIRCUIT_BREAKER_REJECTED"
    SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE = "SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE"
    FILE_UPLOADS_LIMITS_MAX_FILES_EXCEEDED = "FILE_UPLOADS_LIMITS_MAX_FILES_EXCEEDED"
    FILE_UPLOADS_LIMITS_MAX_FILE_SIZE_EXCEEDED = "FILE_UPLOADS_LIMITS_MAX_FILE_SIZE_EXCEEDED"
    SUBREQUEST_BATCHING_ERROR = "SUBREQUEST_BATCHING_ERROR"
    SUBREQUEST_HTTP_ERROR = "SUBREQUEST_HTTP_ERROR"
    SUBREQUEST_MALFORMED_RESPONSE = "SUBREQUEST_MALFORMED_RESPONSE"
    SUBSCRIPTION_DISABLED = "SUBSCRIPTION_DISABLED"
    UNAUTHORIZED_FIELD_OR_TYPE = "UNAUTHORIZED_FIELD_OR_TYPE"
    UNKNOWN_ERROR = "UNKNOWN_ERROR"
    VALIDATION_INVALID_TYPE_VARIABLE = "VALIDATION_INVALID_TYPE_VARIABLE"


class ResponseError(Struct, frozen=True):
    """One entry of `errors`.

    Attributes:
        path: None if the error belongs to no place in particular.
        locations: positions in the client's document, each `{"line": ..., "column": ...}`, from 1.
        subgraph: whose failure it is; None for the router's own. It decides what the client may see.
    """

    message: str
    path: ResponsePath | None = None
    extensions: Mapping[str, JsonValue] = field(default_factory=dict)
    locations: Sequence[JsonObject] = ()
    subgraph: str | None = None

    def write(self) -> JsonObject:
        """The entry as JSON. Spec: GraphQL, September 2025, 7.1.7 Errors."""
        entry: JsonObject = {"message": self.message}
        if self.locations:
            entry["locations"] = list(self.locations)
        if self.path is not None:
            entry["path"] = list(self.path)
        if self.extensions:
            entry["extensions"] = dict(self.extensions)
        return entry


class RouterError(Exception):
    """Root of everything that the router raises on purpose."""


class RefusedError(RouterError):
    """A request that is not served; `errors` is the whole answer.

    Attributes:
        status: the HTTP status.
        headers: additional headers of the answer, such as `allow`.
        is_data_null: whether the body says `"data": null`, as a result does, or leaves `data` out, as a
            request error does (GraphQL, September 2025, 7.1.2).
    """

    def __init__(
        self,
        errors: Sequence[ResponseError],
        *,
        status: int = 400,
        headers: tuple[tuple[str, str], ...] = (),
        is_data_null: bool = False,
    ) -> None:
        super().__init__(errors[0].message)
        self.errors = tuple(errors)
        self.status = status
        self.headers = headers
        self.is_data_null = is_data_null


def refuse(message: str, code: str, *, status: int = 400, **extensions: JsonValue) -> RefusedError:
    """A refusal with one error."""
    return RefusedError([ResponseError(message, extensions={"code": code, **extensions})], status=status)
