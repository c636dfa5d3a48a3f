"""The executor over hand-written plans: what the client gets, and what the subgraphs are asked."""

import pytest
from graphql import build_schema, get_operation_ast, parse

from router.errors import ErrorCode
from router.executor.execute import ExecutionContext, ExecutionResult, Executor
from router.executor.interpret.typenames import read_typenames
from router.executor.options import ErrorExposure, ErrorExposureOptions, ExecutorOptions
from router.executor.transport import SubgraphAnswer, SubgraphTimeoutError, TransportError
from router.operation.shape import build_shape
from router.query_plan.nodes import (
    Condition,
    EntitySelection,
    Fetch,
    KeyRenamer,
    OperationKind,
    Parallel,
    QueryPlan,
    RequiredField,
    RequiredFragment,
    Sequence,
    TypeFilter,
    ValueSetter,
)
from tests.support.stub_subgraph import ScriptedSubgraphs

SCHEMA = """
type Query {
  products: [Product]
  product: Product
  strict: [Product!]!
  matrix: [[Product]]
  media: [Media]
  me: User
  count: Int
}
type Mutation { add(n: Int): Int, multiply(n: Int): Int }
type Product { id: ID! name: String price: Int stock: Int! reviews: [Review] kind: Kind twin: Product size: Float }
type Review { id: ID! author: User body: String }
type User { id: ID! name: String! }
interface Media { id: ID! title: String }
type Book implements Media { id: ID! title: String pages: Int author: User }
type Film implements Media { id: ID! title: String minutes: Int review: Review }
enum Kind { APP GAME }
"""
HIDDEN = "type Secret implements Media { id: ID! title: String }"

SHOWN = ExecutorOptions(error_exposure=ErrorExposureOptions(all=ErrorExposure(is_included=True)))


def key(typename, *names):
    fields = tuple(RequiredField(name, name) for name in ("__typename", *names))
    return (RequiredFragment(typename, fields),)


def root(subgraph, operation="{ x }", **more):
    return Fetch(subgraph, OperationKind.QUERY, operation, **more)


def entities(subgraph, *selections, **more):
    return Fetch(subgraph, OperationKind.QUERY, "query E { _entities }", entities=selections, **more)


PRODUCT_KEY = key("Product", "id")


def at(*path, requires=PRODUCT_KEY, response_key="_entities", variable="representations", **more):
    return EntitySelection(response_key, variable, (path,), requires, **more)


async def run(
    query, node, answers, *, options=SHOWN, **variables
) -> tuple[ExecutionResult, ScriptedSubgraphs]:
    subgraphs = ScriptedSubgraphs(answers)
    schema, document = build_schema(SCHEMA), parse(query)
    operation = get_operation_ast(document)
    shape = build_shape(schema, document, operation, variables)
    executor = Executor(read_typenames(parse(SCHEMA + HIDDEN)), subgraphs.transport, options)
    plan = QueryPlan(OperationKind.QUERY, node)
    result = await executor.execute(plan, shape, ExecutionContext(variables))
    return result, subgraphs


def product(id_, **more):
    return {"__typename": "Product", "id": id_, **more}


async def test_the_answer_has_the_clients_keys_in_the_clients_order_and_nothing_else():
    answer = {"data": {"product": {"_h0": 1, **product("1"), "name": "A", "price": 3}}}
    result, _ = await run("{ product { price __typename name } }", root("a"), {"a": [answer]})
    assert list(result.data["product"].items()) == [("price", 3), ("__typename", "Product"), ("name", "A")]
    assert (result.errors, result.extensions) == ([], {})


