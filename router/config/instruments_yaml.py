"""`telemetry.instrumentation.instruments`: metrics of the user's choice, and what is said of the standard ones."""

from collections.abc import Iterator, Mapping
from functools import partial

from router.config.attributes_yaml import (
    COSTS,
    FIELD,
    OBJECT,
    STANDARD,
    open_section,
    read_attributes,
    read_given_condition,
    read_named,
    read_part,
)
from router.config.section import Section
from router.hooks.instrumentation import Attribute, Instrument
from router.hooks.known import Known
from router.hooks.selectors import read_selector
from router.kit.did_you_mean import suggest
from router.kit.json import JsonObject, JsonValue
from router.telemetry.options import CustomInstrument

KINDS = ("counter", "histogram")

_COST_METRICS = frozenset(set(COSTS) - {"cost.result"})
_FIELD_METRICS: Mapping[str, JsonObject] = {
    "field.execution": {"type": "counter", "value": "unit"},
    "list.length": {"type": "histogram", "value": {"list_length": "value"}},
}
"""Standard metrics of fields. They have the labels of `FIELD`, unless that is false."""

_CACHE_METRICS = ("apollo.router.operations.entity.cache", "apollo.router.response.cache")
"""Standard metrics of what the response cache had: one name that it has had, and the one of today."""

_BY_TYPE = ("graphql.type.name", "entity.type")
"""Standard attributes of these, by which types are told apart: today's name, and a former one."""

_CUSTOM = ("custom", "event_custom", "field_custom")

_OF_CLIENTS, _OF_SUBGRAPHS = (
    ("http.request.method", "http.response.status_code"),
    ("subgraph.name", "http.response.status_code"),
)
_MEASURED = ("request.duration", "request.body.size", "response.body.size")
_STANDARD_METRICS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "router": {
        "http.server.active_requests": ("http.request.method",),
        **{f"http.server.{each}": _OF_CLIENTS for each in _MEASURED},
    },
    "subgraph": {f"http.client.{each}": _OF_SUBGRAPHS for each in _MEASURED},
}
"""By stages, with the labels that they have anyway."""
_STAGES = {name: stage for stage, names in _STANDARD_METRICS.items() for name in names}


def read_instruments(instruments: Section, stage: str) -> tuple[Section, tuple[Instrument, ...]]:
    """The metrics of a stage, and the section in which they stand."""
    section = open_section(instruments, stage, instruments.raw(stage, OBJECT))
    return section, tuple(
        found for name, value in section.items() for found in _read_named(section, stage, name, value)
    )


def _read_named(section: Section, stage: str, name: str, value: JsonValue) -> Iterator[Instrument]:
    if stage == "cache":
        yield from _read_cache_metric(section, name, value)
    elif stage == "graphql" and name in _FIELD_METRICS:
        yield from _read_field_metric(section, name, value)
    elif stage == "supergraph" and name in _COST_METRICS:
        yield from _read_cost(section, name, value)
    elif name in _STAGES:
        if _STAGES[name] != stage:
            section.warn(name, f"has no effect here: it is of the stage {_STAGES[name]}")
        elif not isinstance(value, bool | dict):
            section.fail(name, "must be true, false, or a mapping with attributes")
    else:
        yield from _read_instrument(section, stage, name, value)


def _read_cost(section: Section, name: str, value: JsonValue) -> Iterator[Instrument]:
    """A standard metric of costs, where it is asked for. What cost more than was estimated has no `delta` that could be counted."""
    inner = open_section(section, name, value if isinstance(value, dict) else {})
    attributes = read_attributes(inner, "supergraph")
    inner.finish()
    if not isinstance(value, bool | dict):
        section.fail(name, "must be true, false, or a mapping with attributes")
    if value is not False:
        described = CustomInstrument(name, is_histogram=True, labels=tuple(each.name for each in attributes))
        yield Instrument(described, read_selector(COSTS[name]), attributes=attributes)


def _read_field_metric(section: Section, name: str, value: JsonValue) -> Iterator[Instrument]:
    """A standard metric of fields, where it is asked for, by what it would be as one of the user's choice."""
    if not isinstance(value, bool | dict):
        section.fail(name, "must be true, false, or a mapping with attributes")
    elif value is not False:
        given = value if isinstance(value, dict) else {}
        labels = given.get("attributes")
        attributes = {**dict.fromkeys(FIELD, True), **(labels if isinstance(labels, dict) else {})}
        form = {**_FIELD_METRICS[name], **given, "attributes": attributes}
        yield from _read_instrument(section, "graphql", name, form)


