"""What is switched on: each feature by itself, and together; the fields that are protected; a token; a policy."""

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router import SubgraphSource, compose

OFF, BOUNDED, ALL = "off", "JWT to metrics", "all of them"
ALLOWED_PERCENT = 25
"""What `BOUNDED` may add to `OFF`."""

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@shareable", "@external", '
    '"@requires", "@provides", "@authenticated", "@requiresScopes", "@policy"])\n'
)
PROTECTED = (
    (r"\bname: String(?=\s+username)", "@authenticated"),
    (r"\binStock: Boolean\b", '@requiresScopes(scopes: [["stock:read"]])'),
    (r"\bbody: String\b(?!!)", '@policy(policies: [["reader"]])'),
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
METRICS = {"exporters": {"metrics": {"prometheus": {"enabled": True}}}}
ACCESS_LOG = {"instrumentation": {"events": {"router": {"response": "info"}}}}
TRACES = {"exporters": {"tracing": {"common": {"sampler": 0.01}, "otlp": {"enabled": True}}}}
KEY = Ed25519PrivateKey.generate()


def build_headers() -> dict[str, str]:
    """What a client's request says: a token as auth signs them, and what proxies add."""
    claims = {
        "sub": "user-1",
        "iss": "bench",
        "aud": "bench",
        "exp": int(time.time()) + 3600,
        "scope": "stock:read",
    }
    token = jwt.encode(claims, KEY, "EdDSA", headers={"kid": "1"})
    return {
        "authorization": f"Bearer {token}",
        "x-forwarded-for": "192.0.2.1",
        "x-request-id": "0123456789abcdef",
    }


def write_keys(folder: Path) -> str:
    """Write the key that tokens are checked with; gives its URL."""
    file = folder / "jwks.json"
    public = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(KEY.public_key()))
    file.write_text(json.dumps({"keys": [{**public, "kid": "1", "use": "sig", "alg": "EdDSA"}]}))
    return file.resolve().as_uri()


def build_ways(jwks: str) -> Mapping[str, dict[str, Any]]:
    """What `router.yaml` says, by what is on."""
    source = {"url": jwks, "issuers": ["bench"], "audiences": ["bench"], "algorithms": ["EdDSA"]}
    token = {"authentication": {"router": {"jwt": {"jwks": [source]}}}}
    known = {**token, "authorization": {"policies": {"reader": "bench.policies.ways:decide"}}}
    closed = {"authorization": {"directives": {"enabled": False}}}
    return {
        OFF: {**closed, "limits": {"max_repeats": None}},
        "JWT": {**token, **closed},
        "JWT, auth directives": known,
        "limits": {**closed, "limits": LIMITS},
        "headers": {**closed, "headers": HEADERS},
        "metrics": {**closed, "telemetry": METRICS},
        "access log": {**closed, "telemetry": ACCESS_LOG},
        "traces of 1 %": {**closed, "telemetry": TRACES},
        BOUNDED: {**known, "limits": LIMITS, "headers": HEADERS, "telemetry": METRICS},
        ALL: {
            **known,
            "limits": LIMITS,
            "headers": HEADERS,
            "telemetry": {**ACCESS_LOG, "exporters": {**METRICS["exporters"], **TRACES["exporters"]}},
        },
    }


async def decide(_claims: Mapping[str, Any]) -> bool:
    """The policy `reader`."""
    return True


def compose_protected(sdls: Mapping[str, str], url: str) -> str:
    """The supergraph of subgraphs at `url`, by their names, with some of their fields protected."""
    sources = []
    for name, sdl in sdls.items():
        text = "\n".join(line for line in sdl.splitlines() if not line.startswith("extend schema"))
        for pattern, directive in PROTECTED:
            text = re.sub(pattern, rf"\g<0> {directive}", text)
        sources.append(SubgraphSource(name, f"{url}/{name}", LINK + text))
    composition = compose(sources)
    assert composition.supergraph_sdl is not None, composition.errors
    return composition.supergraph_sdl
