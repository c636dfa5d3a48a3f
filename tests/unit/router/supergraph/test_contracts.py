"""Contracts: what tags hide, and what is left of a supergraph."""

import pytest
from graphql import parse

from router import Supergraph, compose, contract, plan
from router.supergraph.rewrite import write_document
from tests.unit.router.composition.composing import LINK, linked, supergraph


def tagged(*tags: str) -> str:
    return " ".join(f'@tag(name: "{tag}")' for tag in tags)


def build(sdl, *, include=(), exclude=(), hide_unreachable_types=False, **others):
    """A contract of a subgraph `a` and others."""
    sdl = supergraph(a=sdl, **others)
    return contract(sdl, include=include, exclude=exclude, hide_unreachable_types=hide_unreachable_types)


def api(sdl, **wanted):
    """What clients of a contract see, in one line."""
    made = build(sdl, **wanted)
    assert made.errors == ()
    assert made.api_sdl is not None
    return " ".join(made.api_sdl.split())


def codes(sdl, **wanted):
    return sorted({error.code for error in build(sdl, **wanted).errors})


QUERY = f"type Query {{ a: Int {tagged('x')} b: Int {tagged('y')} c: Int {tagged('x', 'y')} d: Int }}"


@pytest.mark.parametrize(
    ("include", "exclude", "shown"),
    [
        (["x"], [], "a: Int c: Int"),
        (["x", "y"], [], "a: Int b: Int c: Int"),
        ([], ["x"], "b: Int d: Int"),
        (["x"], ["y"], "a: Int"),
        ([], [], "a: Int b: Int c: Int d: Int"),
    ],
)
def test_fields_are_shown_by_an_included_tag_and_hidden_by_an_excluded_one(include, exclude, shown):
    assert api(QUERY, include=include, exclude=exclude) == f"type Query {{ {shown} }}"


def test_the_tags_of_a_type_are_those_of_its_fields_arguments_and_values():
    sdl = f"""
        type Query {tagged("x")} {{ a(b: In, c: E): T }}
        type T {tagged("x")} {{ f(g: Int): Int }}
        input In {tagged("x")} {{ i: Int }}
        enum E {tagged("x")} {{ V W {tagged("y")} }}
    """
    assert api(sdl, include=["x"], exclude=["y"]) == (
        "enum E { V } input In { i: Int } type Query { a(b: In, c: E): T } type T { f(g: Int): Int }"
    )


def test_the_tags_of_a_field_are_not_those_of_its_arguments():
    sdl = f"type Query {{ a(b: Int, c: Int {tagged('x')}): Int {tagged('x')} }}"
    assert api(sdl, include=["x"]) == "type Query { a(c: Int): Int }"


def test_a_type_is_needed_for_what_is_in_it():
    sdl = f"type Query {{ t: T {tagged('x')} }} type T {{ a: Int {tagged('x')} b: Int }}"
    assert api(sdl, include=["x"]) == "type Query { t: T } type T { a: Int }"


def test_a_type_with_an_excluded_tag_is_hidden_with_all_that_is_in_it():
    sdl = (
        f"type Query {{ a: Int u: U }} type T {tagged('x')} {{ b: Int }} type S {{ c: Int }} union U = T | S"
    )
    assert api(sdl, exclude=["x"]) == "type Query { a: Int u: U } type S { c: Int } union U = S"


def test_a_type_of_which_nothing_is_shown_is_hidden():
    sdl = f"""
        type Query {{ a: Int }}
        type Mutation {{ m: Int {tagged("x")} }}
        type T {{ b: Int {tagged("x")} c: Int @inaccessible }}
        enum E {{ V {tagged("x")} }}
        input In {{ i: Int {tagged("x")} }}
    """
    assert api(sdl, exclude=["x"]) == "type Query { a: Int }"


def test_scalars_and_unions_need_an_included_tag():
    sdl = f"""
        type Query {tagged("x")} {{ a: Int s: S @inaccessible u: U @inaccessible k: K }}
        scalar S
        scalar K {tagged("x")}
        type T {{ t: Int }}
        union U = T
    """
    assert api(sdl, include=["x"]) == "scalar K type Query { a: Int k: K }"


