"""Spans for Datadog's agent in its own protocol: traces as MessagePack, one POST for each batch.

No library for it is kept up, and the protocol is small. What spans are called there, and what their resources are, is as Apollo
Router has it.

Spec: Datadog, trace agent API, `/v0.4/traces`.
"""

import http.client
import logging
from collections.abc import Mapping, Sequence
from typing import TypeGuard
from urllib.parse import urlsplit

import msgspec
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind, format_trace_id

from router.kit.json import JsonObject, JsonValue
from router.telemetry.options import DatadogOptions

logger = logging.getLogger(__name__)

TRACES_PATH = "/v0.4/traces"
LOWER_64 = 2**64 - 1
KEPT = 1
"""The priority of what has been sampled; what has not is never sent."""

ENVIRONMENTS = ("deployment.environment.name", "deployment.environment")
ANSWER_BYTES_MAX = 64 * 1024
_OK = 300


class DatadogExporter(SpanExporter):
    """Sends to one agent, over a connection for each batch; by the thread that exports."""

    def __init__(self, options: DatadogOptions) -> None:
        self._options = options
        self._url = urlsplit(options.batches.endpoint)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send; what fails is logged and given up, as later spans would be late too."""
        traces = list(write_traces(spans, self._options).values())
        headers = {
            "content-type": "application/msgpack",
            "datadog-meta-lang": "python",
            "x-datadog-trace-count": str(len(traces)),
        }
        url, kinds = self._url, {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        timeout_s = self._options.batches.timeout_s
        connection = kinds[url.scheme](url.hostname or "", url.port, timeout=timeout_s)
        try:
            path = f"{url.path.rstrip('/')}{TRACES_PATH}"
            connection.request("POST", path, msgspec.msgpack.encode(traces), headers)
            answer = connection.getresponse()
            answer.read(ANSWER_BYTES_MAX)
        except (OSError, http.client.HTTPException) as error:
            logger.warning("spans could not be sent to Datadog's agent: %s", error or type(error).__name__)
            return SpanExportResult.FAILURE
        finally:
            connection.close()
        if answer.status >= _OK:
            logger.warning("Datadog's agent has answered with status %s", answer.status)
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS


def write_traces(spans: Sequence[ReadableSpan], options: DatadogOptions) -> dict[int, list[JsonObject]]:
    """The spans of each trace, as the agent takes them, by the trace's id."""
    traces: dict[int, list[JsonObject]] = {}
    for span in spans:
        trace_id = span.context.trace_id if span.context is not None else 0
        traces.setdefault(trace_id, []).append(_write_span(span, options))
    return traces


def _write_span(span: ReadableSpan, options: DatadogOptions) -> JsonObject:
    context, attributes = span.context, span.attributes or {}
    assert context is not None, "a span that has ended has one"
    # The span of a whole request is called after its operation.
    name = "router" if span.kind is SpanKind.SERVER else span.name
    key = options.resources.get(name) if options.is_mapped else None
    resource = attributes.get(key) if key is not None else None
    described = span.resource if isinstance(span.resource, Resource) else Resource.get_empty()
    started_ns = span.start_time or 0
    numbers = {key: value for key, value in attributes.items() if _is_number(value)}
    return {
        "service": str(described.attributes.get("service.name", "")),
        "name": name if options.is_name_fixed else span.name,
        "resource": resource if isinstance(resource, str) else span.name,
        "type": "web" if span.kind is SpanKind.SERVER else "http" if span.kind is SpanKind.CLIENT else "",
        "trace_id": context.trace_id & LOWER_64,
        "span_id": context.span_id,
        "parent_id": span.parent.span_id if span.parent is not None else 0,
        "start": started_ns,
        "duration": max(0, (span.end_time or started_ns) - started_ns),
        "error": int(not span.status.is_ok),
        "meta": _write_texts(span, attributes, described, context.trace_id),
        "metrics": {
            **{key: float(value) for key, value in numbers.items()},
            "_sampling_priority_v1": KEPT,
            **({"_dd.measured": 1} if options.measured.get(name, False) else {}),
        },
    }


def _write_texts(
    span: ReadableSpan, attributes: Mapping[str, JsonValue], described: Resource, trace_id: int
) -> dict[str, str]:
    given = {**described.attributes, **attributes}
    texts = {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in given.items()
        if not _is_number(value)
    }
    texts["span.kind"] = span.kind.name.lower()
    # The half of the id for which `trace_id` has no room.
    texts["_dd.p.tid"] = format_trace_id(trace_id)[:16]
    environment = next((given[key] for key in ENVIRONMENTS if key in given), None)
    named = {
        "env": environment,
        "version": given.get("service.version"),
        "error.message": span.status.description,
    }
    return texts | {key: str(value) for key, value in named.items() if value is not None}


def _is_number(value: JsonValue) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
