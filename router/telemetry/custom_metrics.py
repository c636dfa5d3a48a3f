"""Metrics of the user's choice, in Prometheus' form. Labels come from requests, so how many there can be is bounded."""

import re
from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram

from router.telemetry.options import CustomInstrument
from router.telemetry.tally import Tallies, Tally

SETS_MAX = 2_000
"""Different sets of labels of one metric, OpenTelemetry's own bound; what comes after counts as `other`."""

LABEL_LENGTH_MAX = 256
OTHER = "other"

UNITS = {"s": "_seconds", "ms": "_milliseconds", "By": "_bytes"}
"""Ends of names by units, as OpenTelemetry's exporter for Prometheus has them."""

NO_NAME = re.compile(r"[^a-zA-Z0-9_]")


def write_name(text: str) -> str:
    """A name as Prometheus has it: dots and the like are underscores."""
    name = NO_NAME.sub("_", text)
    return f"_{name}" if name[:1].isdigit() else name


class BoundedLabels:
    """The sets of labels of one metric that have occurred."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._known: set[tuple[str, ...]] = set()

    def choose(self, told: Mapping[str, object]) -> tuple[str, ...]:
        """The values in the order of the names; empty for what is not there, `other` for too many."""
        values = tuple(_write(told.get(name, ""))[:LABEL_LENGTH_MAX] for name in self._names)
        if values not in self._known:
            if len(self._known) >= SETS_MAX:
                return (OTHER,) * len(values)
            self._known.add(values)
        return values


class CustomMetric:
    """One counter or histogram.

    Attributes:
        name: Prometheus', without `_total`.
    """

    def __init__(
        self,
        instrument: CustomInstrument,
        registry: CollectorRegistry,
        tallies: Tallies,
        buckets: Sequence[float] | None,
    ) -> None:
        """`buckets` None for a counter."""
        self._registry, self._tallies, self._buckets = registry, tallies, buckets
        name = self.name = write_name(instrument.name) + UNITS.get(instrument.unit, "")
        labels = [write_name(each) for each in instrument.labels]
        description = instrument.description or instrument.name
        self._metric: Counter | Histogram
        if buckets is None:
            self._metric = Counter(name, description, labels, registry=registry)
        else:
            self._metric = Histogram(name, description, labels, buckets=buckets, registry=registry)
        self._labels = BoundedLabels(instrument.labels)

    def find(self, told: Mapping[str, object]) -> Tally:
        """What counts under the labels that are told."""
        return self._tallies.find(self._metric, self._labels.choose(told), self._buckets or ())

    def forget(self) -> None:
        """Be no metric any more."""
        self._registry.unregister(self._metric)
        self._tallies.forget(self._metric)


def _write(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
