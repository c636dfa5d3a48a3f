"""What introspection shows of a schema with access rules."""

from graphql import build_schema, print_schema

from router.policy.authorization import AccessDecision
from router.policy.visible_schema import build_visible_schema, collect_whole_demand
from router.supergraph.access import AccessRule, AccessRules

SCHEMA = build_schema("""
type Query { me: User find(by: Level!): User list(by: Level, n: Int): [User] any: Any node: Node }
type Mutation { erase: Report }
type User implements Node { id: ID! salary: Money level: Level }
type Money { amount: Int }
type Report { lines: [Line] }
type Line { text: String }
type Admin implements Node { id: ID! power: Int }
interface Node { id: ID! }
union Any = Admin
enum Level { LOW HIGH }
""")
LOGIN = AccessRule(authenticated=True, scopes=(), policies=())
STAFF = AccessRule(authenticated=False, scopes=(frozenset({"staff"}),), policies=())
POLICY = AccessRule(authenticated=False, scopes=(), policies=(frozenset({"p"}),))


def show(types, fields, decision=None):
    rules = AccessRules(types, fields)
    return print_schema(build_visible_schema(SCHEMA, rules, decision or AccessDecision()))


def test_without_rules_all_is_shown():
    assert show({}, {}) == print_schema(SCHEMA)


def test_a_hidden_field_goes_with_the_types_that_only_it_led_to():
    shown = show({}, {("User", "salary"): LOGIN})
    assert "salary" not in shown
    assert "Money" not in shown
    assert "level: Level" in shown
    assert show({}, {("User", "salary"): LOGIN}, AccessDecision(authenticated=True)) == print_schema(SCHEMA)


def test_a_mutation_of_which_nothing_is_left_shows_nothing_of_its_answers():
    shown = show({}, {("Mutation", "erase"): STAFF})
    assert "Mutation" not in shown
    assert "Report" not in shown
    assert "Line" not in shown


def test_a_hidden_type_goes_with_what_cannot_be_said_without_it():
    shown = show({"Level": LOGIN, "Admin": STAFF}, {})
    assert "Level" not in shown
    assert "find" not in shown
    assert "list(n: Int): [User]" in shown
    assert "Admin" not in shown
    assert "Any" not in shown
    assert "type User implements Node" in shown


def test_the_query_stays_although_all_of_it_is_hidden():
    shown = show({"Query": LOGIN}, {("Query", name): LOGIN for name in SCHEMA.query_type.fields})
    assert "type Query" in shown
    assert "User" not in shown


def test_the_whole_demand_is_every_rules():
    demand = collect_whole_demand(AccessRules({"User": LOGIN}, {("A", "b"): STAFF, ("A", "c"): POLICY}))
    assert (demand.authenticated, demand.scopes, demand.policies) == (True, {"staff"}, {"p"})
