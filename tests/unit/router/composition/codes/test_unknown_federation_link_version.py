"""UNKNOWN_FEDERATION_LINK_VERSION: a @link names a version of federation that is not known."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.99") type Query { a: Int }',
}
ACCEPTED = {
    "a": 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.14") type Query { a: Int }',
}


def test_an_unknown_version_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("UNKNOWN_FEDERATION_LINK_VERSION", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_the_newest_is_fine() -> None:
    assert codes(**ACCEPTED) == []
