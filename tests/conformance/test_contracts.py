"""Contracts of random tagged federations, beside The Guild's, which filters each subgraph and composes again.

That ours, made from the one merged supergraph, are the same is what docs/decisions/0014 rests on.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graphql import build_schema, lexicographic_sort_schema, print_schema

from router import Contract, Supergraph, compose, contract
from tests.conformance.test_situations import SITUATIONS
from tests.support.federation_library import LIBRARY
from tests.support.federation_tags import SHOP, TAGS, tag
from tests.support.npm import ask_node, install_npm
from tests.support.random_federation import draw_federation

ORACLES = Path(__file__).parent / "oracles"
CASES = 200
_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides",'
    ' "@external", "@shareable", "@override", "@inaccessible", "@tag", "@interfaceObject", "@context", "@fromContext"])\n'
)


@dataclass(frozen=True)
class Case:
    """A federation and what a contract asks of it; the names are those of the oracle's input."""

    subgraphs: dict[str, str]
    include: list[str]
    exclude: list[str]
    hideUnreachableTypes: bool  # noqa: N815

    def build(self) -> Contract:
        return contract(
            compose(self.subgraphs),
            include=self.include,
            exclude=self.exclude,
            hide_unreachable_types=self.hideUnreachableTypes,
        )


def draw_cases() -> list[Case]:
    """Federations that compose, tagged at random, each with a filter."""
    random = Random(7)  # noqa: S311 -- a reproducible draw, no secret
    written = [*[SHOP] * 10, *[LIBRARY] * 3, *(situation.subgraphs for situation in SITUATIONS)]
    cases: list[Case] = []
    while len(cases) < CASES:
        base = random.choice(written) if random.random() < 0.7 else draw_federation(random.randrange(10**6))
        subgraphs = {name: _LINK + sdl for name, sdl in tag(base, random).items()}
        if compose(subgraphs).errors:
            continue
        include = random.sample(TAGS, random.choice((0, 0, 1, 1, 2)))
        exclude = random.sample(TAGS, random.choice((0, 1)) if include else 1)
        cases.append(Case(subgraphs, include, exclude, random.random() < 0.5))
    return cases


def test_contracts_are_those_of_filtering_each_subgraph() -> None:
    reason = install_npm(ORACLES)
    if reason is not None:
        pytest.skip(f"The Guild's contracts are the oracle of this test, and {reason}")
    cases = draw_cases()
    answers = ask_node(ORACLES / "contract.mjs", [asdict(case) for case in cases])

    contracts = [case.build() for case in cases]
    faults = [
        f"{fault}\nof {case}"
        for case, ours, theirs in zip(cases, contracts, answers, strict=True)
        if (fault := compare(ours, theirs)) is not None
    ]

    assert faults == []
    assert sum(each.api_sdl is not None for each in contracts) > CASES / 5, "most draws are refused by both"


def compare(ours: Contract, theirs: dict[str, Any]) -> str | None:
    """What differs, in words; None if nothing does."""
    codes = {error.code for error in ours.errors}
    if _is_theirs(codes, theirs):
        return None
    if codes != set(theirs["codes"]):
        return f"{codes} for {set(theirs['codes'])}"
    if ours.supergraph_sdl is not None and Supergraph.read(ours.supergraph_sdl).api_sdl != ours.api_sdl:
        return "our two schemas do not belong together"
    if ours.api_sdl is None or _sort(theirs["apiSdl"]) in {_sort(ours.api_sdl), None}:
        return None
    return f"{ours.api_sdl}\nfor {theirs['apiSdl']}"


def _is_theirs(codes: set[str], theirs: dict[str, Any]) -> bool:
    """Whether they are known to be wrong where our codes are these."""
    # With a hidden query root they look no further; Apollo's composition and ours go on to all other errors.
    if "thrown" in theirs or "QUERY_ROOT_TYPE_INACCESSIBLE" in codes.intersection(theirs["codes"]):
        return True
    # They leave a required argument of an interface's field in sight, whatever its tags, and unions without a member.
    if {"REQUIRED_INACCESSIBLE", "ONLY_INACCESSIBLE_CHILDREN"} >= codes.difference(theirs["codes"]) > set():
        return codes.issuperset(theirs["codes"])
    # They forget that a field of type Query leads back to every subgraph.
    return bool(theirs["codes"] == ["SATISFIABILITY_ERROR"])


def _sort(sdl: str) -> str | None:
    """The schema without the order of its definitions; None for theirs where it names a hidden member of a union."""
    try:
        return print_schema(lexicographic_sort_schema(build_schema(sdl, assume_valid=True)))
    except TypeError:
        return None
