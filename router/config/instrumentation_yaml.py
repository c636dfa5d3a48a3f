"""`telemetry.instrumentation`: attributes of spans, metrics and log lines, by stage.

Names are the user's, so what stands under them is read here by its form: a selector, a plain value, or true and false for what
there is anyway.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from router.config.section import Section
from router.hooks.conditions import Condition, read_condition
from router.hooks.instrumentation import (
    Attribute,
    Event,
    Instrument,
    Instrumentation,
    Moment,
    StageInstrumentation,
)
from router.hooks.selectors import Known, Selector, UnsupportedSelectorError, read_selector
from router.kit.json import JsonObject, JsonValue
from router.telemetry.options import CustomInstrument

Result = TypeVar("Result")

OBJECT: JsonObject = {"type": "object", "additionalProperties": True}
"""Names are the user's, and what stands under them has several forms."""
STAGES = ("router", "supergraph", "subgraph")
LEVELS = ("off", "trace", "debug", "info", "warn", "error")
KINDS = ("counter", "histogram")

GIVEN: Mapping[str, frozenset[str]] = {
    "router": frozenset(
        {
            "client.name",
            "client.version",
            "graphql.operation.name",
            "graphql.operation.type",
            "http.request.method",
            "http.response.status_code",
            "http.route",
            "url.path",
            "user_agent.original",
        }
    ),
    "supergraph": frozenset(),
    "subgraph": frozenset(
        {
            "subgraph.graphql.document",
            "subgraph.graphql.operation.name",
            "subgraph.graphql.operation.type",
            "subgraph.name",
        }
    ),
}
"""Attributes that spans have anyway."""

_NAME: JsonObject = {"operation_name": "string"}
_KIND: JsonObject = {"operation_kind": "string"}
_COSTS: Mapping[str, JsonObject] = {
    f"cost.{form}": {"cost": form} for form in ("estimated", "actual", "delta", "result")
}
"""Standard attributes of the stage `supergraph`, and but for the last one its standard metrics."""
_COST_METRICS = frozenset(set(_COSTS) - {"cost.result"})
_STANDARD: Mapping[str, Mapping[str, JsonObject]] = {
    "router": {"trace_id": {"trace_id": "open_telemetry"}, "dd.trace_id": {"trace_id": "datadog"}},
    "supergraph": {
        "graphql.document": {"query": "string"},
        "graphql.operation.name": _NAME,
        "graphql.operation.type": _KIND,
        **_COSTS,
    },
    "subgraph": {"http.response.status_code": {"subgraph_response_status": "code"}},
}
"""Standard attributes that spans have if they are to."""

_DURATIONS = {"router": "http.server.request.duration", "subgraph": "http.client.request.duration"}
_STANDARD_METRICS = frozenset(
    {
        "http.server.active_requests",
        "http.server.request.body.size",
        "http.server.response.body.size",
        "http.client.request.body.size",
        "http.client.response.body.size",
        *_DURATIONS.values(),
    }
)
_TOLD: Mapping[str, Mapping[str, JsonObject]] = {
    "supergraph": {"graphql.operation.name": _NAME, "graphql.operation.type": _KIND},
    "subgraph": {
        "subgraph.name": {"subgraph_name": True},
        "subgraph.graphql.operation.name": {"subgraph_operation_name": "string"},
        "http.response.status_code": {"subgraph_response_status": "code"},
    },
}
"""What the standard lines about a stage say."""


def read_instrumentation(section: Section) -> Instrumentation:
    """All of it."""
    spans, instruments, events = (section.section(each) for each in ("spans", "instruments", "events"))
    spans.choice("mode", "spec_compliant", ("spec_compliant", "deprecated"))
    # Spans have what Apollo Router calls required and what is recommended and known.
    spans.accept_ignored("default_attribute_requirement_level")
    instruments.accept_ignored("default_requirement_level")
    spans.accept_unsupported("connector", "http_client")
    instruments.accept_unsupported("cache", "connector", "graphql", "http_client")
    events.accept_unsupported("connector")
    stages = {name: _read_stage(name, spans, instruments, events) for name in STAGES}
    for each in (spans, instruments, events, section):
        each.finish()
    router = stages["router"]
    standard = {moment.value: f"router.{moment}" for moment in Moment}
    access_log = {
        name: each for each in router.events for name, full in standard.items() if each.name == full
    }
    others = tuple(each for each in router.events if each.name not in standard.values())
    return Instrumentation(
        replace(router, events=others), stages["supergraph"], stages["subgraph"], access_log
    )


def _read_stage(stage: str, spans: Section, instruments: Section, events: Section) -> StageInstrumentation:
    span = spans.section(stage)
    given = span.raw("attributes", OBJECT)
    names: dict[str, str | None] = {}
    attributes = tuple(_read_span_attributes(_open(span, "attributes", given), stage, names))
    span.finish()
    metrics = _open(instruments, stage, instruments.raw(stage, OBJECT))
    lines = _open(events, stage, events.raw(stage, OBJECT))
    return StageInstrumentation(
        attributes=attributes,
        names=names,
        events=tuple(_read_events(lines, stage)),
        instruments=tuple(_read_instruments(metrics, stage)),
        labels=_read_labels(metrics, _DURATIONS.get(stage)),
    )


def _open(parent: Section, key: str, value: JsonValue) -> Section:
    """The section of names of the user's choice under `key`."""
    return Section(value, parent.name(key), parent.findings)


