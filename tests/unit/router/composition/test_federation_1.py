"""Subgraphs of federation 1, by themselves and beside federation 2: what each step of the upgrade does."""

import pytest

from router.composition import Composition, SubgraphSource, compose
from tests.unit.router.composition.composing import LINK, compose_federation_1

USERS = 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String addr: Addr } type Addr { s: Int t: Int }'
QUERY = "type Query { q: Int } "


def mix(composed: str = "", **sdls: str) -> Composition:
    """Compose, those named in `composed` as federation 2."""
    return compose(
        [SubgraphSource(name, "", LINK + sdl if name in composed else sdl) for name, sdl in sdls.items()]
    )


def found(**sdls: str) -> list[str]:
    return [error.code for error in compose_federation_1(**sdls).errors]


def merged(composition: Composition) -> str:
    assert composition.errors == ()
    assert composition.supergraph_sdl is not None
    return composition.supergraph_sdl


def merged_type(name: str, **sdls: str) -> str:
    """The lines of a type in the supergraph, in one."""
    sdl = merged(compose_federation_1(**sdls))
    return " ".join(sdl[sdl.index(f"\ntype {name}\n") :].split("\n}", 1)[0].split())


def test_an_extension_is_a_definition() -> None:
    sdl = 'extend type User @key(fields: "id") { id: ID! @external posts: Int }'
    assert merged_type("User", posts=sdl, users=USERS) == (
        'type User @join__type(graph: POSTS, key: "id") @join__type(graph: USERS, key: "id") { '
        "id: ID! posts: Int @join__field(graph: POSTS) name: String @join__field(graph: USERS) "
        "addr: Addr @join__field(graph: USERS)"
    )


@pytest.mark.parametrize(
    "sdl",
    [
        'type User @extends @key(fields: "id") { id: ID! @external posts: Int }',
        'type User { id: ID! } extend type User @key(fields: "id") { posts: Int }',
    ],
)
def test_other_extensions_are_told_in_the_supergraph(sdl: str) -> None:
    assert '@join__type(graph: POSTS, key: "id", extension: true)' in merged_type(
        "User", posts=sdl, users=USERS
    )


@pytest.mark.parametrize(
    "fields", ['"id"', '["id"]', "id", '"id name"', '["id", "name"]', '["id", "addr { s }"]']
)
def test_fields_may_be_a_list_or_without_quotes(fields: str) -> None:
    sdl = (
        f"extend type User @key(fields: {fields}) {{ id: ID! @external name: String @external addr: Addr @external n: Int }}"
        " type Addr { s: Int t: Int }"
    )
    text = fields.replace('", "', " ").strip('[]"')
    assert f'@join__type(graph: N, key: "{text}")' in merged_type("User", n=sdl, users=USERS)


@pytest.mark.parametrize("fields", ["1", "[1]", '["id", 1]', "null", '{x: "id"}', '[["id"]]'])
def test_other_values_are_still_refused(fields: str) -> None:
    sdl = f"extend type User @key(fields: {fields}) {{ id: ID! n: Int }}"
    assert found(n=sdl, users=USERS) == ["KEY_INVALID_FIELDS_TYPE"]


def test_what_interfaces_cannot_have_goes() -> None:
    sdl = (
        'type Query { i: I } interface I @key(fields: "id") { id: ID! @external o: O @provides(fields: "x") '
        'p: Int @requires(fields: "missing") } type O { x: Int } '
        'type T implements I @key(fields: "id") { id: ID! o: O p: Int }'
    )
    assert "key" not in merged(compose_federation_1(a=sdl)).split("interface I")[1].split("\n{")[0]


def test_external_on_a_type_means_nothing() -> None:
    sdl = 'extend type User @external @key(fields: "id") { id: ID! n: Int }'
    assert "external" not in merged_type("User", n=sdl, users=USERS)


def test_an_extension_without_key_resolves_the_first_key_of_others() -> None:
    sdl = "extend type User { id: ID! @external }"
    assert "external" not in merged_type("User", n=sdl, users=USERS)


def test_what_is_resolved_anyway_is_not_required() -> None:
    sdl = (
        'extend type User @key(fields: "id") {{ id: ID! @external name: String @external '
        'n: Int @requires(fields: "{}") }}'
    )
    assert 'requires: "name"' in merged_type("User", n=sdl.format("id name"), users=USERS)
    assert "requires" not in merged_type("User", n=sdl.format("id"), users=USERS)


def test_what_is_resolved_anyway_is_not_provided() -> None:
    sdl = (
        'type Query {{ u: User @provides(fields: "{}") }} extend type User @key(fields: "id") '
        "{{ id: ID! @external name: String @external addr: Addr }} type Addr {{ s: Int @external t: Int }}"
    )
    query = merged_type("Query", n=sdl.format("name addr { s t }"), users=USERS)
    assert 'provides: "name addr {\\n s\\n}"' in query or 'provides: "name addr { s }"' in query
    assert "provides" not in merged_type("Query", n=sdl.format("addr { t }"), users=USERS)


def test_leaves_provide_nothing() -> None:
    assert found(a='type Query { x: Int @provides(fields: "y") }') == []


def test_an_external_field_that_nothing_uses_disappears() -> None:
    sdl = 'extend type User @key(fields: "id") { id: ID! @external name: String @external n: Int }'
    assert "name: String @join__field(graph: USERS) addr" in merged_type("User", posts=sdl, users=USERS)


