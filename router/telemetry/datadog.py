"""Datadog's headers of traces: ids of 64 bits as decimal numbers, and the decision to keep a trace.

The upper half of a longer trace id goes in a tag, in hexadecimal digits, as Datadog's own libraries send it.
"""

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import (
    CarrierT,
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

TRACE, PARENT, PRIORITY, TAGS = (
    "x-datadog-trace-id",
    "x-datadog-parent-id",
    "x-datadog-sampling-priority",
    "x-datadog-tags",
)
UPPER = "_dd.p.tid="
HALF_BITS = 64
ID_MAX = 2**HALF_BITS - 1
DIGITS_MAX, UPPER_DIGITS = 20, 16


class DatadogPropagator(TextMapPropagator):
    """Reads and writes them."""

    @property
    def fields(self) -> set[str]:
        """The headers that are written."""
        return {TRACE, PARENT, PRIORITY, TAGS}

    def extract(
        self, carrier: CarrierT, context: Context | None = None, getter: Getter[CarrierT] = default_getter
    ) -> Context:
        """The caller's span; the context as it is if there is none."""
        context = Context() if context is None else context
        lower, span_id = (_read_id(getter.get(carrier, name)) for name in (TRACE, PARENT))
        if not lower or not span_id:
            return context
        priority = getter.get(carrier, PRIORITY) or ["1"]
        is_kept = not priority[0].strip().startswith(("0", "-"))
        parent = SpanContext(
            _read_upper(getter.get(carrier, TAGS)) << HALF_BITS | lower,
            span_id,
            is_remote=True,
            trace_flags=TraceFlags(TraceFlags.SAMPLED if is_kept else TraceFlags.DEFAULT),
        )
        return trace.set_span_in_context(NonRecordingSpan(parent), context)

    def inject(
        self, carrier: CarrierT, context: Context | None = None, setter: Setter[CarrierT] = default_setter
    ) -> None:
        """Tell of the current span."""
        span = trace.get_current_span(context).get_span_context()
        if not span.is_valid:
            return
        setter.set(carrier, TRACE, str(span.trace_id & ID_MAX))
        setter.set(carrier, PARENT, str(span.span_id))
        setter.set(carrier, PRIORITY, str(int(span.trace_flags.sampled)))
        setter.set(carrier, TAGS, f"{UPPER}{span.trace_id >> HALF_BITS:016x}")


def _read_id(values: list[str] | None) -> int:
    """A decimal number of 64 bits; 0 if it is none."""
    text = values[0].strip() if values else ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX else 0
    return number if number <= ID_MAX else 0


def _read_upper(values: list[str] | None) -> int:
    """The upper half of the trace's id among the tags; 0 if it is not there."""
    for tag in (values[0] if values else "").split(","):
        digits = tag.strip().removeprefix(UPPER)
        if digits != tag.strip() and len(digits) == UPPER_DIGITS:
            try:
                return int(digits, 16)
            except ValueError:
                return 0
    return 0
