"""Telemetry put together, where any is configured. Only then are its libraries imported."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.server.messages import HttpRequest, HttpResponse, Receive

if TYPE_CHECKING:
    from router.executor.layers import Layer
    from router.pipeline.generation import Generation
    from router.server.observe import Observer
    from router.telemetry.metrics import Metrics
    from router.telemetry.options import TelemetryOptions
    from router.telemetry.tracing import Tracing


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What notices the requests of one generation.

    Attributes:
        outer: layers around everything that is done for a fetch.
        inner: layers around its HTTP request alone.
    """

    options: TelemetryOptions
    tracing: Tracing | None
    metrics: Metrics | None
    outer: tuple[Layer, ...]
    inner: tuple[Layer, ...]

    def build_observer(self, generation: Generation) -> Observer:
        """What notices whole requests."""
        from router.server.observe import Observer  # noqa: PLC0415 -- only where it is asked for

        plans = generation.caches.plans
        if self.metrics is not None:
            plans.on_lookup = self._build_note(self.metrics)
        return Observer(self.tracing, self.metrics, self.options.events, lambda: len(plans))

    def find_cache_count(self) -> Callable[[str, bool, int], None] | None:
        """What counts hits and misses of the response cache; None if nothing is counted."""
        if self.metrics is None:
            return None
        counter = self.metrics.response_cache
        return lambda subgraph, is_hit, count: counter.labels(subgraph, str(is_hit).lower()).inc(count)

    async def answer_metrics(self, _request: HttpRequest, _receive: Receive) -> HttpResponse:
        """All metrics, for Prometheus."""
        from router.telemetry.metrics import CONTENT_TYPE  # noqa: PLC0415

        assert self.metrics is not None, "it is asked only then"
        self.metrics.hand_over()
        # It takes long enough to keep others waiting.
        text = await asyncio.to_thread(self.metrics.write)
        return HttpResponse(200, text, (("content-type", CONTENT_TYPE),))

    def _build_note(self, metrics: Metrics) -> Callable[[bool, float], None]:
        """What notes each look for a plan, and the planning that may follow."""
        cache = ("query planner", "memory")
        hits, misses = metrics.tally(metrics.cache_hit, *cache), metrics.tally(metrics.cache_miss, *cache)
        planning = metrics.tally(metrics.planning)

        def note(is_hit: bool, seconds: float) -> None:
            (hits if is_hit else misses).observe(seconds)
            planning.observe(seconds)

        return note


def build_telemetry(options: TelemetryOptions) -> Telemetry | None:
    """What `options` ask for; None if that is nothing."""
    if options.is_off:
        return None
    from router.executor.observe import FetchMetrics, HttpSpan, SubgraphSpan  # noqa: PLC0415 -- only where they are asked for

    tracing, metrics = None, None
    outer: tuple[Layer, ...] = ()
    inner: tuple[Layer, ...] = ()
    if options.tracing is not None:
        from router.telemetry.tracing import get_tracing  # noqa: PLC0415

        tracing = get_tracing(options.tracing)
        outer, inner = (SubgraphSpan(tracing),), (HttpSpan(tracing),)
    if options.prometheus is not None:
        from router.telemetry.metrics import get_metrics  # noqa: PLC0415

        metrics = get_metrics()
        inner = (FetchMetrics(metrics), *inner)
    return Telemetry(options, tracing, metrics, outer, inner)
