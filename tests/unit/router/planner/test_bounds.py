"""Operations made to be hard: each is planned, or refused with a clear error, in bounded work."""

import pytest
from graphql import parse

from router.planner import Planner
from router.planner.errors import PlanningError, TooComplexError
from router.planner.planner import PlannerOptions
from tests.support.federation_plans import Federation, size

TWO = Federation(
    {
        "a": 'type Query { a: A } type A @key(fields: "id") { id: ID! x: Int a: A }',
        "b": 'type A @key(fields: "id") { id: ID! y: Int b: A }',
    }
)
SHARED = Federation(
    {
        f"g{n}": f'type Query {{ all: All @shareable }} type All @key(fields: "id") {{ id: ID! f{n}: Int s: Int @shareable e: All @shareable }}'
        for n in range(30)
    }
)
VALUES = Federation(
    {
        f"g{n}": f"type Query {{ all: All @shareable }} type All {{ f{n}: Int s: Int @shareable }}"
        for n in range(30)
    }
)


def implementors(count: int) -> Federation:
    """An interface of one subgraph whose every implementation has more fields in another."""
    a = "type Query { n: [I] } interface I { id: ID! i: I } "
    b = "interface I { id: ID! x: Int } "
    for n in range(count):
        a += f'type T{n} implements I @key(fields: "id") {{ id: ID! i: I }} '
        b += f'type T{n} implements I @key(fields: "id") {{ id: ID! x: Int y{n}: Int }} '
    return Federation({"a": a, "b": b})


MANY = range(200)
IMPLEMENTORS = implementors(len(MANY))
FEW = implementors(8)
ARGUMENTS = Federation(
    {
        "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! f(a: Int, b: [Int]): Int }',
        "b": 'type T @key(fields: "id") { id: ID! g(a: Int, b: [Int]): Int }',
    }
)


def test_two_thousand_aliases_share_the_requests() -> None:
    fields = " ".join(f"a{n}: a {{ x y }}" for n in range(2000))
    # A long operation may take long: it is no more complex than a short one.
    planner = Planner(TWO.supergraph, PlannerOptions(steps_max=100))
    assert size(planner.plan(parse(f"{{ {fields} }}"))) == (2, 2)


def test_a_long_chain_of_hops_is_planned_once() -> None:
    # Each `y` waits for the hop back, and rides with the hop that goes on.
    assert size(TWO.plan("{ a { " + "b { a { y " * 60 + "} } " * 60 + "} }")) == (122, 122)


def test_a_root_that_thirty_subgraphs_share_is_asked_of_those_that_are_needed() -> None:
    assert size(VALUES.plan("{ all { s f3 f7 } }")) == (2, 1)
    everything = " ".join(f"f{n}" for n in range(30))
    assert size(VALUES.plan(f"{{ all {{ {everything} }} }}")) == (30, 1)


def test_where_all_subgraphs_can_do_the_same_a_narrow_search_finds_a_plan() -> None:
    query = "{ all { " + "e { s " * 8 + "f1" + " }" * 8 + " } }"
    assert SHARED.plan(query).node is not None


def test_two_hundred_implementations_nested_are_one_request_more() -> None:
    assert size(IMPLEMENTORS.plan("{ n { " + "x i { " * 6 + "id x" + " }" * 6 + " } }")) == (2, 2)
    arms = " ".join(f"... on T{n} {{ y{n} }}" for n in MANY)
    assert size(IMPLEMENTORS.plan("{ n { " + f"{arms} i {{ " * 5 + "id" + " }" * 5 + " } }")) == (2, 2)


def test_hundreds_of_variables_and_values_without_end_are_passed_on() -> None:
    declared = ", ".join(f"$v{n}: Int = {n}" for n in range(600))
    fields = " ".join(f"f{n}: f(a: $v{n}) g{n}: g(a: $v{n})" for n in range(600))
    assert size(ARGUMENTS.plan(f"query ({declared}) {{ t {{ {fields} }} }}")) == (2, 2)
    long = ", ".join(map(str, range(20_000)))
    assert size(ARGUMENTS.plan(f"{{ t {{ f(b: [{long}]) g(b: [{long}]) }} }}")) == (2, 2)


def test_past_the_limit_is_a_clear_error() -> None:
    planner = Planner(SHARED.supergraph, PlannerOptions(steps_max=10))
    with pytest.raises(TooComplexError, match="15 steps"):
        planner.plan(parse("{ all { e { e { f1 f2 } } } }"))


@pytest.mark.parametrize(
    ("federation", "query", "widths"),
    [
        (SHARED, "{ all { e { e { f1 f2 } } } }", [None, 3, 1]),
        (TWO, "{ a { " + "b { a { y " * 60 + "} } " * 60 + "} }", [None]),
    ],
    ids=["wide", "long"],
)
def test_a_narrower_search_is_made_only_of_what_is_wide(federation, query, widths, monkeypatch) -> None:
    made: list[int | None] = []
    start = Planner.start_solver

    def note(self, operation, labels, width, consulted):
        made.append(width)
        return start(self, operation, labels, width, consulted)

    monkeypatch.setattr(Planner, "start_solver", note)
    with pytest.raises(TooComplexError):
        Planner(federation.supergraph, PlannerOptions(steps_max=1)).plan(parse(query))
    assert made == widths


@pytest.mark.parametrize(
    "query",
    [
        "{ a { ...F0 } } " + " ".join(f"fragment F{n} on A {{ ...F{n + 1} ...F{n + 1} }}" for n in range(30)) + " fragment F30 on A { y }",
        "{ a { ...F0 } } " + " ".join(f"fragment F{n} on A {{ a {{ ...F{n + 1} }} b {{ ...F{n + 1} }} }}" for n in range(25)) + " fragment F25 on A { y }",
    ],
)  # fmt: skip
def test_what_grows_without_bound_is_refused(query: str) -> None:
    with pytest.raises(PlanningError):
        TWO.planner.plan(parse(query))


def test_conditions_within_conditions_make_no_request_of_their_own() -> None:
    names = [f"v{n}" for n in range(20)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    opened = "".join(f"a @include(if: ${name}) {{ y b {{ x }} " for name in names)
    assert size(TWO.plan(f"query ({declared}) {{ {opened} {'} ' * len(names)} }}"))[1] <= 3


def test_a_tree_on_an_interface_takes_two_requests() -> None:
    def tree(levels: int) -> str:
        return f"l: i {{ {tree(levels - 1)} }} r: i {{ {tree(levels - 1)} }} x" if levels else "x"

    assert size(FEW.plan(f"{{ n {{ {tree(5)} }} }}")) == (2, 2)
