"""Sums and histograms as what has come since they were last sent, for collectors that want `temporality: delta`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    Sum,
)

Key: TypeAlias = tuple[str, tuple[tuple[str, object], ...]]
Point: TypeAlias = NumberDataPoint | HistogramDataPoint

DELTA = AggregationTemporality.DELTA


class Deltas:
    """What one collector has been sent. What did not reach it comes with the next."""

    def __init__(self) -> None:
        self._sent: Mapping[Key, Point] = {}

    def subtract(self, metrics: Sequence[Metric]) -> list[Metric]:
        """Of cumulative metrics what has not been sent; nothing of those that have not changed."""
        changed = [self._subtract(metric) for metric in metrics]
        return [metric for metric in changed if metric.data.data_points]

    def note_sent(self, metrics: Sequence[Metric]) -> None:
        """These cumulative metrics have reached the collector."""
        self._sent = {key: point for metric in metrics for key, point in _read_points(metric)}

    def _subtract(self, metric: Metric) -> Metric:
        if not isinstance(metric.data, Sum | Histogram):
            return metric
        points = [_subtract(point, self._sent.get(key)) for key, point in _read_points(metric)]
        changed = [each for each in points if each is not None]
        # The two kinds of points belong to the two kinds of data, as they came.
        data = replace(metric.data, data_points=changed, aggregation_temporality=DELTA)  # type: ignore[arg-type]
        return replace(metric, data=data)


def _read_points(metric: Metric) -> Iterator[tuple[Key, Point]]:
    if isinstance(metric.data, Sum | Histogram):
        for point in metric.data.data_points:
            yield (metric.name, tuple(sorted((point.attributes or {}).items()))), point


def _subtract(point: Point, sent: Point | None) -> Point | None:
    """What is new in `point`; None if that is nothing."""
    if isinstance(point, NumberDataPoint):
        before = sent.value if isinstance(sent, NumberDataPoint) else 0
        since = point.start_time_unix_nano if sent is None else sent.time_unix_nano
        value = point.value - before
        return replace(point, start_time_unix_nano=since, value=value) if value else None
    if not isinstance(sent, HistogramDataPoint):
        return point if point.count else None
    if point.count == sent.count:
        return None
    counts = [now - then for now, then in zip(point.bucket_counts, sent.bucket_counts, strict=True)]
    return replace(
        point,
        start_time_unix_nano=sent.time_unix_nano,
        count=point.count - sent.count,
        sum=point.sum - sent.sum,
        bucket_counts=counts,
    )
