"""One request to one subgraph, and what its answer means."""

from dataclasses import dataclass, field

from router.errors import ResponseError
from router.executor.content_types import find_content_type_fault
from router.executor.failures import (
    describe_http_failure,
    describe_malformed,
    describe_status,
    describe_transport_failure,
)
from router.executor.transport import SubgraphAnswer, TransportError
from router.kit.json import JsonObject, JsonValue, read_faulty_json, write_json
from router.query_plan.nodes import Fetch

SUCCESS = range(200, 300)


@dataclass(frozen=True, slots=True)
class FetchOutcome:
    """What one fetch brought.

    Attributes:
        data: None if the subgraph has nothing to say.
        errors: the subgraph's own errors, entries of its `errors` as they came.
        failures: what is wrong with the exchange itself.
    """

    data: JsonObject | None = None
    errors: list[JsonObject] = field(default_factory=list)
    failures: list[ResponseError] = field(default_factory=list)


def write_body(fetch: Fetch, variables: JsonObject) -> bytes:
    """The GraphQL request of `fetch` as JSON."""
    body: JsonObject = {"query": fetch.operation}
    if fetch.operation_name is not None:
        body["operationName"] = fetch.operation_name
    if variables:
        body["variables"] = variables
    return write_json(body)


def read_outcome(subgraph: str, answer: SubgraphAnswer | TransportError) -> FetchOutcome:
    """What an exchange brought; every failure of the world outside becomes part of it."""
    if isinstance(answer, TransportError):
        return FetchOutcome(failures=[describe_transport_failure(subgraph, answer)])
    return read_answer(subgraph, answer)


def read_answer(subgraph: str, answer: SubgraphAnswer) -> FetchOutcome:
    """What an HTTP answer means.

    A GraphQL response under a failing status counts, and the status is reported beside it, unless the
    answer's media type says that the status is part of the protocol.

    Spec: GraphQL over HTTP, 2025 draft, 6.4.
    """
    content_type = answer.headers.get("content-type")
    fault = find_content_type_fault(content_type)
    is_failed = answer.status not in SUCCESS
    if fault is not None:
        reason = describe_status(answer.status) if is_failed else fault
        return FetchOutcome(failures=[describe_http_failure(subgraph, reason, answer.status)])
    outcome = read_body(subgraph, answer.body)
    if is_failed and "graphql-response" not in (content_type or ""):
        # It stands for what may be wrong with the body too: an error page is no GraphQL response.
        failure = describe_http_failure(subgraph, describe_status(answer.status), answer.status)
        return FetchOutcome(outcome.data, outcome.errors, [failure])
    return outcome


def read_body(subgraph: str, body: bytes) -> FetchOutcome:
    """A GraphQL response from its JSON text. Spec: GraphQL, September 2025, 7.1 Response Format."""
    try:
        response = read_faulty_json(body)
    except ValueError as error:
        return FetchOutcome(failures=[describe_malformed(subgraph, str(error))])
    fault = _find_fault(response)
    if fault is not None:
        return FetchOutcome(failures=[describe_malformed(subgraph, fault)])
    errors = [_mend_error(subgraph, error) for error in response.get("errors") or ()]
    return FetchOutcome(response.get("data"), errors)


def _mend_error(subgraph: str, error: JsonValue) -> JsonObject:
    """The error with a message, which it must have: the data beside it is none the worse. The words are Apollo's gateway's."""
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        return error
    members = error if isinstance(error, dict) else {}
    return {**members, "message": f'Error while fetching subquery from service "{subgraph}"'}


def _find_fault(response: JsonValue) -> str | None:
    """Why `response` is no GraphQL response, None if it is one."""
    if not isinstance(response, dict):
        return "the response is not a JSON object"
    data, errors = response.get("data"), response.get("errors")
    if data is not None and not isinstance(data, dict):
        return "`data` must be an object or null"
    if errors is not None and not isinstance(errors, list):
        return "`errors` must be a list"
    if data is None and not errors:
        return "graphql response without data must contain at least one error"
    return None
