"""Operations from texts: several in one, fragments of other texts, manifests."""

import json

import pytest
from graphql import print_ast

from router import CheckError
from router.checks import read_client_operations
from router.checks.operations.manifest import read_manifest

F = "fragment F on Query { a }"


def names(texts):
    return [(each.name, each.file, each.line) for each in read_client_operations(texts)]


def test_each_operation_has_its_name_and_place():
    assert names({"a.graphql": "query A { a }\nmutation B { b }", "b.graphql": "{ a }"}) == [
        ("A", "a.graphql", 1),
        ("B", "a.graphql", 2),
        ("b.graphql:1", "b.graphql", 1),
    ]


def test_an_operation_has_the_fragments_that_it_needs_and_no_others():
    first, second = read_client_operations(
        {
            "a": "query A { ...G } query B { a }",
            "b": f"{F} fragment G on Query {{ ...F }} fragment H on Query {{ b }}",
        }
    )
    assert [node.name.value for node in first.document.definitions] == ["A", "G", "F"]
    assert [node.name.value for node in second.document.definitions] == ["B"]


def test_fragments_may_be_in_circles_and_may_be_missing():
    circle = "query A { ...F } fragment F on Query { ...G } fragment G on Query { ...F ...Nothing }"
    (operation,) = read_client_operations({"a": circle})
    assert len(operation.document.definitions) == 3


def test_the_own_fragment_counts_first():
    (operation, _) = read_client_operations(
        {"a": f"query A {{ ...F }} {F}", "b": f"query B {{ a }} {F.replace('a ', 'b ')}"}
    )
    assert "{\n  a\n}" in print_ast(operation.document)


def test_copies_of_a_fragment_are_one():
    assert len(names({"a": "query A { ...F }", "b": F, "c": F})) == 1


def test_what_cannot_be_told_is_a_problem():
    with pytest.raises(CheckError) as caught:
        read_client_operations({"a": "query A { ...F } query B { ...F }", "b": F, "c": F.replace("a ", "b ")})
    assert caught.value.problems == (
        "a: fragment F is not the same in b and c, and which one is meant cannot be told",
    )


def test_all_problems_are_told_at_once():
    with pytest.raises(CheckError) as caught:
        read_client_operations({"a": "query {", "b": "}", "c": "{ a }"})
    assert [problem.split(" ")[0] for problem in caught.value.problems] == ["a:1:8:", "b:1:1:"]


@pytest.mark.parametrize("texts", [{}, {"a": F}])
def test_without_any_operation_there_is_no_check(texts):
    with pytest.raises(CheckError, match="there is no operation"):
        read_client_operations(texts)


def test_nesting_without_end_is_a_problem_and_no_crash():
    with pytest.raises(CheckError):
        read_client_operations({"a": "{ a " * 20_000})


def manifest(*operations, **more):
    return json.dumps(
        {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations} | more
    )


def test_a_manifest_gives_its_bodies():
    text = manifest(
        {"id": "1", "name": "A", "type": "query", "body": "query A { a }"}, {"id": "2", "body": "{ a }"}
    )
    assert read_manifest("m.json", text) == {"m.json#A": "query A { a }", "m.json#2": "{ a }"}


def test_old_and_new_operations_of_one_name_are_both_there():
    text = manifest({"name": "A", "body": "query A { a }"}, {"name": "A", "body": "query A { b }"})
    assert list(read_manifest("m.json", text)) == ["m.json#A", "m.json#A-1"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ("[]", "it is no JSON object"),
        ('{"format": "other"}', '"format" is not'),
        (manifest(version=2), "version 2 of the manifest is not known"),
        (manifest(operations={}), '"operations" is no list'),
        (manifest({"name": "A"}), 'operation 0 has no "body"'),
        (manifest("A"), 'operation 0 has no "body"'),
    ],
)
def test_what_is_no_manifest_is_a_problem(text, told):
    with pytest.raises(CheckError, match=told):
        read_manifest("m.json", text)
