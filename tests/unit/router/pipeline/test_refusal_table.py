"""Every way to say no, as clients see it: situation, status, code, message. Apollo Router's, to the letter."""

import httpx
import pytest

from tests.support.small_graph import SmallGraph

DEEP = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"

LIMITS = [
    (
        "tokens",
        {"parser_max_tokens": 5},
        "{ me { id } }",
        "PARSING_ERROR",
        "token limit reached, aborting lexing",
    ),
    (
        "nesting",
        {"parser_max_recursion": 1},
        "{ me { id } }",
        "PARSING_ERROR",
        "parser recursion limit reached",
    ),
    (
        "depth",
        {"max_depth": 1},
        "{ me { id } }",
        "MAX_DEPTH_LIMIT",
        "Maximum depth limit exceeded in this operation",
    ),
    (
        "height",
        {"max_height": 1},
        "{ me { id } }",
        "MAX_HEIGHT_LIMIT",
        "Maximum height (field count) limit exceeded in this operation",
    ),
    (
        "root fields",
        {"max_root_fields": 1},
        "{ me { id } products { id } }",
        "MAX_ROOT_FIELDS_LIMIT",
        "Maximum root fields limit exceeded in this operation",
    ),
    (
        "aliases",
        {"max_aliases": 1},
        "{ a: me { b: id } }",
        "MAX_ALIASES_LIMIT",
        "Maximum aliases limit exceeded in this operation",
    ),
    ("introspection depth", {}, DEEP, "GRAPHQL_VALIDATION_FAILED", "Maximum introspection depth exceeded"),
]

TABLE = [
    *(
        (name, {"limits": limits}, {"query": query}, 400, code, message)
        for name, limits, query, code, message in LIMITS
    ),
    (
        "body too large",
        {"limits": {"http_max_request_bytes": 10}},
        {"query": "{ me { id } }"},
        413,
        "INVALID_GRAPHQL_REQUEST",
        "Request body payload too large",
    ),
    (
        "mutations forbidden",
        {"forbid_mutations": True},
        {"query": 'mutation { rename(id: "p1", name: "N") { id } }'},
        400,
        "MUTATION_FORBIDDEN",
        "Mutations are forbidden",
    ),
    (
        "introspection off",
        {"supergraph": {}},
        {"query": "{ __schema { queryType { name } } }"},
        400,
        "INTROSPECTION_DISABLED",
        "introspection has been disabled",
    ),
    (
        "no suggestions",
        {"supergraph": {}},
        {"query": "{ mee { id } }"},
        400,
        "GRAPHQL_VALIDATION_FAILED",
        "Cannot query field 'mee' on type 'Query'.",
    ),
    (
        "suggestions where introspection is on",
        {},
        {"query": "{ mee { id } }"},
        400,
        "GRAPHQL_VALIDATION_FAILED",
        "Cannot query field 'mee' on type 'Query'. Did you mean 'me'?",
    ),
    (
        "validation redacted",
        {"supergraph": {"redact_query_validation_errors": True}},
        {"query": "{ mee { id } you }"},
        400,
        "UNKNOWN_ERROR",
        "invalid query",
    ),
    ("no document", {}, {}, 400, "INVALID_GRAPHQL_REQUEST", "Invalid GraphQL request"),
    ("blank document", {}, {"query": " "}, 400, "MISSING_QUERY_STRING", "Must provide query string."),
    (
        "unknown operation",
        {},
        {"query": "query A { me { id } }", "operationName": "B"},
        400,
        "GRAPHQL_UNKNOWN_OPERATION_NAME",
        'Unknown operation named "B"',
    ),
    (
        "unknown hash",
        {},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
        200,
        "PERSISTED_QUERY_NOT_FOUND",
        "PersistedQueryNotFound",
    ),
    (
        "wrong hash",
        {},
        {"query": "{ me { id } }", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
        400,
        "PERSISTED_QUERY_HASH_MISMATCH",
        "provided sha does not match query",
    ),
    (
        "hashes off",
        {"apq": {"enabled": False}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
        200,
        "PERSISTED_QUERY_NOT_SUPPORTED",
        "PersistedQueryNotSupported",
    ),
    (
        "anonymous",
        {"authorization": {"require_authentication": True}},
        {"query": "{ me { id } }"},
        401,
        "AUTH_ERROR",
        "unauthenticated",
    ),
    (
        "nothing permitted",
        {},
        {"query": "{ secret }"},
        200,
        "UNAUTHORIZED_FIELD_OR_TYPE",
        "Unauthorized field or type",
    ),
    (
        "too expensive",
        {
            "demand_control": {
                "enabled": True,
                "mode": "enforce",
                "strategy": {"static_estimated": {"list_size": 7, "max": 6}},
            }
        },
        {"query": "{ products { id } }"},
        200,
        "COST_ESTIMATED_TOO_EXPENSIVE",
        "query estimated cost 7 exceeded configured maximum 6",
    ),
    (
        "a batch too long",
        {"batching": {"enabled": True, "maximum_size": 1}},
        [{"query": "{ me { id } }"}] * 2,
        422,
        "BATCH_LIMIT_EXCEEDED",
        "Invalid GraphQL request",
    ),
    ("batch", {}, [{"query": "{ me { id } }"}], 400, "BATCHING_NOT_ENABLED", "Invalid GraphQL request"),
]


async def post(config, body):
    app = SmallGraph().build_app(config)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        response = await client.post("/", json=body, headers={"accept": "*/*"})
    await app.close()
    return response


@pytest.mark.parametrize(
    ("config", "body", "status", "code", "message"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
async def test_a_refusal_has_apollos_status_code_and_message(config, body, status, code, message):
    response = await post(config, body)
    error = response.json()["errors"][0]
    assert (response.status_code, error["extensions"]["code"], error["message"]) == (status, code, message)
    assert response.json().get("data") is None


@pytest.mark.parametrize(
    ("limit", "query"),
    [
        ({"parser_max_tokens": 7}, "{ me { id } }"),
        ({"parser_max_recursion": 2}, "{ me { id } }"),
        ({"max_depth": 2}, "{ me { id } }"),
        ({"max_height": 2}, "{ me { id } }"),
        ({"max_root_fields": 2}, "{ me { id } products { id } }"),
        ({"max_aliases": 2}, "{ a: me { b: id } }"),
        ({"introspection_max_depth": False}, DEEP),
        ({"http_max_request_bytes": len('{"query":"{ me { id } }"}')}, "{ me { id } }"),
    ],
    ids=str,
)
async def test_what_is_just_within_a_limit_is_served(limit, query):
    response = await post({"limits": limit}, {"query": query})
    assert response.status_code == 200
    assert response.json()["data"]
