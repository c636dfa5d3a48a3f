"""`python -m bench.policies`: CPU time of one request with everything off, and with what a marketplace has on.

The reference workload of bench.gateways through the whole router in this process, without sockets: what they would cost
comes to both sides and would make the share of the rest look smaller. The ways alternate in short turns, and the least of
all rounds is printed: noise only adds. Spans go to an exporter that drops them.
"""

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.executor.shop import SUBGRAPHS, Shop
from bench.gateways.workload import QUERIES
from bench.telemetry.__main__ import drop_spans
from router import SubgraphSource, Supergraph, compose, create_app
from router.kit.json import write_json
from router.server.asgi import RouterApp
from router.server.run import GC_THRESHOLD

ALLOWED_PERCENT = 25

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@shareable", "@external", '
    '"@requires", "@provides", "@authenticated", "@requiresScopes", "@policy"])\n'
)
PROTECTED = (
    ("name: String username", "name: String @authenticated username"),
    ("inStock: Boolean", 'inStock: Boolean @requiresScopes(scopes: [["stock:read"]])'),
    ("body: String", 'body: String @policy(policies: [["reader"]])'),
)
"""What the reference query reads and not everybody may."""

LIMITS = {"max_depth": 20, "max_height": 300, "max_aliases": 30, "max_root_fields": 20}
HEADERS = {
    "all": {
        "request": [
            {"propagate": {"named": "authorization"}},
            {"propagate": {"named": "x-forwarded-for"}},
            {"propagate": {"named": "x-request-id"}},
        ]
    }
}
BOUNDED = "JWT to metrics"
"""What together may add `ALLOWED_PERCENT`."""
METRICS = {"exporters": {"metrics": {"prometheus": {"enabled": True}}}}
ACCESS_LOG = {"instrumentation": {"events": {"router": {"response": "info"}}}}
TRACES = {"exporters": {"tracing": {"common": {"sampler": 0.01}, "otlp": {"enabled": True}}}}
KEY = Ed25519PrivateKey.generate()


def sign() -> str:
    """A token as auth signs them."""
    claims = {
        "sub": "user-1",
        "iss": "bench",
        "aud": "bench",
        "exp": int(time.time()) + 3600,
        "scope": "stock:read",
    }
    return jwt.encode(claims, KEY, "EdDSA", headers={"kid": "1"})


def build_ways(jwks: str) -> Mapping[str, dict[str, Any]]:
    """Each feature by itself, and all of them."""
    source = {"url": jwks, "issuers": ["bench"], "audiences": ["bench"], "algorithms": ["EdDSA"]}
    token = {"authentication": {"router": {"jwt": {"jwks": [source]}}}}
    closed = {"authorization": {"directives": {"enabled": False}}}
    return {
        "off": {**closed, "limits": {"max_repeats": None}},
        "JWT": {**token, **closed},
        "JWT, auth directives": token,
        "limits": {**closed, "limits": LIMITS},
        "headers": {**closed, "headers": HEADERS},
        "metrics": {**closed, "telemetry": METRICS},
        "access log": {**closed, "telemetry": ACCESS_LOG},
        "traces of 1 %": {**closed, "telemetry": TRACES},
        BOUNDED: {**token, "limits": LIMITS, "headers": HEADERS, "telemetry": METRICS},
        "all of them": {
            **token,
            "limits": LIMITS,
            "headers": HEADERS,
            "telemetry": {**ACCESS_LOG, "exporters": {**METRICS["exporters"], **TRACES["exporters"]}},
        },
    }


async def decide(_claims: Mapping[str, Any]) -> bool:
    """The policy `reader`."""
    return True


async def ask(app: RouterApp, body: bytes, token: str) -> bytes:
    """One request as a server hands it over; gives its answer."""
    head = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"authorization", b"Bearer " + token.encode()),
            (b"x-forwarded-for", b"192.0.2.1"),
            (b"x-request-id", b"0123456789abcdef"),
        ],
    }
    parts: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200, message  # noqa: PLR2004 -- OK
        parts.append(message.get("body", b""))

    await app(head, receive, send)
    return b"".join(parts)


async def compare(
    supergraph: Supergraph, ways: Mapping[str, dict[str, Any]], query: str, rounds: int, seconds: float
) -> list[float]:
    """CPU microseconds of one request by way; the answers are all the same."""
    body, token = write_json({"query": query}), sign()
    apps = [
        create_app(supergraph, config=way, transport=Shop(0), policies={"reader": decide})
        for way in ways.values()
    ]
    answers = {await ask(app, body, token) for app in apps for _ in range(30)}
    assert len(answers) == 1, "every way gives the same"
    assert b"errors" not in answers.pop(), "the caller may see everything"
    times: list[list[float]] = [[] for _ in apps]
    for _ in range(rounds):
        for app, own in zip(apps, times, strict=True):
            count, before = 0, time.process_time()
            while (passed := time.process_time() - before) < seconds:
                for _ in range(10):
                    await ask(app, body, token)
                count += 10
            own.append(passed / count * 1e6)
    for app in apps:
        await app.close()
    return [min(own) for own in times]


def build_supergraph() -> Supergraph:
    """The shop, with some of its fields protected."""
    sources = []
    for name, text in SUBGRAPHS.items():
        sdl = text
        for open_field, protected in PROTECTED:
            sdl = sdl.replace(open_field, protected)
        sources.append(SubgraphSource(name, f"http://{name}", LINK + sdl))
    composition = compose(sources)
    assert composition.supergraph_sdl is not None, composition.errors
    return Supergraph.read(composition.supergraph_sdl)


def main() -> int:
    """Measure and print; the exit code says whether all of them add more than is allowed."""
    parser = argparse.ArgumentParser("python -m bench.policies", description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=0.2, help="CPU time of one turn")
    options = parser.parse_args()
    drop_spans()
    # As the server does it.
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])
    query, supergraph = (QUERIES / "reference.graphql").read_text(), build_supergraph()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "jwks.json"
        public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(KEY.public_key()))
        file.write_text(json.dumps({"keys": [{**public, "kid": "1", "use": "sig", "alg": "EdDSA"}]}))
        ways = build_ways(file.as_uri())
        measured = uvloop.run(compare(supergraph, ways, query, options.rounds, options.seconds))
    off = measured[0]
    print(f"{'CPU us of one request':24} {'':>8} {'added':>7} {'%':>6}")
    for name, spent in zip(ways, measured, strict=True):
        print(f"{name:24} {spent:8.0f} {spent - off:7.0f} {(spent / off - 1) * 100:6.1f}")
    return 0 if measured[[*ways].index(BOUNDED)] <= off * (1 + ALLOWED_PERCENT / 100) else 1


if __name__ == "__main__":
    sys.exit(main())
