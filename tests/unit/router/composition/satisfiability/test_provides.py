"""`@provides`: what is provided is there on its path, and nowhere else."""

from tests.unit.router.composition.satisfiability.unanswered import unanswered

B = "type Query { s: Int } type V { x: Int @shareable y: Int @shareable }"


def test_a_provided_field_is_there_on_its_path_only() -> None:
    a = 'type Query { p: V @provides(fields: "x") n: V } type V { x: Int @external y: Int @shareable }'
    assert unanswered(a=a, b=B) == ["{ n { x } }"]
    assert unanswered(a=a.replace(" n: V", ""), b=B) == []


def test_a_provision_ends_where_the_path_leads_on() -> None:
    a = 'type Query { p: V @provides(fields: "x") } type V { x: Int @external y: Int @shareable n: V }'
    assert unanswered(a=a, b=B) == ["{ p { n { x } } }"]


def test_a_field_below_a_provision_may_provide_as_well() -> None:
    a = (
        'type Query { p: V @provides(fields: "x") } '
        'type V { x: Int @external y: Int @shareable n: V @provides(fields: "x") }'
    )
    assert unanswered(a=a, b=B) == []


def test_a_provision_reaches_below_fields_and_through_type_conditions() -> None:
    a = (
        'type Query { u: U @provides(fields: "... on W { v { x } }") } union U = W | O type O { o: Int } '
        "type W { v: V @shareable } type V { x: Int @external y: Int @shareable }"
    )
    b = B + " type W { v: V @shareable }"
    assert unanswered(a=a, b=b) == []


def test_what_is_provided_opens_keys() -> None:
    a = 'type Query { p: T @provides(fields: "code") } type T { code: ID! @external z: Int }'
    b = 'type T @key(fields: "code") { code: ID! x: Int }'
    assert unanswered(a=a, b=b) == []
