"""What can be set about execution."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from router.executor.headers import HeaderOptions
from router.executor.response_cache.options import ResponseCacheOptions
from router.executor.response_headers import ResponseHeaderOptions
from router.executor.traffic.breaker import BreakerOptions
from router.executor.traffic.retry import RetryOptions
from router.kit.gcra import Rate

SUBGRAPH_TIMEOUT_S = 30.0
"""Apollo Router's default for `traffic_shaping.all.timeout`."""

ANSWER_BYTES_MAX = 64 * 1024 * 1024
"""A subgraph that answers more is broken, and one such answer must not take the router down."""

RESPONSE_BYTES_MAX = 64_000_000
"""About as much as one subgraph may answer."""

CONNECTIONS_MAX = 256
"""Requests to one subgraph at a time; those beyond wait their turn, within their own time."""

CONNECTION_IDLE_S = 15.0
"""Apollo Router's default for `traffic_shaping.all.pool_idle_timeout`."""


HTTP2_PING_TIMEOUT_S = 20.0
"""Apollo Router's default for `experimental_http2_keep_alive_timeout`."""


class Http2(StrEnum):
    """Apollo's `experimental_http2`: never, where TLS offers it, or at once."""

    DISABLE = "disable"
    ENABLE = "enable"
    ONLY = "http2only"


class Dns(StrEnum):
    """Which addresses of a host are tried, in which order; Apollo's names."""

    IPV4_ONLY = "ipv4_only"
    IPV6_ONLY = "ipv6_only"
    BOTH = "ipv4_and_ipv6"
    IPV6_FIRST = "ipv6_then_ipv4"
    IPV4_FIRST = "ipv4_then_ipv6"


@dataclass(frozen=True, slots=True)
class SubgraphTraffic:
    """How one subgraph is talked to; times in seconds.

    Attributes:
        http2_ping_s: how often an HTTP/2 connection is asked whether it is alive; None for never.
        http2_ping_timeout_s: what the answer may take.
        is_deduplicated: whether identical queries under way at the same time are sent once.
        proxy: the URL of an HTTP proxy; None to go straight.
        encoding: of requests' bodies; None to send them as they are.
        rate: how many requests it gets; None for all.
        concurrency_limit: how many at a time; None for as many as there are connections.
        breaker, retry: None for neither.
    """

    timeout_s: float = SUBGRAPH_TIMEOUT_S
    connection_idle_s: float = CONNECTION_IDLE_S
    http2: Http2 = Http2.DISABLE
    http2_ping_s: float | None = None
    http2_ping_timeout_s: float = HTTP2_PING_TIMEOUT_S
    is_deduplicated: bool = False
    proxy: str | None = None
    encoding: str | None = None
    rate: Rate | None = None
    concurrency_limit: int | None = None
    breaker: BreakerOptions | None = None
    retry: RetryOptions | None = None
    dns: Dns = Dns.IPV4_FIRST

    @property
    def is_counted(self) -> bool:
        """Whether it matters how many requests there are."""
        is_switched_on = any(each is not None and each.is_enabled for each in (self.breaker, self.retry))
        return is_switched_on or self.rate is not None or self.concurrency_limit is not None


@dataclass(frozen=True, slots=True)
class TrafficOptions:
    """Apollo's `traffic_shaping`, the subgraphs' side."""

    all: SubgraphTraffic = SubgraphTraffic()
    subgraphs: Mapping[str, SubgraphTraffic] = field(default_factory=dict)

    def of_subgraph(self, subgraph: str) -> SubgraphTraffic:
        """What holds for `subgraph`."""
        return self.subgraphs.get(subgraph, self.all)


@dataclass(frozen=True, slots=True)
class SubgraphTls:
    """Whom we trust, and as whom we come; each a PEM text, empty for none.

    Attributes:
        certificate_authorities: instead of the machine's own.
        certificate_chain: of our certificate, for subgraphs that ask for one; `key` is its private key.
    """

    certificate_authorities: str = ""
    certificate_chain: str = ""
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class TlsOptions:
    """Apollo's `tls.subgraph`."""

    all: SubgraphTls = SubgraphTls()
    subgraphs: Mapping[str, SubgraphTls] = field(default_factory=dict)

    def of_subgraph(self, subgraph: str) -> SubgraphTls:
        """What holds for `subgraph`."""
        return self.subgraphs.get(subgraph, self.all)


