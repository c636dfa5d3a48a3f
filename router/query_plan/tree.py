"""The plan as data: what planner and executor agree on.

A plan is a tree of frozen nodes in Apollo's vocabulary. It holds no schema and no request data, and does
nothing, so it can be cached, printed (`text`), exported (`wire`) and executed any number of times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from router.kit.json import JsonValue


class OperationKind(StrEnum):
    """The three kinds of GraphQL operation, spelt as in a document."""

    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True)
class TypeFilter:
    """A path element: go on only with objects whose runtime type is one of `types`."""

    types: tuple[str, ...]


EACH = "@"
"""The path element that stands for every item of a list; no response key can be spelt so."""

PlanPath: TypeAlias = tuple[str | TypeFilter, ...]
"""Where in the response a fetch is merged: response keys, `EACH` per list level, type filters."""


@dataclass(frozen=True, slots=True)
class RequiredField:
    """One field of a representation.

    `name` is the name the subgraph is given; `response_key` is where the value stands in the merged
    response. They differ when the planner had to fetch the field under an internal alias.
    """

    name: str
    response_key: str
    selections: tuple["RequiredSelection", ...] = ()


@dataclass(frozen=True, slots=True)
class RequiredFragment:
    """Selections that go into a representation only if the object is of this type."""

    type_condition: str
    selections: tuple["RequiredSelection", ...]


RequiredSelection: TypeAlias = RequiredField | RequiredFragment


@dataclass(frozen=True, slots=True)
class ValueSetter:
    """Set the value at `path` of each representation before it is sent (only `__typename` today)."""

    path: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class KeyRenamer:
    """Rename the last key of `path` to `name`; `... on T` elements restrict to objects of type T."""

    path: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class ContextInput:
    """A variable whose value stands in an object above the entities (`@fromContext`).

    Attributes:
        type: the variable's type in the subgraph.
        depth: how many elements of the entities' path lead to that object.
        selections: lead to the value in it, one field at each level; fragments tell by the object's type.
    """

    variable: str
    type: str
    depth: int
    selections: tuple[RequiredSelection, ...]


@dataclass(frozen=True, slots=True)
class EntitySelection:
    """One `_entities` field of a fetch: whose representations it takes, and where the answers go.

    `response_key` is the key of the list in the subgraph's answer (`_entities`, or an alias when several
    share a request). All objects found at all `paths` are collected, each distinct one is sent once.
    Renaming paths start at the entity, input rewrites at the representation. With `contexts` there is one path, and
    objects under different values are asked for in fields of their own. With `conditions`, Boolean variables and the
    values that they must have, nothing is collected unless all hold: the request is sent for its other fields then,
    or not at all.
    """

    response_key: str
    representations_variable: str
    paths: tuple[PlanPath, ...]
    requires: tuple[RequiredFragment, ...]
    input_rewrites: tuple[ValueSetter, ...] = ()
    output_rewrites: tuple[KeyRenamer, ...] = ()
    contexts: tuple[ContextInput, ...] = ()
    conditions: tuple[tuple[str, bool], ...] = ()

    def is_wanted(self, variables: Mapping[str, JsonValue]) -> bool:
        """Whether the client's variables fulfil the conditions."""
        return all((variables.get(name) is True) is wanted for name, wanted in self.conditions)


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request to one subgraph.

    A root fetch has no `entities` and is merged at `path` (empty: the response's root; not empty only when
    a field returns a root type). An entity fetch has one or more `entities`, each with paths of its own.

    Attributes:
        subgraph: its name, not its `join__Graph` value.
        operation: the document to send, complete.
        variable_usages: the client's variables that the document declares, in order of declaration.
        id: set only when a deferred part of the plan waits for this fetch.
    """

    subgraph: str
    operation_kind: OperationKind
    operation: str
    operation_name: str | None = None
    variable_usages: tuple[str, ...] = ()
    path: PlanPath = ()
    entities: tuple[EntitySelection, ...] = ()
    output_rewrites: tuple[KeyRenamer, ...] = ()
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """Run one after the other: each may need what those before it brought."""

    nodes: tuple["PlanNode", ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Run at the same time."""

    nodes: tuple["PlanNode", ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Run one of two nodes by the value of a Boolean variable of the client."""

    variable: str
    if_node: "PlanNode | None" = None
    else_node: "PlanNode | None" = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """Follow `primary`; run `rest` on each event."""

    primary: Fetch
    rest: "PlanNode | None" = None


@dataclass(frozen=True, slots=True)
class Primary:
    """What of a response comes first. `node` is None if nothing has to be fetched for it.

    `subselection` is what the client is told, as GraphQL text; None if that is nothing but empty objects.
    """

    subselection: str | None = None
    node: "PlanNode | None" = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """What of a response comes later: one fragment with `@defer`, at one place.

    Attributes:
        depends: the ids of fetches outside it that must have finished before `node` can run.
        path: the response keys that lead to its objects, and the type conditions on the way.
        subselection: as in `Primary`; None too where `node` is a `Defer`, whose primary part has it.
        node: None if other parts' fetches have brought all of it.
        place: where the `@defer` stands in the client's document, by which the executor knows it.
    """

    depends: tuple[str, ...]
    path: tuple[str, ...]
    label: str | None = None
    subselection: str | None = None
    node: "PlanNode | None" = None
    place: int = -1


@dataclass(frozen=True, slots=True)
class Defer:
    """Answer with `primary`, and with each of `deferred` when it is there."""

    primary: Primary
    deferred: tuple[Deferred, ...]


PlanNode: TypeAlias = Fetch | Sequence | Parallel | Condition | Subscription | Defer
