"""A supergraph from URLs: the first that gives it, only when it has changed, and the last good one meanwhile."""

import asyncio
import json
import signal

import pytest
from starlette.responses import RedirectResponse, Response

from router.config import supergraph_url
from router.config.problems import ConfigurationError
from router.config.supergraph_url import SupergraphUrls
from router.server import watch
from router.server.watch import Poll, Watched
from tests.support.json_server import serving
from tests.support.served_router import serving as serving_router
from tests.support.served_router import until
from tests.support.small_graph import SUPERGRAPH

NOWHERE = "http://127.0.0.1:9/s.graphql"


class Registry:
    """Gives a supergraph under an ETag; `status` stands for what is wrong."""

    def __init__(self, sdl="type Query { a: Int }"):
        self.sdl, self.status, self.asked = sdl, 200, []

    async def answer(self, request):
        tag = f'"{hash(self.sdl)}"'
        self.asked.append(
            (request.url.path, request.headers.get("if-none-match"), request.headers.get("authorization"))
        )
        if request.url.path == "/moved":
            return RedirectResponse("/s.graphql")
        if self.status != 200:
            return Response("no", self.status)
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304)
        return Response(self.sdl, headers={"etag": tag})


async def fetch(urls):
    return await asyncio.to_thread(urls.fetch)


async def test_what_has_not_changed_is_not_sent_again():
    registry = Registry()
    async with serving(registry.answer) as url:
        urls = SupergraphUrls([f"{url}/s.graphql"])
        assert [await fetch(urls) for _ in range(2)] == [registry.sdl] * 2
        first = urls.stamp
        registry.sdl = "type Query { b: Int }"
        assert await fetch(urls) == registry.sdl
        assert urls.stamp != first
    tags = [tag for _, tag, _ in registry.asked]
    assert tags[0] is None
    assert tags[1] == tags[2] is not None


async def test_the_first_that_gives_it_counts(caplog):
    registry = Registry()
    async with serving(registry.answer) as url:
        urls = SupergraphUrls([NOWHERE, f"{url}/s.graphql", f"{url}/never"])
        assert await fetch(urls) == registry.sdl
    assert [path for path, _, _ in registry.asked] == ["/s.graphql"]
    assert "cannot be fetched from http://127.0.0.1:9/s.graphql" in caplog.text


async def test_redirects_are_followed_and_take_no_credentials_along():
    registry = Registry()
    async with serving(registry.answer) as url:
        host = url.removeprefix("http://")
        assert await fetch(SupergraphUrls([f"http://me:p%40ss@{host}/moved?x=1"])) == registry.sdl
    assert [(path, login) for path, _, login in registry.asked] == [
        ("/moved", "Basic bWU6cEBzcw=="),
        ("/s.graphql", None),
    ]


async def test_why_none_gives_it_is_told_without_secrets():
    registry = Registry()
    registry.status = 503
    async with serving(registry.answer) as url:
        urls = SupergraphUrls([f"{url}/s.graphql?key=secret", NOWHERE])
        with pytest.raises(ConfigurationError) as told:
            await fetch(urls)
    assert f"from {url}/s.graphql: status 503" in str(told.value)
    assert "Connection refused" in str(told.value)
    assert "secret" not in str(told.value)


async def test_a_supergraph_is_bounded_and_is_text(monkeypatch):
    monkeypatch.setattr(supergraph_url, "SDL_BYTES_MAX", 10)
    registry = Registry("type Query { a: Int }")
    async with serving(registry.answer) as url:
        with pytest.raises(ConfigurationError, match="more than 10 bytes"):
            await fetch(SupergraphUrls([url]))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/s", "s.graphql", "http://"])
def test_other_urls_are_refused(url):
    with pytest.raises(ConfigurationError, match="is no http:// or https:// URL"):
        SupergraphUrls([url])


async def test_a_change_there_is_noticed_and_a_failure_is_none(monkeypatch):
    monkeypatch.setattr(watch, "LOOK_S", 0.01)
    registry = Registry()

    async def sees(changes, within_s=0.2):
        try:
            async with asyncio.timeout(within_s):
                await anext(changes)
        except TimeoutError:
            return False
        return True

    async with serving(registry.answer) as url:
        urls = SupergraphUrls([url])
        await fetch(urls)
        watched = Watched((), Poll(urls, 0.02))
        assert not await sees(watched.changes())
        registry.status = 500
        assert not await sees(watched.changes())
        registry.status, registry.sdl = 200, "type Query { b: Int }"
        assert await sees(watched.changes(), within_s=20)
        assert not await sees(watched.changes())


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_router_reloads_from_its_url(workers):
    registry = Registry(SUPERGRAPH)
    query = {"query": '{ __type(name: "Added") { name } }'}
    async with serving(registry.answer) as url:
        arguments = (
            "--supergraph-urls",
            f"{NOWHERE},{url}",
            "--hot-reload",
            "--supergraph-poll-interval",
            "100ms",
        )
        async with serving_router(*arguments, "--dev", "--workers", workers) as (process, client):

            async def has_type():
                answer = await client.post("/", json=query, headers={"connection": "close"})
                return answer.json() == {"data": {"__type": {"name": "Added"}}}

            assert not await has_type()
            registry.sdl = "no supergraph"
            asked = len(registry.asked)

            async def has_tried():
                # It is polled, fetched for the reload, and polled again.
                return len(registry.asked) >= asked + 3

            await until(has_tried)
            assert not await has_type()
            registry.sdl = (
                f"{SUPERGRAPH}\nenum Added @join__type(graph: USERS) {{ A @join__enumValue(graph: USERS) }}"
            )
            await until(has_type)
            assert process.returncode is None


@pytest.mark.parametrize("is_hot", [True, False])
async def test_manifests_are_read_again_where_that_is_switched_on(tmp_path, is_hot):
    (tmp_path / "s.graphql").write_text(SUPERGRAPH)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"old": "{ __typename }"}))
    persisted = {"enabled": True, "hot_reload": is_hot, "local_manifests": [str(manifest)]}
    (tmp_path / "router.yaml").write_text(json.dumps({"persisted_queries": persisted}))
    arguments = ("--supergraph", str(tmp_path / "s.graphql"), "--config", str(tmp_path / "router.yaml"))
    async with serving_router(*arguments) as (process, client):

        async def knows(id_):
            extensions = {"persistedQuery": {"version": 1, "sha256Hash": id_}}
            return (await client.post("/", json={"extensions": extensions})).status_code == 200

        assert await knows("old")
        manifest.write_text(json.dumps({"new": "{ __typename }"}))
        if not is_hot:
            process.send_signal(signal.SIGHUP)
        await until(lambda: knows("new"))
