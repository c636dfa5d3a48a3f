"""`telemetry.instrumentation`: attributes of spans, metrics and log lines, by stage.

Names are the user's, so what stands under them is read here by its form: a selector, a plain value, or true and false for what
there is anyway.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from router.config.attributes_yaml import (
    OBJECT,
    TOLD,
    find_standard,
    open_section,
    read_attributes,
    read_given_condition,
    read_named,
)
from router.config.instruments_yaml import list_dropped, read_instruments, read_labels
from router.config.section import Section
from router.hooks.instrumentation import Attribute, Event, Instrumentation, Moment, StageInstrumentation
from router.kit.did_you_mean import suggest

STAGES = ("router", "supergraph", "subgraph")
EVENT_RESPONSE = "event_response"
LEVELS = ("off", "trace", "debug", "info", "warn", "error")

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
    "http_client": frozenset({"http.request.method", "subgraph.name"}),
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


def read_instrumentation(section: Section) -> Instrumentation:
    """All of it."""
    spans, instruments, events = (section.section(each) for each in ("spans", "instruments", "events"))
    spans.choice("mode", "spec_compliant", ("spec_compliant", "deprecated"))
    # Spans have what Apollo Router calls required and what is recommended and known.
    spans.accept_ignored("default_attribute_requirement_level")
    instruments.accept_ignored("default_requirement_level")
    for each in (spans, instruments, events):
        each.accept_unsupported("connector")
    stages = {name: _read_stage(name, spans, instruments, events) for name in STAGES}
    requests = _read_stage("http_client", spans, instruments)
    fields, cache = (
        StageInstrumentation(instruments=read_instruments(instruments, name)[1])
        for name in ("graphql", "cache")
    )
    for each in (spans, instruments, events, section):
        each.finish()
    router = stages["router"]
    standard = {moment.value: f"router.{moment}" for moment in Moment}
    access_log = {
        name: each for each in router.events for name, full in standard.items() if each.name == full
    }
    others = tuple(each for each in router.events if each.name not in standard.values())
    return Instrumentation(
        replace(router, events=others),
        stages["supergraph"],
        stages["subgraph"],
        requests,
        fields,
        cache,
        access_log,
    )


def _read_stage(
    stage: str, spans: Section, instruments: Section, events: Section | None = None
) -> StageInstrumentation:
    span = spans.section(stage)
    given = span.raw("attributes", OBJECT)
    names: dict[str, str | None] = {}
    attributes = tuple(_read_span_attributes(open_section(span, "attributes", given), stage, names))
    span.finish()
    metrics, found = read_instruments(instruments, stage)
    lines = open_section(events, stage, events.raw(stage, OBJECT)) if events is not None else None
    return StageInstrumentation(
        attributes=attributes,
        names=names,
        events=tuple(_read_events(lines, stage)) if lines is not None else (),
        instruments=found,
        labels=read_labels(metrics, stage),
        dropped=list_dropped(metrics),
    )


def _read_span_attributes(section: Section, stage: str, names: dict[str, str | None]) -> Iterator[Attribute]:
    """The attributes to add; what is said of those that there are anyway goes into `names`."""
    for name, value in section.items():
        alias = value.get("alias") if isinstance(value, dict) and set(value) == {"alias"} else None
        if name in GIVEN[stage] and (isinstance(value, bool) or alias is not None):
            if value is not True:
                names[name] = alias
        else:
            yield from read_named(section, stage, name, value)


def _read_events(section: Section, stage: str) -> Iterator[Event]:
    for name, value in section.items():
        is_standard = name in list(Moment)
        # `on` and `off` are Booleans in YAML 1.1, by which a mapping may have been read.
        if isinstance(value, dict):
            given = {"on" if key is True else key: each for key, each in value.items()}
        else:
            given = {"level": "off" if value is False else value}
        inner = open_section(section, name, given)
        level = inner.choice("level", "off", LEVELS)
        condition = read_given_condition(inner)
        if is_standard:
            moment, full = Moment(name), f"{stage}.{name}"
            attributes = tuple(Attribute(key, find_standard(stage, key)) for key in TOLD.get(stage, ()))
            message = full
        else:
            # Apollo tells parts of a response from responses, as for metrics.
            on = inner.choice("on", "response", (*Moment, EVENT_RESPONSE))
            moment = Moment.RESPONSE if on == EVENT_RESPONSE else Moment(on)
            message, full = inner.text("message", name), name
            attributes = read_attributes(inner, stage)
            if "message" not in inner and "on" not in inner:
                section.fail(name, f"is no standard event, and has no message.{suggest(name, Moment)}")
        inner.finish()
        if level != "off":
            yield Event(full, message, level, moment, attributes, condition)
