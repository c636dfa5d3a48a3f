"""The workloads: a request's body, and the answer that is right."""

import json
from dataclasses import dataclass
from pathlib import Path

from bench.gateways.answers import post

QUERIES = Path(__file__).parent / "queries"
NAMES = tuple(sorted(path.stem for path in QUERIES.glob("*.graphql")))
TAG = "~00000000"
"""The load generator puts another one, as long, in each request; see data.mjs."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One query, with the answer that the data in one schema give."""

    name: str
    body: bytes
    expected: bytes


def read_workload(name: str, subgraphs_url: str) -> Workload:
    """The workload in queries/NAME.graphql."""
    query = (QUERIES / f"{name}.graphql").read_text()
    body = json.dumps({"query": query, **({"variables": {"tag": TAG}} if "$tag" in query else {})}).encode()
    return Workload(name, body, post(f"{subgraphs_url}/monolith", body))
