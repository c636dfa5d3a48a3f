"""The router as clients meet it: processes with everything off and with policies, the same load on each, in turn."""

import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

from bench.gateways.__main__ import start_subgraphs
from bench.gateways.answers import post
from bench.gateways.gateway import ROOT, WORK, Gateway
from bench.gateways.measure import Setting, send_load
from bench.gateways.measure import measure as measure_run
from bench.gateways.processes import find_free_port
from bench.gateways.workload import read_workload
from bench.policies.ways import OFF, build_headers, build_ways, compose_protected, write_keys

SUBGRAPHS = ("accounts", "inventory", "products", "reviews")
WORKLOAD = "reference-distinct"
"""No two requests are alike: an answer that several share would hide what each of them costs."""


def measure(rounds: int, seconds: int, names: Sequence[str]) -> dict[str, list[float]]:
    """CPU microseconds of one request, of the router's process, by way and round.

    Raises:
        RuntimeError: a router has not come up, or has given a wrong answer.
    """
    cpus = sorted(os.sched_getaffinity(0))
    WORK.mkdir(exist_ok=True)
    with ExitStack() as started:
        url = start_subgraphs(started, {cpus[0]})
        setting = Setting(url, 50, seconds, {cpus[-1]}, {cpus[0]})
        workload = read_workload(WORKLOAD, url)
        supergraph = WORK / "policies.graphql"
        supergraph.write_text(
            compose_protected({name: _read_sdl(f"{url}/{name}") for name in SUBGRAPHS}, url)
        )
        ways = build_ways(write_keys(WORK))
        collector = started.enter_context(_collect_spans())
        gateways = [_build_gateway(i, ways[name], supergraph, collector) for i, name in enumerate(names)]
        for gateway in gateways:
            started.callback(gateway.stop)
            gateway.start(url, setting.gateway_cpus)
            gateway.verify(workload)
            if gateway.problem or gateway.wrong:
                raise RuntimeError(gateway.problem or gateway.wrong)
        spent: dict[str, list[float]] = {name: [] for name in names}
        for i in range(rounds):
            for name, gateway in zip(spent, gateways, strict=True):
                send_load(gateway, workload, setting, 1 if i else 3)
                run = measure_run(gateway, workload, setting)
                if run.bad:
                    raise RuntimeError(f"{run.bad} wrong answers, see {WORK}")
                spent[name].append(run.cpu_ms * 1000)
                print(f"-- {name}: {spent[name][-1]:.0f} us", file=sys.stderr)
    return spent


def compare(spent: dict[str, list[float]], name: str) -> float:
    """What `name` adds to nothing, in percent: the median of the rounds, as both share a round's luck."""
    return (median(on / off for on, off in zip(spent[name], spent[OFF], strict=True)) - 1) * 100


def _read_sdl(url: str) -> str:
    answer = json.loads(post(url, b'{"query":"{ _service { sdl } }"}'))
    sdl: str = answer["data"]["_service"]["sdl"]
    return sdl


def _build_gateway(number: int, way: dict[str, Any], supergraph: Path, collector: str) -> Gateway:
    file = WORK / f"policies-{number}.yaml"
    # JSON is YAML.
    file.write_text(json.dumps(_address({**way, "supergraph": {"path": "/graphql"}}, collector)))
    paths = f"--supergraph {shlex.quote(str(supergraph))} -c {shlex.quote(str(file))}"
    command = f"{shlex.quote(sys.executable)} -m router serve {paths} --listen 127.0.0.1:{{port}}"
    name = f"policies-{number}"
    return Gateway(name, f"cd {shlex.quote(str(ROOT))} && exec {command}", headers=build_headers())


def _address(config: dict[str, Any], collector: str) -> dict[str, Any]:
    """The same with a port of its own for metrics, and spans sent to `collector`."""
    config = json.loads(json.dumps(config))
    exporters = config.get("telemetry", {}).get("exporters", {})
    if "metrics" in exporters:
        exporters["metrics"]["prometheus"]["listen"] = f"127.0.0.1:{find_free_port()}"
    if "tracing" in exporters:
        exporters["tracing"]["otlp"] |= {"protocol": "http", "endpoint": collector}
    return config


class _Collector(BaseHTTPRequestHandler):
    """Takes spans and forgets them."""

    def do_POST(self) -> None:
        """Read them, and say so."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@contextmanager
def _collect_spans() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Collector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
