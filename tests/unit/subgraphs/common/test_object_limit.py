"""Lists within lists: the number of objects is the product of the sizes, counted in linear time."""

import pytest
from graphql import build_schema, parse, validate

from subgraphs.auth.schema import schema as auth
from subgraphs.common.errors import CostLimitError
from subgraphs.common.object_limit import OBJECTS_MAX, count_objects
from subgraphs.products.schema import schema as products

SCHEMA = build_schema("""
    type Query {
        me: User
        users(first: Int, last: Int): Users
        _entities(representations: [Any!]!): [User]!
    }
    type Users { totalCount: Int nodes: [User!]! edges: [UserEdge!]! groups: [Group!]! }
    type UserEdge { node: User! }
    type Group { users: [User!]! }
    type User { id: ID! name: String orders(first: Int): Orders! friends(first: Int): [User!]! tags: [String!]! }
    type Orders { nodes: [Order!]! }
    type Order { id: ID! }
    scalar Any
""")


def count(operation: str, name: str | None = None, **variables: object) -> int:
    document = parse(operation)
    assert validate(SCHEMA, document) == []
    return count_objects(SCHEMA, document, name, variables)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("{ me { name } }", 0),
        ("{ me { tags } }", 0),
        ("{ users(first: 7) { nodes { name } } }", 7),
        ("{ users { nodes { name } } }", 20),
        ("{ users(first: 7) { totalCount } }", 0),
        ("{ users(last: 3) { edges { node { orders(first: 5) { nodes { id } } } } } }", 3 + 3 * 5),
        (("{ users(first: 3) { edges { node { orders(first: 5) { nodes { id } } } } nodes { ...F } } }"
         " fragment F on User { orders(first: 2) { nodes { id } } }"), 3 + 3 * 5 + 3 + 3 * 2),
        ("{ a: users(first: 2) { nodes { id } } b: users(first: 3) { nodes { id } } }", 5),
        ("query($n: Int) { users(first: $n) { nodes { id } } }", 9),
        ("query($f: Int) { users(first: $f) { nodes { id } } }", 90),
        ("query($m: Int) { users(first: $m) { nodes { id } } }", 20),
        ("query($d: Int = 50) { users(first: $d) { nodes { id } } }", 50),
        ("query($n: Int = 50) { users(first: $n) { nodes { id } } }", 9),
        ("{ users(first: 0) { nodes { orders(first: 100) { nodes { id } } } } }", 0),
        # A size that is refused where it stands makes no room for others.
        ("{ users(first: -1000) { nodes { id } } me { orders(first: 5) { nodes { id } } } }", 5),
        # Lists that are no pages, with a size of their own, the one of their definition, or none.
        ("{ me { friends(first: 3) { friends { id } } } }", 3 + 3 * 20),
        ("{ users(first: 100) { groups { users { id } } } }", 20 + 20 * 20),
        # The rows of a page are its rows wherever they are asked for.
        (("{ users(first: 9) { ...P } } fragment P on Users { ... { nodes { orders { ...Q } } } }"
         " fragment Q on Orders { nodes { id } }"), 9 + 9 * 20),
        ("query($r: [Any!]!) { _entities(representations: $r) { ... on User { friends { id } } } }", 2 + 2 * 20),
        ("{ _entities(representations: [1, 2, 3]) { ... on User { id } } }", 3),
    ],
)  # fmt: skip
def test_sizes_multiply_downwards_and_add_up_sideways(operation: str, expected: int) -> None:
    assert count(operation, n=9, f=90.0, m="no number", r=[{}, {}]) == expected


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("{ categories { products { nodes { id } } } }", 30 + 30 * 20),
        ('{ product(id: "1") { reviews { nodes { product { related { id } } } } } }', 10 + 10 * 6),
    ],
)
def test_a_list_without_a_size_has_the_one_of_its_definition(operation: str, expected: int) -> None:
    assert count_objects(products._schema, parse(operation), None, {}) == expected


def test_long_keys_count_for_each_object_that_has_them() -> None:
    keys = " ".join(f"{'k' * 198}{i}: name" for i in range(5))
    assert count(f"{{ users(first: 7) {{ nodes {{ {keys} }} }} }}") == 7
    assert count(f"{{ users(first: 7) {{ nodes {{ {keys} __typename }} }} }}") == 7 * 2
    fragment = f"fragment F on User {{ {keys} }}"
    assert count(f"{{ users(first: 7) {{ edges {{ node {{ ...F id }} }} }} }} {fragment}") == 7 * 2
    below = f"{keys} friends(first: 2) {{ id }}"
    assert count(f"{{ users(first: 7) {{ nodes {{ {below} }} }} }}") == 7 * (2 + 2)
    assert count(f"{{ me {{ {below} }} }}") == 2


@pytest.mark.parametrize(
    "operation",
    ["{ KEY: me { name } }", "{ me { KEY: name } }", "{ me { ...F } } fragment F on User { KEY: id }"],
)
def test_no_key_is_longer_than_the_bound(operation: str) -> None:
    assert count(operation.replace("KEY", "k" * 200)) == 0
    with pytest.raises(CostLimitError, match="A key has 201 characters, and 200 is the most"):
        count(operation.replace("KEY", "k" * 201))


@pytest.mark.parametrize(("times", "is_served"), [(5, True), (6, False)])
def test_a_mutation_counts_by_what_its_definition_says_that_it_costs(times: int, is_served: bool) -> None:
    login = 'login(input: { email: "a", password: "b" }) { __typename }'
    aliased = " ".join(f"a{i}: {login}" for i in range(times))
    for operation in (
        f"mutation {{ {aliased} }}",
        f"mutation {{ ...F }} fragment F on Mutation {{ {aliased} }}",
    ):
        assert (count_objects(auth._schema, parse(operation), None, {}) <= OBJECTS_MAX) is is_served


def test_only_the_operation_that_runs_is_counted() -> None:
    operations = "query A { users(first: 5) { nodes { id } } } query B { users(first: 50) { nodes { id } } }"
    assert count(operations, "A") == 5


def test_fragments_that_double_again_and_again_are_counted_once_each() -> None:
    chain = "".join(f" fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(60))
    document = parse("{ ...F0 }" + chain + " fragment F60 on Query { users(first: 1) { nodes { id } } }")
    assert count_objects(SCHEMA, document, None, {}) == 2**60


def test_a_fragment_within_itself_ends() -> None:
    document = parse("{ ...A } fragment A on Query { ...A users(first: 2) { nodes { id } } }")
    assert count_objects(SCHEMA, document, None, {}) == 2
