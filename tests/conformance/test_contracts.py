"""Contracts of random tagged federations, beside The Guild's, which filters each subgraph and composes again.

That ours, made from the one merged supergraph, are the same is what docs/decisions/0014 rests on.
"""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graphql import (
    TypeDefinitionNode,
    TypeExtensionNode,
    build_schema,
    lexicographic_sort_schema,
    parse,
    print_schema,
)

from router import Contract, Supergraph, compose, contract
from tests.conformance.test_situations import SITUATIONS
from tests.support.federation_library import LIBRARY
from tests.support.federation_tags import SHOP, TAGS, tag
from tests.support.npm import ask_node, install_npm
from tests.support.random_federation import draw_federation

ORACLES = Path(__file__).parent / "oracles"
_REFERENCE = re.compile(r'Type "(\w+)" is @inaccessible but is referenced by "(\w+)\.\w+(\(\w+:\))?"')
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
        if (fault := compare(case, ours, theirs)) is not None
    ]

    assert faults == []
    assert sum(each.api_sdl is not None for each in contracts) > CASES / 5, "most draws are refused by both"


def compare(case: Case, ours: Contract, theirs: dict[str, Any]) -> str | None:
    """What differs, in words; None if nothing does."""
    codes = {error.code for error in ours.errors}
    if _is_theirs(codes, theirs, find_overlooked(case, ours)):
        return None
    if codes != set(theirs["codes"]):
        return f"{codes} for {set(theirs['codes'])}"
    if ours.supergraph_sdl is not None and Supergraph.read(ours.supergraph_sdl).api_sdl != ours.api_sdl:
        return "our two schemas do not belong together"
    if ours.api_sdl is None or _sort(theirs["apiSdl"]) in {_sort(ours.api_sdl), None}:
        return None
    return f"{ours.api_sdl}\nfor {theirs['apiSdl']}"


def find_overlooked(case: Case, ours: Contract) -> set[str]:
    """Those of our codes that they lack a rule for."""
    # They leave a required argument of an interface's field in sight, whatever its tags, and unions without a member.
    overlooked = {"REQUIRED_INACCESSIBLE", "ONLY_INACCESSIBLE_CHILDREN"}
    references = [error.message for error in ours.errors if error.code == "REFERENCED_INACCESSIBLE"]
    kinds = _list_kinds(case)
    if references and not any(_has_rule(message, kinds) for message in references):
        overlooked.add("REFERENCED_INACCESSIBLE")
    return overlooked


def _has_rule(message: str, kinds: set[tuple[str, str]]) -> bool:
    """Whether their rule looks at a reference to a hidden type: only at object types, and at no scalar of an argument.

    What interfaces and input objects refer to, they overlook. Apollo's composition of the same filtered subgraphs does not.
    """
    found = _REFERENCE.match(message)
    assert found is not None, message
    referenced, parent, argument = found.groups()
    if not kinds.isdisjoint({("interface_type", parent), ("input_object_type", parent)}):
        return False
    return argument is None or ("scalar_type", referenced) not in kinds


def _list_kinds(case: Case) -> set[tuple[str, str]]:
    """What each type is, in any subgraph; an interface may be an object elsewhere, an `@interfaceObject`."""
    return {
        (node.kind.removesuffix("_definition").removesuffix("_extension"), node.name.value)
        for sdl in case.subgraphs.values()
        for node in parse(sdl).definitions
        if isinstance(node, TypeDefinitionNode | TypeExtensionNode)
    }


def _is_theirs(codes: set[str], theirs: dict[str, Any], overlooked: set[str]) -> bool:
    """Whether they are known to be wrong where our codes are these."""
    # With a hidden query root they look no further; Apollo's composition and ours go on to all other errors.
    if "thrown" in theirs or "QUERY_ROOT_TYPE_INACCESSIBLE" in codes.intersection(theirs["codes"]):
        return True
    if overlooked >= codes.difference(theirs["codes"]) > set():
        return codes.issuperset(theirs["codes"])
    # They forget that a field of type Query leads back to every subgraph.
    return bool(theirs["codes"] == ["SATISFIABILITY_ERROR"])


def _sort(sdl: str) -> str | None:
    """The schema without the order of its definitions; None for theirs where it names a hidden member of a union."""
    try:
        return print_schema(lexicographic_sort_schema(build_schema(sdl, assume_valid=True)))
    except TypeError:
        return None
