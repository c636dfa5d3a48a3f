"""GraphQL over HTTP as its own audit sees it: every MUST, SHOULD and MAY."""

from pathlib import Path

import pytest

from tests.support.npm import ask_node, install_npm
from tests.support.served_router import serving
from tests.support.small_graph import SUPERGRAPH

ORACLES = Path(__file__).parent / "oracles"
AUDITS_MIN = 60

# What Apollo's CSRF protection wants to see of whoever is no browser.
PREFLIGHTED = {"apollo-require-preflight": "true"}


@pytest.fixture(scope="module", autouse=True)
def _oracles() -> None:
    reason = install_npm(ORACLES)
    if reason is not None:
        pytest.skip(f"graphql-http is the oracle of these tests, and {reason}")


async def test_every_audit_passes(tmp_path: Path) -> None:
    supergraph = tmp_path / "supergraph.graphql"
    supergraph.write_text(SUPERGRAPH)
    config = tmp_path / "router.yaml"
    config.write_text("supergraph: {introspection: true}")
    async with serving("-s", str(supergraph), "-c", str(config)) as (_, client):
        question = {"url": f"{client.base_url}/", "headers": PREFLIGHTED}
        (results,) = ask_node(ORACLES / "audit.mjs", [question])
    assert len(results) >= AUDITS_MIN
    assert [result for result in results if result["status"] != "ok"] == []
