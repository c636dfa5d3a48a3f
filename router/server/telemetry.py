"""Telemetry put together, where any is configured. Only then are its libraries imported."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from router.errors import RefusedError
from router.hooks.instrumentation import (
    Attribute,
    Event,
    Instrumentation,
    StageInstrumentation,
    StageNotes,
    Told,
)
from router.hooks.selectors import Known
from router.kit.json import JsonObject, JsonValue, read_json, write_json
from router.pipeline.hooks import get_context
from router.pipeline.request import RequestContext, Response, write_refusal
from router.pipeline.respond import list_errors
from router.policy.limits import measure_operation
from router.server.messages import HttpRequest, HttpResponse, Receive
from router.telemetry.logs import LEVELS
from router.telemetry.options import MetricsOptions

if TYPE_CHECKING:
    from router.executor.layers import Layer
    from router.pipeline.generation import Generation, Noted
    from router.server.observe import Observer
    from router.telemetry.metrics import Metrics
    from router.telemetry.options import TelemetryOptions
    from router.telemetry.push import MetricsPush
    from router.telemetry.tracing import Tracing

logger = logging.getLogger("router.events")

Result = TypeVar("Result")

PLANNING = "query_planning"


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What notices the requests of one generation.

    Attributes:
        outer: layers around everything that is done for a fetch.
        inner: layers around its HTTP request alone.
        push: None to send no metrics.
    """

    options: TelemetryOptions
    instrumentation: Instrumentation
    tracing: Tracing | None
    metrics: Metrics | None
    outer: tuple[Layer, ...]
    inner: tuple[Layer, ...]
    push: MetricsPush | None = None

    def build_observer(self, generation: Generation) -> Observer:
        """What notices whole requests."""
        from router.server.observe import Observer  # noqa: PLC0415 -- only where it is asked for

        plans = generation.caches.plans
        if self.metrics is not None:
            plans.on_lookup = self._build_note(self.metrics)
        notes = self.build_notes(self.instrumentation.router)
        access = self.instrumentation.access_log
        observer = Observer(self.tracing, self.metrics, access, notes, lambda: len(plans))
        observer.push = self.push
        return observer

    async def close(self) -> None:
        """Send what has not been sent yet, and metrics no more."""
        if self.tracing is not None:
            await self.tracing.flush()
        if self.metrics is not None:
            self.metrics.hand_over()
        if self.push is not None:
            await self.push.close()

    def find_noted(self) -> Noted | None:
        """What tells of whole GraphQL requests; None if nothing is to be told."""
        options = self.instrumentation.supergraph
        return SupergraphNotes(self.build_notes(options)).note if options.is_telling else None

    def find_cache_count(self) -> Callable[[str, bool, int], None] | None:
        """What counts hits and misses of the response cache; None if nothing is counted."""
        if self.metrics is None and not self.instrumentation.subgraph.is_telling:
            return None
        from router.executor.observe import note_lookups  # noqa: PLC0415

        counter = self.metrics.response_cache if self.metrics is not None else None

        def count(subgraph: str, is_hit: bool, number: int) -> None:
            note_lookups(is_hit, number)
            if counter is not None:
                counter.labels(subgraph, str(is_hit).lower()).inc(number)

        return count

    def build_notes(self, options: StageInstrumentation) -> StageNotes:
        """What tells of one stage."""
        return StageNotes(
            options,
            _log,
            self.tracing.set_attributes if self.tracing is not None else None,
            self.metrics.count if self.metrics is not None else None,
        )

    async def answer_metrics(self, _request: HttpRequest, _receive: Receive) -> HttpResponse:
        """All metrics, for Prometheus."""
        from router.telemetry.metrics import CONTENT_TYPE  # noqa: PLC0415

        assert self.metrics is not None, "it is asked only then"
        self.metrics.hand_over()
        # It takes long enough to keep others waiting.
        text = await asyncio.to_thread(self.metrics.write)
        return HttpResponse(200, text, (("content-type", CONTENT_TYPE),))

    def _build_note(self, metrics: Metrics) -> Callable[[bool, float], None]:
        """What notes each look for a plan, and the planning that may follow."""
        cache = ("query planner", "memory")
        hits, misses = metrics.tally(metrics.cache_hit, *cache), metrics.tally(metrics.cache_miss, *cache)
        planning = metrics.tally(metrics.planning)

        def note(is_hit: bool, seconds: float) -> None:
            (hits if is_hit else misses).observe(seconds)
            planning.observe(seconds)

        return note


