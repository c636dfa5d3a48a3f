"""Telemetry put together, where any is configured. Only then are its libraries imported."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from time import perf_counter
from typing import TYPE_CHECKING

from router.errors import RefusedError
from router.executor.fetch_tally import note_lookups
from router.hooks.instrumentation import (
    Event,
    Instrumentation,
    StageInstrumentation,
    StageNotes,
    Told,
)
from router.hooks.known import Known
from router.kit.json import JsonObject, JsonValue, read_json, write_json
from router.kit.lru import LruCache
from router.operation.response_fields import ResponseFields
from router.operation.signature import find_studio_id
from router.pipeline.hooks import get_context
from router.pipeline.request import Request, RequestContext, Response, when_over, write_refusal
from router.pipeline.respond import list_errors, list_parts
from router.pipeline.shared_plans import WEIGHT_PER_ENTRY
from router.policy.limits import measure_operation
from router.server.messages import HttpRequest, HttpResponse, Receive
from router.telemetry.logs import LEVELS, log_facts
from router.telemetry.operations import COPROCESSOR, COPROCESSOR_DURATION
from router.telemetry.options import MetricsOptions, View

if TYPE_CHECKING:
    from graphql import GraphQLSchema

    from router.executor.layers import Layer
    from router.hooks.context import Context
    from router.pipeline.generation import Generation, Noted
    from router.server.observe import Observer
    from router.telemetry.metrics import Metrics
    from router.telemetry.options import TelemetryOptions
    from router.telemetry.push import MetricsPush
    from router.telemetry.tracing import Tracing

logger = logging.getLogger("router.events")

OPERATIONS_MAX = 256
"""Operations of which it is kept what their fields are."""


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
        client_headers = generation.options.client_headers
        observer = Observer(self.tracing, self.metrics, access, notes, lambda: len(plans), client_headers)
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

    def find_noted(self, schema: GraphQLSchema) -> Noted | None:
        """What tells of whole GraphQL requests of clients who see `schema`; None if nothing is to be told."""
        options, fields = self.instrumentation.supergraph, self.instrumentation.graphql
        if not options.is_telling and not fields.is_telling:
            return None
        noted_fields = FieldNotes(self.build_notes(fields), schema) if fields.is_telling else None
        return SupergraphNotes(self.build_notes(options), noted_fields).note

    def find_cache_count(self) -> Callable[[str, str, bool, int], None] | None:
        """What counts hits and misses of the response cache; None if nothing is counted."""
        if self.metrics is None and not self.instrumentation.tells_of_fetches:
            return None
        counter = self.metrics.response_cache if self.metrics is not None else None

        def count(subgraph: str, type_name: str, is_hit: bool, number: int) -> None:
            note_lookups(type_name, is_hit, number)
            if counter is not None:
                counter.labels(subgraph, str(is_hit).lower()).inc(number)

        return count

    def note_coprocessor(self, stage: str, is_answered: bool, seconds: float) -> None:
        """Count a message to the coprocessor."""
        if self.metrics is not None:
            told = {"coprocessor.stage": stage, "coprocessor.succeeded": is_answered}
            self.metrics.count(COPROCESSOR, 1, told)
            self.metrics.count(COPROCESSOR_DURATION, seconds, told)

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
        planning, planned = metrics.tally(metrics.planning), metrics.tally(metrics.plan_duration)

        def note(is_hit: bool, seconds: float) -> None:
            (hits if is_hit else misses).observe(seconds)
            planning.observe(seconds)
            if not is_hit:
                planned.observe(seconds)

        return note


class SupergraphNotes:
    """What the user wants to be told of each GraphQL request."""

    def __init__(self, notes: StageNotes, fields: FieldNotes | None = None) -> None:
        """`fields` tells of those of responses; None where nothing is to be told."""
        self._notes = notes
        self._fields = fields

    async def note(self, context: RequestContext, running: Awaitable[Response]) -> Response:
        """Wait for the response, and tell of it."""
        notes, request, began_s = self._notes, context.request, perf_counter()
        shared = get_context(request)
        known = Known(
            shared.entries,
            request_headers=dict(request.headers),
            context_id=shared.id,
            variables=request.variables,
        )
        notes.note_request(_describe(known, shared, request))
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
                known = replace(
                    _describe(known, shared, request),
                    response_headers=dict(response.headers),
                    status=response.status,
                    has_errors=bool(response.body.get("errors")),
                    read_data=cache(partial(_read_data, response.body.get("data"))),
                    errors=list_errors(response.body),
                )
                notes.note_answer(known)
                if self._fields is not None and known.measure is not None and not response.is_request_error:
                    self._fields.note(known, shared.operation_name, response)
                self._end(response, known, began_s)

    def _end(self, response: Response, known: Known, began_s: float) -> None:
        """Tell of the end: now, or with the last of the parts."""
        errors = list(known.errors)

        def end() -> None:
            whole = replace(known, has_errors=bool(errors), errors=errors)
            self._notes.note_end(whole, perf_counter() - began_s, is_failed=response.is_request_error)

        if response.later is not None:
            response.later.on_body.append(lambda body: errors.extend(list_errors(body)))
        when_over(response, end)


def _describe(known: Known, shared: Context, request: Request) -> Known:
    """With the operation, as far as it is known now: what is not valid has no size, as a fragment may hold itself."""
    if shared.document is None:
        return replace(known, document=request.query)
    asked = shared.document, shared.operation_name
    return replace(
        known,
        document=shared.document,
        measure=cache(partial(measure_operation, *asked)),
        studio_id=partial(find_studio_id, *asked),
    )


class FieldNotes:
    """What the user wants to be told of the fields of responses."""

    def __init__(self, notes: StageNotes, schema: GraphQLSchema) -> None:
        self._notes = notes
        self._schema = schema
        self._operations: LruCache[tuple[str, str | None], ResponseFields] = LruCache(
            OPERATIONS_MAX, OPERATIONS_MAX * WEIGHT_PER_ENTRY, lambda key, _: len(key[0])
        )

    def note(self, known: Known, name: str | None, response: Response) -> None:
        """Tell of the fields of a response; of its later parts as they come."""
        key = known.document or "", name
        fields = self._operations.find(key)
        if fields is None:
            fields = ResponseFields(self._schema, *key)
            self._operations.put(key, fields)
        assert known.read_data is not None, "there is a response"
        self._tell(known, fields, known.read_data(), ())
        if response.later is None:
            return

        def note_body(body: JsonObject) -> None:
            for part in list_parts(body):
                path = part.get("path")
                self._tell(
                    known, fields, _read_data(part.get("data")), path if isinstance(path, list) else ()
                )

        response.later.on_body.append(note_body)

    def _tell(self, known: Known, fields: ResponseFields, data: JsonValue, path: Sequence[JsonValue]) -> None:
        counts = fields.count(data, path)
        self._notes.note_parts((replace(known, field=facts), number) for facts, number in counts.items())


def _read_data(data: JsonValue) -> JsonValue:
    """A response's data, of which some may be text already."""
    return read_json(write_json(data))


