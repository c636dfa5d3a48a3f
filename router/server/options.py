"""What can be set about the HTTP side."""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from router.executor.transport_tls import load_certificate
from router.kit.gcra import Rate
from router.kit.patterns import Pattern
from router.kit.redis_options import RedisOptions
from router.server.readiness import ReadinessOptions

APOLLO_STUDIO = "https://studio.apollographql.com"

CSRF_HEADERS = ("x-apollo-operation-name", "apollo-require-preflight")
BODY_BYTES_MAX = 2_000_000
CLIENTS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class CorsPolicy:
    """What browsers on some other origins may do.

    Attributes:
        origins: exact origins.
        match_origins: expressions that an origin must match whole.
        allow_headers: empty to allow whatever the browser asks for.
        max_age_s: seconds that a browser may remember; None to leave it to the browser.
        private_network: whether pages of public networks may reach us in a private one, and as whom we are shown to the
            visitor: headers of the answer. None for not.
    """

    origins: tuple[str, ...] = ()
    match_origins: tuple[Pattern, ...] = ()
    allow_credentials: bool = False
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("GET", "POST", "OPTIONS")
    max_age_s: int | None = None
    private_network: tuple[tuple[str, str], ...] | None = None

    def is_for(self, origin: str) -> bool:
        """Whether the policy speaks of `origin`."""
        return origin in self.origins or any(each.fullmatch(origin) for each in self.match_origins)


@dataclass(frozen=True, slots=True)
class CorsOptions:
    """Apollo's `cors`: the first policy that names the origin holds.

    Attributes:
        any_origin: the policy for every origin, None if only those of `policies` are allowed.
    """

    any_origin: CorsPolicy | None = None
    policies: tuple[CorsPolicy, ...] = (CorsPolicy(origins=(APOLLO_STUDIO,)),)

    def find_policy(self, origin: str) -> CorsPolicy | None:
        """The policy for requests from pages of `origin`."""
        for policy in self.policies:
            if policy.is_for(origin):
                return policy
        return self.any_origin


@dataclass(frozen=True, slots=True)
class CsrfOptions:
    """Apollo's `csrf`."""

    is_enabled: bool = True
    required_headers: tuple[str, ...] = CSRF_HEADERS


@dataclass(frozen=True, slots=True)
class HealthOptions:
    """Apollo's `health_check`.

    Attributes:
        listen: a host and port of its own; None to answer beside GraphQL.
    """

    is_enabled: bool = True
    path: str = "/health"
    listen: str | None = None
    readiness: ReadinessOptions = field(default_factory=ReadinessOptions)


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """Bounds on one client's connection; times in seconds.

    Attributes:
        head_bytes_max: of a request's line and headers together.
        headers_max: number of headers; Apollo's `limits.http1_max_request_headers`.
        head_timeout_s: for a whole head, from its first byte or from the connection's start; Apollo's
            `server.http.header_read_timeout`.
        body_timeout_s: for a whole body, from the end of its head.
        unread_timeout_s: how often a client must have taken a part of its answer.
        keep_alive_s: how long a connection may stay without a request.
    """

    head_bytes_max: int = 65_536
    headers_max: int = 100
    head_timeout_s: float = 10.0
    body_timeout_s: float = 30.0
    unread_timeout_s: float = 30.0
    keep_alive_s: float = 75.0


@dataclass(frozen=True, slots=True)
class ShutdownOptions:
    """The end of a process, or of what a reload replaces; times in seconds.

    Attributes:
        delay_s: how long SIGTERM leaves load balancers to learn from `?ready` that no more work is wanted.
        drain_s: what requests under way then get; Apollo's `supergraph.connection_shutdown_timeout`.
    """

    delay_s: float = 0.0
    drain_s: float = 60.0


@dataclass(frozen=True, slots=True)
class ServerTls:
    """Apollo's `tls.supergraph`: what clients are shown, as PEM texts."""

    certificate_chain: str
    key: str = field(repr=False)

    def build_context(self) -> ssl.SSLContext:
        """What a server needs.

        Raises:
            ssl.SSLError: a text is no PEM, or the key is not that of the certificate.
        """
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        load_certificate(context, self.certificate_chain, self.key)
        return context


