"""Where GraphQL is served: parameters and rests in the path."""

import httpx
import pytest

from router.config.problems import ConfigurationError
from tests.support.small_graph import SmallGraph


async def serve(path, *asked, method="POST"):
    """The status at each path asked."""
    app = SmallGraph().build_app({"supergraph": {"path": path}, "homepage": {"enabled": False}})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answers = [await client.request(method, each, json={"query": "{ __typename }"}) for each in asked]
    await app.close()
    return [each.status_code for each in answers]


@pytest.mark.parametrize(
    ("path", "served", "others"),
    [
        ("/graphql", ["/graphql"], ["/", "/graphql/", "/graphql/x", "/Graphql"]),
        ("/{tenant}/graphql", ["/a/graphql", "/a.b/graphql"], ["/graphql", "/a/b/graphql", "/a/graphql/x"]),
        ("/:tenant/graphql", ["/a/graphql"], ["/graphql"]),
        ("/graphql/{*rest}", ["/graphql/a", "/graphql/a/b"], ["/graphql", "/graphql/", "/graphqlx/a"]),
        ("/graphql/*", ["/graphql/a"], ["/graphql"]),
        ("/a.b/{c}", ["/a.b/c"], ["/axb/c"]),
        ("/{*all}", ["/a", "/a/b"], ["/"]),
        ("/é", ["/%C3%A9"], ["/e"]),
    ],
)
async def test_a_path_stands_for_what_apollo_router_takes_it_for(path, served, others):
    assert await serve(path, *served) == [200] * len(served)
    assert await serve(path, *others) == [404] * len(others)


@pytest.mark.parametrize("path", ["graphql", "", "/a{b}", "/{*a}/b", "/*/b", "/{}", "/{a b}", "/a*", "/:"])
def test_what_is_no_path_is_told(path):
    with pytest.raises(ConfigurationError, match=r"supergraph\.path must|supergraph\.path may"):
        SmallGraph().build_app({"supergraph": {"path": path}})


async def test_health_goes_before_a_path_that_takes_everything():
    assert await serve("/{*all}", "/health", method="GET") == [200]
