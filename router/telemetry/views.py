"""Views of metrics: others than those that were counted, made when somebody asks. Counting itself knows nothing of them.

Apollo's `telemetry.exporters.metrics.common.views` and `prometheus.resource_selector`. A metric is seen once by each view that
fits it. Buckets alone cannot be made afterwards: `Metrics` makes a histogram with those of all its views, of which each shows
its own.

Spec: OpenTelemetry SDK, Views.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from functools import cache

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from router.telemetry.custom_metrics import NO_NAME, UNITS, write_name
from router.telemetry.options import View

_WILD = {"*": ".*", "?": "."}


def find_views(views: Iterable[View], name: str) -> tuple[View, ...]:
    """The views that fit a metric, by its name in Prometheus."""
    names = (name, _split(name)[0])
    return tuple(view for view in views if any(map(_compile(view.name).fullmatch, names)))


class ViewedMetrics(Collector):
    """What `inner` has counted, as it is to be seen."""

    def __init__(
        self,
        inner: Collector,
        views: Sequence[View],
        originals: MutableMapping[str, str],
        labels: Sequence[tuple[str, str]] = (),
        bounds: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        """`originals` has OpenTelemetry's names by Prometheus', and learns new ones; `labels` are for every metric.

        `bounds` are those of histograms, by Prometheus' names, for views that say none.
        """
        self._bounds = bounds or {}
        self._inner = inner
        self._views = views
        self._originals = originals
        self._labels = {write_name(name): value for name, value in labels}

    def collect(self) -> Iterator[Family]:
        """All metrics that are not dropped; of two that would have one name the first."""
        names: set[str] = set()
        for family in self._inner.collect():
            views = find_views(self._views, family.name)
            shown = [self._see(family, view) for view in views if not view.is_dropped] if views else [family]
            for seen in shown:
                if seen.name not in names:
                    names.add(seen.name)
                    yield self._label(seen) if self._labels else seen

    def _see(self, family: Family, view: View) -> Family:
        base, ending = _split(family.name)
        name = write_name(view.rename) if view.rename else base
        name += ending if view.unit is None else UNITS.get(view.unit, "")
        if name != family.name:
            self._originals[name] = view.rename or self._originals.get(family.name, family.name)
        seen = Family(name, view.description or family.documentation, family.type)
        samples: Iterable[Sample] = family.samples
        bounds = {*(view.buckets or self._bounds.get(family.name, ())), float("inf")}
        if family.type == "histogram":
            samples = [
                each for each in samples if "le" not in each.labels or float(each.labels["le"]) in bounds
            ]
        if view.allowed_labels is not None:
            samples = _keep_labels(samples, {*map(write_name, view.allowed_labels), "le"})
        seen.samples = [each._replace(name=name + each.name[len(family.name) :]) for each in samples]
        return seen

    def _label(self, family: Family) -> Family:
        seen = Family(family.name, family.documentation, family.type)
        seen.samples = [each._replace(labels={**self._labels, **each.labels}) for each in family.samples]
        return seen


@cache
def _compile(name: str) -> re.Pattern[str]:
    """What a view's name stands for; `*` is any characters, `?` is one."""
    return re.compile("".join(_WILD.get(each, NO_NAME.sub("_", each)) for each in name))


def _split(name: str) -> tuple[str, str]:
    """A name, and the ending that its unit has given it."""
    ending = next((each for each in UNITS.values() if name.endswith(each)), "")
    return name.removesuffix(ending), ending


def _keep_labels(samples: Iterable[Sample], kept: set[str]) -> list[Sample]:
    """Samples that differ in other labels alone are one: their sum, or the first time of those that are times."""
    merged: dict[tuple[str, tuple[tuple[str, str], ...]], Sample] = {}
    for each in samples:
        labels = {name: value for name, value in each.labels.items() if name in kept}
        key = (each.name, tuple(labels.items()))
        before = merged.get(key)
        value = each.value
        if before is not None:
            is_time = each.name.endswith("_created")
            value = min(value, before.value) if is_time else value + before.value
        merged[key] = each._replace(labels=labels, value=value)
    return list(merged.values())
