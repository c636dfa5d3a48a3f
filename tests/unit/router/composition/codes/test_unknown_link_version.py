"""UNKNOWN_LINK_VERSION: a @link names a version of the link specification that is not known."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'extend schema @link(url: "https://specs.apollo.dev/link/v2.0") type Query { a: Int }',
}
ACCEPTED = {
    "a": 'extend schema @link(url: "https://specs.apollo.dev/link/v1.0") type Query { a: Int }',
}


def test_an_unknown_version_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("UNKNOWN_LINK_VERSION", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_the_known_one_is_fine() -> None:
    assert codes(**ACCEPTED) == []