@dataclass(frozen=True, slots=True)
class AwsSigning:
    """As whom requests are signed for AWS.

    Attributes:
        access_key_id, secret_access_key: empty to look in the environment, the profile and the machine.
        role_arn: the role to take on; None for none.
    """

    region: str
    service_name: str
    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)
    profile_name: str = ""
    role_arn: str | None = None
    role_session_name: str = ""
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class SigningOptions:
    """Apollo's `authentication.subgraph`; None for requests without a signature."""

    all: AwsSigning | None = None
    subgraphs: Mapping[str, AwsSigning | None] = field(default_factory=dict)

    @property
    def is_off(self) -> bool:
        """Whether nothing is signed."""
        return self.all is None and not any(self.subgraphs.values())

    def of_subgraph(self, subgraph: str) -> AwsSigning | None:
        """What holds for `subgraph`."""
        return self.subgraphs.get(subgraph, self.all)


@dataclass(frozen=True, slots=True)
class ErrorExposure:
    """How much of a subgraph's errors the client sees.

    Attributes:
        is_included: False redacts the message and empties the extensions; the path stays.
        is_message_redacted: redacts the message although extensions are shown.
        allowed_keys: the only keys of `extensions` shown; None for all.
        denied_keys: keys of `extensions` never shown.
    """

    is_included: bool = False
    is_message_redacted: bool = False
    allowed_keys: frozenset[str] | None = None
    denied_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ErrorExposureOptions:
    """Apollo's `include_subgraph_errors`.

    Attributes:
        has_error_id: whether errors whose message is hidden carry an id under which the logs have it.
    """

    all: ErrorExposure = ErrorExposure()
    subgraphs: Mapping[str, ErrorExposure] = field(default_factory=dict)
    has_error_id: bool = False

    def of_subgraph(self, subgraph: str) -> ErrorExposure:
        """What holds for the errors of `subgraph`."""
        return self.subgraphs.get(subgraph, self.all)


@dataclass(frozen=True, slots=True)
class SubgraphSwitch:
    """Something that is on for all subgraphs or for some: Apollo's `batching.subgraph`, `apq.subgraph`."""

    all: bool = False
    subgraphs: Mapping[str, bool] = field(default_factory=dict)

    @property
    def is_off(self) -> bool:
        """Whether it is on for none."""
        return not self.all and not any(self.subgraphs.values())

    def is_for(self, subgraph: str) -> bool:
        """Whether it is on for `subgraph`."""
        return self.subgraphs.get(subgraph, self.all)


COMPILE_AFTER = 2
"""Compiling costs as much as some ten runs save; two runs tell which operations come again."""


@dataclass(frozen=True, slots=True)
class ExecutorOptions:
    """Everything about execution that can be set.

    Attributes:
        response_cache: None to keep no answers.
        batching: who is sent several requests in one array.
        automatic_queries: who is sent hashes in place of operations.
        compile_after: how often a plan is interpreted before it is compiled; None for ever.
        response_bytes_max: see `size`.
    """

    headers: HeaderOptions = field(default_factory=HeaderOptions)
    response_headers: ResponseHeaderOptions = field(default_factory=ResponseHeaderOptions)
    traffic: TrafficOptions = TrafficOptions()
    tls: TlsOptions = TlsOptions()
    signing: SigningOptions = SigningOptions()
    error_exposure: ErrorExposureOptions = ErrorExposureOptions()
    response_cache: ResponseCacheOptions | None = None
    batching: SubgraphSwitch = SubgraphSwitch()
    automatic_queries: SubgraphSwitch = SubgraphSwitch()
    compile_after: int | None = COMPILE_AFTER
    response_bytes_max: int = RESPONSE_BYTES_MAX
