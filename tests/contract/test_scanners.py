"""What scanners of GraphQL endpoints look for, each as one question of ours: nothing of it is found in production.

Production is what `serve` does without a configuration, and what the marketplace's own does with none of its switches. The questions are those of the scanners in common use (aliases, batches, directives, duplicated
fields, introspection in a circle, suggestions, GET and forms, editors, traces, unhandled errors) and of those that read a schema
out of error messages.
"""

import re
from pathlib import Path

import httpx
import pytest
import yaml

from router import Supergraph, create_app
from router.config.router_yaml import read_router_yaml
from router.executor.memory import MemoryTransport
from router.executor.transport import SubgraphAnswer
from stack.environment import Environments
from stack.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]
SUPERGRAPH = Supergraph.read((ROOT / "tests/contract/golden/supergraph.graphql").read_text())
MARKETPLACE = (ROOT / "router.yaml").read_text()

CONFIGS = {"defaults": read_router_yaml("", {}), "marketplace": read_router_yaml(MARKETPLACE, {})}
"""Read once: reading takes longer than any of the answers."""


def test_the_containers_are_in_public_unless_asked_otherwise():
    """What is switched in `router.yaml` can be switched there, and stands as it does without their word."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    environment = compose["services"]["router"]["environment"]
    defaults = {name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for name, value in environment.items()}
    own = dict(re.findall(r"\$\{env\.(ROUTER_\w+):-(true|false|\d+)\}", MARKETPLACE))
    assert defaults | own == defaults


async def test_a_client_of_the_marketplace_cannot_make_up_its_address():
    """Auth locks out who guesses by that."""
    seen = []

    async def auth(request):
        seen.append([value for name, value in request.headers if "forwarded" in name or "real-ip" in name])
        return SubgraphAnswer(200, b'{"data":{"login":{"__typename":"X"}}}')

    transport = MemoryTransport({"auth": auth})
    app = create_app(SUPERGRAPH, config=CONFIGS["marketplace"], transport=transport)
    made_up = {"x-forwarded-for": "192.0.2.1", "forwarded": "for=192.0.2.1", "x-real-ip": "192.0.2.1"}
    asgi = httpx.ASGITransport(app, client=("198.51.100.7", 1))
    async with httpx.AsyncClient(transport=asgi, base_url="http://router", headers=made_up) as client:
        client.endpoint = "/graphql"
        await ask(client, 'mutation { login(input: {email: "a@example.org", password: "p"}) { __typename } }')
    await app.close()
    assert seen == [["198.51.100.7"]]


def build(name):
    return create_app(SUPERGRAPH, config=CONFIGS[name], transport=MemoryTransport({}))


@pytest.fixture(params=["defaults", "marketplace"])
async def client(request):
    """A client of a router as it stands in public."""
    app = build(request.param)
    path = app._server.options.path
    asgi = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=asgi, base_url="http://router") as client:
        client.endpoint = path
        yield client
    await app.close()


async def ask(client, query, **more):
    return await client.post(client.endpoint, json={"query": query, **more})


def messages(answer):
    return [error["message"] for error in answer.json()["errors"]]


async def test_aliases_of_one_field_are_not_answered_by_the_hundred(client):
    answer = await ask(client, "{" + " ".join(f"alias{i}: __typename" for i in range(101)) + "}")
    assert answer.status_code == 400
    assert "data" not in answer.json()


async def test_aliases_are_counted_within_fragments_too(client):
    spread = " ".join(f"...F{i}" for i in range(11))
    fragments = " ".join(
        f"fragment F{i} on Query {{ {' '.join(f'a{i}x{j}: __typename' for j in range(10))} }}"
        for i in range(11)
    )
    answer = await ask(client, f"{{ {spread} }} {fragments}")
    assert answer.status_code == 400
    nested = "{ ... { " * 3 + " ".join(f"a{i}: __typename" for i in range(101)) + " } }" * 3
    assert (await ask(client, nested)).status_code == 400


async def test_a_field_is_not_read_five_hundred_times(client):
    answer = await ask(client, "{" + "__typename " * 500 + "}")
    assert answer.status_code == 400


async def test_a_batch_is_refused_whatever_it_holds(client):
    answer = await client.post(client.endpoint, json=[{"query": "{ __typename }"}] * 10)
    assert answer.status_code == 400
    assert isinstance(answer.json(), dict)


async def test_unknown_directives_are_one_error_each(client):
    answer = await ask(client, "{ __typename " + "@aa" * 10 + " }")
    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 1


async def test_a_mass_of_directives_makes_a_small_answer(client):
    for directives in ("@include(if: true)" * 2_000, "@aa" * 7_000):
        answer = await ask(client, "{ __typename " + directives + " }")
        assert answer.status_code == 400
        assert len(answer.content) < 50_000


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { types { name fields { name } } } }",
        "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }",
        '{ __type(name: "User") { fields { name } } }',
        "{ ...F } fragment F on Query { __schema { queryType { name } } }",
        "{ ... @include(if: true) { a: __schema { queryType { name } } } }",
        'query ($v: Boolean = true) { __type(name: "User") @include(if: $v) { name } }',
    ],
)
async def test_the_schema_is_not_told(client, query):
    answer = await ask(client, query)
    assert answer.status_code == 400
    assert "data" not in answer.json()


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { directive } }",
        "{ productz { nodes { id } } }",
        "{ me { emial } }",
        "{ products(frist: 1) { nodes { id } } }",
        "{ ... on Usr { id } }",
        "query ($x: Usr) { __typename }",
        "mutation { logn { user { id } } }",
        'mutation { login(input: {emial: "x"}) { user { id } } }',
    ],
)
async def test_no_name_is_suggested(client, query):
    answer = await ask(client, query)
    assert answer.status_code == 400
    assert "did you mean" not in answer.text.lower()


async def test_variables_are_told_no_names_either(client):
    answer = await ask(
        client,
        "mutation ($i: LoginInput!) { login(input: $i) { __typename } }",
        variables={"i": {"emial": "x"}},
    )
    assert answer.status_code == 400
    assert "did you mean" not in answer.text.lower()


@pytest.mark.parametrize("parameters", [{"query": "{ __typename }"}, {"query": "mutation { __typename }"}])
async def test_a_get_of_a_foreign_page_is_refused(client, parameters):
    answer = await client.get(client.endpoint, params=parameters)
    assert answer.status_code in {400, 405}
    assert "data" not in answer.json()


async def test_a_mutation_by_get_is_refused_also_to_who_shows_that_it_is_no_page(client):
    answer = await client.get(
        client.endpoint,
        params={"query": "mutation { __typename }"},
        headers={"apollo-require-preflight": "1"},
    )
    assert answer.status_code == 405


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/plain; charset=utf-8",
        "TEXT/PLAIN",
        "text/plain, application/json",
        "application/json, text/plain",
        "text/plain;application/json",
        "application/x-www-form-urlencoded;x=application/json",
        "",
        None,
    ],
)
async def test_what_a_form_of_a_foreign_page_can_send_is_refused(client, content_type):
    for content in (
        b"query=%7B__typename%7D",
        b'{"query":"{__typename}"}',
        b'{"query":"{__typename}","x":"=y"}',
    ):
        headers = {} if content_type is None else {"content-type": content_type}
        answer = await client.post(client.endpoint, content=content, headers=headers)
        assert answer.status_code in {400, 415}
        assert "data" not in answer.json()


@pytest.mark.parametrize("path", ["", "/", "/graphiql", "/playground", "/altair", "/voyager", "/console"])
async def test_no_editor_is_found(client, path):
    url = client.endpoint.rstrip("/") + path or "/"
    headers = {"accept": "text/html", "cookie": "env=graphiql:enable"}
    answer = await client.get(url, headers=headers, follow_redirects=True)
    for editor in ("graphiql", "playground", "altair", "apollo-sandbox", "voyager"):
        assert editor not in answer.text.lower()


async def test_no_trace_and_no_plan_comes_with_an_answer(client):
    headers = {
        "apollo-expose-query-plan": "true",
        "x-apollo-tracing": "1",
        "apollo-federation-include-trace": "ftv1",
    }
    answer = await client.post(client.endpoint, json={"query": "{ __typename }"}, headers=headers)
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "body",
    [
        b'{"query":"qwerty cop {abc}"}',
        b'{"query":{"a":1}}',
        b'{"query":"{ __typename }","variables":"x"}',
        b'{"query":"{ __typename }","extensions":[1]}',
        b'{"query":"\\ud800"}',
        b'{"query":"query ($a: [[[[Int]]]]) { __typename }"}',
        b"\xff\xfe",
        b"null",
        b"{" * 5_000,
        b'{"query":"' + b"{" * 5_000 + b'"}',
        b'{"query":"{ ...F } fragment F on Query { ...F }"}',
        b'\xef\xbb\xbf{"query":"{ __typename }"}',
        b'{"query":"{ __typename }","variables":{"n":NaN}}',
        b'{"query":"{ __typename }","variables":{"n":-Infinity}}',
        b'{"query":"{ __typename }","variables":{"n":1e999}}',
        b'{"query":"{ __typename }","variables":{"n":' + b"9" * 5_000 + b"}}",
        b'{"query":"{ __typename }","variables":{"n":"\\udc00"}}',
        b'{"query":"{ __typename }","extensions":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"query":"{ __typename }","operationName":["a"]}',
        b'{"query":"{ products(first: ' + b"9" * 5_000 + b') { nodes { id } } }"}',
    ],
    ids=lambda body: body[:30].decode("latin-1"),
)
async def test_nothing_internal_is_told_of_what_is_no_request(client, body):
    answer = await client.post(client.endpoint, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert not re.search(
        r"traceback|exception|sys\.|/[a-z]+/[a-z_]+\.py|line \d+, in|graphql-core|python",
        answer.text,
        re.IGNORECASE,
    )
    for error in answer.json()["errors"]:
        assert "exception" not in error.get("extensions", {})


async def test_a_public_marketplace_tells_a_guesser_the_same_of_names_that_are_and_are_not():
    app = build("marketplace")
    asgi = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=asgi, base_url="http://router") as client:
        client.endpoint = "/graphql"
        answers = {
            (await ask(client, query)).text
            for query in (
                "{ products }",
                "{ nothingOfThatName }",
                "{ products nothingOfThatName orders me }",
                '{ me { __typename } products(first: "x") { nodes { id } } }',
                "{ me }",
                "{ __typename { x } }",
                "query ($x: Secret) { __typename }",
                "query ($x: LoginInput) { __typename }",
                "{ __typename @internal }",
                "{ me { email { x } } }",
                "{ product(wrong: 1) { id } }",
                "{ ... on Secret { id } }",
                "mutation { login { x } }",
            )
        }
    await app.close()
    assert answers == {'{"errors":[{"message":"invalid query","extensions":{"code":"UNKNOWN_ERROR"}}]}'}


async def test_developers_are_told_what_they_want_to_know():
    environment = Environments({}, read_settings({}), None, {}).of_router()
    app = create_app(
        SUPERGRAPH, config=read_router_yaml(MARKETPLACE, environment), transport=MemoryTransport({})
    )
    asgi = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=asgi, base_url="http://router") as client:
        client.endpoint = "/graphql"
        assert "Did you mean 'product' or 'products'" in messages(await ask(client, "{ productz }"))[0]
        assert (await ask(client, "{ __schema { queryType { name } } }")).status_code == 200
    await app.close()
    closed = Environments({}, read_settings({"MARKETPLACE_PROFILE": "production"}), None, {}).of_router()
    assert not any("ROUTER_REDACT" in name for name in closed)


@pytest.mark.parametrize(
    "guesses",
    [
        'a{i}: login(input: {{email: "a@example.org", password: "{i}"}}) {{ __typename }}',
        '... {{ a{i}: login(input: {{email: "a@example.org", password: "{i}"}}) {{ __typename }} }}',
    ],
)
async def test_one_request_to_the_marketplace_is_no_hundred_logins(guesses):
    app = build("marketplace")
    asgi = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=asgi, base_url="http://router") as client:
        client.endpoint = "/graphql"
        many = " ".join(guesses.format(i=i) for i in range(16))
        answer = await ask(client, f"mutation {{ {many} }}")
        assert answer.status_code == 400
        assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {
            "MAX_ALIASES_LIMIT",
            "MAX_ROOT_FIELDS_LIMIT",
        }
        one = {"query": f"mutation {{ {guesses.format(i=1)} }}"}
        batch = await client.post(client.endpoint, json=[one] * 2)
        assert batch.json()["errors"][0]["extensions"]["code"] == "BATCHING_NOT_ENABLED"
    await app.close()
