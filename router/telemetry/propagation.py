"""How traces go on from callers and to subgraphs: the headers of each format that is switched on.

Of several formats that a caller uses, W3C's counts first. Libraries of the others are imported only where they are switched on.

Spec: W3C Trace Context; W3C Baggage; Zipkin's B3; Jaeger's `uber-trace-id`.
"""

import secrets
import string
from collections.abc import Iterable, Mapping

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from router.telemetry.datadog import DatadogPropagator
from router.telemetry.options import TracingOptions
from router.telemetry.unsampled import Unsampled

SPAN_BITS = 64
BAGGAGE = "baggage"
ID_MAX = 2**128 - 1
HEXADECIMAL, DECIMAL = (string.hexdigits, 16, 32), (string.digits, 10, 39)
"""How an id is written: its digits, their base, and how many there are at most."""


class Propagation:
    """Reads and writes trace contexts by one configuration."""

    def __init__(self, options: TracingOptions) -> None:
        self._request_header = options.request_header
        self._form = DECIMAL if options.request_header_format in ("decimal", "datadog") else HEXADECIMAL
        self._propagators: list[TextMapPropagator] = []
        if options.is_propagated:
            self._propagators.append(TraceContextTextMapPropagator())
        if "zipkin" in options.formats:
            from opentelemetry.propagators.b3 import B3MultiFormat  # noqa: PLC0415

            self._propagators.append(B3MultiFormat())
        if "jaeger" in options.formats:
            from opentelemetry.propagators.jaeger import JaegerPropagator  # noqa: PLC0415

            self._propagators.append(JaegerPropagator())
        if "datadog" in options.formats:
            self._propagators.append(DatadogPropagator())
        # B3 has a short form beside its fields.
        self._fields = [({"b3", *each.fields}, each) for each in self._propagators]
        self._is_baggage_sent = "baggage" in options.formats
        self._is_w3c_alone = (
            options.is_propagated and len(self._propagators) == 1 and not self._is_baggage_sent
        )

    def read_parent(self, headers: Mapping[str, str]) -> Context | None:
        """Where a caller's trace goes on, by its headers (names in lower case); None where one begins."""
        for fields, each in self._fields:
            if not fields.isdisjoint(headers):
                context = each.extract(headers)
                if trace.get_current_span(context).get_span_context().is_valid:
                    return context
        name = self._request_header
        return None if name is None else self._read_id(headers.get(name, ""))

    def write_parent(self, span: Span, received: Iterable[tuple[str, str]]) -> dict[str, str]:
        """The headers that tell a subgraph of `span`, names in lower case; `received` are the client's."""
        if self._is_w3c_alone and isinstance(span, Unsampled):
            return span.write_parent()
        headers: dict[str, str] = {}
        context = trace.set_span_in_context(span)
        for each in self._propagators:
            each.inject(headers, context)
        told = {name.lower(): value for name, value in headers.items()}
        if self._is_baggage_sent:
            members = [value for name, value in received if name == BAGGAGE]
            if members:
                told[BAGGAGE] = ",".join(members)
        return told

    def _read_id(self, given: str) -> Context | None:
        """A trace's id without a span: one of its own stands for the caller's."""
        text = given.replace("-", "")
        digits, base, length = self._form
        if not text or len(text) > length or not set(text) <= set(digits):
            return None
        trace_id = int(text, base)
        if not 0 < trace_id <= ID_MAX:
            return None
        parent = SpanContext(
            trace_id,
            secrets.randbits(SPAN_BITS) or 1,
            is_remote=True,
            trace_flags=TraceFlags(TraceFlags.SAMPLED),
        )
        return trace.set_span_in_context(NonRecordingSpan(parent))
