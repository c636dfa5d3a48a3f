"""`python -m bench.planning`: what planning costs, beside @apollo/query-planner and Hive's planner, on the same operations.

Every plan is made anew, as for an operation that comes for the first time, in a process that is warm. The sides alternate;
printed is the sum over a workload's operations of the least CPU time of each (noise only adds). Operations that a side
refuses are left out for all.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

from bench.planning.cases import build_cases

FOLDER = Path(__file__).parent
RUN_TIMEOUT_S = 900


def main() -> int:
    """Measure and print; 2 if there is nothing to compare with."""
    parser = argparse.ArgumentParser("python -m bench.planning", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each side")
    rounds: int = parser.parse_args().rounds
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        print("there is no Node.js here, and so nothing to compare with", file=sys.stderr)
        return 2
    if not (FOLDER / "node_modules").exists():
        command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(command, cwd=FOLDER, check=True)
    cases = list(build_cases())
    questions = "".join(f"{json.dumps(asdict(case))}\n" for case in cases)
    sides = {
        "ours": [sys.executable, "-m", "bench.planning.ours"],
        "Apollo": [node, str(FOLDER / "apollo.mjs")],
        "Hive": [node, str(FOLDER / "hive.mjs")],
    }
    best: dict[str, list[float | None]] = {}
    for _ in range(rounds):
        for side, command in sides.items():
            found = measure(command, questions)
            known = best.get(side, found)
            best[side] = [
                None if one is None or other is None else min(one, other)
                for one, other in zip(known, found, strict=True)
            ]
    sums: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(sides, 0.0))
    counts: dict[str, int] = defaultdict(int)
    for index, case in enumerate(cases):
        times = {side: best[side][index] for side in sides}
        if None not in times.values():
            counts[case.workload] += 1
            for side, spent in times.items():
                sums[case.workload][side] += spent or 0.0
    print("CPU milliseconds of planning, per operation")
    print(
        f"{'workload':22} {'operations':>10} | {'ours':>7} {'Apollo':>7} {'Hive':>7} | ours/Apollo ours/Hive"
    )
    for workload, sides_spent in sums.items():
        ours, apollo, hive = (1000 * sides_spent[side] / counts[workload] for side in sides)
        print(
            f"{workload:22} {counts[workload]:10} | {ours:7.2f} {apollo:7.2f} {hive:7.2f} | "
            f"{ours / apollo:11.2f} {ours / hive:9.2f}"
        )
    return 0


def measure(command: list[str], questions: str) -> list[float | None]:
    """CPU seconds that one side takes for each operation; None where it refuses."""
    done = subprocess.run(
        command, input=questions, capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr[-1000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


if __name__ == "__main__":
    sys.exit(main())