def _read_cache_metric(section: Section, name: str, value: JsonValue) -> Iterator[Instrument]:
    """The standard metric of the cache, where it is asked for: how much of what type it had, and had not."""
    if name not in _CACHE_METRICS or not isinstance(value, bool | dict):
        section.fail(
            name, f"must be {' or '.join(_CACHE_METRICS)}: true, false, or a mapping with attributes"
        )
    given = value if isinstance(value, dict) else {}
    attributes = given.get("attributes")
    told = attributes if isinstance(attributes, dict) else {}
    standard = [each for each in _BY_TYPE if told.get(each) is True]
    others = {key: form for key, form in told.items() if key not in _BY_TYPE}
    inner = open_section(section, name, {**given, "attributes": others} if told else given)
    labels = [Attribute("cache.hit", _find_hit), *read_attributes(inner, "cache")]
    labels += (Attribute(each, _find_type) for each in standard)
    inner.finish()
    if value is not False:
        described = CustomInstrument(name, is_histogram=False, labels=tuple(each.name for each in labels))
        yield Instrument(described, attributes=tuple(labels))


def _find_hit(known: Known) -> JsonValue:
    return None if known.lookup is None else known.lookup.is_hit


def _find_type(known: Known) -> JsonValue:
    return None if known.lookup is None else known.lookup.type_name


def _read_instrument(section: Section, stage: str, name: str, value: JsonValue) -> Iterator[Instrument]:
    """A metric of the user's choice."""
    if not isinstance(value, dict):
        known = (*_STANDARD_METRICS.get(stage, ()), *_COST_METRICS, *_FIELD_METRICS)
        section.fail(name, f"is no standard metric, and must be a mapping.{suggest(name, known)}")
        return
    inner = open_section(section, name, value)
    kind = inner.choice("type", "counter", KINDS)
    attributes = read_attributes(inner, stage)
    given = inner.raw("value")
    # Apollo tells parts of a response from responses; here what is counted is the first part, with the whole.
    if isinstance(given, str):
        given = given.removeprefix("event_").removeprefix("field_")
    selector = None
    if isinstance(given, dict):
        form = next((given[key] for key in _CUSTOM if key in given), given)
        selector = read_part(inner, "value", partial(read_selector, form))
    elif given not in ("unit", "duration"):
        inner.fail("value", "must be unit, duration or a selector")
    if given == "duration" and stage == "graphql":
        inner.fail("value", "must not be duration: a field takes no time")
    described = CustomInstrument(
        name,
        kind == "histogram",
        inner.text("description"),
        inner.text("unit"),
        tuple(each.name for each in attributes),
    )
    condition = read_given_condition(inner)
    inner.finish()
    if not isinstance(given, dict) or selector is not None:
        yield Instrument(described, selector, given == "duration", attributes, condition)


def list_dropped(section: Section) -> tuple[str, ...]:
    """The standard metrics that are not to be there."""
    return tuple(name for name, value in section.items() if name in _STAGES and value is False)


def read_labels(section: Section, stage: str) -> dict[str, tuple[Attribute, ...]]:
    """The further labels of standard metrics, by their names."""
    found = {name: _read_labels(section, stage, name) for name in _STANDARD_METRICS.get(stage, ())}
    return {name: labels for name, labels in found.items() if labels}


def _read_labels(section: Section, stage: str, name: str) -> tuple[Attribute, ...]:
    value = section.find(name)
    if not isinstance(value, dict):
        return ()
    inner = open_section(section, name, value)
    given = inner.raw("attributes", OBJECT)
    attributes = open_section(inner, "attributes", given)
    inner.finish()
    found: list[Attribute] = []
    for key, form in attributes.items():
        if key not in _STANDARD_METRICS[stage][name]:
            found += read_named(attributes, stage, key, form)
        elif form is not True and form != STANDARD[stage][key]:
            attributes.warn(key, "is always there; a view can show the metric without it")
    return tuple(found)
