"""A whole plan, and the nodes it is made of: what the other rooms import."""

from dataclasses import dataclass

from router.kit.json import JsonObject
from router.query_plan.text import print_node
from router.query_plan.tree import (
    EACH,
    Condition,
    ContextInput,
    Defer,
    Deferred,
    EntitySelection,
    Fetch,
    KeyRenamer,
    OperationKind,
    Parallel,
    PlanNode,
    PlanPath,
    Primary,
    RequiredField,
    RequiredFragment,
    RequiredSelection,
    Sequence,
    Subscription,
    TypeFilter,
    ValueSetter,
)
from router.query_plan.wire import write_node

__all__ = [
    "EACH",
    "Condition",
    "ContextInput",
    "Defer",
    "Deferred",
    "EntitySelection",
    "Fetch",
    "KeyRenamer",
    "OperationKind",
    "Parallel",
    "PlanNode",
    "PlanPath",
    "Primary",
    "QueryPlan",
    "RequiredField",
    "RequiredFragment",
    "RequiredSelection",
    "Sequence",
    "Subscription",
    "TypeFilter",
    "ValueSetter",
]


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The whole plan of one operation; `node` is None when nothing has to be fetched."""

    operation_kind: OperationKind
    node: PlanNode | None

    def __str__(self) -> str:
        return print_node(self.node)

    def to_json(self) -> JsonObject:
        """Give the plan in Apollo's JSON form, as `json.dumps` takes it."""
        return write_node(self.node)
