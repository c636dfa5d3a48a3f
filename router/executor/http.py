"""Subgraphs over HTTP by a well-kept client library: for what the pool does not do, HTTP/2 and proxies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, DetailedPyreqwestError, PyreqwestError, RequestTimeoutError
from pyreqwest.proxy import ProxyBuilder
from pyreqwest.response import Response

from router.executor.options import (
    ANSWER_BYTES_MAX,
    CONNECTION_IDLE_S,
    CONNECTIONS_MAX,
    HTTP2_PING_TIMEOUT_S,
    SubgraphTls,
)
from router.executor.transport import (
    AnswerTooLargeError,
    SubgraphAnswer,
    SubgraphRequest,
    SubgraphTimeoutError,
    TransportError,
)
from router.kit.http_headers import join_values

JSON_HEADERS = (
    ("content-type", "application/json"),
    ("accept", "application/json, application/graphql-response+json"),
)


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """Bounds on the exchange with subgraphs, and the way to them.

    Attributes:
        is_http2_possible: whether HTTP/2 is spoken where TLS offers it.
        is_http2_known: whether it is spoken at once, without TLS too.
        ping_s: how often an HTTP/2 connection is asked whether it is alive; None for never.
        proxy: the URL of an HTTP proxy; None to go straight, whatever the environment says.
    """

    answer_bytes_max: int = ANSWER_BYTES_MAX
    connection_idle_s: float = CONNECTION_IDLE_S
    is_http2_possible: bool = True
    is_http2_known: bool = False
    tls: SubgraphTls = field(default_factory=SubgraphTls)
    proxy: str | None = None
    ping_s: float | None = None
    ping_timeout_s: float = HTTP2_PING_TIMEOUT_S


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
        url = request.url or self._urls.get(request.subgraph)
        if not url:
            msg = "the subgraph has no routing URL"
            raise TransportError(msg)
        try:
            builder = (
                self._get_client()
                .post(url)
                .headers([*_write_fixed(request.content_type), *request.headers])
                .body_bytes(request.body)
                .timeout(timedelta(seconds=request.timeout_s))
            )
            async with builder.build_streamed() as response:
                return await self._read(response)
        except RequestTimeoutError as error:
            raise SubgraphTimeoutError(error.message) from error
        except (BuilderError, PyreqwestError) as error:
            raise TransportError(_describe(error)) from error
        except ValueError as error:
            raise TransportError(f"the routing URL is not usable: {error}") from error

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
        headers: dict[str, str] = {}
        for name, value in response.headers.items():
            headers[name] = join_values(name, headers[name], value) if name in headers else value
        return SubgraphAnswer(response.status, b"".join(chunks), headers)

    def _get_client(self) -> Client:
        # Made at the first request: the client belongs to the event loop that runs it.
        if self._client is None:
            self._client = self._build_client()
        return self._client

    def _build_client(self) -> Client:
        options, tls = self._options, self._options.tls
        builder = (
            ClientBuilder()
            .follow_redirects(enable=False)
            .referer(enable=False)
            .default_cookie_store(enable=False)
            .pool_idle_timeout(timedelta(seconds=options.connection_idle_s))
            .max_connections(CONNECTIONS_MAX)
        )
        builder = (
            builder.no_proxy() if options.proxy is None else builder.proxy(ProxyBuilder.all(options.proxy))
        )
        if options.ping_s is not None:
            builder = (
                builder.http2_keep_alive_interval(timedelta(seconds=options.ping_s))
                .http2_keep_alive_timeout(timedelta(seconds=options.ping_timeout_s))
                .http2_keep_alive_while_idle(True)
            )
        if tls.certificate_authorities:
            builder = builder.add_root_certificate_pem(tls.certificate_authorities.encode())
        if tls.certificate_chain:
            builder = builder.identity_pem(f"{tls.key}\n{tls.certificate_chain}".encode())
        if options.is_http2_known:
            return builder.http2_prior_knowledge().build()
        return builder.http2(options.is_http2_possible).build()


def _write_fixed(content_type: str | None) -> Iterable[tuple[str, str]]:
    return JSON_HEADERS if content_type is None else (("content-type", content_type), *JSON_HEADERS[1:])


def _describe(error: PyreqwestError) -> str:
    """The innermost cause, which is what an operator can act on; no URL, no credentials."""
    causes = error.details.get("causes") if isinstance(error, DetailedPyreqwestError) else None
    return causes[-1]["message"] if causes else "request failed"
