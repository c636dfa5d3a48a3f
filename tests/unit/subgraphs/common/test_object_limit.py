"""Pages within pages: the number of objects is the product of the sizes, counted in linear time."""

import pytest
from graphql import parse

from subgraphs.common.object_limit import count_objects


@pytest.mark.parametrize(
    ("operation", "count"),
    [
        ("{ me { name } }", 0),
        ("{ users(first: 7) { nodes { name } } }", 7),
        ("{ users { nodes { name } } }", 20),
        ("{ users { totalCount } }", 0),
        ("{ users(last: 3) { edges { node { orders(first: 5) { nodes { id } } } } } }", 3 + 3 * 5),
        (("{ users(first: 3) { edges { node { orders(first: 5) { nodes { id } } } } nodes { ...F } } }"
         " fragment F on User { orders(first: 2) { nodes { id } } }"), 3 + 3 * 5 + 3 * 2),
        ("{ a: users(first: 2) { nodes { id } } b: users(first: 3) { nodes { id } } }", 5),
        ("query($n: Int) { users(first: $n) { nodes { id } } }", 9),
        ("query($m: Int) { users(first: $m) { nodes { id } } }", 20),
        ("{ users(first: 0) { nodes { orders(first: 100) { nodes { id } } } } }", 0),
    ],
)  # fmt: skip
def test_sizes_multiply_downwards_and_add_up_sideways(operation: str, count: int) -> None:
    assert count_objects(parse(operation), None, {"n": 9, "m": "no number"}) == count


def test_only_the_operation_that_runs_is_counted() -> None:
    document = parse(
        "query A { users(first: 5) { nodes { id } } } query B { users(first: 50) { nodes { id } } }"
    )
    assert count_objects(document, "A", {}) == 5


def test_fragments_that_double_again_and_again_are_counted_once_each() -> None:
    chain = "".join(f" fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(60))
    document = parse("{ ...F0 }" + chain + " fragment F60 on Query { users(first: 1) { nodes { id } } }")
    assert count_objects(document, None, {}) == 2**60


def test_a_fragment_within_itself_ends() -> None:
    assert (
        count_objects(
            parse("{ ...A } fragment A on Query { ...A users(first: 2) { nodes { id } } }"), None, {}
        )
        == 2
    )
