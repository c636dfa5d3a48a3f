"""Supergraphs of federation 1 (join v0.1): planned and answered as the monolith, in no more requests than Apollo's planner."""

from pathlib import Path

import pytest

from tests.support.federation_1 import OPERATIONS, SUBGRAPHS, SUPERGRAPH
from tests.support.federation_plans import Federation, size
from tests.support.npm import ask_node, install_npm

ORACLES = Path(__file__).parent / "oracles"
_RENAMED = (
    SUPERGRAPH.replace("join__", "j__")
    .replace('join/v0.1")', 'join/v0.1", as: "j")')
    .replace('core/v0.1")', 'core/v0.1", as: "c")')
    .replace("@core(", "@c(")
    .replace("(feature: String!)", "(feature: String!, as: String)")
)
_FEDERATIONS = {
    "plain": Federation(SUBGRAPHS, is_complete=True, composed_sdl=SUPERGRAPH),
    "renamed": Federation(SUBGRAPHS, is_complete=True, composed_sdl=_RENAMED),
    "composed anew": Federation(SUBGRAPHS, is_complete=True),
}


@pytest.mark.parametrize("federation", _FEDERATIONS.values(), ids=_FEDERATIONS)
@pytest.mark.parametrize("query", OPERATIONS)
async def test_the_answer_is_the_monoliths(query: str, federation: Federation) -> None:
    await federation.check(query)
    await federation.check(query, has_nulls=True)


def test_the_plans_are_as_large_as_those_of_the_same_subgraphs_composed_anew() -> None:
    for query in OPERATIONS:
        assert size(_FEDERATIONS["plain"].plan(query)) == size(_FEDERATIONS["composed anew"].plan(query))


def test_no_plan_is_larger_than_apollos() -> None:
    reason = install_npm(ORACLES)
    if reason is not None:
        pytest.skip(f"Apollo's planner is the oracle of this test, and {reason}")
    answers = ask_node(
        ORACLES / "plan_apollo.mjs", [{"sdl": SUPERGRAPH, "query": query} for query in OPERATIONS]
    )
    for query, answer in zip(OPERATIONS, answers, strict=True):
        fetches, depth = size(_FEDERATIONS["plain"].plan(query))
        assert fetches <= answer["fetches"], query
        assert depth <= answer["stages"], query