async def test_one_representation_stands_for_every_object_that_shares_its_key():
    plan = Sequence((root("a"), entities("b", at("products", "@"))))
    first = {"data": {"products": [product("1"), product("2"), None, product("1")]}}
    second = {"data": {"_entities": [{"name": "one"}, {"name": "two"}]}}
    result, subgraphs = await run("{ products { name } }", plan, {"a": [first], "b": [second]})
    assert result.data == {"products": [{"name": "one"}, {"name": "two"}, None, {"name": "one"}]}
    sent = subgraphs.requests_to("b")[0]["variables"]["representations"]
    assert sent == [{"__typename": "Product", "id": "1"}, {"__typename": "Product", "id": "2"}]


async def test_objects_without_a_key_are_not_asked_for_and_do_not_shift_the_others():
    plan = Sequence((root("a"), entities("b", at("products", "@"))))
    rows = [{"__typename": "Product"}, product(None), product("3")]
    result, subgraphs = await run(
        "{ products { name } }",
        plan,
        {"a": [{"data": {"products": rows}}], "b": [{"data": {"_entities": [{"name": "three"}]}}]},
    )
    assert result.data == {"products": [{"name": None}, {"name": None}, {"name": "three"}]}
    assert len(subgraphs.requests_to("b")[0]["variables"]["representations"]) == 1
    assert result.errors == []


async def test_nothing_to_represent_means_no_request():
    plan = Sequence((root("a"), entities("b", at("products", "@"))))
    result, subgraphs = await run(
        "{ products { name } }", plan, {"a": [{"data": {"products": []}}], "b": [{}]}
    )
    assert result.data == {"products": []}
    assert subgraphs.requests_to("b") == []


async def test_a_null_entity_leaves_its_objects_as_they_are():
    plan = Sequence((root("a"), entities("b", at("products", "@"))))
    first = {"data": {"products": [product("1", name="kept"), product("2")]}}
    second = {"data": {"_entities": [None, {"price": 2}]}}
    result, _ = await run("{ products { name price } }", plan, {"a": [first], "b": [second]})
    assert result.data == {"products": [{"name": "kept", "price": None}, {"name": None, "price": 2}]}


async def test_nested_lists_are_walked_to_their_objects():
    plan = Sequence((root("a"), entities("b", at("matrix", "@", "@"))))
    first = {"data": {"matrix": [[], [product("1"), None], None, [product("2")]]}}
    second = {"data": {"_entities": [{"name": "one"}, {"name": "two"}]}}
    result, _ = await run("{ matrix { name } }", plan, {"a": [first], "b": [second]})
    assert result.data == {"matrix": [[], [{"name": "one"}, None], None, [{"name": "two"}]]}


async def test_a_type_filter_lets_only_its_types_pass():
    selection = at("media", "@", TypeFilter(("Book",)), requires=key("Book", "id"))
    plan = Sequence((root("a"), entities("b", selection)))
    rows = [{"__typename": "Film", "id": "1"}, {"__typename": "Book", "id": "2"}]
    result, subgraphs = await run(
        "{ media { ... on Book { pages } ... on Film { minutes } } }",
        plan,
        {"a": [{"data": {"media": rows}}], "b": [{"data": {"_entities": [{"pages": 9}]}}]},
    )
    assert result.data == {"media": [{"minutes": None}, {"pages": 9}]}
    assert subgraphs.requests_to("b")[0]["variables"]["representations"] == [
        {"__typename": "Book", "id": "2"}
    ]


async def test_a_representation_reads_an_aliased_field_under_its_schema_name():
    requires = (
        RequiredFragment("Product", (RequiredField("__typename", "__typename"), RequiredField("id", "_h0"))),
    )
    plan = Sequence((root("a"), entities("b", at("product", requires=requires))))
    first = {"data": {"product": {"__typename": "Product", "id": "client's own", "_h0": "7"}}}
    result, subgraphs = await run(
        "{ product { id: name price } }",
        plan,
        {"a": [first], "b": [{"data": {"_entities": [{"price": 1}]}}]},
    )
    assert subgraphs.requests_to("b")[0]["variables"]["representations"] == [
        {"__typename": "Product", "id": "7"}
    ]
    assert result.data == {"product": {"id": "client's own", "price": 1}}


