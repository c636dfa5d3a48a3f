"""X_INVALID_FIELDS: a field set is a valid selection on its type."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

TYPES = (
    "union U = S type S @shareable { a: Int } enum E { X } interface I { a: Int } type J implements I { a: Int }"
    " input In { x: Int! }"
)
QUERY = "type Query { t: T j: J e: E n(i: In): Int }"


def sdl(fields: str) -> str:
    return (
        f'{QUERY} {TYPES} type T @key(fields: "{fields}") '
        "{ id: ID! n(x: Int): Int m(i: In!): Int s: S l: [S!]! u: U i: I e: E }"
    )


@pytest.mark.parametrize(
    "fields",
    [
        "id",
        " id ",
        "{ id }",
        "id, e",
        "id s { a }",
        "l { a }",
        "id __typename",
        "s { __typename }",
        "... on T { id }",
        "... { id }",
        "id # a comment\\n e",
        "id id",
    ],
)
def test_a_selection_may_be_written_so(fields: str) -> None:
    assert codes(a=sdl(fields)) == []


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ("", "names at least one field"),
        ("   ", "names at least one field"),
        ("{}", "names at least one field"),
        ("id {", "Expected Name"),
        ("id }", "Unexpected '}'"),
        ("{{ id }}", "Expected Name"),
        ("id } { e", "one selection"),
        ("id } fragment f on T { id", "one selection"),
        ("s { }", "names at least one field"),
        ("missing", 'no field "missing" on type "T"'),
        ("s { missing }", 'no field "missing" on type "S"'),
        ("_entities", 'no field "_entities"'),
        ("s", "select fields of it"),
        ("id { a }", "no fields of its own"),
        ("__typename { a }", "no fields of its own"),
        ("x: id", "alias"),
        ("s { x: a }", "alias"),
        ("...F", "named fragments"),
        ("... on Nothing { id }", "... on Nothing"),
        ("... on E { id }", "... on E"),
        ("id(x: 1)", 'no argument "x"'),
        ('n(x: \\"1\\")', "cannot be"),
        ("n(x: $v)", "cannot be $v"),
        ("m", 'needs a value for its argument "i"'),
        ("m(i: { })", "cannot be"),
        ("id @unknown", "@unknown"),
        ("... @unknown { id }", "@unknown"),
        ("id @include(if: true, of: 1)", 'no argument "of"'),
    ],
)
def test_a_selection_may_not_be_written_so(fields: str, part: str) -> None:
    (error,) = compose_subgraphs(a=sdl(fields)).errors
    assert (error.code, error.subgraphs) == ("KEY_INVALID_FIELDS", ("a",))
    assert part in error.message
    assert error.locations


def test_a_field_of_another_subgraph_has_to_be_declared() -> None:
    owner = 'type Query { t: T } type T @key(fields: "id") { id: ID! w: Int }'
    (error,) = compose_subgraphs(
        a=owner, b='type T @key(fields: "id") { id: ID! r: Int @requires(fields: "w") }'
    ).errors
    assert error.code == "REQUIRES_INVALID_FIELDS"
    assert "add it to this one with @external" in error.message


def test_a_provision_selects_on_the_type_of_its_field() -> None:
    sdl = 'type Query { t: [T!] @provides(fields: "q") } type T { x: Int }'
    assert codes(a=sdl) == ["PROVIDES_INVALID_FIELDS"]


def test_every_fault_of_every_field_set_is_told() -> None:
    errors = compose_subgraphs(
        a='type Query { t: T } type T @key(fields: "x y") @key(fields: "z") { id: ID! }'
    ).errors
    assert [error.code for error in errors] == ["KEY_INVALID_FIELDS"] * 3


def test_the_root_may_have_another_name() -> None:
    sdl = 'schema { query: Root } type Root { t: T x: Int } type T @key(fields: "q {}") {{ id: ID! q: Root }}'
    assert codes(a=sdl.replace("{}", "{ ... on Root { x } }").replace("{{", "{").replace("}}", "}")) == []


@pytest.mark.parametrize(
    "fields",
    [
        "s { " * 10_000,
        "s { " * 10_000 + "a" + " }" * 10_000,
        "n(x: " + "[" * 10_000 + "]" * 10_000 + ")",
        "... { " * 150 + "id" + " }" * 150,
    ],
)
def test_what_nests_without_end_is_refused(fields: str) -> None:
    (error,) = compose_subgraphs(a=sdl(fields)).errors
    assert error.code == "KEY_INVALID_FIELDS"
    assert "nests deeper than 100 levels" in error.message


def test_a_long_selection_is_no_problem() -> None:
    assert codes(a=sdl("id " * 20_000)) == []


def test_types_that_contain_themselves_are_no_problem() -> None:
    fields = "t { " * 50 + "id" + " }" * 50
    assert codes(a=f'type Query {{ t: T }} type T @key(fields: "{fields}") {{ id: ID! t: T }}') == []