def test_a_tag_on_a_type_counts_for_what_other_subgraphs_have_in_it():
    sdl = f'type Query {{ t: T {tagged("x")} }} type T @key(fields: "id") {tagged("x")} {{ id: ID! }}'
    other = 'type T @key(fields: "id") { id: ID! more: Int }'
    assert api(sdl, include=["x"], b=other) == "type Query { t: T } type T { id: ID! more: Int }"


ENTITIES = """
    type Query { all: [I!]! @tag(name: "x") }
    interface I @key(fields: "id") { id: ID! @tag(name: "x") }
    type T implements I @key(fields: "id") { id: ID! @tag(name: "x") }
    type U implements I @key(fields: "id") { id: ID! @tag(name: "x") }
"""


def test_a_field_that_an_interface_object_provides_is_judged_as_the_interfaces():
    provided = 'type I @key(fields: "id") @interfaceObject { id: ID! shown: Int @tag(name: "x") hidden(a: Int): Int }'
    assert api(ENTITIES, include=["x"], b=provided) == (
        "interface I { id: ID! shown: Int } type Query { all: [I!]! } "
        "type T implements I { id: ID! shown: Int } type U implements I { id: ID! shown: Int }"
    )


def test_such_a_field_alone_does_not_keep_a_type():
    provided = 'type I @key(fields: "id") @interfaceObject { id: ID! shown: Int @tag(name: "x") }'
    sdl = ENTITIES.replace('type U implements I @key(fields: "id") { id: ID! @tag(name: "x") }', "") + (
        'type U implements I @key(fields: "id") { id: ID! }'
    )
    assert "type U" not in api(sdl, include=["x"], b=provided)


def test_types_that_nothing_leads_to_can_be_hidden_too():
    sdl = f"""
        directive @d(a: OfDirective) on FIELD
        enum OfDirective {{ V }}
        type Query {{ t: T {tagged("x")} n(i: In): N }}
        type T {{ t: Deep }}
        type Deep {{ d: Int }}
        interface N {{ f(a: OfArgument): Int }}
        type Impl implements N {{ f(a: OfArgument): Int }}
        enum OfArgument {{ A }}
        input In {{ a: Int }}
    """
    assert "type Deep" in api(sdl, exclude=["x"])
    assert api(sdl, exclude=["x"], hide_unreachable_types=True) == (
        "directive @d(a: OfDirective) on FIELD type Impl implements N { f(a: OfArgument): Int } input In { a: Int } "
        "interface N { f(a: OfArgument): Int } enum OfArgument { A } enum OfDirective { V } type Query { n(i: In): N }"
    )


@pytest.mark.parametrize(
    ("sdl", "code"),
    [
        ('type Query { a: Int @tag(name: "x") }', "ONLY_INACCESSIBLE_CHILDREN"),
        ('type Query @tag(name: "x") { a: Int }', "QUERY_ROOT_TYPE_INACCESSIBLE"),
        ('type Query { a(b: Int! @tag(name: "x")): Int }', "REQUIRED_INACCESSIBLE"),
        ('type Query { a: T b: Int } type T @tag(name: "x") { t: Int }', "REFERENCED_INACCESSIBLE"),
        (
            'interface I { i: Int } type Query implements I { i: Int @tag(name: "x") a: Int }',
            "IMPLEMENTED_BY_INACCESSIBLE",
        ),
        ('type Query { a(e: E = V): Int } enum E { V @tag(name: "x") W }', "DEFAULT_VALUE_USES_INACCESSIBLE"),
    ],
)
def test_a_contract_that_leaves_no_valid_schema_is_refused(sdl, code):
    made = build(sdl, exclude=["x"])

    assert [error.code for error in made.errors] == [code]
    assert made.errors[0].message.endswith('This contract hides what has a tag of "x".')
    assert (made.supergraph_sdl, made.api_sdl) == (None, None)


def test_a_misspelt_tag_is_told_with_what_may_be_meant():
    made = build('type Query { a: Int b(c: Int @tag(name: "internal")): Int }', exclude=["internl"])

    (hint,) = made.hints
    assert (hint.code, hint.level) == ("CONTRACT_TAG_UNUSED", "WARN")
    assert hint.message.endswith('Did you mean "internal"?')


