"""Apollo's composition as an oracle, and others' readers of supergraphs, over random and broken federations.

Ours must find the same codes, and where both compose, give the same supergraph and the same API schema.
"""

import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graphql import build_schema, lexicographic_sort_schema, print_schema

from router import compose
from router.composition.compose import Composition
from tests.conformance.test_situations import SITUATIONS
from tests.support.federation_library import LIBRARY
from tests.support.federation_plans import Federation
from tests.support.npm import ask_node, install_npm
from tests.support.random_federation import draw_federation
from tests.support.schema_mutations import mutate
from tests.support.supergraph_facts import read_facts

ORACLES = Path(__file__).parent / "oracles"
MUTANTS = 600
DRAWS = 60
_ROOTS = re.compile(r"^schema {[^}]*}\n+")


@pytest.fixture(scope="module", autouse=True)
def _oracles() -> None:
    reason = install_npm(ORACLES)
    if reason is not None:
        pytest.skip(f"Apollo's composition is the oracle of these tests, and {reason}")


def federations() -> list[dict[str, str]]:
    """Federations that people thought out, and random ones."""
    written = [LIBRARY, *(situation.subgraphs for situation in SITUATIONS)]
    drawn = [draw_federation(seed) for seed in range(DRAWS)]
    return [Federation(subgraphs).linked_subgraphs() for subgraphs in (*written, *drawn)]


def mutants() -> list[dict[str, str]]:
    """The same with edits; many of them do not compose."""
    random = Random(1)  # noqa: S311 -- a reproducible draw, no secret
    whole = federations()
    return [mutate(random.choice(whole), random) for _ in range(MUTANTS)]


@pytest.mark.parametrize("draw", [federations, mutants])
def test_the_same_verdict_as_apollos_composition(draw: Callable[[], list[dict[str, str]]]) -> None:
    cases = draw()
    verdicts = ask_node(ORACLES / "compose.mjs", cases)
    faults = [
        fault
        for case, verdict in zip(cases, verdicts, strict=True)
        if "thrown" not in verdict and (fault := compare(case, compose(case), verdict)) is not None
    ]
    assert faults == []


def compare(case: dict[str, str], ours: Composition, theirs: dict[str, Any]) -> str | None:
    """What differs, in words; None if nothing does."""
    told = "\n".join(f"# {name}\n{sdl}" for name, sdl in case.items())
    codes, expected = {error.code for error in ours.errors}, set(theirs["codes"])
    # Where a key of an interface cannot be read, Apollo's gives up on the subgraph; ours tells what else is wrong with it.
    is_more_told = "KEY_INVALID_FIELDS" in expected and codes > expected
    # Apollo's looks once at a type in the same subgraphs, also if what was provided there at the first look is not elsewhere.
    is_seen_provided = codes == {"SATISFIABILITY_ERROR"} and not expected and "@provides(" in told
    if codes != expected and not is_more_told and not is_seen_provided:
        return f"codes {codes} for {expected} in\n{told}"
    if ours.supergraph_sdl is None or ours.api_sdl is None:
        return None
    difference = read_facts(ours.supergraph_sdl) ^ read_facts(theirs["supergraphSdl"])
    if difference:
        return f"supergraph: {sorted(difference)} in\n{told}"
    if sort(ours.api_sdl) != sort(theirs["apiSdl"]):
        return f"API schema {ours.api_sdl}\nfor {theirs['apiSdl']}in\n{told}"
    return None


def sort(sdl: str) -> str:
    """The schema without the order of its definitions, and without that of its roots, which the supergraph has too."""
    return _ROOTS.sub("", print_schema(lexicographic_sort_schema(build_schema(sdl))))


def test_other_readers_load_our_supergraphs() -> None:
    supergraphs = [sdl for case in federations() if (sdl := compose(case).supergraph_sdl) is not None]
    answers = ask_node(ORACLES / "load.mjs", supergraphs)

    assert len(supergraphs) > DRAWS
    assert [answer for answer in answers if answer != {"apollo": None, "hive": None}] == []
