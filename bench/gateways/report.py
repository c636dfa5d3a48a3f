"""The table of a measurement, with where and with what it was made."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.gateways.gateway import FOLDER, PACKAGES, Gateway
from bench.gateways.measure import Run, Setting

_HEADER = (
    "gateway | req/s | CPU ms/req | min..max | p50 ms | p99 ms | peak MiB | fetches/req | CPU vs {baseline}"
)


def write_report(
    runs: Sequence[Run], gateways: Sequence[Gateway], setting: Setting, baseline: str
) -> Iterator[str]:
    """Lines of Markdown."""
    yield "# Gateways side by side"
    yield ""
    yield f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, `python -m bench.gateways`, commit {_read_commit()}"
    yield f"- {_read_processor()}, {os.cpu_count()} CPUs, Linux {platform.release()}; one CPU for the gateway, one for load and subgraphs"
    yield f"- Python {platform.python_version()}, Node {_run('node', '--version')}"
    yield f"- {', '.join(f'{each.name} {_read_version(each.name)}' for each in gateways)}"
    yield f"- {setting.connections} connections, runs of {setting.seconds} s, medians; the ratio is the median of those within a round"
    for workload in dict.fromkeys(run.workload for run in runs):
        header = _HEADER.format(baseline=baseline)
        yield from ("", f"## {workload}", "", f"| {header} |", "|---" * header.count(" | ") + "|---|")
        base = [run.cpu_ms for run in runs if (run.gateway, run.workload) == (baseline, workload)]
        for gateway in gateways:
            mine = [run for run in runs if (run.gateway, run.workload) == (gateway.name, workload)]
            missing = gateway.problem or gateway.wrong.get(workload) or "not run"
            yield _write_row(mine, base) if mine else f"| {gateway.name} | not measured: {missing} |"


def _write_row(runs: Sequence[Run], base: Sequence[float]) -> str:
    cpu = [run.cpu_ms for run in runs]
    ratios = [mine / other for mine, other in zip(cpu, base, strict=False) if other]
    bad = sum(run.bad for run in runs)
    cells = [
        runs[0].gateway + (f" ({bad} BAD ANSWERS)" if bad else ""),
        f"{statistics.median(run.per_s for run in runs):.0f}",
        f"{statistics.median(cpu):.3f}",
        f"{min(cpu):.3f}..{max(cpu):.3f}",
        f"{statistics.median(run.p50_ms for run in runs):.1f}",
        f"{statistics.median(run.p99_ms for run in runs):.1f}",
        f"{max(run.peak_mib for run in runs):.0f}",
        f"{statistics.median(run.fetches for run in runs):.2f}",
        f"{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})" if ratios else "-",
    ]
    return f"| {' | '.join(cells)} |"


def _read_version(name: str) -> str:
    package = PACKAGES.get(name)
    if not package:
        return "of this project"
    version: str = json.loads((FOLDER / "node_modules" / package / "package.json").read_text())["version"]
    return version


def _read_processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.machine())


def _read_commit() -> str:
    return _run("git", "-C", str(FOLDER), "describe", "--always", "--dirty")


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