async def test_the_typename_is_read_where_the_planner_put_it_when_the_client_took_its_key():
    requires = (RequiredFragment("Product", (RequiredField("__typename", "_h0"), RequiredField("id", "id"))),)
    plan = Sequence((root("a"), entities("b", at("product", requires=requires))))
    first = {"data": {"product": {"__typename": "Book", "_h0": "Product", "id": "7"}}}
    result, subgraphs = await run(
        "{ product { __typename: name price } }",
        plan,
        {"a": [first], "b": [{"data": {"_entities": [{"price": 1}]}}]},
    )
    assert subgraphs.requests_to("b")[0]["variables"]["representations"] == [
        {"__typename": "Product", "id": "7"}
    ]
    assert result.data == {"product": {"__typename": "Book", "price": 1}}


async def test_required_objects_carry_only_what_is_required():
    requires = (
        RequiredFragment(
            "Product",
            (
                RequiredField("__typename", "__typename"),
                RequiredField("id", "id"),
                RequiredField(
                    "reviews", "reviews", (RequiredField("author", "author", (RequiredField("id", "id"),)),)
                ),
            ),
        ),
    )
    plan = Sequence((root("a"), entities("b", at("product", requires=requires))))
    reviews = [{"body": "x", "author": {"id": "u", "name": "n"}}, {"body": "y", "author": None}, None]
    _, subgraphs = await run(
        "{ product { name } }",
        plan,
        {
            "a": [{"data": {"product": product("1", reviews=reviews)}}],
            "b": [{"data": {"_entities": [None]}}],
        },
    )
    sent = subgraphs.requests_to("b")[0]["variables"]["representations"][0]
    assert sent["reviews"] == [{"author": {"id": "u"}}, {"author": None}, None]


async def test_input_rewrites_change_what_is_sent_and_nothing_else():
    rewritten = at("product", input_rewrites=(ValueSetter(("... on Product", "__typename"), "Thing"),))
    plan = Sequence((root("a"), entities("b", rewritten)))
    result, subgraphs = await run(
        "{ product { __typename name } }",
        plan,
        {"a": [{"data": {"product": product("1")}}], "b": [{"data": {"_entities": [{"name": "n"}]}}]},
    )
    assert subgraphs.requests_to("b")[0]["variables"]["representations"] == [
        {"__typename": "Thing", "id": "1"}
    ]
    assert result.data == {"product": {"__typename": "Product", "name": "n"}}


async def test_output_rewrites_undo_aliases_in_data_and_in_error_paths():
    renamer = KeyRenamer(("media", "... on Book", "title__alias_0"), "title")
    answer = {
        "data": {
            "media": [{"__typename": "Film", "title": "f"}, {"__typename": "Book", "title__alias_0": "b"}]
        },
        "errors": [{"message": "odd", "path": ["media", 1, "title__alias_0"]}],
    }
    result, _ = await run("{ media { title } }", root("a", output_rewrites=(renamer,)), {"a": [answer]})
    assert result.data == {"media": [{"title": "f"}, {"title": "b"}]}
    assert result.errors[0].path == ("media", 1, "title")


async def test_a_batch_fills_each_place_from_its_own_list():
    batch = entities(
        "b",
        at("product", response_key="_e0", variable="r0"),
        at("products", "@", response_key="_e1", variable="r1"),
    )
    first = {"data": {"product": product("1"), "products": [product("1"), product("2")]}}
    second = {"data": {"_e0": [{"name": "one"}], "_e1": [{"price": 1}, {"price": 2}]}}
    result, subgraphs = await run(
        "{ product { name } products { price } }", Sequence((root("a"), batch)), {"a": [first], "b": [second]}
    )
    assert result.data == {"product": {"name": "one"}, "products": [{"price": 1}, {"price": 2}]}
    assert set(subgraphs.requests_to("b")[0]["variables"]) == {"r0", "r1"}


