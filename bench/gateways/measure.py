"""One run: a load on one gateway, and what the gateway spent on it."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.gateways.answers import count_fetches
from bench.gateways.gateway import FOLDER, WORK, Gateway
from bench.gateways.processes import read_cpu_s, read_peak_mib, spawn, stop
from bench.gateways.workload import Workload

LOAD_GRACE_S = 90


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for every run."""

    subgraphs_url: str
    connections: int
    seconds: int
    gateway_cpus: set[int]
    load_cpus: set[int]


@dataclass(frozen=True, slots=True)
class Run:
    """What one gateway did in one run.

    Attributes:
        cpu_ms: user and system time of its process tree for each answer.
        bad: answers that failed or were not the right ones.
        fetches: subgraph requests for each answer.
    """

    gateway: str
    workload: str
    per_s: float
    cpu_ms: float
    p50_ms: float
    p99_ms: float
    peak_mib: float
    fetches: float
    bad: int


def measure(gateway: Gateway, workload: Workload, setting: Setting) -> Run:
    """Load a running gateway for the set time."""
    assert gateway.process is not None, "it was started"
    root = gateway.process.pid
    cpu_s, fetches = read_cpu_s(root), count_fetches(setting.subgraphs_url)
    load = send_load(gateway, workload, setting, setting.seconds)
    # A busy subgraph may have a last fetch to count, the gateway has none to make: all answers are there.
    cpu_s, fetches = read_cpu_s(root) - cpu_s, count_fetches(setting.subgraphs_url) - fetches
    answers = max(load["requests"], 1)
    return Run(
        gateway.name,
        workload.name,
        per_s=load["requests"] / max(load["seconds"], 0.001),
        cpu_ms=1000 * cpu_s / answers,
        p50_ms=load["p50"],
        p99_ms=load["p99"],
        peak_mib=read_peak_mib(root),
        fetches=fetches / answers,
        bad=int(load["failed"] + load["wrong"]),
    )


def send_load(gateway: Gateway, workload: Workload, setting: Setting, seconds: int) -> dict[str, float]:
    """Ask from all connections at once for `seconds`; counts and latencies as load.mjs prints them."""
    body: Path = WORK / f"{workload.name}.json"
    body.write_bytes(workload.body)
    order = {
        "url": gateway.url,
        "body": str(body),
        "expected": str(gateway.get_answer_file(workload)),
        "connections": setting.connections,
        "seconds": seconds,
        "headers": gateway.headers,
    }
    process = spawn(
        ["node", str(FOLDER / "load.mjs"), json.dumps(order)], setting.load_cpus, stdout=subprocess.PIPE
    )
    try:
        output, _ = process.communicate(timeout=seconds + LOAD_GRACE_S)
    finally:
        stop(process)
    result: dict[str, float] = json.loads(output.splitlines()[-1])
    return result
