"""Answers in parts: run a plan that defers, and put together what it gave."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLSchema, parse, validate
from msgspec.structs import replace

from router.errors import ResponseError
from router.executor.execute import ExecutionContext, ExecutionResult, Executor
from router.executor.interpret.typenames import read_typenames
from router.executor.parts import Parts
from router.executor.transport import SubgraphTransport
from router.operation.normalize import find_operation
from router.operation.shape import ObjectShape, build_shape
from router.query_plan.nodes import Condition, Defer, Parallel, PlanNode, QueryPlan, Sequence
from router.supergraph.api_schema import allow_defer
from tests.support.federation_plans import Federation
from tests.support.federation_queries import RandomQuery, coerce_variables

Path = tuple[str | int, ...]


@dataclass
class Whole:
    """What all parts come to.

    Attributes:
        nulls: every place that was null in any part.
        faults: what was wrong with the parts themselves.
    """

    data: Any
    errors: list[ResponseError]
    nulls: set[Path] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    count: int = 0


def deferring_schema(federation: Federation) -> GraphQLSchema:
    """The API schema of a router that defers."""
    return allow_defer(federation.supergraph.api_schema)


def plan_parts(federation: Federation, query: RandomQuery) -> QueryPlan:
    """The plan of an operation for the values of its variables."""
    schema = deferring_schema(federation)
    document = parse(query.text)
    errors = validate(schema, document)
    assert not errors, errors
    variables = coerce_variables(schema, query)
    deferring = frozenset(name for name, value in variables.items() if value is True)
    return federation.planner.plan(document, deferring=deferring)


async def run_parts(
    federation: Federation, plan: QueryPlan, query: RandomQuery, transport: SubgraphTransport
) -> Whole:
    """Run a plan and put the parts together."""
    executor, shape, context = prepare_executor(federation, query, transport)
    result = await executor.execute(plan, shape, context)
    whole = Whole(result.data, list(result.errors), set(find_nulls(result.data, ())))
    assert result.later is not None
    if result.later.has_next:
        last: Parts | None = None
        async for parts in result.later:
            if last is not None and not last.has_next:
                whole.faults.append("more came after the last part")
            if not parts.parts:
                whole.faults.append("nothing came")
            for part in parts.parts:
                _add(whole, part.path, part.data)
                whole.errors += part.errors
            last = parts
        if last is None or last.has_next:
            whole.faults.append("the last part was not told to be the last")
    await result.later.aclose()
    return whole


async def run_at_once(
    federation: Federation, plan: QueryPlan, query: RandomQuery, transport: SubgraphTransport
) -> ExecutionResult:
    """Run the very same fetches and answer once."""
    executor, shape, context = prepare_executor(federation, query, transport)
    flat = QueryPlan(plan.operation_kind, flatten(plan.node))
    return await executor.execute(flat, shape, replace(context, is_in_parts=False))


def flatten(node: PlanNode | None) -> PlanNode | None:
    """The node with its deferred parts after the primary one."""
    match node:
        case Defer():
            inner = [flatten(each) for each in (node.primary.node, *(part.node for part in node.deferred))]
            return Sequence(tuple(each for each in inner if each is not None))
        case Condition():
            return Condition(node.variable, flatten(node.if_node), flatten(node.else_node))
        case Sequence() | Parallel():
            return type(node)(tuple(each for each in map(flatten, node.nodes) if each is not None))
        case _:
            return node


def prepare_executor(
    federation: Federation, query: RandomQuery, transport: SubgraphTransport
) -> tuple[Executor, ObjectShape, ExecutionContext]:
    """What runs the plans of an operation, and what it is to be told to answer in parts."""
    schema = deferring_schema(federation)
    document = parse(query.text)
    variables = coerce_variables(schema, query)
    shape = build_shape(schema, document, find_operation(document, None), variables)
    executor = Executor(read_typenames(federation.supergraph.document), transport)
    return executor, shape, ExecutionContext(variables, is_in_parts=True)


def _add(whole: Whole, path: Path, data: Any) -> None:
    whole.count += 1
    target = whole.data
    for element in path:
        try:
            target = target[element]
        except (KeyError, IndexError, TypeError):
            target = None
    if not isinstance(target, dict):
        whole.faults.append(f"a part came for {path}, where there is {target!r}")
    if data is None:
        whole.nulls.add(path)
    else:
        whole.nulls |= set(find_nulls(data, path))
        if isinstance(target, dict):
            _merge(target, data)


def _merge(target: dict[str, Any], source: dict[str, Any]) -> None:
    for key, value in source.items():
        target[key] = _merge_values(target.get(key), value)


def _merge_values(before: Any, after: Any) -> Any:
    if isinstance(before, dict) and isinstance(after, dict):
        _merge(before, after)
        return before
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [_merge_values(one, other) for one, other in zip(before, after, strict=True)]
    # Where several parts tell the same thing, it may be null in one of them only.
    return before if after is None else after


def find_nulls(data: Any, at: Path) -> Iterator[Path]:
    """All places that are null."""
    if data is None:
        yield at
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from find_nulls(value, (*at, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from find_nulls(value, (*at, i))


def compare(  # noqa: C901, PLR0912 -- one branch for each kind of value
    got: Any, wanted: Any, nulls: set[Path], at: Path = ()
) -> Iterator[str]:
    """Where the parts differ from the answer at once. A null of one part does not rise to objects of others."""
    if wanted is None and got is not None:
        if not any(null[: len(at)] == at for null in nulls):
            yield f"{at}: {got!r}, not null"
    elif isinstance(got, dict) and isinstance(wanted, dict):
        for key in dict.fromkeys((*got, *wanted)):
            if key not in got or key not in wanted:
                if key in got or not any(null == at[: len(null)] for null in nulls):
                    yield f"{at}: {key} is in one only"
            else:
                yield from compare(got[key], wanted[key], nulls, (*at, key))
    elif isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        for i, value in enumerate(wanted):
            yield from compare(got[i], value, nulls, (*at, i))
    elif got is None and any(null == at[: len(null)] for null in nulls if len(null) < len(at)):
        # Another part has the value, and that part is null as a whole.
        return
    elif got != wanted or type(got) is not type(wanted):
        yield f"{at}: {got!r}, not {wanted!r}"