@pytest.mark.parametrize(("is_product_asked", "sent"), [(True, [1, 0]), (False, [])])
async def test_a_list_under_a_condition_is_empty_where_it_does_not_hold(is_product_asked, sent):
    selections = (
        at("product", response_key="_e0", variable="r0"),
        at("products", "@", response_key="_e1", variable="r1", conditions=(("c", True),)),
    )
    found = product("1") if is_product_asked else None
    first = {"data": {"product": found, "products": [product("1"), product("2")]}}
    second = {"data": {"_e0": [{"name": "one"}], "_e1": []}}
    result, subgraphs = await run(
        "query ($c: Boolean) { product { name } products { price @include(if: $c) } }",
        Sequence((root("a"), entities("b", *selections))),
        {"a": [first], "b": [second]},
        c=False,
    )
    assert result.errors == []
    assert result.data["products"] == [{}, {}]
    lengths = [len(body["variables"][name]) for body in subgraphs.requests_to("b") for name in ("r0", "r1")]
    assert lengths == sent


async def test_parallel_roots_are_merged_deeply_and_null_overwrites_nothing():
    plan = Parallel((root("a"), root("b")))
    a = {"data": {"products": [product("1", name="A", twin={"id": "t"}), None]}}
    b = {
        "data": {
            "products": [
                {"name": None, "stock": 4, "twin": {"price": 2}},
                product("2", stock=1),
                product("3", stock=0),
            ]
        }
    }
    result, _ = await run("{ products { name stock twin { id price } } }", plan, {"a": [a], "b": [b]})
    assert result.data == {
        "products": [
            {"name": "A", "stock": 4, "twin": {"id": "t", "price": 2}},
            {"name": None, "stock": 1, "twin": None},
            {"name": None, "stock": 0, "twin": None},
        ]
    }


async def test_an_interfaces_name_never_replaces_a_real_typename():
    plan = Parallel((root("a"), root("b")))
    a = {"data": {"media": [{"__typename": "Book", "id": "1"}]}}
    b = {"data": {"media": [{"__typename": "Media", "title": "t"}]}}
    result, _ = await run("{ media { __typename title } }", plan, {"a": [a], "b": [b]})
    assert result.data == {"media": [{"__typename": "Book", "title": "t"}]}


async def test_entities_in_two_places_do_not_share_what_is_below_them():
    plan = Sequence(
        (
            root("a"),
            entities("b", at("products", "@")),
            entities("c", at("products", "@", TypeFilter(("Product",)), "twin")),
        )
    )
    first = {"data": {"products": [product("1"), product("1")]}}
    second = {"data": {"_entities": [{"twin": product("2")}]}}
    third = {"data": {"_entities": [{"name": "two"}]}}
    result, subgraphs = await run(
        "{ products { twin { name } } }", plan, {"a": [first], "b": [second], "c": [third]}
    )
    assert result.data == {"products": [{"twin": {"name": "two"}}, {"twin": {"name": "two"}}]}
    assert len(subgraphs.requests_to("c")[0]["variables"]["representations"]) == 1


async def test_conditions_choose_by_the_variable():
    plan = Condition("c", if_node=root("a"), else_node=root("b"))
    query = "query ($c: Boolean!) { count @include(if: $c) me @skip(if: $c) { name } }"
    answers = {"a": [{"data": {"count": 1}}], "b": [{"data": {"me": {"name": "N"}}}]}
    yes, _ = await run(query, plan, answers, c=True)
    no, _ = await run(query, plan, answers, c=False)
    assert (yes.data, no.data) == ({"count": 1}, {"me": {"name": "N"}})


async def test_a_fetch_is_sent_only_the_variables_that_it_uses():
    _, subgraphs = await run(
        "query ($x: Int, $y: Int) { count }",
        root("a", variable_usages=("x", "z")),
        {"a": [{"data": {}}]},
        x=1,
        y=2,
    )
    assert subgraphs.requests_to("a")[0]["variables"] == {"x": 1}


