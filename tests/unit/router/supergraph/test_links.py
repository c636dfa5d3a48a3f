"""Renamed directives protect what they stand on: nothing depends on what a subgraph imported them as."""

import pytest

from router import Supergraph, compose
from router.supergraph.access import AccessRule

SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9"{imports})
type Query {{ open: Int secret: Int {authenticated} scoped: Int {scopes} gone: Int {inaccessible} hidden: Hidden {inaccessible} }}
type Hidden {inaccessible} {{ id: ID }}
"""
SPELLINGS = {
    "imported": (
        ', import: ["@authenticated", "@requiresScopes", "@inaccessible"]',
        ("@authenticated", "@requiresScopes", "@inaccessible"),
    ),
    "renamed": (
        (
            ', import: [{name: "@authenticated", as: "@signedIn"}, {name: "@requiresScopes", as: "@needs"}, '
            '{name: "@inaccessible", as: "@private"}]'
        ),
        ("@signedIn", "@needs", "@private"),
    ),
    "prefixed": (
        "",
        ("@federation__authenticated", "@federation__requiresScopes", "@federation__inaccessible"),
    ),
    "aliased": (', as: "fed"', ("@fed__authenticated", "@fed__requiresScopes", "@fed__inaccessible")),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_access_and_visibility_hold_under_every_name(spelling: str) -> None:
    imports, (authenticated, scopes, inaccessible) = SPELLINGS[spelling]
    sdl = SDL.format(
        imports=imports,
        authenticated=authenticated,
        scopes=f'{scopes}(scopes: [["a"]])',
        inaccessible=inaccessible,
    )
    composition = compose({"one": sdl})
    assert composition.errors == ()
    assert composition.supergraph_sdl is not None
    supergraph = Supergraph.read(composition.supergraph_sdl)
    assert supergraph.access.of_field("Query", "secret") == AccessRule(True, (), ())
    assert supergraph.access.of_field("Query", "scoped") == AccessRule(False, (frozenset({"a"}),), ())
    assert supergraph.access.of_field("Query", "open") is None
    assert supergraph.api_sdl.split() == [
        "type",
        "Query",
        "{",
        "open:",
        "Int",
        "secret:",
        "Int",
        "scoped:",
        "Int",
        "}",
    ]
    assert composition.api_sdl is not None
    assert composition.api_sdl.split() == supergraph.api_sdl.split()


def test_a_directive_of_another_spec_protects_nothing_whatever_it_is_called() -> None:
    sdl = """
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
      @link(url: "https://x.dev/policy/v1.0", import: [{name: "@foo", as: "@inaccessible"}, "@policy"])
      @composeDirective(name: "@inaccessible")
      @composeDirective(name: "@policy")
    directive @inaccessible on FIELD_DEFINITION
    directive @policy(policies: [String]) on FIELD_DEFINITION
    type Query { seen: Int @inaccessible open: Int @policy(policies: ["a"]) }
    """
    composition = compose({"one": sdl})
    assert composition.errors == ()
    assert composition.supergraph_sdl is not None
    supergraph = Supergraph.read(composition.supergraph_sdl)
    assert supergraph.api_sdl == "type Query {\n  seen: Int\n  open: Int\n}"
    assert supergraph.access.of_field("Query", "open") is None


@pytest.mark.parametrize("scopes", ['"a"', '["a"]', '[["a"]]'])
def test_a_single_scope_stands_for_a_list_of_one(scopes: str) -> None:
    sdl = f"""
    schema @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY) {{ query: Query }}
    enum join__Graph {{ A @join__graph(name: "a", url: "") }}
    type Query @join__type(graph: A) {{ f: Int @requiresScopes(scopes: {scopes}) }}
    """
    rule = Supergraph.read(sdl).access.of_field("Query", "f")
    assert rule == AccessRule(False, (frozenset({"a"}),), ())
