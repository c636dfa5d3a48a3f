"""A request that is not sampled takes a short way of our own: what the library would have said of it is said."""

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanContext, TraceFlags, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from router.telemetry.options import TracingOptions
from router.telemetry.tracing import Tracing
from router.telemetry.unsampled import Unsampled

W3C = TraceContextTextMapPropagator()
IDS = {"trace_id": st.integers(1, 2**128 - 1), "span_id": st.integers(1, 2**64 - 1)}
KEPT = Tracing(TracingOptions(sample_ratio=0.5))
FREE = Tracing(TracingOptions(sample_ratio=0.5, is_parent_based=False))


@given(
    **IDS,
    flags=st.integers(0, 3),
    state=st.sampled_from(["", "a=1", "a=1,b=2"]),
    tracing=st.sampled_from([KEPT, FREE]),
)
def test_a_callers_trace_goes_on_as_the_library_has_it(trace_id, span_id, flags, state, tracing):
    headers = {"traceparent": f"00-{trace_id:032x}-{span_id:016x}-{flags:02x}", "tracestate": state}
    parent = W3C.extract(headers)
    ratio = TraceIdRatioBased(0.5)
    sampler = ParentBased(ratio) if tracing is KEPT else ratio
    is_sampled = sampler.should_sample(parent, trace_id, "router").decision.is_sampled()
    described = []

    def describe():
        described.append(True)
        return {}

    span = tracing.start_request("router", headers, describe)
    assert (span.is_recording(), bool(described)) == (is_sampled, is_sampled)
    own = span.get_span_context()
    assert (own.trace_id, own.trace_flags.sampled, own.is_remote) == (trace_id, is_sampled, False)
    assert own.trace_state.to_header() == state
    expected = {}
    W3C.inject(expected, set_span_in_context(span))
    assert tracing.write_parent(span, ()) == expected


@given(**IDS, flags=st.integers(0, 3))
def test_its_headers_are_the_librarys(trace_id, span_id, flags):
    span = Unsampled(trace_id, span_id, flags)
    assert span.get_span_context() == SpanContext(trace_id, span_id, False, TraceFlags(flags))
    expected = {}
    W3C.inject(expected, set_span_in_context(span))
    assert span.write_parent() == expected


def test_a_share_of_the_requests_begins_traces_each_with_an_id_of_its_own():
    spans = [KEPT.start_request("router", {}, dict) for _ in range(200)]
    recorded = [span for span in spans if span.is_recording()]
    ids = {span.get_span_context().trace_id for span in spans}
    assert 50 < len(recorded) < 150
    assert len(ids) == len(spans)
    half = 2**63
    assert all(span.is_recording() == (span.get_span_context().trace_id % 2**64 < half) for span in spans)
