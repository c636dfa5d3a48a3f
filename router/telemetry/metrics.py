"""Metrics in Prometheus' form, under Apollo Router's names; dots are underscores, and units stand last.

The registry is the process's: a reload goes on counting. Several workers count into files that the one who is asked adds
up: `shared_metrics.share_metrics`.
"""

import os
import time
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from router.telemetry.custom_metrics import BoundedLabels, CustomMetric, write_name
from router.telemetry.operations import Flags
from router.telemetry.options import CustomInstrument, MetricsOptions
from router.telemetry.shared_metrics import SHARED_FOLDER
from router.telemetry.tally import Level, Tallies, Tally
from router.telemetry.views import ViewedMetrics, find_views

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

DURATION_BUCKETS = (0.001, 0.005, 0.015, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0, 5.0, 10.0)
"""Seconds; Apollo Router's."""

SIZE_BUCKETS = (100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0, 10_000_000.0)

BATCH_BUCKETS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
"""Requests of one batch."""

_DOTTED = (
    "apollo.router.cache.size",
    "apollo.router.graphql_error",
    "apollo.router.operations.batching",
    "apollo.router.operations.batching.size",
    "apollo.router.operations.response_cache",
    "cache.hit",
    "http.request.method",
    "http.response.status_code",
    "http.server.active_requests",
    "subgraph.name",
)
"""Names of metrics without a unit, and of labels, as OpenTelemetry has them."""

SERVER_ACTIVE = "http.server.active_requests"
SERVER_MEASURED = (
    "http.server.request.duration",
    "http.server.request.body.size",
    "http.server.response.body.size",
)
"""Of each request, when it has been answered; `CLIENT_MEASURED` of each request to a subgraph."""
CLIENT_MEASURED = (
    "http.client.request.duration",
    "http.client.request.body.size",
    "http.client.response.body.size",
)

QUERY_PLANNER = "query planner"
MEMORY = "memory"