def test_no_tag_is_left_and_the_join_directives_are():
    sdl = f'type Query {{ t: T }} type T @key(fields: "id") {{ id: ID! {tagged("x")} a: Int }}'
    made = build(sdl, exclude=["x"], b='type T @key(fields: "id") { id: ID! b: Int }')

    assert made.supergraph_sdl is not None
    assert "tag" not in made.supergraph_sdl
    assert "id: ID! @inaccessible" in made.supergraph_sdl
    assert '@join__type(graph: A, key: "id")' in made.supergraph_sdl


def test_a_hidden_key_still_leads_from_subgraph_to_subgraph():
    sdl = f'type Query {{ t: T }} type T @key(fields: "id") {{ id: ID! {tagged("x")} a: Int }}'
    made = build(sdl, exclude=["x"], b='type T @key(fields: "id") { id: ID! b: Int }')
    assert made.supergraph_sdl is not None
    assert "id" not in (made.api_sdl or "")

    planned = str(plan(Supergraph.read(made.supergraph_sdl), "{ t { b } }"))

    assert 'Fetch(service: "b")' in planned
    assert "id" in planned


def test_a_filter_that_hides_nothing_gives_the_supergraph_without_tags():
    plain = supergraph(a="type Query { a: Int }")
    made = contract(supergraph(a='type Query { a: Int @tag(name: "x") }'), include=["x"])

    assert made.supergraph_sdl == plain


def test_the_names_under_which_the_supergraph_has_its_directives_are_used():
    link = (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
        'import: [{name: "@tag", as: "@label"}, {name: "@inaccessible", as: "@secret"}])'
    )
    composition = compose(
        {
            "a": link
            + ' type Query { a: Int b: Int @label(name: "x") c: Int @secret d: Int @label(name: "y") }'
        }
    )
    made = contract(composition, exclude=["x"])

    assert made.supergraph_sdl is not None
    assert "b: Int @secret" in made.supergraph_sdl
    assert "label" not in made.supergraph_sdl
    assert made.api_sdl == "type Query {\n  a: Int\n  d: Int\n}"


def test_another_directive_named_inaccessible_is_left_alone():
    sdl = supergraph(
        a=linked('@link(url: "https://example.test/inaccessible/v1.0", import: ["@inaccessible"])')
        .replace(' "@inaccessible", "@override"', ' "@override"')
        .replace(
            '@link(url: "https://example',
            '@composeDirective(name: "@inaccessible") @link(url: "https://example',
        )
        + 'directive @inaccessible on FIELD_DEFINITION type Query { a: Int @inaccessible b: Int @tag(name: "x") }'
    )
    made = contract(sdl, exclude=["x"])

    assert made.errors == ()
    assert made.api_sdl == "type Query {\n  a: Int\n}"


def test_a_supergraph_without_links_is_refused():
    sdl = supergraph(a="type Query { a: Int }")
    head, _, rest = sdl.partition("{\n  query: Query\n}")
    assert "@link" in head
    with pytest.raises(Exception, match="does not use @link"):
        contract(f"schema {{ query: Query }}{rest}", exclude=["x"])


def test_a_contract_can_be_read_and_filtered_again():
    made = build(QUERY, exclude=["x"])
    assert made.supergraph_sdl is not None

    again = contract(Supergraph.read(made.supergraph_sdl), include=["z"], hide_unreachable_types=True)

    assert [error.code for error in again.errors] == ["ONLY_INACCESSIBLE_CHILDREN"]


def test_a_supergraph_is_written_as_it_was_composed():
    sdl = supergraph(
        a='"""All"""\nschema { query: Query }\n'
        + LINK
        + f"""
          type Query implements I @authenticated {{ "what" a("which" b: [In!] = [{{e: V}}], c: Float = 1.0): U @deprecated(reason: "\\"no\\"") i: Int }}
          interface I {{ i: Int }} union U = Query | T type T {{ t: S }} scalar S @specifiedBy(url: "u")
          enum E {{ V {tagged("x")} W }} input In {{ e: E = V }}
          directive @d("how" a: Int = 1) repeatable on FIELD | QUERY
        """
    )
    assert write_document(parse(sdl)) == sdl
