"""Which headers go to which subgraph: Apollo Router's `headers` rules.

Nothing is passed on unless a rule says so. Rules run in order, those for all subgraphs first. The first
`propagate` that yields a header decides its value, so a `default` belongs on the last rule for a name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from router.executor.transport import Headers

RESERVED = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that describe one connection or one body: never passed on, by whatever rule."""


@dataclass(frozen=True, slots=True)
class PropagateNamed:
    """Pass on one header of the client, under another name if `rename`, or `default` if it sent none."""

    named: str
    rename: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class PropagateMatching:
    """Pass on every header of the client whose name matches, reserved ones excepted."""

    matching: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class RemoveHeader:
    """Take away what rules before this one have set."""

    matching: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class InsertHeader:
    """Set a header to a fixed value."""

    name: str
    value: str


HeaderRule: TypeAlias = PropagateNamed | PropagateMatching | RemoveHeader | InsertHeader


@dataclass(frozen=True, slots=True)
class HeaderOptions:
    """Rules for all subgraphs, and further ones for some."""

    all: tuple[HeaderRule, ...] = ()
    subgraphs: Mapping[str, tuple[HeaderRule, ...]] = field(default_factory=dict)

    def reads(self, name: str) -> bool:
        """Whether some subgraph may be sent what the client says under `name`, in lower case."""
        rules = (*self.all, *(rule for rules in self.subgraphs.values() for rule in rules))
        return any(
            (isinstance(rule, PropagateNamed) and rule.named == name)
            or (isinstance(rule, PropagateMatching) and rule.matching.fullmatch(name) is not None)
            for rule in rules
        )

    def build_headers(self, subgraph: str, client_headers: Headers) -> Headers:
        """The headers for one request to `subgraph`, given those of the client (names in lower case)."""
        rules = (*self.all, *self.subgraphs.get(subgraph, ()))
        return apply_rules(rules, client_headers) if rules else ()


def apply_rules(rules: Sequence[HeaderRule], client_headers: Headers) -> Headers:
    """Run `rules` in order on nothing, reading from `client_headers`."""
    result: dict[str, list[str]] = {}
    for rule in rules:
        match rule:
            case PropagateNamed():
                _propagate_named(result, rule, client_headers)
            case PropagateMatching():
                _propagate_matching(result, rule, client_headers)
            case RemoveHeader():
                for name in [name for name in result if rule.matching.fullmatch(name)]:
                    del result[name]
            case InsertHeader():
                result[rule.name] = [rule.value]
    return tuple((name, value) for name, values in result.items() for value in values)


def _propagate_named(result: dict[str, list[str]], rule: PropagateNamed, client_headers: Headers) -> None:
    target = rule.rename or rule.named
    if target in result or target in RESERVED:
        return
    values = [value for name, value in client_headers if name == rule.named]
    if not values and rule.default is not None:
        values = [rule.default]
    if values:
        result[target] = values


def _propagate_matching(
    result: dict[str, list[str]], rule: PropagateMatching, client_headers: Headers
) -> None:
    matched: dict[str, list[str]] = {}
    for name, value in client_headers:
        if name not in RESERVED and name not in result and rule.matching.fullmatch(name):
            matched.setdefault(name, []).append(value)
    result.update(matched)
