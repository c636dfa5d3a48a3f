"""Subgraphs over HTTP by a well-kept client library: for what the pool does not do, which is HTTP/2."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, DetailedPyreqwestError, PyreqwestError, RequestTimeoutError
from pyreqwest.response import Response

from router.executor.options import ANSWER_BYTES_MAX, CONNECTION_IDLE_S
from router.executor.transport import (
    AnswerTooLargeError,
    SubgraphAnswer,
    SubgraphRequest,
    SubgraphTimeoutError,
    TransportError,
)

JSON_HEADERS = (
    ("content-type", "application/json"),
    ("accept", "application/json, application/graphql-response+json"),
)


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """Bounds on the exchange with subgraphs; `is_http2_known` speaks HTTP/2 at once, without TLS too."""

    answer_bytes_max: int = ANSWER_BYTES_MAX
    connection_idle_s: float = CONNECTION_IDLE_S
    is_http2_known: bool = False


class HttpTransport:
    """Posts to each subgraph's URL. Connections are kept open between requests."""

    def __init__(self, urls: Mapping[str, str], options: HttpOptions | None = None) -> None:
        self._urls = dict(urls)
        self._options = options or HttpOptions()
        self._client: Client | None = None

    async def send(self, request: SubgraphRequest) -> SubgraphAnswer:
        """Post `request` and read the whole answer.

        Raises:
            SubgraphTimeoutError: the answer was not complete within `request.timeout_s`.
            AnswerTooLargeError: it is larger than `answer_bytes_max`.
            TransportError: there was none, or it was no HTTP.
        """
        url = self._urls.get(request.subgraph)
        if not url:
            msg = "the subgraph has no routing URL"
            raise TransportError(msg)
        try:
            builder = (
                self._get_client()
                .post(url)
                .headers([*JSON_HEADERS, *request.headers])
                .body_bytes(request.body)
                .timeout(timedelta(seconds=request.timeout_s))
            )
            async with builder.build_streamed() as response:
                return await self._read(response)
        except RequestTimeoutError as error:
            raise SubgraphTimeoutError(error.message) from error
        except (BuilderError, PyreqwestError) as error:
            raise TransportError(_describe(error)) from error

    async def close(self) -> None:
        """Close all connections; requests under way fail."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _read(self, response: Response) -> SubgraphAnswer:
        bytes_max = self._options.answer_bytes_max
        chunks: list[bytes] = []
        size = 0
        while (chunk := await response.body_reader.read_chunk()) is not None:
            size += len(chunk)
            if size > bytes_max:
                msg = f"the response is larger than {bytes_max} bytes"
                raise AnswerTooLargeError(msg)
            chunks.append(bytes(chunk))
        return SubgraphAnswer(response.status, b"".join(chunks), dict(response.headers))

    def _get_client(self) -> Client:
        # Made at the first request: the client belongs to the event loop that runs it.
        if self._client is None:
            builder = (
                ClientBuilder()
                .follow_redirects(enable=False)
                .referer(enable=False)
                .no_proxy()
                .default_cookie_store(enable=False)
                .pool_idle_timeout(timedelta(seconds=self._options.connection_idle_s))
            )
            self._client = (
                builder.http2_prior_knowledge() if self._options.is_http2_known else builder
            ).build()
        return self._client


def _describe(error: PyreqwestError) -> str:
    """The innermost cause, which is what an operator can act on; no URL, no credentials."""
    causes = error.details.get("causes") if isinstance(error, DetailedPyreqwestError) else None
    return causes[-1]["message"] if causes else "request failed"
