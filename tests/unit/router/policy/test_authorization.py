"""Filtering operations: what is taken out, where it says so, and what cannot be got around."""

import pytest
from graphql import build_schema, get_operation_ast, parse, print_ast, validate

from router.errors import RefusedError
from router.policy import authorization as module
from router.policy.authorization import AccessDecision, authorize, collect_demand
from router.supergraph.access import AccessRule, AccessRules

SCHEMA = build_schema("""
type Query { me: User users: [User!] matrix: [[User]] feed: [Item] nodes: [Node] account: Account level: Level secret: String }
type User { id: ID! email: String friends: [User] }
type Account { id: ID! }
interface Node { id: ID! title: String }
interface Titled { title: String }
type Post implements Node & Titled { id: ID! title: String body: String }
type Draft implements Node & Titled { id: ID! title: String note: String }
union Item = Post | Draft
enum Level { A }
""")

LOGIN = AccessRule(authenticated=True, scopes=(), policies=())


def rules(types=(), fields=()):
    return AccessRules(
        dict(types) if isinstance(types, dict) else dict.fromkeys(types, LOGIN),
        dict(fields) if isinstance(fields, dict) else dict.fromkeys(fields, LOGIN),
    )


def run(query, access, decision=AccessDecision()):  # noqa: B008 -- frozen
    document = parse(query)
    assert not validate(SCHEMA, document)
    return authorize(SCHEMA, access, document, get_operation_ast(document), decision)


def text(authorization):
    return " ".join(print_ast(authorization.document).split())


def test_a_field_is_taken_out_and_its_place_named_with_at_signs_for_lists():
    result = run("{ users { id email } matrix { email id } }", rules(fields=[("User", "email")]))
    assert text(result) == "{ users { id } matrix { id } }"
    assert result.unauthorized == (("users", "@", "email"), ("matrix", "@", "@", "email"))


def test_the_place_is_named_by_the_clients_alias():
    result = run("{ a: me { b: email id } }", rules(fields=[("User", "email")]))
    assert result.unauthorized == (("a", "b"),)


def test_an_operation_that_may_run_whole_is_left_as_it_is():
    document = parse("{ me { email } }")
    access = rules(fields=[("User", "email")])
    result = authorize(
        SCHEMA, access, document, get_operation_ast(document), AccessDecision(authenticated=True)
    )
    assert result.document is document
    assert result.unauthorized == ()


def test_a_rule_on_a_type_holds_for_every_field_that_returns_it():
    result = run("{ account { id } level secret }", rules(types=["Account", "Level"]))
    assert text(result) == "{ secret }"
    assert result.unauthorized == (("account",), ("level",))


def test_an_object_of_which_nothing_is_left_goes_too():
    result = run("{ me { email } secret }", rules(fields=[("User", "email")]))
    assert text(result) == "{ secret }"


def test_nothing_left_at_all_is_no_document():
    assert run("{ me { email } }", rules(fields=[("User", "email")])).document is None


def test_a_named_fragment_is_filtered_wherever_it_is_spread():
    query = "{ me { ...F } users { ...F id } } fragment F on User { email }"
    result = run(query, rules(fields=[("User", "email")]))
    assert text(result) == "{ users { id } }"
    assert result.unauthorized == (("me", "... on User", "email"), ("users", "@", "... on User", "email"))


def test_a_fragment_on_a_protected_type_goes_and_the_others_stay():
    result = run("{ feed { __typename ... on Draft { note } ... on Post { body } } }", rules(types=["Draft"]))
    assert text(result) == "{ feed { __typename ... on Post { body } } }"
    assert result.unauthorized == (("feed", "@", "... on Draft"),)


def test_an_interfaces_field_goes_if_an_implementations_requirement_fails():
    access = rules(fields=[("Draft", "title")])
    assert text(run("{ nodes { id title } }", access)) == "{ nodes { id } }"


def test_an_interface_goes_if_an_implementation_is_protected():
    result = run("{ nodes { id } secret }", rules(types=["Draft"]))
    assert result.unauthorized == (("nodes",),)


def test_naming_the_permitted_implementation_gets_its_fields():
    result = run(
        "{ nodes { ... on Post { id title } } }", rules(types=["Draft"], fields=[("Draft", "title")])
    )
    assert result.unauthorized == ()


def test_a_protected_member_cannot_be_read_through_another_interface():
    result = run("{ feed { ... on Titled { title } } secret }", rules(types=["Draft"]))
    assert text(result) == "{ secret }"
    narrowed = run("{ feed { ... on Post { ... on Titled { title } } } }", rules(types=["Draft"]))
    assert narrowed.unauthorized == ()


def test_scopes_are_an_or_of_ands():
    rule = AccessRule(False, (frozenset({"a", "b"}), frozenset({"c"})), ())
    access = rules(fields={("Query", "secret"): rule})
    for scopes, is_permitted in (({"a"}, False), ({"a", "b"}, True), ({"c"}, True), (set(), False)):
        result = run("{ secret me { id } }", access, AccessDecision(scopes=frozenset(scopes)))
        assert (result.unauthorized == ()) is is_permitted


def test_requirements_of_one_rule_must_all_be_met():
    rule = AccessRule(True, (frozenset({"a"}),), (frozenset({"p"}),))
    full = AccessDecision(authenticated=True, scopes=frozenset({"a"}), policies=frozenset({"p"}))
    assert full.satisfies(rule)
    for missing in (
        AccessDecision(False, full.scopes, full.policies),
        AccessDecision(True, frozenset(), full.policies),
        AccessDecision(True, full.scopes, frozenset()),
    ):
        assert not missing.satisfies(rule)


def test_the_demand_is_what_the_operation_touches_and_decisions_are_cut_to_it():
    access = rules(
        types={"Account": AccessRule(False, (), (frozenset({"p", "q"}),))},
        fields={("Query", "secret"): AccessRule(False, (frozenset({"a"}),), ())},
    )
    document = parse("{ secret account { id } }")
    demand = collect_demand(SCHEMA, access, document, get_operation_ast(document))
    assert (demand.authenticated, demand.scopes, demand.policies) == (False, {"a"}, {"p", "q"})
    decision = demand.decide(authenticated=True, scopes=frozenset({"a", "x"}), policies=frozenset({"p"}))
    assert decision == AccessDecision(False, frozenset({"a"}), frozenset({"p"}))
    untouched = parse("{ me { id } }")
    assert collect_demand(SCHEMA, access, untouched, get_operation_ast(untouched)).is_empty


def test_introspection_fields_are_never_taken_out():
    access = rules(types=["User"])
    assert text(run("{ __typename __schema { description } me { id } }", access)) == (
        "{ __typename __schema { description } }"
    )


def test_a_bomb_of_fragments_is_refused(monkeypatch):
    monkeypatch.setattr(module, "SELECTIONS_MAX", 9)
    small = "{ users { ...A } } fragment A on User { ...B ...B } fragment B on User { id email }"
    assert run(small, rules()).document is not None
    with pytest.raises(RefusedError, match="more than 9 selections"):
        run(small.replace("...B ...B", "...B ...B ...B"), rules())
