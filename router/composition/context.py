"""What every step of the merge shares: the subgraphs in order, their graph names, the merged type relations."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import DirectiveDefinitionNode

from router.composition.report import Report
from router.composition.subgraph import Kind, Link, Subgraph, Type


@dataclass(frozen=True, slots=True)
class ComposedDirective:
    """A directive that `@composeDirective` brings into the supergraph.

    Attributes:
        name: what it is called, in the supergraph and in all subgraphs that compose it.
        own: what its spec calls it.
        source: the subgraph whose definition is used, with its link: it has the newest version.
        subgraphs: the names of those that compose it; the applications of others do not count.
        defaults: the defaults of its arguments, written as values are compared.
    """

    name: str
    own: str
    source: Subgraph
    link: Link
    definition: DirectiveDefinitionNode
    subgraphs: frozenset[str]
    defaults: Mapping[str, str]

    @property
    def is_repeatable(self) -> bool:
        """Whether it may stand on one element several times."""
        return self.definition.repeatable


Sources: TypeAlias = Sequence[tuple[Subgraph, Type]]


@dataclass(slots=True)
class Merge:
    """The state of one merge.

    Attributes:
        subgraphs: in the order of their names, which decides every tie.
        graphs: the `join__Graph` value of each subgraph.
        interfaces: each type's merged interfaces, in first-seen order.
        members: each union's merged members, in first-seen order.
        declarations: by type, the subgraphs that declare it, in order.
        implementers: by interface, the object types that implement it in the merged schema, by name.
        inputs_used, outputs_used: names of types in input and output positions of what was merged.
        composed: the directives of Apollo's specs that are applied anywhere -> their names in the supergraph.
        joined: those that are applied and reach the supergraph inside `@join__directive`.
        custom: the directives of other specs that are composed, by `@` and their name.
    """

    subgraphs: Sequence[Subgraph]
    report: Report
    graphs: dict[str, str]
    interfaces: dict[str, dict[str, None]] = field(default_factory=dict)
    members: dict[str, dict[str, None]] = field(default_factory=dict)
    inputs_used: set[str] = field(default_factory=set)
    outputs_used: set[str] = field(default_factory=set)
    composed: dict[str, str] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    custom: dict[str, ComposedDirective] = field(default_factory=dict)

    declarations: dict[str, list[tuple[Subgraph, Type]]] = field(default_factory=dict)
    implementers: dict[str, list[str]] = field(default_factory=dict)

    @property
    def type_names(self) -> list[str]:
        """The names of all types, sorted."""
        return sorted(self.declarations)

    def sources(self, type_name: str) -> Sources:
        """The subgraphs that declare a type, in order."""
        return self.declarations.get(type_name, ())

    def is_subtype(self, narrow: str, wide: str) -> bool:
        """Whether a named type is another, implements it or is a member of it, in the merged schema."""
        return (
            narrow == wide or wide in self.interfaces.get(narrow, ()) or narrow in self.members.get(wide, ())
        )

    def implementations(self, interface: str) -> list[str]:
        """The object types that implement an interface in the merged schema, by name."""
        return self.implementers.get(interface, [])


def build_merge(subgraphs: Iterable[Subgraph], report: Report) -> Merge:
    """The state before the first step."""
    ordered = sorted(subgraphs, key=lambda subgraph: subgraph.name)
    merge = Merge(ordered, report, name_graphs([subgraph.name for subgraph in ordered]))
    for subgraph in ordered:
        for declared in subgraph.types.values():
            merge.declarations.setdefault(declared.name, []).append((subgraph, declared))
            merge.interfaces.setdefault(declared.name, {}).update(dict.fromkeys(declared.interfaces))
            if declared.kind is Kind.UNION:
                merge.members.setdefault(declared.name, {}).update(dict.fromkeys(declared.members))
    for name in merge.type_names:
        if any(declared.kind is Kind.OBJECT for _, declared in merge.sources(name)):
            for interface in merge.interfaces[name]:
                merge.implementers.setdefault(interface, []).append(name)
    return merge


def name_graphs(names: Sequence[str]) -> dict[str, str]:
    """The `join__Graph` value of each subgraph: its name in capitals, made a GraphQL name, made unique."""
    wanted = {name: _name_graph(name) for name in names}
    counts = Counter(wanted.values())
    seen: Counter[str] = Counter()
    graphs = {}
    for name in names:
        value = wanted[name]
        if counts[value] > 1:
            seen[value] += 1
            value = f"{value}_{seen[value]}"
        graphs[name] = value
    return graphs


def _name_graph(name: str) -> str:
    value = re.sub(r"[^A-Za-z0-9_]", "_", name)
    if value[:1].isdigit():
        value = f"_{value}"
    if re.search(r"_\d+$", value):
        value = f"{value}_"
    return value.upper()
