"""What every subgraph's schema does with errors: a code for each, and nothing of ours in them."""

import logging

import pytest
import strawberry
from strawberry import federation

from subgraphs.common.errors import ForbiddenError, InvalidInputError, ObjectNotFoundError
from subgraphs.common.graphql_types import Node, build_user_error
from subgraphs.common.schema import ERRORS_MAX, SubgraphSchema


class SecretError(Exception):
    """A mistake of ours."""


@federation.type(keys=["id"])
class Thing(Node):
    """An entity."""

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Thing":  # noqa: A002
        if id == "broken":
            raise SecretError("password=hunter2")
        return cls(id=id)


def break_down() -> int | None:
    raise SecretError("password=hunter2")


def forbid() -> int | None:
    raise ForbiddenError


def echo(text: str) -> str:
    return text


@strawberry.type
class Query:
    """Fields that fail."""

    broken: int | None = strawberry.field(resolver=break_down)
    forbidden: int | None = strawberry.field(resolver=forbid)
    echo: str = strawberry.field(resolver=echo)
    thing: Thing | None = None


schema = SubgraphSchema(query=Query, types=[Thing])


async def test_our_mistakes_are_hidden_and_logged_under_an_id(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "subgraphs"):
        result = await schema.execute('{ broken echo(text: "ok") }')
    assert result.errors is not None
    (error,) = result.errors
    assert "hunter2" not in str(error.formatted)
    assert error.extensions is not None
    assert error.extensions["code"] == "INTERNAL_SERVER_ERROR"
    assert result.data == {"broken": None, "echo": "ok"}
    assert error.extensions["errorId"] in caplog.text
    assert "hunter2" in caplog.text


async def test_refusals_are_shown_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    result = await schema.execute("{ forbidden }")
    assert result.errors is not None
    assert [(error.path, error.extensions) for error in result.errors] == [
        (["forbidden"], {"code": "FORBIDDEN"})
    ]
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("operation", "variables", "code"),
    [
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("{" + "a{" * 3000, {}, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{ echo }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query($t: String!) { echo(text: $t) }", {}, "BAD_USER_INPUT"),
        ("query($t: String!) { echo(text: $t) }", {"t": 5}, "BAD_USER_INPUT"),
        ("query($t: String!) { echo(text: $t) }", {"t": "nul\0"}, "BAD_USER_INPUT"),
        ("query($t: String!) { echo(text: $t) }", {"t": "\ud800"}, "BAD_USER_INPUT"),
        ('{ echo(text: "\\u0000") }', {}, "BAD_USER_INPUT"),
    ],
)
async def test_every_error_has_a_code(operation: str, variables: dict[str, object], code: str) -> None:
    for _ in range(2):
        result = await schema.execute(operation, variable_values=variables)
        assert result.errors is not None
        assert [(error.extensions or {}).get("code") for error in result.errors] == [code]
        assert result.data is None


async def test_one_broken_entity_leaves_the_others() -> None:
    result = await schema.execute(
        """{ _entities(representations: [{__typename: "Thing", id: "a"}, {__typename: "Thing", id: "broken"},
             {__typename: "Thing", id: "b", more: 1}, {__typename: "Thing"}]) { ... on Thing { id } } }"""
    )
    assert result.data == {"_entities": [{"id": "a"}, None, {"id": "b"}, None]}
    assert result.errors is not None
    assert [(error.path, (error.extensions or {})["code"]) for error in result.errors] == [
        (["_entities", 1], "INTERNAL_SERVER_ERROR"),
        (["_entities", 3], "BAD_USER_INPUT"),
    ]


def test_refusals_become_user_errors() -> None:
    made = build_user_error(InvalidInputError("No.", ("price", "amount")))
    assert (type(made).__name__, made.message, made.path) == ("ValidationError", "No.", ["price", "amount"])
    assert build_user_error(ObjectNotFoundError("No.")).path is None


async def test_of_very_many_errors_the_first_are_told_and_how_many_more_there_are() -> None:
    query = "query($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
    result = await schema.execute(query, {"r": [{"__typename": "Nothing"}] * (ERRORS_MAX + 2)})
    assert result.errors is not None
    assert [error.path for error in result.errors] == [*(["_entities", i] for i in range(ERRORS_MAX)), None]
    assert result.errors[-1].message == "There are 2 more errors than are told."
