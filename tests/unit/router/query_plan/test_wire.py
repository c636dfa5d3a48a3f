"""Apollo's JSON form of plans."""

from router.query_plan.nodes import KeyRenamer, OperationKind, QueryPlan, TypeFilter
from router.query_plan.wire import write_path
from tests.support.federation_plans import Federation

_FEDERATION = Federation(
    {
        "a": "type Query { i: Item tops: [Item!]! us: [U!]! } union U = U1 | U2 type U1 { id: ID! @shareable } type U2 { id: ID @shareable } "
        'type Item @key(fields: "id") { id: ID! name: String } type Subscription { s: Item }',
        "b": 'type Item @key(fields: "id") { id: ID! p(n: Int): Int q: Int } type U1 { id: ID @shareable }',
    }
)


def test_a_plan_without_fetches_has_no_node() -> None:
    assert QueryPlan(OperationKind.QUERY, None).to_json() == {"kind": "QueryPlan"}


def test_fetches_and_their_requirements() -> None:
    plan = _FEDERATION.plan("query Q($n: Int) { i { p(n: $n) } }").to_json()
    root, entity = plan["node"]["nodes"]
    assert plan["node"]["kind"] == "Sequence"
    assert root == {
        "kind": "Fetch",
        "serviceName": "a",
        "operationKind": "query",
        "operation": "query Q__a__0 { i { __typename id } }",
        "variableUsages": [],
        "operationName": "Q__a__0",
    }
    assert entity["kind"] == "Flatten"
    assert entity["path"] == ["i"]
    assert entity["node"]["variableUsages"] == ["n"]
    assert entity["node"]["requires"] == [
        {
            "kind": "InlineFragment",
            "typeCondition": "Item",
            "selections": [{"kind": "Field", "name": "__typename"}, {"kind": "Field", "name": "id"}],
        }
    ]


def test_a_required_field_under_another_key_has_an_alias() -> None:
    plan = _FEDERATION.plan("{ i { id: name q } }").to_json()
    selections = plan["node"]["nodes"][1]["node"]["requires"][0]["selections"]
    assert selections[1] == {"kind": "Field", "alias": "id", "name": "_h0"}


def test_a_list_under_a_condition_is_a_part_of_its_request_under_it() -> None:
    plan = _FEDERATION.plan("query ($c: Boolean!) { i { p } tops { q @skip(if: $c) } }").to_json()
    always, at_times = plan["node"]["nodes"][1]["nodes"]
    assert always["kind"] == "Flatten"
    assert (at_times["kind"], at_times["condition"]) == ("Condition", "c")
    assert always["node"]["batch"] == at_times["elseClause"]["node"]["batch"]
    assert "$c" not in at_times["elseClause"]["node"]["operation"]


def test_a_request_for_several_places_becomes_parallel_fetches() -> None:
    plan = _FEDERATION.plan("query ($n: Int = 1) { i { p(n: $n) } tops { q } }").to_json()
    parallel = plan["node"]["nodes"][1]
    assert parallel["kind"] == "Parallel"
    assert [node["path"] for node in parallel["nodes"]] == [["i"], ["tops", "@"]]
    fetches = [node["node"] for node in parallel["nodes"]]
    assert [fetch["variableUsages"] for fetch in fetches] == [["n"], []]
    assert fetches[0]["operation"].startswith("query($representations0: [_Any!]!, $n: Int = 1) { _entities(")
    assert "$n" not in fetches[1]["operation"]


def test_conditions_and_subscriptions() -> None:
    plan = _FEDERATION.plan("query ($c: Boolean!) { i { q @skip(if: $c) } }").to_json()
    condition = plan["node"]["nodes"][1]
    assert (condition["kind"], condition["condition"], condition["elseClause"]["kind"]) == (
        "Condition",
        "c",
        "Flatten",
    )
    assert "ifClause" not in condition
    plan = _FEDERATION.plan("subscription { s { q } }").to_json()
    assert plan["node"]["kind"] == "Subscription"
    assert plan["node"]["primary"]["operationKind"] == "subscription"
    assert plan["node"]["rest"]["path"] == ["s"]


def test_renamings_are_written() -> None:
    plan = _FEDERATION.plan("{ us { ... on U1 { id } ... on U2 { id } } }").to_json()
    assert plan["node"]["outputRewrites"] == [
        {"kind": "KeyRenamer", "path": ["us", "... on U2", "_r0"], "renameKeyTo": "id"}
    ]
    assert KeyRenamer(("us", "... on U2", "_r0"), "id").name == "id"


def test_a_type_filter_is_glued_to_the_element_before_it() -> None:
    assert write_path(("all", "@", TypeFilter(("A", "B")), "x")) == ["all", "@|[A,B]", "x"]
    assert write_path((TypeFilter(("A",)), "x")) == ["|[A]", "x"]