async def test_a_sequence_waits_for_each_node():
    plan = Sequence((root("a", "mutation{add}"), root("b", "mutation{multiply}"), root("a", "mutation{add}")))
    _, subgraphs = await run("{ count }", plan, {"a": [{"data": {}}], "b": [{"data": {}}]})
    assert [name for name, _ in subgraphs.requests] == ["a", "b", "a"]


async def test_a_null_in_a_non_null_place_rises_to_the_nearest_nullable_parent():
    answer = {"data": {"products": [product("1", stock=None), product("2", stock=2)], "count": 1}}
    result, _ = await run("{ products { id stock } count }", root("a"), {"a": [answer]})
    assert result.data == {"products": [None, {"id": "2", "stock": 2}], "count": 1}
    assert result.extensions == {
        "valueCompletion": [
            {
                "message": "Cannot return null for non-nullable field Product.stock.",
                "path": ["products", 0, "stock"],
            }
        ]
    }


async def test_a_null_in_a_chain_of_non_nulls_reaches_the_root_and_is_reported_once():
    result, _ = await run(
        "{ strict { id } count }", root("a"), {"a": [{"data": {"strict": [None], "count": 1}}]}
    )
    assert result.data is None
    assert [entry["path"] for entry in result.extensions["valueCompletion"]] == [["strict", 0]]


async def test_leaves_are_coerced_or_nulled_by_the_api_schema():
    wrong = product(3, name=4, price=2**31, kind="SECRET_KIND", size=True)
    result, _ = await run(
        "{ product { id name price kind size } }", root("a"), {"a": [{"data": {"product": wrong}}]}
    )
    assert result.data == {"product": {"id": "3", "name": None, "price": None, "kind": None, "size": None}}
    messages = [entry["message"] for entry in result.extensions["valueCompletion"]]
    assert messages == [
        f"Invalid value found for field Product.{name}." for name in ("name", "price", "kind", "size")
    ]


async def test_a_hidden_type_is_null_and_its_name_is_not_told():
    rows = [
        {"__typename": "Secret", "id": "1", "title": "s"},
        {"__typename": "Book", "id": "2", "title": "b"},
    ]
    result, _ = await run("{ media { title } }", root("a"), {"a": [{"data": {"media": rows}}]})
    assert result.data == {"media": [None, {"title": "b"}]}
    assert "Secret" not in str(result.extensions)


async def test_a_typename_that_cannot_stand_there_is_null():
    rows = [{"__typename": name, "title": "t"} for name in ("User", "Kind", "Nothing", "Query", "Media")]
    result, _ = await run("{ media { title } }", root("a"), {"a": [{"data": {"media": rows}}]})
    assert result.data == {"media": [None, None, None, None, {"title": "t"}]}


async def test_an_interface_objects_own_fields_need_no_real_type():
    rows = [{"title": "x"}, {"__typename": "Media", "title": "y"}]
    result, _ = await run(
        "{ media { title ... on Book { pages } } }", root("a"), {"a": [{"data": {"media": rows}}]}
    )
    assert result.data == {"media": [{"title": "x"}, {"title": "y"}]}


async def test_a_fragment_of_another_type_gives_an_empty_object():
    rows = [{"__typename": "Film", "id": "1"}]
    result, _ = await run(
        "{ media { ... on Book { pages } } }", root("a"), {"a": [{"data": {"media": rows}}]}
    )
    assert result.data == {"media": [{}]}


async def test_values_of_the_wrong_shape_are_null():
    answer = {"data": {"product": [1], "products": {"id": 1}, "me": "x", "count": [1]}}
    result, _ = await run("{ product { id } products { id } me { id } count }", root("a"), {"a": [answer]})
    assert result.data == {"product": None, "products": None, "me": None, "count": None}
    assert len(result.extensions["valueCompletion"]) == 4


