"""`@fromContext`: some type above gives the value, and the field can be entered with it."""

from tests.unit.router.composition.satisfiability.unanswered import unanswered

FIELD = 'field(a: String @fromContext(field: "$ctx { value }")): Int'
SETTER = 'type Top @key(fields: "id") @context(name: "ctx") { id: ID! value: String u: U }'
A = f'type Query {{ top: Top }} {SETTER} type U @key(fields: "id") {{ id: ID! {FIELD} }}'


def test_a_type_above_sets_the_context() -> None:
    assert unanswered(a=A) == []
    assert unanswered(a=A.replace("top: Top", "top: Top u: U")) == ["{ u { field } }"]


def test_the_context_reaches_over_other_types_and_subgraphs() -> None:
    b = 'type Top @key(fields: "id") { id: ID! far: Far } type Far { u: U } type U @key(fields: "id") { id: ID! }'
    assert unanswered(a=A, b=b) == []
    assert unanswered(a=A, b=b + " type Query { far: Far }") == ["{ far { u { field } } }"]


def test_the_value_may_come_from_another_subgraph() -> None:
    a = A.replace("value: String", "value: String @external")
    b = 'type Top @key(fields: "id"%s) { id: ID! value: String }'
    assert unanswered(a=a, b=b % "") == []
    assert unanswered(a=a, b=b % ", resolvable: false") == ["{ top { u { field } } }", "{ top { value } }"]


def test_the_nearest_context_counts() -> None:
    a = A.replace("value: String u: U", "value: String middle: Middle")
    a += ' type Middle @key(fields: "id") @context(name: "ctx") { id: ID! value: String @external u: U }'
    b = 'type Middle @key(fields: "id"%s) { id: ID! value: String }'
    assert unanswered(a=a, b=b % "") == []
    # The value at the top could be had.
    assert "{ top { middle { u { field } } } }" in unanswered(a=a, b=b % ", resolvable: false")


def test_a_context_may_be_used_type_by_type() -> None:
    a = A.replace("{ value }", "... on Top { value } ... on Other { name }")
    other = 'type Other @key(fields: "id") @context(name: "ctx") { id: ID! name: String u: U }'
    assert unanswered(a=a.replace("top: Top", "top: Top other: Other") + other) == []
