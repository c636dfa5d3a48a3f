"""Each feature in one process, without sockets: where the time goes. What sockets would cost would hide it."""

import gc
import logging
import os
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from bench.executor.shop import SUBGRAPHS, Shop
from bench.gateways.workload import QUERIES
from bench.in_process import ask
from bench.in_process import measure as count_cpu
from bench.policies.ways import build_headers, build_ways, compose_protected, write_keys
from bench.telemetry.__main__ import drop_spans
from router import Supergraph, create_app
from router.kit.json import write_json
from router.server.run import GC_THRESHOLD
from router.telemetry.logs import JSON_LINES, set_up_logs


def measure(rounds: int, seconds: float) -> dict[str, float]:
    """CPU microseconds of one request by way; spans and lines go nowhere."""
    drop_spans()
    # As the server does it.
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])
    query, supergraph = (QUERIES / "reference.graphql").read_text(), compose_protected(SUBGRAPHS, "http://x")
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        set_up_logs("info", JSON_LINES, stream=nowhere)
        ways = build_ways(write_keys(Path(folder)))
        least = uvloop.run(_compare(Supergraph.read(supergraph), ways, query, rounds, seconds))
        logging.shutdown()
    return dict(zip(ways, least, strict=True))


async def _compare(
    supergraph: Supergraph, ways: Mapping[str, dict[str, Any]], query: str, rounds: int, seconds: float
) -> list[float]:
    """CPU microseconds of one request by way, the least of all rounds; the answers are all the same."""
    body, headers = write_json({"query": query}), _write_headers(build_headers())
    apps = [create_app(supergraph, config=way, transport=Shop(0)) for way in ways.values()]
    answers = {await ask(app, body, headers=headers) for app in apps for _ in range(30)}
    assert len(answers) == 1, "every way gives the same"
    assert b"errors" not in answers.pop(), "the caller may see everything"
    times: list[list[float]] = [[] for _ in apps]
    for _ in range(rounds):
        for app, own in zip(apps, times, strict=True):
            own.append(await count_cpu(partial(ask, app, body, headers=headers), seconds))
    for app in apps:
        await app.close()
    return [min(own) for own in times]


def _write_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]
