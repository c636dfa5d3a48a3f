"""Which headers of subgraphs' answers go to the client. Apollo Router has no such rules in YAML; these have Hive's keys.

Nothing is passed on unless a rule says so. Rules run in order for each answer, in the order in which answers come; those
for all subgraphs first. `Cache-Control` is merged to the strictest of all, and fetches without one count as not to be kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from router.executor.headers import RESERVED, InsertHeader, RemoveHeader
from router.executor.layers import FetchCall, Send
from router.executor.transport import Headers, SubgraphAnswer
from router.kit.cache_control import merge_cache_control, read_cache_control
from router.kit.http_headers import REPEATED, is_value, split_values
from router.kit.patterns import Pattern

CACHE_CONTROL, NOT_STORED = "cache-control", "no-store"

COLLECTED_MAX = 200
"""Values of one header in one response."""


class Algorithm(StrEnum):
    """What becomes of a header that more than one answer has."""

    FIRST = "first"
    LAST = "last"
    APPEND = "append"


@dataclass(frozen=True, slots=True)
class PropagateResponse:
    """Pass on one header, or every one in whose name the expression is found.

    Attributes:
        named, matching: one of the two.
        rename: what a named one is called then.
        default: its value where no answer has it.
    """

    algorithm: Algorithm
    named: str = ""
    matching: Pattern | None = None
    rename: str | None = None
    default: str | None = None

    def is_for(self, name: str) -> bool:
        """Whether the header `name` of an answer is passed on."""
        return self.matching.search(name) if self.matching is not None else name == self.named


PROPAGATE_CACHE_CONTROL = PropagateResponse(Algorithm.LAST, named=CACHE_CONTROL)
"""What clients are told where answers are kept."""

ResponseRule: TypeAlias = PropagateResponse | RemoveHeader | InsertHeader


@dataclass(frozen=True, slots=True)
class ResponseHeaderOptions:
    """Rules for the answers of all subgraphs, and further ones for some."""

    all: tuple[ResponseRule, ...] = ()
    subgraphs: Mapping[str, tuple[ResponseRule, ...]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is ever passed on."""
        return not self.all and not self.subgraphs


class HeaderCollector:
    """The layer that notes the headers of all answers to one operation in its context."""

    def __init__(self, options: ResponseHeaderOptions) -> None:
        self._options = options

    def __call__(self, send: Send) -> Send:
        """What sends a call through the layer."""
        return lambda call: self.pass_on(call, send)

    async def pass_on(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        """Send on, and note what comes back.

        Raises:
            TransportError: no usable answer; it has no headers.
        """
        answer = await send(call)
        call.context.answered.append((call.request.subgraph, answer.headers))
        return answer

    def build_headers(self, answered: Sequence[tuple[str, Mapping[str, str]]], *, is_whole: bool) -> Headers:
        """The headers for the client, from those of all answers, in their order.

        What is not `is_whole`, as there were errors, is not to be kept by anybody.
        """
        result: dict[str, list[str]] = {}
        defaults: set[str] = set()
        for subgraph, headers in answered:
            for rule in (*self._options.all, *self._options.subgraphs.get(subgraph, ())):
                _apply(rule, result, defaults, headers)
        if CACHE_CONTROL in result:
            result[CACHE_CONTROL] = [_merge_cache_control(answered) if is_whole else NOT_STORED]
        return tuple((name, value) for name, values in result.items() for value in values)


def _apply(
    rule: ResponseRule, result: dict[str, list[str]], defaults: set[str], headers: Mapping[str, str]
) -> None:
    """Run one rule on one answer; `defaults` are names in `result` that no answer has had so far."""
    match rule:
        case PropagateResponse():
            for name, joined in headers.items():
                if name not in RESERVED and rule.is_for(name):
                    target = rule.rename or name
                    if target in defaults:
                        defaults.remove(target)
                        del result[target]
                    _propagate(rule, target, split_values(name, joined), result)
            target = rule.rename or rule.named
            if rule.default is not None and rule.named not in headers and target not in result:
                result[target] = [rule.default]
                defaults.add(target)
        case RemoveHeader():
            for name in [name for name in result if rule.is_for(name)]:
                del result[name]
                defaults.discard(name)
        case InsertHeader():
            result[rule.name] = [rule.value]
            defaults.discard(rule.name)


def _propagate(rule: PropagateResponse, name: str, values: list[str], result: dict[str, list[str]]) -> None:
    values = [value for value in values if is_value(value)]
    known = result.get(name)
    if known is None or rule.algorithm is Algorithm.LAST:
        result[name] = values
    elif rule.algorithm is Algorithm.APPEND and len(known) + len(values) <= COLLECTED_MAX:
        result[name] = known + values if name in REPEATED else [", ".join((*known, *values))]


def _merge_cache_control(answered: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    """Every answer counts, also those whose rules do not speak of it: the response is made of all."""
    return merge_cache_control(
        read_cache_control(headers.get(CACHE_CONTROL), headers.get("age")) for _, headers in answered
    ).write()
