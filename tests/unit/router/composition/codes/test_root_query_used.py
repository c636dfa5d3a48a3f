"""ROOT_QUERY_USED: a type is called Query and is not the query root."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "schema { query: Q } type Q { a: Int } type Query { b: Int }",
}
ACCEPTED = {
    "a": "schema { query: Q } type Q { a: Int }",
}


def test_another_type_of_the_default_name_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("ROOT_QUERY_USED", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_without_one_the_root_is_renamed() -> None:
    assert codes(**ACCEPTED) == []
