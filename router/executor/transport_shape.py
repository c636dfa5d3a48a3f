"""What is set about one subgraph's traffic, put around the transport to it."""

from router.executor.options import SubgraphTraffic
from router.executor.traffic.breaker import BreakingTransport
from router.executor.traffic.limits import ConcurrencyLimitingTransport, RateLimitingTransport
from router.executor.traffic.retry import RetryingTransport
from router.executor.transport import SubgraphTransport
from router.executor.transport_dedupe import DeduplicatingTransport


def shape_transport(transport: SubgraphTransport, settings: SubgraphTraffic) -> SubgraphTransport:
    """The transport with its limits; itself where none is set. What is under way already costs no allowance.

    From the outside: identical queries share one request; each is tried again; every attempt asks the circuit and takes
    from the allowances.
    """
    if settings.concurrency_limit is not None:
        transport = ConcurrencyLimitingTransport(transport, settings.concurrency_limit)
    if settings.rate is not None:
        transport = RateLimitingTransport(transport, settings.rate)
    if settings.breaker is not None and settings.breaker.is_enabled:
        transport = BreakingTransport(transport, settings.breaker)
    if settings.retry is not None and settings.retry.is_enabled:
        transport = RetryingTransport(transport, settings.retry)
    return DeduplicatingTransport(transport) if settings.is_deduplicated else transport
