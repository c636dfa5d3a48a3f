"""Arguments from contexts in the supergraph: hidden from clients, and told to the router."""

import pytest

from router.supergraph import Supergraph
from tests.unit.router.composition.composing import api, codes, hints, supergraph

SETTER = 'type Query { t: T } type T @key(fields: "id") @context(name: "c") { id: ID x: Int u: U } '
TAKER = 'type U @key(fields: "id") { id: ID f(b: Int a: Int @fromContext(field: "$c { x }")): Int }'


def test_clients_do_not_see_the_argument() -> None:
    assert "f(b: Int): Int" in api(a=SETTER + TAKER)


def test_the_router_learns_context_selection_and_type() -> None:
    sdl = supergraph(a=SETTER + TAKER)
    assert '@context(name: "a__c")' in sdl
    assert (
        "f(b: Int): Int @join__field(graph: A, "
        'contextArguments: [{context: "a__c", name: "a", type: "Int", selection: " { x }"}])'
    ) in sdl
    assert '@link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)' in sdl
    assert "directive @context__fromContext(field: context__ContextFieldValue) on ARGUMENT_DEFINITION" in sdl
    assert "scalar context__ContextFieldValue" in sdl
    assert "input join__ContextArgument {" in sdl
    (argument,) = Supergraph.read(sdl).types["U"].fields["f"].graphs["A"].context_arguments
    assert (argument.name, argument.type, argument.context) == ("a", "Int", "a__c")


def test_a_context_is_its_subgraphs_own() -> None:
    other = """
        type Query { s: S } type S @context(name: "c") { y: Int w: W }
        type W @key(fields: "id") { id: ID g(a: Int @fromContext(field: "$c y")): Int }
    """
    sdl = supergraph(a=SETTER + TAKER, **{"b-2": other})
    assert '@context(name: "b-2__c")' in sdl
    assert '[{context: "b-2__c", name: "a", type: "Int", selection: " y"}]' in sdl


def test_the_directives_may_have_other_names() -> None:
    link = (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", '
        '{name: "@context", as: "@sets"}, {name: "@fromContext", as: "@takes"}]) '
    )
    renamed = link + (SETTER + TAKER).replace("@context", "@sets").replace("@fromContext", "@takes")
    sdl = supergraph(a=renamed)
    assert '@sets(name: "a__c")' in sdl
    assert 'import: [{name: "@context", as: "@sets"}]' in sdl
    assert "@context__fromContext" in sdl
    assert 'selection: " { x }"' in sdl
    assert "f(b: Int): Int" in api(a=renamed)


def test_an_enum_of_such_an_argument_is_not_used_as_input() -> None:
    sdl = (SETTER + TAKER).replace("x: Int", "x: E").replace("a: Int", "a: E") + " enum E { A B }"
    found = hints(a=sdl, b="type Query { e: E } enum E { A }")
    assert found == ["INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM"]


@pytest.mark.parametrize("selection", ["$c { x }", "$c { ... on T { x } }"])
def test_what_is_selected_may_be_external(selection: str) -> None:
    owner = 'type Query { t: T } type T @key(fields: "id") { id: ID x: Int }'
    taker = (
        (SETTER + TAKER)
        .replace("t: T", "q: Int")
        .replace("x: Int", "x: Int @external")
        .replace("$c { x }", selection)
    )
    assert codes(a=taker, b=owner) == []
    assert codes(a=taker.replace(f'@fromContext(field: "{selection}")', ""), b=owner) == ["EXTERNAL_UNUSED"]


def test_one_field_has_arguments_from_several_contexts() -> None:
    sdl = SETTER.replace("@context", '@context(name: "d") @context') + TAKER.replace(
        "b: Int", 'b: Int @fromContext(field: "$d { x }")'
    )
    merged = supergraph(a=sdl)
    assert 'name: "b"' in merged
    assert 'name: "a"' in merged
    assert "f: Int" in api(a=sdl)


def test_a_root_type_sets_a_context() -> None:
    sdl = 'type Query @context(name: "c") { x: Int u: U } ' + TAKER
    assert "f(b: Int): Int" in api(a=sdl)


def test_a_type_sets_a_context_for_what_is_below_it_only() -> None:
    own = (SETTER + TAKER).replace("u: U", 'g(a: Int @fromContext(field: "$c x")): Int')
    assert codes(a=own) == ["SATISFIABILITY_ERROR"]
    assert codes(a=own.replace("t: T", "s: S") + ' type S @context(name: "c") { x: Int t: T }') == []


def test_an_abstract_type_may_give_a_value_for_some_of_its_objects() -> None:
    sdl = 'type Query { i: I } interface I @context(name: "c") { u: U } type T implements I { x: Int u: U } '
    other = "type S implements I { y: Int u: U } "
    assert codes(a=sdl + other + TAKER.replace("{ x }", "{ ... on T { x } }")) == []
