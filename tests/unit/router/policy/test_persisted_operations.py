"""Manifests of all forms, and what makes two documents the same."""

import pytest
from graphql import parse

from router.policy.persisted_operations import (
    ManifestError,
    PersistedOperation,
    PersistedOperations,
    is_introspection_only,
    read_manifest,
)


def test_apollos_manifest():
    manifest = {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [
            {"id": "1", "name": "A", "type": "query", "body": "query A { a }"},
            {"id": "1", "name": "A", "type": "query", "body": "query A { b }", "clientName": "web"},
        ],
    }
    assert read_manifest(manifest) == (
        PersistedOperation("1", "query A { a }", "A"),
        PersistedOperation("1", "query A { b }", "A", "web"),
    )
    operations = PersistedOperations(read_manifest(manifest))
    assert operations.find_body("1", None) == operations.find_body("1", "ios") == "query A { a }"
    assert operations.find_body("1", "web") == "query A { b }"
    assert operations.find_body("2", "web") is None


def test_relays_map_of_hashes():
    assert read_manifest({"5d41402a": "query A { a }"}) == (PersistedOperation("5d41402a", "query A { a }"),)


@pytest.mark.parametrize(
    "manifest",
    [
        [],
        "x",
        {"a": 1},
        {"format": "x", "version": 1, "operations": []},
        {"format": "apollo-persisted-query-manifest", "version": 2, "operations": []},
        {"format": "apollo-persisted-query-manifest", "version": 1, "operations": {}},
        {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "1"}]},
    ],
)
def test_what_is_no_manifest_is_refused(manifest):
    with pytest.raises(ManifestError):
        read_manifest(manifest)


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("query A { a ...F } fragment F on Q { b }", True),
        ("# comment\nfragment F on Q{b}query A{a,...F}", True),
        ("query A { a }", False),
        ("query A { ...F a } fragment F on Q { b }", False),
        ("query A { a ...F } fragment F on Q { c: b }", False),
        ("query A { a ...F } query B { a } fragment F on Q { b }", False),
    ],
)
def test_a_document_is_known_whatever_its_spaces_comments_and_order_of_definitions(text, is_known):
    operations = PersistedOperations([PersistedOperation("1", "query A { a ...F } fragment F on Q { b }")])
    assert operations.has_document(text, parse(text)) is is_known


def test_a_body_that_does_not_parse_is_known_by_its_id_only():
    operations = PersistedOperations([PersistedOperation("1", "{")])
    assert operations.find_body("1", None) == "{"
    assert not operations.has_document("{ a }", parse("{ a }"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ __schema { queryType { name } } __typename }", True),
        ('{ ...F } fragment F on Q { ... { __type(name: "A") { name } } ...F }', True),
        ("{ __schema { queryType { name } } a }", False),
        ("{ a: __typename } query B { a }", False),
    ],
)
def test_introspection_and_nothing_else(text, expected):
    assert is_introspection_only(parse(text)) is expected
