"""Who may not see a field may not see it through another field's `@requires`."""

import pytest

from tests.unit.router.composition.composing import codes

OWNER = 'type Query { t: T } type T @key(fields: "id") { id: ID! w: Int DIRECTIVES inner: Inner } type Inner { x: Int }'
ASKER = 'type T @key(fields: "id") { id: ID! w: Int @external r: Int @requires(fields: "w") DIRECTIVES }'
MISSING = ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]


@pytest.mark.parametrize(
    ("needed", "asked", "is_enough"),
    [
        ("@authenticated", "", False),
        ("@authenticated", "@authenticated", True),
        ('@requiresScopes(scopes: [["a"]])', "@authenticated", False),
        ('@requiresScopes(scopes: [["a"]])', '@requiresScopes(scopes: [["a"]])', True),
        ('@requiresScopes(scopes: [["a"]])', '@requiresScopes(scopes: [["a", "b"]])', True),
        ('@requiresScopes(scopes: [["a"]])', '@requiresScopes(scopes: [["a"], ["b"]])', False),
        ('@requiresScopes(scopes: [["a"], ["b"]])', '@requiresScopes(scopes: [["b"]])', True),
        ('@requiresScopes(scopes: [["a", "b"]])', '@requiresScopes(scopes: [["b"]])', False),
        ('@policy(policies: "p")', "", False),
        ('@policy(policies: "p")', '@policy(policies: ["p"])', True),
    ],
)
def test_a_requirement_asks_for_what_the_required_field_asks_for(needed, asked, is_enough):
    found = codes(a=OWNER.replace("DIRECTIVES", needed), b=ASKER.replace("DIRECTIVES", asked))
    assert found == ([] if is_enough else MISSING)


def test_the_type_of_a_required_field_counts_and_so_does_the_type_of_the_asking_one():
    owner = OWNER.replace("DIRECTIVES", "").replace("type Inner", "type Inner @authenticated")
    asker = """
        type T @key(fields: "id") TYPE { id: ID! inner: Inner @external r: Int @requires(fields: "inner { x }") }
        type Inner @external { x: Int }
    """
    assert MISSING[0] in codes(a=owner, b=asker.replace("TYPE", ""))
    assert codes(a=owner, b=asker.replace("TYPE", "@authenticated")) == []