@dataclass(frozen=True, slots=True)
class DedupeOptions:
    """Which identical queries of clients are answered once.

    Attributes:
        is_enabled: those that come while the first is under way.
        is_simultaneous: those that are read before the first is sent on.
        headers: names of those that may change the answer; None for all.
    """

    is_enabled: bool = False
    headers: frozenset[str] | None = None
    is_simultaneous: bool = True


class KeyKind(StrEnum):
    """What tells clients apart."""

    IP = "ip"
    HEADER = "header"
    CLAIM = "claim"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class ClientRateOptions:
    """Ours: `traffic_shaping.router.client_rate_limit`.

    Attributes:
        name: of the header, the claim, or the function as `module:function`.
        trusted_proxies: how many proxies before us append to `X-Forwarded-For`; the address before them is the client's.
        clients_max: how many clients are remembered; of more, those not seen for longest begin anew.
        redis: None to count in this process alone.
    """

    rate: Rate
    kind: KeyKind = KeyKind.IP
    name: str = ""
    trusted_proxies: int = 0
    clients_max: int = CLIENTS_MAX
    redis: RedisOptions | None = None


@dataclass(frozen=True, slots=True)
class AdmissionOptions:
    """Limits on what is let in; None for no such limit.

    Attributes:
        rate: Apollo's `global_rate_limit`, for all clients together.
        concurrency_limit: Apollo's: requests under way.
        lag_s_max: ours, `load_shedding.max_lag`: how late the event loop may be and still take new work.
        client_rate: ours.
    """

    rate: Rate | None = None
    concurrency_limit: int | None = None
    lag_s_max: float | None = None
    client_rate: ClientRateOptions | None = None

    @property
    def is_empty(self) -> bool:
        """Whether everybody is let in."""
        return self == AdmissionOptions()


@dataclass(frozen=True, slots=True)
class BatchingOptions:
    """Apollo's `batching`: whether a body may be a list of requests, and how long; None for any length.

    The bound is ours where none is given: a list of 100,000 small queries is within the bound of a body.
    """

    is_enabled: bool = False
    size_max: int | None = 100


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """Apollo's `preview_file_uploads`: how many files a request may have, and how large each."""

    files_max: int = 5
    file_bytes_max: int = 1_000_000


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Everything about the HTTP side that can be set.

    Attributes:
        path: where GraphQL is served.
        studio: the folder of the built studio, which reads the schema: where introspection is off browsers get a plain
            page. None to show no page to browsers.
        tls: None for plain HTTP. With it, health is asked over TLS too.
        uploads: None to take no files.
        trusted_proxies: how many proxies before us append to `X-Forwarded-For`, which is then told on as the one address
            that it is known to be; None to leave it as the client says.
    """

    listen: str = "127.0.0.1:4000"
    path: str = "/"
    body_bytes_max: int = BODY_BYTES_MAX
    studio: Path | None = None
    cors: CorsOptions = field(default_factory=CorsOptions)
    csrf: CsrfOptions = field(default_factory=CsrfOptions)
    health: HealthOptions = field(default_factory=HealthOptions)
    connection: ConnectionOptions = ConnectionOptions()
    shutdown: ShutdownOptions = ShutdownOptions()
    batching: BatchingOptions = BatchingOptions()
    dedupe: DedupeOptions = DedupeOptions()
    admission: AdmissionOptions = field(default_factory=AdmissionOptions)
    tls: ServerTls | None = None
    uploads: UploadOptions | None = None
    trusted_proxies: int | None = None

    @property
    def form_bytes_max(self) -> int:
        """Bytes of a form with as many files as there may be, and what is around them."""
        if self.uploads is None:
            return self.body_bytes_max
        return 2 * self.body_bytes_max + self.uploads.files_max * self.uploads.file_bytes_max
