"""The span of a request that is not sampled: of it only the ids are ever asked for, mostly in one header to subgraphs."""

from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState


class Unsampled(NonRecordingSpan):
    """A span that is not recorded. The library's needs its context at once, which takes as long to make as all else here.

    Spec: W3C Trace Context, 3.2 and 3.3.
    """

    def __init__(self, trace_id: int, span_id: int, flags: int, state: TraceState | None = None) -> None:
        self._trace_id = trace_id
        self._span_id = span_id
        self._flags = flags
        self._state = state

    def get_span_context(self) -> SpanContext:
        """The ids as the library has them."""
        return SpanContext(
            self._trace_id,
            self._span_id,
            is_remote=False,
            trace_flags=TraceFlags(self._flags),
            trace_state=self._state,
        )

    def write_parent(self) -> dict[str, str]:
        """W3C's headers that tell a subgraph of it."""
        told = {"traceparent": f"00-{self._trace_id:032x}-{self._span_id:016x}-{self._flags:02x}"}
        if self._state:
            told["tracestate"] = self._state.to_header()
        return told
