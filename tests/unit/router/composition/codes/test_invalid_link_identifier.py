"""INVALID_LINK_IDENTIFIER: the url of a @link names no feature and version."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'extend schema @link(url: "https://example.com/spec") type Query { a: Int }',
}
ACCEPTED = {
    "a": 'extend schema @link(url: "https://example.com/spec/v1.0") type Query { a: Int }',
}


def test_a_url_without_a_version_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("INVALID_LINK_IDENTIFIER", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_with_one_it_is_fine() -> None:
    assert codes(**ACCEPTED) == []
