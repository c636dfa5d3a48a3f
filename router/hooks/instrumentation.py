"""What is told of requests beside the standard: attributes of spans, log lines and metrics of the user's choice.

Apollo's `telemetry.instrumentation`, by stage. Whatever is chosen is a selector, read once; a stage without any costs nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from router.hooks.conditions import Condition
from router.hooks.known import Known, Selector
from router.kit.json import JsonValue, write_json
from router.telemetry.options import CustomInstrument

Told: TypeAlias = dict[str, str | int | float | bool]
MoreLabels: TypeAlias = tuple[tuple[str, ...], ...]
"""Values of further labels, of one metric after the other."""


class Moment(StrEnum):
    """When something is told."""

    REQUEST = "request"
    RESPONSE = "response"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name, and what chooses its value."""

    name: str
    select: Selector


@dataclass(frozen=True, slots=True)
class Event:
    """A log line.

    Attributes:
        level: Apollo's name of it.
        condition: None for always.
    """

    name: str
    message: str
    level: str
    moment: Moment
    attributes: tuple[Attribute, ...] = ()
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """A metric.

    Attributes:
        value: chooses what is counted; None for one each time.
        is_duration: whether it is the seconds that the stage took.
    """

    described: CustomInstrument
    value: Selector | None = None
    is_duration: bool = False
    attributes: tuple[Attribute, ...] = ()
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class StageInstrumentation:
    """What is told of one stage.

    Attributes:
        attributes: of its span.
        names: standard attributes of the span that have another name; None for those left out.
        labels: further ones of standard metrics, by their names.
        dropped: standard metrics that are not to be there.
    """

    attributes: tuple[Attribute, ...] = ()
    names: Mapping[str, str | None] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    labels: Mapping[str, tuple[Attribute, ...]] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    @property
    def is_telling(self) -> bool:
        """Whether there is more to tell than the standard."""
        return bool(self.attributes or self.events or self.instruments)

    @property
    def tells_of_requests(self) -> bool:
        """Whether anything is logged before there is an answer."""
        return any(each.moment is Moment.REQUEST for each in self.events)


@dataclass(frozen=True, slots=True)
class Instrumentation:
    """What is told of all stages.

    Attributes:
        http_client: an HTTP request to a subgraph.
        graphql: the fields of a response; `cache` what the response cache had. They have instruments alone.
        access_log: the standard lines about HTTP requests, by `request`, `response` and `error`.
    """

    router: StageInstrumentation = field(default_factory=StageInstrumentation)
    supergraph: StageInstrumentation = field(default_factory=StageInstrumentation)
    subgraph: StageInstrumentation = field(default_factory=StageInstrumentation)
    http_client: StageInstrumentation = field(default_factory=StageInstrumentation)
    graphql: StageInstrumentation = field(default_factory=StageInstrumentation)
    cache: StageInstrumentation = field(default_factory=StageInstrumentation)
    access_log: Mapping[str, Event] = field(default_factory=dict)

    @property
    def tells_of_fetches(self) -> bool:
        """Whether anything is told of fetches, or of what the response cache has for them."""
        return self.subgraph.is_telling or self.cache.is_telling

    @property
    def has_events(self) -> bool:
        """Whether anything is logged."""
        return bool(self.access_log or self.router.events or self.supergraph.events or self.subgraph.events)


def select(attributes: Iterable[Attribute], known: Known) -> Told:
    """The attributes that have a value now. A list or an object is told as JSON."""
    told: Told = {}
    for each in attributes:
        value = _tell(each.select(known))
        if value is not None:
            told[each.name] = value
    return told


def choose_labels(
    labels: Mapping[str, tuple[Attribute, ...]],
    names: Iterable[str],
    known: Known,
    bound: Callable[[str, Told], tuple[str, ...]],
) -> MoreLabels:
    """The values of the further labels of metrics, in the order of `names`, as `bound` gives them."""
    return tuple([bound(name, select(labels[name], known)) if name in labels else () for name in names])


def rename(told: Mapping[str, str | int], names: Mapping[str, str | None]) -> dict[str, str | int]:
    """Standard attributes under the names that they are to have."""
    renamed = {}
    for name, value in told.items():
        chosen = names.get(name, name)
        if chosen is not None:
            renamed[chosen] = value
    return renamed


def _tell(value: JsonValue) -> str | int | float | bool | None:
    return write_json(value).decode() if isinstance(value, list | dict) else value


Count: TypeAlias = Callable[[CustomInstrument, float, Told], None]
SetAttributes: TypeAlias = Callable[[Told], None]
Log: TypeAlias = Callable[[Event, Told], None]


@dataclass(frozen=True, slots=True)
class StageNotes:
    """Tells of one stage what is configured.

    Attributes:
        set_attributes: None where nothing is traced; `count` None where nothing is counted.
    """

    options: StageInstrumentation
    log: Log
    set_attributes: SetAttributes | None = None
    count: Count | None = None

    def note_request(self, known: Known) -> None:
        """A request has come."""
        self._log(Moment.REQUEST, known)

    def note_answer(self, known: Known) -> None:
        """There is an answer, or none; the span that tells of it is still the current one."""
        if self.set_attributes is not None and self.options.attributes:
            self.set_attributes(select(self.options.attributes, known))

    def note_end(self, known: Known, duration_s: float, *, is_failed: bool) -> None:
        """All of the answer has been given, or the request has failed."""
        self._log(Moment.ERROR if is_failed else Moment.RESPONSE, known)
        self._count(known, 1, duration_s)

    def note_parts(self, parts: Iterable[tuple[Known, int]]) -> None:
        """Count each part of a stage as often as it occurs."""
        for known, number in parts:
            self._count(known, number)

    def _count(self, known: Known, number: int, duration_s: float = 0.0) -> None:
        if self.count is None:
            return
        for each in self.options.instruments:
            if each.condition is not None and not each.condition(known):
                continue
            value = duration_s if each.is_duration else _read_number(each, known)
            if value is None:
                continue
            told = select(each.attributes, known)
            is_histogram = each.described.is_histogram
            for _ in range(number if is_histogram else 1):
                self.count(each.described, value if is_histogram else value * number, told)

    def _log(self, moment: Moment, known: Known) -> None:
        for each in self.options.events:
            if each.moment is moment and (each.condition is None or each.condition(known)):
                self.log(each, select(each.attributes, known))


def _read_number(instrument: Instrument, known: Known) -> float | None:
    """The value to count; None if there is none, or it is no number that a counter can take."""
    if instrument.value is None:
        return 1.0
    value = instrument.value(known)
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number < float("inf") else None
