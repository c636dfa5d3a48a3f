"""Interfaces and unions are walked object type by object type, interface objects as each of their types."""

from tests.unit.router.composition.satisfiability.unanswered import unanswered


def test_each_object_type_has_to_be_answered() -> None:
    a = 'type Query { i: I } interface I { id: ID! } type A implements I @key(fields: "id") { id: ID! } '
    a += 'type B implements I @key(fields: "id") { id: ID! }'
    b = 'type A @key(fields: "id") { id: ID! x: Int } type B @key(fields: "id", resolvable: false) { id: ID! x: Int }'
    assert unanswered(a=a, b=b) == ["{ i { ... on B { x } } }"]


def test_an_interfaces_field_may_be_answered_by_going_on_with_each_type() -> None:
    a = 'type Query { i: I } interface I { id: ID! } type A implements I @key(fields: "id") { id: ID! } '
    a += 'type B implements I @key(fields: "id") { id: ID! }'
    b = 'interface I { x: Int } type A implements I @key(fields: "id") { id: ID! x: Int } '
    b += 'type B implements I @key(fields: "id") { id: ID! x: Int }'
    assert unanswered(a=a, b=b) == []


def test_a_type_that_cannot_be_there_is_not_asked_for() -> None:
    a = "type Query { u: U } union U = A type A { x: Int }"
    b = "type Query { w: U } union U = A | B type A { z: Int @inaccessible } type B { y: Int }"
    assert unanswered(a=a, b="type Query { s: Int } union U = B type B { y: Int }") == []
    assert unanswered(a=a, b=b) == ["{ w { ... on A { x } } }"]


def test_hidden_types_are_not_asked_for() -> None:
    a = "type Query { u: U } union U = A | B type A { x: Int } type B @inaccessible { y: Int @shareable }"
    assert unanswered(a=a, b="type B @inaccessible { y: Int @shareable z: Int }") == []


INTERFACE = 'interface I @key(fields: "id"{}) {{ id: ID! }} type A implements I @key(fields: "id") {{ id: ID! x: Int }}'
OBJECT = 'type I @interfaceObject @key(fields: "id") { id: ID! y: Int }'


def test_the_type_behind_an_interface_object_has_to_be_found_out() -> None:
    a = "type Query { i: I } " + OBJECT
    assert unanswered(a=a, b=INTERFACE.format("")) == []
    assert unanswered(a=a, b=INTERFACE.format(", resolvable: false")) == ["{ i { ... on A { ... } } }"]


def test_the_fields_of_an_interface_object_are_reached_from_each_type() -> None:
    b = "type Query { a: A } " + INTERFACE.format("")
    assert unanswered(a=OBJECT, b=b) == []
    assert unanswered(a=OBJECT.replace('"id")', '"id", resolvable: false)'), b=b) == ["{ a { y } }"]


def test_interface_objects_lead_on_to_each_other() -> None:
    c = 'type I @interfaceObject @key(fields: "code") { code: ID! z: Int }'
    a = OBJECT.replace("y: Int", "y: Int code: ID! @shareable")
    assert unanswered(a=a, b="type Query { a: A } " + INTERFACE.format(""), c=c) == []


def test_one_subgraph_may_add_to_two_interfaces_of_a_type() -> None:
    a = 'interface J @key(fields: "id") { id: ID! } interface I @key(fields: "id") { id: ID! } type Query { a: A } '
    a += 'type A implements I & J @key(fields: "id") { id: ID! }'
    b = OBJECT + ' type J @interfaceObject @key(fields: "id") { id: ID! z: Int }'
    assert unanswered(a=a, b=b) == []