async def test_introspection_is_answered_from_the_api_schema_in_the_clients_order():
    query = (
        '{ b: __type(name: "Kind") { enumValues { name } } count __schema { queryType { name } } __typename }'
    )
    result, subgraphs = await run(query, root("a", "{ count }"), {"a": [{"data": {"count": 2}}]})
    assert list(result.data) == ["b", "count", "__schema", "__typename"]
    assert result.data["b"] == {"enumValues": [{"name": "APP"}, {"name": "GAME"}]}
    assert (result.data["count"], result.data["__typename"]) == (2, "Query")
    assert len(subgraphs.requests) == 1


async def test_an_entitys_error_is_reported_at_every_place_of_the_entity():
    plan = Sequence((root("a"), entities("b", at("products", "@"))))
    first = {"data": {"products": [product("1"), product("2"), product("1")]}}
    second = {
        "data": {"_entities": [{"name": None}, {"name": "two"}]},
        "errors": [
            {
                "message": "broken",
                "path": ["_entities", 0, "name"],
                "locations": [{"line": 1, "column": 1}],
                "extensions": {"code": "X"},
            }
        ],
    }
    result, _ = await run("{ products { name } }", plan, {"a": [first], "b": [second]})
    assert [error.path for error in result.errors] == [("products", 0, "name"), ("products", 2, "name")]
    assert result.errors[0].write() == {
        "message": "broken",
        "path": ["products", 0, "name"],
        "extensions": {"service": "b", "code": "X"},
    }
    assert result.data["products"][1] == {"name": "two"}


async def test_an_error_of_something_hidden_is_placed_at_what_the_client_knows():
    answer = {
        "data": {"product": {"name": "n"}},
        "errors": [{"message": "m", "path": ["product", "_h0", "x"]}],
    }
    result, _ = await run("{ product { name } }", root("a"), {"a": [answer]})
    assert result.errors[0].path == ("product",)
    assert result.errors[0].extensions["code"] == ErrorCode.DOWNSTREAM_SERVICE_ERROR


@pytest.mark.parametrize(
    ("path", "placed"),
    [
        # Whatever type the object is of: both call something `x`, and it is not the same.
        (["media", 0, "x", "name"], ("media", 0, "x", "name")),
        (["media", 0, "x", "body"], ("media", 0, "x", "body")),
        (["media", 0, "x", 0], ("media", 0, "x")),
        (["media", 0, 1], ("media", 0)),
        ([0], None),
        (["media", True, "x"], ("media",)),
        (["media", 0, None, "x"], ("media", 0)),
    ],
)
async def test_an_errors_path_ends_where_it_leads_to_nothing_that_was_asked_for(path, placed):
    answer = {"data": {"media": []}, "errors": [{"message": "m", "path": path, "extensions": {"code": None}}]}
    query = "{ media { ... on Book { x: author { name } } ... on Film { x: review { body } } } }"
    result, _ = await run(query, root("a"), {"a": [answer]})
    assert result.errors[0].path == placed
    assert result.errors[0].extensions["code"] == ErrorCode.DOWNSTREAM_SERVICE_ERROR


async def test_an_error_with_a_foreign_path_is_placed_where_the_fetch_belongs():
    plan = Sequence((root("a"), entities("b", at("products", "@"))))
    second = {
        "data": {"_entities": [None]},
        "errors": [{"message": "m", "path": ["_entities", 7]}, {"message": "n"}],
    }
    result, _ = await run(
        "{ products { name } }", plan, {"a": [{"data": {"products": [product("1")]}}], "b": [second]}
    )
    assert [error.path for error in result.errors] == [("products",), ("products",)]


async def fail(answer, **more):
    plan = Sequence((root("a"), entities("b", at("products", "@"))))
    first = {"data": {"products": [product("1", price=5)]}}
    result, _ = await run("{ products { price name } }", plan, {"a": [first], "b": [answer]}, **more)
    assert result.data == {"products": [{"price": 5, "name": None}]}
    assert len(result.errors) == 1
    return result.errors[0].write()


