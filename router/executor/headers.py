"""Which headers go to which subgraph: Apollo Router's `headers` rules.

Nothing is passed on unless a rule says so. Rules run in order, those for all subgraphs first. The first
`propagate` that yields a header decides its value, so a `default` belongs on the last rule for a name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from msgspec import Struct

from router.executor.transport import Headers
from router.hooks.context import (
    CLIENT_HEADERS,
    CLIENT_NAME,
    CLIENT_VERSION,
    OPERATION_KIND,
    OPERATION_NAME,
)
from router.kit.http_headers import FRAMING, is_value
from router.kit.json import JsonValue, write_json
from router.kit.json_path import JsonPath
from router.kit.patterns import Pattern

RESERVED = FRAMING | {
    "accept",
    "accept-encoding",
    "content-type",
    "expect",
    "host",
    "proxy-authorization",
}
"""Headers that describe one connection or one body: never passed on, by whatever rule.

Those that a client's `Connection` names are passed on like others: who could have them left out could hide what a proxy
before us has added, an address or a user.
"""


CREDENTIALS = frozenset({"authorization", "cookie"})
"""Headers that say who calls, wherever they come from."""

IMPERSONAL = frozenset({CLIENT_NAME, CLIENT_VERSION, OPERATION_KIND, OPERATION_NAME})
"""Keys of the context that say nothing of the caller. What hooks put there may."""


@dataclass(frozen=True, slots=True)
class PropagateNamed:
    """Pass on one header of the client, under another name if `rename`, or `default` if it sent none."""

    named: str
    rename: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class PropagateMatching:
    """Pass on every header of the client in whose name the expression is found, reserved ones excepted."""

    matching: Pattern


@dataclass(frozen=True, slots=True)
class RemoveHeader:
    """Take away what rules before this one have set: one name, or every one in which the expression is found."""

    named: str = ""
    matching: Pattern | None = None

    def is_for(self, name: str) -> bool:
        """Whether `name` is taken away."""
        return self.matching.search(name) if self.matching is not None else name == self.named


@dataclass(frozen=True, slots=True)
class InsertHeader:
    """Set a header to a fixed value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class InsertFromContext:
    """Set a header to what stands in the request's context under a key; to nothing if nothing does."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class InsertFromBody:
    """Set a header to what stands in the client's request at a path, or to `default`."""

    name: str
    path: JsonPath
    default: str | None = None


HeaderRule: TypeAlias = (
    PropagateNamed | PropagateMatching | RemoveHeader | InsertHeader | InsertFromContext | InsertFromBody
)


NOTHING: Mapping[str, JsonValue] = MappingProxyType({})


class HeaderSource(Struct, frozen=True):
    """What rules read from.

    Attributes:
        client: the client's headers, names in lower case.
        entries: of the request's context.
        body: the client's GraphQL request.
    """

    client: Headers
    entries: Mapping[str, JsonValue] = NOTHING
    body: Mapping[str, JsonValue] = NOTHING


@dataclass(frozen=True, slots=True)
class HeaderOptions:
    """Rules for all subgraphs, and further ones for some."""

    all: tuple[HeaderRule, ...] = ()
    subgraphs: Mapping[str, tuple[HeaderRule, ...]] = field(default_factory=dict)

    @property
    def rules(self) -> tuple[HeaderRule, ...]:
        """All rules."""
        return (*self.all, *(rule for rules in self.subgraphs.values() for rule in rules))

    @property
    def reads_context(self) -> bool:
        """Whether some rule reads the request's context."""
        return any(isinstance(rule, InsertFromContext) for rule in self.rules)

    @property
    def reads_body(self) -> bool:
        """Whether some rule reads the client's request."""
        return any(isinstance(rule, InsertFromBody) for rule in self.rules)

    def reads(self, name: str, client_headers: Mapping[str, str] = CLIENT_HEADERS) -> bool:
        """Whether some subgraph may be sent what the client says under `name`, in lower case.

        `client_headers` are those that the context has too, by its keys.
        """
        return any(
            (isinstance(rule, PropagateNamed) and rule.named == name)
            or (isinstance(rule, PropagateMatching) and rule.matching.search(name))
            or (isinstance(rule, InsertFromContext) and rule.key == client_headers.get(name))
            for rule in self.rules
        )

    def find_credentials(self, tokens: frozenset[str]) -> frozenset[str]:
        """The headers in which subgraphs are told who calls; `tokens` are those in which clients say it to us."""
        told = CREDENTIALS | tokens
        renamed = {
            rule.rename for rule in self.rules if isinstance(rule, PropagateNamed) and rule.named in told
        }
        from_context = {
            rule.name
            for rule in self.rules
            if isinstance(rule, InsertFromContext) and rule.key not in IMPERSONAL
        }
        return told | from_context | {name for name in renamed if name is not None}

    def build_headers(self, subgraph: str, source: HeaderSource) -> Headers:
        """The headers for one request to `subgraph`."""
        rules = (*self.all, *self.subgraphs.get(subgraph, ()))
        return apply_rules(rules, source) if rules else ()


def apply_rules(rules: Sequence[HeaderRule], source: HeaderSource) -> Headers:
    """Run `rules` in order on nothing, reading from `source`."""
    result: dict[str, list[str]] = {}
    client = _index(source.client)
    for rule in rules:
        match rule:
            case PropagateNamed():
                _propagate_named(result, rule, client)
            case PropagateMatching():
                _propagate_matching(result, rule, source.client)
            case RemoveHeader():
                for name in [name for name in result if rule.is_for(name)]:
                    del result[name]
            case InsertHeader():
                result[rule.name] = [rule.value]
            case InsertFromContext():
                _insert(result, rule.name, source.entries.get(rule.key), None)
            case InsertFromBody():
                _insert(result, rule.name, rule.path.find(source.body), rule.default)
    return tuple((name, value) for name, values in result.items() for value in values)


def _index(headers: Headers) -> dict[str, list[str]]:
    by_name: dict[str, list[str]] = {}
    for name, value in headers:
        if name in by_name:
            by_name[name].append(value)
        else:
            by_name[name] = [value]
    return by_name


def _insert(result: dict[str, list[str]], name: str, value: JsonValue, default: str | None) -> None:
    """Set a header to a JSON value: a string as it is, another as JSON; what no header can hold counts as not there."""
    text = default if value is None else value if isinstance(value, str) else write_json(value).decode()
    if text is not None and is_value(text):
        result[name] = [text]


def _propagate_named(
    result: dict[str, list[str]], rule: PropagateNamed, client: Mapping[str, list[str]]
) -> None:
    target = rule.rename or rule.named
    if target in result or target in RESERVED:
        return
    values = client.get(rule.named)
    if values is None and rule.default is not None:
        values = [rule.default]
    if values is not None:
        result[target] = values


def _propagate_matching(
    result: dict[str, list[str]], rule: PropagateMatching, client_headers: Headers
) -> None:
    matched: dict[str, list[str]] = {}
    for name, value in client_headers:
        if name not in RESERVED and name not in result and rule.matching.search(name):
            matched.setdefault(name, []).append(value)
    result.update(matched)
