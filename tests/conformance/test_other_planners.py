"""Hive's planner as an oracle: for no query does ours take more requests, or more of them one after the other.

Left out is what Hive's answers wrongly: interface fields that some subgraph implements with `@requires` are asked for
without what they require, and conditions are not merged, see `test_random_federations.py` for what is right.
"""

from pathlib import Path
from random import Random

import pytest

from router.supergraph import Supergraph
from tests.support.federation_plans import Federation, size
from tests.support.federation_queries import draw_query
from tests.support.npm import ask_node, install_npm
from tests.support.random_federation import draw_federation

ORACLES = Path(__file__).parent / "oracles"
SEEDS = range(120)
QUERIES = 5


def draw_supergraphs() -> dict[int, str]:
    """The draws that compose, and whose plans Hive's makes right: it ignores contexts."""
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


def test_no_plan_is_larger_than_hives() -> None:
    reason = install_npm(ORACLES)
    if reason is not None:
        pytest.skip(f"Hive's planner is the oracle of this test, and {reason}")
    cases = []
    for seed, sdl in draw_supergraphs().items():
        supergraph = Supergraph.read(sdl)
        if requires_on_interface(supergraph):
            continue
        federation = Federation(draw_federation(seed))
        for number in range(QUERIES):
            random = Random(f"{seed}:{number}")  # noqa: S311 -- a reproducible draw, no secret
            query = draw_query(supergraph.api_schema, random)
            if query.text.startswith("query"):
                cases.append((sdl, query.text, federation.plan(query.text)))
    questions = [{"sdl": sdl, "query": text} for sdl, text, _ in cases]
    answers = ask_node(ORACLES / "plan.mjs", questions, is_crash_an_answer=True)

    compared = [
        (text, plan, answer)
        for (_, text, plan), answer in zip(cases, answers, strict=True)
        if answer is not None and "error" not in answer
    ]
    larger = [
        f"{size(plan)} for {answer}\n{text}\n{plan}"
        for text, plan, answer in compared
        if size(plan)[0] > answer["fetches"] or size(plan)[1] > answer["stages"]
    ]
    assert len(compared) > len(cases) * 0.8
    assert larger == []
    ours, theirs = sum(size(plan)[0] for _, plan, _ in compared), sum(a["fetches"] for _, _, a in compared)
    assert ours < theirs
