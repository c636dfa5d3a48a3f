"""Bounds of an operation, and that looking for them costs no more than reading it."""

import pytest
from graphql import build_schema, parse, validate

from subgraphs.common.limits import ALIASES_MAX, DEPTH_MAX, OperationLimits

SCHEMA = build_schema("type Query { me: Query leaf: Int }")


def faults(operation: str) -> list[str]:
    return [error.message for error in validate(SCHEMA, parse(operation), [OperationLimits])]


def nest(depth: int, inner: str = "leaf") -> str:
    return "{ me " * depth + "{ " + inner + " }" + " }" * depth


def test_depth_at_the_bound_and_past_it() -> None:
    assert faults(nest(DEPTH_MAX)) == []
    assert faults(nest(DEPTH_MAX + 1)) == [f"An operation is at most {DEPTH_MAX} levels deep."]
    through_fragments = nest(DEPTH_MAX, "...A") + " fragment A on Query { ... on Query { me { leaf } } }"
    assert len(faults(through_fragments)) == 1
    assert faults(nest(DEPTH_MAX, "...A") + " fragment A on Query { ... on Query { leaf } }") == []


def test_introspection_may_be_deep() -> None:
    of_type = "{ ofType " * 30 + "{ name }" + " }" * 30
    assert faults('{ __type(name: "Query") ' + of_type + " }") == []


def test_aliases_at_the_bound_and_past_it() -> None:
    fields = [f"a{i}: leaf" for i in range(ALIASES_MAX)]
    assert faults("{ " + " ".join(fields) + " }") == []
    assert faults("{ one_more: leaf " + " ".join(fields) + " }") == [
        f"An operation has at most {ALIASES_MAX} aliases."
    ]
    assert len(faults("{ ...A me { ...A } } fragment A on Query { " + " ".join(fields[:101]) + " }")) == 1


def test_each_operation_is_measured() -> None:
    assert len(faults(f"query A {nest(21)} query B {nest(1)} query C {nest(22)}")) == 2


@pytest.mark.parametrize("length", [10, 60])
def test_fragments_that_double_again_and_again_are_measured_once_each(length: int) -> None:
    # Followed spread by spread this is 2 to the power of the length: it would not end.
    chain = "".join(f" fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(length))
    assert faults("{ ...F0 }" + chain + f" fragment F{length} on Query {{ a: leaf }}") == [
        f"An operation has at most {ALIASES_MAX} aliases."
    ]


@pytest.mark.parametrize(
    "operation", ["{ ...A } fragment A on Query { leaf ...A }", "{ ...A ...B } fragment A on Query { ...B }"]
)
def test_fragments_that_are_not_there_or_contain_themselves_are_left_to_other_rules(operation: str) -> None:
    assert faults(operation) == []


def test_an_empty_selection_is_left_to_other_rules() -> None:
    assert faults("{ me {} }") == []
