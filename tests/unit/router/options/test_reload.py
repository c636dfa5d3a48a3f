"""A reload takes up what has changed in `router.yaml`, and tells what it cannot take up."""

import gc
import json

import httpx
import pytest

from router.reload import FIXED, Reloader, Sources, build_from
from router.server.asgi import RouterApp
from tests.support.certificates import Authority
from tests.support.small_graph import SUPERGRAPH

TYPENAME = {"query": "{ __typename }"}
CHANGED = {
    "supergraph": {"introspection": True, "path": "/g", "redact_query_validation_errors": True},
    "forbid_mutations": True,
    "limits": {"max_aliases": 1, "http_max_request_bytes": 500},
    "batching": {"enabled": True},
    "csrf": {"unsafe_disabled": True},
    "cors": {"allow_any_origin": True},
    "health_check": {"path": "/up"},
    "apq": {"enabled": False},
    "authorization": {"require_authentication": False},
    "telemetry": {"exporters": {"metrics": {"prometheus": {"enabled": True, "listen": "127.0.0.1:4000"}}}},
    "traffic_shaping": {"router": {"client_rate_limit": {"capacity": 100, "interval": "1h"}}},
}


@pytest.fixture
def router(tmp_path):
    """A running router, what reloads it, and what writes its configuration."""
    (tmp_path / "supergraph.graphql").write_text(SUPERGRAPH)

    def write(config):
        (tmp_path / "router.yaml").write_text(json.dumps(config))

    write({})
    sources = Sources(tmp_path / "supergraph.graphql", config=tmp_path / "router.yaml")
    app = RouterApp(build_from(sources))
    return app, Reloader(app, sources), write


async def look(app, path):
    """What the router does, in a few words for each option."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:4000"
    ) as client:

        async def ask(body, **headers):
            return await client.post(path, json=body, headers=headers)

        def find_code(answer):
            return answer.json()["errors"][0]["extensions"]["code"]

        plain = await ask(TYPENAME, origin="http://other")
        wrong = await ask({"query": "{ nothing }"})
        return {
            "introspection": (await ask({"query": "{ __schema { queryType { name } } }"})).status_code,
            "redacted": wrong.json()["errors"][0]["message"] == "invalid query",
            "mutations": find_code(await ask({"query": 'mutation { rename(id: "1", name: "n") { id } }'})),
            "aliases": (await ask({"query": "{ a: __typename b: __typename }"})).status_code,
            "bytes": (await ask({**TYPENAME, "variables": {"x": "x" * 500}})).status_code,
            "batching": (await ask([TYPENAME])).status_code,
            "csrf": (await client.get(path, params=TYPENAME)).status_code,
            "cors": plain.headers.get("access-control-allow-origin"),
            "health": [(await client.get(each)).status_code for each in ("/health", "/up")],
            "apq": find_code(
                await ask({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}})
            ),
            "metrics": (await client.get("/metrics")).status_code,
            "limit": plain.headers.get("ratelimit-policy"),
        }


async def test_what_has_changed_holds_after_a_reload_and_goes_with_the_next(router):
    app, reloader, write = router
    before = await look(app, "/")
    write(CHANGED)
    await reloader.reload()
    after = await look(app, "/g")
    assert [name for name in before if before[name] == after[name]] == []
    write({})
    await reloader.reload()
    assert await look(app, "/") == before
    await app.close()


SIGNED = Authority().sign("localhost")


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"supergraph": {"listen": "127.0.0.1:4001"}}, "supergraph.listen"),
        ({"supergraph": {"shutdown_delay": "1s"}}, "supergraph.shutdown_delay"),
        ({"health_check": {"listen": "127.0.0.1:8088"}}, "health_check.listen"),
        ({"limits": {"http1_max_request_headers": 9}}, "limits.http1_max_request_headers"),
        ({"limits": {"http1_max_request_buf_size": "9kb"}}, "limits.http1_max_request_buf_size"),
        ({"server": {"http": {"header_read_timeout": "9s"}}}, "server.http.header_read_timeout"),
        ({"tls": {"supergraph": {"certificate": SIGNED.chain, "key": SIGNED.key}}}, "tls.supergraph"),
    ],
)
async def test_what_holds_from_the_next_start_is_told(router, caplog, config, name):
    app, reloader, write = router
    write(config)
    await reloader.reload()
    await app.close()
    told = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert told == [f"{name} has changed, and holds from the next start of the process"]
    assert name in FIXED


class SlowUrls:
    """Somewhere that a supergraph comes from, some day."""

    is_collecting = False

    def fetch(self):
        self.is_collecting = gc.isenabled()
        return SUPERGRAPH


async def test_requests_leave_no_garbage_while_a_supergraph_is_waited_for():
    urls = SlowUrls()
    await RouterApp(build_from(Sources(supergraph_urls=urls))).close()
    assert urls.is_collecting
