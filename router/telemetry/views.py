"""Views of metrics: others than those that were counted, made when somebody asks. Counting itself knows nothing of them.

Apollo's `telemetry.exporters.metrics.common.views` and `prometheus.resource_selector`. Buckets alone cannot be made
afterwards; `Metrics` chooses them when it makes a histogram.

Spec: OpenTelemetry SDK, Views. Of several that fit a metric the first holds.
"""

import re
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from functools import cache

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from router.telemetry.custom_metrics import NO_NAME, UNITS, write_name
from router.telemetry.options import View

_WILD = {"*": ".*", "?": "."}


def find_view(views: Iterable[View], name: str) -> View | None:
    """The view that fits a metric, by its name in Prometheus."""
    names = (name, _split(name)[0])
    return next((view for view in views if any(map(_compile(view.name).fullmatch, names))), None)


class ViewedMetrics(Collector):
    """What `inner` has counted, as it is to be seen."""

    def __init__(
        self,
        inner: Collector,
        views: Sequence[View],
        originals: MutableMapping[str, str],
        labels: Sequence[tuple[str, str]] = (),
    ) -> None:
        """`originals` has OpenTelemetry's names by Prometheus', and learns new ones; `labels` are for every metric."""
        self._inner = inner
        self._views = views
        self._originals = originals
        self._labels = {write_name(name): value for name, value in labels}

    def collect(self) -> Iterator[Family]:
        """All metrics that are not dropped."""
        for family in self._inner.collect():
            view = find_view(self._views, family.name)
            if view is not None and view.is_dropped:
                continue
            seen = family if view is None else self._see(family, view)
            yield self._label(seen) if self._labels else seen

    def _see(self, family: Family, view: View) -> Family:
        base, ending = _split(family.name)
        name = write_name(view.rename) if view.rename else base
        name += ending if view.unit is None else UNITS.get(view.unit, "")
        if name != family.name:
            self._originals[name] = view.rename or self._originals.get(family.name, family.name)
        seen = Family(name, view.description or family.documentation, family.type)
        samples: Iterable[Sample] = family.samples
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