async def test_a_subgraph_that_is_down_costs_its_own_fields_only():
    assert await fail(TransportError("connection refused")) == {
        "message": "HTTP fetch failed from 'b': connection refused",
        "path": ["products"],
        "extensions": {"service": "b", "code": "SUBREQUEST_HTTP_ERROR", "reason": "connection refused"},
    }


async def test_a_failing_status_is_an_http_error_with_its_status():
    html = SubgraphAnswer(503, b"<html>", {"content-type": "text/html"})
    error = await fail(html)
    assert error["message"] == "HTTP fetch failed from 'b': 503: Service Unavailable"
    assert error["extensions"]["http"] == {"status": 503}


async def test_data_under_a_failing_status_counts_and_the_status_is_reported():
    body = b'{"data":{"_entities":[{"name":null}]}}'
    error = await fail(SubgraphAnswer(500, body))
    assert error["extensions"]["code"] == "SUBREQUEST_HTTP_ERROR"


async def test_a_timeout_has_apollos_code():
    assert (await fail(SubgraphTimeoutError()))["extensions"]["code"] == "GATEWAY_TIMEOUT"


async def test_answers_that_are_no_graphql_responses_are_malformed():
    for body in (
        b"",
        b"[]",
        b"{",
        b'{"data":1}',
        b'{"errors":{}}',
        b"{}",
        b'{"data":null}',
    ):
        error = await fail(SubgraphAnswer(200, body))
        assert error["extensions"]["code"] == "SUBREQUEST_MALFORMED_RESPONSE", body
        assert error["message"].startswith("service 'b' response was malformed: ")


async def test_entities_of_the_wrong_length_or_kind_are_believed_in_nothing():
    for wrong in ([], [{"name": "x"}, {"name": "y"}], {"name": "x"}, ["x"], None):
        error = await fail({"data": {"_entities": wrong}})
        assert error["extensions"]["code"] == "SUBREQUEST_MALFORMED_RESPONSE", wrong


async def test_an_answer_that_is_not_json_by_its_own_word_is_refused():
    error = await fail(SubgraphAnswer(200, b'{"data":{}}', {"content-type": "text/plain"}))
    assert error["extensions"]["code"] == "SUBREQUEST_HTTP_ERROR"
    assert "text/plain" in error["message"]


async def test_subgraph_errors_are_redacted_unless_included():
    redacted = await fail(
        {"data": None, "errors": [{"message": "secret", "extensions": {"k": 1}}]}, options=None
    )
    assert redacted == {"message": "Subgraph errors redacted", "path": ["products"]}


async def test_a_failed_root_fetch_leaves_nulls():
    result, _ = await run("{ count me { id } }", root("a"), {"a": [TransportError("down")]})
    assert result.data == {"count": None, "me": None}
    assert result.errors[0].path is None


async def test_fetches_after_a_failed_one_have_nothing_to_ask():
    plan = Sequence((root("a"), entities("b", at("product"))))
    result, subgraphs = await run("{ product { name } }", plan, {"a": [TransportError("down")], "b": [{}]})
    assert result.data == {"product": None}
    assert subgraphs.requests_to("b") == []
    assert len(result.errors) == 1


async def test_a_root_fetch_below_a_field_is_merged_there():
    plan = Sequence((root("a"), root("b", path=("product",))))
    result, subgraphs = await run(
        "{ product { name price } }",
        plan,
        {"a": [{"data": {"product": {"name": "n"}}}], "b": [{"data": {"price": 3}}]},
    )
    assert result.data == {"product": {"name": "n", "price": 3}}
    nothing, subgraphs = await run(
        "{ product { name } }", plan, {"a": [{"data": {"product": None}}], "b": [{}]}
    )
    assert nothing.data == {"product": None}
    assert subgraphs.requests_to("b") == []
