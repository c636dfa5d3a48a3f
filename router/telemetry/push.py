"""Metrics sent to a collector by OTLP, beside or instead of a Prometheus that asks.

What is counted is what Prometheus would be told, under OpenTelemetry's names; sums are since the start of the process, or since they
were last sent. A thread of its own sends it once in a while, as long as the configuration holds that wants it.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client.metrics_core import Metric as Family

from router.telemetry.custom_metrics import UNITS
from router.telemetry.deltas import Deltas
from router.telemetry.metrics import Metrics
from router.telemetry.options import PushOptions
from router.telemetry.otlp import write_grpc_arguments, write_http_arguments

logger = logging.getLogger(__name__)

METRICS_PATH = "/v1/metrics"
CUMULATIVE = AggregationTemporality.CUMULATIVE
LAST_TIMEOUT_S = 3.0
"""How long what is sent last may take."""


class MetricsPush:
    """Sends one process's metrics."""

    def __init__(
        self, metrics: Metrics, options: PushOptions, exporter: MetricExporter | None = None
    ) -> None:
        """`exporter` None sends to the collector that `options` name."""
        self._metrics = metrics
        self._options = options
        self._exporter = exporter
        self._collector = _get_collector(metrics, options.endpoint)
        self._is_ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Send from now on. It is called where requests are served: no thread survives a fork."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
            self._thread.start()

    async def close(self) -> None:
        """Send what there is, if anything is sent at all, and then no more; a collector that is away holds nobody up."""
        if self._thread is None or self._is_ended.is_set():
            return
        self._is_ended.set()
        ending = asyncio.create_task(asyncio.to_thread(self._end, self._thread))
        await asyncio.wait([ending], timeout=LAST_TIMEOUT_S)
        if self._exporter is not None:
            # It has sent all, or tries again and again: this ends that too.
            self._exporter.shutdown()
        await ending

    def _end(self, thread: threading.Thread) -> None:
        thread.join()
        self._send()

    def _run(self) -> None:
        while not self._is_ended.wait(self._options.delay_s):
            self._send()

    def _send(self) -> None:
        with self._collector.lock:
            try:
                if self._exporter is None:
                    self._exporter = _build_exporter(self._options)
                found = self.read()
                deltas = self._collector.deltas
                sent = deltas.subtract(found) if self._options.is_delta else found
                result = self._exporter.export(self._write(sent), self._options.timeout_s * 1000)
                if result is MetricExportResult.SUCCESS:
                    deltas.note_sent(found)
            except Exception:
                # Whatever it is, requests are served without it.
                logger.exception("metrics cannot be sent")

    def read(self) -> list[Metric]:
        """All metrics as they are now, since the start of the process."""
        converted = [self._convert(family) for family in self._metrics.collect()]
        return [metric for metric in converted if metric is not None]

    def _write(self, metrics: list[Metric]) -> MetricsData:
        options = self._options
        names = dict(options.resource)
        names |= {"service.name": options.service_name, "service.instance.id": str(os.getpid())}
        scope = ScopeMetrics(InstrumentationScope("router"), metrics, "")
        return MetricsData([ResourceMetrics(Resource.create(names), [scope], "")])

    def _convert(self, family: Family) -> Metric | None:
        began_ns, now_ns, originals = self._metrics.began_ns, time.time_ns(), self._metrics.originals
        unit = next((unit for unit, end in UNITS.items() if family.name.endswith(end)), "")
        name, description = originals.get(family.name, family.name), family.documentation
        if family.type == "histogram":
            points = list(_read_histogram(family, originals, (began_ns, now_ns)))
            return Metric(name, description, unit, Histogram(points, CUMULATIVE)) if points else None
        numbers = [
            NumberDataPoint(_name(sample.labels, originals), began_ns, now_ns, sample.value)
            for sample in family.samples
            if not sample.name.endswith("_created")
        ]
        if not numbers:
            return None
        if family.type == "counter":
            return Metric(name, description, unit, Sum(numbers, CUMULATIVE, is_monotonic=True))
        return Metric(name, description, unit, Gauge(numbers))


def _name(labels: Mapping[str, str], originals: Mapping[str, str]) -> dict[str, str]:
    return {originals.get(name, name): value for name, value in labels.items()}


def _read_histogram(
    family: Family, originals: Mapping[str, str], times_ns: tuple[int, int]
) -> Iterator[HistogramDataPoint]:
    """Prometheus' buckets hold all that is less; OTLP's only what is in them."""
    bounds: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    sums: dict[tuple[tuple[str, str], ...], float] = {}
    for sample in family.samples:
        labels = dict(sample.labels)
        bound = labels.pop("le", None)
        key = tuple(sorted(labels.items()))
        if bound is not None:
            bounds.setdefault(key, []).append((float(bound), sample.value))
        elif sample.name.endswith("_sum"):
            sums[key] = sample.value
    for key, buckets in bounds.items():
        buckets.sort()
        totals = [0, *(int(total) for _, total in buckets)]
        counts = [total - before for before, total in pairwise(totals)]
        yield HistogramDataPoint(
            _name(dict(key), originals),
            *times_ns,
            count=totals[-1],
            sum=sums.get(key, 0.0),
            bucket_counts=counts,
            explicit_bounds=[bound for bound, _ in buckets[:-1]],
            # They are not known, and are left out then.
            min=None,  # type: ignore[arg-type]
            max=None,  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True)
class _Collector:
    """What one collector has been sent of the process's metrics, by this configuration and by those before it."""

    deltas: Deltas = field(default_factory=Deltas)
    lock: threading.Lock = field(default_factory=threading.Lock)


@cache
def _get_collector(_metrics: Metrics, _endpoint: str) -> _Collector:
    return _Collector()


def _build_exporter(options: PushOptions) -> MetricExporter:
    if options.is_grpc:
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import (  # noqa: PLC0415
            OTLPMetricExporter as GrpcMetricExporter,
        )

        return GrpcMetricExporter(**write_grpc_arguments(options))
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415

    return OTLPMetricExporter(**write_http_arguments(options, METRICS_PATH))