def _log(event: Event, told: Told) -> None:
    log_facts(logger, LEVELS[event.level], event.message, told)


def build_telemetry(options: TelemetryOptions, instrumentation: Instrumentation) -> Telemetry | None:
    """What the options ask for; None if that is nothing."""
    if options.is_off and not instrumentation.has_events:
        return None
    from router.executor.observe import (  # noqa: PLC0415 -- only where they are asked for
        FetchMetrics,
        FetchNotes,
        HttpSpan,
        SubgraphSpan,
    )

    tracing, metrics = None, None
    outer: tuple[Layer, ...] = ()
    inner: tuple[Layer, ...] = ()
    if options.tracing is not None:
        from router.telemetry.tracing import get_tracing  # noqa: PLC0415

        tracing = get_tracing(options.tracing)
        outer = (SubgraphSpan(tracing, instrumentation.subgraph.names),)
        inner = (HttpSpan(tracing, instrumentation.http_client.names),)
    if options.is_counting:
        from router.telemetry.metrics import get_metrics  # noqa: PLC0415

        labels = instrumentation.subgraph.labels
        further = {**instrumentation.router.labels, **labels}
        metrics = get_metrics(
            MetricsOptions(
                options.buckets,
                tuple((name, tuple(each.name for each in chosen)) for name, chosen in further.items()),
                (*options.views, *_list_dropped(instrumentation)),
                options.prometheus.labels if options.prometheus is not None else (),
            )
        )
        inner = (FetchMetrics(metrics, labels), *inner)
    push = None
    if options.push is not None and metrics is not None:
        from router.telemetry.push import MetricsPush  # noqa: PLC0415

        push = MetricsPush(metrics, options.push)
    telemetry = Telemetry(options, instrumentation, tracing, metrics, outer, inner, push)
    if instrumentation.http_client.is_telling:
        inner = (*inner, FetchNotes(telemetry.build_notes(instrumentation.http_client), is_of_http=True))
    if instrumentation.tells_of_fetches:
        cache = instrumentation.cache
        lookups = telemetry.build_notes(cache) if cache.is_telling else None
        outer = (*outer, FetchNotes(telemetry.build_notes(instrumentation.subgraph), lookups))
    return replace(telemetry, outer=outer, inner=inner)


def _list_dropped(instrumentation: Instrumentation) -> list[View]:
    stages = (instrumentation.router, instrumentation.subgraph)
    return [View(name, is_dropped=True) for each in stages for name in each.dropped]
