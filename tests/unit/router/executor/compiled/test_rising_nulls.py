"""Nulls that rise and errors that find their places: through lists and objects of any nullability, shared or not, the same
as interpreted."""

from collections import Counter
from random import Random

import pytest
from graphql import build_schema, get_operation_ast, parse

from router.executor.execute import ExecutionContext, Executor
from router.executor.interpret.typenames import read_typenames
from router.executor.memory import MemoryTransport
from router.executor.options import ErrorExposure, ErrorExposureOptions, ExecutorOptions
from router.executor.transport import SubgraphAnswer, TransportError
from router.kit.json import RawJson, read_json, write_json
from router.operation.shape import build_shape
from router.query_plan.nodes import (
    EACH,
    EntitySelection,
    Fetch,
    OperationKind,
    Parallel,
    QueryPlan,
    RequiredField,
    RequiredFragment,
    Sequence,
)

QUERY = "{ racks { parts { stock id maker { name parts { stock } owner { rank } } } } item { ... on Part { stock price } } }"
EXPOSURE = ErrorExposureOptions(all=ErrorExposure(is_included=True))
IDS = ("1", "2")


def draw_wrapper(random, name, lists_max=2):
    """A type around `name`, and the path through its lists."""
    text, path = name + random.choice(("", "!")), ()
    for _ in range(random.randrange(lists_max + 1)):
        text, path = f"[{text}]" + random.choice(("", "!")), (*path, EACH)
    return text, path


def draw_value(random, type_text, build):
    """A value of the type, with nulls only where they may be."""
    if type_text.endswith("!"):
        return draw_some(random, type_text[:-1], build)
    return None if random.randrange(8) == 0 else draw_some(random, type_text, build)


def draw_some(random, type_text, build):
    if type_text.startswith("["):
        return [draw_value(random, type_text[1:-1], build) for _ in range(random.randrange(3))]
    return build()


def fetch(subgraph, type_name, selections, *paths):
    key = (RequiredFragment(type_name, tuple(RequiredField(n, n) for n in ("__typename", "id"))),)
    text = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on {type_name} {{ {selections} }} }} }}"
    return Fetch(
        subgraph, OperationKind.QUERY, text, entities=(EntitySelection("_entities", "r", paths, key),)
    )


