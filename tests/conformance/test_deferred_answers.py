"""The laws of answers in parts, over random federations and operations with `@defer`.

All parts put together are the answer of the same operation without `@defer`; every part is for an object that has been told.
"""

import asyncio
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from graphql import parse

from router.kit.json import write_json
from router.query_plan.nodes import Defer
from tests.support.federation_damage import DamagedSubgraphs, FailingSubgraphs
from tests.support.federation_library import LIBRARY
from tests.support.federation_parts import (
    compare,
    deferring_schema,
    plan_parts,
    run_at_once,
    run_parts,
)
from tests.support.federation_plans import Federation
from tests.support.federation_queries import RandomQuery, draw_query, without_defers
from tests.support.federation_world import World, world_transport
from tests.support.random_federation import draw_federation

SEEDS = range(20)
QUERIES = 6
_LIBRARY = Federation(LIBRARY)


def draw_cases(seed: int) -> Iterator[tuple[Federation, RandomQuery, Random]]:
    """Operations that defer; none if the federation does not compose."""
    federation = Federation(draw_federation(seed)) if seed % 4 else _LIBRARY
    if federation.composition.supergraph_sdl is None:
        return
    for number in range(QUERIES):
        random = Random(f"defer {seed}:{number}")  # noqa: S311 -- a reproducible draw, no secret
        yield federation, draw_query(deferring_schema(federation), random, has_defers=True), random


def check(federation: Federation, query: RandomQuery, *, has_nulls: bool) -> int:
    """Assert that the parts come to the monolith's answer; gives how many there were."""
    world = World(federation.supergraph, has_nulls=has_nulls)
    transport, _ = world_transport(world, federation.subgraphs)
    plan = plan_parts(federation, query)
    whole = asyncio.run(run_parts(federation, plan, query, transport))
    variables: dict[str, Any] = query.variables
    expected = world.answer(parse(without_defers(query.text)), variables)
    told = f"{query.text}\n{query.variables}\n{plan}"
    assert not whole.errors, f"{told}\n{whole.errors}"
    assert not whole.faults, f"{told}\n{whole.faults}"
    differences = list(compare(whole.data, expected, set()))
    assert not differences, f"{told}\n{differences}"
    return whole.count


@pytest.mark.parametrize("seed", SEEDS)
def test_all_parts_together_are_the_monoliths_answer(seed: int) -> None:
    for federation, query, random in draw_cases(seed):
        check(federation, query, has_nulls=random.random() < 0.5)


def test_many_of_the_drawn_operations_are_answered_in_parts() -> None:
    cases = [case for seed in range(12) for case in draw_cases(seed)]
    plans = [plan_parts(federation, query) for federation, query, _ in cases]
    counts = [check(federation, query, has_nulls=False) for federation, query, _ in cases]

    assert sum(isinstance(plan.node, Defer) for plan in plans) > len(cases) // 3
    assert sum(counts) > len(cases)


@pytest.mark.parametrize("seed", SEEDS)
def test_failures_are_the_same_in_parts_as_at_once(seed: int) -> None:
    for federation, query, random in draw_cases(seed):
        plan = plan_parts(federation, query)
        world, draw = World(federation.supergraph), random.randrange(1000)
        transport, _ = world_transport(world, federation.subgraphs)
        one, other = FailingSubgraphs(transport, draw, 30), FailingSubgraphs(transport, draw, 30)
        whole = asyncio.run(run_parts(federation, plan, query, one))
        at_once = asyncio.run(run_at_once(federation, plan, query, other))
        told = f"{query.text}\n{query.variables}\n{plan}"
        assert not whole.faults, f"{told}\n{whole.faults}"
        if one.requests != other.requests:
            continue  # What one fetch has failed to bring, another had brought, or not yet.
        differences = list(compare(whole.data, at_once.data, whole.nulls))
        assert not differences, f"{told}\n{differences}"
        errors, expected = (
            {write_json(error.write()): error.path or () for error in each.errors}
            for each in (whole, at_once)
        )
        assert not errors.keys() - expected.keys(), f"{told}\n{errors.keys() - expected.keys()}"
        # Errors of what has become null, and of what would have come for it, need not be told.
        missing = [
            path
            for text, path in expected.items()
            if text not in errors and not any(is_on_one_way(path, null) for null in whole.nulls)
        ]
        assert not missing, f"{told}\n{missing}"


@pytest.mark.parametrize("seed", SEEDS[::2])
def test_whatever_subgraphs_answer_parts_are_for_objects_that_have_been_told(seed: int) -> None:
    for federation, query, random in draw_cases(seed):
        plan = plan_parts(federation, query)
        transport, _ = world_transport(World(federation.supergraph), federation.subgraphs)
        damaged = DamagedSubgraphs(transport, random.randrange(1000), 40)
        whole = asyncio.run(run_parts(federation, plan, query, damaged))
        assert not whole.faults, f"{query.text}\n{query.variables}\n{plan}\n{whole.faults}"


def is_on_one_way(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> bool:
    """Whether one of two places is at or below the other."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