class SupergraphNotes:
    """What the user wants to be told of each GraphQL request."""

    def __init__(self, notes: StageNotes) -> None:
        self._notes = notes

    async def note(self, context: RequestContext, running: Awaitable[Response]) -> Response:
        """Wait for the response, and tell of it."""
        notes, request, began_s = self._notes, context.request, perf_counter()
        shared = get_context(request)
        known = Known(
            shared.entries,
            request_headers=dict(request.headers),
            context_id=shared.id,
            document=request.query,
            variables=request.variables,
        )
        notes.note_request(known)
        response: Response | None = None
        try:
            response = await running
        except RefusedError as refusal:
            response = write_refusal(refusal)
            raise
        else:
            return response
        finally:
            if response is not None:
                document = shared.document or request.query
                is_measured = document is not None and not response.is_request_error
                known = replace(
                    known,
                    document=document,
                    # What has been refused may have no size: a fragment may hold itself.
                    measure=cache(partial(measure_operation, document or "", request.operation_name))
                    if is_measured
                    else None,
                    response_headers=dict(response.headers),
                    status=response.status,
                    has_errors=bool(response.body.get("errors")),
                    read_data=cache(partial(_read_data, response.body.get("data"))),
                    errors=list_errors(response.body),
                )
                notes.note_answer(known)
                self._end(response, known, began_s)

    def _end(self, response: Response, known: Known, began_s: float) -> None:
        """Tell of the end: now, or with the last of the parts."""
        errors = list(known.errors)

        def note(body: JsonObject) -> None:
            errors.extend(list_errors(body))
            if body.get("hasNext") is not True:
                whole, duration_s = (
                    replace(known, has_errors=bool(errors), errors=errors),
                    perf_counter() - began_s,
                )
                self._notes.note_end(whole, duration_s, is_failed=response.is_request_error)

        if response.later is not None and response.later.has_next:
            response.later.on_body.append(note)
        else:
            note({})


def _read_data(data: JsonValue) -> JsonValue:
    """A response's data, of which some may be text already."""
    return read_json(write_json(data))


def _log(event: Event, told: Told) -> None:
    logger.log(LEVELS[event.level], "%s", event.message, extra={"facts": told})


def build_telemetry(options: TelemetryOptions, instrumentation: Instrumentation) -> Telemetry | None:
    """What the options ask for; None if that is nothing."""
    if options.is_off and not instrumentation.has_events:
        return None
    from router.executor.observe import FetchMetrics, FetchNotes, HttpSpan, SubgraphSpan  # noqa: PLC0415 -- only where they are asked for

    tracing, metrics = None, None
    outer: tuple[Layer, ...] = ()
    inner: tuple[Layer, ...] = ()
    if options.tracing is not None:
        from router.telemetry.tracing import get_tracing  # noqa: PLC0415

        tracing = get_tracing(options.tracing)
        outer = (SubgraphSpan(tracing, instrumentation.subgraph.names),)
        inner = (HttpSpan(tracing),)
    if options.is_counting:
        from router.telemetry.metrics import get_metrics  # noqa: PLC0415

        labels = instrumentation.subgraph.labels
        metrics = get_metrics(
            MetricsOptions(
                options.buckets,
                _list_names(instrumentation.router.labels),
                _list_names(labels),
                options.views,
                options.prometheus.labels if options.prometheus is not None else (),
            )
        )
        inner = (FetchMetrics(metrics, labels), *inner)
    push = None
    if options.push is not None and metrics is not None:
        from router.telemetry.push import MetricsPush  # noqa: PLC0415

        push = MetricsPush(metrics, options.push)
    telemetry = Telemetry(options, instrumentation, tracing, metrics, outer, inner, push)
    if not instrumentation.subgraph.is_telling:
        return telemetry
    return replace(telemetry, outer=(*outer, FetchNotes(telemetry.build_notes(instrumentation.subgraph))))


def _list_names(attributes: Iterable[Attribute]) -> tuple[str, ...]:
    return tuple(each.name for each in attributes)