class Federation:
    """Racks of parts, of which other subgraphs tell the stock, the maker and the owner of the maker."""

    def __init__(self, seed):
        self.random = random = Random(seed)  # noqa: S311 -- a reproducible draw, no secret
        racks, racks_path = draw_wrapper(random, "Rack")
        parts, parts_path = draw_wrapper(random, "Part")
        self.makers, makers_path = draw_wrapper(random, "Maker", 1)
        own, own_path = draw_wrapper(random, "Part", 1)
        self.racks, self.parts, self.own = racks, parts, own
        bang = [random.choice(("", "!")) for _ in range(6)]
        self.sdl = f"""
type Query {{ racks: {racks} item: Item{bang[0]} }}
union Item = Part | Box
type Box {{ id: ID! }}
type Rack {{ parts: {parts} }}
type Part {{ id: ID! stock: Int{bang[1]} maker: {self.makers} price: Int{bang[2]} }}
type Maker {{ id: ID! name: String parts: {own} owner: Owner{bang[3]} }}
type Owner {{ id: ID! rank: Int{bang[4]} }}
"""
        at = ("racks", *racks_path, "parts", *parts_path)
        makers = (*at, "maker", *makers_path)
        self.plan = QueryPlan(
            OperationKind.QUERY,
            Sequence(
                (
                    Fetch(
                        "a",
                        OperationKind.QUERY,
                        "{ racks { parts { __typename id } } item { __typename ... on Part { id } } }",
                    ),
                    Parallel(
                        (
                            fetch("b", "Part", "stock", at),
                            fetch("c", "Part", "maker { __typename id name }", at),
                            fetch("d", "Part", "price", ("item",)),
                        )
                    ),
                    fetch("e", "Maker", "parts { __typename id } owner { __typename id }", makers),
                    Parallel(
                        (
                            fetch("f", "Part", "stock", (*makers, "parts", *own_path), ("item",)),
                            fetch("g", "Owner", "rank", (*makers, "owner")),
                        )
                    ),
                )
            ),
        )
        self.answers = {}

    def build(self, name, **more):
        return lambda: (
            {"__typename": name, "id": self.random.choice(IDS)}
            | {key: draw_value(self.random, text, inner) for key, (text, inner) in more.items()}
        )

    async def send(self, request):
        """The same question has the same answer."""
        key = request.subgraph, request.body
        if key not in self.answers:
            self.answers[key] = self.draw_answer(request)
        if self.answers[key] is None:
            raise TransportError("reset")
        return self.answers[key]

    def draw_answer(self, request):
        random = self.random
        if request.subgraph == "a":
            parts = self.build("Part")
            rack = lambda: {"parts": draw_value(random, self.parts, parts)}  # noqa: E731
            item = random.choice((parts(), {"__typename": "Box"}))
            return self.write({"racks": draw_value(random, self.racks, rack), "item": item}, [])
        failure = random.randrange(16)
        if failure == 0:
            return None
        if failure == 1:
            return self.write(None, [{"message": "down", "path": random.choice((None, ["_entities"]))}])
        if failure == 2:
            return self.write({"_entities": None}, [{"message": "none"}])
        given = read_json(request.body)["variables"]["r"]
        entities, errors = [], []
        for i, _ in enumerate(given):
            is_null = random.randrange(6) == 0
            entities.append(None if is_null else self.draw_entity(request.subgraph))
            if random.randrange(4) == 0:
                path = [
                    "_entities",
                    random.choice((i, i, 99)),
                    *random.choice(((), ("maker", "name"), (0, "x"))),
                ]
                errors.append({"message": f"no {i}", "path": path, "extensions": {"code": "NO"}})
        return self.write({"_entities": entities}, errors)

    def draw_entity(self, subgraph):
        random = self.random
        maker = lambda: self.build("Maker")() | {"name": random.choice((None, "M"))}  # noqa: E731
        match subgraph:
            case "b" | "f":
                return {"stock": 1}
            case "c":
                return {"maker": draw_value(random, self.makers, maker)}
            case "d":
                return {"price": 2}
            case "e":
                return {
                    "parts": draw_value(random, self.own, self.build("Part")),
                    "owner": self.build("Owner")(),
                }
            case _:
                return {"rank": 3}

    @staticmethod
    def write(data, errors):
        body = {"data": data} | ({"errors": errors} if errors else {})
        return SubgraphAnswer(200, write_json(body))


async def run(federation, compile_after):
    document = parse(QUERY)
    shape = build_shape(build_schema(federation.sdl), document, get_operation_ast(document), {})
    transport = MemoryTransport(dict.fromkeys("abcdefg", federation.send))
    options = ExecutorOptions(error_exposure=EXPOSURE, compile_after=compile_after)
    executor = Executor(read_typenames(parse(federation.sdl)), transport, options)
    return await executor.execute(federation.plan, shape, ExecutionContext({}))


def write(result):
    return write_json(
        {"data": result.data, "errors": [e.write() for e in result.errors], "extensions": result.extensions}
    )


@pytest.mark.parametrize("seed", range(2))
async def test_what_rises_and_what_is_told_is_the_same_as_interpreted(seed):
    counts = Counter()
    for number in range(75):
        federation = Federation(f"{seed}:{number}")
        compiled, interpreted = await run(federation, 0), await run(federation, None)
        assert write(compiled) == write(interpreted), federation.sdl
        way = "compiled" if isinstance(compiled.data, RawJson) else "interpreted"
        if compiled.data is not None:
            counts[way, bool(compiled.errors), bool(compiled.extensions)] += 1

    assert counts["compiled", True, True] > 4, counts
    assert counts["compiled", True, False] > 10, counts
    assert sum(counts["compiled", a, b] for a in (True, False) for b in (True, False)) > 2 * sum(
        counts["interpreted", a, b] for a in (True, False) for b in (True, False)
    ), counts
