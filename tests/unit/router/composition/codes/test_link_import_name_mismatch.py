"""LINK_IMPORT_NAME_MISMATCH: a directive of federation that reaches the supergraph is called the same by its users."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs, supergraph

FEDERATION = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.12"{}) type Query {{ {} }}'
TAGGED = FEDERATION.format(', import: ["@tag"]', 'a: Int @tag(name: "x")')


@pytest.mark.parametrize(
    ("imports", "field"),
    [
        ("", 'b: Int @federation__tag(name: "x")'),
        (', import: [{name: "@tag", as: "@label"}]', 'b: Int @label(name: "x")'),
        (', as: "fed"', 'b: Int @fed__tag(name: "x")'),
    ],
)
def test_two_names_of_one_directive_are_refused(imports: str, field: str) -> None:
    error, *others = compose_subgraphs(a=TAGGED, b=FEDERATION.format(imports, field)).errors
    assert others == []
    assert (error.code, error.subgraphs) == ("LINK_IMPORT_NAME_MISMATCH", ("a", "b"))
    assert {place.subgraph for place in error.locations} == {"a", "b"}


def test_a_cache_tag_has_one_name_too() -> None:
    a = FEDERATION.format(', import: ["@cacheTag"]', 'a: Int @cacheTag(format: "x")')
    b = FEDERATION.format("", 'b: Int @federation__cacheTag(format: "x")')
    assert codes(a=a, b=b) == ["LINK_IMPORT_NAME_MISMATCH"]


def test_a_name_that_is_not_used_does_not_matter() -> None:
    sdl = supergraph(a=TAGGED, b=FEDERATION.format(', import: [{name: "@tag", as: "@label"}]', "b: Int"))
    assert '@link(url: "https://specs.apollo.dev/tag/v0.3")' in sdl


def test_one_other_name_is_imported_by_the_supergraph() -> None:
    sdl = supergraph(b=FEDERATION.format("", 'b: Int @federation__tag(name: "x")'))
    assert (
        '@link(url: "https://specs.apollo.dev/tag/v0.3", import: [{name: "@tag", as: "@federation__tag"}])'
        in sdl
    )
