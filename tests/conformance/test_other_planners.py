"""Hive's and Apollo's planners as oracles: for no query does ours take more requests, or more of them one after the other.

Left out is what Hive's answers wrongly: interface fields that some subgraph implements with `@requires` are asked for
without what they require, contexts are ignored, see `test_random_federations.py` for what is right.
"""

from pathlib import Path
from random import Random

import pytest

from router.query_plan.nodes import QueryPlan
from router.supergraph import Supergraph
from tests.support.federation_audit import SUITES, Refused
from tests.support.federation_plans import Federation, size
from tests.support.federation_queries import draw_query
from tests.support.federation_situations_all import SITUATIONS
from tests.support.federation_situations_context import CONTEXTS
from tests.support.npm import ask_node, install_npm
from tests.support.random_federation import draw_federation

Case = tuple[str, str, str, QueryPlan]
"""A name, a supergraph, a query, and our plan of it."""

ORACLES = Path(__file__).parent / "oracles"
SEEDS = range(80)
QUERIES = 5


def draw_supergraphs() -> dict[int, str]:
    """The draws that compose and that have no contexts."""
    composed = {seed: Federation(draw_federation(seed)).composition.supergraph_sdl for seed in SEEDS}
    return {seed: sdl for seed, sdl in composed.items() if sdl is not None and "@context" not in sdl}


def requires_on_interface(supergraph: Supergraph) -> bool:
    """Whether an interface has a field that an implementation can only answer with `@requires`."""
    return any(
        entry.requires
        for name, declared in supergraph.types.items()
        if declared.is_abstract and declared.fields
        for member in supergraph.possible_types(name)
        for field in declared.fields
        for entry in supergraph.types[member].fields[field].graphs.values()
    )


@pytest.mark.parametrize("script", ["plan.mjs", "plan_apollo.mjs"])
def test_no_plan_of_a_random_query_is_larger(script: str) -> None:
    reason = install_npm(ORACLES)
    if reason is not None:
        pytest.skip(f"other planners are the oracles of this test, and {reason}")
    cases: list[Case] = []
    for seed, sdl in draw_supergraphs().items():
        supergraph = Supergraph.read(sdl)
        if requires_on_interface(supergraph):
            continue
        federation = Federation(draw_federation(seed))
        for number in range(QUERIES):
            random = Random(f"{seed}:{number}")  # noqa: S311 -- a reproducible draw, no secret
            query = draw_query(supergraph.api_schema, random)
            if query.text.startswith("query"):
                cases.append((f"{seed}", sdl, query.text, federation.plan(query.text)))
    larger, ours, theirs = compare(cases, script)

    assert larger == []
    assert ours < theirs


EXCEPTIONS = {
    "plan.mjs": {
        "nested-provides": "what is provided two levels deep is taken for provided at every depth",
        "entities come before the next subgraph's field": "a mutation goes on before the entities of the field before are there",
    },
    "plan_apollo.mjs": {},
}
"""Where another planner asks less, and should not."""


@pytest.mark.parametrize("script", EXCEPTIONS)
def test_no_plan_of_a_written_case_is_larger(script: str) -> None:
    reason = install_npm(ORACLES)
    if reason is not None:
        pytest.skip(f"other planners are the oracles of this test, and {reason}")
    cases = [
        (
            each.name,
            each.federation.composition.supergraph_sdl or "",
            each.query,
            each.federation.plan(each.query),
        )
        for each in SITUATIONS
        if not each.labels and each not in CONTEXTS
    ]
    for suite in SUITES:
        federation = Federation(suite.subgraphs, is_complete=True)
        sdl = federation.composition.supergraph_sdl or ""
        questions = [each for each in suite.questions if not isinstance(each, Refused)]
        cases += [(suite.name, sdl, each.query, federation.plan(each.query)) for each in questions]
    larger, ours, theirs = compare(cases, script)

    assert [name for name, _ in larger if name not in EXCEPTIONS[script]] == [], larger
    assert {name for name, _ in larger} == EXCEPTIONS[script].keys()
    assert ours <= theirs


def compare(cases: list[Case], script: str) -> tuple[list[tuple[str, str]], int, int]:
    """The cases in which a plan of ours is larger, by name and in words; all requests of ours, and of theirs."""
    questions = [{"sdl": sdl, "query": text} for _, sdl, text, _ in cases]
    answers = ask_node(ORACLES / script, questions, is_crash_an_answer=True)
    compared = [
        (name, text, plan, answer)
        for (name, _, text, plan), answer in zip(cases, answers, strict=True)
        if answer is not None and "error" not in answer
    ]
    assert len(compared) > len(cases) * 0.8
    larger = [
        (name, f"{size(plan)} for {answer}\n{text}\n{plan}")
        for name, text, plan, answer in compared
        if size(plan)[0] > answer["fetches"] or size(plan)[1] > answer["stages"]
    ]
    return larger, sum(size(c[2])[0] for c in compared), sum(c[3]["fetches"] for c in compared)
