"""Requests signed for AWS: checked by reckoning the signature again, by hand."""

import hashlib
import hmac
import re

import httpx
import pytest
from starlette.responses import JSONResponse

from router import create_app
from router.config.problems import ConfigurationError
from router.config.router_yaml import read_router_config
from router.executor import transport_signing
from router.executor.options import AwsSigning
from router.executor.transport import SubgraphAnswer, SubgraphRequest, TransportError
from router.executor.transport_signing import SigningTransport
from tests.support.json_server import serving
from tests.support.small_graph import SUPERGRAPH, SmallGraph

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PATH, QUERY = "/graph%2520ql/x", "a=1&b=2"
GIVEN = {"access_key_id": KEY, "secret_access_key": SECRET, "region": "eu-west-1", "service_name": "lambda"}


def sign(method, path, query, headers, body):
    """The signature that the headers say they have. Spec: AWS Signature Version 4, Create a signed request."""
    match = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/([^/]+)/aws4_request, SignedHeaders=(\S+), Signature=(\S+)",
        headers["authorization"],
    )
    key_id, day, region, service, signed, signature = match.groups()
    assert key_id == KEY
    content = headers.get("x-amz-content-sha256", hashlib.sha256(body).hexdigest())
    names = "".join(f"{name}:{headers[name]}\n" for name in signed.split(";"))
    canonical = f"{method}\n{path}\n{query}\n{names}\n{signed}\n{content}"
    scope = f"{day}/{region}/{service}/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{hashed}"
    key = f"AWS4{SECRET}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return signature, hmac.digest(key, text.encode(), "sha256").hex(), {"region": region, "service": service}


async def receive(aws, *, sent=(), **config):
    """What a subgraph gets from a router whose requests are signed."""
    received = []

    async def answer(request):
        body = await request.body()
        target = request.scope["path"], request.scope["query_string"].decode()
        received.append((target, dict(request.headers), body))
        return JSONResponse({"data": {"me": {"name": "Ann"}}})

    async with serving(answer) as url:
        app = _build(url, aws, config)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
            got = await client.post("/", json={"query": "{ me { name } }"}, headers=dict(sent))
        await app.close()
    return got.json(), received


def _build(url, aws, config):
    given = {
        "authentication": {"subgraph": {"subgraphs": {"users": {"aws_sig_v4": aws}}}},
        "override_subgraph_url": {"users": f"{url}/graph%20ql/x?b=2&a=1"},
        "include_subgraph_errors": {"all": True},
        **config,
    }
    return create_app(SUPERGRAPH, config=given)


@pytest.mark.parametrize("service", ["lambda", "appsync"])
async def test_a_request_has_a_signature_that_holds(service):
    body, ((target, headers, sent),) = await receive({"hardcoded": {**GIVEN, "service_name": service}})
    assert body == {"data": {"me": {"name": "Ann"}}}
    signature, expected, scope = sign("POST", PATH, QUERY, headers, sent)
    assert signature == expected
    assert scope == {"region": "eu-west-1", "service": service}
    assert ("x-amz-content-sha256" in headers) is (service != "lambda")
    assert target[1] == "b=2&a=1"


async def test_what_is_signed_is_what_is_sent_packed_too():
    traffic = {"traffic_shaping": {"all": {"compression": "gzip"}}}
    _, ((_, headers, sent),) = await receive({"hardcoded": GIVEN}, **traffic)
    assert headers["content-encoding"] == "gzip"
    signature, expected, _ = sign("POST", PATH, QUERY, headers, sent)
    assert signature == expected


async def test_a_lattice_is_told_that_bodies_are_not_signed():
    _, ((_, headers, sent),) = await receive({"hardcoded": {**GIVEN, "service_name": "vpc-lattice-svcs"}})
    assert headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    signature, expected, _ = sign("POST", PATH, QUERY, headers, sent)
    assert signature == expected


async def test_the_signature_takes_the_place_of_what_the_client_sent():
    propagate = {"headers": {"all": {"request": [{"propagate": {"matching": ".*"}}]}}}
    headers = {"authorization": "Bearer t", "x-amz-date": "never", "x-mine": "1"}
    _, ((_, got, sent),) = await receive({"hardcoded": GIVEN}, sent=headers, **propagate)
    assert got["x-mine"] == "1"
    signature, expected, _ = sign("POST", PATH, QUERY, got, sent)
    assert signature == expected


