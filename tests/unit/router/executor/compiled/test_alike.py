"""Equal objects become one where a plan runs compiled, and nobody can tell it from the answer."""

import pytest
from graphql import build_schema, get_operation_ast, parse

from router.executor.compiled.compile import compile_plan
from router.executor.execute import ExecutionContext, Executor
from router.executor.interpret.typenames import read_typenames
from router.executor.options import ExecutorOptions
from router.executor.size import ResponseSize
from router.executor.transport import SubgraphAnswer
from router.kit.json import RawJson, write_json
from router.operation.shape import build_shape
from router.query_plan.nodes import (
    EntitySelection,
    Fetch,
    OperationKind,
    Parallel,
    QueryPlan,
    RequiredField,
    RequiredFragment,
    Sequence,
)
from tests.support.stub_subgraph import ScriptedSubgraphs

SDL = """
type Query { reviews: [Review] }
type Review { product: Product }
type Product { id: ID! price: Float stock: Int! maker: Maker }
type Maker { id: ID! name: String! }
"""
QUERY = "{ reviews { product { id price stock maker { id name } } } }"
MANY = 1_000_000
ORDERS = pytest.mark.parametrize("is_parallel", [False, True])


def ask_for(subgraph, type_, selections, *path):
    key = RequiredFragment(type_, tuple(RequiredField(n, n) for n in ("__typename", "id")))
    text = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on {type_} {selections} }} }}"
    return Fetch(
        subgraph,
        OperationKind.QUERY,
        text,
        entities=(EntitySelection("_entities", "r", (("reviews", "@", *path),), (key,)),),
    )


REVIEWS = "{ reviews { product { __typename id %s maker { __typename id } } } }"
STOCK, NAMES = (
    ask_for("b", "Product", "{ stock }", "product"),
    ask_for("c", "Maker", "{ name }", "product", "maker"),
)


def build_plan(extra="", *, is_parallel=False):
    reviews = Fetch("a", OperationKind.QUERY, REVIEWS % extra)
    # The names of makers are under way when products are looked at.
    later = (Parallel((NAMES, STOCK)),) if is_parallel else (STOCK, NAMES)
    return QueryPlan(OperationKind.QUERY, Sequence((reviews, *later)))


def reviews(*products):
    found = [
        {
            "product": {
                "__typename": "Product",
                "id": id_,
                **extra,
                "maker": {"__typename": "Maker", "id": maker},
            }
        }
        for id_, maker, extra in products
    ]
    return {"data": {"reviews": found}}


def entities(*found, **more):
    return {"data": {"_entities": list(found)}, **more}


def build_shape_of(plan_query=QUERY):
    document = parse(plan_query)
    return build_shape(build_schema(SDL), document, get_operation_ast(document), {})


async def answer(plan, answers, compile_after, bytes_max=MANY):
    subgraphs = ScriptedSubgraphs({name: [given] for name, given in answers.items()})
    options = ExecutorOptions(compile_after=compile_after, response_bytes_max=bytes_max)
    executor = Executor(read_typenames(parse(SDL)), subgraphs.transport, options)
    result = await executor.execute(plan, build_shape_of(), ExecutionContext({}))
    errors = [error.write() for error in result.errors]
    return (write_json(result.data), errors, result.extensions), isinstance(result.data, RawJson)


def name_makers(body):
    return entities(*({"name": each["id"].upper()} for each in body["variables"]["r"]))


SAME = ("1", "m", {})
HEALTHY = {
    "a": reviews(SAME, SAME, ("2", "m", {}), SAME),
    "b": entities({"stock": 1}, {"stock": 2}),
    "c": entities({"name": "M"}),
}


async def test_of_equal_objects_one_is_completed():
    plan, shape = build_plan(), build_shape_of()
    program = compile_plan(plan, shape, read_typenames(parse(SDL)))

    async def send(fetch, _body):
        return SubgraphAnswer(200, write_json(HEALTHY[fetch.subgraph]))

    run = await program.run({}, send, ResponseSize(MANY))
    stock, names = list(run.targets.values())
    assert [isinstance(each, list) for each in (*stock, *names)] == [False, False, False]


@pytest.mark.parametrize(
    ("answers", "extra"),
    [
        (HEALTHY, ""),
        # The same product has another maker in another place.
        (
            HEALTHY
            | {"a": reviews(SAME, ("1", "n", {}), SAME), "b": entities({"stock": 1})}
            | {"c": name_makers},
            "",
        ),
        # Equal numbers may be written in two ways.
        (
            HEALTHY
            | {
                "a": reviews(("1", "m", {"price": 1}), ("1", "m", {"price": 1.0})),
                "b": entities({"stock": 1}),
            },
            "price",
        ),
        (HEALTHY | {"b": entities(None, {"stock": 2})}, ""),
        # The null that this leaves rises to the maker, at each place of its product.
        (HEALTHY | {"c": entities(None)}, ""),
        (HEALTHY | {"c": {"data": None, "errors": [{"message": "no"}]}}, ""),
        (
            HEALTHY
            | {
                "b": entities(
                    None, {"stock": 2}, errors=[{"message": "no", "path": ["_entities", 0, "stock"]}]
                )
            },
            "",
        ),
    ],
)
@ORDERS
async def test_the_answer_is_the_interpreters(answers, extra, is_parallel):
    plan = build_plan(extra, is_parallel=is_parallel)
    interpreted, _ = await answer(plan, answers, None)
    compiled, _ = await answer(plan, answers, 0)
    assert compiled == interpreted


@pytest.mark.parametrize("names", [entities({"name": "n" * 100}), entities(None)])
@ORDERS
async def test_it_has_the_same_size(names, is_parallel):
    answers, plan = HEALTHY | {"c": names}, build_plan(is_parallel=is_parallel)
    fits = []
    for bytes_max in range(300, 1000, 70):
        interpreted, _ = await answer(plan, answers, None, bytes_max)
        compiled, _ = await answer(plan, answers, 0, bytes_max)
        assert compiled == interpreted
        fits.append(compiled[0] != b"null")
    assert set(fits) == {True, False}


async def test_healthy_answers_need_no_interpreter():
    _, is_compiled = await answer(build_plan(), HEALTHY, 0)
    assert is_compiled
