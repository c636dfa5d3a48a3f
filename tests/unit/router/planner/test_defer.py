"""Plans with `@defer`: what is fetched apart, what each part waits for, and how it is written."""

from textwrap import dedent

import pytest
from graphql import parse, validate

from router.operation.normalize import DEFERRALS_MAX
from router.picture import draw_plan
from router.planner.errors import PlanningError
from router.planner.planner import DEFER_VARIABLES_MAX
from router.query_plan.nodes import Condition, Defer, Deferred, Fetch, QueryPlan
from router.supergraph.api_schema import allow_defer
from tests.support.federation_plans import Federation, count_fetches

_FEDERATION = Federation(
    {
        "a": """
            type Query { t: T ts: [T!]! plain: Plain its: [I] qa: Int }
            type Mutation { make: T drop: T }
            type T @key(fields: "id") { id: ID! x: Int y: Int u: T plain: Plain }
            type Plain { p: Int q: Int t: T }
            interface I { id: ID! x: Int }
            type A implements I @key(fields: "id") { id: ID! x: Int a: Int }
            type B implements I @key(fields: "id") { id: ID! x: Int b: Int }
        """,
        "b": """
            type Query { qb: Int }
            type Mutation { bump: T }
            type T @key(fields: "id") { id: ID! z: Int w: Int @requires(fields: "x") x: Int @external o: O }
            type O @key(fields: "oid") { oid: ID! }
            type A @key(fields: "id") { id: ID! az: Int }
        """,
        "c": 'type O @key(fields: "oid") { oid: ID! name: String }',
    }
)


def plan(text: str) -> QueryPlan:
    document = parse(text)
    errors = validate(allow_defer(_FEDERATION.supergraph.api_schema), document)
    assert not errors, errors
    return _FEDERATION.planner.plan(document)


def parts(text: str) -> list[Deferred]:
    node = plan(text).node
    assert isinstance(node, Defer)
    return list(node.deferred)


def told(part: Deferred) -> tuple[str, str | None, int]:
    return "/".join(part.path), part.subselection, count_fetches(part.node)


def test_the_text_is_apollos() -> None:
    assert str(plan('{ ts { x ... @defer(label: "l") { y } } }')) == dedent(
        """\
        QueryPlan {
          Defer {
            Primary {
              {
                ts {
                  x
                }
              }:
              Fetch(service: "a", id: 0) {
                {
                  ts {
                    __typename
                    x
                    id
                  }
                }
              }
            }, [
              Deferred(depends: [0], path: "ts", label: "l") {
                {
                  y
                }:
                Flatten(path: "ts.@") {
                  Fetch(service: "a") {
                    {
                      ... on T {
                        __typename
                        id
                      }
                    } =>
                    {
                      ... on T {
                        y
                      }
                    }
                  }
                }
              },
            ]
          }
        }"""
    )


