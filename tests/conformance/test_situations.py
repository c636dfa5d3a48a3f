"""Federated answers equal the monolith's, with subgraphs that refuse what they should not be asked."""

import pytest

from tests.support.federation_situations import Situation
from tests.support.federation_situations_all import SITUATIONS


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
async def test_the_answer_is_the_monoliths(situation: Situation) -> None:
    await situation.federation.check(situation.query, situation.variables, labels=situation.labels)