async def test_credentials_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    chain = {"default_chain": {"region": "eu-west-1", "service_name": "lambda"}}
    _, ((_, headers, sent),) = await receive(chain)
    assert headers["x-amz-security-token"] == "token"
    signature, expected, _ = sign("POST", PATH, QUERY, headers, sent)
    assert signature == expected


class Answering:
    """A transport that remembers what it is sent."""

    def __init__(self):
        self.sent = []

    async def send(self, request):
        self.sent.append(request)
        return SubgraphAnswer(200, b"{}")

    async def close(self):
        pass


async def test_a_role_is_taken_on_with_what_its_owner_wants_to_be_told(monkeypatch):
    asked = []

    class Fetcher:
        def __init__(self, _create_client, source, role_arn, extra_args):
            asked.append((source.access_key, role_arn, extra_args))

        def fetch_credentials(self):
            expiry = "2999-01-01T00:00:00Z"
            return {"access_key": "ROLE", "secret_key": "s", "token": "role token", "expiry_time": expiry}

    monkeypatch.setattr(transport_signing, "AssumeRoleCredentialFetcher", Fetcher)
    inner = Answering()
    options = AwsSigning("eu-west-1", "lambda", KEY, SECRET, "", "arn:role", "session", "external")
    transport = SigningTransport(inner, {"a": "https://a.example/"}, options)
    for _ in range(2):
        await transport.send(SubgraphRequest("a", b"{}"))
    assert asked == [(KEY, "arn:role", {"RoleSessionName": "session", "ExternalId": "external"})]
    assert dict(inner.sent[1].headers)["x-amz-security-token"] == "role token"
    assert "Credential=ROLE/" in dict(inner.sent[1].headers)["authorization"]


async def test_without_credentials_nothing_is_sent(monkeypatch):
    monkeypatch.setattr(transport_signing.Session, "get_credentials", lambda _self: None)
    inner = Answering()
    transport = SigningTransport(inner, {"a": "https://a.example/"}, AwsSigning("r", "s"))
    with pytest.raises(TransportError, match="the request cannot be signed: NoCredentialsFoundError"):
        await transport.send(SubgraphRequest("a", b"{}"))
    assert inner.sent == []


def read(aws, place="all"):
    subgraph = {"all": {"aws_sig_v4": aws}} if place == "all" else {"subgraphs": {place: {"aws_sig_v4": aws}}}
    return read_router_config({"authentication": {"subgraph": subgraph}}, {}).executor.signing


def test_all_keys_are_read():
    role = {"role_arn": "arn", "session_name": "s", "external_id": "e"}
    options = read({"hardcoded": {**GIVEN, "assume_role": role}}).of_subgraph("any")
    assert options == AwsSigning("eu-west-1", "lambda", KEY, SECRET, "", "arn", "s", "e")
    chain = {"region": "r", "service_name": "s", "profile_name": "p"}
    options = read({"default_chain": chain}, "users")
    assert (options.all, options.of_subgraph("users")) == (
        None,
        AwsSigning("r", "s", "", "", "p", None, "router"),
    )
    assert SECRET not in repr(read({"hardcoded": GIVEN}))


@pytest.mark.parametrize(
    ("aws", "problem"),
    [
        ({}, "must have one of hardcoded and default_chain"),
        ({"hardcoded": GIVEN, "default_chain": {}}, "must have one of hardcoded and default_chain"),
        ({"hardcoded": {**GIVEN, "region": ""}}, "region is missing"),
        ({"default_chain": {"region": "r"}}, "service_name is missing"),
        ({"hardcoded": {"region": "r", "service_name": "s"}}, "and secret_access_key are needed"),
        ({"hardcoded": {**GIVEN, "assume_role": {}}}, "role_arn is missing"),
        ({"hardcoded": {**GIVEN, "secret": "x"}}, "secret is not known"),
    ],
)
def test_what_is_not_understood_is_told(aws, problem):
    with pytest.raises(ConfigurationError) as told:
        read(aws)
    assert problem in str(told.value)


async def test_a_subgraph_that_is_none_is_told(caplog):
    signing = {"subgraph": {"subgraphs": {"usres": {"aws_sig_v4": {"hardcoded": GIVEN}}}}}
    app = SmallGraph().build_app({"authentication": signing})
    await app.close()
    assert "authentication.subgraph.subgraphs.usres has no effect" in caplog.text
