"""Apollo's planner as an oracle for `@defer`: the same parts in the same places, and never more requests.

What it plans wrongly or not at all is left out, as in `test_other_planners.py`: where objects can have several types, its
parts lack fields or hold those of others. What is right there is told by `test_deferred_answers.py`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from graphql import FieldNode, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse

from router.query_plan.nodes import Defer, Deferred, QueryPlan
from tests.support.federation_library import LIBRARY
from tests.support.federation_parts import deferring_schema
from tests.support.federation_plans import Federation, count_fetches
from tests.support.federation_queries import RandomQuery, draw_query
from tests.support.npm import ask_node, install_npm
from tests.support.random_federation import draw_federation

ORACLES = Path(__file__).parent / "oracles"
SEEDS = range(24)
QUERIES = 5

Told = tuple[str | None, tuple[str, ...], frozenset[str]]
"""A part: its label, the response keys that lead to it, and to each leaf of it."""


def draw_cases() -> Iterator[tuple[Federation, str]]:
    """Operations whose `@defer` depend on nothing."""
    for seed in SEEDS:
        federation = Federation(draw_federation(seed) if seed % 4 else LIBRARY)
        sdl = federation.composition.supergraph_sdl
        if sdl is None or "@context" in sdl:
            continue
        for number in range(QUERIES):
            random = Random(f"apollo {seed}:{number}")  # noqa: S311 -- a reproducible draw, no secret
            query = draw_query(deferring_schema(federation), random, has_defers=True)
            text = settle_conditions(query)
            if "@defer" in text and text.startswith("query"):
                yield federation, text


def settle_conditions(query: RandomQuery) -> str:
    """The operation with the values of the variables that `@defer` reads, and without other conditions.

    Apollo's planner keeps `@skip(if: true)` and what it stands on, and fragments with `@defer(if: false)` apart.
    """

    def write(match: re.Match[str]) -> str:
        return f"if: {str(query.variables.get(match[1], True)).lower()}"

    body = query.text.partition(" {")[2]
    head = query.text[: len(query.text) - len(body)]
    body = re.sub(r" @(skip|include)\(if: [^)]*\)", "", body)
    return head + re.sub(r" @defer\([^)]*if: false\)", "", re.sub(r"if: \$(\w+)", write, body))


def list_parts(plan: QueryPlan) -> list[Told]:
    """The deferred parts of one of our plans."""
    found: list[Told] = []

    def read(part: Deferred) -> None:
        inner = part.node if isinstance(part.node, Defer) else None
        found.append(tell(part.label, part.path, part.subselection or (inner and inner.primary.subselection)))
        for each in inner.deferred if inner else ():
            read(each)

    for part in plan.node.deferred if isinstance(plan.node, Defer) else ():
        read(part)
    return found


def list_selections(plan: QueryPlan) -> list[str]:
    """What the deferred parts of one of our plans select, and the ways there."""
    parts = list(plan.node.deferred) if isinstance(plan.node, Defer) else []
    for part in parts:
        if isinstance(part.node, Defer):
            parts += part.node.deferred
    return [
        f"{'/'.join(part.path)} {part.subselection or (isinstance(part.node, Defer) and part.node.primary.subselection)}"
        for part in parts
    ]


def tell(label: str | None, path: list[str] | tuple[str, ...], subselection: str | None) -> Told:
    """A part in the form in which parts are compared: without type names, which both add as they need them."""
    keys = tuple(key for key in path if not key.startswith("... on "))
    leaves: frozenset[str] = frozenset()
    if subselection:
        operation = parse(subselection).definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        leaves = frozenset(list_leaves(operation.selection_set, ""))
    return label, keys, leaves


def list_leaves(selections: SelectionSetNode, at: str) -> Iterator[str]:
    """The way to each leaf, whatever the types are."""
    for selection in selections.selections:
        if isinstance(selection, InlineFragmentNode):
            yield from list_leaves(selection.selection_set, at)
        elif isinstance(selection, FieldNode) and selection.name.value != "__typename":
            key = f"{at}.{(selection.alias or selection.name).value}"
            if selection.selection_set is None:
                yield key
            else:
                yield from list_leaves(selection.selection_set, key)


def test_parts_are_apollos_and_fetches_are_not_more() -> None:
    reason = install_npm(ORACLES)
    if reason is not None:
        pytest.skip(f"Apollo's planner is the oracle of this test, and {reason}")
    cases = list(draw_cases())
    plans = [federation.planner.plan(parse(text)) for federation, text in cases]
    questions = [
        {"sdl": federation.composition.supergraph_sdl, "query": re.sub(r"^query \([^)]*\)", head(text), text)}
        for federation, text in cases
    ]
    answers = ask_node(ORACLES / "defer.mjs", questions, is_crash_an_answer=True)
    compared = [
        (text, plan, answer)
        for (_, text), plan, answer in zip(cases, plans, answers, strict=True)
        if answer is not None and "error" not in answer
    ]
    assert len(compared) > len(cases) * 2 / 3
    others, larger = [], []
    for text, plan, answer in compared:
        theirs = [tell(each["label"], each["path"], each["subselection"]) for each in answer["parts"]]
        # A part of nothing but type names may be told with any other.
        ours, theirs = ([part for part in parts if part[2]] for parts in (list_parts(plan), theirs))
        is_same = set(ours) == set(theirs)
        if "... on " in "".join(list_selections(plan)):
            ours, theirs = ([(*part[:2], frozenset[str]()) for part in parts] for parts in (ours, theirs))
            theirs += ours if set(theirs) < set(ours) else []
        if set(ours) != set(theirs):
            others.append(f"{set(ours) ^ set(theirs)}\n{text}\n{plan}")
        if is_same and count_fetches(plan.node) > answer["fetches"]:
            larger.append(f"{count_fetches(plan.node)} for {answer['fetches']}\n{text}\n{plan}")
    assert sum("... on " not in "".join(list_selections(plan)) for _, plan, _ in compared) > len(compared) / 4
    assert others == []
    assert larger == []


def head(text: str) -> str:
    """The operation's head with the variables that are still used."""
    declared = re.match(r"query \(([^)]*)\)", text)
    used = [
        each
        for each in (declared[1].split(", ") if declared else ())
        if f"{each.partition(':')[0]}" in text[declared.end() if declared else 0 :]
    ]
    return f"query ({', '.join(used)})" if used else "query"
