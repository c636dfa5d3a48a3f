"""MISSING_TRANSITIVE_AUTH_REQUIREMENTS: who may not see data may not see it through another field either."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

CODE = "MISSING_TRANSITIVE_AUTH_REQUIREMENTS"
OWNER = 'type Query { t: T } type T @key(fields: "id") { id: ID! w: Int DIRECTIVES inner: Inner } type Inner { x: Int }'
ASKER = 'type T @key(fields: "id") { id: ID! w: Int @external r: Int @requires(fields: "w") DIRECTIVES }'


def test_the_message_names_both_fields_and_the_directive() -> None:
    (error,) = compose_subgraphs(
        a=OWNER.replace("DIRECTIVES", "@authenticated"), b=ASKER.replace("DIRECTIVES", "")
    ).errors
    assert (error.code, error.subgraphs) == (CODE, ("b",))
    assert '"T.r"' in error.message
    assert '"T.w"' in error.message
    assert "@requires" in error.message
    assert error.locations


@pytest.mark.parametrize(
    ("needed", "asked", "is_enough"),
    [
        ("@authenticated", "", False),
        ("@authenticated", "@authenticated", True),
        ('@requiresScopes(scopes: [["a"]])', "@authenticated", False),
        ('@requiresScopes(scopes: [["a"]])', '@policy(policies: [["a"]])', False),
        ('@requiresScopes(scopes: [["a"]])', '@requiresScopes(scopes: [["a"]])', True),
        ('@requiresScopes(scopes: [["a"]])', '@requiresScopes(scopes: [["a", "b"]])', True),
        ('@requiresScopes(scopes: [["a"]])', '@requiresScopes(scopes: [["a"], ["b"]])', False),
        ('@requiresScopes(scopes: [["a"]])', "@requiresScopes(scopes: [[]])", False),
        ('@requiresScopes(scopes: [["a"], ["b"]])', '@requiresScopes(scopes: [["b"]])', True),
        (
            '@requiresScopes(scopes: [["a"], ["b"]])',
            '@requiresScopes(scopes: [["a", "c"], ["b", "d"]])',
            True,
        ),
        ('@requiresScopes(scopes: [["a"], ["b"]])', '@requiresScopes(scopes: [["a", "c"], ["d"]])', False),
        ('@requiresScopes(scopes: [["a", "b"]])', '@requiresScopes(scopes: [["b"]])', False),
        ("@requiresScopes(scopes: [[]])", "", True),
        ('@policy(policies: "p")', "", False),
        ('@policy(policies: "p")', '@policy(policies: ["p"])', True),
    ],
)
def test_a_requirement_asks_for_what_the_required_field_asks_for(
    needed: str, asked: str, is_enough: bool
) -> None:
    found = codes(a=OWNER.replace("DIRECTIVES", needed), b=ASKER.replace("DIRECTIVES", asked))
    assert found == ([] if is_enough else [CODE])


def test_what_field_and_type_ask_counts_together_whoever_says_it() -> None:
    owner = OWNER.replace("DIRECTIVES", '@requiresScopes(scopes: [["a", "b"]])')
    asker = ASKER.replace("DIRECTIVES", '@requiresScopes(scopes: [["a"]])')
    assert codes(a=owner, b=asker) == [CODE]
    scope = '@requiresScopes(scopes: [["b"]]) {'
    assert codes(a=owner.replace('"id") {', f'"id") {scope}'), b=asker) == []
    assert codes(a=owner, b=asker.replace('"id") {', f'"id") {scope}')) == []


@pytest.mark.parametrize("place", ["inner: Inner {}", "type Inner {}", "x: S {}", "scalar S {}"])
def test_the_fields_on_the_way_and_their_types_count(place: str) -> None:
    owner = 'type Query { t: T } type T @key(fields: "id") { id: ID! inner: Inner } type Inner { x: S y: S } scalar S '
    asker = """
        type T @key(fields: "id") { id: ID! inner: Inner @external r: Int @requires(fields: "inner { x }") ASKED }
        type Inner @external { x: S } scalar S
    """
    needs = owner.replace(place.format("").rstrip(), place.format("@authenticated "), 1)
    assert codes(a=needs, b=asker.replace("ASKED", "@authenticated")) == []
    assert set(codes(a=needs, b=asker.replace("ASKED", ""))) == {CODE}
    unselected = owner.replace("y: S", "y: S @authenticated")
    assert codes(a=unselected, b=asker.replace("ASKED", "")) == []


ABSTRACT = """
    type Query { t: T } type T @key(fields: "id") { id: ID! i: I u: U } interface I { x: Int } union U = P | Q
    type P implements I PTYPE { x: Int PX p: Int PP } type Q implements I QTYPE { x: Int QX q: Int }
