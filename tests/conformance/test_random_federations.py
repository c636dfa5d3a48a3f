"""The laws of federation over random federations and operations. A failing case is shrunk before it is shown."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import product
from random import Random
from typing import Any

import pytest
from graphql import parse, validate

from router.operation.identity import print_normal_form
from router.operation.normalize import normalize_operation
from router.planner import Planner
from router.query_plan.nodes import Condition, Fetch, Parallel, PlanNode, QueryPlan, Sequence
from tests.support.federation_plans import Federation
from tests.support.federation_queries import RandomQuery, draw_query
from tests.support.federation_world import World
from tests.support.random_federation import draw_federation, shrink

SEEDS = range(45)
QUERIES = 5
WORLDS = 6


def draw_cases(seed: int) -> Iterator[tuple[Federation, RandomQuery, Random]]:
    """Operations on one federation; none if it does not compose."""
    federation = Federation(draw_federation(seed))
    if federation.composition.supergraph_sdl is None:
        return
    for number in range(QUERIES):
        random = Random(f"{seed}:{number}")  # noqa: S311 -- a reproducible draw, no secret
        yield federation, draw_query(federation.supergraph.api_schema, random), random


def test_most_draws_compose() -> None:
    """Those that do not have entities that no key connects, or external fields that nothing uses."""
    composed = [Federation(draw_federation(seed)).composition for seed in range(40)]

    assert sum(composition.supergraph_sdl is not None for composition in composed) > len(composed) // 3


def test_the_draws_that_compose_use_everything() -> None:
    wanted = {
        "@shareable", "@inaccessible", "@interfaceObject", "@context(", "@fromContext(", "resolvable: false", "interface Node",
        "union Any1", 'label: "flag"', 'label: "percent(50)"', '@override(from: "g0")', '@key(fields: "id ref { id }")',
        '@key(fields: "tags { id }")', '@requires(fields: "f', "(n: 1)", '(cur: \\"EUR\\")', "{ __typename ... on E", '@provides(fields: "f',
        '@provides(fields: "... on E', "[[E", "type Mutation",
    }  # fmt: skip
    for seed in range(200):
        federation = Federation(draw_federation(seed))
        text = " ".join(federation.subgraphs.values())
        if (found := {each for each in wanted if each in text}) and federation.composition.supergraph_sdl:
            wanted -= found

    assert wanted == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_any_operation_is_answered_as_by_the_monolith(seed: int) -> None:
    for federation, query, random in draw_cases(seed):
        labels = frozenset(label for label in federation.planner.override_labels if random.random() < 0.5)
        has_nulls = random.random() < 0.5

        def find_fault(
            subgraphs: dict[str, str],
            text: str,
            query: RandomQuery = query,
            labels: frozenset[str] = labels,
            has_nulls: bool = has_nulls,
        ) -> str | None:
            try:
                asyncio.run(
                    Federation(subgraphs).check(text, query.variables, labels=labels, has_nulls=has_nulls)
                )
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is shrunk and shown
                return f"{type(error).__name__}: {error}"
            return None

        if find_fault(dict(federation.subgraphs), query.text) is not None:
            smallest, text = shrink(
                dict(federation.subgraphs),
                query.text,
                lambda s, t: is_asked(s, t) and find_fault(s, t) is not None,
            )
            pytest.fail(f"{smallest}\n{text}\n{find_fault(smallest, text)}")


def is_asked(subgraphs: dict[str, str], text: str) -> bool:
    """Whether the subgraphs compose and the operation is valid."""
    federation = Federation(subgraphs)
    if federation.composition.supergraph_sdl is None:
        return False
    return not validate(federation.supergraph.api_schema, parse(text))


@pytest.mark.parametrize("seed", SEEDS[::3])
def test_a_plan_is_always_the_same(seed: int) -> None:
    for federation, query, _ in draw_cases(seed):
        again = Federation(dict(reversed(federation.subgraphs.items())))
        plans = {
            str(Planner(each.supergraph).plan(parse(query.text))) for each in (federation, federation, again)
        }

        assert len(plans) == 1


@pytest.mark.parametrize("seed", SEEDS[::3])
def test_normalising_twice_is_normalising_once(seed: int) -> None:
    for federation, query, _ in draw_cases(seed):
        text = print_normal_form(normalize_operation(parse(query.text), None, federation.supergraph))
        again = parse(text)

        assert print_normal_form(normalize_operation(again, None, federation.supergraph)) == text
        assert str(federation.planner.plan(again)) == str(federation.plan(query.text))


@pytest.mark.parametrize("seed", SEEDS[::3])
def test_every_fetch_of_a_plan_matters(seed: int) -> None:
    """Whatever the variables are that its conditions read."""
    worlds: list[World] = []
    for federation, query, _ in draw_cases(seed):
        worlds = worlds or [World(federation.supergraph, seed=number) for number in range(WORLDS)]
        plan = federation.plan(query.text)
        for chosen in list_choices(sorted(set(re.findall(r"\(if: \$(\w+)\)", query.text)))):
            asked = replace(query, variables={**query.variables, **chosen})
            answer = cache(partial(run, federation, asked))
            node = choose_conditions(plan.node, chosen)
            for fetch, less in leave_one_out(node) if node is not None else ():
                whole, rest = replace(plan, node=node), replace(plan, node=less)
                assert any(answer(whole, each) != answer(rest, each) for each in worlds), (
                    f"{plan}\ndoes not need, with {chosen},\n{fetch.operation}"
                )


def list_choices(names: list[str]) -> Iterator[dict[str, bool]]:
    """Each way in which conditions can hold."""
    return (dict(zip(names, values, strict=True)) for values in product((True, False), repeat=len(names)))


def choose_conditions(node: PlanNode | None, variables: dict[str, Any]) -> PlanNode | None:
    """What is left of a plan for some values of its variables."""
    match node:
        case Condition():
            chosen = node.if_node if variables[node.variable] else node.else_node
            return choose_conditions(chosen, variables)
        case Sequence() | Parallel():
            kept = tuple(each for inner in node.nodes if (each := choose_conditions(inner, variables)))
            return replace(node, nodes=kept) if kept else None
        case Fetch() if node.entities and not any(each.is_wanted(variables) for each in node.entities):
            return None
        case _:
            return node


def run(federation: Federation, query: RandomQuery, plan: QueryPlan, world: World) -> object:
    """What a plan answers; subgraphs that are strict raise."""
    try:
        result = asyncio.run(federation.run_plan(plan, query.text, query.variables, world=world))
    except Exception as error:  # noqa: BLE001 -- that it fails is the answer
        return type(error)
    return result.data, len(result.errors)


def leave_one_out(node: PlanNode) -> Iterator[tuple[Fetch, PlanNode | None]]:
    """Each fetch, and what is left of the plan without it."""
    match node:
        case Fetch():
            yield node, None
        case Sequence() | Parallel():
            for index, inner in enumerate(node.nodes):
                for fetch, less in leave_one_out(inner):
                    left = (
                        *node.nodes[:index],
                        *((less,) if less is not None else ()),
                        *node.nodes[index + 1 :],
                    )
                    yield fetch, replace(node, nodes=left) if left else None
        case _:
            raise AssertionError(f"no query has a {type(node).__name__}")
