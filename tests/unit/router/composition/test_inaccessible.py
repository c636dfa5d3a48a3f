"""`@inaccessible`: in the supergraph, not in the API, and nothing visible hangs on it."""

from tests.unit.router.composition.composing import api, supergraph


def test_hidden_elements_are_in_the_supergraph_and_not_in_the_api():
    sdl = """
        type Query { a: Int secret: Hidden @inaccessible u: U }
        type Hidden @inaccessible { x: Int }
        type Seen { x(y: Int @inaccessible): Int }
        union U = Hidden | Seen
        enum E { A B @inaccessible }
    """
    assert "secret: Hidden @inaccessible" in supergraph(a=sdl)
    seen = api(a=sdl)
    assert "ecret" not in seen
    assert "Hidden" not in seen
    assert "union U = Seen" in seen
    assert "x: Int" in seen
    assert "enum E {\n  A\n}" in seen


def test_the_hidden_field_of_an_input_is_kept_although_only_one_subgraph_has_it():
    sdl = "type Query {{ f(i: I): Int @shareable }} input I {{ x: Int {} }}"
    assert "y: Int @inaccessible" in supergraph(a=sdl.format("y: Int @inaccessible"), b=sdl.format(""))
