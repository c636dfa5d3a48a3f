"""The schema of a running subgraph, asked for as federation defines it, else by introspection.

Nothing that a subgraph answers, however slowly or much, can keep composition waiting beyond the deadline or fill the memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from graphql import (
    GraphQLError,
    build_client_schema,
    get_introspection_query,
    print_schema,
)
from pyreqwest.client import SyncClient, SyncClientBuilder
from pyreqwest.exceptions import DetailedPyreqwestError, PyreqwestError, RequestTimeoutError
from pyreqwest.response import SyncResponse

from router.kit.json import JsonValue, read_json, write_json

_HEADERS = {
    "content-type": "application/json",
    "accept": "application/json, application/graphql-response+json",
}
_SDL_QUERY = "{ _service { sdl } }"
# Without what only newer servers understand.
_INTROSPECTION_QUERY = get_introspection_query(descriptions=True)


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """Bounds on asking one subgraph: `timeout_s` is for the whole exchange, `answer_bytes_max` for one answer."""

    timeout_s: float = 10.0
    answer_bytes_max: int = 20_000_000


@dataclass(frozen=True, slots=True)
class SchemaAddress:
    """Where a subgraph is asked for its schema, and the additional headers that it asks for."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


class FetchError(Exception):
    """The subgraph did not give its schema; the message says why."""


def fetch_sdl(address: SchemaAddress, options: FetchOptions | None = None) -> str:
    """Ask a subgraph for its SDL; one that knows nothing of federation is introspected.

    Raises:
        FetchError: it does not answer in time, or with no schema.

    Spec: Apollo Federation subgraph specification, `Query._service`; GraphQL, September 2025, 4 Introspection.
    """
    if not address.url.startswith(("http://", "https://")):
        raise FetchError("must begin with http:// or https://")
    options = options or FetchOptions()
    # Headers with secrets would follow a redirect to wherever it leads.
    with SyncClientBuilder().follow_redirects(enable=False).build() as client:
        exchange = _Exchange(client, address, options, ends_at=monotonic() + options.timeout_s)
        sdl = _find(exchange.ask(_SDL_QUERY), "data", "_service", "sdl")
        return sdl if isinstance(sdl, str) else _read_introspection(exchange.ask(_INTROSPECTION_QUERY))


@dataclass(frozen=True, slots=True)
class _Exchange:
    client: SyncClient
    address: SchemaAddress
    options: FetchOptions
    ends_at: float

    def ask(self, query: str) -> JsonValue:
        """The answer as JSON, whatever its status: GraphQL says in the body what is wrong."""
        try:
            request = (
                self.client.post(self.address.url)
                .headers({**_HEADERS, **self.address.headers})
                .body_bytes(write_json({"query": query}))
                .timeout(timedelta(seconds=max(self.ends_at - monotonic(), 0.001)))
            )
            with request.build_streamed() as response:
                status, body = response.status, _read(response, self.options.answer_bytes_max)
        except RequestTimeoutError:
            raise FetchError(f"does not answer within {self.options.timeout_s:g} s") from None
        except (PyreqwestError, ValueError) as error:
            raise FetchError(f"does not answer: {_describe(error)}") from error
        try:
            return read_json(body)
        except ValueError:
            raise FetchError(
                f"answers with HTTP status {status} and no JSON: is it a GraphQL endpoint?"
            ) from None


def _read(response: SyncResponse, bytes_max: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while (chunk := response.body_reader.read_chunk()) is not None:
        size += len(chunk)
        if size > bytes_max:
            raise FetchError(f"answers with more than {bytes_max} bytes")
        chunks.append(bytes(chunk))
    return b"".join(chunks)


def _read_introspection(answer: JsonValue) -> str:
    schema = _find(answer, "data", "__schema")
    if schema is None:
        reason = _find(answer, "errors", 0, "message")
        told = f" ({reason})" if isinstance(reason, str) else ""
        raise FetchError(
            f"gives neither its SDL nor introspection{told}: allow one of them, or use schema.file"
        )
    try:
        return print_schema(build_client_schema({"__schema": schema}, assume_valid=True))
    except (GraphQLError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FetchError(f"answers introspection with no schema: {error}") from error


def _find(value: JsonValue, *keys: str | int) -> JsonValue:
    """What is at a path; None if something on it is missing."""
    for key in keys:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _describe(error: Exception) -> str:
    """The innermost cause, which is what somebody can act on; no URL, no credentials."""
    causes = error.details.get("causes") if isinstance(error, DetailedPyreqwestError) else None
    return causes[-1]["message"] if causes else "the request cannot be made: look at the URL and the headers"
