"""Federated answers equal the monolith's, with subgraphs that refuse what they should not be asked."""

from functools import lru_cache
from pathlib import Path

import pytest

from tests.support.federation_plans import Federation
from tests.support.federation_situations import Situation
from tests.support.federation_situations_all import SITUATIONS
from tests.support.npm import ask_node, install_npm

ORACLES = Path(__file__).parent / "oracles"


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
async def test_the_answer_is_the_monoliths(situation: Situation) -> None:
    await situation.federation.check(situation.query, situation.variables, labels=situation.labels)


@lru_cache
def compose_apollos() -> dict[str, Federation]:
    """The federations as Apollo's composition makes them, by situation."""
    verdicts = ask_node(ORACLES / "compose.mjs", [each.federation.linked_subgraphs() for each in SITUATIONS])
    return {
        situation.name: Federation(situation.subgraphs, composed_sdl=verdict["supergraphSdl"])
        for situation, verdict in zip(SITUATIONS, verdicts, strict=True)
    }


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
async def test_a_supergraph_of_apollos_composition_is_answered_alike(situation: Situation) -> None:
    reason = install_npm(ORACLES)
    if reason is not None:
        pytest.skip(f"Apollo's composition makes these supergraphs, and {reason}")
    federation = compose_apollos()[situation.name]
    await federation.check(situation.query, situation.variables, labels=situation.labels)
