"""`python -m bench.gateways`: what a request costs in our router and in others, side by side.

Every gateway serves the same supergraph on a CPU of its own; load and subgraphs have another. Every answer is verified.
Runs alternate (A B C, A B C, ...), so a machine that changes speed hits all; compare CPU per request, not requests a
second. The `-distinct` workloads send no two requests alike: there nobody saves work by sharing fetches in flight.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from bench.gateways.gateway import COMMANDS, FOLDER, PACKAGES, WORK, Gateway, find_gateways
from bench.gateways.measure import Run, Setting, measure, send_load
from bench.gateways.processes import spawn, stop
from bench.gateways.report import write_report
from bench.gateways.workload import NAMES, Workload, read_workload


def main() -> int:
    """Measure and print; 1 if an answer of ours was wrong or a gateway did not start."""
    options = build_parser().parse_args()
    if not (FOLDER / "node_modules").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=FOLDER, check=True)
    cpus = sorted(os.sched_getaffinity(0))
    gateways = find_gateways(options.gateways, options.before)
    WORK.mkdir(exist_ok=True)
    os.sched_setaffinity(0, {cpus[0]})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as started:
        url = start_subgraphs(started, {cpus[0]})
        setting = Setting(url, options.connections, options.seconds, {cpus[-1]}, {cpus[0]})
        subprocess.run(["node", str(FOLDER / "compose.mjs"), url, str(WORK)], check=True)
        workloads = [read_workload(name, url) for name in options.workloads]
        for gateway in gateways:
            started.callback(gateway.stop)
            gateway.start(url, setting.gateway_cpus)
        verify_all(gateways, workloads)
        runs = [] if options.check else run_rounds(gateways, workloads, setting, options)
        verify_all(gateways, workloads)
    if runs:
        report = "\n".join(write_report(runs, gateways, setting, gateways[0].name)) + "\n"
        print(report, end="")
        if options.output is not None:
            options.output.write_text(report)
    # How others answer is for the table to tell.
    is_ours_wrong = any(each.wrong for each in gateways if not PACKAGES.get(each.name))
    return int(is_ours_wrong or any(each.problem for each in gateways) or any(run.bad for run in runs))


def start_subgraphs(started: ExitStack, cpus: set[int]) -> str:
    """The base address of the four subgraphs, which end with `started`."""
    process = spawn(["node", str(FOLDER / "subgraphs.mjs")], cpus, stdout=subprocess.PIPE)
    started.callback(stop, process)
    assert process.stdout is not None, "it is a pipe"
    return f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"


def verify_all(gateways: list[Gateway], workloads: list[Workload]) -> None:
    """Take gateways that do not answer right out of the race with that workload."""
    for gateway in gateways:
        for workload in workloads:
            if gateway.problem is None:
                gateway.verify(workload)


def run_rounds(
    gateways: list[Gateway], workloads: list[Workload], setting: Setting, options: argparse.Namespace
) -> list[Run]:
    """Each round measures every gateway once with every workload, in turn."""
    runs = []
    for round_number in range(options.rounds):
        for workload in workloads:
            for gateway in gateways:
                if gateway.problem is None and workload.name not in gateway.wrong:
                    send_load(gateway, workload, setting, options.rewarm if round_number else options.warmup)
                    run = measure(gateway, workload, setting)
                    runs.append(run)
                    print(f"-- {workload.name} {gateway.name}: {run.cpu_ms:.3f} ms", file=sys.stderr)
    return runs


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser("python -m bench.gateways", description=__doc__)
    add = parser.add_argument
    add("--gateways", nargs="+", choices=COMMANDS, default=list(COMMANDS), help="the first is the baseline")
    add("--before", type=Path, help="another checkout of this project; its router is measured as `before`")
    add("--workloads", nargs="+", choices=NAMES, default=list(NAMES))
    add("--rounds", type=int, default=3)
    add("--seconds", type=int, default=10, help="of each run")
    add("--warmup", type=int, default=8, help="seconds before a gateway's first run of a workload")
    add("--rewarm", type=int, default=2, help="seconds before each later one")
    add("--connections", type=int, default=50)
    add("--check", action="store_true", help="start and verify every gateway, measure nothing")
    add("--output", type=Path, help="a file for the table, as in bench/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