def _read_span_attributes(section: Section, stage: str, names: dict[str, str | None]) -> Iterator[Attribute]:
    """The attributes to add; what is said of those that there are anyway goes into `names`."""
    for name, value in section.items():
        is_given, standard = name in GIVEN[stage], _STANDARD[stage].get(name)
        alias = value.get("alias") if isinstance(value, dict) and set(value) == {"alias"} else None
        if is_given and (isinstance(value, bool) or alias is not None):
            if value is not True:
                names[name] = alias
        elif standard is not None and (value is True or alias is not None):
            yield Attribute(alias or name, read_selector(standard))
        elif standard is not None and value is False:
            continue
        else:
            yield from _read_attribute(section, name, value)


def _read_attributes(section: Section) -> tuple[Attribute, ...]:
    given = section.raw("attributes", OBJECT)
    inner = _open(section, "attributes", given)
    found: list[Attribute] = []
    for name, value in inner.items():
        standard = next((each[name] for each in (*_STANDARD.values(), *_TOLD.values()) if name in each), None)
        if isinstance(value, bool) and standard is not None:
            found += [Attribute(name, read_selector(standard))] if value else []
        else:
            found += _read_attribute(inner, name, value)
    return tuple(found)


def _read_attribute(section: Section, name: str, value: JsonValue) -> Iterator[Attribute]:
    form = dict(value) if isinstance(value, dict) else value
    given = form.pop("condition", None) if isinstance(form, dict) else None
    selector = _read_part(section, name, lambda: read_selector(form))
    condition = _read_part(section, f"{name}.condition", lambda: read_condition(given)) if given else None
    if selector is not None:
        yield Attribute(name, selector if condition is None else _under(condition, selector))


def _under(condition: Condition, selector: Selector) -> Selector:
    def find(known: Known) -> JsonValue:
        return selector(known) if condition(known) else None

    return find


def _read_part(section: Section, key: str, read: Callable[[], Result]) -> Result | None:
    try:
        return read()
    except UnsupportedSelectorError as error:
        section.warn(key, f"has no effect: {error}")
    except ValueError as error:
        section.fail(key, f"is not understood: {error}")
    return None


def _read_condition(section: Section) -> Condition | None:
    given = section.raw("condition")
    return None if given is None else _read_part(section, "condition", lambda: read_condition(given))


def _read_events(section: Section, stage: str) -> Iterator[Event]:
    for name, value in section.items():
        is_standard = name in list(Moment)
        # `off` is a Boolean in YAML.
        level = "off" if value is False else value
        inner = _open(section, name, value if isinstance(value, dict) else {"level": level})
        level = inner.choice("level", "off", LEVELS)
        condition = _read_condition(inner)
        if is_standard:
            moment, full = Moment(name), f"{stage}.{name}"
            attributes = tuple(
                Attribute(key, read_selector(form)) for key, form in _TOLD.get(stage, {}).items()
            )
            message = full
        else:
            moment = Moment(inner.choice("on", "response", list(Moment)))
            message, full = inner.text("message", name), name
            attributes = _read_attributes(inner)
        inner.finish()
        if level != "off":
            yield Event(full, message, level, moment, attributes, condition)


def _read_cost(section: Section, name: str, value: JsonValue) -> Iterator[Instrument]:
    """A standard metric of costs, where it is asked for. What cost more than was estimated has no `delta` that could be counted."""
    inner = _open(section, name, value if isinstance(value, dict) else {})
    attributes = _read_attributes(inner)
    inner.finish()
    if not isinstance(value, bool | dict):
        section.fail(name, "must be true, false, or a mapping with attributes")
    if value is not False:
        described = CustomInstrument(name, is_histogram=True, labels=tuple(each.name for each in attributes))
        yield Instrument(described, read_selector(_COSTS[name]), attributes=attributes)


def _read_instruments(section: Section, stage: str) -> Iterator[Instrument]:
    for name, value in section.items():
        if stage == "supergraph" and name in _COST_METRICS:
            yield from _read_cost(section, name, value)
            continue
        if name in _STANDARD_METRICS:
            _check_standard(section, name, value)
            continue
        inner = _open(section, name, value)
        kind = inner.choice("type", "counter", KINDS)
        attributes = _read_attributes(inner)
        given = inner.raw("value")
        # Apollo tells parts of a response from responses; here what is counted is the first part, with the whole.
        if isinstance(given, str):
            given = given.removeprefix("event_")
        selector = None
        if isinstance(given, dict):
            form = given.get("custom", given.get("event_custom", given))
            selector = _read_part(inner, "value", partial(read_selector, form))
        elif given not in ("unit", "duration"):
            inner.fail("value", "must be unit, duration or a selector")
        if given == "duration" and kind == "counter":
            inner.fail("value", "must not be duration: a counter counts")
        described = CustomInstrument(
            name,
            kind == "histogram",
            inner.text("description"),
            inner.text("unit"),
            tuple(each.name for each in attributes),
        )
        condition = _read_condition(inner)
        inner.finish()
        if not isinstance(given, dict) or selector is not None:
            yield Instrument(described, selector, given == "duration", attributes, condition)


def _check_standard(section: Section, name: str, value: JsonValue) -> None:
    if value is False:
        section.warn(name, "cannot be switched off")
    elif isinstance(value, dict):
        if name not in _DURATIONS.values():
            section.warn(name, "cannot have other attributes: only durations of requests can")
    elif value is not True:
        section.fail(name, "must be true, false, or a mapping with attributes")


def _read_labels(section: Section, name: str | None) -> tuple[Attribute, ...]:
    """The further labels of how long requests take."""
    value = section.find(name) if name is not None else None
    if name is None or not isinstance(value, dict):
        return ()
    inner = _open(section, name, value)
    given = inner.raw("attributes", OBJECT)
    attributes = _open(inner, "attributes", given)
    inner.finish()
    # The standard ones are there, whether they are asked for or not.
    custom = {key: form for key, form in attributes.items() if not isinstance(form, bool)}
    return tuple(found for key, form in custom.items() for found in _read_attribute(attributes, key, form))
