"""`@requires`: what a field requires can be fetched, and brought back."""

from tests.unit.router.composition.satisfiability.unanswered import unanswered

A = 'type Query { t: T } type T @key(fields: "id") { id: ID! y: Int @requires(fields: "x") x: Int @external }'


def test_what_is_required_comes_from_where_it_can_be_reached() -> None:
    assert unanswered(a=A, b='type T @key(fields: "id") { id: ID! x: Int }') == []
    b = 'type Query { s: T } type T @key(fields: "id", resolvable: false) { id: ID! x: Int }'
    assert unanswered(a=A, b=b) == ["{ t { x } }", "{ t { y } }"]


def test_what_is_required_may_require_something_itself() -> None:
    b = 'type T @key(fields: "id") { id: ID! x: Int @requires(fields: "w") w: Int @external }'
    assert unanswered(a=A, b=b, c='type T @key(fields: "id") { id: ID! w: Int }') == []


def test_fields_that_require_each_other_are_never_answered() -> None:
    b = 'type T @key(fields: "id") { id: ID! x: Int @requires(fields: "y") y: Int @external }'
    assert unanswered(a=A, b=b) == ["{ t { x } }", "{ t { y } }"]


def test_what_is_required_is_brought_back_by_a_key_of_ones_own() -> None:
    a = 'type Query { t: T } type T { id: ID! @shareable y: Int @requires(fields: "x") x: Int @external }'
    b = 'type T @key(fields: "id") { id: ID! x: Int }'
    assert unanswered(a=a, b=b) == ["{ t { y } }"]
    assert unanswered(a=a.replace("type T", 'type T @key(fields: "id")'), b=b) == []


def test_who_comes_by_a_key_brings_what_is_required_along() -> None:
    a = 'type T @key(fields: "code") { code: ID! y: Int @requires(fields: "x") x: Int @external }'
    b = 'type Query { t: T } type T @key(fields: "code") { code: ID! x: Int }'
    assert unanswered(a=a, b=b) == []


def test_requirements_look_below_fields_and_have_arguments() -> None:
    a = (
        'type Query { t: T } type T @key(fields: "id") { id: ID! v: V @external y: Int @requires(fields: "v { x(n: 1) }") }'
        " type V { x(n: Int): Int @external }"
    )
    b = 'type T @key(fields: "id") { id: ID! v: V } type V { x(n: Int): Int }'
    assert unanswered(a=a, b=b) == []


def test_a_requirement_on_an_interface_holds_for_each_type_that_can_be_there() -> None:
    a = (
        'type Query { t: T } type T @key(fields: "id") { id: ID! i: I @external y: Int @requires(fields: "i { x }") }'
        ' interface I { x: Int } type A implements I @key(fields: "id") { id: ID! x: Int @external }'
    )
    b = (
        'type T @key(fields: "id") { id: ID! i: I } interface I { id: ID! } '
        'type A implements I @key(fields: "id") { id: ID! } type B implements I @key(fields: "id") { id: ID! }'
    )
    c = (
        'interface I { x: Int } type A implements I @key(fields: "id") { id: ID! x: Int }'
        ' type B implements I @key(fields: "id"%s) { id: ID! x: Int }'
    )
    assert unanswered(a=a, b=b, c=c % "") == []
    assert unanswered(a=a, b=b, c=c % ", resolvable: false") == [
        "{ t { i { ... on B { x } } } }",
        "{ t { y } }",
    ]


def test_conditions_on_types_in_a_requirement() -> None:
    a = (
        'type Query { t: T } type T @key(fields: "id") { id: ID! u: U @external y: Int @requires(fields: "u { ... on A { x } }") }'
        " union U = A | B type A { x: Int @external } type B { z: Int @shareable }"
    )
    b = 'type T @key(fields: "id") { id: ID! u: U } union U = A | B type A { x: Int } type B { z: Int @shareable }'
    assert unanswered(a=a, b=b) == []


def test_a_requirement_of_a_types_name_needs_the_type_to_be_known() -> None:
    a = (
        'type Query { t: T } type T @key(fields: "id") { id: ID! i: I @external y: Int @requires(fields: "i { __typename }") }'
        ' type I @interfaceObject @key(fields: "id") { id: ID! }'
    )
    b = (
        'type T @key(fields: "id") { id: ID! i: I } interface I @key(fields: "id") { id: ID! } '
        'type A implements I @key(fields: "id") { id: ID! }'
    )
    assert unanswered(a=a, b=b) == []
