"""MISSING_TRANSITIVE_AUTH_REQUIREMENTS: who may not see data may not see it through another field either.

A field with `@requires`, or with an argument `@fromContext`, is computed from data that the client does not ask for and
so need not be allowed to see. What the field and its type ask of the client, taken together, has to be enough for all
that is read: the types that it is read from, the fields, and the types that these return.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from graphql import Node

from router.composition.context import Merge
from router.composition.contexts import find_contextual_arguments, find_setters
from router.composition.field_sets import walk_selections
from router.composition.subgraph import SelectedField, Subgraph
from router.composition.type_ref import named_type
from router.spec.federation import ACCESS_DIRECTIVES
from router.supergraph.access import AccessRule, AccessRules, Alternatives


@dataclass(frozen=True, slots=True)
class _Read:
    """A field that is computed from others, by a directive: those others, and the types that they are read from."""

    type_name: str
    field_name: str
    directive: str
    node: Node
    types: tuple[str, ...]
    fields: tuple[SelectedField, ...]


def check_missing_transitive_auth_requirements(merge: Merge, rules: AccessRules) -> None:
    """Check that each field asks for whatever its `@requires` and `@fromContext` read asks for."""
    if not any(name in merge.composed for name in ACCESS_DIRECTIVES):
        return
    for subgraph in merge.subgraphs:
        for read in (*_find_required(subgraph), *_find_contextual(subgraph)):
            held = [rules.of_type(read.type_name), rules.of_field(read.type_name, read.field_name)]
            needed = dict(_find_needed(subgraph, read, rules))
            for name in (name for name, rule in needed.items() if not _is_implied(rule, held)):
                merge.report.error(
                    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
                    f'[{subgraph.name}] Field "{read.type_name}.{read.field_name}" does not specify the '
                    "@authenticated, @requiresScopes or @policy requirements that are necessary to access "
                    f'"{name}", which its @{read.directive} reads: add them to the field.',
                    [(subgraph.name, read.node)],
                )


def _find_required(subgraph: Subgraph) -> Iterator[_Read]:
    for found in subgraph.field_sets:
        if found.applied.name == "requires" and found.field_name is not None:
            node = found.applied.node
            yield _Read(found.type_name, found.field_name, "requires", node, (), found.fields)


def _find_contextual(subgraph: Subgraph) -> Iterator[_Read]:
    setters = find_setters(subgraph)
    for found in find_contextual_arguments(subgraph):
        if found.use is not None:
            types = tuple(setter.name for setter in setters[found.use.context])
            selections = found.use.parse()
            fields = tuple(f for name in types for f in walk_selections(subgraph, name, selections).fields)
            node = found.applied.node
            yield _Read(found.owner.name, found.field.name, "fromContext", node, types, fields)


def _find_needed(subgraph: Subgraph, read: _Read, rules: AccessRules) -> Iterator[tuple[str, AccessRule]]:
    """Everything that is read and has a rule, by name."""
    types = list(read.types)
    for selected in read.fields:
        types.append(selected.parent)
        rule = rules.of_field(selected.parent, selected.name)
        if rule is not None:
            yield f"{selected.parent}.{selected.name}", rule
        field = subgraph.find_field(selected.parent, selected.name)
        if field is not None:
            types.append(named_type(field.type))
    for name in types:
        rule = rules.of_type(name)
        if rule is not None:
            yield name, rule


def _is_implied(needed: AccessRule, held: Iterable[AccessRule | None]) -> bool:
    """Whether everybody who meets all the rules held meets the one that is needed."""
    rules = [rule for rule in held if rule is not None]
    return (
        (not needed.authenticated or any(rule.authenticated for rule in rules))
        and _are_implied(needed.scopes, [rule.scopes for rule in rules])
        and _are_implied(needed.policies, [rule.policies for rule in rules])
    )


def _are_implied(needed: Alternatives, held: Iterable[Alternatives]) -> bool:
    """Whether each way to meet all that is held contains a way to meet what is needed; no alternatives ask nothing."""

    def is_enough(way: frozenset[str]) -> bool:
        return any(other <= way for other in needed)

    # Ways of one rule that are enough by themselves need not be combined with those of the others.
    open_ways = [[way for way in ways if not is_enough(way)] for ways in held if ways]
    return not needed or all(is_enough(frozenset().union(*choice)) for choice in product(*open_ways))