def test_the_json_is_apollos() -> None:
    node = plan('{ t { x ... @defer(label: "l") { y ... @defer { z } } } }').to_json()["node"]
    (deferred,) = node["deferred"]
    (inner,) = deferred["node"]["deferred"]

    assert node["kind"] == "Defer"
    assert node["primary"]["subselection"] == "{ t { x } }"
    assert node["primary"]["node"]["id"] == "0"
    assert list(deferred) == ["depends", "label", "queryPath", "node"]
    assert (deferred["depends"], deferred["label"], deferred["queryPath"]) == ([{"id": "0"}], "l", ["t"])
    assert deferred["node"]["primary"]["subselection"] == "{ y }"
    assert list(inner) == ["depends", "queryPath", "subselection", "node"]
    assert (inner["depends"], inner["subselection"]) == ([{"id": "0"}], "{ z }")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ t { x ... @defer { y } } }", [("t", "{ y }", 1)]),
        ("{ t { x ... @defer { y z } } }", [("t", "{ y z }", 2)]),
        # The key is at hand, and so are fields of what has none.
        ("{ t { x ... @defer { id } } }", [("t", "{ id }", 0)]),
        ("{ plain { p ... @defer { q } } }", [("plain", "{ q }", 0)]),
        ("{ plain { ... @defer { q t { x z } } } }", [("plain", "{ q t { x z } }", 1)]),
        # What it requires comes with the primary part, which has it at hand.
        ("{ t { ... @defer { w } } }", [("t", "{ w }", 1)]),
        ("{ t { x ... @defer { o { name } } } }", [("t", "{ o { name } }", 2)]),
        ("{ ... @defer { qb qa } t { x } }", [("", "{ qb qa }", 2)]),
        ("{ t { u { y } ... @defer { u { x z } } } }", [("t", "{ u { x z } }", 2)]),
        ("{ its { id ... on A @defer { a az } } }", [("its", "{ ... on A { a az } }", 2)]),
        ("{ its { id ... on A { ... @defer { az } } } }", [("its/... on A", "{ az }", 1)]),
        ("{ its { id ... @defer { x } } }", [("its", "{ x }", 0)]),
        ("{ t { x ...F @defer } } fragment F on T { y }", [("t", "{ y }", 1)]),
        ("{ t { x ... @defer { y } ... @defer { y z } } }", [("t", "{ y }", 1), ("t", "{ y z }", 2)]),
        ("mutation { make { x ... @defer { y } } }", [("make", "{ y }", 1)]),
    ],
)
def test_what_each_part_holds_and_fetches(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert [told(part) for part in parts(text)] == expected


def test_what_only_a_deferred_part_needs_is_fetched_in_it() -> None:
    node = plan("{ t { x ... @defer { o { name } } } }").node
    assert isinstance(node, Defer)
    assert isinstance(node.primary.node, Fetch)


def test_a_part_within_a_part_is_in_its_node() -> None:
    (part,) = parts("{ t { ... @defer { ... @defer { y } } } }")

    assert part.subselection is None
    assert isinstance(part.node, Defer)
    assert part.node.primary.node is None
    assert [told(inner) for inner in part.node.deferred] == [("t", "{ y }", 1)]


def test_root_fields_of_a_mutation_run_in_order_and_their_deferred_parts_beside_them() -> None:
    text = "mutation { make { x ... @defer { y } } bump { id ... @defer { z } } drop { x } }"
    node = plan(text).node
    assert isinstance(node, Defer)

    assert count_fetches(node.primary.node) == 3
    assert [part.depends for part in node.deferred] == [("0",), ("1",)]
    assert [told(part)[0] for part in node.deferred] == ["make", "bump"]


def test_conditions_choose_between_plans() -> None:
    node = plan(
        "query ($v: Boolean!, $w: Boolean!) { t { x ... @defer(if: $v) { y } ... @defer(if: $w) { z } } }"
    ).node
    assert isinstance(node, Condition)
    assert isinstance(node.if_node, Condition)
    assert isinstance(node.else_node, Condition)
    both, one, other, none = (
        node.if_node.if_node,
        node.if_node.else_node,
        node.else_node.if_node,
        node.else_node.else_node,
    )

    assert [len(each.deferred) for each in (both, one, other) if isinstance(each, Defer)] == [2, 1, 1]
    assert not isinstance(none, Defer)


def test_more_conditions_than_the_bound_are_refused() -> None:
    def text(count: int) -> str:
        names = [f"v{i}" for i in range(count)]
        declared = ", ".join(f"${name}: Boolean!" for name in names)
        return f"query ({declared}) {{ t {{ {' '.join(f'... @defer(if: ${name}) {{ y }}' for name in names)} }} }}"

    assert isinstance(plan(text(DEFER_VARIABLES_MAX)).node, Condition)
    with pytest.raises(PlanningError, match="variables"):
        plan(text(DEFER_VARIABLES_MAX + 1))


def test_more_deferred_fragments_than_the_bound_are_refused() -> None:
    def text(count: int) -> str:
        return "{ " + " ".join(f"t{i}: t {{ x ... @defer {{ id }} }}" for i in range(count)) + " }"

    assert len(parts(text(DEFERRALS_MAX))) == DEFERRALS_MAX
    with pytest.raises(PlanningError, match="defers more than"):
        plan(text(DEFERRALS_MAX + 1))


def test_what_is_never_deferred_is_planned_as_without_the_directive() -> None:
    text = "{{ t {{ x ... {} {{ y z }} }} ts {{ w }} }}"
    assert plan(text.format("@defer(if: false)")) == plan(text.format(""))
    # Nothing but what no subgraph is asked for.
    assert plan("{ ... @defer { __typename } t { x } }") == plan("{ t { x } }")


def test_the_picture_has_a_frame_for_each_part() -> None:
    picture = draw_plan(plan('{ t { x ... @defer(label: "l") { y } } plain { ... @defer { q } } }'))

    assert "later: l at t" in picture
    assert "later: plain" in picture
    assert "nothing more is fetched" in picture
