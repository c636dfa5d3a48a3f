"""What can be set about a Redis, whatever is kept in it."""

from dataclasses import dataclass, field

TIMEOUT_S = 0.1
CONNECTIONS_MAX = 64


@dataclass(frozen=True, slots=True)
class RedisOptions:
    """A Redis that several routers share. One that does not answer in time is done without.

    Attributes:
        url: see `kit.redis_urls`; `username` and `password` beside it go before those in it.
        more_urls: of further servers of a cluster, or sentinels.
        timeout_s: what finding something may take.
        write_timeout_s: what keeping or deleting may take; None for the same.
        ttl_s: how long a value is kept that does not say so itself; None for ever.
        is_ttl_reset: whether a value that is read is kept for that long again.
        connections_max: further commands wait for one, within their time.
        is_required: whether the router does not start without it.
        certificate_authorities: for `rediss://`, PEM; empty for the machine's own.
        certificate_chain, key: who we are there, PEM; empty for nobody.
    """

    url: str = field(repr=False)
    namespace: str = "router"
    timeout_s: float = TIMEOUT_S
    write_timeout_s: float | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    ttl_s: float | None = None
    is_ttl_reset: bool = False
    connections_max: int = CONNECTIONS_MAX
    is_required: bool = False
    certificate_authorities: str = ""
    certificate_chain: str = ""
    key: str = field(default="", repr=False)
    more_urls: tuple[str, ...] = field(default=(), repr=False)

    @property
    def urls(self) -> tuple[str, ...]:
        """All of them."""
        return (self.url, *self.more_urls)

    @property
    def seconds_for_writing(self) -> float:
        """What keeping or deleting may take."""
        return self.timeout_s if self.write_timeout_s is None else self.write_timeout_s
