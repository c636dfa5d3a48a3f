"""Whatever an operation looks like, what its caller may not see is neither asked for nor answered."""

import json
import re

import httpx
import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_non_null_type,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from router import Supergraph
from tests.support.small_graph import SUPERGRAPH, SmallGraph

PROTECTED_VALUES = {"ann@example.org", 7, "LD", "d1", "n", "s"}
"""Those of fields that nobody may see without a token; each is the value of no other field."""

PROTECTED_FIELDS = re.compile(r"\b(email|risk|note|secret)\b")

SCHEMA = Supergraph.read(SUPERGRAPH).api_schema


def leaves(value):
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


async def ask(query, variables=None, config=None, accept="*/*"):
    """The answer to an anonymous caller, and what the subgraphs were asked."""
    graph = SmallGraph()
    app = graph.build_app(config)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answer = await client.post(
            "/", json={"query": query, "variables": variables or {}}, headers={"accept": accept}
        )
    await app.close()
    asked = [each["query"] for subgraph in (graph.products, graph.users) for each in subgraph.requests]
    return answer, asked


def check(answer, asked):
    assert not PROTECTED_VALUES & set(leaves(answer.json().get("data")))
    assert not PROTECTED_VALUES & {
        leaf for leaf in leaves(answer.json().get("errors", [])) if isinstance(leaf, str)
    }
    for query in asked:
        assert not PROTECTED_FIELDS.search(query), query


@pytest.mark.parametrize(
    "query",
    [
        "{ me { x: email } }",
        "{ a: me { b: email } c: me { email } }",
        "{ me { ...F } } fragment F on User { email }",
        "{ me { ...F } } fragment F on User { ...G } fragment G on User { ... { x: email } }",
        "{ me { ... on User { ... on User { email } } } }",
        "{ products { seller { email } } }",
        "{ products { seller { ... on User { x: risk } } } }",
        "{ search { ... on Draft { note } } }",
        "{ search { ... on Node { id label } } }",
        "{ search { ... on Node { ... on Draft { note label } } } }",
        "{ search { ... on Node { ... on Node { x: label } } } }",
        "{ search { ...F } } fragment F on Node { id ... on Draft { note } }",
        "{ nodes { id label } }",
        "{ nodes { ... on Draft { id } } }",
        "{ nodes { ...F } } fragment F on Node { label }",
        "{ nodes { ... on Product { id } ... on Draft { id: note } } }",
        "{ nodes { ... on Product { id } label } }",
        "{ nodes { ... @include(if: true) { label } } }",
        "{ me { email @include(if: true) } }",
        "{ me { email @skip(if: false) } }",
        "query ($v: Boolean = true) { me { email @include(if: $v) } }",
        "query ($v: Boolean = false) { me { ... @skip(if: $v) { email } } }",
        "{ me { id ... @defer { email } } }",
        "{ secret }",
        "{ x: secret }",
        "{ ... { ... on Query { secret } } }",
        "query A { me { id } } query B { secret }",
        '{ _entities(representations: [{__typename: "User", id: "u1"}]) { ... on User { email } } }',
        "{ _service { sdl } }",
        "{ me { __typename email } __schema { queryType { name } } }",
        'mutation { rename(id: "p1", name: "x") { seller { email } } }',
        'mutation { a: rename(id: "p1", name: "x") { id } b: rename(id: "p1", name: "y") { seller { x: risk } } }',
    ],
)
async def test_no_form_of_an_operation_gets_around_the_directives(query):
    check(*await ask(query))


@pytest.mark.parametrize("place", ["errors", "extensions", "disabled"])
async def test_wherever_the_response_says_it_no_value_is_told(place):
    config = {"authorization": {"directives": {"errors": {"response": place}}}}
    answer, asked = await ask("{ me { name email } nodes { label } }", config=config)
    check(answer, asked)
    assert answer.json()["data"]["me"] == {"name": "Ann", "email": None}


async def test_a_mutation_that_is_not_permitted_is_not_sent():
    answer, asked = await ask('mutation { rename(id: "p1", name: "x") { id } }')
    assert answer.json()["data"] is None
    assert asked == []


@pytest.mark.parametrize("config", [{"batching": {"enabled": True}}, {}])
async def test_a_token_of_one_operation_opens_no_other(config):
    """Plans and decisions are kept by what the caller may see."""
    graph = SmallGraph()
    app = graph.build_app(config, policies={})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        for _ in range(3):
            answer = await client.post("/", json={"query": "{ me { email } nodes { label } }"})
            check(answer, [])
    await app.close()


@st.composite
def operations(draw):
    """Random operations: aliases, fragments with and without names, directives, abstract types."""
    fragments, names = [], iter(range(1_000_000))

    def select(parent, depth):
        chosen = [
            draw(st.sampled_from(["field", "field", "field", "inline", "named", "typename"]))
            for _ in range(draw(st.integers(1, 3)))
        ]
        return "{ " + " ".join(write(kind, parent, depth) for kind in chosen) + " }"

    def write(kind, parent, depth):
        directive = draw(st.sampled_from(["", "", " @include(if: true)", " @skip(if: $no)"]))
        if kind == "inline" and depth:
            condition = draw(st.sampled_from([None, *overlapping(parent)]))
            on = f" on {condition.name}" if condition else ""
            return f"...{on}{directive} {select(condition or parent, depth - 1)}"
        if kind == "named" and depth:
            condition = draw(st.sampled_from(overlapping(parent)))
            name = f"F{next(names)}"
            fragments.append(f"fragment {name} on {condition.name} {select(condition, depth - 1)}")
            return f"...{name}{directive}"
        if kind == "typename" or isinstance(parent, GraphQLUnionType):
            return f"a{next(names)}: __typename{directive}"
        name, field = draw(st.sampled_from(sorted(parent.fields.items())))
        returned = get_named_type(field.type)
        arguments = ", ".join(
            f"{key}: {json.dumps(f'p{1}')}" for key, each in field.args.items() if is_non_null_type(each.type)
        )
        below = ""
        if is_composite_type(returned):
            if not depth:
                return f"a{next(names)}: __typename"
            below = " " + select(returned, depth - 1)
        given = f"({arguments})" if arguments else ""
        return f"a{next(names)}: {name}{given}{directive}{below}"

    kind = draw(st.sampled_from(["query", "query", "query", "mutation"]))
    root = SCHEMA.query_type if kind == "query" else SCHEMA.mutation_type
    text = " ".join([select(root, 4), *fragments])
    return f"{kind} ($no: Boolean = false) {text}" if "$no" in text else f"{kind} {text}"


def overlapping(parent):
    """The types that a fragment on `parent` may name."""
    mine = set(SCHEMA.get_possible_types(parent)) if not isinstance(parent, GraphQLObjectType) else {parent}
    return [
        each
        for each in SCHEMA.type_map.values()
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
        and not each.name.startswith("__")
        and mine
        & (set(SCHEMA.get_possible_types(each)) if not isinstance(each, GraphQLObjectType) else {each})
    ]


@settings(max_examples=150)
@given(operations())
async def test_no_random_operation_gets_around_the_directives(operation):
    answer, asked = await ask(operation, {"no": False})
    assert answer.status_code == 200, answer.text
    check(answer, asked)


async def test_random_operations_do_get_what_anybody_may_see():
    """The law above would hold for a router that answers nothing."""
    answer, asked = await ask(
        "{ a: me { ... on User { b: name } } c: nodes { ... on Product { d: label } } }"
    )
    assert answer.json()["data"] == {"a": {"b": "Ann"}, "c": [{"d": "L1"}, {}]}
    assert len(asked) == 2