@pytest.mark.parametrize(
    ("one", "other", "codes"),
    [
        ("type V { x: Int }", "type V { x: Int }", []),
        ('type V @key(fields: "x") { x: Int y: Int }', 'type V @key(fields: "x") { x: Int y: Int }', []),
        ("type V { x: Int }", 'type V @key(fields: "x") { x: Int }', []),
        ("type Mutation { x: Int }", "type Mutation { x: Int }", []),
        ("type Subscription { x: Int }", "type Subscription { x: Int }", ["INVALID_FIELD_SHARING"]),
    ],
)
def test_what_others_resolve_too_is_shared_without_saying(one: str, other: str, codes: list[str]) -> None:
    assert found(a=QUERY + one, b=QUERY + other) == codes


def test_federation_2_still_has_to_say_so() -> None:
    one, other = QUERY + "type V { x: Int }", "type Query { r: Int } type V { x: Int }"
    assert mix("b", a=one, b=other.replace("type V", "type V @shareable")).errors == ()
    assert [error.code for error in mix("b", a=one, b=other).errors] == ["INVALID_FIELD_SHARING"]


def test_a_tag_of_an_external_field_is_the_owners() -> None:
    owner = USERS.replace("name: String", 'name: String @tag(name: "a")')
    sdl = (
        'extend type User @key(fields: "id") {{ id: ID! @external name: String @external @tag(name: "{}") '
        'n: Int @requires(fields: "name") }}'
    )
    assert found(users=owner, n=sdl.format("a")) == []
    assert found(users=owner, n=sdl.format("b")) == ["MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"]


@pytest.mark.parametrize("key", ['extend type User @key(fields: "id")', "extend type User"])
def test_the_owner_is_who_does_not_mark_the_field_as_external(key: str) -> None:
    tagged = 'id: ID! @external @tag(name: "a")'
    one = f'type Query {{ q: Int }} type User @key(fields: "id") {{ {tagged} n: Int }}'
    assert found(users=USERS, one=one, other=f"{key} {{ {tagged} }}") == [
        "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"
    ]
    assert found(users=USERS, one=one, other=f"{key} {{ {tagged.replace('@external', '')} }}") == []


def test_what_only_unused_fields_use_disappears_with_them() -> None:
    sdl = (
        'type Query { q: Int } extend type User @key(fields: "id") { id: ID! @external '
        'addr: Addr @external @provides(fields: "s") n: Int } type Addr { s: Int @external t: Int }'
    )
    assert (
        "type Addr @join__type(graph: N) @join__type(graph: USERS) { t: Int s: Int @join__field(graph: USERS)"
        in (merged_type("Addr", n=sdl, users=USERS))
    )


def test_a_key_in_a_list_leaves_its_fields_external() -> None:
    sdl = "extend type User @key(fields: {}) {{ id: ID! @external n: Int }}"
    assert "external: true" in merged_type("User", n=sdl.format('["id"]'), users=USERS)
    assert "external: true" not in merged_type("User", n=sdl.format('"id"'), users=USERS)


def test_both_federations_mix() -> None:
    composition = mix("posts", users=USERS, posts='type User @key(fields: "id") { id: ID! posts: Int }')
    assert '@link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)' in merged(composition)


def test_field_sets_are_checked_after_the_upgrade() -> None:
    assert found(a=USERS.replace('"id"', '"missing"')) == ["KEY_INVALID_FIELDS"]
    assert found(
        a=USERS, b='extend type User @key(fields: "id") { id: ID! n: Int @requires(fields: "m") }'
    ) == ["REQUIRES_INVALID_FIELDS"]


def test_federation_2_directives_need_the_link_and_the_message_says_so() -> None:
    error = compose_federation_1(a="type Query { a: Int @shareable }").errors[0]
    assert error.code == "INVALID_GRAPHQL"
    assert "federation 1 schema" in error.message


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_subgraphs_does_not_matter(order: int) -> None:
    sdls = {
        "a": 'extend type User @key(fields: "id") { id: ID! @external a: Int }',
        "b": 'type User @extends @key(fields: "name") { name: String @external b: Int }',
        "c": "extend type User { id: ID! @external name: String }",
        "users": USERS.replace('"id"', '"id") @key(fields: "name"'),
    }
    composition = compose_federation_1(**dict(list(sdls.items())[::order]))
    assert merged(composition) == merged(compose_federation_1(**sdls))


def test_a_directive_of_federation_2_that_the_schema_defines_itself_means_the_same() -> None:
    owner = 'type A @key(fields: "id") { id: ID! x: Int @override(from: "old") y: Int @inaccessible } '
    sdl = (
        owner
        + "directive @override(from: String!) on FIELD_DEFINITION directive @inaccessible on FIELD_DEFINITION"
    )
    old = QUERY + 'type A @key(fields: "id") { id: ID! x: Int }'
    assert merged_type("A", new=sdl, old=old) == (
        'type A @join__type(graph: NEW, key: "id") @join__type(graph: OLD, key: "id") { '
        'id: ID! x: Int @join__field(graph: NEW, override: "old") y: Int @inaccessible @join__field(graph: NEW)'
    )
    assert found(new=sdl.replace("(from: String!)", "").replace('(from: "old")', ""), old=old) == [
        "DIRECTIVE_DEFINITION_INVALID"
    ]


@pytest.mark.parametrize(("definition", "codes"), [("String!", ["INVALID_GRAPHQL"]), ("String", [])])
def test_a_wrong_definition_of_keys_is_overlooked_and_a_narrow_one_counts(
    definition: str, codes: list[str]
) -> None:
    keys = 'type T @key(fields: "a") @key(fields: "b") { a: ID! b: ID! } '
    assert found(s=f"{QUERY}{keys}directive @key(fields: {definition}) on OBJECT") == codes
