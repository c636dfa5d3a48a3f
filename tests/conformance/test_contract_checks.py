"""Changes between random schemas, beside GraphQL Inspector's: what it calls breaking or dangerous is no less for us."""

import re
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graphql import build_schema

from router.checks.changes import Criticality
from router.checks.diff import diff_schemas
from tests.support.npm import ask_node, install_npm
from tests.support.schema_pairs import draw_pair

ORACLES = Path(__file__).parent / "oracles"
PAIRS = 600
# Of those that can be breaking or dangerous there; an edit that is never drawn would be noticed.
KINDS = 30
_LEVELS = {
    "BREAKING": Criticality.BREAKING,
    "DANGEROUS": Criticality.DANGEROUS,
    "NON_BREAKING": Criticality.SAFE,
}
_RANKS = {Criticality.SAFE: 0, Criticality.DANGEROUS: 1, Criticality.BREAKING: 2}
Ranks = dict[tuple[str, str], int]


def test_nothing_that_graphql_inspector_warns_of_is_less_for_us() -> None:
    reason = install_npm(ORACLES)
    if reason is not None:
        pytest.skip(f"GraphQL Inspector is the oracle of this test, and {reason}")
    random = Random(13)  # noqa: S311 -- a reproducible draw, no secret
    pairs = [draw_pair(random) for _ in range(PAIRS)]
    answers = ask_node(ORACLES / "diff.mjs", [{"old": old, "new": new} for old, new in pairs])

    missed, told = [], Counter[str]()
    for (old, new), theirs in zip(pairs, answers, strict=True):
        ours, expected = rank_ours(old, new), rank_theirs(theirs)
        told.update(kind for kind, _ in expected)
        missed += [
            f"{key}: {ours.get(key)} for {rank}\n{old}\n----\n{new}"
            for key, rank in expected.items()
            if ours.get(key, -1) < rank
        ]

    assert missed == []
    assert len(told) >= KINDS, "the draw has every kind of change"


def rank_ours(old: str, new: str) -> Ranks:
    ranks: Ranks = {}
    for change in diff_schemas(build_schema(old, assume_valid=True), build_schema(new, assume_valid=True)):
        # What it gives no path for, or that of the whole directive.
        coordinate = change.coordinate
        if change.kind.startswith("SCHEMA_"):
            coordinate = ""
        elif change.kind == "DIRECTIVE_ARGUMENT_ADDED":
            coordinate = coordinate.partition("(")[0]
        key = (change.kind.value, coordinate)
        ranks[key] = max(ranks.get(key, -1), _RANKS[change.criticality])
    return ranks


def rank_theirs(changes: list[dict[str, Any]]) -> Ranks:
    """What it finds breaking or dangerous, under our names."""
    ranks: Ranks = {}
    for change in changes:
        rank = _RANKS[_LEVELS[change["level"]]]
        # It takes another reason of a deprecation for a change of an unknown directive, too.
        if rank > 0 and "@deprecated" not in change.get("path", ""):
            key = translate(change["type"], change.get("path", ""))
            ranks[key] = max(ranks.get(key, -1), rank)
    return ranks


def translate(kind: str, path: str) -> tuple[str, str]:
    """Our kind and coordinate for a type and path of theirs."""
    used = re.fullmatch(r"DIRECTIVE_USAGE_.*(ADDED|REMOVED)", kind)
    if used is not None:
        element, _, directive = path.rpartition(".@")
        if directive == "specifiedBy" or directive.startswith("specifiedBy."):
            return "SCALAR_SPECIFIED_BY_CHANGED", element
        if directive == "oneOf":
            return f"INPUT_ONE_OF_{used[1]}", element
        return f"DIRECTIVE_USAGE_{used[1]}", f"{write_coordinate(element)} @{directive.partition('.')[0]}"
    return kind, write_coordinate(path)


def write_coordinate(path: str) -> str:
    """`T.f.a` is an argument, as is `@d.a`."""
    parts = path.split(".")
    owner = 1 if path.startswith("@") else 2
    if len(parts) <= owner:
        return path
    return f"{'.'.join(parts[:owner])}({parts[owner]}:)"
