"""`python -m bench.telemetry`: CPU time of one request through the whole router, with telemetry off and on.

The router and the subgraphs are in this process, and no socket is: what is measured is parsing, planning's cache, executing,
writing, and what telemetry adds. The ways alternate, and the least of all rounds is printed: noise only adds. Spans go to an
exporter that drops them, in the thread that would send them; sending is not counted, putting them into the queue is. Log
lines are written, to nowhere.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any

import uvloop
from opentelemetry.sdk.trace.export import SpanExporter

from bench.executor.shop import LINK, SUBGRAPHS, Shop
from bench.in_process import ask, measure
from router import SubgraphSource, Supergraph, compose, create_app
from router.kit.json import write_json
from router.telemetry import tracing
from router.telemetry.logs import JSON_LINES, set_up_logs
from router.telemetry.options import TracingOptions

SMALL = "query Small { topProducts { upc name price } }"
MIDDLE = "query Middle { users { id username reviews { id body product { upc name inStock } } } }"
PROMETHEUS = {"metrics": {"prometheus": {"enabled": True}}}


def traces(sampler: float) -> dict[str, Any]:
    """Traces of a share of the requests."""
    return {"tracing": {"common": {"sampler": sampler}, "otlp": {"enabled": True}}}


WAYS: Mapping[str, dict[str, Any]] = {
    "off": {},
    "metrics": {"exporters": PROMETHEUS},
    "traces of 1 %": {"exporters": traces(0.01)},
    "traces of all": {"exporters": traces(1.0)},
    "access log": {"instrumentation": {"events": {"router": {"response": "info"}}}},
}


class Dropping(SpanExporter):
    """An exporter to nowhere."""

    def export(self, spans: Any) -> Any:
        """Drop them."""
        del spans


async def compare(supergraph: Supergraph, query: str, rounds: int, seconds: float) -> list[float]:
    """CPU microseconds by way."""
    body = write_json({"query": query})
    apps = [create_app(supergraph, config={"telemetry": way}, transport=Shop(0)) for way in WAYS.values()]
    for app in apps:
        for _ in range(50):
            await ask(app, body)
    times: list[list[float]] = [[] for _ in apps]
    for _ in range(rounds):
        for app, own in zip(apps, times, strict=True):
            own.append(await measure(partial(ask, app, body), seconds, times=20))
    for app in apps:
        await app.close()
    return [min(own) for own in times]


def drop_spans() -> None:
    """Send no span anywhere from here on."""

    def build(given: TracingOptions) -> tracing.Tracing:
        return tracing.Tracing(given, Dropping())

    tracing.get_tracing = build  # type: ignore[assignment]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench.telemetry", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3, help="CPU time of one round")
    options = parser.parse_args()
    drop_spans()
    # Open as long as the process is there.
    set_up_logs("info", JSON_LINES, stream=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    sources = [SubgraphSource(name, f"http://{name}", LINK + sdl) for name, sdl in SUBGRAPHS.items()]
    composition = compose(sources)
    assert composition.supergraph_sdl is not None, composition.errors
    supergraph = Supergraph.read(composition.supergraph_sdl)
    print("CPU microseconds of one request")
    print(f"{'':16} {'1 fetch':>9} {'added':>7} {'3 fetches':>11} {'added':>7}")
    small, middle = (
        uvloop.run(compare(supergraph, query, options.rounds, options.seconds)) for query in (SMALL, MIDDLE)
    )
    for name, one, three in zip(WAYS, small, middle, strict=True):
        print(f"{name:16} {one:9.0f} {one - small[0]:7.0f} {three:11.0f} {three - middle[0]:7.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
