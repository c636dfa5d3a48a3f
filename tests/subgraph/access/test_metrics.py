"""Each subgraph tells Prometheus of its requests, its connections and what waits."""

import importlib

from prometheus_client.parser import text_string_to_metric_families

from tests.subgraph.access.worlds import World


async def test_what_a_subgraph_tells(world: World) -> None:
    queues = getattr(importlib.import_module(f"subgraphs.{world.name}.app"), "QUEUES", {})
    for operation in ("query { a: __typename, b: _service { sdl } }", "{"):
        await world.http.post("/graphql", json={"query": operation})
    response = await world.http.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(response.text)}
    counts = {
        (sample.labels["operation"], sample.labels["status"]): sample.value
        for sample in families["subgraph_request_duration_seconds"].samples
        if sample.name.endswith("_count")
    }
    assert counts["Query._service", "200"] == 1
    assert sum(count for (operation, _), count in counts.items() if operation == "none") >= 1
    # Names of a client's own are nowhere: there would be no end to them.
    assert not any(operation in {"a", "b"} for operation, _ in counts)
    waiting = {sample.labels["queue"] for sample in families["subgraph_waiting"].samples}
    assert waiting == {*queues}
    states = {sample.labels["state"] for sample in families["subgraph_database_connections"].samples}
    assert states == {"used", "idle"}
