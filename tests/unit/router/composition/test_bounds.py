"""What is far too much of something: told at once, and not one by one."""

import pytest

from router import compose
from router.composition.compose import SDL_TOKENS_MAX
from router.composition.schema_faults import ERRORS_MAX

MANY = range(2 * ERRORS_MAX)


@pytest.mark.parametrize(
    "sdl",
    [
        "type Query { a: Int }\n" + "\n".join("type A { a: Int }" for _ in MANY),
        "type Query {" + "\n".join("a: Int" for _ in MANY) + "}",
        "type Query {" + "\n".join(f"a{i}: Nothing{i}" for i in MANY) + "}",
        "type Query implements I { z: Int } interface I {" + "\n".join(f"a{i}: Int" for i in MANY) + "}",
    ],
)
def test_of_many_errors_the_first_are_told_and_that_there_are_more(sdl: str) -> None:
    errors = compose({"a": sdl}).errors

    assert len(errors) == ERRORS_MAX + 1
    assert {error.code for error in errors} == {"INVALID_GRAPHQL"}
    assert any(f"more than {ERRORS_MAX} errors" in error.message for error in errors)


def test_an_sdl_of_too_many_tokens_is_not_read() -> None:
    (error,) = compose({"a": "type Query { a: Int }" + "#\n" + "scalar A " * (SDL_TOKENS_MAX // 2)}).errors

    assert (error.code, f"more than {SDL_TOKENS_MAX} tokens" in error.message) == ("INVALID_GRAPHQL", True)


def test_a_subgraph_has_a_name() -> None:
    (error,) = compose({"": "type Query { a: Int }"}).errors

    assert error.code == "INVALID_SUBGRAPH_NAME"