"""
READER = """
    type T @key(fields: "id") {{ id: ID! {} @external r: Int @requires(fields: "{}") }} {}
    type P {} @external {{ x: Int p: Int }} type Q {} @external {{ x: Int }}
"""


@pytest.mark.parametrize(
    ("selection", "place", "is_enough"),
    [
        ("i { x }", "PX", False),
        ("i { x }", "QTYPE", False),
        ("i { x ... on P { p } }", "PP", False),
        ("u { ... on P { p x } ... on Q { x } }", "PTYPE", False),
        ("u { ... on P { p x } ... on Q { x } }", "QX", False),
        ("u { ... on P { p x } ... on Q { x } }", "PP", False),
        ("u { ... on P { p x } }", "QTYPE", True),
    ],
)
def test_implementations_and_type_conditions_count(selection: str, place: str, is_enough: bool) -> None:
    owner = ABSTRACT.replace(place, "@authenticated")
    for other in ("PTYPE", "PX", "PP", "QTYPE", "QX"):
        owner = owner.replace(other, "")
    if selection.startswith("i"):
        reader = READER.format("i: I", selection, "interface I { x: Int }", "implements I", "implements I")
    else:
        reader = READER.format("u: U", selection, "union U = P | Q", "", "")
    if selection.count("...") == 1 and selection.startswith("u"):
        reader = reader.replace("| Q", "").split("type Q")[0]
    if "{ p" not in selection:
        reader = reader.replace(" p: Int", "")
    assert set(codes(a=owner, b=reader)) == (set() if is_enough else {CODE})


CONTEXT = """
    type Query { t: T s: S } type S @context(name: "c") STYPE { x: P SX u: U }
    type T @context(name: "c") TTYPE { x: P TX u: U TU } type P PTYPE { y: Int PY z: Int }
    type U @key(fields: "id") UTYPE { id: ID! f(a: Int @fromContext(field: "$c { x { y } }")): Int FIELD }
"""


@pytest.mark.parametrize(
    ("place", "counts"),
    [
        ("STYPE", True),
        ("SX", True),
        ("TTYPE", True),
        ("TX", True),
        ("PTYPE", True),
        ("PY", True),
        ("TU", False),
    ],
)
def test_an_argument_from_a_context_reads_too(place: str, counts: bool) -> None:
    def write(*asked: str) -> str:
        sdl = CONTEXT
        for name in ("STYPE", "SX", "TTYPE", "TX", "TU", "PTYPE", "PY", "UTYPE", "FIELD"):
            sdl = sdl.replace(name, "@authenticated" if name in asked else "")
        return sdl

    assert set(codes(a=write(place))) == ({CODE} if counts else set())
    assert codes(a=write(place, "FIELD")) == codes(a=write(place, "UTYPE")) == []


def test_what_an_interface_object_reads_is_read_from_the_implementations() -> None:
    owner = """
        type Query { n: N } interface N @key(fields: "id") { id: ID! w: Int }
        type P implements N @key(fields: "id") { id: ID! w: Int @authenticated }
    """
    reader = 'type N @interfaceObject @key(fields: "id") { id: ID! w: Int @external r: Int @requires(fields: "w") }'
    assert codes(a=owner, b=reader) == [CODE]
    assert codes(a=owner, b=reader.replace("r: Int", "r: Int @authenticated")) == []