class Metrics:
    """All metrics of the router. What every request is counted in goes through `tally`.

    Attributes:
        originals: OpenTelemetry's names of metrics and labels, by Prometheus'.
        began_ns: since when sums are counted.
    """

    def __init__(self, options: MetricsOptions) -> None:
        self.registry = CollectorRegistry()
        self._tallies = Tallies()
        self._bounds: dict[Histogram, tuple[float, ...]] = {}
        self._shown: dict[str, tuple[float, ...]] = {}
        self._buckets = options.buckets or DURATION_BUCKETS
        self._options = options
        self.began_ns = time.time_ns()
        self._custom: dict[CustomInstrument, CustomMetric] = {}
        self._flagged: dict[tuple[str, Flags], Tally] = {}
        self.originals: dict[str, str] = {write_name(each): each for each in _DOTTED}
        self._further = {name: BoundedLabels(labels) for name, labels in options.further_labels}
        self._note_originals(*(label for _, labels in options.further_labels for label in labels))
        server = ("http_request_method", "http_response_status_code")
        client = ("subgraph_name", "http_response_status_code")
        cached = ("kind", "storage")
        duration, request_size, response_size = SERVER_MEASURED
        self.server_duration = self._durations(duration, server)
        self.server_active = self._gauge(SERVER_ACTIVE, ("http_request_method",))
        self.server_request_size = self._sizes(request_size, server)
        self.server_response_size = self._sizes(response_size, server)
        duration, request_size, response_size = CLIENT_MEASURED
        self.client_duration = self._durations(duration, client)
        self.client_request_size = self._sizes(request_size, client)
        self.client_response_size = self._sizes(response_size, client)
        self.overhead = self._durations("apollo.router.overhead", ())
        self.errors = Counter(
            "apollo_router_graphql_error", "apollo.router.graphql_error", ("code",), registry=self.registry
        )
        self.planning = self._durations("apollo.router.query_planning.total.duration", ())
        self.plan_duration = self._durations("apollo.router.query_planning.plan.duration", ())
        self.cache_size = self._gauge("apollo.router.cache.size", cached)
        self.cache_hit = self._durations("apollo.router.cache.hit.time", cached)
        self.cache_miss = self._durations("apollo.router.cache.miss.time", cached)
        self.batches = Counter(
            "apollo_router_operations_batching",
            "apollo.router.operations.batching",
            ("mode",),
            registry=self.registry,
        )
        self.batch_size = self._build(
            "apollo_router_operations_batching_size",
            "apollo.router.operations.batching.size",
            ("mode",),
            BATCH_BUCKETS,
        )
        self.response_cache = Counter(
            "apollo_router_operations_response_cache",
            "apollo.router.operations.response_cache",
            ("subgraph_name", "cache_hit"),
            registry=self.registry,
        )

    def count(self, instrument: CustomInstrument, value: float, told: Mapping[str, object]) -> None:
        """Count into a metric of the user's choice. One that a reload has changed begins anew."""
        self._find(instrument, told).observe(value)

    def count_flagged(self, instrument: CustomInstrument, flags: Flags) -> None:
        """Count one thing that is done for an operation."""
        key = instrument.name, flags
        tally = self._flagged.get(key)
        if tally is None:
            labelled = zip(instrument.labels, flags, strict=True)
            told = {name: flag for name, flag in labelled if flag is not None}
            tally = self._flagged[key] = self._find(instrument, told)
        tally.observe(1)

    def _find(self, instrument: CustomInstrument, told: Mapping[str, object]) -> Tally:
        metric = self._custom.get(instrument)
        if metric is None:
            for other in [each for each in self._custom if each.name == instrument.name]:
                self._custom.pop(other).forget()
                self._flagged.clear()
            name = write_name(instrument.name)
            buckets = self._choose_buckets(name, self._buckets) if instrument.is_histogram else None
            metric = self._custom[instrument] = CustomMetric(
                instrument, self.registry, self._tallies, buckets
            )
            self._shown[metric.name] = self._buckets
            self.originals[metric.name] = instrument.name
            self._note_originals(*instrument.labels)
        return metric.find(told)

    def choose_labels(self, name: str, told: Mapping[str, object]) -> tuple[str, ...]:
        """The values of the further labels of the metric `name`."""
        return self._further[name].choose(told)

    def _add_further(self, name: str, labels: tuple[str, ...]) -> tuple[str, ...]:
        further = dict(self._options.further_labels).get(name, ())
        return (*labels, *(write_name(each) for each in further))

    def _note_originals(self, *names: str) -> None:
        self.originals.update((write_name(each), each) for each in names)

    def _durations(self, name: str, labels: tuple[str, ...]) -> Histogram:
        metric = f"{name.replace('.', '_')}_seconds"
        self.originals[metric] = name
        return self._build(metric, name, self._add_further(name, labels), self._buckets)

    def _sizes(self, name: str, labels: tuple[str, ...]) -> Histogram:
        metric = f"{name.replace('.', '_')}_bytes"
        self.originals[metric] = name
        return self._build(metric, name, self._add_further(name, labels), SIZE_BUCKETS)

    def _build(self, metric: str, name: str, labels: tuple[str, ...], bounds: tuple[float, ...]) -> Histogram:
        self._shown[metric] = bounds
        bounds = self._choose_buckets(metric, bounds)
        histogram = Histogram(metric, name, labels, buckets=bounds, registry=self.registry)
        self._bounds[histogram] = bounds
        return histogram

    def _choose_buckets(self, metric: str, bounds: tuple[float, ...]) -> tuple[float, ...]:
        """The bounds that some view shows, or those that are there without any."""
        views = [view for view in find_views(self._options.views, metric) if not view.is_dropped]
        shown = {bound for view in views for bound in view.buckets or bounds}
        return tuple(sorted(shown)) or bounds

    def _gauge(self, name: str, labels: tuple[str, ...]) -> Gauge:
        labels = self._add_further(name, labels)
        return Gauge(
            name.replace(".", "_"), name, labels, registry=self.registry, multiprocess_mode="livesum"
        )

    def tally(self, histogram: Histogram, *labels: str) -> Tally:
        """What counts into one of the histograms, cheaply; the same for the same labels."""
        return self._tallies.find(histogram, labels, self._bounds[histogram])

    def level(self, gauge: Gauge, *labels: str) -> Level:
        """What one of the gauges is to show; the same for the same labels."""
        return self._tallies.find_level(gauge, labels)

    def hand_over_soon(self) -> None:
        """Let what has been counted be seen within a second, by the event loop that counts."""
        self._tallies.hand_over_soon()

    def hand_over(self) -> None:
        """Let what has been counted be seen by `write`; for the thread that counts."""
        self._tallies.hand_over()

    def collect(self) -> Iterable[Family]:
        """What this process has counted, as it is to be seen."""
        return ViewedMetrics(self.registry, self._options.views, self.originals, bounds=self._shown).collect()

    def write(self) -> bytes:
        """Everything, as Prometheus reads it."""
        folder, registry, options = os.environ.get(SHARED_FOLDER), self.registry, self._options
        if folder is not None:
            _forget_dead(Path(folder))
            registry = CollectorRegistry()
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # the library's
        viewed = ViewedMetrics(registry, options.views, self.originals, options.labels, self._shown)
        return generate_latest(viewed)


def get_metrics(options: MetricsOptions | None = None) -> Metrics:
    """The process's metrics by these options; None for the defaults."""
    return _get_metrics(options or MetricsOptions())


@cache
def _get_metrics(options: MetricsOptions) -> Metrics:
    return Metrics(options)


def _forget_dead(folder: Path) -> None:
    """What a worker that has died had under way is under way no more."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            mark_process_dead(int(pid), str(folder))  # type: ignore[no-untyped-call]  # the library's
