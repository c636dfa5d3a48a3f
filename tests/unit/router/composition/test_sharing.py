"""Fields that several subgraphs resolve: `@shareable`, `@override`, and the join that results."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs, hints, supergraph

TYPE = 'type T @key(fields: "id") {{ id: ID! f: Int {} }}'
A = "type Query {{ t: T }} " + TYPE


def test_a_field_of_two_subgraphs_is_shareable_in_both():
    assert codes(a=A.format("@shareable"), b=TYPE.format("@shareable")) == []
    errors = compose_subgraphs(a=A.format("@shareable"), b=TYPE.format("")).errors
    assert [error.code for error in errors] == ["INVALID_FIELD_SHARING"]
    assert 'non-shareable in subgraph "b"' in errors[0].message
    assert {place.subgraph for place in errors[0].locations} == {"a", "b"}


def test_key_fields_are_shareable_without_saying():
    assert codes(a=A.format(""), b='type T @key(fields: "id") { id: ID! g: Int }') == []


def test_a_shareable_type_covers_the_fields_of_that_declaration():
    query = "type Query { v: V @shareable }"
    b = f"{query} type V @shareable {{ x: Int }} extend type V {{ y: Int }}"
    assert codes(a=f"{query} type V @shareable {{ x: Int }}", b=b) == []
    assert codes(a=f"{query} type V @shareable {{ x: Int y: Int }}", b=b) == ["INVALID_FIELD_SHARING"]


def test_a_subscription_is_never_shared():
    sdl = "type Query { a%s: Int } type Subscription { s: Int @shareable }"
    assert "INVALID_FIELD_SHARING" in codes(a=sdl % "", b=sdl % "b")


def test_an_overridden_field_leaves_its_old_subgraph():
    sdl = supergraph(a=A.format(""), b=TYPE.format('@override(from: "a")'))
    assert 'f: Int @join__field(graph: B, override: "a")\n' in sdl


def test_an_overridden_field_that_is_still_used_stays_known():
    a = 'type Query { t: T } type T @key(fields: "id f") { id: ID! f: Int }'
    sdl = supergraph(a=a, b=TYPE.format('@override(from: "a")'))
    assert 'f: Int @join__field(graph: A, usedOverridden: true) @join__field(graph: B, override: "a")' in sdl


def test_a_label_keeps_both_fields():
    sdl = supergraph(a=A.format(""), b=TYPE.format('@override(from: "a", label: "percent(5)")'))
    assert (
        'f: Int @join__field(graph: A, overrideLabel: "percent(5)") '
        '@join__field(graph: B, override: "a", overrideLabel: "percent(5)")'
    ) in sdl


@pytest.mark.parametrize(
    ("label", "is_right"),
    [
        ("a", True),
        ("a-b_c:d/e.f", True),
        ("percent(0)", True),
        ("percent(99.12345678)", True),
        ("percent(100)", True),
        ("percent(100.00)", False),
        ("percent(101)", False),
        ("percent(1.123456789)", False),
        ("1a", False),
        ("", False),
    ],
)
def test_the_form_of_a_label(label, is_right):
    found = codes(a=A.format(""), b=TYPE.format(f'@override(from: "a", label: "{label}")'))
    assert found == ([] if is_right else ["OVERRIDE_LABEL_INVALID"])


def test_overrides_that_make_no_sense():
    assert codes(a=A.format('@override(from: "a")')) == ["OVERRIDE_FROM_SELF_ERROR"]
    assert "OVERRIDE_SOURCE_HAS_OVERRIDE" in codes(
        a=A.format('@override(from: "b")'), b=TYPE.format('@override(from: "a")')
    )
    assert codes(
        a='type Query { i: I } interface I { f: Int @override(from: "b") } type T implements I { f: Int }'
    ) == ["OVERRIDE_ON_INTERFACE"]


def test_an_override_from_nowhere_is_only_hinted():
    assert hints(a=A.format('@override(from: "gone")')) == ["FROM_SUBGRAPH_DOES_NOT_EXIST"]


def test_a_field_has_no_join_where_every_subgraph_of_its_type_resolves_it_alike():
    sdl = supergraph(a=A.format("@shareable"), b=TYPE.format("@shareable"))
    assert "  f: Int\n" in sdl
    sdl = supergraph(a=A.format(""), b='type T @key(fields: "id") { id: ID! g: Int }')
    assert "  f: Int @join__field(graph: A)\n" in sdl
